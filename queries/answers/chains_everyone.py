"""Roles that everyone may assume: what is reached through them is everyone's, told once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from queries.answers.chains_data import EVERYONE
from queries.answers.walk import Hop


def own_gain(hops: Iterable[Hop], *, named: bool = False) -> Iterator[Hop]:
    """Steps without those by which somebody gets a role that everyone gets at least as surely.

    Args:
        hops: steps.
        named: keep those of sources outside: the trust policy names them beside everyone.
    """
    listed = list(hops)
    everyones: dict[str, list[Hop]] = defaultdict(list)
    for hop in listed:
        if hop.type == "CAN_ASSUME" and hop.start.labels & EVERYONE:
            everyones[hop.end.id].append(hop)
    for hop in listed:
        theirs = everyones.get(hop.end.id, ()) if hop.type in ("CAN_ASSUME", "CONTROLS") else ()
        kept = hop.start.labels & EVERYONE or (named and "Source" in hop.start.labels)
        if kept or not any(_as_sure(one, hop) for one in theirs):
            yield hop


def _as_sure(one: Hop, other: Hop) -> bool:
    """Whether a step holds whenever the other does."""
    mine, theirs = one.answer, other.answer
    if mine.verdict.rank != theirs.verdict.rank:
        return mine.verdict.rank > theirs.verdict.rank
    return set(mine.conditions) <= set(theirs.conditions)
