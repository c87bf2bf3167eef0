"""Things that a statement tells apart are never judged as one."""

from __future__ import annotations

import pytest

from derivation.aws_world import World, allow, iam
from escalation.technique_lab import ATTACKER, TechniqueWorld, derived, found

ONE, SPARED = iam("user", "aaa"), iam("user", "spared")
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


def reading(*resources: str) -> World:
    world = TechniqueWorld()
    for name in ("first", "second"):
        world.add("s3:bucket", f"arn:aws:s3:::{name}", {"Name": name})
    world.user("reader", allow("s3:GetObject", list(resources)))
    return world


def verdicts(world: World) -> dict[str, str]:
    """What the reader may use, by the name of the bucket."""
    reader = iam("user", "reader")
    made = derived(world)
    members = {one.start: one.end for one in made.relationships if one.type == "IN_GROUP"}
    sets = {one.end: one.start for one in made.relationships if one.type == "TARGETS"}
    told = {}
    for one in made.relationships:
        if one.type == "CAN_ACCESS" and one.start in (reader, members.get(reader)):
            ends = [end for end, start in sets.items() if start == one.end] or [one.end]
            for end in ends:
                told[end.removeprefix("arn:aws:s3:::")] = str(one.props["verdict"])
    return told


def test_buckets_of_which_a_statement_holds_one_in_part_are_judged_apart():
    whole = verdicts(reading("arn:aws:s3:::first/*", "arn:aws:s3:::second/*"))
    assert len(set(whole.values())) == 1
    assert whole.keys() == {"first", "second"}
    parted = verdicts(reading("arn:aws:s3:::first/public/*", "arn:aws:s3:::second/*"))
    assert parted["second"] == whole["second"]
    assert parted == verdicts(reading("arn:aws:s3:::second/*", "arn:aws:s3:::first/public/*"))
    alone = verdicts(reading("arn:aws:s3:::first/public/*"))
    assert parted["first"] == alone["first"]
