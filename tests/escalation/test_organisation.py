"""Techniques that reach every account of an organisation: IAM Identity Center and stack sets."""

from __future__ import annotations

import pytest

from derivation.aws_world import DEV, PROD, VENDOR, World, allow, iam, trusting
from escalation.technique_lab import TechniqueWorld, derived, found

INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
SETS = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef"
STEM = "AWSReservedSSO_Operators_"
MANAGEMENT = PROD
MAKE = (
    allow("sso:CreatePermissionSet", INSTANCE),
    allow("sso:AttachManagedPolicyToPermissionSet", [f"{SETS}/*", INSTANCE]),
    allow("sso:CreateAccountAssignment", [f"{SETS}/*", INSTANCE]),
)


def organisation(at: str, *, listed: bool = True) -> World:
    """Identity Center is administered in an account; two more belong to the organisation."""
    # Nothing is delegated, and that was asked.
    world = TechniqueWorld(read={"org:delegated-admin"})
    if listed:
        world.organisation(management=MANAGEMENT, delegated=DEV, other=VENDOR)
    world.add("sso:instance", INSTANCE, {"InstanceArn": INSTANCE}, account=at, region="eu-west-1")
    for account in (MANAGEMENT, DEV, VENDOR):
        world.role("plain", [trusting({"Service": "ec2.amazonaws.com"})], account=account)
    return world


def verdicts(world: World, technique: str, who: str) -> dict[str, str]:
    """Accounts that somebody gains; whether delegated administrators were read is told apart."""
    rows = found(world, technique, who)
    return {end: str(one.props["verdict"]) for end, one in rows.items() if _is_account(end)}


def _is_account(end: str) -> bool:
    return end.startswith("account:")


@pytest.mark.technique("sso-001")
@pytest.mark.parametrize(
    ("at", "reached"), [(MANAGEMENT, {MANAGEMENT, DEV, VENDOR}), (DEV, {DEV, VENDOR})]
)
def test_who_makes_permission_sets_takes_every_account_but_the_management_from_elsewhere(
    at: str, reached: set[str]
) -> None:
    world = organisation(at)
    eve = world.user("eve", *MAKE, account=at)
    expected = {f"account:{one}": "conditional" for one in reached}
    assert verdicts(world, "sso-001", eve) == expected
    for gone in range(len(MAKE)):
        twin = organisation(at)
        left = [row for number, row in enumerate(MAKE) if number != gone]
        twin.user("eve", *left, account=at)
        assert verdicts(twin, "sso-001", eve) == {}


