"""EC2: gateways of Wavelength zones and Outposts, and analyses of reachability that exist.

Analyses are billed when they are started: only those that somebody else has run are read.
"""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
)

_ARN = "arn:{partition}:ec2:{region}:{OwnerId|account}:"
_PAGES = Paginator(1000)
_INSIGHTS = Paginator(100)


def _listed(
    name: str,
    operation: str,
    result: str,
    arn: str,
    paging: Paginator = _PAGES,
    follow_ups: tuple[FollowUp, ...] = (),
) -> ResourceType:
    return ResourceType(
        id=f"ec2:{name}",
        client="ec2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn=arn,
        lists=(ListCall(operation=operation, result=result, paging=paging),),
        follow_ups=follow_ups,
    )


TYPES = (
    _listed(
        "carrier-gateway",
        "describe_carrier_gateways",
        "CarrierGateways",
        _ARN + "carrier-gateway/{CarrierGatewayId}",
    ),
    _listed(
        "local-gateway",
        "describe_local_gateways",
        "LocalGateways",
        _ARN + "local-gateway/{LocalGatewayId}",
    ),
    _listed(
        "local-gateway-route-table",
        "describe_local_gateway_route_tables",
        "LocalGatewayRouteTables",
        _ARN + "local-gateway-route-table/{LocalGatewayRouteTableId}",
    ),
    _listed(
        "local-gateway-virtual-interface",
        "describe_local_gateway_virtual_interfaces",
        "LocalGatewayVirtualInterfaces",
        _ARN + "local-gateway-virtual-interface/{LocalGatewayVirtualInterfaceId}",
    ),
    _listed(
        "network-insights",
        "describe_network_insights_access_scopes",
        "NetworkInsightsAccessScopes",
        "{NetworkInsightsAccessScopeArn}",
        _INSIGHTS,
        (
            FollowUp(
                operation="get_network_insights_access_scope_content",
                params={"NetworkInsightsAccessScopeId": Item("NetworkInsightsAccessScopeId")},
            ),
        ),
    ),
    _listed(
        "network-insights-access-scope-analysis",
        "describe_network_insights_access_scope_analyses",
        "NetworkInsightsAccessScopeAnalyses",
        "{NetworkInsightsAccessScopeAnalysisArn}",
        _INSIGHTS,
        (
            FollowUp(
                operation="get_network_insights_access_scope_analysis_findings",
                params={
                    "NetworkInsightsAccessScopeAnalysisId": Item(
                        "NetworkInsightsAccessScopeAnalysisId"
                    )
                },
                result="AnalysisFindings",
                paging=_INSIGHTS,
            ),
        ),
    ),
    _listed(
        "network-insights-path",
        "describe_network_insights_paths",
        "NetworkInsightsPaths",
        "{NetworkInsightsPathArn}",
        _INSIGHTS,
    ),
    _listed(
        "network-insights-analysis",
        "describe_network_insights_analyses",
        "NetworkInsightsAnalyses",
        "{NetworkInsightsAnalysisArn}",
        _INSIGHTS,
    ),
)
