"""AWS's own rule for a "public" S3 policy, which RestrictPublicBuckets acts on.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
(section "The meaning of public"): a policy is public unless every grant is limited to fixed
values, without wildcard or policy variable, of a principal or of one of the listed keys.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

FIXING_KEYS = frozenset(
    {
        "aws:principalorgid",
        "aws:sourcearn",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceowner",
        "aws:sourceaccount",
        "aws:userid",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:dataaccesspointarn",
        "s3:dataaccesspointaccount",
    }
)
FIXING_OPERATORS = frozenset(
    {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"}
)


def is_public(document: Mapping[str, Any], *, whatever_the_conditions: bool = False) -> bool:
    """Whether AWS's published rule calls a bucket policy public.

    Args:
        document: the policy as parsed JSON.
        whatever_the_conditions: count only grants without any condition: S3's own reading of a
            condition may know keys that the published list leaves out.
    """
    return any(
        statement.get("Effect") == "Allow"
        and _grants_to_all(statement)
        and not (whatever_the_conditions and statement.get("Condition"))
        for statement in _list(document.get("Statement"))
        if isinstance(statement, Mapping)
    )


def _grants_to_all(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return not _fixed(statement.get("Condition"))
    principal = statement.get("Principal")
    if principal == "*":
        return not _fixed(statement.get("Condition"))
    if not isinstance(principal, Mapping):
        return False
    wild = "*" in _list(principal.get("AWS")) or bool(_list(principal.get("Federated")))
    return wild and not _fixed(statement.get("Condition"))


def _fixed(condition: object) -> bool:
    """Whether one key is limited to fixed values."""
    if not isinstance(condition, Mapping):
        return False
    return any(
        _key_is_fixed(str(operator).lower(), str(key).lower(), [str(v) for v in _list(values)])
        for operator, block in condition.items()
        if isinstance(block, Mapping)
        for key, values in block.items()
    )


def _key_is_fixed(operator: str, key: str, values: list[str]) -> bool:
    if not values:
        return False
    if key == "aws:sourceip" and operator == "ipaddress":
        return all(_narrow_range(value) for value in values)
    if key not in FIXING_KEYS or operator not in FIXING_OPERATORS:
        return False
    return all(_fixed_value(key, value) for value in values)


def _fixed_value(key: str, value: str) -> bool:
    if "${" in value:
        return False
    if key == "aws:userid":
        return not value.endswith(":*") and "*" not in value
    if key == "s3:dataaccesspointarn":
        # In a bucket policy the access point's name may be a wildcard if its account is fixed.
        account = (value.split(":") + [""] * 5)[4]
        return account.isdigit()
    return "*" not in value and "?" not in value


def _narrow_range(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (8 if network.version == 4 else 32)


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
        return list(value)
    return [value]
