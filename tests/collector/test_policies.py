"""The smallest policies and what AWS's own lack, against the matcher of the IAM engine."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.actions import ANY, Permission, needed_by, operation_actions, operations_of
from collector.policy_documents import (
    INLINE_LIMIT,
    MANAGED_LIMIT,
    allows,
    compact,
    documents,
    lacking,
    needed_permissions,
    reading_policies,
    size_of,
)
from collector.request import CollectError, CollectRequest
from graph.iam import catalogue

EVERYTHING = frozenset(p for row in operation_actions().values() for p in row.permissions)
AWS_OWN = [policy.document for policy in reading_policies()]
actions = st.from_regex(r"[a-z]{1,12}:[A-Z][A-Za-z]{1,40}", fullmatch=True)
permissions = st.builds(
    Permission,
    actions,
    st.just(ANY) | st.from_regex(r"[a-z]{2,8}:\*::/[a-z*/]{1,60}", fullmatch=True),
)


def granted(made: list[dict]) -> set[Permission]:
    """What documents grant, read statement by statement."""
    found = set()
    for document in made:
        for statement in document["Statement"]:
            places = statement["Resource"]
            for place in [places] if isinstance(places, str) else places:
                for action in statement["Action"]:
                    found.add(Permission(action, place.removeprefix("arn:*:")))
    return found


@given(st.frozensets(permissions, max_size=200), st.sampled_from([400, 1000, MANAGED_LIMIT]))
def test_documents_grant_exactly_what_is_asked_and_fit(
    wanted: frozenset[Permission], limit: int
) -> None:
    made = documents(wanted, limit)
    everywhere = {p.action for p in wanted if p.resource == ANY}
    expected = {p for p in wanted if p.resource == ANY or p.action not in everywhere}
    assert granted(made) == expected
    assert all(size_of(document) <= limit for document in made)
    assert bool(made) == bool(wanted)


def test_the_limit_is_used_up() -> None:
    made = documents(EVERYTHING)
    total = sum(map(size_of, made))
    assert len(made) == -(-total // MANAGED_LIMIT)
    assert len(documents(EVERYTHING, INLINE_LIMIT)) < len(made) or len(made) == 1


def test_size_is_without_white_space() -> None:
    (document,) = documents([Permission("ec2:DescribeVpcs")])
    assert size_of(document) == len("".join(json.dumps(document, indent=3).split()))
    assert compact(document) == (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Action":["ec2:DescribeVpcs"],"Resource":"*"}]}'
    )


def test_what_does_not_fit_at_all_is_said() -> None:
    with pytest.raises(ValueError, match="DescribeVpcs"):
        documents([Permission("ec2:DescribeVpcs")], limit=50)


def test_no_action_has_a_wildcard_and_each_is_known() -> None:
    newer = {a for row in operation_actions().values() if row.newer for a in row.actions}
    for document in documents(needed_permissions(CollectRequest(organisation=True))):
        for statement in document["Statement"]:
            for action in statement["Action"]:
                known = catalogue.action(action)
                assert known.name == action if known else action in newer
                assert "*" not in action


def test_the_policy_lets_every_operation_of_the_request_through() -> None:
    made = documents(needed_permissions(CollectRequest()))
    for operation in operations_of(CollectRequest().type_ids):
        assert not lacking(needed_by(*operation).permissions, made), operation


def test_services_and_skip_are_honoured() -> None:
    only = {
        p.action.partition(":")[0] for p in needed_permissions(CollectRequest(services=("kms",)))
    }
    assert only == {"kms", "ec2"}
    assert {p.action for p in needed_permissions(CollectRequest(services=("sts",)))} >= {
        "ec2:DescribeRegions"
    }
    without = needed_permissions(CollectRequest(skip=("kms",)))
    assert not any(p.action.startswith("kms:") for p in without)
    with pytest.raises(CollectError, match="kmz"):
        needed_permissions(CollectRequest(services=("kmz",)))


def test_entering_accounts_is_asked_for_only_where_accounts_are_entered() -> None:
    def entering(**given: object) -> set[str]:
        found = needed_permissions(CollectRequest(services=("kms",), **given))
        return {p.resource for p in found if p.action == "sts:AssumeRole"}

    assert entering() == set()
    assert entering(organisation=True, role_names=("audit",)) == {"iam::*:role/audit"}
    assert entering(accounts=("111122223333",), role_names=("audit",)) == {
        "iam::111122223333:role/audit"
    }
    # The name of an account does not stand in its ARNs.
    assert entering(organisation=True, accounts=("prod",), role_names=("audit",)) == {
        "iam::*:role/audit"
    }


# What AWS's own policies lack


@given(
    st.sampled_from(
        sorted(p.action for p in EVERYTHING if p.resource == ANY and catalogue.action(p.action))
    )
)
def test_wildcards_are_read_as_the_iam_engine_reads_them(action: str) -> None:
    patterns = [
        a for d in AWS_OWN for s in d["Statement"] if s["Resource"] == ANY for a in s["Action"]
    ]
    bit = catalogue.bits(action)
    engine = any(catalogue.bits(pattern) & bit for pattern in patterns)
    assert (not lacking([Permission(action)], AWS_OWN)) == engine


def test_what_is_lacking_is_not_in_them_and_the_rest_is() -> None:
    delta = lacking(EVERYTHING, AWS_OWN)
    assert Permission("ec2:DescribeVpcs") not in delta
    assert Permission("sts:AssumeRole") in delta
    assert not lacking(EVERYTHING, [*AWS_OWN, *documents(delta)])


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("apigateway:*::/restapis", True),
        ("apigateway:*::/restapis/*/stages", True),
        ("apigateway:*::/usageplans", False),
        ("apigateway:*::/domainnames/*/basepathmappings", False),
        (ANY, False),
    ],
)
def test_api_gateway_is_compared_by_path(path: str, there: bool) -> None:
    assert bool(lacking([Permission("apigateway:GET", path)], AWS_OWN)) is not there


READS = {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"Effect": "Deny"}, False),
        ({"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, False),
        ({"Action": "EC2:DESCRIBEVPCS"}, True),
        ({"Action": "ec2:DescribeVpc"}, False),
        ({"Action": "ec2:DescribeVpc?"}, True),
        ({"Action": "ec2:DescribeVpcs?"}, False),
        ({"Action": ["s3:*", "*"]}, True),
        ({"Resource": "arn:aws:ec2:*:*:vpc/*"}, False),
    ],
)
def test_a_statement_and_its_twins(change: dict, expected: bool) -> None:
    assert allows(READS | change, Permission("ec2:DescribeVpcs")) is expected


def test_a_statement_by_exclusion_is_not_counted_upon() -> None:
    statement = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert not allows(statement, Permission("ec2:DescribeVpcs"))


def test_a_narrower_resource_does_not_cover_a_wider_one() -> None:
    def covered(pattern: str) -> bool:
        statement = {"Effect": "Allow", "Action": "a:GET", "Resource": pattern}
        return allows(statement, Permission("a:GET", "a:*::/x/*/y"))

    assert covered("arn:aws:a:*::/x/*/y")
    assert covered("arn:aws-cn:a:*::/x/*")
    assert not covered("arn:aws:a:*::/x/1/y")
    assert not covered("arn:aws:a:*::/x/?/y")
    assert not covered("arn:aws:a:us-east-1::/x/*/y")


def test_aws_policies_have_no_shape_that_is_left_out() -> None:
    for document in AWS_OWN:
        for statement in document["Statement"]:
            assert set(statement) == {"Sid", "Effect", "Action", "Resource"}
            assert statement["Effect"] == "Allow"


def test_aws_policies_are_those_of_the_corpus() -> None:
    folder = Path(
        os.environ.get("MAPPER_CORPORA", Path(__file__).parents[2].parent / "shared/corpora")
    )
    corpus = folder / "aws-managed-policies.json"
    if not corpus.exists():
        pytest.skip("the corpora are not here: set MAPPER_CORPORA")
    known = json.loads(corpus.read_text())["policies"]
    for policy in reading_policies():
        assert policy.document == known[policy.name]["document"]
        assert policy.arn("arn:aws:") == known[policy.name]["arn"]
