"""Attack paths and what follows from control of a thing, each rule with its twin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.verdict import Verdict
from queries.answers.attack import Tree
from queries.answers.blast import blast_rows
from queries.answers.paths import admin_goals, data_goals, found_paths, path_rows
from queries.answers.ways import Goal
from tests.queries.attack_world import PARTIES, B, Made, web

ADMIN = f"account:{B}"


def paths(made, start="internet", goal=None):
    graph = made.graph()
    starts = graph.public_sources() if start == "internet" else [start]
    goals = [Goal(goal, had=goal.startswith("account:"))] if goal else admin_goals(graph)
    return path_rows(graph, starts, goals, PARTIES)


def ways(rows):
    return [
        (str(row.verdict), " ".join([row.own["from"], *(hop["id"] for hop in row.own["hops"])]))
        for row in rows
    ]


def blast(made, *starts):
    rows = blast_rows(made.graph(), starts, PARTIES)
    return {(row.id, row.own["class"]): str(row.verdict) for row in rows}


def test_from_the_internet_through_a_machine_and_two_roles_to_admin():
    (row,) = paths(web())
    assert ways([row]) == [("yes", f"internet alb1 i1 role1 role2 {ADMIN}")]
    assert row.own["steps"] == 5
    assert row.severity == "critical"
    assert row.own["techniques"] == ["sts-001"]


@pytest.mark.parametrize("gone", range(5))
def test_without_any_one_step_there_is_no_path(gone):
    made = web()
    del made.steps[gone]
    assert paths(made) == []


def test_a_door_leads_on_for_the_source_that_it_does_so_for():
    made = web()
    made.steps[1]["source"] = "org"
    assert paths(made) == []


def test_a_door_leads_on_in_the_family_in_which_it_is_reached():
    made = web()
    made.steps[1]["family"] = "ipv6"
    assert paths(made) == []
    made.steps[1]["family"] = None
    assert len(paths(made)) == 1


def test_a_path_has_the_verdict_of_its_weakest_step_and_all_conditions():
    made = web()
    made.steps[3]["verdict"], made.steps[3]["conditions"] = "conditional", ["context:y"]
    (row,) = paths(made)
    assert (str(row.verdict), row.answer.conditions) == ("conditional", ("context:y",))


def test_a_stronger_way_goes_before_a_shorter_one():
    made = web().step("role1", "CAN_ESCALATE_TO", ADMIN, "conditional", technique="iam-001")
    assert ways(paths(made)) == [("yes", f"internet alb1 i1 role1 role2 {ADMIN}")]
    made.steps[-1]["verdict"], made.steps[-1]["conditions"] = "yes", []
    assert ways(paths(made)) == [("yes", f"internet alb1 i1 role1 {ADMIN}")]


def test_machines_through_which_the_same_path_leads_are_one_way_in():
    made = web().step("alb1", "TARGETS", "i2", source="internet").step("i2", "HAS_ROLE", "role1")
    (row,) = paths(made)
    assert (row.own["hops"][1]["id"], row.own["alike"]) == ("i1", ["i2"])


@pytest.mark.parametrize(
    "changed", [{"ports": ["tcp/22"]}, {"verdict": "conditional", "conditions": ["authn:a=b"]}]
)
def test_machines_that_are_reached_in_other_ways_are_ways_in_of_their_own(changed):
    made = web().step("alb1", "TARGETS", "i2", source="internet", **changed)
    made.step("i2", "HAS_ROLE", "role1")
    assert [row.own["alike"] for row in paths(made)] == [[], []]


def test_a_machine_with_another_role_is_a_way_in_of_its_own():
    made = web().step("alb1", "TARGETS", "i2", source="internet").step("i2", "HAS_ROLE", "role9")
    made.step("role9", "CAN_ASSUME", "role2")
    assert len(paths(made)) == 2


def test_a_way_over_a_machines_network_is_told_where_nothing_as_sure_leads_there_without():
    made = web().step("internet", "CAN_REACH", "i8").step("i8", "IN_GROUP", "group1")
    made.step("group1", "CAN_REACH", "i9").step("i9", "HAS_ROLE", "role2")
    graph = made.graph()
    found = found_paths(graph, graph.public_sources(), admin_goals(graph), PARTIES)
    assert [row.own["lateral"] for row in found.rows] == [False]
    assert found.lateral_left_out == 1
    assert len(paths(made)) == 2
    made.steps[3]["verdict"], made.steps[3]["conditions"] = "conditional", ["context:z"]
    graph = made.graph()
    found = found_paths(graph, graph.public_sources(), admin_goals(graph), PARTIES)
    told = [(str(row.verdict), row.own["lateral"]) for row in found.rows]
    assert told == [("yes", True), ("conditional", False)]


def test_two_sources_through_the_same_machine_are_one_row_each_way():
    made = web().step("internet", "CAN_ASSUME", "role2", "conditional")
    assert ways(paths(made)) == [
        ("yes", f"internet alb1 i1 role1 role2 {ADMIN}"),
        ("conditional", f"internet role2 {ADMIN}"),
    ]


def test_the_internet_is_what_public_shows_and_no_named_organisation():
    made = Made().step("org", "CAN_ASSUME", "role2").step("role2", "HAS_ADMIN", ADMIN)
    assert paths(made) == []
    assert len(paths(made, "org")) == 1


def test_access_to_data_ends_a_way_and_a_function_that_anyone_runs_goes_on():
    made = (
        Made()
        .step("internet", "CAN_ACCESS", "fn1", actions=["lambda:GetFunction"])
        .step("fn1", "HAS_ROLE", "role1")
        .step("role1", "HAS_ADMIN", ADMIN)
    )
    assert paths(made) == []
    made.steps[0]["actions"] = ["lambda:InvokeFunction"]
    assert len(paths(made)) == 1


def test_who_may_run_a_function_does_not_hold_it_but_who_may_rewrite_it_does():
    made = Made().step("role9", "CAN_ACCESS", "fn1", actions=["lambda:InvokeFunction"])
    made.step("fn1", "HAS_ROLE", "role1").step("role1", "HAS_ADMIN", ADMIN)
    assert paths(made, "role9") == []
    made.steps[0]["actions"] = ["lambda:UpdateFunctionCode"]
    assert len(paths(made, "role9")) == 1


def test_who_reaches_a_control_plane_has_not_the_role_of_what_runs_behind_it():
    made = web()
    made.steps[2]["reached"] = False
    assert paths(made) == []
    made.step("user1", "CAN_EXECUTE_ON", "i1")
    assert len(paths(made, "user1")) == 1


def lateral():
    return (
        Made()
        .step("i1", "IN_GROUP", "group1")
        .step("group1", "CAN_REACH", "target1", family="ipv4")
        .step("target1", "TARGETS", "i2")
        .step("i2", "HAS_ROLE", "role2")
        .step("role2", "HAS_ADMIN", ADMIN)
    )


def test_a_machine_reached_from_a_machine_is_reached_and_not_controlled():
    made = lateral()
    assert blast(made, "i1")["i2", "network-only"] == "yes"
    (row,) = paths(made, "i1")
    assert row.own["lateral"] is True
    made.step("i1", "HAS_ROLE", "role1").step("role1", "CAN_EXECUTE_ON", "i2")
    found = blast(made, "i1")
    assert found["i2", "machine"] == "yes"
    assert ("i2", "network-only") not in found
    assert [row.own["lateral"] for row in paths(made, "i1")] == [False, True]


def test_reached_more_surely_than_controlled_is_told_twice():
    made = lateral().step("i1", "CAN_EXECUTE_ON", "i2", "conditional")
    found = blast(made, "i1")
    assert found["i2", "machine"] == "conditional"
    assert found["i2", "network-only"] == "yes"


def test_steps_that_ask_for_different_source_identities_are_no_path():
    made = Made().step("user1", "CAN_ASSUME", "role1", session=["sts:sourceidentity=a"])
    made.step("role1", "CAN_ASSUME", "role2", session=["sts:sourceidentity=b"])
    made.step("role2", "HAS_ADMIN", ADMIN)
    assert paths(made, "user1") == []
    made.steps[1]["session"] = ["sts:sourceidentity=a"]
    assert len(paths(made, "user1")) == 1


def test_what_the_start_may_use_itself_is_not_told_by_longer_ways():
    made = Made().step("user1", "CAN_ACCESS", "bucket1").step("user1", "CAN_ASSUME", "role1")
    made.step("role1", "CAN_ACCESS", "bucket1")
    graph = made.graph()
    rows = path_rows(graph, ["user1"], data_goals(graph), PARTIES)
    assert ways(rows) == [("yes", "user1 bucket1")]
    made.steps[0]["verdict"], made.steps[0]["conditions"] = "conditional", ["context:z"]
    graph = made.graph()
    rows = path_rows(graph, ["user1"], data_goals(graph), PARTIES)
    assert ways(rows) == [("yes", "user1 role1 bucket1"), ("conditional", "user1 bucket1")]


def test_reading_something_hides_no_longer_way_that_gives_more_of_it():
    made = Made().step("internet", "CAN_ACCESS", "bucket1", level="read")
    made.step("internet", "CAN_ASSUME", "role1").step(
        "role1", "CAN_ACCESS", "bucket1", level="admin"
    )
    graph = made.graph()
    rows = path_rows(graph, ["internet"], data_goals(graph), PARTIES)
    assert ways(rows) == [("yes", "internet bucket1"), ("yes", "internet role1 bucket1")]
    made.steps[-1]["level"] = "read"
    graph = made.graph()
    rows = path_rows(graph, ["internet"], data_goals(graph), PARTIES)
    assert ways(rows) == [("yes", "internet bucket1")]


def test_a_way_in_is_told_though_another_leads_to_it_sooner():
    made = web().step("internet", "CAN_ASSUME", "role5").step("role5", "CAN_EXECUTE_ON", "i1")
    assert ways(paths(made)) == [
        ("yes", f"internet alb1 i1 role1 role2 {ADMIN}"),
        ("yes", f"internet role5 i1 role1 role2 {ADMIN}"),
    ]


def test_a_function_first_run_and_then_rewritten_is_held():
    made = Made().step("internet", "CAN_ACCESS", "fn1", actions=["lambda:InvokeFunction"])
    made.step("fn1", "HAS_ROLE", "role1", reached=False).step("role1", "HAS_ADMIN", ADMIN)
    assert paths(made) == []
    made.step("internet", "CAN_ACCESS", "fn1", actions=["lambda:UpdateFunctionCode"])
    assert len(paths(made)) == 1
    assert (ADMIN, "admin") in blast(made, "internet")


def test_a_function_that_anyone_runs_hides_no_other_way_in():
    made = web().step("internet", "CAN_ACCESS", "fn1", actions=["lambda:InvokeFunction"])
    made.step("fn1", "HAS_ROLE", "role3").step("role3", "HAS_ADMIN", ADMIN)
    assert len(paths(made)) == 2


def test_what_one_start_may_use_itself_hides_no_way_of_another():
    made = Made().step("user1", "CAN_ACCESS", "bucket1").step("user2", "CAN_ASSUME", "role1")
    made.step("role1", "CAN_ACCESS", "bucket1")
    graph = made.graph()
    rows = path_rows(graph, ["user1", "user2"], data_goals(graph), PARTIES)
    assert ways(rows) == [("yes", "user1 bucket1"), ("yes", "user2 role1 bucket1")]


def test_an_admin_does_not_control_whom_a_deny_keeps_out_of_its_reach():
    made = Made().step("user1", "HAS_ADMIN", "account:111111111111", limits=["role1"])
    made.step("account:111111111111", "CONTROLS", "role1").step("role1", "HAS_ADMIN", ADMIN)
    assert paths(made, "user1", ADMIN) == []
    made.step("user2", "HAS_ADMIN", "account:111111111111")
    assert len(paths(made, "user2", ADMIN)) == 1


def test_members_of_a_set_of_resources_are_reached():
    made = Made().step("user1", "IN_GROUP", "set1").step("set1", "CAN_ACCESS", "rset1")
    made.step("rset1", "TARGETS", "bucket1").step("rset1", "TARGETS", "bucket2")
    found = blast(made, "user1")
    assert found == {("bucket1", "data"): "yes", ("bucket2", "data"): "yes"}


def test_classes_of_what_follows():
    made = web()
    made.node("bucket9", tags=["pii=yes"])
    made.step(ADMIN, "CONTROLS", "vault1").step(ADMIN, "CONTROLS", "user7")
    found = blast(made, "i1")
    assert found == {
        ("role1", "principal"): "yes",
        ("role2", "principal"): "yes",
        (ADMIN, "admin"): "yes",
        ("bucket9", "sensitive-data"): "yes",
        ("vault1", "backup"): "yes",
        ("user7", "principal"): "yes",
    }


def test_dormant_and_unknown_steps_are_told_as_such():
    made = web()
    made.steps[2]["verdict"] = "dormant"
    assert {verdict for verdict, _ in ways(paths(made))} == {"dormant"}
    made.steps[3]["verdict"] = "unknown"
    assert {verdict for verdict, _ in ways(paths(made))} == {"unknown"}


def test_a_circle_of_roles_ends():
    made = Made()
    for number in range(30):
        made.step(f"role{number}", "CAN_ASSUME", f"role{(number + 1) % 30}")
    made.step("role20", "HAS_ADMIN", ADMIN)
    assert [row.own["steps"] for row in paths(made, "role0")] == [21]


def test_dense_mutual_trust_is_walked_once():
    made = Made()
    for one in range(60):
        for other in range(60):
            if one != other:
                made.step(f"role{one}", "CAN_ASSUME", f"role{other}")
    made.step("role59", "HAS_ADMIN", ADMIN)
    assert [row.own["steps"] for row in paths(made, "role0")] == [2, 3]


def test_from_a_role_the_paths_left_when_one_step_is_cut_are_told_too():
    made = Made().step("role1", "CAN_ASSUME", "role2").step("role2", "HAS_ADMIN", ADMIN)
    assert len(paths(made, "role1")) == 1
    made.step("role1", "CAN_ESCALATE_TO", "role3").step("role3", "HAS_ADMIN", ADMIN)
    assert ways(paths(made, "role1")) == [
        ("yes", f"role1 role2 {ADMIN}"),
        ("yes", f"role1 role3 {ADMIN}"),
    ]


edges = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.sampled_from(["CAN_ASSUME", "CAN_ESCALATE_TO", "HAS_ADMIN"]),
        st.integers(0, 7),
        st.sampled_from(["yes", "conditional", "unknown"]),
    ),
    max_size=20,
)


def drawn(steps):
    made = Made()
    made.node("role0")
    for start, how, end, verdict in steps:
        goal = f"account:{B}" if how == "HAS_ADMIN" else f"role{end}"
        made.step(f"role{start}", how, goal, verdict)
    return made


def best(made):
    return {(row.id): row.verdict.rank for row in blast_rows(made.graph(), ["role0"], PARTIES)}


@given(edges, st.randoms(use_true_random=False))
def test_the_order_of_steps_changes_nothing(steps, rng):
    shuffled = list(steps)
    rng.shuffle(shuffled)
    assert best(drawn(steps)) == best(drawn(shuffled))


@given(edges, st.integers(0, 19))
def test_taking_a_step_away_reaches_nothing_new_and_nothing_more_surely(steps, number):
    fewer = steps[:number] + steps[number + 1 :]
    whole, left = best(drawn(steps)), best(drawn(fewer))
    assert all(whole.get(node, 0) >= rank for node, rank in left.items())


@given(edges)
def test_a_path_is_there_exactly_where_blast_reaches_the_account(steps):
    made = drawn(steps)
    graph = made.graph()
    rows = path_rows(graph, ["role0"], admin_goals(graph), PARTIES)
    reached = blast_rows(graph, ["role0"], PARTIES)
    account = [row.verdict for row in reached if row.id == f"account:{B}"]
    strongest = [max(row.verdict.rank for row in rows)] if rows else []
    assert strongest == [verdict.rank for verdict in account]


@given(edges)
def test_a_tree_by_stronger_steps_is_part_of_the_one_by_weaker(steps):
    graph = drawn(steps).graph()
    sure = Tree(graph, ["role0"], Verdict.YES).nodes.keys()
    assert sure <= Tree(graph, ["role0"], Verdict.UNKNOWN).nodes.keys()


def test_what_one_repository_of_a_provider_may_assume_is_no_step_of_the_internets():
    provider = "fed:oidc-provider/token.actions.githubusercontent.com"
    made = Made()
    made.node(provider)
    made.step(provider, "CAN_ASSUME", "role1").step("role1", "HAS_ADMIN", ADMIN)
    assert len(paths(made)) == 1
    made.steps[0]["guards"] = ["subject exact: repo:acme/app"]
    graph = made.graph()
    starts = graph.public_sources()
    assert path_rows(graph.from_internet(), starts, admin_goals(graph), PARTIES) == []
    assert len(path_rows(graph, [provider], admin_goals(graph), PARTIES)) == 1


def test_of_several_starts_each_has_its_paths():
    made = Made().step("user1", "HAS_ADMIN", ADMIN).step("user2", "HAS_ADMIN", ADMIN)
    graph = made.graph()
    rows = path_rows(graph, ["user1", "user2"], admin_goals(graph), PARTIES)
    assert ways(rows) == [("yes", f"user1 {ADMIN}"), ("yes", f"user2 {ADMIN}")]
