"""The bucket policies that AWS documents: who can do what, as AWS says of each.

The policies are ours, with the meaning of those on the pages that each case names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from graph.iam.document import Document, parse
from graph.iam.s3_public import is_public
from graph.judgement import Judgement
from sharing.s3_world import BUCKET, OTHER, World, allow, block, bucket_line, policy
from snapshot_files import ACCOUNT

GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
EXAMPLES = GUIDE + "example-bucket-policies.html"
ENDPOINTS = GUIDE + "example-bucket-policies-vpc-endpoint.html"
MEANING = GUIDE + "access-control-block-public-access.html"
LOGS = GUIDE + "enable-server-access-logging.html"
REPLICATION = GUIDE + "replication-walkthrough-2.html"
ELB = (
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"
)
TRAIL_PAGE = (
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
    "create-s3-bucket-policy-for-cloudtrail.html"
)
FLOW_PAGE = "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html"

OBJECTS = f"{BUCKET}/*"
WHOLE = [BUCKET, OBJECTS]
PUBLIC_READ = allow("*", OBJECTS)
SECOND = "444455556666"
ELB_OF_OREGON = "797873946194"
USER = f"arn:aws:iam::{OTHER}:user/JohnDoe"
ROLE = f"arn:aws:iam::{OTHER}:role/service-role/replicates"
ORG = "o-aa111bb222"
IDENTITY = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"
FULL_CONTROL = {"s3:x-amz-acl": "bucket-owner-full-control"}
TAXES = f"{BUCKET}/taxdocuments/*"


def deny(resource: Any, action: Any = "s3:*", **condition: Any) -> dict[str, Any]:
    """A Deny for everyone under a condition."""
    row: dict[str, Any] = allow("*", resource, action, **condition)
    return row | {"Effect": "Deny"}


def service(name: str, action: Any, resource: Any = OBJECTS, **condition: Any) -> Any:
    """An Allow of a service."""
    return allow({"Service": f"{name}.amazonaws.com"}, resource, action, **condition)


@dataclass(frozen=True)
class Example:
    """A documented case.

    Attributes:
        url: where AWS says what the policy does.
        rows: statements of that meaning.
        admitted: verdict of each source from outside that the policy admits.
        public: whether AWS's published rule calls the policy public.
        guards: stable words of guards of some sources.
    """

    url: str
    rows: tuple[Any, ...]
    admitted: dict[str, str] = field(default_factory=dict)
    public: bool = False
    guards: dict[str, tuple[str, ...]] = field(default_factory=dict)


MFA = deny(TAXES, Null={"aws:MultiFactorAuthAge": "true"})
RECENT = deny(TAXES, NumericGreaterThan={"aws:MultiFactorAuthAge": "3600"})
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/management"
FROM_TRAIL = {"StringEquals": {"aws:SourceArn": TRAIL}}
OF_THE_BUCKET = {
    "ArnLike": {"aws:SourceArn": "arn:aws:s3:::source-bucket"},
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
}
LENS = f"arn:aws:s3:eu-west-1:{ACCOUNT}:storage-lens/dashboard"

CASES = {
    "everyone reads a website": Example(EXAMPLES, (PUBLIC_READ,), {"internet": "yes"}, True),
    "two accounts upload with a canned ACL": Example(
        EXAMPLES,
        (
            allow(
                {"AWS": [f"arn:aws:iam::{one}:root" for one in (OTHER, SECOND)]},
                OBJECTS,
                ["s3:PutObject", "s3:PutObjectAcl"],
                StringEquals={"s3:x-amz-acl": ["public-read"]},
            ),
        ),
        {f"account:{OTHER}": "yes", f"account:{SECOND}": "yes"},
        guards={f"account:{OTHER}": ("account unknown", "delegated whole-account")},
    ),
    "an account uploads and the owner keeps control": Example(
        EXAMPLES,
        (allow({"AWS": OTHER}, OBJECTS, "s3:PutObject", StringEquals=FULL_CONTROL),),
        {f"account:{OTHER}": "yes"},
    ),
    "encryption with KMS is required": Example(
        EXAMPLES,
        (
            deny(
                OBJECTS,
                "s3:PutObject",
                Null={"s3:x-amz-server-side-encryption-aws-kms-key-id": "true"},
            ),
        ),
    ),
    "its twin with an upload for an account": Example(
        EXAMPLES,
        (
            deny(
                OBJECTS,
                "s3:PutObject",
                Null={"s3:x-amz-server-side-encryption-aws-kms-key-id": "true"},
            ),
            allow({"AWS": OTHER}, OBJECTS, "s3:PutObject"),
        ),
        {f"account:{OTHER}": "yes"},
    ),
    "a user reads objects with a tag": Example(
        EXAMPLES,
        (
            allow(
                {"AWS": USER},
                OBJECTS,
                ["s3:GetObject", "s3:GetObjectVersion"],
                StringEquals={"s3:ExistingObjectTag/environment": "production"},
            ),
        ),
        {USER: "conditional"},
    ),
    "a user writes tags of some keys": Example(
        EXAMPLES,
        (
            allow(
                {"AWS": USER},
                OBJECTS,
                "s3:PutObjectTagging",
                **{"ForAllValues:StringLike": {"s3:RequestObjectTagKeys": ["Owner", "Created"]}},
            ),
        ),
        {USER: "yes"},
    ),
    "an organisation reads": Example(
        EXAMPLES,
        (allow({"AWS": "*"}, OBJECTS, StringEquals={"aws:PrincipalOrgID": [ORG]}),),
        {f"org:{ORG}": "yes"},
        guards={f"org:{ORG}": ("organisation fixed",)},
    ),
    "a Deny of other addresses grants nothing": Example(
        EXAMPLES, (deny(WHOLE, NotIpAddress={"aws:SourceIp": "54.240.143.0/24"}),)
    ),
    "a referer is no lock": Example(
        EXAMPLES,
        (
            allow(
                "*",
                OBJECTS,
                ["s3:GetObject", "s3:GetObjectVersion"],
                StringLike={"aws:Referer": ["http://www.example.com/*", "http://example.com/*"]},
            ),
        ),
        {"internet": "yes"},
        True,
    ),
    "HTTPS is required of everyone": Example(
        EXAMPLES,
        (deny(WHOLE, Bool={"aws:SecureTransport": "false"}), PUBLIC_READ),
        {"internet": "yes"},
        True,
    ),
    "users of an account have their folders": Example(
        EXAMPLES,
        (allow({"AWS": OTHER}, f"{BUCKET}/home/${{aws:username}}/*", "s3:*"),),
        {f"account:{OTHER}": "conditional"},
    ),
    "an origin access identity reads": Example(
        EXAMPLES, (allow({"AWS": IDENTITY}, OBJECTS),), {f"canonical:{IDENTITY}": "yes"}
    ),
    "MFA for one folder, the rest is public": Example(
        EXAMPLES, (MFA, PUBLIC_READ), {"internet": "yes"}, True
    ),
    "Storage Lens exports": Example(
        EXAMPLES,
        (
            service(
                "storage-lens.s3",
                "s3:PutObject",
                StringEquals=FULL_CONTROL | {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": LENS},
            ),
        ),
        {"service:storage-lens.s3.amazonaws.com": "conditional"},
        guards={"service:storage-lens.s3.amazonaws.com": ("source fixed",)},
    ),
    "inventory and analytics of one's own bucket": Example(
        EXAMPLES,
        (
            service(
                "s3",
                "s3:PutObject",
                ArnLike=OF_THE_BUCKET["ArnLike"],
                StringEquals=OF_THE_BUCKET["StringEquals"] | FULL_CONTROL,
            ),
        ),
        {"service:s3.amazonaws.com": "conditional"},
        guards={"service:s3.amazonaws.com": ("source fixed",)},
    ),
    "its twin of another account's bucket": Example(
        EXAMPLES,
        (
            service(
                "s3",
                "s3:PutObject",
                ArnLike=OF_THE_BUCKET["ArnLike"],
                StringEquals={"aws:SourceAccount": OTHER},
            ),
        ),
        {"service:s3.amazonaws.com": "conditional", f"account:{OTHER}": "conditional"},
    ),
    "its twin of anybody's bucket": Example(
        EXAMPLES,
        (service("s3", "s3:PutObject"),),
        {"service:s3.amazonaws.com": "yes", "any-account-via:s3.amazonaws.com": "yes"},
        guards={"service:s3.amazonaws.com": ("source not-fixed",)},
    ),
    "server access logs of one's own bucket": Example(
        LOGS,
        (service("logging.s3", "s3:PutObject", **OF_THE_BUCKET),),
        {"service:logging.s3.amazonaws.com": "conditional"},
    ),
    "logs of load balancers, by account": Example(
        ELB,
        (allow({"AWS": f"arn:aws:iam::{ELB_OF_OREGON}:root"}, OBJECTS, "s3:PutObject"),),
        {f"account:{ELB_OF_OREGON}": "yes"},
        guards={f"account:{ELB_OF_OREGON}": ("account aws-service",)},
    ),
    "CloudTrail of one trail": Example(
        TRAIL_PAGE,
        (
            service("cloudtrail", "s3:GetBucketAcl", BUCKET, **FROM_TRAIL),
            service(
                "cloudtrail",
                "s3:PutObject",
                f"{BUCKET}/AWSLogs/{ACCOUNT}/*",
                StringEquals=FROM_TRAIL["StringEquals"] | FULL_CONTROL,
            ),
        ),
        {"service:cloudtrail.amazonaws.com": "conditional"},
        guards={"service:cloudtrail.amazonaws.com": ("source fixed",)},
    ),
    "its twin of any trail": Example(
        TRAIL_PAGE,
        (service("cloudtrail", "s3:PutObject", StringEquals=FULL_CONTROL),),
        {
            "service:cloudtrail.amazonaws.com": "yes",
            "any-account-via:cloudtrail.amazonaws.com": "yes",
        },
    ),
    "flow logs of an account": Example(
        FLOW_PAGE,
        (
            service(
                "delivery.logs",
                "s3:PutObject",
                StringEquals=FULL_CONTROL | {"aws:SourceAccount": ACCOUNT},
                ArnLike={"aws:SourceArn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:*"},
            ),
        ),
        {"service:delivery.logs.amazonaws.com": "conditional"},
    ),
    "another account's role replicates into it": Example(
        REPLICATION,
        (allow({"AWS": ROLE}, OBJECTS, ["s3:ReplicateObject", "s3:ReplicateDelete"]),),
        {ROLE: "yes"},
    ),
    "a Deny of other endpoints grants nothing": Example(
        ENDPOINTS, (deny(WHOLE, StringNotEquals={"aws:SourceVpce": "vpce-1a2b3c4d"}),)
    ),
    "a policy of one VPC": Example(
        MEANING,
        (allow("*", "*", "s3:PutObject", StringEquals={"aws:SourceVpc": "vpc-91237329"}),),
        {"vpc-91237329": "yes"},
    ),
    "everyone writes": Example(
        MEANING, (allow("*", "*", "s3:PutObject"),), {"internet": "yes"}, True
    ),
    "who logs in with Facebook writes": Example(
        MEANING,
        (allow({"Federated": "graph.facebook.com"}, "*", "s3:PutObject"),),
        {"federated:graph.facebook.com": "yes"},
        True,
    ),
}


def judged(folder: Path, rows: tuple[Any, ...], **calls: Any) -> list[Judgement]:
    """What a bucket's policy of some statements gives, ``no`` left out."""
    world = World(buckets=[bucket_line(get_bucket_policy=policy(*rows), **calls)])
    return [one for one in world.judged(folder) if str(one.answer.verdict) != "no"]


