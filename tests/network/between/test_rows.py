"""Ways that look alike and are not: what group-to-group reach must keep apart.

Each world has two places that differ by one thing; the groups say of each what its pairs say.
"""

from __future__ import annotations

from graph.network import ports
from graph.network.facts import Peering, Rule
from network.between.hub_world import HUB, HubWorld
from network.between.test_groups_between import Said, by_graph, by_pairs

ALL = {"10.0.0.0/8": HUB}
SIX = {"2600::/12": HUB}


def said(lab: HubWorld, family: str = "ipv4") -> dict[tuple[str, str], Said]:
    """What groups say, which is what pairs say, of machines in different VPCs."""
    world = lab.build()
    found = by_graph(world)
    assert found == by_pairs(world)
    vpc_of = {one.id: one.vpc for one in world.facts.interfaces}
    return {
        (source, target): one
        for (source, target, mechanism), one in found.items()
        if vpc_of[source] != vpc_of[target] and mechanism.endswith(family)
    }


def behind_nat(back: str) -> HubWorld:
    """A machine behind a private NAT gateway, and two VPCs that know the way to the machine."""
    lab = HubWorld()
    lab.vpc(1, {"10.0.0.0/8": "nat-1"}, ALL)
    lab.nat(1, 2)
    lab.vpc(2, ALL)
    lab.vpc(3, {"10.1.1.0/24": HUB, back: HUB})
    return on_hub(lab, 2, 1, 1)


def on_hub(lab: HubWorld, *by: int) -> HubWorld:
    """Each VPC with a machine in its first subnet, attached by one subnet to one table."""
    numbers = range(1, len(by) + 1)
    for number, subnet in zip(numbers, by, strict=True):
        lab.machine(number, 1)
        lab.attach(number, subnet)
    lab.hub_table(numbers, known=numbers)
    return lab


def test_replies_to_a_nat_gateway_are_routed_by_each_vpc_itself() -> None:
    reached = said(behind_nat("10.9.0.0/16"))
    assert ("eni-1-1-10", "eni-2-1-10") in reached
    assert ("eni-1-1-10", "eni-3-1-10") not in reached
    assert ("eni-1-1-10", "eni-3-1-10") in said(behind_nat("10.1.2.0/24"))


def behind_appliance(back: str) -> HubWorld:
    """A machine behind what may be a NAT instance; two VPCs that know no way to the machine."""
    lab = HubWorld()
    lab.vpc(1, {"10.0.0.0/8": "eni-f"}, ALL)
    lab.machine(1, 2, 5, id="eni-f", forwards=True)
    lab.vpc(2, {"10.1.2.0/24": HUB})
    lab.vpc(3, {back: HUB})
    return on_hub(lab, 2, 1, 1)


def test_replies_to_an_appliance_that_may_translate_are_routed_by_each_vpc_itself() -> None:
    reached = said(behind_appliance("10.9.0.0/16"))
    assert ("eni-1-1-10", "eni-2-1-10") in reached
    assert ("eni-1-1-10", "eni-3-1-10") not in reached
    assert ("eni-1-1-10", "eni-3-1-10") in said(behind_appliance("10.1.2.0/24"))


def answered_by_internet(gateways: tuple[int, ...]) -> HubWorld:
    """A VPC whose replies over IPv6 go out by its own internet gateway."""
    lab = HubWorld()
    lab.vpc(1, {"::/0": "igw-1"})
    lab.machine(1, 1, six=True)
    for number in (2, 3):
        lab.vpc(number, SIX | {"::/0": f"igw-{number}"})
        lab.machine(number, 1, six=True)
    for number in (1, 2, 3):
        lab.attach(number, 1)
    for number in (1, *gateways):
        lab.internet_gateway(number)
    lab.hub_table((1, 2, 3), known=(1, 2, 3))
    return lab


def test_replies_by_the_internet_come_in_by_each_vpcs_own_gateway() -> None:
    reached = said(answered_by_internet((2,)), "ipv6")
    assert reached["eni-2-1-10", "eni-1-1-10"][0] == "conditional"
    assert ("eni-3-1-10", "eni-1-1-10") not in reached
    assert ("eni-3-1-10", "eni-1-1-10") in said(answered_by_internet((2, 3)), "ipv6")


def both_families(four: str) -> HubWorld:
    """As before; where IPv4 leads to no hub either, it goes to the same internet gateway."""
    lab = HubWorld()
    lab.vpc(1, {four: "igw-1", "::/0": "igw-1"})
    for number in (2, 3):
        lab.vpc(number, SIX | ALL | {"::/0": f"igw-{number}"})
    for number in (1, 2, 3):
        lab.machine(number, 1, six=True)
        lab.attach(number, 1)
    lab.internet_gateway(1)
    lab.internet_gateway(2)
    lab.hub_table((1, 2, 3), known=(1, 2, 3))
    return lab


