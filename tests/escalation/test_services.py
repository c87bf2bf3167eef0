"""Each technique on services, from its own row: it works, and not with one control changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pytest

from derivation.aws_world import PROD, World, allow, iam, trusting
from derivation.workload_lab import named_by, workload_items
from escalation.technique_lab import (
    ATTACKER,
    OTHER_SERVICE,
    SERVICES,
    VICTIM,
    Case,
    TechniqueWorld,
    boundary,
    cases,
    deny,
    fill,
    found,
    gained,
    goals,
    holes,
    satisfy,
    statement,
    statements,
    subject,
    with_attacker,
    with_scp,
    world_of,
)
from graph.escalation.technique import Call, techniques

CASES = cases()
ROLES = [case for case in CASES if case.technique.target.kind == "passed-role"]
WORKLOADS = [case for case in CASES if case.technique.target.kind == "workload"]
CARRIED = [case for case in WORKLOADS if "execute" not in case.technique.gains]
IDS = sorted({case.technique.id for case in CASES})
OPEN = {
    "bedrock-003": "not_collected:resource-policy=",
    "bedrock-004": "not_collected:resource-policy=",
    "bedrock-005": "not_collected:resource-policy=",
    "x-agentcore-updateruntime": "not_collected:resource-policy=",
    "cognitoidentity-001": "context:cognito-identity.amazonaws.com:aud=",
}
"""What the worlds leave open beside what the row says: policies that no call gives, the pool."""


def each(listed: list[Case]) -> Callable[[Any], Any]:
    """Run for each case, and say so for the page of techniques."""
    cases_of = pytest.mark.parametrize("case", listed, ids=str)
    return lambda function: of(listed)(cases_of(function))


def of(listed: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.technique(*sorted({case.technique.id for case in listed}))


def key(call: Call) -> tuple[Any, ...]:
    return (call.action, call.on, call.context)


def enough(case: Case, left: list[Call]) -> bool:
    """Whether what is left allows some set of the technique's calls."""
    allowed = [statement(case, call) for call in left]
    return any(
        all(any(covers(one, statement(case, call)) for one in allowed) for call in group)
        for group in case.technique.groups()
    )


