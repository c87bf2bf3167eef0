"""Why nobody of a finding's principals may assume a role, by our engine."""

from __future__ import annotations

from graph.iam import federation
from graph.iam.assumption import ASSUME, SAML, WEB_IDENTITY
from graph.iam.request import Request
from graph.iam.resource_policy import weigh
from graph.iam.world import ANY_AWS_PRINCIPAL, IamWorld, Outside, Principal, outside_account
from graph.sharing.access_analyzer import Finding
from graph.verdict import Answer, Verdict


def why_not(world: IamWorld, role: Principal, finding: Finding) -> str:
    """One sentence: what the role's trust policy, or else the callers' own side, says."""
    for kind, value in finding.principals:
        answer = _trusted(world, role, kind, value)
        if answer is not None and answer.verdict is not Verdict.NO:
            return _other_side(kind, value)
        if answer is not None:
            return answer.why
    return f"Nothing that was read lets {finding.who} assume it."


def _trusted(world: IamWorld, role: Principal, kind: str, value: str) -> Answer | None:
    """What the trust policy alone says of a principal as AWS names it."""
    if kind == "Federated":
        action = SAML if federation.is_saml(value) else WEB_IDENTITY
        caller: Outside = federation.tenant(value)
    elif kind == "AWS":
        action, caller = ASSUME, _caller(value)
    else:
        return None
    return weigh(world, Request(caller, action, role.arn, role.account), role.trust).answer


def _caller(value: str) -> Outside:
    if value == "*":
        return ANY_AWS_PRINCIPAL
    if not value.startswith("arn:"):
        return outside_account(value)
    account = (value.split(":", 5) + [""] * 5)[4]
    return outside_account(account, "" if value.endswith(":root") else value)


def _other_side(kind: str, value: str) -> str:
    if kind == "Federated":
        return (
            f"The trust policy lets {value} in, but the provider does not exist any more or "
            "gives nobody this role."
        )
    return f"The trust policy lets {value} in, but nobody there has leave to assume it."
