"""What resource policies give to callers from outside; every grant with its decoy."""

import pytest

from graph.iam.grants import grants
from graph.iam.request import FRESH_ACCOUNT, Side
from graph.iam.resource_policy import resource_policy_access
from graph.iam.world import ANONYMOUS, ANY_AWS_PRINCIPAL, outside_account
from graph.verdict import Verdict
from tests.iam.worlds import BUCKET, ORG, A, B, C, doc, forbid, grant, member, policy, role, world

QUEUE = f"arn:aws:sqs:eu-west-1:{A}:jobs"
SECRET = f"arn:aws:secretsmanager:eu-west-1:{A}:secret:s-AbCdEf"
FUNCTION = f"arn:aws:lambda:eu-west-1:{A}:function:f"


def found(*statements, service="s3", arn=BUCKET, **more):
    """``{source id: verdict}``, the strongest per source."""
    result = {}
    for row in grants(doc(*statements), service, arn, A, **more):
        known = result.get(row.source_id)
        if known is None or Verdict(known).rank < row.answer.verdict.rank:
            result[row.source_id] = str(row.answer.verdict)
    return result


def when(operator, key, *values):
    return {"Condition": {operator: {key: list(values)}}}


def test_everyone_on_a_service_that_takes_unsigned_callers_is_the_internet():
    assert found(grant("*", "s3:GetObject", f"{BUCKET}/*")) == {"internet": "yes"}
    assert found(grant({"AWS": "*"}, "s3:GetObject", f"{BUCKET}/*")) == {"internet": "yes"}


def test_everyone_on_a_service_that_needs_signatures_is_any_aws_principal():
    statement = grant("*", "secretsmanager:GetSecretValue")
    assert found(statement, service="secretsmanager", arn=SECRET) == {"any-aws-principal": "yes"}
    assert found(grant("*", "sqs:SendMessage"), service="sqs", arn=QUEUE) == {"internet": "yes"}


@pytest.mark.parametrize("key", ["aws:PrincipalOrgID", "AWS:principalorgid"])
def test_a_fixed_organisation_is_the_source(key):
    statement = grant("*", "s3:GetObject", f"{BUCKET}/*", **when("StringEquals", key, ORG))
    assert found(statement) == {f"org:{ORG}": "yes"}


def test_the_account_that_stands_for_an_organisation_is_not_shown():
    fixed = when("StringEquals", "aws:PrincipalOrgID", ORG)
    (row,) = grants(doc(grant("*", "s3:GetObject", f"{BUCKET}/*", **fixed)), "s3", BUCKET, A)
    assert row.answer.why.startswith("Any account of the source is allowed")
    assert FRESH_ACCOUNT not in repr(row.answer)


def test_a_deny_of_other_organisations_narrows_as_a_condition_does():
    statement = grant("*", "s3:GetObject", f"{BUCKET}/*")
    others = forbid(
        "*", "s3:*", f"{BUCKET}/*", **when("StringNotEquals", "aws:PrincipalOrgID", ORG)
    )
    assert found(statement, others) == {f"org:{ORG}": "yes"}
    assert (
        resource_policy_access(
            doc(statement, others), ANONYMOUS, ["s3:GetObject"], BUCKET, A
        ).verdict
        is Verdict.NO
    )


def test_an_organisational_unit_is_a_narrower_source():
    path = f"{ORG}/r-ab12/ou-ab12-11111111/*"
    statement = grant(
        "*",
        "s3:GetObject",
        f"{BUCKET}/*",
        **when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", path),
    )
    assert found(statement) == {f"org:{ORG}/r-ab12/ou-ab12-11111111": "yes"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws:PrincipalAccount", B),
        ("aws:PrincipalArn", f"arn:aws:iam::{B}:role/*"),
    ],
)
def test_a_fixed_account_is_the_source(key, value):
    statement = grant("*", "s3:GetObject", f"{BUCKET}/*", **when("StringLike", key, value))
    assert found(statement) == {f"account:{B}": "yes"}


def test_a_fixed_caller_account_of_kms_is_the_source():
    statement = grant("*", "kms:Decrypt", **when("StringLike", "kms:CallerAccount", B))
    key = f"arn:aws:kms:eu-west-1:{A}:key/k"
    assert found(statement, service="kms", arn=key) == {f"account:{B}": "yes"}
    other = grant("*", "s3:GetObject", f"{BUCKET}/*", **when("StringLike", "kms:CallerAccount", B))
    assert f"account:{B}" not in found(other)


def test_any_account_in_a_principal_arn_does_not_narrow():
    pattern = "arn:aws:iam::*:role/reader"
    statement = grant(
        "*", "s3:GetObject", f"{BUCKET}/*", **when("ArnLike", "aws:PrincipalArn", pattern)
    )
    assert found(statement) == {"any-aws-principal": "yes"}


