"""KMS keys: grants beside the policy, denies over both, and keys that are switched off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing import access_judgements
from graph.verdict import Answer
from snapshot_files import ACCOUNT, REGION, Denied, line, write_snapshot

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0000"
OUTSIDER = "arn:aws:iam::999988887777:role/backup"
OWN = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
DENY_OTHERS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "kms:*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}},
}
EVERYONE = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
GRANT = {"GrantId": "g-1", "GranteePrincipal": OUTSIDER, "Operations": ["Decrypt", "DescribeKey"]}


def policy(*statements: dict[str, Any]) -> dict[str, str]:
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


def judge(folder: Path, mechanism: str, **calls: Any) -> dict[str, Answer]:
    row = line(KEY, {}, **({"get_key_policy": policy(OWN)} | calls))
    snapshot = write_snapshot(folder, {(ACCOUNT, REGION, "kms:key"): [row]})
    found = access_judgements(snapshot, from_snapshot(snapshot))
    return {one.source: one.answer for one in found if one.mechanism == mechanism}


@pytest.mark.parametrize("value", [[GRANT], {"Grants": [GRANT]}])
def test_a_grant_to_another_account_is_access(tmp_path: Path, value: Any) -> None:
    found = judge(tmp_path, "key-grant", list_grants=value)
    assert found[OUTSIDER].verdict == "yes"


def test_a_grant_within_the_account_or_to_a_service_is_none(tmp_path: Path) -> None:
    own = GRANT | {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/app"}
    service = GRANT | {"GranteePrincipal": "dynamodb.amazonaws.com"}
    assert judge(tmp_path, "key-grant", list_grants=[own, service]) == {}


def test_a_deny_of_the_policy_binds_the_grantee(tmp_path: Path) -> None:
    calls = {"get_key_policy": policy(OWN, DENY_OTHERS), "list_grants": [GRANT]}
    assert judge(tmp_path, "key-grant", **calls) == {}


def test_an_encryption_context_is_a_condition(tmp_path: Path) -> None:
    bound = GRANT | {"Constraints": {"EncryptionContextSubset": {"team": "a"}}}
    answer = judge(tmp_path, "key-grant", list_grants=[bound])[OUTSIDER]
    assert answer.verdict == "conditional"
    assert answer.conditions == ("context:kms:EncryptionContext:team=a",)


@pytest.mark.parametrize("text", [Denied, {"Policy": "{"}])
def test_under_a_policy_that_was_not_read_a_grant_is_conditional(tmp_path: Path, text: Any) -> None:
    answer = judge(tmp_path, "key-grant", get_key_policy=text, list_grants=[GRANT])[OUTSIDER]
    assert answer.verdict == "conditional"
    assert answer.conditions[0].startswith("not_collected:kms.get_key_policy@")


@pytest.mark.parametrize(
    ("state", "verdict"),
    [("Enabled", "yes"), ("Disabled", "dormant"), ("PendingDeletion", "dormant")],
)
def test_a_key_that_is_switched_off_is_dormant(tmp_path: Path, state: str, verdict: str) -> None:
    told = {"KeyMetadata": {"KeyManager": "CUSTOMER", "KeyState": state}}
    calls = {"describe_key": told, "get_key_policy": policy(EVERYONE), "list_grants": [GRANT]}
    found = judge(tmp_path / "p", "key-policy", **calls)
    assert str(found["any-aws-principal"].verdict) == verdict
    assert str(judge(tmp_path / "g", "key-grant", **calls)[OUTSIDER].verdict) == verdict
