"""Whether the receiver of an encrypted snapshot or image can decrypt it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing.permissions import (
    database_snapshot_judgements,
    image_judgements,
    volume_snapshot_judgements,
)
from graph.verdict import Answer
from snapshot_files import ACCOUNT, REGION, Denied, line, write_snapshot

PARTNER = "999988887777"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0000"
SNAPSHOT = f"arn:aws:ec2:{REGION}::snapshot/snap-1"
IMAGE = f"arn:aws:ec2:{REGION}::image/ami-1"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:orders"
OWN = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
PARTNERS = OWN | {"Principal": {"AWS": PARTNER}, "Action": ["kms:Decrypt", "kms:CreateGrant"]}


def via(service: str) -> dict[str, Any]:
    host = f"{service}.{REGION}.amazonaws.com"
    return PARTNERS | {"Condition": {"StringEquals": {"kms:ViaService": host}}}


def key(*statements: Any, manager: str = "CUSTOMER", state: str = "Enabled") -> dict[str, Any]:
    policy: Any = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}
    metadata = {"KeyMetadata": {"KeyManager": manager, "KeyState": state}}
    return line(
        KEY,
        {},
        describe_key=metadata,
        get_key_policy=policy if statements else Denied,
        list_grants=[],
    )


def shared(folder: Path, *keys: dict[str, Any], **item: Any) -> dict[str, Answer]:
    permissions = {"CreateVolumePermissions": [{"UserId": PARTNER}]}
    held = {"OwnerId": ACCOUNT, "Encrypted": True, "KmsKeyId": KEY} | item
    lines = {
        (ACCOUNT, REGION, "ec2:snapshot"): [
            line(SNAPSHOT, held, describe_snapshot_attribute=permissions)
        ],
        (ACCOUNT, REGION, "kms:key"): list(keys),
    }
    snapshot = write_snapshot(folder, lines)
    world = from_snapshot(snapshot)
    return {one.source: one.answer for one in volume_snapshot_judgements(snapshot, world)}


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ((OWN, PARTNERS), "yes"),
        ((OWN,), "no"),
        ((OWN, via("ec2")), "yes"),
        ((OWN, via("rds")), "no"),
        (
            (OWN, PARTNERS | {"Condition": {"IpAddress": {"aws:SourceIp": "1.2.3.4"}}}),
            "conditional",
        ),
        ((OWN, PARTNERS, PARTNERS | {"Effect": "Deny", "Action": "kms:*"}), "no"),
    ],
)
def test_the_keys_policy_decides(tmp_path: Path, statements: Any, verdict: str) -> None:
    answer = shared(tmp_path, key(*statements))[f"account:{PARTNER}"]
    assert answer.verdict == verdict
    assert ("not usable" in answer.why) == (verdict == "no")


def test_what_is_not_encrypted_needs_no_key(tmp_path: Path) -> None:
    assert shared(tmp_path, Encrypted=False)[f"account:{PARTNER}"].verdict == "yes"


def test_a_key_that_was_not_read_is_a_named_condition(tmp_path: Path) -> None:
    for keys, number in (([], 1), ([key()], 2)):
        answer = shared(tmp_path / str(number), *keys)[f"account:{PARTNER}"]
        assert answer.verdict == "conditional"
        assert any(term.startswith("not_collected:") for term in answer.conditions)


def test_no_key_named_is_a_named_condition(tmp_path: Path) -> None:
    answer = shared(tmp_path, KmsKeyId=None)[f"account:{PARTNER}"]
    assert answer.verdict == "conditional"
    assert answer.conditions[0].startswith("not_collected:kms:key@")


def test_a_key_of_awss_cannot_be_shared(tmp_path: Path) -> None:
    answer = shared(tmp_path, key(OWN, PARTNERS, manager="AWS"))[f"account:{PARTNER}"]
    assert answer.verdict == "no"
    assert "key of AWS's" in answer.why


def test_a_key_that_is_switched_off(tmp_path: Path) -> None:
    answer = shared(tmp_path, key(OWN, PARTNERS, state="Disabled"))[f"account:{PARTNER}"]
    assert answer.verdict == "dormant"


def test_a_grant_is_as_good_as_the_policy(tmp_path: Path) -> None:
    held = key(OWN)
    grantee = f"arn:aws:iam::{PARTNER}:root"
    grant = {"GrantId": "g", "GranteePrincipal": grantee, "Operations": ["Decrypt"]}
    held["calls"]["list_grants"]["value"] = [grant]
    assert shared(tmp_path, held)[f"account:{PARTNER}"].verdict == "yes"


def image(
    folder: Path,
    statements: tuple[Any, ...],
    receiver: dict[str, str],
    accounts: tuple[str, ...] = (PARTNER,),
) -> dict[str, Answer]:
    disks = [{"Ebs": {"SnapshotId": "snap-1", "Encrypted": True}}, {"VirtualName": "ephemeral0"}]
    item = {"OwnerId": ACCOUNT, "BlockDeviceMappings": disks}
    backing = {"SnapshotId": "snap-1", "OwnerId": ACCOUNT, "Encrypted": True, "KmsKeyId": KEY}
    members = [
        {"Id": account, "Arn": f"arn:aws:organizations::{ACCOUNT}:account/o-abc/{account}"}
        for account in (ACCOUNT, *accounts)
    ]
    lines = {
        (ACCOUNT, REGION, "ec2:image"): [
            line(IMAGE, item, describe_image_attribute={"LaunchPermissions": [receiver]})
        ],
        (ACCOUNT, REGION, "ec2:snapshot"): [line(SNAPSHOT, backing)],
        (ACCOUNT, REGION, "kms:key"): [key(*statements)],
        (ACCOUNT, "global", "org:account"): [line(one["Arn"], one) for one in members],
        (ACCOUNT, "global", "org:organization"): [
            line(
                ACCOUNT,
                {},
                describe_organization={"Organization": {"Id": "o-abc", "MasterAccountId": ACCOUNT}},
            )
        ],
    }
    if not accounts:
        del lines[ACCOUNT, "global", "org:account"]
    snapshot = write_snapshot(folder, lines)
    world = from_snapshot(snapshot)
    return {one.source: one.answer for one in image_judgements(snapshot, world)}


ORGANISATION = {"OrganizationArn": f"arn:aws:organizations::{ACCOUNT}:organization/o-abc"}
OF_THE_ORGANISATION = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "kms:Decrypt",
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}},
}


def test_every_encrypted_disk_of_an_image_has_a_key(tmp_path: Path) -> None:
    partner = {"UserId": PARTNER}
    assert image(tmp_path / "1", (OWN,), partner)[f"account:{PARTNER}"].verdict == "no"
    assert image(tmp_path / "2", (OWN, PARTNERS), partner)[f"account:{PARTNER}"].verdict == "yes"


def test_an_organisation_needs_a_key_that_admits_one_of_its_accounts(tmp_path: Path) -> None:
    assert image(tmp_path / "1", (OWN,), ORGANISATION)["org:o-abc"].verdict == "no"
    admitted = image(tmp_path / "2", (OWN, OF_THE_ORGANISATION), ORGANISATION)["org:o-abc"]
    assert admitted.verdict == "yes"


CROWD = tuple(f"2000000{number:05d}" for number in range(1_200))


def for_account(principal: str, **condition: Any) -> dict[str, Any]:
    found = PARTNERS | {"Principal": {"AWS": principal}}
    return found | ({"Condition": condition} if condition else {})


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (for_account(CROWD[0]), "yes"),
        (for_account(CROWD[-1]), "yes"),
        (for_account("*", StringEquals={"aws:PrincipalAccount": CROWD[-1]}), "yes"),
        (for_account("*", StringLike={"aws:PrincipalAccount": "2000000005*"}), "yes"),
        (for_account("999999999999"), "no"),
        (for_account(CROWD[-1]) | {"Action": "kms:DescribeKey"}, "no"),
    ],
)
def test_the_one_admitted_account_of_very_many_is_found(
    tmp_path: Path, statement: Any, verdict: str
) -> None:
    found = image(tmp_path, (OWN, statement), ORGANISATION, CROWD)
    assert found["org:o-abc"].verdict == verdict


def test_who_was_not_weighed_is_no_firm_no(tmp_path: Path) -> None:
    """A pattern on a part of the number tells all apart: more accounts than are weighed."""
    part = for_account("*", StringLike={"aws:PrincipalAccount": "200000001*"})
    answer = image(tmp_path / "cut", (OWN, part), ORGANISATION, CROWD)["org:o-abc"]
    assert (answer.verdict, answer.conditions) == (
        "conditional",
        ("context:kms-key-policy=admits the receiver",),
    )
    few = image(tmp_path / "few", (OWN, part), ORGANISATION, CROWD[:900])
    assert few["org:o-abc"].verdict == "no"


def test_an_organisation_whose_accounts_were_not_listed(tmp_path: Path) -> None:
    listed = image(tmp_path / "listed", (OWN,), ORGANISATION)["org:o-abc"]
    assert listed.verdict == "no"
    answer = image(tmp_path / "not", (OWN,), ORGANISATION, ())["org:o-abc"]
    assert answer.verdict == "conditional"
    assert answer.conditions == ("not_collected:organizations.list_accounts@org:o-abc",)


def test_a_unit_of_accounts_whose_places_were_not_read(tmp_path: Path) -> None:
    unit = f"arn:aws:organizations::{ACCOUNT}:ou/o-abc/ou-1"
    answer = image(tmp_path, (OWN,), {"OrganizationalUnitArn": unit})[unit]
    assert answer.verdict == "conditional"
    assert answer.conditions == (f"not_collected:organizations.list_accounts@{unit}",)


def test_an_organisation_of_which_nothing_is_known(tmp_path: Path) -> None:
    foreign = {"OrganizationArn": "arn:aws:organizations::999988887777:organization/o-xyz"}
    answer = image(tmp_path, (OWN,), foreign)["org:o-xyz"]
    assert answer.verdict == "conditional"


def test_a_unit_is_a_unit_and_not_its_organisation(tmp_path: Path) -> None:
    unit = f"arn:aws:organizations::{ACCOUNT}:ou/o-abc/ou-1"
    found = image(tmp_path, (OWN,), {"OrganizationalUnitArn": unit})
    assert set(found) == {unit, "any-aws-account"}


def test_everybody_needs_the_key_too(tmp_path: Path) -> None:
    assert image(tmp_path, (OWN,), {"Group": "all"})["any-aws-account"].verdict == "no"


@pytest.mark.parametrize(("statements", "verdict"), [((OWN, via("rds")), "yes"), ((OWN,), "no")])
def test_an_encrypted_database_snapshot(tmp_path: Path, statements: Any, verdict: str) -> None:
    attributes = [{"AttributeName": "restore", "AttributeValues": [PARTNER]}]
    item = {"SnapshotType": "manual", "Encrypted": True, "KmsKeyId": KEY}
    lines = {
        (ACCOUNT, REGION, "rds:db-snapshot"): [
            line(DATABASE, item, describe_db_snapshot_attributes=attributes)
        ],
        (ACCOUNT, REGION, "kms:key"): [key(*statements)],
    }
    snapshot = write_snapshot(tmp_path, lines)
    world = from_snapshot(snapshot)
    found = {one.source: one.answer for one in database_snapshot_judgements(snapshot, world)}
    assert found[f"account:{PARTNER}"].verdict == verdict


def test_very_many_receivers_are_bounded_and_none_is_left_out(tmp_path: Path) -> None:
    accounts = [f"{number:012d}" for number in range(100_000_000_001, 100_000_003_001)]
    permissions = [{"UserId": one} for one in accounts]
    held = {"OwnerId": ACCOUNT, "Encrypted": True, "KmsKeyId": KEY}
    lines = {
        (ACCOUNT, REGION, "ec2:snapshot"): [
            line(SNAPSHOT, held, describe_snapshot_attribute=permissions)
        ],
        (ACCOUNT, REGION, "kms:key"): [key(OWN)],
    }
    snapshot = write_snapshot(tmp_path, lines)
    found = list(volume_snapshot_judgements(snapshot, from_snapshot(snapshot)))
    answers = [one.answer.verdict for one in found if one.source.startswith("account:")]
    assert len(answers) == len(accounts)
    assert (answers.count("no"), answers.count("conditional")) == (1_000, 2_000)
