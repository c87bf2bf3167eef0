"""IAM: what users sign in with, the account's rules for it, and what was last used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collector.snapshot import Item
from graph.schema.account import of_account
from graph.schema.convert import count, present, texts, truth, whole
from graph.schema.declare import NodeType, Property, Reference, Setting
from graph.schema.path import ShapeError, look

_USED = "@get_service_last_accessed_details/*"
_RULES = "@get_account_password_policy/PasswordPolicy"


def _of_principal(label: str, kind: str) -> Setting:
    def principal(line: Item) -> Reference | None:
        return Reference(id=line.id, label=label) if f":{kind}/" in line.id else None

    return Setting(
        snapshot_type="iam:last-accessed",
        label=label,
        describes=principal,
        description=f"Which services the {kind} used in the tracking period.",
        properties=(
            Property(
                "services_used",
                _USED,
                "Services that it has used, of those that its policies name.",
                _services(used=True),
                absent=[],
            ),
            Property(
                "services_never_used",
                _USED,
                "Services that its policies name and that it has not used.",
                _services(used=False),
                absent=[],
            ),
        ),
    )


def _services(*, used: bool) -> Any:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceLastAccessed.html"""

    def convert(values: Sequence[Any]) -> list[str]:
        if not all(isinstance(value, Mapping) for value in values):
            raise ShapeError("a service that was used is not an object")
        return texts(
            [
                value.get("ServiceNamespace")
                for value in values
                if bool(value.get("LastAuthenticated")) is used and value.get("ServiceNamespace")
            ]
        )

    return convert


def _user(line: Item) -> Reference:
    return Reference(id=line.id, label="IAMUser")


def _organization(line: Item) -> Reference | None:
    found = look("@list_organizations_features/OrganizationId", line).values
    return Reference(id=f"org:{found[0]}", label="Organization") if found else None


def _listed(name: str, path: str, description: str) -> Property:
    return Property(name, path, description, texts, absent=[])


def _rule(name: str, member: str, description: str) -> Property:
    return Property(name, f"{_RULES}/{member}", description, truth)


DECLARATIONS = (
    Setting(
        snapshot_type="iam:user-credentials",
        label="IAMUser",
        describes=_user,
        description="What the user signs in with.",
        properties=(
            _listed("access_key_ids", "@list_access_keys/*/AccessKeyId", "Its access keys."),
            _listed(
                "active_access_key_ids",
                "@list_access_keys/[Status=Active]/AccessKeyId",
                "Its access keys that are active.",
            ),
            _listed("mfa_serial_numbers", "@list_mfa_devices/*/SerialNumber", "Its MFA devices."),
            Property(
                "has_login_profile",
                "@get_login_profile/LoginProfile",
                "Whether it has a password for the console.",
                present,
                absent=False,
            ),
            _listed(
                "signing_certificate_ids",
                "@list_signing_certificates/[Status=Active]/CertificateId",
                "Its active signing certificates.",
            ),
            _listed(
                "ssh_public_key_ids",
                "@list_ssh_public_keys/[Status=Active]/SSHPublicKeyId",
                "Its active SSH keys for CodeCommit.",
            ),
            _listed(
                "service_credentials",
                "@list_service_specific_credentials/[Status=Active]/ServiceName",
                "Services for which it has an active user name and password or API key.",
            ),
        ),
    ),
    _of_principal("IAMUser", "user"),
    _of_principal("IAMRole", "role"),
    Setting(
        snapshot_type="iam:password-policy",
        label="AWSAccount",
        describes=of_account,
        description="What the account asks of its users' passwords.",
        properties=(
            Property(
                "has_password_policy",
                _RULES,
                "Whether the account has rules of its own for passwords.",
                present,
                absent=False,
            ),
            Property(
                "password_minimum_length",
                f"{_RULES}/MinimumPasswordLength",
                "Characters that a password must have.",
                whole,
            ),
            Property(
                "password_max_age_days",
                f"{_RULES}/MaxPasswordAge",
                "Days after which a password expires.",
                whole,
            ),
            Property(
                "password_reuse_prevention",
                f"{_RULES}/PasswordReusePrevention",
                "How many earlier passwords cannot be used again.",
                whole,
            ),
            _rule("password_requires_symbols", "RequireSymbols", "Whether symbols are required."),
            _rule("password_requires_numbers", "RequireNumbers", "Whether digits are required."),
            _rule(
                "password_requires_uppercase",
                "RequireUppercaseCharacters",
                "Whether upper case is required.",
            ),
            _rule(
                "password_requires_lowercase",
                "RequireLowercaseCharacters",
                "Whether lower case is required.",
            ),
        ),
    ),
    NodeType(
        snapshot_type="iam:virtual-mfa",
        label="VirtualMFADevice",
        resource_type="AWS::IAM::VirtualMFADevice",
        category="identity",
        description="A virtual MFA device.",
        arn="arn:{partition}:iam::{account}:mfa/{id}",
        properties=(
            Property("user_arn", "User/Arn", "Whose it is; the root user's ARN ends in :root."),
            Property("enable_date", "EnableDate", "When it was enabled (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="iam:server-certificate",
        label="ServerCertificate",
        resource_type="AWS::IAM::ServerCertificate",
        category="secrets",
        description="A TLS certificate that was uploaded to IAM instead of ACM.",
        arn="arn:{partition}:iam::{account}:server-certificate/{id}",
        name="ServerCertificateName",
        resource_id="ServerCertificateName",
        tags="@get_server_certificate/ServerCertificate/Tags",
        properties=(
            Property("path", "Path", "The IAM path; /cloudfront/ for distributions."),
            Property("expiration", "Expiration", "When it expires (ISO 8601)."),
            Property("upload_date", "UploadDate", "When it was uploaded (ISO 8601)."),
        ),
    ),
    Setting(
        snapshot_type="iam:org-root-features",
        label="Organization",
        describes=_organization,
        description="How root users of member accounts are managed.",
        properties=(
            _listed(
                "root_access_features",
                "@list_organizations_features/EnabledFeatures/*",
                "RootCredentialsManagement, RootSessions: what is managed centrally.",
            ),
        ),
    ),
    Setting(
        snapshot_type="aws:account-contact",
        label="AWSAccount",
        describes=of_account,
        description="Whom AWS writes to about the account.",
        properties=(
            Property(
                "contact_company",
                "@get_contact_information/ContactInformation/CompanyName",
                "The company that the account is registered for.",
            ),
            Property(
                "contact_country",
                "@get_contact_information/ContactInformation/CountryCode",
                "The country that the account is registered in.",
            ),
            *(
                Property(
                    f"{kind.lower()}_contact_email",
                    f"@get_alternate_contact(AlternateContactType={kind})"
                    "/AlternateContact/EmailAddress",
                    f"The address of the {kind.lower()} contact.",
                )
                for kind in ("BILLING", "OPERATIONS", "SECURITY")
            ),
            Property(
                "alternate_contacts",
                "@get_alternate_contact(*)/AlternateContact",
                "How many of the three alternate contacts are set.",
                count,
                absent=0,
            ),
        ),
    ),
    Setting(
        snapshot_type="aws:region-opt-status",
        label="Region",
        describes=lambda line: Reference(
            id=f"region:{line.account_id}/{line.id}",
            short=line.id,
            label="Region",
            account=line.account_id,
        ),
        description="The region's state as Account Management has it.",
        properties=(
            Property(
                "region_opt_status",
                "RegionOptStatus",
                "ENABLED, ENABLED_BY_DEFAULT, ENABLING, DISABLING or DISABLED.",
            ),
        ),
    ),
)
