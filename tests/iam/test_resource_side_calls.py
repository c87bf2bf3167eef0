"""Which resource a call is about, and what else lies on its way: RAM, endpoints, partitions."""

import re

import pytest

from graph.iam import catalogue, rules
from graph.iam.endpoints import serves
from graph.iam.evaluate import decide, decide_all
from graph.iam.request import Request
from graph.iam.resource_controls import VpcEndpoint
from graph.iam.shares import shareable
from graph.iam.world import ANONYMOUS, Outside, outside_account
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
    user,
    world,
)


def decided(caller, action, resource, *, context=None, pattern=False, accounts=None, **facts):
    here = world(*([] if isinstance(caller, Outside) else [caller]), accounts=accounts, **facts)
    return decide(here, Request(caller, action, resource, context=context or {}, pattern=pattern))


def verdict(*args, **kwargs):
    return str(decided(*args, **kwargs).answer.verdict)


# Accounts and partitions: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html


def test_the_world_says_who_owns_a_bucket():
    for owner, expected in ((A, "yes"), (B, "no")):
        facts = {"resource_policies": {BUCKET: None}, "resource_accounts": {BUCKET: owner}}
        assert verdict(user(FULL), "s3:ListAllMyBuckets", "*", **facts) == "yes"
        assert verdict(user(FULL), "s3:GetBucketTagging", BUCKET, **facts) == expected


@pytest.mark.parametrize(("partition", "expected"), [("aws", "yes"), ("aws-cn", "no")])
def test_nobody_reaches_into_another_partition(partition, expected):
    instance = f"arn:{partition}:ec2:eu-west-1:{A}:instance/i-1"
    got = decided(user(FULL), "ec2:StopInstances", instance)
    assert str(got.answer.verdict) == expected
    assert (got.denied_by == "aws") is (expected == "no")
    opened = {f"arn:{partition}:s3:::data": policy(grant("*", "s3:*"))}
    owners = {f"arn:{partition}:s3:::data": B}
    read = ("s3:GetBucketTagging", f"arn:{partition}:s3:::data")
    facts = {"resource_policies": opened, "resource_accounts": owners}
    assert verdict(user(FULL), *read, **facts) == ("no" if partition == "aws-cn" else "conditional")


# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html


def test_getcalleridentity_needs_no_permission():
    barred = user(deny("*"))
    assert verdict(barred, "sts:GetCallerIdentity", "*") == "yes"
    assert verdict(barred, "sts:GetSessionToken", "*") == "no"
    assert verdict(ANONYMOUS, "sts:GetCallerIdentity", "*") == "no"


# Resource types:
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

INSTANCE = f"arn:aws:ec2:eu-west-1:{A}:instance/i-1"


def test_an_action_without_resources_is_asked_for_everything():
    one, all_ = allow("ec2:Describe*", INSTANCE), allow("ec2:Describe*")
    assert verdict(user(one), "ec2:DescribeInstances", INSTANCE) == "no"
    answer = decided(user(all_), "ec2:DescribeInstances", INSTANCE).answer
    assert str(answer.verdict) == "yes"
    assert any("takes no resource" in text for text in answer.evidence)
    assert verdict(user(allow("ec2:*", INSTANCE)), "ec2:StopInstances", INSTANCE) == "yes"


def test_a_resource_that_the_action_never_names_is_said():
    wrong = decided(user(FULL), "ec2:StopInstances", f"arn:aws:ec2:eu-west-1:{A}:volume/vol-1")
    assert any("no resource of ec2:StopInstances" in text for text in wrong.answer.evidence)
    right = decided(user(FULL), "ec2:StopInstances", INSTANCE)
    assert not any("no resource of" in text for text in right.answer.evidence)


VOLUME = f"arn:aws:ec2:eu-west-1:{A}:volume/vol-1"


def test_a_call_about_several_resources_needs_some_of_each():
    both = user(allow("ec2:AttachVolume", [INSTANCE, VOLUME]))
    answer = decided(both, "ec2:AttachVolume", VOLUME).answer
    assert str(answer.verdict) == "yes"
    assert any("also needs a instance" in text for text in answer.evidence)
    one = decided(user(allow("ec2:AttachVolume", VOLUME)), "ec2:AttachVolume", VOLUME)
    assert (str(one.answer.verdict), one.denied_by) == ("no", "identity")
    elsewhere = INSTANCE.replace("eu-west-1", "us-east-1")
    other = user(allow("ec2:AttachVolume", [elsewhere, VOLUME]))
    assert verdict(other, "ec2:AttachVolume", VOLUME) == "no"
    assert verdict(user(allow("ec2:DeleteVolume", VOLUME)), "ec2:DeleteVolume", VOLUME) == "yes"


def test_all_named_resources_of_a_call_together():
    caller = user(FULL, deny("ec2:AttachVolume", f"{INSTANCE}23"))
    here = world(caller)
    request = Request(caller, "ec2:AttachVolume", VOLUME)
    assert str(decide_all(here, request, {"instance": INSTANCE}).answer.verdict) == "yes"
    denied = decide_all(here, request, {"instance": f"{INSTANCE}23"})
    assert (str(denied.answer.verdict), denied.denied_by, denied.explicit) == (
        "no",
        "identity",
        True,
    )


