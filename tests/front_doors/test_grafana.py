"""Managed Grafana workspaces, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Denied

WORKSPACE = f"arn:aws:grafana:{REGION}:{ACCOUNT}:/workspaces/g-1"
ONE_LIST = {"networkAccessControl": {"prefixListIds": ["pl-1"], "vpceIds": []}}
ENDPOINTS = {"networkAccessControl": {"prefixListIds": [], "vpceIds": ["vpce-1"]}}


def workspace(
    status: str = "ACTIVE", providers: tuple[str, ...] = ("SAML",), call: Any = None, **more: Any
) -> Lab:
    lab = Lab()
    told = {"workspace": {"status": status, "authentication": {"providers": [*providers]}} | more}
    item = {"id": "g-1", "status": status}
    lab.add("grafana:workspace", "g-1", WORKSPACE, item, describe_workspace=call or told)
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (workspace(), Verdict.CONDITIONAL),
        (workspace("UPDATING"), Verdict.CONDITIONAL),
        (workspace("CREATION_FAILED"), Verdict.DORMANT),
        (workspace(""), Verdict.UNKNOWN),
        (workspace(call=Denied), Verdict.UNKNOWN),
        (workspace(**ENDPOINTS), Verdict.NO),
        (workspace("", **ENDPOINTS), Verdict.NO),
        (workspace(networkAccessControl={}), Verdict.UNKNOWN),
    ],
)
def test_a_workspace_and_its_twins(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    reach = one(lab, tmp_path, WORKSPACE, "grafana/ipv4")
    assert reach.verdict is verdict
    assert failing(reach) == (["network access"] if verdict is Verdict.NO else [])


@pytest.mark.parametrize(
    ("providers", "term"),
    [
        (("SAML",), "authn:saml"),
        (("AWS_SSO",), "authn:identity-center"),
        (("AWS_SSO", "SAML"), "authn:identity-center-or-saml"),
        ((), "authn:identity-center-or-saml"),
    ],
)
def test_the_sign_in_is_the_condition(
    tmp_path: Path, providers: tuple[str, ...], term: str
) -> None:
    reach = one(workspace(providers=providers), tmp_path, WORKSPACE, "grafana/ipv4")
    assert reach.answer.conditions == (term,)


def test_a_prefix_list_names_who_comes(tmp_path: Path) -> None:
    lab = workspace(**ONE_LIST)
    lab.prefix_list("pl-1", ["203.0.113.0/24"])
    found = {(reach.source, reach.verdict) for reach in judged(lab, tmp_path)}
    assert found == {("cidr:203.0.113.0/24", Verdict.CONDITIONAL)}


def test_a_prefix_list_of_everything_is_the_internet(tmp_path: Path) -> None:
    lab = workspace(**ONE_LIST)
    lab.prefix_list("pl-1", ["0.0.0.0/0"])
    assert one(lab, tmp_path, WORKSPACE, "grafana/ipv4").verdict is Verdict.CONDITIONAL


@pytest.mark.parametrize("entries", [None, Denied])
def test_a_prefix_list_that_was_not_read_is_unknown(tmp_path: Path, entries: Any) -> None:
    lab = workspace(**ONE_LIST)
    if entries is not None:
        lab.prefix_list("pl-1", entries)
    assert one(lab, tmp_path, WORKSPACE, "grafana/ipv4").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "families"),
    [("DualStack", {"ipv4", "ipv6"}), ("IPv4", {"ipv4"}), (None, {"ipv4"})],
)
def test_its_address_type_says_the_families(
    tmp_path: Path, kind: str | None, families: set[str]
) -> None:
    found = judged(workspace(ipAddressType=kind), tmp_path)
    assert {str(reach.family) for reach in found} == families
