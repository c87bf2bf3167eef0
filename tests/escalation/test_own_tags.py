"""Rights that hang on one's own tags, which one may put on oneself."""

from __future__ import annotations

from typing import Any

import pytest

from derivation.aws_world import LAMBDA, World, allow, iam, trusting
from escalation.identity_lab import BY_ACCOUNT, ROLE
from escalation.technique_lab import ATTACKER, TechniqueWorld, deny, found, with_scp

Json = dict[str, Any]
TAG = "x-iam-taguser-self"
MAKE = allow(["lambda:CreateFunction", "lambda:InvokeFunction"])
PASS = allow("iam:PassRole", ROLE)
OWN = allow("iam:TagUser", ATTACKER)


def when(key: str, value: str, operator: str = "StringEquals") -> Json:
    return {"Condition": {operator: {key: value}}}


def world_of(*rights: Json, trust: Json = LAMBDA, **more: Any) -> World:
    world = TechniqueWorld()
    world.role("victim", [trust], allow("s3:GetObject"), **more)
    world.role("bystander", [LAMBDA])
    world.user("mallory", *rights)
    return world


def gained(world: World) -> dict[str, str]:
    return {end: str(one.props["verdict"]) for end, one in found(world, TAG).items()}


@pytest.mark.technique(TAG)
@pytest.mark.parametrize("operator", ["StringEquals", "StringLike"])
@pytest.mark.parametrize("may", [True, False])
def test_a_right_that_asks_for_a_tag_is_had_once_it_is_put(operator: str, may: bool) -> None:
    asked = PASS | when("aws:PrincipalTag/team", "ops", operator)
    world = world_of(asked, MAKE, OWN if may else allow("iam:UntagUser", ATTACKER))
    assert gained(world) == ({ROLE: "yes"} if may else {})


@pytest.mark.technique(TAG)
@pytest.mark.parametrize(("value", "enough"), [("ops", True), ("dev", False)])
def test_only_tags_that_may_be_put_are_put(value: str, enough: bool) -> None:
    asked = PASS | when("aws:PrincipalTag/team", "ops")
    world = world_of(asked, MAKE, OWN | when("aws:RequestTag/team", value))
    assert gained(world) == ({ROLE: "yes"} if enough else {})


@pytest.mark.technique(TAG)
@pytest.mark.parametrize(("tagged", "enough"), [("ops", True), ("", False)])
def test_a_tag_that_must_equal_the_roles_takes_its_value(tagged: str, enough: bool) -> None:
    asked = PASS | when("iam:ResourceTag/team", "${aws:PrincipalTag/team}")
    tags = [{"Key": "team", "Value": tagged}] if tagged else []
    world = world_of(asked, MAKE, OWN, Tags=tags)
    assert gained(world) == ({ROLE: "yes"} if enough else {})


@pytest.mark.technique(TAG)
@pytest.mark.parametrize("asks", [True, False])
def test_a_trust_policy_that_asks_for_a_tag(asks: bool) -> None:
    tag = when("aws:PrincipalTag/team", "ops")
    trust = BY_ACCOUNT | tag if asks else trusting({"AWS": iam("user", "other")})
    world = world_of(allow("sts:AssumeRole", ROLE), OWN, trust=trust)
    assert gained(world) == ({ROLE: "yes"} if asks else {})


@pytest.mark.technique(TAG)
def test_an_scp_that_keeps_the_tag_ends_it() -> None:
    asked = PASS | when("aws:PrincipalTag/team", "ops")
    world = world_of(asked, MAKE, OWN)
    kept = {"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}
    assert gained(with_scp(world, deny("iam:TagUser") | {"Condition": kept})) == {}
    other = {"ForAnyValue:StringEquals": {"aws:TagKeys": ["project"]}}
    assert gained(with_scp(world, deny("iam:TagUser") | {"Condition": other})) == {ROLE: "yes"}


@pytest.mark.technique("x-iam-tagrole")
@pytest.mark.parametrize(
    ("asked", "put", "enough"),
    [("dev", "dev", True), ("dev", "test", False), ("test", "test", True)],
)
def test_a_role_is_tagged_so_that_it_may_be_passed(asked: str, put: str, enough: bool) -> None:
    tag = allow("iam:TagRole", ROLE) | when("aws:RequestTag/env", put)
    world = world_of(PASS | when("iam:ResourceTag/env", asked), MAKE, tag)
    rows = found(world, "x-iam-tagrole")
    assert set(rows) == ({ROLE} if enough else set())
    if enough:
        assert rows[ROLE].props["verdict"] == "yes"
        assert "iam:TagRole" in str(rows[ROLE].props["actions"])


@pytest.mark.technique("x-iam-tagrole")
def test_a_role_with_the_tag_needs_none() -> None:
    rights = (PASS | when("iam:ResourceTag/env", "dev"), MAKE, allow("iam:TagRole", ROLE))
    tagged = [{"Key": "env", "Value": "dev"}]
    assert found(world_of(*rights, Tags=tagged), "x-iam-tagrole") == {}
    assert set(found(world_of(*rights), "x-iam-tagrole")) == {ROLE}


@pytest.mark.technique("x-iam-tagrole")
@pytest.mark.parametrize("named", [True, False])
def test_a_role_that_is_tagged_may_then_be_assumed(named: bool) -> None:
    right = allow("sts:AssumeRole", ROLE) | when("aws:ResourceTag/env", "dev")
    trust = BY_ACCOUNT if named else trusting({"AWS": iam("user", "other")})
    world = world_of(right, allow("iam:TagRole", ROLE), trust=trust)
    assert set(found(world, "x-iam-tagrole")) == ({ROLE} if named else set())
