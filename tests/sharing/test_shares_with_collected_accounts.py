"""A share with a collected account: its own policies have to allow the use of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing import access_judgements
from snapshot_files import ACCOUNT, REGION, line, write_snapshot

OTHER = "222233334444"
ROLE = f"arn:aws:iam::{OTHER}:role/app"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:orders"


def role(action: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
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
