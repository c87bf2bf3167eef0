"""S3: policy, ACL, ownership and Block Public Access; each rule beside its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.document import Document, parse
from graph.iam.from_snapshot import from_snapshot
from graph.iam.s3_public import is_public
from graph.sharing.s3 import bucket_judgements
from graph.verdict import Answer
from snapshot_files import ACCOUNT, Absent, Denied, line, write_snapshot

BUCKET = "arn:aws:s3:::site"
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
READ_ALL = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": BUCKET + "/*"}
    ],
}
OUTSIDER = "arn:aws:iam::999988887777:role/reader"
READ_OUTSIDER = {
    "Effect": "Allow",
    "Principal": {"AWS": OUTSIDER},
    "Action": "s3:GetObject",
    "Resource": BUCKET + "/*",
}
ACL = {
    "Owner": {"ID": "me"},
    "Grants": [{"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "READ"}],
}
PRIVATE_ACL = {
    "Owner": {"ID": "me"},
    "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "me"}, "Permission": "FULL_CONTROL"}],
}
OPEN = {
    "get_bucket_policy": Absent,
    "get_bucket_policy_status": Absent,
    "get_bucket_acl": PRIVATE_ACL,
    "get_public_access_block": Absent,
    "get_bucket_ownership_controls": Absent,
    "get_bucket_encryption": Absent,
}


def block(**flags: bool) -> dict[str, Any]:
    return {"PublicAccessBlockConfiguration": flags}


def judge(
    folder: Path, account_block: Any = Absent, mechanism: str = "bucket-policy", **calls: Any
) -> dict[str, Answer]:
    """Answers by source for one bucket."""
    lines = {
        (ACCOUNT, "global", "s3:bucket"): [line(BUCKET, {"Name": "site"}, **(OPEN | calls))],
        (ACCOUNT, "global", "s3:account-bpa"): [
            line(ACCOUNT, None, get_public_access_block=account_block)
        ],
    }
    snapshot = write_snapshot(folder, lines)
    return {
        j.source: j.answer
        for j in bucket_judgements(snapshot, from_snapshot(snapshot))
        if j.mechanism == mechanism
    }


def policy(*statements: Any) -> dict[str, str]:
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


PUBLIC = {"Policy": json.dumps(READ_ALL)}


def test_a_policy_for_everyone_is_open(tmp_path: Path) -> None:
    assert judge(tmp_path, get_bucket_policy=PUBLIC)["internet"].verdict == "yes"


@pytest.mark.parametrize("level", ["account", "bucket"])
def test_restrict_public_buckets_closes_it(tmp_path: Path, level: str) -> None:
    on = block(RestrictPublicBuckets=True)
    where = {"account_block": on} if level == "account" else {"get_public_access_block": on}
    answer = judge(tmp_path, get_bucket_policy=PUBLIC, **where)["internet"]
    assert answer.verdict == "no"
    assert level in answer.why


def test_block_public_policy_does_not_touch_a_policy_that_stands(tmp_path: Path) -> None:
    on = block(BlockPublicPolicy=True, BlockPublicAcls=True, IgnorePublicAcls=True)
    answers = judge(tmp_path, account_block=on, get_bucket_policy=PUBLIC)
    assert answers["internet"].verdict == "yes"


def test_an_unread_account_block_makes_it_conditional(tmp_path: Path) -> None:
    answer = judge(tmp_path, account_block=Denied, get_bucket_policy=PUBLIC)["internet"]
    assert answer.verdict == "conditional"
    assert answer.conditions[0].startswith("not_collected:s3control.get_public_access_block@")


def test_a_bucket_block_decides_even_when_the_accounts_was_not_read(tmp_path: Path) -> None:
    answer = judge(
        tmp_path,
        account_block=Denied,
        get_bucket_policy=PUBLIC,
        get_public_access_block=block(RestrictPublicBuckets=True),
    )["internet"]
    assert answer.verdict == "no"


def test_an_unread_policy_is_unknown(tmp_path: Path) -> None:
    assert judge(tmp_path, get_bucket_policy=Denied)["internet"].verdict == "unknown"


def test_restrict_leaves_open_whom_an_unread_policy_names(tmp_path: Path) -> None:
    on = block(RestrictPublicBuckets=True)
    unread = judge(tmp_path / "unread", account_block=on, get_bucket_policy=Denied)
    assert {source: str(answer.verdict) for source, answer in unread.items()} == {
        "any-aws-account": "unknown",
        "internet": "no",
    }
    assert unread["any-aws-account"].conditions[0].startswith("not_collected:s3.get_bucket_policy@")
    none = judge(tmp_path / "none", account_block=on)
    assert {source: str(answer.verdict) for source, answer in none.items()} == {"internet": "no"}


def test_no_policy_is_no(tmp_path: Path) -> None:
    assert judge(tmp_path)["internet"].verdict == "no"


def test_restrict_cuts_the_other_statements_of_a_public_policy(tmp_path: Path) -> None:
    both = policy(*READ_ALL["Statement"], READ_OUTSIDER)
    on = block(RestrictPublicBuckets=True)
    answers = judge(tmp_path, account_block=on, get_bucket_policy=both)
    assert {answer.verdict for answer in answers.values()} == {"no"}


def test_restrict_leaves_a_policy_that_is_not_public(tmp_path: Path) -> None:
    on = block(RestrictPublicBuckets=True)
    answers = judge(tmp_path, account_block=on, get_bucket_policy=policy(READ_OUTSIDER))
    named = {source: answer.verdict for source, answer in answers.items() if source != "internet"}
    assert list(named.values()) == ["yes"]


def test_anonymous_reads_under_kms_are_conditional(tmp_path: Path) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    encryption = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
    answer = judge(tmp_path, get_bucket_policy=PUBLIC, get_bucket_encryption=encryption)["internet"]
    assert answer.verdict == "conditional"


def test_anonymous_reads_under_s3_keys_are_open(tmp_path: Path) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    encryption = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
    answer = judge(tmp_path, get_bucket_policy=PUBLIC, get_bucket_encryption=encryption)["internet"]
    assert answer.verdict == "yes"


def acl(folder: Path, **calls: Any) -> Answer:
    return judge(folder, mechanism="bucket-acl", **({"get_bucket_acl": ACL} | calls))["internet"]


def test_an_acl_for_all_users_is_open(tmp_path: Path) -> None:
    assert acl(tmp_path).verdict == "yes"


def test_bucket_owner_enforced_turns_acls_off(tmp_path: Path) -> None:
    controls = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}
    assert acl(tmp_path, get_bucket_ownership_controls=controls).verdict == "no"


def test_bucket_owner_preferred_leaves_acls_on(tmp_path: Path) -> None:
    controls = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}}
    assert acl(tmp_path, get_bucket_ownership_controls=controls).verdict == "yes"


def test_ignore_public_acls_closes_it(tmp_path: Path) -> None:
    assert acl(tmp_path, get_public_access_block=block(IgnorePublicAcls=True)).verdict == "no"


def test_restrict_public_buckets_does_not_touch_acls(tmp_path: Path) -> None:
    on = block(RestrictPublicBuckets=True, BlockPublicAcls=True)
    assert acl(tmp_path, get_public_access_block=on).verdict == "yes"


def test_a_private_acl_is_no(tmp_path: Path) -> None:
    assert acl(tmp_path, get_bucket_acl=PRIVATE_ACL).verdict == "no"


def test_an_unread_acl_is_unknown(tmp_path: Path) -> None:
    assert acl(tmp_path, get_bucket_acl=Denied).verdict == "unknown"


def test_unread_ownership_makes_an_open_acl_conditional(tmp_path: Path) -> None:
    assert acl(tmp_path, get_bucket_ownership_controls=Denied).verdict == "conditional"


def test_a_grant_to_another_canonical_user_is_access_from_outside(tmp_path: Path) -> None:
    grants = [{"Grantee": {"Type": "CanonicalUser", "ID": "other"}, "Permission": "READ"}]
    shared = {"Owner": {"ID": "me"}, "Grants": grants}
    answers = judge(tmp_path, mechanism="bucket-acl", get_bucket_acl=shared)
    assert answers["canonical:other"].verdict == "yes"
    assert answers["internet"].verdict == "no"


def statement(**condition: Any) -> dict[str, Any]:
    return {"Statement": [READ_ALL["Statement"][0] | {"Condition": condition}]}  # type: ignore[index]


def parsed(policy: dict[str, Any]) -> Document:
    document = parse(policy)
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, False),
        ({"IpAddress": {"aws:SourceIp": "198.0.0.0/7"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, True),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"StringLike": {"aws:SourceVpce": "vpce-*"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}, False),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}}, True),
        ({"StringEquals": {"aws:Referer": "https://example.com"}}, True),
        (
            {
                "ArnLike": {
                    "s3:DataAccessPointArn": "arn:aws:s3:eu-west-1:111122223333:accesspoint/*"
                }
            },
            False,
        ),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:*"}}, True),
    ],
)
def test_the_meaning_of_public(condition: dict[str, Any], public: bool) -> None:
    assert is_public(parsed(statement(**condition))) is public


def test_a_named_principal_is_not_public() -> None:
    assert not is_public(parsed({"Statement": [READ_OUTSIDER]}))


def test_allow_with_notprincipal_is_public() -> None:
    row = {k: v for k, v in READ_OUTSIDER.items() if k != "Principal"}
    assert is_public(parsed({"Statement": [row | {"NotPrincipal": {"AWS": OUTSIDER}}]}))


ONE_ACCOUNT = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": BUCKET + "/*",
    "Condition": {"StringEquals": {"aws:PrincipalAccount": "999988887777"}},
}


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ({"PolicyStatus": {"IsPublic": True}}, "no"),
        ({"PolicyStatus": {"IsPublic": False}}, "yes"),
        (Denied, "conditional"),
    ],
)
def test_restrict_cuts_by_s3s_own_word_where_a_condition_decides(
    tmp_path: Path, word: Any, verdict: str
) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [ONE_ACCOUNT]})
    found = judge(
        tmp_path,
        get_bucket_policy={"Policy": text},
        get_bucket_policy_status=word,
        get_public_access_block=block(RestrictPublicBuckets=True),
    )
    answer = found["account:999988887777"]
    assert str(answer.verdict) == verdict
    assert (verdict != "conditional") or "get_bucket_policy_status" in answer.conditions[0]


def test_restrict_over_a_broken_policy_is_unknown(tmp_path: Path) -> None:
    found = judge(
        tmp_path,
        get_bucket_policy={"Policy": '{"Version'},
        get_public_access_block=block(RestrictPublicBuckets=True),
    )
    assert found["internet"].verdict == "unknown"
