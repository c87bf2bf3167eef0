"""Tables with more columns than a line has room for: rows stand one below the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.commands.query import _cell
from mapper.output.records import as_records, is_too_wide
from mapper.output.sheet import Column, Sheet

ARN = "arn:aws:iam::111111111111:role/a-role-with-a-rather-long-name"
TITLES = ("who", "what", "verdict", "conditions")
ROW = (ARN, "AWS::IAM::Role", "yes", "")


def sheet(rows, titles=TITLES, notes=()):
    return Sheet("Title", [Column(title) for title in titles], rows, notes)


@pytest.mark.parametrize(("width", "wide"), [(60, True), (61, True), (62, False), (200, False)])
def test_rows_are_stacked_where_words_would_be_broken(width: int, wide: bool) -> None:
    """24 of the ARN, 14 of the type, 7 and 10 of two titles, two blanks behind each."""
    assert is_too_wide(sheet([ROW]), width + 1) is wide


def test_rows_of_much_prose_are_stacked() -> None:
    short, long = ("word " * 10,) * 4, ("word " * 40,) * 4
    assert is_too_wide(sheet([long, long, short]), 120)
    assert not is_too_wide(sheet([long, short]), 120)


def test_nothing_to_show_is_never_too_wide() -> None:
    assert not is_too_wide(sheet([]), 10)


def test_a_record_has_a_line_for_each_text_that_is_there() -> None:
    assert as_records(sheet([ROW], notes=["1 row."]), width=40) == (
        "Title\n\n"
        f" who           {ARN}\n"
        "   what        AWS::IAM::Role\n"
        "   verdict     yes\n"
        "\n"
        "1 row.\n"
    )


@given(st.lists(st.text("ab:/-", min_size=1), min_size=1))
def test_no_word_is_broken_or_lost(words: list[str]) -> None:
    printed = as_records(sheet([(" ".join(words),)], titles=("text",)), width=60)
    assert printed.split()[2:] == words


def test_control_characters_never_reach_the_terminal() -> None:
    assert "\x1b" not in as_records(sheet([("\x1b[2J", "a\tb", "", "")]), width=80)


def test_guards_of_a_query_are_told_by_their_kind() -> None:
    told = ["mfa required: The caller must.", "account unknown: Nobody's.", "mfa required: Again."]
    assert _cell("guards", told) == "mfa required; account unknown"
    assert _cell("evidence", told) == "; ".join(told)


def test_the_list_of_queries_has_a_line_each_with_its_severity(mapper) -> None:
    text = mapper("query", "--list").out
    (line,) = [one for one in text.splitlines() if one.split()[:1] == ["impossible-accounts"]]
    assert line.split()[1] == "low"
    assert line.split()[2:5] == ["Policies", "that", "name"]
    assert "nobody gets in" not in text
    assert "Which trust policies" in " ".join(mapper("query", "--list", "-v").out.split())
