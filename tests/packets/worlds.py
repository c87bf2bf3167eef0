"""Small random worlds in AWS JSON, and the packets that try the edges of their rules.

    worlds()                    a hypothesis strategy: two or three VPCs and what joins them
    interesting_packets(world)  packets at, and one beside, every boundary that the world names
    run(world, probe)           what the simulator says of one of them

A good share of packets must get through, or nothing but the first obstacle would be compared: most
groups, ACLs and tables are open, the others carry the surprises. All shrinks to the ordinary.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

from packets.simulator import (
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    Packet,
    Result,
    public_address,
    send_from_interface,
    send_from_internet,
)
from packets.world import (
    HERE,
    Json,
    Where,
    World,
    acl_entry,
    add_acl,
    add_eigw,
    add_exclusion,
    add_group,
    add_igw,
    add_interface,
    add_nat,
    add_peering,
    add_prefix_list,
    add_subnet,
    add_table,
    add_tgw,
    add_tgw_peering,
    add_tgw_table,
    add_tgw_vpc,
    add_vpc,
    is_ipv6,
    permission,
    route,
    set_bpa,
    tgw_route,
)

Item = TypeVar("Item")

OTHER_ACCOUNT: Where = ("222222222222", HERE[1])
OTHER_REGION: Where = (HERE[0], "us-east-1")

PUBLIC4 = (
    "0.0.0.0/0",
    "81.2.69.0/24",
    "81.2.69.128/25",
    "81.2.69.160/32",
    "81.0.0.0/8",
    "0.0.0.0/1",
    "128.0.0.0/1",
)
PUBLIC6 = ("::/0", "2a02:8000::/32", "2a02:8000:1::/48")
INSIDE4 = ("10.0.0.0/8", "10.1.0.0/16", "10.2.1.0/24", "10.1.2.0/24", "10.2.0.0/15")
PORTS = ((22, 22), (443, 443), (0, 65535), (1024, 65535), (32768, 65535), (20, 25), (0, 0))

CLIENTS = ("81.2.69.160", "81.2.69.5", "200.1.1.1", "2a02:8000:1::1", "2a02:9000::1")
"""Hosts on the internet."""


@dataclass
class _Vpc:
    """What a world's VPC has, while it is being drawn."""

    vpc_id: str
    block: str
    block6: str | None
    subnets: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    interfaces: list[str] = field(default_factory=list)
    appliance: str | None = None
    far_side: str | None = None
    igw: str | None = None
    eigw: str | None = None
    nat: str | None = None
    tgw: str | None = None
    peerings: list[tuple[str, _Vpc]] = field(default_factory=list)


def _name(prefix: str, number: int) -> str:
    return f"{prefix}-{number:017x}"


def _rarely(draw: st.DrawFn, percent: int) -> bool:
    """True in so many cases of a hundred; shrinks to False."""
    return draw(st.integers(0, 99)) >= 100 - percent