def test_conditions_of_one_call_must_agree():
    def tagged(resource, team):
        key = {"StringEquals": {"aws:PrincipalOrgID": team}}
        return allow("ec2:AttachVolume", resource, Condition=key)

    for team, expected in (("o-1", "conditional"), ("o-2", "no")):
        caller = user(tagged(INSTANCE, "o-1"), tagged(VOLUME, team))
        here = world(caller, accounts=[])
        request = Request(caller, "ec2:AttachVolume", VOLUME)
        got = decide_all(here, request, {"instance": INSTANCE})
        assert str(got.answer.verdict) == expected


# Patterns: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html


def test_a_pattern_is_allowed_in_part_and_denied_as_a_whole_only():
    asked = ("s3:GetObject", f"{BUCKET}/logs/*")
    facts = {"resource_policies": {BUCKET: None}, "resource_accounts": {BUCKET: A}}
    some = user(allow("s3:GetObject"), deny("s3:GetObject", f"{BUCKET}/logs/a/*"))
    answer = decided(some, *asked, pattern=True, **facts).answer
    assert str(answer.verdict) == "yes"
    assert any("denies a part" in text for text in answer.evidence)
    whole = user(allow("s3:GetObject"), deny("s3:GetObject", f"{BUCKET}/l*"))
    assert verdict(whole, *asked, pattern=True, **facts) == "no"


# RAM: https://docs.aws.amazon.com/ram/latest/userguide/shareable.html

PARAMETER = f"arn:aws:ssm:eu-west-1:{B}:parameter/p"
READ = ("ssm:GetParameter", PARAMETER)


def shared(caller, *entries, read=(f"{B}/eu-west-1",), accounts=None, what=READ):
    facts = {
        "shares": {PARAMETER: entries} if entries else {},
        "shares_read": frozenset(read),
    }
    return decided(caller, *what, accounts=accounts, **facts).answer


def test_without_a_share_another_accounts_parameter_is_out_of_reach():
    assert str(shared(user(FULL)).verdict) == "no"
    assert shared(user(FULL), read=()).conditions == (
        f"not_collected:ram:resource-share={PARAMETER}",
    )
    assert shared(user(FULL), read=(f"{B}/us-east-1",)).conditions != ()


@pytest.mark.parametrize(
    ("entry", "reached"),
    [
        (A, True),
        (C, False),
        (f"arn:aws:iam::{A}:user/alice", True),
        (f"arn:aws:iam::{A}:user/bob", False),
        (f"arn:aws:organizations::{C}:organization/{ORG}", True),
        (f"arn:aws:organizations::{C}:organization/o-other", False),
        (f"arn:aws:organizations::{C}:ou/{ORG}/ou-ab12-11111111", True),
        (f"arn:aws:organizations::{C}:ou/{ORG}/ou-ab12-22222222", False),
        ("sns.amazonaws.com", False),
    ],
)
def test_whom_a_share_names(entry, reached):
    """The share's permission, which says what it allows, is not collected."""
    answer = shared(user(FULL), entry, accounts=[member(A), member(B)])
    assert str(answer.verdict) == ("unknown" if reached else "no")
    if reached:
        assert answer.conditions == (f"not_collected:ram:permission={PARAMETER}",)


def test_a_share_delegates_to_the_callers_own_policies():
    assert str(shared(user(), A).verdict) == "no"


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (PARAMETER, True),
        (f"arn:aws:ec2:eu-west-1:{A}:subnet/subnet-1", True),
        (f"arn:aws:ec2:eu-west-1:{A}:instance/i-1", False),
        (f"arn:aws:iam::{A}:role/r", False),
        (f"arn:aws:sqs:eu-west-1:{A}:q", False),
        ("*", False),
    ],
)
def test_what_ram_can_share(arn, expected):
    assert shareable(arn) is expected


def test_what_cannot_be_shared_is_a_no_without_reading_shares():
    instance = INSTANCE.replace(A, B)
    assert verdict(user(FULL), "ec2:StopInstances", instance) == "no"
    subnet = f"arn:aws:ec2:eu-west-1:{B}:subnet/subnet-1"
    assert verdict(user(FULL), "ec2:DeleteSubnet", subnet) == "unknown"


# VPC endpoints: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html

ENDPOINT = f"arn:aws:ec2:eu-west-1:{A}:vpc-endpoint/vpce-1"
VIA = {"aws:SourceVpce": ("vpce-1",)}
GET = ("s3:GetObject", f"{BUCKET}/x")


def via(*statements, service="com.amazonaws.eu-west-1.s3", context=VIA, what=GET, endpoints=None):
    facts = {
        "resource_policies": {
            BUCKET: None,
            ENDPOINT: policy(*statements) if statements else None,
        },
        "resource_accounts": {BUCKET: A},
        "endpoints": {"vpce-1": VpcEndpoint(ENDPOINT, service)} if endpoints is None else endpoints,
    }
    return decided(user(FULL), *what, context=context, **facts)


