"""Text made safe for a page: the laws, and the twins beside them."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.display_text import LONGEST, script_json, shown

ANY_TEXT = st.text(st.characters(codec=None, categories=None, exclude_categories=()), max_size=60)


@given(ANY_TEXT)
def test_shown_text_holds_no_control_or_format_character(text: str) -> None:
    for character in shown(text):
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(shown(text)) == len(text)
    shown(text).encode("utf-8")


@given(ANY_TEXT)
def test_showing_twice_changes_nothing_more(text: str) -> None:
    assert shown(shown(text)) == shown(text)


def test_ordinary_writing_is_untouched() -> None:
    for text in ("web-01", "Größe", "データ", "naïve café", "a b"):
        assert shown(text) == text


def test_line_feeds_stay_only_where_lines_are_meant() -> None:
    assert shown("a\n\tb", lines=True) == "a\n\tb"
    assert shown("a\n\tb") == "a\ufffd\ufffdb"
    assert shown("a\r\x0bb", lines=True) == "a\ufffd\ufffdb"


def test_what_is_cut_is_counted() -> None:
    assert shown("x" * (LONGEST + 7)) == "x" * LONGEST + "… (7 more characters)"
    assert shown("x" * LONGEST) == "x" * LONGEST


@given(st.recursive(ANY_TEXT | st.integers(), lambda inner: st.lists(inner, max_size=4)))
def test_script_json_round_trips_and_can_end_no_script(value: object) -> None:
    text = str(script_json(value))
    assert text.isascii()
    assert not set("<>&") & set(text)
    assert json.loads(text) == value


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        script_json([number])
