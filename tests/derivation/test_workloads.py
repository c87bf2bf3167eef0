"""``HAS_ROLE``: the roles of machines and functions, each case with its twin."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from derivation.aws_world import (
    EC2,
    LAMBDA,
    PROD,
    VENDOR,
    Derive,
    World,
    doc,
    iam,
    trusting,
    verdicts,
    walked,
)
from graph.derive import Derivation
from graph.judgement import Judgement
from snapshot_files import REGION

ROLE = iam("role", "app")
MACHINE = f"arn:aws:ec2:{REGION}:{PROD}:instance/i-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{PROD}:function:hello"


def machine(trust: dict[str, Any] = EC2, **more: Any) -> World:
    world = World()
    world.role("app", [trust])
    world.instance("i-1", world.profile("app", ROLE), **more)
    return world


def asked(derivation: Derivation) -> list[Judgement]:
    return [one for one in derivation.judgements if one.question == "role"]


def test_a_running_machine_hands_out_its_profiles_role(derived: Derive) -> None:
    derivation = derived(machine())
    assert verdicts(derivation, "HAS_ROLE") == {(MACHINE, ROLE): "yes"}
    (found,) = walked(derivation, "HAS_ROLE")
    assert (found.props["definite"], found.props["conditions"]) == (True, [])
    assert any("IMDSv2 only" in text for text in found.props["evidence"])


def test_a_profile_without_a_role_gives_none(derived: Derive) -> None:
    world = machine()
    world.profile("app")
    derivation = derived(world)
    assert walked(derivation, "HAS_ROLE") == []
    (told,) = asked(derivation)
    assert (str(told.answer.verdict), "holds no role" in told.answer.why) == ("no", True)


def test_the_roles_own_list_of_profiles_is_enough(derived: Derive) -> None:
    world = machine()
    profile = iam("instance-profile", "app")
    world.refuse(PROD, "iam:instance-profile")
    world.item(ROLE)["InstanceProfileList"] = [{"Arn": profile}]
    assert verdicts(derived(world), "HAS_ROLE") == {(MACHINE, ROLE): "yes"}


def test_a_profile_that_was_not_read_is_unknown_and_named(derived: Derive) -> None:
    world = machine()
    world.refuse(PROD, "iam:instance-profile")
    derivation = derived(world)
    (told,) = asked(derivation)
    profile = iam("instance-profile", "app")
    assert str(told.answer.verdict) == "unknown"
    assert told.answer.conditions == (f"not_collected:iam:instance-profile={profile}",)
    assert walked(derivation, "HAS_ROLE") == []


def test_a_role_that_was_not_read_is_unknown_and_named(derived: Derive) -> None:
    world = machine()
    world.refuse(PROD, "iam:role")
    (found,) = walked(derived(world), "HAS_ROLE", MACHINE, ROLE)
    assert found.props["verdict"] == "unknown"
    assert found.props["conditions"] == [f"not_collected:iam:role={ROLE}"]


@pytest.mark.parametrize(
    "trust",
    [LAMBDA, trusting({"AWS": VENDOR}), EC2 | {"Effect": "Deny"}],
    ids=["another service", "an account", "refused"],
)
def test_ec2_must_be_trusted(derived: Derive, trust: dict[str, Any]) -> None:
    derivation = derived(machine(trust))
    assert walked(derivation, "HAS_ROLE") == []
    assert [str(one.answer.verdict) for one in asked(derivation)] == ["no"]


@pytest.mark.parametrize("everyone", ["*", {"AWS": "*"}], ids=str)
def test_a_trust_of_everyone_admits_the_service(derived: Derive, everyone: Any) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"""
    derivation = derived(machine(trusting(everyone)))
    assert verdicts(derivation, "HAS_ROLE") == {(MACHINE, ROLE): "yes"}


def test_twin_everyone_but_services(derived: Derive) -> None:
    no_service = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    derivation = derived(machine(trusting("*", Condition=no_service)))
    assert walked(derivation, "HAS_ROLE") == []


