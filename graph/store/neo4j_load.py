"""Loading into Neo4j: batches first, then a sweep of what the load did not touch.

Labels and relationship types stand in the text of a query; admission lets only plain names
through. Everything else is a parameter. Every transaction checks that this load is still the
database's latest, so that two loads at once cannot mix.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import neo4j

from graph.records import Node, Relationship
from graph.store.admission import (
    Nodes,
    Relationships,
    admit_nodes,
    admit_relationships,
    drop_dangling,
)
from graph.store.interface import (
    LOADING,
    READY,
    SNAPSHOT_KEY,
    LoadReport,
    LoadStamp,
    StoreError,
    StoreState,
    check_lineage,
    snapshot_props,
)

_BATCH = 5_000
_SWEEP_BATCH = 10_000
_SCHEMA = (
    "CREATE CONSTRAINT mapper_resource_id IF NOT EXISTS FOR (n:Resource) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT mapper_snapshot_key IF NOT EXISTS FOR (s:Snapshot) REQUIRE s.key IS UNIQUE",
    "CREATE INDEX mapper_name IF NOT EXISTS FOR (n:Resource) ON (n.name)",
    "CREATE INDEX mapper_resource_id_text IF NOT EXISTS FOR (n:Resource) ON (n.resource_id)",
    "CREATE INDEX mapper_account_id IF NOT EXISTS FOR (n:Resource) ON (n.account_id)",
)


def load(
    session: neo4j.Session,
    place: str,
    state: StoreState | None,
    nodes: Iterable[Node],
    relationships: Iterable[Relationship],
    stamp: LoadStamp,
    replace: bool,
) -> LoadReport:
    """Make the database hold these records; see :meth:`graph.store.interface.Store.load`.

    Args:
        session: of the database, for writing.
        place: names the database in messages.
        state: what is loaded there.
        nodes: records.
        relationships: records.
        stamp: what is being loaded.
        replace: allow another lineage.

    Raises:
        StoreError: another lineage is there, a record cannot be stored, or another load began.
    """
    started = time.perf_counter()
    check_lineage(state, stamp, place, replace)
    fresh, links = admit_nodes(nodes), admit_relationships(relationships)
    loading = _Loading(session, stamp, place)
    loading.begin()
    deleted = loading.clear() if state is not None and state.lineage != stamp.lineage else 0
    empty = state is None or state.lineage != stamp.lineage
    loading.add_nodes(fresh, empty)
    kept: set[str] = set()
    if not empty:
        kept, gone = loading.settle_gone()
        deleted += gone
    dangling, examples = drop_dangling(links, fresh, kept)
    loading.add_relationships(links, empty)
    if not empty:
        loading.sweep_relationships()
    counts = loading.finish()
    return LoadReport(
        nodes=counts["nodes"],
        relationships=counts["relationships"],
        deleted=deleted,
        stale=len(kept),
        dangling=dangling,
        dangling_examples=tuple(examples),
        seconds=time.perf_counter() - started,
    )


class _Loading:
    def __init__(self, session: neo4j.Session, stamp: LoadStamp, place: str) -> None:
        self._session = session
        self._stamp = stamp
        self._place = place

    def begin(self) -> None:
        """Make the constraints that the batches rely on, and say that a load is under way."""
        for statement in _SCHEMA:
            self._session.run(statement).consume()
        self._session.run(
            "MERGE (s:Snapshot {key: $key}) SET s = $props",
            key=SNAPSHOT_KEY,
            props=snapshot_props(self._stamp, LOADING),
        ).consume()

    def clear(self) -> int:
        """Delete the other lineage's nodes; returns how many."""
        return self._repeat(
            "MATCH (n:Resource) WITH n LIMIT $limit DETACH DELETE n RETURN count(*) AS count"
        )

    def add_nodes(self, nodes: Nodes, empty: bool) -> None:
        """Write nodes; labels and properties that no longer hold go."""
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for node_id, node in nodes.items():
            props = node.props | {"id": node_id, "load": self._stamp.load}
            groups.setdefault(node.labels, []).append({"id": node_id, "props": props})
        known = [] if empty else self._labels()
        for labels, rows in groups.items():
            text = (
                "UNWIND $rows AS row "
                + ("CREATE" if empty else "MERGE")
                + " (n:Resource {id: row.id}) SET n = row.props"
                + "".join(f" SET n:{label}" for label in labels)
            )
            others = [label for label in known if label not in labels]
            if others:
                text += f" WITH n WHERE size(labels(n)) > {len(labels) + 1} REMOVE n:"
                text += ":".join(_quoted(label) for label in others)
            for batch in _batches(rows):
                self._write(text, rows=batch)

    def add_relationships(self, links: Relationships, empty: bool) -> None:
        """Write relationships, merged on type and key between their ends."""
        for type_name, found in links.items():
            text = (
                "UNWIND $rows AS row MATCH (a:Resource {id: row.start}) "
                "MATCH (b:Resource {id: row.end}) "
                + ("CREATE" if empty else "MERGE")
                + f" (a)-[r:{type_name} {{key: row.key}}]->(b) SET r = row.props"
            )
            rows = [
                {
                    "start": ends.start,
                    "end": ends.end,
                    "key": ends.key,
                    "props": props | {"key": ends.key, "load": self._stamp.load},
                }
                for ends, props in found.items()
            ]
            for batch in _batches(rows):
                self._write(text, rows=batch)

    def settle_gone(self) -> tuple[set[str], int]:
        """Mark nodes that may still exist though they were not among the records, delete others.

        Returns:
            The ids of the marked ones, and how many were deleted.
        """
        rows = self._session.run(
            "MATCH (n:Resource) WHERE n.load <> $load RETURN n.id AS id, "
            "n.account_id AS account_id, n.region AS region, n.resource_type AS resource_type",
            load=self._stamp.load,
        )
        kept: list[str] = []
        gone: list[str] = []
        for row in rows:
            place = (row["account_id"], row["region"], row["resource_type"])
            (kept if self._stamp.could_not_read(*place) else gone).append(str(row["id"]))
        for batch in _batches(kept):
            self._write(
                "UNWIND $rows AS id MATCH (n:Resource {id: id}) "
                "SET n.stale_since = coalesce(n.stale_since, $finished)",
                rows=batch,
                finished=self._stamp.finished,
            )
        for batch in _batches(gone):
            self._write(
                "UNWIND $rows AS id MATCH (n:Resource {id: id}) DETACH DELETE n", rows=batch
            )
        return set(kept), len(gone)

    def sweep_relationships(self) -> None:
        """Delete derived ones of former loads, and configuration that holds no more.

        What is left of former loads is stale, and keeps its configuration.
        """
        self._repeat(
            "MATCH (a)-[r]->(b) WHERE r.load <> $load "
            "AND (r.verdict IS NOT NULL OR (a.load = $load AND b.load = $load)) "
            "WITH r LIMIT $limit DELETE r RETURN count(*) AS count"
        )

    def finish(self) -> Mapping[str, int]:
        """Say that the load is whole; returns how much there is."""
        self._write("MATCH (s:Snapshot {key: $key}) SET s.state = $state", state=READY)
        counts = self._session.run(
            "MATCH (n:Resource) WITH count(n) AS nodes "
            "OPTIONAL MATCH (:Resource)-[r]->(:Resource) "
            "RETURN nodes, count(r) AS relationships"
        ).single(strict=True)
        return {"nodes": counts["nodes"], "relationships": counts["relationships"]}

    def _labels(self) -> list[str]:
        rows = self._session.run("CALL db.labels() YIELD label RETURN label")
        return [row["label"] for row in rows if row["label"] not in ("Resource", "Snapshot")]

    def _repeat(self, text: str, **params: object) -> int:
        """Run a deleting statement in pieces that fit the server's memory; returns their sum."""
        total = 0
        while True:
            count = self._write(text, limit=_SWEEP_BATCH, **params)
            total += count
            if count < _SWEEP_BATCH:
                return total

    def _write(self, text: str, **params: object) -> int:
        """One transaction; returns the statement's ``count``, 0 if it has none."""
        everything = {"key": SNAPSHOT_KEY, "load": self._stamp.load, **params}

        def work(transaction: neo4j.ManagedTransaction) -> int:
            # Setting the property takes the node's lock: another load waits for this batch.
            current = transaction.run(
                "MATCH (s:Snapshot {key: $key}) WHERE s.load = $load SET s.load = $load "
                "RETURN count(s) AS count",
                everything,
            ).single(strict=True)["count"]
            if current != 1:
                raise StoreError(
                    f"Another load into {self._place} began meanwhile. Let it finish, then load "
                    "again with: mapper load"
                )
            record = transaction.run(text, everything).single()
            return int(record["count"]) if record else 0

        return self._session.execute_write(work)


def _quoted(label: str) -> str:
    """A label that is already in the database, whoever put it there."""
    return "`" + label.replace("`", "``") + "`"


def _batches(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