def admitted(found: list[Judgement]) -> dict[str, str]:
    """The strongest verdict by source."""
    strongest: dict[str, str] = {}
    for one in sorted(found, key=lambda one: one.answer.verdict.rank):
        strongest[one.source] = str(one.answer.verdict)
    return strongest


@pytest.mark.parametrize("name", CASES)
def test_who_gets_in_by_a_documented_policy(tmp_path: Path, name: str) -> None:
    assert admitted(judged(tmp_path, CASES[name].rows)) == CASES[name].admitted


@pytest.mark.parametrize("name", CASES)
def test_whether_aws_calls_a_documented_policy_public(name: str) -> None:
    document = parse({"Version": "2012-10-17", "Statement": list(CASES[name].rows)})
    assert isinstance(document, Document)
    assert is_public(document) is CASES[name].public


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].guards])
def test_the_guards_of_a_documented_policy_in_words(tmp_path: Path, name: str) -> None:
    found = judged(tmp_path, CASES[name].rows)
    for source, words in CASES[name].guards.items():
        told = {
            text.partition(":")[0]
            for one in found
            if one.source == source
            for text in one.answer.guards
        }
        assert told >= set(words)


# What Block Public Access leaves, as the page that defines "public" tells it.

CLOUDTRAIL = "service:cloudtrail.amazonaws.com"
MIXED = (
    service("cloudtrail", "s3:PutObject", StringEquals=FROM_TRAIL["StringEquals"]),
    allow({"AWS": OTHER}, OBJECTS),
    PUBLIC_READ,
)


