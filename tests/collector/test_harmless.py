"""The collector reads, and only what it declares."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.loaders import create_loader
from botocore.model import ServiceModel

from collector.actions import operation_actions
from collector.models import declared_models
from collector.services import operations
from collector.session import (
    NOT_DECLARED_BUT_NEEDED,
    Clients,
    ForbiddenOperationError,
    act_as,
    allowed_operations,
)
from graph.iam import catalogue

ACTIONS = operation_actions()
READING = frozenset({"list", "read"})


@pytest.mark.parametrize("operation", sorted(allowed_operations()), ids=".".join)
def test_aws_classifies_every_operation_as_reading(operation: tuple[str, str]) -> None:
    row = ACTIONS[operation]
    assert row.actions
    if row.newer:
        assert row.level in ("List", "Read")
        return
    levels = {catalogue.action(action).level for action in row.actions}
    assert levels <= READING or row.reason


@pytest.mark.parametrize("operation", sorted(allowed_operations()), ids=".".join)
def test_every_operation_is_named_like_reading(operation: tuple[str, str]) -> None:
    reading = re.match(r"(get|list|describe|search|batch_get|batch_describe)_", operation[1])
    assert reading or ACTIONS[operation].reason


def test_the_short_list_of_what_does_not_read_is_short() -> None:
    """Whoever adds to it has to say so here as well."""
    called = {operation for operation in allowed_operations() if ACTIONS[operation].reason}
    assert called == {
        ("iam", "generate_credential_report"),
        ("iam", "generate_service_last_accessed_details"),
        ("iam", "simulate_principal_policy"),
        ("lightsail", "is_vpc_peered"),
        ("sts", "assume_role"),
    }
    writing = {op for op in allowed_operations() if ACTIONS[op].level not in ("List", "Read")}
    assert writing == {("sts", "assume_role")}


def test_what_is_newer_than_the_catalogue_is_not_in_it() -> None:
    """When this fails the catalogue was renewed: take the override away."""
    for row in ACTIONS.values():
        if row.newer:
            assert not any(catalogue.action(action) for action in row.actions)
            assert all(re.search(r":(Get|List|Describe)[A-Z]", action) for action in row.actions)


def test_a_writing_operation_would_be_noticed() -> None:
    """The twin: the catalogue tells reading from writing."""
    assert catalogue.action("ec2:TerminateInstances").level not in READING
    assert catalogue.action("iam:CreateUser").level not in READING


def test_the_data_file_is_what_the_script_makes() -> None:
    """When this fails: scripts/update_operation_actions.py."""
    script = _script()
    data = json.loads(script.TARGET.read_text())
    made, unresolved = script.updated(data, allowed_operations())
    assert unresolved == []
    assert made["operations"] == {k: data["operations"][k] for k in made["operations"]}
    assert script.as_text(data) == script.TARGET.read_text()


def test_the_data_file_has_no_row_that_nobody_uses() -> None:
    """When this fails: scripts/update_operation_actions.py."""
    assert set(ACTIONS) == allowed_operations()


def test_the_script_names_what_it_cannot_derive_and_prunes_what_nobody_declares() -> None:
    script = _script()
    data = {"overrides": {}, "operations": {"ec2.describe_vpcs": {}}}
    made, unresolved = script.updated(data, {("s3", "list_buckets"), ("ec2", "describe_subnets")})
    assert unresolved == ["s3.list_buckets"]
    assert made["operations"] == {
        "ec2.describe_subnets": {"actions": ["ec2:DescribeSubnets"], "level": "List"}
    }
    data["overrides"] = {"s3.list_buckets": {"actions": ["s3:ListAllMyBuckets"], "source": "x"}}
    made, unresolved = script.updated(data, {("s3", "list_buckets")})
    assert unresolved == []
    assert made["operations"]["s3.list_buckets"]["level"] == "List"


def test_the_script_refuses_an_override_that_the_catalogue_does_not_know() -> None:
    overrides = {"s3.list_buckets": {"actions": ["s3:ListEverything"], "source": "x"}}
    with pytest.raises(KeyError, match="ListEverything"):
        _script().updated({"overrides": overrides, "operations": {}}, {("s3", "list_buckets")})


def test_api_gateway_reads_only_the_paths_of_its_operations() -> None:
    script = _script()
    row = script.row_of("apigateway", "get_stages", {})
    assert row["resources"] == ["apigateway:*::/restapis/*/stages"]
    assert script.row_of("apigatewayv2", "get_routes", {})["resources"] == [
        "apigateway:*::/apis/*/routes"
    ]
    assert "resources" not in script.row_of("ec2", "describe_vpcs", {})


def test_every_override_says_where_it_comes_from() -> None:
    overrides = json.loads(_script().TARGET.read_text())["overrides"]
    assert all(row["source"].startswith("https://") for row in overrides.values())


def test_what_is_called_beside_the_declarations_is_known() -> None:
    assert set(NOT_DECLARED_BUT_NEEDED) - operations() == {
        ("sts", "assume_role"),
        ("iam", "simulate_principal_policy"),
        ("iam", "get_role"),
    }


def _script() -> ModuleType:
    path = Path(__file__).parents[2] / "scripts" / "update_operation_actions.py"
    spec = importlib.util.spec_from_file_location("update_operation_actions", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Keys:
    def get_frozen_credentials(self):
        from botocore.credentials import ReadOnlyCredentials

        return ReadOnlyCredentials("testing", "testing", None)


@pytest.mark.parametrize(
    ("client", "operation", "params"),
    [
        ("ec2", "terminate_instances", {"InstanceIds": ["i-0123456789abcdef0"]}),
        ("s3", "get_object", {"Bucket": "org-logs", "Key": "x"}),
        ("secretsmanager", "get_secret_value", {"SecretId": "x"}),
        ("iam", "create_user", {"UserName": "x"}),
    ],
)
def test_an_undeclared_operation_is_refused_before_it_is_sent(
    front, client: str, operation: str, params: dict
) -> None:
    """Even by a client that has a method for it."""
    act_as(Keys())
    clients = Clients()
    clients._session.register_component("data_loader", create_loader())
    with pytest.raises(ForbiddenOperationError, match=operation):
        getattr(clients.get(client, "us-east-1"), operation)(**params)
    assert front.asked == []


def test_a_client_has_methods_for_what_is_declared_and_for_nothing_else() -> None:
    clients = Clients()
    allowed = allowed_operations()
    for client in sorted({name for name, _ in allowed}):
        made = clients.get(client, "eu-west-1")
        names = set(made.meta.method_to_api_mapping)
        assert names == {operation for name, operation in allowed if name == client}


def test_what_is_left_of_a_model_says_of_its_operations_what_the_whole_one_says() -> None:
    allowed = allowed_operations()
    # Not the loader that all clients share: at S3's first call botocore rewrites its paths.
    whole, cut = create_loader(), declared_models.__wrapped__(None, allowed)
    for client in sorted({name for name, _ in allowed}):
        before = ServiceModel(whole.load_service_model(client, "service-2"), client)
        after = ServiceModel(cut.load_service_model(client, "service-2"), client)
        assert after.metadata == before.metadata
        for name in after.operation_names:
            mine, given = after.operation_model(name), before.operation_model(name)
            assert mine.http == given.http
            assert _shape(mine.input_shape) == _shape(given.input_shape)
            assert _shape(mine.output_shape) == _shape(given.output_shape)
        assert {s.name for s in after.error_shapes} == {s.name for s in before.error_shapes}


def _shape(shape: Any, above: tuple[str, ...] = ()) -> Any:
    """A shape as data: its name, type, traits and members."""
    if shape is None or shape.name in above:
        return shape and shape.name
    inside = (*above, shape.name)
    if shape.type_name == "structure":
        members: Any = {k: _shape(v, inside) for k, v in shape.members.items()}
    elif shape.type_name == "list":
        members = _shape(shape.member, inside)
    elif shape.type_name == "map":
        members = (_shape(shape.key, inside), _shape(shape.value, inside))
    else:
        members = None
    traits = dict(shape.serialization)
    return (shape.name, shape.type_name, traits, getattr(shape, "required_members", None), members)


def test_a_declared_operation_is_sent(front) -> None:
    act_as(Keys())
    Clients().get("ec2", "us-east-1").describe_vpcs()
    assert [request.operation for request in front.asked] == ["DescribeVpcs"]


def test_s3control_reaches_an_endpoint_that_has_no_account_hosts(endpoint: str) -> None:
    act_as(Keys())
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        Clients().get("s3control", "us-east-1").get_public_access_block(AccountId="123456789012")
