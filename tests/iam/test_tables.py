"""S3 tables: the bucket's policy and the table's own are weighed together.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-resource-based-policies.html
"""

import json

import pytest

from graph.iam.evaluate import evaluate
from graph.iam.from_snapshot import from_snapshot
from graph.iam.questions import who_can
from graph.iam.request import Request
from graph.iam.world import outside_account
from tests.iam.worlds import A, B, doc, forbid, grant, policy, world
from tests.snapshot_files import Absent, Denied, line, write_snapshot

BUCKET = f"arn:aws:s3tables:eu-west-1:{A}:bucket/lake"
TABLE = f"{BUCKET}/table/t-1"
READ = "s3tables:GetTableData"
ALLOWED = grant({"AWS": B}, READ, TABLE)
DENIED = forbid({"AWS": B}, READ, TABLE)
PUBLIC = grant("*", READ, TABLE)


def given(*statements):
    return {"resourcePolicy": json.dumps(doc(*statements))}


def here(tmp_path, bucket, table):
    lines = {
        (A, "eu-west-1", "s3tables:bucket"): [line(BUCKET, {}, get_table_bucket_policy=bucket)],
        (A, "eu-west-1", "s3tables:table"): [line(TABLE, {"arn": BUCKET}, get_table_policy=table)],
    }
    return from_snapshot(write_snapshot(tmp_path, lines))


@pytest.mark.parametrize(
    ("bucket", "table", "expected"),
    [
        (given(ALLOWED), Absent, "yes"),
        (Absent, given(ALLOWED), "yes"),
        (given(ALLOWED), given(DENIED), "no"),
        (given(DENIED), given(ALLOWED), "no"),
        (Absent, Absent, "no"),
        (given(ALLOWED), Denied, "unknown"),
        (Absent, Denied, "unknown"),
        (Denied, given(ALLOWED), "unknown"),
    ],
)
def test_both_policies_decide_about_a_table(tmp_path, bucket, table, expected):
    built = here(tmp_path, bucket, table)
    answer = evaluate(built, Request(outside_account(B), READ, TABLE))
    assert str(answer.verdict) == expected
    listed = {
        held.source: str(held.decision.answer.verdict) for held in who_can(built, READ, TABLE)
    }
    if expected == "yes":
        assert listed[f"account:{B}"] == expected


def test_a_public_policy_serves_nobody_outside_since_public_access_is_always_blocked(tmp_path):
    for name, row in (("bucket", (given(PUBLIC), Absent)), ("table", (Absent, given(PUBLIC)))):
        built = here(tmp_path / name, *row)
        answer = evaluate(built, Request(outside_account(B), READ, TABLE))
        assert str(answer.verdict) == "no"
        assert "Block Public Access" in " ".join(step.name for step in answer.steps)


@pytest.mark.parametrize(
    ("service", "name", "action"),
    [
        ("s3express", "bucket/b--euw1-az1--x-s3", "s3express:CreateSession"),
        ("s3vectors", "bucket/v", "s3vectors:ListIndexes"),
        ("sqs", "q", "sqs:SendMessage"),
    ],
)
def test_a_public_policy_of_other_types_and_of_one_that_can_be_public(service, name, action):
    arn = f"arn:aws:{service}:eu-west-1:{A}:{name}"
    for principal, expected in (("*", "no" if service != "sqs" else "yes"), ({"AWS": B}, "yes")):
        built = world(resource_policies={arn: policy(grant(principal, action, arn))})
        answer = evaluate(built, Request(outside_account(B), action, arn))
        assert str(answer.verdict) == expected
