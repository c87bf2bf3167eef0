"""IAM Identity Center: instances, permission sets, assignments, users and groups.

Permission sets exist in the organisation's instance alone, which lives in one region and answers
in the management account or to its delegated administrator.
https://docs.aws.amazon.com/singlesignon/latest/userguide/identity-center-instances.html
"""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Root, Scope

_PAGES = Paginator(100)
_SET = {"InstanceArn": Item("InstanceArn"), "PermissionSetArn": Item("PermissionSetArn")}
_STORE = {"IdentityStoreId": Item("IdentityStoreId")}


def _listed(operation: str, result: str) -> FollowUp:
    return FollowUp(operation=operation, params=_SET, result=result, paging=_PAGES)


TYPES = (
    ResourceType(
        id="sso:instance",
        client="sso-admin",
        scope=Scope.ORGANISATION_REGIONAL,
        arn="{InstanceArn}",
        lists=(ListCall(operation="list_instances", result="Instances", paging=_PAGES),),
    ),
    ResourceType(
        id="sso:permission-set",
        client="sso-admin",
        scope=Scope.ORGANISATION_REGIONAL,
        arn="{PermissionSetArn}",
        listed_for="sso:instance",
        carry=("InstanceArn",),
        lists=(
            ListCall(
                operation="list_permission_sets",
                params={"InstanceArn": Item("InstanceArn")},
                result="PermissionSets",
                paging=_PAGES,
                wrap="PermissionSetArn",
            ),
        ),
        follow_ups=(
            FollowUp(operation="describe_permission_set", params=_SET),
            FollowUp(operation="get_inline_policy_for_permission_set", params=_SET),
            _listed("list_managed_policies_in_permission_set", "AttachedManagedPolicies"),
            _listed(
                "list_customer_managed_policy_references_in_permission_set",
                "CustomerManagedPolicyReferences",
            ),
            FollowUp(operation="get_permissions_boundary_for_permission_set", params=_SET),
            FollowUp(
                operation="list_accounts_for_provisioned_permission_set",
                params=_SET,
                result="AccountIds",
                paging=_PAGES,
                then=(
                    FollowUp(
                        operation="list_account_assignments",
                        params={
                            "InstanceArn": Root("InstanceArn"),
                            "PermissionSetArn": Root("PermissionSetArn"),
                            "AccountId": Item(""),
                        },
                        key=("AccountId",),
                        result="AccountAssignments",
                        paging=_PAGES,
                    ),
                ),
            ),
        ),
    ),
    ResourceType(
        id="sso:application",
        client="sso-admin",
        scope=Scope.ORGANISATION_REGIONAL,
        arn="{ApplicationArn}",
        listed_for="sso:instance",
        lists=(
            ListCall(
                operation="list_applications",
                params={"InstanceArn": Item("InstanceArn")},
                result="Applications",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="sso:trusted-token-issuer",
        client="sso-admin",
        scope=Scope.ORGANISATION_REGIONAL,
        arn="{TrustedTokenIssuerArn}",
        listed_for="sso:instance",
        lists=(
            ListCall(
                operation="list_trusted_token_issuers",
                params={"InstanceArn": Item("InstanceArn")},
                result="TrustedTokenIssuers",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="sso:user",
        client="identitystore",
        scope=Scope.ORGANISATION_REGIONAL,
        arn="arn:{partition}:identitystore:::user/{UserId}",
        listed_for="sso:instance",
        lists=(ListCall(operation="list_users", params=_STORE, result="Users", paging=_PAGES),),
        # What no assessment needs of a person.
        redact=("Addresses[]", "PhoneNumbers[]", "Photos[]", "Birthdate"),
    ),
    ResourceType(
        id="sso:group",
        client="identitystore",
        scope=Scope.ORGANISATION_REGIONAL,
        arn="arn:{partition}:identitystore:::group/{GroupId}",
        listed_for="sso:instance",
        carry=("IdentityStoreId",),
        lists=(ListCall(operation="list_groups", params=_STORE, result="Groups", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="list_group_memberships",
                params=_STORE | {"GroupId": Item("GroupId")},
                result="GroupMemberships",
                paging=_PAGES,
            ),
        ),
    ),
)
"""Declarations of this service."""
