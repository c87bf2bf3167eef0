"""Rows of ``mapper paths --choke``: the few changes that cut most paths."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from graph.verdict import Answer, Verdict, merged
from queries.answers.attack import Link
from queries.answers.choke_changes import in_words
from queries.answers.choke_floors import bits, floors
from queries.answers.choke_flow import Flow, Pairs
from queries.answers.parties import Parties, account_of
from queries.answers.row import Row, distinct, row_key
from queries.library import SEVERITIES

MOST_CHANGES = 10
"""Changes of a plan, and other changes that are told beside it."""
_WORK = 1_500_000
"""Steps that all counts of a plan together may look at."""
_APART, _CUT_APART = 6, 5_000
"""Ways in and goals of which a cut of their own is tried, in graphs of at most so many steps."""
_LEAST_COUNTS = 8
"""Changes that are counted for each place of the plan, however large the graph."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What a change does.

    Attributes:
        change: its number in the flow.
        cuts: paths that it cuts, of those that the changes before it in the plan have left.
        left: paths that are left after it.
        plan: its place in the plan from 1; None beside the plan.
        every: every path passes it: alone it cuts all.
        minimum: it is of the smallest set of changes that cuts all.
    """

    change: int
    cuts: int
    left: int
    plan: int | None
    every: bool
    minimum: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes, best first, and what is known of all of them.

    Attributes:
        cuts: those of the plan, then other changes that alone cut every path.
        total: paths, as pairs of a way in and a goal.
        fewest: how many changes cut every path; None where none do, or it was not counted.
        exact: no fewer than ``fewest`` do.
        uncut: paths that no changes cut: membership and ownership alone lead there.
        sure: each place of the plan is the best one; else the graph was too large to try all.
    """

    cuts: tuple[Cut, ...]
    total: int
    fewest: int | None
    exact: bool
    uncut: int
    sure: bool

    @property
    def left(self) -> int:
        """Paths that the whole plan leaves."""
        return min((one.left for one in self.cuts if one.plan is not None), default=self.total)


def count(pairs: Pairs) -> int:
    """How many paths."""
    return sum(mask.bit_count() for mask in pairs.values())


def plan_of(flow: Flow, most: int = MOST_CHANGES) -> Plan:
    """Choose changes: each time the one that cuts most, until nothing is left.

    Where no single change cuts a path any more, as ways lie side by side, those of the minimum cut
    are taken one after the other.

    Args:
        flow: what leads from the starts to the goals.
        most: changes at most.
    """
    total = count(flow.pairs())
    if not total:
        return Plan((), 0, 0, True, 0, True)
    for_ever = flow.pairs(range(len(flow.changes)))
    leave = 0
    for mask in for_ever.values():
        leave |= mask
    fewest = flow.minimum_cut(leave)
    smallest = fewest[0] if fewest else frozenset()
    every = [change for change in flow.some_way() if not flow.pairs({change})]
    chosen, sure = _greedy(flow, total, (smallest, leave), most, set(every))
    told = [
        Cut(change, cuts, left, number, change in every, _is_minimal(change, every, smallest))
        for number, (change, cuts, left) in enumerate(chosen, 1)
    ]
    planned = {one.change for one in told}
    others = [change for change in every if change not in planned][:MOST_CHANGES]
    told += [
        Cut(change, total, 0, None, True, _is_minimal(change, every, smallest)) for change in others
    ]
    size = len(smallest) if fewest and not leave else None
    return Plan(tuple(told), total, size, bool(fewest and fewest[1]), count(for_ever), sure)


def _is_minimal(change: int, every: Collection[int], smallest: Collection[int]) -> bool:
    """Whether it is of the smallest cut; of several changes that each cut all, any is one."""
    return change in smallest or (change in every and len(smallest) == 1)


