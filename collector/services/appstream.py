"""AppStream 2.0: fleets of streaming instances, and stacks."""

from collector.declare import Depth, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="appstream:fleet",
        client="appstream",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{Arn}",
        lists=(ListCall(operation="describe_fleets", result="Fleets", paging=Paginator()),),
    ),
    ResourceType(
        id="appstream:stack",
        client="appstream",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{Arn}",
        lists=(ListCall(operation="describe_stacks", result="Stacks", paging=Paginator()),),
    ),
)
"""Declarations of this service."""
