"""Roles that a workload gets by way of others: templates, definitions, models, pods' trust."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from derivation.aws_world import (
    EC2,
    LAMBDA,
    PROD,
    VENDOR,
    Derive,
    World,
    iam,
    trusting,
    verdicts,
    walked,
)
from derivation.workload_lab import ISSUER, PROVIDER, lab, put, read, trust_of, workload_items
from graph.derivation.workload_roles import CarriedRole
from snapshot_files import REGION, Denied

ITEMS = workload_items()
TEMPLATE = "lt-0a1b2c3d4e5f60718"
Spec = dict[str, Any]


def group(spec: Spec, **data: Spec) -> World:
    """A group and its template: version 1 (the default) carries ``one``, 2 (the latest) ``two``."""
    world = World()
    for name in ("one", "two"):
        world.role(name, [EC2])
        world.profile(name, iam("role", name))
    line = ITEMS["ec2:launch-template"]
    rows = line["calls"]["describe_launch_template_versions"]
    versions = [
        {**row, "LaunchTemplateData": {"IamInstanceProfile": {"Name": name}}}
        for row, name in zip(rows, ("one", "two"), strict=True)
    ]
    world.add(
        "ec2:launch-template",
        line["id"],
        line["item"],
        region=REGION,
        describe_launch_template_versions=data.get("versions", versions),
    )
    line = ITEMS["autoscaling:group"]
    item = {name: value for name, value in line["item"].items() if name != "LaunchTemplate"}
    world.add("autoscaling:group", line["id"], {**item, **spec}, region=REGION)
    return world


def carried(world: World, folder: Path, type_id: str, kind: str = "") -> list[CarriedRole]:
    found = [one for workload in read(world, folder, type_id) for one in workload.roles]
    return [one for one in found if kind in ("", one.kind)]


def named(version: str | None = None) -> Spec:
    spec = {"LaunchTemplateId": TEMPLATE, "LaunchTemplateName": "web"}
    return spec | ({"Version": version} if version else {})


@pytest.mark.parametrize(
    ("version", "roles"),
    [
        (None, {"one"}),
        ("$Default", {"one"}),
        ("1", {"one"}),
        ("$Latest", {"two"}),
        ("2", {"two"}),
    ],
    ids=str,
)
def test_a_group_has_the_role_of_the_version_that_it_launches(
    tmp_path: Path, version: str | None, roles: set[str]
) -> None:
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateSpecification.html"""
    found = carried(group({"LaunchTemplate": named(version)}), tmp_path, "autoscaling:group")
    assert {one.role for one in found} == {iam("role", name) for name in roles}
    assert {str(one.answer.verdict) for one in found} == {"yes"}
    assert {one.via for one in found} == {one.profile for one in found}


def test_twin_a_version_that_was_not_collected_is_unknown(tmp_path: Path) -> None:
    (found,) = carried(group({"LaunchTemplate": named("7")}), tmp_path, "autoscaling:group")
    template = ITEMS["ec2:launch-template"]["id"]
    assert (found.role, str(found.answer.verdict)) == ("", "unknown")
    assert found.answer.conditions == (f"not_collected:ec2:launch-template={template}",)


@pytest.mark.parametrize(
    "versions", [Denied, 5, [], [5], [None]], ids=["denied", "5", "0", "1", "-"]
)
def test_versions_that_were_not_read_are_unknown(tmp_path: Path, versions: Any) -> None:
    world = group({"LaunchTemplate": named()}, versions=versions)
    (found,) = carried(world, tmp_path, "autoscaling:group")
    assert (found.role, str(found.answer.verdict)) == ("", "unknown")


def test_a_version_without_a_profile_gives_none(tmp_path: Path) -> None:
    versions = [{"VersionNumber": 1, "DefaultVersion": True, "LaunchTemplateData": {}}]
    world = group({"LaunchTemplate": named()}, versions=versions)
    assert carried(world, tmp_path, "autoscaling:group") == []


