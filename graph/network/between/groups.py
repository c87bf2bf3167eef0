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

from graph.network.between.alike import Alikes, Spot
from graph.network.between.classes import class_of, edges_of, number_of
from graph.network.between.connected import components
from graph.network.between.lateral import Alike, Lateral, Passage, short_hash
from graph.network.between.on_prem import leads_on_premises, on_prem_to_interface
from graph.network.between.owners import is_sender, owner_in, takes_nothing
from graph.network.between.pair import sender_state
from graph.network.between.parts import Lets, Part, Parts, joined, through
from graph.network.between.places import Place, Places
from graph.network.between.rule_sets import RuleSet, RuleSets, peer_keys, rule_keys
from graph.network.between.trail import addresses_of
from graph.network.facts import Interface
from graph.network.internet import State, state_of
from graph.network.pieces import weaker
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

Outcome = tuple[str, Parts]
"""Mechanism, and what gets through."""
Senders = frozenset[int]
_Invited = list[tuple[Alike, Senders]]
"""Senders of like state, by one of them."""


@dataclass(frozen=True, slots=True)
class _End:
    """A class of senders or targets, and by which addresses it sends or is sent to."""

    number: int
    alike: Alike
    groups: frozenset[str]
    rules: RuleSet
    spots: tuple[tuple[Spot, int], ...]
    home: str


@dataclass(slots=True)
class _Crowd:
    """Senders that stand alike and may send alike, by address."""

    spot: Spot
    rules: RuleSet
    first: Interface
    items: list[tuple[int, _End]]


@dataclass(frozen=True, slots=True)
class _Demand:
    """What targets have in common for senders that no rule names by a group."""

    home: str
    spot: Spot
    inbound: str
    reached_at: int


def lateral(world: NetworkWorld) -> Lateral:
    """Judge every class against every class that a rule could let in."""
    return _Groups(world).all()


