"""Out to the internet: by an own public address, a NAT gateway or an egress-only gateway.

Rules: "Enable internet access using internet gateways", "NAT gateways", "Egress-only internet
gateways" and "Block public access to VPCs and subnets" of the VPC user guide. Destinations are
judged as a set: each part of the public addresses that some route, entry or rule tells apart.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from graph.evidence import Step
from graph.network import ports, prefixes
from graph.network.between.admission import outbound, told
from graph.network.between.classes import representatives
from graph.network.between.pair import (
    acl_at,
    acl_name,
    carried_parts,
    refused_by_nat,
    reply_parts,
    reply_step,
    sender_state,
)
from graph.network.between.parting import address_in, parted
from graph.network.between.parts import Part, Parts, through
from graph.network.between.result import Ends, Way, reach_of
from graph.network.between.trail import Crossing, Trail, addresses_of
from graph.network.between.walker import trails_to
from graph.network.between.way_out import Met, Out, gate_parts, gate_step, out_of, replies_to
from graph.network.facts import Interface, Subnet
from graph.network.internet import owner_of
from graph.network.prefixes import EVERYTHING, PUBLIC, Breadth, Family, breadth
from graph.network.reach import Reach
from graph.network.spans import Spans, atoms, by_atom, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

_NAMED = 20
_INTERNET = "the internet"
# Stands in a step for the address that was judged, until it is known what else it stands for.
_BLANK = "\0"


def interface_to_internet(
    world: NetworkWorld, source: Interface, only: Spans = ports.ALL, address: str = ""
) -> list[Reach]:
    """Judge what an interface may send to the internet, IPv4 and IPv6 apart.

    Args:
        world: the facts.
        source: who sends.
        only: ports that are asked for.
        address: one destination, or a range of them; without it, all public addresses.

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
    several = not address or "/" in address
    goal = (f"cidr:{address}" if several else address) if address else "internet"
    ends = Ends(owner_of(source), goal, family, source.id, address or _INTERNET)
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
            way = _way(world, Out(source, home, one, first, family), only)
            if several:
                way = replace(way, steps=tuple(_unnamed(step, first) for step in way.steps))
            if state.verdict is Verdict.NO:
                way = replace(way, parts=())
            way = replace(way, steps=(state.step, *way.steps))
            groups[way.parts, "+".join(way.kinds)].append((spans, way))
    if not several:
        ways = [way for found in groups.values() for _, way in found]
        return [reach_of(ends, ways, state.verdict)]
    return _by_destination(ends, groups, state.verdict)


def _unnamed(step: Step, one: str) -> Step:
    """A step with a blank for the address that stood for others."""
    text = re.sub(rf"(?<![\w.:]){re.escape(one)}(?![\w:]|\.\d)", _BLANK, step.text)
    return replace(step, text=text.replace(f" sends {_BLANK}", f" sends what is for {_BLANK}"))


def _named_steps(way: Way, label: str) -> Way:
    """A way whose steps speak of all the addresses that one stood for."""
    steps = (replace(step, text=step.text.replace(_BLANK, label)) for step in way.steps)
    return replace(way, steps=tuple(steps))


def _by_destination(
    ends: Ends, groups: dict[tuple[Parts, str], list[tuple[Spans, Way]]], bound: Verdict
) -> list[Reach]:
    """One result for each named set of destinations; one ``no`` where nothing gets out."""
    found: list[Reach] = []
    for (parts, _), ways in groups.items():
        if parts:
            reached = union(spans for spans, _ in ways)
            for name, label in _named(reached, ends):
                to = replace(ends, target=name, target_name=label)
                found.append(reach_of(to, [_named_steps(ways[0][1], label)], bound))
    if found:
        return found
    way, label = _refusal([pair for ways in groups.values() for pair in ways], ends)
    return [reach_of(ends, [_named_steps(way, label)], bound)]


def _refusal(ways: list[tuple[Spans, Way]], ends: Ends) -> tuple[Way, str]:
    """The refusal that holds for most addresses, and what to call these."""
    alike: dict[tuple[Step, ...], list[tuple[Spans, Way]]] = defaultdict(list)
    for spans, way in ways:
        alike[way.steps].append((spans, way))
    most = max(alike.values(), key=lambda found: sum(spans.size for spans, _ in found))
    refused = union(spans for spans, _ in most)
    if len(alike) == 1:
        return most[0][1], ends.target_name
    if breadth(refused, ends.family) is Breadth.ANY:
        return most[0][1], f"most of {_INTERNET}"
    return most[0][1], f"{prefixes.cidrs(refused, ends.family)[0]} and others"


