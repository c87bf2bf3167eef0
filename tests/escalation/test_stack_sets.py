"""Stack sets with an administration role: the execution roles that it may assume are gained."""

from __future__ import annotations

import pytest

from derivation.aws_world import DEV, FULL, PROD, World, allow, iam, trusting
from escalation.technique_lab import EXECUTION, VICTIM, TechniqueWorld, deny, found, with_scp
from snapshot_files import REGION

CLOUDFORMATION = trusting({"Service": "cloudformation.amazonaws.com"})
DEPLOYS = ["iam:PassRole", "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"]
ROOT = f"arn:aws:iam::{PROD}:root"
BOTH = ("cloudformation-003", "cloudformation-004")


def with_administration(*allowed: object, trusts: str = VICTIM, account: str = PROD) -> World:
    """An administration role with some rights, and a role that trusts somebody."""
    world = TechniqueWorld(read={"cloudformation:stack-set"})
    world.role("execution", [trusting({"AWS": trusts})], FULL, account=account)
    world.role("victim", [CLOUDFORMATION], *allowed)
    arn = f"arn:aws:cloudformation:{REGION}:{PROD}:stackset/there:1"
    item = {"StackSetId": "there:1", "Status": "ACTIVE", "PermissionModel": "SELF_MANAGED"}
    world.add("cloudformation:stack-set", arn, item, region=REGION)
    world.user("mallory", allow([*DEPLOYS, "cloudformation:UpdateStackSet"]))
    return world


def verdicts(world: World, technique: str) -> dict[str, str]:
    return {end: str(one.props["verdict"]) for end, one in found(world, technique).items()}


@pytest.mark.technique(*BOTH)
@pytest.mark.parametrize("technique", BOTH)
def test_what_the_administration_role_may_assume_is_gained_and_not_the_role_itself(
    technique: str,
) -> None:
    world = with_administration(allow("sts:AssumeRole", EXECUTION))
    rows = found(world, technique)
    assert verdicts(world, technique) == {EXECUTION: "yes"}
    assert rows[EXECUTION].props["via"] == [VICTIM]
    text = str(rows[EXECUTION].props["why"])
    assert text.startswith(f"{iam('user', 'mallory')} can pass {VICTIM}")
    assert text.endswith(f"{EXECUTION}.")


@pytest.mark.technique(*BOTH)
@pytest.mark.parametrize("technique", BOTH)
def test_an_administration_role_that_may_assume_nothing_gives_nothing(technique: str) -> None:
    assert verdicts(with_administration(FULL | deny("sts:AssumeRole")), technique) == {}
    for named, expected in ((iam("role", "other"), {}), (EXECUTION, {EXECUTION: "yes"})):
        world = with_administration(allow("sts:AssumeRole", named), trusts=ROOT)
        assert verdicts(world, technique) == expected
    world = with_administration(allow("sts:AssumeRole", EXECUTION), trusts=iam("user", "somebody"))
    assert verdicts(world, technique) == {}
    closed = deny("sts:AssumeRole") | {"Resource": EXECUTION}
    world = with_administration(allow("sts:AssumeRole", EXECUTION))
    assert verdicts(with_scp(world, closed), technique) == {}


@pytest.mark.technique(*BOTH)
@pytest.mark.parametrize("technique", BOTH)
@pytest.mark.parametrize(("trusts", "gained"), [(VICTIM, True), (iam("role", "other"), False)])
def test_an_execution_role_of_another_account_is_gained(
    technique: str, trusts: str, gained: bool
) -> None:
    there = iam("role", "execution", DEV)
    world = with_administration(allow("sts:AssumeRole", there), trusts=trusts, account=DEV)
    assert verdicts(world, technique) == ({there: "yes"} if gained else {})


@pytest.mark.technique("cloudformation-004")
@pytest.mark.parametrize("recorded", ["there:1", "there"])
@pytest.mark.parametrize(("name", "gained"), [("there", True), ("other", False)])
def test_a_stack_set_that_was_recorded_without_its_id_is_meant_by_its_name(
    recorded: str, name: str, gained: bool
) -> None:
    world = with_administration(allow("sts:AssumeRole", EXECUTION))
    here = f"arn:aws:cloudformation:{REGION}:{PROD}:stackset/"
    lines = world.lines[PROD, REGION, "cloudformation:stack-set"]
    lines[f"{here}{recorded}"] = lines.pop(f"{here}there:1") | {"id": f"{here}{recorded}"}
    updating = allow("cloudformation:UpdateStackSet", f"{here}{name}:*")
    world.user("mallory", allow("iam:PassRole"), updating)
    expected = {EXECUTION: "yes"} if gained else {}
    assert verdicts(world, "cloudformation-004") == expected
