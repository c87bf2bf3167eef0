"""KMS grants: a way to a key beside its policy.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html. A grant alone is enough for its
grantee, from another account too: "a grant or IAM policy in your account"
(https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html). A Deny of any policy
binds it. A retired or revoked grant is listed no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from graph.iam import layers, patterns, rules
from graph.iam.case import Case, Identity
from graph.iam.document import parse
from graph.iam.expression import FALSE, Expression
from graph.iam.world import Policy

_CONSTRAINTS = ("EncryptionContextSubset", "EncryptionContextEquals")


def grants_document(rows: Iterable[Any]) -> dict[str, Any]:
    """The grants of a key, as ``ListGrants`` gives them, as a policy of Allow statements.

    Rows of another shape, and grants whose grantee is not an ARN or a service, name nobody.
    """
    statements = [row for grant in rows for row in grant_statements(grant)]
    return {"Version": "2012-10-17", "Statement": statements}


def grant_statements(grant: Any) -> list[dict[str, Any]]:
    """One grant as Allow statements: what its grantee may do, and who may retire it.

    Encryption context constraints become conditions; ``EncryptionContextEquals`` also forbids
    further pairs, which is left to the condition's reader.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
    """
    if not isinstance(grant, Mapping):
        return []
    operations = grant.get("Operations")
    names = [f"kms:{name}" for name in operations] if isinstance(operations, list) else []
    sid = str(grant.get("Name") or grant.get("GrantId") or "")
    constraints = grant.get("Constraints")
    told = constraints if isinstance(constraints, Mapping) else {}
    context = {
        f"kms:EncryptionContext:{key}": str(value)
        for name in _CONSTRAINTS
        for key, value in _pairs(told.get(name)).items()
    }
    grantee = grant.get("GranteePrincipal") or grant.get("GranteeServicePrincipal")
    retiring = grant.get("RetiringPrincipal") or grant.get("RetiringServicePrincipal")
    found = []
    if names and isinstance(grantee, str):
        row = _allow(sid, grantee, names)
        found.append(row | ({"Condition": {"StringEquals": context}} if context else {}))
    if isinstance(retiring, str):
        found.append(_allow(sid, retiring, ["kms:RetireGrant"]))
    return found


def _pairs(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _allow(sid: str, principal: str, actions: list[str]) -> dict[str, Any]:
    kind = "Service" if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS"
    named = {kind: principal}
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": named,
        "Action": actions,
        "Resource": "*",
    }


def aws_managed_key(account: str) -> Policy:
    """The policy of a key that AWS manages, which nobody can change.

    It serves the principals of its own account, each through the one service it is for.
    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
    """
    through = {
        "StringEquals": {"kms:CallerAccount": account},
        "StringLike": {"kms:ViaService": "*.amazonaws.com"},
    }
    row = _allow("", "*", ["kms:*"]) | {"Condition": through}
    document = parse({"Version": "2012-10-17", "Statement": [row]})
    return Policy("key policy of AWS", document)


@cache
def _grantable() -> tuple[str, ...]:
    """Operations that a grant can hold, in internal form."""
    rows = rules.data("kms_grants.json")["operations"]["actions"]
    return tuple(patterns.action_glob(row) for row in rows)


def granted(case: Case, identity: Identity) -> Expression:
    """When a grant lets the caller use the key; a gap where grants were not collected."""
    key = case.request.resource
    if case.request.other_grants_seen or ":key/" not in key:
        return FALSE
    if not any(patterns.matches(case.question.action, name) for name in _grantable()):
        return FALSE
    if key not in case.world.key_grants:
        return case.gap("KMS grants", "kms:grants", key, "The key's grants were not read.", True)
    policy = case.world.key_grants[key]
    if policy is None:
        return FALSE
    said = layers.ask((policy,), case.question, names_principals=True)
    if said.allows:
        case.proof.layer("KMS grants", key, said, said.allowed())
    return identity.named(said) | (said.allowed("account") & identity.full) | _service(case, said)


def _service(case: Case, said: layers.Said) -> Expression:
    return said.allowed("service") if case.request.principal.kind == "service" else FALSE
