"""Answers about rights as they are written: filters, totals, formats, exit codes."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graph.verdict import Verdict
from mapper.errors import DONE, FOUND

if TYPE_CHECKING:
    from mapper.options import Asked
    from mapper.output.sheet import Sheet
    from mapper.session import Session
    from queries.answers.answer import Answered
    from queries.answers.coverage import Coverage
    from queries.answers.row import Row


def answered_by(
    asked: Asked, session: Session, command: str, rows: Iterable[Row], coverage: Coverage
) -> Answered:
    """Rows under ``--account``, ``--verdict`` and ``--no-assume``, and what is accepted today."""
    from mapper.options import account_id
    from queries.answers.answer import Filters, answered

    filters = Filters(
        accounts=tuple(account_id(t, session.config, session.snapshot) for t in asked.account),
        verdicts=answer_verdicts(asked),
        no_assume=asked.no_assume,
    )
    today = datetime.datetime.now(datetime.UTC).date()
    return answered(command, rows, coverage, filters, session.config.accepted_on(today))


def every_verdict(
    asked: Asked, session: Session, command: str, rows: Iterable[Row], coverage: Coverage
) -> Answered:
    """The answer without ``--verdict``, to tell what that hides."""
    return answered_by(replace(asked, verdict=()), session, command, rows, coverage)


def write_answer(
    asked: Asked,
    session: Session,
    answer: Answered,
    sheet: Sheet,
    totals: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> int:
    """Write an answer in the format that was asked for; the exit code of ``--fail-on``.

    ``rows`` stand in for the answer's where there are others beside them.
    """
    from mapper.output.envelope import as_json, envelope
    from mapper.output.plain import as_csv, as_markdown
    from mapper.output.table import as_table, width_of
    from mapper.output.write import is_terminal, wants_colour, write_text
    from mapper.snapshots import snapshot_note

    listed = [row.as_json() for row in answer.rows] if rows is None else rows
    if asked.format == "json":
        whole = envelope(
            answer.command,
            asked.parameters,
            session.snapshot,
            listed,
            totals={**totals_of(answer), **totals},
            assumes=answer.assumes,
            coverage=answer.coverage,
        )
        text = as_json(whole)
    elif asked.format == "jsonl":
        text = "".join(map(json_line, listed))
    elif asked.format == "csv":
        names = list(dict.fromkeys(name for row in listed for name in row)) or ["key", "id"]
        text = as_csv(listed, names)
    else:
        closing = snapshot_note(session.snapshot, asked.what_if)
        notes = [*sheet.notes, *unseen_notes(answer.coverage, session), closing]
        sheet = replace(sheet, notes=notes)
        text = as_markdown(sheet)
        if asked.format == "table":
            screen = asked.output is None and is_terminal()
            text = as_table(sheet, colour=wants_colour(asked.output), width=width_of(screen))
    write_text(text, asked.output)
    return exit_code(asked, answer)


def unseen_notes(coverage: Coverage, session: Session) -> list[str]:
    """What was not collected of what answers rest on."""
    from mapper.output.gaps import gap_notes

    notes = gap_notes(coverage, session.parties)
    return [note.replace("rows may be missing", "the answer may differ") for note in notes]


def answer_verdicts(asked: Asked) -> tuple[Verdict, ...]:
    """``--verdict``."""
    return tuple(Verdict(word) for word in asked.verdict)


def exit_code(asked: Asked, answer: Answered) -> int:
    """The code of ``--fail-on``."""
    if asked.fail_on is not None and answer.as_strong_as(Verdict(asked.fail_on)):
        return FOUND
    return DONE


def json_line(row: Mapping[str, Any]) -> str:
    """A row as one line of JSON."""
    return json.dumps(row, ensure_ascii=True, default=str) + "\n"


def totals_of(answer: Answered) -> dict[str, Any]:
    """Counts of rows; ``verdict`` has ``no`` too."""
    totals = answer.totals
    refused = sum(row.verdict is Verdict.NO for row in answer.rows)
    return {**totals, "verdict": {**totals["verdict"], "no": refused}}
