"""Filling a new KGLite graph.

KGLite's own bulk path (data frames) gives the graph that ``UNWIND ... CREATE`` gives, several
times faster (``benchmarks/bench_store.py``). It has two traits that this module is shaped by. A
column is of one type, so a record whose value is of another type than the property's first goes
through Cypher instead. And only a relationship type's first frame makes parallel relationships,
later ones merge by the pair of ends: each type is one frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import kglite
import pandas as pd

from graph.store.admission import Ends, Nodes, Props, Relationships, Stored
from graph.store.interface import READY, LoadStamp, snapshot_props

K = TypeVar("K")
_BATCH = 10_000
_COLUMN_TYPES = {str: "string", int: "integer", float: "float", list: "list"}


def build(
    fresh: Nodes, links: Relationships, kept: Nodes, old_links: Relationships, stamp: LoadStamp
) -> kglite.KnowledgeGraph:
    """Make the graph of these records.

    Args:
        fresh: nodes of this load; they get its stamp.
        links: relationships of this load, every end in ``fresh`` or ``kept``.
        kept: stale nodes as they were, with their former stamp.
        old_links: relationships that stay with them.
        stamp: what is being loaded.
    """
    graph = kglite.KnowledgeGraph()
    kinds: dict[str, type] = {}
    odd: list[tuple[tuple[str, ...], dict[str, Props]]] = []
    stamped: Props = {"load": stamp.load}
    for nodes, extra in ((fresh, stamped), (kept, Props())):
        for labels, rows in _by_labels(nodes, extra).items():
            alike, others = _split(rows, kinds)
            _add_nodes(graph, labels, alike)
            odd.append((labels, others))
    # After every frame: a frame meets no column of another type.
    for labels, rows in odd:
        _add_odd_nodes(graph, labels, rows)
    for type_name in sorted({*links, *old_links}):
        joined = {
            ends: props | {"load": stamp.load} for ends, props in links.get(type_name, {}).items()
        }
        joined.update(old_links.get(type_name, {}))
        if joined:
            _add_relationships(graph, type_name, joined)
    graph.cypher(
        "CREATE (s:Snapshot {id: $props.id}) SET s += $props",
        params={"props": snapshot_props(stamp, READY)},
    )
    return graph


def _by_labels(nodes: Nodes, extra: Props) -> dict[tuple[str, ...], dict[str, Props]]:
    groups: dict[tuple[str, ...], dict[str, Props]] = {}
    for node_id, node in nodes.items():
        groups.setdefault(node.labels, {})[node_id] = node.props | extra
    return groups


def _add_nodes(
    graph: kglite.KnowledgeGraph, labels: tuple[str, ...], rows: dict[str, Props]
) -> None:
    if not rows:
        return
    columns: dict[str, list[Any]] = {"id": list(rows)}
    # Always there, null where a node has none: KGLite invents a name otherwise.
    columns["name"] = [props.get("name") for props in rows.values()]
    columns |= _columns(rows.values())
    graph.add_nodes(
        _frame(columns), "Resource", "id", "name", labels=list(labels), column_types=_types(columns)
    )


def _add_odd_nodes(
    graph: kglite.KnowledgeGraph, labels: tuple[str, ...], rows: dict[str, Props]
) -> None:
    text = "UNWIND $rows AS row CREATE (n:Resource {id: row.id})"
    text += "".join(f" SET n:{label}" for label in labels) + " SET n += row.props"
    found = [{"id": key, "props": {"name": None} | props} for key, props in rows.items()]
    for batch in _batches(found):
        graph.cypher(text, params={"rows": batch}, timeout_ms=0)


def _add_relationships(
    graph: kglite.KnowledgeGraph, type_name: str, rows: dict[Ends, Props]
) -> None:
    alike, odd = _split(rows, {})
    if alike:
        # Names that no property can have: admission keeps spaces out.
        columns: dict[str, list[Any]] = {
            "start id": [ends.start for ends in alike],
            "end id": [ends.end for ends in alike],
            "key": [ends.key for ends in alike],
        }
        columns |= _columns(alike.values())
        graph.add_relationships(
            _frame(columns),
            type_name,
            "Resource",
            "start id",
            "Resource",
            "end id",
            column_types=_types(columns),
        )
    for batch in _batches(
        [
            {"a": ends.start, "b": ends.end, "key": ends.key, "props": props}
            for ends, props in odd.items()
        ]
    ):
        graph.cypher(
            "UNWIND $rows AS row MATCH (a:Resource {id: row.a}) "
            f"MATCH (b:Resource {{id: row.b}}) CREATE (a)-[r:{type_name} {{key: row.key}}]->(b) "
            "SET r += row.props",
            params={"rows": batch},
            timeout_ms=0,
        )


def _split(
    rows: Mapping[K, Props], kinds: dict[str, type]
) -> tuple[dict[K, Props], dict[K, Props]]:
    """Rows whose values are of their property's type, and the others; ``kinds`` is extended."""
    alike: dict[K, Props] = {}
    odd: dict[K, Props] = {}
    for key, props in rows.items():
        # Every property is looked at, so that each has its type from the first row that has it.
        same = [kinds.setdefault(name, type(value)) is type(value) for name, value in props.items()]
        (alike if all(same) else odd)[key] = props
    return alike, odd


def _columns(rows: Iterable[Props]) -> dict[str, list[Stored | None]]:
    everything = list(rows)
    names = dict.fromkeys(name for props in everything for name in props)
    return {name: [props.get(name) for props in everything] for name in names}


def _types(columns: Mapping[str, list[Any]]) -> dict[str, str]:
    """Column types; a column of truth values has no name for its type and is recognised."""
    types = {}
    for name, values in columns.items():
        kind = next((type(value) for value in values if value is not None), str)
        if kind is not bool:
            types[name] = _COLUMN_TYPES[kind]
    return types


def _frame(columns: Mapping[str, list[Any]]) -> pd.DataFrame:
    # Without dtype=object pandas makes floats of integers beside an absent value.
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def _batches(rows: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