def covers(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether an Allow for one call allows another one too, as its wildcard stands for any id."""
    wide, narrow = one["Resource"], other["Resource"]
    if one["Action"] != other["Action"] or isinstance(wide, list):
        return one == other
    return fnmatchcase(narrow, wide)


def test_every_live_technique_on_services_is_tried() -> None:
    live = {one.id for one in techniques() if one.live and one.target.kind in SERVICES}
    assert live == set(IDS)


@each(CASES)
def test_exactly_its_calls_on_exactly_its_things_give_what_the_row_says(case: Case) -> None:
    world = with_attacker(world_of(case), statements(case))
    rows = found(world, case.technique.id)
    assert rows.keys() == goals(case)
    known = {name for name, _ in case.technique.conditions}
    for one in rows.values():
        conditions = set(map(str, one.props["conditions"]))
        more = conditions - known
        assert known <= conditions
        open_ = OPEN.get(case.technique.id)
        assert all(open_ is not None and name.startswith(open_) for name in more), more
        assert bool(more) is (open_ is not None)
        assert one.props["verdict"] == ("conditional" if conditions else "yes")


@each(CASES)
def test_with_any_one_call_taken_away_nothing_is_gained(case: Case) -> None:
    world = world_of(case)
    for gone in dict.fromkeys(map(key, case.calls)):
        left = [call for call in case.calls if key(call) != gone]
        if not enough(case, left):
            allowed = [statement(case, call) for call in left]
            assert gained(case, with_attacker(world, allowed)) == {}, gone
    for action in actions(case):
        left = [call for call in case.calls if call.action != action]
        if len(left) < len(case.calls) - 1 and not enough(case, left):
            allowed = [statement(case, call) for call in left]
            assert gained(case, with_attacker(world, allowed)) == {}, action


def actions(case: Case) -> list[str]:
    return list(dict.fromkeys(call.action for call in case.calls))


def one_of(case: Case) -> list[str]:
    """One action, another one for other techniques."""
    found = actions(case)
    return [found[sum(map(ord, case.technique.id)) % len(found)]]


EXTENT = pytest.mark.parametrize(
    "denied", [one_of, pytest.param(actions, marks=pytest.mark.long)], ids=["one", "all"]
)


@EXTENT
@each(CASES)
def test_an_scp_that_denies_one_call_ends_it_and_one_that_denies_another_does_not(
    case: Case, denied: Callable[[Case], list[str]]
) -> None:
    world = with_attacker(world_of(case), statements(case))
    for action in denied(case):
        assert gained(case, with_scp(world, deny(action))) == {}, action
    assert gained(case, with_scp(world, deny("support:CreateCase"))).keys() == goals(case)


@EXTENT
@each(CASES)
def test_a_boundary_without_one_call_ends_it_and_one_with_all_does_not(
    case: Case, denied: Callable[[Case], list[str]]
) -> None:
    world = world_of(case)
    without = [([one for one in actions(case) if one != gone], set()) for gone in denied(case)]
    for kept, expected in (*without, (actions(case), goals(case))):
        twin = copy.deepcopy(world)
        bound = boundary(twin, allow([*kept, "support:CreateCase"]))
        attacked = with_attacker(twin, statements(case), PermissionsBoundary=bound)
        assert gained(case, attacked).keys() == expected, kept


@EXTENT
@each(CASES)
def test_a_deny_in_the_policy_ends_it(case: Case, denied: Callable[[Case], list[str]]) -> None:
    world = world_of(case)
    for action in denied(case):
        attacked = with_attacker(world, [*statements(case), deny(action)])
        assert gained(case, attacked) == {}, action


# Decoys


@each(ROLES)
def test_rights_on_another_role_give_neither(case: Case) -> None:
    world = world_of(case)
    decoy = world.role("decoy", [trusting({"Service": OTHER_SERVICE})], allow("s3:GetObject"))
    world.profile("decoy", decoy)
    about = {
        "role": decoy,
        "role_name": "decoy",
        "profile": iam("instance-profile", "decoy"),
        **{one.name: decoy for one in case.technique.others},
    }
    assert gained(case, with_attacker(world, statements(case, about))) == {}
    passing = [call for call in case.calls if call.action == "iam:PassRole"]
    if passing:
        everywhere = [*statements(case), allow("iam:PassRole")]
        assert gained(case, with_attacker(world, everywhere)).keys() == goals(case)


@each(ROLES)
def test_a_role_that_trusts_another_service_is_not_passed(case: Case) -> None:
    world = world_of(case, trust=[trusting({"Service": OTHER_SERVICE})])
    assert gained(case, with_attacker(world, statements(case))) == {}
    nobody = world_of(case, trust=[trusting({"AWS": iam("user", "somebody")})])
    assert gained(case, with_attacker(nobody, statements(case))) == {}


@each([case for case in ROLES if case.technique.target.trusts])
def test_a_role_that_may_be_passed_to_another_service_only_is_not_gained(case: Case) -> None:
    world = world_of(case)
    allowed = statements(case)
    elsewhere = {"StringEquals": {"iam:PassedToService": OTHER_SERVICE}}
    rightly = {"StringEquals": {"iam:PassedToService": list(case.technique.target.trusts)}}
    for wanted, expected in ((elsewhere, set()), (rightly, goals(case))):
        rows = [
            row | ({"Condition": wanted} if row["Resource"] == VICTIM else {}) for row in allowed
        ]
        if rows != allowed:
            assert gained(case, with_attacker(world, rows)).keys() == expected


@each([case for case in ROLES if case.technique.target.profile])
def test_what_stands_in_no_instance_profile_is_no_machines_role(case: Case) -> None:
    held = case.technique.target.profile == "held"
    world = world_of(case)
    for arn in [iam("instance-profile", "victim")]:
        for rows in world.lines.values():
            rows.pop(arn, None)
    if not held:
        world.profile("victim", VICTIM)
    assert gained(case, with_attacker(world, statements(case))) == {}


@each([case for case in CASES if case.technique.target.kind != "passed-role"])
def test_rights_on_another_thing_of_the_type_give_nothing(case: Case) -> None:
    thing = subject(case)["id"]
    world = world_of(case)
    about = {name: f"{text}-other" for name, text in holes(case).items() if thing.endswith(text)}
    allowed = statements(case, about)
    if allowed == statements(case):
        assert case.technique.id in ("codedeploy-001", "x-s3-codewrite"), "named by something else"
        return
    assert gained(case, with_attacker(world, allowed)) == {}


@each(CARRIED)
def test_a_workload_whose_role_trusts_another_service_has_none(case: Case) -> None:
    world = world_of(case, trust=[trusting({"Service": OTHER_SERVICE})])
    assert gained(case, with_attacker(world, statements(case))) == {}


@each([case for case in CASES if case.technique.target.kind != "workload"])
def test_without_the_role_or_thing_there_is_nothing_to_gain(case: Case) -> None:
    assert gained(case, with_attacker(world_of(case, role=False), statements(case))) == {}


def _bare(world: World, case: Case) -> World:
    """A copy in which the things are there and name no role."""
    twin = copy.deepcopy(world)
    for kind in named_by(case.technique.target.type):
        for (_, _, type_id), rows in twin.lines.items():
            if type_id == kind:
                for line in rows.values():
                    line["item"] = _without_roles(line["item"])
                    line["calls"] = _without_roles(line["calls"])
    return twin


def _without_roles(value: Any) -> Any:
    if isinstance(value, dict):
        rows = {name: _without_roles(one) for name, one in value.items()}
        return {name: one for name, one in rows.items() if one is not None}
    if isinstance(value, list):
        return [one for one in map(_without_roles, value) if one is not None]
    named = isinstance(value, str) and (
        ":role/" in value or "instance-profile" in value or value.endswith("-role")
    )
    return None if named else value


@each(WORKLOADS)
def test_a_workload_without_a_role_gives_none_but_can_be_taken(case: Case) -> None:
    world = with_attacker(_bare(world_of(case), case), statements(case))
    assert gained(case, world).keys() == (
        goals(case) if "execute" in case.technique.gains else set()
    )


# What must be there


NEEDY = [case for case in CASES if case.technique.exists]


def _without(world: World, case: Case) -> TechniqueWorld:
    assert isinstance(world, TechniqueWorld)
    for wanted in case.technique.exists:
        for (_, _, type_id), rows in world.lines.items():
            if type_id == wanted.type:
                rows.clear()
    return world


@each(NEEDY)
def test_what_must_exist_and_does_not_ends_it_unless_nobody_looked(case: Case) -> None:
    attacked = with_attacker(world_of(case), statements(case))
    assert gained(case, attacked).keys() == goals(case)
    without = _without(attacked, case)
    assert gained(case, without) == {}
    wanted = {one.type for one in case.technique.exists}
    if wanted & {"iam:instance-profile"}:
        return
    without.read -= wanted
    without.unread |= wanted
    rows = found(without, case.technique.id)
    assert {end: one.props["verdict"] for end, one in rows.items()} == dict.fromkeys(
        goals(case), "conditional"
    )
    told = {name for one in rows.values() for name in one.props["conditions"]}
    assert any(name.startswith(f"not_collected:{kind}") for name in told for kind in wanted)


STATES = [
    (case, where)
    for case in CASES
    if case.number == 0
    for where in case.technique.target.where
    if where.allowed and "*" not in where.at and "[" not in where.at
]


@of([case for case, _ in STATES])
@pytest.mark.parametrize(("case", "where"), STATES, ids=[f"{c}-{w.at}" for c, w in STATES])
def test_another_state_ends_it_or_leaves_it_dormant(case: Case, where: Any) -> None:
    world = world_of(case)
    wrong = type(where)(where.at, ("another",))
    kind = case.technique.target.type
    for (_, _, type_id), rows in world.lines.items():
        if type_id == kind:
            for line in rows.values():
                satisfy(line, [wrong])
    verdicts = set(gained(case, with_attacker(world, statements(case))).values())
    assert verdicts <= ({"dormant"} if where.otherwise == "dormant" else set())


# The harness can fail


def test_a_call_that_the_row_does_not_name_is_not_missed() -> None:
    (case,) = [one for one in CASES if str(one) == "lambda-001-0"]
    allowed = [*statements(case), allow("lambda:GetFunction")]
    assert gained(case, with_attacker(world_of(case), allowed)) == {VICTIM: "yes"}
    assert {row["Action"] for row in statements(case)} == {call.action for call in case.calls}


def test_templates_are_filled_with_names_that_the_attacker_chose() -> None:
    line = workload_items()["lambda:function"]
    (case,) = [one for one in CASES if str(one) == "lambda-001-0"]
    text = fill("arn:{partition}:lambda:{region}:{account}:function:{new}", holes(case), line)
    assert text == f"arn:aws:lambda:eu-west-1:{PROD}:function:made-new"
    assert iam("user", "mallory") == ATTACKER
