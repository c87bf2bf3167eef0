"""The few changes that cut most attack paths: each rule with its twin, and laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.verdict import Verdict
from queries.answers.choke import choke_rows, count, plan_of
from queries.answers.choke_floors import floors
from queries.answers.choke_flow import Flow
from queries.answers.paths import admin_goals, path_rows
from queries.answers.ways import Goal
from tests.queries.attack_world import PARTIES, A, B, Made, web

ADMIN = f"account:{B}"


def flow(made, *starts, goals=None, level=Verdict.CONDITIONAL):
    graph = made.graph()
    begun = starts or graph.public_sources()
    return Flow(graph, begun, goals or admin_goals(graph), level)


def told(made, *starts, **more):
    """Each change: place in the plan, kind, subject, start, cuts, left."""
    walked = flow(made, *starts, **more)
    return [
        (one.plan, str(change.kind), change.subject, change.start, one.cuts, one.left)
        for one in plan_of(walked).cuts
        for change in [walked.changes[one.change]]
    ]


def rows(made, *starts):
    walked = flow(made, *starts)
    graph = walked.graph
    begun = starts or graph.public_sources()
    paths = path_rows(graph, begun, walked.goals, PARTIES)
    return choke_rows(walked, plan_of(walked), paths, PARTIES, ("internet", "admin"))


def second(made):
    """A second way to the same account, apart from the first."""
    return (
        made.step("internet", "CAN_REACH", "i2", family="ipv4", ports=["tcp/22"])
        .step("i2", "HAS_ROLE", "role3")
        .step("role3", "CAN_ASSUME", "role4")
        .step("role4", "HAS_ADMIN", ADMIN)
    )


def test_on_one_path_each_change_cuts_all_and_the_gentlest_is_the_plan():
    assert told(web()) == [
        (1, "trust", "role2", "role1", 1, 0),
        (None, "admin", "role2", "role2", 1, 0),
        (None, "workload-role", "i1", "i1", 1, 0),
        (None, "reach", "alb1", "internet", 1, 0),
    ]


def test_two_paths_apart_need_two_changes():
    found = told(second(web()))
    assert found == [
        (1, "trust", "role2", "role1", 1, 1),
        (2, "trust", "role4", "role3", 1, 0),
    ]
    assert plan_of(flow(second(web()))).fewest == 2


def test_two_paths_that_meet_need_one_change():
    made = second(web())
    made.steps = [step for step in made.steps if step["from_id"] != "role4"]
    made.step("role4", "CAN_ASSUME", "role2")
    assert told(made) == [(1, "admin", "role2", "role2", 2, 0)]
    assert plan_of(flow(made)).fewest == 1


def test_what_lies_side_by_side_behind_one_way_in_is_cut_where_it_is_one():
    made = web().step("role1", "CAN_ASSUME", "role5").step("role5", "HAS_ADMIN", ADMIN)
    assert told(made) == [
        (1, "workload-role", "i1", "i1", 1, 0),
        (None, "reach", "alb1", "internet", 1, 0),
    ]


def test_where_each_change_alone_cuts_nothing_the_minimum_cut_is_taken():
    made = Made().step("user1", "CAN_ASSUME", "role1").step("user1", "CAN_ASSUME", "role2")
    made.step("role1", "HAS_ADMIN", ADMIN).step("role2", "HAS_ADMIN", ADMIN)
    assert told(made, "user1") == [
        (1, "trust", "role1", "user1", 0, 1),
        (2, "trust", "role2", "user1", 1, 0),
    ]


def test_one_change_cuts_all_steps_of_one_technique():
    more = {"technique": "iam-005", "actions": ["iam:PutRolePolicy"]}
    made = Made().step("user1", "CAN_ESCALATE_TO", "role1", **more)
    made.step("user1", "CAN_ESCALATE_TO", "role2", **more)
    made.step("role1", "HAS_ADMIN", ADMIN).step("role2", "HAS_ADMIN", ADMIN)
    assert told(made, "user1") == [(1, "technique", "user1", "user1", 1, 0)]
    made.steps[1]["actions"] = ["iam:AttachRolePolicy"]
    assert [one[:2] for one in told(made, "user1")] == [(1, "technique"), (2, "technique")]


@pytest.mark.parametrize("kind", ["IN_GROUP", "TARGETS", "CONTROLS"])
def test_membership_and_ownership_are_no_change(kind):
    start, end = {
        "IN_GROUP": ("user1", "set1"),
        "TARGETS": ("rset1", "bucket1"),
        "CONTROLS": (f"account:{A}", "bucket1"),
    }[kind]
    plan = plan_of(flow(Made().step(start, kind, end), start, goals=[Goal(end)]))
    assert (plan.total, plan.cuts, plan.uncut, plan.fewest) == (1, (), 1, None)
    assert plan.left == 1


def test_a_root_user_is_no_change():
    root = f"user:arn:aws:iam::{B}:root"
    made = Made().step(root, "HAS_ADMIN", ADMIN)
    made.nodes["arn:aws:iam::2:root"] = made.nodes.pop(root) | {"id": "arn:aws:iam::2:root"}
    made.steps[0]["from_id"] = "arn:aws:iam::2:root"
    assert plan_of(flow(made, "arn:aws:iam::2:root")).uncut == 1


def test_a_set_of_principals_is_taken_out_of_a_trust_policy_as_one():
    made = Made().step("user1", "IN_GROUP", "set1").step("user2", "IN_GROUP", "set1")
    made.step("set1", "CAN_ASSUME", "role1").step("role1", "HAS_ADMIN", ADMIN)
    assert told(made, "user1", "user2")[0] == (1, "trust", "role1", "set1", 2, 0)


def test_nothing_to_cut():
    made = web()
    del made.steps[0]
    plan = plan_of(flow(made))
    assert (plan.total, plan.cuts, plan.fewest) == (0, (), 0)
    assert rows(made) == []


def test_what_is_only_dormant_counts_when_it_is_asked_for():
    made = web()
    made.steps[2]["verdict"] = "dormant"
    assert plan_of(flow(made)).total == 0
    assert plan_of(flow(made, level=Verdict.DORMANT)).total == 1


def test_a_plan_has_as_many_changes_as_asked():
    made = second(web())
    assert [one.plan for one in plan_of(flow(made), most=1).cuts] == [1]
    assert plan_of(flow(made), most=1).left == 1


def test_a_start_that_the_graph_lacks_leads_nowhere():
    assert plan_of(flow(web(), "role99")).total == 0


def test_rows_say_what_to_do_and_what_is_left():
    first, *others = rows(web())
    assert first.own["change"] == f"Take role1 of {A} out of the trust policy of role2 of {A}."
    assert first.answer.why.endswith("It cuts the only path.")
    assert (first.id, first.severity, str(first.verdict)) == ("role2", "critical", "yes")
    assert (first.own["cuts"], first.own["left"], first.own["total"]) == (1, 0, 1)
    assert {row.own["plan"] for row in others} == {None}
    assert all(row.own["every_path"] and row.own["minimum"] for row in (first, *others))
    assert len({row.key for row in (first, *others)}) == 4


def test_the_verdict_of_a_change_is_that_of_the_paths_that_it_cuts():
    made = second(web())
    made.steps[2] |= {"verdict": "conditional", "conditions": ["context:x"]}
    found = {row.id: (str(row.verdict), row.answer.conditions) for row in rows(made)}
    assert found == {"role2": ("conditional", ("context:x",)), "role4": ("yes", ())}


def test_words_name_the_policy_the_ports_and_the_profile():
    made = web()
    made.steps[2]["mechanism"] = "instance-profile"
    made.steps[4]["evidence"] = ["Allowed by managed policy Boss, statement 0."]
    words = {row.own["kind"]: row.own["change"] for row in rows(made)}
    assert words["admin"].endswith("what makes it admin of account 222222222222: managed "
                                   "policy Boss.")  # fmt: skip
    assert words["reach"] == f"Close tcp/443 to internet on alb1 of {A}."
    assert words["workload-role"] == f"Take the instance profile with role1 of {A} off i1 of {A}."


_NODES = ["user1", "role1", "role2", "role3", "i1", "set1", ADMIN]
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["internet", *_NODES]),
        st.sampled_from(
            ["CAN_ASSUME", "HAS_ADMIN", "HAS_ROLE", "IN_GROUP", "CAN_REACH", "CAN_ESCALATE_TO"]
        ),
        st.sampled_from(_NODES),
        st.sampled_from([(), ("k=a",), ("k=b",)]),
    ),
    max_size=16,
)


def _made(steps):
    made = Made()
    made.node("internet")
    made.node(ADMIN)
    for start, how, end, session in steps:
        made.step(start, how, end, session=list(session), actions=[f"x:{how}"])
    return made


@given(_STEPS)
def test_all_changes_of_a_plan_leave_only_what_no_change_cuts(steps):
    walked = flow(_made(steps))
    plan = plan_of(walked, most=100)
    cut = {one.change for one in plan.cuts if one.plan is not None}
    if plan.uncut == 0:
        assert count(walked.pairs(cut)) == 0
        assert plan.fewest is not None
        assert plan.fewest <= len(cut)
    assert count(walked.pairs(cut)) == plan.left >= plan.uncut


@given(_STEPS)
def test_the_numbers_are_those_of_the_graph_without_the_steps(steps):
    made = _made(steps)
    walked = flow(made)
    removed = set()
    for one in (cut for cut in plan_of(walked).cuts if cut.plan is not None):
        removed |= {(x.hop.start.id, x.type, x.hop.end.id) for x in walked.links(one.change)}
        left = Made()
        left.nodes = made.nodes
        left.steps = [
            step
            for step in made.steps
            if (step["from_id"], step["relationship"], step["to_id"]) not in removed
        ]
        graph = left.graph()
        again = Flow(graph, graph.public_sources(), walked.goals, Verdict.CONDITIONAL)
        assert count(again.pairs()) == one.left
        assert bool(path_rows(graph, graph.public_sources(), walked.goals, PARTIES)) == bool(
            one.left
        )


@given(_STEPS)
def test_what_surely_cuts_does_and_bounds_hold(steps):
    walked = flow(_made(steps))
    whole = count(walked.pairs())
    floor, (bound, sure) = floors(walked, ()), walked.bounds(())
    assert sure
    for change in range(len(walked.changes)):
        cuts = whole - count(walked.pairs({change}))
        assert floor.get(change, 0) <= cuts <= bound.get(change, 0)


@given(_STEPS)
def test_a_change_outside_every_path_cuts_none(steps):
    made = _made(steps)
    total = plan_of(flow(made)).total
    made.step("user7", "CAN_ASSUME", "role8").step("role8", "CAN_ASSUME", "role9")
    walked = flow(made)
    assert plan_of(walked).total == total
    assert not any(change.subject in ("role8", "role9") for change in walked.changes)


@given(_STEPS)
def test_the_best_change_is_the_best_of_all(steps):
    walked = flow(_made(steps))
    plan = plan_of(walked)
    whole = walked.pairs()
    best = max(
        (count(whole) - count(walked.pairs({n})) for n in range(len(walked.changes))), default=0
    )
    assert (plan.cuts[0].cuts if plan.cuts else 0) == best
