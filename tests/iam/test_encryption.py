"""Secrets and messages under a KMS key: whoever reads them needs the key too.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.iam.encryption import AWS_MANAGED
from graph.iam.encryption_from_snapshot import keys_of
from graph.iam.evaluate import evaluate
from graph.iam.grantees import grantees
from graph.iam.request import Request
from graph.iam.world import outside_account
from snapshot_files import line, write_snapshot
from tests.iam.worlds import A, B, allow, grant, policy, user, world

SECRET = f"arn:aws:secretsmanager:eu-west-1:{A}:secret:db-AbCdEf"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/0a1b2c3d-0000-4000-8000-000000000001"
READ = "secretsmanager:GetSecretValue"
TO_IAM = grant(f"arn:aws:iam::{A}:root", "kms:*")
LOCKED = grant(f"arn:aws:iam::{A}:root", "kms:PutKeyPolicy")
DECRYPT = allow("kms:Decrypt", KEY)


def _world(*users, key=KEY, key_policy=TO_IAM, secret_policy=None):
    here = world(*users)
    policies = {**here.resource_policies, SECRET: secret_policy and policy(secret_policy)}
    if key_policy is not None:
        policies[KEY] = policy(key_policy)
    grants = {KEY: None}
    return replace(here, resource_policies=policies, encrypted_by={SECRET: key}, key_grants=grants)


def _reads(caller, action=READ, **more) -> str:
    principals = [caller] if hasattr(caller, "policies") else []
    return str(evaluate(_world(*principals, **more), Request(caller, action, SECRET, A)).verdict)


def test_a_customers_key_must_let_the_reader_decrypt():
    assert _reads(user(allow(READ), DECRYPT)) == "yes"
    assert _reads(user(allow(READ))) == "no"
    assert _reads(user(allow(READ), DECRYPT), key_policy=LOCKED) == "no"


def test_twin_the_calls_that_hand_out_nothing_need_no_key():
    assert _reads(user(allow("secretsmanager:DescribeSecret")), READ) == "no"
    assert _reads(user(allow("secretsmanager:*")), "secretsmanager:DescribeSecret") == "yes"


def test_what_was_not_read_of_a_key_is_a_condition():
    caller = user(allow(READ), DECRYPT)
    assert _reads(caller, key_policy=None) == "conditional"
    assert _reads(caller, key=KEY.replace("key/", "alias/")) == "conditional"
    assert _reads(caller, key_policy=TO_IAM) == "yes"


def test_a_key_of_aws_serves_its_own_account_alone():
    mine, theirs = user(allow(READ)), user(allow(READ), account=B)
    open_to_b = grant(f"arn:aws:iam::{B}:root", READ)
    assert _reads(mine, key=AWS_MANAGED) == "yes"
    assert _reads(theirs, key=AWS_MANAGED, secret_policy=open_to_b) == "no"
    outside = outside_account(B)
    assert _reads(outside, key=AWS_MANAGED, secret_policy=open_to_b) == "no"


@pytest.mark.parametrize(("to", "expected"), [(B, "yes"), (A, "no")])
def test_a_customers_key_can_serve_another_account(to, expected):
    open_to_b = grant(f"arn:aws:iam::{B}:root", READ)
    key_policy = grant(f"arn:aws:iam::{to}:root", "kms:Decrypt")
    theirs = user(allow(READ), DECRYPT, account=B)
    assert _reads(theirs, secret_policy=open_to_b, key_policy=key_policy) == expected
    outside = outside_account(B)
    assert _reads(outside, secret_policy=open_to_b, key_policy=key_policy) == expected


def test_the_key_is_asked_through_the_service():
    via = {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
    caller = user(allow(READ), allow("kms:Decrypt", KEY, Condition=via))
    assert _reads(caller) == "yes"
    other = {"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}}
    assert _reads(user(allow(READ), allow("kms:Decrypt", KEY, Condition=other))) == "no"


def test_reading_messages_of_an_encrypted_queue_needs_its_key():
    queue = f"arn:aws:sqs:eu-west-1:{A}:q"
    for rows, expected in (((), "no"), ((DECRYPT,), "yes")):
        here = _world(user(allow("sqs:*"), *rows))
        here = replace(
            here,
            encrypted_by={queue: KEY},
            resource_policies={**here.resource_policies, queue: None},
        )
        caller = next(iter(here.principals.values()))
        asked = Request(caller, "sqs:ReceiveMessage", queue, A)
        assert str(evaluate(here, asked).verdict) == expected
        purge = replace(asked, action="sqs:PurgeQueue")
        assert str(evaluate(here, purge).verdict) == "yes"


def test_a_group_of_readers_parts_where_the_key_parts_it():
    users = [user(allow(READ), *([DECRYPT] if n % 2 else []), name=f"u{n}") for n in range(12)]
    here = _world(*users)
    asked = Request(users[0], READ, SECRET, A)
    for by_statement in (True, False):
        found = grantees(here, A, asked, by_statement=by_statement)
        told = {arn: str(row.answer.verdict) for row in found for arn in row.members}
        alone = {
            one.arn: str(evaluate(here, replace(asked, principal=one)).verdict) for one in users
        }
        assert told == {arn: verdict for arn, verdict in alone.items() if verdict != "no"}
        assert len(told) == 6


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"Name": "db"}, AWS_MANAGED),
        ({"Name": "db", "KmsKeyId": "alias/aws/secretsmanager"}, AWS_MANAGED),
        ({"Name": "db", "KmsKeyId": KEY}, KEY),
        ({"Name": "db", "KmsKeyId": KEY.rpartition("/")[2]}, KEY),
        ({"Name": "db", "KmsKeyId": "alias/mine"}, KEY),
        ({"Name": "db", "KmsKeyId": "alias/gone"}, f"arn:aws:kms:eu-west-1:{A}:alias/gone"),
        ({}, None),
    ],
)
def test_which_key_a_line_of_a_snapshot_names(tmp_path, item, expected):
    alias = f"arn:aws:kms:eu-west-1:{A}:alias/mine"
    rows = {
        (A, "eu-west-1", "secretsmanager:secret"): [line(SECRET, item)],
        (A, "eu-west-1", "kms:alias"): [line(alias, {"TargetKeyId": KEY.rpartition("/")[2]})],
    }
    assert keys_of(write_snapshot(tmp_path, rows)).get(SECRET) == expected
