"""Both verdicts on a policy: what AWS calls it, and whom it admits.

The facts are AWS's:

* https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
  ("The meaning of public")
* https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collector.snapshot import Item
from graph.iam.document import Document, parse
from graph.iam.grants import grants
from graph.iam.s3_public import is_public
from graph.sharing.s3_meaning import aws_public, bucket_policy_public, policy_public
from sharing.s3_world import BUCKET, ENFORCED, OTHER, World, allow, block, bucket_line, policy
from snapshot_files import ACCOUNT, Absent, Denied, write_snapshot

ORG = "o-abcdefghij"
ANYONE = ("internet",)
SIGNED = ("any-aws-principal",)
BOTH = ("any-aws-principal", "internet")
ME = (f"account:{OTHER}",)
OURS = (f"org:{ORG}",)
FACEBOOK = "graph.facebook.com"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
TRAIL = "cloudtrail.amazonaws.com"


def verdicts(row: dict[str, Any]) -> tuple[bool, dict[str, str]]:
    """AWS's verdict and ours, by source."""
    document = parse({"Version": "2012-10-17", "Statement": [row]})
    assert isinstance(document, Document)
    found: dict[str, str] = {}
    for grant in grants(document, "s3", BUCKET, ACCOUNT):
        verdict = str(grant.answer.verdict)
        found[grant.source_id] = (
            "yes" if "yes" in (verdict, found.get(grant.source_id)) else verdict
        )
    return is_public(document), found


