"""What changed between two answers of one command: rows compared by their keys."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graph.verdict import Answer, Verdict
from queries.answers.row import Row
from queries.library import SEVERITIES
from queries.ports import covers

Unread = Callable[[Row], str]
"""What was not collected that would show a row; empty where it would have been seen."""

_TOLD_ELSEWHERE = frozenset({"severity_why", "ways", "way_ports", "names"})
"""What ``via`` and the mechanism say too, and what changes with every start of a machine."""
_LEVELS = (None, "read", "write", "admin")


class Change(enum.StrEnum):
    """What became of a row."""

    OPENED = "opened"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Compared:
    """A row of one of two answers that is not alike in the other.

    Attributes:
        change: what became of it.
        before: the row of the older answer, None where it has none.
        after: the row of the newer answer, None where it has none.
        stronger: something is reached now that was not before, or with less in the way.
        weaker: something is not reached any more that was, or with more in the way.
        differs: names of what differs: ``verdict``, ``ports``, ...
        why: one sentence.
    """

    change: Change
    before: Row | None
    after: Row | None
    stronger: bool = False
    weaker: bool = False
    differs: tuple[str, ...] = ()
    why: str = ""

    @property
    def shown(self) -> Row:
        """The row that stands for both: the newer one, else the older one."""
        row = self.after or self.before
        assert row is not None
        return row


def compare(
    before: Iterable[Row],
    after: Iterable[Row],
    unread_now: Unread,
    unread_before: Unread,
    reason: Unread = lambda _: "",
) -> list[Compared]:
    """Compare two answers of one command.

    A row that is gone is ``closed`` only where it would have been seen: else it is
    ``unreadable``, as is one whose verdict is not known any more.

    Args:
        before: every row of the older answer, unfiltered.
        after: every row of the newer one.
        unread_now: what the newer snapshot did not collect that would show a row.
        unread_before: likewise of the older one.
        reason: why a row is closed, where that is known.

    Returns:
        Opened, changed, unreadable, closed; the stronger and more severe first. Rows that are
        alike are left out.
    """
    old = {row.key: row for row in before}
    new = {row.key: row for row in after}
    found = [_opened(row, unread_before(row)) for key, row in new.items() if key not in old]
    for key, row in old.items():
        if key not in new:
            found.append(_gone(row, unread_now(row), reason(row)))
        elif differs := differences(row, new[key]):
            found.append(_changed(row, new[key], differs))
    return sorted(found, key=_order)


def _opened(row: Row, unread: str) -> Compared:
    told = row.answer.why or "There was no such row before."
    why = f"Not known before: {unread}. {told}" if unread else f"New: {told}"
    return Compared(Change.OPENED, None, row, stronger=True, why=why)


def _gone(row: Row, unread: str, reason: str) -> Compared:
    if unread:
        return Compared(Change.UNREADABLE, row, None, why=f"Not known any more: {unread}.")
    why = reason or "Nothing opens it any more."
    return Compared(Change.CLOSED, row, None, weaker=True, why=why)


def _changed(before: Row, after: Row, differs: tuple[str, ...]) -> Compared:
    if after.verdict is Verdict.UNKNOWN and before.verdict is not Verdict.UNKNOWN:
        gaps = ", ".join(c.removeprefix("not_collected:") for c in after.answer.conditions)
        why = f"Not known any more: {gaps or after.answer.why.rstrip('.')}."
        return Compared(Change.UNREADABLE, before, after, differs=differs, why=why)
    stronger, weaker = is_stronger(before, after), is_stronger(after, before)
    told = "; ".join(_told(name, before, after) for name in differs)
    why = f"{_WAYS[stronger, weaker]}: {told}."
    return Compared(Change.CHANGED, before, after, stronger, weaker, differs, why)


_WAYS = {
    (True, True): "Stronger and weaker",
    (True, False): "Stronger",
    (False, True): "Weaker",
    (False, False): "Changed",
}


def differences(before: Row, after: Row) -> tuple[str, ...]:
    """Names of what differs between two rows of one key; names and sentences do not count."""
    one, other = _compared(before), _compared(after)
    return tuple(name for name in one if one[name] != other.get(name))


def _compared(row: Row) -> dict[str, Any]:
    own = {name: value for name, value in row.own.items() if name not in _TOLD_ELSEWHERE}
    return {
        "verdict": str(row.verdict),
        "severity": row.severity,
        "conditions": list(row.answer.conditions),
        "guards": list(row.answer.guards),
        **own,
    }


def is_stronger(before: Row, after: Row) -> bool:
    """Whether something is reached now that was not before, or with less in the way."""
    if after.verdict.rank != before.verdict.rank:
        return after.verdict.rank > before.verdict.rank or _opens_more(before, after)
    fewer = set(after.answer.conditions) < set(before.answer.conditions)
    unguarded = set(after.answer.guards) < set(before.answer.guards)
    graver = SEVERITIES.index(after.severity) < SEVERITIES.index(before.severity)
    return graver or fewer or unguarded or _opens_more(before, after) or _grants_more(before, after)


def _opens_more(before: Row, after: Row) -> bool:
    """Whether a port is reached at a verdict at which it was not."""
    known = _ports(before)
    return any(
        not covers((p for p, v in known if v.rank >= verdict.rank), port)
        for port, verdict in _ports(after)
    )


def _ports(row: Row) -> list[tuple[str, Verdict]]:
    found = [(str(port), row.verdict) for port in row.own.get("ports") or ()]
    for entry in row.own.get("other_ports") or ():
        port, _, verdict = str(entry).rpartition("=")
        found.append((port, Verdict(verdict)))
    return found


def _grants_more(before: Row, after: Row) -> bool:
    actions = set(after.own.get("actions") or ()) - set(before.own.get("actions") or ())
    ranks = [_LEVELS.index(row.own.get("level")) for row in (before, after)]
    admin = [_rank(row.own.get("reaches_admin")) for row in (before, after)]
    return bool(actions) or ranks[1] > ranks[0] or admin[1] > admin[0]


def _rank(verdict: object) -> int:
    return Verdict(str(verdict)).rank if verdict else 0


def _told(name: str, before: Row, after: Row) -> str:
    one, other = _compared(before)[name], _compared(after).get(name)
    if not isinstance(one, list) or not isinstance(other, list):
        return f"{name} {one} -> {other}"
    parts = [f"+{text}" for text in other if text not in one]
    parts += [f"-{text}" for text in one if text not in other]
    return f"{name} {', '.join(map(str, parts))}" if parts else f"{name} in another order"


def _order(found: Compared) -> tuple[int, bool, int, int, str]:
    row = found.shown
    return (
        list(Change).index(found.change),
        not found.stronger,
        SEVERITIES.index(row.severity),
        -row.verdict.rank,
        row.key,
    )


def as_row(found: Compared) -> Row:
    """A comparison as a row of its command, with ``change`` and what was before.

    A closed row has the verdict ``no``; one that is not known any more has ``unknown`` and the
    severity that it had: it may stand as open as it did.
    """
    row = found.shown
    answer, severity = row.answer, row.severity
    if found.change is Change.CLOSED:
        answer, severity = Answer(Verdict.NO, why=found.why), "info"
    elif found.change is Change.UNREADABLE and found.before is not None:
        severity = found.before.severity
        conditions = answer.conditions if found.after is not None else ()
        answer = Answer(Verdict.UNKNOWN, why=found.why, conditions=conditions)
    own: Mapping[str, Any] = {
        **row.own,
        "change": str(found.change),
        "stronger": found.stronger,
        "weaker": found.weaker,
        "differs": list(found.differs),
        "change_why": found.why,
        "before": None if found.before is None else _compared(found.before),
    }
    return replace(row, answer=answer, severity=severity, own=own)
