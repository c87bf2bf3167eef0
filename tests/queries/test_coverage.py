"""What an answer says was missing: what was denied, and what was never asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from collector.snapshot import Snapshot, Status
from collector.snapshot.ledger import LedgerRow
from queries.answers.coverage import coverage_of, not_evaluated

A, B = "111111111111", "222222222222"


def snapshot(
    folder: Path, ledger: Sequence[LedgerRow], regions: Sequence[dict[str, Any]] = ()
) -> Snapshot:
    files: dict[str, str] = {}

    def write(name: str, lines: list[dict[str, Any]]) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        files[name] = hashlib.sha256(path.read_bytes()).hexdigest()

    write("coverage.jsonl", [row.as_json() for row in ledger])
    lines = [{"id": f"r/{r['RegionName']}", "item": r, "calls": {}} for r in regions]
    write(f"accounts/{A}/global/aws/region.jsonl", lines)
    manifest = {
        "format": 1,
        "id": "s",
        "finished": "2026-11-22T04:40:00Z",
        "accounts": [{"id": A}, {"id": B}],
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return Snapshot.open(folder)


def row(account: str, kind: str, status: Status = Status.OK, region: str = "eu-west-1"):
    return LedgerRow(account, region, "ec2", f"describe_{kind[4:]}", kind, status)


def test_complete_is_said_only_when_every_account_was_asked(tmp_path: Path) -> None:
    both = [row(A, "ec2:vpc"), row(B, "ec2:vpc", Status.EMPTY)]
    assert coverage_of(snapshot(tmp_path, both), ["ec2:vpc"]).complete


def test_an_account_that_was_never_asked_is_a_gap(tmp_path: Path) -> None:
    made = coverage_of(snapshot(tmp_path, [row(A, "ec2:vpc")]), ["ec2:vpc"])
    (gap,) = made.missing
    assert (gap.account_id, gap.region, gap.status) == (B, "*", "not_attempted")


@pytest.mark.parametrize("status", [Status.REGION_DISABLED, Status.REGION_DENIED])
def test_a_region_that_answers_nothing_hides_no_type_that_was_never_asked(
    tmp_path: Path, status: Status
) -> None:
    shut = [LedgerRow(one, "af-south-1", "ec2", "describe_regions", "*", status) for one in (A, B)]
    made = snapshot(tmp_path, [*shut, row(A, "ec2:vpc"), row(B, "ec2:vpc")])
    named = {(gap.account_id, gap.type) for gap in coverage_of(made, ["ec2:vpc"]).missing}
    assert (A, "ec2:vpc") not in named
    named = {(gap.account_id, gap.type) for gap in coverage_of(made, ["ec2:subnet"]).missing}
    assert {(A, "ec2:subnet"), (B, "ec2:subnet")} <= named


def test_a_denied_call_is_a_gap_only_for_what_needs_it(tmp_path: Path) -> None:
    ledger = [
        row(A, "ec2:vpc"),
        row(B, "ec2:vpc", Status.DENIED),
        row(A, "ec2:subnet"),
        row(B, "ec2:subnet"),
    ]
    made = snapshot(tmp_path, ledger)
    assert not coverage_of(made, ["ec2:vpc"]).complete
    assert coverage_of(made, ["ec2:subnet"]).complete


def test_what_aws_does_not_offer_is_no_gap(tmp_path: Path) -> None:
    ledger = [row(A, "ec2:vpc"), row(B, "ec2:vpc", Status.NOT_SUPPORTED)]
    assert coverage_of(snapshot(tmp_path, ledger), ["ec2:vpc"]).complete


def test_an_account_that_gave_nothing_hides_everything_once(tmp_path: Path) -> None:
    ledger = [
        row(A, "ec2:vpc"),
        LedgerRow(B, "global", "sts", "assume_role", "*", Status.DENIED),
    ]
    (gap,) = coverage_of(snapshot(tmp_path, ledger), ["ec2:vpc", "ec2:subnet"]).missing[:1]
    assert (gap.account_id, gap.operation) == (B, "assume_role")


def test_types_of_the_organisation_are_asked_once(tmp_path: Path) -> None:
    ledger = [LedgerRow(A, "global", "organizations", "list_accounts", "org:account", Status.OK)]
    identity_center = LedgerRow(
        A, "eu-west-1", "sso-admin", "list_instances", "sso:instance", Status.EMPTY
    )
    ledger += [identity_center, row(B, "ec2:vpc"), row(A, "ec2:vpc")]
    assert coverage_of(snapshot(tmp_path, ledger), ["org:account", "sso:instance"]).complete
    assert not coverage_of(snapshot(tmp_path, ledger), ["org:policy"]).complete
    assert not coverage_of(snapshot(tmp_path, ledger), ["sso:permission-set"]).complete


def test_an_enabled_region_that_was_left_out_is_a_gap(tmp_path: Path) -> None:
    ledger = [row(A, "ec2:vpc"), row(B, "ec2:vpc")]

    def missing(name: str, state: str) -> set[str]:
        regions = [{"RegionName": name, "OptInStatus": state}]
        made = snapshot(tmp_path, ledger, regions)
        return {gap.region for gap in coverage_of(made, ["ec2:vpc"]).missing}

    assert missing("us-east-1", "opt-in-not-required") == {"us-east-1"}
    assert missing("eu-west-1", "opt-in-not-required") == set()
    assert missing("ap-east-1", "not-opted-in") == set()
    assert missing("cn-north-1", "opt-in-not-required") == set()


def test_a_gap_hides_its_account_and_region(tmp_path: Path) -> None:
    ledger = [row(A, "ec2:vpc", Status.DENIED), row(B, "ec2:vpc")]
    made = coverage_of(snapshot(tmp_path, ledger), ["ec2:vpc"])
    assert made.hides(A, "eu-west-1")
    assert made.hides(A, None)
    assert not made.hides(A, "us-east-1")
    assert not made.hides(B, "eu-west-1")


def test_every_answer_names_what_is_not_evaluated() -> None:
    for command in ("public", "trusts", "admins"):
        assert not_evaluated(command)
    assert any("scalation" in text for text in not_evaluated("admins"))
