"""``mapper scan``: from credentials to answers, a map and a report."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aws_server import Front, MotoServer, ec2_error
from collector_world import ENVIRONMENT, World
from tests.cli.conftest import Outcome
from tests.cli.test_answers import VALIDATOR

NARROW = ("--services", "iam:role,ec2:vpc,ec2:network-acl,sqs", "--region", "eu-west-1")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    server = MotoServer()
    yield World(server)
    server.stop()


@pytest.fixture
def front(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Front]:
    for name in [n for n in os.environ if n.startswith(("AWS_", "MAPPER_"))]:
        monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    before = Front(world.server.port)
    monkeypatch.setenv("AWS_ENDPOINT_URL", before.url)
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    yield before
    before.stop()


def test_a_scan_leaves_answers_a_report_and_a_map(
    front: Front, mapper: Callable[..., Outcome], tmp_path: Path
) -> None:
    outcome = mapper("scan", "-d", "out", *NARROW)
    assert outcome.code == 0, outcome.err
    folder = tmp_path / "out"
    for name in ("public", "trusts", "admins", "admins-compute"):
        VALIDATOR.validate(json.loads((folder / f"{name}.json").read_text()))
    assert "<html" in (folder / "map.html").read_text()
    report = (folder / "report.md").read_text()
    for title in ("What mapper collected", "What the internet", "Trust and sharing", "admin"):
        assert title in report
        assert title in outcome.out or title in ("What mapper collected", "admin")
    assert len(list((folder / "snapshots").iterdir())) == 1
    assert len(re.findall(r"^  mapper ", outcome.out, re.MULTILINE)) == 3


def test_what_could_not_be_seen_is_said_and_how_to_look_at_it(
    front: Front, mapper: Callable[..., Outcome]
) -> None:
    denied = ec2_error("UnauthorizedOperation", "You are not authorized")
    front.rule = lambda asked: denied if asked.operation == "DescribeNetworkAcls" else None
    outcome = mapper("scan", "-d", "out", *NARROW)
    assert outcome.code == 0
    assert re.search(r"^Not seen: 1 kinds of call\.", outcome.out, re.MULTILINE)
    assert "mapper coverage --missing" in outcome.out
    assert "describe_network_acls" in outcome.err


def test_nothing_is_collected_where_nothing_can_be_seen(
    front: Front, mapper: Callable[..., Outcome], tmp_path: Path
) -> None:
    denied = ec2_error("UnauthorizedOperation", "You are not authorized")
    front.rule = lambda asked: denied if asked.operation != "GetCallerIdentity" else None
    outcome = mapper("scan", "-d", "out", "--services", "ec2:vpc", "--region", "eu-west-1")
    assert outcome.code == 1
    assert not (tmp_path / "out" / "snapshots").exists()


def test_without_credentials_there_is_one_sentence(
    mapper: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.chdir(tmp_path)
    outcome = mapper("scan")
    assert outcome.code == 1
    assert "No AWS credentials were found" in outcome.err
    assert outcome.out == ""
