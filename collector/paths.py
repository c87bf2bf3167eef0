"""Paths into answers: ``Vpcs``, ``Reservations[].Instances[]``, ``Zone.Name``.

A dot enters a member, ``[]`` enters every element of a list. Absent members are ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_STEP = re.compile(r"\[\]|[^.\[\]]+")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def value_at(value: Any, path: str) -> Any:
    """The value at a path without ``[]``; ``None`` where a member is absent.

    A number is the place in a list: ``namespace.0``.
    """
    for member in path.split(".") if path else ():
        if isinstance(value, list) and member.isdigit():
            value = value[int(member)] if int(member) < len(value) else None
            continue
        if not isinstance(value, Mapping):
            return None
        value = value.get(member)
    return value


def values_at(value: Any, path: str) -> Iterator[Any]:
    """Every value at a path; ``Reservations[].Instances[]`` yields the instances one by one."""
    head, bracket, rest = path.partition("[]")
    found = value_at(value, head)
    if not bracket:
        if found is not None:
            yield found
        return
    if isinstance(found, list):
        for element in found:
            if rest:
                yield from values_at(element, rest.removeprefix("."))
            else:
                yield element


def places_of(value: Any, path: str) -> Iterator[tuple[dict[str, Any] | list[Any], Any]]:
    """``(container, key)`` of every value at a path, so that it can be replaced.

    A member ``*`` means every member of a map. Where a value is not of the kind that the path
    expects (a text for a map), it is that value's place that is given: what a path is to hide does
    not stay because an answer is malformed.
    """
    steps = [step for step in _STEP.findall(path) if step]
    yield from _places([("", value)], None, steps)


def _places(
    held: list[tuple[Any, Any]], container: Any, steps: list[str]
) -> Iterator[tuple[dict[str, Any] | list[Any], Any]]:
    for key, value in held:
        if value is None:
            continue
        inner = _entered(value, steps[0]) if steps else None
        if inner is not None:
            yield from _places(inner, value, steps[1:])
        elif steps and steps[0] == "[]" and isinstance(value, dict):
            yield from _places([(key, value)], container, steps[1:])
        elif container is not None:
            yield container, key


def _entered(value: Any, step: str) -> list[tuple[Any, Any]] | None:
    """What a step leads to, by key; ``None`` where there is nothing to enter."""
    if step == "[]":
        return list(enumerate(value)) if isinstance(value, list) else None
    if not isinstance(value, dict):
        return None
    if step == "*":
        return list(value.items())
    return [(step, value[step])] if step in value else []


def placeholders(template: str) -> list[str]:
    """The alternatives of every ``{a|b}`` of a template, flat."""
    return [name for group in _PLACEHOLDER.findall(template) for name in group.split("|")]


def fill(template: str, item: Any, context: Mapping[str, str]) -> str:
    """Fill ``{OwnerId|account}``: the first alternative that has a value.

    ``context`` gives the lower-case names (``account``, ``region``, ``partition``); all others
    are paths into ``item``. ``{QueueUrl/-1}`` is the last segment of a URL.

    Raises:
        KeyError: no alternative has a value.
    """

    def filled(match: re.Match[str]) -> str:
        for name in match.group(1).split("|"):
            path, slash, segment = name.partition("/")
            found = context[name] if name in context else value_at(item, path)
            if slash and found:
                found = str(found).split("/")[int(segment)]
            if found not in (None, ""):
                return str(found)
        raise KeyError(match.group(1))

    return _PLACEHOLDER.sub(filled, template)
