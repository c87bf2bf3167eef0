"""Neptune Analytics: graphs, their private endpoints and snapshots."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)
_GRAPH = {"graphIdentifier": Item("id")}

TYPES = (
    ResourceType(
        id="neptune-graph:graph",
        client="neptune-graph",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_graphs", result="graphs", paging=_PAGES),),
        follow_ups=(
            FollowUp(operation="get_graph", params=_GRAPH),
            FollowUp(
                operation="list_private_graph_endpoints",
                params=_GRAPH,
                result="privateGraphEndpoints",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="neptune-graph:graph-snapshot",
        client="neptune-graph",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_graph_snapshots", result="graphSnapshots", paging=_PAGES),),
    ),
)
"""Declarations of this service."""