def test_a_mixed_group_has_the_roles_of_all_its_templates(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_MixedInstancesPolicy.html"""
    override = {"InstanceType": "m7g.large", "LaunchTemplateSpecification": named("2")}
    mixed = {"LaunchTemplateSpecification": named("1"), "Overrides": [override]}
    world = group({"MixedInstancesPolicy": {"LaunchTemplate": mixed}})
    found = carried(world, tmp_path / "1", "autoscaling:group")
    assert {one.role for one in found} == {iam("role", "one"), iam("role", "two")}
    del override["LaunchTemplateSpecification"]
    world = group({"MixedInstancesPolicy": {"LaunchTemplate": mixed}})
    found = carried(world, tmp_path / "2", "autoscaling:group")
    assert {one.role for one in found} == {iam("role", "one")}


def test_an_older_group_has_the_role_of_its_launch_configuration(derived: Derive) -> None:
    world = lab("autoscaling:launch-configuration")
    line = ITEMS["autoscaling:group"]
    item = {"LaunchConfigurationName": "old-web", "DesiredCapacity": 1}
    world.add("autoscaling:group", line["id"], item, region=REGION)
    role = iam("role", "instance-profile")
    configuration = ITEMS["autoscaling:launch-configuration"]["id"]
    expected = {(line["id"], role): "yes", (configuration, role): "dormant"}
    assert verdicts(derived(world), "HAS_ROLE") == expected
    world.item(line["id"])["DesiredCapacity"] = 0
    expected[line["id"], role] = "dormant"
    assert verdicts(derived(world), "HAS_ROLE") == expected


def test_a_template_that_was_not_collected_is_told_but_not_drawn(derived: Derive) -> None:
    world = group({"LaunchTemplate": named()})
    del world.lines[PROD, REGION, "ec2:launch-template"]
    derivation = derived(world)
    assert walked(derivation, "HAS_ROLE") == []
    (told,) = [one for one in derivation.judgements if one.question == "role"]
    assert (told.target, str(told.answer.verdict)) == (TEMPLATE, "unknown")


def test_a_task_has_its_own_role_or_that_of_its_definition(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html"""
    world = lab("ecs:task")
    world.role("other", [trusting({"Service": "ecs-tasks.amazonaws.com"})])
    (task,) = world.lines[PROD, REGION, "ecs:task"].values()
    overrides = task["calls"]["describe_tasks"]["value"]["overrides"]
    overrides["taskRoleArn"] = iam("role", "other")
    (found,) = carried(world, tmp_path / "own", "ecs:task", "task-role")
    assert (found.role, found.via) == (iam("role", "other"), "")
    del overrides["taskRoleArn"]
    (found,) = carried(world, tmp_path / "defined", "ecs:task", "task-role")
    expected = (iam("role", "task-role"), ITEMS["ecs:task-definition"]["id"])
    assert (found.role, found.via) == expected


@pytest.mark.parametrize(
    ("type_id", "source", "verdict"),
    [
        ("ecs:task", PROD, "yes"),
        ("stepfunctions:state-machine", PROD, "yes"),
        ("lambda:function", PROD, "conditional"),
        *((one, VENDOR, "no") for one in ("ecs:task", "lambda:function")),
    ],
)
def test_a_service_whose_page_says_so_tells_the_account_that_it_acts_for(
    type_id: str, source: str, verdict: str, tmp_path: Path
) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html"""
    held = {"Condition": {"StringEquals": {"aws:SourceAccount": source}}}
    world = lab(type_id, trust=lambda role: trust_of(role) | held)
    assert {str(one.answer.verdict) for one in carried(world, tmp_path, type_id)} == {verdict}


@pytest.mark.parametrize("type_id", ["ecs:service", "ecs:task"])
def test_a_definition_that_was_not_collected_is_unknown(type_id: str, tmp_path: Path) -> None:
    world = lab(type_id)
    del world.lines[PROD, REGION, "ecs:task-definition"]
    (found,) = carried(world, tmp_path, type_id, "execution-role")
    definition = ITEMS["ecs:task-definition"]["id"]
    assert (found.role, str(found.answer.verdict)) == ("", "unknown")
    assert found.answer.conditions == (f"not_collected:ecs:task-definition={definition}",)


def test_an_endpoint_has_the_role_of_its_models(tmp_path: Path) -> None:
    (found,) = carried(lab("sagemaker:endpoint"), tmp_path / "1", "sagemaker:endpoint")
    assert (found.role, found.via) == (
        iam("role", "execution-role"),
        ITEMS["sagemaker:model"]["id"],
    )
    world = lab("sagemaker:endpoint")
    del world.lines[PROD, REGION, "sagemaker:model"]
    (found,) = carried(world, tmp_path / "2", "sagemaker:endpoint")
    assert (found.role, found.answer.conditions) == ("", ("not_collected:sagemaker:model=score",))


def test_a_role_that_two_models_name_is_carried_once(derived: Derive) -> None:
    world = lab("sagemaker:endpoint")
    model = ITEMS["sagemaker:model"]
    second = {"ModelName": "second", "ModelArn": model["id"] + "2"}
    described = {**model["calls"]["describe_model"], **second}
    world.add("sagemaker:model", model["id"] + "2", second, region=REGION, describe_model=described)
    (config,) = world.lines[PROD, REGION, "sagemaker:endpoint-config"].values()
    variants = config["calls"]["describe_endpoint_config"]["value"]["ProductionVariants"]
    variants.append({"VariantName": "other", "ModelName": "second"})
    endpoint = ITEMS["sagemaker:endpoint"]["id"]
    assert len(walked(derived(world), "HAS_ROLE", endpoint)) == 1


def test_a_studio_user_without_a_role_has_the_domains(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UserSettings.html"""
    user = "sagemaker:user-profile"

    def without(line: Spec) -> Spec:
        return put("@describe_user_profile/UserSettings", {})(line)

    (found,) = carried(lab(user, without), tmp_path, user)
    assert (found.role, found.via) == (
        iam("role", "execution-role"),
        ITEMS["sagemaker:domain"]["id"],
    )


def test_a_managed_instance_of_ec2_has_no_role_of_its_own(tmp_path: Path) -> None:
    """The line is about the instance, whose profile says it.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_InstanceInformation.html
    """
    type_id = "ssm:managed-instance"
    assert len(carried(lab(type_id), tmp_path / "hybrid", type_id)) == 1
    ec2 = put("InstanceId", "i-0a1b2c3d4e5f60718")
    assert carried(lab(type_id, ec2), tmp_path / "ec2", type_id) == []


@pytest.mark.parametrize("written", ["app", "/app", "service-role/app", iam("role", "app")])
def test_a_role_is_found_by_name(written: str, tmp_path: Path) -> None:
    world = lab("glue:job", put("Role", written), roles=False)
    world.role("app", [trusting({"Service": "glue.amazonaws.com"})])
    (found,) = carried(world, tmp_path, "glue:job")
    assert (found.role, str(found.answer.verdict)) == (iam("role", "app"), "yes")


def test_twin_a_name_that_no_collected_role_has(tmp_path: Path) -> None:
    world = lab("glue:job", put("Role", "service-role/gone"), roles=False)
    (found,) = carried(world, tmp_path, "glue:job")
    role = iam("role", "service-role/gone")
    assert (found.role, found.answer.conditions) == (role, (f"not_collected:iam:role={role}",))


def test_an_image_puller_is_no_role_of_the_code(derived: Derive) -> None:
    """The execution role stays with the agent; containers get the task role alone.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    line = ITEMS["ecs:service"]["id"]
    ends = {one.end for one in walked(derived(lab("ecs:service")), "HAS_ROLE", line)}
    assert ends == {iam("role", "task-role")}


CLUSTER = ITEMS["eks:cluster"]["id"]


def pods(trust: dict[str, Any], folder: Path, kind: str) -> str:
    """The verdict on a cluster's pods having a role; empty where nothing is asked."""
    world = lab("eks:cluster", trust=lambda row: trust if row.kind == kind else trust_of(row))
    return next(
        (str(one.answer.verdict) for one in carried(world, folder, "eks:cluster", kind)), ""
    )


PODS = {"Service": "pods.eks.amazonaws.com"}
BOTH = ["sts:AssumeRole", "sts:TagSession"]


def of_cluster(arn: str) -> dict[str, Any]:
    return trusting(PODS) | {"Action": BOTH, "Condition": {"ArnEquals": {"aws:SourceArn": arn}}}


@pytest.mark.parametrize(
    ("trust", "verdict"),
    [
        (trusting(PODS) | {"Action": BOTH}, "yes"),
        (of_cluster(CLUSTER), "yes"),
        (of_cluster(CLUSTER + "2"), "no"),
        (trusting(PODS), "no"),
        (trusting({"Service": "ec2.amazonaws.com"}) | {"Action": BOTH}, "no"),
    ],
    ids=["trusted", "this cluster", "another cluster", "no tags", "another service"],
)
def test_pods_get_a_role_that_trusts_pod_identity(
    trust: dict[str, Any], verdict: str, tmp_path: Path
) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html"""
    assert pods(trust, tmp_path, "pod-identity") == verdict


WEB = "sts:AssumeRoleWithWebIdentity"
SUBJECT = {f"{ISSUER}:sub": "system:serviceaccount:shop:cart"}


@pytest.mark.parametrize(
    ("trust", "verdict"),
    [
        (trusting({"Federated": PROVIDER}, WEB), "yes"),
        (
            trusting({"Federated": PROVIDER}, WEB) | {"Condition": {"StringEquals": SUBJECT}},
            "conditional",
        ),
        (trusting({"Federated": PROVIDER.replace("EF01", "AA01")}, WEB), ""),
        (trusting({"Federated": PROVIDER}), ""),
        (trusting({"Federated": PROVIDER}, WEB) | {"Effect": "Deny"}, ""),
    ],
    ids=["trusted", "one account", "another issuer", "another action", "refused"],
)
def test_service_accounts_get_a_role_that_trusts_the_issuer(
    trust: dict[str, Any], verdict: str, tmp_path: Path
) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html"""
    assert pods(trust, tmp_path, "irsa") == verdict


def test_a_definition_in_another_region_is_another(tmp_path: Path) -> None:
    """Templates are named by id or name, both of one region."""
    world = group({"LaunchTemplate": named()})
    rows = world.lines.pop((PROD, REGION, "ec2:launch-template"))
    world.lines[PROD, "eu-central-1", "ec2:launch-template"] = rows
    (found,) = carried(world, tmp_path, "autoscaling:group")
    assert (found.role, str(found.answer.verdict)) == ("", "unknown")


def test_a_function_version_has_the_role_that_it_was_published_with(derived: Derive) -> None:
    world = World()
    world.role("old", [LAMBDA])
    line = ITEMS["lambda:function-version"]
    world.add("lambda:function-version", line["id"], {"Role": iam("role", "old")}, region=REGION)
    assert verdicts(derived(world), "HAS_ROLE") == {(line["id"], iam("role", "old")): "yes"}


def test_reaching_a_control_plane_is_not_reaching_the_code(derived: Derive) -> None:
    """A public API of Kubernetes is not its pods; a function's URL is the function."""
    (found,) = walked(derived(lab("lambda:function")), "HAS_ROLE")
    assert found.props["reached"] is True
    cluster = walked(derived(lab("eks:cluster")), "HAS_ROLE")
    assert [one.props["reached"] for one in cluster] == [False, False, False]
