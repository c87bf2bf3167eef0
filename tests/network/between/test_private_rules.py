"""Between two interfaces, rule by rule: regions, other VPCs' gateways, zones, families."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.network.between.on_prem import on_prem_to_interface
from graph.network.between.open_services import open_services
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, arn, open_acl
from network.between.lab import (
    B,
    JoinedLab,
    Judge,
    attachment,
    failing,
    gateway,
    judge,
    local,
    peered,
    peering,
    route,
    side,
    transit,
    transit_route,
    transit_table,
)
from network.between.test_open_services import world as open_world
from network.between.test_peering_and_local import from_group, ingress

__all__ = ["judge"]

FAR = "us-east-1"


def moved(lab: Lab, name: str) -> str:
    """An interface taken to another region; its id there."""
    for key, found in list(lab.lines.items()):
        if name in found and key[1] != FAR:
            line = found.pop(name)
            line["id"] = line["id"].replace(":eu-west-1:", f":{FAR}:")
            lab.lines.setdefault((key[0], FAR, key[2]), {})[name] = line
            return str(line["id"])
    raise KeyError(name)


def test_a_group_is_not_known_over_peering_in_another_region(judge: Judge) -> None:
    lab = peered()
    ingress("sg-b", from_group("sg-a"))(lab)
    assert judge(lab).verdict is Verdict.YES
    far = moved(lab, "eni-b")
    assert failing(judge(lab, target=far)) == ["security group in"]
    ingress("sg-b", allow("tcp/22", "10.1.0.0/16"))(lab)
    assert judge(lab, target=far).verdict is Verdict.YES


def beyond(target: str) -> JoinedLab:
    """What arrives in the second VPC over a transit gateway is sent on to a third by ``target``."""
    lab = transit()
    side(lab, "c", 3, [route("10.1.0.0/16", "tgw-1")])
    lab.subnet("subnet-t", "vpc-b", "10.2.9.0/28")
    lab.acl("acl-t", "vpc-b", open_acl(), ("subnet-t",))
    lab.item("tgw-attach-b")["SubnetIds"] = ["subnet-t"]
    table = [local("10.2.0.0/16"), route("10.3.0.0/16", target)]
    lab.table("rtb-t", "vpc-b", table, subnets=("subnet-t",))
    attachment(lab, "tgw-attach-c", "tgw-1", "vpc-c", ("subnet-c",))
    to_a = transit_route("10.1.0.0/16", "tgw-attach-a")
    by_b = transit_route("10.3.0.0/16", "tgw-attach-b")
    every = ("tgw-attach-a", "tgw-attach-b", "tgw-attach-c")
    transit_table(lab, "tgw-rtb-1", "tgw-1", [to_a, by_b], every)
    return lab


def test_a_peering_carries_nothing_that_comes_from_elsewhere(judge: Judge) -> None:
    """Edge to edge: a VPC's peering is no way for what reaches it by a transit gateway."""
    c = arn("network-interface", "eni-c")
    lab = beyond("pcx-1")
    peering(lab, "pcx-1", "vpc-b", "vpc-c")
    assert failing(judge(lab, target=c))[0] == "route"
    by_c = transit_route("10.3.0.0/16", "tgw-attach-c")
    to_a = transit_route("10.1.0.0/16", "tgw-attach-a")
    every = ("tgw-attach-a", "tgw-attach-b", "tgw-attach-c")
    transit_table(lab, "tgw-rtb-1", "tgw-1", [to_a, by_c], every)
    assert judge(lab, target=c).verdict is Verdict.YES


def dual() -> JoinedLab:
    """Both VPCs with IPv6 over the transit gateway."""
    lab = transit()
    for letter, number in (("a", 1), ("b", 2)):
        block = {
            "Ipv6CidrBlock": f"2600:{number}::/56",
            "Ipv6CidrBlockState": {"State": "associated"},
        }
        lab.item(f"vpc-{letter}")["Ipv6CidrBlockAssociationSet"] = [block]
        lab.item(f"eni-{letter}")["Ipv6Addresses"] = [{"Ipv6Address": f"2600:{number}::10"}]
        ways = [local(f"2600:{number}::/56"), route("2600::/16", "tgw-1")]
        lab.item(f"rtb-{letter}")["Routes"] += ways
        lab.item(f"sg-{letter}")["IpPermissions"].append(allow("tcp/22", "2600::/16"))
        lab.item(f"sg-{letter}")["IpPermissionsEgress"].append(allow("-1", "::/0"))
        lab.item(f"tgw-attach-{letter}")["Options"] = {"Ipv6Support": "enable"}
    to = [transit_route(f"2600:{n}::/56", f"tgw-attach-{x}") for x, n in (("a", 1), ("b", 2))]
    to += [transit_route(f"10.{n}.0.0/16", f"tgw-attach-{x}") for x, n in (("a", 1), ("b", 2))]
    transit_table(lab, "tgw-rtb-1", "tgw-1", to, ("tgw-attach-a", "tgw-attach-b"))
    return lab