def _pick(draw: st.DrawFn, items: list[Item] | tuple[Item, ...]) -> Item:
    return draw(st.sampled_from(items))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A small world: VPCs with tables, ACLs, groups, gateways, peerings, transit gateways."""
    world = World()
    world.place(HERE)
    lists = _draw_prefix_lists(draw, world)
    vpcs = [_draw_vpc(draw, world, number) for number in range(1, draw(st.integers(2, 3)) + 1)]
    _draw_links(draw, world, vpcs)
    for number, vpc in enumerate(vpcs, 1):
        _draw_groups(draw, world, vpc, lists)
        _draw_interfaces(draw, world, vpc, number)
    for number, vpc in enumerate(vpcs, 1):
        _draw_gateways(draw, world, vpc, number)
        _draw_tables(draw, world, vpc, vpcs, lists, number)
        _draw_acls(draw, world, vpc, number)
    _draw_bpa(draw, world, vpcs)
    return world


def _draw_prefix_lists(draw: st.DrawFn, world: World) -> list[str]:
    lists = [_name("pl", 1), _name("pl", 2), _name("pl", 3)]
    add_prefix_list(world, lists[0], *draw(st.lists(st.sampled_from(PUBLIC4), max_size=3)))
    add_prefix_list(world, lists[1], "2a02:8000::/32")
    add_prefix_list(world, lists[2], "81.2.64.0/20")
    return lists


def _draw_vpc(draw: st.DrawFn, world: World, number: int) -> _Vpc:
    where = HERE
    if number > 1 and _rarely(draw, 30):
        where = _pick(draw, [OTHER_ACCOUNT, OTHER_REGION])
    # A third VPC sometimes has the first one's addresses.
    twin = number == 3 and _rarely(draw, 25)
    block = f"10.{1 if twin else number}.0.0/16"
    block6 = f"2600:1f18:{number}::/56" if not _rarely(draw, 40) else None
    vpc = _Vpc(_name("vpc", number), block, block6)
    add_vpc(world, vpc.vpc_id, block, *([block6] if block6 else []), where=where)
    for each in (1, 2):
        subnet_id = _name("subnet", 16 * number + each)
        blocks = [f"{block.rsplit('.', 2)[0]}.{each}.0/24"]
        if block6:
            blocks.append(f"2600:1f18:{number}:{each}::/64")
        add_subnet(
            world,
            vpc.vpc_id,
            subnet_id,
            *blocks,
            zone="b" if each == 2 and _rarely(draw, 30) else "a",
            private6=_rarely(draw, 5),
        )
        vpc.subnets.append(subnet_id)
    return vpc


def _draw_links(draw: st.DrawFn, world: World, vpcs: list[_Vpc]) -> None:
    """Peering connections, and a transit gateway in the first VPC's region."""
    number = 0
    for index, one in enumerate(vpcs):
        for other in vpcs[index + 1 :]:
            number += 1
            # AWS peers no VPCs with overlapping blocks.
            if one.block == other.block or _rarely(draw, 35):
                continue
            peering = add_peering(world, _name("pcx", number), one.vpc_id, other.vpc_id)
            if _rarely(draw, 10):
                peering["Status"]["Code"] = "pending-acceptance"
            one.peerings.append((_name("pcx", number), other))
            other.peerings.append((_name("pcx", number), one))
    if _rarely(draw, 50):
        _draw_tgw(draw, world, vpcs)


def _draw_tgw(draw: st.DrawFn, world: World, vpcs: list[_Vpc]) -> None:
    """A transit gateway here with two route tables; one in the other region may be its peer."""
    tgw, far, peering = _name("tgw", 1), _name("tgw", 2), _name("tgw-attach", 99)
    add_tgw(world, tgw, referencing=_rarely(draw, 50))
    near_vpcs = [each for each in vpcs if world.home(each.vpc_id)[1] == HERE[1]]
    far_vpcs = [each for each in vpcs if each not in near_vpcs]
    attached: list[str] = []
    routes: dict[str, list[Json]] = {_name("tgw-rtb", 1): [], _name("tgw-rtb", 2): []}
    for number, vpc in enumerate(near_vpcs, 1):
        if _rarely(draw, 15):
            continue
        name = _attach(draw, world, vpc, tgw, number)
        attached.append(name)
        for table in routes.values():
            if _rarely(draw, 15):
                continue
            # AWS does not propagate a block that is there already.
            known = [each["DestinationCidrBlock"] for each in table]
            table += [
                tgw_route(block, name, kind="propagated")
                for block in _blocks(vpc)
                if block not in known
            ]
            if _rarely(draw, 15):
                inside = str(next(ipaddress.ip_network(vpc.block).subnets(new_prefix=24)))
                table.append(tgw_route(inside, None))
            if _rarely(draw, 10):
                table.append(tgw_route("10.0.0.0/8", name))
            if _rarely(draw, 20):
                table.append(tgw_route("0.0.0.0/0", name))
    second = [each for each in attached if _rarely(draw, 25)]
    first = [each for each in attached if each not in second and not _rarely(draw, 5)]
    members = {_name("tgw-rtb", 1): first, _name("tgw-rtb", 2): second}
    if far_vpcs and not _rarely(draw, 30):
        add_tgw(world, far, where=OTHER_REGION)
        link = add_tgw_peering(world, peering, tgw, far)
        if _rarely(draw, 10):
            link["State"] = "pendingAcceptance"
        back = [tgw_route(block, peering, resource="peering") for block in _all(near_vpcs)]
        ends = [peering]
        for number, vpc in enumerate(far_vpcs, 50):
            ends.append(_attach(draw, world, vpc, far, number))
            back += [tgw_route(block, ends[-1], kind="propagated") for block in _blocks(vpc)]
        add_tgw_table(world, far, _name("tgw-rtb", 3), tuple(ends), _one_each(back))
        first.append(peering)
        for table in routes.values():
            if not _rarely(draw, 20):
                table += [tgw_route(each, peering, resource="peering") for each in _all(far_vpcs)]
    for table_id, table in routes.items():
        add_tgw_table(world, tgw, table_id, tuple(members[table_id]), _one_each(table))


