"""Takes the secrets out of a line before it is put down, as its declaration says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.declare import ResourceType
from collector.redact import Redactor


def redact_line(
    declared: ResourceType,
    redactor: Redactor,
    item: dict[str, Any],
    calls: dict[str, dict[str, Any]],
) -> None:
    """Replace, in place, the secrets of an item and of the values of its calls."""
    spared = {names.path: names.holds for names in declared.names_only}
    for path in declared.redact:
        for value, inner in _held_at(path, item, calls):
            redactor.apply(value, inner, spared.get(path))
    for path in declared.scan:
        for value, inner in _held_at(path, item, calls):
            redactor.scan(value, inner)


def _held_at(
    path: str, item: dict[str, Any], calls: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Any, str]]:
    """The values that a path of ``redact`` or ``scan`` is about, and the path inside each."""
    operation, colon, inner = path.rpartition(":")
    if not colon:
        yield item, inner
    for name, result in calls.items() if colon else ():
        if name.partition("(")[0] == operation and "value" in result:
            yield result["value"], inner
