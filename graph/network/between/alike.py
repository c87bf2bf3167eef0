"""Subnets that send and are sent to alike, so that one of them is judged for all.

Subnets of one VPC are alike if their network ACL lets everything through, they reach one another
without hindrance, and their ways to every address that anything in reach has are the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, replace

from graph.network.between.classes import number_of, spot_of
from graph.network.between.stretches import Stretches
from graph.network.between.trail import (
    EGRESS_ONLY,
    VPC,
    Choice,
    Trail,
    addresses_of,
    every_address,
)
from graph.network.between.zones import admits_all
from graph.network.facts import Interface, Subnet
from graph.network.prefixes import Family, parse
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

Place = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place and an address there that stands for all that are alike.

    Attributes:
        place: which subnets, VPC and region; the same where they are alike.
        address: the address.
        family: its family.
    """

    place: Place
    address: str
    family: Family


class Alikes:
    """Which places of a world are alike."""

    def __init__(self, world: NetworkWorld, components: dict[str, str]) -> None:
        """Args: the facts, and for each VPC what stands for all VPCs it could be joined with."""
        self.stretches = Stretches(world)
        self._world, self._components = world, components
        self._standing: dict[tuple[Family, int], str] = {}
        self._spots: dict[tuple[str, Family], dict[int, str]] = defaultdict(dict)
        self._places: dict[tuple[str, Family], str] = {}
        self._open: dict[tuple[str, Family], bool] = {}
        self._first: dict[Hashable, str] = {}
        self._seen: dict[Hashable, int] = {}
        self._halves: dict[int, tuple[Trail, int]] = {}
        self._own: dict[tuple[str, Family], set[int]] = defaultdict(set)
        self.translating: set[tuple[str, Family]] = set()
        for one in sorted(world.facts.interfaces, key=lambda one: one.id):
            for address in every_address(one):
                if address:
                    self._note(one, address)

    def _note(self, one: Interface, address: str) -> None:
        family = parse(address)[0]
        spot = spot_of(self._world, address, family)
        standing = self._standing.setdefault((family, spot), address)
        self._spots[self._component(one.vpc), family].setdefault(spot, standing)
        self._own[one.vpc, family].add(spot)

    def _component(self, vpc: str) -> str:
        return self._components.get(vpc, vpc)

    def spots(self, one: Interface, family: Family) -> dict[str, Spot]:
        """For each address of an interface its spot."""
        listed = addresses_of(one, family)
        if not listed:
            return {}
        place = self._place(one, family)
        return {
            address: Spot(
                place, self._standing[family, spot_of(self._world, address, family)], family
            )
            for address in listed
        }

    def translates(self, spot: Spot) -> bool:
        """Whether senders that stand there may be seen under another address."""
        return (spot.place[0], spot.family) in self.translating

    def _place(self, one: Interface, family: Family) -> Place:
        home = self._world.subnets.get(one.subnet)
        if home is None:
            return (f"{one.subnet} {one.account_id}", one.vpc, one.region, family)
        key = (one.subnet, family)
        if key not in self._places:
            self._places[key] = self._class_of(home, family)
        name = self._places[key] if home.vpc == one.vpc else one.subnet
        return (name, one.vpc, one.region, family)

    def _class_of(self, home: Subnet, family: Family) -> str:
        """The first subnet that is like this one; itself if it is like no other."""
        rows = self._rows(home, family)
        if rows is None:
            return home.id
        key = (home.vpc, home.account_id, home.region, family, rows)
        return self._first.setdefault(key, home.id)

    def _rows(self, home: Subnet, family: Family) -> tuple[int, ...] | None:
        """The ways to every address in reach by number; nothing where the subnet is its own."""
        alone = not self._lets_all(home.id, family)
        own = self._own[home.vpc, family]
        found = []
        for spot, address in self._spots[self._component(home.vpc), family].items():
            number = number_of(address)
            halves = self.stretches.halves(home, address, number, family)
            if halves is not None:
                before, after = halves
                trail = after.trail
                told: Hashable = (self._half(before.trail, family), self._half(trail, family))
            else:
                trail = self.stretches.to(home, address, number, family)
                told = self._told(trail, family)
            alone = alone or not (_local(trail, home) if spot in own else _plain(trail, family))
            if trail.verdict is not Verdict.NO and (trail.nat or "appliance" in trail.kinds):
                self.translating.add((home.id, family))
            found.append(self._seen.setdefault(told, len(self._seen)))
        return None if alone else tuple(found)

    def _half(self, trail: Trail, family: Family) -> int:
        """The number of a trail that is kept, so that it is known again."""
        if id(trail) not in self._halves:
            self._halves[id(trail)] = (trail, self._told(trail, family))
        return self._halves[id(trail)][1]

    def _told(self, trail: Trail, family: Family) -> int:
        """A trail by number, without network ACLs that let everything through."""
        own = self._locks(trail.choice, family)
        choices = tuple(dict.fromkeys(self._locks(one, family) for one in trail.choices))
        base = replace(trail.untold(), crossings=(), last="", origin="", choices=())
        return self._seen.setdefault((base, own, choices), len(self._seen))

    def _locks(self, one: Choice, family: Family) -> Hashable:
        met = tuple(each for each in one.crossings if not self._lets_all(each.subnet, family))
        last = "" if not one.last or self._lets_all(one.last, family) else one.last
        return met, last

    def _lets_all(self, subnet: str, family: Family) -> bool:
        key = (subnet, family)
        if key not in self._open:
            self._open[key] = all(
                admits_all(self._world, subnet, way, family) for way in ("in", "out")
            )
        return self._open[key]


def _local(trail: Trail, home: Subnet) -> bool:
    """Whether a way stays inside the VPC, and nothing is on it."""
    return replace(trail, last="", origin="") == Trail(end=VPC, place=home.vpc)


def _plain(trail: Trail, family: Family) -> bool:
    """Whether a way to another VPC depends on no more of its subnet than its trail tells."""
    if "appliance" in trail.kinds or (trail.nat and trail.end == VPC):
        return False
    return family is Family.IPV4 or trail.verdict is Verdict.NO or trail.end == EGRESS_ONLY


__all__ = ["Alikes", "Place", "Spot"]