def _attach(draw: st.DrawFn, world: World, vpc: _Vpc, tgw: str, number: int) -> str:
    """Attach the VPC by one subnet per zone."""
    name = _name("tgw-attach", number)
    subnets = tuple(vpc.subnets)
    zones = {world.subnet(each)["AvailabilityZone"] for each in subnets}
    if len(zones) < len(subnets) or _rarely(draw, 30):
        subnets = subnets[:1]
    made = add_tgw_vpc(world, name, tgw, subnets, referencing=_rarely(draw, 60))
    if _rarely(draw, 10):
        made["Options"]["Ipv6Support"] = "disable"
    vpc.tgw = tgw
    return name


def _blocks(vpc: _Vpc) -> list[str]:
    return [vpc.block, *([vpc.block6] if vpc.block6 else [])]


def _all(vpcs: list[_Vpc]) -> list[str]:
    return [block for vpc in vpcs for block in _blocks(vpc)]


def _one_each(routes: list[Json]) -> list[Json]:
    """One route per destination; a static one takes the place of a propagated one."""
    kept: dict[str, Json] = {}
    for each in sorted(routes, key=lambda made: made["Type"] == "static"):
        kept[each["DestinationCidrBlock"]] = each
    return list(reversed(kept.values()))


def _draw_groups(draw: st.DrawFn, world: World, vpc: _Vpc, lists: list[str]) -> None:
    number = int(vpc.vpc_id.split("-")[1], 16)
    vpc.groups = [_name("sg", 16 * number + each) for each in (1, 2)]
    peers = [_name("sg", 16 * int(other.vpc_id.split("-")[1], 16) + 1) for _, other in vpc.peerings]
    sources = (*PUBLIC4, *PUBLIC6, *INSIDE4, *lists, *vpc.groups, *peers)
    for group_id in vpc.groups:
        ingress = [permission("-1", None, "0.0.0.0/0", "::/0")]
        if _rarely(draw, 50):
            ingress = [_draw_permission(draw, sources) for _ in range(draw(st.integers(0, 3)))]
        egress = None
        if _rarely(draw, 20):
            egress = [_draw_permission(draw, sources) for _ in range(draw(st.integers(0, 3)))]
        add_group(world, vpc.vpc_id, group_id, ingress, egress)


def _draw_permission(draw: st.DrawFn, sources: tuple[str, ...]) -> Json:
    kind = _pick(draw, ["tcp", "-1", "udp", "icmp", "icmpv6", "50"])
    chosen = draw(st.lists(st.sampled_from(sources), min_size=1, max_size=2, unique=True))
    if kind in ("tcp", "udp"):
        return permission(kind, _pick(draw, PORTS), *chosen)
    if kind == "icmp":
        return permission(kind, _pick(draw, [(-1, -1), (8, 0), (8, -1), (3, 4)]), *chosen)
    if kind == "icmpv6":
        return permission(kind, _pick(draw, [(-1, -1), (128, 0), None]), *chosen)
    return permission(kind, None, *chosen)


