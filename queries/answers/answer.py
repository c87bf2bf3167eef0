"""An answer: rows after the filters, what they assume, what was missing, and totals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graph.verdict import Verdict, condition
from queries.answers.admins import is_root
from queries.answers.compare import Change, Compared, as_row
from queries.answers.coverage import Coverage
from queries.answers.parties import breadth
from queries.answers.public import shown_by_default
from queries.answers.row import Row, distinct
from queries.library import SEVERITIES
from queries.ports import overlaps, spelled

SOURCES = {
    "internet": "Internet",
    "any-aws-principal": "AnyAWSPrincipal",
    "any-aws-account": "AnyAWSAccount",
    "any-account-via": "AnyAccountVia",
    "any-customer-of": "AnyCustomerOf",
    "self-sign-up": "SelfSignUp",
    "federated": "FederatedProvider",
    "cidr": "ExternalCidr",
}

_ABOUT = re.compile(r"(not_collected:[\w.:-]+?)(?:\(.*|@.*)")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows are wanted; empty means all.

    Attributes:
        accounts, regions: match either end.
        verdicts: an exact list.
        sources: words of :data:`SOURCES`; empty for what ``public`` shows unasked.
        types: CloudFormation types, or the end of one, in any case: ``bucket``, ``S3::Bucket``.
        ports: ``443`` or ``tcp/443``.
        no_assume: rows that rest on an assumption become conditional.
        root: also the root users, for ``admins``.
    """

    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    sources: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    no_assume: bool = False
    root: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What a command gives.

    Attributes:
        command: ``public``, ``trusts`` or ``admins``.
        rows: most severe first.
        coverage: gaps among what the command needs.
        not_evaluated: what this version does not evaluate for this command.
        left_out: rows that are shown only when asked for: for ``public`` those of narrow address
            ranges and of one's own identity providers (none where ``--source`` says which are
            wanted), for ``admins`` those of root users (``--root``), with ``--compute`` those of
            workloads that are no machines (``--workloads``).
        compared: the rows are the changes since an older snapshot.
        near: the rows are judged ``no``, with the locks that hold.
        compute: the rows are machines or other workloads, not principals.
        remarks: sentences about all rows.
    """

    command: str
    rows: tuple[Row, ...]
    coverage: Coverage
    not_evaluated: tuple[str, ...] = ()
    left_out: int = 0
    compared: bool = False
    near: bool = False
    remarks: tuple[str, ...] = ()
    compute: bool = False

    @property
    def assumes(self) -> tuple[str, ...]:
        """Layers that were invisible and taken as absent, over all rows."""
        return distinct(text for row in self.rows for text in row.answer.assumes)

    @property
    def totals(self) -> dict[str, Any]:
        """Counts of rows; what exists only through unknown or dormant steps is named."""
        verdicts = Counter(str(row.verdict) for row in self.rows)
        severities = Counter(row.severity for row in self.rows)
        changes = Counter(row.own["change"] for row in self.rows if "change" in row.own)
        return {
            **({"change": {str(c): changes[str(c)] for c in Change}} if self.compared else {}),
            "rows": len(self.rows),
            "resources": len({row.id for row in self.rows}),
            "verdict": {str(v): verdicts[str(v)] for v in Verdict if v is not Verdict.NO},
            "severity": {severity: severities[severity] for severity in SEVERITIES},
            "only_through_unknown": verdicts["unknown"],
            "only_through_dormant": verdicts["dormant"],
            "causes": {
                "unknown": dict(unknown_causes(self.rows)),
                "dormant": dict(dormant_causes(self.rows)),
            },
            "accepted": sum(row.accepted is not None for row in self.rows),
            "left_out": self.left_out,
        }

    def as_strong_as(self, verdict: Verdict) -> bool:
        """Whether a row that is not accepted is at least this strong (``--fail-on``).

        Of compared rows only those count that are new or stronger than before.
        """
        return any(
            row.accepted is None
            and row.verdict.rank >= verdict.rank
            and row.own.get("stronger", True)
            for row in self.rows
        )


_IN_ORDER = frozenset({"blast", "paths"})
"""Commands whose rows come in the order in which they are told."""


def answered(
    command: str,
    rows: Iterable[Row],
    coverage: Coverage,
    filters: Filters,
    accepted: Mapping[str, str] | None = None,
    not_evaluated: tuple[str, ...] = (),
) -> Answered:
    """Filter and order rows.

    Args:
        command: whose rows these are.
        rows: all of them.
        coverage: gaps among what the command needs.
        filters: which are wanted.
        accepted: prefix of a row's key to the reason why it is accepted.
        not_evaluated: what this version does not evaluate for the command.
    """
    graded = without_assumptions(rows) if filters.no_assume else list(rows)
    wanted = [row for row in graded if _wanted(row, filters)]
    if command == "public" and filters.sources:
        wanted = [row for row in wanted if _source_wanted(row, filters)]
    kept = wanted
    if command == "public":
        kept = [row for row in wanted if _source_wanted(row, filters)]
    if command == "admins" and not filters.root:
        kept = [row for row in wanted if not is_root(row)]
    marked = (_accepted(row, accepted or {}) for row in kept)
    ordered = tuple(marked if command in _IN_ORDER else sorted(marked, key=_order))
    return Answered(command, ordered, coverage, not_evaluated, len(wanted) - len(kept))


def compared_answer(
    command: str,
    found: Sequence[Compared],
    coverage: Coverage,
    filters: Filters,
    accepted: Mapping[str, str] | None = None,
    not_evaluated: tuple[str, ...] = (),
) -> Answered:
    """Changes as an answer; one is kept where its row before or after is wanted.

    Args:
        command, coverage, filters, accepted, not_evaluated: as for :func:`answered`.
        found: in the order in which they are told.
    """
    wanted = [one for one in found if any(_wanted(row, filters) for row in _sides(one))]
    if command == "public" and filters.sources:
        wanted = [o for o in wanted if any(_source_wanted(row, filters) for row in _sides(o))]
    kept = wanted
    if command == "public":
        kept = [o for o in wanted if any(_source_wanted(row, filters) for row in _sides(o))]
    rows = tuple(_accepted(as_row(one), accepted or {}) for one in kept)
    left_out = len(wanted) - len(kept)
    return Answered(command, rows, coverage, not_evaluated, left_out, compared=True)


def _sides(one: Compared) -> list[Row]:
    return [row for row in (one.before, one.after) if row is not None]


def dormant_causes(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """Why rows are dormant, with how many are so for that reason, the most frequent first."""
    found = Counter(
        row.answer.why.partition(", but not now: ")[2] or "It is not in service."
        for row in rows
        if row.verdict is Verdict.DORMANT
    )
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def unknown_causes(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """What was not collected, with how many unknown rows hang on it, the largest first.

    A call that is missing of many things, or in many places, is one cause.
    """
    causes = Counter(
        cause
        for row in rows
        if row.verdict is Verdict.UNKNOWN
        for cause in dict.fromkeys(map(_cause, row.answer.conditions or ("not named",)))
    )
    return sorted(causes.items(), key=lambda pair: (-pair[1], pair[0]))


def _cause(condition: str) -> str:
    """A condition without the thing or place that it is about."""
    found = _ABOUT.fullmatch(condition)
    return found.group(1) if found else condition


_OF_OURS = ("own", "organisation", "collected")


def _order(row: Row) -> tuple[bool, int, bool, int, int, str, str, str]:
    """The most severe first; among equals who comes from outside before one's own, then many."""
    return (
        row.accepted is not None,
        SEVERITIES.index(row.severity),
        row.own.get("outside") in _OF_OURS,
        breadth(row.own.get("from", ""), row.answer.guards) if "hops" in row.own else 0,
        -row.verdict.rank,
        row.account_id or "",
        row.id,
        row.key,
    )


