"""Which steps plain Cypher may follow, and the states of a walk that it must not mistake.

A walk (:meth:`queries.answers.attack.AttackGraph.onward`) goes on by how it came: a front door
leads on for the source that reached it, an admin whom a Deny limits has all but a few, a session
keeps what one step asked of it. Where the way does not matter the node itself stands for it; where
it does, a *state* of the node does. States of a node that lead on alike are one (the coarsest
bisimulation), so that a closure over steps that follow is exact and its size stays that of the
steps.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from graph.derivation.relate import digest
from queries.answers.attack import AttackGraph, Link, Spot
from queries.answers.chains_session import FRESH, Session, compared, compatible

_BY_NETWORK = frozenset({"CAN_REACH", "TARGETS", "CAN_ACCESS"})
_AFRESH = frozenset({"CAN_REACH", "CAN_ACCESS", "HAS_ADMIN", "CONTROLS"})
MOST_SESSIONS = 200_000
"""Places with a session of its own that are told apart; beyond, sessions are taken as one."""
SHARED_FROM = 64
"""Steps that the states of a node must have in common before they share a state for them."""


@dataclass(frozen=True, slots=True)
class State:
    """A state of a node in which it does not lead on as it does under plain control.

    Attributes:
        id: of the graph's node.
        of: id of the real node.
        spots: where a walk stands then.
        kind: ``common`` for what the node's states have in common, ``internet`` for what anybody
            may do with a source that has more for its customers.
    """

    id: str
    of: str
    spots: tuple[Spot, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """A step to or from a state.

    Attributes:
        start, end: ids of states or nodes.
        link: the step that it stands for; None where a state takes the steps that it shares.
    """

    start: str
    end: str
    link: Link | None


@dataclass(frozen=True, slots=True)
class Following:
    """What a closure may follow.

    Attributes:
        stops: steps that do not follow from plain control of their start to that of their end, by
            ``id(link)``.
        states: by node and state.
        leads: steps to and from states.
        merged_sessions: whether there were too many sessions to be told apart, so that steps which
            ask for different ones are followed too.
    """

    stops: frozenset[int]
    states: tuple[State, ...]
    leads: tuple[Lead, ...]
    merged_sessions: bool = False


Onward: TypeAlias = dict[Spot, list[tuple[Link, Spot]]]


def following(
    graph: AttackGraph, most_sessions: int = MOST_SESSIONS, shared_from: int = SHARED_FROM
) -> Following:
    """Fold the places of every walk, from every node, into nodes and few states.

    Args:
        graph: the steps.
        most_sessions: see :data:`MOST_SESSIONS`.
        shared_from: see :data:`SHARED_FROM`.
    """
    onward = _explored(graph, _Plain(graph, with_sessions=True), most_sessions)
    merged = onward is None
    if onward is None:
        onward = _explored(graph, _Plain(graph, with_sessions=False), most_sessions)
    assert onward is not None
    return _Folded(graph, onward, shared_from).told(merged)


def is_lateral(graph: AttackGraph, link: Link) -> bool:
    """Whether a step uses a machine's network reach."""
    return link.type == "CAN_REACH" and not graph.things[link.hop.start.id].is_source


class _Plain:
    """What of a place decides how a walk goes on; the rest is left out."""

    def __init__(self, graph: AttackGraph, *, with_sessions: bool) -> None:
        self._graph = graph
        self._refusing = {
            link.hop.start.id
            for link in graph.every_link()
            if not link.reached and link.type not in _BY_NETWORK
        }
        self._controlled: dict[str, frozenset[str]] = {}
        self._asked = _asked_of_sessions(graph) if with_sessions else {}

    def of(self, spot: Spot) -> Spot:
        """The place as far as it matters; lateral ways are told by their steps."""
        node = spot.node
        if not self._graph.links(node):
            return Spot(node)
        session = spot.session and self._kept(node, spot.session)
        limits = spot.limits and self._taken_out(node, spot.limits)
        return Spot(node, spot.net, False, session, spot.touched and node in self._refusing, limits)

    def _kept(self, node: str, session: Session) -> Session:
        asked = self._asked.get(node)
        if not asked:
            return FRESH
        return frozenset(one for one in session if one[0] in asked)

    def _taken_out(self, node: str, limits: Iterable[str]) -> tuple[str, ...]:
        if node not in self._controlled:
            self._controlled[node] = frozenset(
                link.hop.end.id for link in self._graph.links(node) if link.type == "CONTROLS"
            )
        return tuple(sorted(self._controlled[node].intersection(limits)))


def _asked_of_sessions(graph: AttackGraph) -> dict[str, set[str]]:
    """For each node what later steps may refuse a session for."""
    asking: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for link in graph.every_link():
        for name, values in compared(link.hop) if link.hop.session else ():
            asking[name].append((link.hop.start.id, values))
    found: dict[str, set[str]] = defaultdict(set)
    into: dict[str, list[str]] = defaultdict(list)
    for name, steps in asking.items():
        # What suits every step is never refused.
        if compatible({values for _, values in steps}):
            continue
        if not into:
            for link in graph.every_link():
                if link.type not in _AFRESH:
                    into[link.hop.end.id].append(link.hop.start.id)
        queue = deque({start for start, _ in steps})
        while queue:
            node = queue.popleft()
            if name not in found[node]:
                found[node].add(name)
                queue.extend(into.get(node, ()))
    return found


