"""Tables for a terminal, by rich. AWS's text is never markup and never controls the terminal."""

from __future__ import annotations

import os
import shutil
from io import StringIO
from typing import TYPE_CHECKING

from mapper.output.sheet import Sheet
from viz.display_text import shown

if TYPE_CHECKING:
    from rich.text import Text

NARROWEST, PLAIN_WIDTH, WIDEST = 60, 120, 200
_BETWEEN = 2
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


def as_table(sheet: Sheet, *, colour: bool = False, width: int = PLAIN_WIDTH) -> str:
    """Lay a sheet out.

    Args:
        sheet: what to show.
        colour: whether to write colour codes.
        width: characters per line; columns whose ``least`` is more are left out.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from mapper.output.widths import broken, column_widths

    kept = [
        n
        for n, column in enumerate(sheet.columns)
        if column.least <= width and any(row[n] for row in sheet.rows)
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
    table = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column, wide in zip(columns, widths, strict=True):
        table.add_column(
            _text(broken(_safe(column.title), wide)), no_wrap=True, overflow="fold", width=wide
        )
    for line in zip(*cells, strict=True):
        parts = zip(columns, widths, line, strict=True)
        table.add_row(*(_text(broken(text, wide), column.style) for column, wide, text in parts))
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
        console.print(table)
    for note in sheet.notes:
        console.print(_text(note))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _text(value: str, style: str = "") -> Text:
    from rich.text import Text

    safe = _safe(value)
    if style == "title":
        return Text(safe, style="bold")
    looked_up = _STYLES.get(safe, "") if style in ("severity", "verdict") else ""
    return Text(safe, style=looked_up)


def _safe(value: str) -> str:
    return shown(value, lines=True).replace("\t", " ")
