"""Step N5: what the internet gateway's own route table does with packets that enter.

Rules: "Gateway route tables" of the VPC user guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.evidence import Step
from graph.network import prefixes
from graph.network.between.trail import Manner, Trail
from graph.network.between.walker import Walker
from graph.network.between.zones import settled
from graph.network.facts import Route, RouteTable, Subnet
from graph.network.inspection import INSPECTING, exits, leads_to_a_service, places_of
from graph.network.prefixes import Family
from graph.network.route_claims import claims_of, target_gap
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

INGRESS = "ingress routing"
"""The name of N5."""

_MOST_EXITS = 16


def ingress_step(world: NetworkWorld, subnet: Subnet, family: Family) -> Step:
    """N5: what the gateway's own route table does with packets for the subnet."""
    name = INGRESS
    gateway = world.internet_gateways.get(subnet.vpc)
    if gateway is None or gateway.id not in world.edge_tables:
        gap = world.gap("ec2.describe_route_tables", subnet.account_id, subnet.region)
        if gap:
            return Step(name, subnet.vpc, "unknown", f"Not collected: {gap}.")
        return Step(name, subnet.vpc, "pass", "No route table is associated with the gateway.")
    table = world.edge_tables[gateway.id]
    targets = edge_targets(world, table, subnet, family)
    subject, refs = table.id, table.refs
    if isinstance(targets, str):
        return Step(name, subject, "unknown", f"Not collected: {targets}.", refs)
    inspecting = sorted({t.target for t in targets if t.active and t.kind in INSPECTING})
    local = any(t.active and t.kind == "local" for t in targets)
    if inspecting and not local and (lost := _lost(world, targets, subnet, family)):
        return replace(lost, name=name)
    if inspecting:
        text = f"Packets for {subnet.id} pass {', '.join(inspecting)}, which is not evaluated."
        return Step(name, subject, "conditional", text, refs)
    if local or not targets:
        return Step(name, subject, "pass", f"Packets for {subnet.id} are delivered locally.", refs)
    unread = [target_gap(t) for t in targets if t.active and t.kind == "unknown"]
    if unread:
        return Step(name, subject, "unknown", f"Not collected: {', '.join(unread)}.", refs)
    text = f"Packets for {subnet.id} are sent to {targets[0].target}, which drops them."
    return Step(name, subject, "fail", text, refs, "BAD_STATE_ROUTE")


def _lost(world: NetworkWorld, targets: list[Route], subnet: Subnet, family: Family) -> Step | None:
    """The step that fails if no appliance sends on; one in the subnet itself may be meant."""
    ways = ways_in(world, subnet, family)
    entered = [places_of(world, one, subnet) for one in targets]
    if any(isinstance(some, str) or subnet in some for some in entered):
        return None
    if not ways or any(way.verdict is not Verdict.NO for way in ways):
        return None
    return next(step for step in reversed(ways[0].steps) if step.result == "fail")


def edge_targets(
    world: NetworkWorld, table: RouteTable, subnet: Subnet, family: Family
) -> list[Route] | str:
    """The routes of a gateway table that win some part of the subnet."""
    blocks = (subnet.cidr,) if family is Family.IPV4 else subnet.ipv6_cidrs
    try:
        rest = prefixes.of([block for block in blocks if block], family)
    except ValueError:
        return f"ec2.describe_subnets({subnet.id})"
    claims, unread = claims_of(world, table, subnet, family)
    if any(matters for _, matters in unread):
        return ", ".join(gap for gap, _ in unread)
    winners: list[Route] = []
    for claim in claims:
        if claim.spans & rest:
            winners.append(claim.route)
            rest = rest - claim.spans
    return winners


def inspecting_routes(world: NetworkWorld, subnet: Subnet, family: Family) -> tuple[Route, ...]:
    """The routes to appliances through which packets for a subnet enter its VPC."""
    gateway = world.internet_gateways.get(subnet.vpc)
    table = world.edge_tables.get(gateway.id) if gateway else None
    targets = edge_targets(world, table, subnet, family) if table else ""
    if isinstance(targets, str):
        return ()
    return tuple(one for one in targets if one.active and one.kind in INSPECTING)


def ways_in(world: NetworkWorld, subnet: Subnet, family: Family) -> tuple[Trail, ...]:
    """How packets for a subnet come by the appliances that its gateway's table names.

    One trail for each manner in which these may send on, unchanged; none without an appliance.
    """
    key = ("ways in", subnet.id, family)
    if key not in world.memo:
        found = [
            one
            for route in inspecting_routes(world, subnet, family)
            for one in _through(world, route, subnet, family)
        ]
        world.memo[key] = tuple(dict.fromkeys(found))
    ways: tuple[Trail, ...] = world.memo[key]
    return ways


def _through(world: NetworkWorld, route: Route, subnet: Subnet, family: Family) -> Iterator[Trail]:
    blocks = (subnet.cidr,) if family is Family.IPV4 else subnet.ipv6_cidrs
    if leads_to_a_service(world, route) or not any(blocks):
        return
    # AWS keeps the first address of a subnet, so that it is no interface's.
    address = next(block for block in blocks if block).partition("/")[0]
    start = Trail(origin=subnet.vpc)
    for number in range(min(exits(world, route), _MOST_EXITS)):
        walker = Walker(world, address, Manner(exit=number))
        trail = walker.by_route(route, subnet, start)
        if trail.verdict not in (Verdict.NO, Verdict.UNKNOWN) and trail.place != subnet.vpc:
            text = f"The routes lead to {trail.place}, not to {subnet.vpc}."
            trail = trail.dropped(trail.place, text)
        yield from settled(world, trail, subnet.id, family)


def ingress_conditions(step: Step, world: NetworkWorld, subnet: Subnet, family: Family) -> set[str]:
    """The ``inspection:`` conditions of a conditional N5."""
    if step.result != "conditional":
        return set()
    return {f"inspection:{one.target}" for one in inspecting_routes(world, subnet, family)}
