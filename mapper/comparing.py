"""Answers compared with those of an older snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from graph.verdict import Verdict
from mapper.errors import WrongUsageError
from mapper.filtering import check_filters
from queries.answers.answer import Answered, Filters, compared_answer, without_assumptions
from queries.answers.compare import Unread, compare
from queries.answers.coverage import not_evaluated
from queries.answers.public import QUERIES, cidr_of
from queries.answers.row import Row, row_key
from queries.answers.unread import Sight
from queries.runner import records, run_cypher

if TYPE_CHECKING:
    from collector.snapshot import Snapshot
    from mapper.session import Session

_PRESENT = """
MATCH (n:Resource) WHERE n.id IN $ids AND coalesce(n.collected, true)
  AND n.stale_since IS NULL
RETURN n.id AS id
"""


def public_since(session: Session, older: Session, filters: Filters) -> Answered:
    """What changed in the answer of ``mapper public``.

    Args:
        session: the newer snapshot.
        older: the older one.
        filters: applied to either side of a change.

    Raises:
        WrongUsageError: a filter that nothing could match, or snapshots that tell no change.
    """
    check_filters(session, filters)
    check_comparable(session.snapshot, older.snapshot)
    before, after = older.public_rows, session.public_rows
    if filters.no_assume:
        before, after = without_assumptions(before), without_assumptions(after)
    there = present(session, before)
    found = compare(
        before,
        after,
        _sight(session, there),
        _sight(older, present(older, after)),
        _Reasons(session, there),
    )
    return compared_answer(
        "public",
        found,
        session.coverage(*QUERIES),
        filters,
        session.accepted,
        not_evaluated("public"),
    )


def check_comparable(newer: Snapshot, older: Snapshot) -> None:
    """Refuse what would show no change, or everything as one.

    Raises:
        WrongUsageError: they are the same, in the wrong order, or have no account in common.
    """
    if newer.id == older.id and not len(newer.overlay):
        raise WrongUsageError(f"Both snapshots are {newer.id}: name an older one.")
    if not set(newer.accounts) & set(older.accounts):
        raise WrongUsageError(
            f"{newer.id} (account {_few(newer.accounts)}) and {older.id} (account "
            f"{_few(older.accounts)}) have no account in common: nothing can be compared."
        )
    ended, before = (str(one.manifest.get("finished") or "") for one in (newer, older))
    if ended and before > ended:
        raise WrongUsageError(
            f"{older.id} is the newer of the two (finished {before}): ask --snapshot {older.id} "
            f"--since {newer.id}."
        )


def _few(accounts: Sequence[str], most: int = 3) -> str:
    more = f" and {len(accounts) - most} more" if len(accounts) > most else ""
    return f"{', '.join(accounts[:most])}{more}"


def present(session: Session, rows: Iterable[Row]) -> frozenset[str]:
    """The resources of rows, and the doors before them, that a session's snapshot has."""
    ids = {node for row in rows for node in (row.id, *(row.own.get("via") or ()))}
    if not ids:
        return frozenset()
    frame = run_cypher(session.store, _PRESENT, {"ids": sorted(ids)})
    return frozenset(str(row["id"]) for row in records(frame))


def _sight(session: Session, there: frozenset[str]) -> Unread:
    accounts = frozenset(session.snapshot.accounts)
    return Sight(accounts, session.coverage(*QUERIES), there).unread


class _Reasons:
    """Why a row is closed: what was judged of it now, who is left, or that its resource is gone."""

    def __init__(self, session: Session, there: frozenset[str]) -> None:
        self._session = session
        self._there = there
        self._by_key: dict[str, str] | None = None

    def __call__(self, row: Row) -> str:
        if row.id not in self._there:
            return "It is not there any more."
        if ranges := self._still_open_to(row):
            return (
                f"Narrowed: still open to {_few(ranges)} (mapper public --source cidr lists that)."
            )
        if self._by_key is None:
            self._by_key = {
                row_key("public", j.target, j.source, j.mechanism, ""): j.answer.why
                for j in self._session.derivation.judgements
                if j.answer.verdict == "no"
            }
        return self._by_key.get(row.key, "")

    def _still_open_to(self, row: Row) -> list[str]:
        """The ranges of the internet that still reach by the mechanism of a row that is closed."""
        same = (row.id, row.own["mechanism"])
        ranges = {
            cidr_of(str(one.own["source"]), str(one.own["source_type"]))
            for one in self._session.public_rows
            if (one.id, one.own["mechanism"]) == same and one.verdict is not Verdict.UNKNOWN
        }
        return sorted(ranges - {""})
