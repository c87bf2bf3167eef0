"""The store on a Neo4j server: 5.26 and later, community or enterprise, a cluster or Aura."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self, cast
from urllib.parse import unquote, urlsplit, urlunsplit

import neo4j
from neo4j import exceptions

from graph.records import Node, Relationship
from graph.store.guard import refusal
from graph.store.interface import (
    SNAPSHOT_KEY,
    LoadReport,
    LoadStamp,
    StoreError,
    StoreState,
    state_from,
)
from graph.store.neo4j_load import load
from graph.store.neo4j_values import from_neo4j

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
_CONNECT_SECONDS = 10.0
_TIMED_OUT = ("TransactionTimedOut", "TransactionTimedOutClientConfiguration")


class Neo4jStore:
    """A store on a server; see :class:`graph.store.interface.Store`."""

    def __init__(
        self,
        uri: str,
        *,
        user: str | None = None,
        password: str | None = None,
        database: str | None = None,
    ) -> None:
        """Connect.

        Args:
            uri: one of :data:`SCHEMES`; a user and a password in it are used and never shown.
            user: ``neo4j`` if left out.
            password: none if the server asks for none.
            database: the user's default one if left out.

        Raises:
            StoreError: the address is not one, no server answers, or it refuses the password.
        """
        self._target, in_uri_user, in_uri_password = _split_uri(uri)
        self._database = database
        secret = password if password is not None else in_uri_password
        auth = None if secret is None else (user or in_uri_user or "neo4j", secret)
        try:
            self._driver = neo4j.GraphDatabase.driver(
                self._target,
                auth=auth,
                connection_timeout=_CONNECT_SECONDS,
                max_transaction_retry_time=_CONNECT_SECONDS,
                # A label that the graph does not hold is an empty answer, not a warning.
                notifications_min_severity="OFF",
            )
        except (exceptions.DriverError, ValueError, OSError) as problem:
            raise StoreError(f"{self._target} is not an address of Neo4j: {problem}") from None
        try:
            with self._driver.session(
                database=database, default_access_mode=neo4j.READ_ACCESS
            ) as session:
                session.run("RETURN 1").consume()
        except (exceptions.Neo4jError, exceptions.DriverError, ValueError, OSError) as problem:
            self._driver.close()
            raise self._explained(problem) from None

    @property
    def target(self) -> str:
        """The URI, without credentials."""
        return self._target

    def run(
        self,
        query: str,
        params: Mapping[str, object] | None = None,
        timeout: float | None = None,
        read_only: bool = True,
    ) -> list[dict[str, object]]:
        """See :meth:`graph.store.interface.Store.run`."""
        clause = refusal(query) if read_only else None
        if clause:
            raise StoreError(f"{clause} is refused: this query may only read.")
        access = neo4j.READ_ACCESS if read_only else neo4j.WRITE_ACCESS
        # The text is an analyst's own or a file's of the query library, values are parameters.
        statement = neo4j.Query(query, timeout=timeout)
        try:
            with self._driver.session(
                database=self._database, default_access_mode=access
            ) as session:
                return [
                    {
                        name: from_neo4j(value)
                        for name, value in zip(record.keys(), record.values(), strict=True)
                    }
                    for record in session.run(statement, dict(params or {}))
                ]
        except (exceptions.Neo4jError, exceptions.DriverError, ValueError, OSError) as problem:
            raise self._explained(problem, timeout) from None

    def state(self) -> StoreState | None:
        """See :meth:`graph.store.interface.Store.state`."""
        state = self._stamped()
        if state is None and self.run("MATCH (n) RETURN 1 AS one LIMIT 1"):
            # What is there now may be another load's, begun since we looked.
            state = self._stamped()
            if state is not None:
                return state
            raise StoreError(
                f"{self._place} holds a graph that mapper did not load. Choose another --database "
                "or --graph, or empty it."
            )
        return state

    def _stamped(self) -> StoreState | None:
        rows = self.run(
            "MATCH (s:Snapshot) WHERE s.key = $key RETURN s AS state", {"key": SNAPSHOT_KEY}
        )
        return state_from(cast("dict[str, object]", rows[0]["state"])) if len(rows) == 1 else None

    def load(
        self,
        nodes: Iterable[Node],
        relationships: Iterable[Relationship],
        stamp: LoadStamp,
        replace: bool = False,
    ) -> LoadReport:
        """See :meth:`graph.store.interface.Store.load`.

        While it runs, and after it died, the state is ``loading``.
        """
        state = self.state()
        try:
            with self._driver.session(
                database=self._database, default_access_mode=neo4j.WRITE_ACCESS
            ) as session:
                return load(session, self._place, state, nodes, relationships, stamp, replace)
        except (exceptions.Neo4jError, exceptions.DriverError, OSError) as problem:
            raise self._explained(problem) from None

    def close(self) -> None:
        """Close every connection."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _place(self) -> str:
        return f"{self._target}, database {self._database}" if self._database else self._target

    def _explained(self, problem: Exception, timeout: float | None = None) -> StoreError:
        """One sentence: what failed, where, and what to do."""
        if isinstance(problem, exceptions.AuthError):
            return StoreError(
                f"{self._target} refused the user or the password. Check them (NEO4J_USERNAME, "
                "NEO4J_PASSWORD)."
            )
        if isinstance(problem, (exceptions.ServiceUnavailable, OSError)):
            return StoreError(
                f"No Neo4j answers at {self._target}. Check the address, or start one (docker "
                "compose up)."
            )
        if isinstance(problem, exceptions.Neo4jError):
            code, words = problem.code or "", problem.message or str(problem)
            if code.endswith("DatabaseNotFound"):
                return StoreError(
                    f"{self._target} has no database {self._database!r}. Name another --database."
                )
            if code.endswith(_TIMED_OUT) and timeout is not None:
                return StoreError(
                    f"The query took longer than {timeout:g} s and was stopped. Narrow it, or "
                    "raise the limit."
                )
            if code.endswith("Statement.AccessMode"):
                return StoreError(f"Writing is refused: this query may only read ({words}).")
            return StoreError(f"The query failed: {' '.join(words.split())}")
        return StoreError(f"{self._target} failed: {problem}")


def _split_uri(uri: str) -> tuple[str, str | None, str | None]:
    """Address without credentials, user, password.

    Raises:
        StoreError: the scheme is not Neo4j's or there is no host.
    """
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if parts.scheme not in SCHEMES or not host:
        shown = uri.rpartition("@")[2] if "@" in uri else uri
        raise StoreError(
            f"{shown!r} is not an address of a graph: use a path, or {', '.join(SCHEMES)} "
            "followed by ://host:port."
        )
    place = f"[{host}]" if ":" in host else host
    bare = urlunsplit((parts.scheme, f"{place}:{port}" if port else place, "", parts.query, ""))
    user = unquote(parts.username) if parts.username else None
    return bare, user, unquote(parts.password) if parts.password else None
