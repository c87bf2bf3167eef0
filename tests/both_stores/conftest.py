"""A rich small organisation on disk, its embedded graph, and a real Neo4j beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from derivation.organisation import organisation
from graph.store import Store
from graph.store.local_neo4j import LocalNeo4j
from mapper.cli import run
from tests.cli.conftest import Outcome
from tests.engines import empty_neo4j, neo4j_server

__all__ = ["neo4j_server"]


@dataclass(frozen=True)
class Place:
    """A folder with ``snapshots/one`` and the address of a server."""

    snapshot: Path
    uri: str


@pytest.fixture
def mapper(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """The command line, in this process."""

    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return call


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation().write(tmp_path_factory.mktemp("organisation")).path


@pytest.fixture(scope="module")
def environment(
    neo4j_server: LocalNeo4j, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """User and password as a user gives them, and a cache of our own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [n for n in os.environ if n.startswith(("AWS_", "NEO4J_", "MAPPER_"))]:
            patch.delenv(name)
        patch.setenv("NEO4J_USERNAME", "neo4j")
        patch.setenv("NEO4J_PASSWORD", neo4j_server.password)
        patch.setenv("MAPPER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def place(snapshot: Path, neo4j_server: LocalNeo4j, environment: None) -> Place:
    return Place(snapshot, neo4j_server.bolt_uri)


@pytest.fixture
def server(neo4j_server: LocalNeo4j) -> Iterator[Store]:
    """The server, emptied."""
    with empty_neo4j(neo4j_server) as opened:
        yield opened
