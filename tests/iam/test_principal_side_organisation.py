"""Service and resource control policies: whom they bind, beside twins that they do not."""

from dataclasses import replace

import pytest

from graph.iam.callers import caller_of
from graph.iam.world import ANONYMOUS, ANY_AWS_PRINCIPAL, Account, Outside
from tests.iam.worlds import (
    BUCKET,
    FULL,
    ORG,
    A,
    B,
    C,
    allow,
    deny,
    forbid,
    grant,
    member,
    policy,
    role,
    root,
    user,
    verdict,
    world,
)

OBJECT = f"{BUCKET}/x"
STOP = policy(FULL, deny("s3:GetObject"), name="stop")
NO_S3 = policy(forbid("*", "s3:GetObject"), name="rcp")
OPEN = grant("*", "s3:GetObject", OBJECT)


def manages(account, *levels, rcps=()):
    return replace(member(account, *levels, rcps=rcps), membership="management")


@pytest.mark.parametrize("caller", [user(allow()), role(allow()), root()])
def test_an_scp_binds_every_principal_of_a_member_account_but_not_of_the_management_account(caller):
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html."""
    assert verdict(caller, within=world(caller, accounts=[member(A, (STOP,))])) == "no"
    assert verdict(caller, within=world(caller, accounts=[manages(A, (STOP,))])) == "yes"


def test_an_scp_does_not_bind_service_linked_roles():
    linked = role(allow(), path="/aws-service-role/ecs.amazonaws.com/")
    here = [member(A, (STOP,), rcps=(NO_S3,))]
    assert verdict(linked, within=world(linked, accounts=here)) == "yes"
    plain = role(allow(), path="/team/")
    assert verdict(plain, within=world(plain, accounts=here)) == "no"


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (Outside("service", A, "s3.amazonaws.com"), "yes"),
        (Outside("account", C, f"arn:aws:iam::{C}:user/eve"), "yes"),
        (user(), "no"),
    ],
)
def test_an_scp_binds_neither_services_nor_other_organisations(caller, expected):
    here = world(accounts=[member(A, (STOP,)), Account(C, collected=False, membership="none")])
    principal = {"Service": "s3.amazonaws.com"} if caller.kind == "service" else "*"
    assert (
        verdict(caller, resource_policy=grant(principal, "s3:*", OBJECT), within=here) == expected
    )


def test_a_delegated_administrator_is_bound_like_any_member():
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html."""
    alice = user(allow())
    assert verdict(alice, within=world(alice, accounts=[member(A, (STOP,))])) == "no"


def test_every_level_must_allow():
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html."""
    alice, full, other = user(allow()), policy(FULL), policy(allow("ec2:*"))
    assert verdict(alice, within=world(alice, accounts=[member(A, (full,), (full,))])) == "yes"
    assert verdict(alice, within=world(alice, accounts=[member(A, (full,), (other,))])) == "no"
    both = member(A, (full,), (other, full))
    assert verdict(alice, within=world(alice, accounts=[both])) == "yes"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow("s3:Get*", OBJECT), "yes"),
        (allow("s3:Get*", f"{BUCKET}/y"), "no"),
        (allow("*", Condition={"StringEquals": {"aws:PrincipalAccount": A}}), "yes"),
        (allow("*", Condition={"StringEquals": {"aws:PrincipalAccount": B}}), "no"),
        ({"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"}, "yes"),
        ({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, "no"),
        ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::other/*"}, "yes"),
        ({"Effect": "Allow", "Action": "*", "NotResource": OBJECT}, "no"),
        (allow("*:*Object"), "yes"),
    ],
)
def test_scps_have_the_full_language(statement, expected):
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html."""
    alice = user(allow())
    here = world(alice, accounts=[member(A, (policy(statement),))])
    assert verdict(alice, within=here) == expected


@pytest.mark.parametrize("caller", [ANONYMOUS, ANY_AWS_PRINCIPAL, Outside("account", C)])
def test_an_rcp_binds_callers_from_outside(caller):
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html."""
    bound = world(accounts=[member(A, rcps=(NO_S3,))])
    assert verdict(caller, resource_policy=OPEN, within=bound) == "no"
    assert verdict(caller, resource_policy=OPEN, within=world(accounts=[member(A)])) == "yes"
    exempt = world(accounts=[manages(A, rcps=(NO_S3,))])
    assert verdict(caller, resource_policy=OPEN, within=exempt) == "yes"


def test_an_rcp_never_grants():
    alice = user()
    opens = policy(grant("*", "*"), name="RCPFullAWSAccess")
    assert verdict(alice, within=world(alice, accounts=[member(A, rcps=(opens,))])) == "no"


def test_a_session_of_a_member_is_bound_too():
    app = role(allow())
    here = world(app, accounts=[member(A, (STOP,))])
    session = caller_of(here, f"arn:aws:sts::{A}:assumed-role/app/x")
    assert verdict(session, within=here) == "no"
    free = world(app, accounts=[member(A)], organization=ORG)
    assert verdict(session, within=free) == "yes"
