"""The level of access that a set of actions gives: ``read``, ``write`` or ``admin``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path


@cache
def _verbs() -> dict[str, tuple[str, ...]]:
    data = json.loads(Path(__file__).with_name("levels.json").read_text(encoding="utf-8"))
    return {level: tuple(verb.lower() for verb in data[level]) for level in ("admin", "read")}


def level_of(action: str) -> str:
    """The level of one action or pattern, e.g. ``s3:Get*`` is ``read``.

    A pattern that could match anything of a service (``*``, ``s3:*``) is ``admin``; a name that is
    in neither list counts as ``write``, never as less.
    """
    name = action.rpartition(":")[2].lower()
    stem = name.split("*")[0].split("?")[0]
    wild = stem != name
    admin, read = _verbs()["admin"], _verbs()["read"]
    if name.startswith(admin) or (wild and any(verb.startswith(stem) for verb in admin)):
        return "admin"
    return "read" if stem.startswith(read) else "write"


def strongest_level(actions: Iterable[str]) -> str:
    """The strongest level among actions; ``read`` for none."""
    order = ("read", "write", "admin")
    return max((level_of(action) for action in actions), key=order.index, default="read")
