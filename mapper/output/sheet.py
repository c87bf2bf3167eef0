"""Rows and columns of text, before they are laid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: the heading.
        style: ``severity`` or ``verdict`` to colour it, ``key`` for fixed width, else empty.
        least: width in characters of the terminal from which the column is shown.
        most: characters from which its texts are wrapped however wide the terminal is; 0 for none.
        below: where the terminal is too narrow for it, its text stands on a line of its own
            below the row.
        until: width of the terminal from which another column says it, so that it is left out.
        group: in a table its text is a heading above the rows that share it, not a column.
    """

    title: str
    style: str = ""
    least: int = 0
    most: int = 0
    below: bool = False
    until: int = 0
    group: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with what stands around it.

    Attributes:
        title: one line above.
        columns: in order.
        rows: texts, one per column.
        notes: sentences below: totals, what was folded, what could be hidden.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


def cell(value: Any) -> str:
    """A JSON value as text for CSV and Markdown: lists joined, objects as ``name=value``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={cell(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(cell(inner) for inner in value)
    return str(value)