def test_a_fixed_address_range_is_the_source():
    statement = grant(
        "*",
        "s3:GetObject",
        f"{BUCKET}/*",
        **when("IpAddress", "aws:SourceIp", "198.51.100.0/24", "9.9.9.0/24"),
    )
    assert found(statement) == {"cidr:9.9.9.0/24": "yes"} | found_private(statement)
    everywhere = grant(
        "*", "s3:GetObject", f"{BUCKET}/*", **when("IpAddress", "aws:SourceIp", "0.0.0.0/0")
    )
    assert found(everywhere) == {"internet": "yes"}


def found_private(statement):
    """Documentation ranges count as private for Python: nothing on the internet has them."""
    return {key: value for key, value in found(statement).items() if "198.51" in key}


def test_a_range_given_by_a_deny_narrows_too_and_private_ranges_leave_nobody():
    statement = grant("*", "s3:GetObject", f"{BUCKET}/*")
    for network, expected in (("9.9.9.0/24", {"cidr:9.9.9.0/24": "yes"}), ("10.0.0.0/8", {})):
        others = forbid("*", "s3:*", f"{BUCKET}/*", **when("NotIpAddress", "aws:SourceIp", network))
        assert found(statement, others) == expected


def test_ipaddressifexists_does_not_narrow():
    statement = grant(
        "*",
        "s3:GetObject",
        f"{BUCKET}/*",
        **when("IpAddressIfExists", "aws:SourceIp", "9.9.9.0/24"),
    )
    assert found(statement) == {"internet": "yes"}


def test_a_range_on_a_service_with_signatures_is_a_source_behind_authentication():
    statement = grant("*", "kms:Decrypt", **when("IpAddress", "aws:SourceIp", "9.9.9.0/24"))
    rows = grants(doc(statement), "kms", f"arn:aws:kms:eu-west-1:{A}:key/k", A)
    assert [(row.source_id, row.answer.conditions) for row in rows] == [
        ("cidr:9.9.9.0/24", ("authn:sigv4",))
    ]


def test_a_fixed_vpc_endpoint_is_the_source_not_the_internet():
    statement = grant(
        "*", "s3:GetObject", f"{BUCKET}/*", **when("StringEquals", "aws:SourceVpce", "vpce-1")
    )
    assert found(statement) == {"vpce-1": "yes"}
    for caller in (ANONYMOUS, ANY_AWS_PRINCIPAL):
        answer = resource_policy_access(doc(statement), caller, ["s3:GetObject"], BUCKET, A)
        assert answer.verdict is Verdict.NO


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "aws:Referer", "https://example.com"),
        ("StringLike", "aws:UserAgent", "secret-agent/*"),
        ("Bool", "aws:SecureTransport", "true"),
        ("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control"),
        ("StringNotEquals", "aws:SourceVpce", "vpce-1"),
    ],
)
def test_what_the_caller_chooses_keeps_yes_and_stands_in_the_evidence(operator, key, value):
    statement = grant("*", "s3:GetObject", f"{BUCKET}/*", **when(operator, key, value))
    rows = grants(doc(statement), "s3", BUCKET, A)
    assert [(row.source_id, str(row.answer.verdict)) for row in rows] == [("internet", "yes")]
    if operator != "StringNotEquals":
        assert any("caller chooses" in text for text in rows[0].answer.evidence)


@pytest.mark.parametrize("key", ["aws:ResourceAccount", "aws:ResourceOrgID"])
def test_keys_of_the_resource_do_not_narrow_the_caller(key):
    value = A if key == "aws:ResourceAccount" else ORG
    here = world(accounts=[member(A)])
    statement = grant("*", "s3:GetObject", f"{BUCKET}/*", **when("StringEquals", key, value))
    assert found(statement, world=here) == {"internet": "yes"}


def test_the_default_topic_policy_is_not_public():
    topic = f"arn:aws:sns:eu-west-1:{A}:t"
    default = grant(
        {"AWS": "*"}, ["SNS:Publish"], topic, **when("StringEquals", "AWS:SourceOwner", A)
    )
    rows = found(default, service="sns", arn=topic)
    assert set(rows) == {f"account:{A}"}
    assert found(grant({"AWS": "*"}, ["SNS:Publish"], topic), service="sns", arn=topic) == {
        "internet": "yes"
    }