class _Groups:
    def __init__(self, world: NetworkWorld) -> None:
        self.world = world
        self.component = components(world)
        self.alikes = Alikes(world, self.component)
        self.places = Places(world, self.alikes)
        self.rule_sets = RuleSets(world)
        self.egress = _egress_edges(world)
        self.memo: dict[tuple[int, int, int], tuple[Place, Lets, Lets, Parts]] = {}
        self.same: dict[Senders, Senders] = {}
        self.plain: dict[_Demand, dict[Outcome, Senders]] = {}
        self.invited: dict[tuple[str, Family, str], list[tuple[_Crowd, int, _Invited]]] = {}
        self.ranges = self._classes(sends=True)
        self.targets = self._classes(sends=False)
        self.by_group: dict[tuple[str, str], list[_End]] = defaultdict(list)
        self.by_egress: dict[tuple[str, str], list[_End]] = defaultdict(list)
        self.crowds = self._crowds()
        for one in self.ranges:
            for group in peer_keys(one.groups):
                self.by_group[one.home, group].append(one)
            for group in rule_keys(one.rules.refs):
                self.by_egress[one.home, group].append(one)

    def _classes(self, *, sends: bool) -> list[_End]:
        found: dict[tuple[object, ...], list[Interface]] = defaultdict(list)
        for one in self.world.facts.interfaces:
            if is_sender(self.world, one) if sends else not takes_nothing(self.world, one):
                found[self._key(one, sends=sends)].append(one)
        made = [self._alike(key, members, sends=sends) for key, members in found.items()]
        kept = sorted((a for a in made if a.bound is not Verdict.NO), key=lambda one: one.id)
        return [self._end(number, one, sends=sends) for number, one in enumerate(kept)]

    def _key(self, one: Interface, *, sends: bool) -> tuple[object, ...]:
        state = (sender_state if sends else state_of)(self.world, one)
        rules = self.rule_sets.out_of(one) if sends else self.rule_sets.into(one)
        spots = tuple(
            tuple(sorted({(spot.place, class_of(self.world, a, family)) for a, spot in known}))
            for family in Family
            for known in [self.alikes.spots(one, family).items()]
        )
        return (
            one.vpc,
            one.account_id,
            one.region,
            one.groups is None,
            tuple(sorted(self.rule_sets.known_groups(one))),
            rules.text,
            spots,
            state.verdict.value,
            tuple(sorted(_gaps(state))),
            one.deny_igw,
        )

    def _alike(self, key: tuple[object, ...], members: list[Interface], *, sends: bool) -> Alike:
        first = min(members, key=lambda one: one.id)
        place = first.subnet if sends else first.vpc
        kind = "network-range" if sends else "private-target"
        state = (sender_state if sends else state_of)(self.world, first)
        owned = {(owner_in(self.world, one), one.id) for one in members}
        return Alike(
            id=f"{kind}:{place.rpartition('/')[2]}:{short_hash(repr(('private', key)))}",
            first=first,
            bound=state.verdict,
            gaps=_gaps(state),
            members=tuple(sorted(owned)),
        )

    def _end(self, number: int, one: Alike, *, sends: bool) -> _End:
        first = one.first
        spots: dict[tuple[Family, int], tuple[Spot, int]] = {}
        for family in Family:
            known = self.alikes.spots(first, family)
            for address in addresses_of(first, family):
                of = class_of(self.world, address, family)
                spots.setdefault((family, of), (known[address], number_of(address)))
        return _End(
            number,
            one,
            self.rule_sets.known_groups(first),
            self.rule_sets.out_of(first) if sends else self.rule_sets.into(first),
            tuple(spots.values()),
            self.component.get(first.vpc, first.vpc),
        )

    def _crowds(self) -> dict[tuple[str, Family], list[_Crowd]]:
        found: dict[tuple[str, Spot, str], _Crowd] = {}
        for one in self.ranges:
            for spot, number in one.spots:
                crowd = found.setdefault(
                    (one.home, spot, one.rules.addresses),
                    _Crowd(spot, one.rules, one.alike.first, []),
                )
                crowd.items.append((number, one))
        made: dict[tuple[str, Family], list[_Crowd]] = defaultdict(list)
        for (home, spot, _), crowd in found.items():
            crowd.items.sort(key=lambda item: item[0])
            made[home, spot.family].append(crowd)
        return made

    def all(self) -> Lateral:
        """Every passage; only what takes part in one is kept."""
        named: dict[Senders, str] = {}
        ids = [one.alike.id for one in self.ranges]
        groups: dict[str, tuple[str, ...]] = {}
        passages: list[Passage] = []
        for target in self.targets:
            for family, (mechanism, parts), senders in self._into(target):
                if senders not in named:
                    # Numbers are in the order of ids.
                    named[senders] = f"group {len(named)}"
                    groups[named[senders]] = tuple(ids[one] for one in sorted(senders))
                passages.append(Passage(named[senders], target.alike.id, family, mechanism, parts))
        senders_of = {number for some in named for number in some}
        outside = tuple(self._outside())
        reached = {one.target for one in passages} | {target for target, _ in outside}
        return Lateral(
            {one.alike.id: one.alike for one in self.ranges if one.number in senders_of},
            {one.alike.id: one.alike for one in self.targets if one.alike.id in reached},
            groups,
            tuple(passages),
            outside,
        )

    def _outside(self) -> Iterator[tuple[str, Reach]]:
        if leads_on_premises(self.world):
            for target in self.targets:
                for reach in on_prem_to_interface(self.world, target.alike.first):
                    yield target.alike.id, reach

    def _into(self, target: _End) -> Iterator[tuple[Family, Outcome, Senders]]:
        for family in Family:
            spots = [(spot, number) for spot, number in target.spots if spot.family is family]
            found: Mapping[Outcome, Senders] = _single(
                [self._plainly(target, *one) for one in spots]
            )
            found = self._with_named(target, spots, found)
            bound = target.alike.bound
            if bound is not Verdict.YES:
                weak: dict[Outcome, Senders] = {}
                for (mechanism, parts), senders in found.items():
                    key = (mechanism, _bounded(parts, target.alike))
                    weak[key] = weak.get(key, frozenset()) | senders
                found = weak
            for outcome, senders in found.items():
                if senders and not self._only_itself(target, senders):
                    yield family, outcome, senders

    def _only_itself(self, target: _End, senders: Senders) -> bool:
        if len(senders) != 1 or len(target.alike.members) != 1:
            return False
        (sender,) = senders
        members = self.ranges[sender].alike.members
        return len(members) == 1 and members[0][1] == target.alike.members[0][1]

    def _with_named(
        self,
        target: _End,
        spots: list[tuple[Spot, int]],
        found: Mapping[Outcome, Senders],
    ) -> Mapping[Outcome, Senders]:
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
        made: dict[Outcome, Senders] = {}
        for outcome, senders in found.items():
            made[outcome] = senders if senders.isdisjoint(named) else senders.difference(named)
        own: dict[Outcome, set[int]] = defaultdict(set)
        for number, sender in named.items():
            for outcome in self._one_by_one(sender, target, spots):
                own[outcome].add(number)
        for outcome, numbers in own.items():
            made[outcome] = made.get(outcome, frozenset()) | numbers
        return made

    def _one_by_one(
        self, sender: _End, target: _End, spots: list[tuple[Spot, int]]
    ) -> Iterator[Outcome]:
        ways: list[Outcome] = []
        for one, number in sender.spots:
            for other, theirs in spots:
                if one.family is not other.family:
                    continue
                for place in self.places.between(
                    sender.alike.first, one, target.alike.first, other
                ):
                    known = sender.groups if place.references else frozenset()
                    sees = target.groups if place.references == "both" else frozenset()
                    seen_as = number if place.seen_as is None else place.seen_as
                    admits = self.rule_sets.lets(target.rules, seen_as, one.family, known)
                    leaves = self.rule_sets.lets(sender.rules, theirs, one.family, sees)
                    ways.append((place.mechanism, self._parts(place, leaves, admits)))
        outcome = _strongest(ways)
        if outcome:
            yield outcome[0], _bounded(outcome[1], sender.alike)

    def _plainly(self, target: _End, spot: Spot, number: int) -> dict[Outcome, Senders]:
        """Who gets to targets of this kind without being named by a group."""
        at = bisect_right(self.egress[spot.family], number)
        key = _Demand(target.home, spot, target.rules.addresses, at)
        if key not in self.plain:
            found = _single([self._by_address(target, spot, number)])
            self.plain[key] = {one: self.same.setdefault(who, who) for one, who in found.items()}
        return self.plain[key]

    def _by_address(self, target: _End, spot: Spot, number: int) -> dict[Outcome, Senders]:
        found: dict[Outcome, set[int]] = defaultdict(set)
        first, family = target.alike.first, spot.family
        for crowd, seen, senders in self._invited(target, family):
            ways = []
            for place in self.places.between(crowd.first, crowd.spot, first, spot):
                seen_as = seen if place.seen_as is None else place.seen_as
                admits = self.rule_sets.lets(target.rules, seen_as, family)
                leaves = self.rule_sets.lets(crowd.rules, number, family)
                ways.append((place.mechanism, self._parts(place, leaves, admits)))
            outcome = _strongest(ways)
            if outcome:
                for one, numbers in senders:
                    found[outcome[0], _bounded(outcome[1], one)].update(numbers)
        return {outcome: frozenset(numbers) for outcome, numbers in found.items()}

    def _invited(self, target: _End, family: Family) -> list[tuple[_Crowd, int, _Invited]]:
        """Senders that rules about addresses admit; those that may be translated come too.

        The number is an address of theirs: no rule of the target tells the others from it.
        """
        key = (target.home, family, target.rules.addresses)
        if key not in self.invited:
            made: list[tuple[_Crowd, int, _Invited]] = []
            edges = target.rules.edges[family]
            for crowd in self.crowds.get((target.home, family), ()):
                for seen, senders in _told_apart(crowd.items, edges):
                    admits = self.rule_sets.lets(target.rules, seen, family)
                    if admits.surely or admits.perhaps or self.alikes.translates(crowd.spot):
                        made.append((crowd, seen, _by_state(senders)))
            self.invited[key] = made
        return self.invited[key]

    def _parts(self, place: Place, leaves: Lets, admits: Lets) -> Parts:
        key = (id(place), id(leaves), id(admits))
        if key not in self.memo:
            parts = joined(through(through(leaves.parts, place.parts), admits.parts))
            # What the numbers stand for is kept, so that no other gets them.
            self.memo[key] = (place, leaves, admits, parts)
        return self.memo[key][3]


