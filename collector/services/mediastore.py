"""MediaStore: containers. AWS ended the service in November 2025; some partitions still answer."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="mediastore:container",
        client="mediastore",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{ARN}",
        lists=(ListCall(operation="list_containers", result="Containers", paging=Paginator(100)),),
        follow_ups=(
            FollowUp(operation="get_container_policy", params={"ContainerName": Item("Name")}),
        ),
    ),
)
"""Declarations of this service."""