def _draw_interfaces(draw: st.DrawFn, world: World, vpc: _Vpc, number: int) -> None:
    for index, subnet_id in enumerate(vpc.subnets, 1):
        subnet = world.subnet(subnet_id)
        for each in range(1, 2 + int(_rarely(draw, 40))):
            addresses = [subnet["CidrBlock"].replace(".0/24", f".{9 + each}")]
            if vpc.block6 and not _rarely(draw, 25):
                addresses.append(f"2600:1f18:{number}:{index}::{9 + each}")
            serial = 256 * number + 16 * index + each
            groups = tuple(
                draw(st.lists(st.sampled_from(vpc.groups), min_size=1, max_size=2, unique=True))
            )
            kind = "interface"
            if _rarely(draw, 10):
                kind = _pick(draw, ["network_load_balancer", "lambda", "vpc_endpoint"])
            public = None
            if kind != "lambda" and not _rarely(draw, 40):
                public = f"52.{number}.{index}.{each}"
            interface = add_interface(
                world,
                subnet_id,
                _name("eni", serial),
                *addresses,
                groups=() if kind == "network_load_balancer" else groups,
                public=public,
                kind=kind,
                instance=_name("i", serial) if kind == "interface" else None,
            )
            vpc.interfaces.append(interface["NetworkInterfaceId"])
            _draw_states(draw, world, interface)
    plain = [each for each in vpc.interfaces if _is_public(world.interface(each))]
    if plain and _rarely(draw, 35):
        vpc.appliance = _pick(draw, plain)
        world.interface(vpc.appliance)["SourceDestCheck"] = _rarely(draw, 15)
        if _rarely(draw, 50):
            _draw_far_side(draw, world, vpc, number)


def _draw_far_side(draw: st.DrawFn, world: World, vpc: _Vpc, number: int) -> None:
    """The appliance's second interface, in the other subnet."""
    appliance = world.interface(str(vpc.appliance))
    other = next(each for each in vpc.subnets if each != appliance["SubnetId"])
    made = add_interface(
        world,
        other,
        _name("eni", 256 * number + 200),
        world.subnet(other)["CidrBlock"].replace(".0/24", ".100"),
        groups=(_pick(draw, vpc.groups),),
        instance=appliance["Attachment"]["InstanceId"],
        check=_rarely(draw, 15),
    )
    vpc.far_side = made["NetworkInterfaceId"]
    instance = world.need("Instances", "InstanceId", appliance["Attachment"]["InstanceId"])
    instance["NetworkInterfaces"] = [
        {"NetworkInterfaceId": each["NetworkInterfaceId"]} for each in (appliance, made)
    ]


def _is_public(interface: Json) -> bool:
    return interface["InterfaceType"] == "interface" and "Association" in interface


def _draw_states(draw: st.DrawFn, world: World, interface: Json) -> None:
    if interface["InterfaceType"] == "interface" and _rarely(draw, 7):
        name = interface["Attachment"]["InstanceId"]
        world.need("Instances", "InstanceId", name)["State"]["Name"] = "stopped"
    if _rarely(draw, 4):
        interface["DenyAllIgwTraffic"] = True


def _draw_gateways(draw: st.DrawFn, world: World, vpc: _Vpc, number: int) -> None:
    vpc.igw = _name("igw", number)
    gateway = add_igw(world, vpc.vpc_id, vpc.igw)
    if _rarely(draw, 10):
        gateway["Attachments"] = []
    if vpc.block6 and _rarely(draw, 40):
        vpc.eigw = _name("eigw", number)
        add_eigw(world, vpc.vpc_id, vpc.eigw)
    if _rarely(draw, 60):
        vpc.nat = _name("nat", number)
        private = world.subnet(vpc.subnets[0])["CidrBlock"].replace(".0/24", ".200")
        public = None if _rarely(draw, 15) else f"52.{number}.9.9"
        nat = add_nat(world, vpc.subnets[0], vpc.nat, private, public)
        if _rarely(draw, 8):
            nat["State"] = "deleted"


