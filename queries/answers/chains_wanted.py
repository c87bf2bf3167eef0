"""Which rows of ``trusts`` are wanted, by who starts and where it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from queries.answers.parties import (
    Parties,
    account_of,
    is_provider,
    provider_name,
    token_subjects,
)
from queries.answers.row import Row

OURS = ("own", "organisation", "collected")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; nothing of it means every row.

    Attributes:
        starts, ends: accounts by id, name or vendor, in any case; either also by its own id or
            name, a start by its kind of source (``internet``) and of an identity provider by
            whose tokens it takes (``acme/web``).
        external: only who is not of one's own accounts or organisation.
        vendors: only known vendors.
        unused: only ways through a role that nobody used of late.
        single_hop: only trusts and shares themselves, no chains.
    """

    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    external: bool = False
    vendors: bool = False
    unused: bool = False
    single_hop: bool = False


Members = Mapping[str, Sequence[str]]
"""Ids of a set's members, by the set's id."""
_NO_SETS: Members = {}


def select(
    rows: Iterable[Row], wanted: Wanted, parties: Parties, members: Members = _NO_SETS
) -> list[Row]:
    """The rows that are wanted, but for their roles' use: see :func:`unused_rows`."""
    starts = {text.casefold() for text in wanted.starts}
    ends = {text.casefold() for text in wanted.ends}
    return [
        row
        for row in rows
        if not (wanted.external and row.own["outside"] in OURS)
        and not (wanted.vendors and row.own["vendor"] is None)
        and not (wanted.single_hop and len(row.own["hops"]) > 1)
        and (not starts or not starts.isdisjoint(names_of_start(row, parties, members)))
        and (not ends or not ends.isdisjoint(names_of_end(row, parties)))
    ]


def members_of_sets(steps: Iterable[Mapping[str, Any]]) -> Members:
    """The members of every set of principals.

    Args:
        steps: the rows of ``identity-steps``.
    """
    found: dict[str, list[str]] = {}
    for step in steps:
        if step["relationship"] == "IN_GROUP":
            found.setdefault(step["to_id"], []).append(step["from_id"])
    return found


def names_of_start(row: Row, parties: Parties, members: Members = _NO_SETS) -> set[str]:
    """What the start of a row may be called, in lower case; of a set each of its members, too."""
    start = str(row.own["from"])
    account = account_of(start, None)
    if account is None and row.own["outside"] in OURS:
        account = next((one for one in row.accounts if one != row.account_id), None)
    within = [name for one in members.get(start, ()) for name in (one, one.rpartition("/")[2])]
    short = start.rpartition("/")[2].removeprefix("org:")
    names = (start, short, account, parties.name(account), row.own["vendor"], *within)
    told = _names_of_tokens(row) if is_provider(start) else ()
    return {name.casefold() for name in (*names, *told) if name}


def _names_of_tokens(row: Row) -> Iterator[str]:
    """A provider by name and its first word; whose tokens a row asks for, and whose projects."""
    name = provider_name(row.own["from"])
    yield from (name, name.partition(" ")[0])
    for subject in token_subjects(row.answer.conditions):
        yield subject
        parts = subject.split(":")
        if len(parts) > 1 and "/" in parts[1]:
            yield from (parts[1], parts[1].partition("/")[0])


def names_of_end(row: Row, parties: Parties) -> set[str]:
    """What a row's end may be called, its account, or the one of which it makes admin."""
    accounts = {row.account_id, *(one.removeprefix("account:") for one in row.own["admin_of"])}
    names = (*accounts, *(parties.name(account) for account in accounts), row.id, row.name)
    return {name.casefold() for name in (*names, row.id.rpartition("/")[2]) if name}


def unused_rows(
    rows: Iterable[Row], last_used: Callable[[str], str | None], before: str
) -> tuple[list[Row], int]:
    """The rows through a role that was not used since ``before``, each with since when.

    Args:
        rows: of ``trusts``; shares are no use of a role and are left out.
        last_used: when a role was last used (ISO 8601, UTC), ``never``, or None if nobody knows.
        before: ISO 8601, UTC.

    Returns:
        The rows, ``unused`` being ``never`` or the date of the role that was used least; and how
        many further rows are of roles whose use is not known.
    """
    found, not_known = [], 0
    for row in rows:
        roles = [hop["id"] for hop in row.own["hops"] if hop["type"] == "CAN_ASSUME"]
        uses = [last_used(role) for role in roles]
        known = [use for use in uses if use is not None]
        least = "never" if "never" in known else min(known, default="")
        if least and (least == "never" or least < before):
            own: Mapping[str, object] = {**row.own, "unused": least[:10]}
            found.append(replace(row, own=own))
        elif None in uses:
            not_known += 1
    return found, not_known