@pytest.mark.parametrize("letter", ["a", "b"])
def test_an_attachment_without_ipv6_support_carries_none(judge: Judge, letter: str) -> None:
    lab = dual()
    assert judge(lab, family="ipv6").verdict is Verdict.YES
    lab.item(f"tgw-attach-{letter}")["Options"] = {"Ipv6Support": "disable"}
    assert "route" in failing(judge(lab, family="ipv6"))
    assert judge(lab).verdict is Verdict.YES


def test_a_way_that_only_one_zone_has_is_a_condition(judge: Judge) -> None:
    """From a zone in which the far VPC has no attachment subnet, any of them may be used."""
    lab = transit()
    for name, cidr, zone in (("subnet-y", "10.2.8.0/28", "b"), ("subnet-z", "10.2.9.0/28", "c")):
        lab.subnet(name, "vpc-b", cidr, zone=zone)
        lab.acl(f"acl-{name}", "vpc-b", open_acl(), (name,))
    lab.item("tgw-attach-b")["SubnetIds"] = ["subnet-y", "subnet-z"]
    lab.item("rtb-a")["Routes"][-1] = route("10.0.0.0/8", "tgw-1")
    lab.subnet("subnet-b", "vpc-b", "10.2.1.0/24", zone="b")
    assert judge(lab).verdict is Verdict.YES
    hole = [local("10.2.0.0/16"), route("10.2.1.0/24", "eni-x", "blackhole")]
    lab.table("rtb-z", "vpc-b", hole, subnets=("subnet-z",))
    found = judge(lab)
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:availability-zone",),
    )


def by_vpn(kind: str = "vpn", state: str = "available") -> JoinedLab:
    """A VPC whose transit gateway leads on premises."""
    lab = JoinedLab()
    side(lab, "b", 2, [route("192.168.0.0/16", "tgw-1")])
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "192.168.0.0/16")]
    gateway(lab, "tgw-1")
    attachment(lab, "tgw-attach-b", "tgw-1", "vpc-b", ("subnet-b",))
    outside: dict[str, Any] = {
        "TransitGatewayAttachmentId": "tgw-attach-v",
        "TransitGatewayId": "tgw-1",
        "ResourceType": kind,
        "ResourceId": "far-1",
        "State": state,
    }
    node = arn("transit-gateway-attachment", "tgw-attach-v")
    lab.add("ec2:transit-gateway-attachment", "tgw-attach-v", node, outside)
    ways = [transit_route("192.168.0.0/16", "tgw-attach-v")]
    ways.append(transit_route("10.2.0.0/16", "tgw-attach-b"))
    transit_table(lab, "tgw-rtb-1", "tgw-1", ways, ("tgw-attach-b", "tgw-attach-v"))
    return lab


@pytest.mark.parametrize("kind", ["vpn", "direct-connect-gateway", "connect"])
def test_a_transit_gateway_leads_on_premises(tmp_path: Path, kind: str) -> None:
    world = by_vpn(kind).build(tmp_path / "up")
    (found,) = on_prem_to_interface(world, world.interfaces[B])
    assert (found.source, found.ports) == ("on-prem:far-1", ("tcp/22",))
    world = by_vpn(kind, "deleted").build(tmp_path / "gone")
    assert on_prem_to_interface(world, world.interfaces[B]) == []


def test_a_virtual_private_gateway_serves_its_own_vpc_only(judge: Judge) -> None:
    """Edge to edge: what comes by a transit gateway does not go on premises from there."""
    lab = beyond("vgw-1")
    item = {"VpnGatewayId": "vgw-1", "VpcAttachments": [{"VpcId": "vpc-b", "State": "attached"}]}
    lab.add("ec2:vpn-gateway", "vgw-1", arn("vpn-gateway", "vgw-1"), item)
    c = arn("network-interface", "eni-c")
    (told,) = [s for s in judge(lab, target=c).answer.steps if s.result == "fail"][:1]
    assert "vgw-1 carries nothing that comes from outside" in told.text
    lab.item("rtb-a")["Routes"][-1] = route("10.0.0.0/8", "vgw-2")
    (told,) = [s for s in judge(lab, target=c).answer.steps if s.result == "fail"][:1]
    assert "vgw-1" not in told.text


@pytest.mark.parametrize(
    ("permission", "kept"),
    [
        (allow("tcp/11211", "10.1.0.0/16"), True),
        (allow("tcp/11211", "10.0.0.0/8"), True),
        (allow("tcp/6379", "10.1.0.0/16"), False),
        (allow("udp/11211", "10.1.0.0/16"), False),
        (allow("tcp/11211", "10.1.0.0/17"), False),
    ],
)
def test_a_service_is_open_on_its_own_port_to_the_whole_vpc(
    tmp_path: Path, permission: dict[str, Any], kept: bool
) -> None:
    lab = open_world()
    lab.item("sg-d")["IpPermissions"] = [permission]
    found = open_services(lab.build(tmp_path))
    assert any(one.service.id.endswith(":cluster:cache") for one in found) is kept