def _draw_tables(
    draw: st.DrawFn, world: World, vpc: _Vpc, vpcs: list[_Vpc], lists: list[str], number: int
) -> None:
    for index, subnet_id in enumerate(vpc.subnets, 1):
        routes = _default_routes(draw, vpc, index)
        routes += _routes_to_others(draw, vpc, vpcs)
        for _ in range(draw(st.integers(0, 2))):
            routes += _draw_hole(draw, vpc, lists)
        table_id = _name("rtb", 16 * number + index)
        if index == 2 and _rarely(draw, 20):
            # Implicitly the main table's.
            main = vpc.vpc_id.replace("vpc-", "rtb-main-")
            table = world.need("RouteTables", "RouteTableId", main)
            table["Routes"] += _unique(routes)
        else:
            add_table(world, vpc.vpc_id, table_id, _unique(routes), subnets=(subnet_id,))
    if vpc.appliance is not None:
        _draw_appliance_routes(draw, world, vpc, number)


def _default_routes(draw: st.DrawFn, vpc: _Vpc, index: int) -> list[Json]:
    assert vpc.igw is not None
    kinds = ["igw", "igw", "igw", "halves", "narrow", "none"]
    kinds += ["nat"] * 6 * (vpc.nat is not None and index == 2)
    kinds += ["tgw"] * (vpc.tgw is not None)
    kind = _pick(draw, kinds)
    exit6 = vpc.eigw if vpc.eigw and _rarely(draw, 50) else vpc.igw
    default6 = [route("::/0", exit6)] if vpc.block6 and kind != "none" else []
    if kind == "halves":
        return [route("0.0.0.0/1", vpc.igw), route("128.0.0.0/1", vpc.igw), *default6]
    if kind == "narrow":
        return [route("81.2.69.0/24", vpc.igw), *default6]
    if kind == "nat":
        return [route("0.0.0.0/0", str(vpc.nat)), *default6]
    if kind == "tgw":
        return [route("0.0.0.0/0", str(vpc.tgw)), *default6]
    return [] if kind == "none" else [route("0.0.0.0/0", vpc.igw), *default6]


def _routes_to_others(draw: st.DrawFn, vpc: _Vpc, vpcs: list[_Vpc]) -> list[Json]:
    peered: list[Json] = []
    for peering_id, other in vpc.peerings:
        for block in _blocks(other):
            if _rarely(draw, 15):
                continue
            peered.append(route(block, peering_id))
            if _rarely(draw, 10):
                network = ipaddress.ip_network(block)
                half = list(network.subnets(prefixlen_diff=1))[1]
                peered.append(route(str(half), peering_id, state="blackhole"))
    if vpc.tgw is None:
        return peered
    others = _all([each for each in vpcs if each.block != vpc.block])
    transit = [route(block, vpc.tgw) for block in others if not _rarely(draw, 15)]
    if _rarely(draw, 20):
        transit.append(route("10.0.0.0/8", vpc.tgw))
    # Of two routes to one destination the first is kept.
    return transit + peered if _rarely(draw, 60) else peered + transit


