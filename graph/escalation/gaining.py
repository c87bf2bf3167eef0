"""Which principals a principal gains by the relationships that were drawn, and by which steps."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from graph.derivation.sets import PrincipalSets, ResourceSets
from graph.records import Relationship
from graph.verdict import Answer, Verdict, all_of, condition, merged

MOST = 2_000_000
"""Steps that are looked at in one graph; beyond, what was not looked at is told."""
_TYPES = ("CAN_ASSUME", "CAN_ESCALATE_TO", "CAN_EXECUTE_ON", "HAS_ROLE")
_NO_SESSION = frozenset({"x-iam-createservicespecificcred"})
"""Techniques that give credentials of which IAM takes no calls."""


@dataclass(frozen=True, slots=True)
class Gained:
    """How a principal is gained: the steps in their order."""

    answer: Answer
    actions: tuple[str, ...]
    via: tuple[str, ...]
    steps: tuple[Relationship, ...]


@dataclass(slots=True)
class Gains:
    """Everybody's steps, those of sets included.

    Attributes:
        exhausted: whether more steps than :data:`MOST` would have had to be looked at.
    """

    exhausted: bool = False
    _out: dict[str, list[tuple[str, Relationship]]] = field(default_factory=dict)
    _sets: dict[str, list[str]] = field(default_factory=dict)
    _into: dict[str, list[str]] | None = None
    _gaining: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)
    _looked_at: int = 0
    _known: dict[Hashable, Gained | None] = field(default_factory=dict)

    def of(self, principal: str, wanted: Collection[str]) -> Gained | None:
        """How a principal gains one of some others; surely if it can, by the fewest steps.

        ``None`` also where the search was given up (:attr:`exhausted`).
        """
        for sure in (True, False):
            found = self._search(principal, wanted, sure=sure)
            if found is not None:
                return found
        return None

    def who_gain(self, wanted: Sequence[str]) -> frozenset[str]:
        """Every node that gains one of some principals; not these themselves.

        Nobody where the search was given up (:attr:`exhausted`).
        """
        key = frozenset(wanted)
        if key not in self._gaining:
            self._gaining[key] = self._backwards(wanted)
        return self._gaining[key]

    def _backwards(self, wanted: Sequence[str]) -> frozenset[str]:
        if self._into is None:
            self._into = self._reversed()
        found = dict.fromkeys(wanted)
        todo = deque(wanted)
        while todo:
            for start in self._into.get(todo.popleft(), ()):
                self._looked_at += 1
                if start not in found:
                    found[start] = None
                    todo.append(start)
            if self._looked_at > MOST:
                self.exhausted = True
                return frozenset()
        return frozenset(found).difference(wanted)

    def _reversed(self) -> dict[str, list[str]]:
        into: dict[str, list[str]] = defaultdict(list)
        for start, links in self._out.items():
            for end, _ in links:
                into[end].append(start)
        for member, sets in self._sets.items():
            for held in sets:
                if held in self._out:
                    into[held].append(member)
        return dict(into)

    def _search(self, start: str, wanted: Collection[str], *, sure: bool) -> Gained | None:
        before: dict[str, tuple[str, Relationship]] = {}
        todo = deque([start])
        while todo:
            here = todo.popleft()
            for end, row in self._links(here):
                self._looked_at += 1
                if end == start or end in before or (sure and not row.props["definite"]):
                    continue
                before[end] = (here, row)
                if end in wanted:
                    return _gained(start, end, before)
                todo.append(end)
            if self._looked_at > MOST:
                self.exhausted = True
                return None
        return None

    def _links(self, node: str) -> Iterable[tuple[str, Relationship]]:
        yield from self._out.get(node, ())
        for held in self._sets.get(node, ()):
            yield from self._out.get(held, ())


def gains_of(
    relationships: Iterable[Relationship], principals: PrincipalSets, resources: ResourceSets
) -> Gains:
    """Read relationships; what is not possible, and what no principal is gained by, is left out."""
    members: dict[str, list[str]] = defaultdict(list)
    for set_id, _, listed in principals.listed():
        for member in listed:
            members[member].append(set_id)
    targets = {set_id: listed for set_id, _, listed in resources.listed()}
    out: dict[str, list[tuple[str, Relationship]]] = defaultdict(list)
    for row in relationships:
        if row.type not in _TYPES or not row.props.get("possible"):
            continue
        if row.props.get("technique") in _NO_SESSION or row.end.startswith("account:"):
            continue
        out[row.start] += [(end, row) for end in targets.get(row.end, (row.end,))]
    for links in out.values():
        links.sort(key=lambda link: (not link[1].props["definite"], link[0]))
    return Gains(_out=dict(out), _sets=dict(members))


def _gained(start: str, end: str, before: dict[str, tuple[str, Relationship]]) -> Gained:
    steps: list[Relationship] = []
    nodes: list[str] = [end]
    here = end
    while here != start:
        here, row = before[here]
        steps.insert(0, row)
        if here != start:
            nodes.append(here)
    return Gained(
        all_of(_answer(row) for row in steps),
        merged(*(_texts(row, "actions") for row in steps)),
        merged(nodes, *(_texts(row, "via") for row in steps)),
        tuple(steps),
    )


def _answer(row: Relationship) -> Answer:
    """A relationship as an answer; what an assumed role's session must carry stays open."""
    session = tuple(condition("context", "session", one) for one in _texts(row, "session"))
    conditions = tuple(sorted((*_texts(row, "conditions"), *session)))
    verdict = Verdict(str(row.props["verdict"]))
    why = str(row.props["why"])
    return Answer(
        Verdict.CONDITIONAL if session and verdict is Verdict.YES else verdict,
        why,
        conditions,
        guards=_texts(row, "guards"),
        assumes=_texts(row, "assumes"),
        evidence=(why,),
    )


def _texts(row: Relationship, name: str) -> tuple[str, ...]:
    listed = row.props.get(name)
    return tuple(map(str, listed)) if isinstance(listed, list | tuple) else ()
