"""What the interpreter of techniques knows beside the rows: names, regions, machines, policies."""

from __future__ import annotations

from typing import Any

import pytest

from derivation.aws_world import DEV, FULL, LAMBDA, PROD, World, allow, iam, trusting
from escalation.technique_lab import (
    ATTACKER,
    TechniqueWorld,
    deny,
    derived,
    found,
    with_scp,
)
from graph.escalation.technique import techniques
from graph.iam.rules import may_have_resource_policy
from snapshot_files import REGION

VICTIM = iam("role", "victim")


def verdicts(world: World, technique: str, who: str = ATTACKER) -> dict[str, str]:
    rows = found(world, technique, who)
    return {end: str(one.props["verdict"]) for end, one in rows.items()}


# Names that are taken


def function(name: str, region: str = REGION) -> str:
    return f"arn:aws:lambda:{region}:{PROD}:function:{name}"


def with_function(invoke_on: Any, *, create_on: Any = "*", region: str = REGION) -> World:
    """A function is there; the attacker may make and invoke some."""
    world = TechniqueWorld(read={"lambda:function"})
    world.role("victim", [LAMBDA], allow("s3:GetObject"))
    own = world.role("own", [trusting({"Service": "ec2.amazonaws.com"})])
    arn = function("there", region)
    world.add("lambda:function", arn, {"FunctionArn": arn, "Role": own}, region=region)
    world.user(
        "mallory",
        allow("iam:PassRole"),
        allow("lambda:CreateFunction", create_on),
        allow("lambda:InvokeFunction", invoke_on),
    )
    return world


@pytest.mark.technique("lambda-001")
@pytest.mark.parametrize(
    ("invoke_on", "create_on", "gained"),
    [
        (function("there"), "*", False),
        (function("free"), "*", True),
        (function("there", "eu-north-1"), "*", True),
        (f"arn:aws:lambda:*:{PROD}:function:there", "*", True),
        ([function("there"), function("free")], "*", True),
        (function("there*"), "*", True),
        (f"arn:aws:lambda:{REGION}:*:function:there", "*", False),
        (function("there"), function("there"), False),
        ("*", function("there"), False),
        ("*", function("free"), True),
    ],
    ids=[
        "taken",
        "free",
        "taken-elsewhere",
        "any-region",
        "one-of-two",
        "longer",
        "any-account",
        "both-taken",
        "make-taken",
        "make-free",
    ],
)
def test_a_new_function_has_a_name_that_none_has_yet(
    invoke_on: Any, create_on: Any, gained: bool
) -> None:
    world = with_function(invoke_on, create_on=create_on)
    assert verdicts(world, "lambda-001") == ({VICTIM: "yes"} if gained else {})


@pytest.mark.technique("x-iam-createrole")
@pytest.mark.parametrize(("name", "gained"), [("there", False), ("free", True)])
def test_a_role_is_made_with_a_name_that_none_has_whatever_its_path(
    name: str, gained: bool
) -> None:
    world = TechniqueWorld()
    arn = iam("role", f"team/{name}")
    world.role("there", [LAMBDA])
    world.user(
        "mallory",
        allow(["iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"], arn),
        allow("sts:AssumeRole", arn),
    )
    assert verdicts(world, "x-iam-createrole") == ({f"account:{PROD}": "yes"} if gained else {})


# Regions


@pytest.mark.technique("lambda-001")
@pytest.mark.parametrize(("region", "gained"), [(REGION, True), ("eu-north-1", False)])
def test_a_region_is_chosen_that_every_policy_admits(region: str, gained: bool) -> None:
    world = with_function("*", create_on=function("*", region))
    closed = deny("lambda:*") | {
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": [REGION, "eu-central-1"]}}
    }
    assert verdicts(with_scp(world, closed), "lambda-001") == ({VICTIM: "yes"} if gained else {})


@pytest.mark.technique("lambda-001")
def test_calls_about_one_new_thing_are_in_one_region() -> None:
    world = with_function(function("*", "eu-north-1"), create_on=function("*"))
    assert verdicts(world, "lambda-001") == {}
    world = with_function(function("*", "eu-north-1"), create_on=function("*", "eu-north-1"))
    assert verdicts(world, "lambda-001") == {VICTIM: "yes"}


@pytest.mark.technique("omics-001")
@pytest.mark.parametrize(("on", "gained"), [(["workflow", "run"], True), (["workflow"], False)])
def test_a_wildcard_in_one_type_of_resource_does_not_meet_another(
    on: list[str], gained: bool
) -> None:
    world = TechniqueWorld()
    world.role("victim", [trusting({"Service": "omics.amazonaws.com"})])
    resources = [f"arn:aws:omics:{REGION}:{PROD}:{kind}/*" for kind in on]
    world.user(
        "mallory",
        allow(["iam:PassRole", "omics:CreateWorkflow", "s3:GetObject"]),
        allow("omics:StartRun", resources),
    )
    assert verdicts(world, "omics-001") == ({VICTIM: "yes"} if gained else {})


