"""Laws of whatever a list of receivers shares: what is taken away grants nobody anything."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam.from_snapshot import from_snapshot
from graph.judgement import Judgement
from graph.sharing import access_judgements
from graph.verdict import Verdict
from snapshot_files import ACCOUNT, REGION, line, write_snapshot

PARTNER, THIRD = "999988887777", "777766665555"
ORGANISATION = f"arn:aws:organizations::{THIRD}:organization/o-abcdefghij"
UNIT = f"arn:aws:organizations::{THIRD}:ou/o-abcdefghij/ou-ab12-11111111"
ROLE = f"arn:aws:iam::{PARTNER}:role/app"
ANYONE = "any-aws-account"
EVERYBODY = "all"
ODD = ("000000000000", "99998888777", "", "no account at all", "arn:", "*:root")
Ranks = dict[tuple[str, str], int]


@dataclass(frozen=True)
class Listed:
    """A type that a list shares.

    Attributes:
        type_id: of the snapshot.
        own: id of the line.
        rows: the line of a list of receivers.
        kinds: what a receiver of the type can be.
    """

    type_id: str
    own: str
    rows: Callable[[list[str]], dict[str, Any]]
    kinds: tuple[str, ...]

    def judged(self, receivers: list[str]) -> list[Judgement]:
        """Every judgement of it."""
        lines = {(ACCOUNT, REGION, self.type_id): [self.rows(receivers)]}
        with tempfile.TemporaryDirectory() as folder:
            snapshot = write_snapshot(Path(folder), lines)
            return list(access_judgements(snapshot, from_snapshot(snapshot)))


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def _permissions(receivers: list[str]) -> list[dict[str, str]]:
    """Rows of EC2: each names a group, an account, an organisation or a unit."""
    found = []
    for one in receivers:
        member = "UserId"
        if one == EVERYBODY:
            member = "Group"
        elif ":organization/" in one:
            member = "OrganizationArn"
        elif ":ou/" in one:
            member = "OrganizationalUnitArn"
        found.append({member: one})
    return found


IMAGE, VOLUME = _arn("ec2", "image/ami-1"), _arn("ec2", "snapshot/snap-1")
DATABASE, CLUSTER = _arn("rds", "snapshot:db-1"), _arn("rds", "cluster-snapshot:db-1")
DOCUMENT, SHARE = _arn("ssm", "document/patch"), _arn("ram", "resource-share/rs-1")
FPGA, WAREHOUSE = f"arn:aws:ec2:{REGION}::fpga-image/afi-1", _arn("redshift", "snapshot:d/s-1")
SERVICE = _arn("ec2", "vpc-endpoint-service/vpce-svc-1")


def _restorable(member: str, receivers: list[str]) -> dict[str, Any]:
    rows = [{"AttributeName": "restore", "AttributeValues": receivers}]
    return {f"{member}AttributesResult": {f"{member}Attributes": rows}}


def _share(receivers: list[str]) -> dict[str, Any]:
    def associated(entity: str) -> dict[str, Any]:
        return {"associatedEntity": entity, "status": "ASSOCIATED", "external": True}

    subnet = _arn("ec2", "subnet/subnet-1")
    calls = {
        "get_resource_share_associations(associationType=PRINCIPAL)": list(
            map(associated, receivers)
        ),
        "get_resource_share_associations(associationType=RESOURCE)": [associated(subnet)],
        "list_resource_share_permissions": [
            {"arn": "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionSubnet"}
        ],
    }
    return line(SHARE, {"name": "net", "owningAccountId": ACCOUNT, "status": "ACTIVE"}, **calls)


_ACCOUNTS = (PARTNER, THIRD, ACCOUNT, *ODD)
LISTS = (
    Listed(
        "ec2:image",
        IMAGE,
        lambda rows: line(
            IMAGE,
            {"OwnerId": ACCOUNT, "State": "available"},
            describe_image_attribute={"LaunchPermissions": _permissions(rows)},
        ),
        (*_ACCOUNTS, EVERYBODY, ORGANISATION, UNIT),
    ),
    Listed(
        "ec2:snapshot",
        VOLUME,
        lambda rows: line(
            VOLUME,
            {"OwnerId": ACCOUNT},
            describe_snapshot_attribute={"CreateVolumePermissions": _permissions(rows)},
        ),
        (*_ACCOUNTS, EVERYBODY),
    ),
    Listed(
        "rds:db-snapshot",
        DATABASE,
        lambda rows: line(
            DATABASE,
            {"SnapshotType": "manual"},
            describe_db_snapshot_attributes=_restorable("DBSnapshot", rows),
        ),
        (*_ACCOUNTS, EVERYBODY),
    ),
    Listed(
        "rds:db-cluster-snapshot",
        CLUSTER,
        lambda rows: line(
            CLUSTER,
            {"SnapshotType": "manual"},
            describe_db_cluster_snapshot_attributes=_restorable("DBClusterSnapshot", rows),
        ),
        (*_ACCOUNTS, EVERYBODY),
    ),
    Listed(
        "ec2:fpga-image",
        FPGA,
        lambda rows: line(
            FPGA,
            {"OwnerId": ACCOUNT},
            describe_fpga_image_attribute={
                "FpgaImageAttribute": {"LoadPermissions": _permissions(rows)}
            },
        ),
        (*_ACCOUNTS, EVERYBODY),
    ),
    Listed(
        "ssm:document",
        DOCUMENT,
        lambda rows: line(DOCUMENT, {}, describe_document_permission=rows),
        (*_ACCOUNTS, EVERYBODY),
    ),
    Listed(
        "redshift:snapshot",
        WAREHOUSE,
        lambda rows: line(
            WAREHOUSE, {"AccountsWithRestoreAccess": [{"AccountId": one} for one in rows]}
        ),
        _ACCOUNTS,
    ),
    Listed("ram:share", SHARE, _share, (*_ACCOUNTS, ORGANISATION, UNIT, ROLE)),
    Listed(
        "ec2:vpc-endpoint-service",
        SERVICE,
        lambda rows: line(
            SERVICE,
            {"AcceptanceRequired": False},
            describe_vpc_endpoint_service_permissions=[{"Principal": one} for one in rows],
        ),
        ("*", f"arn:aws:iam::{PARTNER}:root", ROLE, f"arn:aws:iam::{ACCOUNT}:root", *ODD),
    ),
)
every = pytest.mark.parametrize("listed", LISTS, ids=lambda listed: listed.type_id)
drawn = st.sampled_from(LISTS).flatmap(
    lambda listed: st.tuples(
        st.just(listed), st.lists(st.sampled_from(listed.kinds), max_size=6, unique=True)
    )
)


def ranks(found: list[Judgement]) -> Ranks:
    """The strongest verdict of each source and mechanism; who gets nothing is left out."""
    strongest: Ranks = {}
    for one in found:
        key = (one.source, one.mechanism)
        if one.answer.verdict is not Verdict.NO:
            strongest[key] = max(strongest.get(key, 0), one.answer.verdict.rank)
    return strongest


@settings(max_examples=60)
@given(drawn, st.data())
def test_who_is_taken_off_a_list_gives_nobody_anything(
    given_list: tuple[Listed, list[str]], data: Any
) -> None:
    listed, receivers = given_list
    if not receivers:
        return
    gone = data.draw(st.sampled_from(receivers))
    before = ranks(listed.judged(receivers))
    after = ranks(listed.judged([one for one in receivers if one != gone]))
    assert {key for key, rank in after.items() if rank > before.get(key, 0)} == set()


@settings(max_examples=40)
@given(drawn, st.randoms(use_true_random=False))
def test_the_order_of_a_list_and_saying_twice_change_nothing(
    given_list: tuple[Listed, list[str]], random: Any
) -> None:
    listed, receivers = given_list
    shuffled = [*receivers, *receivers]
    random.shuffle(shuffled)
    assert told(listed.judged(shuffled)) == told(listed.judged(receivers))


def told(found: list[Judgement]) -> set[tuple[Any, ...]]:
    """What is said, in whatever order."""
    return {
        (
            one.source,
            one.target,
            one.mechanism,
            one.actions,
            one.answer.verdict,
            one.answer.conditions,
            one.answer.why,
            one.answer.guards,
        )
        for one in found
    }


@settings(max_examples=40)
@given(drawn, st.sampled_from(list(permutations([ACCOUNT, PARTNER, THIRD]))))
def test_other_account_numbers_give_the_same_shape(
    given_list: tuple[Listed, list[str]], order: tuple[str, ...]
) -> None:
    listed, receivers = given_list
    swap = dict(zip((ACCOUNT, PARTNER, THIRD), order, strict=True))
    row = json.loads(moved(json.dumps(listed.rows(receivers)), swap))
    with tempfile.TemporaryDirectory() as folder:
        lines = {(swap[ACCOUNT], REGION, listed.type_id): [row]}
        snapshot = write_snapshot(Path(folder), lines)
        found = list(access_judgements(snapshot, from_snapshot(snapshot)))
    expected = {
        (moved(one.source, swap), moved(one.target, swap), one.mechanism, one.answer.verdict)
        for one in listed.judged(receivers)
    }
    assert {
        (one.source, one.target, one.mechanism, one.answer.verdict) for one in found
    } == expected


def moved(text: str, swap: dict[str, str]) -> str:
    for number, account in enumerate(swap):
        text = text.replace(account, f"<{number}>")
    for number, account in enumerate(swap.values()):
        text = text.replace(f"<{number}>", account)
    return text


# What makes the laws worth something: who is on a list gets it, and only they.


@every
def test_a_receiver_is_told_and_its_twin_without_it_is_not(listed: Listed) -> None:
    named = f"arn:aws:iam::{PARTNER}:root" if listed.type_id.startswith("ec2:vpc") else PARTNER
    source = f"account:{PARTNER}"
    with_it = {key[0]: rank for key, rank in ranks(listed.judged([named])).items()}
    without = {key[0] for key in ranks(listed.judged([]))}
    assert with_it[source] >= Verdict.CONDITIONAL.rank
    assert source not in without


@every
def test_the_owner_is_no_receiver(listed: Listed) -> None:
    named = f"arn:aws:iam::{ACCOUNT}:root" if listed.type_id.startswith("ec2:vpc") else ACCOUNT
    assert ranks(listed.judged([named])) == {}


@every
@pytest.mark.parametrize("odd", ODD, ids=["zeros", "short", "empty", "words", "arn", "wild"])
def test_a_receiver_of_unknown_form_gets_nothing_for_sure(listed: Listed, odd: str) -> None:
    found = listed.judged([odd])
    assert {one.answer.verdict for one in found} <= {Verdict.NO, Verdict.UNKNOWN}
    assert not odd or any(repr(odd) in one.answer.why for one in found)


@pytest.mark.parametrize(
    "listed", [one for one in LISTS if EVERYBODY in one.kinds], ids=lambda listed: listed.type_id
)
def test_everybody_is_told_whoever_else_is_named(listed: Listed) -> None:
    alone = ranks(listed.judged([EVERYBODY]))
    among = ranks(listed.judged([PARTNER, EVERYBODY, *ODD]))
    ((key, rank),) = alone.items()
    assert key[0] == ANYONE
    assert among[key] == rank


@pytest.mark.parametrize(("consumer", "verdict"), [("ADX", "unknown"), (PARTNER, "yes")])
def test_a_data_share_for_aws_data_exchange_is_no_firm_no(consumer: str, verdict: str) -> None:
    """https://docs.aws.amazon.com/redshift/latest/APIReference/API_AuthorizeDataShare.html"""
    share = _arn("redshift", "datashare:ns/sales")
    rows = [{"ConsumerIdentifier": consumer, "Status": "AUTHORIZED"}]
    shared = Listed(
        "redshift:share", share, lambda _: line(share, {"DataShareAssociations": rows}), ()
    )
    assert [one.answer.verdict for one in shared.judged([]) if consumer in one.source] == [verdict]