@pytest.mark.parametrize(
    ("rows", "flags", "expected"),
    [
        (MIXED, ("RestrictPublicBuckets",), {CLOUDTRAIL}),
        (MIXED, (), {CLOUDTRAIL, f"account:{OTHER}", "internet"}),
        (MIXED[:2], ("RestrictPublicBuckets",), {CLOUDTRAIL, f"account:{OTHER}"}),
        # The other settings reject new policies and leave those that stand.
        (
            MIXED,
            ("BlockPublicPolicy", "BlockPublicAcls", "IgnorePublicAcls"),
            {CLOUDTRAIL, f"account:{OTHER}", "internet"},
        ),
    ],
)
def test_restrict_public_buckets_cuts_other_accounts_of_a_public_policy(
    tmp_path: Path, rows: tuple[Any, ...], flags: tuple[str, ...], expected: set[str]
) -> None:
    found = judged(tmp_path, rows, get_public_access_block=block(*flags))
    assert admitted(found).keys() == expected


@pytest.mark.parametrize(
    ("deny_of", "verdict"),
    [
        (deny(WHOLE, NotIpAddress={"aws:SourceIp": "54.240.143.0/24"}), "conditional"),
        (deny(WHOLE, StringNotEquals={"aws:SourceVpce": "vpce-1a2b3c4d"}), "conditional"),
        (deny(WHOLE, StringNotEquals={"aws:PrincipalOrgID": ORG}), "conditional"),
        (deny(WHOLE, Bool={"aws:SecureTransport": "false"}), None),
        (deny(WHOLE, StringEquals={"aws:PrincipalOrgID": ORG}), None),
        (deny(TAXES, Null={"aws:MultiFactorAuthAge": "true"}), None),
    ],
)
def test_whether_a_deny_of_all_but_fixed_callers_makes_it_non_public_is_s3s_to_say(
    tmp_path: Path, deny_of: Any, verdict: str | None
) -> None:
    """AWS's text weighs what a policy grants; how it counts Denies it does not say."""
    lock = block("RestrictPublicBuckets")
    whom = allow({"AWS": OTHER}, OBJECTS, "s3:GetObject")
    # The account named comes from the range, the endpoint and the organisation, if it likes.
    found = admitted(
        judged(tmp_path / "1", (PUBLIC_READ, whom, deny_of), get_public_access_block=lock)
    )
    assert found.get(f"account:{OTHER}") == verdict
    said = {"PolicyStatus": {"IsPublic": True}}
    told = judged(
        tmp_path / "2",
        (PUBLIC_READ, whom, deny_of),
        get_public_access_block=lock,
        get_bucket_policy_status=said,
    )
    assert admitted(told) == {}


