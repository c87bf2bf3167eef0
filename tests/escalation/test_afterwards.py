"""A change of oneself that makes no admin: what one may do afterwards is gained by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from derivation.aws_world import DEV, EC2, FULL, LAMBDA, PROD, World, allow, iam, trusting
from escalation.identity_lab import (
    ACCOUNT,
    BY_ACCOUNT,
    GROUP,
    POLICY,
    ROLE,
    SELF_ROLE,
    attached,
    bounded,
    group,
    managed,
)
from escalation.technique_lab import ATTACKER, TechniqueWorld, deny, derived, found, with_scp
from graph.escalation.afterwards import STATES

Json = dict[str, Any]
PASS = allow("iam:PassRole", ROLE)
MAKE = allow("lambda:CreateFunction")
RUN = allow("lambda:InvokeFunction")
WAY = (PASS, MAKE, RUN)
JOIN = allow("iam:AddUserToGroup", GROUP)
LIMIT = iam("policy", "limit")


def target(world: World) -> World:
    world.role("victim", [LAMBDA], allow("s3:GetObject"))
    world.role("bystander", [EC2])
    world.user("bystander")
    return world


def by_joining(*way: Json) -> World:
    world = target(TechniqueWorld())
    group(world, GROUP, *way)
    world.user("mallory", JOIN)
    return world


def by_older_version(*way: Json) -> World:
    world = target(TechniqueWorld())
    managed(world, POLICY, list(way), [allow("iam:SetDefaultPolicyVersion", POLICY)])
    world.user("mallory", **attached(POLICY))
    return world


def by_writing_within_a_boundary(*way: Json) -> World:
    world = target(TechniqueWorld())
    own = allow("iam:PutUserPolicy", ATTACKER)
    managed(world, LIMIT, [own, *way])
    world.user("mallory", own, **bounded(LIMIT))
    return world


def by_freeing_itself_of_a_boundary(*way: Json) -> World:
    world = target(TechniqueWorld())
    own = allow("iam:DeleteUserPermissionsBoundary", ATTACKER)
    managed(world, LIMIT, [own])
    world.user("mallory", own, *way, **bounded(LIMIT))
    return world


def by_taking_a_deny_away(*way: Json) -> World:
    world = target(TechniqueWorld())
    managed(world, POLICY, [deny("lambda:*")])
    world.user("mallory", allow("iam:DetachUserPolicy", ATTACKER), *way, **attached(POLICY))
    return world


def by_leaving(*way: Json) -> World:
    world = target(TechniqueWorld())
    group(world, GROUP, deny("lambda:*"))
    own = allow("iam:RemoveUserFromGroup", GROUP)
    world.user("mallory", own, *way, GroupList=["staff"])
    return world


def by_a_new_version_within_a_boundary(*way: Json) -> World:
    world = target(TechniqueWorld())
    own = allow("iam:CreatePolicyVersion", POLICY)
    managed(world, POLICY, [own])
    managed(world, LIMIT, [own, *way])
    world.user("mallory", **attached(POLICY), **bounded(LIMIT))
    return world


CHANGES: dict[str, Callable[..., World]] = {
    "iam-001": by_a_new_version_within_a_boundary,
    "iam-007": by_writing_within_a_boundary,
    "iam-013": by_joining,
    "iam-022": by_freeing_itself_of_a_boundary,
    "iam-025": by_taking_a_deny_away,
    "x-iam-detachrolepolicy-leave": by_leaving,
    "x-iam-setdefaultpolicyversion": by_older_version,
}
each = pytest.mark.parametrize("technique", CHANGES)
EVERY = pytest.mark.technique(*CHANGES)


def gained(world: World, technique: str, who: str = ATTACKER) -> dict[str, str]:
    rows = found(world, technique, who)
    return {end: str(one.props["verdict"]) for end, one in rows.items()}


@EVERY
@each
def test_what_one_may_do_after_the_change_is_gained_by_it(technique: str) -> None:
    (row,) = found(CHANGES[technique](*WAY), technique).values()
    assert (row.end, row.props["verdict"]) == (ROLE, "yes")
    actions = row.props["actions"]
    assert isinstance(actions, list)
    assert actions[1:] == ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
    assert "and then pass" in str(row.props["why"])


@EVERY
@each
def test_with_one_right_of_the_second_step_missing_nothing_is_gained(technique: str) -> None:
    for gone in WAY:
        left = [row for row in WAY if row is not gone]
        assert gained(CHANGES[technique](*left), technique) == {}, gone["Action"]


@EVERY
@each
def test_an_scp_on_either_step_ends_it(technique: str) -> None:
    world = CHANGES[technique](*WAY)
    (row,) = found(world, technique).values()
    actions = row.props["actions"]
    assert isinstance(actions, list)
    for action in actions:
        assert gained(with_scp(world, deny(str(action))), technique) == {}, action


NO_DENY = {one for one, make in CHANGES.items() if "lambda:*" not in str(make().lines)}


@pytest.mark.technique(*NO_DENY)
@pytest.mark.parametrize("technique", sorted(NO_DENY))
def test_roles_that_trust_the_changed_are_gained(technique: str) -> None:
    make = CHANGES[technique]
    world = make(allow("sts:AssumeRole", ROLE))
    world.role("victim", [BY_ACCOUNT])
    assert gained(world, technique) == {ROLE: "yes"}
    world.role("victim", [trusting({"AWS": iam("user", "bystander")})])
    assert gained(world, technique) == {}


@pytest.mark.technique("iam-013")
def test_a_role_of_another_account_that_trusts_the_whole_account_is_gained() -> None:
    far = iam("role", "far", DEV)
    world = by_joining(allow("sts:AssumeRole", far))
    world.role("far", [BY_ACCOUNT], account=DEV)
    assert gained(world, "iam-013") == {far: "yes"}
    world.role("far", [trusting({"AWS": iam("user", "bystander")})], account=DEV)
    assert gained(world, "iam-013") == {}


@pytest.mark.technique("iam-013")
def test_what_is_gained_without_the_change_is_not_told_as_gained_by_it() -> None:
    world = by_joining(*WAY)
    world.user("mallory", JOIN, *WAY)
    assert gained(world, "iam-013") == {}
    assert gained(world, "lambda-001") == {ROLE: "yes"}
    world.user("mallory", JOIN, allow("sts:AssumeRole", ROLE))
    world.role("victim", [BY_ACCOUNT])
    group(world, GROUP, allow("sts:AssumeRole", ROLE))
    assert gained(world, "iam-013") == {}


@pytest.mark.technique("iam-013")
def test_a_surer_way_after_the_change_is_told_beside_the_open_one() -> None:
    world = by_joining(*WAY)
    only = {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}
    world.user("mallory", JOIN, MAKE, RUN, PASS | {"Condition": only})
    assert gained(world, "lambda-001") == {ROLE: "conditional"}
    assert gained(world, "iam-013") == {ROLE: "yes"}


@pytest.mark.technique("iam-013")
def test_a_condition_of_the_change_is_one_of_both_steps() -> None:
    world = by_joining(*WAY)
    world.user("mallory", JOIN | {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}})
    (row,) = found(world, "iam-013").values()
    assert row.props["verdict"] == "conditional"
    assert row.props["conditions"] == ["context:aws:MultiFactorAuthPresent=true"]


@pytest.mark.technique("iam-013", "iam-007")
@pytest.mark.parametrize(("whom", "expected"), [(ATTACKER, {ACCOUNT: "yes"}), (ROLE, {})])
def test_who_may_then_write_itself_a_policy_is_admin(whom: str, expected: dict[str, str]) -> None:
    assert gained(by_joining(allow("iam:PutUserPolicy", whom)), "iam-013") == expected


@pytest.mark.technique("iam-005")
@pytest.mark.parametrize("passing", [True, False])
def test_a_role_within_a_boundary_writes_itself_what_the_boundary_lets_through(
    passing: bool,
) -> None:
    world = target(TechniqueWorld())
    own = allow("iam:PutRolePolicy", SELF_ROLE)
    managed(world, LIMIT, [own, MAKE, RUN, *([PASS] if passing else [])])
    world.role("mallory", [EC2], own, **bounded(LIMIT))
    assert gained(world, "iam-005", SELF_ROLE) == ({ROLE: "yes"} if passing else {})


@pytest.mark.technique("iam-008")
@pytest.mark.parametrize(
    ("policy", "enough"), [("AdministratorAccess", True), ("IAMFullAccess", False)]
)
def test_iam_full_access_passes_no_role_to_a_function(policy: str, enough: bool) -> None:
    world = target(TechniqueWorld())
    arn = {"ArnEquals": {"iam:PolicyARN": f"arn:aws:iam::aws:policy/{policy}"}}
    own = allow("iam:AttachUserPolicy", ATTACKER, Condition=arn)
    managed(world, LIMIT, [own, *WAY])
    world.user("mallory", own, **bounded(LIMIT))
    assert gained(world, "iam-008") == ({ROLE: "yes"} if enough else {})


@pytest.mark.technique("iam-013")
def test_users_who_are_alike_are_drawn_as_a_set() -> None:
    world = by_joining(allow("iam:PassRole"), MAKE, RUN)
    for number in range(70):
        world.user(f"u{number}", JOIN)
    rows = [row for row in derived(world).relationships if row.props.get("technique") == "iam-013"]
    assert {row.end for row in rows} == {ROLE}
    assert {row.start.partition(":")[0] for row in rows} == {"principal-set"}


def many_groups(number: int) -> World:
    world = target(TechniqueWorld())
    for count in range(number):
        arn = iam("group", f"g{count}")
        group(world, arn, allow("s3:GetObject", f"arn:aws:s3:::b{count}/*"))
    world.user("mallory", allow("iam:AddUserToGroup"))
    return world


@pytest.mark.technique("iam-013")
@pytest.mark.parametrize(("number", "told"), [(STATES - 1, False), (STATES, True)])
def test_what_was_not_looked_at_is_told(number: int, told: bool) -> None:
    rows = [
        one.answer.conditions
        for one in derived(many_groups(number)).judgements
        if one.mechanism == "changes-of-itself"
    ]
    expected = [(f"not_collected:escalation-after-changes={ATTACKER}",)]
    assert rows == (expected if told else [])
    assert f"account:{PROD}" == ACCOUNT


@pytest.mark.technique("iam-013")
def test_a_group_that_makes_an_admin_needs_no_second_step() -> None:
    assert gained(by_joining(FULL), "iam-013") == {ACCOUNT: "yes"}


@pytest.mark.technique("iam-013")
@pytest.mark.parametrize("second", [True, False])
def test_two_groups_that_make_an_admin_together_are_both_joined(second: bool) -> None:
    other = iam("group", "other")
    world = target(TechniqueWorld())
    everybody = iam("user", "*")
    group(world, GROUP, allow("iam:PutUserPolicy", everybody))
    group(world, other, allow("iam:CreateAccessKey" if second else "iam:GetUser", everybody))
    world.user("mallory", allow("iam:AddUserToGroup", [GROUP, other]))
    rows = found(world, "iam-013")
    assert rows[ACCOUNT].props["verdict"] == "yes"
    via = rows[ACCOUNT].props["via"]
    assert (other in str(via)) is second
