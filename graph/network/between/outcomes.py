"""What gets through from senders, by mechanism, and how several ways are told as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from graph.network.between.lateral import MOST_ADDRESSES, Alike
from graph.network.between.parts import Parts, joined
from graph.network.between.senders import Senders
from graph.network.pieces import weaker
from graph.verdict import Verdict

Outcome = tuple[str, Parts]
"""Mechanism, and what gets through."""


def strongest(ways: Iterable[Outcome]) -> Outcome | None:
    """All ways as one, by the mechanism of the strongest."""
    some = [way for way in ways if way[1]]
    if len(some) < 2:
        return some[0] if some else None
    best = max(some, key=lambda way: max(part.verdict.rank for part in way[1]))
    return best[0], joined(tuple(part for _, parts in some for part in parts))


def single(found: Iterable[Mapping[Outcome, Senders]]) -> dict[Outcome, Senders]:
    """Outcomes of several addresses as one for each sender."""
    apart: list[tuple[Senders, list[Outcome]]] = []
    for some in found:
        for outcome, senders in some.items():
            apart = _parted(apart, outcome, senders)
    made: dict[Outcome, Senders] = {}
    for senders, ways in apart:
        best = strongest(ways)
        if best:
            made[best] = made.get(best, 0) | senders
    return made


def wherever(found: Sequence[Mapping[Outcome, Senders]], gap: str) -> dict[Outcome, Senders]:
    """Outcomes of addresses of which a target has one: sure where all are one, else unknown.

    Args:
        found: for each address.
        gap: what would tell the address, as a condition.
    """
    apart: list[tuple[Senders, list[Outcome]]] = []
    for some in found:
        for outcome, senders in some.items():
            apart = _parted(apart, outcome, senders)
    made: dict[Outcome, Senders] = {}
    for senders, ways in apart:
        best = one_of(ways, len(found), gap)
        if best:
            made[best] = made.get(best, 0) | senders
    return made


def one_of(ways: Sequence[Outcome], count: int, gap: str) -> Outcome | None:
    """The outcome of a sender by as many addresses, of which the target has one."""
    best = strongest(ways)
    if best is None or (len(ways) == count <= MOST_ADDRESSES and len(set(ways)) == 1):
        return best
    doubted = (
        replace(
            part,
            verdict=weaker(part.verdict, Verdict.UNKNOWN),
            conditions=part.conditions | {gap},
        )
        for part in best[1]
    )
    return best[0], joined(tuple(doubted))


def _parted(
    apart: list[tuple[Senders, list[Outcome]]], outcome: Outcome, senders: Senders
) -> list[tuple[Senders, list[Outcome]]]:
    """Senders by all their outcomes, one more added."""
    made: list[tuple[Senders, list[Outcome]]] = []
    for known, ways in apart:
        both = known & senders
        if both:
            made.append((both, [*ways, outcome]))
        if known != both:
            made.append((known & ~both, ways))
        senders &= ~both
    if senders:
        made.append((senders, [outcome]))
    return made


def listened(parts: Parts, end: Alike) -> Parts:
    """What of parts a target listens on."""
    if end.ports is None:
        return parts
    return tuple(replace(one, ports=both) for one in parts if (both := one.ports & end.ports))


def bounded(parts: Parts, end: Alike) -> Parts:
    """What the state of an end leaves of parts."""
    if end.bound is Verdict.YES:
        return parts
    return tuple(
        replace(one, verdict=weaker(one.verdict, end.bound), conditions=one.conditions | end.gaps)
        for one in parts
    )


__all__ = [
    "Outcome",
    "bounded",
    "listened",
    "one_of",
    "single",
    "strongest",
    "wherever",
]
