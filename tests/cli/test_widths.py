"""Tables: everything is shown, in the room there is, broken where a reader would."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mapper.output.sheet import Column, Sheet
from mapper.output.table import as_table
from mapper.output.widths import broken, column_widths, padded

_CODES = re.compile(r"\x1b\[[0-9;]*m")
WORDS = st.text(st.sampled_from("abcXYZ019 -_/:.,日é"), max_size=60)


@given(WORDS, st.integers(2, 40))
def test_breaking_loses_nothing_but_blanks_and_keeps_to_the_width(text: str, width: int) -> None:
    lines = broken(text, width).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)


@given(
    st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=4), st.booleans()), max_size=7),
    st.integers(20, 200),
)
def test_columns_share_the_room(columns: list[tuple[list[str], bool]], room: int) -> None:
    texts = [cells for cells, _ in columns]
    fixed = [held for _, held in columns]
    widths = column_widths(texts, fixed, [0] * len(columns), room)
    needed = [max(cell_len(cell) for cell in cells) for cells in texts]
    assert all(w == n for w, n, held in zip(widths, needed, fixed, strict=True) if held)
    assert all(w <= n for w, n in zip(widths, needed, strict=True))
    if sum(needed) <= room:
        assert widths == needed
    elif sum(n if held else min(n, 1) for n, held in zip(needed, fixed, strict=True)) <= room:
        assert sum(widths) <= room


def test_names_break_where_their_parts_meet() -> None:
    assert broken("shared-services eu-west-1", 15) == "shared-services\neu-west-1"
    assert broken("alias/shared-exchange-key", 14) == "alias/shared-\nexchange-key"
    assert broken("OrganizationAccountAccessRole", 20) == "OrganizationAccount\nAccessRole"
    assert broken("a\nb", 20) == "a\nb"
    assert broken("aaaabbbb", 4) == "aaaa\nbbbb"


def test_the_word_that_matters_is_never_cut_off() -> None:
    """A guard that was not read must not be shown as 'waf not'."""
    columns = [Column(title) for title in ("Resource", "Where", "Opens", "Under")]
    row = (
        "shared-exchange-key" * 2,
        "shared-services eu-west-1" * 2,
        "write " * 12,
        "waf not read",
    )
    for width in (60, 80, 100, 120):
        table = as_table(Sheet("", columns, [row]), width=width)
        assert max(map(len, table.splitlines())) <= width
        assert "".join(part for part in table.split() if part in ("waf", "not", "read")) == (
            "wafnotread"
        )


CELLS = st.text(st.sampled_from("abcXYZ019 -_/:.,日é\n\u202e\x1b"), max_size=60)


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.tuples(*[CELLS.filter(str.strip)] * n), min_size=1, max_size=4)
    ),
    st.sampled_from([80, 120, 200]),
)
def test_columns_stand_below_each_other_and_colour_moves_nothing(rows, width: int) -> None:
    columns = [Column(f"T{n}", "verdict" if n == 1 else "") for n in range(len(rows[0]))]
    coloured = [(*row[:1], "unknown", *row[2:]) if len(row) > 1 else row for row in rows]
    sheet = Sheet("", columns, coloured)
    plain = as_table(sheet, width=width)
    assert max(map(cell_len, plain.splitlines())) <= width
    seen = as_table(sheet, width=width, colour=True)
    assert [line.rstrip() for line in _CODES.sub("", seen).splitlines()] == plain.splitlines()
    assert ("\x1b[35munknown" in seen) is (len(columns) > 1)
    if len(columns) > 1:
        heading = next(line for line in plain.splitlines() if "T1" in line)
        lines = [line for line in plain.splitlines() if "unknown" in line]
        starts = {cell_len(line[: line.index("unknown")]) for line in lines}
        assert starts == {cell_len(heading[: heading.index("T1")])}


@given(WORDS, st.integers(0, 80))
def test_padding_counts_cells(text: str, width: int) -> None:
    assert cell_len(padded(text, width)) == max(width, cell_len(text))
