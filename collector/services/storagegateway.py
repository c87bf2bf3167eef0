"""Storage Gateway: gateways and the file shares that they serve."""

from collector.declare import Depth, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)

TYPES = (
    ResourceType(
        id="storagegateway:gateway",
        client="storagegateway",
        scope=Scope.REGIONAL,
        arn="{GatewayARN}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_gateways", result="Gateways", paging=_PAGES),),
    ),
    ResourceType(
        id="storagegateway:file-share",
        client="storagegateway",
        scope=Scope.REGIONAL,
        arn="{FileShareARN}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_file_shares", result="FileShareInfoList", paging=_PAGES),),
    ),
)
"""Declarations of this service."""
