"""Through what stands in a VPC and passes packets on: appliances, firewall endpoints, NAT gateways.

Rules: "Middlebox routing" and "NAT gateways" of the VPC user guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from graph.evidence import Step
from graph.network import prefixes
from graph.network.between.trail import (
    NAME,
    PLAIN,
    Goal,
    Manner,
    Onward,
    Trail,
    addresses_of,
    every_address,
)
from graph.network.facts import Interface, Route, Subnet
from graph.network.pieces import weaker
from graph.network.prefixes import Family
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

_INTERFACES = "ec2.describe_network_interfaces"
_NAT64 = "64:ff9b::/96"
_MOST_EXITS = 16


def forwarder(world: NetworkWorld, target: str) -> Interface | None:
    """The interface that takes what a route to an interface or an instance sends."""
    if target in world.interfaces:
        return world.interfaces[target]
    instance = world.instances.get(target)
    first = instance.interfaces[0] if instance and instance.interfaces else ""
    return world.interfaces.get(first)


def exits_of(world: NetworkWorld, found: Interface) -> tuple[Interface, ...]:
    """The interfaces by which an appliance may send on: NAT instances often have two."""
    instance = world.instances.get(found.owner)
    if instance is not None:
        others = [world.interfaces[one] for one in instance.interfaces if one in world.interfaces]
    else:
        others = list(_of_owners(world).get(found.owner, ()))
    return (found, *(one for one in others if one.subnet != found.subnet))


def unread_exit(world: NetworkWorld, found: Interface) -> str:
    """The call that would tell of a further interface of an appliance, or ``""``."""
    instance = world.instances.get(found.owner)
    if instance is not None:
        missing = [one for one in instance.interfaces if one not in world.interfaces]
        return f"{_INTERFACES}({missing[0]})" if missing else ""
    home = world.subnets.get(found.subnet)
    return world.gap(_INTERFACES, home.account_id, home.region) if home and found.owner else ""


def exits(world: NetworkWorld, subject: str) -> int:
    """In how many manners an interface or an endpoint may send on, unread ones included."""
    if subject in world.interfaces:
        found = world.interfaces[subject]
        return len(exits_of(world, found)) + bool(unread_exit(world, found))
    endpoint = world.endpoints.get(subject)
    return max(len(endpoint.subnets), 1) if endpoint else 1


def most_exits(world: NetworkWorld, passed: Iterable[str]) -> int:
    """In how many manners what was passed may send on: by interfaces, or from subnets."""
    return min(max((exits(world, one) for one in passed), default=1), _MOST_EXITS)


def _of_owners(world: NetworkWorld) -> dict[str, tuple[Interface, ...]]:
    """Interfaces by what they are attached to, which need not have been collected itself."""
    key = "interfaces by owner"
    if key not in world.memo:
        found: dict[str, list[Interface]] = {}
        for one in world.facts.interfaces:
            if one.owner:
                found.setdefault(one.owner, []).append(one)
        world.memo[key] = {owner: tuple(some) for owner, some in found.items()}
    known: dict[str, tuple[Interface, ...]] = world.memo[key]
    return known


class Middleboxes:
    """What routes may send packets through inside a VPC."""

    def __init__(self, goal: Goal, onward: Onward, manner: Manner = PLAIN) -> None:
        """Args: where packets are addressed to, how they go on from a subnet, and how
        appliances send on.
        """
        self.goal, self.onward, self.manner = goal, onward, manner

    def appliance(self, route: Route, subnet: Subnet, trail: Trail, seen: frozenset[str]) -> Trail:
        """Through an interface that forwards, or to it if the address is its own."""
        found = forwarder(self.goal.world, route.target)
        if found is None:
            gap = self.goal.world.gap(_INTERFACES, subnet.account_id, subnet.region)
            return trail.unknown(route.target, [gap or f"{_INTERFACES}({route.target})"])
        if any(self.goal.address == one for one in every_address(found)):
            return self.goal.local(subnet, trail, route.refs)
        if found.forwards is False:
            text = f"{found.id} forwards nothing: its source/destination check is on."
            return trail.dropped(found.id, text, found.refs, "BAD_STATE_ROUTE")
        home = self.goal.world.subnets.get(found.subnet)
        if home is None:
            return trail.unknown(found.id, [f"ec2.describe_subnets({found.subnet})"])
        if found.id in seen:
            return trail.dropped(found.id, f"The routes lead to {found.id} again.", route.refs)
        leaving = exits_of(self.goal.world, found)
        ways: list[Callable[[], Trail]] = [
            partial(self._out_by, found, home, one, route, trail, seen) for one in leaving
        ]
        if gap := unread_exit(self.goal.world, found):
            ways.append(partial(self._met(found.id, home, route, trail).unknown, found.id, [gap]))
        return self._chosen(ways)

    def _chosen(self, ways: list[Callable[[], Trail]]) -> Trail:
        """The best of the ways on, or the one of this manner."""
        if self.manner.exit is not None:
            ways = ways[self.manner.exit :][:1] or ways[:1]
        return max((way() for way in ways), key=lambda way: way.verdict.rank)

    def _out_by(
        self,
        found: Interface,
        home: Subnet,
        leaves: Interface,
        route: Route,
        trail: Trail,
        seen: frozenset[str],
    ) -> Trail:
        """In by one interface of an appliance and out by the same or another one."""
        made = self._met(found.id, home, route, trail)
        own = addresses_of(leaves, self.goal.family)
        if self.manner.translates and own:
            made = replace(made, source=own[0], nat=leaves.id, back_from=home.id)
        away = self.goal.world.subnets.get(leaves.subnet)
        if away is None:
            return made.unknown(leaves.id, [f"ec2.describe_subnets({leaves.subnet})"])
        if leaves.id != found.id:
            made = replace(made.through("appliance", leaves.id), last=away.id)
        return self.onward(away, made, seen | {found.id})

    def endpoint(self, route: Route, subnet: Subnet, trail: Trail, seen: frozenset[str]) -> Trail:
        """Through a firewall's endpoint."""
        endpoint = self.goal.world.endpoints.get(route.target)
        if endpoint is not None and endpoint.kind == "Gateway":
            text = f"{endpoint.id} leads to an AWS service only."
            return trail.dropped(endpoint.id, text, route.refs)
        if endpoint is None or not endpoint.subnets:
            call = "ec2.describe_vpc_endpoints"
            gap = self.goal.world.gap(call, subnet.account_id, subnet.region)
            return trail.unknown(route.target, [gap or f"{call}({route.target})"])
        if endpoint.id in seen:
            text = f"The routes lead to {endpoint.id} again."
            return trail.dropped(endpoint.id, text, route.refs)
        ways: list[Callable[[], Trail]] = [
            partial(self._on_from, one, endpoint.id, route, trail, seen) for one in endpoint.subnets
        ]
        return self._chosen(ways)

    def _on_from(
        self, place: str, endpoint: str, route: Route, trail: Trail, seen: frozenset[str]
    ) -> Trail:
        """On from one of the subnets of a firewall's endpoint."""
        home = self.goal.world.subnets.get(place)
        if home is None:
            return trail.unknown(endpoint, [f"ec2.describe_subnets({place})"])
        return self.onward(home, self._met(endpoint, home, route, trail), seen | {endpoint})

    def _met(self, subject: str, home: Subnet, route: Route, trail: Trail) -> Trail:
        """The trail, having come to an appliance, which is not evaluated."""
        term = condition("inspection", subject)
        text = f"Packets to {self.goal.address} pass {subject}, which is not evaluated."
        step = Step(NAME, subject, "conditional", text, route.refs)
        made = trail.into(home.id).through("appliance", subject)
        return replace(
            made,
            verdict=weaker(trail.verdict, Verdict.CONDITIONAL),
            conditions=trail.conditions | {term},
            references="",
            steps=(*made.steps, step),
        )

    def nat_gateway(
        self, route: Route, subnet: Subnet, trail: Trail, seen: frozenset[str]
    ) -> Trail:
        """A NAT gateway sends on under its own address; what began elsewhere it drops."""
        gateway = next(
            (n for n in self.goal.world.facts.nat_gateways if n.id == route.target), None
        )
        interfaces = gateway.interfaces if gateway else ()
        own = self.goal.world.interfaces.get(interfaces[0]) if interfaces else None
        home = self.goal.world.subnets.get(own.subnet) if own else None
        address = own.addresses[0].private if own and own.addresses else ""
        if gateway is None or own is None or home is None or not address:
            call = "ec2.describe_nat_gateways"
            gap = self.goal.world.gap(call, subnet.account_id, subnet.region)
            return trail.unknown(route.target, [gap or f"{call}({route.target})"])
        if own.id in seen:
            return trail.dropped(own.id, f"The routes lead to {gateway.id} again.", route.refs)
        if gateway.state != "available":
            text = f"{gateway.id} is {gateway.state}: it carries nothing."
            return trail.dropped(gateway.id, text, gateway.refs, "BAD_STATE")
        if self.goal.family is Family.IPV6:
            return self._by_nat64(gateway.id, route, trail)
        text = (
            f"{subnet.id} sends {self.goal.address} to {gateway.id}, which sends on from its own "
            f"private address {address}."
        )
        made = trail.passed(gateway.id, text, route.refs).into(home.id).through("nat", gateway.id)
        made = replace(
            made, source=address, nat=own.id, back_from="", references="", origin=home.vpc
        )
        return self.onward(home, made, seen | {own.id})

    def _by_nat64(self, gateway: str, route: Route, trail: Trail) -> Trail:
        """NAT64 is for 64:ff9b::/96 only (VPC user guide, "DNS64 and NAT64")."""
        if prefixes.parse(_NAT64)[1] & prefixes.parse(self.goal.address)[1]:
            return trail.unknown(gateway, [f"NAT64 through {gateway}"])
        text = f"{gateway} carries IPv4 and {_NAT64}, not {self.goal.address}."
        return trail.dropped(gateway, text, route.refs)
