"""Subnets that send and are sent to alike, so that one of them is judged for all.

Subnets of one VPC are alike if their network ACL lets everything through, they reach one another
without hindrance, and their ways to every address that anything in reach has are the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass

from graph.network.between.classes import spot_of
from graph.network.between.rows import InReach, Row, Rows
from graph.network.between.stretches import Stretches
from graph.network.between.trail import addresses_of, every_address
from graph.network.facts import Interface, Subnet
from graph.network.prefixes import Family, parse
from graph.network.world import NetworkWorld

Place = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A place and an address there that stands for all that are alike; there is one for each.

    Attributes:
        place: which subnets, VPC and region; the same where they are alike.
        address: the address.
        family: its family.
        at: the address's place in rows of ways.
        ways: the ways from there, as in ``rows.Row``; nothing where its subnet is not known.
        open: network ACLs let everything in and out.
        denied: nothing that comes by an internet gateway gets in (``DenyAllIgwTraffic``).
    """

    place: Place
    address: str
    family: Family
    at: int
    ways: tuple[int, ...]
    open: bool
    denied: bool


class Alikes:
    """Which places of a world are alike."""

    def __init__(self, world: NetworkWorld, components: dict[str, str]) -> None:
        """Args: the facts, and for each VPC what stands for all VPCs it could be joined with."""
        self.stretches = Stretches(world)
        self.rows = Rows(world, self.stretches)
        self._world, self._components = world, components
        self._standing: dict[tuple[Family, int], str] = {}
        self._places: dict[tuple[str, Family], str] = {}
        self._first: dict[Hashable, str] = {}
        self._made: dict[tuple[Place, str, bool], Spot] = {}
        self._of_subnet: dict[tuple[str, Family], Row] = {}
        found: dict[tuple[str, Family], set[str]] = defaultdict(set)
        owned: dict[tuple[str, Family], set[str]] = defaultdict(set)
        for one in sorted(world.facts.interfaces, key=lambda one: one.id):
            for address in every_address(one):
                if address:
                    family = parse(address)[0]
                    spot = spot_of(world, address, family)
                    standing = self._standing.setdefault((family, spot), address)
                    found[self._component(one.vpc), family].add(standing)
                    owned[one.vpc, family].add(standing)
        self._reach = {key: InReach(key[1], some) for key, some in found.items()}
        self._own = {
            (vpc, family): frozenset(self._in_reach(vpc, family).at[one] for one in some)
            for (vpc, family), some in owned.items()
        }

    def _component(self, vpc: str) -> str:
        return self._components.get(vpc, vpc)

    def _in_reach(self, vpc: str, family: Family) -> InReach:
        return self._reach[self._component(vpc), family]

    def spots(self, one: Interface, family: Family) -> dict[str, Spot]:
        """For each address of an interface its spot."""
        listed = addresses_of(one, family)
        if not listed:
            return {}
        place = self._place(one, family)
        return {address: self._spot(one, place, address, family) for address in listed}

    def _spot(self, one: Interface, place: Place, address: str, family: Family) -> Spot:
        standing = self._standing[family, spot_of(self._world, address, family)]
        # Of private ways only those of IPv6 may come by an internet gateway.
        denied = family is Family.IPV6 and bool(one.deny_igw)
        key = (place, standing, denied)
        if key not in self._made:
            row = self._of_subnet.get((one.subnet, family))
            home = self._world.subnets.get(one.subnet)
            known = row is not None and home is not None and home.vpc == one.vpc
            self._made[key] = Spot(
                place,
                standing,
                family,
                self._in_reach(one.vpc, family).at[standing],
                row.ways if row is not None and known else (),
                known and self.rows.lets_all(one.subnet, family),
                denied,
            )
        return self._made[key]

    def translates(self, spot: Spot) -> bool:
        """Whether senders that stand there may be seen under another address."""
        row = self._of_subnet.get((spot.place[0], spot.family))
        return row is not None and row.translates

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
        key = (self._component(home.vpc), family)
        reach = self._reach.get(key) or InReach(family, ())
        row = self.rows.of(home, reach, self._own.get((home.vpc, family), frozenset()))
        self._of_subnet[home.id, family] = row
        if row.alone:
            return home.id
        return self._first.setdefault(
            (home.vpc, home.account_id, home.region, family, row.ways), home.id
        )


__all__ = ["Alikes", "Place", "Spot"]
