"""Conditions on a grant to everyone: whom each leaves, by what AWS says of its key and operator.

* which keys a request carries:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
* operators, ``IfExists`` and ``Null``:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
* keys with several values:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
* conditions joined:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sharing.s3_world import BUCKET, OTHER, World, allow, bucket_line, policy
from snapshot_files import ACCOUNT

ORG = "o-abcdefghij"
ROLE = f"arn:aws:iam::{OTHER}:role/reader"
WIDE = ("internet", "any-aws-principal", "any-aws-account")
NOBODY: dict[str, str] = {}
UNSIGNED = {"internet": "yes"}
SIGNED = {"any-aws-principal": "yes"}
THEM = {f"account:{OTHER}": "yes"}
OURS = {f"org:{ORG}": "yes"}

LEAVES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    # One value of a key that only signed callers carry.
    "an organisation": (
        {"StringEqualsIgnoreCase": {"aws:PrincipalOrgID": ORG}},
        OURS,
    ),
    "a unit": (
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-ab12/ou-ab12-11111111/*"}},
        {f"org:{ORG}/r-ab12/ou-ab12-11111111": "yes"},
    ),
    "an ARN": ({"ArnEquals": {"aws:PrincipalArn": ROLE}}, {ROLE: "yes"}),
    "an ARN of any account": ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/r"}}, SIGNED),
    "any ARN": ({"StringLike": {"aws:PrincipalArn": "*"}}, SIGNED),
    "an account": ({"StringEquals": {"aws:PrincipalAccount": [OTHER]}}, THEM),
    "the own account": ({"StringEquals": {"aws:PrincipalAccount": [ACCOUNT]}}, NOBODY),
    "whoever is in an organisation": ({"Null": {"aws:PrincipalOrgID": "false"}}, SIGNED),
    "whoever has MFA": ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, SIGNED),
    "recent MFA": ({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, SIGNED),
    # Keys of calls that services make.
    "one's own topic": (
        {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"}},
        NOBODY,
    ),
    "one's own account's services": ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, NOBODY),
    # Signed calls alone carry it.
    "no service": ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, SIGNED),
    # Operators that a missing key passes.
    "MFA if there is any": ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, UNSIGNED),
    "not an ARN": ({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:*"}}, UNSIGNED),
    "not an account": ({"StringNotEquals": {"aws:PrincipalAccount": OTHER}}, UNSIGNED),
    "not an organisation, if any": (
        {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}},
        UNSIGNED,
    ),
    "no endpoint": ({"Null": {"aws:SourceVpce": "true"}}, UNSIGNED),
    "not an endpoint": ({"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}, UNSIGNED),
    # What whoever calls sets.
    "few keys": ({"NumericLessThan": {"s3:max-keys": "10"}}, UNSIGNED),
    "a canned ACL": ({"StringEquals": {"s3:x-amz-acl": "private"}}, UNSIGNED),
    "TLS 1.2": ({"NumericGreaterThanEquals": {"s3:TlsVersion": "1.2"}}, UNSIGNED),
    # Several at once.
    "an account of an organisation that is not known to be in it": (
        {"StringEquals": {"aws:PrincipalOrgID": ORG, "aws:PrincipalAccount": OTHER}},
        {f"account:{OTHER}": "conditional"},
    ),
    "an account over HTTPS": (
        {"StringEquals": {"aws:PrincipalAccount": OTHER}, "Bool": {"aws:SecureTransport": "true"}},
        THEM,
    ),
    "an organisation and none": (
        {"StringEquals": {"aws:PrincipalOrgID": ORG}, "Null": {"aws:PrincipalOrgID": "true"}},
        NOBODY,
    ),
    "two accounts": (
        {"StringEquals": {"aws:PrincipalAccount": [OTHER, "444455556666"]}},
        THEM | {"account:444455556666": "yes"},
    ),
    "an account that is another": (
        {
            "StringEquals": {"aws:PrincipalAccount": OTHER},
            "StringLike": {"aws:PrincipalAccount": "4444*"},
        },
        NOBODY,
    ),
    "two ranges that do not meet": (
        {
            "IpAddress": {"aws:SourceIp": "54.240.143.0/24"},
            "NotIpAddress": {"aws:SourceIp": "54.240.0.0/16"},
        },
        NOBODY,
    ),
}


def admitted(folder: Path, conditions: dict[str, Any]) -> dict[str, str]:
    """Who reads an object of a bucket whose policy admits everyone under some conditions."""
    text = policy(allow("*", f"{BUCKET}/*", **conditions))
    world = World(buckets=[bucket_line(get_bucket_policy=text)])
    return {source: verdict for (source, _), verdict in world.verdicts(folder).items()}


@pytest.mark.parametrize("name", LEAVES)
def test_whom_a_condition_leaves(tmp_path: Path, name: str) -> None:
    conditions, expected = LEAVES[name]
    assert admitted(tmp_path, conditions) == expected


@pytest.mark.parametrize(
    "conditions",
    [
        # The key is missing in calls through an endpoint, and anybody can have one.
        {"IpAddressIfExists": {"aws:SourceIp": "54.240.143.0/24"}},
        {"Null": {"aws:SourceIp": "true"}},
        {"Null": {"aws:SourceVpce": "false"}},
        {"Null": {"aws:SourceVpc": "false"}},
        {"StringLike": {"aws:SourceVpc": "vpc-*"}},
        {"StringLike": {"aws:SourceVpce": "*"}},
        {"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
    ],
    ids=lambda conditions: next(iter(conditions)) + next(iter(next(iter(conditions.values())))),
)
def test_whoever_has_an_account_gets_in(tmp_path: Path, conditions: dict[str, Any]) -> None:
    found = admitted(tmp_path, conditions)
    assert {"internet", "any-aws-principal"} & {
        s for s, verdict in found.items() if verdict != "no"
    }


@pytest.mark.parametrize("key", ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"])
def test_a_service_calls_with_somebodys_credentials_alone(tmp_path: Path, key: str) -> None:
    operator = "ForAnyValue:StringEquals" if key == "aws:CalledVia" else "StringEquals"
    found = admitted(tmp_path, {operator: {key: "athena.amazonaws.com"}})
    assert found == {"any-aws-principal": "conditional"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("s3:DataAccessPointAccount", OTHER),
        ("s3:DataAccessPointArn", f"arn:aws:s3:eu-west-1:{OTHER}:accesspoint/*"),
    ],
)
def test_an_access_point_of_another_account_is_in_its_owners_hands(
    tmp_path: Path, key: str, value: str
) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html"""
    found = admitted(tmp_path, {"StringLike": {key: value}})
    assert found.get(f"account:{OTHER}") in ("yes", "conditional")
    assert "internet" not in found or found["internet"] in ("conditional", "unknown")


def test_a_tag_of_the_object_is_a_condition(tmp_path: Path) -> None:
    found = admitted(tmp_path, {"StringEquals": {"s3:ExistingObjectTag/public": "yes"}})
    assert set(found.values()) == {"conditional"}
    assert "internet" in found
