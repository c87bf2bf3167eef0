"""From AWS's values to properties: scalars and lists of strings, never maps.

A converter takes the values that a path found (at least one, no nulls) and returns the property.
``ShapeError`` says that the values are not what the declaration expects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from graph.records import Value
from graph.schema.path import ShapeError

Converter: TypeAlias = Callable[[Sequence[Any]], Value]


def text(values: Sequence[Any]) -> str | None:
    """The first value as text; null for what redaction took away."""
    return _text(values[0])


def texts(values: Sequence[Any]) -> list[str]:
    """Every value as text, each once, sorted (AWS's order is not stable)."""
    return sorted({found for value in values if (found := _text(value)) is not None})


def whole(values: Sequence[Any]) -> int:
    """An integer; several services write numbers as text."""
    value = values[0]
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    raise ShapeError("a whole number is expected")


def truth(values: Sequence[Any]) -> bool:
    """A boolean; several services write booleans as text."""
    value = values[0]
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ShapeError("a boolean is expected")


def flag(values: Sequence[Any]) -> bool:
    """Whether a 0/1 counter is not zero (``SummaryMap``)."""
    return whole(values) != 0


def present(values: Sequence[Any]) -> bool:
    """True: there is something. Declare ``absent=False`` beside it."""
    return bool(values)


def filled(values: Sequence[Any]) -> bool:
    """True: there is more than an empty text, list, object or document; ``absent=False`` too."""
    return any(value not in ("", "{}", [], {}) for value in values)


def names(values: Sequence[Any]) -> list[str]:
    """The keys of a map, sorted. Declare ``absent=[]`` beside it."""
    if not isinstance(values[0], Mapping):
        raise ShapeError("an object is expected")
    return sorted(str(key) for key in values[0])


def count(values: Sequence[Any]) -> int:
    """How many values there are. Declare ``absent=0`` beside it."""
    return len(values)


def one_of(*wanted: str) -> Converter:
    """Whether any value is one of ``wanted``."""

    def convert(values: Sequence[Any]) -> bool:
        return any(found in wanted for found in texts(values))

    return convert


def tags(values: Sequence[Any]) -> list[str]:
    """Tags as ``key=value``, sorted; from AWS's three spellings of a list, or a map."""
    if len(values) == 1 and isinstance(values[0], Mapping):
        values = [{"Key": key, "Value": value} for key, value in values[0].items()]
    elif len(values) == 1 and isinstance(values[0], list):
        values = values[0]
    pairs = {}
    for tag in values:
        if not isinstance(tag, Mapping):
            raise ShapeError("a tag is not an object")
        name = next((tag[key] for key in ("Key", "key", "TagKey") if key in tag), None)
        value = next((tag[key] for key in ("Value", "value", "TagValue") if key in tag), "")
        if not isinstance(name, str):
            raise ShapeError("a tag has no key")
        pairs[name] = _text(value) or ""
    return [f"{name}={value}" for name, value in sorted(pairs.items())]


def document(value: object) -> Mapping[str, Any]:
    """A policy document, given as an object or as JSON text.

    Raises:
        ShapeError: it is neither.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ShapeError("a policy document is not JSON") from None
    if not isinstance(value, Mapping):
        raise ShapeError("a policy document is not an object")
    return value


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping) and "redacted" in value:
        return None
    raise ShapeError("text is expected, not a list or an object")
