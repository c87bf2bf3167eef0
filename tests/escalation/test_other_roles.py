"""Techniques that pass a second role: some role that fits must be there, and be passable."""

from __future__ import annotations

import pytest

from derivation.aws_world import PROD, World, allow, iam, trusting
from escalation.technique_lab import VICTIM, TechniqueWorld, deny, found
from snapshot_files import REGION

SERVICE = iam("role", "service")
EMR = trusting({"Service": "elasticmapreduce.amazonaws.com"})
CODEBUILD = trusting({"Service": "codebuild.amazonaws.com"})


def verdicts(world: World, technique: str) -> dict[str, str]:
    return {end: str(one.props["verdict"]) for end, one in found(world, technique).items()}


def with_cluster(passed: list[str], trust: object = EMR, **more: object) -> World:
    world = TechniqueWorld()
    world.profile("victim", world.role("victim", [trusting({"Service": "ec2.amazonaws.com"})]))
    world.role("service", [trust], **more)
    world.user("mallory", allow("iam:PassRole", passed), allow("elasticmapreduce:RunJobFlow"))
    return world


@pytest.mark.technique("emr-001")
@pytest.mark.parametrize(
    ("passed", "gained"),
    [
        ([VICTIM, SERVICE], True),
        ([VICTIM, iam("role", "serv*")], True),
        ([VICTIM], False),
        ([SERVICE], False),
        ([VICTIM, iam("role", "made-up")], False),
    ],
    ids=["both", "pattern", "no-service-role", "no-target", "none-there"],
)
def test_a_cluster_takes_a_service_role_that_is_there_too(passed: list[str], gained: bool) -> None:
    assert verdicts(with_cluster(passed), "emr-001") == ({VICTIM: "yes"} if gained else {})


@pytest.mark.technique("emr-001")
def test_a_service_role_trusts_its_service() -> None:
    other = trusting({"Service": "nobody.amazonaws.com"})
    assert verdicts(with_cluster([VICTIM, SERVICE], other), "emr-001") == {}


@pytest.mark.technique("emr-001")
@pytest.mark.parametrize(("tag", "gained"), [("red", True), ("blue", False)])
def test_the_second_role_is_told_apart_by_its_own_tags(tag: str, gained: bool) -> None:
    world = TechniqueWorld()
    world.profile("victim", world.role("victim", [trusting({"Service": "ec2.amazonaws.com"})]))
    for name, team in (("alpha", "green"), ("service", "red")):
        world.role(name, [EMR], Tags=[{"Key": "team", "Value": team}])
    condition = {"StringEquals": {"aws:ResourceTag/team": tag}}
    passing = allow("iam:PassRole", iam("role", "*")) | {"Condition": condition}
    target = allow("iam:PassRole", VICTIM)
    world.user("mallory", target, passing, allow("elasticmapreduce:RunJobFlow"))
    assert verdicts(world, "emr-001") == ({VICTIM: "yes"} if gained else {})


def with_batch(*allowed: object, target: object = None, passed: object = "*") -> World:
    world = TechniqueWorld()
    world.role("victim", [CODEBUILD], target or allow("s3:GetObject"))
    world.role("service", [CODEBUILD], *allowed)
    calls = ["codebuild:CreateProject", "codebuild:StartBuildBatch"]
    world.user("mallory", allow("iam:PassRole", passed), allow(calls))
    return world


STARTS = allow("codebuild:StartBuild")


@pytest.mark.technique("codebuild-004")
def test_a_batch_role_must_be_able_to_start_builds() -> None:
    both = {VICTIM: "yes", SERVICE: "yes"}
    assert verdicts(with_batch(STARTS), "codebuild-004") == both
    assert verdicts(with_batch(STARTS, deny("codebuild:StartBuild")), "codebuild-004") == {}
    build = f"arn:aws:codebuild:{REGION}:{PROD}:project/batch-*"
    assert verdicts(with_batch(allow("codebuild:StartBuild", build)), "codebuild-004") == both


@pytest.mark.technique("codebuild-004")
def test_the_role_that_is_passed_may_be_the_batch_role_itself() -> None:
    assert verdicts(with_batch(target=STARTS, passed=VICTIM), "codebuild-004") == {VICTIM: "yes"}
    assert verdicts(with_batch(passed=VICTIM), "codebuild-004") == {}
    assert verdicts(with_batch(STARTS, passed=VICTIM), "codebuild-004") == {}


@pytest.mark.technique("codebuild-004")
@pytest.mark.parametrize(("named", "gained"), [(SERVICE, True), (iam("role", "other"), False)])
def test_the_project_names_its_batch_role(named: str, gained: bool) -> None:
    world = with_batch(STARTS)
    world.lines.clear()
    world.role("victim", [CODEBUILD])
    world.role("service", [CODEBUILD], STARTS)
    condition = {"ArnEquals": {"codebuild:buildBatchConfig.serviceRole": named}}
    making = allow("codebuild:CreateProject") | {"Condition": condition}
    world.user("mallory", allow(["iam:PassRole", "codebuild:StartBuildBatch"]), making)
    rows = verdicts(world, "codebuild-004")
    assert rows == ({VICTIM: "yes", SERVICE: "yes"} if gained else {})


@pytest.mark.technique("datapipeline-001")
@pytest.mark.parametrize(
    ("passed_to", "gained"),
    [("ec2.amazonaws.com", True), ("datapipeline.amazonaws.com", True), ("x.amazonaws.com", False)],
)
@pytest.mark.parametrize("there", [True, False])
def test_a_pipeline_runs_with_a_machines_role_and_takes_a_role_of_its_own(
    passed_to: str, gained: bool, there: bool
) -> None:
    world = TechniqueWorld()
    world.profile("victim", world.role("victim", [trusting({"Service": "ec2.amazonaws.com"})]))
    if there:
        world.role("service", [trusting({"Service": "datapipeline.amazonaws.com"})])
    condition = {"StringEquals": {"iam:PassedToService": passed_to}}
    target = allow("iam:PassRole", VICTIM) | {"Condition": condition}
    world.user("mallory", allow("iam:PassRole", SERVICE), target, allow("datapipeline:*"))
    rows = verdicts(world, "datapipeline-001")
    assert rows == ({VICTIM: "conditional"} if gained and there else {})
