"""Rows one below the other, for tables with more columns than a line has room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mapper.output.sheet import Sheet
from mapper.output.widths import unbroken
from viz.display_text import shown

_BETWEEN = 2
_READABLE = 24
"""Characters of a word that a column should have room for; longer ones may be broken."""
_LINES = 3
"""Lines that a row's texts may fill, laid end to end."""
_INDENT = "   "


def is_too_wide(sheet: Sheet, width: int) -> bool:
    """Whether a table of so many characters would break words, or give most rows many lines."""
    long = sum(sum(map(len, row)) > _LINES * width for row in sheet.rows)
    columns = zip(*[[column.title for column in sheet.columns], *sheet.rows], strict=True)
    needed = sum(min(_longest(texts), _READABLE) + _BETWEEN for texts in columns)
    return bool(sheet.rows) and (needed > width or 2 * long > len(sheet.rows))


def as_records(sheet: Sheet, *, width: int) -> str:
    """Lay a sheet out with each row as lines ``title  text``; empty texts are left out.

    Args:
        sheet: what to show.
        width: characters per line; a word that is longer is never broken.
    """
    lines = [sheet.title, ""] if sheet.title else []
    titles = [column.title for column in sheet.columns]
    margin = max(map(len, titles), default=0) + _BETWEEN
    for row in sheet.rows:
        lines.extend(_record(titles, row, margin, width))
        lines.append("")
    for note in sheet.notes:
        lines.extend(unbroken(_safe(note), width).split("\n"))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _record(titles: Sequence[str], row: Sequence[str], margin: int, width: int) -> Iterator[str]:
    """One row; its first text stands further out."""
    for number, (title, text) in enumerate(zip(titles, row, strict=True)):
        if not text:
            continue
        indent = _INDENT if number else " "
        room = max(width - len(_INDENT) - margin, _READABLE)
        head = f"{indent}{title:<{margin + len(_INDENT) - len(indent)}}"
        for line in unbroken(_safe(text), room).split("\n"):
            yield f"{head}{line}"
            head = " " * len(head)


def _longest(texts: Sequence[str]) -> int:
    return max((len(word) for text in texts for word in text.split()), default=0)


def _safe(text: str) -> str:
    return shown(text, lines=True).replace("\t", " ")
