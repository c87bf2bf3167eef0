"""Where the public corpora lie, and their files in two parts that never meet in a converter."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(
    os.environ.get("MAPPER_CORPORA", Path(__file__).resolve().parents[2] / "../shared/corpora")
)
needs_corpora = pytest.mark.skipif(
    not ROOT.is_dir(),
    reason=f"no public corpora at {ROOT}: put them there or set MAPPER_CORPORA",
)

DATA = ("accounts", "resources")
"""Members of a corpus file that describe accounts. All others are labels or names of techniques."""


def read(name: str) -> Any:
    """A file of the corpora as it stands."""
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def data_part(held: Mapping[str, Any]) -> dict[str, Any]:
    """What a converter may see of a corpus file."""
    return {name: held[name] for name in DATA if name in held}


def names(folder: str, pattern: str = "*.json") -> list[str]:
    """Files of a folder, relative to the corpora; empty where there are none (nothing is run)."""
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob(pattern))


def beside(name: str) -> Any:
    """A file of explanations that lies beside these tests."""
    return json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
