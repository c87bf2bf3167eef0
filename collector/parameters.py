"""Parameters of calls: filled in from the item, tested, and named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.declare import Account, FollowUp, Item, Root, When
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
    allowed = [job.account_id if isinstance(v, Account) else v for v in when.is_one_of]
    return (not allowed or value in allowed) and value not in when.is_none_of


def filled_in(params: Mapping[str, Any], element: Any, root: Any, job: Job) -> dict[str, Any]:
    """The parameters with every :class:`Item`, :class:`Root`, :class:`Account` replaced."""

    def filled(value: Any) -> Any:
        match value:
            case Item(path):
                return value_at(element, path)
            case Root(path):
                return value_at(root, path)
            case Account():
                return job.account_id
            case Mapping():
                return {key: filled(inner) for key, inner in value.items()}
            case list() | tuple():
                return [filled(inner) for inner in value]
        return value

    return {name: filled(value) for name, value in params.items()}


def subjects_of(call: FollowUp, params: Mapping[str, Any], line_id: str) -> tuple[str, ...]:
    """Names of a recorded answer: the parent's name or id, then what tells calls apart."""
    own: list[str] = []
    constant: list[str] = []
    for name, declared in call.params.items():
        value = params[name]
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        is_own = isinstance(declared, Item | Root) or (
            isinstance(declared, list) and any(isinstance(d, Item | Root) for d in declared)
        )
        if is_own:
            own.append(str(value))
        elif name in call.key:
            constant.append(str(value))
    if not own:
        return ()
    names = [",".join([*own, *constant])]
    if line_id:
        names.append(",".join([line_id, *own[1:], *constant]))
    return tuple(dict.fromkeys(names))
