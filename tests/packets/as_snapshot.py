"""A world of the simulator as a snapshot: the same AWS JSON, filed as the collectors file it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from collector.snapshot import Snapshot
from packets.world import Json, Where, World
from snapshot_files import line, write_snapshot

# Type id, list of the world, member with AWS's id, resource part of the ARN.
TYPES = (
    ("ec2:vpc", "Vpcs", "VpcId", "vpc"),
    ("ec2:subnet", "Subnets", "SubnetId", "subnet"),
    ("ec2:route-table", "RouteTables", "RouteTableId", "route-table"),
    ("ec2:network-acl", "NetworkAcls", "NetworkAclId", "network-acl"),
    ("ec2:security-group", "SecurityGroups", "GroupId", "security-group"),
    ("ec2:network-interface", "NetworkInterfaces", "NetworkInterfaceId", "network-interface"),
    ("ec2:internet-gateway", "InternetGateways", "InternetGatewayId", "internet-gateway"),
    ("ec2:nat-gateway", "NatGateways", "NatGatewayId", "natgateway"),
    (
        "ec2:egress-only-igw",
        "EgressOnlyInternetGateways",
        "EgressOnlyInternetGatewayId",
        "egress-only-internet-gateway",
    ),
    (
        "ec2:vpc-peering",
        "VpcPeeringConnections",
        "VpcPeeringConnectionId",
        "vpc-peering-connection",
    ),
    ("ec2:transit-gateway", "TransitGateways", "TransitGatewayId", "transit-gateway"),
    (
        "ec2:transit-gateway-vpc-attachment",
        "TransitGatewayVpcAttachments",
        "TransitGatewayAttachmentId",
        "transit-gateway-attachment",
    ),
    (
        "ec2:transit-gateway-peering-attachment",
        "TransitGatewayPeeringAttachments",
        "TransitGatewayAttachmentId",
        "transit-gateway-attachment",
    ),
    (
        "ec2:transit-gateway-route-table",
        "TransitGatewayRouteTables",
        "TransitGatewayRouteTableId",
        "transit-gateway-route-table",
    ),
    ("ec2:prefix-list", "ManagedPrefixLists", "PrefixListId", "prefix-list"),
    ("ec2:instance", "Instances", "InstanceId", "instance"),
)
OPERATIONS = (
    "describe_vpcs",
    "describe_subnets",
    "describe_route_tables",
    "describe_internet_gateways",
    "describe_egress_only_internet_gateways",
    "describe_nat_gateways",
    "describe_network_acls",
    "describe_security_groups",
    "describe_network_interfaces",
    "describe_addresses",
    "describe_instances",
    "describe_vpc_endpoints",
    "describe_vpc_endpoint_connections",
    "describe_vpc_endpoint_service_configurations",
    "describe_vpc_peering_connections",
    "describe_managed_prefix_lists",
    "describe_vpc_block_public_access_options",
    "describe_vpc_block_public_access_exclusions",
    "describe_transit_gateways",
    "describe_transit_gateway_attachments",
    "describe_transit_gateway_vpc_attachments",
    "describe_transit_gateway_peering_attachments",
    "describe_transit_gateway_route_tables",
    "describe_vpn_gateways",
    "describe_vpn_connections",
    "describe_security_group_vpc_associations",
)


def snapshot_of(world: World, folder: Path) -> Snapshot:
    """Write a world of which everything was collected."""
    lines: dict[tuple[str, str, str], list[Json]] = {}
    ledger: list[dict[str, Any]] = []
    for where, place in world.places.items():
        for type_id, name, member, kind in TYPES:
            made = [
                line(arn(where, kind, item, member), item, **_calls(type_id, place, item[member]))
                for item in place[name]
            ]
            if made:
                lines[(*where, type_id)] = made
        lines[(*where, "ec2:vpc-bpa")] = [_block_public_access(where, place)]
        attached = list(_attachments(where, place))
        if attached:
            lines[(*where, "ec2:transit-gateway-attachment")] = attached
        ledger += [_row(where, operation) for operation in OPERATIONS]
    return write_snapshot(folder, lines, ledger)


def arn(where: Where, kind: str, item: Json, member: str) -> str:
    """A resource's ARN: its owner's where that is told, else the account that sees it."""
    owner = item.get("OwnerId") or where[0]
    return f"arn:aws:ec2:{where[1]}:{owner}:{kind}/{item[member]}"


def _calls(type_id: str, place: Json, name: str) -> dict[str, Any]:
    if type_id == "ec2:prefix-list":
        return {"get_managed_prefix_list_entries": place["ManagedPrefixListEntries"].get(name, [])}
    if type_id == "ec2:transit-gateway-route-table":
        associated = place["TransitGatewayRouteTableAssociations"].get(name, [])
        return {
            "search_transit_gateway_routes": place["TransitGatewayRoutes"].get(name, []),
            "get_transit_gateway_route_table_associations": associated,
            "get_transit_gateway_route_table_propagations": [],
        }
    return {}


def _block_public_access(where: Where, place: Json) -> Json:
    return line(
        "/".join(where),
        {},
        describe_vpc_block_public_access_options={
            "VpcBlockPublicAccessOptions": place["VpcBlockPublicAccessOptions"]
        },
        describe_vpc_block_public_access_exclusions=place["VpcBlockPublicAccessExclusions"],
    )


def _attachments(where: Where, place: Json) -> Iterator[Json]:
    """What ``describe_transit_gateway_attachments`` says of them all."""
    for item in place["TransitGatewayVpcAttachments"]:
        told = {
            "TransitGatewayAttachmentId": item["TransitGatewayAttachmentId"],
            "TransitGatewayId": item["TransitGatewayId"],
            "ResourceType": "vpc",
            "ResourceId": item["VpcId"],
            "State": item["State"],
        }
        yield line(
            arn(where, "transit-gateway-attachment", told, "TransitGatewayAttachmentId"), told
        )
    for item in place["TransitGatewayPeeringAttachments"]:
        for own, far in (("Requester", "Accepter"), ("Accepter", "Requester")):
            info = item[f"{own}TgwInfo"]
            if (info["OwnerId"], info["Region"]) != where:
                continue
            told = {
                "TransitGatewayAttachmentId": item["TransitGatewayAttachmentId"],
                "TransitGatewayId": info["TransitGatewayId"],
                "ResourceType": "peering",
                "ResourceId": item[f"{far}TgwInfo"]["TransitGatewayId"],
                "State": item["State"],
            }
            yield line(
                arn(where, "transit-gateway-attachment", told, "TransitGatewayAttachmentId"), told
            )


def _row(where: Where, operation: str) -> dict[str, Any]:
    return {
        "account_id": where[0],
        "region": where[1],
        "service": "ec2",
        "operation": operation,
        "type": "ec2",
        "status": "ok",
        "items": 1,
    }
