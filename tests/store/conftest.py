"""Fixtures of the store's tests."""

from tests.engines import neo4j_server, store

__all__ = ["neo4j_server", "store"]
