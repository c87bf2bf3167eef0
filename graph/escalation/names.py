"""Names that an attacker chooses for new things, so that policies on names are met.

A role that may create ``function/dev-*`` alone can still pass a role to a new function: it calls it
``dev-...``. Each Allow that speaks of the things gives the names that it admits.
"""

from __future__ import annotations

from functools import lru_cache

from graph.iam import condition, patterns
from graph.iam.classes import Holders

FILLER = "mapper"
ASSIGNED = "0assigned-by-aws0"
"""Stands for an id that AWS gives, which nobody chooses."""
MOST = 2000
"""Names tried for one thing in one account."""


def chosen_names(held: Holders, before: str, after: str) -> dict[str, int]:
    """Names that some Allow statement admits, with the bits of its holders.

    Args:
        held: the account's principals by what they say of the call.
        before: the ARN up to the name, ``*`` for what is of no interest.
        after: what follows the name.
    """
    found: dict[str, int] = {FILLER: held.full}
    start, end = patterns.wild(before), patterns.wild(after)
    for holding in held.matched(patterns.wild(f"{before}*{after}")):
        statement = holding.statement
        if statement.is_deny or statement.resources is None:
            continue
        for entry in statement.resources:
            glob = condition.widened(entry) if statement.variables else patterns.wild(entry)
            for name in _names(glob, start, end):
                if len(found) < MOST or name in found:
                    found[name] = found.get(name, 0) | holding.holders
    return found


@lru_cache(maxsize=8192)
def _names(glob: str, before: str, after: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for rest in _rests(glob, before):
        ends = [one[::-1] for one in _rests(rest[::-1], after[::-1])] if after else [rest]
        for end in ends:
            name = end.replace(patterns.STAR, FILLER).replace(patterns.ONE, "x")
            if name:
                found[name] = None
    return tuple(found)


def _rests(glob: str, text: str) -> list[str]:
    """What of a pattern is left once it has met a text, which may hold wildcards itself."""
    rests: dict[str, None] = {}
    seen: set[tuple[int, int]] = set()
    todo = [(0, 0)]
    while todo:
        here, there = todo.pop()
        if (here, there) in seen:
            continue
        seen.add((here, there))
        if there == len(text):
            rests[glob[here:]] = None
            continue
        own = glob[here] if here < len(glob) else ""
        other = text[there]
        if own == patterns.STAR:
            todo += [(here + 1, there), (here, there + 1)]
        if other == patterns.STAR:
            todo.append((here, there + 1))
            if own and own != patterns.STAR:
                todo.append((here + 1, there))
        elif own and own != patterns.STAR and (own in (other, patterns.ONE)):
            todo.append((here + 1, there + 1))
    return list(rests)
