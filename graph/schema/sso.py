"""IAM Identity Center: instances, permission sets, users and groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.schema.convert import present, texts
from graph.schema.declare import Edge, Finder, Link, NodeType, Property, Reference
from graph.schema.links import account, at, each, partition_of
from graph.schema.path import ShapeError, look

_SET = "@describe_permission_set/PermissionSet"
_LABELS = {"USER": "IdentityCenterUser", "GROUP": "IdentityCenterGroup"}


def _person(line: Item, kind: str, short: object) -> Reference:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentitystore.html"""
    if not isinstance(short, str) or not short:
        raise ShapeError("a principal of Identity Center has no id")
    arn = f"arn:{partition_of(line)}:identitystore:::{kind.lower()}/{short}"
    return Reference(id=arn, label=_LABELS[kind])


def _assigned(kind: str) -> Finder:
    """From users or groups to the set, once for each account.

    https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignments.html
    """

    def assignment(line: Item, row: Mapping[str, Any]) -> Iterator[Edge]:
        if row.get("PrincipalType") == kind:
            where = str(row.get("AccountId"))
            yield Edge(
                start=_person(line, kind, row.get("PrincipalId")),
                end=Reference(id=line.id, label="PermissionSet"),
                discriminator=where,
                props={"account_id": where},
            )

    return each("@list_account_assignments(*)/*", assignment)


def _assigned_link(kind: str) -> Link:
    return Link(
        "ASSIGNED",
        ("PermissionSet",),
        "The user or group has the permission set in an account.",
        _assigned(kind),
        start=_LABELS[kind],
        properties=(("account_id", "The account."),),
    )


def _members(line: Item, membership: Mapping[str, Any]) -> Iterator[Edge]:
    member = membership.get("MemberId")
    if isinstance(member, Mapping) and member.get("UserId"):
        yield Edge(
            start=_person(line, "USER", member["UserId"]),
            end=Reference(id=line.id, label="IdentityCenterGroup"),
        )


def _provisioned(line: Item) -> Iterator[Edge]:
    for value in look("@list_accounts_for_provisioned_permission_set/*", line).values:
        yield Edge(account(str(value)))


def _contained(line: Item) -> Iterator[Edge]:
    for instance in look("InstanceArn", line).values:
        yield Edge(
            start=Reference(id=str(instance), label="IdentityCenterInstance"),
            end=Reference(id=line.id, label="PermissionSet"),
        )


