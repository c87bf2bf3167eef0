"""KMS keys: grants beside the policy, denies over both, and keys that are switched off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing import access_judgements
from graph.verdict import Answer
from snapshot_files import ACCOUNT, REGION, Absent, Denied, line, write_snapshot

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


ENABLED = {"KeyMetadata": {"KeyManager": "CUSTOMER", "KeyState": "Enabled"}}
READ = {"get_key_policy": policy(OWN), "describe_key": ENABLED}


def judge(folder: Path, mechanism: str, **calls: Any) -> dict[str, Answer]:
    row = line(KEY, {}, **(READ | calls))
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


# Who may use the grants that a key has.


def test_grants_that_were_not_read_are_unknown(tmp_path: Path) -> None:
    answer = judge(tmp_path / "1", "key-grant", list_grants=Denied)["any-aws-account"]
    assert answer.verdict == "unknown"
    assert answer.conditions[0].startswith("not_collected:kms.list_grants@")
    assert judge(tmp_path / "2", "key-grant", list_grants=[]) == {}
    assert judge(tmp_path / "3", "key-grant", list_grants="all")["any-aws-account"].verdict == (
        "unknown"
    )


def test_who_may_retire_a_grant_is_told_with_that_alone(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/grant-manage.html"""
    own = f"arn:aws:iam::{ACCOUNT}:role/app"
    retired = GRANT | {"GranteePrincipal": own, "RetiringPrincipal": OUTSIDER}
    assert actions(tmp_path / "1", list_grants=[retired]) == {OUTSIDER: {"kms:RetireGrant"}}
    used = GRANT | {"RetiringPrincipal": own}
    assert actions(tmp_path / "2", list_grants=[used]) == {
        OUTSIDER: {"kms:Decrypt", "kms:DescribeKey"}
    }


def actions(folder: Path, **calls: Any) -> dict[str, set[str]]:
    row = line(KEY, {}, **({"get_key_policy": policy(OWN)} | calls))
    snapshot = write_snapshot(folder, {(ACCOUNT, REGION, "kms:key"): [row]})
    found: dict[str, set[str]] = {}
    for one in access_judgements(snapshot, from_snapshot(snapshot)):
        if one.mechanism == "key-grant" and one.answer.verdict != "no":
            found.setdefault(one.source, set()).update(one.actions)
    return found


def test_thousands_of_grants_are_each_judged(tmp_path: Path) -> None:
    grants = [
        GRANT | {"GrantId": f"g-{n}", "GranteePrincipal": f"arn:aws:iam::{n:012d}:root"}
        for n in range(1000, 3000)
    ]
    found = actions(tmp_path, list_grants=[*grants, "rubbish", None, {"Operations": 1}])
    assert len(found) == 2000


# Key policies: public, shared, narrowed, guarded.

OTHER = "999988887777"
ORG = "o-abcdefghij"
VIA_S3 = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}


def admits(folder: Path, *rows: dict[str, Any], **calls: Any) -> dict[str, str]:
    found = judge(folder, "key-policy", get_key_policy=policy(OWN, *rows), list_grants=[], **calls)
    return {
        source: str(answer.verdict) for source, answer in found.items() if answer.verdict != "no"
    }


@pytest.mark.parametrize(
    ("narrowed", "sources"),
    [
        ({}, {"any-aws-principal": "yes"}),
        # What AWS writes for a service's key: its own account, through that service.
        ({"kms:CallerAccount": ACCOUNT} | VIA_S3, {}),
        # The same for everybody through a service is open to everybody.
        (VIA_S3, {"any-aws-principal": "conditional"}),
        ({"kms:CallerAccount": OTHER}, {f"account:{OTHER}": "yes"}),
        ({"kms:CallerAccount": OTHER} | VIA_S3, {f"account:{OTHER}": "conditional"}),
        ({"aws:PrincipalOrgID": ORG}, {f"org:{ORG}": "yes"}),
        ({"aws:SourceVpce": "vpce-1"}, {"vpce-1": "yes"}),
        ({"kms:EncryptionContext:team": "a"}, {"any-aws-principal": "conditional"}),
        ({"aws:ResourceAccount": ACCOUNT}, {"any-aws-principal": "yes"}),
    ],
)
def test_what_narrows_a_key_policy_for_everyone(
    tmp_path: Path, narrowed: dict[str, str], sources: dict[str, str]
) -> None:
    row = EVERYONE | ({"Condition": {"StringEquals": narrowed}} if narrowed else {})
    assert admits(tmp_path, row) == sources


def test_the_default_policy_of_a_key_shares_it_with_nobody(tmp_path: Path) -> None:
    assert admits(tmp_path) == {}


@pytest.mark.parametrize(("switched", "verdict"), [(False, "yes"), (True, None)])
def test_a_deny_of_the_policy_guards_a_shared_key(
    tmp_path: Path, switched: bool, verdict: str | None
) -> None:
    shared = EVERYONE | {"Principal": {"AWS": OTHER}}
    rows = [shared, DENY_OTHERS] if switched else [shared]
    assert admits(tmp_path, *rows).get(f"account:{OTHER}") == verdict


def test_a_key_policy_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    found = judge(tmp_path, "key-policy", get_key_policy=Denied, list_grants=[])
    assert [str(answer.verdict) for answer in found.values()] == ["unknown"]


def test_a_multi_region_key_is_shared_where_its_own_policy_shares_it(tmp_path: Path) -> None:
    """Each replica has its own policy.

    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-auth.html
    """
    primary = KEY.replace("key/0000", "key/mrk-1")
    replica = primary.replace(REGION, "us-east-1")
    told = {"KeyMetadata": {"KeyManager": "CUSTOMER", "MultiRegion": True, "KeyState": "Enabled"}}
    shared = EVERYONE | {"Principal": {"AWS": OTHER}}
    calls = {"describe_key": told, "list_grants": []}
    lines = {
        (ACCOUNT, REGION, "kms:key"): [
            line(primary, {}, get_key_policy=policy(OWN, shared), **calls)
        ],
        (ACCOUNT, "us-east-1", "kms:key"): [line(replica, {}, get_key_policy=policy(OWN), **calls)],
    }
    snapshot = write_snapshot(tmp_path, lines)
    found = [
        (one.source, one.target)
        for one in access_judgements(snapshot, from_snapshot(snapshot))
        if one.answer.verdict == "yes"
    ]
    assert found == [(f"account:{OTHER}", primary)]


@pytest.mark.parametrize(
    ("told", "verdict"), [(ENABLED, "yes"), (Denied, "conditional"), (Absent, "conditional")]
)
def test_a_key_of_which_nobody_read_whether_it_is_on(
    tmp_path: Path, told: Any, verdict: str
) -> None:
    calls = {"get_key_policy": policy(EVERYONE), "list_grants": []}
    answer = judge(tmp_path, "key-policy", describe_key=told, **calls)["any-aws-principal"]
    assert answer.verdict == verdict
    missing = (f"not_collected:kms.describe_key@{ACCOUNT}/{REGION}",)
    assert answer.conditions == (() if verdict == "yes" else missing)
