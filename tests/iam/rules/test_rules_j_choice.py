"""J. Context keys of the caller's choice and of the network."""

from typing import Any

import pytest

from graph.iam.document import parse
from graph.iam.evaluate import evaluate
from graph.iam.request import Request
from graph.iam.world import ANONYMOUS, ANY_AWS_PRINCIPAL, Caller, Policy
from graph.verdict import Answer
from tests.iam.rules.builders import USER_GUIDE, decided, verdict
from tests.iam.worlds import (
    BUCKET,
    A,
    B,
    allow,
    deny,
    doc,
    grant,
    role,
    trust,
    user,
    world,
)

KEYS = f"{USER_GUIDE}/reference_policies_condition-keys.html"
EXTERNAL_ID = f"{USER_GUIDE}/id_roles_common-scenarios_third-party.html"
SESSION_TAGS = f"{USER_GUIDE}/id_session-tags.html"
MFA = "aws:MultiFactorAuthPresent"

QUEUE = f"arn:aws:sqs:eu-west-1:{A}:q"
ROLE = role()
CHOSEN: list[tuple[str, str, str, str, str]] = [
    ("sts:AssumeRole", ROLE.arn, "StringEquals", "sts:RoleSessionName", "audit"),
    ("sqs:CreateQueue", QUEUE, "StringEquals", "aws:RequestTag/team", "ops"),
    ("sqs:CreateQueue", QUEUE, "ForAllValues:StringEquals", "aws:TagKeys", "team"),
    ("sqs:CreateQueue", QUEUE, "ForAnyValue:StringEquals", "aws:TagKeys", "team"),
    ("ec2:DescribeInstances", "*", "StringEquals", "aws:RequestedRegion", "eu-west-1"),
    ("s3:GetObject", f"{BUCKET}/x", "StringEquals", "aws:UserAgent", "tool"),
    ("s3:GetObject", f"{BUCKET}/x", "StringLike", "aws:Referer", "https://x/*"),
    ("s3:GetObject", f"{BUCKET}/x", "Bool", "aws:SecureTransport", "true"),
    ("iam:AttachUserPolicy", user().arn, "ArnEquals", "iam:PolicyARN", "arn:aws:iam::aws:policy/x"),
    ("iam:PassRole", ROLE.arn, "StringEquals", "iam:PassedToService", "ec2.amazonaws.com"),
    (
        "ec2:RunInstances",
        f"arn:aws:ec2:eu-west-1:{A}:instance/*",
        "StringEquals",
        "ec2:InstanceType",
        "t3.micro",
    ),
    ("s3:ListBucket", BUCKET, "StringLike", "s3:prefix", "home/*"),
]


def _chosen(row: tuple[str, str, str, str, str], **more: Any) -> Answer:
    action, resource, operator, key, value = row
    alice = user(
        allow(action, Condition={operator: {key: value}}),
        allow(
            "ec2:RunInstances",
            [
                f"arn:aws:ec2:*:*:{one}/*"
                for one in ("network-interface", "security-group", "subnet", "volume", "image")
            ],
        ),
    )
    target = role(trust=trust({"AWS": A}))
    policies = {QUEUE: None, BUCKET: None}
    here = world(alice, target)
    return decided(alice, action, resource, within=here, policies=policies, **more).answer


@pytest.mark.rule("63", source=KEYS)
def test_063_what_the_caller_sets_stops_nobody():
    """Parameters and headers of the request are the caller's to choose: a condition on them is met
    by choosing, and the answer says how.
    """
    for row in CHOSEN:
        answer = _chosen(row)
        assert (str(answer.verdict), answer.conditions) == ("yes", ()), row
        assert any("chooses" in text and row[3] in text for text in answer.evidence), row


@pytest.mark.twin("63", control="the request states another value")
def test_063_twin_another_value_was_chosen():
    for row in CHOSEN:
        assert str(_chosen(row, context={row[3]: ("false",)}).verdict) == "no", row


