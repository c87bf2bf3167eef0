"""CSV and Markdown: text that a spreadsheet or a browser will not run."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from mapper.output.sheet import Sheet, cell
from viz.display_text import shown

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_MARKUP = re.compile(r"([\\`*_\[\]<>!|~$&])")


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows as CSV (RFC 4180, one heading line).

    A cell that a spreadsheet would take for a formula begins with an apostrophe
    (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([_inert(shown(column)) for column in columns])
    for row in rows:
        writer.writerow([_inert(shown(cell(row.get(column)))) for column in columns])
    return buffer.getvalue()


def as_markdown(sheet: Sheet) -> str:
    """A sheet as Markdown: a heading, a table, the notes as a list. No text in it is markup."""
    lines = [f"## {_literal(sheet.title)}", ""] if sheet.title else []
    if sheet.rows:
        kept = [n for n, column in enumerate(sheet.columns) if not column.until]
        lines.append(_line([sheet.columns[n].title for n in kept]))
        lines.append("|" + " --- |" * len(kept))
        lines.extend(_line([row[n] for n in kept]) for row in sheet.rows)
        lines.append("")
    lines.extend(f"- {_literal(note)}" for note in sheet.notes)
    return "\n".join(lines) + "\n"


def _inert(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_literal(text) for text in cells) + " |"


def _literal(text: str) -> str:
    return _MARKUP.sub(r"\\\1", shown(" ".join(text.split())))
