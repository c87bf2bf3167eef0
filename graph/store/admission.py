"""What may enter a store: records checked, merged and made storable, the same for both engines."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from graph.records import Node, Relationship
from graph.store.interface import StoreError

Stored: TypeAlias = "str | int | float | bool | list[str]"
Props: TypeAlias = dict[str, Stored]

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
"""Labels and relationship types stand in the query text, so nothing else may be one."""

# The embedded engine answers these for every node and relationship with values of its own.
_INVENTED = frozenset({"title", "type", "label", "node_type"})
# What the store itself writes.
_OURS = frozenset({"id", "key", "load", "stale_since"})
_RESERVED_LABELS = frozenset({"Resource", "Snapshot"})
_INT64 = range(-(2**63), 2**63)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class AdmittedNode:
    """A node as it will stand: ``labels`` sorted and without ``Resource``; no null in ``props``."""

    labels: tuple[str, ...]
    props: Props


@dataclass(frozen=True, slots=True)
class Ends:
    """What a relationship is merged on, beside its type."""

    start: str
    end: str
    key: str


Nodes: TypeAlias = dict[str, AdmittedNode]
Relationships: TypeAlias = dict[str, dict[Ends, Props]]


def admit_nodes(nodes: Iterable[Node]) -> Nodes:
    """Check nodes and merge those of one id: labels are joined, the later value wins.

    A value of ``None`` is the absence of the property (in either engine).

    Raises:
        StoreError: a label or a property cannot be stored; the message names the node.
    """
    admitted: Nodes = {}
    for node in nodes:
        whose = f"node {node.id!r}"
        for label in node.labels:
            if not NAME.match(label) or label in _RESERVED_LABELS:
                raise StoreError(f"{label!r} cannot be a label ({whose}).")
        node_id = _text(node.id)
        if not node_id:
            raise StoreError(f"A node without an id cannot be stored (labels {node.labels}).")
        props = _props(node.props, whose)
        known = admitted.get(node_id)
        if known is None:
            labels = tuple(sorted(set(node.labels)))
            admitted[node_id] = AdmittedNode(labels, _present(props))
        else:
            known.labels = tuple(sorted({*known.labels, *node.labels}))
            known.props.update(_present(props))
    return admitted


def admit_relationships(relationships: Iterable[Relationship]) -> Relationships:
    """Check relationships and merge those of one type, key and pair of ends; by type.

    Raises:
        StoreError: a type or a property cannot be stored; the message names the relationship.
    """
    admitted: Relationships = {}
    for item in relationships:
        whose = f"relationship {item.start!r} -{item.type}-> {item.end!r}"
        if not NAME.match(item.type):
            raise StoreError(f"{item.type!r} cannot be a relationship type ({whose}).")
        if not item.key:
            raise StoreError(f"A relationship without a key cannot be stored ({whose}).")
        ends = Ends(_text(item.start), _text(item.end), _text(item.key))
        props = _present(_props(item.props, whose))
        admitted.setdefault(item.type, {}).setdefault(ends, {}).update(props)
    return admitted


def is_derived(props: Mapping[str, object]) -> bool:
    """Whether a relationship is a function of the whole snapshot (it carries a verdict)."""
    return "verdict" in props


def drop_dangling(
    relationships: Relationships, fresh: Nodes, kept: set[str]
) -> tuple[int, list[str]]:
    """Take out relationships whose ends are not there.

    Args:
        relationships: changed in place.
        fresh: the nodes of this load.
        kept: ids of stale nodes; a derived relationship never touches one.

    Returns:
        How many were taken out, and up to ten of them.
    """
    count = 0
    examples: list[str] = []
    for type_name, rows in relationships.items():
        for ends in list(rows):
            places = (ends.start, ends.end)
            allowed = all(
                place in fresh or (place in kept and not is_derived(rows[ends])) for place in places
            )
            if not allowed:
                del rows[ends]
                count += 1
                if len(examples) < 10:
                    examples.append(f"{ends.start} -{type_name}-> {ends.end}")
    return count, examples


def _present(props: dict[str, Stored | None]) -> Props:
    return {name: value for name, value in props.items() if value is not None}


def _props(props: Mapping[str, object], whose: str) -> dict[str, Stored | None]:
    admitted: dict[str, Stored | None] = {}
    for name, value in props.items():
        problem = _problem_of(name)
        if problem:
            raise StoreError(f"{problem} ({whose}).")
        admitted[name] = _value(value, name, whose)
    return admitted


@lru_cache(maxsize=4096)
def _problem_of(name: str) -> str:
    if name in _OURS:
        return f"The property {name!r} is written by the store"
    if name in _INVENTED or not NAME.match(name):
        return f"{name!r} cannot be a property: use another name, e.g. resource_type"
    return ""


def _value(value: object, name: str, whose: str) -> Stored | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        if value in _INT64:
            return int(value)
        raise StoreError(f"{name!r} is a number beyond 64 bits ({whose}).")
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return [_text(item) for item in value]
    raise StoreError(
        f"{name!r} holds {type(value).__name__} {str(value)[:40]!r}: a property is a scalar or a "
        f"list of strings ({whose})."
    )


def _text(text: str) -> str:
    """Text that UTF-8 can hold: JSON lets half a surrogate pair through, no engine stores one."""
    if text.isascii():
        return text
    return _SURROGATE.sub("\ufffd", text) if _SURROGATE.search(text) else text
