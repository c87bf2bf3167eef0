"""The package's facts, read from its data files."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def data(name: str) -> Any:
    """A data file of this package, e.g. ``deputies.json``."""
    return json.loads(resources.files("graph.guards").joinpath(name).read_text(encoding="utf-8"))