def _explored(graph: AttackGraph, plain: _Plain, most_sessions: int) -> Onward | None:
    """Every place that control of some node leads to; None if too many differ in sessions."""
    queue = deque(Spot(node) for node in graph.things)
    found: Onward = {spot: [] for spot in queue}
    sessions = 0
    while queue:
        here = queue.popleft()
        onward = found[here]
        for link, after in graph.onward(here):
            there = plain.of(after)
            onward.append((link, there))
            if there not in found:
                found[there] = []
                queue.append(there)
                sessions += bool(there.session)
        if sessions > most_sessions:
            return None
    return found


class _Folded:
    """Places of one node that lead on alike are one."""

    def __init__(self, graph: AttackGraph, onward: Onward, shared_from: int) -> None:
        self._graph = graph
        self._onward = onward
        self._shared_from = shared_from
        self._at: dict[str, list[Spot]] = defaultdict(list)
        for spot in onward:
            self._at[spot.node].append(spot)
        self._several = {
            node: sorted(spots, key=_order) for node, spots in self._at.items() if len(spots) > 1
        }
        self._class = {spot: Spot(node) for node, spots in self._several.items() for spot in spots}
        self._refine()
        self._states = self._stated()

    def told(self, merged_sessions: bool) -> Following:
        """The result, in an order of its own."""
        stops: set[int] = set()
        leads: list[Lead] = []
        for node in sorted(self._graph.things):
            followed = set()
            for link, there in self._onward[Spot(node)]:
                if self._place(there) == there.node:
                    followed.add(id(link))
                else:
                    leads.append(Lead(node, self._place(there), link))
            stops.update(id(link) for link in self._graph.links(node) if id(link) not in followed)
        shared = []
        for node in sorted(self._several):
            more, state = self._of_states(node)
            leads += more
            shared += state
        narrowed, more = self._of_internet()
        leads += more
        states = sorted(
            [*self._states.values(), *shared, *narrowed], key=lambda one: (one.of, one.id)
        )
        return Following(frozenset(stops), tuple(states), tuple(leads), merged_sessions)

    def _of_internet(self) -> tuple[list[State], list[Lead]]:
        """Sources as they start for ``internet``, where that is less than what they lead to."""
        states, leads = [], []
        anybodys = self._graph.from_internet()
        for source in self._graph.public_sources():
            kept = {id(link) for link in anybodys.links(source)}
            if len(kept) == len(self._graph.links(source)):
                continue
            state = State(_id(source, "internet"), source, kind="internet")
            states.append(state)
            leads += [
                Lead(state.id, self._place(there), link)
                for link, there in self._onward[Spot(source)]
                if id(link) in kept
            ]
        return states, leads

    def _refine(self) -> None:
        """Tell places apart until those that are one lead to the same, step by step."""
        before: dict[str, set[str]] = defaultdict(set)
        for node, spots in self._several.items():
            for spot in spots:
                for _, there in self._onward[spot]:
                    if there.node in self._several:
                        before[there.node].add(node)
        queue = deque(self._several)
        waiting = set(queue)
        while queue:
            node = queue.popleft()
            waiting.discard(node)
            if self._split(node):
                for earlier in sorted(before[node] - waiting):
                    waiting.add(earlier)
                    queue.append(earlier)

    def _split(self, node: str) -> bool:
        alike: dict[tuple[Spot, object], list[Spot]] = defaultdict(list)
        for spot in self._several[node]:
            onward = tuple((id(link), self._class.get(s, s)) for link, s in self._onward[spot])
            alike[self._class[spot], onward].append(spot)
        changed = False
        for (former, _), spots in alike.items():
            name = former if former in spots else spots[0]
            changed = changed or name != former
            for spot in spots:
                self._class[spot] = name
        return changed

    def _stated(self) -> dict[Spot, State]:
        """A state for each class of places beside the plain one."""
        members: dict[Spot, list[Spot]] = defaultdict(list)
        for node, spots in self._several.items():
            for spot in spots:
                if self._class[spot] != Spot(node):
                    members[self._class[spot]].append(spot)
        return {
            name: State(_id(name.node, repr(_order(name))), name.node, tuple(spots))
            for name, spots in members.items()
        }

    def _place(self, spot: Spot) -> str:
        state = self._states.get(self._class.get(spot, spot))
        return spot.node if state is None else state.id

    def _of_states(self, node: str) -> tuple[list[Lead], list[State]]:
        """Steps from a node's states; what they have in common is told once."""
        names = [name for name in dict.fromkeys(map(self._class.get, self._several[node]))
                 if name in self._states]  # fmt: skip
        steps = {
            name: {(id(link), self._place(s)): link for link, s in self._onward[name]}
            for name in names
        }
        common = dict.fromkeys(steps[names[0]]) if len(names) > 1 else {}
        for own in steps.values():
            common = {key: None for key in common if key in own}
        if len(common) < self._shared_from:
            common = {}
        found = [
            Lead(self._states[name].id, end, link)
            for name, own in steps.items()
            for (step, end), link in own.items()
            if (step, end) not in common
        ]
        if not common:
            return found, []
        shared = State(_id(node, "shared"), node, kind="common")
        first = steps[names[0]]
        found += [Lead(self._states[name].id, shared.id, None) for name in names]
        found += [Lead(shared.id, key[1], first[key]) for key in common]
        return found, [shared]


def _order(spot: Spot) -> tuple[object, ...]:
    """A place among those of its node; the plain one comes first."""
    session = sorted((name, sorted(values)) for name, values in spot.session)
    return (spot.net, spot.touched, spot.limits, session)


def _id(node: str, what: str) -> str:
    return f"attack-state:{digest(f'{node}|{what}')}{digest(f'{what}|{node}')}"