def _draw_hole(draw: st.DrawFn, vpc: _Vpc, lists: list[str]) -> list[Json]:
    """One more route, often more specific and another way: a hole in the default route."""
    assert vpc.igw is not None
    kinds = ["igw", "blackhole", "nat", "vgw", "list", "list6", "igw6", "tgw", "endpoint"]
    kind = _pick(draw, kinds)
    if kind == "endpoint":
        return [route(lists[2], _name("vpce", 1))]
    if kind == "list":
        return [route(lists[0], _pick(draw, [vpc.igw, vpc.nat or vpc.igw]))]
    if kind == "list6" and vpc.block6:
        return [route(lists[1], _pick(draw, [vpc.igw, vpc.eigw or vpc.igw]))]
    if kind == "igw6" and vpc.block6:
        return [route(_pick(draw, PUBLIC6), vpc.igw)]
    destination = _pick(draw, PUBLIC4)
    if kind == "vgw":
        return [route(destination, _name("vgw", 1), origin="EnableVgwRoutePropagation")]
    if kind == "nat" and vpc.nat:
        return [route(destination, vpc.nat)]
    if kind == "tgw" and vpc.tgw:
        return [route(destination, vpc.tgw)]
    state = "blackhole" if kind == "blackhole" else "active"
    return [route(destination, vpc.igw, state=state)]


def _unique(routes: list[Json]) -> list[Json]:
    """AWS keeps one static route per destination; the first one drawn stays."""
    kept: dict[tuple[str, bool], Json] = {}
    for each in routes:
        destination = (
            each.get("DestinationCidrBlock")
            or each.get("DestinationIpv6CidrBlock")
            or each["DestinationPrefixListId"]
        )
        kept.setdefault((destination, each["Origin"] == "CreateRoute"), each)
    return list(kept.values())


def _draw_appliance_routes(draw: st.DrawFn, world: World, vpc: _Vpc, number: int) -> None:
    """The other subnet's traffic with the internet goes over the appliance: in, out, or both."""
    assert vpc.appliance is not None
    home = world.interface(vpc.appliance)["SubnetId"]
    other = next(each for each in vpc.subnets if each != home)
    if not _rarely(draw, 15):
        state = "blackhole" if _rarely(draw, 10) else "active"
        block = world.subnet(other)["CidrBlock"]
        edge = [route(block, vpc.appliance, state=state)]
        add_table(world, vpc.vpc_id, _name("rtb", 256 + number), edge, gateway=vpc.igw)
    if not _rarely(draw, 25):
        for _, table in world.every("RouteTables"):
            if any(each.get("SubnetId") == other for each in table["Associations"]):
                table["Routes"] = [
                    each
                    for each in table["Routes"]
                    if each.get("DestinationCidrBlock") != "0.0.0.0/0"
                ]
                table["Routes"].append(route("0.0.0.0/0", vpc.far_side or vpc.appliance))


def _draw_acls(draw: st.DrawFn, world: World, vpc: _Vpc, number: int) -> None:
    for index, subnet_id in enumerate(vpc.subnets, 1):
        if not _rarely(draw, 40):
            continue
        entries: dict[tuple[int, bool], Json] = {}
        for _ in range(draw(st.integers(1, 3))):
            entry = _draw_entry(draw)
            entries[entry["RuleNumber"], entry["Egress"]] = entry
        for egress in (False, True):
            if not _rarely(draw, 25):
                entries[200, egress] = acl_entry(200, "allow", egress, "0.0.0.0/0")
                entries[201, egress] = acl_entry(201, "allow", egress, "::/0")
        add_acl(
            world,
            vpc.vpc_id,
            _name("acl", 16 * number + index),
            list(entries.values()),
            subnets=(subnet_id,),
        )


def _draw_entry(draw: st.DrawFn) -> Json:
    number = draw(st.integers(1, 6)) * 10
    action = _pick(draw, ["allow", "deny"])
    egress = draw(st.booleans())
    cidr = _pick(draw, (*PUBLIC4, *PUBLIC6, *INSIDE4))
    protocol = _pick(draw, [6, -1, 17, 1, 58, 50])
    # AWS takes ICMP with IPv4 ranges and ICMPv6 with IPv6 ranges (its types too).
    if protocol in (1, 58):
        protocol = 58 if is_ipv6(cidr) else 1
        echo = [(128, 0), (129, 0)] if is_ipv6(cidr) else [(8, 0), (0, 0)]
        icmp = _pick(draw, [(-1, -1), *echo])
        return acl_entry(number, action, egress, cidr, protocol=protocol, icmp=icmp)
    ports = _pick(draw, PORTS) if protocol in (6, 17) else None
    return acl_entry(number, action, egress, cidr, protocol=protocol, ports=ports)


