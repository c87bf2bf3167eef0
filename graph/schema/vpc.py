"""VPC: networks and what routes and filters in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from collector.snapshot import Item
from graph.schema.account import of_region
from graph.schema.convert import count, one_of, texts, truth
from graph.schema.declare import Edge, Link, NodeType, Property, Reference, Setting
from graph.schema.links import at, each, named, text_or_none
from graph.schema.path import ShapeError, look

IN_VPC = "It lies in the VPC."
IN_SUBNET = "It lies in the subnet."
HAS_SECURITY_GROUP = "The security group filters its traffic."


def in_vpc(path: str = "VpcId") -> Link:
    """IN_VPC by the id at a path."""
    return Link("IN_VPC", ("VPC",), IN_VPC, at(path, "VPC"))


def in_subnet(path: str = "SubnetId") -> Link:
    """IN_SUBNET by the ids at a path."""
    return Link("IN_SUBNET", ("Subnet",), IN_SUBNET, at(path, "Subnet"))


def has_security_group(path: str) -> Link:
    """HAS_SECURITY_GROUP by the ids at a path."""
    return Link(
        "HAS_SECURITY_GROUP", ("SecurityGroup",), HAS_SECURITY_GROUP, at(path, "SecurityGroup")
    )


_HOPS = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "NetworkInterfaceId",
    "CarrierGatewayId",
    "LocalGatewayId",
    "CoreNetworkArn",
)
_HOP_LABELS = (
    "InternetGateway",
    "NATGateway",
    "TransitGateway",
    "VPCPeeringConnection",
    "EgressOnlyInternetGateway",
    "NetworkInterface",
    "VPCEndpoint",
    "VPNGateway",
    "CarrierGateway",
    "LocalGateway",
    "CoreNetwork",
    "OtherResource",
)


def _routes(line: Item, route: Mapping[str, Any]) -> Iterator[Edge]:
    destination = next(
        (
            str(route[name])
            for name in (
                "DestinationCidrBlock",
                "DestinationIpv6CidrBlock",
                "DestinationPrefixListId",
            )
            if route.get(name)
        ),
        "",
    )
    for hop in _HOPS:
        if (to := route.get(hop)) and to != "local":
            yield Edge(
                named(to),
                discriminator=destination,
                props={
                    "destination": destination,
                    "state": text_or_none(route.get("State")),
                    "origin": text_or_none(route.get("Origin")),
                },
            )


def _route_table_applies(line: Item, association: Mapping[str, Any]) -> Iterator[Edge]:
    state = association.get("AssociationState") or {"State": "associated"}
    if not isinstance(state, Mapping):
        raise ShapeError("AssociationState is not an object")
    if state.get("State") != "associated":
        return
    if association.get("Main"):
        for vpc in look("VpcId", line).values:
            yield Edge(named(vpc, "VPC"), props={"main": True})
    for member in ("SubnetId", "GatewayId"):
        if association.get(member):
            yield Edge(named(association[member]), props={"main": False})


def _exclusions(line: Item) -> Iterator[Item]:
    for row in look("@describe_vpc_block_public_access_exclusions/*", line).values:
        if not isinstance(row, Mapping):
            raise ShapeError("an exclusion is not an object")
        yield replace(line, item=row)


def _exclusion(label: str) -> Setting:
    def excluded(line: Item) -> Reference | None:
        arn = next(iter(look("ResourceArn", line).values), None)
        is_ours = isinstance(arn, str) and f":{label.lower()}/" in arn
        return Reference(id=str(arn), label=label) if is_ours else None

    return Setting(
        snapshot_type="ec2:vpc-bpa",
        label=label,
        describes=excluded,
        description="An exclusion from VPC Block Public Access.",
        rows=_exclusions,
        properties=(
            Property(
                "vpc_block_public_access_exclusion",
                "InternetGatewayExclusionMode",
                "allow-bidirectional or allow-egress.",
            ),
            Property(
                "vpc_block_public_access_exclusion_state",
                "State",
                "Whether the exclusion is in force (create-complete, update-complete).",
            ),
        ),
    )


def _attribute(name: str, attribute: str, description: str) -> Property:
    member = attribute[0].upper() + attribute[1:]
    path = f"@describe_vpc_attribute(Attribute={attribute})/{member}/Value"
    return Property(name, path, description, truth)


_OPTIONS = "@describe_vpc_block_public_access_options/VpcBlockPublicAccessOptions"

DECLARATIONS = (
    NodeType(
        snapshot_type="ec2:vpc",
        label="VPC",
        resource_type="AWS::EC2::VPC",
        category="network",
        description="A virtual private cloud.",
        arn="arn:{partition}:ec2:{region}:{account}:vpc/{id}",
        id_prefix="vpc-",
        resource_id="VpcId",
        owner="OwnerId",
        properties=(
            Property(
                "cidr_blocks",
                "CidrBlockAssociationSet/*/CidrBlock|CidrBlock",
                "IPv4 ranges.",
                texts,
                absent=[],
            ),
            Property(
                "ipv6_cidr_blocks",
                "Ipv6CidrBlockAssociationSet/*/Ipv6CidrBlock",
                "IPv6 ranges.",
                texts,
                absent=[],
            ),
            Property("is_default", "IsDefault", "Whether it is the default VPC.", truth),
            _attribute("enable_dns_support", "enableDnsSupport", "Whether its resolver answers."),
            _attribute(
                "enable_dns_hostnames", "enableDnsHostnames", "Whether machines get host names."
            ),
            Property("state", "State", "pending or available."),
        ),
    ),
    Setting(
        snapshot_type="ec2:vpc-bpa",
        label="Region",
        describes=of_region,
        description="VPC Block Public Access of the account in the region.",
        properties=(
            Property(
                "vpc_block_public_access_mode",
                f"{_OPTIONS}/InternetGatewayBlockMode",
                "off, block-ingress or block-bidirectional.",
            ),
            Property(
                "vpc_block_public_access_state",
                f"{_OPTIONS}/State",
                "Whether the mode is in force.",
            ),
        ),
    ),
    _exclusion("VPC"),
    _exclusion("Subnet"),
    NodeType(
        snapshot_type="ec2:subnet",
        label="Subnet",
        resource_type="AWS::EC2::Subnet",
        category="network",
        description="A subnet.",
        arn="arn:{partition}:ec2:{region}:{account}:subnet/{id}",
        id_prefix="subnet-",
        resource_id="SubnetId",
        owner="OwnerId",
        properties=(
            Property("cidr_block", "CidrBlock", "IPv4 range."),
            Property(
                "ipv6_cidr_blocks",
                "Ipv6CidrBlockAssociationSet/*/Ipv6CidrBlock",
                "IPv6 ranges.",
                texts,
                absent=[],
            ),
            Property("availability_zone", "AvailabilityZone", "Its zone."),
            Property(
                "map_public_ip_on_launch",
                "MapPublicIpOnLaunch",
                "Whether instances get a public IPv4 address.",
                truth,
            ),
            Property(
                "assign_ipv6_address_on_creation",
                "AssignIpv6AddressOnCreation",
                "Whether interfaces get an IPv6 address.",
                truth,
            ),
            Property("default_for_az", "DefaultForAz", "Whether it is a default subnet.", truth),
        ),
        links=(in_vpc(),),
    ),
    NodeType(
        snapshot_type="ec2:route-table",
        label="RouteTable",
        resource_type="AWS::EC2::RouteTable",
        category="network",
        description="A route table.",
        arn="arn:{partition}:ec2:{region}:{account}:route-table/{id}",
        id_prefix="rtb-",
        resource_id="RouteTableId",
        owner="OwnerId",
        properties=(
            Property(
                "is_main",
                "Associations/*/Main",
                "Whether it serves the subnets of its VPC that name no table.",
                one_of("true"),
                absent=False,
            ),
        ),
        links=(
            in_vpc(),
            Link(
                "ROUTES_VIA",
                _HOP_LABELS,
                "A route leads to the hop; whether it is chosen, the longest prefix decides.",
                each("Routes/*", _routes),
                properties=(
                    ("destination", "Range or prefix list."),
                    ("state", "active or blackhole."),
                    ("origin", "How the route came about, e.g. CreateRoute."),
                ),
            ),
            Link(
                "APPLIES_TO",
                ("Subnet", "VPC", "InternetGateway"),
                "The table routes the subnet, the VPC's other subnets (main), or what enters.",
                each("Associations/*", _route_table_applies),
                properties=(("main", "Whether it is the VPC's main table."),),
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:network-acl",
        label="NetworkAcl",
        resource_type="AWS::EC2::NetworkAcl",
        category="network",
        description="A network ACL: stateless, ordered rules of a subnet.",
        arn="arn:{partition}:ec2:{region}:{account}:network-acl/{id}",
        id_prefix="acl-",
        resource_id="NetworkAclId",
        owner="OwnerId",
        properties=(
            Property("is_default", "IsDefault", "Whether it is its VPC's default.", truth),
            Property("entry_count", "Entries/*", "How many rules it has.", count, absent=0),
        ),
        links=(
            in_vpc(),
            Link(
                "APPLIES_TO",
                ("Subnet",),
                "The ACL filters the subnet.",
                at("Associations/*/SubnetId", "Subnet"),
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:flow-log",
        label="FlowLog",
        resource_type="AWS::EC2::FlowLog",
        category="network",
        description="Where the traffic of a VPC, subnet or interface is logged.",
        arn="arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}",
        id_prefix="fl-",
        resource_id="FlowLogId",
        properties=(
            Property("status", "FlowLogStatus", "E.g. ACTIVE."),
            Property(
                "delivery_status", "DeliverLogsStatus", "SUCCESS, or FAILED: it logs nothing."
            ),
            Property("resource", "ResourceId", "What is logged."),
            Property("traffic_type", "TrafficType", "ACCEPT, REJECT or ALL."),
            Property("destination_type", "LogDestinationType", "s3, cloud-watch-logs, ..."),
            Property("destination", "LogDestination|LogGroupName", "Where the log goes."),
            Property("role_arn", "DeliverLogsPermissionArn", "The role that writes it."),
            Property("creation_time", "CreationTime", "When it was made (ISO 8601)."),
        ),
    ),
)
