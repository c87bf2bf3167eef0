"""Laws of escalation on drawn worlds: less allowed is less gained, and every step stands proof."""

from __future__ import annotations

import ast
import copy
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivation.aws_world import DEV, EC2, FULL, LAMBDA, PROD, World, allow, iam, trusting
from escalation.identity_lab import GROUP, POLICY, attached, group, managed
from escalation.technique_lab import TechniqueWorld, deny, with_scp
from graph.derive import derive
from graph.iam.evaluate import evaluate
from graph.iam.from_snapshot import from_snapshot
from graph.iam.request import Request
from graph.records import Relationship
from graph.verdict import Verdict
from snapshot_files import REGION

FUNCTION = f"arn:aws:lambda:{REGION}:{PROD}:function:job"
INSTANCE = f"arn:aws:ec2:{REGION}:{PROD}:instance/i-1"
TYPES = ("CAN_ESCALATE_TO", "CAN_EXECUTE_ON")
ACTIONS = (
    "iam:PassRole",
    "iam:CreateAccessKey",
    "iam:UpdateAssumeRolePolicy",
    "iam:PutRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreatePolicyVersion",
    "iam:AddUserToGroup",
    "lambda:CreateFunction",
    "lambda:InvokeFunction",
    "lambda:UpdateFunctionCode",
    "ec2:RunInstances",
    "ssm:SendCommand",
    "ssm:StartSession",
    "sts:AssumeRole",
    "*",
)
RESOURCES = (
    "*",
    iam("role", "*"),
    iam("role", "runner"),
    iam("user", "ann"),
    iam("user", "${aws:username}"),
    FUNCTION,
    INSTANCE,
    GROUP,
    POLICY,
)
STATEMENTS = st.builds(
    lambda effect, actions, resource: {
        "Effect": effect,
        "Action": sorted(actions),
        "Resource": resource,
    },
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
    st.sets(st.sampled_from(ACTIONS), min_size=1, max_size=4),
    st.sampled_from(RESOURCES),
)
PEOPLE = ("ann", "bob", "eve")
WORLDS = st.fixed_dictionaries(
    {name: st.lists(STATEMENTS, min_size=0, max_size=4) for name in PEOPLE}
)
Drawn = dict[str, list[dict[str, Any]]]
FEW = settings(max_examples=12)


def world_of(drawn: Drawn) -> World:
    """Three users with drawn policies among roles, a function, an instance and a group."""
    world = TechniqueWorld(read={"lambda:function", "ec2:instance", "ssm:managed-instance"})
    managed(world, POLICY, [allow("s3:GetObject")])
    group(world, GROUP, FULL)
    for name, statements in drawn.items():
        more = attached(POLICY) if name == "ann" else {}
        world.user(name, *statements, **more)
    runner = world.role("runner", [LAMBDA, EC2], allow("iam:*"))
    world.profile("runner", runner)
    world.role("other", [trusting({"AWS": iam("user", "bob")})], allow("lambda:*"))
    world.add("lambda:function", FUNCTION, {"FunctionArn": FUNCTION, "Role": runner}, region=REGION)
    world.instance("i-1", iam("instance-profile", "runner"))
    agent = f"arn:aws:ssm:{REGION}:{PROD}:managed-instance/i-1"
    told = {"InstanceId": "i-1", "PingStatus": "Online"}
    world.add("ssm:managed-instance", agent, told, region=REGION)
    return world


def drawn_in(world: World) -> list[Relationship]:
    with tempfile.TemporaryDirectory() as folder:
        return [row for row in world.derive(Path(folder)).relationships if row.type in TYPES]


def firm(rows: list[Relationship], without: set[str]) -> set[tuple[str, str, str]]:
    """What is gained, of those who are no admins in one of two worlds."""
    return {
        (row.start, row.end, str(row.props["technique"]))
        for row in rows
        if row.start not in without and row.props["verdict"] in ("yes", "conditional")
    }


def admins(world: World) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        return {
            row.start
            for row in world.derive(Path(folder)).relationships
            if row.type == "HAS_ADMIN" and row.props["verdict"] == "yes"
        }


def compared(less: World, more: World) -> tuple[set[Any], set[Any]]:
    """What two worlds give, those left out who gain nothing more for they are admins in one."""
    out = admins(less) | admins(more)
    return firm(drawn_in(less), out), firm(drawn_in(more), out)


@given(WORLDS, st.sampled_from(PEOPLE), st.integers(0, 3))
@FEW
def test_taking_an_allow_away_adds_nothing(drawn: Drawn, name: str, number: int) -> None:
    allowed = [row for row in drawn[name] if row["Effect"] == "Allow"]
    if not allowed:
        return
    gone = allowed[number % len(allowed)]
    fewer = {**drawn, name: [row for row in drawn[name] if row is not gone]}
    less, more = compared(world_of(fewer), world_of(drawn))
    assert less <= more


