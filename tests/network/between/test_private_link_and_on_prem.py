"""PrivateLink and networks on premises, each with its twin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.derivation.between import between_part
from graph.network.between.ends import end_of
from graph.network.between.on_prem import on_prem_to_interface
from graph.network.between.private_link import end_through_links
from graph.network.world import NetworkWorld
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, arn
from network.between.lab import A, B, JoinedLab, route, side
from network.test_load_balancers import NLB, balancer, forward, listener, target, target_group
from snapshot_files import ACCOUNT, REGION

ENDPOINT = arn("vpc-endpoint", "vpce-1")
SERVICE = "com.amazonaws.vpce.eu-west-1.vpce-svc-1"


def linked() -> JoinedLab:
    """A consumer's endpoint in one VPC, and the service's load balancer and target in another."""
    lab = JoinedLab()
    side(lab, "a", 1, [])
    side(lab, "b", 2, [])
    lab.group("sg-e", [allow("tcp/443", "10.1.0.0/16")], "vpc-a")
    lab.eni(
        "eni-e",
        "subnet-a",
        ("sg-e",),
        private="10.1.1.50",
        vpc="vpc-a",
        InterfaceType="vpc_endpoint",
    )
    endpoint = {
        "VpcEndpointId": "vpce-1",
        "VpcEndpointType": "Interface",
        "VpcId": "vpc-a",
        "ServiceName": SERVICE,
        "State": "available",
        "NetworkInterfaceIds": ["eni-e"],
    }
    lab.add("ec2:vpc-endpoint", "vpce-1", ENDPOINT, endpoint)
    service = {
        "ServiceId": "vpce-svc-1",
        "ServiceName": SERVICE,
        "AcceptanceRequired": True,
        "NetworkLoadBalancerArns": [NLB],
    }
    lab.add(
        "ec2:vpc-endpoint-service", "vpce-svc-1", arn("vpc-endpoint-service", "vpce-svc-1"), service
    )
    connection = {
        "ServiceId": "vpce-svc-1",
        "VpcEndpointId": "vpce-1",
        "VpcEndpointState": "available",
    }
    lab.add("ec2:vpc-endpoint-connection", "con-1", "vpce-svc-1/vpce-1", connection)
    group = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/web/1"
    balancer(
        lab,
        NLB,
        [listener(1, 443, "TCP", [forward(group)])],
        subnets=("subnet-b",),
        VpcId="vpc-b",
        Scheme="internal",
    )
    target_group(lab, group, [target("i-b", 22)], protocol="TCP", port=22)
    lab.item("eni-b")["Attachment"] = {"InstanceId": "i-b"}
    lab.instance("i-b", ("eni-b",))
    return lab


def through(world: NetworkWorld) -> list[Any]:
    source, goal = end_of(world, A), end_of(world, arn("instance", "i-b"))
    assert source is not None
    assert goal is not None
    return end_through_links(world, source, goal)


def closed(lab: Lab) -> None:
    lab.item("sg-e")["IpPermissions"] = []


def target_closed(lab: Lab) -> None:
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "10.1.0.0/16")]


def rejected(lab: Lab) -> None:
    lab.item("vpce-1")["State"] = "rejected"


def not_accepted(lab: Lab) -> None:
    lab.remove("con-1")


def waiting(lab: Lab) -> None:
    lab.item("vpce-1")["State"] = "pendingAcceptance"
    lab.remove("con-1")


LINKS: list[tuple[Callable[[Lab], None], str]] = [
    (lambda lab: None, "yes"),
    (closed, "no"),
    (target_closed, "no"),
    (rejected, "no"),
    (not_accepted, "no"),
    (waiting, "conditional"),
]


@pytest.mark.parametrize(("change", "verdict"), LINKS)
def test_private_link(tmp_path: Path, change: Callable[[Lab], None], verdict: str) -> None:
    lab = linked()
    change(lab)
    found = through(lab.build(tmp_path))
    assert [str(one.verdict) for one in found] == ([] if verdict == "no" else [verdict])
    for one in found:
        assert (one.mechanism, one.ports) == ("private-link/ipv4", ("tcp/22",))
        assert one.via == (ENDPOINT, NLB)


def test_the_graph_leads_from_the_endpoint_to_the_target(tmp_path: Path) -> None:
    def steps(lab: Lab, folder: str) -> set[tuple[str, str]]:
        _, found = between_part(lab.build(tmp_path / folder))
        return {(one.start, one.end) for one in found if one.props.get("source") == ENDPOINT}

    lab = linked()
    assert steps(lab, "open") == {(ENDPOINT, NLB), (NLB, arn("instance", "i-b"))}
    rejected(lab)
    assert steps(lab, "closed") == set()


def premises() -> JoinedLab:
    lab = JoinedLab()
    side(lab, "b", 2, [route("192.168.0.0/16", "vgw-1")])
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "192.168.0.0/16")]
    item = {"VpnGatewayId": "vgw-1", "VpcAttachments": [{"VpcId": "vpc-b", "State": "attached"}]}
    lab.add("ec2:vpn-gateway", "vgw-1", arn("vpn-gateway", "vgw-1"), item)
    return lab


def no_route(lab: Lab) -> None:
    lab.item("rtb-b")["Routes"].pop()


def other_range(lab: Lab) -> None:
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "172.16.0.0/12")]


def detached(lab: Lab) -> None:
    lab.item("vgw-1")["VpcAttachments"] = []


@pytest.mark.parametrize("change", [no_route, other_range, detached])
def test_on_premises(tmp_path: Path, change: Callable[[Lab], None]) -> None:
    lab = premises()
    world = lab.build(tmp_path / "open")
    (found,) = on_prem_to_interface(world, world.interfaces[B])
    assert (found.source, found.verdict, found.ports) == (
        "on-prem:vgw-1",
        Verdict.YES,
        ("tcp/22",),
    )
    (edge,) = [one for one in between_part(world)[1] if one.start == "on-prem:vgw-1"]
    assert edge.props["ports"] == ["tcp/22"]
    change(lab)
    world = lab.build(tmp_path / "closed")
    assert on_prem_to_interface(world, world.interfaces[B]) == []
    assert not [one for one in between_part(world)[1] if one.start == "on-prem:vgw-1"]