@pytest.mark.twin("63", control="the key is not the caller's to set")
def test_063_twin_a_key_that_nobody_sets():
    action, resource, operator, _, value = CHOSEN[0]
    answer = _chosen((action, resource, operator, "aws:SourceVpc", value))
    assert str(answer.verdict) == "conditional"


def _in_region(region: str, action: str, resource: str) -> str:
    alice = user(allow("*", Condition={"StringEquals": {"aws:RequestedRegion": region}}))
    return verdict(alice, action, resource, policies={QUEUE: None})


@pytest.mark.rule("63", source=f"{KEYS}#condition-keys-requestedregion")
def test_063_the_region_of_what_exists_is_no_choice():
    """The requested region is that of the resource, and for global services the one of their
    endpoint.
    """
    assert _in_region("eu-west-1", "sqs:SendMessage", QUEUE) == "yes"
    assert _in_region("us-east-1", "iam:ListUsers", "*") == "yes"


@pytest.mark.twin("63", control="the policy asks for another region")
def test_063_twin_another_region():
    assert _in_region("us-east-1", "sqs:SendMessage", QUEUE) == "no"
    assert _in_region("eu-west-1", "iam:ListUsers", "*") == "no"


def _with_external_id(operator: str, value: str, **more: Any) -> Answer:
    bob = user(allow("sts:AssumeRole"), name="bob", account=B)
    target = role(trust=trust({"AWS": B}, Condition={operator: {"sts:ExternalId": value}}))
    here = world(bob, target)
    return decided(bob, "sts:AssumeRole", target.arn, within=here, policies={}, **more).answer


@pytest.mark.rule("63", source=EXTERNAL_ID)
def test_063_an_external_id_is_a_secret():
    """An external id is agreed upon with the third party: without it the role is not assumed."""
    answer = _with_external_id("StringEquals", "s3cr3t")
    assert (str(answer.verdict), answer.conditions) == ("conditional", ("secret:sts:ExternalId",))
    assert "s3cr3t" not in repr(answer.conditions)


@pytest.mark.twin("63", control="any external id will do")
def test_063_twin_any_external_id():
    assert str(_with_external_id("StringLike", "*").verdict) == "yes"


@pytest.mark.twin("63", control="the caller states the external id, or another, or none")
def test_063_twin_a_stated_external_id():
    for value, expected in (("s3cr3t", "yes"), ("guess", "no")):
        answer = _with_external_id("StringEquals", "s3cr3t", context={"sts:ExternalId": (value,)})
        assert str(answer.verdict) == expected
    none = _with_external_id("StringEquals", "s3cr3t", absent=frozenset({"sts:ExternalId"}))
    assert str(none.verdict) == "no"


def _session_tag(*actions: str) -> str:
    test = {"StringEquals": {"aws:PrincipalTag/team": "ops"}}
    return verdict(role(allow("s3:*", Condition=test), trust=trust({"AWS": A}, list(actions))))


@pytest.mark.rule("63", source=SESSION_TAGS)
def test_063_session_tags_stand_in_where_the_trust_lets_them():
    """Whoever may tag a role's session sets ``aws:PrincipalTag``, whatever tags the role has."""
    assert _session_tag("sts:AssumeRole", "sts:TagSession") == "conditional"


@pytest.mark.twin("63", control="the trust policy does not allow sts:TagSession")
def test_063_twin_no_session_tags():
    assert _session_tag("sts:AssumeRole") == "no"


