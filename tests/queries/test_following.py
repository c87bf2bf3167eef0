"""The closure that Neo4j Browser can walk is the blast radius, whatever decides how a walk goes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.records import Node, Relationship
from graph.verdict import Verdict
from queries.answers.attack import AttackGraph
from queries.answers.attack_records import attack_graph_of
from queries.answers.blast import blast_rows
from queries.answers.following_records import attack_records
from queries.answers.paths import admin_goals, path_rows
from queries.library import load_library
from queries.runner import bind
from tests.queries.attack_world import PARTIES, B, Made, web
from tests.queries.embedded import Embedded

QUERIES = {"blast": Verdict.YES, "blast-possible": Verdict.CONDITIONAL}


def records(made: Made) -> tuple[list[Node], list[Relationship]]:
    """What a derivation would give for the world."""
    nodes = []
    for row in made.nodes.values():
        props = {k: v for k, v in row.items() if k not in ("id", "labels") and v is not None}
        nodes.append(Node(row["id"], tuple(row["labels"][1:]), {"name": row["name"], **props}))
    found = []
    for number, row in enumerate(made.steps):
        verdict = row["verdict"]
        props = {k: v for k, v in row.items() if k not in ("from_id", "to_id", "relationship")}
        props = {k: v for k, v in props.items() if v is not None}
        props |= {"definite": verdict == "yes", "possible": verdict in ("yes", "conditional")}
        kind, start, end = row["relationship"], row["from_id"], row["to_id"]
        found.append(Relationship(kind, start, end, f"{kind}/{number}", props))
    return nodes, found


def loaded(made: Made, **more: int) -> Embedded:
    found = attack_records(*records(made), **more)
    return Embedded(found.nodes, found.relationships)


def asked(store: Any, name: str, start: str) -> dict[str, bool]:
    query = load_library().get(name)
    rows = store.run(query.text, bind(query, {"id": start}))
    found = {row["id"]: row["network_only"] for row in rows}
    assert len(found) == len(rows)
    return found


def told(made: Made, name: str, start: str) -> dict[str, bool]:
    """The same by ``mapper blast``."""
    graph = attack_graph_of(*records(made))
    return told_of(graph, name, start) if start in graph.things else {}


def told_of(graph: AttackGraph, name: str, start: str) -> dict[str, bool]:
    """What ``mapper blast`` tells of a node: id and whether it is network only."""
    starts = [start]
    if start == "internet":
        starts, graph = graph.public_sources(), graph.from_internet()
    found: dict[str, bool] = {}
    for row in blast_rows(graph, starts, PARTIES):
        if row.verdict.rank >= QUERIES[name].rank:
            only = row.own["class"] == "network-only"
            found[row.id] = found.get(row.id, True) and only
    return found


def same(made: Made, **more: int) -> Embedded:
    """Assert that every query tells of every node what ``mapper blast`` tells."""
    store = loaded(made, **more)
    for name in QUERIES:
        for start in made.nodes:
            assert asked(store, name, start) == told(made, name, start), (name, start)
    return store


def test_the_internet_to_admin():
    store = same(web())
    found = asked(store, "blast", "internet")
    assert found == dict.fromkeys(
        ["alb1", "i1", "role1", "role2", f"account:{B}", "bucket9"], False
    )


def test_internet_stands_for_every_source_that_public_shows():
    made = web().step("cidr:0.0.0.0/1", "CAN_ASSUME", "role8").step("org", "CAN_ASSUME", "role9")
    found = asked(same(made), "blast", "internet")
    assert "role8" in found
    assert "role9" not in found


def test_what_one_repository_may_assume_is_the_providers_and_not_the_internets():
    made = web().step(PROVIDER, "CAN_ASSUME", "role8").step(PROVIDER, "CAN_ASSUME", "role9")
    assert PROVIDER not in states(made)
    made.steps[-1]["guards"] = ["subject exact: repo:acme/app"]
    store = same(made)
    assert "role8" in asked(store, "blast", "internet")
    assert "role9" not in asked(store, "blast", "internet")
    assert set(asked(store, "blast", PROVIDER)) == {"role8", "role9"}
    assert states(made)[PROVIDER] == ["for anybody"]


def states(made: Made, **more: int) -> dict[str, list[str]]:
    """The states of each node, in words."""
    found: dict[str, list[str]] = {}
    for node in attack_records(*records(made), **more).nodes:
        if "AttackState" in node.labels:
            found.setdefault(str(node.props["of"]), []).append(str(node.props["state"]))
    return found


def test_a_door_leads_on_for_the_source_and_family_that_reached_it():
    made = web()
    assert states(made) == {"alb1": ["from internet over ipv4"]}
    made.steps[1]["source"] = "org"
    assert states(made) == {}
    assert set(asked(same(made), "blast", "internet")) == {"alb1"}
    made.steps[1] |= {"source": "internet", "family": "ipv6"}
    assert set(asked(same(made), "blast", "internet")) == {"alb1"}


def inside(source: str = "target1") -> Made:
    """A machine, a load balancer of its own network in two sets, what stands behind each."""
    return (
        Made()
        .step("i1", "IN_GROUP", "group1")
        .step("group1", "CAN_REACH", "target1", family="ipv4", ports=["tcp/443"])
        .step("group2", "CAN_REACH", "target2", family="ipv4", ports=["tcp/80"])
        .step("target1", "TARGETS", "alb1", source="target1")
        .step("target2", "TARGETS", "alb1", source="target2")
        .step("alb1", "TARGETS", "i2", source=source, family="ipv4")
        .step("alb1", "TARGETS", "i3", source="internet", family="ipv4")
    )


def test_a_door_leads_on_for_the_set_by_which_packets_came():
    assert asked(same(inside()), "blast", "i1") == {"alb1": True, "i2": True}
    assert asked(same(inside("target2")), "blast", "i1") == {"alb1": True}
    other = inside("target2").step("i1", "IN_GROUP", "group2")
    assert asked(same(other), "blast", "i1") == {"alb1": True, "i2": True}


def test_an_endpoint_leads_on_for_itself():
    made = (
        inside()
        .step("target1", "TARGETS", "i9")
        .step("i9", "TARGETS", "alb2", source="i9")
        .step("alb2", "TARGETS", "i8", source="i9", family="ipv4")
        .step("alb2", "TARGETS", "i7", source="i6", family="ipv4")
    )
    assert set(asked(same(made), "blast", "i1")) == {"alb1", "i2", "i9", "alb2", "i8"}


def test_a_door_that_leads_on_for_everyone_has_no_state():
    made = web()
    made.steps[1] |= {"source": None, "family": None}
    assert states(made) == {}
    assert f"account:{B}" in asked(same(made), "blast", "internet")


def test_who_only_reaches_a_machine_may_not_have_its_role():
    made = web()
    made.steps[2]["reached"] = False
    assert set(asked(same(made), "blast", "internet")) == {"alb1", "i1"}
    assert "role1" in asked(same(made), "blast", "i1")
    assert states(made) == {"alb1": ["from internet over ipv4"], "i1": ["reached"]}


def limited(kept: str = "bucket9") -> Made:
    made = web().step(f"account:{B}", "CONTROLS", "role7").step("role7", "CAN_ASSUME", "role6")
    made.steps[4]["limits"] = [kept]
    return made


def test_an_admin_has_all_but_those_that_a_deny_keeps_out():
    found = asked(same(limited("role7")), "blast", "role2")
    assert set(found) == {f"account:{B}", "bucket9"}
    assert states(limited("role7"))[f"account:{B}"] == ["without role7"]
    assert f"account:{B}" not in states(limited("role99"))
    assert "role6" in asked(same(limited("role99")), "blast", "role2")


def test_limited_admins_share_what_they_have_in_common():
    made = Made()
    for n in range(30):
        made.step(f"account:{B}", "CONTROLS", f"bucket{n}")
    for n in range(4):
        made.step(f"role{n}", "HAS_ADMIN", f"account:{B}", limits=[f"bucket{n}"])
    alone = attack_records(*records(made), shared_from=100)
    shared = attack_records(*records(made), shared_from=10)
    count = [sum(r.type == "LEADS_TO" for r in found.relationships) for found in (alone, shared)]
    assert count == [4 + 4 * 29, 4 + 4 + 26 + 4 * 3]
    assert states(made, shared_from=10)[f"account:{B}"].count("in common") == 1
    same(made, shared_from=10)


def asking(first: str, last: str) -> Made:
    made = Made().step("role1", "CAN_ASSUME", "role2", session=[first])
    made.step("role2", "CAN_ASSUME", "role3")
    return made.step("role3", "CAN_ASSUME", "role4", session=[last])


def test_a_session_is_what_every_step_asks_of_it():
    a, b = "sts:sourceidentity=a", "sts:sourceidentity=b"
    apart = same(asking(a, b))
    assert set(asked(apart, "blast", "role1")) == {"role2", "role3"}
    assert set(asked(apart, "blast", "role2")) == {"role3", "role4"}
    assert states(asking(a, b)) == {
        "role2": ["session identity=a"],
        "role3": ["session identity=a"],
    }
    assert states(asking(a, a)) == {}
    assert set(asked(same(asking(a, a)), "blast", "role1")) == {"role2", "role3", "role4"}


def test_sessions_beyond_number_are_followed_together_and_it_is_said():
    made = asking("sts:sourceidentity=a", "sts:sourceidentity=b")
    found = attack_records(*records(made), most_sessions=1)
    assert "mapper blast does not" in found.notes[0]
    assert Closure(found.nodes, found.relationships).of("role1", "definite").keys() == {
        "role2",
        "role3",
        "role4",
    }
    assert attack_records(*records(made), most_sessions=2).notes == ()


def test_data_ends_a_walk_but_a_function_that_is_rewritten_is_held():
    made = Made().step("role1", "CAN_ACCESS", "fn1").step("fn1", "HAS_ROLE", "role2")
    assert set(asked(same(made), "blast", "role1")) == {"fn1"}
    assert states(made) == {"fn1": ["data"]}
    made.steps[0]["actions"] = ["lambda:UpdateFunctionCode"]
    assert set(asked(same(made), "blast", "role1")) == {"fn1", "role2"}
    assert states(made) == {}


def test_what_a_machines_network_alone_reaches_is_told_apart():
    made = Made().step("i1", "IN_GROUP", "group1")
    made.step("group1", "CAN_REACH", "target1", family="ipv4").step("target1", "TARGETS", "i2")
    made.step("i2", "HAS_ROLE", "role2")
    assert asked(same(made), "blast", "i1") == {"i2": True, "role2": True}
    made.step("i1", "HAS_ROLE", "role1").step("role1", "CAN_ASSUME", "role2")
    assert asked(same(made), "blast", "i1") == {"i2": True, "role2": False, "role1": False}


def test_definite_and_possible():
    made = web()
    made.steps[3]["verdict"] = "conditional"
    store = same(made)
    assert "role2" not in asked(store, "blast", "internet")
    assert "role2" in asked(store, "blast-possible", "internet")
    made.steps[3]["verdict"] = "dormant"
    assert "role2" not in asked(same(made), "blast-possible", "internet")


def test_a_long_way_is_followed_to_its_end():
    made = Made()
    for n in range(400):
        made.step(f"role{n}", "CAN_ASSUME", f"role{n + 1}")
    assert len(asked(loaded(made), "blast", "role0")) == 400


def paths_of(made: Made, **more: int) -> tuple[list[Node], list[Relationship], tuple[str, ...]]:
    found = attack_records(*records(made), **more)
    kinds = ("STARTS_AT", "PASSES", "ENDS_AT")
    return (
        [node for node in found.nodes if "AttackPath" in node.labels],
        [one for one in found.relationships if one.type in kinds],
        found.notes,
    )


def test_a_path_is_a_node_with_what_it_passes():
    made = web()
    (path,), joined, notes = paths_of(made)
    graph = made.graph()
    (row,) = path_rows(graph, graph.public_sources(), admin_goals(graph), PARTIES)
    assert (path.id, path.props["name"]) == (row.key, f"internet to account:{B} in 5 steps")
    assert (path.props["definite"], path.props["complete"], notes) == (True, True, ())
    assert [(one.type, one.end, one.props.get("step")) for one in joined] == [
        ("STARTS_AT", "internet", None),
        ("PASSES", "alb1", 1),
        ("PASSES", "i1", 2),
        ("PASSES", "role1", 3),
        ("PASSES", "role2", 4),
        ("ENDS_AT", f"account:{B}", 5),
    ]
    made.steps[3] |= {"verdict": "conditional", "conditions": ["context:x"]}
    (path,), _, _ = paths_of(made)
    assert (path.props["verdict"], path.props["conditions"]) == ("conditional", ["context:x"])


def test_more_paths_than_are_kept_is_said():
    made = web()
    for n in range(3):
        made.step("role2", "HAS_ADMIN", f"account:{n}")
    nodes, _, notes = paths_of(made, most_paths=2)
    assert [node.props["complete"] for node in nodes] == [False, False]
    assert "2 attack paths" in notes[0]
    nodes, _, notes = paths_of(made, most_paths=4)
    assert ([node.props["complete"] for node in nodes], notes) == ([True] * 4, ())


VERDICTS = st.sampled_from(["yes", "yes", "yes", "conditional", "dormant", "unknown"])
SESSIONS = st.sampled_from(
    [
        [],
        [],
        ["sts:sourceidentity=a"],
        ["sts:sourceidentity=b"],
        ["aws:sourceidentity=a|b"],
        ["aws:requesttag/t=1", "sts:transitivetagkeys=t"],
        ["aws:principaltag/t=2"],
        ["aws:principaltag/t=1"],
    ]
)
PROVIDER = "fed:oidc-provider/token.actions.githubusercontent.com"
SOURCES = ["internet", "org", "cidr:0.0.0.0/0", PROVIDER]
DOORS = ["alb1", "alb2", "alb3", "alb4"]
MACHINES = ["i1", "i2", "fn1"]
GROUPS = ["group1", "group2"]
TARGETS = ["target1"]
PRINCIPALS = ["role1", "role2", "role3", "role4", "user1"]
ACCOUNTS = ["account:1", "account:2"]
SETS, COVERS = ["set1"], ["rset1", "rset2"]
DATA = ["bucket1", "bucket2", "fn1", "fn2"]
FAMILIES = st.sampled_from(["ipv4", "ipv6"])


def one(*groups: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from([name for group in groups for name in group])


KINDS = {
    "of all kinds": [
        "reach",
        "target",
        "group",
        "role",
        "assume",
        "escalate",
        "access",
        "cover",
        "admin",
        "control",
    ],
    "of sessions": ["assume", "assume", "assume", "assume", "group", "escalate", "admin"],
    "of doors": ["reach", "target", "target", "target", "group"],
    "of admins": ["admin", "admin", "control", "control", "control", "escalate"],
}


@st.composite
def steps(draw: st.DrawFn, kinds: list[str]) -> tuple[str, str, str, str, dict[str, Any]]:
    kind = draw(st.sampled_from(kinds))
    verdict = draw(VERDICTS)
    more: dict[str, Any] = {}
    if kind == "reach":
        start, how, end = draw(one(SOURCES, GROUPS)), "CAN_REACH", draw(one(DOORS, TARGETS))
        more = {"family": draw(FAMILIES)}
    elif kind == "target":
        start, how = draw(one(DOORS, TARGETS)), "TARGETS"
        end = draw(one(MACHINES, DOORS, DATA))
        more = {
            "family": draw(st.one_of(st.none(), FAMILIES)),
            "source": draw(st.one_of(st.none(), st.none(), one(SOURCES, ["inside"]))),
        }
    elif kind == "group":
        start, how = draw(one(MACHINES, PRINCIPALS, DOORS)), "IN_GROUP"
        end = draw(one(SETS if start in PRINCIPALS else GROUPS))
    elif kind == "role":
        start, how, end = draw(one(MACHINES)), "HAS_ROLE", draw(one(PRINCIPALS))
        more = {"reached": draw(st.booleans())}
    elif kind == "assume":
        start, how, end = draw(one(PRINCIPALS, SETS, SOURCES)), "CAN_ASSUME", draw(one(PRINCIPALS))
        fixed = draw(st.sampled_from([[], ["subject exact: repo:acme/app"]]))
        more = {"session": draw(SESSIONS), "guards": fixed}
    elif kind == "escalate":
        start, end = draw(one(PRINCIPALS)), draw(one(PRINCIPALS, ACCOUNTS, MACHINES))
        how = draw(st.sampled_from(["CAN_ESCALATE_TO", "CAN_EXECUTE_ON"]))
    elif kind == "access":
        start, how = draw(one(PRINCIPALS, SETS, SOURCES)), "CAN_ACCESS"
        end = draw(one(DATA, COVERS))
        more = {
            "actions": draw(
                st.sampled_from([[], ["lambda:InvokeFunction"], ["lambda:UpdateFunctionCode"]])
            )
        }
    elif kind == "cover":
        start, how, end = draw(one(COVERS)), "TARGETS", draw(one(DATA))
    elif kind == "admin":
        start, how, end = draw(one(PRINCIPALS)), "HAS_ADMIN", draw(one(ACCOUNTS))
        more = {"limits": draw(st.lists(one(PRINCIPALS, DATA), max_size=3, unique=True))}
    else:
        start, how = draw(one(ACCOUNTS)), "CONTROLS"
        end = draw(one(PRINCIPALS, DATA, MACHINES))
    return start, how, end, verdict, more


@st.composite
def worlds(draw: st.DrawFn) -> Made:
    made = Made()
    kinds = KINDS[draw(st.sampled_from(list(KINDS)))]
    # In few steps each counts; in many there are several ways everywhere.
    most = draw(st.sampled_from([5, 9, 40]))
    for start, how, end, verdict, more in draw(st.lists(steps(kinds), min_size=1, max_size=most)):
        made.step(start, how, end, verdict, **more)
    return made


@st.composite
def chains(draw: st.DrawFn) -> Made:
    """Long ways in which what one step asked, or where they began, tells at the end."""
    made = Made()
    for start, end in pairwise(PRINCIPALS):
        made.step(start, "CAN_ASSUME", end, session=draw(SESSIONS))
    door = st.fixed_dictionaries(
        {
            "family": st.one_of(st.none(), st.none(), FAMILIES),
            "source": st.one_of(st.none(), st.none(), one(SOURCES, ["inside"])),
        }
    )
    made.step(draw(one(SOURCES, GROUPS)), "CAN_REACH", DOORS[0], family=draw(FAMILIES))
    for start, end in pairwise([*DOORS, "i1"]):
        made.step(start, "TARGETS", end, **draw(door))
    for start, how, end, verdict, more in draw(st.lists(steps(KINDS["of all kinds"]), max_size=5)):
        made.step(start, how, end, verdict, **more)
    return made


@given(worlds() | chains(), st.sampled_from([1, 64]))
@settings(max_examples=25)
def test_the_query_is_the_blast_radius_from_every_node(made: Made, shared_from: int) -> None:
    same(made, shared_from=shared_from)


@given(worlds() | chains(), st.sampled_from([1, 64]))
@settings(max_examples=300)
def test_the_closure_is_the_blast_radius_from_every_node(made: Made, shared_from: int) -> None:
    found = attack_records(*records(made), shared_from=shared_from)
    closure = Closure(found.nodes, found.relationships)
    for name, verdict in QUERIES.items():
        flag = "definite" if verdict is Verdict.YES else "possible"
        for start in made.nodes:
            assert closure.of(start, flag) == told(made, name, start), (name, start)


class Closure:
    """What the queries ask, by hand, for worlds in numbers."""

    def __init__(self, nodes: list[Node], relationships: list[Relationship]) -> None:
        self.nodes = {node.id: node for node in nodes}
        self.out: dict[str, list[Relationship]] = {}
        for one in relationships:
            self.out.setdefault(one.start, []).append(one)

    def of(self, start: str, flag: str) -> dict[str, bool]:
        starts = [start]
        if start == "internet":
            shown = {n.id: n.props["starts_as"] for n in self.nodes.values() if "shown" in n.props}
            starts = [str(one) for one in shown.values()] or starts
        every, held = self._ends(starts, flag, False), self._ends(starts, flag, True)
        return {
            one: one not in held
            for one in every.difference(map(self._node, starts))
            if not set(self.nodes[one].labels).intersection(PASSED)
        }

    def _ends(self, starts: list[str], flag: str, is_held: bool) -> set[str]:
        seen, queue = set(starts), list(starts)
        while queue:
            for step in self.out.get(queue.pop(), ()):
                follows = step.props["follows"] and step.props[flag]
                if follows and not (is_held and step.props["lateral"]) and step.end not in seen:
                    seen.add(step.end)
                    queue.append(step.end)
        return set(map(self._node, seen))

    def _node(self, one: str) -> str:
        return str(self.nodes[one].props.get("of") or one)


PASSED = {"PrincipalSet", "ResourceSet", "NetworkGroup", "NetworkTarget", "NetworkRange"}
