"""Ways between two nodes that no single judgement tells: over the network, and by several rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mapper.errors import WrongUsageError
from queries.answers.public import shown_by_default

if TYPE_CHECKING:
    from graph.derive import Derivation
    from graph.judgement import Judgement
    from mapper.session import Session
    from queries.answers.row import Row

_NO_MACHINE = ("arn:aws:iam:", "arn:aws:s3:", "arn:aws:kms:", "account:")


@dataclass(frozen=True, slots=True)
class WholeWay:
    """A way by several rows.

    Attributes:
        nodes: the ids that it passes, from its start to its end.
        rows: in order; the last may lead on beyond the end.
    """

    nodes: tuple[str, ...]
    rows: tuple[Row, ...]


def way_of(row: Row) -> list[str]:
    """The ids that a row passes, from its start to its end."""
    own = row.own
    if "source" in own:
        return [own["source"], *own["via"], row.id]
    hops = own.get("hops") or own.get("path") or []
    return [own.get("from", row.id), *(hop["id"] for hop in hops)]


def way_from_outside(
    session: Session, derivation: Derivation, start: str, end: str
) -> WholeWay | None:
    """The surest way from who reaches a machine to what the machine's role becomes, or None.

    Of several that are as sure the one with the fewest nodes.
    """
    entries = [r for r in session.public_rows if r.own["source"] == start and shown_by_default(r)]
    if not entries:
        return None
    ways = list(_ways(session, derivation, entries, end))
    return min(ways, key=_weakest_first, default=None)


def _ways(
    session: Session, derivation: Derivation, entries: Sequence[Row], end: str
) -> Iterator[WholeWay]:
    carried = {r.start for r in derivation.relationships if r.type == "HAS_ROLE" and r.end == end}
    onward = [(row, way_of(row)) for row in session.compute_rows]
    for entry in entries:
        before = way_of(entry)
        if entry.id in carried:
            yield WholeWay((*before, end), (entry,))
        for row, way in onward:
            if way[0] == entry.id and end in way[1:]:
                nodes = (*before, *way[1 : way.index(end) + 1])
                yield WholeWay(nodes, (entry, row))


def _weakest_first(way: WholeWay) -> tuple[int, int, tuple[str, ...]]:
    return -min(row.verdict.rank for row in way.rows), len(way.nodes), way.nodes


def reach_of_key(session: Session, key: str) -> tuple[str, tuple[Judgement, ...]] | None:
    """What was asked and what is answered by the row of ``mapper reach`` with a key, or None."""
    from mapper.reach_keys import pair_of_key
    from mapper.reaching import Reacher

    reacher = Reacher(session.snapshot)
    pair = pair_of_key(reacher, key)
    if pair is None:
        return None
    found = reacher.answer(*pair)
    judged = zip(found.rows, found.judgements, strict=True)
    kept = tuple(judgement for row, judgement in judged if row.key.startswith(key))
    return (found.title, kept) if kept else None


def network_judgements(session: Session, start: str, end: str) -> tuple[Judgement, ...]:
    """What ``mapper reach`` answers of two nodes; nothing where one of them is no machine."""
    from mapper.reaching import Reacher

    if start.startswith(_NO_MACHINE) or end.startswith(_NO_MACHINE):
        return ()
    try:
        found = Reacher(session.snapshot).answer(start, end).judgements
    except WrongUsageError:
        return ()
    return tuple(sorted(found, key=lambda one: -one.answer.verdict.rank))
