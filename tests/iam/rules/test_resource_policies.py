"""F. Resource policies."""

import pytest

from graph.iam.world import ANONYMOUS, outside_account
from tests.iam.rules.builders import (
    ORDER,
    PRINCIPAL,
    USER_GUIDE,
    assumes,
    built,
    decided,
    verdict,
)
from tests.iam.worlds import (
    BUCKET,
    FULL,
    ORG,
    A,
    B,
    C,
    allow,
    alone,
    deny,
    doc,
    forbid,
    grant,
    member,
    role,
    root,
    user,
    world,
)
from tests.snapshot_files import line

GET = allow("s3:GetObject")
LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROOT_OF_A = f"arn:aws:iam::{A}:root"


@pytest.mark.rule("26", source=f"{PRINCIPAL}#principal-accounts")
def test_026_naming_an_account_delegates_to_it():
    """An account as principal, by its number or by its root's ARN, hands the decision to the
    account's own policies; it is not the root user alone, and it grants nothing by itself.
    """
    for named in (A, ROOT_OF_A):
        opened = {BUCKET: grant({"AWS": named}, "s3:GetObject")}
        assert verdict(user(), policies=opened) == "no", named


@pytest.mark.twin("26", control="the caller's own policies allow the action")
def test_026_twin_the_accounts_own_policy_allows():
    for named in (A, ROOT_OF_A):
        opened = {BUCKET: grant({"AWS": named}, "s3:GetObject")}
        alice = user(GET, account=B)
        here = world(alice, accounts=[alone(A), alone(B)])
        assert verdict(user(GET), policies=opened) == "yes", named
        away = {BUCKET: grant({"AWS": named.replace(A, B)}, "s3:GetObject")}
        assert verdict(alice, within=here, policies=away, owner=A) == "yes", named


def _named_alone(caller, arn) -> list[str]:
    """What naming an ARN gives on a bucket, a role's trust and a key."""
    return [
        verdict(caller, policies={BUCKET: grant({"AWS": arn}, "s3:GetObject")}),
        assumes(caller, {"AWS": arn}),
        verdict(caller, "kms:Decrypt", KEY, policies={KEY: grant({"AWS": arn}, "kms:*")}),
    ]


@pytest.mark.rule("27", source=ORDER)
def test_027_a_named_principal_of_the_account_needs_nothing_else():
    """A user, role or session that a resource's policy names in its own account needs no identity
    policy: on ordinary resources, role trusts and keys alike.
    """
    session = f"arn:aws:sts::{A}:assumed-role/app/s1"
    assert _named_alone(user(), user().arn) == ["yes"] * 3
    assert _named_alone(role(), role().arn) == ["yes"] * 3
    assert _named_alone(role(session_name="s1"), session) == ["yes"] * 3


@pytest.mark.twin("27", control="the policy names somebody else of the account")
def test_027_twin_somebody_else_is_named():
    session = f"arn:aws:sts::{A}:assumed-role/app/s2"
    assert _named_alone(user(), user(name="bob").arn) == ["no"] * 3
    assert _named_alone(role(), role(name="other").arn) == ["no"] * 3
    assert _named_alone(role(session_name="s1"), session) == ["no"] * 3


@pytest.mark.rule("36", source=f"{USER_GUIDE}/reference_aws-services-that-work-with-iam.html")
def test_036_services_with_resource_policies():
    """Many services' resources carry policies; each lets other accounts in where it names them."""
    assert {name: _shared(name, B) for name in CARRIERS} == dict.fromkeys(CARRIERS, "yes")


CARRIERS = {
    "secretsmanager": ("secretsmanager:GetSecretValue", "secret:s-AbCdEf"),
    "ecr": ("ecr:BatchGetImage", "repository/r"),
    "elasticfilesystem": ("elasticfilesystem:ClientMount", "file-system/fs-1"),
    "dynamodb": ("dynamodb:GetItem", "table/t"),
    "glacier": ("glacier:InitiateJob", "vaults/v"),
    "backup": ("backup:CopyIntoBackupVault", "backup-vault:v"),
    "es": ("es:ESHttpGet", "domain/d"),
    "events": ("events:PutEvents", "event-bus/b"),
    "codeartifact": ("codeartifact:ReadFromRepository", "repository/d/r"),
    "glue": ("glue:GetDatabase", "catalog"),
    "s3express": ("s3express:CreateSession", "bucket/b--euw1-az1--x-s3"),
    "s3tables": ("s3tables:GetTableData", "bucket/b"),
    "lambda": ("lambda:GetLayerVersion", "layer:l:1"),
    "ses": ("ses:SendEmail", "identity/example.com"),
    "sqs": ("sqs:SendMessage", "q"),
    "sns": ("sns:Publish", "t"),
}


