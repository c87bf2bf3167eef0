"""Who outside IAM assumes a role: providers' users, pools, certificates, clusters, people.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graph.iam import federation, identity_center, service_sources
from graph.iam.assumption import SAML, WEB_IDENTITY, Assumption
from graph.iam.cognito_sources import of_pools
from graph.iam.document import Document
from graph.iam.identity_sources import OIDC
from graph.iam.identity_sources import SAML as SAML_TYPE
from graph.iam.principal import entries
from graph.iam.request import Request
from graph.iam.resource_policy import weigh
from graph.iam.world import IamWorld, Outside, Policy, Principal
from graph.verdict import Answer, Verdict, any_of

_GONE = "gone"
_TRIED = 20


def federated(world: IamWorld, role: Principal) -> Iterator[Assumption]:
    """Every source outside IAM that may assume a role; none that may not.

    Kinds of the rows, beside those of :class:`graph.iam.assumption.Assumption`:

    - ``shared-provider``: any tenant of a provider that anyone can join;
    - ``federated``: whom a provider (an ARN or a well-known name) vouches for;
    - ``internet``: guests of a Cognito identity pool;
    - ``identity-pool``: its signed-in users, from the pool's ARN;
    - ``trust-anchor``: holders of a certificate, from the ARN of the Roles Anywhere trust anchor;
    - ``eks-pod-identity``, ``eks-service-account``: pods, from the cluster's ARN;
    - ``identity-center``: a user or group of Identity Center with an assignment;
    - ``unknown``: what would decide was not collected; the answer names it.
    """
    trust = role.trust
    if trust is None or not isinstance(trust.document, Document):
        return
    yield from service_sources.of_services(world, role, trust)
    providers = {
        entry.value
        for statement in trust.document.statements
        if not statement.is_deny
        for entry in entries(statement)
        if entry.kind in ("federated", "everyone-federated")
    }
    for provider in sorted(providers):
        if federation.is_cognito(provider):
            yield from of_pools(world, role, trust, provider)
        elif identity_center.is_reserved(role):
            yield from identity_center.of_assignments(world, role, trust, provider)
        else:
            yield from _of_provider(world, role, trust, trust.document, provider)


def _of_provider(
    world: IamWorld, role: Principal, trust: Policy, document: Document, provider: str
) -> Iterator[Assumption]:
    state = _state(world, provider)
    if state == _GONE:
        return
    source = f"federated:{provider}"
    action = SAML if federation.is_saml(provider) else WEB_IDENTITY
    contexts = _audiences(world, document, provider)
    if _joined_by_anyone(world, provider):
        answer = _asked(world, role, trust, federation.any_tenant(provider), contexts)
        if answer.verdict is not Verdict.NO:
            yield Assumption(source, _noted(answer, state), (action,), "shared-provider")
            return
    answer = _asked(world, role, trust, federation.tenant(provider), contexts)
    if answer.verdict is Verdict.NO:
        return
    yield Assumption(source, _noted(answer, state), (action,), "federated")
    cluster = world.identity_sources.cluster_by_issuer.get(federation.issuer(provider))
    if cluster is not None:
        yield Assumption(cluster.arn, answer, (action,), "eks-service-account")


def _joined_by_anyone(world: IamWorld, provider: str) -> bool:
    """Whether tokens of any tenant may come: an audience that names the tenant is on the list."""
    row = federation.shared(provider)
    found = world.identity_sources.providers.get(provider)
    fixed = found is not None and bool(found.client_ids)
    return row is not None and not (fixed and "aud" in row["tenant_claims"])


def _asked(
    world: IamWorld,
    role: Principal,
    trust: Policy,
    caller: Outside,
    contexts: list[Mapping[str, tuple[str, ...]]],
) -> Answer:
    """The strongest answer over the audiences that a token may be for."""
    action = SAML if federation.is_saml(caller.arn) else WEB_IDENTITY
    return any_of(
        weigh(world, Request(caller, action, role.arn, role.account, context), trust).answer
        for context in contexts
    )


def _state(world: IamWorld, provider: str) -> str:
    """Whether a provider still exists: empty if it does, a sentence if that was not collected."""
    if not provider.startswith("arn:") or provider in world.identity_sources.providers:
        return ""
    account = (provider.split(":", 5) + [""] * 5)[4]
    type_id = SAML_TYPE if federation.is_saml(provider) else OIDC
    if world.identity_sources.was_read(type_id, account):
        return _GONE
    return f"Whether {provider} exists was not collected; it is taken to."


def _noted(answer: Answer, note: str) -> Answer:
    return replace(answer, evidence=(*answer.evidence, note)) if note else answer


def _audiences(
    world: IamWorld, document: Document, provider: str
) -> list[Mapping[str, tuple[str, ...]]]:
    """Contexts with the audiences that tell tokens apart: those that the trust policy names.

    STS takes a token only for an audience in the provider's list of client ids.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
    """
    found = world.identity_sources.providers.get(provider)
    if found is None or found.client_ids is None:
        return [{}]
    key = f"{federation.issuer(provider)}:aud"
    named = _named(document, key)
    listed = [one for one in found.client_ids if one in named]
    other = [one for one in found.client_ids if one not in named]
    return [{key: (one,)} for one in (*listed[:_TRIED], *other[:_TRIED])] or [{}]


def _named(document: Document, key: str) -> dict[str, None]:
    """The values that a trust policy compares a key with, in order."""
    return {
        value: None
        for statement in document.statements
        for test in statement.conditions
        if test.key.lower() == key.lower()
        for value in test.values
    }
