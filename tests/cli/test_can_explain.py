"""``explain PRINCIPAL ACTION RESOURCE``: layers, the deciding statement, locks."""

from __future__ import annotations

import json

import pytest

from tests.cli import asked_world as here
from tests.cli.test_can import GET, VALIDATOR, ask, snapshot

__all__ = ["ask", "snapshot"]


def row_of(ask, *words):
    (row,) = ask("explain", *words)["rows"]
    return row


def test_every_layer_is_said_in_order_with_its_result(ask):
    row = row_of(ask, "bob", "iam:CreateUser", "*")
    assert [(one["layer"], one["result"]) for one in row["layers"]] == [
        ("rcp", "none"),
        ("scp", "pass"),
        ("resource_policy", "none"),
        ("identity", "pass"),
        ("boundary", "fail"),
    ]
    assert row["verdict"] == "no"


def test_the_deciding_statement_is_shown_as_it_stands(ask):
    row = row_of(ask, "alice", GET, "data")
    resources = [here.DATA, f"{here.DATA}/*"]
    assert row["decided_by"]["statement"] == here.allow([GET, "s3:ListBucket"], resources)
    denied = row_of(ask, "bob", "s3:DeleteObject", "data")
    assert denied["decided_by"]["statement"]["Sid"] == "KeepData"
    scp = row_of(ask, "bob", "s3:DeleteBucket", "data")
    assert scp["decided_by"]["statement"]["Sid"] == "Keep"
    assert scp["decided_by"]["place"].startswith(f"accounts/{here.MANAGEMENT}/global/org/policy")


def test_no_statement_decides_where_none_allows(ask):
    row = row_of(ask, "alice", GET, "logs")
    assert row["decided_by"] is None
    assert [(one["layer"], one["without"]) for one in row["locks"]] == [("identity", "yes")]


@pytest.mark.parametrize(
    ("words", "locks"),
    [
        (("bob", "iam:CreateUser", "*"), [("boundary", "yes", True)]),
        (("bob", "s3:DeleteBucket", "data"), [("scp", "yes", True)]),
        (("bob", "s3:DeleteObject", "data"), [("resource_policy", "yes", True)]),
        (
            ("alice", "s3:DeleteObject", "data"),
            [("resource_policy", "no", False), ("identity", "no", False)],
        ),
        (("alice", GET, "data"), []),
    ],
)
def test_locks_say_whether_they_are_the_only_one(ask, words, locks):
    row = row_of(ask, *words)
    assert [(one["layer"], one["without"], one["only_one"]) for one in row["locks"]] == locks


def test_without_the_lock_the_answer_is_as_said(ask, tmp_path, snapshot):
    """The lock that is said to be the only one, taken off in the snapshot itself."""
    file = f"accounts/{here.PROD}/global/s3/bucket.jsonl"
    lines = [json.loads(line) for line in (snapshot / file).read_text().splitlines()]
    bucket = next(line for line in lines if line["id"] == here.DATA)
    policy = json.loads(bucket["calls"]["get_bucket_policy"]["value"]["Policy"])
    policy["Statement"] = [row for row in policy["Statement"] if row["Effect"] == "Allow"]
    bucket["calls"]["get_bucket_policy"]["value"]["Policy"] = json.dumps(policy)
    change = tmp_path / "change.json"
    change.write_text(
        json.dumps([{"op": "replace", "file": file, "id": here.DATA, "line": bucket}])
    )
    words = ("bob", "s3:DeleteObject", "data")
    (lock,) = row_of(ask, *words)["locks"]
    assert row_of(ask, *words, "--what-if", change)["verdict"] == lock["without"]


def test_the_page_says_all_of_it(snapshot, mapper):
    out = mapper("explain", "bob", "s3:DeleteObject", "data").out
    for text in (
        "no  user/bob in prod  s3:DeleteObject",
        "x resource policy",
        "+ permissions boundary",
        "The Deny that decides",
        '"Sid": "KeepData"',
        "calls/get_bucket_policy/value/Policy/Statement/1",
        "It is the only lock",
    ):
        assert text in out
    assert max(map(len, out.splitlines())) <= 120


def test_a_condition_is_said_in_words(snapshot, mapper):
    out = mapper("explain", "alice", "iam:CreateUser", "*").out
    assert "aws:MultiFactorAuthPresent is true" in out
    given = mapper("explain", "alice", "iam:CreateUser", "*", "--absent", "all").out
    assert given.startswith("no")


def test_several_requests_are_counted(ask, snapshot, mapper):
    assert row_of(ask, "alice", "sts:AssumeRole", "*")["resource"] == here.DEPLOY
    out = mapper("explain", "alice", "sts:AssumeRole", "*").out
    assert "this is the strongest answer" in out


def test_places_stand_there_when_asked_for(snapshot, mapper):
    place = f"accounts/{here.MANAGEMENT}/global/org/policy.jsonl"
    assert place not in mapper("explain", "alice", GET, "data").out
    assert place in mapper("explain", "alice", GET, "data", "-v").out


def test_markdown_is_a_block(snapshot, mapper):
    out = mapper("explain", "alice", GET, "data", "--format", "md").out
    assert all(line.startswith("    ") for line in out.splitlines() if line)


@pytest.mark.parametrize(
    "words",
    [
        ("alice", GET, "data", "more"),
        ("alice", "--context", "aws:SourceIp=203.0.113.7"),
        ("alise", GET, "data"),
    ],
)
def test_wrong_usage(snapshot, mapper, words):
    outcome = mapper("explain", *words)
    assert (outcome.code, outcome.out) == (2, "")


def test_the_schema_refuses_a_lock_without_a_layer(ask):
    answer = ask("explain", "bob", "iam:CreateUser", "*")
    del answer["rows"][0]["locks"][0]["layer"]
    assert list(VALIDATOR.iter_errors(answer))