DECLARATIONS = (
    NodeType(
        snapshot_type="sso:instance",
        label="IdentityCenterInstance",
        resource_type="AWS::SSO::Instance",
        category="identity",
        description="An instance of IAM Identity Center.",
        arn="arn:{partition}:sso:::instance/{id}",
        name="Name",
        owner="OwnerAccountId",
        properties=(
            Property("identity_store_id", "IdentityStoreId", "Where its users and groups are."),
            Property("status", "Status", "E.g. ACTIVE."),
            Property("created_date", "CreatedDate", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="sso:permission-set",
        label="PermissionSet",
        resource_type="AWS::SSO::PermissionSet",
        category="policy",
        description="A permission set: the policies of the AWSReservedSSO roles made from it.",
        arn="arn:{partition}:sso:::permissionSet/{id}",
        name=f"{_SET}/Name",
        properties=(
            Property(
                "permission_set_description", f"{_SET}/Description", "Its author's description."
            ),
            Property("session_duration", f"{_SET}/SessionDuration", "ISO 8601, as PT1H."),
            Property("created_date", f"{_SET}/CreatedDate", "When it was made (ISO 8601)."),
            Property(
                "has_inline_policy",
                "@get_inline_policy_for_permission_set/InlinePolicy",
                "Whether it has an inline policy.",
                present,
                absent=False,
            ),
            Property(
                "customer_managed_policies",
                "@list_customer_managed_policy_references_in_permission_set/*/Name",
                "Names of customer managed policies, looked for in each account.",
                texts,
                absent=[],
            ),
            Property(
                "customer_managed_boundary",
                "@get_permissions_boundary_for_permission_set/PermissionsBoundary"
                "/CustomerManagedPolicyReference/Name",
                "Name of the customer managed policy that is the boundary in each account.",
            ),
        ),
        links=(
            Link(
                "HAS_POLICY",
                ("IAMPolicy",),
                "The roles made from the set have the AWS managed policy.",
                at("@list_managed_policies_in_permission_set/*/Arn", "IAMPolicy"),
            ),
            Link(
                "HAS_BOUNDARY",
                ("IAMPolicy",),
                "The AWS managed policy bounds the roles made from the set.",
                at(
                    "@get_permissions_boundary_for_permission_set/PermissionsBoundary"
                    "/ManagedPolicyArn",
                    "IAMPolicy",
                ),
            ),
            Link(
                "PROVISIONED_TO",
                ("AWSAccount",),
                "The account has a role made from the permission set.",
                _provisioned,
            ),
            Link(
                "CONTAINS",
                ("PermissionSet",),
                "The permission set belongs to the instance.",
                _contained,
                start="IdentityCenterInstance",
            ),
            _assigned_link("USER"),
            _assigned_link("GROUP"),
        ),
    ),
    NodeType(
        snapshot_type="sso:application",
        label="IdentityCenterApplication",
        resource_type="AWS::SSO::Application",
        category="identity",
        description="An application that people enter through IAM Identity Center.",
        arn="arn:{partition}:sso::{account}:application/{id}",
        name="Name",
        owner="ApplicationAccount",
        properties=(
            Property("application_provider", "ApplicationProviderArn", "What it is."),
            Property("status", "Status", "ENABLED or DISABLED."),
            Property(
                "application_url", "PortalOptions/SignInOptions/ApplicationUrl", "Where it is."
            ),
            Property("created_date", "CreatedDate", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="sso:trusted-token-issuer",
        label="TrustedTokenIssuer",
        resource_type="AWS::SSO::TrustedTokenIssuer",
        cloudformation=False,
        category="identity",
        description="Whose tokens applications can exchange for IAM Identity Center's.",
        arn="arn:{partition}:sso::{account}:trustedTokenIssuer/{id}",
        name="Name",
        properties=(Property("issuer_type", "TrustedTokenIssuerType", "E.g. OIDC_JWT."),),
    ),
    NodeType(
        snapshot_type="sso:user",
        label="IdentityCenterUser",
        resource_type="AWS::IdentityStore::User",
        cloudformation=False,
        category="identity",
        description="A user of IAM Identity Center.",
        arn="arn:{partition}:identitystore:::user/{id}",
        name="UserName",
        resource_id="UserId",
        properties=(
            Property("user_name", "UserName", "The sign-in name."),
            Property("display_name", "DisplayName", "The person's name."),
            Property("user_status", "UserStatus", "ENABLED or DISABLED."),
            Property(
                "external_issuers",
                "ExternalIds/*/Issuer",
                "Directories that the user comes from.",
                texts,
                absent=[],
            ),
        ),
    ),
    NodeType(
        snapshot_type="sso:group",
        label="IdentityCenterGroup",
        resource_type="AWS::IdentityStore::Group",
        category="identity",
        description="A group of IAM Identity Center.",
        arn="arn:{partition}:identitystore:::group/{id}",
        name="DisplayName",
        resource_id="GroupId",
        properties=(
            Property("group_description", "Description", "Its author's description."),
            Property(
                "external_issuers",
                "ExternalIds/*/Issuer",
                "Directories that the group comes from.",
                texts,
                absent=[],
            ),
        ),
        links=(
            Link(
                "MEMBER_OF",
                ("IdentityCenterGroup",),
                "The user is a member of the group.",
                each("@list_group_memberships/*", _members),
                start="IdentityCenterUser",
            ),
        ),
    ),
)
