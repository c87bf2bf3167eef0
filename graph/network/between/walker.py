"""From subnet to subnet, through what routes name, to one address.

Rules: "Route tables" of the VPC user guide, "VPC peering limitations" of the peering guide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from graph.network.between.facts import TransitTable
from graph.network.between.lookup import route_to
from graph.network.between.middleboxes import Middleboxes, most_exits
from graph.network.between.over_transit import TransitWalk
from graph.network.between.trail import (
    EGRESS_ONLY,
    INTERNET,
    ON_PREM,
    PLAIN,
    VPC,
    Crossing,
    Manner,
    Trail,
    goal_of,
)
from graph.network.between.transit import short, transit_of
from graph.network.facts import Route, RouteTable, Subnet
from graph.network.routes import effective_table
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


def trail_to(world: NetworkWorld, subnet: Subnet, address: str, manner: Manner = PLAIN) -> Trail:
    """The way from a place in a subnet to an address; worked out once.

    Args:
        world: the facts.
        subnet: where packets come from.
        address: where they are addressed to.
        manner: how appliances send on.

    Raises:
        ValueError: ``address`` is none.
    """
    return _walked(world, subnet, address, manner)[0]


def trails_to(world: NetworkWorld, subnet: Subnet, address: str) -> tuple[Trail, ...]:
    """The ways to an address, one for each exit by which appliances may send on unchanged.

    Raises:
        ValueError: ``address`` is none.
    """
    first = trail_to(world, subnet, address)
    return (first, *other_exits(world, first, partial(trail_to, world, subnet, address)))


def other_exits(
    world: NetworkWorld, first: Trail, way: Callable[[Manner], Trail]
) -> tuple[Trail, ...]:
    """The ways that differ from the first one by what network ACLs are met."""
    most = most_exits(world, first.via)
    if most == 1:
        return ()
    found = {_stops(first): first}
    for number in range(most):
        other = way(Manner(exit=number))
        found.setdefault(_stops(other), other)
    return tuple(found.values())[1:]


def _stops(trail: Trail) -> tuple[Verdict, tuple[Crossing, ...], str]:
    """What keeps packets from arriving, but for what their last stretch meets."""
    return trail.verdict, trail.crossings, trail.last


def tables_to(
    world: NetworkWorld, subnet: Subnet, address: str
) -> tuple[RouteTable | TransitTable, ...]:
    """The tables that were asked on the way from a subnet to an address, each once.

    Raises:
        ValueError: ``address`` is none.
    """
    return _walked(world, subnet, address, PLAIN)[1]


def _walked(
    world: NetworkWorld, subnet: Subnet, address: str, manner: Manner
) -> tuple[Trail, tuple[RouteTable | TransitTable, ...]]:
    key = ("trail", subnet.id, address, manner)
    if key not in world.memo:
        start = Trail(last=subnet.id, origin=subnet.vpc)
        walker = Walker(world, address, manner)
        trail = walker.from_subnet(subnet, start, frozenset())
        asked: list[RouteTable | TransitTable] = [*walker.asked, *walker.over_transit.asked]
        world.memo[key] = (trail, tuple({one.id: one for one in asked}.values()))
    found: tuple[Trail, tuple[RouteTable | TransitTable, ...]] = world.memo[key]
    return found


# Subnets that one walk looks at: attachments and appliances in several subnets multiply.
_MOST = 500


class Walker:
    """Walks to one address."""

    def __init__(self, world: NetworkWorld, address: str, manner: Manner = PLAIN) -> None:
        """Args: the facts, where packets are addressed to, and how appliances send on.

        Raises:
            ValueError: ``address`` is none.
        """
        self.goal = goal_of(world, address)
        self.left = _MOST
        self.asked: list[RouteTable] = []
        self.private_gateways = transit_of(world).joints.private_gateways
        self.middleboxes = Middleboxes(self.goal, self.from_subnet, manner)
        self.over_transit = TransitWalk(self.goal, self.from_subnet)

    def from_subnet(self, subnet: Subnet, trail: Trail, seen: frozenset[str]) -> Trail:
        """Go on by the route table that governs a subnet."""
        self.left -= 1
        if self.left < 0:
            return trail.unknown(subnet.id, [f"routing to {self.goal.address}: too many ways"])
        table = effective_table(self.goal.world, subnet)
        if isinstance(table, str):
            return trail.unknown(subnet.id, [table])
        self.asked.append(table)
        found = route_to(self.goal.world, table, self.goal.number, self.goal.family)
        if found.doubts:
            return trail.unknown(table.id, found.doubts)
        route = found.route
        if route is None:
            if self.goal.world.holds(subnet.vpc, self.goal.address):
                return self.goal.local(subnet, trail)
            if self._ranges_unread(table, subnet):
                call = "ec2.describe_vpcs"
                gap = self.goal.world.gap(call, subnet.account_id, subnet.region)
                return trail.unknown(table.id, [gap or f"{call}({subnet.vpc})"])
            text = f"Route table {table.id} of {subnet.id} has no route to {self.goal.address}."
            return trail.dropped(table.id, text, table.refs, "NO_ROUTE_TO_DESTINATION")
        if not route.active:
            text = (
                f"The route of {subnet.id} to {self.goal.address} ({route.target}) is a blackhole."
            )
            return trail.dropped(table.id, text, route.refs, "BAD_STATE_ROUTE")
        return self._by_kind(route, subnet, trail, seen)

    def _ranges_unread(self, table: RouteTable, subnet: Subnet) -> bool:
        """Whether nothing tells a VPC's own ranges, which every route table holds.

        "Every route table contains a local route for communication within the VPC" (VPC user
        guide, "Subnet route tables").
        """
        held = any(one.kind == "local" for one in table.routes)
        return not held and subnet.vpc not in self.goal.world.vpcs

    def by_route(self, route: Route, subnet: Subnet, trail: Trail) -> Trail:
        """Go on by a route that was found elsewhere, as in a gateway's route table."""
        return self._by_kind(route, subnet, trail, frozenset())

    def _by_kind(self, route: Route, subnet: Subnet, trail: Trail, seen: frozenset[str]) -> Trail:
        kind = route.kind
        if kind == "local":
            return self.goal.local(subnet, trail, route.refs)
        if kind == "peering":
            return self._peering(route, subnet, trail)
        if kind == "transit_gateway":
            return self.over_transit.enter(route, subnet, trail, seen)
        if kind == "interface":
            return self.middleboxes.appliance(route, subnet, trail, seen)
        if kind == "endpoint":
            return self.middleboxes.endpoint(route, subnet, trail, seen)
        if kind == "nat_gateway":
            return self.middleboxes.nat_gateway(route, subnet, trail, seen)
        if kind in ("internet_gateway", "egress_only_gateway"):
            end = INTERNET if kind == "internet_gateway" else EGRESS_ONLY
            text = f"{subnet.id} sends {self.goal.address} to {route.target}."
            return trail.passed(route.target, text, route.refs).leaving().at(end, route.target)
        if kind == "virtual_private_gateway":
            return self._private_gateway(route, subnet, trail)
        return trail.unknown(route.target, [f"routing through {route.target}"])

    def _own(self, trail: Trail, subnet: Subnet) -> bool:
        """Whether the packet's sender stands in the VPC that it leaves.

        Peering and virtual private gateways carry nothing on for others (VPC peering guide, "Edge
        to edge routing through a gateway or private connection").
        """
        return bool(trail.source) or trail.origin == subnet.vpc

    def _peering(self, route: Route, subnet: Subnet, trail: Trail) -> Trail:
        peering = self.goal.world.peerings.get(route.target)
        if peering is None:
            call = "ec2.describe_vpc_peering_connections"
            gap = self.goal.world.gap(call, subnet.account_id, subnet.region)
            return trail.unknown(route.target, [gap or f"{call}({route.target})"])
        if not peering.active:
            text = f"{peering.id} is not active."
            return trail.dropped(peering.id, text, peering.refs, "BAD_STATE_ATTACHMENT")
        sides = (peering.requester, peering.accepter)
        if subnet.vpc not in sides:
            text = f"{peering.id} does not join {subnet.vpc}."
            return trail.dropped(peering.id, text, route.refs)
        if not self._own(trail, subnet):
            text = f"{peering.id} carries nothing that comes from outside {subnet.vpc}."
            return trail.dropped(peering.id, text, route.refs)
        other = sides[1] if sides[0] == subnet.vpc else sides[0]
        if other in self.goal.world.vpcs and not self.goal.world.holds(other, self.goal.address):
            text = f"{peering.id} leads to {other} only, of which {self.goal.address} is no part."
            code = "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"
            return trail.dropped(peering.id, text, route.refs, code)
        text = f"{subnet.id} sends {self.goal.address} through {peering.id} to {other}."
        made = trail.passed(peering.id, text, route.refs).leaving().through("peering", peering.id)
        return made.at(VPC, other)

    def _private_gateway(self, route: Route, subnet: Subnet, trail: Trail) -> Trail:
        name = short(route.target)
        known = [one for one in self.private_gateways if one.id == name]
        if known and all(one.vpc != subnet.vpc for one in known):
            text = f"{name} is not attached to {subnet.vpc}."
            return trail.dropped(name, text, known[0].refs, "BAD_STATE_ATTACHMENT")
        if not self._own(trail, subnet):
            text = f"{name} carries nothing that comes from outside {subnet.vpc}."
            return trail.dropped(name, text, route.refs, "VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS")
        text = f"{subnet.id} sends {self.goal.address} to {name}, which leads on premises."
        made = trail.passed(name, text, route.refs).leaving().through("on-prem", name)
        return replace(made.at(ON_PREM, f"on-prem:{name}"), references="")
