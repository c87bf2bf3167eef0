"""Reading a line by a declared path."""

from __future__ import annotations

from typing import Any

import pytest

from collector.snapshot import Item
from collector.snapshot.ledger import Status
from collector.snapshot.reader import CallResult
from graph.schema.convert import document, one_of, tags, text, texts, truth, whole
from graph.schema.declare import Property
from graph.schema.path import Found, ShapeError, look


def item(value: Any = None, **calls: Any) -> Item:
    results = {
        name: CallResult(status, None)
        if isinstance(status := given, Status)
        else CallResult(Status.OK, given)
        for name, given in calls.items()
    }
    return Item("1", "eu-west-1", "a:b", "f.jsonl", "id", value or {}, results)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("A/B", ("x",)),
        ("A/C", ()),
        ("L/*/N", (1, 2)),
        ("L/[K=b.c/d]/N", (2,)),
        ("S/*", ("p", "q")),
        ("Missing/*/N", ()),
        ("Null", ()),
        ("Missing|A/B", ("x",)),
        ("A/B|S/*", ("x",)),
    ],
)
def test_a_path_into_the_item(path: str, values: tuple[Any, ...]) -> None:
    row = {
        "A": {"B": "x"},
        "L": [{"K": "a", "N": 1}, {"K": "b.c/d", "N": 2}, {"K": "c"}],
        "S": ["p", "q"],
        "Null": None,
    }
    assert look(path, item(row)) == Found(values, known=True)


@pytest.mark.parametrize("path", ["A/B/C", "A/*", "S/[K=v]/N", "S/*/N"])
def test_another_shape_is_an_error_that_says_where(path: str) -> None:
    with pytest.raises(ShapeError, match=path.replace("*", r"\*").replace("[", r"\[")):
        look(path, item({"A": {"B": "x"}, "S": ["p"]}))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"V": "x"}, Found(("x",), known=True)),
        ({}, Found((), known=True)),
        (Status.ABSENT, Found((), known=True)),
        (Status.EMPTY, Found((), known=True)),
        (Status.DENIED, Found((), known=False)),
        (Status.THROTTLED, Found((), known=False)),
        (Status.NOT_SUPPORTED, Found((), known=False)),
    ],
)
def test_only_an_answer_makes_nothing_a_fact(given: Any, found: Found) -> None:
    assert look("@get/V", item(get=given)) == found


def test_a_call_that_was_not_made_is_no_answer() -> None:
    assert look("@get/V", item()) == Found((), known=False)
    assert look("Item|@get/V", item()) == Found((), known=False)
    assert look("@other/V|@get/V", item(get=Status.ABSENT)) == Found((), known=True)


def test_every_call_of_an_operation() -> None:
    calls = {"rules(A=1)": [{"P": 1}], "rules(A=2)": [{"P": 2}], "rule": [{"P": 3}]}
    assert look("@rules(*)/*/P", item(**calls)) == Found((1, 2), known=True)
    partly = look("@rules(*)/*/Q", item(**(calls | {"rules(A=2)": Status.DENIED})))
    assert partly == Found((), known=False)


def test_absent_stands_only_where_aws_answered() -> None:
    flag = Property("flag", "@get/V", "Means.", truth, absent=False)
    assert flag.read(item(get={"V": True})) is True
    assert flag.read(item(get=Status.ABSENT)) is False
    assert flag.read(item(get=Status.DENIED)) is None


@pytest.mark.parametrize(
    ("convert", "values", "expected"),
    [
        (text, ["x", "y"], "x"),
        (text, [5], "5"),
        (text, [True], "true"),
        (text, [{"redacted": {"length": 9}}], None),
        (texts, ["b", "a", "b"], ["a", "b"]),
        (whole, ["12"], 12),
        (whole, [-1], -1),
        (truth, ["True"], True),
        (truth, [False], False),
        (one_of("all"), ["x", "all"], True),
        (one_of("all"), ["x"], False),
        (tags, [[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]], ["a=1", "b=2"]),
        (tags, [[{"TagKey": "a", "TagValue": "1"}]], ["a=1"]),
        (tags, [[{"key": "a"}]], ["a="]),
        (tags, [{"a": "1"}], ["a=1"]),
        (tags, [[]], []),
    ],
)
def test_converting(convert: Any, values: list[Any], expected: Any) -> None:
    assert convert(values) == expected


@pytest.mark.parametrize(
    ("convert", "value"),
    [
        (text, ["x"]),
        (text, {"a": 1}),
        (whole, "x"),
        (whole, "²"),
        (whole, True),
        (whole, "9" * 5000),
        (truth, "yes"),
        (truth, 1),
        (tags, ["a"]),
        (tags, [{"Value": "1"}]),
    ],
)
def test_what_cannot_be_converted_is_a_shape_error_without_the_value(
    convert: Any, value: Any
) -> None:
    with pytest.raises(ShapeError) as problem:
        convert([value])
    assert "99" not in str(problem.value)


def test_a_document_is_an_object_or_its_text() -> None:
    assert document('{"Statement": []}') == document({"Statement": []})
    for wrong in ("{", "[]", 5, None):
        with pytest.raises(ShapeError):
            document(wrong)
