"""A configuration item -> the answers of calls, as the AWS CLI would print them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from collector.aws_config_items import GLOBAL, ConfigItem, supplementary_value
from collector.aws_config_shape import (
    Members,
    UnmappedError,
    converted,
    found_in,
    lacking,
    shape_at,
    word,
)
from collector.aws_config_types import ConfigType, Part, config_facts
from collector.declare import FollowUp, Item
from collector.paths import value_at
from collector.services import TYPES

_FIRST_REGION = "us-east-1"
_ENCODINGS = 3
"""A policy is a text of JSON, in a text of JSON where the API gives it, in an item that is one."""


@dataclass(frozen=True, slots=True)
class FollowUpAnswer:
    """The answer of one follow-up call: its operation, what it is asked for, the answer."""

    operation: str
    subject: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """What an item answers.

    Attributes:
        item: of the list call.
        follow_ups: what is known beside it.
        not_taken: sentences about parts that do not fit.
    """

    item: Any
    follow_ups: tuple[FollowUpAnswer, ...] = ()
    not_taken: tuple[str, ...] = ()


def answers_of(item: ConfigItem, how: ConfigType) -> Answers | None:
    """The answers; ``None`` if the list call would not list the item.

    Raises:
        UnmappedError: the item cannot be taken as it is; the message says why.
    """
    if item.configuration is None:
        raise UnmappedError("it has no configuration")
    if item.region == GLOBAL and not how.everywhere:
        raise UnmappedError("it names no region")
    made = _item(item, item.configuration, how)
    if any(made.get(member) not in values for member, values in how.only.items()):
        return None
    found: list[FollowUpAnswer] = []
    not_taken: list[str] = []
    wrapped = {how.string: made} if how.string else made
    for operation, part in how.follow_ups.items():
        try:
            value = _answer(item, wrapped, how, operation, part)
        except UnmappedError as problem:
            not_taken.append(f"{operation}: {problem}")
            continue
        if value is not None:
            found.append(FollowUpAnswer(operation, _subject(how, operation, wrapped), value))
    return Answers(made, tuple(found), tuple(not_taken))


def _item(item: ConfigItem, configuration: Mapping[str, Any], how: ConfigType) -> Any:
    if how.string:
        text = found_in(configuration, how.string)[1]
        if not isinstance(text, str) or not text:
            raise UnmappedError(f"it has no {how.string}")
        return text
    source = _picked(configuration, how.members, {}) if how.members else configuration
    known = Members(how.rename, how.texts, how.added)
    made = converted(source or {}, shape_at(how.client, how.operation, how.path), known)
    for needs in how.needs:
        if lacking(made, needs):
            raise UnmappedError(f"it has no {needs.replace('[]', '')}")
    if how.tags and item.tags and how.tags not in made:
        made[how.tags] = _pairs(item.tags)
    return made


def _picked(
    source: Any, members: Mapping[str, str], values: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The members that are named, under their other names; ``None`` if none of them is there."""
    made: dict[str, Any] = {}
    seen = False
    for target, path in members.items():
        present, value = found_in(source, path)
        seen = seen or present
        value = values.get(target, {}).get(word(value), value)
        if value is None:
            continue
        *above, last = target.split(".")
        inner = made
        for name in above:
            inner = inner.setdefault(name, {})
        inner[last] = value
    return made if seen else None


def _answer(
    item: ConfigItem, made: Any, how: ConfigType, operation: str, part: Part
) -> Mapping[str, Any] | None:
    """The answer of a follow-up; ``None`` if Config says nothing about it."""
    present, value = _source(item, part)
    if not present:
        return None
    if part.how in _HOW:
        answer = _HOW[part.how](part, value, made)
    elif value is None:
        answer = None
    else:
        source = _picked(value, part.members, part.values) if part.members else value
        if source is None:
            return None
        shape = shape_at(how.client, operation, part.into)
        answer = _under(part.into, converted(source, shape))
        if not source and part.absent:
            answer = None
    if answer is not None:
        return answer
    # A query gives nothing where it cannot select: that is not the absence of it.
    return None if item.queried or not part.absent else _absent(part.absent)


def _absent(code: str) -> Mapping[str, Any]:
    return {"Error": {"Code": code, "Message": "AWS Config recorded that there is none"}}


def _under(into: str, value: Any) -> Mapping[str, Any]:
    return {into: value} if into else value


