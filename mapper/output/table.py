"""Tables for a terminal, by rich. AWS's text is never markup and never controls the terminal."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import zip_longest
from typing import TYPE_CHECKING

from mapper.output.sheet import Column, Sheet
from viz.display_text import shown

if TYPE_CHECKING:
    from rich.text import Text

NARROWEST, PLAIN_WIDTH, WIDEST = 60, 120, 200
_BETWEEN = 2
_INDENT = "     "
_STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
    "yes": "bold",
    "conditional": "yellow",
    "dormant": "dim",
    "unknown": "magenta",
}


def width_of(terminal: bool) -> int:
    """Characters per line: the terminal's, or ``COLUMNS``, or 120."""
    if not terminal and "COLUMNS" not in os.environ:
        return PLAIN_WIDTH
    columns = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
    return max(NARROWEST, min(columns, WIDEST))


def lines_fit(terminal: bool) -> int:
    """Where lines of text are broken: at the terminal's edge or ``COLUMNS``, else nowhere (0)."""
    return width_of(terminal) if terminal or "COLUMNS" in os.environ else 0


def as_table(sheet: Sheet, *, colour: bool = False, width: int = PLAIN_WIDTH) -> str:
    """Lay a sheet out.

    Args:
        sheet: what to show.
        colour: whether to write colour codes.
        width: characters per line; columns whose ``least`` is more are left out.
    """
    from rich.console import Console

    from mapper.output.widths import column_widths, unbroken

    kept = [
        n
        for n, column in enumerate(sheet.columns)
        if column.least <= width and any(row[n] for row in sheet.rows) and not column.group
    ]
    columns = [sheet.columns[n] for n in kept]
    cells = [[_safe(row[n]) for row in sheet.rows] for n in kept]
    # Rich breaks names at any character, and cuts a table whose narrowest widths are too much.
    widths = column_widths(
        [[_safe(column.title), *texts] for column, texts in zip(columns, cells, strict=True)],
        [column.style in ("key", "severity", "verdict") for column in columns],
        [column.most for column in columns],
        width - 1 - _BETWEEN * max(len(columns) - 1, 0) - 1,
    )
    buffer = StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    if sheet.title:
        console.print(_text(sheet.title, "title"))
    if sheet.rows:
        below = _below(sheet, width)
        above = _headings(sheet, colour=colour)
        for line in _laid_out(columns, widths, cells, above, below, colour=colour):
            buffer.write(line + "\n")
    elif sheet.title:
        buffer.write("\n")
    for note in sheet.notes:
        buffer.write(unbroken(_safe(note), width) + "\n")
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _laid_out(
    columns: Sequence[Column],
    widths: Sequence[int],
    cells: Sequence[Sequence[str]],
    above: Sequence[str],
    below: Sequence[Sequence[str]],
    *,
    colour: bool,
) -> Iterator[str]:
    """The lines of a table: rich measures and draws every cell anew, which takes ten times as long.

    ``cells`` are columns of safe texts, ``above`` the heading before each row where one begins,
    ``below`` the lines under each row.
    """
    between = " " * _BETWEEN
    yield ""
    headings = [_safe(column.title) for column in columns]
    looks = ["bold"] * len(columns)
    yield from _row(headings, widths, looks if colour else [], between)
    yield f" {'─' * (sum(widths) + _BETWEEN * (len(widths) - 1))}"
    for texts, heading, under in zip(zip(*cells, strict=True), above, below, strict=True):
        if heading:
            yield heading
        looks = [
            _STYLES.get(text, "") if column.style in ("severity", "verdict") else ""
            for column, text in zip(columns, texts, strict=True)
        ]
        yield from _row(texts, widths, looks if colour else [], between)
        yield from under
    yield ""


def _headings(sheet: Sheet, *, colour: bool) -> list[str]:
    """For each row the heading of the group that it begins, with the group's size; else nothing."""
    grouping = next((n for n, column in enumerate(sheet.columns) if column.group), None)
    if grouping is None:
        return [""] * len(sheet.rows)
    texts = [_safe(row[grouping]) for row in sheet.rows]
    sizes = Counter(texts)
    made, last = [], ""
    for text in texts:
        heading = f" {_styled(text, _STYLES.get(text, 'bold') if colour else '')} ({sizes[text]})"
        made.append(heading if text != last else "")
        last = text
    return made


def _below(sheet: Sheet, width: int) -> list[list[str]]:
    """For each row the lines of those columns that the terminal is too narrow for."""
    from mapper.output.widths import unbroken

    narrow = [
        n
        for n, column in enumerate(sheet.columns)
        if column.below and column.least > width and not 0 < column.until <= width
    ]
    room = width - len(_INDENT)
    return [
        [
            f"{_INDENT}{line}"
            for n in narrow
            if row[n]
            for line in unbroken(_safe(f"{sheet.columns[n].title}: {row[n]}"), room).split("\n")
        ]
        for row in sheet.rows
    ]


def _row(
    texts: Sequence[str], widths: Sequence[int], looks: Sequence[str], between: str
) -> Iterator[str]:
    """The lines of one row; ``looks``: a style for each text, or nothing."""
    from mapper.output.widths import broken, padded

    columns = [broken(text, width).split("\n") for text, width in zip(texts, widths, strict=True)]
    for parts in zip_longest(*columns, fillvalue=""):
        line = [padded(part, width) for part, width in zip(parts, widths, strict=True)]
        if looks:
            line = [_styled(part, look) for part, look in zip(line, looks, strict=True)]
        yield f" {between.join(line)}".rstrip()


def _styled(text: str, look: str) -> str:
    from rich.color import ColorSystem
    from rich.style import Style

    words = text.rstrip()
    if not look or not words:
        return text
    shown_so = Style.parse(look).render(words, color_system=ColorSystem.STANDARD)
    return shown_so + text[len(words) :]


def _text(value: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(_safe(value), style="bold" if style == "title" else "")


def _safe(value: str) -> str:
    return shown(value, lines=True).replace("\t", " ")
