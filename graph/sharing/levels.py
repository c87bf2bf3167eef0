"""The level of access that a set of actions gives: ``read``, ``write`` or ``admin``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from graph.iam import catalogue


@cache
def _verbs() -> dict[str, tuple[str, ...]]:
    data = json.loads(Path(__file__).with_name("levels.json").read_text(encoding="utf-8"))
    return {level: tuple(verb.lower() for verb in data[level]) for level in ("admin", "read")}


@cache
def level_of(action: str) -> str:
    """The level of one action or pattern, e.g. ``s3:Get*`` is ``read``.

    A name or verb of ``levels.json`` goes before the catalogue's level; a pattern has the strongest
    level of what it names; a name that nothing knows counts as ``write``, never as less.
    """
    name = action.rpartition(":")[2].lower()
    stem = name.split("*")[0].split("?")[0]
    if name.startswith(_verbs()["admin"]) or (stem != name and _may_be_admin(stem)):
        return "admin"
    if stem.startswith(_verbs()["read"]):
        return "read"
    found = catalogue.bits(action)
    if found & catalogue.level_bits("permissions"):
        return "admin"
    changing = catalogue.level_bits("write") | catalogue.level_bits("tagging")
    return "write" if found & changing or not found else "read"


def _may_be_admin(stem: str) -> bool:
    return any(verb.startswith(stem) for verb in _verbs()["admin"])


def copies(action: str) -> bool:
    """Whether the action, granted on a snapshot or image, copies it into the caller's account."""
    return action in _copies()


@cache
def _copies() -> frozenset[str]:
    data = json.loads(Path(__file__).with_name("levels.json").read_text(encoding="utf-8"))
    return frozenset(data["copies"]["actions"])


def granted_level(action: str) -> str:
    """The level of an action that is granted on a resource: what copies it reads it."""
    return "read" if copies(action) else level_of(action)


def strongest_level(actions: Iterable[str]) -> str:
    """The strongest level among actions granted on a resource; ``read`` for none."""
    order = ("read", "write", "admin")
    return max((granted_level(action) for action in actions), key=order.index, default="read")
