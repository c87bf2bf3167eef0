"""EC2: the network, from the VPC to the transit gateway.

Ids take the OwnerId of the answer: a shared subnet has one id whoever sees it. Forms of the ARNs:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    Limit,
    ListCall,
    Paginator,
    Paging,
    ResourceType,
    Scope,
    Token,
)

# Every describe operation has a bucket of its own, per account and region.
_SOURCE = "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html"
LIMITS = {"ec2": (Limit(rate=20, burst=100, each=True, source=_SOURCE),)}

ARN = "arn:{partition}:ec2:{region}:"
PAGES = Paginator(1000)


def _listed(
    name: str,
    operation: str,
    result: str,
    arn: str,
    paging: Paging = PAGES,
    follow_ups: tuple[FollowUp, ...] = (),
    depth: Depth = Depth.CORE,
) -> ResourceType:
    """A regional type that one describe call lists."""
    return ResourceType(
        id=f"ec2:{name}",
        client="ec2",
        scope=Scope.REGIONAL,
        depth=depth,
        arn=arn,
        lists=(ListCall(operation=operation, result=result, paging=paging),),
        follow_ups=follow_ups,
    )


def _vpc_attribute(name: str) -> FollowUp:
    return FollowUp(
        operation="describe_vpc_attribute",
        params={"VpcId": Item("VpcId"), "Attribute": name},
        key=("Attribute",),
    )


TYPES = (
    ResourceType(
        id="aws:region",
        client="ec2",
        scope=Scope.HOME_REGION,
        arn="{RegionName}",
        lists=(
            ListCall(operation="describe_regions", params={"AllRegions": True}, result="Regions"),
        ),
    ),
    _listed(
        "vpc",
        "describe_vpcs",
        "Vpcs",
        ARN + "{OwnerId|account}:vpc/{VpcId}",
        follow_ups=(_vpc_attribute("enableDnsSupport"), _vpc_attribute("enableDnsHostnames")),
    ),
    _listed(
        "subnet",
        "describe_subnets",
        "Subnets",
        ARN + "{OwnerId|account}:subnet/{SubnetId}",
    ),
    _listed(
        "route-table",
        "describe_route_tables",
        "RouteTables",
        ARN + "{OwnerId|account}:route-table/{RouteTableId}",
        Paginator(100),
    ),
    _listed(
        "internet-gateway",
        "describe_internet_gateways",
        "InternetGateways",
        ARN + "{OwnerId|account}:internet-gateway/{InternetGatewayId}",
    ),
    _listed(
        "egress-only-igw",
        "describe_egress_only_internet_gateways",
        "EgressOnlyInternetGateways",
        ARN + "{account}:egress-only-internet-gateway/{EgressOnlyInternetGatewayId}",
        Paginator(255),
    ),
    _listed(
        "nat-gateway",
        "describe_nat_gateways",
        "NatGateways",
        ARN + "{account}:natgateway/{NatGatewayId}",
    ),
    _listed(
        "network-acl",
        "describe_network_acls",
        "NetworkAcls",
        ARN + "{OwnerId|account}:network-acl/{NetworkAclId}",
    ),
    _listed(
        "security-group",
        "describe_security_groups",
        "SecurityGroups",
        ARN + "{OwnerId|account}:security-group/{GroupId}",
    ),
    _listed(
        "sg-vpc-association",
        "describe_security_group_vpc_associations",
        "SecurityGroupVpcAssociations",
        "{GroupId}/{VpcId}",
    ),
    _listed(
        "network-interface",
        "describe_network_interfaces",
        "NetworkInterfaces",
        ARN + "{OwnerId|account}:network-interface/{NetworkInterfaceId}",
    ),
    ResourceType(
        id="ec2:address",
        client="ec2",
        scope=Scope.REGIONAL,
        arn=ARN + "{account}:elastic-ip/{AllocationId|PublicIp}",
        lists=(ListCall(operation="describe_addresses", result="Addresses"),),
    ),
    # Both accounts see a peering, in their own regions: the requester's side names it.
    _listed(
        "vpc-peering",
        "describe_vpc_peering_connections",
        "VpcPeeringConnections",
        "arn:{partition}:ec2:{RequesterVpcInfo.Region|region}:{RequesterVpcInfo.OwnerId|account}"
        ":vpc-peering-connection/{VpcPeeringConnectionId}",
    ),
    _listed(
        "vpc-endpoint",
        "describe_vpc_endpoints",
        "VpcEndpoints",
        ARN + "{OwnerId|account}:vpc-endpoint/{VpcEndpointId}",
    ),
    _listed(
        "vpc-endpoint-service",
        "describe_vpc_endpoint_service_configurations",
        "ServiceConfigurations",
        ARN + "{account}:vpc-endpoint-service/{ServiceId}",
        follow_ups=(
            FollowUp(
                operation="describe_vpc_endpoint_service_permissions",
                params={"ServiceId": Item("ServiceId")},
                result="AllowedPrincipals",
                paging=PAGES,
            ),
        ),
    ),
    ResourceType(
        id="ec2:vpc-bpa",
        client="ec2",
        scope=Scope.REGIONAL,
        follow_ups=(
            FollowUp(operation="describe_vpc_block_public_access_options"),
            FollowUp(
                operation="describe_vpc_block_public_access_exclusions",
                result="VpcBlockPublicAccessExclusions",
                paging=Token("NextToken", "NextToken", ("MaxResults", 1000)),
            ),
        ),
    ),
    _listed(
        "prefix-list",
        "describe_managed_prefix_lists",
        "PrefixLists",
        "{PrefixListArn}",
        Paginator(100),
        follow_ups=(
            FollowUp(
                operation="get_managed_prefix_list_entries",
                params={"PrefixListId": Item("PrefixListId")},
                result="Entries",
                paging=Paginator(100),
            ),
        ),
    ),
    _listed(
        "flow-log",
        "describe_flow_logs",
        "FlowLogs",
        ARN + "{account}:vpc-flow-log/{FlowLogId}",
        depth=Depth.FULL,
    ),
    # The rules' own ids, which a remedy needs and describe_security_groups does not give.
    _listed(
        "security-group-rule",
        "describe_security_group_rules",
        "SecurityGroupRules",
        ARN + "{GroupOwnerId|account}:security-group-rule/{SecurityGroupRuleId}",
        depth=Depth.FULL,
    ),
    _listed(
        "vpc-endpoint-connection",
        "describe_vpc_endpoint_connections",
        "VpcEndpointConnections",
        "{ServiceId}/{VpcEndpointId}",
    ),
    ResourceType(
        id="ec2:address-attribute",
        client="ec2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn=ARN + "{account}:elastic-ip/{AllocationId|PublicIp}",
        lists=(
            ListCall(
                operation="describe_addresses_attribute",
                params={"Attribute": "domain-name"},
                result="Addresses",
                paging=PAGES,
            ),
        ),
    ),
)
