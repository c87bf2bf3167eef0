"""From networks on premises (VPN, Direct Connect) to an interface.

Which addresses stand there is told by the routes that lead back: a sender whose reply does not
come home by the same gateway is none of its.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from graph.evidence import Step
from graph.network import ports, prefixes
from graph.network.between.admission import inbound
from graph.network.between.pair import acl_at, reply_parts, route_parts
from graph.network.between.parts import Part, Parts, through
from graph.network.between.result import Ends, Way, reach_of
from graph.network.between.trail import ON_PREM, addresses_of, returning
from graph.network.between.walker import trail_to
from graph.network.facts import Interface, Subnet
from graph.network.filters import candidate_cidrs, group_rules
from graph.network.internet import owner_of, state_of
from graph.network.prefixes import EVERYTHING, Family
from graph.network.reach import Reach
from graph.network.routes import route_cidrs
from graph.network.spans import Spans, atoms
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


def leads_on_premises(world: NetworkWorld) -> bool:
    """Whether anything of the world leads on premises at all."""
    kinds = {route.kind for table in world.facts.route_tables for route in table.routes}
    attached = {one.kind for one in world.facts.joints.attachments}
    return "virtual_private_gateway" in kinds or bool(attached - {"vpc", "peering", "tgw-peering"})


def on_prem_to_interface(
    world: NetworkWorld, target: Interface, only: Spans = ports.ALL
) -> list[Reach]:
    """Judge what networks on premises reach of an interface, one result for each gateway.

    Only what gets through is told: without a way on premises there is no result.
    """
    home = world.subnets.get(target.subnet)
    state = state_of(world, target)
    if home is None or state.verdict is Verdict.NO:
        return []
    found: list[Reach] = []
    for family in Family:
        ways: dict[str, list[Way]] = defaultdict(list)
        for address in addresses_of(target, family)[:1]:
            for place, way in _ways(world, target, home, address, family, only):
                ways[place].append(way)
        for place, some in sorted(ways.items()):
            ends = Ends(place, owner_of(target), family, place, target.id, (target.id,))
            if any(way.parts for way in some):
                found.append(reach_of(ends, some, state.verdict))
    return found


def _ways(
    world: NetworkWorld,
    target: Interface,
    home: Subnet,
    address: str,
    family: Family,
    only: Spans,
) -> Iterator[tuple[str, Way]]:
    rules = group_rules(world, target.groups, target.account_id, target.region)
    named = (*route_cidrs(world, home), *candidate_cidrs(world, rules, world.acl_of(home)))
    cuts = [spans for of, spans in map(prefixes.parse, dict.fromkeys(named)) if of is family]
    for atom in atoms(EVERYTHING[family], cuts):
        sender = prefixes.cidrs(Spans((atom,)), family)[0].partition("/")[0]
        back = returning(trail_to(world, home, sender))
        if back.end != ON_PREM or back.verdict is Verdict.NO:
            continue
        admits = inbound(world, target, sender, target, "")
        acl_in = acl_at(world, home.id, "in", sender, family)
        replied = [
            acl_at(world, one.subnet, one.way, sender if one.way == "out" else address, family)
            for one in back.crossings
        ]
        parts: Parts = through((Part(only),), route_parts([back]))
        parts = through(through(parts, acl_in.parts), admits.lets.parts)
        parts = through(parts, reply_parts([back], replied))
        steps = (*back.steps, admits.step(only))
        yield back.place, Way(parts, steps, back.via, ("on-prem",))


def nothing_from(source: str, target: str) -> Reach:
    """The ``no`` of a network on premises from which no way leads to something."""
    text = f"No route of {target} leads back to {source} for a sender that its groups admit."
    step = Step("reply route", target, "fail", text, code="CANNOT_ROUTE")
    return reach_of(Ends(source, target, Family.IPV4), [Way((), (step,), (), ("on-prem",))])
