"""Targets behind a VPN or Direct Connect, each lock with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.derivation.network import network_part
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, arn
from network.between.lab import (
    JoinedLab,
    attachment,
    gateway,
    route,
    transit_route,
    transit_table,
)
from network.test_load_balancers import (
    ALB,
    failing,
    one,
)
from network.test_targets_elsewhere import (
    BACK,
    SITE,
    VPC,
    Change,
    Judge,
    closed,
    judge,
    no_route,
    sending,
)
from network.test_targets_see_clients import with_nlb

__all__ = ["judge"]


def on_site() -> JoinedLab:
    lab = sending("192.168.0.0/16", "vgw-1", SITE)
    item = {"VpnGatewayId": "vgw-1", "VpcAttachments": [{"VpcId": "vpc-1", "State": "attached"}]}
    lab.add("ec2:vpn-gateway", "vgw-1", arn("vpn-gateway", "vgw-1"), item)
    return lab


PREMISES = "on-prem:vgw-1"


def test_a_target_on_premises_is_reached_if_the_network_there_lets_it(judge: Judge) -> None:
    lab = on_site()
    found = one(judge(lab), PREMISES, "alb/ipv4")
    assert (found.verdict, found.ports, found.via) == (
        Verdict.CONDITIONAL,
        ("tcp/8080",),
        (ALB,),
    )
    assert found.answer.conditions == ("context:on-premises-network",)
    assert any(SITE in text for text in found.answer.evidence)


def test_in_the_graph_it_is_the_network_on_premises(tmp_path: Path) -> None:
    def behind(lab: JoinedLab, folder: str) -> list[tuple[str, object]]:
        part = network_part(lab.build(tmp_path / folder))
        return [
            (one.end, one.props["verdict"])
            for one in part.relationships
            if (one.type, one.start) == ("TARGETS", ALB) and one.props["source"] == "internet"
        ]

    lab = on_site()
    assert behind(lab, "led") == [(PREMISES, "conditional")]
    no_route(lab)
    assert behind(lab, "not led") == []


def detached(lab: Lab) -> None:
    lab.item("vgw-1")["VpcAttachments"] = []


def only_to_the_vpc(lab: Lab) -> None:
    lab.item("sg-lb")["IpPermissionsEgress"] = [allow("tcp/8080", "10.0.0.0/16")]


def dropped_at_the_gateway(lab: Lab) -> None:
    blackhole = route("10.0.0.0/24", "eni-gone", "blackhole")
    lab.table("rtb-vgw", "vpc-1", [blackhole], gateways=("vgw-1",))


@pytest.mark.parametrize(
    ("change", "where", "lock"),
    [
        (no_route, f"{VPC}:{SITE}", "route"),
        (detached, f"{VPC}:{SITE}", "route"),
        (closed("acl-1", egress=True), PREMISES, "network ACL out"),
        (closed("acl-1", ports=(1024, 65535)), PREMISES, "reply, network ACL in"),
        (only_to_the_vpc, PREMISES, "security group out"),
        (dropped_at_the_gateway, PREMISES, "reply route"),
    ],
)
def test_each_lock_on_the_way_on_premises(
    judge: Judge, change: Change, where: str, lock: str
) -> None:
    lab = on_site()
    change(lab)
    found = one(judge(lab), where, "alb/ipv4")
    assert found.verdict is Verdict.NO
    assert lock in failing(found)


def over_vpn(*routes: Any) -> JoinedLab:
    """On premises behind a VPN of a transit gateway."""
    lab = sending("192.168.0.0/16", "tgw-1", SITE)
    gateway(lab, "tgw-1")
    attachment(lab, "tgw-attach-a", "tgw-1", "vpc-1", ("subnet-a",))
    item = {
        "TransitGatewayAttachmentId": "tgw-attach-v",
        "TransitGatewayId": "tgw-1",
        "ResourceType": "vpn",
        "ResourceId": "vpn-1",
        "State": "available",
    }
    node = arn("transit-gateway-attachment", "tgw-attach-v")
    lab.add("ec2:transit-gateway-attachment", "tgw-attach-v", node, item)
    transit_table(lab, "tgw-rtb-1", "tgw-1", [*routes], ("tgw-attach-a", "tgw-attach-v"))
    return lab


def test_a_target_behind_a_transit_gateways_vpn(judge: Judge) -> None:
    to_site = transit_route("192.168.0.0/16", "tgw-attach-v")
    found = one(judge(over_vpn(BACK, to_site)), "on-prem:vpn-1", "alb/ipv4")
    assert found.verdict is Verdict.CONDITIONAL
    found = one(judge(over_vpn(to_site)), "on-prem:vpn-1", "alb/ipv4")
    assert failing(found) == {"reply route"}
    found = one(judge(over_vpn(BACK)), f"{VPC}:{SITE}", "alb/ipv4")
    assert failing(found) == {"route"}


def test_udp_gets_there_without_a_reply(judge: Judge) -> None:
    """On premises, where it is seen as the load balancer's."""
    lab = with_nlb(on_site(), "UDP")
    dropped_at_the_gateway(lab)
    found = one(judge(lab), PREMISES, "nlb/ipv4")
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:on-premises-network", "ports:one-way"),
    )
    lab = with_nlb(on_site(), "TCP")
    dropped_at_the_gateway(lab)
    assert one(judge(lab), PREMISES, "nlb/ipv4").verdict is Verdict.NO
    lab = with_nlb(on_site(), "TCP_UDP")
    dropped_at_the_gateway(lab)
    found = one(judge(lab), PREMISES, "nlb/ipv4")
    assert (found.verdict, found.ports) == (Verdict.CONDITIONAL, ("udp/8080",))
