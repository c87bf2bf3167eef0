"""Where packets from a subnet to every address in reach go, as rows of numbers.

Equal numbers are equal ways but for network ACLs that let everything through. What lies beyond a
transit gateway is numbered once for all VPCs that come in by the same table and zone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace

from graph.network.between.classes import number_of
from graph.network.between.lookup import route_to, told_apart
from graph.network.between.stretches import Beyond, Stretches, Upto
from graph.network.between.trail import EGRESS_ONLY, INTERNET, ON_PREM, VPC, Choice, Crossing, Trail
from graph.network.between.zones import admits_all
from graph.network.facts import RouteTable, Subnet
from graph.network.prefixes import Family
from graph.network.routes import effective_table
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

_SAME_FOR_ALL = ("local", "internet_gateway", "egress_only_gateway")
"""Kinds of routes whose way does not depend on which address of theirs is sent to."""
_UNLOCKED: Hashable = ((), "")


class InReach:
    """The addresses that joined VPCs have, one for all that are alike, in order."""

    def __init__(self, family: Family, addresses: Iterable[str]) -> None:
        """Args: the addresses, and their family."""
        ordered = sorted((number_of(one), one) for one in set(addresses))
        self.family = family
        self.numbers = [number for number, _ in ordered]
        self.addresses = [address for _, address in ordered]
        self.at = {address: at for at, address in enumerate(self.addresses)}


@dataclass(frozen=True, slots=True)
class Sight:
    """What of a way decides what gets through, but for the network ACLs at its ends.

    Attributes:
        manner: a number, the same for ways that do the same to packets, whatever VPC they end
            in; ``None``: they must be looked at one by one.
        vpc: the VPC in which it surely ends, or empty.
        lost: it surely ends in no VPC, nor on premises.
    """

    manner: int | None
    vpc: str
    lost: bool


@dataclass(frozen=True, slots=True)
class Row:
    """The ways from a subnet to everything in reach.

    Attributes:
        ways: a number each, see :meth:`Rows.sight`.
        alone: they depend on which subnet of its VPC it is.
        translates: packets may get another source address on some.
    """

    ways: tuple[int, ...]
    alone: bool
    translates: bool


@dataclass(slots=True)
class _Table:
    """What lies beyond a table of a transit gateway for every address in reach, as far as known.

    Attributes:
        beyond: by place of the address.
        meets: the places of addresses on whose way a VPC is met.
        odd: those of addresses that tell subnets apart.
        turning: those on whose way packets may get another source address.
        ways: numbers of whole ways, by the number of the way up to the gateway.
        left: places that have no such number yet, by the same.
    """

    beyond: dict[int, Beyond] = field(default_factory=dict)
    meets: dict[str, list[int]] = field(default_factory=dict)
    odd: list[int] = field(default_factory=list)
    turning: list[int] = field(default_factory=list)
    ways: dict[int, list[int]] = field(default_factory=dict)
    left: dict[int, set[int]] = field(default_factory=dict)

    def after(self, before: int, count: int) -> tuple[list[int], set[int]]:
        """Ways by the way up to the gateway, of which there are ``count``; which are not known."""
        ways = self.ways.setdefault(before, [-1] * count)
        return ways, self.left.setdefault(before, set(range(count)))

    def learn(self, at: int, after: Beyond, family: Family) -> None:
        """Keep what lies beyond for an address."""
        self.beyond[at] = after
        for vpc in after.vpcs:
            self.meets.setdefault(vpc, []).append(at)
        if not _plain(after.trail, family):
            self.odd.append(at)
        if _turns(after.trail):
            self.turning.append(at)


class Rows:
    """Rows of one world, and what the numbers in them stand for."""

    def __init__(self, world: NetworkWorld, stretches: Stretches) -> None:
        """Args: the facts, and ways in them."""
        self.world, self.stretches = world, stretches
        self.tables: dict[Hashable, _Table] = {}
        self._open: dict[tuple[str, Family], bool] = {}
        self._seen: dict[Hashable, int] = {}
        self._halves: dict[int, tuple[Trail, int]] = {}
        self._sights: dict[int, Sight] = {}
        self._same: dict[tuple[int, ...], tuple[int, ...]] = {}

    def of(self, home: Subnet, reach: InReach, own: frozenset[int]) -> Row:
        """The row of a subnet; ``own`` are the places of addresses that its VPC has."""
        made = _Draft(self, home, reach, own)
        made.fill()
        ways = tuple(made.ways)
        return Row(self._same.setdefault(ways, ways), made.alone, made.translates)

    def sight(self, way: int) -> Sight:
        """What a number in a row stands for."""
        return self._sights[way]

    def lets_all(self, subnet: str, family: Family) -> bool:
        """Whether the network ACL of a subnet lets everything in and out."""
        key = (subnet, family)
        if key not in self._open:
            self._open[key] = all(
                admits_all(self.world, subnet, way, family) for way in ("in", "out")
            )
        return self._open[key]

    def way(self, trail: Trail, home: Subnet, family: Family) -> int:
        """The number of a whole way from a subnet."""
        number = self._told(trail, home, family)
        if number not in self._sights:
            self._sights[number] = self._sight(trail, home, family)
        return number

    def way_over(self, upto: Upto, after: Beyond, home: Subnet, family: Family) -> int:
        """The number of a way by its two halves."""
        key = (self.half(upto.trail, home, family), self.half(after.trail, home, family))
        number = self._seen.setdefault(key, len(self._seen))
        if number not in self._sights:
            trail = self.stretches.whole(upto, after, home.vpc)
            self._sights[number] = self._sight(trail, home, family)
        return number

    def half(self, trail: Trail, home: Subnet, family: Family) -> int:
        """The number of a trail that is kept, so that it is known again."""
        if id(trail) not in self._halves:
            self._halves[id(trail)] = (trail, self._told(trail, home, family))
        return self._halves[id(trail)][1]

    def _told(self, trail: Trail, home: Subnet, family: Family) -> int:
        """A trail by number, without network ACLs that let everything through."""
        own, choices = self._locks(trail, home, family)
        base = replace(trail.untold(), crossings=(), last="", origin="", choices=())
        # An internet gateway takes both families, and what it does differs.
        return self._seen.setdefault((family, base, own, choices), len(self._seen))

    def _locks(
        self, trail: Trail, home: Subnet, family: Family
    ) -> tuple[Hashable, tuple[Hashable, ...]]:
        own = self._met(trail.choice, home, family)
        return own, tuple(dict.fromkeys(self._met(one, home, family) for one in trail.choices))

    def _met(self, one: Choice, home: Subnet, family: Family) -> Hashable:
        """The network ACLs that may stop anything, without that by which everything leaves."""
        crossings, last = one.crossings, one.last
        if crossings[:1] == (Crossing(home.id, "out"),):
            crossings = crossings[1:]
        elif not crossings and last == home.id:
            last = ""
        met = tuple(each for each in crossings if not self.lets_all(each.subnet, family))
        return met, "" if not last or self.lets_all(last, family) else last

    def _sight(self, trail: Trail, home: Subnet, family: Family) -> Sight:
        own, choices = self._locks(trail, home, family)
        plain = own == _UNLOCKED and all(one == _UNLOCKED for one in choices)
        manner = None
        if plain and not _depends(trail, family):
            place = "" if trail.end == VPC else trail.place
            base = replace(
                trail.untold(), crossings=(), last="", origin="", choices=(), place=place
            )
            manner = self._seen.setdefault(("manner", family, base), len(self._seen))
        sure = trail.verdict in (Verdict.YES, Verdict.CONDITIONAL)
        return Sight(manner, trail.place if sure and trail.end == VPC else "", _lost(trail))


class _Draft:
    """The row of one subnet while it is made."""

    def __init__(self, rows: Rows, home: Subnet, reach: InReach, own: frozenset[int]) -> None:
        self.rows, self.home, self.reach, self.own = rows, home, reach, own
        self.family = reach.family
        self.ways = [-1] * len(reach.addresses)
        self.alone = not rows.lets_all(home.id, reach.family)
        self.translates = False

    def fill(self) -> None:
        table = effective_table(self.rows.world, self.home)
        if isinstance(table, str):
            self._each(range(len(self.ways)))
            return
        numbers = self.reach.numbers
        for some in told_apart(self.rows.world, table, self.family):
            for first, last in some.pairs:
                places = range(bisect_left(numbers, first), bisect_right(numbers, last))
                if places:
                    self._alike(table, places)

    def _alike(self, table: RouteTable, places: range) -> None:
        """Fill in what the table sends the same way."""
        address, number = self.reach.addresses[places.start], self.reach.numbers[places.start]
        upto = self.rows.stretches.up_to_hub(self.home, address, number, self.family)
        if upto is not None:
            self._over_hub(upto, places)
            return
        found = route_to(self.rows.world, table, number, self.family)
        if found.route is None or found.doubts or found.route.kind not in _SAME_FOR_ALL:
            self._each(places)
            return
        trail = self.rows.stretches.to(self.home, address, number, self.family)
        way = self.rows.way(trail, self.home, self.family)
        self.ways[places.start : places.stop] = [way] * len(places)
        mine = sum(at in places for at in self.own)
        for own, some in ((True, mine), (False, len(places) - mine)):
            if some:
                self._note(trail, own=own)

    def _each(self, places: Iterable[int]) -> None:
        for at in places:
            address, number = self.reach.addresses[at], self.reach.numbers[at]
            trail = self.rows.stretches.to(self.home, address, number, self.family)
            self.ways[at] = self.rows.way(trail, self.home, self.family)
            self._note(trail, own=at in self.own)

    def _note(self, trail: Trail, *, own: bool) -> None:
        told = _local(trail, self.home) if own else _plain(trail, self.family)
        self.alone = self.alone or not told
        self.translates = self.translates or _turns(trail)

    def _over_hub(self, upto: Upto, places: range) -> None:
        """Fill in what lies beyond a transit gateway, but for what leads back from there."""
        table = self._table(upto)
        before = self.rows.half(upto.trail, self.home, self.family)
        ways, left = table.after(before, len(self.ways))
        for at in [one for one in left if one in places]:
            after = self._beyond(table, upto, at)
            if after is not None:
                ways[at] = self.rows.way_over(upto, after, self.home, self.family)
                left.discard(at)
        self.ways[places.start : places.stop] = ways[places.start : places.stop]
        back = {at for at in (*table.meets.get(self.home.vpc, ()), *left) if at in places}
        self._each(sorted(back))
        here = [at for at in (*table.odd, *self.own) if at in places and at not in back]
        self.alone = self.alone or bool(here)
        turning = (at in places and at not in back for at in table.turning)
        self.translates = self.translates or any(turning)

    def _table(self, upto: Upto) -> _Table:
        key = (upto.table.id, upto.gateway, upto.zone, id(self.reach))
        return self.rows.tables.setdefault(key, _Table())

    def _beyond(self, table: _Table, upto: Upto, at: int) -> Beyond | None:
        if at not in table.beyond:
            address = self.reach.addresses[at]
            after = self.rows.stretches.from_hub(upto, self.home.vpc, address)
            if after is None or self.home.vpc in after.vpcs:
                return None
            table.learn(at, after, self.family)
        return None if self.home.vpc in table.beyond[at].vpcs else table.beyond[at]


def _local(trail: Trail, home: Subnet) -> bool:
    """Whether a way stays inside the VPC, and nothing is on it."""
    return replace(trail, last="", origin="") == Trail(end=VPC, place=home.vpc)


def _plain(trail: Trail, family: Family) -> bool:
    """Whether a way to another VPC depends on no more of its subnet than its trail tells."""
    if "appliance" in trail.kinds or (trail.nat and trail.end == VPC):
        return False
    return family is Family.IPV4 or trail.verdict is Verdict.NO or trail.end == EGRESS_ONLY


def _depends(trail: Trail, family: Family) -> bool:
    """Whether an answer depends on more than the ways there and back.

    Replies go to a translator's address, or come in by the sender's own internet gateway.
    """
    by_internet = family is Family.IPV6 and trail.end == INTERNET
    return bool(trail.nat) or "appliance" in trail.kinds or by_internet


def _lost(trail: Trail) -> bool:
    """Whether a way surely ends in no VPC; an appliance may have others, which end elsewhere."""
    if trail.verdict is Verdict.UNKNOWN or "appliance" in trail.kinds:
        return False
    return trail.end not in (VPC, ON_PREM) or trail.verdict is Verdict.NO


def _turns(trail: Trail) -> bool:
    """Whether packets may get another source address."""
    return trail.verdict is not Verdict.NO and bool(trail.nat or "appliance" in trail.kinds)


__all__ = ["InReach", "Row", "Rows", "Sight"]
