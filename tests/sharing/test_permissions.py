"""Images, EBS snapshots and database snapshots, each rule beside its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing.permissions import (
    database_snapshot_judgements,
    image_judgements,
    volume_snapshot_judgements,
)
from snapshot_files import ACCOUNT, REGION, Denied, line, write_snapshot

PLACE = f"{ACCOUNT}/{REGION}"
EVERYONE = [{"Group": "all"}]
PARTNER = [{"UserId": "999988887777"}]
IMAGE = "arn:aws:ec2:eu-west-1::image/ami-1"
VOLUME = "arn:aws:ec2:eu-west-1::snapshot/snap-1"
DATABASE = f"arn:aws:rds:eu-west-1:{ACCOUNT}:snapshot:orders"


def image(folder: Path, permissions: Any, public: bool | None = None) -> dict[str, str]:
    item = {"ImageId": "ami-1", "OwnerId": ACCOUNT} | ({} if public is None else {"Public": public})
    rows = [line(IMAGE, item, describe_image_attribute=permissions)]
    snapshot = write_snapshot(folder, {(ACCOUNT, REGION, "ec2:image"): rows})
    return {j.source: j.answer.verdict for j in image_judgements(snapshot, from_snapshot(snapshot))}


def test_a_public_image(tmp_path: Path) -> None:
    assert image(tmp_path, {"LaunchPermissions": EVERYONE}) == {"any-aws-account": "yes"}


def test_a_private_image(tmp_path: Path) -> None:
    assert image(tmp_path, {"LaunchPermissions": []}) == {"any-aws-account": "no"}


def test_an_image_shared_with_one_account(tmp_path: Path) -> None:
    answers = image(tmp_path, {"LaunchPermissions": PARTNER})
    assert answers == {"account:999988887777": "yes", "any-aws-account": "no"}


def test_an_image_shared_with_itself_is_not_shared(tmp_path: Path) -> None:
    answers = image(tmp_path, {"LaunchPermissions": [{"UserId": ACCOUNT}]})
    assert answers == {"any-aws-account": "no"}


def test_an_image_shared_with_an_organisation(tmp_path: Path) -> None:
    rows = [{"OrganizationArn": "arn:aws:organizations::123456789012:organization/o-abc"}]
    assert image(tmp_path, {"LaunchPermissions": rows})["org:o-abc"] == "yes"


def test_unread_permissions_are_unknown(tmp_path: Path) -> None:
    assert image(tmp_path, Denied, public=False) == {"any-aws-account": "unknown"}


def test_the_public_flag_suffices_without_the_permissions(tmp_path: Path) -> None:
    assert image(tmp_path, Denied, public=True)["any-aws-account"] == "yes"


def volume(folder: Path, permissions: Any, state: Any) -> dict[str, str]:
    rows = [line(VOLUME, {"OwnerId": ACCOUNT}, describe_snapshot_attribute=permissions)]
    guards = [line(PLACE, None, get_snapshot_block_public_access_state=state)]
    lines = {
        (ACCOUNT, REGION, "ec2:snapshot"): rows,
        (ACCOUNT, REGION, "ec2:account-guards"): guards,
    }
    snapshot = write_snapshot(folder, lines)
    return {
        j.source: j.answer.verdict
        for j in volume_snapshot_judgements(snapshot, from_snapshot(snapshot))
    }


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ({"State": "unblocked"}, "yes"),
        ({"State": "block-new-sharing"}, "yes"),
        ({"State": "block-all-sharing"}, "no"),
        (Denied, "unknown"),
    ],
)
def test_a_public_snapshot_under_the_regions_block(
    tmp_path: Path, state: Any, verdict: str
) -> None:
    answers = volume(tmp_path, {"CreateVolumePermissions": EVERYONE}, state)
    assert answers["any-aws-account"] == verdict


def test_the_block_does_not_touch_a_share_with_one_account(tmp_path: Path) -> None:
    answers = volume(tmp_path, {"CreateVolumePermissions": PARTNER}, {"State": "block-all-sharing"})
    assert answers == {"account:999988887777": "yes", "any-aws-account": "no"}


def database(folder: Path, values: Any, kind: str = "manual") -> dict[str, str]:
    attributes = [{"AttributeName": "restore", "AttributeValues": values}]
    result = {"DBSnapshotAttributesResult": {"DBSnapshotAttributes": attributes}}
    rows = [line(DATABASE, {"SnapshotType": kind}, describe_db_snapshot_attributes=result)]
    snapshot = write_snapshot(folder, {(ACCOUNT, REGION, "rds:db-snapshot"): rows})
    return {
        j.source: j.answer.verdict
        for j in database_snapshot_judgements(snapshot, from_snapshot(snapshot))
    }


def test_a_public_database_snapshot(tmp_path: Path) -> None:
    assert database(tmp_path, ["all"]) == {"any-aws-account": "yes"}


def test_a_private_database_snapshot(tmp_path: Path) -> None:
    assert database(tmp_path, []) == {"any-aws-account": "no"}


def test_a_database_snapshot_shared_with_one_account(tmp_path: Path) -> None:
    assert database(tmp_path, ["999988887777"])["account:999988887777"] == "yes"


def test_automated_snapshots_cannot_be_shared(tmp_path: Path) -> None:
    assert database(tmp_path, ["all"], kind="automated") == {}


@pytest.mark.parametrize(
    ("number", "verdict"), [("123", "no"), ("000000000000", "no"), ("ADX", "unknown")]
)
def test_an_account_that_cannot_be_is_named_and_shared_with_nobody(
    tmp_path: Path, number: str, verdict: str
) -> None:
    """A word may mean something to AWS (ADX, of data shares), a number only an account."""
    rows = [line(VOLUME, {}, describe_snapshot_attribute=[{"UserId": number}])]
    snapshot = write_snapshot(tmp_path, {(ACCOUNT, REGION, "ec2:snapshot"): rows})
    found = list(volume_snapshot_judgements(snapshot, from_snapshot(snapshot)))
    told = next(one.answer for one in found if one.source == f"account:{number}")
    assert told.verdict == verdict
    assert number in told.why


def test_what_is_known_of_the_receiver_is_told(tmp_path: Path) -> None:
    rows = [line(VOLUME, {}, describe_snapshot_attribute=PARTNER)]
    snapshot = write_snapshot(tmp_path, {(ACCOUNT, REGION, "ec2:snapshot"): rows})
    found = list(volume_snapshot_judgements(snapshot, from_snapshot(snapshot)))
    guards = next(one.answer.guards for one in found if one.source == "account:999988887777")
    assert any(text.startswith("account unknown: ") for text in guards)


@pytest.mark.parametrize(("state", "verdict"), [("available", "yes"), ("disabled", "dormant")])
def test_a_disabled_image(tmp_path: Path, state: str, verdict: str) -> None:
    item = {"OwnerId": ACCOUNT, "State": state}
    rows = [line(IMAGE, item, describe_image_attribute=PARTNER)]
    snapshot = write_snapshot(tmp_path, {(ACCOUNT, REGION, "ec2:image"): rows})
    found = list(image_judgements(snapshot, from_snapshot(snapshot)))
    told = {one.source: one.answer.verdict for one in found}
    assert told["account:999988887777"] == verdict


GARBAGE: tuple[Any, ...] = ("x", 1, {"UserId": "999988887777"}, [None], [[]])


@pytest.mark.parametrize("value", GARBAGE, ids=repr)
def test_a_list_of_no_known_shape_is_not_an_empty_one(tmp_path: Path, value: Any) -> None:
    answers = image(tmp_path / "image", {"LaunchPermissions": value, "ImageId": "ami-1"})
    assert answers == {"any-aws-account": "unknown"}
    unblocked = {"State": "unblocked"}
    shared = {"CreateVolumePermissions": value, "SnapshotId": "snap-1"}
    assert volume(tmp_path / "volume", shared, unblocked) == {"any-aws-account": "unknown"}


@pytest.mark.parametrize("value", [1, "999988887777", {"a": 1}, True], ids=repr)
def test_values_of_no_known_shape(tmp_path: Path, value: Any) -> None:
    assert database(tmp_path / "odd", value) == {"any-aws-account": "unknown"}
    assert database(tmp_path / "none", []) == {"any-aws-account": "no"}


def test_what_can_be_read_of_a_list_is_told_beside_the_rest(tmp_path: Path) -> None:
    answers = image(tmp_path, {"LaunchPermissions": [*PARTNER, None]})
    assert answers == {"account:999988887777": "yes", "any-aws-account": "unknown"}


def test_a_public_image_stays_public_whatever_else_its_list_holds(tmp_path: Path) -> None:
    answers = image(tmp_path, {"LaunchPermissions": [None]}, public=True)
    assert answers == {"any-aws-account": "yes"}
