"""Through the gateway to the internet, and the replies' way back in.

Rules: "Enable internet access using internet gateways", "Gateway route tables", "Block public
access to VPCs and subnets" of the VPC user guide; ``DenyAllIgwTraffic`` of the EC2 API reference,
NetworkInterface.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from graph.evidence import Step
from graph.network import ports, prefixes
from graph.network.between.lookup import route_to
from graph.network.between.parts import Part, Parts
from graph.network.between.trail import (
    EGRESS_ONLY,
    INTERNET,
    PLAIN,
    VPC,
    Manner,
    Trail,
    arriving,
    returning,
)
from graph.network.between.walker import Walker, other_exits, trails_to
from graph.network.between.zones import settled
from graph.network.block_public_access import block_public_access_step
from graph.network.facts import Interface, Subnet
from graph.network.pieces import weaker
from graph.network.prefixes import PUBLIC, Family
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

Met = tuple[str, str, str]
"""A subnet, ``in`` or ``out``, and the address that its network ACL looks at."""


@dataclass(frozen=True, slots=True)
class Out:
    """A sender, one of its addresses, and one destination that stands for others."""

    source: Interface
    home: Subnet
    sends_as: str
    destination: str
    family: Family


def out_of(world: NetworkWorld, out: Out, trail: Trail) -> Trail:
    """The trail, failed where it does not get out, or not under an address of the internet's."""
    if trail.verdict in (Verdict.NO, Verdict.UNKNOWN):
        return trail
    if trail.end not in (EGRESS_ONLY, INTERNET):
        return trail.elsewhere("the internet")
    leaves = _leaves_from(world, out, trail)
    if trail.end == INTERNET:
        gateway = world.internet_gateways.get(leaves.vpc)
        if gateway is None or gateway.id != trail.place:
            gap = world.gap("ec2.describe_internet_gateways", out.home.account_id, out.home.region)
            if gap and gateway is None:
                return trail.unknown(trail.place, [gap])
            text = f"{trail.place} is not attached to {leaves.vpc}."
            return trail.dropped(trail.place, text, code="BAD_STATE_ATTACHMENT")
    if not _public(world, out, trail, leaves):
        who = world.interfaces.get(trail.nat, out.source).id
        text = f"{who} has no public address in {leaves.vpc}: its gateway drops what it sends."
        return trail.dropped(who, text, code="IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS")
    if _came_over_transit(trail):
        # Back into the sender's own VPC: AWS's text is silent on the gateway's translation here.
        terms = trail.conditions | {condition("context", "transit-gateway-hairpin")}
        trail = replace(trail, verdict=weaker(trail.verdict, Verdict.CONDITIONAL), conditions=terms)
    if trail.end == EGRESS_ONLY:
        return replace(trail, kinds=(*trail.kinds, "egress-only-gateway"))
    return trail


def _came_over_transit(trail: Trail) -> bool:
    """Whether what carries its last address came to the gateway over a transit gateway."""
    first = len(trail.kinds) - trail.kinds[::-1].index("nat") if "nat" in trail.kinds else 0
    return any(kind.startswith("transit") for kind in trail.kinds[first:])


def _leaves_from(world: NetworkWorld, out: Out, trail: Trail) -> Subnet:
    """The subnet whose route table led to the gateway."""
    last = trail.crossings[-1].subnet if trail.crossings else out.home.id
    return world.subnets.get(last, out.home)


def _public(world: NetworkWorld, out: Out, trail: Trail, leaves: Subnet) -> bool:
    """Whether what leaves by the gateway has, or may get, an address that replies find.

    A gateway maps the addresses of its own VPC only ("Enable internet access using internet
    gateways").
    """
    translator = world.interfaces.get(trail.nat)
    if _may_translate(world, trail):
        return True
    if translator is not None:
        own = any(one.public for one in translator.addresses)
        return own and translator.vpc == leaves.vpc
    if leaves.vpc != out.source.vpc:
        return False
    if out.family is Family.IPV4:
        return any(one.public for one in out.source.addresses if one.private == out.sends_as)
    private = prefixes.of(out.home.private_ipv6, Family.IPV6)
    routed = PUBLIC[Family.IPV6] - private
    return bool(prefixes.parse(out.sends_as)[1] & routed)


def _may_translate(world: NetworkWorld, trail: Trail) -> bool:
    """Whether an appliance on the way may send under an address of its own, as NAT instances do."""
    passed = [one for one, kind in zip(trail.via, trail.kinds, strict=True) if kind == "appliance"]
    return any(
        one not in world.interfaces or any(a.public for a in world.interfaces[one].addresses)
        for one in passed
    )


def gate_step(world: NetworkWorld, out: Out, trail: Trail) -> Step:
    """VPC Block Public Access of the subnet that leads to the gateway.

    ``block-ingress`` leaves NAT and egress-only gateways working, ``allow-egress`` opens these
    only (scenarios 3, 5 and 6 of "Block public access to VPCs and subnets: example").
    """
    subnet = _leaves_from(world, out, trail)
    step = block_public_access_step(world, subnet)
    if step.result != "fail":
        return step
    account = world.block_public_access.get((subnet.account_id, subnet.region))
    vpc = world.vpcs.get(subnet.vpc)
    mode = subnet.block_mode or (account.mode if account else None) or (vpc and vpc.block_mode)
    outward = bool(trail.nat) or trail.end == EGRESS_ONLY
    if mode == "block-ingress" and outward:
        text = "VPC Block Public Access is block-ingress, which lets outbound connections pass."
        return replace(step, result="pass", text=text)
    excluded = account.exclusions if account and account.exclusions else ()
    for resource, allowed in excluded:
        if outward and resource in (subnet.id, subnet.vpc) and allowed == "allow-egress":
            text = f"VPC Block Public Access is {mode}, but {resource} may send (allow-egress)."
            return replace(step, result="pass", text=text)
    return replace(step, text=f"VPC Block Public Access is {mode}: nothing gets out this way.")


