"""Cloud Map: namespaces, services and the addresses registered with them."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)

TYPES = (
    ResourceType(
        id="cloudmap:namespace",
        client="servicediscovery",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{Arn}",
        lists=(ListCall(operation="list_namespaces", result="Namespaces", paging=_PAGES),),
    ),
    ResourceType(
        id="cloudmap:service",
        client="servicediscovery",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{Arn}",
        lists=(ListCall(operation="list_services", result="Services", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="list_instances",
                params={"ServiceId": Item("Id")},
                result="Instances",
                paging=_PAGES,
            ),
        ),
        # Applications may register attributes of their own.
        scan=("list_instances:[].Attributes",),
    ),
)
"""Declarations of this service."""