def _shared(service: str, named: str) -> str:
    action, name = CARRIERS[service]
    arn = f"arn:aws:{service}:eu-west-1:{A}:{name}"
    caller = user(FULL, account=B)
    here = world(caller, accounts=[alone(A), alone(B), alone(C)])
    return verdict(caller, action, arn, within=here, policies={arn: grant({"AWS": named}, action)})


@pytest.mark.twin("36", control="the policy names a third account")
def test_036_twin_another_account_is_named():
    assert {name: _shared(name, C) for name in CARRIERS} == dict.fromkeys(CARRIERS, "no")


BELOW = (
    ("s3:GetObject", "arn:aws:s3:::data", "arn:aws:s3:::data/x/y"),
    *(
        (
            action,
            f"arn:aws:{service}:eu-west-1:{A}:{above}",
            f"arn:aws:{service}:eu-west-1:{A}:{at}",
        )
        for service, action, above, at in (
            ("dynamodb", "dynamodb:Query", "table/t", "table/t/index/i"),
            ("es", "es:ESHttpGet", "domain/d", "domain/d/logs/_search"),
            ("glue", "glue:GetDatabase", "catalog", "database/db"),
        )
    ),
)


def _below(action: str, carrier: str, resource: str, named: str) -> str:
    caller = user(FULL, account=B)
    here = world(caller, accounts=[alone(A), alone(B), alone(C)])
    opened = {carrier: grant({"AWS": named}, action)}
    return verdict(caller, action, resource, within=here, policies=opened)


@pytest.mark.rule(
    "36",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html",
)
def test_036_the_policy_covers_what_stands_below():
    """A bucket's, table's, domain's or catalog's policy is that of what it holds."""
    got = {resource: _below(action, above, resource, B) for action, above, resource in BELOW}
    assert set(got.values()) == {"yes"}, got


@pytest.mark.twin("36", control="the policy above names a third account")
def test_036_twin_another_account_is_named_above():
    got = {resource: _below(action, above, resource, C) for action, above, resource in BELOW}
    assert set(got.values()) == {"no"}, got


FUNCTION = f"arn:aws:lambda:eu-west-1:{A}:function:f"


def _invokes(function: str) -> str:
    caller = user(FULL, account=B)
    here = world(caller, accounts=[alone(A), alone(B)])
    opened = {
        f"{FUNCTION}:prod": grant({"AWS": B}, "lambda:InvokeFunction", f"{FUNCTION}:prod"),
        FUNCTION: grant({"AWS": A}, "lambda:InvokeFunction", FUNCTION),
    }
    return verdict(caller, "lambda:InvokeFunction", function, within=here, policies=opened)


@pytest.mark.rule("34", source=f"{LAMBDA}/access-control-resource-based.html")
def test_034_each_qualifier_has_its_own_policy():
    """A version or alias of a function has a policy of its own: access to it is not access to the
    function.
    """
    assert _invokes(f"{FUNCTION}:prod") == "yes"


@pytest.mark.twin("34", control="the function is called without the qualifier")
def test_034_twin_without_the_qualifier():
    assert _invokes(FUNCTION) == "no"


def _url(auth: str, action="lambda:InvokeFunctionUrl") -> str:
    condition = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    opened = {FUNCTION: grant("*", action, FUNCTION, Condition=condition)}
    context = {"lambda:FunctionUrlAuthType": (auth,)}
    return verdict(ANONYMOUS, action, FUNCTION, policies=opened, context=context)


@pytest.mark.rule("34", source=f"{LAMBDA}/urls-auth.html#urls-auth-none")
def test_034_a_public_function_url_takes_unsigned_callers():
    """A function URL of type ``NONE`` is open to everyone where the function's policy gives ``*``
    the right to call it under that type.
    """
    assert _url("NONE") == "yes"


@pytest.mark.twin("34", control="the function URL is of type AWS_IAM")
def test_034_twin_a_url_that_asks_for_a_signature():
    assert _url("AWS_IAM") == "no"


@pytest.mark.twin("34", control="the action is a direct invocation")
def test_034_twin_direct_invocation_is_signed():
    assert _url("NONE", "lambda:InvokeFunction") == "no"


def _by_org(organisation: str) -> str:
    caller = user(FULL, account=B)
    here = world(caller, accounts=[member(A), member(B)], organization=ORG)
    condition = {"StringEquals": {"aws:PrincipalOrgID": organisation}}
    opened = {FUNCTION: grant("*", "lambda:InvokeFunction", FUNCTION, Condition=condition)}
    return verdict(caller, "lambda:InvokeFunction", FUNCTION, within=here, policies=opened)


