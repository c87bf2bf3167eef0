"""Parameters of calls: filled in from the item, tested, and named."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from collector.declare import (
    Account,
    Call,
    Day,
    Earlier,
    FollowUp,
    Item,
    LineId,
    ListCall,
    ResourceType,
    Root,
    Started,
    When,
)
from collector.job import Job
from collector.paths import value_at


def holds(when: When, element: Any, calls: Mapping[str, Mapping[str, Any]], job: Job) -> bool:
    """Whether a condition holds for an element, given what earlier follow-ups gave."""
    if when.call:
        result = calls.get(when.call, {})
        if "value" not in result:
            return True
        element = result["value"]
    value = value_at(element, when.path)
    allowed, forbidden = (
        [job.account_id if isinstance(v, Account) else v for v in listed]
        for listed in (when.is_one_of, when.is_none_of)
    )
    return (not allowed or value in allowed) and value not in forbidden


def filled_in(
    params: Mapping[str, Any],
    element: Any,
    root: Any,
    job: Job,
    calls: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    line_id: str = "",
) -> dict[str, Any]:
    """The parameters with everything that a declaration leaves open filled in.

    Args:
        params: as declared.
        element: what an :class:`Item` is taken from.
        root: what a :class:`Root` is taken from: the item at the top.
        job: gives the account.
        calls: the earlier follow-ups of the item, by name.
        line_id: of the item at the top.
    """

    def filled(value: Any) -> Any:
        match value:
            case Item(path):
                return value_at(element, path)
            case Root(path):
                return value_at(root, path)
            case Account():
                return job.account_id
            case LineId():
                return line_id
            case Day(ago):
                today = datetime.datetime.now(datetime.UTC).date()
                return str(today - datetime.timedelta(days=ago))
            case Earlier(call, path):
                return value_at(calls.get(call, {}).get("value"), path)
            case Mapping():
                return {key: filled(inner) for key, inner in value.items()}
            case list() | tuple():
                return [filled(inner) for inner in value]
        return value

    given = ((name, filled(value)) for name, value in params.items())
    # What the item does not have is left out: AWS takes no nulls.
    return {name: value for name, value in given if value is not None}


def unanswered(params: Mapping[str, Any], calls: Mapping[str, Mapping[str, Any]]) -> str:
    """The earlier follow-up from which a parameter cannot be had; empty if all can."""
    return next(
        (
            value.call
            for value in params.values()
            if isinstance(value, Earlier)
            and value_at(calls.get(value.call, {}).get("value"), value.path) is None
        ),
        "",
    )


def with_started(params: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with every :class:`Started` replaced by what the starting call gave."""
    return {
        name: value_at(answer, value.path) if isinstance(value, Started) else value
        for name, value in params.items()
    }


def not_started(params: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """The path of a :class:`Started` that a starting call's answer lacks; empty if it has all."""
    paths = (value.path for value in params.values() if isinstance(value, Started))
    return next((path for path in paths if value_at(answer, path) is None), "")


def subjects_of(
    call: Call, params: Mapping[str, Any], line_id: str, name: str = "", nested: bool = False
) -> tuple[str, ...]:
    """Names of a recorded answer, best first.

    What the parameters take from items, joined, then what tells calls of one item apart; or the
    line's id in place of what is taken from the item at the top (CONTRACT 4: "the parent's id
    or name").

    Args:
        call: the declaration.
        params: its parameters, filled in.
        line_id: of the item at the top; empty if it has none.
        name: of the item at the top; empty if it has none.
        nested: the call is made for an element of another call's value.
    """
    top = Root if nested else Item
    own: list[tuple[bool, str]] = []
    constant: list[str] = []
    key = call.key if isinstance(call, FollowUp) else ()
    for parameter, declared in call.params.items():
        value = params.get(parameter)
        if value is None:
            continue
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        source = declared[0] if isinstance(declared, list) and declared else declared
        if isinstance(source, Item | Root | Earlier | LineId):
            own.append((isinstance(source, top | Earlier | LineId), str(value)))
        elif parameter in key:
            constant.append(str(value))
    if not own:
        return (",".join(constant),) if constant else ()
    names = [[value for _, value in own]]
    if line_id and not nested:
        names.append([line_id, *names[0][1:]])
    if any(is_top for is_top, _ in own):
        rest = [value for is_top, value in own if not is_top]
        names += [[parent, *rest] for parent in (line_id, name) if parent]
    return tuple(dict.fromkeys(",".join([*parts, *constant]) for parts in names))


def subjects_of_list(
    declared: ResourceType, call: ListCall, params: Mapping[str, Any], above_id: str
) -> tuple[str, ...]:
    """How a recorded list may be named: by what it is asked for, or by nothing."""
    if above_id:
        return (*subjects_of(call, params, above_id), "")
    alike = sum(other.operation == call.operation for other in declared.lists)
    constants = [str(value) for value in params.values() if isinstance(value, str)]
    return (",".join(constants), "") if alike > 1 else ()
