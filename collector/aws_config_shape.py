"""Config's members -> those of an API's answer, by botocore's shapes.

Config writes most types as AWS's SDK for Java holds them: the API's members beginning in lower
case, ``null`` where there is nothing. Queries wrap a scalar as ``{"value": ...}`` where other
types have an object under the same name.
https://github.com/awslabs/aws-config-resource-schema
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import unquote

import botocore.session
from botocore import xform_name
from botocore.utils import parse_timestamp

from collector.recording import is_deep

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_LAST_SECOND = 10**11
"""Numbers beyond are milliseconds: as seconds they would be the year 5138."""
_KINDS = ((dict, "an object"), (list, "a list"), (str, "a text"))
_NOTHING: tuple[Any, ...] = (None, [], {})


class UnmappedError(ValueError):
    """Something that the shape does not have; the message names it."""


@dataclass(frozen=True, slots=True)
class Members:
    """What is known of members beside the shape; keys are dotted paths in lower case.

    Attributes:
        rename: members with another name.
        texts: lists of texts -> the member that each text is.
        added: members that are Config's own.
    """

    rename: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    added: frozenset[str] = frozenset()


BY_NAME = Members()
"""Nothing beside the shape is known."""


def shape_at(client: str, operation: str, path: str) -> Any:
    """botocore's shape of a part of an operation's answer (``Vpcs[]``).

    Raises:
        KeyError: there is no such operation or member.
    """
    shape = _output_shape(client, operation)
    for member in path.replace("[]", ".[]").split(".") if path else ():
        shape = shape.member if member == "[]" else shape.members[member]
    return shape


@cache
def _output_shape(client: str, operation: str) -> Any:
    model = _session().get_service_model(client)
    for name in model.operation_names:
        if xform_name(name) == operation:
            return model.operation_model(name).output_shape
    raise KeyError(f"{client}:{operation}")


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


def converted(value: Any, shape: Any, known: Members = BY_NAME, path: str = "") -> Any:
    """A value in the form of an API's answer as the AWS CLI prints it.

    Args:
        value: as Config has it; not ``None``.
        shape: botocore's.
        known: what is known beside the shape.
        path: of the value, for messages and for ``known``.

    Raises:
        UnmappedError: a member or a value that does not fit.
    """
    if shape.type_name == "structure":
        return _structure(value, shape, known, path)
    if shape.type_name == "list":
        return _list(value, shape, known, path)
    if shape.type_name == "map":
        if not isinstance(value, dict):
            raise _unfit(value, shape, path)
        return {
            key: converted(inner, shape.value, known, f"{path}.{key}")
            for key, inner in value.items()
            if inner is not None
        }
    if isinstance(value, dict) and list(value) == ["value"]:
        value = value["value"]
    return _scalar(value, shape, path)


def _structure(value: Any, shape: Any, known: Members, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unfit(value, shape, path)
    names = _by_lower_case(shape)
    found: dict[str, Any] = {}
    for key, inner in value.items():
        inside = f"{path}.{key}" if path else key
        plain_path = inside.lower()
        name = known.rename.get(plain_path) or names.get(key.lower())
        if inner is None or plain_path in known.added:
            continue
        if name is None:
            if inner in _NOTHING:
                continue
            raise UnmappedError(f"the API has no member {inside}")
        made = converted(inner, shape.members[name], known, inside)
        found[name] = _united(found[name], made, inside) if name in found else made
    return found


@cache
def _by_lower_case(shape: Any) -> Mapping[str, str]:
    return {name.lower(): name for name in shape.members}


def _united(one: Any, other: Any, path: str) -> Any:
    """Two members that are one (``ipRanges`` and ``ipv4Ranges``): what either lists, once."""
    if one == other:
        return one
    if not (isinstance(one, list) and isinstance(other, list)):
        raise UnmappedError(f"{path} stands there twice with different values")
    entries = [entry for entry in (*other, *one) if isinstance(entry, dict)]
    said = {pair for entry in entries if len(entry) > 1 for pair in _pairs(entry)}
    whole = [entry for entry in entries if len(entry) > 1 or not said.issuperset(_pairs(entry))]
    return list({json.dumps(entry, sort_keys=True): entry for entry in whole}.values())


def _pairs(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, json.dumps(value)) for name, value in entry.items()]


def _list(value: Any, shape: Any, known: Members, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _unfit(value, shape, path)
    text = known.texts.get(path.lower())
    return [
        converted(
            {text: inner} if text and isinstance(inner, str) else inner, shape.member, known, path
        )
        for inner in value
        if inner is not None
    ]


def _scalar(value: Any, shape: Any, path: str) -> Any:
    if isinstance(value, dict | list) and shape.name != "policyDocumentType":
        raise _unfit(value, shape, path)
    found: Any
    match shape.type_name:
        case "string":
            return _text(value, shape, path)
        case "boolean":
            found = {"true": True, "false": False}.get(word(value).lower())
        case "integer" | "long":
            found = _whole(value)
        case "float" | "double":
            found = _number(value)
        case "timestamp":
            found = _moment(value)
        case _:
            found = value if isinstance(value, str) else None
    if found is None:
        raise _unfit(value, shape, path)
    return found


def _text(value: Any, shape: Any, path: str) -> Any:
    if shape.name != "policyDocumentType":
        return word(value)
    document = value
    if isinstance(value, str):
        try:
            document = json.loads(unquote(value))
        except (ValueError, RecursionError):
            document = None
    if not isinstance(document, dict) or is_deep(document):
        raise UnmappedError(f"{path} is no policy document")
    return document


def word(value: Any) -> str:
    """A scalar as the text that the API would give."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return int(value) if _INTEGER.fullmatch(str(value)) else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _moment(value: Any) -> Any:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) and value > _LAST_SECOND:
        value = value / 1000
    try:
        parse_timestamp(value)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return value


def _unfit(value: Any, shape: Any, path: str) -> UnmappedError:
    kind = next(
        (name for kind, name in _KINDS if isinstance(value, kind)),
        "another value",
    )
    return UnmappedError(f"{path or 'it'} is {kind} and no {shape.type_name}")


def found_in(value: Any, path: str) -> tuple[bool, Any]:
    """``(whether it is there, the value)`` at a dotted path, whatever the case of its letters."""
    for name in path.split(".") if path else ():
        if not isinstance(value, Mapping):
            return False, None
        key = next((key for key in value if key.lower() == name.lower()), None)
        if key is None:
            return False, None
        value = value[key]
    return True, value


def lacking(item: Any, needs: str) -> bool:
    """Whether an item lacks what a path of ``needs`` asks for."""
    head, bracket, rest = needs.partition("[].")
    if bracket:
        present, held = found_in(item, head)
        return not present or any(lacking(element, rest) for element in held)
    return all(found_in(item, path)[1] is None for path in needs.split("|"))