@pytest.mark.rule("34", source=f"{LAMBDA}/permissions-function-organization.html")
def test_034_a_function_can_be_opened_to_an_organisation():
    """A function's policy can name a whole organisation by ``aws:PrincipalOrgID``."""
    assert _by_org(ORG) == "yes"


@pytest.mark.twin("34", control="the policy names another organisation")
def test_034_twin_another_organisation():
    assert _by_org("o-zzzzzzzzzz") == "no"


TOPIC = f"arn:aws:sns:eu-west-1:{A}:t"


def _default_topic(caller, **condition) -> str:
    """The policy that SNS gives a new topic."""
    actions = ["SNS:GetTopicAttributes", "SNS:Subscribe", "SNS:Publish"]
    opened = {TOPIC: grant({"AWS": "*"}, actions, TOPIC, **condition)}
    known = [caller] if hasattr(caller, "policies") else []
    here = world(*known, accounts=[alone(A), alone(B)])
    return verdict(caller, "sns:Publish", TOPIC, within=here, policies=opened)


@pytest.mark.rule(
    "35", source="https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html"
)
def test_035_the_default_topic_policy_is_not_public():
    """The policy of a new topic names ``*`` and then, by ``aws:SourceOwner``, its own account: it
    lets nobody else in.
    """
    own = {"Condition": {"StringEquals": {"AWS:SourceOwner": A}}}
    callers = (ANONYMOUS, outside_account(C), user(FULL, account=B))
    assert [_default_topic(one, **own) for one in callers] == ["no"] * 3
    assert _default_topic(user(FULL), **own) == "yes"


@pytest.mark.twin("35", control="the condition is missing")
def test_035_twin_without_the_condition():
    callers = (ANONYMOUS, outside_account(C), user(FULL, account=B))
    assert [_default_topic(one) for one in callers] == ["yes"] * 3


ENDPOINT = "vpce-0a1b2c3d4e5f67890"


def _through_endpoint(tmp_path, *statements, via=ENDPOINT) -> tuple[str, str]:
    """Alice, who may read everything, perhaps through an endpoint with a policy."""
    alice = user(FULL)
    item = {
        "VpcEndpointId": ENDPOINT,
        "VpcEndpointType": "Gateway",
        "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.eu-west-1.s3",
        "OwnerId": A,
        "PolicyDocument": doc(*statements),
    }
    arn = f"arn:aws:ec2:eu-west-1:{A}:vpc-endpoint/{ENDPOINT}"
    here = built(tmp_path, {(A, "eu-west-1", "ec2:vpc-endpoint"): [line(arn, item)]})
    context = {"aws:SourceVpce": (via,)} if via else {}
    got = decided(alice, within=here, context=context)
    return str(got.answer.verdict), got.denied_by


@pytest.mark.rule(
    "37", source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"
)
def test_037_an_endpoint_policy_limits_what_passes_it(tmp_path):
    """A call through a VPC endpoint must be allowed by the endpoint's policy too."""
    other = grant("*", "s3:*", "arn:aws:s3:::other/*")
    assert _through_endpoint(tmp_path, other) == ("no", "vpc_endpoint_policy")
    denied = _through_endpoint(tmp_path / "deny", grant("*"), forbid("*", "s3:*"))
    assert denied == ("no", "vpc_endpoint_policy")


@pytest.mark.twin("37", control="the endpoint's policy allows the bucket")
def test_037_twin_the_endpoint_allows(tmp_path):
    assert _through_endpoint(tmp_path, grant("*", "s3:*", f"{BUCKET}/*"))[0] == "yes"


@pytest.mark.twin("37", control="nothing says that the call takes the endpoint")
def test_037_twin_another_way(tmp_path):
    other = grant("*", "s3:*", "arn:aws:s3:::other/*")
    assert _through_endpoint(tmp_path, other, via="")[0] == "yes"


def _on_bucket(statement, caller) -> str:
    return verdict(caller, policies={BUCKET: statement})


@pytest.mark.rule("38", source=PRINCIPAL)
def test_038_a_statement_without_a_principal_is_of_nobody():
    """In a resource's policy a statement without ``Principal`` and ``NotPrincipal`` neither allows
    nor denies anybody anything.
    """
    assert _on_bucket(allow("s3:*"), user()) == "no"
    assert _on_bucket(deny("s3:*"), user(GET)) == "yes"


@pytest.mark.twin("38", control="the statement has a principal")
def test_038_twin_with_a_principal():
    assert _on_bucket(grant("*", "s3:*"), user()) == "yes"
    assert _on_bucket(forbid("*", "s3:*"), user(GET)) == "no"


def test_the_root_user_of_the_account_is_within_a_delegation():
    opened = {BUCKET: grant({"AWS": A}, "s3:GetObject")}
    assert verdict(root(), policies=opened) == "yes"
