"""GameLift fleets, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Denied

FLEET = f"arn:aws:gamelift:{REGION}:{ACCOUNT}:fleet/fleet-1"


def permission(
    first: Any = 7777, last: Any = 7780, cidr: Any = "0.0.0.0/0", protocol: str = "UDP"
) -> dict[str, Any]:
    return {"FromPort": first, "ToPort": last, "IpRange": cidr, "Protocol": protocol}


def fleet(
    *permissions: dict[str, Any], status: str = "ACTIVE", call: Any = None, **more: Any
) -> Lab:
    lab = Lab()
    item = {"FleetArn": FLEET, "FleetId": "fleet-1", "Status": status, "ComputeType": "EC2"}
    told = {"FleetId": "fleet-1", "InboundPermissions": list(permissions)}
    calls = {"describe_fleet_port_settings": call or told}
    lab.add("gamelift:fleet", "fleet-1", FLEET, item | more, **calls)
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict", "locks"),
    [
        (fleet(permission()), Verdict.YES, []),
        (fleet(), Verdict.NO, ["inbound permissions"]),
        (fleet(permission(), status="ERROR"), Verdict.DORMANT, []),
        (fleet(permission(), status=""), Verdict.UNKNOWN, []),
        (fleet(call=Denied), Verdict.UNKNOWN, []),
        (fleet(permission(cidr=None)), Verdict.UNKNOWN, []),
        (fleet(permission(first=None)), Verdict.UNKNOWN, []),
        (fleet(permission(), ComputeType="ANYWHERE"), Verdict.NO, ["compute"]),
        (fleet(status="ERROR"), Verdict.NO, ["inbound permissions"]),
    ],
)
def test_a_fleet_and_its_twins(
    tmp_path: Path, lab: Lab, verdict: Verdict, locks: list[str]
) -> None:
    reach = one(lab, tmp_path, FLEET, "gamelift/ipv4")
    assert (reach.verdict, failing(reach)) == (verdict, locks)


def test_its_ports_and_sources(tmp_path: Path) -> None:
    rules = (permission(), permission(22, 22, "203.0.113.7/32", "TCP"))
    found = {(reach.source, reach.ports) for reach in judged(fleet(*rules), tmp_path)}
    assert found == {
        ("internet", ("udp/7777-7780",)),
        ("cidr:203.0.113.7/32", ("tcp/22",)),
    }


def test_halves_of_the_internet_meet_where_their_ports_overlap(tmp_path: Path) -> None:
    rules = (permission(cidr="0.0.0.0/1"), permission(7778, 7778, "128.0.0.0/1"))
    found = {(reach.source, reach.ports) for reach in judged(fleet(*rules), tmp_path)}
    assert ("internet", ("udp/7778",)) in found


@pytest.mark.parametrize(
    ("mode", "guards"),
    [("DISABLED", ()), ("ENABLED", ("player gateway",)), ("REQUIRED", ("player gateway",))],
)
def test_a_player_gateway_is_a_guard(tmp_path: Path, mode: str, guards: tuple[str, ...]) -> None:
    reach = one(fleet(permission(), PlayerGatewayMode=mode), tmp_path, FLEET, "gamelift/ipv4")
    assert (reach.verdict, reach.answer.guards) == (Verdict.YES, guards)
