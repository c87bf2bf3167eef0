"""Policies of the account that a principal puts on itself, and boundaries that it widens."""

from __future__ import annotations

from typing import Any

import pytest

from derivation.aws_world import EC2, FULL, LAMBDA, PROD, World, allow, doc, iam
from escalation.identity_lab import (
    ACCOUNT,
    ADMIN,
    GROUP,
    ROLE,
    SELF_ROLE,
    bounded,
    group,
    managed,
)
from escalation.technique_lab import ATTACKER, TechniqueWorld, deny, found

Json = dict[str, Any]
LIMIT = iam("policy", "limit")
BROAD = iam("policy", "broad")
NARROW = iam("policy", "narrow")
WAY = (allow("iam:PassRole", ROLE), allow(["lambda:CreateFunction", "lambda:InvokeFunction"]))


def world_of() -> World:
    world = TechniqueWorld()
    managed(world, BROAD, [FULL])
    managed(world, NARROW, [allow("s3:GetObject")])
    world.role("victim", [LAMBDA])
    world.role("bystander", [EC2])
    return world


def gained(world: World, technique: str, who: str = ATTACKER) -> dict[str, str]:
    rows = found(world, technique, who)
    return {end: str(one.props["verdict"]) for end, one in rows.items()}


def only(key: str, *policies: str) -> Json:
    return {"Condition": {"ArnLike": {key: list(policies)}}}


@pytest.mark.technique("x-iam-setdefaultpolicyversion")
@pytest.mark.parametrize(
    ("older", "action", "enough"),
    [
        (FULL, "iam:SetDefaultPolicyVersion", True),
        (allow("s3:*"), "iam:SetDefaultPolicyVersion", False),
        (FULL, "iam:GetPolicyVersion", False),
    ],
    ids=["broad", "narrow", "no-right"],
)
def test_an_older_version_of_the_own_boundary_is_put_in_force(
    older: Json, action: str, enough: bool
) -> None:
    world = world_of()
    managed(world, LIMIT, [older], [allow(action, LIMIT)])
    world.user("mallory", FULL, **bounded(LIMIT))
    expected = {ACCOUNT: "yes"} if enough else {}
    assert gained(world, "x-iam-setdefaultpolicyversion") == expected


@pytest.mark.technique("iam-001")
@pytest.mark.parametrize(("versions", "enough"), [(4, True), (5, False)])
def test_a_new_version_of_the_own_boundary_needs_room(versions: int, enough: bool) -> None:
    world = world_of()
    managed(world, LIMIT, *[[allow("iam:CreatePolicyVersion", LIMIT)]] * versions)
    world.user("mallory", FULL, **bounded(LIMIT))
    assert gained(world, "iam-001") == ({ACCOUNT: "yes"} if enough else {})


@pytest.mark.technique("iam-024", "x-iam-putrolepb")
@pytest.mark.parametrize("kind", ["user", "role"])
@pytest.mark.parametrize(("policy", "enough"), [(BROAD, True), (NARROW, False), (ADMIN, True)])
def test_the_boundary_is_replaced_by_a_policy_that_the_condition_lets_through(
    kind: str, policy: str, enough: bool
) -> None:
    action = f"iam:Put{kind.title()}PermissionsBoundary"
    world = world_of()
    managed(world, LIMIT, [allow(action) | only("iam:PermissionsBoundary", policy)])
    if kind == "user":
        world.user("mallory", FULL, **bounded(LIMIT))
    else:
        world.role("mallory", [EC2], FULL, **bounded(LIMIT))
    technique = "iam-024" if kind == "user" else "x-iam-putrolepb"
    who = ATTACKER if kind == "user" else SELF_ROLE
    assert gained(world, technique, who) == ({ACCOUNT: "yes"} if enough else {})


@pytest.mark.technique("iam-008", "iam-009")
@pytest.mark.parametrize("kind", ["user", "role"])
@pytest.mark.parametrize(
    ("named", "enough"),
    [(BROAD, True), (NARROW, False), (iam("policy", "*"), True), (iam("policy", "n*"), False)],
    ids=["broad", "narrow", "all-own", "others"],
)
def test_a_broad_policy_of_the_account_serves_as_well(kind: str, named: str, enough: bool) -> None:
    world = world_of()
    who = ATTACKER if kind == "user" else SELF_ROLE
    right = allow(f"iam:Attach{kind.title()}Policy", who) | only("iam:PolicyARN", named)
    if kind == "user":
        world.user("mallory", right)
    else:
        world.role("mallory", [EC2], right)
    technique = "iam-008" if kind == "user" else "iam-009"
    assert gained(world, technique, who) == ({ACCOUNT: "yes"} if enough else {})


@pytest.mark.technique("iam-008")
@pytest.mark.parametrize("there", [True, False])
def test_a_deny_of_the_policies_of_aws_alone_leaves_those_of_the_account(there: bool) -> None:
    world = world_of()
    if not there:
        managed(world, BROAD, [allow("s3:*")])
    aws = deny("iam:AttachUserPolicy") | only("iam:PolicyARN", "arn:aws:iam::aws:policy/*")
    world.user("mallory", allow("iam:AttachUserPolicy", ATTACKER), aws)
    assert gained(world, "iam-008") == ({ACCOUNT: "yes"} if there else {})


@pytest.mark.technique("iam-010")
@pytest.mark.parametrize(("named", "enough"), [(BROAD, True), (NARROW, False)])
def test_a_group_gets_a_policy_of_the_account(named: str, enough: bool) -> None:
    world = world_of()
    group(world, GROUP)
    right = allow("iam:AttachGroupPolicy", GROUP) | only("iam:PolicyARN", named)
    world.user("mallory", right, GroupList=["staff"])
    assert gained(world, "iam-010") == ({ACCOUNT: "yes"} if enough else {})


@pytest.mark.technique("iam-008")
@pytest.mark.parametrize("whole", [True, False])
def test_a_policy_of_the_account_that_passes_a_role_is_a_first_step(whole: bool) -> None:
    world = world_of()
    managed(world, NARROW, list(WAY) if whole else [WAY[0]])
    right = allow("iam:AttachUserPolicy", ATTACKER) | only("iam:PolicyARN", NARROW)
    world.user("mallory", right)
    assert gained(world, "iam-008") == ({ROLE: "yes"} if whole else {})


@pytest.mark.technique("iam-026")
@pytest.mark.parametrize(("elsewhere", "enough"), [(False, True), (True, False)])
def test_two_policies_that_deny_are_deleted_one_after_the_other(
    elsewhere: bool, enough: bool
) -> None:
    no = {"Effect": "Deny", "NotAction": ["iam:DeleteUserPolicy"], "Resource": "*"}
    rows = [("all", FULL), ("one", no), ("two", no)]
    inline = [{"PolicyName": name, "PolicyDocument": doc(row)} for name, row in rows]
    world = world_of()
    more: Json = {"AttachedManagedPolicies": []}
    if elsewhere:
        managed(world, LIMIT, [no])
        more = {"AttachedManagedPolicies": [{"PolicyArn": LIMIT, "PolicyName": "limit"}]}
    world.user("mallory", UserPolicyList=inline, **more)
    assert gained(world, "iam-026") == ({f"account:{PROD}": "yes"} if enough else {})
