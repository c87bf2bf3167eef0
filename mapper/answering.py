"""Writing an answer the way that was asked for, and the exit code that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from graph.verdict import Verdict
from mapper.errors import DONE, FOUND
from mapper.options import Asked
from mapper.output.answers import sheet_of
from mapper.output.envelope import as_json, envelope, snapshot_facts
from mapper.output.plain import as_csv, as_markdown
from mapper.output.records import as_records, is_too_wide
from mapper.output.sheet import Column, Sheet
from mapper.output.table import as_table, width_of
from mapper.output.write import is_terminal, wants_colour, write_text
from mapper.snapshots import snapshot_note

if TYPE_CHECKING:
    from collector.snapshot import Snapshot
    from mapper.session import Session
    from queries.answers.answer import Answered
    from queries.answers.coverage import Coverage
    from queries.answers.parties import Parties


_NARROWING = {
    "account": "account",
    "region": "region",
    "source": "source",
    "types": "type",
    "port": "port",
    "verdict": "verdict",
    "from_account": "from",
    "to_account": "to",
    "external": "external",
    "vendors": "vendors",
    "unused": "unused",
    "single_hop": "single-hop",
}
"""Parameters that leave rows out, with their options."""


_SPREAD = {
    "if_open": ("verdict", "severity", "severity_why", "ports", "actions", "level"),
    "before": ("verdict", "severity", "ports", "other_ports", "actions", "level", "conditions"),
}
"""Objects in rows, with what of them has a column in CSV."""


def write_answer(
    asked: Asked, session: Session, answer: Answered, older: Snapshot | None = None
) -> int:
    """Write an answer; the exit code of ``--fail-on``."""
    write_text(answer_text(asked, session, answer, older), asked.output)
    return exit_code(asked, answer)


def exit_code(asked: Asked, answer: Answered) -> int:
    """The exit code that ``--fail-on`` asks for."""
    if asked.fail_on is not None and answer.as_strong_as(Verdict(asked.fail_on)):
        return FOUND
    return DONE


def answer_text(
    asked: Asked, session: Session, answer: Answered, older: Snapshot | None = None
) -> str:
    """An answer as table, JSON, CSV or Markdown.

    Args:
        asked: the options.
        session: for the accounts' names.
        answer: its rows.
        older: the snapshot that it is compared with.
    """
    rows = [_named(row.as_json(), session.parties) for row in answer.rows]
    if asked.format == "json":
        made = envelope(
            answer.command,
            asked.parameters,
            session.snapshot,
            rows,
            totals=answer.totals,
            assumes=answer.assumes,
            coverage=answer.coverage,
            not_evaluated=answer.not_evaluated,
        )
        made |= {"notes": list(answer.remarks)} if answer.remarks else {}
        return as_json(made if older is None else made | {"since": snapshot_facts(older)})
    if asked.format == "csv":
        rows = [_flat(row) for row in rows]
        columns = list(dict.fromkeys(name for row in rows for name in row)) or ["key", "id"]
        return as_csv(rows, columns)
    screen = asked.output is None and is_terminal()
    sheet = sheet_of(
        answer,
        session.parties,
        verdicts=tuple(Verdict(word) for word in asked.verdict),
        screen=screen,
        whole=asked.verbose or asked.format == "md",
    )
    closing = snapshot_note(session.snapshot, asked.what_if)
    if older is not None:
        closing += f" Compared with {older.id}."
    only = _only(asked.parameters)
    sheet = replace(sheet, notes=[*sheet.notes[:1], *only, *sheet.notes[1:], closing])
    if asked.format == "md":
        return as_markdown(sheet)
    return as_table(sheet, colour=wants_colour(asked.output), width=width_of(screen))


def _named(row: Mapping[str, Any], parties: Parties) -> dict[str, Any]:
    """A row with the account's name beside its id."""
    found = dict(row)
    before = list(found)[: list(found).index("account_id") + 1]
    name = parties.name(found["account_id"])
    return {**{field: found.pop(field) for field in before}, "account_name": name, **found}


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with columns of their own for what would be open, for the locks, and for what was."""
    found = dict(row)
    for field, told in _SPREAD.items():
        if field in found:
            held = found.pop(field) or {}
            found |= {f"{field}_{name}": held.get(name) for name in told}
    if "locks" in found:
        locks = found.pop("locks")
        names = ("name", "subject", "text", "code")
        found |= {f"lock_{name}s": [lock[name] for lock in locks if lock[name]] for name in names}
    return found


def _only(parameters: Mapping[str, Any]) -> list[str]:
    """The options that leave rows out, so that a table that is passed on does not pass for all."""
    given = {
        name: parameters[option] for option, name in _NARROWING.items() if option in parameters
    }
    told = [
        f"--{name} {','.join(map(str, value)) if isinstance(value, list) else value}"
        if value is not True
        else f"--{name}"
        for name, value in given.items()
    ]
    return [f"Only {' '.join(told)}."] if told else []


Layout = Literal["table", "fitting", "records"]


def write_sheet(
    asked: Asked,
    snapshot: Snapshot | None,
    command: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    title: str,
    columns: Sequence[str | Column],
    cells: Sequence[Sequence[str]],
    notes: Sequence[str],
    totals: Mapping[str, Any] | None = None,
    coverage: Coverage | None = None,
    layout: Layout = "table",
) -> None:
    """Write rows that are no answer with severities: the ledger, a query, a proof.

    Args:
        asked: the options.
        snapshot: for the JSON; None where there is none.
        command: for the JSON.
        rows: JSON objects, complete; also the lines of CSV.
        title, columns, cells, notes: what a table and Markdown show; a column is its title, or
            says more.
        totals, coverage: for the JSON.
        layout: ``records`` for rows one below the other; ``fitting`` for that where a line has no
            room for the columns.
    """
    if asked.format == "json":
        whole = envelope(
            command, asked.parameters, snapshot, rows, totals=totals, coverage=coverage
        )
        write_text(as_json(whole), asked.output)
        return
    if asked.format == "csv":
        titles = [text if isinstance(text, str) else text.title for text in columns]
        names = list(dict.fromkeys(name for row in rows for name in row)) or titles
        write_text(as_csv(rows, names), asked.output)
        return
    if asked.what_if is not None and snapshot is not None:
        notes = [*notes, snapshot_note(snapshot, asked.what_if)]
    made = [Column(text) if isinstance(text, str) else text for text in columns]
    sheet = Sheet(title, made, cells, notes)
    if asked.format == "md":
        write_text(as_markdown(sheet), asked.output)
        return
    screen = asked.output is None and is_terminal()
    colour, width = wants_colour(asked.output), width_of(screen)
    if layout == "records" or (layout == "fitting" and is_too_wide(sheet, width)):
        write_text(as_records(sheet, width=width), asked.output)
        return
    write_text(as_table(sheet, colour=colour, width=width), asked.output)
