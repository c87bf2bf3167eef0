"""Shortest ways from everywhere to many goals at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from graph.verdict import Verdict
from queries.answers.attack import Link
from queries.answers.ways import MOST_STEPS, Explored, Goal, Step


class AllWays:
    """The shortest ways to several goals by steps of a least verdict.

    Every goal has two bits: of ways that use no machine's network reach, and of those that do.

    Attributes:
        bits: the goals that a place leads to.
    """

    def __init__(self, explored: Explored, goals: Sequence[Goal], level: Verdict) -> None:
        """Search backward from all goals together, step by step.

        Args:
            explored: the steps.
            goals: where the ways end.
            level: the weakest verdict of their steps.
        """
        self._explored = explored
        self._level = level
        self._goals = goals
        self.bits = [0] * len(explored.spots)
        self._when: list[list[tuple[int, int]]] = [[] for _ in explored.spots]
        self._next: dict[tuple[int, int], Step] = {}
        self._ends = [0] * len(explored.spots)
        for number, goal in enumerate(goals):
            for end in explored.at.get(goal.node, ()):
                self._ends[end] |= 3 << (2 * number)
        into = [
            [start for link, start in steps if link.hop.answer.verdict.rank >= level.rank]
            for steps in explored.into
        ]
        steps, found = 1, self._last_steps()
        while found and steps <= MOST_STEPS:
            onward: dict[int, int] = defaultdict(int)
            for place, bits in found.items():
                new = bits & ~self.bits[place] & ~self._ends[place]
                if new:
                    self.bits[place] |= new
                    self._when[place].append((steps, new))
                    for start in into[place]:
                        onward[start] |= new
            steps, found = steps + 1, onward

    def _last_steps(self) -> dict[int, int]:
        """The places from which one step leads to a goal, with its bit."""
        found: dict[int, int] = defaultdict(int)
        for number, goal in enumerate(self._goals):
            for end in self._explored.at.get(goal.node, ()):
                bit = 1 << (2 * number + self._explored.spots[end].lateral)
                for link, start in self._explored.into[end]:
                    if self._allows(link) and goal.admits(link):
                        found[start] |= bit
        return found

    def _allows(self, link: Link) -> bool:
        return link.hop.answer.verdict.rank >= self._level.rank

    def _steps(self, place: int, bit: int) -> int:
        return next((steps for steps, bits in self._when[place] if bits & bit), 0)

    def nearest(self, place: int, bits: int) -> int:
        """The number of the nearest of several goals' bits that a place leads to."""
        found = next(both for _, led in self._when[place] if (both := led & bits))
        return (found & -found).bit_length() - 1

    def next_step(self, place: int, number: int) -> Step:
        """The next step of a place's way to a goal.

        Args:
            place: one that leads there.
            number: of the goal's bit.
        """
        known = self._next.get((place, number))
        if known is None:
            known = self._next[place, number] = next(self._best(place, number))
        return known

    def _best(self, place: int, number: int) -> Iterator[Step]:
        bit = 1 << number
        left = self._steps(place, bit) - 1
        goal, lateral = self._goals[number // 2], bool(number % 2)
        for link, there in self._explored.out[place]:
            if not self._allows(link):
                continue
            spot = self._explored.spots[there]
            if left:
                leads = not self._ends[there] & bit and self._steps(there, bit) == left
            else:
                leads = spot.node == goal.node and spot.lateral == lateral and goal.admits(link)
            if leads:
                yield link, there

    def way(self, place: int, number: int) -> tuple[Link, ...]:
        """The steps of a place's way to a goal, in walking order."""
        found = []
        node = self._goals[number // 2].node
        while True:
            link, place = self.next_step(place, number)
            found.append(link)
            if self._explored.spots[place].node == node:
                return tuple(found)
