"""Admin rights by two who are both held: one writes them, the other gets them.

The writer may raise whoever took it over: a user assumes a role that may write the user's own
policies. Or a principal gains two others, of which one may write the rights of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from graph.escalation.finding import Finding, First, Goal
from graph.escalation.gaining import Gained, Gains
from graph.escalation.stage import Stage
from graph.verdict import all_of, merged

Had = dict[tuple[str, str], int]
"""The rank with which principals gain accounts, by both."""


def of_both_held(
    stage: Stage, written: Sequence[Finding], gains: Gains, had: Had
) -> Iterator[Finding]:
    """Who gains the writer, and is or gains whom it may make an admin.

    Args:
        stage: the facts.
        written: who may write admin rights to whom, whoever has hold of either.
        gains: who gains whom.
        had: what is gained otherwise; what is found is added.
    """
    for by_itself in (True, False):
        for finding in written:
            yield from _of_one(stage, finding, gains, had, by_itself=by_itself)


@dataclass(frozen=True, slots=True)
class _Both:
    """The steps to the writer, and to whom it writes for; None where that is the start."""

    writer: Gained
    raised: Gained | None
    goal: Goal

    @property
    def steps(self) -> tuple[Gained, ...]:
        return (self.writer,) if self.raised is None else (self.raised, self.writer)


def _of_one(
    stage: Stage, finding: Finding, gains: Gains, had: Had, *, by_itself: bool
) -> Iterator[Finding]:
    account = finding.goals[0].node
    best = min(max(goal.answer.verdict.rank for goal in finding.goals), finding.answer.verdict.rank)
    writers = tuple(one for one in finding.members if had.get((one, account), 0) < best)
    goals = {
        goal.via[0]: goal for goal in finding.goals if had.get((goal.via[0], account), 0) < best
    }
    if not writers or not goals:
        return
    starts: Iterable[str] = gains.who_gain(writers)
    if by_itself:
        starts = starts & goals.keys()
    admins = stage.admins.get(finding.account, frozenset())
    for start in sorted(starts):
        if start not in stage.world.principals or start in admins or start in writers:
            continue
        if had.get((start, account), 0) >= best or (start in goals) is not by_itself:
            continue
        both = _both(start, writers, goals, gains)
        made = _finding(stage, finding, start, both) if both else None
        rank = all_of((made.answer, made.goals[0].answer)).verdict.rank if made else 0
        if made is not None and rank > had.get((start, account), 0):
            had[start, account] = rank
            yield made


def _both(start: str, writers: Sequence[str], goals: dict[str, Goal], gains: Gains) -> _Both | None:
    raised = None if start in goals else gains.of(start, goals)
    if raised is None and start not in goals:
        return None
    writer = gains.of(start, writers)
    if writer is None:
        return None
    return _Both(writer, raised, goals[raised.via[0] if raised else start])


def _finding(stage: Stage, finding: Finding, start: str, both: _Both) -> Finding:
    """The finding of the writer, as the start's."""
    goal = both.goal
    written = stage.asker(finding.account).answer_of(both.writer.via[0], goal.requests)
    answer = all_of(row.answer for row in both.steps)
    actions = merged(
        *(row.actions for row in both.steps), (request.action for request in goal.requests)
    )
    via = merged(*(row.via for row in both.steps))
    first = First(_words(both), answer, actions, via)
    taken = replace(goal, answer=all_of((goal.answer, written)), requests=())
    whole = all_of((answer, written))
    return replace(finding, members=(start,), goals=(taken,), answer=whole, first={start: first})


def _words(both: _Both) -> str:
    names = [f"{row.via[0]}{_in_steps(row)}" for row in both.steps]
    return f"can gain {' and '.join(names)}"


def _in_steps(row: Gained) -> str:
    return f" in {len(row.steps)} steps" if len(row.steps) > 1 else ""
