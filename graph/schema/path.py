"""Where a value stands on a snapshot line.

A path is written with slashes: ``State/Name`` starts in the item, ``@get_bucket_policy/Policy`` in
the result of a follow-up call (``@describe_rules(*)/...``: of every such call, whatever its
arguments), ``Listeners/*/Port`` takes every element, ``[Key=idle_timeout]/Value`` the elements with
that member, and ``A|B`` is A or, where A gives nothing, B.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from collector.snapshot import Item

_EVERY = "*"


class ShapeError(ValueError):
    """AWS gave another shape than the declaration expects; the message says where."""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a path.

    Attributes:
        values: the values, without nulls.
        known: whether AWS answered; ``False`` where the call was denied, not made, ... Where a
            path names calls, only their answers count.
    """

    values: tuple[Any, ...]
    known: bool


@dataclass(frozen=True, slots=True)
class _Branch:
    call: str
    every_call: bool
    steps: tuple[str | tuple[str, str], ...]

    def roots(self, line: Item) -> tuple[list[Any], bool]:
        if not self.call:
            return [line.item], True
        if self.every_call:
            results = [result for _, result in line.calls_of(self.call)]
        else:
            results = [line.call(self.call)]
        known = bool(results) and all(result.known for result in results)
        return [result.value for result in results if result.known], known


def look(text: str, line: Item) -> Found:
    """Read a path on a line.

    Raises:
        ShapeError: something on the way is neither absent nor of the expected shape.
    """
    branches = _branches(text)
    known = not any(branch.call for branch in branches)
    for branch in branches:
        roots, answered = branch.roots(line)
        known = known or (answered and bool(branch.call))
        values = tuple(
            value
            for root in roots
            for value in _walk(root, branch.steps, text)
            if value is not None
        )
        if values:
            return Found(values, known=True)
    return Found((), known)


def inside(text: str, value: Any) -> tuple[Any, ...]:
    """The values at a path, without calls, within an object that stands on a line; no nulls.

    Raises:
        ShapeError: something on the way is neither absent nor of the expected shape.
    """
    for branch in _branches(text):
        found = tuple(one for one in _walk(value, branch.steps, text) if one is not None)
        if found:
            return found
    return ()


def check(text: str) -> None:
    """Raise ``ValueError`` if a path is not well formed."""
    _branches(text)


@cache
def _branches(text: str) -> tuple[_Branch, ...]:
    return tuple(_branch(part) for part in text.split("|"))


def _branch(text: str) -> _Branch:
    call, rest = "", text
    if text.startswith("@"):
        call, _, rest = text[1:].partition("/")
    every_call = call.endswith("(*)")
    return _Branch(
        call.removesuffix("(*)"), every_call, tuple(_step(s) for s in _split(rest, text))
    )


def _split(rest: str, text: str) -> list[str]:
    """Split at slashes, but not inside brackets."""
    steps: list[str] = []
    while rest:
        if rest.startswith("["):
            end = rest.find("]")
            if end < 0:
                raise ValueError(f"path {text!r}: a bracket is not closed")
            step, rest = rest[: end + 1], rest[end + 1 :].removeprefix("/")
        else:
            step, _, rest = rest.partition("/")
        if not step:
            raise ValueError(f"path {text!r} has an empty step")
        steps.append(step)
    return steps


def _step(text: str) -> str | tuple[str, str]:
    if not text.startswith("["):
        return text
    name, separator, wanted = text[1:-1].partition("=")
    if not separator or not name:
        raise ValueError(f"{text!r} is not [Member=value]")
    return name, wanted


def _walk(value: Any, steps: tuple[str | tuple[str, str], ...], text: str) -> Iterator[Any]:
    if not steps or value is None:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if isinstance(step, str) and step != _EVERY:
        if not isinstance(value, Mapping):
            raise ShapeError(f"{text}: {step} is looked for in {_kind(value)}, not in an object")
        yield from _walk(value.get(step), rest, text)
        return
    if not isinstance(value, list):
        raise ShapeError(f"{text}: a list is expected, not {_kind(value)}")
    for element in value:
        if isinstance(step, tuple):
            if not isinstance(element, Mapping):
                raise ShapeError(f"{text}: {step[0]} is looked for in {_kind(element)}")
            if _written(element.get(step[0])) != step[1]:
                continue
        yield from _walk(element, rest, text)


def _kind(value: object) -> str:
    names = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "an object")


def _written(value: object) -> object:
    """A boolean as JSON writes it."""
    return str(value).lower() if isinstance(value, bool) else value
