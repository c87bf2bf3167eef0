"""From networks on premises: the way in, the way back, and what was not collected of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graph.network.between.on_prem import on_prem_to_interface, premises_to_interface
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, arn, entry, open_acl
from network.between.lab import (
    B,
    Judge,
    attachment,
    judge,
    local,
    route,
    side,
    transit_route,
    transit_table,
)
from network.between.test_peering_and_local import neighbours
from network.between.test_private_link_and_on_prem import premises, vpn
from network.between.test_private_rules import by_vpn
from snapshot_files import ACCOUNT, REGION

__all__ = ["judge"]
PLACE = f"@{ACCOUNT}/{REGION}"


def told(lab: Lab, folder: Path) -> list[Reach]:
    world = lab.build(folder)
    return premises_to_interface(world, world.interfaces[B])


def verdicts(lab: Lab, folder: Path) -> list[tuple[str, str]]:
    return [(one.source, str(one.verdict)) for one in told(lab, folder)]


def wide(lab: Lab, transit: str = "192.168.0.0/16") -> Lab:
    """The VPC routes, and its groups admit, more than the transit gateway knows a way to."""
    lab.item("rtb-b")["Routes"][-1] = route("192.0.0.0/8", "tgw-1")
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "192.0.0.0/8")]
    ways = [transit_route(transit, "tgw-attach-v"), transit_route("10.2.0.0/16", "tgw-attach-b")]
    transit_table(lab, "tgw-rtb-1", "tgw-1", ways, ("tgw-attach-b", "tgw-attach-v"))
    return lab


def test_a_transit_gateway_may_know_a_part_of_what_the_vpc_sends_it(tmp_path: Path) -> None:
    assert verdicts(wide(by_vpn()), tmp_path / "part") == [("on-prem:far-1", "yes")]
    assert verdicts(wide(by_vpn(), "172.16.0.0/16"), tmp_path / "other") == []


@pytest.mark.parametrize(("cidr", "reached"), [("10.2.1.0/24", True), ("10.2.7.0/24", False)])
def test_an_acl_of_the_attachments_subnet_is_asked_on_the_way_in(
    tmp_path: Path, cidr: str, reached: bool
) -> None:
    lab = by_vpn()
    lab.subnet("subnet-t", "vpc-b", "10.2.9.0/28")
    lab.table("rtb-t", "vpc-b", [local("10.2.0.0/16")], subnets=("subnet-t",))
    lab.item("tgw-attach-b")["SubnetIds"] = ["subnet-t"]
    rules = [*open_acl()[:2], entry(100, egress=True, cidr=cidr)]
    lab.acl("acl-t", "vpc-b", rules, ("subnet-t",))
    assert bool(verdicts(lab, tmp_path)) is reached


def not_associated(lab: Lab) -> None:
    ways = [transit_route("192.168.0.0/16", "tgw-attach-v")]
    ways.append(transit_route("10.2.0.0/16", "tgw-attach-b"))
    transit_table(lab, "tgw-rtb-1", "tgw-1", ways, ("tgw-attach-b",))


def no_route_in(lab: Lab) -> None:
    """The VPN's own table does not know the VPC."""
    ways = [transit_route("192.168.0.0/16", "tgw-attach-v")]
    transit_table(lab, "tgw-rtb-1", "tgw-1", ways, ("tgw-attach-b", "tgw-attach-v"))


@pytest.mark.parametrize("change", [not_associated, no_route_in])
def test_what_comes_by_a_vpn_goes_on_by_its_attachments_table(
    tmp_path: Path, change: Callable[[Lab], None]
) -> None:
    lab = by_vpn()
    assert verdicts(lab, tmp_path / "open") == [("on-prem:far-1", "yes")]
    change(lab)
    assert verdicts(lab, tmp_path / "closed") == []


