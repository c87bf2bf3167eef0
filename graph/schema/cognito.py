"""Cognito identity pools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collector.snapshot import Item
from graph.schema.convert import texts, truth
from graph.schema.declare import Edge, Link, NodeType, Property
from graph.schema.links import named
from graph.schema.path import ShapeError, look

_POOL = "@describe_identity_pool"
_ROLES = "@get_identity_pool_roles"


def gives_role(description: str, find: Any, *properties: tuple[str, str]) -> Link:
    """GIVES_ROLE: what hands out credentials of a role, without saying that anyone gets them."""
    return Link("GIVES_ROLE", ("IAMRole",), description, find, properties=properties)


def _names(values: Sequence[Any]) -> list[str]:
    """The keys of a map, sorted."""
    if not isinstance(values[0], Mapping):
        raise ShapeError("an object is expected")
    return sorted(str(key) for key in values[0])


def _roles(line: Item) -> Iterator[Edge]:
    """The roles for guests and users, and those that rules on claims choose.

    https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetIdentityPoolRoles.html
    """
    for roles in look(f"{_ROLES}/Roles", line).values:
        if not isinstance(roles, Mapping):
            raise ShapeError("the roles of an identity pool are no object")
        for whom, role in sorted(roles.items()):
            yield _given(role, str(whom))
    for mappings in look(f"{_ROLES}/RoleMappings", line).values:
        if not isinstance(mappings, Mapping):
            raise ShapeError("the role mappings of an identity pool are no object")
        for provider, mapping in sorted(mappings.items()):
            for role in _of_rules(mapping):
                yield _given(role, "rule", str(provider))


def _of_rules(mapping: object) -> Iterator[Any]:
    rules = mapping.get("RulesConfiguration") if isinstance(mapping, Mapping) else None
    found = rules.get("Rules") if isinstance(rules, Mapping) else None
    roles = {r["RoleARN"] for r in found or () if isinstance(r, Mapping) and r.get("RoleARN")}
    yield from sorted(roles)


def _given(role: object, whom: str, provider: str = "") -> Edge:
    return Edge(
        named(role, "IAMRole"),
        discriminator=f"{whom} {provider}".strip(),
        props={"identity": whom, "provider": provider or None},
    )


DECLARATIONS = (
    NodeType(
        snapshot_type="cognito:identity-pool",
        label="CognitoIdentityPool",
        resource_type="AWS::Cognito::IdentityPool",
        category="identity",
        description="A Cognito identity pool: hands out AWS credentials to users of applications.",
        arn="arn:{partition}:cognito-identity:{region}:{account}:identitypool/{id}",
        name="IdentityPoolName",
        resource_id="IdentityPoolId",
        tags=f"{_POOL}/IdentityPoolTags",
        properties=(
            Property(
                "allow_unauthenticated_identities",
                f"{_POOL}/AllowUnauthenticatedIdentities",
                "Whether anyone gets an identity without signing in.",
                truth,
                absent=False,
            ),
            Property(
                "allow_classic_flow",
                f"{_POOL}/AllowClassicFlow",
                "Whether clients may choose among the roles that trust the pool.",
                truth,
                absent=False,
            ),
            Property(
                "user_pools",
                f"{_POOL}/CognitoIdentityProviders/*/ProviderName",
                "Cognito user pools whose users it accepts.",
                texts,
                absent=[],
            ),
            Property(
                "login_providers",
                f"{_POOL}/SupportedLoginProviders",
                "Public providers that it accepts, as accounts.google.com.",
                _names,
                absent=[],
            ),
            Property(
                "developer_provider",
                f"{_POOL}/DeveloperProviderName",
                "The name under which the application itself vouches for users.",
            ),
            Property(
                "oidc_providers",
                f"{_POOL}/OpenIdConnectProviderARNs/*",
                "OpenID Connect providers that it accepts.",
                texts,
                absent=[],
            ),
            Property(
                "saml_providers",
                f"{_POOL}/SamlProviderARNs/*",
                "SAML providers that it accepts.",
                texts,
                absent=[],
            ),
        ),
        links=(
            gives_role(
                "The pool hands out the role's credentials, if the role trusts it.",
                _roles,
                ("identity", "authenticated, unauthenticated, or rule (by the user's claims)."),
                ("provider", "The provider whose users the rule is for."),
            ),
        ),
    ),
)
