"""The whole way on a real Neo4j: loaded and asked through the command line.

The embedded graph and the server are made from one snapshot and must answer alike.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from derivation.organisation import organisation
from graph.store import Store
from queries.library import load_library
from tests.cli.test_answers import VALIDATOR

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j")]

ANSWERS = (
    ("public",),
    ("trusts",),
    ("admins",),
    ("admins", "--compute"),
    ("admins", "--compute", "--workloads"),
)
_UNORDERED = ("labels", "roles", "vpcs", "subnets")


def unordered(value: Any) -> Any:
    """Labels have no order of their own; where each node of a way has some, the way has."""
    if not isinstance(value, list):
        return value
    if any(isinstance(inner, list) for inner in value):
        return [unordered(inner) for inner in value]
    return sorted(value)


def plain(row: dict[str, Any]) -> str:
    """A row as text."""
    told = {n: unordered(v) if n.endswith(_UNORDERED) else v for n, v in row.items()}
    return json.dumps(told, sort_keys=True)


def rows_of(outcome: Any) -> list[dict[str, Any]]:
    assert outcome.code == 0, outcome.err
    VALIDATOR.validate(outcome.json)
    rows: list[dict[str, Any]] = outcome.json["rows"]
    return rows


def test_both_stores_answer_alike(place: Any, server: Store, mapper: Any) -> None:
    where = ("--snapshot", place.snapshot, "--format", "json")
    (loaded,) = rows_of(mapper("load", "--graph", place.uri, *where))
    assert (loaded["dangling"], loaded["stale"]) == (0, 0)
    [counted] = server.run("MATCH (n:Resource) RETURN count(n) AS nodes")
    assert counted["nodes"] == loaded["nodes"]

    for command in ANSWERS:
        embedded = mapper(*command, *where)
        asked = mapper(*command, "--graph", place.uri, *where)
        assert rows_of(asked) == rows_of(embedded), command
        assert rows_of(asked), command
        assert asked.json["totals"] == embedded.json["totals"]
        assert asked.json["coverage"] == embedded.json["coverage"]

    told = {}
    for name in load_library().names:
        told[name], asked = (
            sorted(map(plain, rows_of(mapper("query", name, *graph, *where))))
            for graph in ((), ("--graph", place.uri))
        )
        assert asked == told[name], name
    assert [name for name, rows in told.items() if not rows] == []


def test_another_organisation_is_refused_with_the_remedy(
    place: Any, server: Store, mapper: Any, tmp_path: Path
) -> None:
    here = ("--graph", place.uri)
    assert mapper("load", *here, "--snapshot", place.snapshot).code == 0
    [before] = server.run("MATCH (n) RETURN count(n) AS nodes")

    world = organisation()
    world.lines = {key: rows for key, rows in world.lines.items() if key[2][:4] != "org:"}
    elsewhere = world.write(tmp_path / "elsewhere").path
    refused = mapper("load", *here, "--snapshot", elsewhere)
    assert refused.code not in (0, 130)
    assert "organisation" in refused.err
    assert "--replace" in refused.err
    assert server.run("MATCH (n) RETURN count(n) AS nodes") == [before]

    assert mapper("load", *here, "--snapshot", elsewhere, "--replace").code == 0
    again = mapper("load", *here, "--snapshot", place.snapshot)
    assert (again.code, "--replace" in again.err) == (refused.code, True)


def test_the_same_organisation_is_loaded_again(place: Any, server: Store, mapper: Any) -> None:
    arguments = ("load", "--graph", place.uri, "--snapshot", place.snapshot, "--format", "json")
    first, second = (rows_of(mapper(*arguments))[0] for _ in range(2))
    same = ("nodes", "relationships", "dangling", "stale")
    assert {n: first[n] for n in same} == {n: second[n] for n in same}
    assert second["deleted"] == 0


def test_an_unfinished_load_answers_nothing(place: Any, server: Store, mapper: Any) -> None:
    here = ("--graph", place.uri, "--snapshot", place.snapshot)
    assert mapper("load", *here).code == 0
    server.run("MATCH (s:Snapshot) SET s.state = 'loading'", read_only=False)
    for command in (*ANSWERS, ("query", "accounts")):
        refused = mapper(*command, *here)
        assert (refused.code != 0, refused.out) == (True, "")
        assert "mapper load" in refused.err
    assert mapper("load", *here).code == 0
    assert mapper("public", *here).code == 0


def test_a_wrong_password_is_one_sentence(
    place: Any, mapper: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "wrong-Secret-1")
    refused = mapper("load", "--graph", place.uri, "--snapshot", place.snapshot)
    assert refused.code != 0
    assert "NEO4J_PASSWORD" in refused.err
    assert "wrong-Secret-1" not in refused.err
    assert "Traceback" not in refused.err
