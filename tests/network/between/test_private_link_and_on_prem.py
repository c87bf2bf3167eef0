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
from network.between.lab import OTHER, A, B, JoinedLab, route, side
from network.test_load_balancers import NLB, balancer, forward, listener, target, target_group
from snapshot_files import ACCOUNT, REGION, Denied

ENDPOINT = arn("vpc-endpoint", "vpce-1")
SERVICE = "com.amazonaws.vpce.eu-west-1.vpce-svc-1"


CONNECTED: tuple[str, str, str, dict[str, str]] = (
    "ec2:vpc-endpoint-connection",
    "con-1",
    "vpce-svc-1/vpce-1",
    {"ServiceId": "vpce-svc-1", "VpcEndpointId": "vpce-1", "VpcEndpointState": "available"},
)


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
    lab.add(*CONNECTED)
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


def guarded(lab: Lab, source: str, **more: Any) -> None:
    lab.group("sg-lb", [allow("tcp/443", source)], "vpc-b")
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "10.2.0.0/16")]
    lab.item(NLB).update({"SecurityGroups": ["sg-lb"], **more})


ASKED = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"

LINKS: list[tuple[Callable[[Lab], None], str]] = [
    (lambda lab: None, "yes"),
    (closed, "no"),
    (target_closed, "no"),
    (rejected, "no"),
    (not_accepted, "no"),
    (waiting, "conditional"),
    # The load balancer's groups see the consumer, not the endpoint.
    (lambda lab: guarded(lab, "10.1.1.10/32"), "yes"),
    (lambda lab: guarded(lab, "10.1.1.50/32"), "no"),
    (lambda lab: guarded(lab, "10.1.1.50/32", **{ASKED: "on"}), "no"),
    (lambda lab: guarded(lab, "10.1.1.50/32", **{ASKED: "off"}), "yes"),
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


@pytest.mark.parametrize(
    ("rule", "asked", "verdict"),
    [
        (("tcp/443", "0.0.0.0/0"), "on", "yes"),
        (("tcp/443", "10.1.1.10/32"), "on", "conditional"),
        (("tcp/80", "0.0.0.0/0"), "on", None),
        (("tcp/80", "0.0.0.0/0"), "off", "yes"),
    ],
)
def test_the_graph_asks_the_load_balancers_groups_about_any_consumer(
    tmp_path: Path, rule: tuple[str, str], asked: str, verdict: str | None
) -> None:
    lab = linked()
    lab.group("sg-lb", [allow(*rule)], "vpc-b")
    lab.item(NLB).update({"SecurityGroups": ["sg-lb"], ASKED: asked})
    _, found = between_part(lab.build(tmp_path))
    edges = {(one.start, one.end): one.props["verdict"] for one in found}
    assert edges.get((ENDPOINT, NLB)) == verdict


@pytest.mark.parametrize(("kind", "verdict"), [("ipv4", None), ("dualstack", "yes")])
def test_a_consumer_may_come_by_ipv6(tmp_path: Path, kind: str, verdict: str | None) -> None:
    lab = linked()
    lab.group("sg-lb", [allow("tcp/443", "::/0")], "vpc-b")
    lab.item(NLB).update({"SecurityGroups": ["sg-lb"], "IpAddressType": kind})
    _, found = between_part(lab.build(tmp_path))
    edges = {(one.start, one.end): one.props["verdict"] for one in found}
    assert edges.get((ENDPOINT, NLB)) == verdict


def premises() -> JoinedLab:
    lab = JoinedLab()
    side(lab, "b", 2, [route("192.168.0.0/16", "vgw-1")])
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "192.168.0.0/16")]
    item = {"VpnGatewayId": "vgw-1", "VpcAttachments": [{"VpcId": "vpc-b", "State": "attached"}]}
    lab.add("ec2:vpn-gateway", "vgw-1", arn("vpn-gateway", "vgw-1"), item)
    vpn(lab, "vpn-1", "vgw-1")
    return lab


def vpn(lab: Lab, name: str, gateway: str, state: str = "available") -> None:
    item = {"VpnConnectionId": name, "VpnGatewayId": gateway, "State": state}
    lab.add("ec2:vpn", name, arn("vpn-connection", name), item)


def no_route(lab: Lab) -> None:
    lab.item("rtb-b")["Routes"].pop()


def other_range(lab: Lab) -> None:
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "172.16.0.0/12")]


def detached(lab: Lab) -> None:
    lab.item("vgw-1")["VpcAttachments"] = []


STRANGER = ENDPOINT.replace(ACCOUNT, OTHER)
PERMISSIONS = "describe_vpc_endpoint_service_permissions"
GAP = f"not_collected:ec2.{PERMISSIONS}(vpce-svc-1)@{ACCOUNT}/{REGION}"


def asked(state: str, principals: Any, *, accepts: bool = False) -> Lab:
    """An endpoint of another account that asks for a connection."""
    lab = linked()
    item = lab.item("vpce-1") | {"State": state, "OwnerId": OTHER}
    lab.remove("vpce-1")
    lab.add("ec2:vpc-endpoint", "vpce-1", STRANGER, item)
    service = lab.item("vpce-svc-1") | {"AcceptanceRequired": not accepts}
    lab.remove("vpce-svc-1")
    lab.remove("con-1")
    told = principals if isinstance(principals, type) else [{"Principal": p} for p in principals]
    name = arn("vpc-endpoint-service", "vpce-svc-1")
    lab.add("ec2:vpc-endpoint-service", "vpce-svc-1", name, service, **{PERMISSIONS: told})
    return lab


@pytest.mark.parametrize(
    ("principals", "accepts", "verdict", "terms"),
    [
        (["*"], False, "conditional", (f"approval:{arn('vpc-endpoint-service', 'vpce-svc-1')}",)),
        (["*"], True, "dormant", ()),
        ([f"arn:aws:iam::{OTHER}:root"], True, "dormant", ()),
        ([f"arn:aws:iam::{OTHER}:role/net"], True, "dormant", ()),
        ([f"arn:aws:iam::{ACCOUNT}:root"], True, "no", ()),
        ([], True, "no", ()),
        (Denied, True, "unknown", (GAP,)),
    ],
)
def test_a_connection_that_is_asked_for_needs_a_permission(
    tmp_path: Path, principals: Any, accepts: bool, verdict: str, terms: tuple[str, ...]
) -> None:
    lab = asked("pendingAcceptance", principals, accepts=accepts)
    found = through(lab.build(tmp_path))
    assert [str(one.verdict) for one in found] == ([] if verdict == "no" else [verdict])
    for one in found:
        assert one.answer.conditions == terms


def test_a_permission_that_was_taken_away_does_not_end_a_connection(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html."""
    lab = asked("available", [])
    lab.add(*CONNECTED)
    (found,) = through(lab.build(tmp_path))
    assert found.verdict is Verdict.YES


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
