"""What lies between two places, whatever groups stand there: routes, ACLs and the way back."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from graph.network import ports
from graph.network.between.alike import Alikes, Spot
from graph.network.between.classes import number_of
from graph.network.between.legs import Hop, Leg, Legs, by_zones, every_legs
from graph.network.between.pair import acl_at, carried_parts, reply_parts
from graph.network.between.parts import Lets, Part, Parts, joined, through
from graph.network.between.trail import INTERNET, ON_PREM, VPC, Trail, arriving, returning
from graph.network.facts import Interface
from graph.network.prefixes import Family
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Place:
    """One way between two addresses in two subnets.

    Attributes:
        parts: what gets through but for security groups.
        references: which rules know the sender's groups after it, as in ``Trail``.
        seen_as: the address that the target sees, as a number; ``None``: the sender's own.
        mechanism: how, e.g. ``local`` or ``peering``.
    """

    parts: Parts
    references: str
    seen_as: int | None
    mechanism: str


class Places:
    """Ways between places of a world; each is worked out once for all that are alike."""

    def __init__(self, world: NetworkWorld, alikes: Alikes) -> None:
        """Args: the facts, and which places are alike."""
        self._world, self._alikes = world, alikes
        self._known: dict[tuple[Spot, Spot], tuple[Place, ...]] = {}
        self._alike: dict[tuple[int, int, bool, bool, tuple[int, ...]], tuple[Place, ...]] = {}
        self._same: dict[Lets, Lets] = {}
        self._made: dict[Hashable, Place] = {}
        self._lets: dict[tuple[str, str, str], Lets] = {}

    def between(
        self, source: Interface, one: Spot, target: Interface, other: Spot
    ) -> tuple[Place, ...]:
        """The ways by which anything gets from one place to another.

        Args:
            source: an interface that stands in ``one``.
            one: where packets come from, and the address they carry.
            target: an interface that stands in ``other``.
            other: where they are sent.
        """
        if not one.ways or not other.ways or one.place == other.place:
            return self._each(source, one, target, other)
        sight = self._alikes.rows.sight
        there = sight(one.ways[other.at])
        if there.lost or (there.vpc and there.vpc != target.vpc):
            return ()
        back = sight(other.ways[one.at])
        if there.manner is None or back.manner is None:
            return self._each(source, one, target, other)
        key = (
            there.manner,
            back.manner,
            back.vpc == source.vpc,
            source.region == target.region,
            () if one.open and other.open else self._ends(one, other),
        )
        known = self._alike.get(key)
        if known is None:
            known = self._alike[key] = self._ways(source, one, target, other)
        return known

    def _ends(self, one: Spot, other: Spot) -> tuple[int, ...]:
        """What the network ACLs of both ends let through, by number: there, then back."""
        return (
            one.open,
            other.open,
            *(
                id(self._acl((here.place[0], way, there.address), here.family))
                for here, there in ((one, other), (other, one))
                if not here.open
                for way in ("out", "in")
            ),
        )

    def _each(
        self, source: Interface, one: Spot, target: Interface, other: Spot
    ) -> tuple[Place, ...]:
        key = (one, other)
        if key not in self._known:
            self._known[key] = self._ways(source, one, target, other)
        return self._known[key]

    def _ways(
        self, source: Interface, one: Spot, target: Interface, other: Spot
    ) -> tuple[Place, ...]:
        made = self._judge(source, one, target, other)
        return tuple(place for place in made if place.parts)

    def _judge(self, source: Interface, one: Spot, target: Interface, other: Spot) -> list[Place]:
        hop = Hop(source, target, one.address, other.address, one.family)
        if one.place == other.place:
            # Places of several subnets are alike inside and among themselves.
            return [self._place(hop, ([], []))]
        simple = self._simple(hop)
        if simple is not None:
            if not simple[0]:
                return []
            return [self._place(hop, found) for found in by_zones(self._world, hop, simple)]
        return [self._place(hop, found) for found in every_legs(self._world, hop)]

    def _simple(self, hop: Hop) -> Legs | None:
        """The legs where nothing translates or may translate; no legs: it does not get there."""
        home = self._world.subnets.get(hop.source.subnet)
        away = self._world.subnets.get(hop.target.subnet)
        if home is None or away is None:
            return None
        stretches = self._alikes.stretches
        there = stretches.to(home, hop.sends_to, number_of(hop.sends_to), hop.family)
        if there.end == ON_PREM or "appliance" in there.kinds:
            return None
        arrives = there.verdict is Verdict.UNKNOWN or (
            there.end == VPC and there.place == hop.target.vpc
        )
        if there.verdict is Verdict.NO or not arrives:
            return [], []
        back = stretches.to(away, hop.sends_as, number_of(hop.sends_as), hop.family)
        if there.nat or _may_part(back, hop.family):
            return None
        back = arriving(returning(back), hop.source)
        return (
            [Leg(there, hop.sends_as, hop.sends_to, hop.target.subnet)],
            [Leg(back, hop.sends_to, hop.sends_as, hop.source.subnet)],
        )

    def _place(self, hop: Hop, found: Legs) -> Place:
        there, back = found
        first = there[0].trail if there else Trail()
        same = hop.source.region == hop.target.region and not first.source
        met, answered = self._met(there, hop.family), self._met(back, hop.family)
        key = (
            tuple(_shape(leg.trail) for leg in there),
            tuple(_shape(leg.trail) for leg in back),
            tuple(map(id, met)),
            tuple(map(id, answered)),
            same,
        )
        if key not in self._made:
            parts: Parts = through((Part(ports.ALL),), carried_parts([one.trail for one in there]))
            for lets in met:
                parts = through(parts, lets.parts)
            if parts:
                parts = through(parts, reply_parts([one.trail for one in back], answered))
            kinds = tuple(dict.fromkeys(kind for one in there for kind in one.trail.kinds))
            self._made[key] = Place(
                joined(parts),
                first.references if same else "",
                number_of(first.source) if first.source else None,
                "+".join(kinds) or "local",
            )
        return self._made[key]

    def _met(self, found: list[Leg], family: Family) -> list[Lets]:
        """What the network ACLs on the way let through; open ones are left out."""
        return [
            lets
            for leg in found
            for crossing in leg.crossings()
            if (lets := self._acl(crossing, family)).surely != ports.ALL
        ]

    def _acl(self, crossing: tuple[str, str, str], family: Family) -> Lets:
        if crossing not in self._lets:
            lets = acl_at(self._world, *crossing, family)
            self._lets[crossing] = self._same.setdefault(lets, lets)
        return self._lets[crossing]


def _may_part(back: Trail, family: Family) -> bool:
    """Whether replies may go by several ways, or come in by the other VPC's internet gateway."""
    return "appliance" in back.kinds or (family is Family.IPV6 and back.end == INTERNET)


def _shape(trail: Trail) -> Hashable:
    return trail.verdict, trail.conditions, trail.kinds, trail.references, trail.source


__all__ = ["Place", "Places"]
