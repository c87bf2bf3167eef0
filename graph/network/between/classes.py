"""Addresses that no rule, entry or route of the world tells apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from graph.network import prefixes
from graph.network.between.lookup import readable
from graph.network.facts import RouteTable
from graph.network.prefixes import Family
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
    return bisect_right(_edges(world, family), prefixes.parse(address)[1].pairs[0][0])


def _edges(world: NetworkWorld, family: Family) -> list[int]:
    key = ("address classes", family)
    if key not in world.memo:
        edges: set[int] = set()
        for cidr in dict.fromkeys(_every_cidr(world)):
            if cidr and readable(cidr):
                of, spans = prefixes.parse(cidr)
                if of is family:
                    edges.add(spans.pairs[0][0])
                    edges.add(spans.pairs[0][1] + 1)
        world.memo[key] = sorted(edges)
    found: list[int] = world.memo[key]
    return found


def _every_cidr(world: NetworkWorld) -> Iterator[str]:
    facts = world.facts
    for vpc in facts.vpcs:
        yield from vpc.cidrs
    for subnet in facts.subnets:
        yield from (subnet.cidr, *subnet.ipv6_cidrs)
    for acl in facts.acls:
        yield from (entry.cidr or "" for entry in acl.entries)
    for group in facts.security_groups:
        yield from (rule.cidr for rule in (*group.rules, *(group.egress or ())))
    for listed in facts.prefix_lists:
        yield from listed.cidrs or ()
    for table in facts.route_tables:
        yield from (route.cidr for route in table.routes)
        yield from _of_forwarders(world, table)
    for transit in facts.joints.tables:
        yield from (route.cidr for route in transit.routes or ())


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
