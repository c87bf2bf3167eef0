"""Secrets that their policy gives away: usable with their key alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing import access_judgements
from snapshot_files import ACCOUNT, REGION, Denied, line, write_snapshot

PARTNER = "999988887777"
READ = "secretsmanager:GetSecretValue"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0000"


def _allow(principal: Any, *actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}


def _policy(*rows: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(rows)})


def _verdicts(
    folder: Path, principal: Any, *actions: str, item: dict[str, str], key: Any = None
) -> set[tuple[str, str]]:
    """Action and verdict of each judgement of the secret."""
    told = {"ResourcePolicy": _policy(_allow(principal, *actions))}
    lines = {
        (ACCOUNT, REGION, "secretsmanager:secret"): [
            line(SECRET, {"Name": "db", **item}, get_resource_policy=told)
        ]
    }
    if key is not None:
        state = {"KeyMetadata": {"KeyManager": "CUSTOMER", "KeyState": "Enabled"}}
        row = line(KEY, {}, describe_key=state, get_key_policy=key, list_grants=[])
        lines[ACCOUNT, REGION, "kms:key"] = [row]
    snapshot = write_snapshot(folder, lines)
    return {
        (action, str(one.answer.verdict))
        for one in access_judgements(snapshot, from_snapshot(snapshot))
        if one.target == SECRET
        for action in one.actions
    }


@pytest.mark.parametrize("principal", ["*", {"AWS": PARTNER}])
def test_under_the_key_of_aws_nobody_outside_reads(tmp_path: Path, principal: Any) -> None:
    assert _verdicts(tmp_path, principal, READ, item={}) == {(READ, "no")}


@pytest.mark.parametrize("principal", ["*", {"AWS": PARTNER}])
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ({"Policy": _policy(_allow("*", "kms:Decrypt"))}, "yes"),
        ({"Policy": _policy(_allow({"AWS": ACCOUNT}, "kms:*"))}, "no"),
        (Denied, "conditional"),
    ],
)
def test_a_customers_key_decides(tmp_path: Path, principal: Any, key: Any, expected: str) -> None:
    found = _verdicts(tmp_path, principal, READ, item={"KmsKeyId": KEY}, key=key)
    assert found == {(READ, expected)}


def test_what_hands_out_nothing_stays_apart(tmp_path: Path) -> None:
    describe = "secretsmanager:DescribeSecret"
    found = _verdicts(tmp_path, {"AWS": PARTNER}, READ, describe, item={})
    assert found == {(READ, "no"), (describe, "yes")}


def test_twin_of_a_key_that_was_not_read(tmp_path: Path) -> None:
    found = _verdicts(tmp_path, {"AWS": PARTNER}, READ, item={"Name": "db", "KmsKeyId": KEY})
    assert found == {(READ, "conditional")}
