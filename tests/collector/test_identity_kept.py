"""What is collected under an account's id is that account's, whatever its source and AWS say."""

from __future__ import annotations

import datetime as dt
import json
import shutil
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
from collector.regions import is_region
from collector.request import CollectError, CollectRequest
from collector.session import Clients
from collector.snapshot import Snapshot
from collector_world import KEY
from mapper.cli import run
from mapper.collecting import result_notes
from mapper.config import Config

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


def of_process(folder: Path, monkeypatch: pytest.MonkeyPatch, access_key: str) -> None:
    """The caller's credentials come from a process, which gives this key at first."""
    give(folder, access_key)
    config = folder / "config"
    config.write_text(f"[default]\ncredential_process = cat {folder}/keys.json\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)


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
    of_process(tmp_path, monkeypatch, first)

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


@pytest.mark.parametrize("then", [OURS, OTHER])
def test_several_processes_take_no_other_accounts_keys_either(
    wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    of_process(tmp_path, monkeypatch, access_key_of(OURS, temporary=True, serial=1))

    def rule(request: Request) -> Answer:
        if request.name == "ec2.describe_regions" and request.account == OTHER:
            give(tmp_path, access_key_of(then, temporary=True, serial=2))
        return None

    wire.estate.rule = rule
    both = asked_for(tmp_path, accounts=(OURS, OTHER), processes=2)
    if then == OURS:
        path = collect(both).path
        assert f":{OURS}:" in text_of(path / "accounts" / OURS)
    else:
        with pytest.raises(CollectError, match=rf"account {OURS}.*now those of") as caught:
            collect(both)
        assert caught.value.path is not None
        path = caught.value.path
    assert OTHER not in text_of(path / "accounts" / OURS)
    assert f":{OTHER}:" in text_of(path / "accounts" / OTHER)


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


# Roles


@pytest.mark.parametrize("account", [OTHER, OURS, ""], ids=["its own", "another", "none"])
def test_a_session_is_of_the_roles_account_or_nothing(
    wire: Wire, tmp_path: Path, account: str
) -> None:
    ends = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)

    def rule(request: Request) -> Answer:
        if request.name != "sts.assume_role":
            return None
        keys = {
            "AccessKeyId": access_key_of(account or OURS, temporary=True, serial=7),
            "SecretAccessKey": "wire",
            "SessionToken": "t",
            "Expiration": ends,
        }
        user = {"AssumedRoleId": "AROA:mapper"}
        if account:
            user["Arn"] = f"arn:aws:sts::{account}:assumed-role/audit/mapper"
        return {"Credentials": keys, "AssumedRoleUser": user}

    wire.estate.rule = rule
    result = collect(asked_for(tmp_path, role_arns=(f"arn:aws:iam::{OTHER}:role/audit",)))
    if account == OTHER:
        assert (result.accounts, result.left_out) == ((OTHER,), ())
        assert f":{OTHER}:" in text_of(result.path)
        return
    assert (result.accounts, result.exit_code) == ((), 4)
    (left,) = result.left_out
    assert "AWS answers with a session of" in left.reason
    assert (account or "nobody") in left.reason
    assert not list(result.path.glob("accounts/*/*"))


def test_an_account_that_lets_us_in_by_now_has_no_gap_from_before(
    wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.estate.suspended = (OTHER,)
    both = asked_for(tmp_path, accounts=(OURS, OTHER))
    with monkeypatch.context() as patch:

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        patch.setattr("collector.snapshot.writer.SnapshotWriter.finish", killed)
        with pytest.raises(CollectError, match="continues"):
            collect(both)
    # its twin: refused still, the gap stands, once
    again = tmp_path / "again"
    shutil.copytree(tmp_path / "snapshots", again)
    refused = collect(replace(both, snapshots=again))
    assert refused.resumed
    assert [row.operation for row in refused.gaps] == ["assume_role"]
    wire.estate.suspended = ()
    result = collect(both)
    assert result.resumed
    assert result.accounts == (OURS, OTHER)
    assert not result.gaps


# What the organisation and the account list


def rows_of(*rows: Mapping[str, str]) -> Callable[[Request], Answer]:
    return lambda request: (
        {"Accounts": list(rows)} if request.name == "organizations.list_accounts" else None
    )


MAIN = {"Id": OURS, "Name": "main", "Status": "ACTIVE"}
PROD = {"Id": OTHER, "Name": "prod", "Status": "ACTIVE"}


def test_an_account_that_is_listed_twice_is_one(wire: Wire, tmp_path: Path) -> None:
    wire.estate.rule = rows_of(MAIN, PROD, PROD, MAIN)
    result = collect(asked_for(tmp_path, organisation=True))
    assert result.accounts == (OURS, OTHER)
    assert count(wire, "assume_role") == 1
    manifest = Snapshot.open(result.path).manifest
    assert [row["id"] for row in manifest["accounts"]] == [OURS, OTHER]
    named = asked_for(tmp_path, organisation=True, accounts=("prod",), fresh=True)
    assert collect(named).accounts == (OTHER,)


@pytest.mark.parametrize("odd", ["../../../../x", "12345", "١٢٣٤٥٦٧٨٩٠١٢", "", None])
def test_what_is_no_account_id_is_a_gap_and_no_path(
    wire: Wire, tmp_path: Path, odd: str | None
) -> None:
    strange = {"Name": "strange", "Status": "ACTIVE"} | ({} if odd is None else {"Id": odd})
    wire.estate.rule = rows_of(MAIN, strange)
    result = collect(asked_for(tmp_path, organisation=True))
    assert (result.accounts, result.exit_code) == ((OURS,), 4)
    (left,) = result.left_out
    assert (left.name, left.account_id) == ("strange", "")
    assert "no account id" in left.reason
    assert [folder.name for folder in (result.path / "accounts").iterdir()] == [OURS]


@pytest.mark.parametrize("account", ["../../x", "", "١٢٣٤٥٦٧٨٩٠١٢"])
def test_who_has_no_account_collects_nothing(wire: Wire, tmp_path: Path, account: str) -> None:
    wire.estate.rule = lambda request: (
        {"UserId": "x", "Account": account, "Arn": f"arn:aws:iam::{account}:user/x"}
        if request.name == "sts.get_caller_identity"
        else None
    )
    with pytest.raises(CollectError, match="does not say whose"):
        collect(asked_for(tmp_path))
    assert not (tmp_path / "snapshots").exists()


ODD_REGIONS = ("../../../../x", "global", "eu-west-1/../x", "EU-WEST-1", "eu-west-１", "")


@pytest.mark.parametrize("operation", ["ec2.describe_regions", "account.list_regions"])
def test_what_is_no_regions_name_is_named_and_left_out(
    wire: Wire, tmp_path: Path, operation: str
) -> None:
    def rule(request: Request) -> Answer:
        if request.name == operation:
            names = [{"RegionName": name} for name in ("eu-west-1", *ODD_REGIONS)]
            return {"Regions": [*names, {}]}
        if request.name == "ec2.describe_regions":
            return WireError("UnauthorizedOperation", "no", 403)
        return None

    wire.estate.rule = rule
    result = collect(asked_for(tmp_path, regions=()))
    assert result.regions == ("eu-west-1",)
    (warning,) = [text for text in result.warnings if "whose names are none" in text]
    assert f"{len(ODD_REGIONS)} regions" in warning
    assert "'EU-WEST-1'" in warning
    account = Snapshot.open(result.path).manifest["accounts"][0]
    assert set(account["region_states"]) == {"eu-west-1"}
    assert {path.name for path in (result.path / "accounts" / OURS).iterdir()} == {"eu-west-1"}
    # its twin: names that are names
    wire.estate.rule = None
    twin = collect(asked_for(tmp_path, regions=(), fresh=True))
    assert twin.regions == REGIONS
    assert not [text for text in twin.warnings if "whose names are none" in text]


def test_every_region_that_botocore_knows_has_a_regions_name() -> None:
    clients = Clients()
    for partition in ("aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-iso-f", "aws-eusc"):
        assert not [name for name in clients.known_regions("ec2", partition) if not is_region(name)]


# What is said of accounts that were left out


def test_an_account_that_is_suspended_is_named_by_collect_and_coverage(
    wire: Wire, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = "Nothing that was asked for stayed unseen."

    def said(folder: str) -> tuple[list[str], str]:
        result = collect(asked_for(tmp_path / folder, organisation=True))
        assert result.exit_code == 0
        capfd.readouterr()
        assert run(["coverage", "--snapshot", str(result.path)]) == 0
        return result_notes(result, Config()), " ".join(capfd.readouterr().out.split())

    notes, coverage = said("whole")
    assert whole in notes
    assert "Left out" not in coverage
    wire.estate.suspended = (OTHER,)
    notes, coverage = said("suspended")
    assert whole not in notes
    assert f"Left out: account-{OTHER} {OTHER}: the account is SUSPENDED" in notes
    assert f"{OTHER}: the account is SUSPENDED" in coverage
