"""Condition keys whose value the goal or the technique fixes: a contradiction is a refusal."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from derivation.aws_world import LAMBDA, PROD, World, allow, iam, trusting
from escalation.technique_lab import (
    SERVICES,
    VICTIM,
    TechniqueWorld,
    boundary,
    cases,
    deny,
    found,
    statements,
    with_attacker,
    with_scp,
    world_of,
)
from graph.escalation.technique import Call, Technique, techniques
from graph.iam import catalogue
from snapshot_files import REGION

USED = [one for one in techniques() if one.live and one.target.kind in SERVICES]
OPEN = json.loads(Path(__file__).with_name("left_open.json").read_text(encoding="utf-8"))
PROFILE = iam("instance-profile", "victim")
OTHER = iam("role", "other")
ELSEWHERE = "eu-north-1"
EC2 = trusting({"Service": "ec2.amazonaws.com"})
ASSOCIATED = "iam:AssociatedResourceArn"


def verdicts(world: World, technique: str) -> dict[str, str]:
    return {end: str(one.props["verdict"]) for end, one in found(world, technique).items()}


def under(technique: str, action: str, condition: Any) -> dict[str, str]:
    """What the attacker gains that may make one of the calls under a condition."""
    case = next(one for one in cases() if one.technique.id == technique)
    rows = [
        row | ({"Condition": condition} if row["Action"] == action else {})
        for row in statements(case)
    ]
    assert rows != statements(case)
    return verdicts(with_attacker(world_of(case), rows), technique)


# Every key that speaks of a role, a profile, an ARN or a name is told, or left open for a reason

SPEAKS = re.compile(
    r"role|profile|arn|name$|id$|cluster|task|principal|instance|template|stack|function"
    r"|identifier|region|definition|project|secret|user$|document|service",
    re.IGNORECASE,
)
SETTINGS = re.compile(
    r"codebuild:(artifacts|autoretry|cache|encryptionkey|environment|filesystem|logsconfig|secondary"
    r"|source|vpcconfig|buildbatchconfig\.restrictions)"
)
"""What the attacker writes into a project."""


def calls_of(technique: Technique) -> list[Call]:
    return [*technique.calls, *(call for group in technique.any_of for call in group)]


@cache
def keys_of(action: str) -> frozenset[str]:
    info = catalogue.action(action)
    assert info is not None
    uses = (key for use in info.resource_types for key in use.condition_keys)
    return frozenset(
        key.lower()
        for key in (*info.condition_keys, *uses)
        if not key.startswith("aws:") and "resourcetag" not in key.lower()
    )


def untold() -> dict[tuple[str, str], str]:
    """Keys that speak of something fixed and that a call does not tell, with one technique."""
    rows: dict[tuple[str, str], str] = {}
    for technique in USED:
        for call in calls_of(technique):
            told = {key.lower() for key, _ in call.context} | {key.lower() for key in call.absent}
            for key in keys_of(call.action) - told:
                name = key.partition(":")[2]
                if SPEAKS.search(name) and not SETTINGS.match(key):
                    rows[call.action, key] = technique.id
    return rows


def test_every_key_that_speaks_of_something_is_told_or_left_open_for_a_reason() -> None:
    left = {
        pair: technique
        for pair, technique in untold().items()
        if pair[1] not in OPEN["keys"]
        and " ".join(pair) not in OPEN["of_calls"]
        and pair[1] != ASSOCIATED.lower()
    }
    assert left == {}


def test_no_reason_is_given_for_what_is_told_or_not_there() -> None:
    rows = untold()
    keys = {key for _, key in rows}
    assert OPEN["keys"].keys() <= keys
    assert OPEN["of_calls"].keys() <= {" ".join(pair) for pair in rows}


def test_the_resource_that_gets_the_role_is_told_unless_aws_does_not_say_which() -> None:
    telling = {
        one.id
        for one in USED
        for call in calls_of(one)
        if call.action == "iam:PassRole" and ASSOCIATED in dict(call.context)
    }
    passing = {one.id for one in USED for call in calls_of(one) if call.action == "iam:PassRole"}
    assert passing - telling == set(OPEN["associated_resource"]["techniques"])


# The profile of a machine


@pytest.mark.technique(
    "ec2-001", "x-autoscaling-launchtemplate", "x-ec2-associateprofile", "x-ec2-replaceprofile"
)
@pytest.mark.parametrize(
    ("technique", "action", "key"),
    [
        ("ec2-001", "ec2:RunInstances", "ec2:InstanceProfile"),
        ("x-autoscaling-launchtemplate", "ec2:RunInstances", "ec2:InstanceProfile"),
        ("x-ec2-associateprofile", "ec2:AssociateIamInstanceProfile", "ec2:NewInstanceProfile"),
        (
            "x-ec2-replaceprofile",
            "ec2:ReplaceIamInstanceProfileAssociation",
            "ec2:NewInstanceProfile",
        ),
    ],
)
def test_a_machine_gets_the_profile_of_the_role(technique: str, action: str, key: str) -> None:
    assert under(technique, action, {"ArnEquals": {key: PROFILE}}).keys() == {VICTIM}
    other = iam("instance-profile", "other")
    assert under(technique, action, {"ArnEquals": {key: other}}) == {}
    assert under(technique, action, {"ArnNotEquals": {key: PROFILE}}) == {}


@pytest.mark.technique("x-ec2-associateprofile")
@pytest.mark.parametrize(("absent", "gained"), [("true", {VICTIM}), ("false", set())])
def test_who_attaches_a_profile_does_so_to_a_machine_without_one(
    absent: str, gained: set[str]
) -> None:
    condition = {"Null": {"ec2:InstanceProfile": absent}}
    rows = under("x-ec2-associateprofile", "ec2:AssociateIamInstanceProfile", condition)
    assert rows.keys() == gained


@pytest.mark.technique("x-ec2-associateprofile", "x-ec2-replaceprofile")
@pytest.mark.parametrize(("held", "other"), [(True, False), (False, True)])
def test_a_profile_is_attached_to_a_machine_without_and_replaced_on_one_with(
    held: bool, other: bool
) -> None:
    world = TechniqueWorld(read={"ec2:instance"})
    world.profile("victim", world.role("victim", [EC2]))
    item = {"InstanceId": "i-1", "State": {"Name": "running"}}
    more = {"IamInstanceProfile": {"Arn": iam("instance-profile", "old")}} if held else {}
    world.add("ec2:instance", machine(), item | more, region=REGION)
    world.user("mallory", allow(["iam:PassRole", "ec2:*"]))
    assert bool(verdicts(world, "x-ec2-replaceprofile")) is held
    assert bool(verdicts(world, "x-ec2-associateprofile")) is other


def machine(name: str = "i-1", region: str = REGION) -> str:
    return f"arn:aws:ec2:{region}:{PROD}:instance/{name}"


@pytest.mark.technique("ec2-002")
@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("ec2:InstanceProfile", "*:instance-profile/*", "*:instance-profile/unheard-of"),
        ("ec2:Region", REGION, ELSEWHERE),
    ],
)
def test_a_machine_that_is_stopped_has_its_own_profile_and_place(
    key: str, right: str, wrong: str
) -> None:
    for action in ("ec2:StopInstances", "ec2:StartInstances", "ec2:ModifyInstanceAttribute"):
        assert set(under("ec2-002", action, {"StringLike": {key: right}}).values()) == {"yes"}
        assert under("ec2-002", action, {"StringLike": {key: wrong}}) == {}


# The role of a stack or project


@pytest.mark.technique("cloudformation-001", "codebuild-001", "x-codebuild-updateproject")
@pytest.mark.parametrize(
    ("technique", "action", "key"),
    [
        ("cloudformation-001", "cloudformation:CreateStack", "cloudformation:RoleArn"),
        ("codebuild-001", "codebuild:CreateProject", "codebuild:serviceRole"),
        ("x-codebuild-updateproject", "codebuild:UpdateProject", "codebuild:serviceRole"),
    ],
)
def test_the_call_names_the_role_that_is_passed(technique: str, action: str, key: str) -> None:
    assert under(technique, action, {"ArnEquals": {key: VICTIM}}) == {VICTIM: "yes"}
    assert under(technique, action, {"ArnEquals": {key: OTHER}}) == {}
    assert under(technique, action, {"Null": {key: "true"}}) == {}
    assert under(technique, action, {"Null": {key: "false"}}) == {VICTIM: "yes"}


@pytest.mark.technique("cloudformation-002", "cloudformation-005", "codebuild-002")
@pytest.mark.parametrize(
    ("technique", "action", "key"),
    [
        ("cloudformation-002", "cloudformation:UpdateStack", "cloudformation:RoleArn"),
        ("cloudformation-005", "cloudformation:CreateChangeSet", "cloudformation:RoleArn"),
        ("codebuild-002", "codebuild:StartBuild", "codebuild:serviceRole"),
    ],
)
def test_a_call_that_leaves_the_role_as_it_is_names_none(
    technique: str, action: str, key: str
) -> None:
    assert set(under(technique, action, {"Null": {key: "true"}}).values()) == {"yes"}
    assert under(technique, action, {"Null": {key: "false"}}) == {}


@pytest.mark.technique("cloudformation-001")
def test_of_many_roles_the_ones_that_the_condition_names_are_gained() -> None:
    world = TechniqueWorld()
    trust = trusting({"Service": "cloudformation.amazonaws.com"})
    roles = [world.role(f"victim-{number}", [trust]) for number in range(80)]
    wanted = {"ArnLike": {"cloudformation:RoleArn": [roles[7], iam("role", "victim-2?")]}}
    making = allow("cloudformation:CreateStack") | {"Condition": wanted}
    world.user("mallory", allow("iam:PassRole"), making)
    expected = {roles[7], *(one for one in roles if re.search(r"victim-2.$", one))}
    assert len(expected) == 11
    assert verdicts(world, "cloudformation-001") == dict.fromkeys(expected, "yes")


# One name and one place in all calls


@pytest.mark.technique("cloudformation-005")
@pytest.mark.parametrize(("executed", "gained"), [("good-*", True), ("bad-*", False)])
def test_the_change_set_that_is_executed_is_the_one_that_was_made(
    executed: str, gained: bool
) -> None:
    case = next(one for one in cases() if one.technique.id == "cloudformation-005")
    names = {
        "cloudformation:CreateChangeSet": "good-*",
        "cloudformation:ExecuteChangeSet": executed,
    }
    rows = [
        row | {"Condition": {"StringLike": {"cloudformation:ChangeSetName": names[row["Action"]]}}}
        for row in statements(case)
    ]
    expected = {"yes"} if gained else set()
    world = with_attacker(world_of(case), rows)
    assert set(verdicts(world, "cloudformation-005").values()) == expected


def function(name: str, region: str = REGION) -> str:
    return f"arn:aws:lambda:{region}:{PROD}:function:{name}"


def passing_for(arn: Any, *more: Any, operator: str = "ArnLike") -> World:
    """A role for Lambda and one for machines; passed only for some resource."""
    world = TechniqueWorld(read={"lambda:function"})
    world.role("victim", [LAMBDA, EC2])
    world.profile("victim", VICTIM)
    condition = {operator: {ASSOCIATED: arn}}
    world.user("mallory", allow("iam:PassRole") | {"Condition": condition}, *more)
    return world


LAMBDA_CALLS = allow(["lambda:CreateFunction", "lambda:InvokeFunction"])


@pytest.mark.technique("lambda-001")
@pytest.mark.parametrize(
    ("arn", "made", "gained"),
    [
        (function("*", "*"), "*", True),
        (function("dev-*"), "*", True),
        (function("dev-*"), function("dev-*"), True),
        (function("dev-*"), function("prod-*"), False),
        (function("*", ELSEWHERE), function("*", ELSEWHERE), True),
        (function("*", ELSEWHERE), function("*"), False),
        (machine("*", "*"), "*", False),
        (f"arn:aws:s3:::{'*'}", "*", False),
    ],
    ids=["any", "named", "same", "another-name", "place", "another-place", "machine", "bucket"],
)
def test_a_role_is_passed_for_the_function_that_gets_it(arn: str, made: str, gained: bool) -> None:
    making = allow(["lambda:CreateFunction", "lambda:InvokeFunction"], made)
    expected = {VICTIM: "yes"} if gained else {}
    assert verdicts(passing_for(arn, making), "lambda-001") == expected


@pytest.mark.technique("lambda-001")
@pytest.mark.parametrize(("denied", "gained"), [("dev-*", False), ("prod-*", True)])
def test_a_name_that_a_condition_asks_for_is_taken_unless_it_is_denied(
    denied: str, gained: bool
) -> None:
    world = passing_for(function("dev-*"), LAMBDA_CALLS)
    closed = deny("lambda:CreateFunction") | {"Resource": function(denied, "*")}
    expected = {VICTIM: "yes"} if gained else {}
    assert verdicts(with_scp(world, closed), "lambda-001") == expected


@pytest.mark.technique("ec2-001")
@pytest.mark.parametrize(
    ("region", "gained"), [("us-east-1", False), (ELSEWHERE, True), ("*", True)]
)
def test_a_role_is_passed_for_a_machine_where_machines_may_be_started(
    region: str, gained: bool
) -> None:
    here = {"StringEquals": {"aws:RequestedRegion": ELSEWHERE}}
    starting = allow("ec2:RunInstances") | {"Condition": here}
    world = passing_for(machine("*", region), starting)
    assert verdicts(world, "ec2-001") == ({VICTIM: "yes"} if gained else {})


@pytest.mark.technique("x-iam-addroletoinstanceprofile")
@pytest.mark.parametrize(("region", "gained"), [("*", True), ("us-east-1", False)])
def test_a_role_that_is_put_into_a_profile_is_passed_for_machines_of_every_region(
    region: str, gained: bool
) -> None:
    world = passing_for(machine("*", region), allow("iam:AddRoleToInstanceProfile"))
    rows = verdicts(world, "x-iam-addroletoinstanceprofile")
    assert rows == ({VICTIM: "conditional"} if gained else {})


@pytest.mark.technique("ecs-002")
@pytest.mark.parametrize(("operator", "verdict"), [("ArnLike", "conditional"), ("Null", "yes")])
def test_where_aws_does_not_say_which_resource_it_is_that_is_a_condition(
    operator: str, verdict: str
) -> None:
    world = TechniqueWorld()
    world.role("victim", [trusting({"Service": "ecs-tasks.amazonaws.com"})])
    value = f"arn:aws:ecs:*:{PROD}:*"
    passing = allow("iam:PassRole")
    if operator == "ArnLike":
        passing |= {"Condition": {operator: {ASSOCIATED: value}}}
    world.user("mallory", passing, allow("ecs:*"))
    (one,) = found(world, "ecs-002").values()
    assert one.props["verdict"] == verdict
    told = [str(name) for name in one.props["conditions"]]
    assert told == ([f"context:{ASSOCIATED}={value}"] if verdict == "conditional" else [])


# Things that are there


def job(name: str, region: str = REGION) -> str:
    return f"arn:aws:glue:{region}:{PROD}:job/{name}"


def with_jobs(*names: str) -> TechniqueWorld:
    world = TechniqueWorld(read={"glue:job"})
    world.role("victim", [trusting({"Service": "glue.amazonaws.com"})])
    for name in names:
        world.add("glue:job", job(name), {"Name": name}, region=REGION)
    return world


@pytest.mark.technique("glue-005")
@pytest.mark.parametrize(
    ("changed", "started", "gained"),
    [
        ("there", "there", True),
        ("there", "other", False),
        ("*", "there", True),
        ("*", "gone", False),
        ("o*", "*", True),
        ("gone", "gone", False),
    ],
)
def test_a_job_that_is_changed_is_there_and_the_one_that_is_started(
    changed: str, started: str, gained: bool
) -> None:
    world = with_jobs("there", "other")
    changing = allow("glue:UpdateJob", job(changed))
    starting = allow("glue:StartJobRun", job(started, "*"))
    world.user("mallory", allow("iam:PassRole"), changing, starting)
    assert verdicts(world, "glue-005") == ({VICTIM: "yes"} if gained else {})


@pytest.mark.technique("glue-005")
@pytest.mark.parametrize(("tag", "gained"), [("red", True), ("blue", False)])
def test_the_tags_of_a_thing_that_is_there_are_its_own(tag: str, gained: bool) -> None:
    world = with_jobs("there")
    line = world.lines[PROD, REGION, "glue:job"][job("there")]
    line["item"]["Tags"] = [{"Key": "team", "Value": "red"}]
    condition = {"StringEquals": {"aws:ResourceTag/team": tag}}
    changing = allow(["glue:UpdateJob", "glue:StartJobRun"]) | {"Condition": condition}
    world.user("mallory", allow("iam:PassRole"), changing)
    assert verdicts(world, "glue-005") == ({VICTIM: "yes"} if gained else {})


@pytest.mark.technique("ecs-004")
@pytest.mark.parametrize(("cluster", "gained"), [("there", True), ("gone", False)])
def test_a_task_runs_in_a_cluster_that_is_there(cluster: str, gained: bool) -> None:
    world = TechniqueWorld(read={"ecs:cluster"})
    world.role("victim", [trusting({"Service": "ecs-tasks.amazonaws.com"})])
    arn = f"arn:aws:ecs:{REGION}:{PROD}:cluster/"
    world.add("ecs:cluster", f"{arn}there", {"clusterArn": f"{arn}there"}, region=REGION)
    condition = {"ArnEquals": {"ecs:cluster": f"{arn}{cluster}"}}
    running = allow("ecs:RunTask") | {"Condition": condition}
    world.user("mallory", allow("iam:PassRole"), allow("ecs:RegisterTaskDefinition"), running)
    assert verdicts(world, "ecs-004") == ({VICTIM: "yes"} if gained else {})


# What stands outside the identity policies tells things apart too


def with_functions(*names: str) -> World:
    world = TechniqueWorld(read={"lambda:function"})
    for name in names:
        role = world.role(f"of-{name}", [LAMBDA])
        item = {"FunctionArn": function(name), "Role": role, "State": "Active"}
        world.add("lambda:function", function(name), item, region=REGION)
        line = world.lines[PROD, REGION, "lambda:function"][function(name)]
        line["calls"]["get_policy"] = {"status": "absent", "error": "ResourceNotFoundException"}
    return world


@pytest.mark.technique("lambda-003")
@pytest.mark.parametrize("names", [("a-prod", "b-dev"), ("a-dev", "b-prod")])
def test_an_scp_on_one_function_leaves_the_other(names: tuple[str, str]) -> None:
    world = with_functions(*names)
    world.user("mallory", allow("lambda:UpdateFunctionCode"))
    closed = deny("lambda:UpdateFunctionCode") | {"Resource": function("*-prod", "*")}
    (left,) = [name for name in names if name.endswith("dev")]
    assert verdicts(with_scp(world, closed), "lambda-003") == {iam("role", f"of-{left}"): "yes"}
    both = {iam("role", f"of-{name}"): "yes" for name in names}
    assert verdicts(world, "lambda-003") == both


@pytest.mark.technique("lambda-003")
@pytest.mark.parametrize("names", [("a-prod", "b-dev"), ("a-dev", "b-prod")])
def test_a_boundary_around_one_function_leaves_the_other_out(names: tuple[str, str]) -> None:
    world = with_functions(*names)
    bound = boundary(world, allow("lambda:*", function("*-dev", "*")))
    world.user("mallory", allow("lambda:UpdateFunctionCode"), PermissionsBoundary=bound)
    (left,) = [name for name in names if name.endswith("dev")]
    assert verdicts(world, "lambda-003") == {iam("role", f"of-{left}"): "yes"}
