"""WorkSpaces directories and AppStream stacks, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION

ARN = f"arn:aws:workspaces:{REGION}:{ACCOUNT}:"
DIRECTORY, DESKTOP, GROUP = (
    f"{ARN}directory/d-1",
    f"{ARN}workspace/ws-1",
    f"{ARN}workspaceipgroup/wsipg-1",
)
STACK = f"arn:aws:appstream:{REGION}:{ACCOUNT}:stack/cad"
ENDPOINT = [{"AccessEndpointType": "STREAMING_WSP", "VpcEndpointId": "vpce-1"}]


def directory(state: str = "REGISTERED", desktop: str = "AVAILABLE", **more: Any) -> Lab:
    lab = Lab()
    item = {"DirectoryId": "d-1", "State": state, **more}
    lab.add("workspaces:directory", "d-1", DIRECTORY, item)
    ws = {"WorkspaceId": "ws-1", "DirectoryId": "d-1", "State": desktop}
    lab.add("workspaces:workspace", "ws-1", DESKTOP, ws)
    return lab


def access(**more: Any) -> dict[str, Any]:
    return {"WorkspaceAccessProperties": more}


def private(*fallback: str) -> dict[str, Any]:
    config: dict[str, Any] = {"AccessEndpoints": ENDPOINT}
    config |= {"InternetFallbackProtocols": list(fallback)} if fallback else {}
    return access(AccessEndpointConfig=config)


@pytest.mark.parametrize(
    ("lab", "verdict", "locks"),
    [
        (directory(), Verdict.CONDITIONAL, []),
        (directory("DEREGISTERED"), Verdict.DORMANT, []),
        (directory(""), Verdict.UNKNOWN, []),
        (directory(**private()), Verdict.NO, ["access endpoint"]),
        (directory(**private("PCOIP")), Verdict.CONDITIONAL, []),
        (directory(**access(AccessEndpointConfig="x")), Verdict.UNKNOWN, []),
        (directory(**access(DeviceTypeWeb="DENY", DeviceTypeOsx="DENY")), Verdict.NO, ["devices"]),
        (directory(**access(DeviceTypeWeb="DENY", DeviceTypeOsx="ALLOW")), Verdict.CONDITIONAL, []),
        (directory(ipGroupIds="x"), Verdict.UNKNOWN, []),
    ],
)
def test_a_directory_and_its_twins(
    tmp_path: Path, lab: Lab, verdict: Verdict, locks: list[str]
) -> None:
    door = one(lab, tmp_path / "a", DIRECTORY, "workspaces/ipv4")
    behind = one(lab, tmp_path / "b", DESKTOP, "workspaces/ipv4")
    assert (door.verdict, failing(door)) == (verdict, locks)
    assert (behind.verdict, behind.via) == (verdict, (DIRECTORY,))


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("STOPPED", Verdict.CONDITIONAL),
        ("SUSPENDED", Verdict.DORMANT),
        ("", Verdict.UNKNOWN),
    ],
)
def test_a_desktops_state(tmp_path: Path, state: str, verdict: Verdict) -> None:
    lab = directory(desktop=state)
    assert one(lab, tmp_path / "a", DESKTOP, "workspaces/ipv4").verdict is verdict
    assert one(lab, tmp_path / "b", DIRECTORY, "workspaces/ipv4").verdict is Verdict.CONDITIONAL


@pytest.mark.parametrize(
    ("saml", "term"),
    [
        ({}, "authn:directory"),
        ({"SamlProperties": {"Status": "ENABLED"}}, "authn:saml"),
        ({"SamlProperties": {"Status": "DISABLED"}}, "authn:directory"),
    ],
)
def test_the_sign_in_is_the_condition(tmp_path: Path, saml: dict[str, Any], term: str) -> None:
    reach = one(directory(**saml), tmp_path, DIRECTORY, "workspaces/ipv4")
    assert reach.answer.conditions == (term,)


def grouped(*ranges: str) -> Lab:
    lab = directory(ipGroupIds=["wsipg-1"])
    rules = [{"ipRule": one_range} for one_range in ranges]
    lab.add("workspaces:ip-group", "wsipg-1", GROUP, {"groupId": "wsipg-1", "userRules": rules})
    return lab


def test_an_address_group_names_who_comes(tmp_path: Path) -> None:
    found = judged(grouped("203.0.113.0/24", "198.51.100.7"), tmp_path)
    assert {(r.source, r.verdict) for r in found if r.target == DIRECTORY} == {
        ("cidr:203.0.113.0/24", Verdict.CONDITIONAL),
        ("cidr:198.51.100.7/32", Verdict.CONDITIONAL),
    }


def test_an_empty_address_group_lets_nobody_in(tmp_path: Path) -> None:
    reach = one(grouped(), tmp_path, DIRECTORY, "workspaces/ipv4")
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["IP access control group"])


def test_an_address_group_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    lab = directory(ipGroupIds=["wsipg-1"])
    assert one(lab, tmp_path, DIRECTORY, "workspaces/ipv4").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("endpoints", "verdict"),
    [
        (None, Verdict.CONDITIONAL),
        ([], Verdict.CONDITIONAL),
        ([{"EndpointType": "STREAMING", "VpceId": "vpce-1"}], Verdict.NO),
        ("x", Verdict.UNKNOWN),
    ],
)
def test_a_stack_and_its_twins(tmp_path: Path, endpoints: Any, verdict: Verdict) -> None:
    lab = Lab()
    lab.add("appstream:stack", "cad", STACK, {"Name": "cad", "AccessEndpoints": endpoints})
    reach = one(lab, tmp_path, STACK, "appstream/ipv4")
    assert reach.verdict is verdict
    assert ("authn:appstream" in reach.answer.conditions) is (verdict is not Verdict.NO)
