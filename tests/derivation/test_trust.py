"""``CAN_ASSUME`` and the sets of principals that may alike, each case with its twin."""

from __future__ import annotations

from typing import Any

import pytest

from derivation.aws_world import (
    DEV,
    EC2,
    FULL,
    ORG,
    PROD,
    VENDOR,
    Derive,
    World,
    allow,
    iam,
    trusting,
    verdicts,
    walked,
)
from graph.derive import Derivation
from graph.iam.grantees import SET_FROM

TARGET = iam("role", "target")
EVERY = {"AWS": f"arn:aws:iam::{PROD}:root"}


def crowd(size: int, trust: dict[str, Any] | None = None) -> World:
    """Users whose own policies let them assume the role, which trusts their account."""
    world = World()
    world.role("target", [trust or trusting(EVERY)])
    for number in range(size):
        world.user(f"u{number}", allow("sts:AssumeRole", TARGET))
    return world


def users(size: int, account: str = PROD) -> set[str]:
    return {iam("user", f"u{number}", account) for number in range(size)}


def sets(derivation: Derivation) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in walked(derivation, "IN_GROUP"):
        found.setdefault(one.end, set()).add(one.start)
    return found


def starts(derivation: Derivation, role: str = TARGET) -> set[str]:
    """Who may assume the role, the account's root (which an own trust always admits) left out."""
    found = {one.start for one in walked(derivation, "CAN_ASSUME", end=role)}
    return {one for one in found if not one.endswith(":root")}


def test_few_principals_each_get_their_own_step(derived: Derive) -> None:
    derivation = derived(crowd(SET_FROM - 2))
    assert starts(derivation) == users(SET_FROM - 2)
    assert sets(derivation) == {}


def test_many_principals_become_a_set(derived: Derive) -> None:
    derivation = derived(crowd(SET_FROM + 1))
    (set_id,) = starts(derivation)
    assert users(SET_FROM + 1) <= sets(derivation)[set_id]
    (node,) = [node for node in derivation.nodes if node.id == set_id]
    assert node.labels == ("PrincipalSet",)
    assert node.props["member_count"] == len(sets(derivation)[set_id])
    assert all(one.props["definite"] for one in walked(derivation, "IN_GROUP"))


def test_what_names_one_member_never_stands_on_the_sets_step(derived: Derive) -> None:
    derivation = derived(crowd(SET_FROM + 1))
    (set_id,) = starts(derivation)
    (step,) = walked(derivation, "CAN_ASSUME", set_id, TARGET)
    told = " ".join([step.props["why"], *step.props["evidence"]])  # type: ignore[list-item]
    assert not [user for user in users(SET_FROM + 1) if user in told]
    assert f"principals of {PROD}" in told


def test_one_answer_that_differs_keeps_its_principal_out_of_the_set(derived: Derive) -> None:
    world = crowd(SET_FROM + 1)
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    world.user("u0", allow("sts:AssumeRole", TARGET, Condition=condition))
    derivation = derived(world)
    (members,) = sets(derivation).values()
    alone = iam("user", "u0")
    assert alone not in members
    (own,) = walked(derivation, "CAN_ASSUME", alone, TARGET)
    assert own.props["verdict"] == "conditional"
    (theirs,) = [s for s in starts(derivation) if s.startswith("principal-set:")]
    assert verdicts(derivation, "CAN_ASSUME")[theirs, TARGET] == "yes"


def test_one_membership_is_one_set(derived: Derive) -> None:
    world = crowd(SET_FROM)
    second = world.role("second", [trusting(EVERY)])
    for number in range(SET_FROM):
        world.user(f"u{number}", allow("sts:AssumeRole", [TARGET, second]))
    together = derived(world)
    assert len(sets(together)) == 1
    assert starts(together) == starts(together, second)
    world.user("u0", allow("sts:AssumeRole", TARGET))
    apart = derived(world)
    assert iam("user", "u0") not in starts(apart, second)
    assert starts(apart) == starts(together)
    assert starts(apart, second) != starts(apart)


def test_sets_do_not_mix_accounts(derived: Derive) -> None:
    trust = trusting({"AWS": [PROD, DEV]})
    world = crowd(SET_FROM, trust)
    for number in range(SET_FROM):
        world.user(f"u{number}", allow("sts:AssumeRole", TARGET), account=DEV)
    derivation = derived(world)
    accounts = [{one.split(":")[4] for one in members} for members in sets(derivation).values()]
    assert sorted(map(sorted, accounts)) == [[PROD], [DEV]]


def test_a_sure_admin_gets_no_step_inside_its_account_but_others_stay(derived: Derive) -> None:
    world = World()
    inside = world.role("inside", [trusting(EVERY)])
    abroad = world.role("abroad", [trusting({"AWS": PROD})], account=DEV)
    admin = world.user("boss", FULL)
    derivation = derived(world)
    assert verdicts(derivation, "HAS_ADMIN")[admin, f"account:{PROD}"] == "yes"
    assert admin not in starts(derivation, inside)
    assert admin in starts(derivation, abroad)


def test_an_admin_under_a_condition_keeps_its_steps(derived: Derive) -> None:
    world = World()
    inside = world.role("inside", [trusting(EVERY)])
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    admin = world.user("boss", FULL | {"Condition": condition})
    derivation = derived(world)
    assert verdicts(derivation, "HAS_ADMIN")[admin, f"account:{PROD}"] == "conditional"
    assert admin in starts(derivation, inside)


def test_a_role_that_trusts_itself_gains_nothing(derived: Derive) -> None:
    world = World()
    world.role("target", [trusting({"AWS": TARGET})], allow("sts:AssumeRole"))
    assert starts(derived(world)) == set()
    other = world.role("other", [trusting({"AWS": TARGET})])
    assert starts(derived(world), other) == {TARGET}


