"""Direct Connect: gateways, connections and virtual interfaces."""

from __future__ import annotations

from graph.schema.convert import texts, whole
from graph.schema.declare import NodeType, Property

_ASSOCIATIONS = "@describe_direct_connect_gateway_associations/*"

DECLARATIONS = (
    NodeType(
        snapshot_type="dx:gateway",
        label="DirectConnectGateway",
        resource_type="AWS::DirectConnect::DirectConnectGateway",
        category="network",
        description="Joins private lines to gateways of VPCs, in any region.",
        arn="arn:{partition}:directconnect::{account}:dx-gateway/{id}",
        name="directConnectGatewayName",
        resource_id="directConnectGatewayId",
        owner="ownerAccount",
        tags="tags",
        properties=(
            Property("state", "directConnectGatewayState", "E.g. available."),
            Property(
                "associated_gateway_ids",
                f"{_ASSOCIATIONS}/associatedGateway/id",
                "Virtual private and transit gateways behind it.",
                texts,
                absent=[],
            ),
            Property(
                "associated_account_ids",
                f"{_ASSOCIATIONS}/associatedGateway/ownerAccount",
                "Their owners.",
                texts,
                absent=[],
            ),
            Property(
                "allowed_prefixes",
                f"{_ASSOCIATIONS}/allowedPrefixesToDirectConnectGateway/*/cidr",
                "Ranges that are announced to the other side.",
                texts,
                absent=[],
            ),
            Property(
                "virtual_interface_ids",
                "@describe_direct_connect_gateway_attachments/*/virtualInterfaceId",
                "Interfaces of the lines.",
                texts,
                absent=[],
            ),
        ),
    ),
    NodeType(
        snapshot_type="dx:connection",
        label="DirectConnectConnection",
        resource_type="AWS::DirectConnect::Connection",
        category="network",
        description="A private line to AWS.",
        arn="arn:{partition}:directconnect:{region}:{account}:dxcon/{id}",
        id_prefix="dxcon-",
        name="connectionName",
        resource_id="connectionId",
        owner="ownerAccount",
        tags="tags",
        properties=(
            Property("state", "connectionState", "E.g. available."),
            Property("location", "location", "Where the line ends."),
            Property("bandwidth", "bandwidth", "E.g. 1Gbps."),
            Property("partner_name", "partnerName", "Who provides it."),
            Property("port_encryption_status", "portEncryptionStatus", "Whether MACsec is up."),
        ),
    ),
    NodeType(
        snapshot_type="dx:virtual-interface",
        label="DirectConnectVirtualInterface",
        resource_type="AWS::DirectConnect::VirtualInterface",
        cloudformation=False,
        category="network",
        description="What a private line carries: to VPCs or to AWS's public addresses.",
        arn="arn:{partition}:directconnect:{region}:{account}:dxvif/{id}",
        id_prefix="dxvif-",
        name="virtualInterfaceName",
        resource_id="virtualInterfaceId",
        owner="ownerAccount",
        tags="tags",
        properties=(
            Property("state", "virtualInterfaceState", "E.g. available."),
            Property("interface_type", "virtualInterfaceType", "private, public or transit."),
            Property("connection_id", "connectionId", "The line."),
            Property("virtual_gateway_id", "virtualGatewayId", "The gateway of a VPC."),
            Property("direct_connect_gateway_id", "directConnectGatewayId", "Or of many."),
            Property("vlan", "vlan", "Its VLAN.", whole),
            Property("amazon_address", "amazonAddress", "AWS's address."),
            Property("customer_address", "customerAddress", "The customer's address."),
            Property(
                "route_filter_prefixes",
                "routeFilterPrefixes/*/cidr",
                "Ranges that the customer announces (public).",
                texts,
                absent=[],
            ),
        ),
    ),
)