def _draw_bpa(draw: st.DrawFn, world: World, vpcs: list[_Vpc]) -> None:
    for where in list(world.places):
        if _rarely(draw, 10):
            set_bpa(world, _pick(draw, ["block-ingress", "block-bidirectional"]), where=where)
    if _rarely(draw, 40):
        vpc = _pick(draw, vpcs)
        excluded = _pick(draw, [vpc.vpc_id, *vpc.subnets])
        mode = _pick(draw, ["allow-bidirectional", "allow-egress"])
        add_exclusion(world, _name("vpcbpa-exclude", 1), excluded, mode)


# ---------------------------------------------------------------------- packets


@dataclass(frozen=True)
class Probe:
    """A packet and who sends it: an interface, or a host on the internet (None)."""

    sender: str | None
    packet: Packet


def run(world: World, probe: Probe, *, nat_port: int = 40000, far_side: bool = False) -> Result:
    """The simulator's answer (or Undecided)."""
    if probe.sender is None:
        return send_from_internet(world, probe.packet, nat_port=nat_port, far_side=far_side)
    return send_from_interface(
        world, probe.sender, probe.packet, nat_port=nat_port, far_side=far_side
    )


def boundary_addresses(world: World) -> list[str]:
    """First and last address of every range that a rule, route or list names, and one beside."""
    cidrs: list[str] = []
    for _, group in world.every("SecurityGroups"):
        for rule in (*group["IpPermissions"], *group["IpPermissionsEgress"]):
            cidrs += [each["CidrIp"] for each in rule["IpRanges"]]
            cidrs += [each["CidrIpv6"] for each in rule["Ipv6Ranges"]]
    for _, acl in world.every("NetworkAcls"):
        cidrs += [each.get("CidrBlock") or each["Ipv6CidrBlock"] for each in acl["Entries"]]
    for _, table in world.every("RouteTables"):
        for each in table["Routes"]:
            found = each.get("DestinationCidrBlock") or each.get("DestinationIpv6CidrBlock")
            cidrs += [found] if found else []
    for place in world.places.values():
        for entries in place["ManagedPrefixListEntries"].values():
            cidrs += [each["Cidr"] for each in entries]
        for routes in place["TransitGatewayRoutes"].values():
            cidrs += [each["DestinationCidrBlock"] for each in routes]
    edges: dict[str, None] = {}
    for cidr in cidrs:
        network = ipaddress.ip_network(cidr)
        first, last = int(network.network_address), int(network.broadcast_address)
        for number in (first - 1, first, last, last + 1):
            if 0 <= number <= int(ipaddress.ip_network("::/0" if ":" in cidr else "0.0.0.0/0")[-1]):
                make: Callable[[int], object] = (
                    ipaddress.IPv6Address if ":" in cidr else ipaddress.IPv4Address
                )
                edges[str(make(number))] = None
    return list(edges)


def boundary_ports(world: World) -> list[int]:
    """First and last port of every range that a rule names, and one beside."""
    ports: dict[int, None] = {22: None, 443: None, 50000: None}
    ranges: list[tuple[int, int]] = []
    for _, group in world.every("SecurityGroups"):
        for rule in (*group["IpPermissions"], *group["IpPermissionsEgress"]):
            if rule["IpProtocol"] in ("tcp", "udp"):
                ranges += [(rule["FromPort"], rule["ToPort"])]
    for _, acl in world.every("NetworkAcls"):
        for entry in acl["Entries"]:
            if "PortRange" in entry:
                ranges += [(entry["PortRange"]["From"], entry["PortRange"]["To"])]
    for low, high in ranges:
        for port in (low - 1, low, high, high + 1):
            if 0 <= port <= 65535:
                ports[port] = None
    return list(ports)


