"""docs/escalation.md lists every technique with the tests that are marked with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from escalation.document import BEGIN, COMMAND, END, PATH, main, marked, page
from graph.escalation.technique import techniques


def test_the_page_is_not_stale() -> None:
    current = PATH.read_text(encoding="utf-8")
    assert current == page(current), f"docs/escalation.md is stale. Write it with: {COMMAND}"


def test_every_technique_stands_on_the_page_and_every_drawn_one_has_tests() -> None:
    text = PATH.read_text(encoding="utf-8")
    tested = marked()
    for one in techniques():
        assert f"### {one.id}\n" in text
        if one.live and one.target.kind != "covered":
            assert tested.get(one.id), one.id


def test_check_tells_a_stale_page_from_a_fresh_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "escalation.md"
    copy.write_text(f"# Mine\n\n{BEGIN}\nwritten before\n{END}\nkept\n", encoding="utf-8")
    assert main(["--check", "-o", str(copy)]) == 1
    assert "is stale" in capsys.readouterr().err
    assert main(["-o", str(copy)]) == 0
    assert main(["--check", "-o", str(copy)]) == 0
    assert copy.read_text(encoding="utf-8").endswith(f"{END}\nkept\n")


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="needs"):
        page("# Mine\n")
