"""Who reaches whom privately, for the whole world at once: by classes, never pair by pair.

Interfaces that no control tells apart form a class; what one of them reaches, or is reached by,
holds for all. Whom rules about addresses admit is asked once for all targets of a place with the
same such rules; only senders that a rule names by their group are looked at one by one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise

from graph.network import ports
from graph.network.between.alike import Alikes, Spot
from graph.network.between.classes import edges_of
from graph.network.between.connected import components
from graph.network.between.front_balancers import with_balancers
from graph.network.between.lateral import Alike, Lateral, Passage
from graph.network.between.on_prem import leads_on_premises, on_prem_to_interface
from graph.network.between.outcomes import (
    Outcome,
    bounded,
    listened,
    one_of,
    single,
    strongest,
    wherever,
)
from graph.network.between.parts import Lets, Parts, joined, through
from graph.network.between.places import Place, Places
from graph.network.between.rule_sets import RuleSets, peer_keys, rule_keys
from graph.network.between.senders import (
    ByState,
    Classes,
    Crowd,
    End,
    Senders,
    by_state,
    members_of,
    set_of,
    unread_as_one,
)
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


@dataclass(frozen=True, slots=True)
class _Demand:
    """What targets have in common for senders that no rule names by a group."""

    home: str
    spot: Spot
    inbound: str
    reached_at: int


@dataclass(frozen=True, slots=True)
class _Invited:
    """Senders of a crowd that rules about addresses admit, or may admit.

    Attributes:
        crowd: the crowd.
        admits: what rules let in from their addresses.
        senders: they.
    """

    crowd: Crowd
    admits: Lets
    senders: ByState


def lateral(world: NetworkWorld) -> Lateral:
    """Judge every class against every class that a rule could let in."""
    return _Groups(with_balancers(unread_as_one(world))).all()


class _Groups:
    def __init__(self, world: NetworkWorld) -> None:
        self.world = world
        component = components(world)
        self.alikes = Alikes(world, component)
        self.places = Places(world, self.alikes)
        self.rule_sets = RuleSets(world)
        self.egress = _egress_edges(world)
        self.memo: dict[tuple[int, int, int], tuple[Place, Lets, Lets, Parts]] = {}
        self.plain: dict[_Demand, dict[Outcome, Senders]] = {}
        self.ways: dict[Spot, dict[Crowd, tuple[Place, ...]]] = {}
        self.invited: dict[tuple[str, Family, str], list[_Invited]] = {}
        classes = Classes(world, self.alikes, self.rule_sets, component)
        self.ranges, self.targets = classes.senders, classes.targets
        self.crowds = classes.crowds()
        self.by_group: dict[tuple[str, str], list[End]] = defaultdict(list)
        self.by_egress: dict[tuple[str, str], list[End]] = defaultdict(list)
        for one in self.ranges:
            for group in peer_keys(one.groups):
                self.by_group[one.home, group].append(one)
            for group in rule_keys(one.rules.refs):
                self.by_egress[one.home, group].append(one)

    def all(self) -> Lateral:
        """Every passage; only what takes part in one is kept."""
        named: dict[Senders, str] = {}
        passages: list[Passage] = []
        for target in self.targets:
            for family, (mechanism, parts), senders in self._into(target):
                name = named.setdefault(senders, f"group {len(named)}")
                passages.append(Passage(name, target.alike.id, family, mechanism, parts))
        everyone = 0
        for senders in named:
            everyone |= senders
        outside = tuple(self._outside())
        reached = {one.target for one in passages} | {target for target, _ in outside}
        sending = (self.ranges[number].alike for number in members_of(everyone))
        return Lateral(
            {one.id: one for one in sorted(sending, key=lambda one: one.id)},
            {one.alike.id: one.alike for one in self.targets if one.alike.id in reached},
            self._members(named),
            tuple(passages),
            outside,
        )

    def _members(self, named: Mapping[Senders, str]) -> dict[str, tuple[str, ...]]:
        """The ids of groups' members, VPC after VPC."""
        starts = [
            at
            for at, one in enumerate(self.ranges)
            if not at or one.alike.first.vpc != self.ranges[at - 1].alike.first.vpc
        ]
        known: dict[tuple[int, int], tuple[str, ...]] = {}

        def of_vpc(start: int, some: Senders) -> tuple[str, ...]:
            if (start, some) not in known:
                known[start, some] = tuple(
                    self.ranges[start + at].alike.id for at in members_of(some)
                )
            return known[start, some]

        spans = [
            (start, (1 << end - start) - 1) for start, end in pairwise([*starts, len(self.ranges)])
        ]
        return {
            name: tuple(
                chain.from_iterable(
                    of_vpc(start, some)
                    for start, mask in spans
                    if (some := senders >> start & mask)
                )
            )
            for senders, name in named.items()
        }

    def _outside(self) -> Iterator[tuple[str, Reach]]:
        if leads_on_premises(self.world):
            for target in self.targets:
                opened = target.alike.ports
                only = ports.ALL if opened is None else opened
                for reach in on_prem_to_interface(self.world, target.alike.first, only):
                    yield target.alike.id, reach

    def _into(self, target: End) -> Iterator[tuple[Family, Outcome, Senders]]:
        for family in Family:
            spots = [(spot, number) for spot, number in target.spots if spot.family is family]
            plainly = [self._plainly(target, *one) for one in spots]
            if target.alike.anywhere:
                found = wherever(plainly, target.alike.anywhere)
            else:
                found = plainly[0] if len(plainly) == 1 else single(plainly)
            found = self._with_named(target, spots, found)
            if target.alike.bound is not Verdict.YES or target.alike.ports is not None:
                weak: dict[Outcome, Senders] = {}
                for (mechanism, parts), senders in found.items():
                    left = bounded(listened(parts, target.alike), target.alike)
                    if left:
                        weak[mechanism, left] = weak.get((mechanism, left), 0) | senders
                found = weak
            for outcome, senders in found.items():
                if senders and not self._only_itself(target, senders):
                    yield family, outcome, senders

    def _only_itself(self, target: End, senders: Senders) -> bool:
        if senders.bit_count() != 1 or len(target.alike.members) != 1:
            return False
        members = self.ranges[senders.bit_length() - 1].alike.members
        return len(members) == 1 and members[0][1] == target.alike.members[0][1]

    def _with_named(
        self,
        target: End,
        spots: list[tuple[Spot, int]],
        found: dict[Outcome, Senders],
    ) -> dict[Outcome, Senders]:
        """The outcomes, those senders judged by themselves that rules may name by a group."""
        named = {
            one.number: one
            for index, keys in (
                (self.by_group, rule_keys(target.rules.refs)),
                (self.by_egress, peer_keys(target.groups)),
            )
            for group in keys
            for one in index.get((target.home, group), ())
        }
        if not named:
            return found
        others = ~set_of(named)
        made = {outcome: senders & others for outcome, senders in found.items()}
        own: dict[Outcome, list[int]] = defaultdict(list)
        for number, sender in named.items():
            outcome = self._one_by_one(sender, target, spots)
            if outcome:
                own[outcome].append(number)
        for outcome, numbers in own.items():
            made[outcome] = made.get(outcome, 0) | set_of(numbers)
        return made

    def _one_by_one(
        self, sender: End, target: End, spots: list[tuple[Spot, int]]
    ) -> Outcome | None:
        found = [self._at(sender, target, spot) for spot in spots]
        gap = target.alike.anywhere
        if gap:
            each = [best for ways in found if (best := strongest(ways))]
            outcome = one_of(each, len(spots), gap)
        else:
            outcome = strongest(way for ways in found for way in ways)
        return (outcome[0], bounded(outcome[1], sender.alike)) if outcome else None

    def _at(self, sender: End, target: End, spot: tuple[Spot, int]) -> list[Outcome]:
        """The ways of a sender to one of a target's addresses."""
        ways: list[Outcome] = []
        other, theirs = spot
        for one, number in sender.spots:
            if one.family is other.family:
                for place in self.places.between(
                    sender.alike.first, one, target.alike.first, other
                ):
                    known = sender.groups if place.references else frozenset()
                    sees = target.groups if place.references == "both" else frozenset()
                    seen_as = number if place.seen_as is None else place.seen_as
                    admits = self.rule_sets.lets(target.rules, seen_as, one.family, known)
                    leaves = self.rule_sets.lets(sender.rules, theirs, one.family, sees)
                    ways.append((place.mechanism, self._parts(place, leaves, admits)))
        return ways

    def _plainly(self, target: End, spot: Spot, number: int) -> dict[Outcome, Senders]:
        """Who gets to targets of this kind without being named by a group."""
        at = bisect_right(self.egress[spot.family], number)
        key = _Demand(target.home, spot, target.rules.addresses, at)
        if key not in self.plain:
            self.plain[key] = self._by_address(target, spot, number)
        return self.plain[key]

    def _by_address(self, target: End, spot: Spot, number: int) -> dict[Outcome, Senders]:
        """Each sender by its outcome; what decides it is the same for most, and judged once."""
        family = spot.family
        lets: dict[str, Lets] = {}
        alike: dict[tuple[object, ...], tuple[list[Outcome], list[tuple[Alike, Senders]]]] = {}
        for one in self._invited(target, family):
            crowd = one.crowd
            places = self._places(crowd, target, spot)
            if not places:
                continue
            leaves = lets.get(crowd.rules.addresses)
            if leaves is None:
                leaves = self.rule_sets.lets(crowd.rules, number, family)
                lets[crowd.rules.addresses] = leaves
            key = _deciding(places, leaves, one.admits)
            if key not in alike:
                alike[key] = (self._ways(places, one, leaves, target, family), [])
            alike[key][1].extend(one.senders)
        apart: dict[Outcome, Senders] = {}
        for ways, senders in alike.values():
            outcome = strongest(ways)
            if outcome:
                for state, some in by_state(senders):
                    whole = (outcome[0], bounded(outcome[1], state))
                    apart[whole] = apart.get(whole, 0) | some
        everyone = 0
        for some in apart.values():
            if everyone & some:
                return single([apart])
            everyone |= some
        return apart

    def _places(self, crowd: Crowd, target: End, spot: Spot) -> tuple[Place, ...]:
        known = self.ways.setdefault(spot, {})
        if crowd not in known:
            first = target.alike.first
            known[crowd] = self.places.between(crowd.first, crowd.spot, first, spot)
        return known[crowd]

    def _ways(
        self, places: tuple[Place, ...], one: _Invited, leaves: Lets, target: End, family: Family
    ) -> list[Outcome]:
        ways: list[Outcome] = []
        for place in places:
            admits = one.admits
            if place.seen_as is not None:
                admits = self.rule_sets.lets(target.rules, place.seen_as, family)
            ways.append((place.mechanism, self._parts(place, leaves, admits)))
        return ways

    def _invited(self, target: End, family: Family) -> list[_Invited]:
        """Senders that rules about addresses admit; those that may be translated come too."""
        key = (target.home, family, target.rules.addresses)
        if key not in self.invited:
            made: list[_Invited] = []
            edges = target.rules.edges[family]
            by_edges: dict[int, Lets] = {}
            for crowd in self.crowds.get((target.home, family), ()):
                for below, *span in crowd.told_apart(edges):
                    admits = by_edges.get(below)
                    if admits is None:
                        seen_as = crowd.items[span[0]][0]
                        admits = self.rule_sets.lets(target.rules, seen_as, family)
                        by_edges[below] = admits
                    if admits.surely or admits.perhaps or self.alikes.translates(crowd.spot):
                        made.append(_Invited(crowd, admits, crowd.senders(*span)))
            self.invited[key] = made
        return self.invited[key]

    def _parts(self, place: Place, leaves: Lets, admits: Lets) -> Parts:
        key = (id(place), id(leaves), id(admits))
        if key not in self.memo:
            parts = joined(through(through(leaves.parts, place.parts), admits.parts))
            # What the numbers stand for is kept, so that no other gets them.
            self.memo[key] = (place, leaves, admits, parts)
        return self.memo[key][3]


def _deciding(places: tuple[Place, ...], leaves: Lets, admits: Lets) -> tuple[int, ...]:
    """What decides of senders what gets through, by number: all three are kept meanwhile."""
    return id(places), id(leaves), id(admits)


def _egress_edges(world: NetworkWorld) -> dict[Family, list[int]]:
    """Where addresses begin and end that any rule lets something out to."""
    rules = [rule for group in world.facts.security_groups for rule in group.egress or ()]
    cidrs = [rule.cidr for rule in rules]
    for name in {rule.prefix_list for rule in rules if rule.prefix_list}:
        listed = world.prefix_lists.get(name)
        cidrs += (listed.cidrs if listed else None) or ()
    return {family: edges_of(cidrs, family) for family in Family}


__all__ = ["lateral"]
