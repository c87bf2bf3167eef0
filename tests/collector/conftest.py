from __future__ import annotations

from collections.abc import Iterator

import pytest

from aws_server import Front, MotoServer
from collector_world import ENVIRONMENT, World


@pytest.fixture(scope="session")
def moto_server() -> Iterator[MotoServer]:
    server = MotoServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def world(moto_server: MotoServer) -> World:
    return World(moto_server)


@pytest.fixture
def endpoint(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Only the endpoint and credentials are in the environment."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", world.server.url)
    return world.server.url


@pytest.fixture
def front(endpoint: str, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """A front before moto, at the endpoint that the collector sees."""
    before = Front(world.server.port)
    monkeypatch.setenv("AWS_ENDPOINT_URL", before.url)
    yield before
    before.stop()