OPEN = [
    ("IpAddress", "aws:SourceIp", "198.51.100.0/24", "198.51.100.7", "203.0.113.1"),
    ("StringEquals", "aws:SourceVpc", "vpc-1", "vpc-1", "vpc-2"),
    ("StringEquals", "aws:SourceVpce", "vpce-1", "vpce-1", "vpce-2"),
    ("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8", "10.1.1.1", "192.168.0.1"),
    ("Bool", MFA, "true", "true", "false"),
    ("NumericLessThan", "aws:MultiFactorAuthAge", "3600", "60", "7200"),
    ("Bool", "aws:ViaAWSService", "true", "true", "false"),
    ("ForAnyValue:StringEquals", "aws:CalledVia", "athena.amazonaws.com",
     "athena.amazonaws.com", "glue.amazonaws.com"),
    ("ArnLike", "ec2:SourceInstanceARN", "arn:aws:ec2:*:*:instance/i-1",
     "arn:aws:ec2:eu-west-1:1:instance/i-1", "arn:aws:ec2:eu-west-1:1:instance/i-2"),
]  # fmt: skip


def _open(row: tuple[str, ...], **more: Any) -> Answer:
    operator, key, value, _, _ = row
    return decided(user(allow("s3:*", Condition={operator: {key: value}})), **more).answer


AUTHORIZATION = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html"
)


def _with_key(action: str, operator: str, key: str, value: str, effect: Any = allow) -> str:
    rows = [effect(action, Condition={operator: {key: value}})]
    alice = user(*rows) if effect is allow else user(allow("*"), *rows)
    return verdict(alice, action, user(name="bob").arn)


@pytest.mark.rule("63", source=f"{AUTHORIZATION}#actions_table")
def test_063_keys_of_other_actions_are_in_no_call():
    """A key that the reference lists for other actions alone, such as ``aws:TagKeys`` for calls
    that do not tag, is in no call: what needs it allows nothing and denies nothing.
    """
    attach, any_value = "iam:AttachUserPolicy", "ForAnyValue:StringEquals"
    assert _with_key(attach, any_value, "aws:TagKeys", "x") == "no"
    assert _with_key(attach, "StringEquals", "aws:RequestTag/x", "y") == "no"
    assert _with_key(attach, "ForAllValues:StringEquals", "aws:TagKeys", "x") == "yes"
    assert _with_key(attach, "Null", "aws:TagKeys", "true") == "yes"
    assert _with_key(attach, "Null", "aws:TagKeys", "false") == "no"
    assert _with_key(attach, any_value, "aws:TagKeys", "x", deny) == "yes"
    assert _with_key(attach, "Null", "aws:TagKeys", "true", deny) == "no"
    assert _with_key("iam:CreateAccessKey", "ArnEquals", "iam:PolicyARN", "x") == "no"


@pytest.mark.twin("63", control="the action lists the key, or may do so")
def test_063_twin_keys_of_the_action():
    any_value = "ForAnyValue:StringEquals"
    assert _with_key("iam:TagUser", any_value, "aws:TagKeys", "x") == "yes"
    assert _with_key("iam:CreateUser", "StringEquals", "aws:RequestTag/x", "y") == "yes"
    assert _with_key("iam:AttachUserPolicy", "ArnEquals", "iam:PolicyARN", "x") == "yes"
    # The reference lists these keys for no action of Route 53.
    assert _with_key("route53:GetHostedZone", any_value, "aws:TagKeys", "x") == "yes"
    assert _with_key("future:Do", any_value, "aws:TagKeys", "x") == "conditional"


@pytest.mark.rule("64", source=KEYS)
def test_064_network_and_mfa_are_conditions():
    """Where a call comes from and how its caller signed in is not in the configuration: a condition
    on it makes the answer conditional on just that.
    """
    for row in OPEN:
        answer = _open(row)
        assert str(answer.verdict) == "conditional", row
        assert len(answer.conditions) == 1, row
        assert row[1] in answer.conditions[0], row


@pytest.mark.twin("64", control="the request states the key")
def test_064_twin_the_request_states_it():
    for row in OPEN:
        assert str(_open(row, context={row[1]: (row[3],)}).verdict) == "yes", row
        assert str(_open(row, context={row[1]: (row[4],)}).verdict) == "no", row


@pytest.mark.twin("64", control="the request does not carry the key")
def test_064_twin_the_request_lacks_it():
    for row in OPEN:
        assert str(_open(row, absent=frozenset({row[1]})).verdict) == "no", row