def interesting_packets(world: World, *, limit: int = 120, seed: int = 0) -> list[Probe]:
    """At most `limit` packets, half of them from the internet, half from interfaces.

    Half of them are plain, the rest are at the boundaries that the world names. `seed` chooses: the
    same world gives the same packets.
    """
    chance = random.Random(seed)
    inward = [each for each in _pairs(world) if each[0] is None]
    outward = [each for each in _pairs(world) if each[0] is not None and each[2] in CLIENTS]
    inside = [each for each in _pairs(world) if each[0] is not None and each[2] not in CLIENTS]
    kinds = [each for each in (inward, inward, outward, inside) if each]
    ports = boundary_ports(world)
    edges = [each for each in boundary_addresses(world) if public_address(each)]
    for pairs in (inward, outward, inside):
        chance.shuffle(pairs)
    probes: dict[Probe, None] = {}
    plain = inward[: limit // 4] + outward[: limit // 8] + inside[: limit // 8]
    for sender, source, destination in plain:
        probes[Probe(sender, _packet(TCP, source, destination, 22, 50000))] = None
    for _ in range(10 * limit):
        if len(probes) >= limit or not kinds:
            break
        sender, source, destination = chance.choice(chance.choice(kinds))
        same = [each for each in edges if is_ipv6(each) == is_ipv6(source)]
        # The end on the internet moves along the boundaries.
        if same and chance.random() < 0.6:
            if sender is None:
                source = chance.choice(same)
            elif destination in CLIENTS:
                destination = chance.choice(same)
        echo = ICMPV6 if is_ipv6(source) else ICMP
        protocol = chance.choice((TCP, TCP, TCP, TCP, UDP, echo, 50))
        back = chance.choice((50000, 50000, chance.choice(ports)))
        packet = _packet(protocol, source, destination, chance.choice(ports), back)
        probes[Probe(sender, packet)] = None
    return list(probes)


def _pairs(world: World) -> Iterator[tuple[str | None, str, str]]:
    """(sender, source, destination): internet to interface, interface to interface and out."""
    interfaces = [each for _, each in world.every("NetworkInterfaces")]
    for receiver in interfaces:
        for address in _public(receiver):
            for client in CLIENTS:
                if is_ipv6(client) == is_ipv6(address):
                    yield None, client, address
                if receiver["InterfaceType"] == "nat_gateway":
                    break
    for sender in interfaces:
        if sender["InterfaceType"] == "nat_gateway":
            continue
        name = sender["NetworkInterfaceId"]
        for source in _inside(sender):
            for receiver in interfaces:
                if receiver is sender:
                    continue
                for destination in dict.fromkeys(_inside(receiver) + _public(receiver)):
                    if is_ipv6(source) == is_ipv6(destination):
                        yield name, source, destination
            for client in CLIENTS:
                if is_ipv6(source) == is_ipv6(client):
                    yield name, source, client


def _inside(interface: Json) -> list[str]:
    addresses = [each["PrivateIpAddress"] for each in interface["PrivateIpAddresses"]]
    return addresses + [each["Ipv6Address"] for each in interface["Ipv6Addresses"]]


def _public(interface: Json) -> list[str]:
    found = [
        each.get("Association", {}).get("PublicIp") for each in interface["PrivateIpAddresses"]
    ]
    ipv6 = [each["Ipv6Address"] for each in interface["Ipv6Addresses"]]
    return [each for each in found if each] + ipv6


def _packet(protocol: int, source: str, destination: str, port: int, back: int) -> Packet:
    if protocol in (TCP, UDP):
        return Packet(protocol, source, destination, source_port=back, destination_port=port)
    if protocol in (ICMP, ICMPV6):
        kind = 8 if protocol == ICMP else 128
        return Packet(protocol, source, destination, icmp_type=kind, icmp_code=0)
    return Packet(protocol, source, destination)
