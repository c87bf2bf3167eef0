"""The part of an attack graph that leads from some starts to some goals, for counting cuts.

A *path* is counted as a pair of a way in (what the starts lead to first) and a goal, as
``mapper paths`` lists them; it is cut when no way is left from that way in to that goal.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import networkx

from graph.verdict import Verdict
from queries.answers.attack import AttackGraph, Link, Spot
from queries.answers.choke_changes import Change, change_of
from queries.answers.ways import Explored, Goal

_MOST_EDGES = 60_000
"""Edges up to which a minimum cut is computed."""
_SEARCHED = 1_500_000
"""Edges that one round of bounds may look at."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A step between two places.

    Attributes:
        tail, head: numbers of places.
        change: number of the change that cuts it; -1 for none.
        ends: the goals that are reached by taking it, as bits.
        link: the step.
    """

    tail: int
    head: int
    change: int
    ends: int
    link: Link


_WEIGHT = 10_000
"""Capacity of a change, to which its cost is added: the fewest, and of these the gentlest."""

Pairs = dict[str, int]
"""Way in (node id) to the goals that it leads to, as bits."""


class _WaysIn(NamedTuple):
    """What the starts lead to first.

    Attributes:
        entries: places of each way in.
        met: goals that are reached before anything is held, by their node.
        by: the steps that reached these, with how many goals each.
        first: the step by which each place on the way was reached first.
    """

    entries: dict[str, list[int]]
    met: Pairs
    by: list[tuple[Edge, int]]
    first: dict[int, Edge | None]


class Flow:
    """Places and steps on some way from the starts to the goals.

    Attributes:
        changes: what may be changed, by number.
        out: steps by the place at which they start.
        goals: by bit.
    """

    def __init__(
        self,
        graph: AttackGraph,
        starts: Collection[str],
        goals: Sequence[Goal],
        level: Verdict,
    ) -> None:
        """Walk the graph once.

        Args:
            graph: all steps.
            starts: node ids; those that the graph does not have are left out.
            goals: where paths end.
            level: the weakest verdict of a step that counts.
        """
        self.graph = graph
        self.goals = tuple(goals)
        self._starts = sorted(start for start in starts if start in graph.things)
        explored = Explored(graph, self._starts)
        self._number: dict[Spot, int] = {}
        self._spots: list[Spot] = []
        self._edges = self._alive(self._read(explored, level))
        self.changes: list[Change] = []
        self._numbered()
        self.out: dict[int, list[Edge]] = defaultdict(list)
        for edge in self._edges:
            self.out[edge.tail].append(edge)

    def _read(self, explored: Explored, level: Verdict) -> list[tuple[int, int, int, Link]]:
        bits: dict[str, list[tuple[int, Goal]]] = defaultdict(list)
        for number, goal in enumerate(self.goals):
            bits[goal.node].append((1 << number, goal))
        found = []
        for end, before in enumerate(explored.into):
            head = explored.spots[end]
            reached = bits.get(head.node, ())
            for link, start in before:
                if link.hop.answer.verdict.rank < level.rank:
                    continue
                tail = explored.spots[start]
                ends = sum(bit for bit, goal in reached if goal.admits(link))
                found.append((self._place(tail), self._place(head), ends, link))
        return found

    def _place(self, spot: Spot) -> int:
        number = self._number.setdefault(spot, len(self._spots))
        if number == len(self._spots):
            self._spots.append(spot)
        return number

    def _alive(self, read: list[tuple[int, int, int, Link]]) -> list[Edge]:
        """Steps that the starts lead to and that lead on to a goal."""
        onward: dict[int, list[int]] = defaultdict(list)
        backward: dict[int, list[int]] = defaultdict(list)
        for tail, head, _, _ in read:
            onward[tail].append(head)
            backward[head].append(tail)
        begun = [self._number[Spot(s)] for s in self._starts if Spot(s) in self._number]
        ahead = _closure(begun, onward)
        behind = _closure([tail for tail, _, ends, _ in read if ends], backward)
        kept = [
            Edge(tail, head, -1, ends, link)
            for tail, head, ends, link in read
            if tail in ahead and (ends or head in behind)
        ]
        return sorted(kept, key=lambda edge: (self._spots[edge.tail], self._spots[edge.head]))

    def _numbered(self) -> None:
        told: dict[Change, int] = {}
        found = [(edge, change_of(self.graph, edge.link)) for edge in self._edges]
        self.changes = sorted({c for _, c in found if c is not None}, key=lambda c: c.order)
        told = {change: number for number, change in enumerate(self.changes)}
        self._edges = [
            Edge(e.tail, e.head, -1 if c is None else told[c], e.ends, e.link) for e, c in found
        ]

    @property
    def places(self) -> int:
        """How many places are numbered, from 0."""
        return len(self._spots)

    @property
    def size(self) -> int:
        """Steps on some way."""
        return len(self._edges)

    def links(self, change: int) -> list[Link]:
        """The steps that a change cuts, each once."""
        found = {id(edge.link): edge.link for edge in self._edges if edge.change == change}
        return list(found.values())

    def pairs(self, cut: Collection[int] = ()) -> Pairs:
        """The paths that are left without some changes."""
        entries, found, _, _ = self._entries(cut)
        reached = self._goals_of((spot for spots in entries.values() for spot in spots), cut)
        for node, spots in entries.items():
            for spot in spots:
                found[node] = found.get(node, 0) | reached.get(spot, 0)
        return {node: mask for node, mask in found.items() if mask}

    def ways_in(self, cut: Collection[int]) -> tuple[dict[str, list[int]], dict[int, int]]:
        """Places of each way in, and the goals (bits) that each place behind them leads to."""
        entries = self._entries(cut).entries
        begun = (place for places in entries.values() for place in places)
        return entries, self._goals_of(begun, cut)

    def _entries(self, cut: Collection[int]) -> _WaysIn:
        """Ways in, goals that are met before anything is held, and how places are reached."""
        entries: dict[str, list[int]] = defaultdict(list)
        met: Pairs = defaultdict(int)
        by: list[tuple[Edge, int]] = []
        first: dict[int, Edge | None] = {}
        queue: deque[int] = deque()
        for start in self._starts:
            number = self._number.get(Spot(start))
            if number is None:
                continue
            if self.graph.things[start].is_source:
                first[number] = None
                queue.append(number)
            else:
                entries[start].append(number)
        while queue:
            for edge in self.out.get(queue.popleft(), ()):
                if edge.change in cut:
                    continue
                spot = self._spots[edge.head]
                if new := edge.ends & ~met[spot.node]:
                    met[spot.node] |= new
                    by.append((edge, new.bit_count()))
                if edge.head in first:
                    continue
                first[edge.head] = edge
                if spot.net[0]:
                    queue.append(edge.head)
                else:
                    entries[spot.node].append(edge.head)
        return _WaysIn(entries, met, by, first)

    def _goals_of(self, begun: Iterable[int], cut: Collection[int]) -> dict[int, int]:
        """The goals that each place leads to."""
        order = self._postorder(begun, cut)
        reached = dict.fromkeys(order, 0)
        changed = True
        while changed:
            changed = False
            for place in order:
                mask = reached[place]
                for edge in self.out.get(place, ()):
                    if edge.change not in cut:
                        mask |= edge.ends | reached[edge.head]
                if mask != reached[place]:
                    reached[place] = mask
                    changed = True
        return reached

    def _postorder(self, begun: Iterable[int], cut: Collection[int]) -> list[int]:
        """Places that are reached, what they lead to before them."""
        seen: set[int] = set()
        order: list[int] = []
        for start in begun:
            stack: list[tuple[int, int]] = [] if start in seen else [(start, 0)]
            seen.add(start)
            while stack:
                here, at = stack.pop()
                out = self.out.get(here, ())
                while at < len(out) and (out[at].change in cut or out[at].head in seen):
                    at += 1
                if at == len(out):
                    order.append(here)
                    continue
                stack.append((here, at + 1))
                seen.add(out[at].head)
                stack.append((out[at].head, 0))
        return order

    def bounds(self, cut: Collection[int]) -> tuple[dict[int, int], bool]:
        """How many paths a further change can cut at most, and whether that is sure.

        One way is found for each path: a change that no step of it needs does not cut it. Where
        there are very many ways in, only some are looked at, and the bound is a guess.
        """
        entries, _, by, first = self._entries(cut)
        found: dict[int, int] = defaultdict(int)
        for edge, many in by:
            for change in _passed(first, edge):
                found[change] += many
        most = max(1, _SEARCHED // max(1, self.size))
        for node in list(entries)[:most]:
            counted = self._below(entries[node], cut, found)
            ways = (_passed(first, first.get(place)) for place in entries[node])
            for change in set().union(*ways):
                found[change] += counted
        return found, len(entries) <= most

    def _below(self, begun: Sequence[int], cut: Collection[int], found: dict[int, int]) -> int:
        """Add, for each change, the goals whose way from here uses it; all goals, counted."""
        first: dict[int, Edge | None] = dict.fromkeys(begun)
        queue = deque(begun)
        done = 0
        met: dict[int, int] = defaultdict(int)
        while queue:
            here = queue.popleft()
            for edge in self.out.get(here, ()):
                if edge.change in cut:
                    continue
                if new := edge.ends & ~done:
                    done |= new
                    many = new.bit_count()
                    if edge.change >= 0:
                        found[edge.change] += many
                    met[here] += many
                if edge.head not in first:
                    first[edge.head] = edge
                    queue.append(edge.head)
        below = dict(met)
        for place in reversed(list(first)):
            step = first[place]
            if step is not None and (many := below.get(place, 0)):
                below[step.tail] = below.get(step.tail, 0) + many
                if step.change >= 0:
                    found[step.change] += many
        return done.bit_count()

    def some_way(self) -> list[int]:
        """The changes of one way from a start to a goal."""
        begun = [self._number[Spot(s)] for s in self._starts if Spot(s) in self._number]
        first: dict[int, Edge | None] = dict.fromkeys(begun)
        queue = deque(begun)
        while queue:
            here = queue.popleft()
            for edge in self.out.get(here, ()):
                if edge.ends:
                    return sorted(_passed(first, edge))
                if edge.head not in first:
                    first[edge.head] = edge
                    queue.append(edge.head)
        return []

    def minimum_cut(
        self, leave: int = 0, cut: Collection[int] = (), begun: Sequence[int] | None = None
    ) -> tuple[frozenset[int], bool] | None:
        """The fewest changes that cut every path, and whether no fewer can.

        A change whose steps start at places of several states is taken as one gate for all of
        them, which joins these states: then the cut is whole, but perhaps not the smallest.

        Args:
            leave: goals (bits) that need not be cut.
            cut: changes that are made already.
            begun: places where the ways start; None for all starts.

        Returns:
            None where no changes cut all, or the graph is too large.
        """
        if self.size > _MOST_EDGES:
            return None
        endless = _WEIGHT * (len(self.changes) + 1)
        drawn: Any = networkx.DiGraph()
        tails: dict[int, set[int]] = defaultdict(set)
        for edge in self._edges:
            if edge.change in cut:
                continue
            here: object = ("place", edge.tail)
            if edge.change >= 0:
                tails[edge.change].add(edge.tail)
                gate = ("gate", edge.change)
                drawn.add_edge(here, gate, capacity=endless)
                here = ("open", edge.change)
                weight = _WEIGHT + self.changes[edge.change].cost
                drawn.add_edge(gate, here, capacity=weight)
            drawn.add_edge(here, ("place", edge.head), capacity=endless)
            if edge.ends & ~leave:
                drawn.add_edge(here, "goal", capacity=endless)
        if begun is None:
            begun = [self._number[Spot(s)] for s in self._starts if Spot(s) in self._number]
        for place in begun:
            drawn.add_edge("start", ("place", place), capacity=endless)
        if "start" not in drawn or "goal" not in drawn:
            return frozenset(), True
        size, (near, _) = networkx.minimum_cut(
            drawn, "start", "goal", flow_func=networkx.algorithms.flow.edmonds_karp
        )
        if size >= endless:
            return None
        found = frozenset(c for c in tails if ("gate", c) in near and ("open", c) not in near)
        return found, len(found) <= 1 or all(len(places) == 1 for places in tails.values())


def _passed(first: dict[int, Edge | None], last: Edge | None) -> set[int]:
    """The changes on the way that ends with a step."""
    found = set()
    step = last
    while step is not None:
        if step.change >= 0:
            found.add(step.change)
        step = first.get(step.tail)
    return found


def _closure(begun: Iterable[int], onward: dict[int, list[int]]) -> set[int]:
    seen = set(begun)
    queue = deque(seen)
    while queue:
        for place in onward.get(queue.popleft(), ()):
            if place not in seen:
                seen.add(place)
                queue.append(place)
    return seen
