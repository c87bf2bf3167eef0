"""Addresses that no rule, entry or route of the world tells apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from graph.network import prefixes
from graph.network.between.lookup import readable
from graph.network.facts import RouteTable
from graph.network.prefixes import Family
from graph.network.spans import Spans
from graph.network.world import NetworkWorld


def representatives(
    world: NetworkWorld, addresses: Iterable[str], family: Family
) -> tuple[str, ...]:
    """One address of each class among those given: the others get the same answers."""
    found: dict[int, str] = {}
    for address in addresses:
        found.setdefault(class_of(world, address, family), address)
    return tuple(found.values())


def class_of(world: NetworkWorld, address: str, family: Family) -> int:
    """The class of an address: which of all the world's prefixes hold it."""
    return bisect_right(_edges(world, family, "all"), number_of(address))


def spot_of(world: NetworkWorld, address: str, family: Family) -> int:
    """The class of an address but for security groups: routes and network ACLs tell these apart."""
    return bisect_right(_edges(world, family, "ways"), number_of(address))


def within(world: NetworkWorld, cidr: str, most: int) -> tuple[str, ...]:
    """An address of each class that a subnet's range has, AWS's own five left out.

    At most ``most`` and one more; "Subnet CIDR blocks" of the VPC user guide names the five.
    """
    family, spans = prefixes.parse(cidr)
    low, high = spans.pairs[0][0] + 4, spans.pairs[0][1] - 1
    edges = _edges(world, family, "all")
    first, last = bisect_right(edges, low), bisect_right(edges, high)
    starts = [low, *edges[first : min(last, first + most)]]
    return tuple(
        prefixes.cidrs(Spans(((one, one),)), family)[0].partition("/")[0]
        for one in starts
        if one <= max(high, low)
    )


def number_of(address: str) -> int:
    """An address as a number."""
    return prefixes.parse(address)[1].pairs[0][0]


def edges_of(cidrs: Iterable[str], family: Family) -> list[int]:
    """Where the addresses begin and end that readable CIDRs of a family hold, ascending."""
    edges: set[int] = set()
    for cidr in dict.fromkeys(cidrs):
        if cidr and readable(cidr):
            of, spans = prefixes.parse(cidr)
            if of is family:
                edges.add(spans.pairs[0][0])
                edges.add(spans.pairs[0][1] + 1)
    return sorted(edges)


def _edges(world: NetworkWorld, family: Family, which: str) -> list[int]:
    key = ("address classes", family, which)
    if key not in world.memo:
        cidrs = [*_of_ways(world), *(_of_groups(world) if which == "all" else ())]
        world.memo[key] = edges_of(cidrs, family)
    found: list[int] = world.memo[key]
    return found


def _of_groups(world: NetworkWorld) -> Iterator[str]:
    for group in world.facts.security_groups:
        yield from (rule.cidr for rule in (*group.rules, *(group.egress or ())))
    for listed in world.facts.prefix_lists:
        yield from listed.cidrs or ()


def _of_ways(world: NetworkWorld) -> Iterator[str]:
    facts = world.facts
    for vpc in facts.vpcs:
        yield from vpc.cidrs
    for subnet in facts.subnets:
        yield from (*subnet.ipv6_cidrs, *subnet.private_ipv6)
    for acl in facts.acls:
        yield from (entry.cidr or "" for entry in acl.entries)
    for table in facts.route_tables:
        yield from (route.cidr for route in table.routes)
        yield from _of_forwarders(world, table)
    for transit in facts.joints.tables:
        yield from (route.cidr for route in transit.routes or ())
    used = {route.prefix_list for table in facts.route_tables for route in table.routes}
    used |= {one.prefix_list for table in facts.joints.tables for one in table.routes or ()}
    for name in used:
        listed = world.prefix_lists.get(name)
        yield from (listed.cidrs or ()) if listed else ()


def _of_forwarders(world: NetworkWorld, table: RouteTable) -> Iterator[str]:
    """Addresses of interfaces that routes lead to: these are delivered, others are passed on."""
    for route in table.routes:
        if route.kind == "interface":
            instance = world.instances.get(route.target)
            for name in (route.target, *(instance.interfaces if instance else ())):
                one = world.interfaces.get(name)
                if one is not None:
                    yield from (address.private for address in one.addresses)
                    yield from one.ipv6
