"""The embedded store: one KGLite file, a cache that every load builds anew."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

import kglite

from graph.records import Node, Relationship
from graph.store.admission import (
    AdmittedNode,
    Ends,
    Nodes,
    Props,
    Relationships,
    admit_nodes,
    admit_relationships,
    drop_dangling,
    is_derived,
)
from graph.store.file_lock import FileLock
from graph.store.guard import refusal
from graph.store.interface import (
    LoadReport,
    LoadStamp,
    StoreError,
    StoreState,
    check_lineage,
    state_from,
)
from graph.store.kglite_values import from_kglite

_MAGIC = b"RGF"
_BATCH = 10_000


class KgliteStore:
    """A store in one file; see :class:`graph.store.interface.Store`.

    Readers need no lock: they keep the file that they opened while a load writes another one and
    renames it into place.
    """

    def __init__(self, path: Path) -> None:
        """Open ``path``; nothing is created before the first load.

        Raises:
            StoreError: it is a directory, or a file that is not KGLite's.
        """
        self.path = path
        self._graph: kglite.FrozenGraph | None = None
        self._state: StoreState | None = None
        self._problem = ""
        # A name that the graph does not know is an empty answer, as on Neo4j, not a line on stderr.
        kglite.set_query_warning_policy("silent")
        self._check_kind()
        self._open()

    @property
    def target(self) -> str:
        """The path."""
        return str(self.path)

    def run(
        self,
        query: str,
        params: Mapping[str, object] | None = None,
        timeout: float | None = None,
        read_only: bool = True,
    ) -> list[dict[str, object]]:
        """See :meth:`graph.store.interface.Store.run`; this store is written by loads only."""
        clause = refusal(query)
        if clause or not read_only:
            raise StoreError(
                f"{clause or 'Writing'} is refused: this query may only read, and {self.path} is "
                "a cache that only mapper load writes."
            )
        graph = self._ready_graph()
        milliseconds = 0 if timeout is None else max(1, int(timeout * 1000))
        try:
            rows = graph.cypher(query, params=dict(params or {}), timeout_ms=milliseconds)
        except kglite.CypherTimeoutError:
            raise StoreError(
                f"The query took longer than {timeout:g} s and was stopped. Narrow it, or raise "
                "the limit."
            ) from None
        except (kglite.KgError, ValueError, TypeError, OverflowError, RecursionError) as problem:
            raise StoreError(f"The query failed: {' '.join(str(problem).split())}") from None
        if isinstance(rows, str):
            raise StoreError("The query failed: FORMAT CSV is not Cypher; use mapper --format csv.")
        return [{name: from_kglite(value) for name, value in row.items()} for row in rows.to_list()]

    def state(self) -> StoreState | None:
        """See :meth:`graph.store.interface.Store.state`."""
        if self._problem:
            raise StoreError(self._problem)
        return self._state

    def load(
        self,
        nodes: Iterable[Node],
        relationships: Iterable[Relationship],
        stamp: LoadStamp,
        replace: bool = False,
    ) -> LoadReport:
        """See :meth:`graph.store.interface.Store.load`.

        The graph is built beside the file that is there, flushed to disk and renamed over it, so
        a load that dies leaves the former graph. A file that cannot be read is rebuilt.
        """
        started = time.perf_counter()
        with self._writing():
            self._open()
            check_lineage(self._state, stamp, self.target, replace)
            same = self._state is not None and self._state.lineage == stamp.lineage
            fresh, links = admit_nodes(nodes), admit_relationships(relationships)
            gone = self._gone(fresh) if same else {}
            kept = self._kept(gone, stamp) if same else {}
            dangling, examples = drop_dangling(links, fresh, set(kept))
            old_links = self._links_of(kept, fresh, links) if kept else {}
            # Imported on use: pandas is half a second that no reader needs.
            from graph.store.kglite_build import build

            graph = build(fresh, links, kept, old_links, stamp)
            self._published(graph)
        if self._problem:
            raise StoreError(self._problem)
        return LoadReport(
            nodes=len(fresh) + len(kept),
            relationships=sum(map(len, links.values())) + sum(map(len, old_links.values())),
            deleted=len(gone) - len(kept),
            stale=len(kept),
            dangling=dangling,
            dangling_examples=tuple(examples),
            seconds=time.perf_counter() - started,
        )

    def _writing(self) -> AbstractContextManager[object]:
        return FileLock(self.path.with_name(self.path.name + ".writing"), str(self.path))

    def close(self) -> None:
        """Let go of the file's memory."""
        self._graph = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ready_graph(self) -> kglite.FrozenGraph:
        if self._problem:
            raise StoreError(self._problem)
        if self._graph is None:
            if self.path.exists():
                self._open()
            if self._graph is None:
                raise StoreError(
                    self._problem or f"There is no graph at {self.path}. Make one with: mapper load"
                )
        return self._graph

    def _check_kind(self) -> None:
        """Refuse what a load must never overwrite."""
        try:
            if self.path.is_dir():
                raise StoreError(f"{self.path} is a directory: name a file for the graph.")
            if not self.path.exists():
                return
            with self.path.open("rb") as file:
                start = file.read(len(_MAGIC))
        except OSError as problem:
            raise StoreError(f"{self.path} cannot be read: {problem.strerror}.") from None
        if start and start != _MAGIC:
            raise StoreError(f"{self.path} is not a graph file: choose another path with --graph.")

    def _open(self) -> None:
        self._graph, self._state, self._problem = None, None, ""
        if not self.path.exists():
            return
        self._check_kind()
        try:
            graph = kglite.load(str(self.path), verify="eager").freeze()
            self._state = _state_of(graph)
        except (kglite.KgError, ValueError, OSError) as problem:
            self._problem = (
                f"{self.path} cannot be read: it is damaged, or of another version than KGLite "
                f"{kglite.__version__} ({_first_line(problem)}). Build it again with: mapper load"
            )
            return
        if self._state is None:
            raise StoreError(
                f"{self.path} is a KGLite graph that mapper did not write: choose another path "
                "with --graph."
            )
        self._graph = graph

    def _published(self, graph: kglite.KnowledgeGraph) -> None:
        """Write the graph into its file, and open that."""
        self._publish(graph)
        self._open()

    def _gone(self, fresh: Nodes) -> dict[str, tuple[object, object, object]]:
        """Nodes that are in the file and not among the records: id -> (account, region, type)."""
        assert self._graph is not None
        rows = self._graph.cypher(
            "MATCH (n:Resource) RETURN n.id AS id, n.account_id AS account_id, "
            "n.region AS region, n.resource_type AS resource_type",
            timeout_ms=0,
        )
        return {
            row["id"]: (row["account_id"], row["region"], row["resource_type"])
            for row in rows
            if row["id"] not in fresh
        }

    def _kept(self, gone: Mapping[str, tuple[object, object, object]], stamp: LoadStamp) -> Nodes:
        """Those of ``gone`` that were not read this time, as they stand in the file."""
        assert self._graph is not None
        ids = [node_id for node_id, place in gone.items() if stamp.could_not_read(*place)]
        kept: Nodes = {}
        for start in range(0, len(ids), _BATCH):
            rows = self._graph.cypher(
                "UNWIND $ids AS id MATCH (n:Resource {id: id}) "
                "RETURN n.id AS id, labels(n) AS labels, n AS node",
                params={"ids": ids[start : start + _BATCH]},
                timeout_ms=0,
            )
            for row in rows:
                kept[row["id"]] = _kept_node(row["labels"], from_kglite(row["node"]), stamp)
        return kept

    def _links_of(self, kept: Nodes, fresh: Nodes, links: Relationships) -> Relationships:
        """Configuration relationships in the file that touch a stale node, unless loaded anew."""
        assert self._graph is not None
        found: Relationships = {}
        ids = list(kept)
        for leaving in (True, False):
            query = (
                "UNWIND $ids AS id MATCH (a:Resource {id: id})"
                + ("-[r]->" if leaving else "<-[r]-")
                + "(b:Resource) RETURN a.id AS a, type(r) AS type, r.key AS key, b.id AS b, "
                "r AS props"
            )
            for start in range(0, len(ids), _BATCH):
                batch = ids[start : start + _BATCH]
                for row in self._graph.cypher(query, params={"ids": batch}, timeout_ms=0):
                    near, far = row["a"], row["b"]
                    ends = Ends(*((near, far) if leaving else (far, near)), row["key"])
                    props = from_kglite(row["props"])
                    assert isinstance(props, dict)
                    known = far in kept or far in fresh
                    if known and not is_derived(props) and ends not in links.get(row["type"], ()):
                        props.pop("key", None)
                        found.setdefault(row["type"], {})[ends] = props
        return found

    def _publish(self, graph: kglite.KnowledgeGraph) -> None:
        """Put the graph in the file's place, whole or not at all, also across a power cut."""
        for left in self.path.parent.glob(f"{self.path.name}.*.new*"):
            left.unlink(missing_ok=True)
        new = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            with warnings.catch_warnings():
                # Lists of strings have no form that is read in place: they are read at opening.
                warnings.simplefilter("ignore", kglite.MappedFallbackWarning)
                graph.save(str(new), fsync=True)
            new.replace(self.path)
            _flush_directory(self.path.parent)
        except (kglite.KgError, OSError) as problem:
            new.unlink(missing_ok=True)
            raise StoreError(
                f"{self.path} cannot be written ({_first_line(problem)}). Free some space or "
                "choose another place with --graph."
            ) from None


