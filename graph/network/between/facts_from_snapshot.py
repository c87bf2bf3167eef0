"""A snapshot's transit gateways, VPNs and private links as :class:`Joints`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref
from graph.network.between.data_services_from_snapshot import data_services
from graph.network.between.facts import (
    EndpointLink,
    EndpointService,
    Joints,
    PrivateGateway,
    TransitAttachment,
    TransitGateway,
    TransitRoute,
    TransitTable,
    VpnConnection,
)
from graph.network.between.lattice_from_snapshot import lattice_ways
from graph.network.between.readable_joints import (
    associations_are_readable,
    attachment_is_readable,
    endpoint_is_readable,
    routes_are_readable,
    service_is_readable,
    vpc_attachments_are_readable,
)
from graph.network.ec2_shapes import Ids, group_ids, rows, text, texts
from graph.network.items_from_snapshot import named, whole_list
from graph.network.views_from_snapshot import Near

# A region without an operation has no such feature, so there is nothing of it.
_KNOWN = (Status.OK, Status.EMPTY, Status.ABSENT, Status.NOT_ENABLED, Status.NOT_SUPPORTED)

CALLS = (
    "describe_transit_gateways",
    "describe_transit_gateway_attachments",
    "describe_transit_gateway_vpc_attachments",
    "describe_transit_gateway_peering_attachments",
    "describe_transit_gateway_route_tables",
    "describe_vpn_gateways",
    "describe_vpn_connections",
    "describe_nat_gateways",
    "describe_egress_only_internet_gateways",
    "describe_vpc_endpoint_service_configurations",
    "describe_vpc_endpoint_connections",
)

# An attachment in these states carries traffic (EC2 API reference, TransitGatewayAttachment).
_LIVE = ("", "available", "modifying", "rollingback")


def joints(snapshot: Snapshot, near: Near, places: Iterable[tuple[str, str]]) -> Joints:
    """Read what joins networks.

    Args:
        snapshot: what was collected.
        near: a line -> (short id -> node id).
        places: (account, region) whose calls may be asked for.

    Raises:
        collector.snapshot.SnapshotError: a file cannot be read.
    """
    hubs = _Hubs(snapshot, near)
    return Joints(
        gateways=tuple(_gateways(snapshot, hubs)),
        attachments=tuple(_attachments(snapshot, near, hubs)),
        tables=tuple(_tables(snapshot, near, hubs)),
        private_gateways=tuple(_private_gateways(snapshot, near)),
        vpn_connections=tuple(_vpn_connections(snapshot)),
        direct=frozenset(_direct(snapshot)),
        services=tuple(_services(snapshot)),
        links=tuple(_links(snapshot, near)),
        lattice=tuple(lattice_ways(snapshot, near)),
        data_services=tuple(data_services(snapshot, near)),
        known=frozenset(_known(snapshot, places)) - frozenset(_unread(snapshot)),
    )


def _known(snapshot: Snapshot, places: Iterable[tuple[str, str]]) -> Iterator[str]:
    for account, region in sorted(set(places)):
        for operation in CALLS:
            if snapshot.status(account, region, "ec2", operation) in _KNOWN:
                yield f"ec2.{operation}@{account}/{region}"


# What lists attachments, and the members that say what one joins; a listing of all kinds tells
# of a VPC or gateway by ``ResourceId``.
_ATTACHMENTS = {
    "ec2:transit-gateway-attachment": ("TransitGatewayAttachmentId", "TransitGatewayId"),
    "ec2:transit-gateway-vpc-attachment": (
        "TransitGatewayAttachmentId",
        "TransitGatewayId",
        "VpcId",
    ),
    "ec2:transit-gateway-peering-attachment": ("TransitGatewayAttachmentId",),
}


def _is_readable(item: Item) -> bool:
    if not attachment_is_readable(item.item, *_ATTACHMENTS[item.type]):
        return False
    if item.type == "ec2:transit-gateway-attachment":
        kind = item.item.get("ResourceType")
        return bool(text(kind)) and (kind != "vpc" or bool(text(item.item.get("ResourceId"))))
    return True


def _unread(snapshot: Snapshot) -> Iterator[str]:
    """Listings with a member that cannot be read, which may join anything: as if not made."""
    for type_id in _ATTACHMENTS:
        for item in snapshot.items(type_id):
            if not _is_readable(item):
                for operation in CALLS:
                    if operation.endswith("attachments"):
                        yield f"ec2.{operation}@{item.account_id}/{item.region}"


def _readable_of(snapshot: Snapshot, type_id: str) -> Iterator[Item]:
    return (item for item in snapshot.items(type_id) if _is_readable(item))


def _at(item: Item, pointer: str = "/item") -> tuple[Ref, ...]:
    return (Ref.to(item, pointer),)


def _options(item: Mapping[str, Any]) -> Mapping[str, Any]:
    found = item.get("Options")
    return found if isinstance(found, Mapping) else {}


class _Hubs:
    """Transit gateways by AWS's short ids, or by node id where several have the same short one."""

    def __init__(self, snapshot: Snapshot, near: Near) -> None:
        self._near = near
        nodes: dict[str, set[str]] = {}
        for item in snapshot.items("ec2:transit-gateway"):
            nodes.setdefault(_hub_id(item), set()).add(item.id)
        self._shared = frozenset(short for short, some in nodes.items() if len(some) > 1)

    def called(self, item: Item, short: str) -> str:
        """The id of a gateway that a line names."""
        return self._near(item)(short) if short in self._shared else short


