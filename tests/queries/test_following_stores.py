"""Blast radius and attack paths as Neo4j Browser draws them, on KGLite and on a real Neo4j."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from derivation.organisation import organisation as derived_organisation
from graph.records import Node, Relationship
from graph.schema.derived import FACTS, FOLLOWED_PROPERTIES, OTHER_LABELS
from graph.schema.document import COMMON_PROPERTIES
from graph.store import LoadStamp, Store
from queries.answers.attack_records import attack_graph_of
from queries.answers.following_records import AttackRecords, attack_records
from queries.answers.paths import admin_goals, path_rows
from queries.library import load_library
from queries.runner import bind
from tests.engines import neo4j_server, store
from tests.queries import organisation
from tests.queries.attack_world import PARTIES, B, Made, web
from tests.queries.test_following import PROVIDER, QUERIES, asked, limited, records, told_of

__all__ = ["neo4j_server", "store"]


def stamp(number: int = 1, unread: frozenset[tuple[str, str, str]] = frozenset()) -> LoadStamp:
    return LoadStamp(f"s{number}", "o-1", "test", f"2026-11-2{number}T00:00:00Z", ("1",), unread)


def every_state() -> Made:
    """Doors, workloads that are reached alone, limits, sessions, data, lateral ways."""
    made = limited("role7")
    made.step("role1", "CAN_ASSUME", "role4", session=["sts:sourceidentity=a"])
    made.step("role4", "CAN_ASSUME", "role5")
    made.step("role5", "CAN_ASSUME", "role8", session=["sts:sourceidentity=b"])
    made.step("internet", "CAN_ACCESS", "fn1").step("fn1", "HAS_ROLE", "role5")
    made.step("alb1", "TARGETS", "i3", source="internet", family="ipv6")
    made.step("alb1", "TARGETS", "i4", source="internet").step(
        "i4", "HAS_ROLE", "role6", reached=False
    )
    made.step(PROVIDER, "CAN_ASSUME", "role3").step(
        PROVIDER, "CAN_ASSUME", "role2", guards=["subject exact: repo:acme/app"]
    )
    made.step("i1", "IN_GROUP", "group1").step("group1", "CAN_REACH", "target1", family="ipv4")
    made.step("target1", "TARGETS", "i2").step("i2", "HAS_ROLE", "role9", "conditional")
    return made.step("role9", "CAN_ASSUME", "role10", "unknown")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Nodes and relationships by world."""
    derivation = derived_organisation().derive(tmp_path_factory.mktemp("snapshot"))
    return {
        "by hand": (organisation.nodes(), organisation.relationships()),
        "derived": (derivation.nodes, derivation.relationships),
        "every state": records(every_state()),
    }


WORLDS = ("by hand", "derived", "every state")


@pytest.mark.parametrize("name", WORLDS)
def test_the_saved_queries_are_mapper_blast(store: Store, worlds: Any, name: str) -> None:
    graph = attack_graph_of(*worlds[name])
    found = attack_records(*worlds[name])
    store.load(found.nodes, found.relationships, stamp())
    stated = store.run("MATCH (s:AttackState) RETURN s.id AS id")
    assert bool(stated) == (name != "by hand")
    for start in graph.things:
        for query in QUERIES:
            assert asked(store, query, start) == told_of(graph, query, start), (query, start)


@pytest.mark.parametrize("name", WORLDS)
def test_the_stored_paths_are_those_of_mapper_paths(store: Store, worlds: Any, name: str) -> None:
    graph = attack_graph_of(*worlds[name])
    found = attack_records(*worlds[name])
    store.load(found.nodes, found.relationships, stamp())
    starts = graph.public_sources()
    rows = path_rows(graph.from_internet(), starts, admin_goals(graph), PARTIES)
    assert rows
    stored = store.run(
        "MATCH (p:AttackPath)-[:STARTS_AT]->(s) MATCH (p)-[:ENDS_AT]->(e) "
        "OPTIONAL MATCH (p)-[r:PASSES]->(n) WITH p, s, e, r, n ORDER BY r.step "
        "WITH p, s, e, collect(n.id) AS passed RETURN p.id AS key, p.verdict AS verdict, "
        "p.conditions AS conditions, s.id AS start, e.id AS end, passed AS passed"
    )
    told = {
        row.key: (
            str(row.verdict),
            list(row.answer.conditions),
            [row.own["from"], *(hop["id"] for hop in row.own["hops"])],
        )
        for row in rows
    }
    assert told == {
        row["key"]: (
            row["verdict"],
            row["conditions"] or [],
            [row["start"], *row["passed"], row["end"]],  # type: ignore[misc]
        )
        for row in stored
    }


