"""From one network interface to another by private addresses, and what keeps them apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graph.evidence import Ref, Step
from graph.network import ports, prefixes
from graph.network.between.admission import ever_admitted, inbound, outbound, told
from graph.network.between.classes import representatives
from graph.network.between.legs import Hop, Leg, every_legs
from graph.network.between.parts import (
    Lets,
    Part,
    Parts,
    acl_lets,
    entries_of,
    replies,
    through,
)
from graph.network.between.result import Ends, Way, reach_of
from graph.network.between.trail import Trail, addresses_of, every_address
from graph.network.facts import Interface
from graph.network.filters import acl_gap
from graph.network.internet import State, owner_of, state_of
from graph.network.pieces import weaker
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

# Interfaces that nothing inside reaches either: they carry traffic on, or only ever send
# (EC2 API reference, NetworkInterface.InterfaceType; Lambda guide, "VPC networking").
TAKES_NOTHING = (
    "nat_gateway",
    "transit_gateway",
    "lambda",
    "gateway_load_balancer",
    "gateway_load_balancer_endpoint",
)
_ONE_WAY = frozenset({condition("ports", "one-way")})
_NOT_TCP = ports.ALL - ports.of_protocol(ports.TCP)
_BY_NAT = union(ports.of_protocol(one) for one in (ports.TCP, ports.UDP, ports.ICMP))


def interface_to_interface(
    world: NetworkWorld, source: Interface, target: Interface, only: Spans = ports.ALL
) -> list[Reach]:
    """Judge what one interface may send to another, IPv4 and IPv6 apart.

    Returns:
        A result for IPv4, and one for IPv6 where either has such an address; ``no`` with every
        failing step. Source and target are the interfaces' owners where known.
    """
    families = [Family.IPV4]
    if any(one.ipv6 or unread_of(one, Family.IPV6) for one in (source, target)):
        families.append(Family.IPV6)
    return [judge(world, source, target, family, only) for family in families]


def judge(
    world: NetworkWorld, source: Interface, target: Interface, family: Family, only: Spans
) -> Reach:
    """The result for one family."""
    ends = Ends(owner_of(source), owner_of(target), family, source.id, target.id, (target.id,))
    first, last = sender_state(world, source), state_of(world, target)
    bound = weaker(first.verdict, last.verdict)
    before, after = (first.step,), (last.step,)
    mine, theirs = addresses_of(source, family), addresses_of(target, family)
    refusal = _no_ends(world, source, target, family, mine, theirs)
    if refusal is not None:
        parts = _unseen(world, refusal, target, only)
        return reach_of(ends, [Way(parts, (*before, refusal, *after))], bound)
    ways = [
        way
        for one in representatives(world, mine, family)
        for other in representatives(world, theirs, family)
        for way in _ways(world, Hop(source, target, one, other, family), only)
    ]
    gone = bound is Verdict.NO
    unknown = frozenset(
        condition("not_collected", step.text.split("ollected: ", 1)[1].rstrip("."))
        for step in (first.step, last.step)
        if step.result == "unknown"
    )
    made = [
        replace(
            way,
            parts=()
            if gone
            else tuple(replace(p, conditions=p.conditions | unknown) for p in way.parts),
            steps=(*before, *way.steps, *after),
        )
        for way in ways
    ]
    return reach_of(ends, made, bound)


def sender_state(world: NetworkWorld, source: Interface) -> State:
    """What the sender's state allows, told as the sender's."""
    found = state_of(world, source)
    return replace(found, step=replace(found.step, name="sender's state"))


def _no_ends(
    world: NetworkWorld,
    source: Interface,
    target: Interface,
    family: Family,
    mine: tuple[str, ...],
    theirs: tuple[str, ...],
) -> Step | None:
    if source.id == target.id:
        return Step("address", target.id, "fail", "Both ends are the same interface.")
    kind = "nat_gateway" if target.id in world.nat_interfaces else target.kind
    if kind in TAKES_NOTHING:
        text = f"{target.id} is of type {kind}: nothing connects to it."
        return Step("address", target.id, "fail", text, target.refs)
    for one, listed in ((source, mine), (target, theirs)):
        if not listed:
            gap = _place_gap(world, one, family)
            if gap:
                return Step("subnet", one.subnet, "unknown", f"Not collected: {gap}.")
            label = "IPv4" if family is Family.IPV4 else "IPv6"
            text = f"{one.id} has no {label} address."
            return Step("address", one.id, "fail", text, one.refs)
    return None


def _place_gap(world: NetworkWorld, one: Interface, family: Family) -> str:
    """The call that would tell the addresses of what is only known to stand in some subnet."""
    unread = unread_of(one, family)
    if unread:
        return f"ec2.describe_network_interfaces({one.id}): {unread}"
    if family is Family.IPV6 or every_address(one) or one.subnet in world.subnets:
        return ""
    call = "ec2.describe_subnets"
    return world.gap(call, one.account_id, one.region) or f"{call}({one.subnet})"


def unread_of(one: Interface, family: Family) -> str:
    """A member that may hold private addresses of a family and cannot be read, or ``""``."""
    start = "Ipv6" if family is Family.IPV6 else ("PrivateIp", "Ipv4")
    return next((member for member in one.unread if member.startswith(start)), "")


def _unseen(world: NetworkWorld, refusal: Step, target: Interface, only: Spans) -> Parts:
    """What gets through if what was not collected does not stand in the way."""
    if refusal.result != "unknown":
        return ()
    gap = refusal.text.split("ollected: ", 1)[1].rstrip(".")
    terms = frozenset({condition("not_collected", gap)})
    admitted = ever_admitted(world, target)
    return through((Part(only, Verdict.UNKNOWN, terms),), (Part(admitted),)) if admitted else ()


def _ways(world: NetworkWorld, hop: Hop, only: Spans) -> Iterator[Way]:
    """The way, or several where appliances on it may send on in several manners."""
    for there, back in every_legs(world, hop):
        yield way_by(world, hop, there, back, only)


def way_by(world: NetworkWorld, hop: Hop, there: list[Leg], back: list[Leg], only: Spans) -> Way:
    """What gets there by some stretches and is answered by others, and what is in its way."""
    first = there[0].trail if there else Trail()
    references = first.references
    if hop.source.region != hop.target.region:
        references = ""
    seen_as = first.source or hop.sends_as
    admits = inbound(world, hop.target, seen_as, hop.source, references if not first.source else "")
    leaves = outbound(world, hop.source, hop.sends_to, hop.target, references)
    offered = (admits.lets.surely | admits.lets.perhaps) & only or only
    met = [one for leg in there for one in leg.crossings()]
    filters = [(one, acl_at(world, *one, hop.family)) for one in met]
    answered = [one for leg in back for one in leg.crossings()]
    returns = [(one, acl_at(world, *one, hop.family)) for one in answered]
    parts: Parts = (Part(only),)
    parts = through(parts, leaves.lets.parts)
    parts = through(parts, carried_parts([leg.trail for leg in there]))
    for _, lets in filters:
        parts = through(parts, lets.parts)
    parts = through(parts, admits.lets.parts)
    parts = through(parts, reply_parts([leg.trail for leg in back], [x for _, x in returns]))
    steps = [
        leaves.step(offered),
        *_trail_steps(there, "route", hop),
        *refused_by_nat([leg.trail for leg in there], offered),
        *(_acl_step(world, *one[:2], lets, offered) for one, lets in filters),
        admits.step(only),
        *_trail_steps(back, "reply route", hop),
        *(reply_step(world, *one[:2], lets, offered) for one, lets in returns),
    ]
    if not parts and all(step.result != "fail" for step in steps):
        text = "Each control lets something through, but no port passes all of them."
        steps.append(Step("ports", hop.target.id, "fail", text))
    via = tuple(dict.fromkeys(one for leg in there for one in leg.trail.via))
    kinds = tuple(dict.fromkeys(one for leg in there for one in leg.trail.kinds))
    return Way(parts, tuple(steps), via, kinds)


def route_parts(trails: Iterable[Trail]) -> Parts:
    """What the routes of several stretches in a row let through."""
    found: Parts = (Part(ports.ALL),)
    for trail in trails:
        if trail.verdict is Verdict.NO:
            return ()
        found = through(found, (Part(ports.ALL, trail.verdict, trail.conditions),))
    return found


def carried_parts(trails: list[Trail]) -> Parts:
    """What the routes of a request's way let through, NAT gateways on it included.

    "A NAT gateway supports the following protocols: TCP, UDP, and ICMP" (VPC user guide, "NAT
    gateway basics").
    """
    found = route_parts(trails)
    if any("nat" in trail.kinds for trail in trails):
        return through(found, (Part(_BY_NAT),))
    return found


def refused_by_nat(trails: list[Trail], offered: Spans) -> Iterator[Step]:
    """A failing step where a NAT gateway carries none of the protocols."""
    for trail in trails:
        if "nat" in trail.kinds and not offered & _BY_NAT:
            text = "A NAT gateway carries TCP, UDP and ICMP only."
            yield Step("NAT gateway", trail.nat, "fail", text)


def reply_parts(trails: list[Trail], lets: list[Lets]) -> Parts:
    """What gets its reply: by routes, and by network ACLs; without one, one way only."""
    back = route_parts(trails)
    if not back:
        return (Part(_NOT_TCP, Verdict.CONDITIONAL, _ONE_WAY),)
    found = through(replies(lets), back)
    if all(part.verdict is not Verdict.UNKNOWN for part in back):
        return found
    tcp = tuple(
        replace(part, ports=part.ports & ports.of_protocol(ports.TCP))
        for part in found
        if part.ports & ports.of_protocol(ports.TCP)
    )
    return (*tcp, Part(_NOT_TCP, Verdict.CONDITIONAL, _ONE_WAY))


def _trail_steps(found: list[Leg], name: str, hop: Hop) -> Iterator[Step]:
    if not found and name == "route" and hop.source.subnet == hop.target.subnet:
        text = f"Both stand in {hop.target.subnet}."
        yield Step(name, hop.target.subnet, "pass", text)
    for leg in found:
        for step in leg.trail.steps:
            yield replace(step, name=name)


def acl_at(world: NetworkWorld, subnet: str, way: str, address: str, family: Family) -> Lets:
    """What the network ACL of a subnet lets through for an address."""
    known = entries_of(world, subnet, family)
    if known is None:
        place = world.subnets.get(subnet)
        gap = acl_gap(world, place) if place else f"ec2.describe_subnets({subnet})"
        return Lets(Spans(), ports.ALL, (gap,))
    acl, incoming, outgoing = known
    number = prefixes.parse(address)[1].pairs[0][0]
    return acl_lets(world, acl, outgoing if way == "out" else incoming, way, number, family)


def acl_name(world: NetworkWorld, subnet: str) -> tuple[str, tuple[Ref, ...]]:
    """A subnet's network ACL by id, and where it stands; the subnet's id where it is not known."""
    place = world.subnets.get(subnet)
    acl = world.acl_of(place) if place else None
    return (acl.id, acl.refs) if acl else (subnet, ())


def _acl_step(world: NetworkWorld, subnet: str, way: str, lets: Lets, offered: Spans) -> Step:
    name = f"network ACL {way}"
    acl, refs = acl_name(world, subnet)
    direction = f"{'into' if way == 'in' else 'out of'} {subnet}"
    result, text = told(lets, offered, f"{acl} lets", direction)
    code = "SUBNET_ACL_RESTRICTION" if result == "fail" else ""
    return Step(name, acl, result, text, refs, code)


def reply_step(world: NetworkWorld, subnet: str, way: str, lets: Lets, offered: Spans) -> Step:
    """Whether a subnet's network ACL lets replies through."""
    name = f"reply, network ACL {way}"
    acl, refs = acl_name(world, subnet)
    direction = f"{'into' if way == 'in' else 'out of'} {subnet}"
    found = [part for part in replies([lets]) if part.ports & offered]
    if not found:
        text = f"{acl} lets no reply to a client's port (1024-65535) {direction}."
        return Step(name, acl, "fail", text, refs, "SUBNET_ACL_RESTRICTION")
    best = max(found, key=lambda part: part.verdict.rank)
    if best.verdict is Verdict.UNKNOWN:
        return Step(name, acl, "unknown", f"Not collected: {', '.join(lets.missing)}.", refs)
    if best.verdict is Verdict.CONDITIONAL:
        terms = ", ".join(sorted(best.conditions))
        text = f"{acl} lets a part of the replies {direction} ({terms})."
        return Step(name, acl, "conditional", text, refs)
    return Step(name, acl, "pass", f"{acl} lets replies {direction}.", refs)


__all__ = ["Hop", "interface_to_interface", "judge"]
