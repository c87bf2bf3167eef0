"""Resource shares of RAM: the permission of the share decides, and the receiver's own policies.

https://docs.aws.amazon.com/ram/latest/userguide/security-ram-permissions.html
"""

import json

import pytest

from graph.iam.evaluate import decide
from graph.iam.from_snapshot import from_snapshot
from graph.iam.questions import who_can
from graph.iam.ram_permissions import is_for
from graph.iam.request import Request
from graph.iam.world import outside_account
from tests.iam.worlds import ORG, A, B, C, allow, member, user, world
from tests.snapshot_files import Denied, line, write_snapshot

SUBNET = f"arn:aws:ec2:eu-west-1:{A}:subnet/subnet-1"
PROJECT = f"arn:aws:codebuild:eu-west-1:{A}:project/p"
RULE = f"arn:aws:route53resolver:eu-west-1:{A}:resolver-rule/rslvr-rr-1"
SHARE = f"arn:aws:ram:eu-west-1:{A}:resource-share/s"
DEFAULT = "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionResolverRule"
MINE = f"arn:aws:ram:eu-west-1:{A}:permission/mine"
ENTER = "route53resolver:GetResolverRule"
READ = "codebuild:BatchGetProjects"


def permission(*actions, **more):
    text = {"Effect": "Allow", "Action": list(actions), **more}
    return {"permission": {"arn": MINE, "permission": json.dumps(text)}}


def share(receiver, arn, given, name=MINE, kind="codebuild:Project", state="ASSOCIATED", **more):
    def listed(entity, how):
        return [{"associatedEntity": entity, "status": how}]

    calls = {
        "get_resource_share_associations(associationType=PRINCIPAL)": listed(receiver, state),
        "get_resource_share_associations(associationType=RESOURCE)": listed(arn, "ASSOCIATED"),
        "list_resource_share_permissions": [{"arn": name, "resourceType": kind, **more}],
    }
    if given is not None:
        calls[f"get_permission(permissionArn={name})"] = given
    return line(SHARE, {"owningAccountId": A, "name": "s", "status": "ACTIVE"}, **calls)


def built(tmp_path, arn, *rows, more=None):
    ledger = {
        "account_id": A,
        "region": "eu-west-1",
        "service": "ram",
        "operation": "get_resource_shares",
        "type": "ram:share",
        "status": "ok",
    }
    lines = {(A, "eu-west-1", "ram:share"): list(rows), **(more or {})}
    grants = from_snapshot(write_snapshot(tmp_path, lines, [ledger]))
    return {
        "shares": grants.shares,
        "share_grants": grants.share_grants,
        "shares_read": grants.shares_read,
        "resource_policies": {arn: None},
    }


def verdict(facts, action, arn, account=B):
    request = Request(outside_account(account), action, arn)
    return str(decide(world(**facts), request).answer.verdict)


def test_the_permission_of_a_share_says_what_its_receiver_may_do(tmp_path):
    here = built(tmp_path, PROJECT, share(B, PROJECT, permission(READ)))
    assert verdict(here, READ, PROJECT) == "yes"
    assert verdict(here, "codebuild:StartBuild", PROJECT) == "no"
    assert verdict(here, READ, PROJECT, account=C) == "no"


def test_who_can_names_the_receiver_of_a_share(tmp_path):
    facts = built(tmp_path, PROJECT, share(B, PROJECT, permission(READ)))
    here = world(accounts=[member(A)], **facts)
    assert f"account:{B}" in [held.source for held in who_can(here, READ, PROJECT)]
    none = who_can(here, "codebuild:StartBuild", PROJECT)
    assert f"account:{B}" not in [held.source for held in none]


@pytest.mark.parametrize(("own", "expected"), [(READ, "yes"), ("s3:*", "no")])
def test_the_receivers_own_policies_have_to_allow_it_too(tmp_path, own, expected):
    facts = built(tmp_path, PROJECT, share(B, PROJECT, permission(READ)))
    caller = user(allow(own), account=B)
    here = world(caller, accounts=[member(A), member(B)], **facts)
    assert str(decide(here, Request(caller, READ, PROJECT)).answer.verdict) == expected


@pytest.mark.parametrize(
    ("given", "more", "expected"),
    [
        (permission("codebuild:BatchGetBuilds", READ), {}, "yes"),
        (permission(READ), {"defaultVersion": False}, "unknown"),
        (permission(READ, Condition={"StringEquals": {"codebuild:x": "y"}}), {}, "conditional"),
        ({"permission": {"arn": MINE, "permission": "no JSON"}}, {}, "unknown"),
        (Denied, {}, "unknown"),
        (None, {}, "unknown"),
    ],
)
def test_a_permission_that_was_not_read_is_unknown(tmp_path, given, more, expected):
    here = built(tmp_path, PROJECT, share(B, PROJECT, given, **more))
    assert verdict(here, READ, PROJECT) == expected


