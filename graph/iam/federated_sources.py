"""Whom the identity providers of a role's trust policy let in.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.iam import federation
from graph.iam.assumption import SAML, WEB_IDENTITY, Assumption
from graph.iam.document import Document
from graph.iam.principal import entries
from graph.iam.request import Request
from graph.iam.resource_policy import weigh
from graph.iam.world import IamWorld, Policy, Principal
from graph.verdict import Verdict


def federated(world: IamWorld, role: Principal) -> Iterator[Assumption]:
    """Identity providers: any tenant of a shared one first, else whom the conditions leave."""
    trust = role.trust
    if trust is None or not isinstance(trust.document, Document):
        return
    providers = {
        entry.value
        for statement in trust.document.statements
        if not statement.is_deny
        for entry in entries(statement)
        if entry.kind in ("federated", "everyone-federated")
    }
    for provider in sorted(providers):
        yield from _of_provider(world, role, trust, provider)


def _of_provider(
    world: IamWorld, role: Principal, trust: Policy, provider: str
) -> Iterator[Assumption]:
    action = SAML if federation.is_saml(provider) else WEB_IDENTITY
    source = f"federated:{provider}"
    if federation.shared(provider):
        request = Request(federation.any_tenant(provider), action, role.arn, role.account)
        answer = weigh(world, request, trust).answer
        if answer.verdict is not Verdict.NO:
            yield Assumption(source, answer, (action,), "shared-provider")
            return
    request = Request(federation.tenant(provider), action, role.arn, role.account)
    answer = weigh(world, request, trust).answer
    if answer.verdict is not Verdict.NO:
        yield Assumption(source, answer, (action,), "federated")
