"""Chains of assumed roles: from each start the best way to each role and account.

A start is whoever may assume some role by name: a source outside, a collected principal, a large
set of principals that are alike. The best way is the strongest, then the shortest; a longer one to
the same end that is no stronger says nothing new. Ways are found backwards from the end, once for
all roles that the same callers may assume alike, so the cost is that of the steps and of the
answer, never of the ways that there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from graph.derivation.given_rights import MECHANISM
from graph.verdict import Verdict
from queries.answers.backward import Backward, Onward, Place, order
from queries.answers.chains_session import consistent
from queries.answers.walk import End, Hop

TYPES = frozenset({"CAN_ASSUME", "IN_GROUP", "HAS_ADMIN", "CONTROLS"})
_LEVELS = (Verdict.YES, Verdict.CONDITIONAL, Verdict.DORMANT, Verdict.UNKNOWN)
_FIRST = frozenset({"CAN_ASSUME", "IN_GROUP"})
_SETS = frozenset({"PrincipalSet"})
MEMBERS = 12
"""Sets of more principals than this start a chain as one; of fewer, each member does."""
MOST_STEPS = 11
"""Steps to the last role of a chain; longer ones are not followed."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The best way from a start to an end.

    Attributes:
        way: its steps in walking order; the first is ``CAN_ASSUME``, of a member of a small set
            ``IN_GROUP``.
        level: the verdict of its weakest step.
    """

    way: tuple[Hop, ...]
    level: Verdict

    @property
    def start(self) -> End:
        """Who starts it."""
        return self.way[0].start

    @property
    def end(self) -> End:
        """Where it ends."""
        return self.way[-1].end

    @property
    def rank(self) -> tuple[int, int]:
        """The best first when sorted: strongest, then shortest."""
        return -self.level.rank, len(self.way)


@dataclass(frozen=True, slots=True)
class _Before:
    """The way to those who may assume a role: all of a chain but its last step."""

    way: tuple[Hop, ...]
    caller: str
    level: Verdict


class Chains:
    """Every chain of some steps.

    Args:
        hops: steps of :data:`TYPES`; others are left out.
    """

    def __init__(self, hops: Iterable[Hop]) -> None:
        self._into: dict[str, list[Hop]] = defaultdict(list)
        self._out: dict[str, list[Hop]] = defaultdict(list)
        walked = (hop for hop in hops if hop.type in TYPES and hop.start.id != hop.end.id)
        listed = sorted(walked, key=order)
        self._steps = Backward(listed)
        for hop in listed:
            self._into[hop.end.id].append(hop)
            self._out[hop.start.id].append(hop)
        starts = {
            hop.start.id
            for hop in listed
            if hop.type == "CAN_ASSUME" and hop.mechanism != MECHANISM
        }
        self._listed = self._small_sets(starts)
        members = (hop.start.id for one in self._listed for hop in self._into[one])
        self.starts = starts - self._listed | set(members)
        present = {hop.answer.verdict for hop in listed}
        self._levels = [level for level in _LEVELS if level in present]
        self._alike: dict[frozenset[object], dict[str, _Before]] = {}
        self._onward: dict[str, frozenset[str]] = {}

    def roles(self) -> list[End]:
        """Every role that somebody may assume, by id."""
        found = (self._callers(node) for node in self._into)
        return sorted({hop.end.id: hop.end for hops in found for hop in hops}.values(), key=_id)

    def admins(self) -> dict[str, list[Hop]]:
        """The steps by which each account, by node id, is had."""
        found: dict[str, list[Hop]] = {}
        for node, hops in self._into.items():
            if mine := [hop for hop in hops if hop.type == "HAS_ADMIN"]:
                found[node] = mine
        return dict(sorted(found.items()))

    def to_role(self, role: str, most: Verdict = Verdict.YES) -> Iterator[Chain]:
        """The best chain to a role from every start that reaches it, by start.

        Args:
            role: its id.
            most: what a stronger chain is worth no more than, because of what comes after.
        """
        last = _best_of_each(self._callers(role))
        for start, before in self._before(role, most).items():
            if start == role:
                continue
            if any(hop.end.id == role for hop in before.way):
                continue
            hop = last[before.caller]
            chain = Chain((*before.way, hop), min(before.level, hop.answer.verdict, key=_rank))
            if consistent(chain.way):
                yield chain
            elif other := self._round(start, role, min(chain.level, most, key=_rank)):
                yield other

    def to_account(self, hops: Sequence[Hop]) -> dict[str, Chain]:
        """The best chain to admin of an account, by start.

        Args:
            hops: the account's own of :meth:`admins`.
        """
        best: dict[str, Chain] = {}
        for hop in hops:
            for chain in self.to_role(hop.start.id, hop.answer.verdict):
                level = min(chain.level, hop.answer.verdict, key=_rank)
                made = Chain((*chain.way, hop), level)
                start = made.start.id
                if start not in best or made.rank < best[start].rank:
                    best[start] = made
        return best

    def onward(self, role: str) -> frozenset[str]:
        """The roles that a role may assume next, itself or as one of a set."""
        if role not in self._onward:
            sets = [hop.end.id for hop in self._out.get(role, ()) if hop.type == "IN_GROUP"]
            hops = (hop for node in (role, *sets) for hop in self._out.get(node, ()))
            found = {hop.end.id for hop in hops if hop.type == "CAN_ASSUME"}
            self._onward[role] = frozenset(found - {role})
        return self._onward[role]

    def _small_sets(self, starts: Iterable[str]) -> frozenset[str]:
        """The sets that stand in chains by their members."""
        return frozenset(
            node
            for node in starts
            if self._out[node][0].start.labels & _SETS and len(self._into[node]) <= MEMBERS
        )

    def _callers(self, role: str) -> list[Hop]:
        return [hop for hop in self._into.get(role, ()) if hop.type == "CAN_ASSUME"]

    def _before(self, role: str, most: Verdict) -> dict[str, _Before]:
        """The best way from each start to who may assume a role; shared by roles that are alike."""
        callers = self._callers(role)
        alike = frozenset((most, *((h.start.id, h.answer.verdict) for h in callers)))
        if alike not in self._alike:
            found: dict[str, _Before] = {}
            done: set[str] = set()
            for level in (one for one in self._levels if one.rank <= most.rank):
                strong = {h.start.id for h in callers if h.answer.verdict.rank >= level.rank}
                if strong:
                    self._at(level, strong, found, done)
            self._alike[alike] = dict(sorted(found.items()))
        return self._alike[alike]

    def _at(
        self, level: Verdict, callers: set[str], found: dict[str, _Before], done: set[str]
    ) -> None:
        """Add the starts whose best way is of this level.

        ``done`` also holds the members of sets: the set's own chain is theirs.
        """
        onward = self._steps.search(callers, level, most=MOST_STEPS)
        for start in [place.node for place in onward if self._starts_at(place, done)]:
            first = onward[Place(start)][0]
            if first is not None and first.type == "IN_GROUP" and first.end.id not in self._listed:
                done.add(start)
                continue
            way = self._steps.unroll(start, onward)
            if way and way[0].type not in _FIRST:
                # Who is admin of its own account takes others of it over: their chains.
                other = self._by_assuming(start, level, onward)
                if other is None:
                    continue
                way = other
            done.add(start)
            found[start] = _Before(way, way[-1].end.id if way else start, level)

    def _starts_at(self, place: Place, done: set[str]) -> bool:
        return not place.limits and place.node in self.starts and place.node not in done

    def _by_assuming(self, start: str, level: Verdict, onward: Onward) -> tuple[Hop, ...] | None:
        """The shortest way whose first step assumes a role, and that does not come back."""
        first = (
            hop
            for hop in self._out[start]
            if hop.type in _FIRST
            and hop.answer.verdict.rank >= level.rank
            and Place(hop.end.id) in onward
            and onward[Place(hop.end.id)][1] < MOST_STEPS - 1
        )
        for hop in sorted(first, key=lambda hop: onward[Place(hop.end.id)][1]):
            rest = self._steps.unroll(hop.end.id, onward)
            if all(step.start.id != start for step in rest):
                return (hop, *rest)
        return None

    def _round(self, start: str, role: str, most: Verdict) -> Chain | None:
        """The best way that one session can take, where the best of all contradicts itself."""

        def ends(hop: Hop) -> bool:
            return hop.end.id == role and hop.type == "CAN_ASSUME"

        for level in (one for one in self._levels if one.rank <= most.rank):
            way = self._steps.of_one_session(start, ends, level, _FIRST)
            if way is not None:
                return Chain(way, min((hop.answer.verdict for hop in way), key=_rank))
        return None


def _best_of_each(hops: Iterable[Hop]) -> dict[str, Hop]:
    """The best step from each start; steps come with the fewest conditions first."""
    best: dict[str, Hop] = {}
    for hop in hops:
        held = best.get(hop.start.id)
        if held is None or hop.answer.verdict.rank > held.answer.verdict.rank:
            best[hop.start.id] = hop
    return best


def _rank(verdict: Verdict) -> int:
    return verdict.rank


def _id(end: End) -> str:
    return end.id
