"""What the readers of a snapshot's items share: where facts stand, whole lists, names of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from collector.snapshot import CallResult, Item, Status
from graph.evidence import Ref


def at(item: Item) -> Callable[[str], Ref]:
    """A function from a JSON pointer to the place in this item."""
    return lambda pointer: Ref.to(item, pointer)


def whole_list(call: CallResult, member: str) -> list[Mapping[str, Any]] | None:
    """The objects of a call's answer, a list or an object holding one.

    ``None``: the call, or one of the objects, was not read.
    """
    value = call.value.get(member) if isinstance(call.value, Mapping) else call.value
    if value is None and call.known and call.status is not Status.OK:
        return []
    whole = isinstance(value, list) and all(isinstance(one, Mapping) for one in value)
    return value if call.known and whole else None


def named(item: Item, operation: str) -> str:
    """The name of a follow-up call."""
    service = item.type.partition(":")[0]
    base = operation.partition("(")[0]
    return f"{service}.{base}({item.id})@{item.account_id}/{item.region}"


__all__ = ["at", "named", "whole_list"]
