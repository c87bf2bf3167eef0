"""Cognito: user pools and their clients; identity pools, the roles they hand out, and to whom."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Root, Scope

_IDENTITY_POOL = {"IdentityPoolId": Item("IdentityPoolId")}
_USER_POOL = {"UserPoolId": Item("Id")}
# Both APIs insist on a page size in their first calls; this is the largest.
_SIZE = 60

TYPES = (
    ResourceType(
        id="cognito:identity-pool",
        client="cognito-identity",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:cognito-identity:{region}:{account}:identitypool/{IdentityPoolId}",
        lists=(
            ListCall(
                operation="list_identity_pools",
                params={"MaxResults": _SIZE},
                result="IdentityPools",
                paging=Paginator(),
            ),
        ),
        follow_ups=(
            FollowUp(operation="describe_identity_pool", params=_IDENTITY_POOL),
            FollowUp(operation="get_identity_pool_roles", params=_IDENTITY_POOL),
        ),
    ),
    ResourceType(
        id="cognito:user-pool",
        client="cognito-idp",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:cognito-idp:{region}:{account}:userpool/{Id}",
        lists=(
            ListCall(
                operation="list_user_pools",
                params={"MaxResults": _SIZE},
                result="UserPools",
                paging=Paginator(),
            ),
        ),
        follow_ups=(
            FollowUp(operation="describe_user_pool", params=_USER_POOL),
            FollowUp(
                operation="list_user_pool_clients",
                params=_USER_POOL,
                result="UserPoolClients",
                paging=Paginator(_SIZE),
                then=(
                    FollowUp(
                        operation="describe_user_pool_client",
                        params={"UserPoolId": Root("Id"), "ClientId": Item("ClientId")},
                        key=("ClientId",),
                    ),
                ),
            ),
            FollowUp(
                operation="list_identity_providers",
                params=_USER_POOL,
                result="Providers",
                paging=Paginator(_SIZE),
            ),
            FollowUp(
                operation="list_groups",
                params=_USER_POOL,
                result="Groups",
                paging=Paginator(_SIZE),
            ),
            FollowUp(operation="get_user_pool_mfa_config", params=_USER_POOL),
        ),
        redact=("describe_user_pool_client:UserPoolClient.ClientSecret",),
    ),
)
"""Declarations of this service."""
