"""What a store is: one interface, two implementations (KGLite in a file, Neo4j over Bolt)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from graph.records import Node, Relationship

SCHEMA_VERSION = 1
"""Version of the graph's shape; a store of another one is loaded again, never read."""

LOADING = "loading"
READY = "ready"
SNAPSHOT_KEY = "snapshot"


class StoreError(Exception):
    """A store cannot do what was asked; the message is a sentence naming thing and remedy."""


@dataclass(frozen=True, slots=True)
class LoadStamp:
    """What a load is a load of.

    Attributes:
        snapshot_id: id of the snapshot the records were derived from.
        lineage: what one database may hold one of, e.g. an organisation's id.
        tool_version: version of mapper.
        finished: when the snapshot was finished, ISO 8601 UTC.
        accounts: ids of the accounts that the snapshot holds.
        unread: ``(account_id, region, resource_type)`` that the ledger could not read;
            ``resource_type`` is CloudFormation's type name, ``region`` that of the node
            (``global`` also for a node without one); ``*`` stands for any. A node of such a kind
            that is not among the records is kept and marked, not deleted.
        load: id of this load; every record that it writes carries it.
    """

    snapshot_id: str
    lineage: str
    tool_version: str
    finished: str
    accounts: tuple[str, ...] = ()
    unread: frozenset[tuple[str, str, str]] = frozenset()
    load: str = field(default_factory=lambda: uuid.uuid4().hex)

    def could_not_read(self, account_id: object, region: object, resource_type: object) -> bool:
        """Whether a node that is not among the records may still exist in AWS."""
        place = (str(account_id or ""), str(region or "global"), str(resource_type or ""))
        return any(
            all(want in ("*", have) for want, have in zip(entry, place, strict=True))
            for entry in self.unread
        )


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did.

    Attributes:
        nodes: nodes in the store afterwards, stale ones included.
        relationships: relationships in the store afterwards.
        deleted: nodes that were there before and are gone.
        stale: nodes kept although they were not among the records, because they were not read.
        dangling: relationships that were left out because an end is not in the store.
        dangling_examples: up to ten of them, ``start -TYPE-> end``.
        seconds: how long it took.
    """

    nodes: int
    relationships: int
    deleted: int
    stale: int
    dangling: int
    dangling_examples: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class StoreState:
    """The store's one ``:Snapshot`` node.

    Attributes:
        snapshot_id: id of the snapshot that was loaded (the node's ``id``).
        lineage: see :class:`LoadStamp`.
        state: ``loading`` or ``ready``.
        load: id of the load.
        tool_version: version of mapper that loaded it.
        schema_version: see :data:`SCHEMA_VERSION`.
        finished: when the snapshot was finished, ISO 8601 UTC.
        accounts: ids of the snapshot's accounts.
    """

    snapshot_id: str
    lineage: str
    state: str
    load: str
    tool_version: str
    schema_version: int
    finished: str
    accounts: tuple[str, ...]


def snapshot_props(stamp: LoadStamp, state: str) -> dict[str, str | int | list[str]]:
    """Properties of the store's one ``:Snapshot`` node (which is no ``:Resource``)."""
    return {
        "key": SNAPSHOT_KEY,
        "id": stamp.snapshot_id,
        "name": stamp.snapshot_id,
        "lineage": stamp.lineage,
        "state": state,
        "load": stamp.load,
        "tool_version": stamp.tool_version,
        "schema_version": SCHEMA_VERSION,
        "finished": stamp.finished,
        "accounts": list(stamp.accounts),
    }


def state_from(props: Mapping[str, object]) -> StoreState | None:
    """Read the ``:Snapshot`` node's properties; ``None`` if they are not mapper's."""
    version, accounts = props.get("schema_version"), props.get("accounts")
    if not isinstance(version, int) or not isinstance(accounts, list):
        return None
    return StoreState(
        snapshot_id=str(props.get("id")),
        lineage=str(props.get("lineage")),
        state=str(props.get("state")),
        load=str(props.get("load")),
        tool_version=str(props.get("tool_version")),
        schema_version=version,
        finished=str(props.get("finished")),
        accounts=tuple(map(str, accounts)),
    )


class Store(Protocol):
    """A graph that can be asked and loaded."""

    @property
    def target(self) -> str:
        """Where it is: a path or a URI, without credentials."""

    def run(
        self,
        query: str,
        params: Mapping[str, object] | None = None,
        timeout: float | None = None,
        read_only: bool = True,
    ) -> list[dict[str, object]]:
        """Run one Cypher statement.

        Args:
            query: Cypher that both engines understand (``docs/architecture.md``).
            params: plain values by name.
            timeout: seconds; no limit if left out.
            read_only: refuse anything that writes, or reads outside the graph.

        Returns:
            One dictionary a row, in the engine's order, of plain Python values: a node or a
            relationship is the dictionary of its properties, a path is
            ``{"nodes": [...], "relationships": [...]}``, a time is a ``datetime``.

        Raises:
            StoreError: the engine refused the query (its own words), it took longer than
                ``timeout``, it writes, or the store cannot be reached.
        """

    def load(
        self,
        nodes: Iterable[Node],
        relationships: Iterable[Relationship],
        stamp: LoadStamp,
        replace: bool = False,
    ) -> LoadReport:
        """Make the store hold these records and what could not be read again, and nothing else.

        Args:
            nodes: records; two of one id are merged, the later one's values win.
            relationships: records, merged on type + key between their ends.
            stamp: what is being loaded.
            replace: allow another lineage than the one that is there; what is there is deleted.

        Raises:
            StoreError: another lineage is there, the store is not mapper's, a record cannot be
                stored, another process is loading, or the store cannot be written.
        """

    def state(self) -> StoreState | None:
        """What is loaded; ``None`` for an empty store.

        Raises:
            StoreError: the store holds something that mapper did not write, or is unreadable.
        """

    def close(self) -> None:
        """Let go of files and connections; closing twice is harmless."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def ready(store: Store) -> StoreState:
    """The state of a store that may be asked.

    Raises:
        StoreError: it is empty, half loaded, or of another version of mapper.
    """
    state = store.state()
    if state is None:
        raise StoreError(f"{store.target} holds no graph yet. Fill it with: mapper load")
    if state.schema_version != SCHEMA_VERSION:
        raise StoreError(
            f"{store.target} was loaded by mapper {state.tool_version} (graph version "
            f"{state.schema_version}, this one reads {SCHEMA_VERSION}). Load it again with: "
            "mapper load"
        )
    if state.state != READY:
        raise StoreError(
            f"The load of snapshot {state.snapshot_id} into {store.target} did not finish. "
            "Load it again with: mapper load"
        )
    return state


def check_lineage(state: StoreState | None, stamp: LoadStamp, target: str, replace: bool) -> None:
    """Refuse to mix two organisations in one store.

    Raises:
        StoreError: the store holds another lineage and ``replace`` is not set.
    """
    if state is None or replace or state.lineage == stamp.lineage:
        return
    raise StoreError(
        f"{target} holds {state.lineage} (snapshot {state.snapshot_id}), this snapshot is of "
        f"{stamp.lineage}. Use another --database or --graph, join the snapshots with mapper "
        "merge, or delete what is there with --replace."
    )
