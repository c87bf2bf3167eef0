"""Names that an attacker chooses for new things, so that policies on names are met.

A role that may create ``function/dev-*`` alone can still pass a role to a new function: it calls it
``dev-...``. Each Allow that speaks of the things gives the names that it admits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

from graph.escalation.told import statements_of
from graph.iam import condition, patterns
from graph.iam.classes import Holders
from graph.iam.world import IamWorld

FILLER = "mapper"
ASSIGNED = "0assigned-by-aws0"
"""Stands for an id that AWS gives, which nobody chooses."""
MOST = 2000
"""Names tried for one thing in one account."""


Names = frozenset[str]
"""Names that are taken, of one kind of thing in one region."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Names for a new thing, each with the bits of the principals that a call admits it for.

    Attributes:
        admitted: by some Allow.
        taken: only as the name of a thing that is there already.
    """

    admitted: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)


@cache
def unique() -> dict[str, str]:
    """The collected type of what a call makes, for calls that fail if the name is taken."""
    text = resources.files("graph.escalation").joinpath("unique_names.json").read_text("utf-8")
    return {row["action"]: row["type"] for row in json.loads(text)["calls"]}


def names_in(ids: Iterable[str], before: str, after: str) -> Names:
    """Names of things that are there, read from their ARNs.

    Args:
        ids: the ARNs.
        before, after: as of :func:`chosen_names`.
    """
    start, end = (re.escape(part).replace(r"\*", ".*") for part in (before, after))
    whole = re.compile(f"{start}(?P<name>[^:]+){end}")
    found = set()
    for arn in ids:
        if match := whole.fullmatch(arn):
            found.add(_last(match["name"], arn))
    return frozenset(found)


def chosen_names(held: Holders, before: str, after: str, there: Names = frozenset()) -> Choice:
    """Names that some Allow statement admits, with the bits of its holders.

    Args:
        held: the account's principals by what they say of the call.
        before: the ARN up to the name, ``*`` for what is of no interest.
        after: what follows the name.
        there: names that no new thing can have.
    """
    found = Choice()
    free: dict[str, int] = {}
    start, end = patterns.wild(before), patterns.wild(after)
    for holding in held.matched(patterns.wild(f"{before}*{after}")):
        statement = holding.statement
        if statement.is_deny or statement.resources is None:
            continue
        for entry in statement.resources:
            glob = condition.widened(entry) if statement.variables else patterns.wild(entry)
            for name in _names(glob, start, end):
                into = found.taken if _last(name, glob) in there else free
                if len(free) < MOST or name in into:
                    into[name] = into.get(name, 0) | holding.holders
    found.admitted.update(free)
    for name in found.taken:
        found.taken[name] &= ~(free.get(name, 0) | free.get(FILLER, 0))
    return found


def told_names(
    world: IamWorld, held: Holders, account: str, key: str, before: str, after: str
) -> dict[str, int]:
    """Names that tests of a condition key speak of, with the bits of whom they are about.

    Args:
        world: the facts.
        held: the account's principals by what they say of the call.
        account: theirs.
        key: in lower case.
        before: what the key's value says up to the name, ``*`` for what is of no interest.
        after: what follows the name.
    """
    found: dict[str, int] = {}
    start, end = patterns.wild(before), patterns.wild(after)
    for statement, bits in statements_of(world, held, account):
        for test in statement.conditions:
            for value in test.values if test.key.lower() == key else ():
                for name in _names(condition.widened(value), start, end):
                    if len(found) < MOST or name in found:
                        found[name] = found.get(name, 0) | bits
    return found


def _last(name: str, arn: str) -> str:
    """IAM's names are unique whatever path stands before them."""
    return name.rpartition("/")[2] if ":iam:" in arn else name


@lru_cache(maxsize=8192)
def _names(glob: str, before: str, after: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for rest in _rests(glob, before):
        ends = [one[::-1] for one in _rests(rest[::-1], after[::-1])] if after else [rest]
        for end in ends:
            name = end.replace(patterns.STAR, FILLER).replace(patterns.ONE, "x")
            if name and (":s3:" in before or _is_name(name)):
                found[name] = None
    return tuple(found)


def _is_name(name: str) -> bool:
    """Whether a text is a name, not what is left of an ARN that a wildcard met too early."""
    return ":" not in name and not name.startswith("/")


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
