"""Every declaration against botocore's own service models."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from collector.declare import (
    Account,
    Call,
    DeclarationError,
    Earlier,
    FollowUp,
    Item,
    ListCall,
    Named,
    Paginator,
    ResourceType,
    Root,
    Scope,
    Token,
)
from collector.paths import placeholders
from collector.services import LIMITS, TYPES, operations

_SESSION = botocore.session.Session()
_LOADER = _SESSION.get_component("data_loader")
CONTEXT = {"account", "region", "partition"}


@cache
def model(client: str) -> Any:
    return _SESSION.get_service_model(client)


@cache
def operation_names(client: str) -> dict[str, str]:
    return {xform_name(name): name for name in model(client).operation_names}


def operation_model(client: str, operation: str) -> Any:
    return model(client).operation_model(operation_names(client)[operation])


@cache
def paginators(client: str) -> dict[str, Any]:
    try:
        return dict(_LOADER.load_service_model(client, "paginators-1")["pagination"])
    except UnknownServiceError:
        return {}


def shape_at(shape: Any, path: str) -> Any:
    """The shape at a path, each step of which has to exist."""
    for step in path.split(".") if path else ():
        name = step.removesuffix("[]")
        if name == "*":
            assert shape.type_name == "map", f"* on a {shape.type_name}"
            shape = shape.value
        elif name and shape.type_name == "map":  # one key of a map
            shape = shape.value
        elif name.isdigit() and shape.type_name == "list":  # a place in a list
            shape = shape.member
        elif name:
            assert name in shape.members, f"{name} is not in {shape.name}"
            shape = shape.members[name]
        if step.endswith("[]"):
            assert shape.type_name == "list", f"{step} is no list"
            shape = shape.member
    return shape


def element_of(client: str, call: Call) -> Any:
    output = operation_model(client, call.operation).output_shape
    found = shape_at(output, call.result)
    return found.member if found.type_name == "list" else found


Place = tuple[ResourceType, Call, Any, Any]


def walk(declared: ResourceType) -> Iterator[Place]:
    """(type, call, shape of the element it is made for, shape of the item at the top)."""
    item: Any = None
    above: Any = None
    if declared.listed_for:
        found_by = TYPES[declared.listed_for]
        above = element_of(found_by.client, found_by.lists[0])
    for call in declared.lists:
        yield declared, call, above, None
        item = element_of(declared.client, call)
    for other in declared.each_of[:1]:
        item = element_of(TYPES[other].client, TYPES[other].lists[0])
    if declared.discovered_by:
        finder = TYPES[declared.discovered_by]
        item = next(
            element_of(finder.client, call)
            if call.discovers == declared.id
            else shape_at(element_of(finder.client, call), named.path)
            for call in finder.follow_ups
            for named in call.names or (Named(call.discovers, "", ""),)
            if named.type == declared.id
        )

    def inner(calls: tuple[FollowUp, ...], element: Any) -> Iterator[Place]:
        for call in calls:
            yield declared, call, element, item
            if call.fallback:
                yield declared, call.fallback, element, item
            if call.then:
                yield from inner(call.then, element_of(declared.client, call))

    yield from inner(declared.follow_ups, item)


ALL = [place for declared in TYPES.values() for place in walk(declared)]
IDS = [f"{place[0].id}-{place[1].operation}" for place in ALL]
every_call = pytest.mark.parametrize(("declared", "call", "element", "item"), ALL, ids=IDS)
every_type = pytest.mark.parametrize("declared", TYPES.values(), ids=list(TYPES))


@every_call
def test_operation_and_result_exist(
    declared: ResourceType, call: Call, element: Any, item: Any
) -> None:
    output = operation_model(declared.client, call.operation).output_shape
    found = shape_at(output, call.result)
    if isinstance(call, ListCall):
        assert found.type_name == "list" or call.result.endswith("[]")
    elif call.result:
        assert found.type_name == "list"
    if call.incomplete:
        assert shape_at(output, call.incomplete).type_name == "boolean"
    for path in call.text:
        assert shape_at(output, path).type_name == "blob"
    for path, _ in call.cut:
        assert shape_at(output, path).type_name == "string"


@every_call
def test_paging_is_what_the_service_does(
    declared: ResourceType, call: Call, element: Any, item: Any
) -> None:
    names = operation_names(declared.client)
    described = operation_model(declared.client, call.operation)
    config = paginators(declared.client).get(names[call.operation])
    members = described.output_shape.members
    tokens = {"NextToken", "nextToken", "NextMarker", "Marker", "ContinuationToken"} & set(members)
    inputs = described.input_shape.members if described.input_shape else {}
    if config is not None:
        assert isinstance(call.paging, Paginator), "botocore has a paginator"
        keys = config["result_key"]
        assert call.result.partition("[]")[0] in (keys if isinstance(keys, list) else [keys])
        if call.paging.page_size:
            limit = inputs[config["limit_key"]]
            assert limit.metadata.get("min", 1) <= call.paging.page_size
            assert call.paging.page_size <= limit.metadata.get("max", 10**6)
    elif isinstance(call.paging, Token):
        assert call.paging.request in inputs
        assert shape_at(described.output_shape, call.paging.response).type_name == "string"
        if call.paging.limit[0]:
            limit = inputs[call.paging.limit[0]]
            assert call.paging.limit[1] <= limit.metadata.get("max", 10**6)
    else:
        assert not (tokens & set(inputs)), "pages would be lost"


@every_call
def test_parameters_are_supplied_and_come_from_somewhere(
    declared: ResourceType, call: Call, element: Any, item: Any
) -> None:
    described = operation_model(declared.client, call.operation)
    shape = described.input_shape
    assert set(shape.required_members if shape else ()) <= set(call.params)
    for name, value in call.params.items():
        assert name in shape.members
        for source in _sources(value):
            if isinstance(source, Item):
                assert element is not None
                _is_member(declared, element, source.path)
            elif isinstance(source, Root):
                _is_member(declared, item, source.path)
            elif isinstance(source, Earlier):
                earlier = [other.operation for other in declared.follow_ups]
                assert source.call in earlier[: earlier.index(call.operation)]
                output = operation_model(declared.client, source.call).output_shape
                shape_at(output, source.path)


def _sources(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _sources(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _sources(inner)
    elif isinstance(value, Item | Root | Account | Earlier):
        yield value


def _is_member(declared: ResourceType, shape: Any, path: str) -> None:
    if path in declared.carry:  # that the item above has it is tested on its own
        return
    if shape.type_name == "string":
        parent = TYPES.get(declared.listed_for)
        wraps = [call.wrap for call in (*declared.lists, *(parent.lists if parent else ()))]
        finder = TYPES.get(declared.discovered_by)
        names = [n for c in (finder.follow_ups if finder else ()) for n in c.names]
        wraps += [named.wrap for named in names if named.type == declared.id]
        assert path in ("", *wraps)
        return
    shape_at(shape, path)


@every_call
def test_conditions_and_regions_exist(
    declared: ResourceType, call: Call, element: Any, item: Any
) -> None:
    if not isinstance(call, FollowUp):
        return
    for when in call.when:
        if when.call:
            output = operation_model(declared.client, when.call).output_shape
            shape_at(output, when.path)
            assert when.call in {other.operation for other in declared.follow_ups}
        else:
            shape_at(element, when.path)
    if call.region:
        earlier, _, path = call.region.rpartition(":")
        shape_at(operation_model(declared.client, earlier).output_shape, path)


@every_type
def test_ids_filters_and_redactions_name_members(declared: ResourceType) -> None:
    items = [item for _, _, _, item in walk(declared) if item is not None]
    items += [element_of(declared.client, call) for call in declared.lists]
    for shape in items[-1:]:
        for name in placeholders(declared.arn):
            if name not in CONTEXT:
                _is_member(declared, shape, name.partition("/")[0])
        for when in declared.keep:
            shape_at(shape, when.path)
        if declared.only_here:
            shape_at(shape, declared.only_here)
    for other in filter(None, (declared.listed_for, *declared.each_of)):
        parent = TYPES[other]
        for member in declared.carry:
            _is_member(parent, element_of(parent.client, parent.lists[0]), member)
    for path in (*declared.redact, *declared.scan):
        operation, colon, inner = path.rpartition(":")
        if not colon:
            shape_at(items[-1], path)
            continue
        call = next(c for c in declared.calls() if c.operation == operation)
        output = operation_model(declared.client, operation).output_shape
        held = shape_at(output, call.result)
        shape_at(held.member, inner.removeprefix("[].")) if call.result else shape_at(held, inner)


def test_the_architecture_names_every_type() -> None:
    assert len(TYPES) >= 70
    assert {t.scope for t in TYPES.values()} == set(Scope)


def test_ec2_and_lambda_limits_are_of_real_operations() -> None:
    for client, limits in LIMITS.items():
        for limit in limits:
            assert limit.source.startswith("https://docs.aws.amazon.com/")
            assert set(limit.operations) <= set(operation_names(client))


def test_a_constant_partition_is_refused() -> None:
    call = ListCall(operation="describe_vpcs", result="Vpcs")
    with pytest.raises(DeclarationError, match="partition"):
        ResourceType(
            id="ec2:x", client="ec2", scope=Scope.REGIONAL, arn="arn:aws:ec2:x", lists=(call,)
        )


def test_a_paged_call_without_a_result_is_refused() -> None:
    with pytest.raises(DeclarationError, match="result path"):
        Call(operation="describe_vpcs", paging=Paginator(10))


def test_what_must_never_be_called_is_not_declared() -> None:
    # exposure of values: each of these answers with a secret or with data. Not among them is
    # ssm.get_parameters: a type that is collected by name only asks it for plain String
    # parameters, never for SecureString ones nor decrypted, and redacts every value.
    never = {
        ("secretsmanager", "get_secret_value"),
        ("secretsmanager", "batch_get_secret_value"),
        ("ssm", "get_parameter"),
        ("kms", "decrypt"),
        ("s3", "get_object"),
        ("ecr", "get_authorization_token"),
        ("sts", "get_session_token"),
        ("lambda", "get_function"),
        ("dynamodb", "scan"),
        ("rds", "download_db_log_file_portion"),
        ("cognito-idp", "list_users"),
    }
    assert not never & operations()
