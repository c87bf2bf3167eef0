"""AWS's own rule for a "public" S3 policy, which RestrictPublicBuckets acts on.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
(section "The meaning of public"): a policy is public unless every grant is limited to fixed
values, without wildcard or policy variable, of a principal or of one of the listed keys.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from graph.iam.document import BrokenPolicy, ConditionTest, Document, Statement

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
_FIXING_CALLERS = ("aws:principal", "aws:source", "aws:vpce")
_CALLED: dict[str, bool | None] = {}


def called_public(
    document: Document | BrokenPolicy | None, word: bool | None = None
) -> bool | None:
    """Whether S3 treats a policy as public: its own word where it was read, else its rule.

    Args:
        document: the policy.
        word: ``IsPublic`` of ``GetBucketPolicyStatus``.

    Returns:
        ``None``: it was not read, and what the rule says rests on a condition.
    """
    if word is not None or not isinstance(document, Document):
        return word
    if document.hash not in _CALLED:
        by_rule = is_public(document)
        unsure = by_rule and (
            not is_public(document, whatever_the_conditions=True)
            or any(map(_may_leave_fixed_values, document.statements))
        )
        _CALLED[document.hash] = None if unsure else by_rule
    return _CALLED[document.hash]


def _may_leave_fixed_values(statement: Statement) -> bool:
    """Whether a Deny may keep out all but fixed callers, which AWS's rule says nothing of."""
    if not statement.is_deny:
        return False
    return (
        statement.not_principals is not None
        or not statement.conditions
        or any(map(_spares_fixed_values, statement.conditions))
    )


def _spares_fixed_values(test: ConditionTest) -> bool:
    """Whether a test of a Deny lets pass only what has, or fits, some value of a fixing key."""
    key = test.key.lower()
    if key not in FIXING_KEYS and not key.startswith(_FIXING_CALLERS):
        return False
    return test.operator in ("null", "bool") or "not" in test.operator


def is_public(
    document: Document, *, whatever_the_conditions: bool = False, access_point: bool = False
) -> bool:
    """Whether AWS's published rule calls a bucket policy public.

    Args:
        document: the policy.
        whatever_the_conditions: count only grants without any condition: S3's own reading of a
            condition may know keys that the published list leaves out.
        access_point: it is an access point's policy, in which a set of access points fixes
            nothing.
    """
    return any(
        not (whatever_the_conditions and document.statements[number].conditions)
        for number in public_statements(document, access_point=access_point)
    )


def public_statements(document: Document, *, access_point: bool = False) -> Iterator[int]:
    """Numbers (from 0) of the statements that make a policy public by AWS's published rule."""
    for number, statement in enumerate(document.statements):
        if (
            not statement.is_deny
            and _names_all(statement)
            and not any(_is_fixed(test, access_point) for test in statement.conditions)
        ):
            yield number


def _names_all(statement: Statement) -> bool:
    if statement.not_principals is not None:
        return True
    pairs = statement.principals or ()
    return any(kind == "Federated" or (kind, value) == ("AWS", "*") for kind, value in pairs)


def _is_fixed(test: ConditionTest, access_point: bool) -> bool:
    """Whether one key is limited to fixed values."""
    if test.quantifier or test.if_exists or not test.values:
        return False
    key = test.key.lower()
    if key == "aws:sourceip" and test.operator == "ipaddress":
        return all(map(_narrow_range, test.values))
    if key not in FIXING_KEYS or test.operator not in FIXING_OPERATORS:
        return False
    return all(_fixed_value(key, value, access_point) for value in test.values)


def _fixed_value(key: str, value: str, access_point: bool) -> bool:
    if "${" in value:
        return False
    if key == "aws:userid":
        return not value.endswith(":*") and "*" not in value
    if key == "s3:dataaccesspointarn" and not access_point:
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
