"""Services that act for others: the source that a policy fixes, or does not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.guards.trusts import of_resource, only, trusted
from tests.iam.worlds import A, doc, grant

IOT = {"Service": "iot.amazonaws.com"}


def by(principal: Any, **condition: Any) -> Any:
    found = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return found | ({"Condition": condition} if condition else {})


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ({}, "not-fixed"),
        ({"StringEquals": {"aws:SourceAccount": A}}, "fixed"),
        ({"StringLike": {"aws:SourceAccount": "*"}}, "not-fixed"),
        ({"StringEqualsIfExists": {"aws:SourceAccount": A}}, "if-present"),
        ({"StringNotEquals": {"aws:SourceAccount": A}}, "not-fixed"),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:iot:*:{A}:*"}}, "fixed"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:iot:eu-west-1:*:rule/x"}}, "not-fixed"),
        ({"StringEquals": {"aws:SourceOrgID": "o-abcdefghij"}}, "fixed"),
        ({"StringLike": {"aws:SourceOrgID": "*"}}, "not-fixed"),
        ({"Bool": {"aws:SecureTransport": "true"}}, "not-fixed"),
    ],
)
def test_the_source_of_a_service_that_anyone_drives(condition: dict[str, Any], state: str) -> None:
    assert only(trusted(by(IOT, **condition))) == {f"source {state}"}


def test_a_service_that_takes_roles_of_its_own_account_only_is_no_deputy() -> None:
    """Only somebody with iam:PassRole in the account gives a machine its role."""
    assert only(trusted(by({"Service": "ec2.amazonaws.com"}))) == set()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, {"source not-fixed"}),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::mine"}}, {"source fixed"}),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::mine*"}}, {"source not-fixed"}),
        ({"StringEquals": {"aws:SourceAccount": A}}, {"source fixed"}),
    ],
)
def test_a_topic_that_a_service_publishes_to(condition: dict[str, Any], expected: set[str]) -> None:
    topic = f"arn:aws:sns:eu-west-1:{A}:events"
    statement = grant({"Service": "s3.amazonaws.com"}, "sns:Publish", topic)
    policy = doc(statement | ({"Condition": condition} if condition else {}))
    found = of_resource(policy, topic, "sns")
    assert found["service:s3.amazonaws.com"] == expected
    assert ("any-account-via:s3.amazonaws.com" in found) == (expected == {"source not-fixed"})
