"""From networks on premises (VPN, Direct Connect) to an interface.

Which addresses stand there is told by the routes that lead back: a sender whose reply does not
come home by the same gateway is none of its. The way in is asked as well: a transit gateway sends
on what comes by a VPN only as the table of that attachment says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from graph.evidence import Step
from graph.network import ports, prefixes
from graph.network.between.admission import ever_admitted, inbound
from graph.network.between.classes import representatives
from graph.network.between.legs import Leg
from graph.network.between.pair import acl_at, reply_parts, route_parts
from graph.network.between.parting import address_in, parted
from graph.network.between.parts import Part, Parts, through
from graph.network.between.premises import entering_from, unproven
from graph.network.between.result import Ends, Way, reach_of
from graph.network.between.trail import ON_PREM, Trail, addresses_of, arriving, returning
from graph.network.between.transit import short
from graph.network.between.walker import trails_to
from graph.network.between.zones import settled
from graph.network.facts import Interface, Subnet
from graph.network.filters import candidate_cidrs, group_rules
from graph.network.internet import owner_of, state_of
from graph.network.prefixes import EVERYTHING, Family
from graph.network.reach import Reach
from graph.network.spans import Spans, atoms
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

SOMEWHERE = "on-prem"
"""Source of results for which it is not known by what they come in."""

_WITHIN_AWS = frozenset({"vpc", "peering", "tgw-peering"})


@dataclass(frozen=True, slots=True)
class _Goal:
    """An interface, its subnet, one of its addresses; the ports and senders asked for."""

    target: Interface
    home: Subnet
    address: str
    family: Family
    only: Spans
    senders: Spans


def leads_on_premises(world: NetworkWorld) -> bool:
    """Whether anything of the world leads on premises at all."""
    kinds = {route.kind for table in world.facts.route_tables for route in table.routes}
    attached = {one.kind for one in world.facts.joints.attachments}
    return "virtual_private_gateway" in kinds or bool(attached - _WITHIN_AWS)


def premises_of(world: NetworkWorld) -> tuple[str, ...]:
    """The networks on premises that may be asked for: ``on-prem:<gateway or connection>``."""
    joints = world.facts.joints
    gateways = {short(one.id) for one in joints.private_gateways}
    for table in world.facts.route_tables:
        routed = (one.target for one in table.routes if one.kind == "virtual_private_gateway")
        gateways |= set(map(short, routed))
    connections = {
        short(one.resource) or one.id for one in joints.attachments if one.kind not in _WITHIN_AWS
    }
    return tuple(f"{SOMEWHERE}:{name}" for name in sorted(gateways | connections) if name)


def on_prem_to_interface(
    world: NetworkWorld, target: Interface, only: Spans = ports.ALL
) -> list[Reach]:
    """Judge what networks on premises reach of an interface, one result for each gateway.

    Only what gets through by a gateway that is known is told.
    """
    return [one for one in premises_to_interface(world, target, only) if one.source != SOMEWHERE]


def premises_to_interface(
    world: NetworkWorld, target: Interface, only: Spans = ports.ALL, cidr: str = ""
) -> list[Reach]:
    """The same, with what may come in by ways that were not collected, from :data:`SOMEWHERE`.

    Without a way on premises there is no result. With ``cidr`` only senders in it are asked for.

    Raises:
        ValueError: ``cidr`` is none.
    """
    senders = dict([prefixes.parse(cidr)]) if cidr else EVERYTHING
    home = world.subnets.get(target.subnet)
    state = state_of(world, target)
    if state.verdict is Verdict.NO:
        return []
    found: list[Reach] = []
    for family in senders:
        ways: dict[str, list[Way]] = defaultdict(list)
        for address in representatives(world, addresses_of(target, family), family):
            if home is None:
                ways[SOMEWHERE].append(_without_subnet(world, target, only))
                continue
            for place, way in _ways(
                world, _Goal(target, home, address, family, only, senders[family])
            ):
                ways[place].append(way)
        for place, some in sorted(ways.items()):
            ends = Ends(place, owner_of(target), family, place, target.id, (target.id,))
            if any(way.parts for way in some):
                found.append(reach_of(ends, some, state.verdict))
    return found


def _without_subnet(world: NetworkWorld, target: Interface, only: Spans) -> Way:
    call = "ec2.describe_subnets"
    gap = world.gap(call, target.account_id, target.region) or f"{call}({target.subnet})"
    step = Step("subnet", target.subnet, "unknown", f"Not collected: {gap}.")
    terms = frozenset({condition("not_collected", gap)})
    parts = through((Part(only, Verdict.UNKNOWN, terms),), (Part(ever_admitted(world, target)),))
    return Way(parts, (step,), (), (ON_PREM,))


def _ways(world: NetworkWorld, goal: _Goal) -> Iterator[tuple[str, Way]]:
    target, home, family = goal.target, goal.home, goal.family
    rules = group_rules(world, target.groups, target.account_id, target.region)
    named = candidate_cidrs(world, rules, None)
    for some, trail in _replies(world, goal):
        placed = trail.end == ON_PREM and trail.verdict is not Verdict.NO
        if not placed and trail.verdict is not Verdict.UNKNOWN:
            continue
        coming: tuple[Trail | None, ...] = _coming(world, goal, trail) if placed else (None,)
        met = [home.id, *(one.subnet for one in trail.crossings)]
        met += [one.subnet for way in coming if way for one in way.crossings]
        cidrs = dict.fromkeys((*named, *_entries(world, met)))
        cuts = [spans for of, spans in map(prefixes.parse, cidrs) if of is family]
        for atom in atoms(some, cuts):
            sender = address_in(Spans((atom,)), family)
            for by in coming:
                way = _way(world, goal, sender, trail, by)
                yield trail.place if placed else SOMEWHERE, way


def _replies(world: NetworkWorld, goal: _Goal) -> Iterator[tuple[Spans, Trail]]:
    """Where replies to parts of the senders go, one way for each exit of appliances."""
    for some in parted(world, goal.home, goal.family, goal.senders):
        for way in trails_to(world, goal.home, address_in(some, goal.family)):
            yield some, returning(way)


def _entries(world: NetworkWorld, subnets: list[str]) -> Iterator[str]:
    """CIDRs of the network ACLs of subnets."""
    for name in dict.fromkeys(subnets):
        place = world.subnets.get(name)
        acl = world.acl_of(place) if place else None
        yield from (entry.cidr for entry in (acl.entries if acl else ()) if entry.cidr)


def _coming(world: NetworkWorld, goal: _Goal, trail: Trail) -> tuple[Trail, ...]:
    """The ways in by the gateway that replies leave by, one for each exit and choice of zones."""
    gap = unproven(world, trail, goal.home)
    found: list[Trail] = []
    for one in entering_from(world, trail, goal.address, goal.home):
        doubted = (
            one.unknown(trail.via[-1], [gap]) if gap and one.verdict is not Verdict.NO else one
        )
        arrived = arriving(returning(doubted), goal.target)
        found += settled(world, arrived, goal.home.id, goal.family)
    return tuple(found)


def _way(world: NetworkWorld, goal: _Goal, sender: str, back: Trail, coming: Trail | None) -> Way:
    admits = inbound(world, goal.target, sender, goal.target, "")
    met: Iterator[tuple[str, str, str]] = iter([(goal.home.id, "in", sender)])
    if coming is not None:
        met = Leg(coming, sender, goal.address, goal.home.id).crossings()
    replies = Leg(back, goal.address, sender, back.last).crossings()
    parts: Parts = through((Part(goal.only),), route_parts([*([coming] if coming else []), back]))
    for one in met:
        parts = through(parts, acl_at(world, *one, goal.family).parts)
    parts = through(parts, admits.lets.parts)
    replied = [acl_at(world, *one, goal.family) for one in replies]
    parts = through(parts, reply_parts([back], replied))
    steps = (
        *(coming.steps if coming else ()),
        admits.step(goal.only),
        *(replace(step, name="reply route") for step in back.steps),
    )
    return Way(parts, steps, back.via, (ON_PREM,))


def nothing_from(source: str, target: str) -> Reach:
    """The ``no`` of a network on premises from which no way leads to something."""
    text = f"No route of {target} leads back to {source} for a sender that its groups admit."
    step = Step("reply route", target, "fail", text, code="NO_ROUTE_TO_DESTINATION")
    return reach_of(Ends(source, target, Family.IPV4), [Way((), (step,), (), (ON_PREM,))])
