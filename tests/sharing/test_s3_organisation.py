"""Resource control policies over buckets, access points and keys.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graph.iam.document import parse
from graph.iam.from_snapshot import from_snapshot
from graph.iam.world import Account, Policy
from graph.sharing.keys import key_judgements
from graph.sharing.s3 import bucket_judgements
from sharing.s3_world import BUCKET, OTHER, POINT, allow, block, bucket_line, policy
from snapshot_files import ACCOUNT, REGION, Absent, line, write_snapshot

ORG = "o-abcdefghij"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0000"
OUTSIDE = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}}
SERVICES = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


def perimeter(service: str) -> Policy:
    row = allow("*", "*", f"{service}:*") | {"Effect": "Deny", "Condition": OUTSIDE | SERVICES}
    return Policy("perimeter", parse({"Version": "2012-10-17", "Statement": [row]}))


def found(folder: Path, membership: str, *rcps: Policy) -> set[tuple[str, str]]:
    """Who is let in, by target."""
    shared = [allow({"AWS": OTHER}, [BUCKET, f"{BUCKET}/*"]), allow("*", f"{BUCKET}/*")]
    of_point = [allow({"AWS": OTHER}, f"{POINT}/object/*")]
    of_key = [allow({"AWS": OTHER}, "*", "kms:Decrypt")]
    item = {"Name": "ap", "Bucket": "amzn-s3-demo-bucket", "BucketAccountId": ACCOUNT}
    lines: dict[Any, Any] = {
        (ACCOUNT, "global", "s3:bucket"): [bucket_line(get_bucket_policy=policy(*shared))],
        (ACCOUNT, "global", "s3:account-bpa"): [
            line(ACCOUNT, None, get_public_access_block=Absent)
        ],
        (ACCOUNT, REGION, "s3:access-point"): [
            line(POINT, item, get_access_point=block(), get_access_point_policy=policy(*of_point))
        ],
        (ACCOUNT, REGION, "kms:key"): [
            line(KEY, {}, get_key_policy=policy(*of_key), list_grants=[])
        ],
    }
    snapshot = write_snapshot(folder, lines)
    account = Account(ACCOUNT, membership=membership, organization=ORG, rcps=rcps)
    # Every account of the organisation is listed: the other one is outside.
    world = replace(from_snapshot(snapshot), accounts={ACCOUNT: account}, organization=ORG)
    judged = [*bucket_judgements(snapshot, world), *key_judgements(snapshot, world)]
    return {
        (one.source, one.mechanism)
        for one in judged
        if str(one.answer.verdict) in ("yes", "conditional")
    }


OTHERS = f"account:{OTHER}"
EVERYTHING = {
    (OTHERS, "bucket-policy"),
    ("internet", "bucket-policy"),
    (OTHERS, "access-point/ap"),
    (OTHERS, "key-policy"),
}


@pytest.mark.parametrize(
    ("membership", "services", "left"),
    [
        ("member", (), EVERYTHING),
        ("member", ("s3",), {(OTHERS, "key-policy")}),
        ("member", ("kms",), EVERYTHING - {(OTHERS, "key-policy")}),
        ("member", ("s3", "kms"), set()),
        # RCPs do not touch the management account's resources.
        ("management", ("s3", "kms"), EVERYTHING),
    ],
)
def test_a_data_perimeter_closes_what_it_names(
    tmp_path: Path, membership: str, services: tuple[str, ...], left: set[tuple[str, str]]
) -> None:
    assert found(tmp_path, membership, *map(perimeter, services)) == left
