"""Cloud9: development environments and who may enter them."""

from collector.declare import (
    Batch,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
)

TYPES = (
    ResourceType(
        id="cloud9:env",
        client="cloud9",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloud9.html
        arn="arn:{partition}:cloud9:{region}:{account}:environment:{id}",
        lists=(
            ListCall(
                operation="list_environments",
                result="environmentIds",
                paging=Paginator(25),
                wrap="id",
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_environments",
                params={"environmentIds": [Item("id")]},
                result="environments",
                batch=Batch(size=25, match=("id", "id")),
            ),
            FollowUp(
                operation="describe_environment_memberships",
                params={"environmentId": Item("id")},
                result="memberships",
                paging=Paginator(25),
            ),
        ),
        scan=("describe_environments:description",),
    ),
)
"""Declarations of this service."""