def test_twin_a_deny_of_everyone_keeps_the_service_out(derived: Derive) -> None:
    world = machine()
    refused = trusting("*") | {"Effect": "Deny"}
    world.item(ROLE)["AssumeRolePolicyDocument"] = doc(EC2, refused)
    assert walked(derived(world), "HAS_ROLE") == []


@pytest.mark.parametrize(
    ("key", "value", "operator"),
    [
        ("aws:SourceAccount", PROD, "StringEquals"),
        ("aws:SourceArn", MACHINE, "ArnEquals"),
        ("aws:SourceArn", f"arn:aws:ec2:*:{PROD}:instance/*", "ArnLike"),
    ],
)
def test_a_conditional_trust_carries_its_condition(
    derived: Derive, key: str, value: str, operator: str
) -> None:
    trust = EC2 | {"Condition": {operator: {key: value}}}
    (found,) = walked(derived(machine(trust)), "HAS_ROLE", MACHINE, ROLE)
    assert found.props["verdict"] == "conditional"
    assert found.props["conditions"] == [f"context:{key}={value}"]


@pytest.mark.parametrize(
    ("key", "value", "operator"),
    [
        ("aws:SourceAccount", VENDOR, "StringEquals"),
        ("aws:SourceArn", f"arn:aws:ec2:*:{VENDOR}:instance/*", "ArnLike"),
    ],
)
def test_twin_the_condition_names_another_account(
    derived: Derive, key: str, value: str, operator: str
) -> None:
    trust = EC2 | {"Condition": {operator: {key: value}}}
    assert walked(derived(machine(trust)), "HAS_ROLE") == []


def test_a_trust_policy_that_was_not_read_is_unknown(derived: Derive) -> None:
    world = machine()
    del world.item(ROLE)["AssumeRolePolicyDocument"]
    assert verdicts(derived(world), "HAS_ROLE") == {(MACHINE, ROLE): "unknown"}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"MetadataOptions": {"HttpEndpoint": "disabled"}}, "dormant"),
        ({"MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "optional"}}, "yes"),
        ({"state": "stopped"}, "dormant"),
        ({"state": "stopping"}, "dormant"),
        ({"state": "pending"}, "yes"),
        ({"state": ""}, "unknown"),
    ],
    ids=lambda value: str(value),
)
def test_metadata_service_and_state_decide(
    derived: Derive, change: dict[str, Any], verdict: str
) -> None:
    assert verdicts(derived(machine(**change)), "HAS_ROLE") == {(MACHINE, ROLE): verdict}


@pytest.mark.parametrize("state", ["terminated", "shutting-down"])
def test_a_machine_that_is_gone_has_none(derived: Derive, state: str) -> None:
    derivation = derived(machine(state=state))
    assert walked(derivation, "HAS_ROLE") == asked(derivation) == []


@pytest.mark.parametrize(("trust", "verdict"), [(LAMBDA, "yes"), (EC2, None)])
def test_a_function_runs_with_its_role(
    derived: Derive, trust: dict[str, Any], verdict: str | None
) -> None:
    world = World()
    world.role("app", [trust])
    item = {"FunctionName": "hello", "FunctionArn": FUNCTION, "Role": ROLE}
    world.add("lambda:function", FUNCTION, item, region=REGION)
    expected = {(FUNCTION, ROLE): verdict} if verdict else {}
    assert verdicts(derived(world), "HAS_ROLE") == expected


def test_a_function_whose_role_was_not_read_is_unknown(derived: Derive) -> None:
    world = World()
    world.role("other", [EC2])
    world.add("lambda:function", FUNCTION, {"Role": ROLE}, region=REGION)
    derivation = derived(world)
    assert verdicts(derivation, "HAS_ROLE") == {(FUNCTION, ROLE): "unknown"}
    (node,) = [node for node in derivation.nodes if node.id == ROLE]
    assert (node.labels[0], node.props["collected"]) == ("IAMRole", False)


def test_a_trust_policy_as_url_encoded_text_reads_like_the_parsed_one(derived: Derive) -> None:
    world = machine()
    world.item(ROLE)["AssumeRolePolicyDocument"] = quote(json.dumps(doc(EC2)))
    assert verdicts(derived(world), "HAS_ROLE") == {(MACHINE, ROLE): "yes"}