def test_a_table_of_the_private_gateway_may_drop_what_comes_in(tmp_path: Path) -> None:
    lab = premises()
    lab.table("rtb-g", "vpc-b", [local("10.2.0.0/16")], gateways=("vgw-1",))
    assert verdicts(lab, tmp_path / "open") == [("on-prem:vgw-1", "yes")]
    hole = [local("10.2.0.0/16"), route("10.2.1.0/24", "eni-x", "blackhole")]
    lab.table("rtb-g", "vpc-b", hole, gateways=("vgw-1",))
    assert verdicts(lab, tmp_path / "closed") == []


@pytest.mark.parametrize(
    ("closed", "told"),
    [
        ((), [("on-prem:vgw-1", "conditional")]),
        (("x",), [("on-prem:vgw-1", "conditional")]),
        (("y",), [("on-prem:vgw-1", "conditional")]),
        (("x", "y"), []),
    ],
)
@pytest.mark.parametrize("takes", ["x", "y"])
def test_an_appliance_behind_the_private_gateway_may_send_on_by_any_of_its_interfaces(
    tmp_path: Path, closed: tuple[str, ...], told: list[tuple[str, str]], takes: str
) -> None:
    """What network ACLs let out of its subnets: of both, of one, of neither."""
    lab = premises()
    for number, letter in ((7, "x"), (8, "y")):
        cidr = f"10.2.{number}.0/24"
        lab.subnet(f"subnet-{letter}", "vpc-b", cidr)
        lab.table(f"rtb-{letter}", "vpc-b", [local("10.2.0.0/16")], subnets=(f"subnet-{letter}",))
        rules = [entry(100), *([] if letter in closed else [entry(100, egress=True)])]
        lab.acl(f"acl-{letter}", "vpc-b", rules, (f"subnet-{letter}",))
        more = {"instance": "i-x", "SourceDestCheck": False}
        private = f"10.2.{number}.7"
        lab.eni(f"eni-{letter}", f"subnet-{letter}", (), private=private, vpc="vpc-b", **more)
    lab.instance("i-x", ("eni-x", "eni-y"))
    inspected = [local("10.2.0.0/16"), route("10.2.1.0/24", f"eni-{takes}")]
    lab.table("rtb-g", "vpc-b", inspected, gateways=("vgw-1",))
    assert verdicts(lab, tmp_path) == told


def direct(state: str = "associated") -> Callable[[Lab], None]:
    def change(lab: Lab) -> None:
        listed = [{"associatedGateway": {"id": "vgw-1"}, "associationState": state}]
        call = "describe_direct_connect_gateway_associations"
        lab.add("dx:gateway", "dx-1", arn("dx-gateway", "dx-1"), {}, **{call: listed})

    return change


def interface(lab: Lab) -> None:
    item = {"virtualGatewayId": "vgw-1", "virtualInterfaceState": "available"}
    lab.add("dx:virtual-interface", "dxvif-1", arn("dxvif", "dxvif-1"), item)


ASSOCIATIONS = "not_collected:directconnect.describe_direct_connect_gateway_associations(vgw-1)"


@pytest.mark.parametrize(
    ("change", "verdict", "terms"),
    [
        (lambda lab: vpn(lab, "vpn-1", "vgw-1"), "yes", ()),
        (lambda lab: vpn(lab, "vpn-1", "vgw-1", "deleted"), "unknown", (ASSOCIATIONS,)),
        (lambda lab: vpn(lab, "vpn-1", "vgw-2"), "unknown", (ASSOCIATIONS,)),
        (direct(), "yes", ()),
        (direct("disassociated"), "unknown", (ASSOCIATIONS,)),
        (interface, "yes", ()),
        (
            lambda lab: lab.deny("ec2.describe_vpn_connections"),
            "unknown",
            (f"not_collected:ec2.describe_vpn_connections{PLACE}",),
        ),
    ],
)
def test_a_private_gateway_needs_a_connection(
    tmp_path: Path, change: Callable[[Lab], None], verdict: str, terms: tuple[str, ...]
) -> None:
    lab = premises()
    lab.remove("vpn-1")
    change(lab)
    (found,) = told(lab, tmp_path)
    assert (str(found.verdict), found.answer.conditions) == (verdict, terms)


