"""docs/iam.md lists what the tests are marked with."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.iam.rules import document
from tests.iam.rules.document import BEGIN, COMMAND, END, IDS, PATH, main, page, rules

SOURCE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/x.html"


def test_the_table_is_not_stale():
    current = PATH.read_text(encoding="utf-8")
    assert current == page(current), f"docs/iam.md is stale. Write it with: {COMMAND}"


def test_every_rule_has_a_test_and_a_twin():
    found = rules()
    lacking = [one for one in IDS if one not in found or not found[one].tests]
    twinless = [one for one in IDS if one not in found or not found[one].twins]
    assert (lacking, twinless) == ([], [])


def test_check_tells_a_stale_page_from_a_fresh_one(tmp_path, capsys):
    copy = tmp_path / "iam.md"
    copy.write_text(f"# Mine\n\n{BEGIN}\nwritten before\n{END}\nkept\n", encoding="utf-8")
    assert main(["--check", "-o", str(copy)]) == 1
    assert "is stale" in capsys.readouterr().err
    assert main(["-o", str(copy)]) == 0
    assert main(["--check", "-o", str(copy)]) == 0
    text = copy.read_text(encoding="utf-8")
    assert text.startswith("# Mine\n")
    assert text.endswith(f"{END}\nkept\n")
    assert "written before" not in text


def test_a_page_without_markers_is_refused():
    with pytest.raises(ValueError, match="needs"):
        page("# Mine\n")


def _module(function, name):
    function.__name__ = name
    module = ModuleType("made")
    vars(module)[name] = function
    return [module]


def test_a_marker_without_title_source_control_or_rule_is_refused():
    def titled():
        """A title."""

    def bare():
        pass

    for name, mark, function, complaint in (
        ("test_012_x", pytest.mark.rule("12", source=SOURCE), bare, "title"),
        ("test_012_x", pytest.mark.rule("12", source="https://example.com/"), titled, "source"),
        ("test_012_x", pytest.mark.rule("99", source=SOURCE), titled, "not one rule"),
        ("test_13_x", pytest.mark.rule("12", source=SOURCE), titled, "begins test_012_"),
        ("test_012_twin_x", pytest.mark.twin("12"), titled, "control"),
        ("test_012_x", pytest.mark.twin("12", control="c"), titled, "begins"),
    ):
        function.pytestmark = [mark.mark]
        with pytest.raises(ValueError, match=complaint):
            rules(_module(function, name))
    titled.pytestmark = [pytest.mark.rule("12", source=SOURCE).mark]
    assert list(rules(_module(titled, "test_012_x"))) == ["12"]


def test_rule_tests_can_be_called_as_plain_functions():
    for rule in rules().values():
        for one in (*rule.tests, *rule.twins):
            code = one.function.__code__
            parameters = set(code.co_varnames[: code.co_argcount])
            assert parameters <= {"tmp_path"}, one.name


def test_ids_are_in_order():
    assert IDS[10:14] == ("11", "11b", "11c", "12")
    assert len(IDS) == len(set(IDS)) == 79
    assert document.IDS[-1] == "77"
