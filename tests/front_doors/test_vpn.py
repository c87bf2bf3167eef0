"""Client VPN endpoints and Site-to-Site VPN connections, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab, arn
from snapshot_files import Denied

CLIENT = arn("client-vpn-endpoint", "cvpn-endpoint-1")
SITE = arn("vpn-connection", "vpn-1")


def client(code: str = "available", rules: Any = (), **more: Any) -> Lab:
    lab = Lab()
    item = {
        "ClientVpnEndpointId": "cvpn-endpoint-1",
        "Status": {"Code": code},
        "TransportProtocol": "udp",
        "VpnPort": 443,
        "AuthenticationOptions": [{"Type": "certificate-authentication"}],
        **more,
    }
    calls = {"describe_client_vpn_authorization_rules": list(rules) if rules != Denied else rules}
    lab.add("ec2:client-vpn", "cvpn-endpoint-1", CLIENT, item, **calls)
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict", "ports"),
    [
        (client(), Verdict.YES, ("udp/443",)),
        (client(TransportProtocol="tcp", VpnPort=1194), Verdict.YES, ("tcp/1194",)),
        (client(TransportProtocol=None, VpnPort=None), Verdict.YES, ("udp/443",)),
        (client("pending-associate"), Verdict.DORMANT, ("udp/443",)),
        (client("deleting"), Verdict.DORMANT, ("udp/443",)),
        (client(""), Verdict.UNKNOWN, ("udp/443",)),
    ],
)
def test_a_client_vpn_and_its_twins(
    tmp_path: Path, lab: Lab, verdict: Verdict, ports: tuple[str, ...]
) -> None:
    reach = one(lab, tmp_path, CLIENT, "client-vpn/ipv4")
    assert (reach.verdict, reach.ports) == (verdict, ports)


def test_its_login_is_evidence(tmp_path: Path) -> None:
    reach = one(client(), tmp_path, CLIENT, "client-vpn/ipv4")
    assert any("certificate-authentication" in text for text in reach.answer.evidence)
    assert reach.answer.conditions == ()


@pytest.mark.parametrize(
    ("rules", "told"), [([{"DestinationCidr": "10.0.0.0/16"}], True), ([], False), (Denied, False)]
)
def test_where_a_login_leads_is_evidence(tmp_path: Path, rules: Any, told: bool) -> None:
    reach = one(client(rules=rules), tmp_path, CLIENT, "client-vpn/ipv4")
    assert reach.verdict is Verdict.YES
    assert any("10.0.0.0/16" in text for text in reach.answer.evidence) is told


@pytest.mark.parametrize(
    ("kind", "families"),
    [("ipv4", {"ipv4"}), ("ipv6", {"ipv6"}), ("dual-stack", {"ipv4", "ipv6"})],
)
def test_families(tmp_path: Path, kind: str, families: set[str]) -> None:
    found = judged(client(EndpointIpAddressType=kind), tmp_path)
    assert {str(reach.family) for reach in found} == families


def site(state: str = "available", gateway: dict[str, Any] | None = None, outside: str = "") -> Lab:
    lab = Lab()
    item: dict[str, Any] = {"VpnConnectionId": "vpn-1", "CustomerGatewayId": "cgw-1"}
    item |= {"State": state, "VgwTelemetry": [{"OutsideIpAddress": "198.51.100.9"}]}
    item["Options"] = {"OutsideIpAddressType": outside} if outside else {}
    lab.add("ec2:vpn", "vpn-1", SITE, item)
    peer = {"CustomerGatewayId": "cgw-1", "IpAddress": "203.0.113.9"}
    shown = peer if gateway is None else gateway
    if shown:
        lab.add("ec2:customer-gateway", "cgw-1", arn("customer-gateway", "cgw-1"), shown)
    return lab


CERTIFICATE = {"CustomerGatewayId": "cgw-1", "CertificateArn": "arn:aws:acm:::certificate/c"}


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (site(), Verdict.CONDITIONAL),
        (site(gateway=CERTIFICATE), Verdict.YES),
        (site(gateway={}), Verdict.UNKNOWN),
        (site("deleted"), Verdict.DORMANT),
        (site(""), Verdict.UNKNOWN),
        (site(outside="PrivateIpv4"), Verdict.NO),
        (site("", gateway={}, outside="PrivateIpv4"), Verdict.NO),
    ],
)
def test_a_connection_and_its_twins(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    reach = one(lab, tmp_path, SITE, "site-to-site-vpn/ipv4")
    assert reach.verdict is verdict


def test_the_peer_is_the_condition(tmp_path: Path) -> None:
    reach = one(site(), tmp_path, SITE, "site-to-site-vpn/ipv4")
    assert reach.answer.conditions == ("source:ip=203.0.113.9",)
    assert set(reach.ports) == {"udp/500", "udp/4500", "protocol/50"}
    assert any("198.51.100.9" in text for text in reach.answer.evidence)


def test_tunnels_over_private_addresses_name_the_lock(tmp_path: Path) -> None:
    reach = one(site(outside="PrivateIpv4"), tmp_path, SITE, "site-to-site-vpn/ipv4")
    assert failing(reach) == ["address"]


def test_tunnels_over_ipv6(tmp_path: Path) -> None:
    assert {str(r.family) for r in judged(site(outside="Ipv6"), tmp_path)} == {"ipv6"}
