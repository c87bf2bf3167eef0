"""Resource shares of RAM: who receives what, and what it means."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from graph.iam import catalogue
from graph.iam.from_snapshot import from_snapshot
from graph.iam.ram_permissions import meaning_of
from graph.judgement import Judgement
from graph.sharing.levels import strongest_level
from graph.sharing.ram import ram_judgements
from snapshot_files import ACCOUNT, REGION, Denied, line, write_snapshot

PARTNER = "999988887777"
SHARE = f"arn:aws:ram:{REGION}:{ACCOUNT}:resource-share/rs-1"
SUBNET = f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/subnet-1"
ORGANISATION = f"arn:aws:organizations::{ACCOUNT}:organization/o-abc"
ROLE = f"arn:aws:iam::{PARTNER}:role/app"


def associated(entity: str, status: str = "ASSOCIATED", **more: Any) -> dict[str, Any]:
    return {"associatedEntity": entity, "status": status, "external": True} | more


def judge(
    folder: Path,
    principals: Any,
    held: Any = (SUBNET,),
    invitation: str | tuple[str, ...] = "",
    permission: str = "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionSubnet",
    **item: Any,
) -> list[Judgement]:
    share = {"name": "net", "owningAccountId": ACCOUNT, "status": "ACTIVE"} | item
    rows = Denied if held is Denied else [associated(arn) for arn in held]
    calls = {
        "get_resource_share_associations(associationType=PRINCIPAL)": principals,
        "get_resource_share_associations(associationType=RESOURCE)": rows,
        "list_resource_share_permissions": [{"arn": permission}],
    }
    lines = {(ACCOUNT, REGION, "ram:share"): [line(SHARE, share, **calls)]}
    states = (invitation,) if isinstance(invitation, str) else invitation
    asked = {"resourceShareArn": SHARE, "receiverAccountId": PARTNER}
    lines[ACCOUNT, REGION, "ram:invitation"] = [
        line(f"{SHARE}/invitation/{number}", asked | {"status": state})
        for number, state in enumerate(filter(None, states))
    ]
    snapshot = write_snapshot(folder, lines)
    return list(ram_judgements(snapshot, from_snapshot(snapshot)))


def verdicts(found: list[Judgement]) -> dict[tuple[str, str], str]:
    return {(one.source, one.target): str(one.answer.verdict) for one in found}


@pytest.mark.parametrize(
    ("entity", "source"),
    [
        (PARTNER, f"account:{PARTNER}"),
        (ORGANISATION, "org:o-abc"),
        (
            f"arn:aws:organizations::{ACCOUNT}:ou/o-abc/ou-1",
            f"arn:aws:organizations::{ACCOUNT}:ou/o-abc/ou-1",
        ),
        (ROLE, ROLE),
        ("vpc-lattice.amazonaws.com", "service:vpc-lattice.amazonaws.com"),
    ],
)
def test_every_kind_of_receiver(tmp_path: Path, entity: str, source: str) -> None:
    assert verdicts(judge(tmp_path, [associated(entity)])) == {(source, SUBNET): "yes"}


def test_the_account_itself_receives_nothing(tmp_path: Path) -> None:
    assert judge(tmp_path, [associated(ACCOUNT)]) == []


def test_a_share_with_nobody(tmp_path: Path) -> None:
    assert judge(tmp_path, []) == []


def test_a_share_of_somebody_else_is_theirs_to_judge(tmp_path: Path) -> None:
    assert judge(tmp_path, [associated(ACCOUNT)], owningAccountId=PARTNER) == []


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("ASSOCIATED", "yes"),
        ("ASSOCIATING", "conditional"),
        ("FAILED", "no"),
        ("DISASSOCIATED", "no"),
    ],
)
def test_an_association_has_a_state(tmp_path: Path, status: str, verdict: str) -> None:
    found = verdicts(judge(tmp_path, [associated(PARTNER, status)]))
    assert found == {(f"account:{PARTNER}", SUBNET): verdict}


@pytest.mark.parametrize(
    ("invitation", "verdict"),
    [("ACCEPTED", "yes"), ("PENDING", "conditional"), ("REJECTED", "no"), ("EXPIRED", "no")],
)
def test_an_invitation_has_to_be_accepted(tmp_path: Path, invitation: str, verdict: str) -> None:
    found = verdicts(judge(tmp_path, [associated(PARTNER)], invitation=invitation))
    assert found == {(f"account:{PARTNER}", SUBNET): verdict}


@pytest.mark.parametrize(
    ("invitations", "verdict"),
    [
        (("EXPIRED", "ACCEPTED"), "yes"),
        (("ACCEPTED", "REJECTED"), "yes"),
        (("ACCEPTED", "PENDING"), "yes"),
        (("PENDING", "EXPIRED"), "conditional"),
        (("EXPIRED", "REJECTED"), "no"),
    ],
)
def test_an_old_invitation_does_not_undo_what_was_accepted(
    tmp_path: Path, invitations: tuple[str, ...], verdict: str
) -> None:
    for number, states in enumerate((invitations, invitations[::-1])):
        found = verdicts(judge(tmp_path / str(number), [associated(PARTNER)], invitation=states))
        assert found == {(f"account:{PARTNER}", SUBNET): verdict}


def test_a_share_that_is_not_active_sleeps(tmp_path: Path) -> None:
    found = verdicts(judge(tmp_path, [associated(PARTNER)], status="PENDING"))
    assert found == {(f"account:{PARTNER}", SUBNET): "dormant"}


def test_what_was_not_read_is_unknown(tmp_path: Path) -> None:
    assert verdicts(judge(tmp_path / "1", Denied)) == {("any-aws-account", SUBNET): "unknown"}
    found = verdicts(judge(tmp_path / "2", [associated(PARTNER)], held=Denied))
    assert found == {(f"account:{PARTNER}", SHARE): "unknown"}
    both = verdicts(judge(tmp_path / "3", Denied, held=Denied))
    assert both == {("any-aws-account", SHARE): "unknown"}


@pytest.mark.parametrize("number", ["123", "000000000000"])
def test_an_account_that_cannot_be(tmp_path: Path, number: str) -> None:
    (one,) = judge(tmp_path, [associated(number)])
    assert (one.source, one.answer.verdict) == (f"account:{number}", "no")
    assert number in one.answer.why


def test_who_the_receiver_is_and_what_it_can_do(tmp_path: Path) -> None:
    (one,) = judge(tmp_path, [associated(PARTNER)])
    assert "outside the organisation" in one.answer.why
    assert "network interfaces" in one.answer.why
    assert strongest_level(one.actions) == "write"
    assert any(text.startswith("account unknown: ") for text in one.answer.guards)


def test_a_receiver_of_the_organisation_is_not_called_an_outsider(tmp_path: Path) -> None:
    (one,) = judge(tmp_path, [associated(PARTNER, external=False)])
    assert "outside" not in one.answer.why


def test_a_receiver_from_before_the_share_was_closed(tmp_path: Path) -> None:
    (one,) = judge(tmp_path / "1", [associated(PARTNER)], allowExternalPrincipals=False)
    assert one.answer.verdict == "yes"
    assert any("came before" in text for text in one.answer.evidence)
    (other,) = judge(tmp_path / "2", [associated(PARTNER)], allowExternalPrincipals=True)
    assert not any("came before" in text for text in other.answer.evidence)


def test_a_permission_of_the_owners_is_told(tmp_path: Path) -> None:
    mine = f"arn:aws:ram:{REGION}:{ACCOUNT}:permission/mine"
    (one,) = judge(tmp_path, [associated(PARTNER)], permission=mine)
    assert any("actions were not read" in text for text in one.answer.evidence)


@pytest.mark.parametrize(
    ("rest", "level"),
    [
        ("ec2:{}:transit-gateway/tgw-1", "write"),
        ("ec2:{}:prefix-list/pl-1", "read"),
        ("route53resolver:{}:resolver-rule/rslvr-rr-1", "write"),
        ("rds:{}:cluster:orders", "read"),
        ("glue:{}:table/db/t", "read"),
        ("license-manager:{}:license-configuration:lic-1", "read"),
        ("imagebuilder:{}:component/c/1.0.0/1", "read"),
        ("acm-pca:{}:certificate-authority/1", "write"),
        ("ssm:{}:parameter/p", "read"),
        ("vpc-lattice:{}:servicenetwork/sn-1", "write"),
        ("networkmanager:{}:core-network/cn-1", "write"),
    ],
)
def test_what_a_share_means_by_type(rest: str, level: str) -> None:
    meaning = meaning_of("arn:aws:" + rest.format(f"{REGION}:{ACCOUNT}"))
    assert meaning is not None
    assert strongest_level(meaning.actions) == level


def test_a_type_that_is_not_in_the_data_is_shared_all_the_same(tmp_path: Path) -> None:
    thing = f"arn:aws:newservice:{REGION}:{ACCOUNT}:thing/1"
    (one,) = judge(tmp_path, [associated(PARTNER)], held=(thing,))
    assert (one.answer.verdict, one.actions) == ("yes", ("newservice:*",))


def test_every_meaning_names_actions_that_exist() -> None:
    text = resources.files("graph.iam").joinpath("ram_meanings.json").read_text("utf-8")
    for row in json.loads(text)["meanings"]:
        for action in row["actions"]:
            assert catalogue.bits(action), action


@pytest.mark.parametrize(
    ("services", "verdict"),
    [(["ram.amazonaws.com"], "yes"), (["sso.amazonaws.com"], "conditional"), (None, "yes")],
)
def test_a_share_with_an_organisation_that_does_not_share(
    tmp_path: Path, services: list[str] | None, verdict: str
) -> None:
    """https://docs.aws.amazon.com/ram/latest/APIReference/API_EnableSharingWithAwsOrganization.html."""
    calls: dict[str, Any] = {
        "get_resource_share_associations(associationType=PRINCIPAL)": [associated(ORGANISATION)],
        "get_resource_share_associations(associationType=RESOURCE)": [associated(SUBNET)],
    }
    lines = {(ACCOUNT, REGION, "ram:share"): [line(SHARE, {"owningAccountId": ACCOUNT}, **calls)]}
    if services is not None:
        root = f"arn:aws:organizations::{ACCOUNT}:root/o-abc/r-1"
        named = [{"ServicePrincipal": name} for name in services]
        lines[ACCOUNT, "global", "org:root"] = [
            line(root, {}, list_aws_service_access_for_organization=named)
        ]
    snapshot = write_snapshot(tmp_path, lines)
    (one,) = ram_judgements(snapshot, from_snapshot(snapshot))
    assert (one.source, str(one.answer.verdict)) == ("org:o-abc", verdict)
