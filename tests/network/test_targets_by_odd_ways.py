"""Targets by appliances, NAT gateways, IPv6, other load balancers' nodes; with twins."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graph.verdict import Verdict
from network.aws_shapes import allow, arn, open_acl
from network.between.lab import (
    JoinedLab,
    local,
    route,
)
from network.test_load_balancers import (
    ALB,
    GROUP,
    NLB,
    balancer,
    behind_alb,
    failing,
    forward,
    listener,
    one,
    target,
    target_group,
)
from network.test_targets_elsewhere import (
    TARGET,
    THERE,
    VPC,
    Judge,
    closed,
    judge,
    no_route_back,
    peered,
    sending,
    transited,
)
from network.test_targets_on_premises import on_site

__all__ = ["judge"]


def test_a_node_that_may_have_addresses_without_a_way_back_is_a_condition(judge: Judge) -> None:
    lab = peered()
    lab.item("rtb-b")["Routes"][-1] = route("10.0.0.0/25", "pcx-1")
    found = one(judge(lab), TARGET, "alb/ipv4")
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:load-balancer-address",),
    )
    described = {"Description": "ELB app/front/1", "InterfaceType": "interface"}
    lab.eni("eni-lb", "subnet-a", ("sg-lb",), private="10.0.0.20", **described)
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.YES
    lab.eni("eni-lb", "subnet-a", ("sg-lb",), private="10.0.0.200", **described)
    assert failing(one(judge(lab), TARGET, "alb/ipv4")) == {"reply route"}


def test_replies_to_a_part_of_the_nodes_ports_are_a_condition(judge: Judge) -> None:
    lab = peered()
    closed("acl-b", egress=True, ports=(1024, 32767))(lab)
    found = one(judge(lab), TARGET, "alb/ipv4")
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("ports:client-port",),
    )


def test_an_appliance_between_the_node_and_its_target_is_a_condition(judge: Judge) -> None:
    lab = behind_alb()
    lab.subnet("subnet-fw", "vpc-1", "10.0.8.0/28")
    lab.table("rtb-fw", "vpc-1", [local("10.0.0.0/16")], subnets=("subnet-fw",))
    lab.acl("acl-fw", "vpc-1", open_acl(), ("subnet-fw",))
    lab.group("sg-fw", [allow("-1")])
    lab.eni("eni-fw", "subnet-fw", ("sg-fw",), private="10.0.8.5", SourceDestCheck=False)
    instance = arn("instance", "i-web")
    assert one(judge(lab), instance, "alb/ipv4").verdict is Verdict.YES
    lab.item("rtb-main")["Routes"].append(route("10.0.1.0/24", "eni-fw"))
    # Behind an appliance a rule that names the sender's group does not know it (VPC user guide,
    # "Security group referencing").
    assert failing(one(judge(lab), instance, "alb/ipv4")) == {"security group in"}
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "10.0.0.0/24")]
    found = one(judge(lab), instance, "alb/ipv4")
    assert found.verdict is Verdict.CONDITIONAL
    assert any(term.startswith("inspection:") for term in found.answer.conditions)
    lab.item("eni-fw")["SourceDestCheck"] = True
    assert failing(one(judge(lab), instance, "alb/ipv4")) == {"route"}


def test_a_target_that_is_another_load_balancers_address(judge: Judge) -> None:
    lab = behind_alb()
    lab.item(ALB)["Scheme"] = "internal"
    lab.item("sg-lb")["IpPermissions"] = [allow("tcp/443", "10.0.0.0/16")]
    lab.eni("eni-lb", "subnet-a", ("sg-lb",), private="10.0.0.20", Description="ELB app/front/1")
    outer = GROUP + "-ip"
    balancer(lab, NLB, [listener(2, protocol="TCP", actions=[forward(outer)])])
    target_group(
        lab, outer, kind="ip", protocol="TCP", port=443, targets=[target("10.0.0.20", 443)]
    )
    found = judge(lab)
    assert one(found, ALB, "nlb/ipv4").verdict is Verdict.YES
    behind = one(found, arn("instance", "i-web"), "alb/ipv4")
    assert (behind.verdict, behind.via) == (Verdict.YES, (NLB, ALB))
    lab.item("eni-lb")["Description"] = "ELB app/other/9"
    assert one(judge(lab), arn("instance", "i-web"), "alb/ipv4").verdict is Verdict.NO


def test_a_target_without_groups_is_open_only_if_its_kind_may_be(judge: Judge) -> None:
    lab = peered()
    lab.item("eni-b")["Groups"] = []
    assert failing(one(judge(lab), TARGET, "alb/ipv4")) == {"security group in"}
    lab.item("eni-b")["InterfaceType"] = "network_load_balancer"
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.YES


def test_two_vpcs_with_the_same_addresses_are_told_apart_by_the_routes(judge: Judge) -> None:
    lab = peered()
    lab.vpc("vpc-c", "10.2.0.0/16")
    lab.subnet("subnet-c", "vpc-c", "10.2.1.0/24")
    lab.group("sg-c", [allow("tcp/8080")], "vpc-c")
    lab.eni("eni-c", "subnet-c", ("sg-c",), private=THERE, vpc="vpc-c")
    found = [r for r in judge(lab) if r.mechanism == "alb/ipv4" and r.via]
    assert [r.target for r in found if r.verdict is Verdict.YES] == [TARGET]
    assert not [r for r in found if "eni-c" in r.target]


def test_private_addresses_by_way_of_the_internet_gateway_are_dropped(judge: Judge) -> None:
    lab = sending("172.20.0.0/16", "igw-1", "172.20.0.9")
    assert failing(one(judge(lab), f"{VPC}:172.20.0.9", "alb/ipv4")) == {"route"}


@pytest.mark.parametrize(
    "address",
    ["10.0.0.0/8", "::1", "fe80::1%eth0", "10.2.1.10 ", "0.0.0.0", "255.255.255.255", "x"],
)
@pytest.mark.parametrize("made", [peered, transited, on_site])
def test_a_target_that_is_no_address_of_anything_is_never_reached(
    judge: Judge, made: Callable[[], JoinedLab], address: str
) -> None:
    lab = made()
    target_group(lab, kind="ip", targets=[target(address)])
    found = [r for r in judge(lab) if r.mechanism == "alb/ipv4" and r.via]
    assert found
    assert {r.verdict for r in found} <= {Verdict.NO, Verdict.UNKNOWN}


def block(cidr: str) -> list[dict[str, str]]:
    return [{"Ipv6CidrBlock": cidr}]


def test_a_target_over_ipv6_in_a_peered_vpc(judge: Judge) -> None:
    lab = peered()
    lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"] = block("2001:db8:1::/64")
    lab.item("vpc-1")["Ipv6CidrBlockAssociationSet"] = block("2001:db8:1::/56")
    lab.item("sg-lb")["IpPermissionsEgress"].append(allow("-1", "::/0"))
    lab.item("vpc-b")["Ipv6CidrBlockAssociationSet"] = block("2001:db8:2::/56")
    lab.item("subnet-b")["Ipv6CidrBlockAssociationSet"] = block("2001:db8:2::/64")
    lab.item("eni-b")["Ipv6Addresses"] = [{"Ipv6Address": "2001:db8:2::10"}]
    lab.item("rtb-main")["Routes"].append(route("2001:db8:2::/56", "pcx-1"))
    lab.item("rtb-b")["Routes"].append(route("2001:db8:1::/56", "pcx-1"))
    target_group(lab, kind="ip", targets=[target("2001:db8:2::10")])
    lab.item(GROUP)["IpAddressType"] = "ipv6"
    assert failing(one(judge(lab), TARGET, "alb/ipv4")) == {"security group in"}
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/8080", "2001:db8:1::/64")]
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.YES
    no_route_back(lab)
    assert failing(one(judge(lab), TARGET, "alb/ipv4")) == {"reply route"}
    lab.item("rtb-main")["Routes"].pop()
    (found,) = [r for r in judge(lab) if r.mechanism == "alb/ipv4" and r.via]
    assert found.verdict is Verdict.UNKNOWN
    assert "igw-1" in found.answer.conditions[0]


def test_a_target_behind_a_private_nat_gateway_sees_the_gateway(judge: Judge) -> None:
    lab = peered()
    lab.subnet("subnet-nat", "vpc-1", "10.0.7.0/28")
    lab.acl("acl-nat", "vpc-1", open_acl(), ("subnet-nat",))
    onward = [local("10.0.0.0/16"), route("10.2.0.0/16", "pcx-1")]
    lab.table("rtb-nat", "vpc-1", onward, subnets=("subnet-nat",))
    nat = {"InterfaceType": "nat_gateway"}
    lab.eni("eni-nat", "subnet-nat", (), private="10.0.7.5", **nat)
    item = {"NatGatewayId": "nat-1", "ConnectivityType": "private", "State": "available"}
    item["NatGatewayAddresses"] = [{"NetworkInterfaceId": "eni-nat"}]  # type: ignore[assignment]
    lab.add("ec2:nat-gateway", "nat-1", arn("natgateway", "nat-1"), item)
    lab.item("rtb-main")["Routes"][-1] = route("10.2.0.0/16", "nat-1")
    assert failing(one(judge(lab), TARGET, "alb/ipv4")) == {"security group in"}
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/8080", "10.0.7.5/32")]
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.YES
    lab.item("rtb-b")["Routes"][-1] = route("10.0.0.0/24", "pcx-1")
    assert failing(one(judge(lab), TARGET, "alb/ipv4")) == {"reply route"}


def test_addresses_that_routes_tell_apart_finely_are_not_all_followed(judge: Judge) -> None:
    """Every second address has a way back, of 200: the first ones are looked at, no more."""
    lab = peered()
    lab.item("rtb-b")["Routes"] = [
        local("10.2.0.0/16"),
        *(route(f"10.0.0.{number}/32", "pcx-1") for number in range(0, 200, 2)),
    ]
    found = one(judge(lab), TARGET, "alb/ipv4")
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:load-balancer-address",),
    )
    lab.item("rtb-b")["Routes"] = [
        local("10.2.0.0/16"),
        *(route(f"10.0.0.{n}/32", "pcx-9", "blackhole") for n in range(0, 200, 2)),
    ]
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is not Verdict.YES
    lab.eni("eni-lb", "subnet-a", ("sg-lb",), private="10.0.0.20", Description="ELB app/front/1")
    assert failing(one(judge(lab), TARGET, "alb/ipv4")) == {"reply route"}
