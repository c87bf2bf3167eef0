"""Cognito: identity pools, the roles they hand out, and to whom."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_POOL = {"IdentityPoolId": Item("IdentityPoolId")}

TYPES = (
    ResourceType(
        id="cognito:identity-pool",
        client="cognito-identity",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:cognito-identity:{region}:{account}:identitypool/{IdentityPoolId}",
        lists=(
            ListCall(
                operation="list_identity_pools",
                # The API asks for a page size; this is its largest.
                params={"MaxResults": 60},
                result="IdentityPools",
                paging=Paginator(),
            ),
        ),
        follow_ups=(
            FollowUp(operation="describe_identity_pool", params=_POOL),
            FollowUp(operation="get_identity_pool_roles", params=_POOL),
        ),
    ),
)
"""Declarations of this service."""