def _source(item: ConfigItem, part: Part) -> tuple[bool, Any]:
    """``(whether Config says anything, the value)``."""
    kind, _, path = part.source.partition(".")
    if kind == "region":
        return item.region != GLOBAL, item.region
    if kind == "tags":
        return item.tags is not None, item.tags
    if kind == "configuration":
        return found_in(item.configuration, path)
    if not path:
        return True, {key: supplementary_value(held) for key, held in item.supplementary.items()}
    first, _, rest = path.partition(".")
    present, value = found_in(item.supplementary, first)
    if not rest and part.how == "policy":
        return present, value
    value = supplementary_value(value)
    return found_in(value, rest) if rest and present else (present, value)


def _location(part: Part, value: Any, made: Any) -> Mapping[str, Any]:
    return {part.into: None if value == _FIRST_REGION else value}


def _policy(part: Part, value: Any, made: Any) -> Mapping[str, Any] | None:
    for _ in range(_ENCODINGS):
        if value is None or value == "":
            return None
        if isinstance(value, dict):
            return {part.into: json.dumps(value)}
        inner = supplementary_value(value)
        if isinstance(inner, dict):
            return {part.into: value}
        if inner == value:
            break
        value = inner
    raise UnmappedError("it is no policy")


def _attributes(part: Part, value: Any, made: Any) -> Mapping[str, Any] | None:
    """A map of texts. Without the member that decides, nothing is known of it."""
    if not found_in(value, part.key)[0]:
        return None
    left_out = {name.lower() for name in part.without}
    found = {}
    for name, inner in value.items():
        if inner in (None, "") or name.lower() in left_out:
            continue
        text = json.dumps(inner) if isinstance(inner, dict | list) else word(inner)
        found[part.key if name.lower() == part.key.lower() else name] = text
    return {part.into: found}


def _tag_list(part: Part, value: Any, made: Any) -> Mapping[str, Any] | None:
    return {part.into: _pairs(value)} if value else None


def _tag_map(part: Part, value: Any, made: Any) -> Mapping[str, Any]:
    return {part.into: dict(value)}


def _tag_descriptions(part: Part, value: Any, made: Any) -> Mapping[str, Any]:
    name = made.get(part.named) or made.get("LoadBalancerArn")
    return {"TagDescriptions": [{part.named: name, "Tags": _pairs(value)}]}


def _pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _acl(part: Part, value: Any, made: Any) -> Mapping[str, Any]:
    """S3's list of grants, as AWS's SDK for Java holds it; a text of JSON in every form."""
    value = supplementary_value(value)
    held = value.get("grantList") if isinstance(value, dict) else None
    held = value.get("grantSet") if held is None and isinstance(value, dict) else held
    if not isinstance(held, list):
        raise UnmappedError("it has no list of grants")
    owner = found_in(value, "owner.id")[1]
    answer: dict[str, Any] = {"Grants": [_grant(row) for row in held]}
    if isinstance(owner, str):
        answer["Owner"] = {"ID": owner}
    return answer


def _grant(row: Any) -> Mapping[str, Any]:
    facts = config_facts()["acl"]
    permission = facts["permissions"].get(found_in(row, "permission")[1])
    grantee = found_in(row, "grantee")[1]
    if permission is None:
        raise UnmappedError("a grant has an unknown permission")
    if isinstance(grantee, str) and grantee in facts["groups"]:
        named = {"Type": "Group", "URI": facts["groups"][grantee]}
    elif isinstance(grantee, dict) and isinstance(grantee.get("id"), str):
        named = {"Type": "CanonicalUser", "ID": grantee["id"]}
    else:
        raise UnmappedError("a grant has an unknown grantee")
    return {"Grantee": named, "Permission": permission}


_HOW: Mapping[str, Callable[[Part, Any, Any], Mapping[str, Any] | None]] = {
    "location": _location,
    "policy": _policy,
    "attributes": _attributes,
    "tag_list": _tag_list,
    "tag_map": _tag_map,
    "tag_descriptions": _tag_descriptions,
    "acl": _acl,
}


def _subject(how: ConfigType, operation: str, item: Any) -> str:
    """What a recorded answer of a follow-up is named by."""
    return ",".join(str(value_at(item, path)) for path in _named_by(how, operation))


@cache
def _paths(client: str, list_call: str, operation: str) -> tuple[str, ...]:
    for declared in TYPES.values():
        if declared.client != client or declared.listed_for:
            continue
        if any(call.operation == list_call for call in declared.lists):
            for call in declared.follow_ups:
                if call.operation == operation:
                    return _item_paths(call)
    raise KeyError(f"{client}:{operation} follows no {list_call}")


def _named_by(how: ConfigType, operation: str) -> tuple[str, ...]:
    return _paths(how.client, how.operation, operation)


def _item_paths(call: FollowUp) -> tuple[str, ...]:
    values = [value[0] if isinstance(value, list) else value for value in call.params.values()]
    return tuple(value.path for value in values if isinstance(value, Item))
