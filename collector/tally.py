"""What came of the calls of one job, summed up into ledger rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from collector.declare import FollowUp, ResourceType
from collector.job import Job
from collector.outcome import Outcome
from collector.snapshot.ledger import LISTED_AGAIN, LedgerRow, Status, worst

_NAMED = 3
_LONGEST_ID = 200


@dataclass
class _Count:
    calls: int = 0
    items: int = 0
    outcomes: set[Outcome] = field(default_factory=set)
    again: set[tuple[str, str]] = field(default_factory=set)
    """Type and id of items that were listed again with other content."""


class Tallies:
    """Counts by operation. Safe between threads."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], _Count] = {}
        self._lock = threading.Lock()

    def listed(
        self, types: Sequence[ResourceType], operation: str, outcome: Outcome, items: int
    ) -> None:
        """A list call ended; ``items`` counts those of all the types that it lists."""
        with self._lock:
            for declared in types:
                count = self._count(declared, operation)
            count.calls += outcome.asked
            count.items += items
            count.outcomes.add(outcome)

    def followed(self, declared: ResourceType, operation: str, outcome: Outcome) -> None:
        """A follow-up call ended."""
        with self._lock:
            count = self._count(declared, operation)
            count.calls += outcome.asked
            count.items += outcome.status in (Status.OK, Status.EMPTY)
            count.outcomes.add(outcome)

    def broken(self, declared: ResourceType, operation: str, what: str) -> None:
        """An answer held something that is no item."""
        with self._lock:
            count = self._count(declared, operation)
            count.outcomes.add(Outcome(Status.ERROR, "UnknownShape", what))

    def listed_again(self, declared: ResourceType, operation: str, line_id: str) -> None:
        """An item was listed again, with other content; only one of the two is kept."""
        with self._lock:
            self._count(declared, operation).again.add((declared.id, line_id))

    def _count(self, declared: ResourceType, operation: str) -> _Count:
        return self._counts.setdefault((declared.client, operation), _Count())

    def rows(self, job: Job) -> list[LedgerRow]:
        """One row for each operation that the job's types declare."""
        rows: dict[tuple[str, str], LedgerRow] = {}
        listed: dict[str, LedgerRow] = {}
        for declared in job.types:
            above = listed.get(declared.listed_for)
            own = [self._row(job, declared, call.operation, above) for call in declared.lists]
            rows |= {(declared.client, row.operation): row for row in own}
            if own:
                listed[declared.id] = _worst_of(own)
        for declared in job.types:
            sources = [rows[name] for name in _sources(job, declared) if name in rows]
            parent = _worst_of(sources) if sources else None
            self._add_follow_ups(rows, job, declared, declared.follow_ups, parent)
        return [rows[operation] for operation in sorted(rows)]

    def _add_follow_ups(
        self,
        rows: dict[tuple[str, str], LedgerRow],
        job: Job,
        declared: ResourceType,
        follow_ups: tuple[FollowUp, ...],
        parent: LedgerRow | None,
    ) -> None:
        for call in follow_ups:
            row = self._row(job, declared, call.operation, parent)
            key = (declared.client, call.operation)
            before = rows.get(key)
            if before is not None and key not in self._counts:
                row = before if before.is_gap else row
            rows[key] = row
            self._add_follow_ups(rows, job, declared, call.then, row)
            if call.start:
                self._add_start(rows, job, declared, call.start.operation)
            if call.fallback and (declared.client, call.fallback.operation) in self._counts:
                name = call.fallback.operation
                rows[declared.client, name] = self._row(job, declared, name, None)

    def _add_start(
        self,
        rows: dict[tuple[str, str], LedgerRow],
        job: Job,
        declared: ResourceType,
        operation: str,
    ) -> None:
        if (declared.client, operation) in self._counts:
            rows[declared.client, operation] = self._row(job, declared, operation, None)

    def _row(
        self, job: Job, declared: ResourceType, operation: str, parent: LedgerRow | None
    ) -> LedgerRow:
        count = self._counts.get((declared.client, operation))
        if count is None:
            outcome = _unasked(parent)
            calls = items = 0
        else:
            outcome = _summary(count.outcomes)
            calls, items = count.calls, count.items
        code, message = outcome.in_ledger
        if count is not None and count.again:
            code = code or LISTED_AGAIN
            message = "; ".join(filter(None, (message, _words_of(count.again))))
        return LedgerRow(
            account_id=job.account_id,
            region=job.place,
            service=declared.client,
            operation=operation,
            type=",".join(_types_that_call(job, declared.client, operation)),
            status=outcome.status,
            items=items,
            calls=calls,
            code=code,
            message=message,
        )


def _words_of(again: set[tuple[str, str]]) -> str:
    """Which items were listed again; as many as can be read."""
    named = [f"{type_id} {line_id[:_LONGEST_ID]}" for type_id, line_id in sorted(again)[:_NAMED]]
    more = f" and {len(again) - _NAMED} more" if len(again) > _NAMED else ""
    return f"listed again with other content, of which one is kept: {', '.join(named)}{more}"


def _types_that_call(job: Job, client: str, operation: str) -> list[str]:
    return sorted(t.id for t in job.types if t.client == client and operation in _names(t))


def _names(declared: ResourceType) -> Iterator[str]:
    for call in declared.calls():
        yield call.operation
        if isinstance(call, FollowUp) and call.start:
            yield call.start.operation


def _sources(job: Job, declared: ResourceType) -> Iterator[tuple[str, str]]:
    """The operations of a job whose answers hold a type's items or name them."""
    for call in declared.lists:
        yield declared.client, call.operation
    for other in job.types:
        for each in other.calls():
            if isinstance(each, FollowUp) and declared.id in each.finds:
                yield other.client, each.operation
        if other.id in declared.each_of:
            yield from _sources(job, other)


def _worst_of(rows: Sequence[LedgerRow]) -> LedgerRow:
    status = worst(row.status for row in rows)
    return next(row for row in rows if row.status is status)


def _unasked(parent: LedgerRow | None) -> Outcome:
    """Why a follow-up was never called: there was nothing to ask about, or nobody knows."""
    if parent is None or not parent.is_gap:
        if parent is not None and parent.status in (Status.NOT_SUPPORTED, Status.REGION_DISABLED):
            return Outcome(parent.status, parent.code)
        return Outcome(Status.EMPTY)
    if parent.status is Status.REGION_DENIED:
        return Outcome(parent.status, parent.code, parent.message)
    return Outcome(Status.NOT_ATTEMPTED, parent.code, f"{parent.operation} was {parent.status}")


def _summary(outcomes: set[Outcome]) -> Outcome:
    status = worst(outcome.status for outcome in outcomes)
    return min(
        (outcome for outcome in outcomes if outcome.status is status),
        key=lambda outcome: (outcome.code, outcome.message),
    )
