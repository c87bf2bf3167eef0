"""Block Public Access at four levels: organisation, account, bucket and access point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sharing.s3_world import BUCKET, OTHER, POINT, World, allow, block, bucket_line, policy
from snapshot_files import ACCOUNT, Absent, Denied, line

PUBLIC = policy(allow("*", f"{BUCKET}/*"))
RESTRICT = "RestrictPublicBuckets"
OPEN = {("internet", "bucket-policy"): "yes"}


def world(organisation: str = "", account: Any = Absent, bucket: Any = Absent) -> World:
    row = bucket_line(get_bucket_policy=PUBLIC, get_public_access_block=bucket)
    return World(account, organisation, [row])


@pytest.mark.parametrize(
    ("levels", "open_"),
    [
        ({}, True),
        ({"organisation": "all"}, False),
        ({"organisation": "none"}, True),
        ({"account": block(RESTRICT)}, False),
        ({"bucket": block(RESTRICT)}, False),
        ({"organisation": "none", "bucket": block(RESTRICT)}, False),
        ({"organisation": "all", "account": block()}, False),
        ({"organisation": "none", "account": block(RESTRICT)}, True),
        ({"account": block("IgnorePublicAcls", "BlockPublicPolicy", "BlockPublicAcls")}, True),
    ],
)
def test_the_most_restrictive_level_counts_and_the_organisation_takes_the_accounts_place(
    tmp_path: Path, levels: dict[str, Any], open_: bool
) -> None:
    assert world(**levels).verdicts(tmp_path) == (OPEN if open_ else {})


def test_the_organisations_word_is_enough_where_the_accounts_was_not_read(tmp_path: Path) -> None:
    assert world("all", Denied).verdicts(tmp_path / "1") == {}
    assert world("none", Denied).verdicts(tmp_path / "2") == OPEN
    unread = {("internet", "bucket-policy"): "conditional"}
    assert world("", Denied).verdicts(tmp_path / "3") == unread
    # What says neither of the two values says nothing.
    assert world("some", Denied).verdicts(tmp_path / "4") == unread


def test_the_locks_stand_in_order_and_in_words(tmp_path: Path) -> None:
    (one,) = (
        row
        for row in world("all", bucket=block(RESTRICT)).judged(tmp_path)
        if row.mechanism == "bucket-policy"
    )
    assert one.answer.why == f"The organisation's Block Public Access sets {RESTRICT}."
    assert [(step.name, step.result, step.text) for step in one.answer.steps][1:] == [
        (
            "meaning of public",
            "pass",
            "AWS's published rule calls the policy public (statement 0).",
        ),
        (RESTRICT, "fail", f"The organisation's Block Public Access sets {RESTRICT}."),
        (RESTRICT, "fail", f"The bucket's Block Public Access sets {RESTRICT}."),
    ]


@pytest.mark.parametrize(
    ("own", "bucket", "account", "open_"),
    [
        (block(), Absent, Absent, True),
        (block(RESTRICT), Absent, Absent, False),
        (block(), block(RESTRICT), Absent, False),
        (block(), Absent, block(RESTRICT), False),
    ],
)
def test_an_access_point_stands_under_all_of_them(
    tmp_path: Path, own: Any, bucket: Any, account: Any, open_: bool
) -> None:
    delegates = allow("*", [BUCKET, f"{BUCKET}/*"], "s3:*")
    delegates["Condition"] = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}
    row = bucket_line(get_bucket_policy=policy(delegates), get_public_access_block=bucket)
    point = line(
        POINT,
        {"Name": "ap", "Bucket": "amzn-s3-demo-bucket", "BucketAccountId": ACCOUNT},
        get_access_point=own,
        get_access_point_policy=policy(allow("*", f"{POINT}/object/*")),
    )
    found = World(account, "", [row], {"s3:access-point": [point]}).verdicts(tmp_path)
    assert found == ({("internet", "access-point/ap"): "yes"} if open_ else {})


def test_a_public_policy_that_is_cut_keeps_aws_services(tmp_path: Path) -> None:
    """The user guide's example: CloudTrail, a second account, everybody."""
    statements = [
        allow({"Service": "cloudtrail.amazonaws.com"}, f"{BUCKET}/*", "s3:PutObject"),
        allow({"AWS": OTHER}, f"{BUCKET}/*"),
        allow("*", f"{BUCKET}/*"),
    ]

    def sources(name: str, rows: list[Any]) -> set[str]:
        row = bucket_line(get_bucket_policy=policy(*rows), get_public_access_block=block(RESTRICT))
        return {source for source, _ in World(buckets=[row]).verdicts(tmp_path / name)}

    services = {"service:cloudtrail.amazonaws.com", "any-account-via:cloudtrail.amazonaws.com"}
    assert sources("all", statements) == services
    assert sources("two", statements[:2]) == services | {f"account:{OTHER}"}


def test_a_service_for_an_outside_account_is_spared_too(tmp_path: Path) -> None:
    logs = allow({"Service": "logging.s3.amazonaws.com"}, f"{BUCKET}/*", "s3:PutObject")
    logs["Condition"] = {"StringEquals": {"aws:SourceAccount": OTHER}}
    row = bucket_line(
        get_bucket_policy=policy(logs, allow("*", f"{BUCKET}/*")),
        get_public_access_block=block(RESTRICT),
    )
    found = World(buckets=[row]).verdicts(tmp_path)
    assert found[f"account:{OTHER}", "bucket-policy"] == "yes"
    assert "internet" not in {source for source, _ in found}
