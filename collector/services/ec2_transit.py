"""EC2: transit gateways, their attachments and route tables."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

PAGES = Paginator(1000)
_TABLE = {"TransitGatewayRouteTableId": Item("TransitGatewayRouteTableId")}

TYPES = (
    ResourceType(
        id="ec2:transit-gateway",
        client="ec2",
        scope=Scope.REGIONAL,
        arn="{TransitGatewayArn}",
        lists=(
            ListCall(operation="describe_transit_gateways", result="TransitGateways", paging=PAGES),
        ),
    ),
    # An attachment is seen by the owner of the gateway and by the owner of what is attached; the
    # latter made it and names it in both views.
    ResourceType(
        id="ec2:transit-gateway-attachment",
        client="ec2",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:ec2:{region}:{ResourceOwnerId|account}"
        ":transit-gateway-attachment/{TransitGatewayAttachmentId}",
        lists=(
            ListCall(
                operation="describe_transit_gateway_attachments",
                result="TransitGatewayAttachments",
                paging=PAGES,
            ),
        ),
    ),
    ResourceType(
        id="ec2:transit-gateway-vpc-attachment",
        client="ec2",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:ec2:{region}:{VpcOwnerId|account}"
        ":transit-gateway-attachment/{TransitGatewayAttachmentId}",
        lists=(
            ListCall(
                operation="describe_transit_gateway_vpc_attachments",
                result="TransitGatewayVpcAttachments",
                paging=PAGES,
            ),
        ),
    ),
    ResourceType(
        id="ec2:transit-gateway-peering-attachment",
        client="ec2",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:ec2:{RequesterTgwInfo.Region|region}"
        ":{RequesterTgwInfo.OwnerId|account}"
        ":transit-gateway-attachment/{TransitGatewayAttachmentId}",
        lists=(
            ListCall(
                operation="describe_transit_gateway_peering_attachments",
                result="TransitGatewayPeeringAttachments",
                paging=PAGES,
            ),
        ),
    ),
    ResourceType(
        id="ec2:transit-gateway-route-table",
        client="ec2",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:ec2:{region}:{account}"
        ":transit-gateway-route-table/{TransitGatewayRouteTableId}",
        lists=(
            ListCall(
                operation="describe_transit_gateway_route_tables",
                result="TransitGatewayRouteTables",
                paging=PAGES,
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="search_transit_gateway_routes",
                # The operation insists on a filter; these two are all the kinds of routes.
                params={
                    **_TABLE,
                    "Filters": [{"Name": "type", "Values": ["static", "propagated"]}],
                },
                result="Routes",
                paging=PAGES,
                incomplete="AdditionalRoutesAvailable",
            ),
            FollowUp(
                operation="get_transit_gateway_route_table_associations",
                params=_TABLE,
                result="Associations",
                paging=PAGES,
            ),
            FollowUp(
                operation="get_transit_gateway_route_table_propagations",
                params=_TABLE,
                result="TransitGatewayRouteTablePropagations",
                paging=PAGES,
            ),
        ),
    ),
    ResourceType(
        id="ec2:transit-gateway-connect",
        client="ec2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:ec2:{region}:{account}"
        ":transit-gateway-attachment/{TransitGatewayAttachmentId}",
        lists=(
            ListCall(
                operation="describe_transit_gateway_connects",
                result="TransitGatewayConnects",
                paging=PAGES,
            ),
        ),
    ),
    ResourceType(
        id="ec2:transit-gateway-multicast-domain",
        client="ec2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{TransitGatewayMulticastDomainArn}",
        lists=(
            ListCall(
                operation="describe_transit_gateway_multicast_domains",
                result="TransitGatewayMulticastDomains",
                paging=PAGES,
            ),
        ),
    ),
)