def _greedy(
    flow: Flow,
    total: int,
    whole: tuple[Collection[int], int],
    most: int,
    every: Collection[int],
) -> tuple[list[tuple[int, int, int]], bool]:
    chosen: list[tuple[int, int, int]] = []
    left, always = total, True
    smallest, _ = whole
    together: list[int] = []
    tries = max(_LEAST_COUNTS, _WORK // max(1, flow.size) // max(1, most))
    while left and len(chosen) < most:
        done = {change for change, _, _ in chosen}
        if every and not done:
            chosen.append((min(every), total, 0))
            break
        best, sure = _best(flow, left, done, smallest, tries) if not together else (None, True)
        if best is None:
            together = together or _together(flow, done, whole, most - len(chosen))
            if not together:
                break
            change = together.pop(0)
            best = (change, left - count(flow.pairs({*done, change})))
        chosen.append((best[0], best[1], left - best[1]))
        left, always = left - best[1], always and sure
    return chosen, always


def _best(
    flow: Flow, left: int, done: Collection[int], smallest: Collection[int], tries: int
) -> tuple[tuple[int, int] | None, bool]:
    """The change that cuts most of what is left, with how many, and whether none cuts more."""
    bound, sure = flow.bounds(done)
    ranked = sorted(
        (change for change in bound if change not in done),
        key=lambda change: (-bound[change], change not in smallest, change),
    )
    best = _surely(flow, left, done, smallest)
    for tried, change in enumerate(ranked):
        if best is not None and best[1] >= bound[change]:
            break
        if tried >= tries:
            sure = False
            break
        cuts = left - count(flow.pairs({*done, change}))
        if cuts > (best[1] if best else 0):
            best = (change, cuts)
    return best, sure


def _together(
    flow: Flow, done: Collection[int], whole: tuple[Collection[int], int], room: int
) -> list[int]:
    """Changes that only together cut something: of a way in, a goal, or all; most for each.

    Those that the plan has room for come first.
    """
    smallest, leave = whole
    pairs = flow.pairs(done)
    entries = flow.ways_in(done)[0]
    found = [frozenset(smallest).difference(done)]
    if flow.size <= _CUT_APART:
        goals = sorted({bit for mask in pairs.values() for bit in bits(mask)})[:_APART]
        every = (1 << len(flow.goals)) - 1
        cuts = [flow.minimum_cut(leave, done, entries.get(e)) for e in list(pairs)[:_APART]]
        cuts += [flow.minimum_cut(every ^ (1 << goal), done) for goal in goals]
        found += [one[0] for one in cuts if one is not None]
    left = count(pairs)
    rated = [((left - count(flow.pairs({*done, *one}))) / len(one), one) for one in found if one]
    best = max(
        rated,
        key=lambda one: (len(one[1]) <= room and one[0] > 0, one[0], -len(one[1]), sorted(one[1])),
        default=None,
    )
    return sorted(best[1]) if best is not None and best[0] else []


def _surely(
    flow: Flow, left: int, done: Collection[int], smallest: Collection[int]
) -> tuple[int, int] | None:
    """The best of those changes of which it is plain that they cut something."""
    floor = floors(flow, done)
    if not floor:
        return None
    change = min(floor, key=lambda one: (-floor[one], one not in smallest, one))
    cuts = left - count(flow.pairs({*done, change}))
    return (change, cuts) if cuts else None


def choke_rows(
    flow: Flow, plan: Plan, paths: Sequence[Row], parties: Parties, asked: tuple[str, str]
) -> list[Row]:
    """A row for each change, in the order of the plan, then the others that cut every path.

    Args:
        flow, plan: what was found.
        paths: rows of ``mapper paths`` for the same ends.
        parties: who the accounts are.
        asked: the words for start and goal: they are part of a row's key.
    """
    before: set[int] = set()
    found = []
    for one in plan.cuts:
        without = before if one.plan is not None else set()
        cut = flow.pairs({*without, one.change})
        gone = _gone(flow.pairs(without), cut) or flow.pairs(without)
        words = in_words(flow.graph, flow.changes[one.change], flow.links(one.change), parties)
        key = " ".join(asked)
        found.append(_row(flow, plan, one, words, _worst(flow, paths, gone), key))
        if one.plan is not None:
            before.add(one.change)
    return found


def _gone(before: Pairs, after: Pairs) -> Pairs:
    found = {node: mask & ~after.get(node, 0) for node, mask in before.items()}
    return {node: mask for node, mask in found.items() if mask}


def _worst(flow: Flow, paths: Sequence[Row], gone: Pairs) -> tuple[Answer, str]:
    """The strongest answer and the worst severity among the paths that are cut."""
    goals = {
        goal.node
        for mask in gone.values()
        for number, goal in enumerate(flow.goals)
        if mask >> number & 1
    }
    rows = [row for row in paths if row.id in goals]
    through = [
        row for row in rows if row.own["from"] in gone or _passes(row, gone)
    ] or rows  # fmt: skip
    if not through:
        return Answer(Verdict.UNKNOWN, "", ("not_collected:path",)), "info"
    best = min(through, key=lambda row: (-row.verdict.rank, len(row.answer.conditions)))
    return best.answer, min((row.severity for row in through), key=SEVERITIES.index)


def _passes(row: Row, gone: Pairs) -> bool:
    passed = (*(hop["id"] for hop in row.own["hops"]), *row.own["alike"])
    return any(node in gone for node in passed)


def _row(
    flow: Flow, plan: Plan, one: Cut, words: str, worst: tuple[Answer, str], asked: str
) -> Row:
    change = flow.changes[one.change]
    links = flow.links(one.change)
    end = flow.graph.things[change.subject].end
    start = flow.graph.things[change.start].end
    home = account_of(end.id, end.account_id)
    mechanism = f"{change.kind} {' '.join(change.about)}".strip()
    evidence = merged((text for x in links for text in _told(x)), ())
    answer = replace(worst[0], why=f"{words} {_effect(plan, one)}", evidence=tuple(evidence))
    return Row(
        key=row_key("choke", end.id, change.start, mechanism, asked),
        id=end.id,
        name=end.name,
        resource_type=end.resource_type,
        account_id=home,
        region=end.region,
        answer=answer,
        severity=worst[1],
        own={
            "change": words,
            "kind": str(change.kind),
            "from": change.start,
            "mechanism": mechanism,
            "plan": one.plan,
            "cuts": one.cuts,
            "left": one.left,
            "total": plan.total,
            "every_path": one.every,
            "minimum": one.minimum,
            "steps_cut": [f"{x.hop.start.id} -{x.type}-> {x.hop.end.id}" for x in links],
            "verified": None,
            "verification": "",
            "overlay": None,
        },
        accounts=distinct([home, account_of(start.id, start.account_id)]),
        regions=distinct([end.region]),
    )


def _told(link: Link) -> tuple[str, ...]:
    answer = link.hop.answer
    return tuple(text for text in (answer.why, *answer.evidence) if text)


def _effect(plan: Plan, one: Cut) -> str:
    if one.every and one.plan is None:
        return "Alone it cuts every path too."
    if one.cuts == plan.total:
        return "It cuts the only path." if plan.total == 1 else f"It cuts all {plan.total} paths."
    if not one.cuts:
        return "Ways run beside it: only with the other changes does it cut a path."
    then = "none is left" if not one.left else f"{one.left} of {plan.total} are left"
    return f"It cuts {one.cuts} of {plan.total} paths; then {then}."


def with_check(
    row: Row, verified: bool | None, words: str, overlay: Sequence[Mapping[str, object]] | None
) -> Row:
    """A row with what deriving the world again with its change showed.

    Args:
        row: of :func:`choke_rows`.
        verified: the count fell as told; None where that was not tried.
        words: what is left, or why it was not tried.
        overlay: the changes for ``--what-if``; None where they cannot be written.
    """
    told = {"verified": verified, "verification": words, "overlay": overlay}
    return replace(row, own={**row.own, **told})


def level_of(verdicts: Collection[Verdict]) -> Verdict:
    """The weakest verdict of steps that count: conditional if nothing else was asked for."""
    return min(verdicts, key=lambda one: one.rank) if verdicts else Verdict.CONDITIONAL
