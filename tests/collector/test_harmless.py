"""The collector reads, and only what it declares."""

from __future__ import annotations

import json
import re
from importlib import resources

import pytest
from botocore.exceptions import ClientError

from collector.services import operations
from collector.session import (
    NOT_DECLARED_BUT_NEEDED,
    Clients,
    ForbiddenOperationError,
    act_as,
    allowed_operations,
)

ACTIONS = json.loads((resources.files("collector") / "data" / "operation-actions.json").read_text())

WRITE_LEVEL = {
    # An identity of another account; nothing in that account changes.
    "sts.assume_role": "Write",
}
NOT_A_READING_NAME = {
    # AWS calls it Read: it makes the report that get_credential_report gives.
    ("iam", "generate_credential_report"),
    ("sts", "assume_role"),
}


@pytest.mark.parametrize("operation", sorted(allowed_operations()), ids=".".join)
def test_aws_classifies_every_operation_as_reading(operation: tuple[str, str]) -> None:
    row = ACTIONS["operations"][".".join(operation)]
    assert row["actions"]
    assert row["level"] == WRITE_LEVEL.get(".".join(operation), row["level"])
    if ".".join(operation) not in WRITE_LEVEL:
        assert row["level"] in ("List", "Read")


@pytest.mark.parametrize("operation", sorted(allowed_operations()), ids=".".join)
def test_every_operation_is_named_like_reading(operation: tuple[str, str]) -> None:
    reading = re.match(r"(get|list|describe|search)_", operation[1])
    assert reading or operation in NOT_A_READING_NAME


def test_the_catalogue_has_no_row_that_nobody_uses() -> None:
    assert set(ACTIONS["operations"]) == {".".join(o) for o in allowed_operations()}
    assert ACTIONS["source"]


def test_what_is_called_beside_the_declarations_is_known() -> None:
    assert set(NOT_DECLARED_BUT_NEEDED) - operations() == {("sts", "assume_role")}


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
    act_as(Keys())
    made = Clients().get(client, "us-east-1")
    with pytest.raises(ForbiddenOperationError, match=operation):
        getattr(made, operation)(**params)
    assert front.asked == []


def test_a_declared_operation_is_sent(front) -> None:
    act_as(Keys())
    Clients().get("ec2", "us-east-1").describe_vpcs()
    assert [request.operation for request in front.asked] == ["DescribeVpcs"]


def test_s3control_reaches_an_endpoint_that_has_no_account_hosts(endpoint: str) -> None:
    act_as(Keys())
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        Clients().get("s3control", "us-east-1").get_public_access_block(AccountId="123456789012")