def test_another_account_and_its_principals():
    assert found(grant({"AWS": f"arn:aws:iam::{B}:root"}, "sqs:*"), service="sqs", arn=QUEUE) == {
        f"account:{B}": "yes"
    }
    named = role(name="reader", account=B).arn
    assert found(grant({"AWS": named}, "sqs:*"), service="sqs", arn=QUEUE) == {named: "yes"}
    assert found(grant({"AWS": "AROAABCDEFGHIJKLMNOPQ"}, "sqs:*"), service="sqs", arn=QUEUE) == {}


def test_a_service_without_a_source_is_a_confused_deputy():
    base = {"Service": "sns.amazonaws.com"}
    loose = grant(base, "sqs:SendMessage")
    tight = grant(base, "sqs:SendMessage", **when("StringEquals", "aws:SourceAccount", A))
    foreign = grant(base, "sqs:SendMessage", **when("StringEquals", "aws:SourceAccount", C))
    own_arn = grant(
        base, "sqs:SendMessage", **when("ArnLike", "aws:SourceArn", f"arn:aws:sns:*:{A}:*")
    )
    any_arn = grant(
        base, "sqs:SendMessage", **when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:*")
    )
    deputy, plain = "any-account-via:sns.amazonaws.com", "service:sns.amazonaws.com"
    rows = {
        name: found(one, service="sqs", arn=QUEUE)
        for name, one in (
            ("loose", loose),
            ("tight", tight),
            ("foreign", foreign),
            ("own", own_arn),
            ("any", any_arn),
        )
    }
    assert rows["loose"] == {plain: "yes", deputy: "yes"}
    assert rows["tight"] == {plain: "conditional"}
    assert rows["foreign"] == {plain: "conditional", f"account:{C}": "yes"}
    assert rows["own"] == {plain: "conditional"}
    assert rows["any"] == {plain: "conditional", deputy: "yes"}


def test_a_bucket_name_in_a_source_arn_fixes_its_owner():
    base = {"Service": "s3.amazonaws.com"}
    one = grant(base, "sqs:SendMessage", **when("ArnLike", "aws:SourceArn", "arn:aws:s3:::mine"))
    some = grant(base, "sqs:SendMessage", **when("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"))
    assert found(one, service="sqs", arn=QUEUE) == {"service:s3.amazonaws.com": "conditional"}
    assert found(some, service="sqs", arn=QUEUE)["any-account-via:s3.amazonaws.com"] == "yes"


def test_a_function_url_is_open_only_with_auth_type_none():
    statement = grant(
        "*",
        "lambda:InvokeFunctionUrl",
        FUNCTION,
        **when("StringEquals", "lambda:FunctionUrlAuthType", "NONE"),
    )
    none = {"lambda:FunctionUrlAuthType": ("NONE",)}
    iam = {"lambda:FunctionUrlAuthType": ("AWS_IAM",)}
    assert found(statement, service="lambda", arn=FUNCTION, context=none) == {"internet": "yes"}
    assert found(statement, service="lambda", arn=FUNCTION, context=iam) == {}
    assert found(statement, service="lambda", arn=FUNCTION)["internet"] == "conditional"


def test_calling_a_function_needs_a_signature():
    statement = grant("*", "lambda:InvokeFunction", FUNCTION)
    assert found(statement, service="lambda", arn=FUNCTION) == {"any-aws-principal": "yes"}


def test_allow_with_notprincipal_is_everyone_else():
    statement = {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": A},
        "Action": "s3:GetObject",
        "Resource": f"{BUCKET}/*",
    }
    assert found(statement) == {"internet": "yes"}


def test_a_deny_removes_only_what_it_holds_whole():
    statement = grant("*", "s3:GetObject", f"{BUCKET}/*")
    assert found(statement, forbid("*", "s3:*", f"{BUCKET}/private/*")) == {"internet": "yes"}
    assert found(statement, forbid("*", "s3:*", f"{BUCKET}/*")) == {}
    assert found(statement, forbid("*", "s3:*", BUCKET)) == {"internet": "yes"}
    narrow = grant("*", "s3:GetObject", f"{BUCKET}/public/*")
    assert found(narrow, forbid("*", "s3:*", f"{BUCKET}/public/*")) == {}


def test_a_policy_that_was_not_read_is_unknown_and_no_policy_is_nothing():
    rows = grants(Side.NOT_COLLECTED, "s3", BUCKET, A)
    assert [(row.source_kind, str(row.answer.verdict)) for row in rows] == [("unknown", "unknown")]
    assert rows[0].answer.conditions == (f"not_collected:resource-policy={BUCKET}",)
    assert [str(row.answer.verdict) for row in grants("{broken", "s3", BUCKET, A)] == ["unknown"]
    assert grants(None, "s3", BUCKET, A) == []


