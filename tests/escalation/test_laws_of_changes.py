"""Laws of what is gained by a change of oneself, or through a principal that is gained anyway."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from derivation.aws_world import EC2, LAMBDA, PROD, World, allow, iam, trusting
from escalation.identity_lab import GROUP, POLICY, attached, bounded, credentials, group, managed
from escalation.technique_lab import TechniqueWorld, deny, derived, with_scp

PEOPLE = ("ann", "bob")
LIMIT = iam("policy", "limit")
ACTIONS = (
    "iam:AddUserToGroup",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:TagUser",
    "iam:UpdateAssumeRolePolicy",
    "sts:AssumeRole",
)
RESOURCES = ("*", iam("role", "runner"), iam("user", "ann"), iam("user", "bob"), GROUP, POLICY)
STATEMENTS = st.builds(
    lambda actions, resource: allow(sorted(actions), resource),
    st.sets(st.sampled_from(ACTIONS), min_size=1, max_size=3),
    st.sampled_from(RESOURCES),
)
Drawn = dict[str, list[dict[str, Any]]]
WORLDS = st.fixed_dictionaries({name: st.lists(STATEMENTS, max_size=3) for name in PEOPLE})
FEW = settings(max_examples=12)
WAY = [allow("iam:PassRole"), allow(["lambda:CreateFunction", "lambda:InvokeFunction"])]


def world_of(drawn: Drawn) -> World:
    """Ann has a boundary and a policy with an older version; a group passes roles."""
    world = TechniqueWorld()
    managed(world, POLICY, WAY, [allow("s3:GetObject")])
    managed(world, LIMIT, [allow(["iam:*", "lambda:*", "sts:*"])])
    group(world, GROUP, *WAY)
    world.role("runner", [LAMBDA])
    world.role("other", [EC2, trusting({"AWS": iam("role", "runner")})])
    for name, statements in drawn.items():
        more = {**attached(POLICY), **bounded(LIMIT)} if name == "ann" else {}
        world.user(name, *statements, **more)
        credentials(world, iam("user", name), [], password=False, mfa=False)
    return world


def gained(world: World) -> set[tuple[str, str]]:
    """Who gains what; an account counts as had by whoever is its admin."""
    rows = derived(world).relationships
    wanted = ("CAN_ESCALATE_TO", "CAN_ASSUME", "HAS_ADMIN")
    return {
        (row.start, row.end)
        for row in rows
        if row.type in wanted and row.props["possible"] and row.start.startswith("arn:")
    }


def covered(less: World, more: World) -> bool:
    """Whether all that is gained in one world is gained in another, by itself or the account."""
    there = gained(more)
    return all(row in there or (row[0], f"account:{PROD}") in there for row in gained(less))


@given(WORLDS, st.sampled_from(PEOPLE), st.integers(0, 2))
@FEW
def test_taking_an_allow_away_adds_no_path(drawn: Drawn, name: str, number: int) -> None:
    if not drawn[name]:
        return
    gone = drawn[name][number % len(drawn[name])]
    fewer = {**drawn, name: [row for row in drawn[name] if row is not gone]}
    assert covered(world_of(fewer), world_of(drawn))


@given(WORLDS, st.sampled_from((*ACTIONS, "iam:PassRole", "lambda:InvokeFunction")))
@FEW
def test_an_scp_that_denies_more_adds_no_path(drawn: Drawn, action: str) -> None:
    world = world_of(drawn)
    assert covered(with_scp(world, deny(action)), with_scp(world))


def test_the_worlds_have_such_paths() -> None:
    join: Drawn = {"ann": [], "bob": [allow("iam:AddUserToGroup", GROUP)]}
    older: Drawn = {"ann": [allow("iam:SetDefaultPolicyVersion", POLICY)], "bob": []}
    runner = iam("role", "runner")
    assert (iam("user", "bob"), runner) in gained(world_of(join))
    assert (iam("user", "ann"), runner) in gained(world_of(older))
    write = [*join["bob"], allow("iam:PutRolePolicy", runner)]
    assert (iam("user", "bob"), f"account:{PROD}") in gained(world_of({**join, "bob": write}))
