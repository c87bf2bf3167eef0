"""Where the graph lives: one interface over KGLite (a file) and Neo4j (a server)."""

from __future__ import annotations

from pathlib import Path

from graph.store.interface import (
    LoadReport,
    LoadStamp,
    Store,
    StoreError,
    StoreState,
    ready,
)

__all__ = [
    "LoadReport",
    "LoadStamp",
    "Store",
    "StoreError",
    "StoreState",
    "open_store",
    "ready",
]


def open_store(
    target: str | Path,
    *,
    user: str | None = None,
    password: str | None = None,
    database: str | None = None,
    must_exist: bool = False,
) -> Store:
    """Open a graph.

    Args:
        target: a path (KGLite), or ``bolt://``, ``neo4j://`` and their ``+s``, ``+ssc`` forms.
        user: Neo4j's user name, ``neo4j`` if left out.
        password: Neo4j's password; without one, a server that asks for none is expected.
        database: Neo4j's database, its default one if left out.
        must_exist: the graph is to be asked: refuse one that is absent, unfinished or of another
            version of mapper.

    Raises:
        StoreError: it cannot be opened; the message names the remedy.
    """
    store = _open(target, user, password, database)
    if must_exist:
        try:
            ready(store)
        except StoreError:
            store.close()
            raise
    return store


def _open(
    target: str | Path, user: str | None, password: str | None, database: str | None
) -> Store:
    # Imported on use: the driver and pandas together cost half a second of every command.
    if isinstance(target, str) and "://" in target:
        from graph.store.neo4j_store import Neo4jStore

        return Neo4jStore(target, user=user, password=password, database=database)
    from graph.store.kglite_store import KgliteStore

    return KgliteStore(Path(target))
