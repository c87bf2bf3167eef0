"""Headers whose values are the client's choice, and no secret.

Every other header that a rule asks for is taken for a secret that only a trusted front (a CDN)
knows.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources


@cache
def _listed() -> tuple[frozenset[str], tuple[str, ...]]:
    file = resources.files("graph.network").joinpath("data", "client-headers.json")
    told = json.loads(file.read_text("utf-8"))
    return frozenset(told["names"]), tuple(told["prefixes"])


def is_client_header(name: str) -> bool:
    """Whether any client sets a header to what the site expects, whatever the case of its name."""
    names, beginnings = _listed()
    lower = name.lower()
    return lower in names or lower.startswith(beginnings)