# Machines


def with_instance(state: str = "running", ping: str | None = "Online", **more: Any) -> World:
    world = TechniqueWorld(read={"ec2:instance", "ssm:managed-instance"})
    item = {"InstanceId": "i-1", "State": {"Name": state}}
    arn = f"arn:aws:ec2:{REGION}:{PROD}:instance/i-1"
    world.add("ec2:instance", arn, item | more, region=REGION)
    if ping:
        agent = f"arn:aws:ssm:{REGION}:{PROD}:managed-instance/i-1"
        told = {"InstanceId": "i-1", "PingStatus": ping}
        world.add("ssm:managed-instance", agent, told, region=REGION)
    world.user("mallory", allow("ssm:StartSession"))
    return world


INSTANCE = f"arn:aws:ec2:{REGION}:{PROD}:instance/i-1"


@pytest.mark.technique("ssm-001")
@pytest.mark.parametrize(
    ("state", "ping", "expected"),
    [
        ("running", "Online", "yes"),
        ("running", "ConnectionLost", "dormant"),
        ("stopped", "ConnectionLost", "dormant"),
        ("terminated", "ConnectionLost", None),
        ("running", None, None),
    ],
)
def test_an_instance_without_a_role_is_taken_by_its_agent(
    state: str, ping: str | None, expected: str | None
) -> None:
    found = verdicts(with_instance(state, ping), "ssm-001")
    assert found == ({INSTANCE: expected} if expected else {})


@pytest.mark.technique("ssm-001")
def test_metadata_options_do_not_decide_whether_commands_run() -> None:
    closed = {"MetadataOptions": {"HttpEndpoint": "disabled"}}
    assert verdicts(with_instance(**closed), "ssm-001") == {INSTANCE: "yes"}


@pytest.mark.technique("ssm-001")
def test_an_agent_that_nobody_asked_about_is_a_condition() -> None:
    world = with_instance(ping=None)
    assert isinstance(world, TechniqueWorld)
    world.read.discard("ssm:managed-instance")
    one = found(world, "ssm-001")[INSTANCE]
    assert one.props["conditions"] == [f"not_collected:ssm:managed-instance={PROD}"]


@pytest.mark.technique("ssm-001", "ssm-002")
@pytest.mark.parametrize(
    ("technique", "action", "verdict"),
    [("ssm-001", "ssm:StartSession", "conditional"), ("ssm-002", "ssm:SendCommand", "yes")],
)
def test_a_machine_outside_ec2_is_commanded_and_its_sessions_need_a_tier(
    technique: str, action: str, verdict: str
) -> None:
    world = TechniqueWorld(read={"ec2:instance", "ssm:managed-instance"})
    arn = f"arn:aws:ssm:{REGION}:{PROD}:managed-instance/mi-1"
    told = {"InstanceId": "mi-1", "PingStatus": "Online"}
    world.add("ssm:managed-instance", arn, told, region=REGION)
    world.user("mallory", allow(action))
    world.user("eve", allow(action, f"{arn}-other"))
    assert verdicts(world, technique) == {arn: verdict}
    assert verdicts(world, technique, iam("user", "eve")) == {}


# Policies of resources


def test_what_carries_no_policy_is_not_asked_for_one() -> None:
    for action in ("states:startexecution", "glue:updatejob", "sagemaker:startnotebookinstance"):
        assert not may_have_resource_policy(action)
    for action in ("glue:getdatabase", "sagemaker:describemodelpackagegroup", "s3:getobject"):
        assert may_have_resource_policy(action)


# Admins and accounts


def test_who_is_admin_gains_nothing_more_in_its_account() -> None:
    world = TechniqueWorld()
    for account in (PROD, DEV):
        world.role("victim", [LAMBDA], account=account)
    boss = world.user("boss", FULL)
    world.user("mallory", allow(["iam:PassRole", "lambda:*"]))
    graph = derived(world)
    by = {one.start for one in graph.relationships if one.props.get("technique")}
    assert boss not in by
    assert ATTACKER in by


def test_a_retired_or_partial_row_draws_nothing() -> None:
    kept = {one.id for one in techniques() if not one.live}
    assert kept
    world = TechniqueWorld()
    world.role("victim", [LAMBDA])
    world.user("mallory", allow(["iam:PassRole", "lambda:*", "codestar:*", "ec2:*", "ssm:*"]))
    used = {one.props.get("technique") for one in derived(world).relationships}
    assert not used & kept
