"""DataSync: tasks and the places between which they copy."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)

TYPES = (
    ResourceType(
        id="datasync:task",
        client="datasync",
        scope=Scope.REGIONAL,
        arn="{TaskArn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_tasks", result="Tasks", paging=_PAGES),),
        follow_ups=(FollowUp(operation="describe_task", params={"TaskArn": Item("TaskArn")}),),
    ),
    ResourceType(
        id="datasync:location",
        client="datasync",
        scope=Scope.REGIONAL,
        arn="{LocationArn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_locations", result="Locations", paging=_PAGES),),
    ),
)
"""Declarations of this service."""
