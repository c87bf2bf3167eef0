"""What a store loads: nodes and relationships as plain records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | list[str] | None"
"""A property: a scalar or a list of strings. Never a map, never JSON text (CONTRACT 3)."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node. ``labels`` never holds ``Resource``: the store adds it to every node.

    ``props`` always has ``name`` (null allowed) and ``resource_type``.
    """

    id: str
    labels: tuple[str, ...]
    props: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship, merged on ``type`` + ``key`` between ``start`` and ``end`` (node ids)."""

    type: str
    start: str
    end: str
    key: str
    props: dict[str, Value] = field(default_factory=dict)
