"""Paths into answers: ``Vpcs``, ``Reservations[].Instances[]``, ``Zone.Name``.

A dot enters a member, ``[]`` enters every element of a list. Absent members are ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def value_at(value: Any, path: str) -> Any:
    """The value at a path without ``[]``; ``None`` where a member is absent."""
    for member in path.split(".") if path else ():
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

    A last member ``*`` means every member of a map.
    """
    parent, _, last = path.rpartition(".")
    last_name, bracket, _ = last.partition("[]")
    for container in values_at(value, parent) if parent else (value,):
        if not isinstance(container, dict):
            continue
        names = list(container) if last_name == "*" else [last_name]
        for name in names:
            if name not in container:
                continue
            if bracket and isinstance(container[name], list):
                yield from ((container[name], index) for index in range(len(container[name])))
            elif not bracket:
                yield container, name


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
