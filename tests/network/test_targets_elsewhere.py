"""Targets by address outside the load balancer's VPC, each case with its twin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.derivation.network import network_part
from graph.network.exposure import internet_reach
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, arn, entry, open_acl
from network.between.lab import (
    OTHER,
    JoinedLab,
    attachment,
    gateway,
    local,
    peering,
    route,
    side,
    transit_route,
    transit_table,
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
    referring,
    target,
    target_group,
)
from snapshot_files import Denied

TARGET = arn("network-interface", "eni-b", OTHER)
VPC = arn("vpc", "vpc-1")
THERE, SITE = "10.2.1.10", "192.168.0.9"

Change = Callable[[Lab], Any]
Judge = Callable[[Lab], list[Reach]]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    count = iter(range(100))
    return lambda lab: internet_reach(lab.build(tmp_path / str(next(count))))


def sending(cidr: str, to: str, address: str) -> JoinedLab:
    """A load balancer whose subnet routes a range to something, with one target there."""
    made = behind_alb()
    lab = JoinedLab(made.lines, made.denied, made.answered)
    lab.item("rtb-main")["Routes"].append(route(cidr, to))
    target_group(lab, kind="ip", targets=[target(address)])
    return lab


def with_vpc_b(lab: JoinedLab, to: str) -> JoinedLab:
    """VPC B of another account, with the target, routing back."""
    side(lab, "b", 2, [route("10.0.0.0/16", to)], OTHER)
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/8080", "10.0.0.0/24")]
    return lab


def peered() -> JoinedLab:
    lab = with_vpc_b(sending("10.2.0.0/16", "pcx-1", THERE), "pcx-1")
    peering(lab, "pcx-1", "vpc-1", "vpc-b")
    return lab


BACK = transit_route("10.0.0.0/16", "tgw-attach-a")
FORTH = transit_route("10.2.0.0/16", "tgw-attach-b")


def transited() -> JoinedLab:
    lab = with_vpc_b(sending("10.2.0.0/16", "tgw-1", THERE), "tgw-1")
    gateway(lab, "tgw-1")
    lab.subnet("subnet-tgw", "vpc-1", "10.0.9.0/28")
    lab.acl("acl-tgw", "vpc-1", open_acl(), ("subnet-tgw",))
    attachment(lab, "tgw-attach-a", "tgw-1", "vpc-1", ("subnet-tgw",))
    lab.subnet("subnet-tgw-b", "vpc-b", "10.2.9.0/28", account=OTHER)
    lab.acl("acl-tgw-b", "vpc-b", open_acl(), ("subnet-tgw-b",), OTHER)
    attachment(lab, "tgw-attach-b", "tgw-1", "vpc-b", ("subnet-tgw-b",))
    transit_table(lab, "tgw-rtb-1", "tgw-1", [BACK, FORTH], ("tgw-attach-a", "tgw-attach-b"))
    return lab


def no_route(lab: Lab) -> None:
    lab.item("rtb-main")["Routes"].pop()


def no_route_back(lab: Lab) -> None:
    lab.item("rtb-b")["Routes"].pop()


def closed(acl: str, *, egress: bool = False, ports: tuple[int, int] = (8080, 8080)) -> Change:
    shut = entry(1, "deny", egress=egress, protocol="6", ports=ports)
    return lambda lab: lab.item(acl)["Entries"].insert(0, shut)


def no_group(lab: Lab) -> None:
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/8080", "172.16.0.0/12")]


def no_egress(lab: Lab) -> None:
    lab.item("sg-lb")["IpPermissionsEgress"] = [allow("tcp/8080", "10.3.0.0/16")]


LOCKS: list[tuple[str, Change, str]] = [
    ("no route", no_route, "route"),
    ("no route back", no_route_back, "reply route"),
    ("ACL of the node's subnet, out", closed("acl-1", egress=True), "network ACL out"),
    ("ACL of the target's subnet, in", closed("acl-b"), "network ACL in"),
    (
        "ACL of the target's subnet, replies",
        closed("acl-b", egress=True, ports=(1024, 65535)),
        "reply, network ACL out",
    ),
    ("the target's group", no_group, "security group in"),
    ("the load balancer's group", no_egress, "security group out"),
]


@pytest.mark.parametrize("made", [peered, transited])
@pytest.mark.parametrize(("change", "lock"), [row[1:] for row in LOCKS], ids=[r[0] for r in LOCKS])
def test_a_target_in_another_vpc_and_each_lock_on_the_way(
    judge: Judge, made: Callable[[], JoinedLab], change: Change, lock: str
) -> None:
    lab = made()
    found = one(judge(lab), TARGET, "alb/ipv4")
    assert (found.verdict, found.ports, found.via) == (Verdict.YES, ("tcp/8080",), (ALB,))
    change(lab)
    found = one(judge(lab), TARGET, "alb/ipv4")
    assert found.verdict is Verdict.NO
    assert lock in failing(found)


def table_says(*routes: Any) -> Change:
    def change(lab: Lab) -> None:
        transit_table(lab, "tgw-rtb-1", "tgw-1", [*routes], ("tgw-attach-a", "tgw-attach-b"))

    return change


def table_denied(lab: Lab) -> None:
    transit_table(lab, "tgw-rtb-1", "tgw-1", Denied, ("tgw-attach-a", "tgw-attach-b"))


def other_zone(lab: Lab) -> None:
    lab.item("subnet-tgw")["AvailabilityZone"] += "x"


TRANSIT: list[tuple[str, Change, Verdict, str]] = [
    ("no route in the gateway's table", table_says(BACK), Verdict.NO, "route"),
    ("no route back in it", table_says(FORTH), Verdict.NO, "reply route"),
    ("no attachment in the node's zone", other_zone, Verdict.NO, "route"),
    ("ACL of the attachment's subnet", closed("acl-tgw"), Verdict.NO, "network ACL in"),
]


@pytest.mark.parametrize(
    ("change", "verdict", "lock"), [row[1:] for row in TRANSIT], ids=[row[0] for row in TRANSIT]
)
def test_what_a_transit_gateway_adds(
    judge: Judge, change: Change, verdict: Verdict, lock: str
) -> None:
    lab = transited()
    change(lab)
    found = one(judge(lab), TARGET, "alb/ipv4")
    assert found.verdict is verdict
    assert lock in failing(found)


def test_a_transit_gateways_routes_that_were_not_read_are_unknown(judge: Judge) -> None:
    lab = transited()
    table_denied(lab)
    found = one(judge(lab), f"{VPC}:{THERE}", "alb/ipv4")
    assert found.verdict is Verdict.UNKNOWN
    assert any("search_transit_gateway_routes" in term for term in found.answer.conditions)


def listed(entries: Any) -> JoinedLab:
    """The peering's route is by a prefix list."""
    lab = peered()
    by_list = lab.item("rtb-main")["Routes"][-1]
    del by_list["DestinationCidrBlock"]
    by_list["DestinationPrefixListId"] = "pl-1"
    lab.prefix_list("pl-1", entries)
    return lab