OTHER = grant("*", "s3:*", "arn:aws:s3:::other/*")


def test_an_endpoints_policy_is_one_more_layer():
    assert str(via(grant("*")).answer.verdict) == "yes"
    assert str(via().answer.verdict) == "yes"
    silent = via(OTHER)
    assert (str(silent.answer.verdict), silent.denied_by) == ("no", "vpc_endpoint_policy")
    barred = via(grant("*"), forbid("*", "s3:GetObject"))
    assert (str(barred.answer.verdict), barred.denied_by, barred.explicit) == (
        "no",
        "vpc_endpoint_policy",
        True,
    )


def test_a_call_that_names_no_endpoint_or_one_of_another_service_is_not_limited():
    assert str(via(OTHER, context={}).answer.verdict) == "yes"
    elsewhere = via(OTHER, service="com.amazonaws.eu-west-1.kms")
    assert str(elsewhere.answer.verdict) == "yes"
    assert any("its policy is not asked" in text for text in elsewhere.answer.evidence)


def test_an_endpoint_missing_among_others_is_a_condition_and_an_unseen_layer_an_assumption():
    among = {"vpce-2": VpcEndpoint(ENDPOINT, "com.amazonaws.eu-west-1.s3")}
    assert via(endpoints=among).answer.conditions == ("not_collected:endpoint-policy=vpce-1",)
    unseen = via(endpoints={}).answer
    assert (str(unseen.verdict), unseen.assumes) == ("yes", (f"endpoint:{A}",))


@pytest.mark.parametrize(
    ("service", "prefix", "expected"),
    [
        ("com.amazonaws.eu-west-1.s3", "s3", True),
        ("com.amazonaws.eu-west-1.monitoring", "cloudwatch", True),
        ("com.amazonaws.eu-west-1.ecr.api", "ecr", True),
        ("com.amazonaws.eu-west-1.kms-fips", "kms", True),
        ("com.amazonaws.eu-west-1.kms", "s3", False),
        ("com.amazonaws.vpce.eu-west-1.vpce-svc-1", "s3", False),
    ],
)
def test_the_service_of_an_endpoint(service, prefix, expected):
    assert serves(service, prefix) is expected


# Services: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

QUEUE = f"arn:aws:sqs:eu-west-1:{A}:jobs"


def test_a_service_is_of_no_account_and_must_be_named():
    named = policy(grant({"Service": "sns.amazonaws.com"}, "sqs:SendMessage"))
    service = Outside("service", A, "sns.amazonaws.com")
    asked = (service, "sqs:SendMessage", QUEUE)
    assert verdict(*asked, resource_policies={QUEUE: named}) == "yes"
    assert verdict(*asked, resource_policies={QUEUE: None}) == "no"


def test_a_statement_without_a_principal_names_nobody():
    loose = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    asked = (outside_account(B), "sqs:SendMessage", QUEUE)
    assert verdict(*asked, resource_policies={QUEUE: policy(loose)}) == "no"
    assert verdict(*asked, resource_policies={QUEUE: policy(loose | {"Principal": "*"})}) == "yes"
    denied = {**loose, "Effect": "Deny"}
    mine = (role(FULL), "sqs:SendMessage", QUEUE)
    assert verdict(*mine, resource_policies={QUEUE: policy(denied)}) == "yes"
    barring = denied | {"Principal": "*"}
    assert verdict(*mine, resource_policies={QUEUE: policy(barring)}) == "no"


# Services with resource policies:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html

WRITES_A_POLICY = re.compile(
    r"(Put|Set)\w*(ResourcePolicy|RepositoryPolicy|FileSystemPolicy)|PutPolicy"
)
OWN_KIND = {"fms"}
"""Services with a policy of another kind, without principals."""


def test_every_service_with_an_action_that_writes_resource_policies_is_listed():
    writing = {
        action.partition(":")[0]
        for action in catalogue.all_actions()
        if WRITES_A_POLICY.fullmatch(action.partition(":")[2])
    }
    listed = set(rules.data("resource_services.json")["with_resource_policy"]["services"])
    assert writing - listed - OWN_KIND == set()
    assert listed - set(catalogue.services()) == {"opensearch", "apigateway"} - set(
        catalogue.services()
    )


@pytest.mark.parametrize(
    ("action", "arn", "expected"),
    [
        ("comprehend:ClassifyDocument", "document-classifier/c", "unknown"),
        ("athena:StartQueryExecution", "workgroup/w", "no"),
        ("some-new-service:Read", "thing/t", "unknown"),
    ],
)
def test_only_services_with_resource_policies_leave_a_gap(action, arn, expected):
    """Across accounts nothing else could admit the caller; an unknown service stays in doubt."""
    service = action.partition(":")[0]
    resource = f"arn:aws:{service}:eu-west-1:{B}:{arn}"
    assert verdict(user(FULL), action, resource) == expected
    own = verdict(user(FULL), action, resource.replace(B, A))
    assert own == ("yes" if expected == "no" else "conditional")
