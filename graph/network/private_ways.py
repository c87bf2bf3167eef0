"""What routes and network ACLs do between a load balancer's node and an address, and back.

The routes are walked by ``between``: local, peering, transit gateways, appliances, private NAT
gateways and ways on premises. A node's addresses that some route tells apart are judged apart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from graph.evidence import Step
from graph.network import ports, prefixes
from graph.network.between.legs import Hop, Leg, every_legs
from graph.network.between.lookup import readable
from graph.network.between.premises import entering_from
from graph.network.between.trail import ON_PREM, arriving, returning
from graph.network.between.walker import trails_to
from graph.network.between.zones import settled
from graph.network.facts import Interface
from graph.network.hops import (
    ONE_WAY,
    Joined,
    Sender,
    Told,
    crossing,
    in_a_row,
    joined,
    judged,
    reply_crossing,
)
from graph.network.prefixes import Family
from graph.network.spans import Pair, Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

_MOST = 16
"""Parts of a node's addresses that are followed; a whole subnet stands for unknown ones."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A way there and back for some of a sender's addresses.

    Attributes:
        sender: with these addresses only, as the target sees it: a NAT gateway's address if one
            is on the way, and groups only where rules that name them know it.
        there: the routes to the target.
        back: the routes of the reply.
        filters: network ACLs there.
        reply_filters: network ACLs back.
        kinds: what is passed, e.g. ``("peering",)``; empty inside the VPC.
        names_groups: whether the sender's outbound rules know the target's groups.
    """

    sender: Sender
    there: Joined
    back: Joined
    route_steps: tuple[Step, ...]
    reply_steps: tuple[Step, ...]
    filters: tuple[Told, ...]
    reply_filters: tuple[Told, ...] = ()
    kinds: tuple[str, ...] = ()
    names_groups: bool = True

    @property
    def going(self) -> tuple[Step, ...]:
        """The steps of the way there."""
        return (*self.route_steps, *(one.step for one in self.filters))

    @property
    def coming(self) -> tuple[Step, ...]:
        """The steps of the reply's way."""
        return (*self.reply_steps, *(one.step for one in self.reply_filters))

    @property
    def told(self) -> Joined:
        """What all of it lets through."""
        filters = judged((*self.filters, *self.reply_filters))
        return in_a_row(self.there, filters, self.back)


def passages(
    world: NetworkWorld,
    sender: Sender,
    target: Interface,
    address: str,
    opened: Spans,
    *,
    within_subnet: bool = False,
) -> tuple[tuple[Passage, ...], ...]:
    """The ways from a sender to an interface for each part of its addresses; judged once.

    A part has several where the zone, or an appliance, decides which one packets go.

    Args:
        world: the facts.
        sender: a load balancer's node.
        target: the interface that is sent to.
        address: which of its addresses.
        opened: the ports that are sent to.
        within_subnet: a network ACL filters inside one subnet too, as it does what a classic load
            balancer sends (Reachability Analyzer, ``ELB_ACL_RESTRICTION``).
    """
    key = ("passages", sender, target.id, target.subnet, address, opened, within_subnet)
    if key not in world.memo:
        parts = _told_apart(world, sender.addresses, prefixes.parse(address)[0])
        made = [
            _ways(world, replace(sender, addresses=some), target, address, opened, within_subnet)
            for some in parts[:_MOST]
        ]
        made += [(_not_followed(sender),)] if len(parts) > _MOST else []
        world.memo[key] = tuple(made)
    found: tuple[tuple[Passage, ...], ...] = world.memo[key]
    return found


def _not_followed(sender: Sender) -> Passage:
    """For addresses that routes tell apart too finely to follow each."""
    gap = f"the addresses of {sender.name} in {sender.subnet.id}"
    step = Step("route", sender.subnet.id, "unknown", f"Not collected: {gap}.")
    return Passage(sender, joined((step,)), Joined(Verdict.YES, frozenset()), (step,), (), ())


def _ways(
    world: NetworkWorld,
    sender: Sender,
    target: Interface,
    address: str,
    opened: Spans,
    within_subnet: bool,
) -> tuple[Passage, ...]:
    family = prefixes.parse(address)[0]
    hop = Hop(_stand_in(sender), target, _one_of(sender.addresses, family), address, family)
    found = tuple(every_legs(world, hop))
    if not found[0][0]:
        filters: tuple[Told, ...] = ()
        if within_subnet:
            spans = prefixes.parse(address)[1]
            filters = (crossing(world, sender.subnet.id, spans, opened, family, "out"),)
        step = Step("route", target.subnet, "pass", f"Both stand in {target.subnet}.")
        nothing = Joined(Verdict.YES, frozenset())
        return (Passage(sender, nothing, nothing, (step,), (), filters),)
    return tuple(_made(world, hop, sender, there, back, opened) for there, back in found)


def _made(
    world: NetworkWorld, hop: Hop, sender: Sender, there: list[Leg], back: list[Leg], opened: Spans
) -> Passage:
    first = there[0].trail
    reply, reply_steps = _reply(back, opened)
    names = first.references if hop.source.region == hop.target.region else ""
    seen = replace(sender, groups=sender.groups if names or sender.groups is None else ())
    if first.source:
        seen = replace(seen, addresses=prefixes.parse(first.source)[1], groups=())
    return Passage(
        sender=seen,
        there=_routed(there),
        back=reply,
        route_steps=_steps(there, "route"),
        reply_steps=reply_steps,
        filters=tuple(_met(world, hop, sender, there, opened, crossing)),
        reply_filters=tuple(_met(world, hop, sender, back, opened, reply_crossing)),
        kinds=tuple(dict.fromkeys(kind for leg in there for kind in leg.trail.kinds)),
        names_groups=names == "both",
    )


