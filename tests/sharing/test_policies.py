"""Queues, topics, keys, secrets, repositories, endpoint services: rule beside twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing import access_judgements
from graph.verdict import Answer
from snapshot_files import ACCOUNT, REGION, Absent, Denied, line, write_snapshot

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0000"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf"
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/app"
SERVICE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-endpoint-service/vpce-svc-1"


def judge(folder: Path, type_id: str, row: dict[str, Any]) -> dict[str, Answer]:
    snapshot = write_snapshot(folder, {(ACCOUNT, REGION, type_id): [row]})
    found = access_judgements(snapshot, from_snapshot(snapshot))
    return {judgement.source: judgement.answer for judgement in found}


def document(action: str, arn: str, principal: Any = "*", **condition: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": arn}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def place(type_id: str, text: Any) -> dict[str, Any]:
    """A line of the type that carries the policy."""
    arn, call, value = {
        "sqs:queue": (QUEUE, "get_queue_attributes", {"Attributes": {"Policy": text}}),
        "sns:topic": (TOPIC, "get_topic_attributes", {"Attributes": {"Policy": text}}),
        "kms:key": (KEY, "get_key_policy", {"Policy": text}),
        "secretsmanager:secret": (SECRET, "get_resource_policy", {"ResourcePolicy": text}),
        "ecr:repository": (REPOSITORY, "get_repository_policy", {"policyText": text}),
    }[type_id]
    beside: dict[str, Any] = {}
    if type_id == "kms:key":
        enabled = {"KeyMetadata": {"KeyManager": "CUSTOMER", "KeyState": "Enabled"}}
        beside = {"list_grants": [], "describe_key": enabled}
    return line(arn, {}, **{call: value if isinstance(text, str) else text}, **beside)


CASES = [
    ("sqs:queue", "sqs:SendMessage", QUEUE, "internet"),
    ("sns:topic", "sns:Publish", TOPIC, "internet"),
    ("kms:key", "kms:Decrypt", KEY, "any-aws-principal"),
    ("secretsmanager:secret", "secretsmanager:GetSecretValue", SECRET, "any-aws-principal"),
    ("ecr:repository", "ecr:BatchGetImage", REPOSITORY, "any-aws-principal"),
]


@pytest.mark.parametrize(("type_id", "action", "arn", "widest"), CASES)
def test_a_policy_for_everyone(
    tmp_path: Path, type_id: str, action: str, arn: str, widest: str
) -> None:
    answers = judge(tmp_path, type_id, place(type_id, document(action, arn)))
    assert answers[widest].verdict == "yes"


@pytest.mark.parametrize(("type_id", "action", "arn", "widest"), CASES)
def test_its_twin_for_the_own_account(
    tmp_path: Path, type_id: str, action: str, arn: str, widest: str
) -> None:
    own = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    answers = judge(tmp_path, type_id, place(type_id, document(action, arn, own)))
    assert {source: a.verdict for source, a in answers.items()} == {widest: "no"}


@pytest.mark.parametrize(("type_id", "action", "arn", "widest"), CASES)
def test_its_twin_for_one_outside_account(
    tmp_path: Path, type_id: str, action: str, arn: str, widest: str
) -> None:
    outside = {"AWS": "arn:aws:iam::999988887777:root"}
    answers = judge(tmp_path, type_id, place(type_id, document(action, arn, outside)))
    assert answers["account:999988887777"].verdict == "yes"
    assert "yes" not in {a.verdict for s, a in answers.items() if s == widest}


@pytest.mark.parametrize(("type_id", "action", "arn", "widest"), CASES)
def test_a_policy_that_was_not_read(
    tmp_path: Path, type_id: str, action: str, arn: str, widest: str
) -> None:
    answers = judge(tmp_path, type_id, place(type_id, Denied))
    assert answers[widest].verdict == "unknown"
    assert answers[widest].conditions[0].startswith("not_collected:")


@pytest.mark.parametrize(("type_id", "action", "arn", "widest"), CASES)
def test_no_policy(tmp_path: Path, type_id: str, action: str, arn: str, widest: str) -> None:
    answers = judge(tmp_path, type_id, place(type_id, Absent))
    assert {source: a.verdict for source, a in answers.items()} == {widest: "no"}


def test_the_default_topic_policy_is_not_public(tmp_path: Path) -> None:
    text = document("sns:Publish", TOPIC, StringEquals={"AWS:SourceOwner": ACCOUNT})
    answers = judge(tmp_path, "sns:topic", place("sns:topic", text))
    assert answers["internet"].verdict == "no"


def test_its_twin_with_another_owner_is_shared(tmp_path: Path) -> None:
    text = document("sns:Publish", TOPIC)
    assert judge(tmp_path, "sns:topic", place("sns:topic", text))["internet"].verdict == "yes"


def test_the_managed_key_pattern_is_not_public(tmp_path: Path) -> None:
    condition = {
        "StringEquals": {
            "kms:CallerAccount": ACCOUNT,
            "kms:ViaService": f"s3.{REGION}.amazonaws.com",
        }
    }
    text = document("kms:Decrypt", KEY, {"AWS": "*"}, **condition)
    answers = judge(tmp_path, "kms:key", place("kms:key", text))
    assert answers["any-aws-principal"].verdict == "no"


def test_aws_managed_keys_are_not_judged(tmp_path: Path) -> None:
    text = document("kms:Decrypt", KEY, {"AWS": "*"})
    row = place("kms:key", text)
    managed = {"KeyMetadata": {"KeyManager": "AWS"}}
    row["calls"]["describe_key"] = {"status": "ok", "value": managed}
    assert judge(tmp_path, "kms:key", row) == {}


def service(folder: Path, principals: Any, accept: bool) -> dict[str, Answer]:
    calls = {"describe_vpc_endpoint_service_permissions": principals}
    row = line(SERVICE, {"AcceptanceRequired": accept}, **calls)
    return judge(folder, "ec2:vpc-endpoint-service", row)


def test_an_endpoint_service_for_everyone_without_acceptance(tmp_path: Path) -> None:
    assert service(tmp_path, [{"Principal": "*"}], False)["any-aws-account"].verdict == "yes"


def test_its_twin_with_acceptance(tmp_path: Path) -> None:
    answer = service(tmp_path, [{"Principal": "*"}], True)["any-aws-account"]
    assert (answer.verdict, answer.conditions) == (
        "conditional",
        ("approval:endpoint-connection",),
    )


def test_its_twin_for_one_account(tmp_path: Path) -> None:
    answers = service(tmp_path, [{"Principal": "arn:aws:iam::999988887777:root"}], False)
    assert answers["account:999988887777"].verdict == "yes"
    assert answers["any-aws-account"].verdict == "no"


def test_its_twin_unread(tmp_path: Path) -> None:
    assert service(tmp_path, Denied, False)["any-aws-account"].verdict == "unknown"


@pytest.mark.parametrize("value", ["x", 1, [1]], ids=repr)
@pytest.mark.parametrize("type_id", ["sqs:queue", "sns:topic", "ecr:repository"])
def test_an_answer_of_no_known_shape_is_not_an_answer_without_a_policy(
    tmp_path: Path, type_id: str, value: Any
) -> None:
    row = place(type_id, Absent)
    (call,) = (name for name in row["calls"] if "policy" in name or "attributes" in name)
    row["calls"][call] = {"status": "ok", "value": value}
    assert {one.verdict for one in judge(tmp_path / "odd", type_id, row).values()} == {"unknown"}
    row["calls"][call] = {"status": "ok", "value": {}}
    assert {one.verdict for one in judge(tmp_path / "none", type_id, row).values()} == {"no"}