@pytest.mark.parametrize(
    ("name", "action", "expected"),
    [
        (DEFAULT, ENTER, "yes"),
        (DEFAULT, "route53resolver:DeleteResolverRule", "unknown"),
        (MINE, ENTER, "unknown"),
    ],
)
def test_of_awss_default_permission_some_actions_are_known(tmp_path, name, action, expected):
    here = built(tmp_path, RULE, share(B, RULE, None, name, "route53resolver:ResolverRule"))
    assert verdict(here, action, RULE) == expected


def test_an_invitation_that_nobody_accepted_is_a_condition(tmp_path):
    facts = built(tmp_path, PROJECT, share(B, PROJECT, permission(READ), state="ASSOCIATING"))
    answer = decide(world(**facts), Request(outside_account(B), READ, PROJECT)).answer
    assert (str(answer.verdict), answer.conditions) == (
        "conditional",
        ("context:ram-invitation=accepted",),
    )


@pytest.mark.parametrize(("organisation", "expected"), [(ORG, "yes"), ("o-elsewhere1", "no")])
def test_a_share_with_an_organisation(tmp_path, organisation, expected):
    whole = f"arn:aws:organizations::{A}:organization/{organisation}"
    facts = built(tmp_path, PROJECT, share(whole, PROJECT, permission(READ)))
    caller = user(allow(READ), account=B)
    here = world(caller, accounts=[member(A), member(B)], **facts)
    assert str(decide(here, Request(caller, READ, PROJECT)).answer.verdict) == expected


def test_what_stands_below_a_shared_resource_and_a_pattern_that_meets_it(tmp_path):
    table = f"arn:aws:dynamodb:eu-west-1:{A}:table/t"
    row = share(B, table, permission("dynamodb:Query"), kind="dynamodb:Table")
    here = built(tmp_path, table, row)
    assert verdict(here, "dynamodb:Query", f"{table}/index/i") != "no"
    here["resource_policies"][f"{table}other"] = None
    assert verdict(here, "dynamodb:Query", f"{table}other") == "no"
    some = Request(outside_account(B), "dynamodb:Query", f"{table[:-1]}*", pattern=True)
    assert str(decide(world(**here), some).answer.verdict) != "no"


@pytest.mark.parametrize(
    ("kind", "arn", "fits"),
    [
        ("ec2:Subnet", SUBNET, True),
        ("ec2:PrefixList", SUBNET, False),
        ("route53resolver:ResolverRule", f"arn:aws:route53resolver:x:{A}:resolver-rule/r", True),
        ("rds:Cluster", f"arn:aws:rds:x:{A}:cluster:c", True),
        ("rds:Cluster", "no ARN", False),
    ],
)
def test_a_permission_is_for_one_type(kind, arn, fits):
    assert is_for(kind, arn) is fits


def organisation_with(*services, org=ORG):
    """The root of an organisation, with the services that it lets see its accounts."""
    root = f"arn:aws:organizations::{A}:root/{org}/r-1"
    named = [{"ServicePrincipal": name} for name in services]
    if services == (Denied,):
        named = Denied
    row = line(root, {}, list_aws_service_access_for_organization=named)
    return {(A, "global", "org:root"): [row]}


@pytest.mark.parametrize("rest", [f"organization/{ORG}", f"ou/{ORG}/ou-ab12-11111111"])
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (organisation_with("ram.amazonaws.com", "sso.amazonaws.com"), "yes"),
        (organisation_with("sso.amazonaws.com"), "conditional"),
        (organisation_with("sso.amazonaws.com", org="o-elsewhere1"), "yes"),
        (organisation_with(Denied), "yes"),
        ({}, "yes"),
    ],
)
def test_sharing_with_an_organisation_has_to_be_enabled(tmp_path, rest, more, expected):
    """That the association is in force says so too, where the setting was not read."""
    whole = f"arn:aws:organizations::{A}:{rest}"
    facts = built(tmp_path, PROJECT, share(whole, PROJECT, permission(READ)), more=more)
    caller = user(allow(READ), account=B)
    here = world(caller, accounts=[member(A), member(B)], **facts)
    answer = decide(here, Request(caller, READ, PROJECT)).answer
    assert str(answer.verdict) == expected
    if expected == "conditional":
        assert answer.conditions == ("context:ram-organization-sharing=enabled",)
