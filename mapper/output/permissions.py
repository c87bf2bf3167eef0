"""Answers of ``can`` and ``who-can`` as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.verdict import Verdict
from mapper.output.answers import gap_notes, short_name
from mapper.output.sheet import Column, Sheet

if TYPE_CHECKING:
    from queries.answers.answer import Answered
    from queries.answers.parties import Parties


def verdict_sheet(answer: Answered, parties: Parties, questions: int, *, whole: bool) -> Sheet:
    """Answers of ``can`` as a sheet.

    Args:
        answer: the rows.
        parties: for the accounts' names.
        questions: how many requests were decided.
        whole: whole ARNs, and where each deciding statement stands.
    """
    rows = [row for row in answer.rows if row.verdict is not Verdict.NO]
    rows = rows or list(answer.rows[:1])
    columns = (
        Column("Verdict", "verdict"),
        Column("Principal"),
        Column("Action"),
        Column("Resource"),
        Column("Why", most=60),
        Column("Under", least=100, most=44),
    )
    cells = [
        (
            str(row.verdict),
            row.own["principal"] if whole else short_name(row.own["principal"]),
            row.own["action"],
            row.own["resource"] if whole else _short(row.own["resource"]),
            row.answer.why,
            ", ".join(row.answer.conditions),
        )
        for row in rows
    ]
    notes = [f"{questions} asked.", *gap_notes(answer.coverage, parties)]
    return Sheet("", columns, cells, notes)


def _short(arn: str) -> str:
    return arn if arn.startswith("arn:aws:s3") else short_name(arn)