def gate_parts(step: Step) -> Parts:
    """What the gate lets through."""
    if step.result == "fail":
        return ()
    if step.result == "unknown":
        gap = step.text.split("ollected: ", 1)[-1].rstrip(".")
        return (Part(ports.ALL, Verdict.UNKNOWN, frozenset({f"not_collected:{gap}"})),)
    return (Part(ports.ALL),)


Back = tuple[tuple[Trail, ...], tuple[Met, ...]]
"""The stretches of a way back, and the network ACLs on it."""


def replies_to(world: NetworkWorld, out: Out, trail: Trail) -> tuple[Back, ...]:
    """The ways back: into the subnet of the public address, and from a NAT gateway home.

    One for each zone and each exit of an appliance by which replies may come.
    """
    if trail.verdict is Verdict.NO:
        return (((), ()),)
    translator = world.interfaces.get(trail.nat)
    first = translator or out.source
    place = world.subnets.get(first.subnet)
    inside = trail.source or out.sends_as
    entered: list[Back] = [((), ((first.subnet, "in", out.destination),))]
    if place is not None and trail.end in (INTERNET, EGRESS_ONLY):
        entered = [
            ((one,), _met(one, inside, out.destination, place.id))
            for way in entering_ways(world, trail, first, place, inside)
            for one in settled(world, way, place.id, out.family)
        ]
    if translator is None or place is None or place.id == out.home.id:
        return tuple(entered)
    homes = [
        ((one,), _met(one, out.sends_as, out.destination, out.home.id))
        for way in trails_to(world, place, out.sends_as)
        for one in settled(world, arriving(returning(way), out.source), out.home.id, out.family)
    ]
    return tuple(
        ((*back, *home), (*met, *others)) for back, met in entered for home, others in homes
    )


def _met(trail: Trail, to: str, sender: str, subnet: str) -> tuple[Met, ...]:
    """Network ACLs that a reply meets, the last stretch into its subnet included."""
    met = [(one.subnet, one.way, to if one.way == "out" else sender) for one in trail.crossings]
    if trail.verdict is not Verdict.NO and trail.last != subnet:
        if trail.last:
            met.append((trail.last, "out", to))
        met.append((subnet, "in", sender))
    return tuple(met)


def entering_ways(
    world: NetworkWorld, trail: Trail, target: Interface, place: Subnet, address: str
) -> tuple[Trail, ...]:
    """What :func:`entering` says, once for each exit by which appliances may send on."""
    first = entering(world, trail, target, place, address)
    way = partial(entering, world, trail, target, place, address)
    return (first, *other_exits(world, first, way))


def entering(
    world: NetworkWorld,
    trail: Trail,
    target: Interface,
    place: Subnet,
    address: str,
    manner: Manner = PLAIN,
) -> Trail:
    """What enters by the gateway that ``trail`` names: by that one's own table if it has one.

    Args:
        world: the facts.
        trail: how the packets, or those that are answered, got out.
        target: who receives.
        place: its subnet.
        address: its address inside.
        manner: how appliances send on.
    """
    start = Trail(origin=place.vpc)
    if target.deny_igw:
        return _denied(start, trail, target)
    gateway = world.internet_gateways.get(place.vpc)
    table = world.edge_tables.get(gateway.id) if gateway else None
    if trail.end == EGRESS_ONLY or table is None:
        gap = world.gap("ec2.describe_route_tables", place.account_id, place.region)
        if gap and trail.end == INTERNET:
            return start.unknown(place.vpc, [gap])
        return start.at(VPC, place.vpc)
    family, spans = prefixes.parse(address)
    found = route_to(world, table, spans.pairs[0][0], family)
    if found.doubts:
        return start.unknown(table.id, found.doubts)
    route = found.route
    if route is None or route.kind == "local":
        return start.at(VPC, place.vpc)
    if not route.active:
        text = f"The route of {table.id} to {address} ({route.target}) is a blackhole."
        return start.dropped(table.id, text, route.refs, "BAD_STATE_ROUTE")
    if route.kind not in ("interface", "endpoint", "unknown"):
        text = f"{table.id} sends what enters for {address} to {route.target}, which drops it."
        return start.dropped(table.id, text, route.refs, "BAD_STATE_ROUTE")
    walked = Walker(world, address, manner).by_route(route, place, start)
    return arriving(returning(walked), target)


def _denied(start: Trail, trail: Trail, target: Interface) -> Trail:
    """``DenyAllIgwTraffic``: "inbound traffic from the internet is dropped".

    Whether that means replies by an egress-only gateway too AWS's text does not say.
    """
    if trail.end == EGRESS_ONLY:
        term = condition("context", "deny-all-igw-traffic")
        text = f"{target.id} drops traffic from internet gateways (DenyAllIgwTraffic)."
        step = Step("route", target.id, "conditional", text, target.refs)
        made = replace(start, verdict=Verdict.CONDITIONAL, conditions=frozenset({term}))
        return replace(made, steps=(step,)).at(VPC, target.vpc)
    text = f"{target.id} drops all traffic from internet gateways (DenyAllIgwTraffic)."
    return start.dropped(target.id, text, target.refs)