def _hub_id(item: Item) -> str:
    return text(item.item.get("TransitGatewayId")) or item.id.rpartition("/")[2]


def _gateways(snapshot: Snapshot, hubs: _Hubs) -> Iterator[TransitGateway]:
    seen: dict[str, TransitGateway] = {}
    for item in snapshot.items("ec2:transit-gateway"):
        name = hubs.called(item, _hub_id(item))
        owner = text(item.item.get("OwnerId")) or item.account_id
        if name not in seen or owner == item.account_id:
            told = _options(item.item).get("SecurityGroupReferencingSupport")
            seen[name] = TransitGateway(name, owner, item.region, told == "enable", _at(item))
    yield from (seen[name] for name in sorted(seen))


def _live(item: Mapping[str, Any]) -> bool:
    return text(item.get("State")).lower() in _LIVE


def _attachments(snapshot: Snapshot, near: Near, hubs: _Hubs) -> Iterator[TransitAttachment]:
    """One for each attachment and gateway: a peering is attached to both of its gateways."""
    found: dict[tuple[str, str], TransitAttachment] = {}
    for item in _readable_of(snapshot, "ec2:transit-gateway-attachment"):
        made = TransitAttachment(
            id=text(item.item.get("TransitGatewayAttachmentId")),
            gateway=hubs.called(item, text(item.item.get("TransitGatewayId"))),
            kind=text(item.item.get("ResourceType")),
            resource=near(item)(text(item.item.get("ResourceId"))),
            live=_live(item.item),
            refs=_at(item),
        )
        found[made.id, made.gateway] = made
    for item in _readable_of(snapshot, "ec2:transit-gateway-vpc-attachment"):
        made = TransitAttachment(
            id=text(item.item.get("TransitGatewayAttachmentId")),
            gateway=hubs.called(item, text(item.item.get("TransitGatewayId"))),
            kind="vpc",
            resource=near(item)(text(item.item.get("VpcId"))),
            live=_live(item.item),
            subnets=tuple(map(near(item), texts(item.item.get("SubnetIds")))),
            references=_options(item.item).get("SecurityGroupReferencingSupport") != "disable",
            refs=_at(item),
            ipv6=_options(item.item).get("Ipv6Support") != "disable",
            any_zone=_options(item.item).get("ApplianceModeSupport") == "enable",
        )
        found[made.id, made.gateway] = made
    for item in _readable_of(snapshot, "ec2:transit-gateway-peering-attachment"):
        for side, other in (("Requester", "Accepter"), ("Accepter", "Requester")):
            own, far = item.item.get(f"{side}TgwInfo"), item.item.get(f"{other}TgwInfo")
            if isinstance(own, Mapping) and isinstance(far, Mapping):
                made = TransitAttachment(
                    id=text(item.item.get("TransitGatewayAttachmentId")),
                    gateway=hubs.called(item, text(own.get("TransitGatewayId"))),
                    kind="peering",
                    resource=hubs.called(item, text(far.get("TransitGatewayId"))),
                    live=_live(item.item),
                    refs=_at(item),
                )
                found[made.id, made.gateway] = made
    yield from (found[key] for key in sorted(found))


def _listed(call: CallResult, member: str) -> list[Mapping[str, Any]]:
    value = call.value
    return rows(value.get(member)) if isinstance(value, Mapping) else rows(value)


def _tables(snapshot: Snapshot, near: Near, hubs: _Hubs) -> Iterator[TransitTable]:
    for item in snapshot.items("ec2:transit-gateway-route-table"):
        name = text(item.item.get("TransitGatewayRouteTableId")) or item.id.rpartition("/")[2]
        searched = whole_list(item.call("search_transit_gateway_routes"), "Routes")
        if searched is not None and not routes_are_readable(searched):
            searched = None
        associated = whole_list(
            item.call("get_transit_gateway_route_table_associations"), "Associations"
        )
        if associated is not None and not associations_are_readable(associated):
            associated = None
        calls = (
            ("search_transit_gateway_routes", searched),
            ("get_transit_gateway_route_table_associations", associated),
        )
        yield TransitTable(
            id=name,
            gateway=hubs.called(item, text(item.item.get("TransitGatewayId"))),
            routes=None if searched is None else tuple(_routes(item, searched, near(item))),
            associations=None if associated is None else tuple(_associated(associated)),
            missing=tuple(
                f"ec2.{operation}({name})@{item.account_id}/{item.region}"
                for operation, told in calls
                if told is None
            ),
            refs=_at(item),
        )