def test_a_prefix_list_that_was_not_read_is_unknown(judge: Judge) -> None:
    found = one(judge(listed(Denied)), f"{VPC}:{THERE}", "alb/ipv4")
    assert found.verdict is Verdict.UNKNOWN
    (term,) = found.answer.conditions
    assert "get_managed_prefix_list_entries" in term
    assert "pl-1" in term
    assert one(judge(listed(["10.2.0.0/16"])), TARGET, "alb/ipv4").verdict is Verdict.YES
    assert one(judge(listed(["10.3.0.0/16"])), TARGET, "alb/ipv4").verdict is Verdict.NO


def test_a_prefix_list_of_the_targets_side_too(judge: Judge) -> None:
    lab = peered()
    by_list = lab.item("rtb-b")["Routes"][-1]
    del by_list["DestinationCidrBlock"]
    by_list["DestinationPrefixListId"] = "pl-1"
    lab.prefix_list("pl-1", Denied)
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.UNKNOWN
    lab.prefix_list("pl-1", ["10.0.0.0/16"])
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.YES


@pytest.mark.parametrize(
    ("made", "gap"),
    [(peered, "ec2.describe_vpcs(vpc-b)"), (transited, "tgw-attach-b")],
)
def test_a_target_in_an_account_that_was_not_collected_is_unknown(
    judge: Judge, made: Callable[[], JoinedLab], gap: str
) -> None:
    lab = made()
    lab.lines = {key: some for key, some in lab.lines.items() if key[0] != OTHER}
    found = one(judge(lab), f"{VPC}:{THERE}", "alb/ipv4")
    assert found.verdict is Verdict.UNKNOWN
    assert any(gap in term for term in found.answer.conditions)