def _told_apart(
    items: list[tuple[int, _End]], edges: list[int]
) -> Iterator[tuple[int, list[_End]]]:
    """Senders, and an address of theirs, by which edges lie below it; the items are in order."""
    at = 0
    while at < len(items):
        below = bisect_right(edges, items[at][0])
        end = at
        while end < len(items) and (below == len(edges) or items[end][0] < edges[below]):
            end += 1
        yield items[at][0], [one for _, one in items[at:end]]
        at = end


def _by_state(senders: list[_End]) -> _Invited:
    found: dict[tuple[Verdict, frozenset[str]], tuple[Alike, set[int]]] = {}
    for one in senders:
        key = (one.alike.bound, one.alike.gaps)
        found.setdefault(key, (one.alike, set()))[1].add(one.number)
    return [(one, frozenset(numbers)) for one, numbers in found.values()]


def _strongest(ways: list[Outcome]) -> Outcome | None:
    """All ways as one, by the mechanism of the strongest."""
    some = [way for way in ways if way[1]]
    if len(some) < 2:
        return some[0] if some else None
    best = max(some, key=lambda way: max(part.verdict.rank for part in way[1]))
    return best[0], joined(tuple(part for _, parts in some for part in parts))


def _single(found: list[dict[Outcome, Senders]]) -> dict[Outcome, Senders]:
    """Outcomes of several addresses as one for each sender."""
    if len(found) == 1:
        everyone = frozenset[int]().union(*found[0].values())
        if len(everyone) == sum(map(len, found[0].values())):
            return found[0]
    ways: dict[int, list[Outcome]] = defaultdict(list)
    for some in found:
        for outcome, senders in some.items():
            for one in senders:
                ways[one].append(outcome)
    made: dict[Outcome, set[int]] = defaultdict(set)
    for one, listed in ways.items():
        best = _strongest(listed)
        if best:
            made[best].add(one)
    return {outcome: frozenset(numbers) for outcome, numbers in made.items()}


def _bounded(parts: Parts, end: Alike) -> Parts:
    """What the state of an end leaves of parts."""
    if end.bound is Verdict.YES:
        return parts
    return tuple(
        Part(one.ports, weaker(one.verdict, end.bound), one.conditions | end.gaps) for one in parts
    )


def _gaps(state: State) -> frozenset[str]:
    """What is missing to know a state, as conditions."""
    if state.step.result != "unknown":
        return frozenset()
    missing = state.step.text.split("ollected: ", 1)[1].rstrip(".")
    return frozenset({condition("not_collected", missing)})


def _egress_edges(world: NetworkWorld) -> dict[Family, list[int]]:
    """Where addresses begin and end that any rule lets something out to."""
    rules = [rule for group in world.facts.security_groups for rule in group.egress or ()]
    cidrs = [rule.cidr for rule in rules]
    for name in {rule.prefix_list for rule in rules if rule.prefix_list}:
        listed = world.prefix_lists.get(name)
        cidrs += (listed.cidrs if listed else None) or ()
    return {family: edges_of(cidrs, family) for family in Family}
