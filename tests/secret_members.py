"""Members of AWS's answers that may hold a secret, by botocore's own shapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name

from collector.declare import Call, ListCall, ResourceType
from collector.services import TYPES

_SESSION = botocore.session.Session()
_HOLDING = re.compile(
    r"environment|password|passphrase|secret|token|credential|privatekey|apikey|authkey|accesskey"
    r"|userdata|definition|template|buildspec|script(?!ion)|command|defaultarguments|headervalue"
)
_ABOVE_VALUES = re.compile(r"environment|variables|parameters|arguments|secrets|credential|headers")
_VALUES = frozenset({"value", "*", "parametervalue", "outputvalue", "values", "headervalue"})
_POINTING = frozenset(
    {
        *("arn", "arns", "id", "ids", "name", "names", "status", "version", "versions", "type"),
        *("kind", "region", "endpoint", "path", "prefix", "uri", "url", "key", "bucket", "mode"),
        *("state", "source", "label", "group", "owner", "alias", "format", "method", "class"),
        *("s3", "identifier", "date", "by"),
    }
)


@cache
def operation_model(client: str, operation: str) -> Any:
    """botocore's model of an operation."""
    model = _SESSION.get_service_model(client)
    names = {xform_name(name): name for name in model.operation_names}
    return model.operation_model(names[operation])


def kept_shape(client: str, call: Call) -> tuple[str, Any]:
    """``(prefix, shape)`` of what is kept of an answer: an item, or a follow-up's value."""
    shape = operation_model(client, call.operation).output_shape
    for step in call.result.removesuffix("[]").replace("[]", ".[]").split("."):
        if step == "[]":
            shape = shape.member
        elif step:
            shape = shape.members[step]
    one = isinstance(call, ListCall) or getattr(call, "batch", None)
    is_list = shape is not None and shape.type_name == "list"
    return ("" if one or not is_list else "[]"), (shape.member if is_list else shape)


def leaves(
    shape: Any, path: str = "", above: tuple[str, ...] = (), sensitive: bool = False
) -> Iterator[tuple[str, bool]]:
    """``(path, marked sensitive)`` of every text and blob of a shape, each structure entered once
    on the way."""
    sensitive = sensitive or bool(shape.metadata.get("sensitive"))
    if shape.type_name == "structure" and shape.name not in above:
        for name, inner in shape.members.items():
            below = f"{path}.{name}" if path else name
            yield from leaves(inner, below, (*above, shape.name), sensitive)
    elif shape.type_name == "list":
        yield from leaves(shape.member, f"{path}[]", above, sensitive)
    elif shape.type_name == "map":
        yield from leaves(shape.value, f"{path}.*", above, sensitive)
    elif shape.type_name == "blob" or (shape.type_name == "string" and not shape.enum):
        yield path, sensitive


def _names(path: str) -> list[str]:
    return [name for name in re.split(r"[.\[\]]+", path) if name]


def is_telling(path: str) -> bool:
    """Whether the names on a path say that a secret may stand at its end."""
    names = _names(path)
    last = names[-1] if names else ""
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", last)]
    if last.lower() in _VALUES:
        return any(_ABOVE_VALUES.search(name.lower()) for name in names[:-1])
    return bool(_HOLDING.search(last.lower())) and not (words and words[-1] in _POINTING)


def hides(paths: tuple[str, ...], path: str) -> bool:
    """Whether a path is one of the given, or below one. Of a batch, each item keeps an element, and
    what lists in batches keeps them all: both are written as the value is."""
    path = path.removeprefix("[]").removeprefix(".")
    paths = tuple(given.removeprefix("[]").removeprefix(".") for given in paths)
    return any(
        path == given
        or path.startswith((f"{given}.", f"{given}["))
        or (given.endswith("*") and path.startswith(given[:-1]))
        or not given
        for given in paths
    )


def unhidden(declared: ResourceType) -> Iterator[tuple[str, bool]]:
    """``(path, marked sensitive)`` of what a type keeps in the clear and may be a secret."""
    hidden = (*declared.redact, *declared.scan)
    for call in declared.calls():
        if operation_model(declared.client, call.operation).output_shape is None:
            continue
        prefix, shape = kept_shape(declared.client, call)
        own = "" if isinstance(call, ListCall) else f"{call.operation}:"
        mine = tuple(
            p.rpartition(":")[2] for p in hidden if p.rpartition(":")[0] == own.rstrip(":")
        )
        for path, sensitive in leaves(shape, prefix):
            if (sensitive or is_telling(path)) and not hides(mine, path):
                yield own + path, sensitive


def all_unhidden() -> list[tuple[str, str, bool]]:
    """``(type, path, marked sensitive)`` over all declarations."""
    return [(d.id, *found) for d in TYPES.values() for found in unhidden(d)]