@given(WORLDS, st.sampled_from(PEOPLE), st.sampled_from(ACTIONS))
@FEW
def test_adding_a_deny_adds_nothing_but_ways_around_it(
    drawn: Drawn, name: str, action: str
) -> None:
    denied = {**drawn, name: [*drawn[name], deny(action)]}
    less, more = compared(world_of(denied), world_of(drawn))
    around = {"iam-026", "iam-025"}
    assert {row for row in less if row[2] not in around} <= more


@given(WORLDS, st.sampled_from(ACTIONS))
@FEW
def test_an_scp_that_denies_more_adds_nothing(drawn: Drawn, action: str) -> None:
    world = world_of(drawn)
    less, more = compared(with_scp(world, deny(action)), with_scp(world))
    assert less <= more


@given(WORLDS)
@FEW
def test_every_step_is_confirmed_by_the_engine_call_by_call(drawn: Drawn) -> None:
    world = world_of(drawn)
    with tempfile.TemporaryDirectory() as folder:
        snapshot = world.write(Path(folder))
        facts = from_snapshot(snapshot)
        found = [
            one
            for one in derive(snapshot).judgements
            if one.question == "escalate" and one.answer.verdict is Verdict.YES
        ]
        for one in found:
            for member in one.members or (one.source,):
                for action in one.actions:
                    assert allowed_somewhere(facts, member, action), (member, one.mechanism, action)


def allowed_somewhere(facts: Any, member: str, action: str) -> bool:
    """Whether a principal may make a call on some resource that its own statements name."""
    who = facts.principals[member]
    named = {
        entry
        for policy in who.policies
        for row in getattr(policy.document, "statements", ())
        for entry in row.resources or ("*",)
    }
    if action == "sts:AssumeRole":
        return True
    return any(
        evaluate(facts, Request(who, action, one, PROD, pattern="*" in one)).verdict
        in (Verdict.YES, Verdict.CONDITIONAL)
        for one in {*named, "*", FUNCTION, INSTANCE, iam("role", "runner")}
    )


@given(WORLDS)
@FEW
def test_admins_gain_nothing_in_their_account(drawn: Drawn) -> None:
    world = world_of({**drawn, "eve": [FULL]})
    assert iam("user", "eve") in admins(world)
    assert not [row for row in drawn_in(world) if row.start in admins(world)]


@given(WORLDS, st.randoms(use_true_random=False))
@FEW
def test_the_order_of_statements_and_lines_changes_nothing(drawn: Drawn, order: Any) -> None:
    world = world_of(drawn)
    twin = TechniqueWorld(read={"lambda:function", "ec2:instance", "ssm:managed-instance"})
    keys = list(world.lines)
    order.shuffle(keys)
    for key in keys:
        rows = list(copy.deepcopy(world.lines[key]).items())
        order.shuffle(rows)
        for _, line in rows:
            for policy in line["item"].get("UserPolicyList", ()):
                order.shuffle(policy["PolicyDocument"]["Statement"])
        twin.lines[key] = dict(rows)
    assert shape(drawn_in(twin)) == shape(drawn_in(world))


def shape(rows: list[Relationship], names: dict[str, str] | None = None) -> set[tuple[str, ...]]:
    found = set()
    for row in rows:
        told = (row.type, row.start, row.end, str(row.props["technique"]))
        for old, new in (names or {}).items():
            told = tuple(text.replace(old, new) for text in told)  # type: ignore[assignment]
        found.add((*told, str(row.props["verdict"])))
    return found


@given(WORLDS)
@settings(max_examples=6)
def test_another_number_of_the_account_gives_the_same_shape(drawn: Drawn) -> None:
    world = world_of(drawn)
    text = repr(world.lines).replace(PROD, DEV)
    twin = TechniqueWorld(read={"lambda:function", "ec2:instance", "ssm:managed-instance"})
    twin.lines = {(DEV, region, kind): rows for (_, region, kind), rows in _read(text).items()}
    assert shape(drawn_in_account(twin, DEV)) == shape(drawn_in(world), {PROD: DEV})


def _read(text: str) -> dict[tuple[str, str, str], Any]:
    found: dict[tuple[str, str, str], Any] = ast.literal_eval(text)
    return found


def drawn_in_account(world: World, account: str) -> list[Relationship]:
    """As :func:`drawn_in`, of a world whose ledger is another account's."""

    class Moved(TechniqueWorld):
        def ledger(self) -> list[dict[str, Any]]:
            return [{**row, "account_id": account} for row in super().ledger()]

    assert isinstance(world, TechniqueWorld)
    return drawn_in(Moved(world.lines, read=world.read))


@pytest.mark.parametrize("name", PEOPLE)
def test_the_worlds_can_gain_something(name: str) -> None:
    drawn: Drawn = {one: [] for one in PEOPLE}
    drawn[name] = [allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])]
    rows = firm(drawn_in(world_of(drawn)), set())
    assert (iam("user", name), iam("role", "runner"), "lambda-001") in rows
