"""Who reaches a role of IAM Identity Center: its assignments.

https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from graph.iam import federation
from graph.iam.assumption import SAML, Assumption
from graph.iam.identity_sources import PERMISSION_SET
from graph.iam.request import Request
from graph.iam.resource_policy import weigh
from graph.iam.world import IamWorld, Policy, Principal
from graph.verdict import Answer, Verdict, all_of, condition

_NAME = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")
_PATH = "/aws-reserved/sso.amazonaws.com/"


def is_reserved(role: Principal) -> bool:
    """Whether Identity Center made a role for a permission set."""
    return role.path.startswith(_PATH) and bool(_NAME.fullmatch(role.name))


def permission_set_of(role: Principal) -> str:
    """The name of the permission set that a role was made for; empty for other roles."""
    found = _NAME.fullmatch(role.name) if role.path.startswith(_PATH) else None
    return found[1] if found else ""


def of_assignments(
    world: IamWorld, role: Principal, trust: Policy, provider: str
) -> Iterator[Assumption]:
    """Users and groups that have the permission set in the role's account."""
    request = Request(federation.tenant(provider), SAML, role.arn, role.account)
    trusted = weigh(world, request, trust).answer
    if trusted.verdict is Verdict.NO:
        return
    name = permission_set_of(role)
    for row in world.identity_sources.assigned.get((role.account, name), ()):
        why = f"Identity Center gives permission set {name} in {row.account} to {row.principal}."
        answer = replace(trusted, why=why, evidence=(why, *trusted.evidence))
        yield Assumption(row.principal, answer, (SAML,), "identity-center")
    if not world.identity_sources.was_read(PERMISSION_SET, ""):
        text = f"Who has permission set {name} in {role.account} was not collected."
        missing = (condition("not_collected", PERMISSION_SET, name),)
        gap = Answer(Verdict.UNKNOWN, text, missing, evidence=(text,))
        answer = replace(all_of([trusted, gap]), why=text)
        yield Assumption(f"federated:{provider}", answer, (SAML,), "unknown")
