"""Mainframe Modernization: environments."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="m2:environment",
        client="m2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{environmentArn}",
        lists=(
            ListCall(operation="list_environments", result="environments", paging=Paginator(100)),
        ),
        follow_ups=(
            FollowUp(operation="get_environment", params={"environmentId": Item("environmentId")}),
        ),
    ),
)
"""Declarations of this service."""