class KgliteMemory(KgliteStore):
    """A store that is gone with its process: for a cache that cannot be written."""

    def _check_kind(self) -> None:
        """There is no file."""

    def _open(self) -> None:
        """There is nothing to open."""

    def _writing(self) -> AbstractContextManager[object]:
        return nullcontext()

    def _published(self, graph: kglite.KnowledgeGraph) -> None:
        self._graph = graph.freeze()
        self._state = _state_of(self._graph)


def _kept_node(labels: list[str], props: object, stamp: LoadStamp) -> AdmittedNode:
    assert isinstance(props, dict)
    kept: Props = {name: value for name, value in props.items() if name != "id"}
    kept.setdefault("stale_since", stamp.finished)
    return AdmittedNode(tuple(sorted(set(labels) - {"Resource"})), kept)


def _state_of(graph: kglite.FrozenGraph) -> StoreState | None:
    rows = graph.cypher("MATCH (s:Snapshot) WHERE s.key = 'snapshot' RETURN s AS state").to_list()
    if len(rows) != 1:
        return None
    props = from_kglite(rows[0]["state"])
    return state_from(props) if isinstance(props, dict) else None


def _first_line(problem: BaseException) -> str:
    return str(problem).split("\n", 1)[0].rstrip(".")


def _flush_directory(path: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