CONDITIONS: list[tuple[str, str, str, bool, tuple[str, ...], str]] = [
    # The caller's account or organisation is fixed.
    ("StringEquals", "aws:PrincipalAccount", OTHER, True, ME, "yes"),
    ("StringEquals", "aws:PrincipalOrgID", ORG, False, OURS, "yes"),
    ("StringEquals", "AWS:PRINCIPALORGID", ORG, False, OURS, "yes"),
    ("StringLike", "aws:PrincipalOrgID", "o-*", True, SIGNED, "yes"),
    ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OTHER}:role/*", True, ME, "yes"),
    ("StringEquals", "aws:SourceAccount", OTHER, False, ME, "yes"),
    ("StringEquals", "aws:SourceOwner", OTHER, False, ME, "yes"),
    ("ArnEquals", "aws:SourceArn", f"arn:aws:sns:us-east-1:{OTHER}:t", False, ME, "yes"),
    # A wildcard is public by the rule; it still fixes one account.
    ("ArnLike", "aws:SourceArn", f"arn:aws:sns:us-east-1:{OTHER}:*", True, ME, "yes"),
    ("Bool", "aws:PrincipalIsAWSService", "true", True, ("service:any",), "yes"),
    ("StringEquals", "s3:DataAccessPointAccount", ACCOUNT, False, (), ""),
    # The network is fixed.
    ("IpAddress", "aws:SourceIp", "54.240.143.0/24", False, ("cidr:54.240.143.0/24",), "yes"),
    ("IpAddress", "aws:SourceIp", "2001:4860::/32", False, ("cidr:2001:4860::/32",), "yes"),
    ("IpAddress", "aws:SourceIp", "2001:4800::/24", True, ("cidr:2001:4800::/24",), "yes"),
    ("IpAddress", "aws:SourceIp", "54.0.0.0/7", True, ("cidr:54.0.0.0/7",), "yes"),
    ("IpAddress", "aws:SourceIp", "10.0.0.0/8", False, (), ""),
    ("StringEquals", "aws:SourceVpc", "vpc-91237329", False, ("vpc-91237329",), "yes"),
    ("StringLike", "aws:SourceVpc", "vpc-*", True, ANYONE, "yes"),
    ("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d", False, ("vpce-1a2b3c4d",), "yes"),
    ("ArnEquals", "aws:SourceVpcArn", f"arn:aws:ec2:x:{OTHER}:vpc/vpc-1", True, ME, "yes"),
    ("StringEquals", "aws:VpceAccount", OTHER, True, ME, "yes"),
    ("StringEquals", "aws:VpceOrgID", ORG, True, OURS, "yes"),
    ("ForAnyValue:StringLike", "aws:VpceOrgPaths", f"{ORG}/*", True, OURS, "yes"),
    # A secret or a way, not an identity.
    ("StringEquals", "sts:ExternalId", "x", True, BOTH, "conditional"),
    (
        "ForAnyValue:StringEquals",
        "aws:CalledVia",
        "athena.amazonaws.com",
        True,
        # A service that calls with somebody's credentials: an unsigned caller has none.
        SIGNED,
        "conditional",
    ),
    # Nothing is narrowed.
    ("Bool", "aws:SecureTransport", "true", True, ANYONE, "yes"),
    ("StringLike", "aws:Referer", "https://www.example.com/*", True, ANYONE, "yes"),
    ("StringEquals", "aws:UserAgent", "x", True, ANYONE, "yes"),
    ("StringEquals", "aws:ResourceAccount", ACCOUNT, True, ANYONE, "yes"),
    ("StringEquals", "aws:PrincipalTag/team", "red", True, SIGNED, "yes"),
    ("StringEquals", "aws:username", "bob", True, SIGNED, "yes"),
    ("StringEquals", "aws:PrincipalType", "User", True, SIGNED, "yes"),
    ("Bool", "aws:MultiFactorAuthPresent", "true", True, SIGNED, "yes"),
    ("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z", True, BOTH, "conditional"),
    ("StringEquals", "aws:RequestedRegion", "eu-west-1", True, BOTH, "conditional"),
    # Operators that are true where the key is absent, and negative ones.
    ("StringEqualsIfExists", "aws:PrincipalOrgID", ORG, True, (*ANYONE, *OURS), "yes"),
    ("ForAllValues:StringEquals", "aws:PrincipalOrgID", ORG, True, (*ANYONE, *OURS), "yes"),
    ("StringNotEquals", "aws:PrincipalOrgID", ORG, True, ANYONE, "yes"),
    ("NotIpAddress", "aws:SourceIp", "54.240.143.0/24", True, ANYONE, "yes"),
    ("Null", "aws:PrincipalOrgID", "true", True, ANYONE, "yes"),
]


@pytest.mark.parametrize(("operator", "key", "value", "public", "admitted", "how"), CONDITIONS)
def test_a_condition_has_both_verdicts(
    operator: str, key: str, value: str, public: bool, admitted: tuple[str, ...], how: str
) -> None:
    row = allow("*", f"{BUCKET}/*", **{operator: {key: value}})
    assert verdicts(row) == (public, dict.fromkeys(admitted, how))


@pytest.mark.parametrize(
    ("principal", "public", "admitted"),
    [
        ("*", True, ANYONE),
        ({"AWS": "*"}, True, ANYONE),
        ({"AWS": ["*", OTHER]}, True, (*ANYONE, *ME)),
        ({"AWS": OTHER}, False, ME),
        ({"AWS": f"arn:aws:iam::{OTHER}:user/u"}, False, (f"arn:aws:iam::{OTHER}:user/u",)),
        ({"AWS": "AIDAABCDEFGHIJKLMNOPQ"}, False, ()),
        ({"CanonicalUser": CANONICAL}, False, (f"canonical:{CANONICAL}",)),
        ({"Federated": FACEBOOK}, True, (f"federated:{FACEBOOK}",)),
        ({"Service": TRAIL}, False, (f"service:{TRAIL}", f"any-account-via:{TRAIL}")),
    ],
)
def test_a_principal_has_both_verdicts(
    principal: Any, public: bool, admitted: tuple[str, ...]
) -> None:
    assert verdicts(allow(principal, f"{BUCKET}/*")) == (public, dict.fromkeys(admitted, "yes"))


def test_allow_with_notprincipal_is_everyone_else() -> None:
    row = allow("*", f"{BUCKET}/*")
    del row["Principal"]
    public, found = verdicts(row | {"NotPrincipal": {"AWS": OTHER}})
    assert (public, found.get("internet")) == (True, "yes")


def test_one_value_that_is_not_fixed_makes_it_public() -> None:
    ids = ["vpc-1", "vpc-*"]
    fixed = allow("*", f"{BUCKET}/*", StringLike={"aws:SourceVpc": ids[:1]})
    assert not verdicts(fixed)[0]
    assert verdicts(allow("*", f"{BUCKET}/*", StringLike={"aws:SourceVpc": ids}))[0]
    assert verdicts(allow("*", f"{BUCKET}/*", StringEquals={"aws:SourceVpc": "${aws:userid}"}))[0]
    session = {"aws:userid": "AROAEXAMPLEID:*"}
    assert verdicts(allow("*", f"{BUCKET}/*", StringLike=session))[0]


SET_OF_POINTS = {"s3:DataAccessPointArn": f"arn:aws:s3:us-west-2:{ACCOUNT}:accesspoint/*"}


@pytest.mark.parametrize(("access_point", "public"), [(False, False), (True, True)])
def test_a_set_of_access_points_is_fixed_in_a_buckets_policy_alone(
    access_point: bool, public: bool
) -> None:
    document = parse(
        {"Version": "2012-10-17", "Statement": [allow("*", "*", ArnLike=SET_OF_POINTS)]}
    )
    assert isinstance(document, Document)
    assert is_public(document, access_point=access_point) is public


# The bucket policy examples of the user guide.

FROM_CLOUDFRONT = {"AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE"}
PRIVATE_RANGES = {"aws:SourceIp": ["54.240.143.0/24", "2001:DB8:1234:5678::/64"]}
GUIDE = {
    "public read": (allow("*", f"{BUCKET}/*"), True, {"internet": "yes"}),
    "referer": (
        allow(
            "*",
            f"{BUCKET}/*",
            ["s3:GetObject", "s3:GetObjectVersion"],
            StringLike={"aws:Referer": ["http://www.example.com/*", "http://example.com/*"]},
        ),
        True,
        {"internet": "yes"},
    ),
    "organisation": (
        allow("*", f"{BUCKET}/*", "s3:GetObject", StringEquals={"aws:PrincipalOrgID": [ORG]}),
        False,
        {f"org:{ORG}": "yes"},
    ),
    "another account uploads with full control": (
        allow(
            {"AWS": OTHER},
            f"{BUCKET}/*",
            "s3:PutObject",
            StringEquals={"s3:x-amz-acl": "bucket-owner-full-control"},
        ),
        False,
        {f"account:{OTHER}": "yes"},
    ),
    "origin access control": (
        allow({"Service": "cloudfront.amazonaws.com"}, f"{BUCKET}/*", StringEquals=FROM_CLOUDFRONT),
        False,
        {"service:cloudfront.amazonaws.com": "conditional"},
    ),
    "addresses": (
        allow("*", [BUCKET, f"{BUCKET}/*"], "s3:*", IpAddress=PRIVATE_RANGES),
        False,
        {"cidr:54.240.143.0/24": "yes"},
    ),
}


@pytest.mark.parametrize("name", GUIDE)
def test_the_user_guides_examples(name: str) -> None:
    row, public, admitted = GUIDE[name]
    found = verdicts(row)
    assert found == (public, admitted)


def test_s3s_own_word_goes_before_the_rule_and_a_difference_is_told() -> None:
    text = policy(allow("*", f"{BUCKET}/*", StringEquals={"aws:PrincipalAccount": OTHER}))["Policy"]
    told = policy_public(text, False)
    assert (told.by_rule, told.by_word, told.public, told.differs) == (True, False, False, True)
    assert told.answer(BUCKET).evidence == (
        "S3 itself called it not public when it was asked: its word is taken.",
    )
    same = policy_public(text, True)
    assert (same.public, same.differs, same.answer(BUCKET).evidence) == (True, False, ())
    assert policy_public(text, None).public is None
    assert policy_public("{", None).by_rule is None
    assert policy_public(None, None).public is False


def bucket(folder: Path, **calls: Any) -> Item:
    lines = {(ACCOUNT, "global", "s3:bucket"): [bucket_line(**calls)]}
    (item,) = write_snapshot(folder, lines).items("s3:bucket")
    return item


ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
LOGS = "http://acs.amazonaws.com/groups/s3/LogDelivery"


def acl(uri: str) -> dict[str, Any]:
    grant = {"Grantee": {"Type": "Group", "URI": uri}, "Permission": "WRITE"}
    return {"Owner": {"ID": "me"}, "Grants": [grant]}


@pytest.mark.parametrize(
    ("calls", "public"),
    [
        ({}, False),
        ({"get_bucket_policy": policy(allow("*", BUCKET))}, True),
        ({"get_bucket_policy": policy(allow({"AWS": OTHER}, BUCKET))}, False),
        ({"get_bucket_acl": acl(ALL_USERS)}, True),
        ({"get_bucket_acl": acl(LOGS)}, False),
        ({"get_bucket_acl": Denied}, None),
        ({"get_bucket_policy": Denied}, None),
        ({"get_bucket_policy": Denied, "get_bucket_acl": acl(ALL_USERS)}, True),
        # Before Block Public Access.
        (
            {
                "get_bucket_policy": policy(allow("*", BUCKET)),
                "get_public_access_block": block("RestrictPublicBuckets"),
            },
            True,
        ),
    ],
)
def test_a_bucket_is_public_by_its_policy_or_its_acl(
    tmp_path: Path, calls: dict[str, Any], public: bool | None
) -> None:
    assert aws_public(bucket(tmp_path, **calls)) is public


def test_what_get_bucket_policy_status_said_is_read(tmp_path: Path) -> None:
    item = bucket(tmp_path, get_bucket_policy_status={"PolicyStatus": {"IsPublic": True}})
    assert bucket_policy_public(item, None).by_word is True
    assert bucket_policy_public(bucket(tmp_path / "2"), None).by_word is None


# Objects can be public.


@pytest.mark.parametrize(
    ("calls", "verdict"),
    [
        ({"get_bucket_ownership_controls": Absent}, "unknown"),
        ({"get_bucket_ownership_controls": Denied}, "unknown"),
        ({"get_bucket_ownership_controls": ENFORCED}, None),
        (
            {
                "get_bucket_ownership_controls": Absent,
                "get_public_access_block": block("IgnorePublicAcls"),
            },
            None,
        ),
        (
            {
                "get_bucket_ownership_controls": Absent,
                "get_public_access_block": block("BlockPublicAcls"),
            },
            "unknown",
        ),
    ],
)
def test_objects_can_be_public_where_acls_are_on_and_not_ignored(
    tmp_path: Path, calls: dict[str, Any], verdict: str | None
) -> None:
    found = World(buckets=[bucket_line(**calls)]).verdicts(tmp_path)
    assert found.get(("internet", "object-acl")) == verdict
