"""Federated callers: OIDC, SAML, Cognito.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html
"""

from __future__ import annotations

from typing import Any

from graph.iam import rules
from graph.iam.facts import Absent, Fact, Known, Tenant, Unknown
from graph.iam.world import Outside

_NOT_THEIRS = (
    "aws:multifactorauth",
    "aws:principaltag/",
    "aws:userid",
    "aws:username",
    "sts:externalid",
)
"""Keys that the calls with a provider's token do not carry."""

SAML_AUDIENCE = "https://signin.aws.amazon.com/saml"


def issuer(provider: str) -> str:
    """The issuer's host and path: of an OIDC provider's ARN, or the well-known name itself."""
    _, found, name = provider.partition(":oidc-provider/")
    return name if found else provider


def is_saml(provider: str) -> bool:
    """Whether a ``Federated`` value is a SAML provider."""
    return ":saml-provider/" in provider


def shared(provider: str) -> dict[str, Any] | None:
    """The row of ``federation.json`` for a provider that anyone can be a tenant of."""
    rows: dict[str, dict[str, Any]] = rules.data("federation.json")["shared_providers"]
    return rows.get(issuer(provider).partition("/")[0].lower())


def any_tenant(provider: str) -> Outside:
    """Some tenant of a shared provider, of whom no policy knows."""
    return Outside("federated", "any-tenant", provider)


def tenant(provider: str) -> Outside:
    """Whom a provider vouches for."""
    return Outside("federated", "", provider)


def fact(caller: Outside, key: str) -> Fact | None:
    """What is known of a key when a federated caller assumes a role."""
    if caller.kind != "federated":
        return None
    if key.startswith(_NOT_THEIRS):
        return Absent()
    if key == "aws:federatedprovider":
        return Known((caller.arn,))
    if key.startswith("aws:requesttag/"):
        # Session tags come out of the provider's token, they are not the caller's to choose.
        return Unknown()
    if is_saml(caller.arn):
        return _saml(key)
    prefix, _, claim = key.rpartition(":")
    row = shared(caller.arn) if caller.account == "any-tenant" else None
    if row is None or prefix != issuer(caller.arn).lower():
        return None
    ends = row["tenant_claims"].get(claim)
    return Unknown("chosen") if ends is None else Tenant(ends)


def _saml(key: str) -> Fact | None:
    """Every assertion that is meant for AWS carries this audience."""
    return Known((SAML_AUDIENCE,)) if key == "saml:aud" else None
