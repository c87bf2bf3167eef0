"""Replies that go another way than the request: lost at NAT gateways, open for IPv6."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graph.network import ports
from graph.network.between.ends import End
from graph.network.between.on_prem import on_prem_to_interface
from graph.network.between.over_internet import end_over_internet
from graph.network.between.pair import interface_to_interface
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab, allow, arn
from network.between.lab import A, B, JoinedLab, Judge, failing, judge, local, peered, route
from network.between.test_private_link_and_on_prem import vpn
from snapshot_files import ACCOUNT

ASYMMETRIC = "context:asymmetric-ipv6"
SIX = {"a": "2600:1f18:1:1::10", "b": "2600:1f18:2:2::10"}

__all__ = ["judge"]


def add_nat(lab: Lab, letter: str, number: int, *routes: Json) -> None:
    """A subnet with a private NAT gateway, and a table for it."""
    vpc = f"vpc-{letter}"
    lab.subnet("subnet-n", vpc, f"10.{number}.8.0/24")
    lab.acl("acl-n", vpc, [*lab.item(f"acl-{letter}")["Entries"]], ("subnet-n",))
    lab.table("rtb-n", vpc, [local(f"10.{number}.0.0/16"), *routes], subnets=("subnet-n",))
    lab.eni(
        "eni-n", "subnet-n", (), private=f"10.{number}.8.8", vpc=vpc, InterfaceType="nat_gateway"
    )
    item = {
        "NatGatewayId": "nat-1",
        "ConnectivityType": "private",
        "State": "available",
        "NatGatewayAddresses": [{"NetworkInterfaceId": "eni-n"}],
    }
    lab.add("ec2:nat-gateway", "nat-1", arn("natgateway", "nat-1"), item)


@pytest.mark.parametrize(("rule", "lost"), [("tcp/22", "no"), ("udp/53", "conditional")])
def test_a_nat_gateway_loses_replies_to_what_it_did_not_send(
    judge: Judge, rule: str, lost: str
) -> None:
    lab = peered()
    add_nat(lab, "b", 2, route("10.1.0.0/16", "pcx-1"))
    lab.item("sg-b")["IpPermissions"] = [allow(rule, "10.0.0.0/8")]
    assert judge(lab).verdict is Verdict.YES
    lab.item("rtb-b")["Routes"][-1] = route("10.1.0.0/16", "nat-1")
    found = judge(lab)
    assert str(found.verdict) == lost
    assert failing(found) == ["reply route"]


def test_networks_on_premises_get_no_reply_through_a_nat_gateway(tmp_path: Path) -> None:
    lab = peered()
    add_nat(lab, "b", 2, route("192.168.0.0/16", "vgw-1"))
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "192.168.0.0/16")]
    vpn(lab, "vpn-1", "vgw-1")
    found = []
    for count, way in enumerate(("vgw-1", "nat-1")):
        lab.item("rtb-b")["Routes"].append(route("192.168.0.0/16", way))
        world = lab.build(tmp_path / str(count))
        found.append([str(x.verdict) for x in on_prem_to_interface(world, world.interfaces[B])])
        lab.item("rtb-b")["Routes"].pop()
    assert found == [["yes"], []]


def dual() -> JoinedLab:
    """Two peered VPCs, with IPv6, an internet gateway each, and routes over the peering."""
    lab = peered()
    for number, letter in enumerate("ab", 1):
        other = SIX["ab".replace(letter, "")]
        lab.item(f"vpc-{letter}")["Ipv6CidrBlockAssociationSet"] = block(f"2600:1f18:{number}::/56")
        subnet = lab.item(f"subnet-{letter}")
        subnet["Ipv6CidrBlockAssociationSet"] = block(f"2600:1f18:{number}:{number}::/64")
        lab.item(f"eni-{letter}")["Ipv6Addresses"] = [{"Ipv6Address": SIX[letter]}]
        lab.item(f"sg-{letter}")["IpPermissions"] = [allow("tcp/22", "::/0")]
        lab.item(f"sg-{letter}")["IpPermissionsEgress"] = [allow("-1", "::/0")]
        lab.item(f"rtb-{letter}")["Routes"] += [
            route(f"2600:1f18:{number}::/56", "local"),
            route(f"{other}/128", "pcx-1"),
        ]
        name = f"igw-{letter}"
        attached = [{"VpcId": f"vpc-{letter}", "State": "available"}]
        item = {"InternetGatewayId": name, "OwnerId": ACCOUNT, "Attachments": attached}
        lab.add("ec2:internet-gateway", name, arn("internet-gateway", name), item)
    return lab


def block(cidr: str) -> list[Json]:
    return [{"Ipv6CidrBlock": cidr, "Ipv6CidrBlockState": {"State": "associated"}}]


def by(lab: Lab, letter: str, gateway: str) -> None:
    """The way to the other VPC's IPv6 addresses leads to a gateway."""
    made = route("2600:1f18::/32", gateway)
    if gateway.startswith("eigw"):
        made["EgressOnlyInternetGatewayId"] = made.pop("GatewayId")
    lab.item(f"rtb-{letter}")["Routes"][-1] = made