def test_what_an_internet_gateway_does_to_ipv4_says_nothing_of_ipv6() -> None:
    """A public subnet's table sends both families there; IPv6 addresses are public themselves."""
    for four in ("0.0.0.0/0", "192.0.2.0/24"):
        lab = both_families(four)
        assert ("eni-2-1-10", "eni-1-1-10") not in said(lab)
        reached = said(lab, "ipv6")
        assert reached["eni-2-1-10", "eni-1-1-10"][0] == "conditional"
        assert ("eni-3-1-10", "eni-1-1-10") not in reached


def denying(denied: bool) -> HubWorld:
    lab = answered_by_internet((2, 3))
    lab.machine(2, 1, 11, six=True, deny_igw=denied)
    return lab


def test_a_machine_that_drops_what_gateways_bring_stands_apart() -> None:
    """``DenyAllIgwTraffic`` of one says nothing of another in its subnet."""
    reached = said(denying(True), "ipv6")
    assert ("eni-2-1-10", "eni-1-1-10") in reached
    assert ("eni-2-1-11", "eni-1-1-10") not in reached
    assert ("eni-2-1-11", "eni-1-1-10") in said(denying(False), "ipv6")


def entered_by(locked: int) -> HubWorld:
    """Two VPCs of one table, one of which enters the hub by a locked subnet; replies come by
    another zone's.
    """
    lab = HubWorld()
    for number in (1, 2):
        lab.vpc(number, ALL, ALL, ALL, zones="aab")
        lab.machine(number, 1)
        lab.attach(number, 2, 3)
    lab.vpc(3, ALL, zones="b")
    lab.machine(3, 1)
    lab.attach(3, 1)
    lab.lock(locked, 2, ports.tcp(22))
    lab.hub_table((1, 2, 3), known=(1, 2, 3))
    return lab


def test_what_is_met_on_the_way_to_a_hub_is_met_by_one_vpc_only() -> None:
    for locked, free in ((1, 2), (2, 1)):
        reached = said(entered_by(locked))
        assert reached[f"eni-{free}-1-10", "eni-3-1-10"][1] == ("tcp/20-29",)
        assert reached[f"eni-{locked}-1-10", "eni-3-1-10"][1] == ("tcp/20-21", "tcp/23-29")


def two_exits(second: dict[str, str]) -> HubWorld:
    """An appliance with an interface in each of two subnets: the first leads to the internet."""
    lab = HubWorld()
    lab.vpc(1, {"10.0.0.0/8": "eni-f1"}, {"10.0.0.0/8": "igw-1"}, second)
    lab.internet_gateway(1)
    for number, subnet in ((1, 2), (2, 3)):
        lab.machine(1, subnet, 5, id=f"eni-f{number}", forwards=True, owner="i-f")
    lab.vpc(2, ALL)
    return on_hub(lab, 3, 1)


def test_what_an_appliance_may_send_elsewhere_is_not_lost() -> None:
    there, back = ("eni-1-1-10", "eni-2-1-10"), ("eni-2-1-10", "eni-1-1-10")
    reached = said(two_exits(ALL))
    assert {reached[there][0], reached[back][0]} == {"conditional"}
    assert not {there, back} & said(two_exits({})).keys()


def zones_behind(back: str) -> HubWorld:
    """Two subnets in two zones, whose packets pass the same appliances, in another order.

    From zone ``a`` appliance ``a`` gets them first, and may send them on under its address by its
    other interface or to ``b``; from zone ``b`` it is ``b`` that gets them first.
    """
    lab = HubWorld()
    lab.vpc(1, ALL, ALL, zones="ab")
    lab.machine(1, 1)
    lab.machine(1, 2)
    lab.attach(1, 1, 2)
    home = {"10.1.0.0/16": HUB}
    to_a, to_b = {"10.2.0.0/16": "eni-a1"}, {"10.2.0.0/16": "eni-b1"}
    lab.vpc(4, to_a, to_b, home | to_b, home | to_a, ALL, ALL, zones="abaaaa")
    for subnet, name in ((3, "a1"), (4, "b1"), (5, "a2"), (6, "b2")):
        lab.machine(4, subnet, 5, id=f"eni-{name}", forwards=True, owner=f"i-{name[0]}")
    lab.attach(4, 1, 2)
    lab.vpc(2, {"10.4.5.0/24": HUB, back: HUB})
    lab.machine(2, 1)
    lab.attach(2, 1)
    lab.hub_table((1, 2), {"10.2.0.0/16": 4}, known=(1, 4))
    lab.hub_table((4,), known=(1, 2, 4))
    return lab


