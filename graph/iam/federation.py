"""Federated callers: OIDC, SAML, Cognito.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html
"""

from __future__ import annotations

from typing import Any

from graph.iam import patterns, rules
from graph.iam.document import parse
from graph.iam.facts import Absent, Fact, Known, OneOf, Tenant, Unknown
from graph.iam.world import Outside, Policy

_NOT_THEIRS = (
    "aws:multifactorauth",
    "aws:principal",
    "aws:userid",
    "aws:username",
    "sts:externalid",
    "kms:calleraccount",
)
"""Keys that the calls with a provider's token do not carry: they are not signed."""


def issuer(provider: str) -> str:
    """The issuer's host and path: of an OIDC provider's ARN, or the well-known name itself."""
    _, found, name = provider.partition(":oidc-provider/")
    return name if found else provider


def is_saml(provider: str) -> bool:
    """Whether a ``Federated`` value is a SAML provider."""
    return ":saml-provider/" in provider


def is_cognito(provider: str) -> bool:
    """Whether a ``Federated`` value stands for Cognito's identity pools."""
    return provider in rules.data("federation.json")["cognito"]["hosts"]


def key_prefixes(provider: str) -> tuple[str, ...]:
    """What the condition keys of a provider's claims begin with, as AWS's pages write them."""
    name = issuer(provider).lower()
    also: dict[str, list[str]] = rules.data("federation.json")["cognito"]["also_written"][
        "prefixes"
    ]
    return (name, *also.get(name, ()))


def is_claim_of(prefix: str, issuer_name: str) -> bool:
    """Whether condition keys with a prefix (lower case) are of an issuer's tokens.

    Cognito stands for its identity pools in every partition.
    """
    hosts = rules.data("federation.json")["cognito"]["hosts"]
    issuers = hosts if is_cognito(issuer_name) else (issuer_name,)
    return any(prefix in key_prefixes(one) for one in issuers)


def shared(provider: str) -> dict[str, Any] | None:
    """The row of ``federation.json`` for a provider that anyone can be a tenant of."""
    rows: dict[str, dict[str, Any]] = rules.data("federation.json")["shared_providers"]
    host, slash, _ = issuer(provider).partition("/")
    row = rows.get("cognito-identity.amazonaws.com" if is_cognito(host) else host.lower())
    return None if row is None or (slash and row.get("bare_only")) else row


def saml_audiences(provider: str, own_id: str = "") -> OneOf | None:
    """The audiences of assertions for AWS: the recipient that is a sign-in endpoint.

    There is one for all regions and one for each; both may end in the provider's own id, and
    must where its assertions have to be encrypted. ``None`` where the hosts are not known.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html

    Args:
        provider: ARN of the SAML provider.
        own_id: its ``SAMLProviderUUID``, empty if not collected.
    """
    host = rules.data("federation.json")["saml_sign_in"]["hosts"].get(provider.split(":")[1])
    if host is None:
        return None
    encrypted = f"/acs/{patterns.plain(own_id) or patterns.ONE + patterns.STAR}"
    starts = (f"https://{host}/saml", f"https://{_REGION}.{host}/saml")
    return OneOf(tuple(start + end for start in starts for end in ("", encrypted)))


_REGION = patterns.wild("??-*-?")


def any_tenant(provider: str) -> Outside:
    """Some tenant of a shared provider, of whom no policy knows."""
    return Outside("federated", "any-tenant", provider)


def tenant(provider: str) -> Outside:
    """Whom a provider vouches for."""
    return Outside("federated", "", provider)


def fact(caller: Outside, key: str, own_id: str = "") -> Fact | None:
    """What is known of a key when a federated caller assumes a role.

    Args:
        caller: the provider's caller.
        key: in lower case.
        own_id: a SAML provider's ``SAMLProviderUUID``, empty if not collected.
    """
    if caller.kind != "federated":
        return None
    if key == "aws:principalisawsservice":
        return Known(("false",))
    if key.startswith(_NOT_THEIRS):
        return Absent()
    if key == "aws:federatedprovider":
        return Known((caller.arn,))
    if key.startswith("aws:requesttag/"):
        # Session tags come out of the provider's token, they are not the caller's to choose.
        return Unknown()
    if key.startswith("saml:"):
        return _saml(caller.arn, key, own_id)
    prefix, _, claim = key.rpartition(":")
    if prefix not in key_prefixes(caller.arn):
        # A claim of another provider's token.
        return Absent() if "." in prefix else None
    row = shared(caller.arn) if caller.account == "any-tenant" else None
    if row is None:
        return None
    found = row["tenant_claims"].get(claim)
    if found is None:
        return Unknown("chosen")
    return Tenant(tuple(map(tuple, found["forms"])), bool(found.get("templated")))


def _saml(provider: str, key: str, own_id: str) -> Fact | None:
    if not is_saml(provider):
        return Absent()
    return saml_audiences(provider, own_id) if key == "saml:aud" else None


def guest_session_policies() -> tuple[Policy, ...]:
    """The session policies of a guest of an identity pool in the enhanced flow."""
    found = rules.data("federation.json")["cognito_guest_session"]
    allow = {
        "Effect": "Allow",
        "Action": [*found["actions"], *found["inline_actions"]],
        "Resource": "*",
    }
    document = parse({"Version": "2012-10-17", "Statement": [allow]})
    return (Policy("Cognito's session policy for guests", document),)