def ways(store: Store) -> dict[tuple[object, ...], object]:
    """Steps on a way from the internet to admin, and whether they are sure."""
    query = load_library().get("internet-to-admin-ways")
    rows = store.run(query.text, bind(query, {}))
    found = {(r["from_id"], r["relationship"], r["to_id"]): r["definite"] for r in rows}
    assert len(found) == len(rows)
    return found


WAY = [
    ("internet", "CAN_REACH", "alb1"),
    ("alb1", "TARGETS", "i1"),
    ("i1", "HAS_ROLE", "role1"),
    ("role1", "CAN_ASSUME", "role2"),
    ("role2", "HAS_ADMIN", f"account:{B}"),
]


def test_one_statement_runs_from_the_internet_to_admin_elsewhere(store: Store) -> None:
    made = web().step("role1", "CAN_ASSUME", "role5").step("role6", "CAN_ASSUME", "role2")
    store.load(*records(made), stamp())
    assert ways(store) == dict.fromkeys(WAY, True)


def test_a_longer_way_is_seen_beside_a_shorter_one_that_is_not_possible(store: Store) -> None:
    made = web()
    made.step("role1", "HAS_ADMIN", f"account:{B}", "unknown").step("role1", "IN_GROUP", "set1")
    made.step("set1", "CAN_ASSUME", "role2", "conditional")
    store.load(*records(made), stamp())
    beside = {("role1", "IN_GROUP", "set1"): True, ("set1", "CAN_ASSUME", "role2"): False}
    assert ways(store) == dict.fromkeys(WAY, True) | beside


def test_a_technique_that_gains_the_account_is_a_way_too(store: Store) -> None:
    made = web()
    made.steps[4] |= {"relationship": "CAN_ESCALATE_TO"}
    store.load(*records(made), stamp())
    assert len(ways(store)) == 5


@pytest.mark.parametrize("step", range(5))
def test_without_a_step_there_is_no_way_and_with_a_condition_it_is_not_sure(
    store: Store, step: int
) -> None:
    made = web()
    made.steps[step]["verdict"] = "conditional"
    store.load(*records(made), stamp())
    assert ways(store) == dict.fromkeys(WAY, True) | {WAY[step]: False}
    made.steps[step]["verdict"] = "dormant"
    store.load(*records(made), stamp(2))
    assert ways(store) == {}


def test_a_door_that_leads_on_for_somebody_else_is_no_way(store: Store) -> None:
    made = web()
    made.steps[1]["source"] = "cidr:203.0.113.0/24"
    store.load(*records(made), stamp())
    assert ways(store) == {}


