"""IAM: what users sign in with, what the account asks of passwords, and what was last used."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Start,
    Started,
    Token,
)

_PAGES = Paginator(1000)
_USER = {"UserName": Item("UserName")}


def _of_user(operation: str, result: str, *then: FollowUp) -> FollowUp:
    return FollowUp(operation=operation, params=_USER, result=result, paging=_PAGES, then=then)


TYPES = (
    # The list of users is the one that iam:user has from get_account_authorization_details.
    ResourceType(
        id="iam:user-credentials",
        client="iam",
        scope=Scope.GLOBAL,
        arn="{Arn}",
        each_of=("iam:user",),
        carry=("Arn", "UserName"),
        follow_ups=(
            _of_user(
                "list_access_keys",
                "AccessKeyMetadata",
                FollowUp(
                    operation="get_access_key_last_used",
                    params={"AccessKeyId": Item("AccessKeyId")},
                    key=("AccessKeyId",),
                ),
            ),
            _of_user("list_mfa_devices", "MFADevices"),
            FollowUp(operation="get_login_profile", params=_USER),
            _of_user("list_signing_certificates", "Certificates"),
            _of_user("list_ssh_public_keys", "SSHPublicKeys"),
            FollowUp(
                operation="list_service_specific_credentials",
                params=_USER,
                result="ServiceSpecificCredentials",
                paging=Token("Marker", "Marker", ("MaxItems", 1000)),
            ),
        ),
    ),
    ResourceType(
        id="iam:last-accessed",
        client="iam",
        scope=Scope.GLOBAL,
        arn="{Arn}",
        each_of=("iam:user", "iam:role"),
        carry=("Arn",),
        slow=True,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(
                operation="get_service_last_accessed_details",
                params={"JobId": Started("JobId")},
                result="ServicesLastAccessed",
                paging=Token("Marker", "Marker", ("MaxItems", 1000)),
                start=Start(
                    operation="generate_service_last_accessed_details",
                    params={"Arn": Item("Arn"), "Granularity": "ACTION_LEVEL"},
                    first=True,
                    while_value=("JobStatus", "IN_PROGRESS"),
                ),
            ),
        ),
    ),
    ResourceType(
        id="iam:password-policy",
        client="iam",
        scope=Scope.GLOBAL,
        depth=Depth.FULL,
        follow_ups=(FollowUp(operation="get_account_password_policy"),),
    ),
    ResourceType(
        id="iam:virtual-mfa",
        client="iam",
        scope=Scope.GLOBAL,
        arn="{SerialNumber}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_virtual_mfa_devices", result="VirtualMFADevices", paging=_PAGES
            ),
        ),
        redact=("Base32StringSeed", "QRCodePNG"),
    ),
    ResourceType(
        id="iam:server-certificate",
        client="iam",
        scope=Scope.GLOBAL,
        arn="{Arn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_server_certificates",
                result="ServerCertificateMetadataList",
                paging=_PAGES,
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="get_server_certificate",
                params={"ServerCertificateName": Item("ServerCertificateName")},
            ),
        ),
    ),
    # Answers in the management account or to a delegated administrator for IAM.
    ResourceType(
        id="iam:org-root-features",
        client="iam",
        scope=Scope.ORGANISATION,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(
                operation="list_organizations_features",
                # Centralised root access rests on trusted access that is off by default.
                # https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html
                not_enabled=("ServiceAccessNotEnabledException",),
            ),
        ),
    ),
)
"""Declarations of this service."""
