"""IAM: users, groups, roles, policies, instance profiles, identity providers."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from collector.snapshot import Item
from graph.schema.convert import texts, truth
from graph.schema.declare import ExtraLabel, Link, NodeType, Property, Reference, Setting
from graph.schema.links import account, at, trusts
from graph.schema.path import ShapeError, look

_ATTACHED = Link(
    "HAS_POLICY",
    ("IAMPolicy",),
    "The managed policy is attached to the principal.",
    at("AttachedManagedPolicies/*/PolicyArn", "IAMPolicy"),
)
_BOUNDARY = Link(
    "HAS_BOUNDARY",
    ("IAMPolicy",),
    "The policy is the principal's permissions boundary.",
    at("PermissionsBoundary/PermissionsBoundaryArn", "IAMPolicy"),
)
_ENTITY_ID = re.compile(r"""\bentityID\s*=\s*(["'])([^"'<>]{1,1024})\1""")
_CREATED = Property("create_date", "CreateDate", "When it was created (ISO 8601).")


def _inline(member: str) -> Property:
    return Property(
        "inline_policies",
        f"{member}/*/PolicyName",
        "Names of its inline policies.",
        texts,
        absent=[],
    )


def _provider(label: str) -> tuple[ExtraLabel, ...]:
    return (
        ExtraLabel("FederatedProvider", f"Whoever the {label} vouches for."),
        ExtraLabel("Source", "Roles can trust the provider."),
    )


def _entity_id(values: Sequence[Any]) -> str | None:
    """https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf, 2.3.2"""
    found = _ENTITY_ID.search(str(values[0]))
    return html.unescape(found[2]) if found else None


def _report_rows(line: Item) -> Iterator[Item]:
    """The rows of the credential report, a CSV with one row per user and one for the root user.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    for content in look("@get_credential_report/Content", line).values:
        if not isinstance(content, str):
            raise ShapeError("the credential report is no text")
        for row in csv.DictReader(content.splitlines()):
            # "N/A", "not_supported" and "no_information" are the report's words for nothing.
            known = {
                key: value
                for key, value in row.items()
                if isinstance(key, str)
                and value not in (None, "", "N/A", "not_supported", "no_information")
            }
            yield replace(line, item=known)


def _report_user(line: Item) -> Reference | None:
    arn = line.item.get("arn", "")
    is_user = isinstance(arn, str) and ":user/" in arn
    return Reference(id=arn, label="IAMUser") if is_user else None


def _report_root(line: Item) -> Reference | None:
    is_root = line.item.get("user") == "<root_account>"
    return account(line.account_id) if is_root else None


def _key(number: int) -> tuple[Property, ...]:
    ordinal = ("first", "second")[number - 1]
    return (
        Property(
            f"access_key_{number}_active",
            f"access_key_{number}_active",
            f"Whether the {ordinal} access key is active.",
            truth,
        ),
        Property(
            f"access_key_{number}_last_rotated",
            f"access_key_{number}_last_rotated",
            f"When the {ordinal} access key was made (ISO 8601).",
        ),
        Property(
            f"access_key_{number}_last_used",
            f"access_key_{number}_last_used_date",
            f"When the {ordinal} access key was last used (ISO 8601).",
        ),
    )


DECLARATIONS = (
    NodeType(
        snapshot_type="iam:user",
        label="IAMUser",
        resource_type="AWS::IAM::User",
        category="identity",
        description="An IAM user.",
        arn="arn:{partition}:iam::{account}:user/{id}",
        name="UserName",
        resource_id="UserName",
        properties=(
            Property("unique_id", "UserId", "The unique id (AIDA...)."),
            Property("path", "Path", "The IAM path."),
            _CREATED,
            _inline("UserPolicyList"),
        ),
        links=(
            Link(
                "MEMBER_OF",
                ("IAMGroup",),
                "The user is a member of the group.",
                at("GroupList/*", "IAMGroup"),
            ),
            _ATTACHED,
            _BOUNDARY,
        ),
    ),
    NodeType(
        snapshot_type="iam:group",
        label="IAMGroup",
        resource_type="AWS::IAM::Group",
        category="identity",
        description="An IAM group.",
        arn="arn:{partition}:iam::{account}:group/{id}",
        name="GroupName",
        resource_id="GroupName",
        properties=(
            Property("unique_id", "GroupId", "The unique id (AGPA...)."),
            Property("path", "Path", "The IAM path."),
            _CREATED,
            _inline("GroupPolicyList"),
        ),
        links=(_ATTACHED,),
    ),
    NodeType(
        snapshot_type="iam:role",
        label="IAMRole",
        resource_type="AWS::IAM::Role",
        category="identity",
        description="An IAM role.",
        arn="arn:{partition}:iam::{account}:role/{id}",
        name="RoleName",
        resource_id="RoleName",
        properties=(
            Property("unique_id", "RoleId", "The unique id (AROA...)."),
            Property("path", "Path", "The IAM path; /aws-service-role/: service-linked."),
            _CREATED,
            Property("last_used_date", "RoleLastUsed/LastUsedDate", "When it was last used."),
            Property("last_used_region", "RoleLastUsed/Region", "Where it was last used."),
            _inline("RolePolicyList"),
        ),
        links=(
            Link(
                "TRUSTS",
                (
                    "AWSAccount",
                    "ExternalAccount",
                    "IAMRole",
                    "IAMUser",
                    "AWSService",
                    "OIDCProvider",
                    "SAMLProvider",
                    "FederatedProvider",
                    "PrincipalSession",
                    "DeletedPrincipal",
                ),
                "The role's trust policy names the principal; says nothing of whether it suffices.",
                trusts("AssumeRolePolicyDocument"),
                properties=(
                    ("conditional", "Whether every statement that names it has a condition."),
                ),
            ),
            _ATTACHED,
            _BOUNDARY,
        ),
    ),
    NodeType(
        snapshot_type="iam:policy",
        label="IAMPolicy",
        resource_type="AWS::IAM::ManagedPolicy",
        category="policy",
        description="A managed policy, the customer's or AWS's.",
        arn="arn:{partition}:iam::{account}:policy/{id}",
        name="PolicyName",
        resource_id="PolicyName",
        properties=(
            Property("unique_id", "PolicyId", "The unique id (ANPA...)."),
            Property("path", "Path", "The IAM path."),
            Property("default_version_id", "DefaultVersionId", "The version in force."),
            _CREATED,
            Property("update_date", "UpdateDate", "When it last changed (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="iam:instance-profile",
        label="InstanceProfile",
        resource_type="AWS::IAM::InstanceProfile",
        category="identity",
        description="The container that gives an instance its role.",
        arn="arn:{partition}:iam::{account}:instance-profile/{id}",
        name="InstanceProfileName",
        resource_id="InstanceProfileName",
        properties=(
            Property("unique_id", "InstanceProfileId", "The unique id (AIPA...)."),
            Property("path", "Path", "The IAM path."),
            _CREATED,
        ),
        links=(
            Link(
                "CONTAINS",
                ("IAMRole",),
                "The profile holds the role.",
                at("Roles/*/Arn", "IAMRole"),
            ),
        ),
    ),
    Setting(
        snapshot_type="iam:credential-report",
        label="IAMUser",
        describes=_report_user,
        description="The user's credentials as the credential report lists them.",
        rows=_report_rows,
        properties=(
            Property("password_enabled", "password_enabled", "Whether it can sign in.", truth),
            Property(
                "password_last_used", "password_last_used", "When it last signed in (ISO 8601)."
            ),
            Property("mfa_active", "mfa_active", "Whether it has an MFA device.", truth),
            *_key(1),
            *_key(2),
        ),
    ),
    Setting(
        snapshot_type="iam:credential-report",
        label="AWSAccount",
        describes=_report_root,
        description="The root user's credentials.",
        rows=_report_rows,
        properties=(
            Property(
                "root_password_last_used",
                "password_last_used",
                "When the root user last signed in (ISO 8601).",
            ),
        ),
    ),
    NodeType(
        snapshot_type="iam:saml-provider",
        label="SAMLProvider",
        resource_type="AWS::IAM::SAMLProvider",
        category="identity",
        description="A SAML identity provider.",
        arn="arn:{partition}:iam::{account}:saml-provider/{id}",
        tags="@get_saml_provider/Tags",
        extra_labels=_provider("SAML provider"),
        properties=(
            _CREATED,
            Property("valid_until", "ValidUntil", "When its metadata expires (ISO 8601)."),
            Property(
                "entity_id",
                "@get_saml_provider/SAMLMetadataDocument",
                "The issuer that its metadata names (saml:iss).",
                _entity_id,
            ),
        ),
    ),
    NodeType(
        snapshot_type="iam:oidc-provider",
        label="OIDCProvider",
        resource_type="AWS::IAM::OIDCProvider",
        category="identity",
        description="An OpenID Connect identity provider.",
        arn="arn:{partition}:iam::{account}:oidc-provider/{id}",
        name="@get_open_id_connect_provider/Url",
        tags="@get_open_id_connect_provider/Tags",
        extra_labels=_provider("OpenID Connect provider"),
        properties=(
            Property("url", "@get_open_id_connect_provider/Url", "The issuer, without https://."),
            Property(
                "client_ids",
                "@get_open_id_connect_provider/ClientIDList/*",
                "Audiences that it accepts.",
                texts,
                absent=[],
            ),
        ),
    ),
)
