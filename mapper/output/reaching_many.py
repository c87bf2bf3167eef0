"""The table of ``mapper reach`` where a word stands for many things."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graph.verdict import Verdict
from mapper.output.names import short_ids, short_name
from mapper.output.sheet import Column, Sheet
from queries.answers.reach import Thing

if TYPE_CHECKING:
    from graph.network.between.many import Many, Opening
    from graph.network.reach import Reach
    from mapper.reaching import Reached
    from queries.answers.parties import Parties

MOST_ROWS = 50
"""Rows of a table; the rest is counted."""
_NAMED, _PORTS, _TERMS = 4, 4, 2
_COLUMNS = (
    Column("Verdict", "verdict"),
    Column("From", most=60),
    Column("To", most=60),
    Column("Opens", most=30),
    Column("By"),
    Column("If", most=50),
)


def many_sheet(reached: Reached, parties: Parties, *, whole: bool = False) -> Sheet:
    """Groups that reach groups, a line each.

    Args:
        reached: an answer about many.
        parties: for the names of accounts.
        whole: every name, and every row.
    """
    many = reached.many
    assert many is not None
    things = reached.things or {}
    shared = _shared(things)
    shown = many.openings if whole else many.openings[:MOST_ROWS]
    folded = not whole and any(
        len(names) > _NAMED for one in shown for names in (one.sources, one.targets)
    )
    rows = [_cells(one, things, shared, parties, whole=whole) for one in shown]
    return Sheet(reached.title, _COLUMNS, rows, _notes(reached, many, len(rows), folded=folded))


def headline(many: Many) -> str:
    """How many pairs are open, by verdict."""
    if not many.pairs:
        return (
            "Answer: there is no pair to ask about. FROM or TO has nothing with a network "
            "interface that begins, or takes, connections, or both are the same thing."
        )
    asked = "1 pair" if many.pairs == 1 else f"{many.pairs} pairs"
    if not many.openings:
        return f"Answer: no way is open; {asked} asked about."
    counts = pairs_by_verdict(many)
    parts = [f"{verdict} {counts[verdict]}" for verdict in Verdict if verdict in counts]
    ways = ", each by its best way" if len(many.openings) > 1 else ""
    return f"Answer: {', '.join(parts)}; {asked} asked about{ways}."


def pairs_by_verdict(many: Many) -> dict[str, int]:
    """How many pairs of ends are open, each counted once, by the best verdict of its ways."""
    ordered = sorted(many.openings, key=lambda one: -one.reach.verdict.rank)
    senders = _alike([one.sources for one in ordered])
    receivers = _alike([one.targets for one in ordered])
    counts: Counter[str] = Counter()
    for rows, some in senders.items():
        for others_rows, others in receivers.items():
            if both := rows & others_rows:
                pairs = len(some) * len(others) - len(some & others)
                counts[str(ordered[min(both)].reach.verdict)] += pairs
    return {verdict: count for verdict, count in counts.items() if count}


def _alike(rows: Sequence[Sequence[str]]) -> dict[frozenset[int], set[str]]:
    """Ids that stand in the same rows, by the numbers of these rows."""
    where: dict[str, set[int]] = defaultdict(set)
    for number, ids in enumerate(rows):
        for one in ids:
            where[one].add(number)
    found: dict[frozenset[int], set[str]] = defaultdict(set)
    for one, numbers in where.items():
        found[frozenset(numbers)].add(one)
    return found


def _cells(
    one: Opening,
    things: Mapping[str, Thing],
    shared: frozenset[str],
    parties: Parties,
    *,
    whole: bool,
) -> list[str]:
    most = 0 if whole else _NAMED
    reach = one.reach
    return [
        str(reach.verdict),
        _names(one.sources, things, shared, parties, most),
        _names(one.targets, things, shared, parties, most),
        _ports(reach, 0 if whole else _PORTS),
        reach.mechanism,
        short_ids(_few(reach.answer.conditions, 0 if whole else _TERMS)),
    ]


def _names(
    ids: Sequence[str],
    things: Mapping[str, Thing],
    shared: frozenset[str],
    parties: Parties,
    most: int,
) -> str:
    """Names of things; with the account where another thing has the same, or they differ."""
    accounts = {things.get(one, Thing()).account_id for one in ids}
    told = [_name(one, things.get(one, Thing()), shared) for one in ids]
    listed = _few(sorted(told), most)
    known = sorted(parties.name(one) or one for one in accounts if one)
    where = f" in {_few(known, 2)}" if known else ""
    return f"{listed}{where}"


def _name(node_id: str, thing: Thing, shared: frozenset[str]) -> str:
    if not thing.name:
        return short_name(node_id.removeprefix("cidr:"))
    return f"{thing.name} ({short_name(node_id)})" if thing.name in shared else thing.name


def _shared(things: Mapping[str, Thing]) -> frozenset[str]:
    """Names that several things have."""
    counts = Counter(thing.name for thing in things.values() if thing.name)
    return frozenset(name for name, count in counts.items() if count > 1)


def _ports(reach: Reach, most: int) -> str:
    weaker = [entry.replace("=", " ") for entry in reach.other_ports]
    return _few([*(reach.opens or reach.ports), *weaker], most)


def _few(texts: Sequence[str], most: int) -> str:
    if not most or len(texts) <= most:
        return ", ".join(texts)
    return f"{', '.join(texts[:most])} and {len(texts) - most} more"


def _notes(reached: Reached, many: Many, shown: int, *, folded: bool) -> list[str]:
    notes = [headline(many)]
    if any(set(one.sources) & set(one.targets) for one in many.openings):
        notes.append("What stands under From and To of one row does not reach itself.")
    total = len(many.openings)
    if shown < total:
        notes.append(f"{shown} of {total} rows; -v and --format json have all.")
    if folded:
        notes.append("-v and --format json name all of what is 'more'.")
    if many.left:
        notes.append(
            f"{many.left} of the pairs were not judged: there are too many. Name a VPC, subnet, "
            "security group or account instead."
        )
    if reached.unseen:
        are = "thing shows" if reached.unseen == 1 else "things show"
        notes.append(f"{reached.unseen} {are} no network interface; nothing is said of them.")
    notes.append("The steps of one pair, or why there is none: mapper reach FROM TO")
    return notes


__all__ = ["MOST_ROWS", "headline", "many_sheet"]