def abroad(lab: JoinedLab) -> JoinedLab:
    """The same with the other account's things in another region."""
    lab.lines = {
        (account, "us-east-1" if account == OTHER else region, kind): some
        for (account, region, kind), some in lab.lines.items()
    }
    return lab


def test_a_group_is_known_by_name_to_a_peer_of_the_same_region_only(judge: Judge) -> None:
    lab = peered()
    assert one(judge(abroad(lab.twin())), TARGET, "alb/ipv4").verdict is Verdict.YES  # type: ignore[arg-type]
    lab.item("sg-b")["IpPermissions"] = [referring("sg-lb")]
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.YES
    assert failing(one(judge(abroad(lab)), TARGET, "alb/ipv4")) == {"security group in"}


def test_a_group_is_not_known_by_name_through_a_transit_gateway_that_does_not_say_so(
    judge: Judge,
) -> None:
    lab = transited()
    lab.item("sg-b")["IpPermissions"] = [referring("sg-lb")]
    assert failing(one(judge(lab), TARGET, "alb/ipv4")) == {"security group in"}
    gateway(lab, "tgw-1", references="enable")
    assert one(judge(lab), TARGET, "alb/ipv4").verdict is Verdict.YES


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
            if (one.type, one.start) == ("TARGETS", ALB)
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


def with_nlb(lab: JoinedLab, protocol: str, **more: Any) -> JoinedLab:
    lab.remove(ALB)
    balancer(lab, NLB, [listener(port=8080, protocol=protocol)])
    address = SITE if "vgw-1" in str(lab.item("rtb-main")) else THERE
    target_group(lab, kind="ip", protocol=protocol, targets=[target(address)], **more)
    return lab


PRESERVE = [{"Key": "preserve_client_ip.enabled", "Value": "true"}]


def to_anyone(lab: Lab) -> None:
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/8080")]


def test_a_peer_of_the_same_region_sees_the_client(judge: Judge) -> None:
    lab = with_nlb(peered(), "TCP", attributes=PRESERVE)
    assert failing(one(judge(lab), TARGET, "nlb/ipv4")) == {"security group in"}
    to_anyone(lab)
    assert one(judge(lab), TARGET, "nlb/ipv4").verdict is Verdict.YES
    found = one(judge(abroad(lab)), TARGET, "nlb/ipv4")
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:client-ip-preservation",),
    )


def test_clients_addresses_through_a_transit_gateway_are_a_condition(judge: Judge) -> None:
    lab = with_nlb(transited(), "TCP", attributes=PRESERVE)
    to_anyone(lab)
    found = one(judge(lab), TARGET, "nlb/ipv4")
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:client-ip-preservation",),
    )
    off = [{"Key": "preserve_client_ip.enabled", "Value": "false"}]
    lab = with_nlb(transited(), "TCP", attributes=off)
    assert one(judge(lab), TARGET, "nlb/ipv4").verdict is Verdict.YES


@pytest.mark.parametrize("kind", ["vpc_endpoint", "network_load_balancer"])
def test_interfaces_that_cannot_see_clients_are_a_condition(judge: Judge, kind: str) -> None:
    lab = with_nlb(peered(), "TCP", attributes=PRESERVE)
    to_anyone(lab)
    assert one(judge(lab), TARGET, "nlb/ipv4").verdict is Verdict.YES
    lab.item("eni-b")["InterfaceType"] = kind
    found = one(judge(lab), TARGET, "nlb/ipv4")
    assert found.answer.conditions == ("context:client-ip-preservation",)


def test_replies_to_a_preserved_client_without_a_route_are_a_condition(judge: Judge) -> None:
    lab = with_nlb(peered(), "TCP", attributes=PRESERVE)
    to_anyone(lab)
    no_route_back(lab)
    found = one(judge(lab), TARGET, "nlb/ipv4")
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:client-ip-preservation",),
    )
    no_route(lab)
    assert "route" in failing(one(judge(lab), TARGET, "nlb/ipv4"))


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


def test_steps_stand_in_the_order_of_the_packet(judge: Judge) -> None:
    names = [step.name for step in one(judge(peered()), TARGET, "alb/ipv4").answer.steps]
    assert names[names.index("listener rule") :] == [
        "listener rule",
        "security group out",
        "route",
        "network ACL out",
        "network ACL in",
        "security group in",
        "reply route",
        "reply, network ACL out",
        "reply, network ACL in",
        "health",
    ]
