"""What mapper answers of paths, blast and choke points against what is true of a demo world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mapper.attacking import blast_of, paths_of, wanted
from mapper.choking import choke
from mapper.demo.world.attack_truth import BlastRow, ChokeRow, PathRow, rows_of
from mapper.demo.world.facts import Thing
from mapper.session import Session
from queries.answers.row import Row

Told = dict[tuple[str, ...], str]
"""What a row is of, and all that it says of it."""
_SETS = ("network-range:", "network-group:", "network-target:", "private-target:")


def attack_difference(session: Session, things: Iterable[Thing], verify: str = "none") -> list[str]:
    """What differs, a line each: missing, unexpected, or told otherwise.

    Args:
        session: on the snapshot of the world.
        things: the declarations as they are true.
        verify: as ``--verify``; with ``all`` what was derived again is compared too.
    """
    rows = rows_of(things)
    starts = sorted({row.source for row in rows if isinstance(row, BlastRow)})
    true = dict(_told(row, verify == "all") for row in rows if row.settled)
    ours = dict(_answered(session, starts, verify))
    for row in rows:
        if not row.settled:
            # Of what no engine settles any answer but a no is as good as none.
            ours.pop(_told(row, False)[0], None)
    return [
        f"{' '.join(key)}: true {true.get(key, 'no')}, answered {ours.get(key, 'no')}"
        for key in sorted(true.keys() | ours.keys())
        if true.get(key) != ours.get(key)
    ]


def _told(row: PathRow | BlastRow | ChokeRow, verified: bool) -> tuple[tuple[str, ...], str]:
    match row:
        case PathRow():
            how = (row.hops, row.techniques, row.lateral)
            return ("paths", *row.key), f"{row.verdict} {row.conditions} {how}"
        case BlastRow():
            return ("blast", *row.key), f"{row.verdict} {row.conditions}"
        case ChokeRow():
            checked = row.verified if verified else None
            counted = (row.cuts, row.total, row.every_path, row.plan, checked)
            return ("choke", *row.key), str(counted)


def _answered(
    session: Session, starts: Iterable[str], verify: str
) -> Iterator[tuple[tuple[str, ...], str]]:
    ends = wanted(session, "internet", "admin")
    for row in paths_of(session, ends)[0]:
        hops = tuple(hop["id"] for hop in row.own["hops"] if not hop["id"].startswith(_SETS))
        way_in = next(node for node in hops if not node.startswith("arn:aws:elasticloadbalancing"))
        for one in (way_in, *row.own["alike"]):
            whole = tuple(one if node == way_in else node for node in hops)
            how = (whole, tuple(row.own["techniques"]), row.own["lateral"])
            over = "lateral" if row.own["lateral"] else ""
            told = f"{row.verdict} {_kinds(row)} {how}"
            yield ("paths", row.own["from"], one, row.id, over), told
    for start in starts:
        for row in blast_of(session, start)[1]:
            yield ("blast", start, row.id, row.own["class"]), f"{row.verdict} {_kinds(row)}"
    for row in choke(session, ends, (), verify).rows:
        own = row.own
        counted = (own["cuts"], own["total"], own["every_path"], own["plan"], own["verified"])
        yield ("choke", own["kind"], row.id, own["from"]), str(counted)


def _kinds(row: Row) -> tuple[str, ...]:
    """Kinds of its conditions."""
    return tuple(sorted({text.partition(":")[0] for text in row.answer.conditions}))
