"""Shortest ways to a goal from every place, whole and with one step taken away."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from itertools import count

from graph.verdict import Verdict
from queries.answers.attack import LEVELS, AttackGraph, Link, Spot

_HAD = frozenset({"HAS_ADMIN", "CAN_ESCALATE_TO"})
MOST_STEPS = 40
"""Steps of a path; longer ones are not followed."""
Step = tuple[Link, int]
"""A step with the number of the place at its other end."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Where paths end: a node, and whether only ways that have it count."""

    node: str
    had: bool = False
    accessed: bool = False

    def admits(self, last: Link) -> bool:
        """Whether a path may end with a step."""
        if self.had:
            return last.type in _HAD
        return not self.accessed or last.type in ("CAN_ACCESS", "TARGETS")


class Explored:
    """Every place that some starts lead to, by number, with the steps there and onward.

    Attributes:
        spots: the places.
        number: a place's number.
        into: the steps that lead to a place, each with where it starts.
        out: the steps that lead on, each with where it ends.
        at: the places at a node.
        levels: the verdicts that steps have, the strongest first.
    """

    def __init__(self, graph: AttackGraph, starts: Collection[str]) -> None:
        """Walk once, whatever the steps' verdicts."""
        self.graph = graph
        self.starts = frozenset(starts)
        self.spots = sorted({Spot(start) for start in starts})
        self.number = {spot: place for place, spot in enumerate(self.spots)}
        self.into: list[list[Step]] = [[] for _ in self.spots]
        self.out: list[list[Step]] = []
        self.at: dict[str, list[int]] = defaultdict(list)
        verdicts = set()
        # The list grows while it is walked.
        for here, spot in enumerate(self.spots):
            self.at[spot.node].append(here)
            onward: list[Step] = []
            for link, after in graph.onward(spot):
                there = self.number.setdefault(after, len(self.spots))
                if there == len(self.spots):
                    self.spots.append(after)
                    self.into.append([])
                self.into[there].append((link, here))
                onward.append((link, there))
                verdicts.add(link.hop.answer.verdict)
            self.out.append(onward)
        self.levels = tuple(level for level in LEVELS if level in verdicts)


class Ways:
    """The shortest ways to one goal by steps of a least verdict.

    Attributes:
        next: each place's next step on its way.
    """

    def __init__(self, explored: Explored, goal: Goal, level: Verdict) -> None:
        """Search backward from the goal.

        Args:
            explored: the steps.
            goal: where the ways end.
            level: the weakest verdict of their steps.
        """
        self._explored = explored
        self._goal = goal
        self._level = level
        self._ends = frozenset(explored.at.get(goal.node, ()))
        self.next: dict[int, Step] = {}
        self._steps = dict.fromkeys(explored.at.get(goal.node, ()), 0)
        self._without: dict[int, dict[int, Step]] = {}
        queue = deque(self._steps)
        while queue:
            here = queue.popleft()
            steps = self._steps[here] + 1
            if steps > MOST_STEPS:
                break
            for link, before in explored.into[here]:
                if before not in self._steps and self._allows(link, here):
                    self.next[before] = (link, here)
                    self._steps[before] = steps
                    queue.append(before)

    def _allows(self, link: Link, end: int) -> bool:
        if link.hop.answer.verdict.rank < self._level.rank:
            return False
        return end not in self._ends or self._goal.admits(link)

    def way(self, start: int, without: Link | None = None) -> list[Step]:
        """The steps of the shortest way from a place, in walking order; empty if there is none.

        Args:
            start: where it begins.
            without: a step that it must not take.
        """
        found = list(self._follow(start, {}))
        if without is None or all(link is not without for link, _ in found):
            return found
        other = self._around(without)
        return list(self._follow(start, other)) if start in other else []

    def _follow(self, start: int, instead: Mapping[int, Step]) -> Iterator[Step]:
        here = start
        while (step := instead.get(here) or self.next.get(here)) is not None:
            yield step
            here = step[1]

    def _around(self, gone: Link) -> dict[int, Step]:
        """The next steps of all whose way takes a step, once it is taken away.

        Only they are searched anew: everybody else's way stays as it is, and theirs go on as
        those do from where they meet them.
        """
        found = self._without.get(id(gone))
        if found is None:
            found = self._without[id(gone)] = self._searched_anew(gone)
        return found

    def _searched_anew(self, gone: Link) -> dict[int, Step]:
        cut = self._behind(gone)
        turn = count()
        offers: list[tuple[int, int, int, Step]] = []

        def offer(steps: int, place: int, link: Link, there: int) -> None:
            if link is not gone and self._allows(link, there):
                heappush(offers, (steps, next(turn), place, (link, there)))

        for place in cut:
            for link, there in self._explored.out[place]:
                if there in self._steps and there not in cut:
                    offer(self._steps[there] + 1, place, link, there)
        found: dict[int, Step] = {}
        while offers:
            steps, _, place, step = heappop(offers)
            if place in found or steps > MOST_STEPS:
                continue
            found[place] = step
            for link, before in self._explored.into[place]:
                if before in cut and before not in found:
                    offer(steps + 1, before, link, place)
        return found

    def _behind(self, gone: Link) -> dict[int, None]:
        """The places whose way takes a step, the nearest to it first."""
        found = dict.fromkeys(self._taking.get(id(gone), ()))
        queue = deque(found)
        while queue:
            for before in self._before.get(queue.popleft(), ()):
                found[before] = None
                queue.append(before)
        return found

    @cached_property
    def _before(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for place, (_, there) in self.next.items():
            found[there].append(place)
        return found

    @cached_property
    def _taking(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for place, (link, _) in self.next.items():
            found[id(link)].append(place)
        return found


class WaysByLevel(dict[Verdict, Ways]):
    """The ways to a goal by steps of each least verdict, searched when they are first asked for."""

    def __init__(self, explored: Explored, goal: Goal) -> None:
        super().__init__()
        self.levels = explored.levels
        self._explored, self._goal = explored, goal

    def __missing__(self, level: Verdict) -> Ways:
        found = self[level] = Ways(self._explored, self._goal, level)
        return found
