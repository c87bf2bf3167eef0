"""Worlds that several tests share: building one takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mapper.demo import DemoServer, World, build, start_server
from tests.demo.looking import look_at_world

HOSTILE_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH",
    "AWS_SECRET_ACCESS_KEY": "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",
    "AWS_SESSION_TOKEN": "FwoGZXIvYXdzEBEaDReallookingTokenOfNobody",
    "AWS_PROFILE": "production",
    "AWS_DEFAULT_REGION": "us-gov-west-1",
    "AWS_ENDPOINT_URL": "http://192.0.2.1:9",
    "AWS_ENDPOINT_URL_S3": "http://192.0.2.1:9",
    "AWS_ENDPOINT_URL_STS": "http://192.0.2.1:9",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_CONFIG_FILE": "/nonexistent/config",
    "HTTP_PROXY": "http://192.0.2.1:9",
    "http_proxy": "http://192.0.2.1:9",
}


@dataclass(frozen=True)
class Built:
    """A world and what it looked like when it was new (the fixed ones only)."""

    server: DemoServer
    world: World
    when_new: dict[str, object]


def _begin(server: DemoServer, seed: int | None, size: int = 1) -> Built:
    world = build(server.endpoint, seed=seed, size=size)
    return Built(server, world, look_at_world(world) if seed is None else {})


@pytest.fixture(scope="session")
def fixed() -> Iterator[Built]:
    """The documented placement; the flips of test_flips.py change it."""
    with start_server() as server:
        yield _begin(server, None)


@pytest.fixture(scope="session")
def twin() -> Iterator[Built]:
    """The documented placement again, built while the environment points at real AWS."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in HOSTILE_ENVIRONMENT.items():
            patch.setenv(name, value)
        server = start_server()
        built = _begin(server, None)
    yield built  # the environment is the tests' own again
    server.close()


@pytest.fixture(scope="session")
def seeded() -> Iterator[Built]:
    """Another placement, with more neighbours."""
    with start_server() as server:
        yield _begin(server, 11, size=3)
