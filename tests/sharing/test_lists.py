"""Resources that a list of accounts shares: public, shared, narrowed, guarded, own, unread."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing.levels import strongest_level
from graph.sharing.lists import list_judgements, shared_lists
from graph.verdict import Answer
from snapshot_files import ACCOUNT, REGION, Denied, line, write_snapshot

PARTNER = "999988887777"
FPGA = f"arn:aws:ec2:{REGION}::fpga-image/afi-1"
DOCUMENT = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/patch"
DIRECTORY = f"arn:aws:ds:{REGION}:{ACCOUNT}:directory/d-1"
PORTFOLIO = f"arn:aws:catalog:{REGION}:{ACCOUNT}:portfolio/port-1"
CLUSTER = f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:dwh"
SNAPSHOT = f"arn:aws:redshift:{REGION}:{ACCOUNT}:snapshot:dwh/s-1"
SERVERLESS = f"arn:aws:redshift-serverless:{REGION}:{ACCOUNT}:snapshot/1"
SHARE = f"arn:aws:redshift:{REGION}:{ACCOUNT}:datashare:ns/sales"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0000"


def judge(folder: Path, type_id: str, row: dict[str, Any], *more: Any) -> dict[str, Answer]:
    lines: dict[tuple[str, str, str], list[Any]] = {(ACCOUNT, REGION, type_id): [row]}
    for other, rows in more:
        lines[ACCOUNT, REGION, other] = rows
    snapshot = write_snapshot(folder, lines)
    world = from_snapshot(snapshot)
    return {one.source: one.answer for one in list_judgements(snapshot, world)}


def fpga(permissions: Any, **item: Any) -> dict[str, Any]:
    value = permissions
    if permissions is not Denied:
        value = {"FpgaImageAttribute": {"LoadPermissions": permissions}}
    return line(FPGA, {"OwnerId": ACCOUNT} | item, describe_fpga_image_attribute=value)


def document(names: Any) -> dict[str, Any]:
    return line(DOCUMENT, {}, describe_document_permission=names)


def setting(value: Any) -> tuple[str, list[Any]]:
    answer = value if value is Denied else {"ServiceSetting": {"SettingValue": value}}
    return "ssm:setting", [line(f"{ACCOUNT}/{REGION}", {}, get_service_setting=answer)]


def directory(kind: str, **share: Any) -> dict[str, Any]:
    rows = [{"SharedAccountId": PARTNER, "ShareStatus": "Shared"} | share]
    return line(DIRECTORY, {"Type": kind}, describe_shared_directories=rows)


def authorization(**row: Any) -> dict[str, Any]:
    rows = [{"Grantee": PARTNER, "Status": "Authorized", "AllowedAllVPCs": True} | row]
    return line(CLUSTER, {}, describe_endpoint_authorization=rows)


def data_share(status: str, open_to: bool = True, consumer: str = PARTNER) -> dict[str, Any]:
    rows = [{"ConsumerIdentifier": consumer, "Status": status}]
    item = {"AllowPubliclyAccessibleConsumers": open_to, "DataShareAssociations": rows}
    return line(SHARE, item)


def restorable(*accounts: str, **item: Any) -> dict[str, Any]:
    rows = [{"AccountId": one} for one in accounts]
    return line(SNAPSHOT, {"AccountsWithRestoreAccess": rows} | item)


OUTSIDER = f"account:{PARTNER}"
ANYONE = "any-aws-account"
CASES = [
    ("ec2:fpga-image", fpga([{"Group": "all"}]), {ANYONE: "yes"}),
    ("ec2:fpga-image", fpga([{"UserId": PARTNER}]), {OUTSIDER: "yes", ANYONE: "no"}),
    ("ec2:fpga-image", fpga([{"UserId": ACCOUNT}]), {ANYONE: "no"}),
    ("ec2:fpga-image", fpga(Denied), {ANYONE: "unknown"}),
    ("ec2:fpga-image", fpga(Denied, Public=True), {ANYONE: "yes"}),
    ("ec2:fpga-image", fpga([{"Group": "all"}], OwnerId=PARTNER), {}),
    ("ssm:document", document([PARTNER]), {OUTSIDER: "yes", ANYONE: "no"}),
    ("ssm:document", document([]), {ANYONE: "no"}),
    ("ssm:document", document(Denied), {ANYONE: "unknown"}),
    ("ds:directory", directory("MicrosoftAD"), {OUTSIDER: "conditional"}),
    ("ds:directory", directory("MicrosoftAD", ShareStatus="Rejected"), {ANYONE: "no"}),
    ("ds:directory", directory("SharedMicrosoftAD"), {}),
    (
        "ds:directory",
        line(DIRECTORY, {"Type": "MicrosoftAD"}, describe_shared_directories=Denied),
        {ANYONE: "unknown"},
    ),
    (
        "servicecatalog:portfolio",
        line(PORTFOLIO, {}, list_portfolio_access=[PARTNER]),
        {OUTSIDER: "yes"},
    ),
    ("servicecatalog:portfolio", line(PORTFOLIO, {}, list_portfolio_access=[]), {ANYONE: "no"}),
    (
        "servicecatalog:portfolio",
        line(PORTFOLIO, {}, list_portfolio_access=Denied),
        {ANYONE: "unknown"},
    ),
    ("redshift:cluster", authorization(), {OUTSIDER: "conditional"}),
    ("redshift:cluster", authorization(Status="Revoking"), {ANYONE: "no"}),
    (
        "redshift:cluster",
        line(CLUSTER, {}, describe_endpoint_authorization=Denied),
        {ANYONE: "unknown"},
    ),
    ("redshift:share", data_share("ACTIVE"), {OUTSIDER: "yes"}),
    ("redshift:share", data_share("PENDING_AUTHORIZATION"), {OUTSIDER: "conditional"}),
    ("redshift:share", data_share("DEAUTHORIZED"), {ANYONE: "no"}),
    (
        "redshift:share",
        data_share("ACTIVE", consumer=f"arn:aws:redshift:{REGION}:{ACCOUNT}:namespace:n"),
        {ANYONE: "no"},
    ),
    ("redshift:snapshot", restorable(PARTNER), {OUTSIDER: "yes"}),
    ("redshift:snapshot", restorable(), {ANYONE: "no"}),
    (
        "redshift:snapshot",
        restorable(PARTNER, Encrypted=True, KmsKeyId=KEY),
        {OUTSIDER: "conditional"},
    ),
    ("redshift:snapshot", restorable("12345"), {"account:12345": "no"}),
]


@pytest.mark.parametrize(("type_id", "row", "expected"), CASES)
def test_who_receives(
    tmp_path: Path, type_id: str, row: dict[str, Any], expected: dict[str, str]
) -> None:
    found = judge(tmp_path, type_id, row)
    assert {source: str(answer.verdict) for source, answer in found.items()} == expected


def test_a_serverless_snapshot_is_restored_to_either_kind(tmp_path: Path) -> None:
    item = {
        "accountsWithRestoreAccess": [PARTNER],
        "accountsWithProvisionedRestoreAccess": ["888877776666"],
        "kmsKeyId": "AWS_OWNED_KMS_KEY",
    }
    found = judge(tmp_path, "redshift-serverless:snapshot", line(SERVERLESS, item))
    assert found[OUTSIDER].verdict == "yes"
    assert found["account:888877776666"].verdict == "yes"


@pytest.mark.parametrize(
    ("value", "verdict"), [("Enable", "yes"), ("Disable", "conditional"), (Denied, "conditional")]
)
@pytest.mark.parametrize("name", ["all", "All"])
def test_a_public_document_under_the_accounts_setting(
    tmp_path: Path, value: Any, verdict: str, name: str
) -> None:
    found = judge(tmp_path, "ssm:document", document([name]), setting(value))
    assert found[ANYONE].verdict == verdict


def test_what_keeps_callers_out_is_told(tmp_path: Path) -> None:
    narrow = judge(tmp_path / "1", "redshift:cluster", authorization(AllowedAllVPCs=False))
    wide = judge(tmp_path / "2", "redshift:cluster", authorization())
    assert any("VPCs that" in text for text in narrow[OUTSIDER].guards)
    assert not any("VPCs that" in text for text in wide[OUTSIDER].guards)
    closed = judge(tmp_path / "3", "redshift:share", data_share("ACTIVE", open_to=False))
    assert any("publicly accessible" in text for text in closed[OUTSIDER].guards)


def test_every_row_says_where_it_is_from_and_reads_at_most() -> None:
    for place in shared_lists():
        assert place["source"].startswith("https://docs.aws.amazon.com/")
        if "snapshot" in place["mechanism"]:
            assert strongest_level(place["actions"]) == "read"
    assert json.dumps([dict(place.row) for place in shared_lists()])