def test_subnets_are_apart_whose_ways_pass_an_appliance_behind_the_hub() -> None:
    reached = said(zones_behind("10.9.0.0/16"))
    assert ("eni-1-1-10", "eni-2-1-10") in reached
    assert ("eni-1-2-10", "eni-2-1-10") not in reached
    assert ("eni-1-2-10", "eni-2-1-10") in said(zones_behind("10.4.6.0/24"))


def led_through(peered: bool) -> HubWorld:
    """The hub leads to VPC 3 through VPC 2, which has a peering with it; the first VPC is asked
    first.
    """
    lab = HubWorld()
    lab.vpc(1, ALL)
    lab.vpc(2, ALL, {"10.3.0.0/16": "pcx-1"})
    lab.vpc(3, {"10.0.0.0/8": "pcx-1"})
    lab.add("peerings", Peering("pcx-1", "vpc-2", "vpc-3", active=peered))
    for number, subnet in ((1, 1), (2, 2)):
        lab.machine(number, 1)
        lab.attach(number, subnet)
    lab.machine(3, 1)
    lab.hub_table((1, 2), {"10.3.0.0/16": 2}, known=(1, 2))
    return lab


def test_what_leads_back_through_a_vpc_is_walked_for_it_alone() -> None:
    """A peering carries what comes from its own VPC, and nothing that comes from others."""
    reached = said(led_through(True))
    assert ("eni-2-1-10", "eni-3-1-10") in reached
    assert ("eni-1-1-10", "eni-3-1-10") not in reached
    assert ("eni-2-1-10", "eni-3-1-10") not in said(led_through(False))


def test_subnets_that_send_their_own_vpc_to_the_hub_are_apart() -> None:
    """More specific routes than the local one: what goes to one another is lost there."""

    def sending(ways: dict[str, str]) -> HubWorld:
        lab = HubWorld()
        lab.vpc(1, ALL | ways, ALL | ways)
        lab.machine(1, 2)
        lab.vpc(2, ALL)
        lab.vpc(3, ALL)
        on_hub(lab, 1, 1, 1)
        lab.tables.clear()
        lab.hub_table((1, 2, 3), {"10.1.0.0/16": 3}, known=(2, 3))
        return lab

    def inside(lab: HubWorld) -> bool:
        world = lab.build()
        found = by_graph(world)
        assert found == by_pairs(world)
        return ("eni-1-1-10", "eni-1-2-10", "local/ipv4") in found

    assert not inside(sending({"10.1.1.0/24": HUB, "10.1.2.0/24": HUB}))
    assert inside(sending({}))


def translated_behind(admitted: str) -> HubWorld:
    """Packets pass a private NAT gateway behind the hub; the target lets in one address."""
    lab = HubWorld()
    lab.vpc(1, ALL)
    lab.machine(1, 1)
    lab.attach(1, 1)
    lab.vpc(4, {"10.2.0.0/16": "nat-4"}, ALL)
    lab.nat(4, 2)
    lab.attach(4, 1)
    lab.vpc(2, ALL)
    lab.machine(2, 1)
    lab.attach(2, 1)
    lab.admits(2, Rule(ports.tcp(443), cidr=admitted))
    lab.hub_table((1,), {"10.2.0.0/16": 4}, known=(4,))
    lab.hub_table((2, 4), known=(1, 2, 4))
    return lab


def test_who_is_translated_behind_the_hub_is_admitted_by_the_other_address() -> None:
    pair = ("eni-1-1-10", "eni-2-1-10")
    assert pair in said(translated_behind("10.4.2.6/32"))
    assert pair not in said(translated_behind("10.1.1.10/32"))


def test_senders_of_one_place_get_what_rules_say_of_each() -> None:
    lab = HubWorld()
    lab.vpc(1, ALL)
    lab.vpc(2, ALL)
    on_hub(lab, 1, 1)
    lab.machine(1, 1, 11)
    lab.admits(
        2, Rule(ports.tcp(22), cidr="10.1.1.10/32"), Rule(ports.tcp(80), cidr="10.1.1.11/32")
    )
    reached = said(lab)
    assert reached["eni-1-1-10", "eni-2-1-10"][1] == ("tcp/22",)
    assert reached["eni-1-1-11", "eni-2-1-10"][1] == ("tcp/80",)
