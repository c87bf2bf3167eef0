"""IAM: principals and policies in one paged call, providers, and the credential report."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope, Start

# One operation lists four types; the engine calls it once and files each list apart.
_DETAILS = {
    "iam:user": "UserDetailList",
    "iam:group": "GroupDetailList",
    "iam:role": "RoleDetailList",
    "iam:policy": "Policies",
}

TYPES = (
    ResourceType(
        id="iam:credential-report",
        client="iam",
        scope=Scope.GLOBAL,
        slow=True,
        follow_ups=(
            FollowUp(
                operation="get_credential_report",
                text=("Content",),
                start=Start(
                    operation="generate_credential_report",
                    on=("ReportNotPresent", "ReportExpired"),
                    pending=("ReportInProgress",),
                ),
            ),
        ),
    ),
    *(
        ResourceType(
            id=type_id,
            client="iam",
            scope=Scope.GLOBAL,
            arn="{Arn}",
            lists=(
                ListCall(
                    operation="get_account_authorization_details",
                    result=member,
                    paging=Paginator(1000),
                ),
            ),
        )
        for type_id, member in _DETAILS.items()
    ),
    ResourceType(
        id="aws:account-alias",
        client="iam",
        scope=Scope.GLOBAL,
        follow_ups=(
            FollowUp(
                operation="list_account_aliases",
                result="AccountAliases",
                paging=Paginator(1000),
            ),
            FollowUp(operation="get_account_summary"),
        ),
    ),
    ResourceType(
        id="iam:instance-profile",
        client="iam",
        scope=Scope.GLOBAL,
        arn="{Arn}",
        lists=(
            ListCall(
                operation="list_instance_profiles",
                result="InstanceProfiles",
                paging=Paginator(1000),
            ),
        ),
    ),
    ResourceType(
        id="iam:saml-provider",
        client="iam",
        scope=Scope.GLOBAL,
        arn="{Arn}",
        lists=(ListCall(operation="list_saml_providers", result="SAMLProviderList"),),
        follow_ups=(
            FollowUp(
                operation="get_saml_provider",
                params={"SAMLProviderArn": Item("Arn")},
                # Up to ten million characters of certificates; the issuer stands in its first tag.
                cut=(("SAMLMetadataDocument", 4096),),
            ),
        ),
    ),
    ResourceType(
        id="iam:oidc-provider",
        client="iam",
        scope=Scope.GLOBAL,
        arn="{Arn}",
        lists=(
            ListCall(
                operation="list_open_id_connect_providers", result="OpenIDConnectProviderList"
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="get_open_id_connect_provider",
                params={"OpenIDConnectProviderArn": Item("Arn")},
            ),
        ),
    ),
)
