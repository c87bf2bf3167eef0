"""Direct Connect: gateways, connections and virtual interfaces."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
)

_GATEWAY = {"directConnectGatewayId": Item("directConnectGatewayId")}
_PAGES = Paginator(100)
_TOKENS = Token("nextToken", "nextToken", ("maxResults", 100))


def _of_gateway(operation: str, result: str) -> FollowUp:
    return FollowUp(operation=operation, params=_GATEWAY, result=result, paging=_PAGES)


TYPES = (
    # A gateway has no region: every region lists the same ones.
    # https://docs.aws.amazon.com/directconnect/latest/UserGuide/direct-connect-gateways-intro.html
    ResourceType(
        id="dx:gateway",
        client="directconnect",
        scope=Scope.HOME_REGION,
        depth=Depth.FULL,
        arn="arn:{partition}:directconnect::{ownerAccount|account}"
        ":dx-gateway/{directConnectGatewayId}",
        lists=(
            ListCall(
                operation="describe_direct_connect_gateways",
                result="directConnectGateways",
                paging=_PAGES,
            ),
        ),
        follow_ups=(
            _of_gateway(
                "describe_direct_connect_gateway_associations",
                "directConnectGatewayAssociations",
            ),
            _of_gateway(
                "describe_direct_connect_gateway_attachments",
                "directConnectGatewayAttachments",
            ),
        ),
    ),
    ResourceType(
        id="dx:connection",
        client="directconnect",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:directconnect:{region}:{ownerAccount|account}:dxcon/{connectionId}",
        lists=(ListCall(operation="describe_connections", result="connections", paging=_TOKENS),),
    ),
    ResourceType(
        id="dx:virtual-interface",
        client="directconnect",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:directconnect:{region}:{ownerAccount|account}"
        ":dxvif/{virtualInterfaceId}",
        lists=(
            ListCall(
                operation="describe_virtual_interfaces",
                result="virtualInterfaces",
                paging=_TOKENS,
            ),
        ),
        # The router's configuration repeats the key of the BGP session.
        redact=("authKey", "customerRouterConfig", "bgpPeers[].authKey"),
    ),
)
"""Declarations of this service."""
