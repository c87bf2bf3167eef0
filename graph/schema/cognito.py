"""Cognito identity pools and user pools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.schema.convert import count, names, texts, truth, whole
from graph.schema.declare import Edge, Link, NodeType, Property
from graph.schema.links import named
from graph.schema.path import ShapeError, look

_POOL = "@describe_identity_pool"
_ROLES = "@get_identity_pool_roles"
_USERS = "@describe_user_pool/UserPool"
_CLIENT = "@describe_user_pool_client(*)/UserPoolClient"


def gives_role(description: str, find: Any, *properties: tuple[str, str]) -> Link:
    """GIVES_ROLE: what hands out credentials of a role, without saying that anyone gets them."""
    return Link("GIVES_ROLE", ("IAMRole",), description, find, properties=properties)


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
                names,
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
    NodeType(
        snapshot_type="cognito:user-pool",
        label="CognitoUserPool",
        resource_type="AWS::Cognito::UserPool",
        category="identity",
        description="A Cognito user pool: the users of applications and how they sign in.",
        arn="arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}",
        name="Name",
        resource_id="Id",
        tags=f"{_USERS}/UserPoolTags",
        properties=(
            Property(
                "admin_create_user_only",
                f"{_USERS}/AdminCreateUserConfig/AllowAdminCreateUserOnly",
                "Whether users cannot sign up by themselves.",
                truth,
                absent=False,
            ),
            Property("domain", f"{_USERS}/Domain", "Prefix of its sign-in pages' host name."),
            Property("custom_domain", f"{_USERS}/CustomDomain", "Its own host name."),
            Property(
                "mfa_configuration",
                "@get_user_pool_mfa_config/MfaConfiguration",
                "OFF, OPTIONAL or ON.",
            ),
            Property(
                "lambda_triggers",
                f"{_USERS}/LambdaConfig",
                "Steps at which a function is called, e.g. PreSignUp.",
                names,
                absent=[],
            ),
            Property(
                "estimated_number_of_users",
                f"{_USERS}/EstimatedNumberOfUsers",
                "About how many users it has.",
                whole,
            ),
            Property("deletion_protection", f"{_USERS}/DeletionProtection", "ACTIVE or INACTIVE."),
            Property(
                "client_count",
                "@list_user_pool_clients/*",
                "How many applications use it.",
                count,
                absent=0,
            ),
            Property(
                "auth_flows",
                f"{_CLIENT}/ExplicitAuthFlows/*",
                "Ways to sign in that some application allows.",
                texts,
                absent=[],
            ),
            Property(
                "oauth_flows",
                f"{_CLIENT}/AllowedOAuthFlows/*",
                "OAuth grants that some application allows.",
                texts,
                absent=[],
            ),
            Property(
                "callback_urls",
                f"{_CLIENT}/CallbackURLs/*",
                "Where applications may be sent with a token.",
                texts,
                absent=[],
            ),
            Property(
                "identity_providers",
                "@list_identity_providers/*/ProviderName",
                "Other providers whose users it takes.",
                texts,
                absent=[],
            ),
            Property(
                "group_role_arns",
                "@list_groups/*/RoleArn",
                "Roles that its groups ask identity pools for.",
                texts,
                absent=[],
            ),
        ),
    ),
)
