"""Verified Access and EC2 Instance Connect Endpoint, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, arn, exposed
from snapshot_files import Denied

ENDPOINT = arn("verified-access-endpoint", "vae-1")
GROUP = arn("verified-access-group", "vagr-1")
CONNECT = arn("instance-connect-endpoint", "eice-1")
PERMIT = {"PolicyEnabled": True, "PolicyDocument": "permit(principal, action, resource);"}
NONE: dict[str, Any] = {"PolicyEnabled": False}
APP = {"NetworkInterfaceId": "eni-web", "Protocol": "https", "Port": 8443}


def endpoint(
    own: Any = PERMIT, group: Any = PERMIT, code: str = "active", options: Any = None
) -> Lab:
    lab = exposed([])
    item = {
        "VerifiedAccessEndpointId": "vae-1",
        "VerifiedAccessGroupId": "vagr-1",
        "Status": {"Code": code},
        "NetworkInterfaceOptions": APP if options is None else options,
    }
    calls = {"get_verified_access_endpoint_policy": own}
    lab.add("ec2:verified-access", "vae-1", ENDPOINT, item, **calls)
    lab.add(
        "ec2:verified-access-group",
        "vagr-1",
        GROUP,
        {"VerifiedAccessGroupId": "vagr-1"},
        get_verified_access_group_policy=group,
    )
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (endpoint(), Verdict.CONDITIONAL),
        (endpoint(own=NONE), Verdict.CONDITIONAL),
        (endpoint(own=Denied), Verdict.CONDITIONAL),
        (endpoint(own=NONE, group=Denied), Verdict.UNKNOWN),
        (endpoint(own=Denied, group=NONE), Verdict.UNKNOWN),
        (endpoint(own=NONE, group=NONE), Verdict.NO),
        (endpoint(code="deleting"), Verdict.DORMANT),
        (endpoint(code=""), Verdict.UNKNOWN),
        (endpoint(own=NONE, group=NONE, code=""), Verdict.NO),
    ],
)
def test_an_endpoint_and_its_twins(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    door = one(lab, tmp_path / "a", ENDPOINT, "verified-access/ipv4")
    behind = one(lab, tmp_path / "b", INSTANCE, "verified-access/ipv4")
    assert (door.verdict, behind.verdict) == (verdict, verdict)
    assert behind.via == (ENDPOINT,)
    assert failing(door) == (["policy"] if verdict is Verdict.NO else [])


def test_the_trust_provider_is_the_condition(tmp_path: Path) -> None:
    reach = one(endpoint(), tmp_path, ENDPOINT, "verified-access/ipv4")
    assert reach.answer.conditions == ("authn:verified-access",)


@pytest.mark.parametrize(
    ("options", "ports", "verdict"),
    [
        (APP, ("tcp/443",), Verdict.CONDITIONAL),
        (APP | {"Protocol": "tcp", "Port": 5432}, ("tcp/5432",), Verdict.CONDITIONAL),
        (
            {"Protocol": "tcp", "PortRanges": [{"FromPort": 22, "ToPort": 23}]},
            ("tcp/22-23",),
            Verdict.CONDITIONAL,
        ),
        ({"Protocol": "tcp"}, ("tcp/0-65535",), Verdict.UNKNOWN),
        ({}, ("tcp/0-65535",), Verdict.UNKNOWN),
    ],
)
def test_its_ports(
    tmp_path: Path, options: dict[str, Any], ports: tuple[str, ...], verdict: Verdict
) -> None:
    reach = one(endpoint(options=options), tmp_path, ENDPOINT, "verified-access/ipv4")
    assert (reach.ports, reach.verdict) == (ports, verdict)


def connect(state: str) -> Lab:
    lab = Lab()
    item = {"InstanceConnectEndpointId": "eice-1", "State": state}
    lab.add("ec2:instance-connect-endpoint", "eice-1", CONNECT, item)
    return lab


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("create-complete", Verdict.CONDITIONAL),
        ("update-in-progress", Verdict.CONDITIONAL),
        ("create-failed", Verdict.DORMANT),
        ("", Verdict.UNKNOWN),
    ],
)
def test_instance_connect_asks_for_a_signature(
    tmp_path: Path, state: str, verdict: Verdict
) -> None:
    reach = one(connect(state), tmp_path, CONNECT, "instance-connect/ipv4")
    assert reach.verdict is verdict
    assert "authn:sigv4" in reach.answer.conditions


@pytest.mark.parametrize(
    ("names", "families"),
    [
        ({"Ipv4": {"DnsName": "a"}, "Dualstack": {"DnsName": "b"}}, {"ipv4", "ipv6"}),
        ({"Ipv4": {"DnsName": "a"}}, {"ipv4"}),
    ],
)
def test_a_dualstack_name_of_instance_connect_is_reached_by_ipv6(
    tmp_path: Path, names: dict[str, Any], families: set[str]
) -> None:
    lab = connect("create-complete")
    lab.item("eice-1")["PublicDnsNames"] = names
    found = [reach for reach in judged(lab, tmp_path) if reach.target == CONNECT]
    assert {str(reach.family) for reach in found} == families
