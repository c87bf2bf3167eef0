"""The same file, the same graph, the same rows: on KGLite and on Neo4j."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.store import LoadStamp, Store, open_store
from queries.answers.following_records import attack_records
from queries.library import load_library
from queries.runner import bind
from tests.engines import empty_neo4j, neo4j_server
from tests.queries import organisation

__all__ = ["neo4j_server"]

pytestmark = pytest.mark.neo4j
_UNORDERED = ("labels", "roles", "vpcs", "subnets")


@pytest.fixture(scope="module")
def engines(neo4j_server: Any, tmp_path_factory: Any) -> Iterator[tuple[Store, Store]]:
    folder: Path = tmp_path_factory.mktemp("graphs")
    accounts = (organisation.PROD, organisation.DEV, organisation.SEC)
    stamp = LoadStamp("s", "organisation o-1", "test", "2026-11-22T04:40:00Z", accounts)
    with open_store(folder / "graph.kgl") as embedded, empty_neo4j(neo4j_server) as server:
        found = attack_records(organisation.nodes(), organisation.relationships())
        for store in (embedded, server):
            store.load(found.nodes, found.relationships, stamp)
        yield embedded, server


def comparable(rows: list[dict[str, Any]]) -> list[str]:
    """Rows as sorted text; what has no order of its own is sorted."""

    def plain(name: str, value: Any) -> Any:
        if isinstance(value, list) and name.endswith(_UNORDERED):
            return (
                sorted(value)
                if not value or isinstance(value[0], str)
                else [sorted(inner) for inner in value]
            )
        return value

    return sorted(
        json.dumps({name: plain(name, value) for name, value in row.items()}, sort_keys=True)
        for row in rows
    )


@pytest.mark.parametrize("name", load_library().names)
def test_rows_are_equal(engines: tuple[Store, Store], name: str) -> None:
    query = load_library().get(name)
    embedded, server = (comparable(store.run(query.text, bind(query, {}))) for store in engines)
    assert embedded == server
    assert embedded


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("statements-allowing", {"action": "iam:PassRole"}),
        ("statements-allowing", {"action": "s3:GetObject"}),
        ("statements-allowing", {"action": "organizations:LeaveOrganization"}),
        ("wildcard-policies", {"caps": True}),
    ],
)
def test_rows_are_equal_with_parameters(
    engines: tuple[Store, Store], name: str, parameters: dict[str, Any]
) -> None:
    query = load_library().get(name)
    embedded, server = (comparable(s.run(query.text, bind(query, parameters))) for s in engines)
    assert embedded == server
    assert embedded