@pytest.mark.parametrize(
    ("name", "operation"),
    [("rtb-b", "ec2.describe_route_tables"), ("subnet-b", "ec2.describe_subnets")],
)
def test_routes_that_were_not_collected_may_lead_on_premises(
    tmp_path: Path, name: str, operation: str
) -> None:
    lab = premises()
    lab.remove(name)
    lab.deny(operation)
    (found,) = told(lab, tmp_path / "open")
    assert (found.verdict, found.ports) == (Verdict.UNKNOWN, ("tcp/22",))
    assert f"not_collected:{operation}{PLACE}" in found.answer.conditions
    world = lab.build(tmp_path / "graph")
    assert on_prem_to_interface(world, world.interfaces[B]) == []
    lab.item("sg-b")["IpPermissions"] = []
    assert told(lab, tmp_path / "closed") == []


PROPAGATED = {"Origin": "EnableVgwRoutePropagation"}


@pytest.mark.parametrize(("more", "verdict"), [(PROPAGATED, "yes"), ({}, "no")])
def test_a_propagated_route_never_beats_the_local_one(
    judge: Judge, more: dict[str, str], verdict: str
) -> None:
    """https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html."""
    lab = neighbours()
    lab.item("rtb-a")["Routes"].append(route("10.1.2.0/24", "vgw-1", **more))
    assert str(judge(lab).verdict) == verdict


@pytest.mark.parametrize(
    ("destination", "verdict"), [("192.168.4.0/24", "no"), ("192.0.0.0/8", "yes")]
)
def test_a_propagated_route_outside_the_vpc_counts(
    tmp_path: Path, destination: str, verdict: str
) -> None:
    """The longest prefix still wins there."""
    lab = premises()
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "192.168.4.4/32")]
    lab.item("rtb-b")["Routes"].append(route(destination, "pcx-9", "blackhole", **PROPAGATED))
    assert (verdicts(lab, tmp_path) == [("on-prem:vgw-1", "yes")]) is (verdict == "yes")


def hub(spokes: int) -> Lab:
    """As many VPCs behind one transit gateway, each open to everybody that it leads to."""
    lab = by_vpn()
    lab.item("rtb-b")["Routes"][-1] = route("0.0.0.0/0", "tgw-1")
    ways = [transit_route("192.168.0.0/16", "tgw-attach-v")]
    ways.append(transit_route("10.2.0.0/16", "tgw-attach-b"))
    attached = ["tgw-attach-b", "tgw-attach-v"]
    for number in range(3, spokes + 2):
        letter = f"x{number}"
        side(lab, letter, number, [route("0.0.0.0/0", "tgw-1")])
        attachment(lab, f"tgw-{letter}", "tgw-1", f"vpc-{letter}", (f"subnet-{letter}",))
        ways.append(transit_route(f"10.{number}.0.0/16", f"tgw-{letter}"))
        attached.append(f"tgw-{letter}")
    transit_table(lab, "tgw-rtb-1", "tgw-1", ways, tuple(attached))
    for name in [name for found in lab.lines.values() for name in found if name[:3] == "sg-"]:
        lab.item(name)["IpPermissions"] = [allow("tcp/22")]
    return lab


def test_ways_that_are_walked_grow_with_the_vpcs_of_a_hub(tmp_path: Path) -> None:
    def walked(spokes: int) -> int:
        world = hub(spokes).build(tmp_path / str(spokes))
        for one in world.interfaces.values():
            assert [r.source for r in on_prem_to_interface(world, one)] == ["on-prem:far-1"]
        return sum(isinstance(key, tuple) and key[0] == "trail" for key in world.memo)

    assert walked(40) <= 4 * walked(10)