def detached(name: str) -> Callable[[Lab], None]:
    return lambda lab: lab.item(name).update(Attachments=[])


def blocked(lab: Lab) -> None:
    lab.block_public_access("block-ingress")


def deny(letter: str) -> Callable[[Lab], None]:
    return lambda lab: lab.item(f"eni-{letter}").update(DenyAllIgwTraffic=True)


def private(letter: str) -> Callable[[Lab], None]:
    def change(lab: Lab) -> None:
        held = lab.item(f"subnet-{letter}")["Ipv6CidrBlockAssociationSet"]
        held[0]["Ipv6AddressAttribute"] = "private"

    return change


def unread(lab: Lab) -> None:
    lab.remove("igw-a")
    lab.remove("igw-b")
    lab.deny("ec2.describe_internet_gateways")


LOCKS = [
    (detached("igw-a"), "no"),
    (detached("igw-b"), "no"),
    (blocked, "no"),
    (private("a"), "no"),
    (private("b"), "no"),
    (unread, "unknown"),
]


def test_ipv6_there_privately_and_back_over_the_internet_is_left_open(judge: Judge) -> None:
    lab = dual()
    assert judge(lab, family="ipv6").verdict is Verdict.YES
    by(lab, "b", "igw-b")
    found = judge(lab, family="ipv6")
    assert found.verdict is Verdict.CONDITIONAL
    assert found.answer.conditions == (ASYMMETRIC,)
    assert not failing(found)


@pytest.mark.parametrize(
    ("lock", "verdict"), [*LOCKS, (deny("a"), "no"), (deny("b"), "conditional")]
)
def test_what_stops_a_reply_over_the_internet(
    judge: Judge, lock: Callable[[Lab], None], verdict: str
) -> None:
    lab = dual()
    lock(lab)
    assert judge(lab, family="ipv6").verdict is Verdict.YES
    by(lab, "b", "igw-b")
    assert str(judge(lab, family="ipv6").verdict) == verdict


def test_an_egress_only_gateway_knows_no_connection_that_began_elsewhere(judge: Judge) -> None:
    lab = dual()
    by(lab, "b", "eigw-b")
    found = judge(lab, family="ipv6")
    assert found.verdict is Verdict.NO
    assert failing(found) == ["reply route"]


@pytest.fixture
def over(tmp_path: Path) -> Callable[[Lab], list[Reach]]:
    """What the one interface reaches of the other by the internet."""
    count = iter(range(100))

    def run(lab: Lab) -> list[Reach]:
        world = lab.build(tmp_path / str(next(count)))
        ends = [End(one, (world.interfaces[one],)) for one in (A, B)]
        return end_over_internet(world, ends[0], ends[1], ports.tcp(22))

    return run


@pytest.mark.parametrize("out", ["igw-a", "eigw-a"])
def test_ipv6_there_over_the_internet_and_back_privately_is_left_open(
    over: Callable[[Lab], list[Reach]], out: str
) -> None:
    lab = dual()
    by(lab, "a", out)
    (found,) = over(lab)
    assert (str(found.verdict), found.mechanism) == ("conditional", "internet/ipv6")
    assert found.answer.conditions == (ASYMMETRIC,)
    assert not failing(found)
    by(lab, "b", "igw-b")
    assert [str(one.verdict) for one in over(lab)] == ["yes"]
    by(lab, "b", "eigw-b")
    assert over(lab) == []


@pytest.mark.parametrize(
    ("lock", "verdict"), [*LOCKS, (deny("b"), "no"), (deny("a"), "conditional")]
)
def test_what_stops_a_request_over_the_internet(
    over: Callable[[Lab], list[Reach]], lock: Callable[[Lab], None], verdict: str
) -> None:
    lab = dual()
    by(lab, "a", "igw-a")
    lock(lab)
    assert [str(one.verdict) for one in over(lab)] == ([] if verdict == "no" else [verdict])


def test_ipv4_has_no_half_ways(over: Callable[[Lab], list[Reach]], tmp_path: Path) -> None:
    lab = peered()
    lab.item("rtb-b")["Routes"][-1] = route("10.1.0.0/16", "igw-b")
    world = lab.build(tmp_path / "four")
    (found,) = interface_to_interface(world, world.interfaces[A], world.interfaces[B])
    assert found.verdict is Verdict.NO
    assert over(lab) == []
