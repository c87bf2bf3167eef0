"""Whether what joins networks can be read: where a member cannot, it is no fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graph.network.ec2_shapes import Json, readable, text

# EC2 API reference: TransitGatewayAttachmentState, TransitGatewayRouteState,
# TransitGatewayAssociationState, VpcEndpointType, and the states of VPC endpoints and peerings.
_ATTACHMENT_STATES = (
    "initiating",
    "initiatingrequest",
    "pendingacceptance",
    "rollingback",
    "pending",
    "available",
    "modifying",
    "deleting",
    "deleted",
    "failed",
    "rejected",
    "rejecting",
    "failing",
)
_ROUTE_STATES = ("pending", "active", "blackhole", "deleting", "deleted")
_ASSOCIATION_STATES = ("associating", "associated", "disassociating", "disassociated")
_ENDPOINT_TYPES = ("Interface", "Gateway", "GatewayLoadBalancer", "Resource", "ServiceNetwork")
_ENDPOINT_STATES = (
    "pendingacceptance",
    "pending",
    "available",
    "deleting",
    "deleted",
    "rejected",
    "failed",
    "expired",
    "partial",
)
_PEERING_STATES = (
    "initiating-request",
    "pending-acceptance",
    "active",
    "deleted",
    "rejected",
    "failed",
    "expired",
    "provisioning",
    "deleting",
)
_GATEWAY_STATES = ("attaching", "attached", "detaching", "detached")


def peering_is_readable(item: Json) -> bool:
    """A member of ``describe_vpc_peering_connections``: its state and both of its VPCs."""
    status = item.get("Status")
    sides = (item.get("RequesterVpcInfo"), item.get("AccepterVpcInfo"))
    told = isinstance(status, Mapping) and status.get("Code") in _PEERING_STATES
    return told and all(isinstance(one, Mapping) and text(one.get("VpcId")) for one in sides)


def attachment_is_readable(item: Json, *needed: str) -> bool:
    """A member of a listing of transit gateway attachments; no state at all is one in service."""
    state = item.get("State")
    told = state is None or text(state).lower() in _ATTACHMENT_STATES
    return told and all(text(item.get(one)) for one in needed)


def vpc_attachments_are_readable(listed: Any) -> bool:
    """``VpcAttachments`` of a virtual private gateway, absent where there is none."""
    return listed is None or _all(
        listed,
        lambda one: bool(text(one.get("VpcId"))) and one.get("State") in (None, *_GATEWAY_STATES),
    )


def routes_are_readable(listed: Any) -> bool:
    """The answer of ``search_transit_gateway_routes``."""
    return _all(listed, _route)


def _route(one: Json) -> bool:
    if not (readable(one.get("DestinationCidrBlock")) or text(one.get("PrefixListId"))):
        return False
    if one.get("State") not in (None, *_ROUTE_STATES):
        return False
    ways = one.get("TransitGatewayAttachments")
    if one.get("State") == "blackhole" and not ways:
        return True
    return _all(ways, lambda to: bool(text(to.get("TransitGatewayAttachmentId"))))


def associations_are_readable(listed: Any) -> bool:
    """The answer of ``get_transit_gateway_route_table_associations``."""
    return _all(
        listed,
        lambda one: (
            bool(text(one.get("TransitGatewayAttachmentId")))
            and one.get("State") in (None, *_ASSOCIATION_STATES)
        ),
    )


def endpoint_is_readable(item: Json) -> bool:
    """A member of ``describe_vpc_endpoints``, as far as it is one of PrivateLink."""
    kind, service = item.get("VpcEndpointType"), item.get("ServiceName")
    if kind in _ENDPOINT_TYPES and kind != "Interface":
        return True
    state = text(item.get("State")).lower() in _ENDPOINT_STATES
    return (
        kind in _ENDPOINT_TYPES
        and bool(text(service))
        and state
        and _texts_in(item, ("NetworkInterfaceIds",))
    )


def service_is_readable(item: Json) -> bool:
    """A member of ``describe_vpc_endpoint_service_configurations``: what answers for it."""
    members = ("NetworkLoadBalancerArns", "GatewayLoadBalancerArns")
    there = [one for one in members if one in item]
    return bool(there) and bool(text(item.get("ServiceName"))) and _texts_in(item, there)


def _texts_in(item: Json, members: Iterable[str]) -> bool:
    """Whether each member that is there is a list of texts."""
    return all(
        isinstance(found := item.get(one, []), list) and all(map(text, found)) for one in members
    )


def _all(listed: Any, whole: Any) -> bool:
    return isinstance(listed, list) and all(
        isinstance(one, Mapping) and whole(one) for one in listed
    )
