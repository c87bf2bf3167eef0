"""Ways that differ by the Availability Zone in which a transit gateway hands packets over.

A gateway keeps to the zone that packets came from where it can; where it cannot, they may come by
any of the attachment's subnets (transit gateway guide, "How transit gateways work").
"""

from __future__ import annotations

from dataclasses import replace

from graph.network import ports
from graph.network.between.parts import entries_of
from graph.network.between.trail import Choice, Trail
from graph.network.facts import AclEntry, Subnet
from graph.network.pieces import weaker
from graph.network.prefixes import EVERYTHING, Family, parse
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

IN_SOME_ZONE = condition("context", "availability-zone")
Lock = tuple[str, str, str]


def settled(world: NetworkWorld, trail: Trail, subnet: str, family: Family) -> list[Trail]:
    """A trail to something in a subnet, once for each choice that lets through what others do not.

    Where the choices differ, each is a condition.
    """
    if not trail.choices or trail.verdict is Verdict.NO:
        return [trail]
    found: dict[frozenset[Lock], Choice] = {}
    for one in trail.choices:
        found.setdefault(_locks(world, one, subnet, family), one)
    trail = replace(trail, choices=())
    if len(found) > 1:
        trail = in_some_zone(trail)
    return [
        replace(trail, crossings=one.crossings, last=one.last, steps=one.steps, via=one.via)
        for met, one in found.items()
        if not any(other < met for other in found)
    ]


def in_some_zone(trail: Trail) -> Trail:
    """The trail, on the condition that packets come by the zone in which it is so."""
    if trail.verdict not in (Verdict.YES, Verdict.CONDITIONAL):
        return trail
    terms = trail.conditions | {IN_SOME_ZONE}
    return replace(trail, verdict=weaker(trail.verdict, Verdict.CONDITIONAL), conditions=terms)


def _locks(world: NetworkWorld, one: Choice, subnet: str, family: Family) -> frozenset[Lock]:
    """(network ACL, direction, source) of those on a way that may stop anything."""
    met = [(each.subnet, each.way, each.source) for each in one.crossings]
    if one.last != subnet:
        met += [(one.last, "out", one.source)] if one.last else []
        met.append((subnet, "in", one.source))
    found = set[Lock]()
    for place, way, source in met:
        known = entries_of(world, place, family)
        if not admits_all(world, place, way, family):
            found.add((known[0] if known else place, way, source))
    return frozenset(found)


def admits_all(world: NetworkWorld, subnet: str, way: str, family: Family) -> bool:
    """Whether a subnet's network ACL lets everything ``in`` or ``out`` by its first entry."""
    known = entries_of(world, subnet, family)
    return known is not None and open_at_once(known[2] if way == "out" else known[1], family)


def open_at_once(entries: tuple[AclEntry, ...], family: Family) -> bool:
    """Whether the first entry lets everything through."""
    if not entries or not entries[0].allow or entries[0].ports != ports.ALL:
        return False
    cidr = entries[0].cidr
    return cidr is not None and parse(cidr)[1] == EVERYTHING[family]


def same_zone(one: Subnet, other: Subnet) -> bool:
    """Whether two subnets are known to lie in one Availability Zone.

    A zone's id is the same in every account, its name only means the same inside one (EC2 user
    guide, "Availability Zone IDs").
    """
    if not comparable(one, other) or one.region != other.region:
        return False
    if one.zone_id and other.zone_id:
        return one.zone_id == other.zone_id
    return one.zone == other.zone


def comparable(one: Subnet, other: Subnet) -> bool:
    """Whether it is told if two subnets lie in one zone."""
    if one.zone_id and other.zone_id:
        return True
    return bool(one.zone and other.zone) and one.account_id == other.account_id
