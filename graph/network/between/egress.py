"""Out to the internet: by an own public address, a NAT gateway or an egress-only gateway.

Rules: "Enable internet access using internet gateways", "NAT gateways", "Egress-only internet
gateways" and "Block public access to VPCs and subnets" of the VPC user guide. Destinations are
judged as a set: each part of the public addresses that some route, entry or rule tells apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from graph.evidence import Step
from graph.network import ports, prefixes
from graph.network.between.admission import outbound, told
from graph.network.between.classes import representatives
from graph.network.between.pair import (
    acl_at,
    acl_name,
    arriving,
    reply_parts,
    reply_step,
    route_parts,
    sender_state,
)
from graph.network.between.parts import Part, Parts, through
from graph.network.between.result import Ends, Way, reach_of
from graph.network.between.trail import (
    EGRESS_ONLY,
    INTERNET,
    Crossing,
    Trail,
    addresses_of,
    trail_to,
)
from graph.network.block_public_access import block_public_access_step
from graph.network.facts import Interface, Subnet
from graph.network.filters import candidate_cidrs, group_rules
from graph.network.internet import owner_of
from graph.network.prefixes import PUBLIC, Breadth, Family, breadth
from graph.network.reach import Reach
from graph.network.routes import route_cidrs
from graph.network.spans import Spans, atoms, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

_NAMED = 20


@dataclass(frozen=True, slots=True)
class _Out:
    """A sender, one of its addresses, and one destination that stands for others."""

    source: Interface
    home: Subnet
    sends_as: str
    destination: str
    family: Family


def interface_to_internet(
    world: NetworkWorld, source: Interface, only: Spans = ports.ALL, address: str = ""
) -> list[Reach]:
    """Judge what an interface may send to the internet, IPv4 and IPv6 apart.

    Args:
        world: the facts.
        source: who sends.
        only: ports that are asked for.
        address: one destination; without it, all public addresses.

    Returns:
        For each family a result to ``internet``, or to the ranges (``cidr:...``) that are
        reached; ``no`` with the failing steps where there is no way out.
    """
    families = [Family.IPV4, *([Family.IPV6] if source.ipv6 else [])]
    if address:
        families = [prefixes.parse(address)[0]]
    return [one for family in families for one in _judge(world, source, family, only, address)]


def _judge(
    world: NetworkWorld, source: Interface, family: Family, only: Spans, address: str
) -> list[Reach]:
    state = sender_state(world, source)
    home = world.subnets.get(source.subnet)
    mine = addresses_of(source, family)
    goal = address or "internet"
    name = address or "the internet"
    ends = Ends(owner_of(source), goal, family, source.id, name)
    if home is None or not mine:
        step = _no_sender(world, source, family, home)
        parts: Parts = ()
        if step.result == "unknown":
            terms = frozenset({f"not_collected:{step.text[15:].rstrip('.')}"})
            parts = (Part(only, Verdict.UNKNOWN, terms),)
        return [reach_of(ends, [Way(parts, (state.step, step))], state.verdict)]
    groups: dict[tuple[Parts, str], list[tuple[Spans, Way]]] = defaultdict(list)
    for spans in _destinations(world, source, home, family, address):
        first = prefixes.cidrs(Spans((spans.pairs[0],)), family)[0].partition("/")[0]
        for one in representatives(world, mine, family):
            way = _way(world, _Out(source, home, one, first, family), only)
            if not address:
                shown = prefixes.cidrs(spans, family)[0]
                way = replace(way, steps=tuple(_for_all(step, first, shown) for step in way.steps))
            if state.verdict is Verdict.NO:
                way = replace(way, parts=())
            way = replace(way, steps=(state.step, *way.steps))
            groups[way.parts, "+".join(way.kinds)].append((spans, way))
    if address:
        ways = [way for found in groups.values() for _, way in found]
        return [reach_of(ends, ways, state.verdict)]
    return _by_destination(ends, groups, state.verdict)


def _for_all(step: Step, one: str, range_shown: str) -> Step:
    """A step that speaks of the range that one address stood for."""
    return replace(
        step,
        text=step.text.replace(f"{one}.", f"{range_shown}.").replace(f"{one} ", f"{range_shown} "),
    )


def _by_destination(
    ends: Ends, groups: dict[tuple[Parts, str], list[tuple[Spans, Way]]], bound: Verdict
) -> list[Reach]:
    """One result for each named set of destinations; one ``no`` where nothing gets out."""
    found: list[Reach] = []
    for (parts, _), ways in groups.items():
        if parts:
            reached = union(spans for spans, _ in ways)
            for name, label in _named(reached, ends.family):
                to = replace(ends, target=name, target_name=label)
                found.append(reach_of(to, [ways[0][1]], bound))
    if found:
        return found
    widest = max((pair for ways in groups.values() for pair in ways), key=lambda pair: pair[0].size)
    return [reach_of(ends, [widest[1]], bound)]


def _named(reached: Spans, family: Family) -> Iterator[tuple[str, str]]:
    if breadth(reached, family) is Breadth.ANY:
        missing = prefixes.cidrs(PUBLIC[family] - reached, family)
        but = f" but {', '.join(missing[:_NAMED])}" if missing else ""
        yield "internet", f"the internet{but}"
        return
    for cidr in prefixes.cidrs(reached & PUBLIC[family], family)[:_NAMED]:
        yield f"cidr:{cidr}", cidr


def _no_sender(world: NetworkWorld, source: Interface, family: Family, home: Subnet | None) -> Step:
    if home is None:
        call = "ec2.describe_subnets"
        gap = world.gap(call, source.account_id, source.region) or f"{call}({source.subnet})"
        return Step("subnet", source.subnet, "unknown", f"Not collected: {gap}.")
    label = "IPv4" if family is Family.IPV4 else "IPv6"
    return Step("address", source.id, "fail", f"{source.id} has no {label} address.", source.refs)


def _destinations(
    world: NetworkWorld, source: Interface, home: Subnet, family: Family, address: str
) -> Iterator[Spans]:
    """The public addresses, cut where routes, the network ACL or the groups tell them apart."""
    if address:
        yield prefixes.parse(address)[1]
        return
    rules = group_rules(world, source.groups, source.account_id, source.region)
    outward = [
        rule.cidr
        for group in source.groups or ()
        if (known := world.security_groups.get(group))
        for rule in known.egress or ()
        if rule.cidr
    ]
    acl = world.acl_of(home)
    named = (*route_cidrs(world, home), *outward, *candidate_cidrs(world, rules, acl))
    cuts = [spans for kind, spans in map(prefixes.parse, dict.fromkeys(named)) if kind is family]
    yield from (Spans((pair,)) for pair in atoms(PUBLIC[family], cuts))


def _way(world: NetworkWorld, out: _Out, only: Spans) -> Way:
    trail = _out_of(world, out, trail_to(world, out.home, out.destination))
    leaves = outbound(world, out.source, out.destination, out.source, "")
    offered = (leaves.lets.surely | leaves.lets.perhaps) & only or only
    gate = _gate_step(world, out, trail)
    there = [_looked_at(one, out.sends_as, out.destination) for one in trail.crossings]
    back, returns = _replies(world, out, trail)
    filters = [(one, acl_at(world, *one, out.family)) for one in there]
    answered = [(one, acl_at(world, *one, out.family)) for one in returns]
    parts: Parts = through((Part(only),), leaves.lets.parts)
    parts = through(parts, route_parts([trail]))
    parts = through(parts, _gate_parts(gate))
    for _, lets in filters:
        parts = through(parts, lets.parts)
    parts = through(parts, reply_parts(back, [lets for _, lets in answered]))
    steps = [leaves.step(offered), *trail.steps, gate]
    for (subnet, way, _), lets in filters:
        acl, refs = acl_name(world, subnet)
        where = f"{'into' if way == 'in' else 'out of'} {subnet}"
        result, text = told(lets, offered, f"{acl} lets", where)
        steps.append(Step(f"network ACL {way}", acl, result, text, refs))
    for one in back:
        steps += [replace(step, name="reply route") for step in one.steps]
    for (subnet, way, _), lets in answered:
        steps.append(reply_step(world, subnet, way, lets, offered))
    return Way(parts, tuple(steps), trail.via, trail.kinds or ("internet-gateway",))


def _looked_at(one: Crossing, sends_as: str, destination: str) -> tuple[str, str, str]:
    return one.subnet, one.way, destination if one.way == "out" else one.source or sends_as


def _out_of(world: NetworkWorld, out: _Out, trail: Trail) -> Trail:
    """The trail, failed where it does not get out, or not under an address of the internet's."""
    if trail.verdict in (Verdict.NO, Verdict.UNKNOWN):
        return trail
    if trail.end == EGRESS_ONLY:
        return replace(trail, kinds=(*trail.kinds, "egress-only-gateway"))
    if trail.end != INTERNET:
        text = f"The routes lead to {trail.place}, not to the internet."
        return trail.dropped(trail.place, text)
    gateway = world.internet_gateways.get(trail.origin)
    if gateway is None or gateway.id != trail.place:
        gap = world.gap("ec2.describe_internet_gateways", out.home.account_id, out.home.region)
        if gap and gateway is None:
            return trail.unknown(trail.place, [gap])
        text = f"{trail.place} is not attached to {trail.origin}."
        return trail.dropped(trail.place, text, code="BAD_STATE_ATTACHMENT")
    public = _public(world, out, trail)
    if not public:
        who = world.interfaces.get(trail.nat, out.source).id
        text = f"{who} has no public address: the internet gateway drops what it sends."
        return trail.dropped(who, text)
    return trail