DOCS = Path(__file__).parents[2] / "docs" / "paths.md"
STATEMENTS = re.findall(r"```cypher\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.neo4j
@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("store", ["neo4j"], indirect=True)
def test_the_statements_of_the_page_find_something(store: Store, number: int) -> None:
    """On Neo4j alone: KGLite filters a shortest path only once it has found one."""
    assert len(STATEMENTS) == 4
    found = attack_records(*records(web()))
    store.load(found.nodes, found.relationships, stamp())
    assert store.run(STATEMENTS[number], {"id": "internet"})
    made = web()
    made.steps[1]["source"] = "cidr:203.0.113.0/24"
    found = attack_records(*records(made))
    store.load(found.nodes, found.relationships, stamp(2))
    told = store.run(STATEMENTS[number], {"id": "internet"})
    assert [row["n"]["id"] for row in told if "n" in row] == (["alb1"] if number == 2 else [])  # type: ignore[index]
    assert bool(told) == (number == 2)


def held(store: Store) -> tuple[list[object], list[object]]:
    """What is there of states and paths."""
    nodes = store.run(
        "MATCH (n:Resource) WHERE n:AttackState OR n:AttackPath "
        "RETURN n.id AS id, n.stale_since AS since ORDER BY id"
    )
    steps = store.run(
        "MATCH (a)-[r:LEADS_TO|STARTS_AT|PASSES|ENDS_AT]->(b) "
        "RETURN a.id AS a, type(r) AS t, b.id AS b ORDER BY a, t, b"
    )
    return list(nodes), list(steps)


def test_a_second_snapshot_replaces_paths_and_states_whole(store: Store) -> None:
    """Also where resources went unread: these are none, and could not still exist."""
    first, made = attack_records(*records(every_state())), web()
    made.steps[1]["source"] = None
    made.steps[3]["verdict"] = "conditional"
    second = attack_records(*records(made))
    unread = frozenset({("1", "*", "*"), ("111111111111", "eu-west-1", "*")})
    store.load(first.nodes, first.relationships, stamp(1))
    before = held(store)
    assert before[0]
    store.load(second.nodes, second.relationships, stamp(2, unread))
    nodes, steps = held(store)
    written = {n.id for n in second.nodes if n.labels[0] in ("AttackState", "AttackPath")}
    assert {node["id"] for node in nodes} == written  # type: ignore[index]
    assert [node["since"] for node in nodes] == [None] * len(nodes)  # type: ignore[index]
    kinds = ("LEADS_TO", "STARTS_AT", "PASSES", "ENDS_AT")
    assert len(steps) == sum(one.type in kinds for one in second.relationships)
    assert store.run("MATCH (n:Resource) WHERE n.stale_since IS NOT NULL RETURN n.id AS id")
    store.load(first.nodes, first.relationships, stamp(3))
    assert held(store) == before


def undeclared(found: AttackRecords) -> set[str]:
    """Labels, types and properties that the schema does not tell."""
    labels = {one.label: {name for name, _ in one.properties} for one in OTHER_LABELS}
    types = {one.type: {name for name, _ in one.properties} for one in FACTS}
    common = {name for name, _ in COMMON_PROPERTIES}

    def of_node(node: Node) -> set[str]:
        if node.labels[0] not in ("AttackState", "AttackPath"):
            return set()
        return {
            f"{node.labels[0]}.{n}" for n in node.props.keys() - common - labels[node.labels[0]]
        }

    def of_step(one: Relationship) -> set[str]:
        if one.type not in ("LEADS_TO", "STARTS_AT", "PASSES", "ENDS_AT"):
            return set()
        return {f"{one.type}.{name}" for name in one.props.keys() - types[one.type]}

    return {*(w for n in found.nodes for w in of_node(n))} | {
        *(w for r in found.relationships for w in of_step(r))
    }


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_written_is_declared(worlds: Any, name: str) -> None:
    nodes, relationships = worlds[name]
    found = attack_records(nodes, relationships)
    assert undeclared(found) == set()
    before = {(r.type, r.start, r.end, r.key): r.props for r in relationships}
    added = {name for name, _ in FOLLOWED_PROPERTIES}
    for one in found.relationships:
        own = before.get((one.type, one.start, one.end, one.key))
        assert own is None or one.props.keys() - own.keys() in (set(), added)
    assert [n.id for n in found.nodes][: len(nodes)] == [n.id for n in nodes]


def test_the_records_are_the_same_in_every_run(worlds: Any) -> None:
    nodes, relationships = worlds["every state"]
    one = attack_records(nodes, relationships)
    other = attack_records(list(reversed(nodes)), list(reversed(relationships)))

    def plain(found: AttackRecords) -> Iterator[str]:
        yield from sorted(repr((n.id, sorted(n.props.items(), key=str))) for n in found.nodes)
        yield from sorted(
            repr((r.type, r.start, r.end, r.key, sorted(r.props.items(), key=str)))
            for r in found.relationships
        )

    assert list(plain(one)) == list(plain(other))


def test_a_graph_of_nothing_is_marked_too(tmp_path: Path) -> None:
    assert attack_records([], []) == AttackRecords([], [])
