"""The best way along graded steps: strongest verdict first, then fewest steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.verdict import Answer, Verdict, all_of
from queries.answers.backward import Backward, order
from queries.answers.chains_session import consistent
from queries.answers.row import step_answer

_BY_TECHNIQUE = frozenset({"CAN_ESCALATE_TO", "CAN_EXECUTE_ON"})
_LEVELS = (Verdict.YES, Verdict.CONDITIONAL, Verdict.DORMANT, Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class End:
    """A node at one end of a step, with what rows show of it."""

    id: str
    name: str | None
    resource_type: str | None
    account_id: str | None
    region: str | None
    labels: frozenset[str]
    last_used: str | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """A step from one node to the next, with its verdict."""

    start: End
    end: End
    type: str
    mechanism: str
    answer: Answer
    techniques: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    session: tuple[str, ...] = ()


def hops_of(rows: Iterable[Mapping[str, Any]]) -> list[Hop]:
    """Steps from the rows of ``identity-steps`` or ``trusts``."""
    return [hop_of(row, _end(row, "from"), _end(row, "to")) for row in rows]


def hop_of(row: Mapping[str, Any], start: End, end: End) -> Hop:
    """A step from a row that tells its relationship."""
    return Hop(
        start=start,
        end=end,
        type=row["relationship"],
        mechanism=row["mechanism"] or row["relationship"],
        answer=step_answer(
            row["verdict"],
            row["why"],
            row["conditions"],
            row["guards"],
            row["assumes"],
            row["evidence"],
        ),
        techniques=tuple(row.get("techniques") or ()),
        limits=tuple(row.get("limits") or ()),
        session=tuple(row.get("session") or ()),
    )


def _end(row: Mapping[str, Any], side: str) -> End:
    return End(
        id=row[f"{side}_id"],
        name=row[f"{side}_name"],
        resource_type=row[f"{side}_type"],
        account_id=row[f"{side}_account"],
        region=row.get(f"{side}_region"),
        labels=frozenset(row[f"{side}_labels"]),
        last_used=row.get("last_used") if side == "to" else None,
    )


class Ways:
    """Best ways to each of a set of goals, found backwards from the goal.

    One search for a goal serves every start: its cost is the steps that lead to the goal, times
    the levels of verdict that there are, not starts times goals.
    """

    def __init__(self, hops: Iterable[Hop]) -> None:
        listed = sorted(hops, key=order)
        self._steps = Backward(listed)
        present = {hop.answer.verdict for hop in listed}
        self._levels = [level for level in _LEVELS if level in present]

    def to(self, goal: str, last: frozenset[str]) -> dict[str, tuple[Hop, ...]]:
        """The best way from every node that reaches ``goal``.

        Args:
            goal: a node id.
            last: the types that the final step may have.

        Returns:
            Start id to hops in walking order. A way's verdict is that of its weakest hop; among
            ways of one verdict the shortest is given. One session can take all of it, and it does
            not go on from an account to those that a Deny keeps out of its admin's reach.
        """
        ways: dict[str, tuple[Hop, ...]] = {}
        for level in self._levels:
            onward = self._steps.search((goal,), level, last=last)
            for start, limits in onward:
                if limits or start == goal or start in ways:
                    continue
                way = self._steps.unroll(start, onward)
                found = way if consistent(way) else self._other(start, goal, last, level)
                if found is not None:
                    ways[start] = found
        return ways

    def _other(
        self, start: str, goal: str, last: frozenset[str], level: Verdict
    ) -> tuple[Hop, ...] | None:
        def ends(hop: Hop) -> bool:
            return hop.end.id == goal and hop.type in last

        return self._steps.of_one_session(start, ends, level)


def way_answer(way: Sequence[Hop]) -> Answer:
    """All steps of a way must hold."""
    return all_of(hop.answer for hop in way)


def hops_json(way: Sequence[Hop]) -> list[dict[str, str]]:
    """``[{id, type}]``: each step's relationship and the node that it leads to.

    A step of escalation has its ``technique`` too.
    """
    return [
        {"id": hop.end.id, "type": hop.type}
        | ({"technique": hop.techniques[0]} if hop.type in _BY_TECHNIQUE else {})
        for hop in way
    ]


def way_text(way: Sequence[Hop]) -> str:
    """The hops' ids and types as one stable string: the mechanism of a chain."""
    return " ".join(f"-{hop.type}-> {hop.end.id}" for hop in way)
