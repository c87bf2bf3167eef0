"""Cloud WAN: core networks and what is attached to them."""

from __future__ import annotations

from graph.schema.convert import present, texts
from graph.schema.declare import NodeType, Property

_ARN = "arn:{partition}:networkmanager::{account}:"
_STATE = Property("state", "State", "E.g. AVAILABLE.")

DECLARATIONS = (
    NodeType(
        snapshot_type="networkmanager:core-network",
        label="CoreNetwork",
        resource_type="AWS::NetworkManager::CoreNetwork",
        category="network",
        description="A wide area network of Cloud WAN.",
        arn=_ARN + "core-network/{id}",
        id_prefix="core-network-",
        resource_id="CoreNetworkId",
        owner="OwnerAccountId",
        properties=(
            _STATE,
            Property("network_description", "Description", "Its author's description."),
            Property("global_network_id", "GlobalNetworkId", "The network it belongs to."),
            Property(
                "has_policy",
                "@get_core_network_policy/CoreNetworkPolicy/PolicyDocument",
                "Whether its segments were read.",
                present,
                absent=False,
            ),
            Property(
                "has_resource_policy",
                "@get_resource_policy/PolicyDocument",
                "Whether it is shared by a resource policy.",
                present,
                absent=False,
            ),
        ),
    ),
    NodeType(
        snapshot_type="networkmanager:global-network",
        label="GlobalNetwork",
        resource_type="AWS::NetworkManager::GlobalNetwork",
        category="network",
        description="The container of core networks and transit gateways.",
        arn=_ARN + "global-network/{id}",
        id_prefix="global-network-",
        resource_id="GlobalNetworkId",
        properties=(
            _STATE,
            Property("network_description", "Description", "Its author's description."),
            Property("created_at", "CreatedAt", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="networkmanager:attachment",
        label="CoreNetworkAttachment",
        resource_type="AWS::NetworkManager::Attachment",
        cloudformation=False,
        category="network",
        description="What joins a VPC, VPN or gateway to a segment of a core network.",
        arn=_ARN + "attachment/{id}",
        resource_id="AttachmentId",
        owner="OwnerAccountId",
        properties=(
            _STATE,
            Property("attachment_type", "AttachmentType", "VPC, SITE_TO_SITE_VPN, CONNECT, ..."),
            Property("core_network_arn", "CoreNetworkArn", "The network."),
            Property("resource_arn", "ResourceArn", "What is attached."),
            Property("segment_name", "SegmentName", "The segment that it is in."),
            Property(
                "edge_locations",
                "EdgeLocations/*|EdgeLocation",
                "Regions of the network's edges.",
                texts,
                absent=[],
            ),
            Property("created_at", "CreatedAt", "When it was made (ISO 8601)."),
        ),
    ),
)
