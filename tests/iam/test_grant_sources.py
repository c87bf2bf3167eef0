"""Whom a policy for everyone singles out: every narrowing condition leaves somebody."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam.grants import grants
from graph.iam.questions import who_can
from graph.verdict import Verdict
from tests.iam.worlds import ORG, A, B, C, doc, forbid, grant, member, policy, world

QUEUE = f"arn:aws:sqs:eu-west-1:{A}:jobs"
SEND = "sqs:SendMessage"
UNIT = f"{ORG}/r-ab/ou-1/*"
SNS = "any-account-via:sns.amazonaws.com"
ROLE = f"arn:aws:iam::{B}:role/r"
NOBODY_KNOWN = "AROAZZZZZZZZZZZZZZZZZ"
ELSEWHERE = f"not_collected:principal={NOBODY_KNOWN}"


def only(operator, key, *values):
    return grant("*", SEND, QUEUE, Condition={operator: {key: list(values)}})


def but(operator, key, *values):
    return forbid("*", "sqs:*", QUEUE, Condition={operator: {key: list(values)}})


def found(*statements, service="sqs", arn=QUEUE):
    """``{source id: verdict}``, the strongest per source."""
    result = {}
    for row in grants(doc(*statements), service, arn, A):
        known = result.get(row.source_id)
        if known is None or Verdict(known).rank < row.answer.verdict.rank:
            result[row.source_id] = str(row.answer.verdict)
    return result


@pytest.mark.parametrize(
    ("operator", "key", "value", "source"),
    [
        ("StringEquals", "aws:SourceOrgID", ORG, f"org:{ORG}"),
        (
            "ForAnyValue:StringLike",
            "aws:SourceOrgPaths",
            f"{ORG}/r-ab/ou-1/*",
            f"org:{ORG}/r-ab/ou-1",
        ),
        ("StringEquals", "aws:userid", f"{B}:someone", f"account:{B}"),
        ("StringEquals", "aws:userid", B, f"account:{B}"),
        ("StringLike", "aws:userid", "AROA*", "any-aws-principal"),
        ("StringLike", "aws:SourceAccount", "*", "any-account-via:any-service"),
        ("StringLike", "aws:SourceAccount", "4444*", "any-account-via:any-service"),
        ("ArnLike", "aws:SourceArn", "*", "any-account-via:any-service"),
        ("ArnLike", "aws:SourceArn", "arn:aws:*:*:*:*", "any-account-via:any-service"),
        (
            "StringLike",
            "aws:SourceArn",
            "arn:aws:sns:eu-west-1:*",
            "any-account-via:sns.amazonaws.com",
        ),
        ("StringLike", "aws:SourceOrgID", "o-*", "any-account-via:any-service"),
        ("Null", "aws:SourceAccount", "false", "any-account-via:any-service"),
        ("StringLike", "aws:SourceVpce", "vpce-*", "internet"),
        ("ArnLike", "aws:SourceVpcArn", "arn:aws:ec2:*:*:vpc/*", "internet"),
        ("IpAddress", "aws:VpcSourceIp", "192.168.0.0/16", "internet"),
    ],
)
def test_a_condition_of_a_policy_for_everyone_singles_somebody_out(operator, key, value, source):
    assert found(only(operator, key, value)) == {source: "yes"}


@pytest.mark.parametrize("value", [NOBODY_KNOWN, f"{NOBODY_KNOWN}:*"])
def test_a_unique_id_that_was_not_collected_may_be_of_anybody(value):
    (row,) = grants(doc(only("StringLike", "aws:userid", value)), "sqs", QUEUE, A)
    assert (row.source_id, row.answer.verdict) == ("any-aws-principal", Verdict.UNKNOWN)
    assert row.answer.conditions == (ELSEWHERE,)


def test_two_organisations_at_once_are_nobody():
    both = {"StringEquals": {"aws:SourceOrgID": ORG, "aws:PrincipalOrgID": "o-elsewhere1"}}
    assert found(grant("*", SEND, QUEUE, Condition=both)) == {}


def test_a_service_for_an_organisation_is_that_organisation():
    fixed = {"StringEquals": {"aws:SourceOrgID": ORG}}
    service = {"Service": "sns.amazonaws.com"}
    assert found(grant(service, SEND, QUEUE, Condition=fixed))[f"org:{ORG}"] == "yes"
    assert f"org:{ORG}" not in found(grant(service, SEND, QUEUE))


@pytest.mark.parametrize(
    ("operator", "key", "value", "source"),
    [
        ("StringNotEquals", "aws:PrincipalOrgID", ORG, f"org:{ORG}"),
        ("StringNotEqualsIfExists", "aws:PrincipalAccount", B, f"account:{B}"),
        (
            "ArnNotEquals",
            "aws:PrincipalArn",
            f"arn:aws:iam::{B}:role/r",
            f"arn:aws:iam::{B}:role/r",
        ),
        ("StringNotEquals", "aws:SourceVpce", "vpce-1", "vpce-1"),
        ("StringNotEquals", "aws:SourceAccount", B, f"account:{B}"),
        ("BoolIfExists", "aws:PrincipalIsAWSService", "false", "service:any"),
    ],
)
def test_whom_a_deny_of_everybody_else_leaves_is_a_source(operator, key, value, source):
    everyone = grant("*", SEND, QUEUE)
    assert found(everyone, but(operator, key, value)) == {source: "yes"}
    assert found(everyone) == {"internet": "yes"}


def test_whom_a_deny_with_notprincipal_leaves_is_a_source():
    rest = forbid("*", "sqs:*", QUEUE)
    del rest["Principal"]
    role = f"arn:aws:iam::{B}:role/r"
    left = {**rest, "NotPrincipal": {"AWS": [role, f"arn:aws:iam::{B}:root"]}}
    assert role in found(grant("*", SEND, QUEUE), left)
    assert found(grant("*", SEND, QUEUE), forbid("*", "sqs:*", QUEUE)) == {}


def test_a_deny_about_another_action_leaves_everybody_as_they_were():
    other = but("StringNotEquals", "aws:PrincipalOrgID", ORG) | {"Action": "sqs:DeleteQueue"}
    assert found(grant("*", SEND, QUEUE), other) == {"internet": "yes"}


def test_more_callers_left_by_denies_than_are_gone_through_are_one_row():
    many = [f"{number:012}" for number in range(10**11, 10**11 + 2_100)]
    rows = found(grant("*", SEND, QUEUE), but("StringNotEquals", "aws:PrincipalAccount", *many))
    assert rows["any-aws-principal"] == "conditional"
    assert len(rows) > 1_000


def test_who_can_tells_whom_a_condition_singles_out():
    here = world(
        accounts=[member(A)],
        resource_policies={QUEUE: policy(only("StringEquals", "aws:SourceOrgID", ORG))},
    )
    assert {held.source for held in who_can(here, SEND, QUEUE)} == {f"org:{ORG}"}
    bare = world(accounts=[member(A)], resource_policies={QUEUE: None})
    assert who_can(bare, SEND, QUEUE) == []


OPERATORS = ("StringEquals", "StringLike", "ForAnyValue:StringLike", "StringEqualsIfExists")
NARROWING = st.sampled_from(
    [
        (operator, key, value)
        for key, values in {
            "aws:PrincipalOrgID": [ORG, "o-*", "*"],
            "aws:PrincipalOrgPaths": [f"{ORG}/*", f"{ORG}/r-ab/ou-1/*", "*"],
            "aws:PrincipalAccount": [B, "2222*", "????????????", "*"],
            "aws:PrincipalArn": [f"arn:aws:iam::{B}:role/r", "arn:aws:iam::*:role/r", "*"],
            "aws:PrincipalServiceName": ["sns.amazonaws.com"],
            "aws:PrincipalServiceNamesList": ["sns.amazonaws.com"],
            "aws:PrincipalIsAWSService": ["true"],
            "aws:PrincipalType": ["User", "AssumedRole", "Anonymous"],
            "aws:PrincipalTag/team": ["ops", "*"],
            "aws:username": ["bob", "b*"],
            "aws:userid": [NOBODY_KNOWN, f"{NOBODY_KNOWN}:*", f"{NOBODY_KNOWN}:me", "*:bob", B],
            "aws:SourceAccount": [B, "*", "22*"],
            "aws:SourceOwner": [B, "*"],
            "aws:SourceArn": [f"arn:aws:sns:eu-west-1:{B}:t", "arn:aws:s3:::bucket", "*", "arn:*"],
            "aws:SourceOrgID": [ORG, "o-*"],
            "aws:SourceOrgPaths": [f"{ORG}/*", f"{ORG}/r-ab/*"],
            "aws:SourceVpc": ["vpc-0a1b2c3d4e5f", "vpc-*"],
            "aws:SourceVpce": ["vpce-0a1b2c3d4e5f", "vpce-0*", "*"],
            "aws:SourceVpcArn": [f"arn:aws:ec2:eu-west-1:{B}:vpc/vpc-1", "arn:aws:ec2:*:*:vpc/*"],
            "aws:VpceAccount": [B, "*"],
            "aws:VpceOrgID": [ORG, "o-*"],
            "aws:FederatedProvider": ["cognito-identity.amazonaws.com"],
            "aws:CalledVia": ["athena.amazonaws.com"],
            "aws:ViaAWSService": ["true", "false"],
            "aws:MultiFactorAuthPresent": ["true", "false"],
            "aws:SourceIdentity": ["me"],
            "aws:Referer": ["https://example.com"],
            "aws:ResourceAccount": [A],
            "kms:ViaService": ["s3.eu-west-1.amazonaws.com"],
            "sqs:anything": ["x"],
        }.items()
        for value in values
        for operator in (
            "StringEquals",
            "StringLike",
            "ForAnyValue:StringLike",
            "StringEqualsIfExists",
        )
        if operator.endswith("Like") or not {"*", "?"} & set(value)
    ]
)


@settings(deadline=None)
@given(NARROWING, st.booleans())
def test_a_condition_that_narrows_leaves_somebody(test, by_deny):
    """One condition alone contradicts nothing: whoever fulfils it gets in."""
    operator, key, value = test
    statements = [only(operator, key, value)]
    if by_deny and operator in ("StringEquals", "StringLike"):
        statements = [
            grant("*", SEND, QUEUE),
            but(operator.replace("String", "StringNot"), key, value),
        ]
    assert found(*statements)


@settings(deadline=None)
@given(NARROWING)
def test_a_condition_that_narrows_lets_nobody_in_whom_everyone_would_not_hold(test):
    operator, key, value = test
    strongest = max(Verdict(one).rank for one in found(only(operator, key, value)).values())
    assert strongest <= Verdict(found(grant("*", SEND, QUEUE))["internet"]).rank
    assert found(only(operator, key, value), forbid("*", "sqs:*", QUEUE)) == {}


def test_another_account_left_by_a_deny_is_not_left_by_its_twin():
    everyone = grant("*", SEND, QUEUE)
    assert f"account:{C}" not in found(everyone, but("StringNotEquals", "aws:PrincipalAccount", B))
    assert f"account:{C}" in found(everyone, but("StringNotEquals", "aws:PrincipalAccount", C))


def test_actions_stand_as_the_reference_spells_them_however_the_policy_writes_them():
    rows = [grant({"AWS": B}, ["SQS:sendmessage", SEND, "SQS:Receive*"], QUEUE)]
    (row,) = grants(doc(*rows), "sqs", QUEUE, A)
    assert row.actions == ("sqs:Receive*", SEND)
