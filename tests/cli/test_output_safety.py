"""AWS's text is hostile: it may not run in a spreadsheet, a page or a terminal."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.output.envelope import as_json
from mapper.output.plain import as_csv, as_markdown
from mapper.output.sheet import Column, Sheet, cell
from mapper.output.table import as_table

TEXTS = st.text(max_size=40)


def sheet(text: str) -> Sheet:
    return Sheet(text, [Column("Name"), Column("Verdict", "verdict")], [(text, "yes")], [text])


@given(TEXTS)
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    made = as_csv([{"name": text}], ["name"])
    (row,) = list(csv.DictReader(io.StringIO(made, newline="")))
    assert not row["name"].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "|", "%"))


def test_a_formula_is_marked_and_ordinary_text_is_not() -> None:
    made = as_csv([{"name": "=cmd|' /C calc'!A0"}, {"name": "role=admin"}], ["name"])
    assert made.splitlines() == ["name", "'=cmd|' /C calc'!A0", "role=admin"]


@given(TEXTS)
def test_no_heading_of_a_csv_runs_or_hides(text: str) -> None:
    """Columns of ``trusts --accounts`` are names of accounts."""
    made = as_csv([{text: "yes"}], [text])
    heading, row = csv.reader(io.StringIO(made, newline=""))
    assert row == ["yes"]
    assert not heading[0].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "|", "%"))
    assert not {unicodedata.category(c) for c in heading[0]} & {"Cc", "Cf", "Zl", "Zp"}


@given(TEXTS)
def test_a_table_holds_no_control_character(text: str) -> None:
    made = as_table(sheet(text), width=80)
    kinds = {unicodedata.category(c) for c in made if c != "\n"}
    assert not kinds & {"Cc", "Cf", "Zl", "Zp"}


def test_escape_sequences_and_reordering_become_visible() -> None:
    made = as_table(sheet("a\x1b[31mred\x07 \u202egpj.exe"), width=100)
    assert "\x1b" not in made
    assert "\u202e" not in made
    assert made.count("\ufffd") >= 3


def test_markup_of_the_table_library_is_text() -> None:
    assert "[bold red]x[/]" in as_table(sheet("[bold red]x[/]"), width=100)
    assert ":smile:" in as_table(sheet(":smile:"), width=100)


def test_colour_is_written_only_when_asked() -> None:
    assert "\x1b[" in as_table(sheet("x"), colour=True, width=80)
    assert "\x1b[" not in as_table(sheet("x"), colour=False, width=80)


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](http://evil.example/x.png)",
        "a | b",
        "`code` *bold* _it_",
        "line\nbreak",
        "&lt;script&gt;",
    ],
)
def test_markdown_shows_text_as_it_is(text: str) -> None:
    body = as_markdown(sheet(text)).splitlines()[4]
    for sign in "<>[]!`*&":
        assert body.count(sign) == body.count(f"\\{sign}")
    assert len(body.replace("\\|", "").split("|")) == 4


@given(TEXTS)
def test_json_is_ascii_and_keeps_the_text(text: str) -> None:
    made = as_json({"name": text})
    assert made.isascii()
    assert all(c == "\n" or c.isprintable() for c in made)
    assert json.loads(made)["name"] == text


def test_values_as_cells() -> None:
    assert cell(None) == ""
    assert cell(True) == "true"
    assert cell(["a", "b"]) == "a; b"
    assert cell({"v1": None, "endpoint": "enabled"}) == "v1=, endpoint=enabled"
    assert cell([{"id": "x", "type": "T"}]) == "id=x, type=T"
