"""The answer of ``mapper reach`` as text, JSON, CSV or Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graph.verdict import Verdict
from mapper.errors import DONE, FOUND
from mapper.explanation import Explanation
from mapper.output.envelope import as_json, envelope
from mapper.output.gaps import gap_notes
from mapper.output.plain import as_csv, as_markdown
from mapper.output.proof import proof_text
from mapper.output.reaching_many import many_sheet, pairs_by_verdict
from mapper.output.table import as_table, lines_fit, width_of
from mapper.output.write import is_terminal, wants_colour, write_text
from mapper.snapshots import snapshot_note
from queries.answers.coverage import coverage_of
from queries.answers.reach import NEEDS
from viz.display_text import shown

if TYPE_CHECKING:
    from pathlib import Path

    from mapper.options import Asked
    from mapper.reaching import Reached
    from mapper.session import Session

_COLUMNS = ("key", "id", "source", "mechanism", "family", "verdict", "ports")


def write_reach(asked: Asked, session: Session, reached: Reached) -> int:
    """Write the answer; the exit code of ``--fail-on``."""
    write_text(_text(asked, session, reached), asked.output)
    if asked.fail_on is not None:
        wanted = Verdict(asked.fail_on).rank
        if any(row.verdict.rank >= wanted for row in reached.rows):
            return FOUND
    return DONE


def _headline(reached: Reached) -> tuple[str, ...]:
    """The answer in one line: the best verdict with its ports and ways, then what else there is."""
    parts: dict[str, list[str]] = {}
    for one, judged in zip(reached.found, reached.judgements, strict=True):
        told = f"{', '.join(judged.ports)} by {one.mechanism}" if judged.ports else one.mechanism
        parts.setdefault(str(one.verdict), []).append(told if one.port_set else str(one.family))
    line = "; ".join(f"{verdict}: {', '.join(dict.fromkeys(p))}" for verdict, p in parts.items())
    return (f"Answer: {line}.",) if line else ()


def _text(asked: Asked, session: Session, reached: Reached) -> str:
    rows = [row.as_json() for row in reached.rows]
    coverage = coverage_of(session.snapshot, set(NEEDS))
    if asked.format == "json":
        verdicts = [str(row.verdict) for row in reached.rows]
        totals: dict[str, Any] = {"verdict": {str(v): verdicts.count(str(v)) for v in Verdict}}
        if reached.many is not None:
            left = reached.many.left
            totals |= {"pairs": reached.many.pairs, "not_judged": left, "unseen": reached.unseen}
            totals["pairs_by_verdict"] = pairs_by_verdict(reached.many)
        return as_json(
            envelope(
                "reach", asked.parameters, session.snapshot, rows, totals=totals, coverage=coverage
            )
        )
    if asked.format == "csv":
        plain = [{name: row[name] for name in row if name != "steps"} for row in rows]
        return as_csv(plain, list(plain[0]) if plain else list(_COLUMNS))
    if reached.many is not None:
        return _many_text(asked, session, reached, gap_notes(coverage, session.parties))
    about = _headline(reached)
    explanation = Explanation(reached.title, None, reached.judgements, about=about)
    text = proof_text(
        explanation,
        colour=wants_colour(asked.output) and asked.format == "table",
        whole=asked.verbose,
        parties=session.parties,
        width=lines_fit(asked.output is None and is_terminal()) if asked.format == "table" else 0,
    )
    for note in closing_notes(session, asked.what_if, gap_notes(coverage, session.parties)):
        text += f"{shown(note)}\n"
    if asked.format == "md":
        text = "".join(f"    {line}\n" for line in text.splitlines())
    return text


def closing_notes(session: Session, what_if: Path | None, gaps: Iterable[str]) -> list[str]:
    """What stands below an answer of one or many pairs: gaps, then the snapshot.

    Args:
        session: that answered.
        what_if: the file of changes, if any.
        gaps: see ``mapper.output.gaps.gap_notes``.
    """
    notes = [note.replace("rows may be missing", "the answer may differ") for note in gaps]
    return [*notes, snapshot_note(session.snapshot, what_if)]


def _many_text(asked: Asked, session: Session, reached: Reached, gaps: Iterable[str]) -> str:
    sheet = many_sheet(reached, session.parties, whole=asked.verbose)
    sheet = replace(sheet, notes=[*sheet.notes, *closing_notes(session, asked.what_if, gaps)])
    if asked.format == "md":
        return as_markdown(sheet)
    screen = asked.output is None and is_terminal()
    return as_table(sheet, colour=wants_colour(asked.output), width=width_of(screen))
