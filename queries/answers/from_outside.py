"""Paths from outside: one for each way in and goal, what differs only in noise once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from graph.verdict import Verdict
from queries.answers.all_ways import AllWays
from queries.answers.attack import Link, Tree
from queries.answers.ways import Explored, Goal


class Way(NamedTuple):
    """A path from outside.

    Attributes:
        links: its steps.
        level: the verdict of its weakest step.
        lateral: whether a machine's network reach is used on the way.
        alike: other machines through which the same path leads.
    """

    links: tuple[Link, ...]
    level: Verdict
    lateral: bool
    alike: tuple[str, ...] = ()


@dataclass(slots=True)
class FromOutside:
    """The paths from outside.

    Attributes:
        ways: one for each way in and goal, machines that are alike as one.
        lateral_left_out: how many more use a machine's network reach to get to what is reached as
            surely without.
    """

    ways: list[Way] = field(default_factory=list)
    lateral_left_out: int = 0


class Entry(NamedTuple):
    """A way in, by steps of a least verdict, and the bit of a goal that it leads to."""

    level: Verdict
    place: int
    number: int


class Search:
    """The ways in and what they lead to, for one least verdict."""

    def __init__(
        self, explored: Explored, outside: Collection[str], goals: Sequence[Goal], level: Verdict
    ) -> None:
        self.explored = explored
        self.goals = goals
        self.tree = Tree(explored.graph, outside, level, ways_in=True)
        self.onward = AllWays(explored, goals, level)
        places = [explored.number[spot] for spot, step in self.tree.first.items() if step]
        self.held = [place for place in places if explored.spots[place].is_held]
        self.at: dict[str, list[int]] = defaultdict(list)
        for place in places:
            self.at[explored.spots[place].node].append(place)

    def before(self, place: int) -> tuple[Link, ...]:
        """The way from outside to a place."""
        return self.tree.way(self.explored.spots[place])

    def way(self, entry: Entry) -> Way:
        """The whole way, as a path."""
        return Way(self.links(entry), entry.level, bool(entry.number % 2))

    def links(self, entry: Entry) -> tuple[Link, ...]:
        """The whole way."""
        return (*self.before(entry.place), *self.onward.way(entry.place, entry.number))

    def shape(self, entry: Entry) -> Hashable:
        """What tells a path from others: not which of several machines it leads through."""
        before = self.before(entry.place)
        node = self.explored.spots[entry.place].node
        if self.explored.graph.things[node].category != "compute":
            return entry
        link, there = self.onward.next_step(entry.place, entry.number)
        steps = tuple(_shape(one, node) for one in (*before, link))
        return (entry.level, entry.number, before[0].hop.start.id, steps, there)


def _shape(link: Link, node: str) -> Hashable:
    hop = link.hop
    end = "" if hop.end.id == node else hop.end.id
    return (
        end,
        hop.type,
        hop.answer.verdict,
        hop.answer.conditions,
        link.technique,
        link.ports,
        link.via,
    )


def from_outside(
    explored: Explored, outside: Collection[str], goals: Sequence[Goal], *, lateral: bool
) -> FromOutside:
    """The best path from each way in to each goal.

    Of paths through the same way in to the same goal the strongest, then the shortest, is kept;
    one that uses no machine's network reach is kept beside a stronger one that does. Machines
    through which the same path leads are told as one.

    Args:
        explored: the steps.
        outside: the sources.
        goals: where paths end.
        lateral: also tell ways over a machine's network to what is reached as surely without.
    """
    found = FromOutside()
    searches: dict[Verdict, Search] = {}
    entries: list[Entry] = []
    surest = [0] * len(goals)
    done: dict[str, int] = defaultdict(int)
    for level in explored.levels:
        search = searches[level] = Search(explored, outside, goals, level)
        for number, way in _ending(search, level, done):
            surest[number] = max(surest[number], level.rank)
            found.ways.append(way)
        for place in search.held:
            node = explored.spots[place].node
            new = search.onward.bits[place] & ~done[node]
            done[node] |= new
            entries += [Entry(level, place, number) for number in _numbers(new)]
    for entry in entries:
        if not entry.number % 2:
            surest[entry.number // 2] = max(surest[entry.number // 2], entry.level.rank)
    alike: dict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.number % 2 and surest[entry.number // 2] >= entry.level.rank and not lateral:
            found.lateral_left_out += 1
            continue
        alike[searches[entry.level].shape(entry)].append(entry)
    for first, *others in alike.values():
        links = searches[first.level].links(first)
        same = tuple(explored.spots[one.place].node for one in others)
        found.ways.append(Way(links, first.level, bool(first.number % 2), same))
    return found


def _ending(search: Search, level: Verdict, done: dict[str, int]) -> Iterator[tuple[int, Way]]:
    """Ways that end with what is first held, or with what a source itself may use."""
    for number, goal in enumerate(search.goals):
        for place in search.at.get(goal.node, ()):
            links = search.before(place)
            spot = search.explored.spots[place]
            whose = goal.node if spot.is_held else links[0].hop.start.id
            bit = 1 << (2 * number)
            if goal.admits(links[-1]) and not done[whose] & bit:
                done[whose] |= bit
                yield number, Way(links, level, spot.lateral)


def _numbers(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
