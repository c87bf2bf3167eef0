"""DocumentDB elastic clusters and their snapshots."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)

TYPES = (
    ResourceType(
        id="docdb-elastic:cluster",
        client="docdb-elastic",
        scope=Scope.REGIONAL,
        arn="{clusterArn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_clusters", result="clusters", paging=_PAGES),),
        follow_ups=(FollowUp(operation="get_cluster", params={"clusterArn": Item("clusterArn")}),),
    ),
    ResourceType(
        id="docdb-elastic:cluster-snapshot",
        client="docdb-elastic",
        scope=Scope.REGIONAL,
        arn="{snapshotArn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_cluster_snapshots", result="snapshots", paging=_PAGES),),
    ),
)
"""Declarations of this service."""