@pytest.mark.technique("sso-001")
@pytest.mark.parametrize(
    ("service", "reached"), [("sso.amazonaws.com", {DEV, VENDOR}), ("guardduty.amazonaws.com", ())]
)
def test_a_delegated_administrator_administers_what_the_management_account_listed(
    service: str, reached: set[str]
) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html"""
    world = organisation(MANAGEMENT)
    node = f"arn:aws:organizations::{MANAGEMENT}:delegated-administrator/o-abcdefghij/{DEV}"
    services = [{"ServicePrincipal": service}]
    world.add(
        "org:delegated-admin", node, {"Id": DEV}, list_delegated_services_for_account=services
    )
    eve = world.user("eve", *MAKE, account=DEV)
    expected = {f"account:{one}": "conditional" for one in reached}
    assert verdicts(world, "sso-001", eve) == expected
    other = world.user("eve", *MAKE, account=VENDOR)
    assert verdicts(world, "sso-001", other) == {}


@pytest.mark.technique("sso-001")
def test_an_instance_that_a_member_owns_is_its_own_and_admins_of_the_delegated_reach_further() -> (
    None
):
    world = organisation(DEV)
    world.user("admin", allow("*"), account=DEV)
    item = world.lines[DEV, "eu-west-1", "sso:instance"][INSTANCE]["item"]
    item["OwnerAccountId"] = MANAGEMENT
    admin = iam("user", "admin", DEV)
    assert verdicts(world, "sso-001", admin).keys() == {f"account:{VENDOR}"}
    item["OwnerAccountId"] = DEV
    assert verdicts(world, "sso-001", admin) == {}


@pytest.mark.technique("sso-001")
def test_an_instance_of_an_account_or_of_another_account_gives_no_access() -> None:
    alone = organisation(DEV, listed=False)
    eve = alone.user("eve", *MAKE, account=DEV)
    assert verdicts(alone, "sso-001", eve) == {}
    elsewhere = organisation(MANAGEMENT)
    other = elsewhere.user("eve", *MAKE, account=DEV)
    assert verdicts(elsewhere, "sso-001", other) == {}


RESERVED = "/aws-reserved/sso.amazonaws.com/eu-west-1/"


def with_set(action: str, *, provision: bool = True) -> tuple[World, str]:
    """A permission set with rights on permission sets, signed in to in two accounts."""
    world = organisation(MANAGEMENT)
    provider = trusting({"Federated": iam("saml-provider", "AWSSSO_DO_NOT_DELETE")})
    rights = [allow(action, f"{SETS}/*")]
    if provision:
        rights.append(allow("sso:ProvisionPermissionSet", f"{SETS}/*"))
    for account, number in ((MANAGEMENT, "0123456789abcdef"), (DEV, "fedcba9876543210")):
        name = f"{STEM}{number}"
        arn = f"arn:aws:iam::{account}:role{RESERVED}{name}"
        statements = {"Version": "2012-10-17", "Statement": rights}
        item = {
            "Arn": arn,
            "RoleName": name,
            "RoleId": f"AROA{number.upper()}",
            "Path": RESERVED,
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [provider]},
            "RolePolicyList": [{"PolicyName": "AwsSSOInlinePolicy", "PolicyDocument": statements}],
            "AttachedManagedPolicies": [],
            "InstanceProfileList": [],
        }
        world.add("iam:role", arn, item, account=account)
    return world, f"arn:aws:iam::{MANAGEMENT}:role{RESERVED}{STEM}0123456789abcdef"


@pytest.mark.technique("sso-002", "sso-003")
@pytest.mark.parametrize(
    ("technique", "action"),
    [
        ("sso-002", "sso:AttachManagedPolicyToPermissionSet"),
        ("sso-003", "sso:PutInlinePolicyToPermissionSet"),
    ],
)
def test_who_may_widen_its_own_permission_set_takes_the_accounts_that_have_it(
    technique: str, action: str
) -> None:
    world, role = with_set(action)
    assert verdicts(world, technique, role).keys() == {f"account:{MANAGEMENT}", f"account:{DEV}"}
    without, role = with_set(action, provision=False)
    assert verdicts(without, technique, role) == {}
    user = world.user("eve", allow("sso:*"), account=MANAGEMENT)
    assert verdicts(world, technique, user) == {}


STACKS = "member.org.stacksets.cloudformation.amazonaws.com"
DEPLOY = (
    allow("cloudformation:CreateStackSet"),
    allow("cloudformation:CreateStackInstances"),
)


@pytest.mark.technique("x-orgs-stackset")
def test_who_activates_stack_sets_in_the_management_account_takes_the_members() -> None:
    activate = allow(["organizations:EnableAWSServiceAccess",
                      "cloudformation:ActivateOrganizationsAccess"])  # fmt: skip
    world = organisation(MANAGEMENT)
    eve = world.user("eve", *DEPLOY, activate)
    joe = world.user("joe", *DEPLOY)
    away = world.user("eve", *DEPLOY, activate, account=DEV)
    rows = derived(world).relationships
    ends = {
        who: {row.end for row in rows
              if row.start == who and row.props.get("technique") == "x-orgs-stackset"
              and _is_account(row.end)}
        for who in (eve, joe, away)
    }  # fmt: skip
    assert ends[eve] == {f"account:{DEV}", f"account:{VENDOR}"}
    assert ends[away] == set()
    # Whether trusted access is on already was not collected.
    assert verdicts(world, "x-orgs-stackset", joe) == dict.fromkeys(ends[eve], "conditional")
    assert set(verdicts(world, "x-orgs-stackset", eve).values()) == {"yes"}


@pytest.mark.technique("x-orgs-stackset")
@pytest.mark.parametrize(("service", "reached"), [(STACKS, {DEV, VENDOR}), ("other", set())])
def test_where_stack_sets_are_active_making_one_is_enough(service: str, reached: set[str]) -> None:
    world = organisation(MANAGEMENT)
    ((root,),) = [list(rows.values()) for key, rows in world.lines.items() if key[2] == "org:root"]
    listed = [{"ServicePrincipal": service}]
    root["calls"]["list_aws_service_access_for_organization"] = {"status": "ok", "value": listed}
    joe = world.user("joe", *DEPLOY)
    expected = {f"account:{one}": "yes" for one in reached}
    assert verdicts(world, "x-orgs-stackset", joe) == expected
