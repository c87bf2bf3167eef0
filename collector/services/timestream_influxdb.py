"""Timestream for InfluxDB: instances and clusters. The lists do not say who may reach them."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)

TYPES = (
    ResourceType(
        id="timestream-influxdb:db",
        client="timestream-influxdb",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_db_instances", result="items", paging=_PAGES),),
        follow_ups=(FollowUp(operation="get_db_instance", params={"identifier": Item("id")}),),
    ),
    ResourceType(
        id="timestream-influxdb:cluster",
        client="timestream-influxdb",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_db_clusters", result="items", paging=_PAGES),),
        follow_ups=(FollowUp(operation="get_db_cluster", params={"dbClusterId": Item("id")}),),
    ),
)
"""Declarations of this service."""
