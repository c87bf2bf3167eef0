"""``mapper explain`` of a policy's row: its actions and statement, and whether it is accepted."""

from __future__ import annotations

import json

import pytest

from mapper.output.public import opens
from snapshot_files import line, write_snapshot
from tests.cli import asked_world as here
from tests.cli.test_can import ask

__all__ = ["ask"]


@pytest.fixture
def snapshot(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    anyone = {"Effect": "Allow", "Principal": "*"}
    policy = here.doc(
        {**anyone, "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"{here.DATA}/*"}
    )
    lines = {(here.PROD, "global", "s3:bucket"): [here._bucket(here.DATA, policy)]}
    folder = tmp_path / "snapshots" / "demo"
    folder.mkdir(parents=True)
    write_snapshot(folder, lines, here._ledger(lines, set()))
    return folder


@pytest.fixture
def granted(ask):
    """A row that a bucket's policy opens."""
    rows = ask("public")["rows"]
    return next(row for row in rows if row["mechanism"] == "bucket-policy" and row["actions"])


def test_the_actions_and_the_statement_are_told_as_they_stand(mapper, granted) -> None:
    text = mapper("explain", granted["key"], "-q").out
    assert f"  actions {', '.join(granted['actions'])}\n" in text
    quoted = [line[8:] for line in text.splitlines() if line.startswith(" " * 8)]
    statement = json.loads("\n".join(quoted))
    assert statement["Effect"] == "Allow"
    assert granted["id"] in json.dumps(statement["Resource"])


@pytest.mark.parametrize(
    ("until", "accepted"), [("", True), ("2999-01-31", True), ("2001-01-31", False)]
)
def test_what_is_accepted_says_why_and_until_when(
    tmp_path, mapper, ask, granted, until: str, accepted: bool
) -> None:
    file = tmp_path / "accepting.toml"
    day = f"until = {until}\n" if until else ""
    file.write_text(f'[[accepted]]\nkey = "{granted["key"][:8]}"\nreason = "on purpose"\n{day}')
    text = mapper("explain", granted["key"], "--config", file, "-q").out
    told = f"accepted in mapper.toml{f' until {until}' if until else ''}: on purpose\n"
    assert (told in text) is accepted
    row = ask("explain", granted["key"], "--config", file)["row"]
    assert row["accepted"] == ("on purpose" if accepted else None)


@pytest.mark.parametrize(
    ("actions", "level", "told"),
    [
        (["sqs:ReceiveMessage", "sqs:SendMessage"], "write", "write: SendMessage +1"),
        (["sqs:ReceiveMessage"], "read", "read: ReceiveMessage"),
        (
            ["s3:GetObject", "s3:PutBucketPolicy", "s3:PutObject"],
            "admin",
            "admin: PutBucketPolicy +2",
        ),
    ],
)
def test_the_action_named_is_the_one_that_the_level_is_of(actions, level, told) -> None:
    assert opens({"actions": actions, "level": level}, "yes") == told


def test_of_a_share_the_answer_that_names_the_receivers_is_told(
    mapper, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("COLUMNS", raising=False)
    arn = "arn:aws:ec2:eu-west-1::snapshot/snap-0123456789abcdef0"
    shared = {"CreateVolumePermissions": [{"UserId": "999988887777"}]}
    item = {"SnapshotId": "snap-0123456789abcdef0", "State": "completed", "Encrypted": False}
    calls = {"describe_snapshot_attribute": shared}
    found = {("111111111111", "eu-west-1", "ec2:snapshot"): [line(arn, item, **calls)]}
    write_snapshot(tmp_path / "shared", found)
    text = mapper("explain", arn, "-q", "--snapshot", tmp_path / "shared").out
    quoted = [one[8:] for one in text.splitlines() if one.startswith(" " * 8)]
    first, _ = json.JSONDecoder().raw_decode("\n".join(quoted))
    assert first == shared
