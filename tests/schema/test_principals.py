"""Which node a principal of a trust policy, or the receiver of a share, is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.inventory import inventory
from graph.schema.links import receiver
from tests.schema.aws_lines import PROD, SHARED, VENDOR, Line, iam, line, write

ROLE = iam("role", "target")


def trusted(folder: Path, statement: Line, *roles: Line) -> dict[str, Any]:
    """Ids that the role trusts, with their labels."""
    document = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"} | statement]}
    target = line(ROLE, {"RoleName": "target", "AssumeRolePolicyDocument": document})
    result = inventory(write(folder, {(PROD, "global", "iam:role"): [target, *roles]}))
    labels = {found.id: found.labels[0] for found in result.nodes}
    return {r.end: labels[r.end] for r in result.relationships if r.type == "TRUSTS"}


SESSION = f"arn:aws:sts::{SHARED}:assumed-role/app/me"
OIDC = iam("oidc-provider", "gitlab.com")

PRINCIPALS: list[tuple[Any, dict[str, str]]] = [
    ({"AWS": VENDOR}, {f"account:{VENDOR}": "ExternalAccount"}),
    ({"AWS": f"arn:aws:iam::{VENDOR}:root"}, {f"account:{VENDOR}": "ExternalAccount"}),
    ({"AWS": f"arn:aws-cn:iam::{VENDOR}:root"}, {f"account:{VENDOR}": "ExternalAccount"}),
    ({"AWS": iam("role", "a/b", SHARED)}, {iam("role", "a/b", SHARED): "IAMRole"}),
    ({"AWS": iam("user", "u", SHARED)}, {iam("user", "u", SHARED): "IAMUser"}),
    ({"AWS": SESSION}, {SESSION: "PrincipalSession"}),
    (
        {"AWS": f"arn:aws:sts::{SHARED}:federated-user/u"},
        {f"arn:aws:sts::{SHARED}:federated-user/u": "PrincipalSession"},
    ),
    (
        {"AWS": ["AROAJQABLZS4A3QDU576Q", "AIDAJQABLZS4A3QDU576Q"]},
        {
            "deleted:AROAJQABLZS4A3QDU576Q": "DeletedPrincipal",
            "deleted:AIDAJQABLZS4A3QDU576Q": "DeletedPrincipal",
        },
    ),
    ({"Service": "EC2.amazonaws.com"}, {"service:ec2.amazonaws.com": "AWSService"}),
    ({"Federated": OIDC}, {OIDC: "OIDCProvider"}),
    (
        {"Federated": "cognito-identity.amazonaws.com"},
        {"federated:cognito-identity.amazonaws.com": "FederatedProvider"},
    ),
    ("*", {}),
    ({"AWS": "*"}, {}),
    ({"AWS": f"arn:aws:iam::{VENDOR}:role/*"}, {}),
    ({"AWS": "arn:aws:iam::777:role/a"}, {}),
    ({"AWS": "nonsense"}, {}),
    ({"AWS": 5, "Service": ["*", "x"], "Federated": "<script>", "Other": "a"}, {}),
    ({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}, {}),
    (None, {}),
]


@pytest.mark.parametrize(("principal", "expected"), PRINCIPALS, ids=repr)
def test_a_principal_is_one_node(tmp_path: Path, principal: Any, expected: Any) -> None:
    assert trusted(tmp_path, {"Principal": principal}) == expected


@pytest.mark.parametrize(
    ("statement", "counts"),
    [
        ({"Action": "*"}, True),
        ({"Action": "sts:*"}, True),
        ({"Action": ["sts:TagSession", "STS:ASSUMEROLE"]}, True),
        ({"Action": "sts:AssumeRoleWithWebIdentity"}, True),
        ({"Action": "sts:TagSession"}, False),
        ({"Action": None, "NotAction": "s3:*"}, True),
        ({"Effect": "Deny"}, False),
    ],
)
def test_only_statements_that_allow_assuming_count(
    tmp_path: Path, statement: Line, counts: bool
) -> None:
    found = trusted(tmp_path, statement | {"Principal": {"AWS": VENDOR}})
    assert bool(found) is counts


def test_a_session_of_a_collected_role_is_the_role(tmp_path: Path) -> None:
    arn = iam("role", "path/app")
    session = f"arn:aws:sts::{PROD}:assumed-role/app/me"
    found = trusted(tmp_path, {"Principal": {"AWS": session}}, line(arn, {"RoleName": "app"}))
    assert found == {arn: "IAMRole"}


def test_a_session_of_another_accounts_role_of_that_name_is_not(tmp_path: Path) -> None:
    other = line(iam("role", "path/app"), {"RoleName": "app"})
    assert trusted(tmp_path, {"Principal": {"AWS": SESSION}}, other) == {
        SESSION: "PrincipalSession"
    }


def test_a_trust_with_and_without_a_condition_is_not_conditional(tmp_path: Path) -> None:
    def conditional(folder: Path, *conditions: Any) -> Any:
        statements = [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": VENDOR}} | extra
            for extra in conditions
        ]
        document = {"Statement": statements}
        rows = [line(ROLE, {"RoleName": "target", "AssumeRolePolicyDocument": document})]
        result = inventory(write(folder, {(PROD, "global", "iam:role"): rows}))
        return [r.props["conditional"] for r in result.relationships]

    external_id = {"Condition": {"StringEquals": {"sts:ExternalId": "x"}}}
    assert conditional(tmp_path / "a", external_id) == [True]
    assert conditional(tmp_path / "b", external_id, {}) == [False]
    assert conditional(tmp_path / "c", {}, external_id) == [False]


def test_a_trust_policy_that_is_no_document_is_a_problem(tmp_path: Path) -> None:
    for number, document in enumerate(("{", "[]", {"Statement": ["x"]}, 7)):
        rows = [line(ROLE, {"RoleName": "target", "AssumeRolePolicyDocument": document})]
        result = inventory(write(tmp_path / str(number), {(PROD, "global", "iam:role"): rows}))
        assert [problem.what.split(":")[0] for problem in result.problems] == ["TRUSTS"]
        assert len(result.nodes) == 1


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (VENDOR, f"account:{VENDOR}"),
        (f"arn:aws:organizations::{PROD}:organization/o-abc", "org:o-abc"),
        (
            f"arn:aws:organizations::{PROD}:ou/o-abc/ou-1",
            f"arn:aws:organizations::{PROD}:ou/o-abc/ou-1",
        ),
        (iam("role", "r"), iam("role", "r")),
        ("glue.amazonaws.com", "service:glue.amazonaws.com"),
        ("*", None),
        ("all", None),
        (f"arn:aws:iam::{VENDOR}:role/*", None),
    ],
)
def test_a_receiver_of_a_share_is_one_node(principal: str, expected: str | None) -> None:
    found = receiver(principal)
    assert (found.id if found else None) == expected
