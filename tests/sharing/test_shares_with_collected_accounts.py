"""A share with a collected account: its own policies have to allow the use of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing import access_judgements
from sharing.s3_world import BUCKET, POINT, bucket_line, policy
from sharing.s3_world import allow as allowing
from snapshot_files import ACCOUNT, REGION, line, write_snapshot

OTHER = "222233334444"
ROLE = f"arn:aws:iam::{OTHER}:role/app"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:orders"


def role(action: str, *more: dict[str, Any]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement, *more]}
    trust = {"Version": "2012-10-17", "Statement": []}
    item = {
        "RoleName": "app",
        "Arn": ROLE,
        "RoleId": "AROA1",
        "AssumeRolePolicyDocument": trust,
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": json.dumps(document)}],
        "AttachedManagedPolicies": [],
    }
    return line(ROLE, item)


@pytest.mark.parametrize(
    ("action", "verdict"), [("rds:*", "yes"), ("ssm:*", "conditional"), ("s3:*", "conditional")]
)
def test_a_database_snapshot_for_an_account_whose_role_may_restore_it(
    tmp_path: Path, action: str, verdict: str
) -> None:
    attributes = [{"AttributeName": "restore", "AttributeValues": [OTHER]}]
    item = {"SnapshotType": "manual"}
    lines = {
        (ACCOUNT, REGION, "rds:db-snapshot"): [
            line(DATABASE, item, describe_db_snapshot_attributes=attributes)
        ],
        (OTHER, "global", "iam:role"): [role(action)],
    }
    snapshot = write_snapshot(tmp_path, lines)
    found = access_judgements(snapshot, from_snapshot(snapshot))
    answers = {one.source: one.answer for one in found}
    assert answers[f"account:{OTHER}"].verdict == verdict


ONLY_VPC_8 = {
    "Effect": "Deny",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-8"}},
}
VPC_9, VPC_8 = "context:aws:SourceVpc=vpc-9", "context:aws:SourceVpc=vpc-8"
NOBODY = "context:identity-policy=allows it"


@pytest.mark.parametrize(
    ("own", "vpc", "conditions"),
    [
        (("s3:*",), "", ()),
        (("s3:*",), "vpc-9", (VPC_9,)),
        (("sqs:*",), "", (NOBODY,)),
        (("sqs:*",), "vpc-9", (VPC_9, NOBODY)),
        (("s3:*", ONLY_VPC_8), "", (VPC_8,)),
        (("s3:*", ONLY_VPC_8), "vpc-9", (VPC_9, NOBODY)),
        (("s3:*", ONLY_VPC_8), "vpc-8", (VPC_8,)),
    ],
)
def test_an_access_point_for_an_account_is_asked_for_as_its_callers_come(
    tmp_path: Path, own: tuple[Any, ...], vpc: str, conditions: tuple[str, ...]
) -> None:
    delegates = allowing("*", [BUCKET, f"{BUCKET}/*"], "s3:*")
    delegates["Condition"] = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}
    item: dict[str, Any] = {"Name": "ap", "Bucket": BUCKET.rpartition(":")[2]}
    origin = {"NetworkOrigin": "VPC", "VpcConfiguration": {"VpcId": vpc}} if vpc else {}
    open_ = {"RestrictPublicBuckets": False, "IgnorePublicAcls": False}
    point = line(
        POINT,
        item | {"BucketAccountId": ACCOUNT} | origin,
        get_access_point={"PublicAccessBlockConfiguration": open_} | item | origin,
        get_access_point_policy=policy(allowing({"AWS": OTHER}, f"{POINT}/object/*")),
    )
    lines = {
        (ACCOUNT, REGION, "s3:bucket"): [bucket_line(get_bucket_policy=policy(delegates))],
        (ACCOUNT, REGION, "s3:access-point"): [point],
        (OTHER, "global", "iam:role"): [role(*own)],
    }
    snapshot = write_snapshot(tmp_path, lines)
    found = access_judgements(snapshot, from_snapshot(snapshot))
    (answer,) = (one.answer for one in found if one.source == f"account:{OTHER}")
    assert sorted(answer.conditions) == sorted(conditions)
    assert answer.verdict == ("conditional" if conditions else "yes")


@pytest.mark.parametrize(
    ("name", "action", "verdict"),
    [("app", "s3:*", "yes"), ("app", "sqs:*", "no"), ("gone", "s3:*", "conditional")],
)
def test_a_session_named_in_a_policy_has_what_its_role_has(
    tmp_path: Path, name: str, action: str, verdict: str
) -> None:
    session = f"arn:aws:sts::{OTHER}:assumed-role/{name}/s1"
    given = policy(allowing({"AWS": session}, f"{BUCKET}/*"))
    lines = {
        (ACCOUNT, REGION, "s3:bucket"): [bucket_line(get_bucket_policy=given)],
        (OTHER, "global", "iam:role"): [role(action)],
    }
    snapshot = write_snapshot(tmp_path, lines)
    found = access_judgements(snapshot, from_snapshot(snapshot))
    (answer,) = (one.answer for one in found if one.source == session)
    assert answer.verdict == verdict
