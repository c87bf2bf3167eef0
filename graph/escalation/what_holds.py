"""What must be true of a collected item before a technique works on it."""

from __future__ import annotations

from collections.abc import Iterable

from collector.snapshot import Item
from graph.escalation.technique import Where
from graph.evidence import Ref, Step
from graph.schema.path import ShapeError, look
from graph.verdict import Answer, Verdict, all_of, condition


def holds(item: Item, wanted: Iterable[Where]) -> Answer:
    """Judge an item: ``no``, ``dormant`` or ``conditional`` where a value is another one."""
    return all_of(_one(item, where) for where in wanted)


def one_of(answers: Iterable[Answer]) -> Answer | None:
    """The strongest of some answers; ``None`` if there is none."""
    ordered = sorted(answers, key=lambda one: (-one.verdict.rank, len(one.conditions)))
    return ordered[0] if ordered else None


def _one(item: Item, where: Where) -> Answer:
    try:
        found = look(where.at, item)
    except ShapeError:
        return _missing(item, where)
    values = [str(value) for value in found.values]
    if not values:
        return _missing(item, where)
    if not where.allowed or any(value in where.allowed for value in values):
        return Answer(Verdict.YES)
    shown = ", ".join(values[:3])
    text = f"{item.id}: {where.at} is {shown}, not {' or '.join(where.allowed)}."
    step = Step(where.at, item.id, "fail", text, (Ref.to(item, ""),))
    if where.otherwise == "conditional":
        name = condition("context", where.at, item.id)
        return Answer(Verdict.CONDITIONAL, text, (name,), evidence=(text,))
    verdict = Verdict.DORMANT if where.otherwise == "dormant" else Verdict.NO
    return Answer(verdict, why=text, evidence=(text,), steps=(step,))


def _missing(item: Item, where: Where) -> Answer:
    if where.missing == "ok":
        return Answer(Verdict.YES)
    if where.missing == "no":
        text = f"{item.id} has no {where.at}."
        step = Step(where.at, item.id, "fail", text, (Ref.to(item, ""),))
        return Answer(Verdict.NO, why=text, evidence=(text,), steps=(step,))
    text = f"{where.at} of {item.id} was not collected."
    gap = condition("not_collected", where.at, item.id)
    return Answer(Verdict.CONDITIONAL, why=text, conditions=(gap,), evidence=(text,))
