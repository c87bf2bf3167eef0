"""EC2: gateways of Wavelength zones and Outposts, and analyses of reachability that exist."""

from __future__ import annotations

from graph.schema.convert import count, texts, truth, whole
from graph.schema.declare import NodeType, Property
from graph.schema.vpc import in_vpc

_EC2 = "arn:{partition}:ec2:{region}:{account}:"
_STATE = Property("state", "State", "E.g. available.")
_OUTPOST = Property("outpost_arn", "OutpostArn", "The Outpost that it belongs to.")
_CREATED = Property("created_date", "CreatedDate", "When it was made (ISO 8601).")
_STARTED = Property("start_date", "StartDate", "When it was started (ISO 8601).")

DECLARATIONS = (
    NodeType(
        snapshot_type="ec2:carrier-gateway",
        label="CarrierGateway",
        resource_type="AWS::EC2::CarrierGateway",
        category="network",
        description="A gateway between a Wavelength zone's subnets and the carrier's network.",
        arn=_EC2 + "carrier-gateway/{id}",
        id_prefix="cagw-",
        resource_id="CarrierGatewayId",
        owner="OwnerId",
        properties=(_STATE,),
        links=(in_vpc(),),
    ),
    NodeType(
        snapshot_type="ec2:local-gateway",
        label="LocalGateway",
        resource_type="AWS::EC2::LocalGateway",
        cloudformation=False,
        category="network",
        description="A gateway between an Outpost's subnets and the local network.",
        arn=_EC2 + "local-gateway/{id}",
        id_prefix="lgw-",
        resource_id="LocalGatewayId",
        owner="OwnerId",
        properties=(_STATE, _OUTPOST),
    ),
    NodeType(
        snapshot_type="ec2:local-gateway-route-table",
        label="LocalGatewayRouteTable",
        resource_type="AWS::EC2::LocalGatewayRouteTable",
        category="network",
        description="A route table of a local gateway.",
        arn=_EC2 + "local-gateway-route-table/{id}",
        id_prefix="lgw-rtb-",
        resource_id="LocalGatewayRouteTableId",
        owner="OwnerId",
        properties=(
            _STATE,
            _OUTPOST,
            Property("local_gateway_id", "LocalGatewayId", "Its gateway."),
            Property("mode", "Mode", "direct-vpc-routing or coip."),
        ),
    ),
    NodeType(
        snapshot_type="ec2:local-gateway-virtual-interface",
        label="LocalGatewayVirtualInterface",
        resource_type="AWS::EC2::LocalGatewayVirtualInterface",
        category="network",
        description="A connection of a local gateway to the local network.",
        arn=_EC2 + "local-gateway-virtual-interface/{id}",
        id_prefix="lgw-vif-",
        resource_id="LocalGatewayVirtualInterfaceId",
        owner="OwnerId",
        properties=(
            Property("local_gateway_id", "LocalGatewayId", "Its gateway."),
            Property("vlan", "Vlan", "Its VLAN.", whole),
            Property("local_address", "LocalAddress", "The gateway's address."),
            Property("peer_address", "PeerAddress", "The local network's address."),
        ),
    ),
    NodeType(
        snapshot_type="ec2:network-insights",
        label="NetworkInsightsAccessScope",
        resource_type="AWS::EC2::NetworkInsightsAccessScope",
        category="network",
        description="A rule about which network paths may exist (Network Access Analyzer).",
        arn=_EC2 + "network-insights-access-scope/{id}",
        resource_id="NetworkInsightsAccessScopeId",
        properties=(
            Property(
                "match_path_count",
                "@get_network_insights_access_scope_content"
                "/NetworkInsightsAccessScopeContent/MatchPaths/*",
                "How many kinds of paths it looks for.",
                count,
                absent=0,
            ),
            _CREATED,
        ),
    ),
    NodeType(
        snapshot_type="ec2:network-insights-access-scope-analysis",
        label="NetworkInsightsAccessScopeAnalysis",
        resource_type="AWS::EC2::NetworkInsightsAccessScopeAnalysis",
        category="network",
        description="What AWS found when somebody tested an access scope.",
        arn=_EC2 + "network-insights-access-scope-analysis/{id}",
        resource_id="NetworkInsightsAccessScopeAnalysisId",
        properties=(
            Property("status", "Status", "running, succeeded or failed."),
            Property("access_scope_id", "NetworkInsightsAccessScopeId", "The scope."),
            Property("findings_found", "FindingsFound", "true, false or unknown."),
            Property(
                "finding_count",
                "@get_network_insights_access_scope_analysis_findings/*",
                "How many paths it found.",
                count,
                absent=0,
            ),
            _STARTED,
        ),
    ),
    NodeType(
        snapshot_type="ec2:network-insights-path",
        label="NetworkInsightsPath",
        resource_type="AWS::EC2::NetworkInsightsPath",
        category="network",
        description="A question whether one resource reaches another (Reachability Analyzer).",
        arn=_EC2 + "network-insights-path/{id}",
        resource_id="NetworkInsightsPathId",
        properties=(
            Property("source_arn", "SourceArn|Source", "Where the path begins."),
            Property("destination_arn", "DestinationArn|Destination", "Where it ends."),
            Property("protocol", "Protocol", "tcp or udp."),
            Property("destination_port", "DestinationPort", "The port.", whole),
            _CREATED,
        ),
    ),
    NodeType(
        snapshot_type="ec2:network-insights-analysis",
        label="NetworkInsightsAnalysis",
        resource_type="AWS::EC2::NetworkInsightsAnalysis",
        category="network",
        description="AWS's answer to such a question, at one time.",
        arn=_EC2 + "network-insights-analysis/{id}",
        resource_id="NetworkInsightsAnalysisId",
        properties=(
            Property("status", "Status", "running, succeeded or failed."),
            Property("path_id", "NetworkInsightsPathId", "The question."),
            Property("network_path_found", "NetworkPathFound", "Whether it reaches.", truth),
            Property(
                "explanation_codes",
                "Explanations/*/ExplanationCode",
                "Why it does not.",
                texts,
                absent=[],
            ),
            _STARTED,
        ),
    ),
)
