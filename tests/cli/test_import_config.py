"""``mapper import config``: what people type, what they are told, and the answers that follow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config_files import ACCOUNT, REGION, ConfigFiles, history_file, item, snapshot_file
from config_items import ROWS, Row
from recording_files import Recording
from tests.cli.test_answers import VALIDATOR


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config-home"))
    for name in ("MAPPER_SNAPSHOT", "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def items(*kinds: str) -> list[dict[str, Any]]:
    return [_item(row) for row in ROWS if not kinds or row.kind in kinds]


def _item(row: Row) -> dict[str, Any]:
    return item(row.kind, row.id, row.configuration, **row.more)


def sentence(text: str) -> str:
    (line,) = text.strip().splitlines()
    assert "Traceback" not in line
    return line


def test_the_same_world_from_config_and_from_recorded_answers(folder: Path, mapper) -> None:
    ConfigFiles(folder).put(snapshot_file(*items()))
    raw = Recording(folder)
    answers: dict[tuple[str, str], Any] = {}
    for row in ROWS:
        for call, answer in row.answers.items():
            answers.setdefault((call, row.place), {}).update(answer)
    for (call, place), answer in answers.items():
        client, operation, *subject = call.split(".", 2)
        if subject:
            raw.follow(f"{client}.{operation}", subject[0], answer, place)
        else:
            raw.put(call, answer, place)
    assert mapper("import", "config", "config", "-o", "one").code == 0
    assert mapper("import", "raw", "raw", "-o", "two").code == 0
    for command in ("public", "admins"):
        ours, theirs = (
            mapper(command, "--snapshot", name, "--format", "json").json["rows"]
            for name in ("one", "two")
        )
        assert ours
        assert [row["key"] for row in ours] == [row["key"] for row in theirs]
        assert [row["verdict"] for row in ours] == [row["verdict"] for row in theirs]


def test_the_summary_says_how_old_it_is(folder: Path, mapper) -> None:
    held = items("EC2::VPC", "IAM::Role")
    held[0]["configurationItemCaptureTime"] = "2025-01-02T03:04:05Z"
    ConfigFiles(folder).put(snapshot_file(*held))
    outcome = mapper("import", "config", "config")
    assert (outcome.code, outcome.err) == (0, "")
    assert f"1 account ({ACCOUNT}), 1 region" in outcome.out
    assert "Captured between 2025-01-02T03:04:05Z (the oldest item) and 2026-11-20" in outcome.out
    assert "Next: mapper public, mapper admins" in outcome.out
    rows = mapper("coverage", "--region", REGION, "--format", "json").json["rows"]
    assert {row["status"] for row in rows if row["operation"] == "describe_vpcs"} == {"ok"}
    assert {row["status"] for row in rows if row["operation"] == "describe_subnets"} == {
        "not_attempted"
    }


def test_history_alone_is_told_to_be_incomplete(folder: Path, mapper) -> None:
    ConfigFiles(folder).put(history_file(*items("EC2::VPC")))
    outcome = mapper("import", "config", "config", "--format", "json")
    VALIDATOR.validate(outcome.json)
    assert outcome.code == 0
    rows = mapper("coverage", "--format", "json").json["rows"]
    (row,) = [row for row in rows if row["operation"] == "describe_vpcs"]
    assert (row["status"], row["code"]) == ("error", "PartlyRecorded")


def test_what_is_left_out_is_named(folder: Path, mapper) -> None:
    gateway = item("EC2::TransitGateway", "tgw-1", {"Id": "tgw-1"})
    path = ConfigFiles(folder).put(snapshot_file(*items("EC2::VPC"), gateway))
    outcome = mapper("import", "config", str(path))
    assert outcome.code == 0
    assert "Warning: 1 item of AWS::EC2::TransitGateway left out" in " ".join(outcome.err.split())
    assert mapper("import", "config", str(path), "-q").err == ""


@pytest.mark.parametrize(
    ("held", "code", "why"),
    [
        ('{"configurationItems": [', 1, "truncated"),
        ('{"Reservations": []}', 2, "is not AWS Config's"),
        (json.dumps(snapshot_file({"resourceId": "x"})), 2, "no account id"),
        (json.dumps(snapshot_file(item("A::B", "x", {}))), 2, "None of the items can be used"),
    ],
)
def test_what_cannot_be_used_leaves_nothing(
    held: str, code: int, why: str, folder: Path, mapper
) -> None:
    path = ConfigFiles(folder).put(held)
    outcome = mapper("import", "config", str(path), "-o", "here")
    assert outcome.code == code
    assert why in " ".join(outcome.err.split())
    assert "Traceback" not in outcome.err
    assert not (folder / "here").exists()


def test_usage(folder: Path, mapper) -> None:
    assert mapper("import", "config").code == 2
    outcome = mapper("import", "config", "nowhere.json")
    assert outcome.code == 2
    assert "nowhere.json" in sentence(outcome.err)
    ConfigFiles(folder).put(snapshot_file(*items("EC2::VPC")))
    assert mapper("import", "config", "config", "-o", "here").code == 0
    outcome = mapper("import", "config", "config", "-o", "here")
    assert outcome.code == 2
    assert "here exists already" in outcome.err


def test_help_names_the_inputs(folder: Path, mapper) -> None:
    text = mapper("import", "config", "--help").out
    assert "select-aggregate-resource-config" in "".join(text.split())
    assert "config" in mapper("import", "--help").out
