"""Classes of senders and of targets, and crowds of senders that differ by address only.

Interfaces that no control tells apart form a class. A set of classes is a number, whose bits are
the numbers of its members.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from graph.network.between.alike import Alikes, Spot
from graph.network.between.classes import class_of, number_of
from graph.network.between.front_balancers import address_gap, listening
from graph.network.between.lateral import Alike, short_hash
from graph.network.between.owners import is_sender, owner_in, takes_nothing
from graph.network.between.rule_sets import RuleSet, RuleSets
from graph.network.between.trail import addresses_of
from graph.network.facts import Interface, is_unread_group, unread_groups
from graph.network.internet import State, state_of
from graph.network.ports import names as port_names
from graph.network.prefixes import Family
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

Senders = int
"""Some classes of senders; bit n is the class with the number n."""
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class End:
    """A class of senders or targets, and by which addresses it sends or is sent to."""

    number: int
    alike: Alike
    groups: frozenset[str]
    rules: RuleSet
    spots: tuple[tuple[Spot, int], ...]
    home: str


ByState = tuple[tuple[Alike, Senders], ...]
"""Senders of like state, by one of them."""


@dataclass(slots=True, eq=False)
class Crowd:
    """Senders that stand alike and may send alike: addresses in order, with the class of each."""

    spot: Spot
    rules: RuleSet
    first: Interface
    items: list[tuple[int, End]]
    known: dict[tuple[int, int], ByState] = field(default_factory=dict)

    def told_apart(self, edges: list[int]) -> Iterator[tuple[int, int, int]]:
        """How many edges lie below, and from where to where items have as many below theirs."""
        items, start = self.items, 0
        below, most = bisect_right(edges, items[0][0]), bisect_right(edges, items[-1][0])
        while below < most:
            end = bisect_left(items, edges[below], start, key=_address)
            yield below, start, end
            start, below = end, bisect_right(edges, items[end][0])
        yield below, start, len(items)

    def senders(self, start: int, end: int) -> ByState:
        """The senders of some items."""
        if (start, end) not in self.known:
            some = ((one.alike, 1 << one.number) for _, one in self.items[start:end])
            self.known[start, end] = by_state(some)
        return self.known[start, end]


def by_state(senders: Iterable[tuple[Alike, Senders]]) -> ByState:
    """Senders put together where their state is alike."""
    found: dict[tuple[Verdict, frozenset[str]], tuple[Alike, Senders]] = {}
    for one, some in senders:
        key = (one.bound, one.gaps)
        first, known = found.get(key, (one, 0))
        found[key] = (first, known | some)
    return tuple(found.values())


def _address(item: tuple[int, End]) -> int:
    return item[0]


class Classes:
    """The classes of a world.

    Attributes:
        senders: by number.
        targets: those that anything may be sent to.
    """

    def __init__(
        self,
        world: NetworkWorld,
        alikes: Alikes,
        rule_sets: RuleSets,
        components: dict[str, str],
    ) -> None:
        """Args: the facts, what is alike in them, and what stands for joined VPCs."""
        self._world, self._alikes, self._rule_sets = world, alikes, rule_sets
        self._components = components
        self._opened: dict[Key, Spans] = {}
        sending: dict[Key, list[Interface]] = defaultdict(list)
        taking: dict[Key, list[Interface]] = defaultdict(list)
        for one in world.facts.interfaces:
            sends, takes = is_sender(world, one), not takes_nothing(world, one)
            if sends or takes:
                key = self._key(one)
                if sends:
                    sending[rule_sets.out_of(one).text, *key].append(one)
                for opened in listening(world, one) if takes else ():
                    more = (rule_sets.into(one).text, *key)
                    if opened is not None:
                        more = (*more, port_names(opened), address_gap(world, one))
                        self._opened[more] = opened
                    taking[more].append(one)
        self.senders = self._ends(sending, sends=True)
        self.targets = self._ends(taking, sends=False)

    def _key(self, one: Interface) -> Key:
        state = state_of(self._world, one)
        spots = tuple(
            tuple(
                sorted(
                    {
                        (spot.place, class_of(self._world, address, family))
                        for address, spot in self._alikes.spots(one, family).items()
                    }
                )
            )
            for family in Family
        )
        return (
            one.vpc,
            one.account_id,
            one.region,
            one.groups is None,
            tuple(sorted(self._rule_sets.known_groups(one))),
            spots,
            state.verdict.value,
            tuple(sorted(_gaps(state))),
            one.deny_igw,
        )

    def _ends(self, found: dict[Key, list[Interface]], *, sends: bool) -> list[End]:
        made = [self._alike(key, members, sends=sends) for key, members in found.items()]
        # Those of one VPC follow one another, as bits of a set do.
        kept = sorted(
            (one for one in made if one.bound is not Verdict.NO),
            key=lambda one: (one.first.vpc, one.id),
        )
        return [self._end(number, one, sends=sends) for number, one in enumerate(kept)]

    def _alike(self, key: Key, members: list[Interface], *, sends: bool) -> Alike:
        first = min(members, key=lambda one: one.id)
        place = first.subnet if sends else first.vpc
        kind = "network-range" if sends else "private-target"
        state = state_of(self._world, first)
        owned = {(owner_in(self._world, one), one.id) for one in members}
        return Alike(
            id=f"{kind}:{place.rpartition('/')[2]}:{short_hash(repr(('private', key)))}",
            first=first,
            bound=state.verdict,
            gaps=_gaps(state),
            members=tuple(sorted(owned)),
            ports=None if sends else self._opened.get(key),
            anywhere="" if sends else address_gap(self._world, first),
        )

    def _end(self, number: int, one: Alike, *, sends: bool) -> End:
        first = one.first
        spots: dict[tuple[Family, int], tuple[Spot, int]] = {}
        for family in Family:
            known = self._alikes.spots(first, family)
            for address in addresses_of(first, family):
                of = class_of(self._world, address, family)
                spots.setdefault((family, of), (known[address], number_of(address)))
        return End(
            number,
            one,
            self._rule_sets.known_groups(first),
            self._rule_sets.out_of(first) if sends else self._rule_sets.into(first),
            tuple(spots.values()),
            self._components.get(first.vpc, first.vpc),
        )

    def crowds(self) -> dict[tuple[str, Family], list[Crowd]]:
        """Senders as crowds, by what stands for joined VPCs and by family."""
        found: dict[tuple[str, Spot, str], Crowd] = {}
        for one in self.senders:
            for spot, number in one.spots:
                key = (one.home, spot, one.rules.addresses)
                crowd = found.setdefault(key, Crowd(spot, one.rules, one.alike.first, []))
                crowd.items.append((number, one))
        made: dict[tuple[str, Family], list[Crowd]] = defaultdict(list)
        for (home, spot, _), crowd in found.items():
            crowd.items.sort(key=_address)
            made[home, spot.family].append(crowd)
        return made


def set_of(numbers: Iterable[int]) -> Senders:
    """The set of some numbers."""
    found = 0
    for one in numbers:
        found |= 1 << one
    return found


def members_of(senders: Senders) -> Iterator[int]:
    """The numbers in a set, ascending."""
    digits = bin(senders)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


def _gaps(state: State) -> frozenset[str]:
    """What is missing to know a state, as conditions."""
    if state.step.result != "unknown":
        return frozenset()
    missing = state.step.text.split("ollected: ", 1)[1].rstrip(".")
    return frozenset({condition("not_collected", missing)})


def unread_as_one(world: NetworkWorld) -> NetworkWorld:
    """The same world, where unread security groups of several interfaces have one name together.

    It stands for those of one account and region: that they were not read is the same of all, and
    what each may do in doubt too. The question about one pair names the interface.
    """
    places: dict[tuple[str, str], list[Interface]] = defaultdict(list)
    for one in world.facts.interfaces:
        if any(map(is_unread_group, one.groups or ())):
            places[one.account_id, one.region].append(one)
    names = {
        interface.id: unread_groups(f"{len(some)} interfaces in {account}/{region}")
        for (account, region), some in places.items()
        if len(some) > 1
        for interface in some
    }
    if not names:
        return world
    interfaces = tuple(
        replace(one, groups=_renamed(one, names[one.id])) if one.id in names else one
        for one in world.facts.interfaces
    )
    return NetworkWorld(replace(world.facts, interfaces=interfaces))


def _renamed(one: Interface, name: str) -> tuple[str, ...]:
    groups = (name if is_unread_group(group) else group for group in one.groups or ())
    return tuple(dict.fromkeys(groups))


__all__ = [
    "ByState",
    "Classes",
    "Crowd",
    "End",
    "Senders",
    "by_state",
    "members_of",
    "set_of",
    "unread_as_one",
]
