"""S3 access points: both policies, the VPC and Block Public Access; each beside its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing.s3 import bucket_judgements
from snapshot_files import ACCOUNT, Absent, Denied, line, write_snapshot

BUCKET = "arn:aws:s3:::site"
POINT = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/ap"
OTHER = "999988887777"


def allow(principal: Any, resource: list[str], **condition: Any) -> dict[str, Any]:
    row = {"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": resource}
    return row | ({"Condition": condition} if condition else {})


DELEGATES = allow("*", [BUCKET, f"{BUCKET}/*"], StringEquals={"s3:DataAccessPointAccount": ACCOUNT})
EVERYONE = allow("*", [f"{POINT}/object/*"])
ACCOUNT_OTHER = allow({"AWS": OTHER}, [f"{POINT}/object/*"])


def judged(
    folder: Path,
    point: Any = (EVERYONE,),
    bucket: Any = (DELEGATES,),
    vpc: str = "",
    block: dict[str, bool] | None = None,
    listed: str = "ok",
) -> dict[tuple[str, str], str]:
    """Verdicts by source and mechanism; what is refused is left out."""

    def policy(rows: Any) -> Any:
        text = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": list(rows)})}
        return text if rows else Absent

    item = {"Name": "ap", "Bucket": "site", "AccessPointArn": POINT, "BucketAccountId": ACCOUNT}
    if vpc:
        item["VpcConfiguration"] = {"VpcId": vpc}  # type: ignore[assignment]
    flags = {"PublicAccessBlockConfiguration": block or {}}
    lines = {
        (ACCOUNT, "global", "s3:bucket"): [
            line(
                BUCKET,
                {"Name": "site"},
                get_bucket_policy=policy(bucket),
                get_bucket_policy_status=Absent,
                get_bucket_acl={"Owner": {"ID": "me"}, "Grants": []},
                get_public_access_block=Absent,
                get_bucket_ownership_controls={
                    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
                },
            )
        ],
        (ACCOUNT, "global", "s3:account-bpa"): [
            line(ACCOUNT, None, get_public_access_block=Absent)
        ],
        (ACCOUNT, "eu-west-1", "s3:access-point"): [
            line(
                POINT,
                item,
                get_access_point=flags,
                get_access_point_policy=Denied if point is Denied else policy(point),
            )
        ],
    }
    if listed != "ok":
        del lines[ACCOUNT, "eu-west-1", "s3:access-point"]
    row = {
        "account_id": ACCOUNT,
        "region": "eu-west-1",
        "service": "s3control",
        "operation": "list_access_points",
        "type": "s3:access-point",
        "status": listed,
    }
    snapshot = write_snapshot(folder, lines, [row])
    return {
        (one.source, one.mechanism): str(one.answer.verdict)
        for one in bucket_judgements(snapshot, from_snapshot(snapshot))
        if str(one.answer.verdict) != "no"
    }


PUBLIC = {("internet", "access-point/ap"): "yes"}


def test_a_public_access_point_of_a_bucket_that_delegates_is_public(tmp_path: Path) -> None:
    """The bucket itself is not: the delegation asks for an access point."""
    assert judged(tmp_path / "1") == PUBLIC
    assert judged(tmp_path / "2", bucket=()) == {}
    assert judged(tmp_path / "3", point=()) == {}


def test_another_account_comes_through_where_both_name_it(tmp_path: Path) -> None:
    through = {(f"account:{OTHER}", "access-point/ap"): "yes"}
    assert judged(tmp_path / "1", point=(ACCOUNT_OTHER,)) == through
    named = allow({"AWS": "111111111111"}, [f"{BUCKET}/*"])
    found = judged(tmp_path / "2", point=(ACCOUNT_OTHER,), bucket=(named,))
    assert (f"account:{OTHER}", "access-point/ap") not in found


def test_an_access_point_of_one_vpc_is_not_public(tmp_path: Path) -> None:
    assert judged(tmp_path / "1", vpc="vpc-1") == {}
    inside = judged(tmp_path / "2", point=(ACCOUNT_OTHER,), vpc="vpc-1")
    assert inside == {(f"account:{OTHER}", "access-point/ap"): "conditional"}


@pytest.mark.parametrize(("on", "expected"), [(True, {}), (False, PUBLIC)])
def test_the_access_points_own_block(tmp_path: Path, on: bool, expected: Any) -> None:
    assert judged(tmp_path, block={"RestrictPublicBuckets": on}) == expected


def test_a_policy_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    assert judged(tmp_path, point=Denied) == {("internet", "access-point/ap"): "unknown"}


def test_access_points_that_were_not_listed_leave_a_delegating_bucket_unknown(
    tmp_path: Path,
) -> None:
    assert judged(tmp_path / "1", listed="denied") == {("internet", "access-point"): "unknown"}
    closed = allow({"AWS": ACCOUNT}, [f"{BUCKET}/*"])
    assert judged(tmp_path / "2", bucket=(closed,), listed="denied") == {}
