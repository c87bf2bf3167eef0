"""The paths of properties, names and tags against botocore's models of what is collected."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from collector.declare import Call, ResourceType
from collector.services import TYPES
from graph.schema.declare import Declaration, NodeType
from graph.schema.registry import REGISTRY

_SESSION = botocore.session.Session()


@cache
def output_of(client: str, operation: str) -> Any:
    model = _SESSION.get_service_model(client)
    name = next(n for n in model.operation_names if xform_name(n) == operation)
    return model.operation_model(name).output_shape


def dotted(shape: Any, path: str) -> Any:
    """The shape at a path of a collector's declaration."""
    for step in path.split(".") if path else ():
        name = step.removesuffix("[]")
        shape = shape.members[name] if name else shape
        if step.endswith("[]"):
            shape = shape.member
    return shape


def value_of(declared: ResourceType, call: Call) -> Any:
    """The shape of a follow-up's value, as it stands on the line."""
    held = dotted(output_of(declared.client, call.operation), call.result)
    alone = call in declared.follow_ups and getattr(call, "batch", None) is not None
    return held.member if alone and held.type_name == "list" else held


def items_of(declared: ResourceType) -> list[Any]:
    """The shapes of a type's items."""
    found = []
    for call in declared.lists:
        held = dotted(output_of(declared.client, call.operation), call.result)
        found.append(held.member if held.type_name == "list" else held)
    return found


def added(declared: ResourceType) -> set[str]:
    return {*declared.carry, *(call.wrap for call in declared.lists if call.wrap)}


def stands(shape: Any, steps: list[str]) -> str:
    """Empty if the path exists in the shape, else what is wrong with it."""
    for step in steps:
        is_list = shape.type_name == "list"
        if step == "*" or step.startswith("["):
            if not is_list:
                return f"{step} on a {shape.type_name}"
            shape = shape.member
            member = step[1:-1].partition("=")[0]
            if step != "*" and member not in getattr(shape, "members", {}):
                return f"no {member} in {shape.name}"
        elif shape.type_name == "map":
            shape = shape.value
        elif getattr(shape, "is_document_type", False) or "jsonvalue" in shape.serialization:
            return ""
        elif step not in getattr(shape, "members", {}):
            return f"no {step} in {shape.name}"
        else:
            shape = shape.members[step]
    return ""


def split(rest: str) -> list[str]:
    steps: list[str] = []
    while rest:
        end = rest.find("]") + 1 if rest.startswith("[") else rest.find("/")
        end = end if end > 0 else len(rest)
        steps.append(rest[:end])
        rest = rest[end:].removeprefix("/")
    return steps


def wrong(declared: ResourceType, path: str) -> list[str]:
    """What is wrong with a path's alternatives; empty if one of them stands."""
    found = [_wrong(declared, branch.partition("/redacted")[0]) for branch in path.split("|")]
    return found if all(found) else []


def _wrong(declared: ResourceType, path: str) -> str:
    call, _, rest = path.removeprefix("@").partition("/")
    if path.startswith("@"):
        name = call.partition("(")[0]
        problems = [
            stands(value_of(declared, other), split(rest))
            for other in declared.calls()
            if other.operation == name
        ]
        return min(problems, default=f"{name} is not called")
    if call in added(declared):
        return ""
    return max((stands(shape, split(path)) for shape in items_of(declared)), default="")


def places() -> Iterator[tuple[Declaration, str]]:
    for declaration in REGISTRY.declarations:
        # Account details are split into several types, exclusions are rows of one type.
        if declaration.snapshot_type not in TYPES or declaration.snapshot_type == "ec2:vpc-bpa":
            continue
        paths = [prop.path for prop in declaration.properties]
        if isinstance(declaration, NodeType):
            paths += [declaration.name, declaration.resource_id, declaration.owner]
            paths += [declaration.tags] if declaration.tags != "Tags" else []
        yield from ((declaration, path) for path in paths if path)


PLACES = list(places())


@pytest.mark.parametrize(
    ("declaration", "path"), PLACES, ids=[f"{d.snapshot_type}-{p}" for d, p in PLACES]
)
def test_a_path_exists_in_what_aws_answers(declaration: Declaration, path: str) -> None:
    assert wrong(TYPES[declaration.snapshot_type], path) == []


def test_a_path_that_does_not_exist_is_found() -> None:
    assert wrong(TYPES["ec2:vpc"], "CidrBlock") == []
    assert wrong(TYPES["ec2:vpc"], "Cidr") == ["no Cidr in Vpc"]
    assert wrong(TYPES["ec2:vpc"], "CidrBlock/*") == ["* on a string"]
    assert wrong(TYPES["ec2:vpc"], "@get_vpc/Id") == ["get_vpc is not called"]