def test_an_rcp_cuts_what_a_policy_grants_to_outsiders():
    rcp = policy(
        forbid("*", "s3:*", "*", **when("StringNotEqualsIfExists", "aws:PrincipalOrgID", ORG)),
        name="OnlyOurs",
    )
    statement = grant({"AWS": [C, "*"]}, "s3:GetObject", f"{BUCKET}/*")
    guarded = world(accounts=[member(A, rcps=(rcp,))], organization=ORG)
    free = world(accounts=[member(A)], organization=ORG)
    unlisted = world(accounts=[member(A, rcps=(rcp,))])
    assert found(statement, world=guarded) == {}
    # Without the list of accounts nothing tells whether that one belongs to the organisation.
    assert found(statement, world=unlisted) == {f"account:{C}": "conditional"}
    assert found(statement, world=free) == {"internet": "yes", f"account:{C}": "yes"}


def test_actions_and_answers_stand_apart():
    mfa = when("Bool", "aws:MultiFactorAuthPresent", "true")
    rows = grants(
        doc(
            grant({"AWS": C}, "sqs:SendMessage"),
            grant(
                {"AWS": C}, "sqs:ReceiveMessage", **when("IpAddress", "aws:SourceIp", "9.9.9.0/24")
            ),
            grant({"AWS": C}, "sqs:PurgeQueue", **mfa),
        ),
        "sqs",
        QUEUE,
        A,
    )
    assert {(row.actions, str(row.answer.verdict), row.answer.conditions) for row in rows} == {
        (("sqs:PurgeQueue", "sqs:SendMessage"), "yes", ()),
        (("sqs:ReceiveMessage",), "conditional", ("context:aws:SourceIp=9.9.9.0/24",)),
    }


def test_access_takes_an_account_id_as_caller():
    statement = doc(grant({"AWS": f"arn:aws:iam::{B}:root"}, "s3:GetObject", f"{BUCKET}/*"))
    for caller, expected in ((B, "yes"), (outside_account(C), "no"), (ANONYMOUS, "no")):
        answer = resource_policy_access(statement, caller, ["s3:GetObject"], BUCKET, A)
        assert str(answer.verdict) == expected


def test_action_of_another_service_or_resource_is_not_granted():
    statement = doc(grant("*", "s3:GetObject", "arn:aws:s3:::other/*"))
    answer = resource_policy_access(statement, ANONYMOUS, ["s3:GetObject"], BUCKET, A)
    assert answer.verdict is Verdict.NO
    assert grants(statement, "s3", BUCKET, A) == []


def test_object_actions_are_about_objects_and_bucket_actions_about_the_bucket():
    on_bucket = doc(grant("*", "s3:*", BUCKET))
    on_objects = doc(grant("*", "s3:*", f"{BUCKET}/*"))
    for statement, action, expected in (
        (on_bucket, "s3:GetObject", "no"),
        (on_bucket, "s3:ListBucket", "yes"),
        (on_objects, "s3:GetObject", "yes"),
        (on_objects, "s3:ListBucket", "no"),
    ):
        answer = resource_policy_access(statement, ANONYMOUS, [action], BUCKET, A)
        assert str(answer.verdict) == expected
    assert found(grant("*", "s3:GetObject", BUCKET)) == {}


def test_everyone_limited_to_services():
    by_name = when("StringEquals", "aws:PrincipalServiceName", "cloudtrail.amazonaws.com")
    assert "internet" not in found(grant("*", "s3:PutObject", f"{BUCKET}/*", **by_name))
    assert (
        found(grant("*", "s3:PutObject", f"{BUCKET}/*", **by_name))[
            "service:cloudtrail.amazonaws.com"
        ]
        == "yes"
    )
    any_service = when("Bool", "aws:PrincipalIsAWSService", "true")
    assert found(grant("*", "s3:PutObject", f"{BUCKET}/*", **any_service)) == {"service:any": "yes"}


def test_an_origin_access_identity_is_neither_the_internet_nor_an_account():
    identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"
    assert found(grant({"AWS": identity}, "s3:GetObject", f"{BUCKET}/*")) == {
        f"canonical:{identity}": "yes"
    }


def test_thousands_of_accounts_are_not_weighed_for_each_other() -> None:
    rows = [allow_to({"AWS": f"arn:aws:iam::{number:012d}:root"}) for number in range(1, 4001)]
    rows.append({**allow_to({"AWS": f"{7:012d}"}), "Effect": "Deny"})
    found = grants(doc(*rows), "sqs", QUEUE_OF_MANY, A)
    assert len(found) == 3999
    assert f"account:{7:012d}" not in {row.source_id for row in found}


QUEUE_OF_MANY = f"arn:aws:sqs:eu-west-1:{A}:many"


def allow_to(principal: object) -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sqs:SendMessage",
        "Resource": QUEUE_OF_MANY,
    }