@pytest.mark.parametrize(
    ("trust", "source", "verdict"),
    [
        (trusting({"AWS": VENDOR}), f"account:{VENDOR}", "yes"),
        (
            trusting({"AWS": VENDOR}, Condition={"StringEquals": {"sts:ExternalId": "s"}}),
            f"account:{VENDOR}",
            "conditional",
        ),
        (
            trusting({"AWS": f"arn:aws:iam::{VENDOR}:role/scan"}),
            f"arn:aws:iam::{VENDOR}:role/scan",
            "yes",
        ),
        (trusting({"AWS": "*"}), "any-aws-principal", "yes"),
        (
            trusting("*", Condition={"StringEquals": {"aws:PrincipalOrgID": ORG}}),
            f"org:{ORG}",
            "yes",
        ),
        (EC2, "service:ec2.amazonaws.com", "yes"),
    ],
    ids=["account", "external id", "principal", "anyone", "organisation", "service"],
)
def test_sources_outside(derived: Derive, trust: dict[str, Any], source: str, verdict: str) -> None:
    world = World()
    world.role("target", [trust])
    derivation = derived(world)
    assert verdicts(derivation, "CAN_ASSUME").get((source, TARGET)) == verdict
    assert source in {node.id for node in derivation.nodes}
    world.role("target", [trust | {"Effect": "Deny"}])
    assert starts(derived(world)) == set()


def test_one_source_under_two_conditions_keeps_both_steps(derived: Derive) -> None:
    """Two statements, each with its own lock: neither may overwrite the other in a store."""
    world = World()
    secret = {"StringEquals": {"sts:ExternalId": "s"}}
    world.role("target", [trusting({"AWS": VENDOR}, Condition=secret)])
    once = walked(derived(world), "CAN_ASSUME", f"account:{VENDOR}", TARGET)
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    world.role(
        "target",
        [trusting({"AWS": VENDOR}, Condition=secret), trusting({"AWS": VENDOR}, Condition=mfa)],
    )
    twice = walked(derived(world), "CAN_ASSUME", f"account:{VENDOR}", TARGET)
    assert len({one.key for one in twice}) == len(twice) >= len(once) == 1


@pytest.mark.parametrize(
    ("provider", "source"),
    [
        (iam("saml-provider", "okta"), iam("saml-provider", "okta")),
        (
            iam("oidc-provider", "token.actions.githubusercontent.com"),
            iam("oidc-provider", "token.actions.githubusercontent.com"),
        ),
        ("cognito-identity.amazonaws.com", "federated:cognito-identity.amazonaws.com"),
    ],
)
def test_a_provider_of_the_account_is_its_own_node(
    derived: Derive, provider: str, source: str
) -> None:
    action = "sts:AssumeRoleWithSAML" if "saml" in provider else "sts:AssumeRoleWithWebIdentity"
    world = World()
    world.role("target", [trusting({"Federated": provider}, action)])
    derivation = derived(world)
    (found,) = walked(derivation, "CAN_ASSUME", end=TARGET)
    assert (found.start, found.props["actions"]) == (source, [action])
    (node,) = [node for node in derivation.nodes if node.id == source]
    assert "FederatedProvider" in node.labels
    world.role("target", [trusting({"Federated": provider}, "sts:TagSession")])
    assert walked(derived(world), "CAN_ASSUME") == []


def test_a_trust_from_an_endpoint_starts_at_its_node(derived: Derive) -> None:
    arn = f"arn:aws:ec2:eu-west-1:{PROD}:vpc-endpoint/vpce-0123456789abcdef0"
    condition = {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}
    world = World()
    world.role("target", [trusting("*", Condition=condition)])
    without = derived(world)
    assert starts(without) == {"vpce-0123456789abcdef0"}
    item = {"VpcEndpointId": "vpce-0123456789abcdef0", "VpcEndpointType": "Interface"}
    world.add("ec2:vpc-endpoint", arn, item, region="eu-west-1")
    known = derived(world)
    assert starts(known) == {arn}
    assert arn in {one.source for one in known.judgements if one.question == "assume"}
    for derivation in (without, known):
        nodes = {node.id: node for node in derivation.nodes}
        assert all("VPCEndpoint" in nodes[one].labels for one in starts(derivation))


def test_a_trust_policy_that_was_not_read_is_unknown(derived: Derive) -> None:
    world = World()
    world.role("target", [EC2])
    del world.item(TARGET)["AssumeRolePolicyDocument"]
    derivation = derived(world)
    assert verdicts(derivation, "CAN_ASSUME") == {("any-aws-principal", TARGET): "unknown"}
    (found,) = walked(derivation, "CAN_ASSUME")
    assert all(one.startswith("not_collected:") for one in found.props["conditions"])
    assert found.props["conditions"]


def test_policies_that_were_not_read_are_one_unknown_judgement(derived: Derive) -> None:
    world = World()
    attached = [{"PolicyName": "lost", "PolicyArn": iam("policy", "lost")}]
    user = world.user("u", AttachedManagedPolicies=attached)
    for number in range(3):
        world.role(f"r{number}", [trusting(EVERY)])
    told = [
        one for one in derived(world).judgements if one.question == "assume" and one.source == user
    ]
    assert [(one.target, str(one.answer.verdict)) for one in told] == [(user, "unknown")]
    assert any("policy/lost" in one for one in told[0].answer.conditions)
    world.item(user)["AttachedManagedPolicies"] = []
    assert not [one for one in derived(world).judgements if one.source == user == one.target]
