"""Asking: plain values, read-only, time limits and the engine's words, the same on both."""

from __future__ import annotations

import datetime as dt

import pytest

from graph.records import Relationship
from graph.store import Store, StoreError
from graph.store.guard import refusal
from tests.store.graphs import held, node, stamp

WRITES = [
    "CREATE (n:Resource {id: 'x'})",
    "MATCH (n) SET n.name = 'x'",
    "MATCH (n)\nset n:Admin",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n) WHERE n.name = 'a' // harmless\nDELETE n",
    "MATCH (n) REMOVE n.name",
    "MERGE (n:Resource {id: 'x'})",
    "MATCH (n) FOREACH (x IN [1] | SET n.x = x)",
    "MATCH (n) CALL (n) { SET n.x = 1 } RETURN count(*) AS c",
    "CREATE INDEX FOR (n:Resource) ON (n.x)",
    "DROP CONSTRAINT mapper_resource_id",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "RETURN 1 AS x; MATCH (n) RETURN n",
    "/* ' */ MATCH (n) SET n.x = '*/'",
    "CALL db.createLabel('X')",
]
READS = [
    "RETURN 'CREATE (n) SET n.x = 1' AS x",
    'RETURN "it\\"s; DELETE n" AS x',
    "MATCH (n) // SET n.x = 1\nRETURN n.id AS x",
    "MATCH (n) RETURN n.set AS x, n.delete AS y",
    "MATCH (n:Resource)-[r:CREATE|DELETE]->() RETURN count(r) AS x",
    "MATCH (n) RETURN {set: 1, create: 2} AS x",
    "MATCH (`SET n`:Resource) RETURN `SET n`.id AS x",
    "RETURN 1 AS x;",
]


@pytest.fixture
def loaded(store: Store) -> Store:
    links = [Relationship("CAN_REACH", "a", "b", "k", {"verdict": "yes", "ports": ["tcp/443"]})]
    store.load([node("a", "Internet", name="A", x=1), node("b", "Instance")], links, stamp())
    return store


@pytest.mark.parametrize("query", WRITES)
def test_a_write_is_refused_and_nothing_changes(loaded: Store, query: str) -> None:
    before = held(loaded)
    with pytest.raises(StoreError):
        loaded.run(query)
    assert held(loaded) == before


@pytest.mark.parametrize("query", READS)
def test_a_word_in_a_string_a_comment_or_a_name_is_no_clause(loaded: Store, query: str) -> None:
    loaded.run(query)


@pytest.mark.parametrize("query", WRITES[:-1])
def test_the_guard_alone_names_the_clause(query: str) -> None:
    assert refusal(query)


@pytest.mark.parametrize("query", READS)
def test_the_guard_alone_lets_reading_pass(query: str) -> None:
    assert refusal(query) is None


def test_values_are_plain_python(loaded: Store) -> None:
    [row] = loaded.run(
        "MATCH p = (a:Internet)-[r]->(b) "
        "RETURN a AS node, r AS link, p AS path, labels(b) AS labels, "
        "[1, 2.5, null, true] AS list, "
        "{k: 'v', n: [1]} AS map, datetime('2026-01-02T03:04:05Z') AS moment, "
        "date('2026-01-02') AS day, duration('P1M2DT3S') AS span"
    )
    node_a = row["node"]
    assert isinstance(node_a, dict)
    load = node_a["load"]
    base = {"resource_type": "AWS::EC2::VPC", "account_id": "1", "region": "eu-west-1"}
    assert node_a == base | {"id": "a", "name": "A", "x": 1, "load": load}
    link = {"key": "k", "verdict": "yes", "ports": ["tcp/443"], "load": load}
    assert row["link"] == link
    node_b = base | {"id": "b", "load": load}
    assert row["path"] == {"nodes": [node_a, node_b], "relationships": [link]}
    assert row["labels"] == ["Resource", "Instance"]
    assert row["list"] == [1, 2.5, None, True]
    assert row["map"] == {"k": "v", "n": [1]}
    assert row["moment"] == dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    assert row["day"] == dt.date(2026, 1, 2)
    assert row["span"] == {"months": 1, "days": 2, "seconds": 3}


def test_parameters_are_values_never_text(loaded: Store) -> None:
    hostile = "a'}) DETACH DELETE n //"
    rows = loaded.run("MATCH (n:Resource) WHERE n.id = $id RETURN n", {"id": hostile})
    assert rows == []
    rows = loaded.run("MATCH (n:Resource) WHERE n.id IN $ids RETURN n.id AS id", {"ids": ["a"]})
    assert rows == [{"id": "a"}]


def test_the_closure_of_possible_steps_is_the_same_walk(store: Store) -> None:
    def step(start: str, end: str, possible: bool) -> Relationship:
        props = {"verdict": "yes" if possible else "unknown", "possible": possible}
        return Relationship("CAN_ASSUME", start, end, f"{start}{end}", dict(props))

    links = [
        step("a", "b", True),
        step("b", "c", True),
        step("c", "d", False),
        step("c", "a", True),
    ]
    store.load([node(i) for i in "abcd"], links, stamp())
    rows = store.run(
        "MATCH (:Resource {id: $start})-[:CAN_ASSUME|HAS_ROLE*1..20 {possible: true}]->(x) "
        "RETURN DISTINCT x.id AS id ORDER BY id",
        {"start": "a"},
    )
    assert rows == [{"id": "a"}, {"id": "b"}, {"id": "c"}]


def test_a_name_that_the_graph_does_not_hold_is_an_empty_answer(
    loaded: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    assert loaded.run("MATCH (n:S3Bucket)-[:SHARED_WITH]->(x) RETURN x.nope AS x") == []
    assert loaded.run("MATCH (n:Resource) WHERE n.nope = 1 RETURN n.id AS id") == []
    assert capfd.readouterr() == ("", "")


def test_a_query_error_has_the_engine_s_words(loaded: Store) -> None:
    with pytest.raises(StoreError, match=r"FOO|Invalid input") as caught:
        loaded.run("FOO (n) RETURN n")
    assert "\n" not in str(caught.value)
    with pytest.raises(StoreError, match=r"absent"):
        loaded.run("MATCH (n) WHERE n.id = $absent RETURN n")


def test_a_query_that_takes_too_long_is_stopped(loaded: Store) -> None:
    endless = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN count(a + b) AS c"
    with pytest.raises(StoreError, match=r"longer than 0\.2 s"):
        loaded.run(endless, timeout=0.2)
    assert loaded.run("RETURN 1 AS x", timeout=30) == [{"x": 1}]
