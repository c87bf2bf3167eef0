"""Ways along graded steps: searched backwards from a goal, for every start at once.

A Deny may keep some principals out of an admin's reach (``limits`` of ``HAS_ADMIN``): who has the
account that way does not control those. So an account is a place of its own for each set of them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from queries.answers.chains_session import FRESH, Session, after

if TYPE_CHECKING:
    from graph.verdict import Verdict
    from queries.answers.walk import Hop


class Place(NamedTuple):
    """Where a walk stands: a node, and the number of the set that is out of an admin's reach.

    The number is 0 where nothing is: for every node but an account, and for accounts that are had
    whole.
    """

    node: str
    limits: int = 0


_State = tuple[Place, Session]
_MOST_STATES = 20_000
"""States that are tried to go round a contradiction between one start and one end."""
Onward = dict[Place, tuple["Hop | None", int]]
"""Each place's next step towards a goal, None at the goal, and how many steps are left."""


def order(hop: Hop) -> tuple[int, str, str, str, str]:
    """Steps with the fewest conditions first, then by name."""
    return (len(hop.answer.conditions), hop.start.id, hop.end.id, hop.type, hop.mechanism)


class Backward:
    """Steps by where they lead.

    Args:
        hops: of those that are as good the first is taken; :func:`order` sorts them.
    """

    def __init__(self, hops: Iterable[Hop]) -> None:
        self._out: dict[str, list[Hop]] = defaultdict(list)
        self._numbers: dict[tuple[str, ...], int] = {(): 0}
        self._kept_out: list[frozenset[str]] = [frozenset()]
        self._of_account: dict[str, dict[int, None]] = {}
        self._into: dict[Place, list[Hop]] = defaultdict(list)
        for hop in hops:
            self._into[self._led_to(hop)].append(hop)
            self._out[hop.start.id].append(hop)

    def _led_to(self, hop: Hop) -> Place:
        if hop.type != "HAS_ADMIN" or not hop.limits:
            return Place(hop.end.id)
        number = self._numbers.setdefault(hop.limits, len(self._numbers))
        if number == len(self._kept_out):
            self._kept_out.append(frozenset(hop.limits))
        self._of_account.setdefault(hop.end.id, {0: None})[number] = None
        return Place(hop.end.id, number)

    def _after(self, hop: Hop) -> Place:
        limited = hop.type == "HAS_ADMIN" and hop.limits
        return Place(hop.end.id, self._numbers[hop.limits] if limited else 0)

    def _may_take(self, place: Place, hop: Hop) -> bool:
        return hop.type != "CONTROLS" or hop.end.id not in self._kept_out[place.limits]

    def search(
        self,
        goals: Iterable[str],
        level: Verdict,
        *,
        most: int | None = None,
        last: frozenset[str] | None = None,
    ) -> Onward:
        """Each place's next step on its shortest way to one of the goals, the nearest first.

        Args:
            goals: node ids.
            level: the weakest verdict of the steps.
            most: ways have fewer steps than this; None for any number.
            last: the types that the final step may have; None for any.
        """
        ends = {place for goal in sorted(goals) for place in self._places(goal)}
        onward: Onward = dict.fromkeys(sorted(ends), (None, 0))
        waiting: dict[str, dict[int, None]] = {}
        queue = deque(onward)
        while queue:
            here = queue.popleft()
            steps = onward[here][1] + 1
            if most is not None and steps >= most:
                continue
            for hop in self._into.get(here, ()):
                if hop.answer.verdict.rank < level.rank:
                    continue
                if last is not None and here in ends and hop.type not in last:
                    continue
                for place in self._before(hop, waiting):
                    if place not in onward:
                        onward[place] = (hop, steps)
                        queue.append(place)
        return onward

    def _places(self, node: str) -> list[Place]:
        return [Place(node, number) for number in self._of_account.get(node, (0,))]

    def _before(self, hop: Hop, waiting: dict[str, dict[int, None]]) -> Iterator[Place]:
        """The places where a step may be taken.

        Args:
            hop: the step.
            waiting: of each account, the sets that no principal that it controls was found
                outside of yet: so each principal is looked up in few of them.
        """
        node = hop.start.id
        numbers = self._of_account.get(node)
        if numbers is None:
            yield Place(node)
        elif hop.type != "CONTROLS":
            yield from self._places(node)
        else:
            left = waiting.get(node, numbers)
            kept = {number: None for number in left if hop.end.id in self._kept_out[number]}
            waiting[node] = kept
            yield from (Place(node, number) for number in left if number not in kept)

    def unroll(self, start: str, onward: Onward) -> tuple[Hop, ...]:
        """The way from a node to the goal, in walking order."""
        way: list[Hop] = []
        hop = onward[Place(start)][0]
        while hop is not None:
            way.append(hop)
            hop = onward[self._after(hop)][0]
        return tuple(way)

    def of_one_session(
        self,
        start: str,
        ends: Callable[[Hop], bool],
        level: Verdict,
        first: frozenset[str] | None = None,
    ) -> tuple[Hop, ...] | None:
        """The shortest way that one session can take from start to end, or None.

        The search backwards knows nothing of sessions: this goes round a contradiction.

        Args:
            start: node id; the way does not come back to it.
            ends: whether a step is the last.
            level: the weakest verdict of the steps.
            first: the types that the first step may have; None for any.
        """
        begin = (Place(start), FRESH)
        came: dict[_State, tuple[_State, Hop] | None] = {begin: None}
        queue = deque([begin])
        while queue and len(came) < _MOST_STATES:
            state = queue.popleft()
            for hop in self._out.get(state[0].node, ()):
                if hop.answer.verdict.rank < level.rank or hop.end.id == start:
                    continue
                if state is begin and first is not None and hop.type not in first:
                    continue
                carried = after(state[1], hop) if self._may_take(state[0], hop) else None
                following = (self._after(hop), FRESH if carried is None else carried)
                if carried is None or following in came:
                    continue
                came[following] = (state, hop)
                if ends(hop):
                    return _back(following, came)
                queue.append(following)
        return None


def _back(state: _State, came: Mapping[_State, tuple[_State, Hop] | None]) -> tuple[Hop, ...]:
    way: list[Hop] = []
    step = came[state]
    while step is not None:
        state, hop = step
        way.append(hop)
        step = came[state]
    return tuple(reversed(way))
