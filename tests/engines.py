"""The engines that tests run on, shared by every suite.

In a ``conftest.py``: ``from tests.engines import neo4j_server, store`` gives the fixture
``store``, which runs a test once on KGLite and once on Neo4j, each empty at its start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.store import Store, StoreError, open_store
from graph.store.local_neo4j import LocalNeo4j

ENGINES = ["kglite", pytest.param("neo4j", marks=pytest.mark.neo4j)]


@pytest.fixture(scope="session")
def neo4j_server() -> Iterator[LocalNeo4j]:
    """One real Neo4j for the session; without its parts: skipped, with ``CI=true`` failed."""
    server = LocalNeo4j(heap_mb=700, page_cache_mb=64)
    try:
        server.start()
    except StoreError as problem:
        if os.environ.get("CI") == "true":
            pytest.fail(str(problem))
        pytest.skip(str(problem))
    yield server
    server.stop()


def empty_neo4j(server: LocalNeo4j) -> Store:
    """A store on the server, with nothing in it."""
    opened = open_store(server.bolt_uri, password=server.password)
    opened.run("MATCH (n) DETACH DELETE n", read_only=False)
    return opened


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each engine."""
    if request.param == "kglite":
        opened = open_store(tmp_path / "graph.kgl")
    else:
        opened = empty_neo4j(request.getfixturevalue("neo4j_server"))
    with opened:
        yield opened
