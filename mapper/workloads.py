"""``mapper admins --compute``: machines unasked, every other workload when asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from mapper.output.names import kind_words
from mapper.output.words import counted
from queries.answers.admins import MACHINES

if TYPE_CHECKING:
    from mapper.session import Session
    from queries.answers.answer import Answered, Filters
    from queries.answers.row import Row

_KINDS = 4
"""Kinds of workloads that are named."""


def compute_answer(session: Session, filters: Filters, *, workloads: bool) -> Answered:
    """The answer of ``mapper admins --compute``.

    Args:
        session: whose graph is asked.
        filters: which rows are wanted.
        workloads: not machines alone.
    """
    from graph.derivation.workload_rows import workload_types

    types = workload_types() if workloads else ()
    queries = ("identity-steps", "compute-admins", "public-network")
    coverage = session.coverage(*queries, types=types)
    answer = session.answered("admins", session.compute_rows, coverage, filters)
    answer = replace(answer, compute=True)
    return answer if workloads else _machines_alone(answer)


def _machines_alone(answer: Answered) -> Answered:
    """The machines among the workloads, and a note on how many others there are."""
    kept = tuple(row for row in answer.rows if row.resource_type in MACHINES)
    left = [row for row in answer.rows if row.resource_type not in MACHINES]
    remarks = (*answer.remarks, *_others(left))
    return replace(answer, rows=kept, left_out=answer.left_out + len(left), remarks=remarks)


def _others(rows: Iterable[Row]) -> Iterator[str]:
    """How many other workloads reach admin, those of which it is unknown apart."""
    known: dict[str, Row] = {}
    unknown: dict[str, Row] = {}
    for row in rows:
        (unknown if str(row.verdict) == "unknown" else known)[row.id] = row
    for node in known:
        unknown.pop(node, None)
    if known:
        reach = "reaches" if len(known) == 1 else "reach"
        yield f"{_counted(known)} {reach} admin too: --workloads lists them."
    if unknown:
        many = counted(len(unknown), "other workload")
        yield f"Of {many} it is unknown: --workloads --verdict unknown lists them."


def _counted(rows: dict[str, Row]) -> str:
    kinds = Counter(kind_words(row.resource_type or "").lower() for row in rows.values())
    named = [f"{many} {kind}" for kind, many in sorted(kinds.items(), key=_most)[:_KINDS]]
    more = len(rows) - sum(sorted(kinds.values(), reverse=True)[:_KINDS])
    if more:
        named.append(f"{more} more")
    return f"{counted(len(rows), 'other workload')} ({', '.join(named)})"


def _most(found: tuple[str, int]) -> tuple[int, str]:
    return -found[1], found[0]