def _no_mfa(operator: str, **more: Any) -> str:
    alice = user(allow("s3:*"), deny("s3:*", Condition={operator: {MFA: "false"}}))
    return verdict(alice, **more)


LONG_TERM = {"absent": frozenset({MFA})}


@pytest.mark.rule("64", source=f"{KEYS}#condition-keys-multifactorauthpresent")
def test_064_long_term_keys_do_not_carry_the_mfa_key():
    """With long-term keys ``aws:MultiFactorAuthPresent`` is missing: a Deny with ``Bool`` misses
    such calls, one with ``BoolIfExists`` does not.
    """
    assert [_no_mfa(name, **LONG_TERM) for name in ("Bool", "BoolIfExists")] == ["yes", "no"]


@pytest.mark.twin("64", control="temporary credentials, with and without MFA")
def test_064_twin_temporary_credentials():
    for value, expected in (("true", "yes"), ("false", "no")):
        context = {MFA: (value,)}
        got = [_no_mfa(name, context=context) for name in ("Bool", "BoolIfExists")]
        assert got == [expected, expected]


def _through(caller: Caller, key: str, value: str) -> str:
    condition = {"Condition": {"StringEquals": {key: value}}}
    opened = {BUCKET: grant("*", "s3:GetObject", **condition)}
    return verdict(caller, policies=opened)


@pytest.mark.rule("64", source=f"{KEYS}#condition-keys-sourcevpce")
def test_064_a_named_endpoint_is_not_the_internets():
    """A call from the internet passes no VPC endpoint, and a stranger has none but their own."""
    got = [
        _through(caller, key, value)
        for caller in (ANONYMOUS, ANY_AWS_PRINCIPAL)
        for key, value in (("aws:SourceVpce", "vpce-1"), ("aws:SourceVpc", "vpc-1"))
    ]
    assert got == ["no"] * 4


@pytest.mark.twin("64", control="the caller is a user of the account, who may come that way")
def test_064_twin_a_user_of_the_account():
    assert _through(user(), "aws:SourceVpce", "vpce-1") == "conditional"


MFA_IN_CALLS = f"{USER_GUIDE}/id_credentials_mfa_configure-api-require.html"


def _enters(caller: Any, operator: str, value: str, effect: str = "Allow") -> str:
    everyone = {"Principal": {"AWS": A}, "Action": "sts:AssumeRole"}
    asked = {**everyone, "Effect": effect, "Condition": {operator: {MFA: value}}}
    rows = [asked] if effect == "Allow" else [{**everyone, "Effect": "Allow"}, asked]
    boss = role(name="boss", trust=Policy("trust policy", parse(doc(*rows))))
    here = world(caller, boss)
    return str(evaluate(here, Request(caller, "sts:AssumeRole", boss.arn, A)).verdict)


@pytest.mark.rule("64", source=f"{MFA_IN_CALLS}#MFAProtectedAPI-overview")
def test_064_a_roles_session_shows_no_mfa_where_it_assumes_a_role():
    """Credentials of ``AssumeRole`` carry no MFA information, and a role has no device: a trust
    that asks for MFA lets no session of a role in.
    """
    step = role(allow("sts:AssumeRole"), name="step")
    assert _enters(step, "Bool", "true") == "no"
    assert _enters(step, "BoolIfExists", "false", "Deny") == "no"
    # Whether the key is missing or false AWS does not say.
    assert _enters(step, "BoolIfExists", "true") == "conditional"
    assert _enters(step, "Bool", "false", "Deny") == "conditional"


@pytest.mark.twin("64", control="a user assumes it, who may give a code")
def test_064_twin_a_user_may_give_a_code():
    alice = user(allow("sts:AssumeRole"))
    assert _enters(alice, "Bool", "true") == "conditional"
    assert _enters(alice, "BoolIfExists", "false", "Deny") == "conditional"