def _public(world: NetworkWorld, out: _Out, trail: Trail) -> bool:
    """Whether what leaves by the internet gateway has an address that replies find."""
    translator = world.interfaces.get(trail.nat)
    if translator is not None:
        return any(one.public for one in translator.addresses)
    if any(kind.startswith("transit") for kind in trail.kinds):
        return False
    if out.family is Family.IPV4:
        return any(one.public for one in out.source.addresses if one.private == out.sends_as)
    private = prefixes.of(out.home.private_ipv6, Family.IPV6)
    routed = PUBLIC[Family.IPV6] - private
    return not out.source.deny_igw and bool(prefixes.parse(out.sends_as)[1] & routed)


def _gate_step(world: NetworkWorld, out: _Out, trail: Trail) -> Step:
    """VPC Block Public Access: ``block-ingress`` leaves NAT and egress-only gateways working."""
    translator = world.interfaces.get(trail.nat)
    subnet = world.subnets.get(translator.subnet) if translator else out.home
    step = block_public_access_step(world, subnet or out.home)
    if step.result != "fail" or subnet is None:
        return step
    account = world.block_public_access.get((subnet.account_id, subnet.region))
    vpc = world.vpcs.get(subnet.vpc)
    mode = subnet.block_mode or (account.mode if account else None) or (vpc and vpc.block_mode)
    outward = translator is not None or trail.end == EGRESS_ONLY
    if mode == "block-ingress" and outward:
        text = "VPC Block Public Access is block-ingress, which lets outbound connections pass."
        return replace(step, result="pass", text=text)
    excluded = account.exclusions if account and account.exclusions else ()
    for resource, allowed in excluded:
        if resource in (subnet.id, subnet.vpc) and allowed == "allow-egress":
            text = f"VPC Block Public Access is {mode}, but {resource} may send (allow-egress)."
            return replace(step, result="pass", text=text)
    return replace(step, text=f"VPC Block Public Access is {mode}: nothing gets out this way.")


