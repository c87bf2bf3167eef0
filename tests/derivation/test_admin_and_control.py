"""``HAS_ADMIN`` and what follows from it, each case with its twin."""

from __future__ import annotations

import pytest

from derivation.aws_world import (
    DEV,
    EC2,
    FULL,
    PROD,
    Derive,
    World,
    allow,
    iam,
    trusting,
    verdicts,
    walked,
)
from graph.derivation.relate import access
from graph.derivation.relate import walked as relate
from graph.judgement import Judgement
from graph.verdict import Answer, Verdict

HERE = f"account:{PROD}"


def test_an_admin_is_admin_of_its_own_account_alone(derived: Derive) -> None:
    world = World()
    boss = world.user("boss", FULL)
    world.role("abroad", [EC2], account=DEV)
    world.role("ordinary", [EC2])
    found = walked(derived(world), "HAS_ADMIN", boss)
    assert [(one.end, one.props["verdict"]) for one in found] == [(HERE, "yes")]
    assert found[0].props["techniques"]


def test_a_boundary_takes_it_away(derived: Derive) -> None:
    world = World()
    world.role("ordinary", [EC2])
    boundary = iam("policy", "limit")
    versions = [
        {"VersionId": "v1", "IsDefaultVersion": True, "Document": {"Statement": [allow("s3:*")]}}
    ]
    item = {"Arn": boundary, "PolicyName": "limit", "DefaultVersionId": "v1"}
    world.add("iam:policy", boundary, item | {"PolicyVersionList": versions})
    boss = world.user("boss", FULL)
    assert (boss, HERE) in verdicts(derived(world), "HAS_ADMIN")
    attachment = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    world.user("boss", FULL, PermissionsBoundary=attachment)
    assert (boss, HERE) not in verdicts(derived(world), "HAS_ADMIN")


def test_only_who_was_not_read_whole_may_escalate_for_all_that_is_known(derived: Derive) -> None:
    world = World()
    some = world.user("some", allow("s3:GetObject"))
    nothing = world.user("nothing")
    policy = {"PolicyName": "own", "PolicyArn": iam("policy", "nobody-read-it")}
    unread = world.user("unread", AttachedManagedPolicies=[policy])
    boss = world.user("boss", FULL)
    asked = {one.source: one for one in derived(world).judgements if one.question == "escalate"}
    assert asked.keys() == {unread}
    assert str(asked[unread].answer.verdict) == "unknown"
    assert not {some, nothing, boss} & asked.keys()


def test_every_principal_is_judged_and_a_no_is_no_relationship(derived: Derive) -> None:
    world = World()
    people = {world.user("some", allow("s3:GetObject")), world.user("boss", FULL)}
    world.role("ordinary", [EC2])
    derivation = derived(world)
    judged = {one.source for one in derivation.judgements if one.question == "admin"}
    assert people <= judged
    assert (iam("user", "some"), HERE) not in verdicts(derivation, "HAS_ADMIN")


def test_an_account_controls_what_is_in_it(derived: Derive) -> None:
    world = World()
    role = world.role("app", [EC2, trusting({"AWS": DEV})])
    machine = world.instance("i-1", world.profile("app", role))
    bucket = world.bucket("data")
    user = world.user("ann")
    theirs = world.role("theirs", [EC2], account=DEV)
    vpc = f"arn:aws:ec2:eu-west-1:{PROD}:vpc/vpc-1"
    world.add("ec2:vpc", vpc, {"VpcId": "vpc-1"}, region="eu-west-1")
    world.add("aws:account", PROD, {}, get_caller_identity={"Account": PROD})
    world.add("aws:account", DEV, {}, account=DEV, get_caller_identity={"Account": DEV})
    found = verdicts(derived(world), "CONTROLS")
    assert {role, machine, bucket, user} <= {end for start, end in found if start == HERE}
    assert (f"account:{DEV}", theirs) in found
    assert (HERE, theirs) not in found
    assert vpc not in {end for _, end in found}
    assert set(found.values()) == {"yes"}


def test_what_was_only_named_is_not_controlled(derived: Derive) -> None:
    world = World()
    ghost = iam("role", "ghost")
    world.instance("i-1", world.profile("app", ghost))
    world.add("aws:account", PROD, {}, get_caller_identity={"Account": PROD})
    derivation = derived(world)
    assert ghost in {node.id for node in derivation.nodes}
    assert ghost not in {end for _, end in verdicts(derivation, "CONTROLS")}


def test_a_no_is_refused_as_a_relationship() -> None:
    with pytest.raises(ValueError, match="judged no"):
        relate("CAN_ASSUME", "a", "b", "k", Answer(Verdict.NO))
    assert relate("CAN_ASSUME", "a", "b", "k", Answer(Verdict.YES)).props["possible"]


def judged(verdict: Verdict, actions: tuple[str, ...], *conditions: str) -> Judgement:
    answer = Answer(verdict, why=" ".join(actions), conditions=conditions)
    return Judgement(
        "access", "internet", "arn:aws:s3:::b", "bucket-policy", answer, actions=actions
    )


def test_answers_of_one_source_by_one_mechanism_stay_apart() -> None:
    """A store merges on type, ends and key: one may not overwrite the other."""
    read = judged(Verdict.YES, ("s3:GetObject",))
    write = judged(Verdict.CONDITIONAL, ("s3:PutObject",), "context:aws:SourceIp")
    other = judged(Verdict.CONDITIONAL, ("s3:DeleteObject",), "context:aws:Referer")
    found = access([read, write, other, judged(Verdict.NO, ("s3:ListBucket",))])
    assert len({one.key for one in found}) == len(found) == 3
    assert {one.props["mechanism"] for one in found} == {"bucket-policy"}
    told = {tuple(one.props["actions"]): one.props["verdict"] for one in found}  # type: ignore[arg-type]
    assert told == {
        ("s3:GetObject",): "yes",
        ("s3:PutObject",): "conditional",
        ("s3:DeleteObject",): "conditional",
    }


def test_equal_answers_are_joined_with_all_their_actions() -> None:
    found = access([judged(Verdict.YES, ("s3:GetObject",)), judged(Verdict.YES, ("s3:PutObject",))])
    assert [one.props["actions"] for one in found] == [["s3:GetObject", "s3:PutObject"]]
    assert (found[0].key, found[0].props["level"]) == ("bucket-policy", "write")
