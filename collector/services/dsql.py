"""Aurora DSQL: clusters, whose endpoints are public and ask for IAM."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_CLUSTER = {"identifier": Item("identifier")}

TYPES = (
    ResourceType(
        id="dsql:cluster",
        client="dsql",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_clusters", result="clusters", paging=Paginator(100)),),
        follow_ups=(
            FollowUp(operation="get_cluster", params=_CLUSTER),
            FollowUp(operation="get_cluster_policy", params=_CLUSTER),
            FollowUp(operation="get_vpc_endpoint_service_name", params=_CLUSTER),
        ),
    ),
)
"""Declarations of this service."""