def _named(reached: Spans, ends: Ends) -> Iterator[tuple[str, str]]:
    family, within = ends.family, ends.target.partition("cidr:")[2]
    if within and reached.covers(prefixes.parse(within)[1] & PUBLIC[family]):
        yield ends.target, within
        return
    if breadth(reached, family) is Breadth.ANY:
        missing = prefixes.cidrs(PUBLIC[family] - reached, family)
        but = f" but {', '.join(missing[:_NAMED])}" if missing else ""
        yield "internet", f"{_INTERNET}{but}"
        return
    for cidr in _blocks(reached & PUBLIC[family], family):
        yield f"cidr:{cidr}", cidr


def _blocks(reached: Spans, family: Family) -> tuple[str, ...]:
    """CIDRs of public addresses; of many those with the addresses between that nobody has."""
    exact = prefixes.cidrs(reached, family)
    if len(exact) <= _NAMED:
        return exact
    filled = reached | (EVERYTHING[family] - PUBLIC[family])
    return tuple(one for one in prefixes.cidrs(filled, family) if prefixes.parse(one)[1] & reached)


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
    """The public addresses, cut where routes, network ACLs or the groups tell them apart.

    These are the tables and the ACLs of the whole way out, those behind a NAT gateway too.
    """
    if address and "/" not in address:
        yield prefixes.parse(address)[1]
        return
    whole = PUBLIC[family] & prefixes.parse(address)[1] if address else PUBLIC[family]
    outward = _sent_to(world, source, family)
    acl = world.acl_of(home)
    mine = addresses_of(source, family)[:1]
    for some in parted(world, home, family, whole):
        first = address_in(some, family)
        named = [entry.cidr for entry in (acl.entries if acl else ()) if entry.cidr]
        for one in mine:
            named += _filtered(world, Out(source, home, one, first, family))
        read = map(prefixes.parse, dict.fromkeys(named))
        yield from _alike(some, [*outward, *(cut for of, cut in read if of is family)])


def _sent_to(world: NetworkWorld, source: Interface, family: Family) -> list[Spans]:
    """What the groups' outbound rules name, one set for all rules of the same ports."""
    found: dict[Spans | None, list[str]] = defaultdict(list)
    for group in source.groups or ():
        known = world.security_groups.get(group)
        for rule in (known.egress if known else None) or ():
            listed = world.prefix_lists.get(rule.prefix_list)
            found[rule.ports] += (
                (listed.cidrs or ()) if listed else [rule.cidr] if rule.cidr else []
            )
    return [prefixes.of(cidrs, family) for cidrs in found.values()]


def _alike(whole: Spans, sets: list[Spans]) -> Iterator[Spans]:
    """The parts of a set that lie in the same ones of some others."""
    pairs = atoms(whole, sets)
    found: dict[tuple[int, ...], list[Spans]] = defaultdict(list)
    for pair, held in zip(pairs, by_atom(pairs, sets), strict=True):
        found[tuple(held)].append(Spans((pair,)))
    yield from (union(some) for some in found.values())


def _filtered(world: NetworkWorld, out: Out) -> Iterator[str]:
    """CIDRs of the network ACLs on the way to a destination and back."""
    met: list[str] = []
    for way in trails_to(world, out.home, out.destination):
        trail = out_of(world, out, way)
        met += [one.subnet for one in trail.crossings]
        met += [one for _, some in replies_to(world, out, trail) for one, _, _ in some]
    for name in dict.fromkeys(met):
        place = world.subnets.get(name)
        acl = world.acl_of(place) if place else None
        yield from (entry.cidr for entry in (acl.entries if acl else ()) if entry.cidr)


def _way(world: NetworkWorld, out: Out, only: Spans) -> Way:
    """All ways to one destination and back as one; the strongest gives the steps."""
    trails = (out_of(world, out, way) for way in trails_to(world, out.home, out.destination))
    ways = [
        _way_by(world, out, only, trail, *back)
        for trail in trails
        for back in replies_to(world, out, trail)
    ]
    best = max(ways, key=lambda way: way.best.rank)
    return replace(best, parts=tuple(dict.fromkeys(part for way in ways for part in way.parts)))


def _way_by(
    world: NetworkWorld,
    out: Out,
    only: Spans,
    trail: Trail,
    back: tuple[Trail, ...],
    returns: tuple[Met, ...],
) -> Way:
    leaves = outbound(world, out.source, out.destination, out.source, "")
    offered = (leaves.lets.surely | leaves.lets.perhaps) & only or only
    gate = gate_step(world, out, trail)
    there = [_looked_at(one, out.sends_as, out.destination) for one in trail.crossings]
    filters = [(one, acl_at(world, *one, out.family)) for one in there]
    answered = [(one, acl_at(world, *one, out.family)) for one in returns]
    parts: Parts = through((Part(only),), leaves.lets.parts)
    parts = through(parts, carried_parts([trail]))
    parts = through(parts, gate_parts(gate))
    for _, lets in filters:
        parts = through(parts, lets.parts)
    parts = through(parts, reply_parts(list(back), [lets for _, lets in answered]))
    steps = [leaves.step(offered), *trail.steps, *refused_by_nat([trail], offered), gate]
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