def _routes(item: Item, listed: list[Mapping[str, Any]], ids: Ids) -> Iterator[TransitRoute]:
    for number, one in enumerate(listed):
        yield TransitRoute(
            cidr=text(one.get("DestinationCidrBlock")),
            prefix_list=ids(text(one.get("PrefixListId"))),
            attachments=tuple(
                sorted(
                    text(to.get("TransitGatewayAttachmentId"))
                    for to in rows(one.get("TransitGatewayAttachments"))
                )
            ),
            blackhole=one.get("State") == "blackhole",
            propagated=one.get("Type") == "propagated",
            refs=_at(item, f"/calls/search_transit_gateway_routes/value/{number}"),
        )


def _associated(listed: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in listed:
        if one.get("State") in ("associated", None):
            yield text(one.get("TransitGatewayAttachmentId"))


def _private_gateways(snapshot: Snapshot, near: Near) -> Iterator[PrivateGateway]:
    for item in snapshot.items("ec2:vpn-gateway"):
        if not vpc_attachments_are_readable(item.item.get("VpcAttachments")):
            continue
        vpcs = [
            near(item)(text(one.get("VpcId")))
            for one in rows(item.item.get("VpcAttachments"))
            if one.get("State") in ("attached", None)
        ]
        name = text(item.item.get("VpnGatewayId"))
        yield PrivateGateway(name, vpcs[0] if vpcs else "", _at(item))


def _vpn_connections(snapshot: Snapshot) -> Iterator[VpnConnection]:
    for item in snapshot.items("ec2:vpn"):
        told = item.item
        gateway = text(told.get("VpnGatewayId")) or text(told.get("TransitGatewayId"))
        live = text(told.get("State")) in ("", "available", "modifying")
        yield VpnConnection(text(told.get("VpnConnectionId")), gateway, live, _at(item))


def _direct(snapshot: Snapshot) -> Iterator[str]:
    """Virtual private gateways with Direct Connect: by a gateway, or by an own interface."""
    for item in snapshot.items("dx:gateway"):
        call = item.call("describe_direct_connect_gateway_associations")
        for one in _listed(call, "directConnectGatewayAssociations"):
            if text(one.get("associationState")) in ("associated", "updating", ""):
                told = one.get("associatedGateway")
                yield text(told.get("id")) if isinstance(told, Mapping) else ""
                yield text(one.get("virtualGatewayId"))
    for item in snapshot.items("dx:virtual-interface"):
        if text(item.item.get("virtualInterfaceState")) in ("available", ""):
            yield text(item.item.get("virtualGatewayId"))


def _services(snapshot: Snapshot) -> Iterator[EndpointService]:
    accepted: dict[str, list[str]] = {}
    for item in snapshot.items("ec2:vpc-endpoint-connection"):
        if text(item.item.get("VpcEndpointState")).lower() in ("available", ""):
            service = text(item.item.get("ServiceId"))
            accepted.setdefault(service, []).append(text(item.item.get("VpcEndpointId")))
    for item in snapshot.items("ec2:vpc-endpoint-service"):
        told = item.item
        service = text(told.get("ServiceId"))
        allowed = item.call("describe_vpc_endpoint_service_permissions")
        connections = snapshot.status(
            item.account_id, item.region, "ec2", "describe_vpc_endpoint_connections"
        )
        yield EndpointService(
            id=item.id,
            name=text(told.get("ServiceName")),
            account_id=item.account_id,
            region=item.region,
            balancers=(
                *texts(told.get("NetworkLoadBalancerArns")),
                *texts(told.get("GatewayLoadBalancerArns")),
            ),
            acceptance=told.get("AcceptanceRequired") is not False,
            principals=tuple(
                text(one.get("Principal")) for one in _listed(allowed, "AllowedPrincipals")
            )
            if allowed.known
            else None,
            accepted=tuple(sorted(accepted.get(service, ()))) if connections in _KNOWN else None,
            refs=_at(item),
            gap=""
            if service_is_readable(told)
            else named(item, "describe_vpc_endpoint_service_configurations"),
        )


def _links(snapshot: Snapshot, near: Near) -> Iterator[EndpointLink]:
    for item in snapshot.items("ec2:vpc-endpoint"):
        whole = endpoint_is_readable(item.item)
        if not whole or item.item["VpcEndpointType"] == "Interface":
            yield EndpointLink(
                id=item.id,
                service=text(item.item.get("ServiceName")),
                state=text(item.item.get("State")).lower(),
                groups=group_ids(item.item.get("Groups"), near(item)),
                interfaces=tuple(map(near(item), texts(item.item.get("NetworkInterfaceIds")))),
                refs=_at(item),
                gap="" if whole else named(item, "describe_vpc_endpoints"),
            )


__all__ = ["CALLS", "joints"]
