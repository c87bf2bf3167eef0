"""Transit gateways, their attachments and route tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.schema.convert import texts, truth
from graph.schema.declare import Edge, Link, NodeType, Property, Reference, Setting
from graph.schema.links import as_list, at, each, named, text_or_none
from graph.schema.path import look

_ATTACHMENT = "TransitGatewayAttachmentId"


def _attachment(line: Item) -> Reference | None:
    found = look(_ATTACHMENT, line).values
    if not found:
        return None
    return Reference(id=line.id, short=str(found[0]), label="TransitGatewayAttachment")


def _attached_vpc(line: Item) -> Iterator[Edge]:
    if look("ResourceType", line).values[:1] != ("vpc",):
        return
    owner = look("ResourceOwnerId", line).values
    for vpc in look("ResourceId", line).values:
        yield Edge(named(vpc, "VPC", account=str(owner[0]) if owner else ""))


def _routes(line: Item, route: Mapping[str, Any]) -> Iterator[Edge]:
    destination = str(route.get("DestinationCidrBlock") or route.get("PrefixListId") or "")
    for attachment in as_list(route.get("TransitGatewayAttachments")):
        if isinstance(attachment, Mapping) and attachment.get(_ATTACHMENT):
            yield Edge(
                named(attachment[_ATTACHMENT], "TransitGatewayAttachment"),
                discriminator=destination,
                props={
                    "destination": destination,
                    "state": text_or_none(route.get("State")),
                    "origin": text_or_none(route.get("Type")),
                },
            )


def _associated(line: Item, association: Mapping[str, Any]) -> Iterator[Edge]:
    if association.get("State") == "associated" and association.get(_ATTACHMENT):
        yield Edge(named(association[_ATTACHMENT], "TransitGatewayAttachment"))


DECLARATIONS = (
    NodeType(
        snapshot_type="ec2:transit-gateway",
        label="TransitGateway",
        resource_type="AWS::EC2::TransitGateway",
        category="network",
        description="A transit gateway.",
        arn="arn:{partition}:ec2:{region}:{account}:transit-gateway/{id}",
        id_prefix="tgw-",
        resource_id="TransitGatewayId",
        owner="OwnerId",
        properties=(
            Property("state", "State", "E.g. available."),
            Property("tgw_description", "Description", "Its author's description."),
            Property(
                "auto_accept_shared_attachments",
                "Options/AutoAcceptSharedAttachments",
                "Whether attachments of other accounts need no approval (enable, disable).",
            ),
            Property(
                "security_group_referencing_support",
                "Options/SecurityGroupReferencingSupport",
                "Whether groups can be referenced across it (enable, disable).",
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:transit-gateway-attachment",
        label="TransitGatewayAttachment",
        resource_type="AWS::EC2::TransitGatewayAttachment",
        category="network",
        description="What joins a VPC, VPN or other gateway to a transit gateway.",
        arn="arn:{partition}:ec2:{region}:{account}:transit-gateway-attachment/{id}",
        id_prefix="tgw-attach-",
        resource_id=_ATTACHMENT,
        properties=(
            Property("attachment_type", "ResourceType", "vpc, vpn, peering, ..."),
            Property("state", "State", "E.g. available."),
            Property("resource_account_id", "ResourceOwnerId", "Who owns the attached resource."),
        ),
        links=(
            Link(
                "ATTACHED_TO",
                ("TransitGateway",),
                "The attachment belongs to the transit gateway.",
                at("TransitGatewayId", "TransitGateway"),
            ),
            Link(
                "ATTACHED_TO",
                ("VPC",),
                "The attachment joins the VPC.",
                _attached_vpc,
            ),
        ),
    ),
    Setting(
        snapshot_type="ec2:transit-gateway-vpc-attachment",
        label="TransitGatewayAttachment",
        describes=_attachment,
        description="The subnets and options of an attached VPC.",
        proves=True,
        properties=(
            Property(
                "appliance_mode_support",
                "Options/ApplianceModeSupport",
                "Whether replies keep to the zone (enable, disable).",
            ),
        ),
        links=(
            Link(
                "IN_SUBNET",
                ("Subnet",),
                "The attachment has an interface in the subnet.",
                at("SubnetIds/*", "Subnet"),
            ),
        ),
    ),
    Setting(
        snapshot_type="ec2:transit-gateway-peering-attachment",
        label="TransitGatewayAttachment",
        describes=_attachment,
        description="The two gateways of a peering.",
        proves=True,
        properties=(
            Property(
                "peer_account_id", "AccepterTgwInfo/OwnerId", "The accepting gateway's account."
            ),
            Property("peer_region", "AccepterTgwInfo/Region", "The accepting gateway's region."),
        ),
    ),
    NodeType(
        snapshot_type="ec2:transit-gateway-route-table",
        label="TransitGatewayRouteTable",
        resource_type="AWS::EC2::TransitGatewayRouteTable",
        category="network",
        description="A route table of a transit gateway.",
        arn="arn:{partition}:ec2:{region}:{account}:transit-gateway-route-table/{id}",
        id_prefix="tgw-rtb-",
        resource_id="TransitGatewayRouteTableId",
        properties=(
            Property("state", "State", "E.g. available."),
            Property(
                "default_association",
                "DefaultAssociationRouteTable",
                "Whether new attachments are associated with it.",
                truth,
            ),
            Property(
                "blackholes",
                "@search_transit_gateway_routes/[State=blackhole]/DestinationCidrBlock",
                "Ranges that it drops.",
                texts,
                absent=[],
            ),
        ),
        links=(
            Link(
                "ATTACHED_TO",
                ("TransitGateway",),
                "The table belongs to the transit gateway.",
                at("TransitGatewayId", "TransitGateway"),
            ),
            Link(
                "ROUTES_VIA",
                ("TransitGatewayAttachment",),
                "A route leads to the attachment.",
                each("@search_transit_gateway_routes/*", _routes),
                properties=(
                    ("destination", "Range or prefix list."),
                    ("state", "active or blackhole."),
                    ("origin", "static or propagated."),
                ),
            ),
            Link(
                "APPLIES_TO",
                ("TransitGatewayAttachment",),
                "The table routes what enters by the attachment.",
                each("@get_transit_gateway_route_table_associations/*", _associated),
            ),
        ),
    ),
    Setting(
        snapshot_type="ec2:transit-gateway-connect",
        label="TransitGatewayAttachment",
        describes=_attachment,
        description="The attachment that a Connect attachment runs over.",
        proves=True,
        properties=(
            Property(
                "transport_attachment_id",
                "TransportTransitGatewayAttachmentId",
                "The attachment underneath (Connect).",
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:transit-gateway-multicast-domain",
        label="TransitGatewayMulticastDomain",
        resource_type="AWS::EC2::TransitGatewayMulticastDomain",
        category="network",
        description="Subnets that a transit gateway sends multicast traffic to.",
        arn="arn:{partition}:ec2:{region}:{account}:transit-gateway-multicast-domain/{id}",
        id_prefix="tgw-mcast-domain-",
        resource_id="TransitGatewayMulticastDomainId",
        owner="OwnerId",
        properties=(
            Property("state", "State", "E.g. available."),
            Property("transit_gateway_id", "TransitGatewayId", "Its gateway."),
            Property(
                "auto_accept_shared_associations",
                "Options/AutoAcceptSharedAssociations",
                "Whether subnets of other accounts need no approval (enable, disable).",
            ),
        ),
    ),
)