# Everyone, with a Deny of all others beside.


@pytest.mark.parametrize(
    ("deny_of", "admitted_then"),
    [
        (deny(WHOLE, Bool={"aws:SecureTransport": "false"}), {"internet": "yes"}),
        (deny(WHOLE, NotIpAddress={"aws:SourceIp": "54.240.143.0/24"}), {"cidr:54.240.143.0/24"}),
        (deny(TAXES, Null={"aws:MultiFactorAuthAge": "true"}), {"internet": "yes"}),
    ],
)
def test_everyone_but_whom_a_documented_deny_keeps_out(
    tmp_path: Path, deny_of: Any, admitted_then: Any
) -> None:
    found = admitted(judged(tmp_path, (PUBLIC_READ, deny_of)))
    assert set(admitted_then) <= set(found)
    assert ("internet" in found) == ("internet" in admitted_then)


@pytest.mark.parametrize("denies", [(MFA,), (MFA, RECENT)])
def test_a_folder_with_mfa_is_for_signed_callers_alone(tmp_path: Path, denies: Any) -> None:
    found = admitted(judged(tmp_path, (*denies, allow("*", TAXES))))
    assert found.keys() == {"any-aws-principal"}


HOLES = {"aws:SourceIp": ["54.240.143.128/30", "2600:1f00:1234:5678:abcd::/80"]}
RANGES = {"aws:SourceIp": ["54.240.143.0/24", "2600:1f00:1234:5678::/64"]}


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        (HOLES, {"cidr:54.240.143.0/24", "cidr:2600:1f00:1234:5678::/64"}),
        ({"aws:SourceIp": ["54.240.0.0/16"]}, {"cidr:2600:1f00:1234:5678::/64"}),
        (RANGES, set()),
    ],
)
def test_ranges_are_told_but_those_that_are_taken_out_whole(
    tmp_path: Path, without: Any, expected: set[str]
) -> None:
    row = allow("*", WHOLE, "s3:*", IpAddress=RANGES, NotIpAddress=without)
    assert admitted(judged(tmp_path, (row,))) == dict.fromkeys(expected, "yes")
