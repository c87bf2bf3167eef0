"""What is collected under an account's id is that account's, whatever its source and AWS say."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aws_wire.identity import Estate
from aws_wire.process import environment
from aws_wire.requests import Request, access_key_of
from aws_wire.responses import WireError
from aws_wire.server import Wire, WireServer
from aws_wire.synthetic import SyntheticWorld
from collector.collect import collect
from collector.credentials import RenewableCredentials
from collector.patience import Patience
from collector.request import CollectError, CollectRequest
from collector_world import KEY

OURS, OTHER = "111122223333", "444455556666"
REGIONS = ("eu-west-1", "us-east-1")

Answer = Mapping[str, Any] | WireError | None


class Told(Estate):
    """An estate in which the test answers some operations itself."""

    rule: Callable[[Request], Answer] | None = None

    def answer(self, request: Request) -> Answer:
        """The test's answer, else the estate's."""
        mine = self.rule(request) if self.rule else None
        return mine if mine is not None else super().answer(request)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    wire = Wire([SyntheticWorld(items=2, elements=1)], Told((OURS, OTHER), regions=REGIONS))
    server = WireServer(wire)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment(server.url, OURS).items():
        monkeypatch.setenv(name, value)
    yield wire
    server.stop()


def asked_for(folder: Path, **changes: object) -> CollectRequest:
    base = CollectRequest(
        regions=("eu-west-1",),
        snapshots=folder / "snapshots",
        redaction_key=KEY,
        services=("sns:topic",),
        workers=2,
        patience=Patience(attempts=2, network_attempts=1, first=0.01, read_seconds=10.0),
    )
    return replace(base, **changes)


def count(wire: Wire, operation: str) -> int:
    return sum(number for key, number in wire.asked.items() if key[3] == operation)


def text_of(folder: Path) -> str:
    return "".join(file.read_text("utf-8") for file in folder.rglob("*.jsonl"))


# Credentials that botocore renews by itself


def give(folder: Path, access_key: str) -> None:
    """Let the process give this key from now on, each time for a few seconds only."""
    ends = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
    keys = {
        "Version": 1,
        "AccessKeyId": access_key,
        "SecretAccessKey": "wire",
        "SessionToken": "t",
        "Expiration": ends.isoformat(),
    }
    part = folder / "keys.part"
    part.write_text(json.dumps(keys))
    part.replace(folder / "keys.json")


@pytest.mark.parametrize(
    ("then", "kept"),
    [
        (access_key_of(OURS, temporary=True, serial=2), True),
        (access_key_of(OTHER, temporary=True, serial=2), False),
        (access_key_of(OURS, serial=2), False),
    ],
    ids=["same", "other account", "other identity"],
)
def test_a_process_that_changes_its_keys_on_the_way(
    wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str, kept: bool
) -> None:
    first = access_key_of(OURS, temporary=True, serial=1)
    give(tmp_path, first)
    config = tmp_path / "config"
    config.write_text(f"[default]\ncredential_process = cat {tmp_path}/keys.json\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)

    def rule(request: Request) -> Answer:
        if request.name == "ec2.describe_regions":
            give(tmp_path, then)
        return None

    wire.estate.rule = rule
    if kept:
        result = collect(asked_for(tmp_path))
        assert count(wire, "get_caller_identity") == 2
    else:
        with pytest.raises(CollectError, match=r"now those of .*continues") as caught:
            collect(asked_for(tmp_path))
        assert caught.value.exit_code == 1
        wire.estate.rule = None
        give(tmp_path, first)
        result = collect(asked_for(tmp_path))
        assert result.path == caught.value.path
    assert result.accounts == (OURS,)
    lines = text_of(result.path)
    assert f":{OURS}:" in lines
    assert OTHER not in lines


class Keys:
    """Credentials as a provider of botocore gives them."""

    method = "test"

    def __init__(self, *access_keys: str) -> None:
        from botocore.credentials import ReadOnlyCredentials

        self._frozen = [ReadOnlyCredentials(key, "s", "t") for key in access_keys]

    def get_frozen_credentials(self) -> Any:
        """The next of them; the last again and again."""
        return self._frozen.pop(0) if len(self._frozen) > 1 else self._frozen[0]


def test_each_key_is_asked_about_once() -> None:
    confirmed: list[str] = []
    held = Keys("a", "a", "b", "b", "a")
    given = RenewableCredentials(
        held, lambda: held, lambda keys: confirmed.append(keys.access_key), "a"
    )
    assert [given.get_frozen_credentials().access_key for _ in range(5)] == list("aabba")
    assert confirmed == ["b"]


def test_what_was_somebody_elses_once_is_lost_for_good() -> None:
    def confirm(keys: Any) -> None:
        if keys.access_key == "b":
            raise CollectError("now those of b")

    held = Keys("a", "b", "c")
    given = RenewableCredentials(held, lambda: held, confirm, "a")
    assert given.get_frozen_credentials().access_key == "a"
    for _ in range(2):
        with pytest.raises(Exception, match="now those of b"):
            given.get_frozen_credentials()
    assert not given.renew(None)
