"""Answers of another shape, and many of them: named or left alone, never a crash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sharing.s3_world import BUCKET, LAMBDA, MULTI, OTHER, POINT, World, allow, bucket_line, policy
from snapshot_files import ACCOUNT, line

ODD: list[Any] = [None, 7, "x", [], ["x"], {}, {"Policy": 7}, {"Policy": ["x"]}, {"Policy": "{"}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_odd_answers_about_every_kind_of_access_point(tmp_path: Path, odd: Any) -> None:
    delegates = allow("*", f"{BUCKET}/*", StringEquals={"s3:DataAccessPointAccount": ACCOUNT})
    point = line(
        POINT,
        {"Name": "ap", "Bucket": "amzn-s3-demo-bucket", "VpcConfiguration": odd},
        get_access_point=odd,
        get_access_point_policy=odd,
        get_access_point_policy_status=odd,
    )
    multi = line(
        MULTI,
        {"Alias": "mfzwi23gnjvgw.mrap", "Regions": odd, "PublicAccessBlock": odd},
        get_multi_region_access_point_policy=odd,
        get_multi_region_access_point_policy_status=odd,
    )
    olap = line(
        LAMBDA,
        {"Name": "olap"},
        get_access_point_policy_for_object_lambda=odd,
        get_access_point_policy_status_for_object_lambda=odd,
        get_access_point_configuration_for_object_lambda=odd,
    )
    world = World(
        buckets=[bucket_line(get_bucket_policy=policy(delegates), get_bucket_policy_status=odd)],
        more={"s3:access-point": [point], "s3:mrap": [multi], "s3:object-lambda-ap": [olap]},
    )
    assert "yes" not in world.verdicts(tmp_path).values()


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_odd_answers_about_a_bucket(tmp_path: Path, odd: Any) -> None:
    row = bucket_line(
        get_bucket_policy=odd,
        get_public_access_block=odd,
        get_bucket_acl=odd,
        get_bucket_ownership_controls=odd,
        get_bucket_encryption=odd,
    )
    found = World(account_block=odd, organisation="?", buckets=[row]).verdicts(tmp_path)
    assert "yes" not in found.values()


def test_thousands_of_access_points_named_in_one_policy(tmp_path: Path) -> None:
    values = [f"arn:aws:s3:eu-west-1:{n:012d}:accesspoint/*" for n in range(1, 2_001)]
    held = allow("*", f"{BUCKET}/*", ArnLike={"s3:DataAccessPointArn": values})
    row = bucket_line(get_bucket_policy=policy(held, allow({"AWS": OTHER}, f"{BUCKET}/*")))
    found = World(buckets=[row]).verdicts(tmp_path)
    assert found[f"account:{OTHER}", "bucket-policy"] == "yes"
    # The first are judged; that there are more is said.
    assert found["account:000000000001", "access-point"] == "yes"
    assert found["any-aws-account", "access-point"] == "unknown"