def on_premises(
    world: NetworkWorld, sender: Sender, place: str, address: str, opened: Spans
) -> tuple[Passage, ...]:
    """The ways to an address behind a VPN or Direct Connect, and the reply's ways in again.

    They differ by the zone or the appliance that packets or replies pass. What the network there
    lets through is not asked.

    Args:
        world: the facts.
        sender: a load balancer's node.
        place: ``on-prem:<gateway or connection>``, where the address is taken to stand.
        address: who is sent to.
        opened: the ports that are sent to.
    """
    family = prefixes.parse(address)[0]
    source = _stand_in(sender)
    sends_as = _one_of(sender.addresses, family)
    hop = Hop(source, Interface(place), sends_as, address, family)
    made: list[Passage] = []
    for way in trails_to(world, sender.subnet, address):
        trail = way
        if trail.verdict not in (Verdict.NO, Verdict.UNKNOWN) and trail.place != place:
            trail = trail.elsewhere(place)
        there = [Leg(trail, sends_as, address, trail.last)]
        homes: list[list[Leg]] = [[]]
        if trail.end == ON_PREM and trail.verdict is not Verdict.NO:
            homes = [
                [Leg(one, address, sends_as, sender.subnet.id)]
                for home in entering_from(world, trail, sends_as, sender.subnet)
                for one in settled(
                    world, arriving(returning(home), source), sender.subnet.id, family
                )
            ]
        made += [_made(world, hop, sender, there, back, opened) for back in homes]
    return tuple(made)


def _stand_in(sender: Sender) -> Interface:
    subnet = sender.subnet
    return Interface(
        id=sender.name,
        account_id=subnet.account_id,
        region=subnet.region,
        vpc=subnet.vpc,
        subnet=subnet.id,
        groups=sender.groups,
    )


def _routed(found: list[Leg]) -> Joined:
    return in_a_row(*(Joined(leg.trail.verdict, leg.trail.conditions) for leg in found))


def _steps(found: list[Leg], name: str) -> tuple[Step, ...]:
    steps = (step for leg in found for step in leg.trail.steps)
    return tuple(step if step.name == name else replace(step, name=name) for step in steps)


def _reply(back: list[Leg], opened: Spans) -> tuple[Joined, tuple[Step, ...]]:
    """The reply's routes; over UDP what was sent has arrived without one."""
    told, steps = _routed(back), _steps(back, "reply route")
    if told.verdict is not Verdict.NO or opened & ports.of_protocol(ports.TCP):
        return told, steps
    return Joined(Verdict.CONDITIONAL, frozenset({ONE_WAY})), softened(steps)


def softened(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Steps of which none fails: what does is a condition."""
    return tuple(
        replace(step, result="conditional") if step.result == "fail" else step for step in steps
    )


_Filter = Callable[[NetworkWorld, str, Spans, Spans, Family, str], Told]


def _met(
    world: NetworkWorld,
    hop: Hop,
    sender: Sender,
    found: list[Leg],
    opened: Spans,
    judge: _Filter,
) -> Iterator[Told]:
    """Network ACLs on the way; they look at all of the sender's addresses where at its own."""
    for leg in found:
        for subnet, way, address in leg.crossings():
            others = prefixes.parse(address)[1]
            if address == hop.sends_as:
                others = sender.addresses
            yield judge(world, subnet, others, opened, hop.family, way)


def _told_apart(world: NetworkWorld, addresses: Spans, family: Family) -> tuple[Spans, ...]:
    """The parts of a set of addresses that some route tells apart; worked out once."""
    key = ("told apart", addresses, family)
    if key not in world.memo:
        world.memo[key] = _parts(world, addresses, family)
    found: tuple[Spans, ...] = world.memo[key]
    return found


def _parts(world: NetworkWorld, addresses: Spans, family: Family) -> tuple[Spans, ...]:
    edges = _edges(world, family)
    parts: dict[int, list[Pair]] = {}
    for first, last in addresses.pairs:
        at = first
        while at <= last:
            number = bisect_right(edges, at)
            end = min(last, edges[number] - 1) if number < len(edges) else last
            parts.setdefault(number, []).append((at, end))
            at = end + 1
    return tuple(Spans.of(pairs) for pairs in parts.values())


def _edges(world: NetworkWorld, family: Family) -> list[int]:
    """Where the destinations of all routes begin and end."""
    key = ("edges of routes", family)
    if key not in world.memo:
        named = {
            *((one.cidr, one.prefix_list) for t in world.facts.route_tables for one in t.routes),
            *(
                (one.cidr, one.prefix_list)
                for table in world.facts.joints.tables
                for one in table.routes or ()
            ),
        }
        cidrs = {cidr for cidr, _ in named}
        for _, name in named:
            listed = world.prefix_lists.get(name)
            cidrs |= set(listed.cidrs or ()) if listed else set()
        edges: set[int] = set()
        for cidr in cidrs:
            if cidr and readable(cidr):
                of, spans = prefixes.parse(cidr)
                if of is family:
                    edges |= {spans.pairs[0][0], spans.pairs[0][1] + 1}
        world.memo[key] = sorted(edges)
    found: list[int] = world.memo[key]
    return found


def _one_of(addresses: Spans, family: Family) -> str:
    """One address for all; of a whole range one that AWS does not keep for itself."""
    first, last = addresses.pairs[0]
    number = min(first + 4, last) if last > first else first
    return prefixes.cidrs(Spans(((number, number),)), family)[0].partition("/")[0]
