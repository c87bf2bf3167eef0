"""Tags of resources from a snapshot: read, known to be none, not read."""

from __future__ import annotations

import pytest

from graph.iam.evaluate import evaluate
from graph.iam.from_snapshot import from_snapshot
from graph.iam.request import Request
from graph.iam.world import IamWorld
from recording_files import Recording

ACCOUNT = "111122223333"
BUCKET = "arn:aws:s3:::data"
READ = {
    "Effect": "Allow",
    "Action": "s3:ListBucket",
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}},
}
ALICE = {
    "Arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
    "UserName": "alice",
    "UserId": "AIDAALICE0000000000000",
    "Path": "/",
    "GroupList": [],
    "AttachedManagedPolicies": [],
    "UserPolicyList": [
        {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": READ}}
    ],
}


def recorded(tmp_path, tagging) -> IamWorld:
    files = Recording(tmp_path)
    lists = {"UserDetailList": [ALICE], "GroupDetailList": [], "RoleDetailList": []}
    files.put("iam.get_account_authorization_details", {**lists, "Policies": []}, "global")
    files.put("s3.list_buckets", {"Buckets": [{"Name": "data"}]}, "global")
    if tagging is not None:
        files.follow("s3.get_bucket_tagging", "data", tagging, "global")
    return from_snapshot(files.load()[0])


@pytest.mark.parametrize(
    ("tagging", "tags", "verdict"),
    [
        ({"TagSet": [{"Key": "team", "Value": "red"}]}, (("team", "red"),), "conditional"),
        ({"TagSet": [{"Key": "team", "Value": "blue"}]}, (("team", "blue"),), "no"),
        ({"Error": {"Code": "NoSuchTagSet", "Message": "none"}}, (), "no"),
        ({"Error": {"Code": "AccessDenied", "Message": "no"}}, None, "conditional"),
        (None, None, "conditional"),
    ],
)
def test_tags_that_were_not_read_may_be_any(tmp_path, tagging, tags, verdict):
    """The bucket's policy was not read, so even a Yes of the own policies is conditional."""
    world = recorded(tmp_path, tagging)
    assert world.resource_tags.get(BUCKET) == tags
    caller = world.principals[ALICE["Arn"]]
    answer = evaluate(world, Request(caller, "s3:ListBucket", BUCKET))
    assert str(answer.verdict) == ("unknown" if verdict == "no" else verdict)
    asks_tag = any("ResourceTag" in one for one in answer.conditions)
    assert asks_tag == (tags is None)
