"""The level of access that actions give."""

from __future__ import annotations

import pytest

from graph.sharing.levels import level_of, strongest_level


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("s3:GetObject", "read"),
        ("s3:Get*", "read"),
        ("s3:ListBucket", "read"),
        ("kms:Decrypt", "read"),
        ("sqs:ReceiveMessage", "read"),
        ("sqs:SendMessage", "write"),
        ("s3:PutObject", "write"),
        ("s3:PutBucketPolicy", "admin"),
        ("s3:Put*", "admin"),
        ("s3:*", "admin"),
        ("*", "admin"),
        ("kms:CreateGrant", "admin"),
        ("lambda:InvokeFunction", "write"),
        ("dynamodb:PartiQLSelect", "read"),
        ("dynamodb:PartiQLUpdate", "write"),
        ("newservice:Frobnicate", "write"),
    ],
)
def test_level_of_an_action(action: str, level: str) -> None:
    assert level_of(action) == level


def test_the_strongest_counts() -> None:
    assert strongest_level(["s3:GetObject", "s3:PutObject"]) == "write"
    assert strongest_level(["s3:GetObject"]) == "read"
    assert strongest_level([]) == "read"


def test_a_copy_of_a_snapshot_or_image_reads_it_and_changes_nothing() -> None:
    for action in ("ec2:CreateVolume", "ec2:RunInstances", "rds:RestoreDBInstanceFromDBSnapshot"):
        assert (strongest_level([action]), level_of(action)) == ("read", "write")
    assert strongest_level(["ec2:CreateVolume", "ec2:ModifySnapshotAttribute"]) == "admin"
    assert strongest_level(["s3:PutObject"]) == "write"
