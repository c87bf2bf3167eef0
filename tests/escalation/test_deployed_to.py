"""Deployments reach the machines that their group chooses, and need the right group."""

from __future__ import annotations

from typing import Any

import pytest

from derivation.aws_world import PROD, World, allow, trusting
from escalation.technique_lab import VICTIM, TechniqueWorld, found
from snapshot_files import REGION

DEPLOY = "codedeploy-001"
ARN = f"arn:aws:codedeploy:{REGION}:{PROD}:"
REST = ["codedeploy:RegisterApplicationRevision", "codedeploy:GetDeploymentConfig"]


def with_groups(tags: dict[str, str], *groups: dict[str, Any], deploys_to: Any = "*") -> World:
    """A machine with tags, and deployment groups ``shop/group-0``, ``shop/group-1``..."""
    world = TechniqueWorld(read={"ec2:instance", "codedeploy:deployment-group"})
    profile = world.profile(
        "victim", world.role("victim", [trusting({"Service": "ec2.amazonaws.com"})])
    )
    machine = f"arn:aws:ec2:{REGION}:{PROD}:instance/i-1"
    item = {
        "InstanceId": "i-1",
        "State": {"Name": "running"},
        "IamInstanceProfile": {"Arn": profile},
        "MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "optional"},
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    world.add("ec2:instance", machine, item, region=REGION)
    for number, group in enumerate(groups):
        arn = f"{ARN}deploymentgroup:shop/group-{number}"
        told = {"deploymentGroupName": f"group-{number}", "computePlatform": "Server", **group}
        names = {"applicationName": "shop", "deploymentGroupName": f"group-{number}"}
        kind = "codedeploy:deployment-group"
        world.add(kind, arn, names, region=REGION, batch_get_deployment_groups=told)
    world.user("mallory", allow("codedeploy:CreateDeployment", deploys_to), allow(REST))
    return world


def gains(world: World) -> bool:
    return found(world, DEPLOY).keys() == {VICTIM}


def tag(key: str, value: str = "", kind: str = "KEY_AND_VALUE") -> dict[str, str]:
    return {"Key": key, "Value": value, "Type": kind}


@pytest.mark.technique(DEPLOY)
@pytest.mark.parametrize(
    ("group", "reached"),
    [
        ({"ec2TagFilters": [tag("team", "red")]}, True),
        ({"ec2TagFilters": [tag("team", "blue")]}, False),
        ({"ec2TagFilters": [tag("team", "blue"), tag("team", "red")]}, True),
        ({"ec2TagFilters": [tag("team", kind="KEY_ONLY")]}, True),
        ({"ec2TagFilters": [tag("other", kind="KEY_ONLY")]}, False),
        ({"ec2TagFilters": [tag("", "red", "VALUE_ONLY")]}, True),
        ({"ec2TagFilters": [tag("", "blue", "VALUE_ONLY")]}, False),
        ({"ec2TagSet": {"ec2TagSetList": [[tag("team", "red")], [tag("stage", "test")]]}}, True),
        ({"ec2TagSet": {"ec2TagSetList": [[tag("team", "red")], [tag("stage", "prod")]]}}, False),
        ({"ec2TagSet": {"ec2TagSetList": []}}, False),
        ({"autoScalingGroups": [{"name": "web"}]}, True),
        ({"autoScalingGroups": [{"name": "db"}]}, False),
        ({}, False),
    ],
)
def test_a_machine_is_deployed_to_that_the_group_chooses(
    group: dict[str, Any], reached: bool
) -> None:
    tags = {"team": "red", "stage": "test", "aws:autoscaling:groupName": "web"}
    assert gains(with_groups(tags, group)) is reached


@pytest.mark.technique(DEPLOY)
@pytest.mark.parametrize(("number", "reached"), [(0, True), (1, False)])
def test_the_group_that_one_may_deploy_to_is_the_one_of_the_machine(
    number: int, reached: bool
) -> None:
    groups = [{"ec2TagFilters": [tag("team", team)]} for team in ("red", "blue")]
    arn = f"{ARN}deploymentgroup:shop/group-{number}"
    assert gains(with_groups({"team": "red"}, *groups, deploys_to=arn)) is reached


@pytest.mark.technique(DEPLOY)
@pytest.mark.parametrize(("application", "reached"), [("shop", True), ("other", False)])
def test_the_revision_is_registered_with_the_application_of_the_group(
    application: str, reached: bool
) -> None:
    world = with_groups({"team": "red"}, {"ec2TagFilters": [tag("team", "red")]})
    registering = allow(REST[0], f"{ARN}application:{application}")
    world.user("mallory", allow("codedeploy:CreateDeployment"), registering, allow(REST[1]))
    assert gains(world) is reached


@pytest.mark.technique(DEPLOY)
def test_a_group_that_was_not_read_may_deploy_to_any_machine() -> None:
    world = with_groups({"team": "red"}, {})
    for line in world.lines[PROD, REGION, "codedeploy:deployment-group"].values():
        line["calls"].clear()
    (one,) = found(world, DEPLOY).values()
    told = [str(name) for name in one.props["conditions"]]
    assert any(name.startswith("not_collected:@batch_get_deployment_groups") for name in told)
