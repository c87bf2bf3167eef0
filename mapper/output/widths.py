"""How wide each column of a table is, and where its texts are broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len, chop_cells

_WORD, _PIECE, _HUMP = (
    re.compile(pattern)
    for pattern in (
        r"\S*\s+|\S+",
        # What joins the parts of AWS's names and ARNs stays at the end of a line.
        r"[^\-_/:,;.=]*[\-_/:,;.=]+\s*|[^\-_/:,;.=]+",
        r"[A-Z]*[^A-Z]*",
    )
)
_LEVELS = (_WORD, _PIECE, _HUMP)
_NARROWEST = 6
_LONGEST = 32
"""A word that is longer need not stand on one line while another column could be narrower."""


def column_widths(
    columns: Sequence[Sequence[str]], fixed: Sequence[bool], most: Sequence[int], room: int
) -> list[int]:
    """Share the room of a line out among columns.

    A column gets what its longest line needs. Where that is too much together, the widest give
    way: down to their longest word, then to the longest part of one, then below it.

    Args:
        columns: the texts of each, its heading included.
        fixed: for each whether it is never broken.
        most: for each the most that it may get; 0 for no limit.
        room: characters for all of them, what stands between them left out.

    Returns:
        A width for each; together more than the room only where the fixed columns alone are, or
        where there are more columns than room.
    """
    widths = [
        width if held or not limit else min(width, limit)
        for width, limit, held in zip(map(_widest, columns), most, fixed, strict=True)
    ]
    for level in (_WORD, _PIECE, None):
        _shrink(widths, [_least(texts, level) for texts in columns], fixed, room)
    _shrink(widths, [1] * len(columns), fixed, room)
    return widths


def broken(text: str, width: int) -> str:
    """A text in lines of at most ``width`` cells, its own line feeds kept.

    It is broken at blanks; a word that is too long after what joins its parts, then before
    capitals, then anywhere.
    """
    if text.isascii() and len(text) <= width and "\n" not in text:
        return text.rstrip()
    lines: list[str] = []
    for whole in text.split("\n"):
        lines.append("")
        _fill(lines, whole, max(width, 1), 0)
    return "\n".join(line.rstrip() for line in lines)


def unbroken(text: str, width: int) -> str:
    """A text in lines of ``width`` cells, or more where a word is longer.

    A path or an ARN that is broken can be neither searched for nor copied.
    """
    lines: list[str] = []
    for whole in text.split("\n"):
        lines.append("")
        for word in _WORD.findall(whole):
            if lines[-1] and cell_len(lines[-1] + word.rstrip()) > width:
                lines.append("")
            lines[-1] += word
    return "\n".join(line.rstrip() for line in lines)


def padded(text: str, width: int) -> str:
    """A line with blanks up to a width in cells."""
    return text + " " * (width - (len(text) if text.isascii() else cell_len(text)))


def _least(texts: Sequence[str], level: re.Pattern[str] | None) -> int:
    if level is None:
        return _NARROWEST
    parts = (part.rstrip() for text in texts for part in level.findall(text))
    return max(_NARROWEST, min(_widest(parts), _LONGEST))


def _shrink(widths: list[int], least: Sequence[int], fixed: Sequence[bool], room: int) -> None:
    """Take from the widest column, again and again, what it can give."""
    while sum(widths) > room:
        giving = [n for n, held in enumerate(fixed) if not held and widths[n] > least[n]]
        if not giving:
            return
        widths[max(giving, key=lambda n: widths[n])] -= 1


def _fill(lines: list[str], text: str, width: int, level: int) -> None:
    """Append a text to the last line, and to new ones where it is full."""
    for part in _LEVELS[level].findall(text):
        if cell_len(lines[-1] + part.rstrip()) <= width:
            lines[-1] += part
        elif cell_len(part.rstrip()) <= width:
            lines.append(part)
        elif level + 1 < len(_LEVELS):
            _fill(lines, part, width, level + 1)
        else:
            begun = lines.pop() if not lines[-1] else ""
            lines.extend(chop_cells(begun + part, width))


def _widest(texts: Iterable[str]) -> int:
    return max((cell_len(line) for text in texts for line in text.split("\n")), default=0)