def without_assumptions(rows: Iterable[Row]) -> list[Row]:
    """The rows with those that rest on an assumption made conditional on it."""
    return [_without_assumptions(row) for row in rows]


def _without_assumptions(row: Row) -> Row:
    answer = row.answer
    if not answer.assumes or answer.verdict.rank < Verdict.CONDITIONAL.rank:
        return row
    gaps = {condition("not_collected", text) for text in answer.assumes}
    conditions = tuple(sorted(gaps | set(answer.conditions)))
    return replace(row, answer=replace(answer, verdict=Verdict.CONDITIONAL, conditions=conditions))


def _accepted(row: Row, accepted: Mapping[str, str]) -> Row:
    reason = next((text for key, text in accepted.items() if row.key.startswith(key)), None)
    return row if reason is None else replace(row, accepted=reason)


def _wanted(row: Row, filters: Filters) -> bool:
    return (
        (not filters.accounts or bool(set(filters.accounts) & set(row.accounts)))
        and (not filters.regions or bool(set(filters.regions) & set(row.regions)))
        and (not filters.verdicts or row.verdict in filters.verdicts)
        and (not filters.types or any(_is_type(row, kind) for kind in filters.types))
        and (not filters.ports or any(_has_port(row, port) for port in filters.ports))
    )


def _source_wanted(row: Row, filters: Filters) -> bool:
    if not filters.sources:
        return shown_by_default(row)
    return row.own["source_type"] in {SOURCES[word] for word in filters.sources}


def _is_type(row: Row, kind: str) -> bool:
    own, asked = (row.resource_type or "").lower(), kind.lower()
    return own == asked or own.endswith(f"::{asked}")


def _has_port(row: Row, port: str) -> bool:
    """Whether a row answers on a port; an unknown row without ports might."""
    listed = [*row.own.get("ports", ()), *row.own.get("other_ports", ())]
    listed += row.own.get("door_ports", ())
    if not listed:
        return row.verdict is Verdict.UNKNOWN and bool(row.own.get("family"))
    return any(overlaps(entry.partition("=")[0], spelled(port)) for entry in listed)