def _gate_parts(step: Step) -> Parts:
    if step.result == "fail":
        return ()
    if step.result == "unknown":
        gap = step.text.split("ollected: ", 1)[-1].rstrip(".")
        return (Part(ports.ALL, Verdict.UNKNOWN, frozenset({f"not_collected:{gap}"})),)
    return (Part(ports.ALL),)


def _replies(
    world: NetworkWorld, out: _Out, trail: Trail
) -> tuple[list[Trail], list[tuple[str, str, str]]]:
    """The way back: into the subnet of the public address, and from a NAT gateway home."""
    translator = world.interfaces.get(trail.nat)
    if trail.verdict is Verdict.NO:
        return [], []
    if translator is None:
        return [], [(out.home.id, "in", out.destination)]
    met = [(translator.subnet, "in", out.destination)]
    place = world.subnets.get(translator.subnet)
    if place is None or place.id == out.home.id:
        return [], met
    back = arriving(trail_to(world, place, out.sends_as), out.source)
    met += [
        (one.subnet, one.way, out.sends_as if one.way == "out" else out.destination)
        for one in back.crossings
    ]
    if back.verdict is not Verdict.NO and back.last != out.home.id:
        if back.last:
            met.append((back.last, "out", out.sends_as))
        met.append((out.home.id, "in", out.destination))
    return [back], met
