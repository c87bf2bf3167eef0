"""Loading: what a store holds afterwards is a function of the records, on either engine."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.records import Node, Relationship
from graph.store import LoadStamp, Store, StoreError, open_store
from graph.store.local_neo4j import LocalNeo4j
from tests.engines import empty_neo4j
from tests.store.graphs import Graph, after, anew, held, node, stamp

TYPES = ("AWS::EC2::VPC", "AWS::S3::Bucket")
TEXT = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["", "NaN", "null", "true", "007", "2020-01-01", '["*"]', "a\0b", "\u2028", "😀"]
    ),
)
VALUES = st.one_of(
    TEXT,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(TEXT, max_size=3),
    st.none(),
)
PROPS = st.dictionaries(st.sampled_from(["x", "y", "Ports", "tags"]), VALUES, max_size=4)


@st.composite
def nodes(draw: st.DrawFn) -> list[Node]:
    ids = draw(st.lists(st.sampled_from("abcdef"), max_size=7))
    return [
        node(
            node_id,
            *draw(st.sets(st.sampled_from(["A", "B", "C"]), max_size=3)),
            name=draw(st.one_of(st.none(), TEXT)),
            resource_type=draw(st.sampled_from(TYPES)),
            region=draw(st.sampled_from(["eu-west-1", None])),
            **draw(PROPS),
        )
        for node_id in ids
    ]


@st.composite
def links(draw: st.DrawFn) -> list[Relationship]:
    def one() -> Relationship:
        derived = draw(st.booleans())
        # A type is of one sort, as in the graph's schema.
        return Relationship(
            "CAN_REACH" if derived else draw(st.sampled_from(["IN_VPC", "TRUSTS"])),
            draw(st.sampled_from("abcdefg")),
            draw(st.sampled_from("abcdef")),
            draw(st.sampled_from(["k1", "k2"])),
            draw(PROPS) | ({"verdict": "yes", "definite": True} if derived else {}),
        )

    return [one() for _ in range(draw(st.integers(0, 8)))]


UNREAD = st.sets(
    st.tuples(st.just("1"), st.sampled_from(["eu-west-1", "global", "*"]), st.sampled_from(TYPES)),
    max_size=2,
)
LOADS = st.lists(st.tuples(nodes(), links(), UNREAD), min_size=1, max_size=3)
Loads = list[tuple[list[Node], list[Relationship], set[tuple[str, str, str]]]]


def meets_the_model(store: Store, loads: Loads) -> None:
    model = Graph()
    for number, (some_nodes, some_links, unread) in enumerate(loads, start=1):
        loaded = stamp(number, unread=unread)
        model = after(model, some_nodes, some_links, loaded)
        report = store.load(some_nodes, some_links, loaded)
        assert held(store) == model
        assert (report.nodes, report.relationships) == (len(model.nodes), len(model.links))
        store.load(some_nodes, some_links, anew(loaded))
        assert held(store) == model, "loading the same records again changed the graph"


@given(loads=LOADS)
@settings(max_examples=60, deadline=None)
def test_kglite_holds_what_the_model_says(loads: Loads) -> None:
    with tempfile.TemporaryDirectory() as directory:
        meets_the_model(open_store(Path(directory) / "graph.kgl"), loads)


@pytest.mark.neo4j
@given(loads=LOADS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_neo4j_holds_what_the_model_says(neo4j_server: LocalNeo4j, loads: Loads) -> None:
    with empty_neo4j(neo4j_server) as store:
        meets_the_model(store, loads)


def test_loading_changes_equals_loading_from_scratch(store: Store, tmp_path: Path) -> None:
    old = [node("a", "Instance", "Old", x=1, gone="yes"), node("b"), node("c")]
    new = [node("a", "Instance", x="now text"), node("b", "Bucket")]
    old_links = [Relationship("IN_VPC", "a", "b", "k"), Relationship("IN_VPC", "a", "c", "k")]
    new_links = [Relationship("IN_VPC", "a", "b", "k", {"y": 1})]
    store.load(old, old_links, stamp(1))
    report = store.load(new, new_links, stamp(2))
    with open_store(tmp_path / "scratch.kgl") as scratch:
        scratch.load(new, new_links, stamp(2))
        assert held(store) == held(scratch)
    assert report.deleted == 1


def test_every_label_finds_the_node(store: Store) -> None:
    store.load([node("a", "NetworkInterface", "Public")], [], stamp())
    for label in ("Resource", "NetworkInterface", "Public"):
        assert store.run(f"MATCH (n:{label}) RETURN n.id AS id") == [{"id": "a"}]
    assert store.run("MATCH (n:Private) RETURN n.id AS id") == []


def test_two_keys_between_two_nodes_are_two_relationships(store: Store) -> None:
    twins = [Relationship("CAN_ASSUME", "a", "b", key, {"verdict": "yes"}) for key in ("k1", "k2")]
    store.load([node("a"), node("b")], [*twins, twins[0]], stamp())
    rows = store.run("MATCH (:Resource)-[r:CAN_ASSUME]->() RETURN r.key AS key ORDER BY key")
    assert rows == [{"key": "k1"}, {"key": "k2"}]


def test_a_null_name_stays_null(store: Store) -> None:
    # The same property of another type takes the engine's other way in.
    store.load([node("a", x=1), node("b", x="1"), node("c", name="C")], [], stamp())
    rows = store.run("MATCH (n:Resource) RETURN n.name AS name, n.x AS x ORDER BY n.id")
    assert rows == [{"name": None, "x": 1}, {"name": None, "x": "1"}, {"name": "C", "x": None}]


def test_what_was_not_read_stays_stale_without_verdicts(store: Store) -> None:
    first = [node("a"), node("b"), node("c", resource_type="AWS::S3::Bucket")]
    facts = [
        Relationship("PEERED_WITH", "a", "b", "k"),
        Relationship("CAN_REACH", "a", "b", "k", {"verdict": "yes"}),
    ]
    store.load(first, facts, stamp(1))
    report = store.load([], [], stamp(2, unread={("1", "eu-west-1", "AWS::EC2::VPC")}))
    assert report.stale == 2
    assert report.deleted == 1
    rows = store.run("MATCH (n:Resource) RETURN n.id AS id, n.stale_since AS since ORDER BY id")
    assert rows == [{"id": i, "since": "2026-01-02T00:00:00Z"} for i in "ab"]
    kept = store.run("MATCH ()-[r]->() RETURN type(r) AS type")
    assert kept == [{"type": "PEERED_WITH"}]
    store.load([], [], stamp(3, unread={("1", "*", "*")}))
    rows = store.run("MATCH (n:Resource) RETURN DISTINCT n.stale_since AS since")
    assert rows == [{"since": "2026-01-02T00:00:00Z"}], "since the first load that missed it"
    store.load([node("a")], [], stamp(4))
    rows = store.run("MATCH (n:Resource) RETURN n.id AS id, n.stale_since AS since")
    assert rows == [{"id": "a", "since": None}]


def test_what_was_read_and_is_gone_is_deleted(store: Store) -> None:
    store.load([node("a"), node("b")], [Relationship("PEERED_WITH", "a", "b", "k")], stamp(1))
    report = store.load([], [], stamp(2, unread={("1", "us-east-1", "AWS::EC2::VPC")}))
    assert (report.stale, report.deleted) == (0, 2)
    assert held(store) == Graph()


def test_dangling_relationships_are_counted_and_named(store: Store) -> None:
    report = store.load([node("a")], [Relationship("TRUSTS", "a", "nowhere", "k")], stamp())
    assert report.dangling == 1
    assert report.dangling_examples == ("a -TRUSTS-> nowhere",)
    assert report.relationships == 0


def test_every_record_carries_the_load_and_the_snapshot_node_says_which(store: Store) -> None:
    assert store.state() is None
    loaded = stamp(7)
    store.load([node("a"), node("b")], [Relationship("TRUSTS", "a", "b", "k")], loaded)
    state = store.state()
    assert state is not None
    assert (state.snapshot_id, state.lineage, state.state) == ("snap-7", "o-1", "ready")
    assert (state.load, state.tool_version, state.accounts) == (loaded.load, "0.1.0", ("1",))
    rows = store.run("MATCH (a:Resource)-[r]->(b) RETURN a.load AS a, r.load AS r, b.load AS b")
    assert rows == [{"a": loaded.load, "r": loaded.load, "b": loaded.load}]
    assert store.run("MATCH (s:Snapshot) RETURN count(s) AS count") == [{"count": 1}]


def test_another_lineage_is_refused_and_replaced_on_demand(store: Store) -> None:
    store.load([node("a")], [], stamp(1, lineage="o-1"))
    with pytest.raises(StoreError, match=r"o-1.*o-2.*--database.*mapper merge.*--replace"):
        store.load([node("b")], [], stamp(2, lineage="o-2"))
    assert set(held(store).nodes) == {"a"}
    replaced = stamp(2, lineage="o-2", unread={("1", "*", "*")})
    store.load([node("b")], [], replaced, replace=True)
    assert set(held(store).nodes) == {"b"}, "nothing of another organisation is kept as stale"


BAD_NODES = [
    Node("a", ("A) DETACH DELETE (n",), {}),
    Node("a", ("A::B",), {}),
    Node("a", ("Snapshot",), {}),
    Node("a", (), {"title": "x"}),
    Node("a", (), {"a b": "x"}),
    Node("a", (), {"load": "x"}),
    Node("a", (), {"x": {"a": 1}}),  # type: ignore[dict-item]
    Node("a", (), {"x": [1]}),  # type: ignore[list-item]
    Node("a", (), {"x": 2**63}),
    Node("a", (), {"x": float("nan")}),
    Node("", (), {}),
]


@pytest.mark.parametrize("bad", BAD_NODES, ids=repr)
def test_a_node_that_cannot_be_stored_is_refused_before_anything_is_written(
    store: Store, bad: Node
) -> None:
    store.load([node("kept")], [], stamp(1))
    with pytest.raises(StoreError):
        store.load([node("new"), bad], [], stamp(2))
    assert set(held(store).nodes) == {"kept"}
    state = store.state()
    assert state is not None
    assert (state.snapshot_id, state.state) == ("snap-1", "ready")


@pytest.mark.parametrize("type_name", ["A]->() DELETE (x)-[r", "A|B", "", "Ä"])
def test_a_relationship_type_that_is_no_name_is_refused(store: Store, type_name: str) -> None:
    with pytest.raises(StoreError, match="relationship type"):
        store.load([node("a")], [Relationship(type_name, "a", "a", "k")], stamp())


def test_half_a_surrogate_pair_from_json_is_storable(store: Store) -> None:
    store.load([node("a", name="x\ud800y", tags=["k=\udfff"])], [], stamp())
    assert store.run("MATCH (n:Resource) RETURN n.name AS name, n.tags AS tags") == [
        {"name": "x\ufffdy", "tags": ["k=\ufffd"]}
    ]


def test_a_stamp_says_what_it_could_not_read() -> None:
    loaded = LoadStamp(
        "s", "o", "0", "t", unread=frozenset({("1", "global", "T"), ("2", "*", "*")})
    )
    assert loaded.could_not_read("1", None, "T")
    assert not loaded.could_not_read("1", "eu-west-1", "T")
    assert not loaded.could_not_read("1", "global", "U")
    assert loaded.could_not_read("2", "eu-west-1", "anything")
    assert not loaded.could_not_read(None, None, None)
