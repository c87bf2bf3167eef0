"""Who writes a trust policy names whom it likes: it need not assume the role by its own call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from derivation.aws_world import LAMBDA, World, allow, doc, iam
from escalation.identity_lab import ACCOUNT, POLICY, ROLE, attached, managed
from escalation.technique_lab import (
    MANAGEMENT,
    ORG,
    TechniqueWorld,
    deny,
    found,
    with_scp,
)

ASSUME = "sts:AssumeRole"
RETRUST = ["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:AttachRolePolicy"]
MAKE = ["iam:CreateRole", "iam:AttachRolePolicy"]
WRITING = {
    "iam-012": {ROLE},
    "iam-019": {ROLE, ACCOUNT},
    "iam-020": {ROLE, ACCOUNT},
    "iam-021": {ROLE, ACCOUNT},
    "x-iam-createrole": {ACCOUNT},
}
ONLY_US = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}}


def world_of(*more: dict[str, Any]) -> World:
    world = TechniqueWorld()
    managed(world, POLICY, [allow("s3:GetObject")])
    world.role("bystander", [LAMBDA])
    world.role("victim", [LAMBDA], **attached(POLICY))
    world.user(
        "mallory",
        allow(RETRUST, ROLE),
        allow("iam:CreatePolicyVersion", POLICY),
        allow(MAKE, iam("role", "app/*")),
        *more,
    )
    return world


def with_rcp(world: World, condition: dict[str, Any] | None) -> World:
    """A copy whose organisation denies assuming roles by an RCP."""
    twin = with_scp(world)
    for rows in twin.lines.values():
        for line in rows.values():
            if "PolicyTypes" in line["item"]:
                line["item"]["PolicyTypes"].append(
                    {"Type": "RESOURCE_CONTROL_POLICY", "Status": "ENABLED"}
                )
    row = {"Effect": "Deny", "Principal": "*", "Action": ASSUME, "Resource": "*"}
    rows = doc(row | ({"Condition": condition} if condition else {}))
    arn = f"arn:aws:organizations::{MANAGEMENT}:policy/{ORG}/resource_control_policy/p-rcp"
    item = {"Id": "p-rcp", "Name": "p-rcp", "Type": "RESOURCE_CONTROL_POLICY"}
    policy = {"Policy": {"Content": json.dumps(rows)}}
    targets = [{"TargetId": "r-1"}]
    more = {"list_targets_for_policy": targets, "describe_policy": policy}
    twin.add("org:policy", arn, item, account=MANAGEMENT, **more)
    return twin


def gained(world: World, technique: str) -> dict[str, str]:
    rows = found(world, technique)
    return {end: str(one.props["verdict"]) for end, one in rows.items()}


@pytest.mark.technique(*WRITING)
@pytest.mark.parametrize("technique", sorted(WRITING))
def test_a_deny_of_its_own_call_stops_nobody_who_names_a_principal_outside(technique: str) -> None:
    denied = world_of(deny(ASSUME))
    assert gained(denied, technique) == dict.fromkeys(WRITING[technique], "yes")
    for one in found(denied, technique).values():
        actions = one.props["actions"]
        assert isinstance(actions, list)
        assert ASSUME not in actions
        assert any("account of the attacker's" in str(line) for line in one.props["evidence"])
    own = found(world_of(), technique)
    assert own.keys() == WRITING[technique]
    assert all(ASSUME in str(one.props["actions"]) for one in own.values())


@pytest.mark.technique(*WRITING)
@pytest.mark.parametrize("technique", sorted(WRITING))
def test_an_scp_binds_no_principal_outside(technique: str) -> None:
    assert gained(with_scp(world_of(), deny(ASSUME)), technique) == dict.fromkeys(
        WRITING[technique], "yes"
    )


@pytest.mark.technique(*WRITING)
@pytest.mark.parametrize("technique", sorted(WRITING))
def test_an_rcp_of_the_organisation_leaves_principals_of_the_organisation(technique: str) -> None:
    world = world_of(deny(ASSUME))
    (only_us,) = {*gained(with_rcp(world, ONLY_US), technique).values()}
    assert only_us == "conditional"
    for one in found(with_rcp(world, ONLY_US), technique).values():
        assert any("control-of" in str(line) for line in one.props["conditions"])
    # Without the Deny of its own call it is the principal that it names.
    assert {*gained(with_rcp(world_of(), ONLY_US), technique).values()} == {"yes"}


@pytest.mark.technique(*WRITING)
@pytest.mark.parametrize("technique", sorted(WRITING))
def test_an_rcp_that_lets_nobody_assume_the_role_ends_it(technique: str) -> None:
    assert gained(with_rcp(world_of(deny(ASSUME)), None), technique) == {}
    assert gained(with_rcp(world_of(), None), technique) == {}


@pytest.mark.technique("iam-012")
def test_who_may_not_write_the_trust_policy_gains_nothing_by_somebody_outside() -> None:
    world = world_of(deny(ASSUME), deny("iam:UpdateAssumeRolePolicy"))
    assert gained(world, "iam-012") == {}
    assert gained(world, "iam-021") == {}
