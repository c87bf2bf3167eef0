"""Things that a statement tells apart are never judged as one."""

from __future__ import annotations

import pytest

from derivation.aws_world import World, iam
from escalation.technique_lab import ATTACKER, TechniqueWorld, derived, found

ONE, SPARED = iam("user", "aaa"), iam("user", "spared")
READER = iam("user", "reader")
EVERY_OTHER = {"Effect": "Allow", "Action": "iam:CreateAccessKey", "NotResource": SPARED}


@pytest.mark.parametrize("who", [ATTACKER.rpartition("/")[2], "zzz"])
def test_a_user_that_not_resource_spares_is_not_taken(who):
    world = TechniqueWorld()
    world.user("aaa")
    world.user("spared")
    world.user(who, EVERY_OTHER)
    assert found(world, "iam-002", iam("user", who)).keys() == {ONE}


def test_a_user_may_be_the_only_other_one():
    world = TechniqueWorld()
    world.user("spared")
    world.user("but", EVERY_OTHER)
    assert found(world, "iam-002", iam("user", "but")) == {}
    world.user("aaa")
    assert found(world, "iam-002", iam("user", "but")).keys() == {ONE}


def reading(**statement: str) -> World:
    world = TechniqueWorld()
    for name in ("first", "second"):
        world.add("s3:bucket", f"arn:aws:s3:::{name}", {"Name": name})
    world.user("reader", {"Effect": "Allow", "Action": "s3:GetObject", **statement})
    return world


def used(world: World) -> set[str]:
    """Names of the buckets that the reader may use."""
    made = derived(world).relationships
    inside = {one.end for one in made if one.type == "IN_GROUP" and one.start == READER}
    ends = {one.end for one in made if one.type == "CAN_ACCESS" and one.start in {READER, *inside}}
    ends |= {one.end for one in made if one.type == "TARGETS" and one.start in ends}
    return {end.removeprefix("arn:aws:s3:::") for end in ends if end.startswith("arn:aws:s3:::")}


def test_a_bucket_that_not_resource_spares_is_not_used():
    assert used(reading(Resource="*")) == {"first", "second"}
    assert used(reading(NotResource="arn:aws:s3:::first/*")) == {"second"}
    assert used(reading(NotResource="arn:aws:s3:::second/*")) == {"first"}
