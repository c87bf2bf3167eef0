"""EC2's JSON as facts. Tolerant: what cannot be read becomes ``None``, never an exception.

References are translated by ``ids`` (short id -> node id); one that is not known stays short.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from graph.evidence import Ref
from graph.network import prefixes
from graph.network.facts import (
    Address,
    Endpoint,
    Interface,
    Route,
    RouteTable,
    Subnet,
    Vpc,
    unread_groups,
)

Json = Mapping[str, Any]
Ids = Callable[[str], str]
At = Callable[[str], Ref]


def rows(value: Any) -> list[Json]:
    """The objects of a list; nothing if it is not a list."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def texts(value: Any) -> tuple[str, ...]:
    """The non-empty strings of a list."""
    return tuple(t for t in value if isinstance(t, str) and t) if isinstance(value, list) else ()


def text(value: Any) -> str:
    """A string, or ``""``."""
    return value if isinstance(value, str) else ""


def integer(value: Any) -> int | None:
    """A whole number, or ``None``; other tools write one as text."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,10}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def readable(cidr: Any) -> str | None:
    """A CIDR that can be parsed, else ``None``."""
    try:
        prefixes.parse(cidr)
    except (ValueError, AttributeError, TypeError):
        return None
    return str(cidr)


# What VPC Block Public Access may be set to (EC2 API reference, BlockPublicAccessMode).
BLOCK_MODES = ("off", "block-bidirectional", "block-ingress")


def _block_mode(item: Json) -> str | None:
    states = item.get("BlockPublicAccessStates")
    mode = states.get("InternetGatewayBlockMode") if isinstance(states, Mapping) else None
    return mode if mode in BLOCK_MODES else None


def _live(association: Json, state_key: str) -> bool:
    """Whether a CIDR association counts; only what surely is gone does not."""
    state = association.get(state_key)
    told = state.get("State") if isinstance(state, Mapping) else ""
    return not str(told or "").lower().startswith(("disassociat", "fail"))


def vpc(node: str, account: str, region: str, item: Json, at: At) -> Vpc | None:
    """``describe_vpcs``; ``None`` where an address range of it cannot be read."""
    if not _ranges_readable(item):
        return None
    blocks = [item.get("CidrBlock")]
    blocks += [
        one.get("CidrBlock")
        for one in rows(item.get("CidrBlockAssociationSet"))
        if _live(one, "CidrBlockState")
    ]
    blocks += [
        one.get("Ipv6CidrBlock")
        for one in rows(item.get("Ipv6CidrBlockAssociationSet"))
        if _live(one, "Ipv6CidrBlockState")
    ]
    cidrs = tuple(dict.fromkeys(c for block in blocks if (c := readable(block))))
    return Vpc(node, account, region, cidrs, _block_mode(item), (at("/item"),))


def _list_is_readable(told: Any, key: str) -> bool:
    """Whether a list that may be left out holds objects with a text that can be read."""
    return told is None or (
        isinstance(told, list)
        and all(isinstance(one, Mapping) and readable(one.get(key)) for one in told)
    )


def _ranges_readable(item: Json) -> bool:
    """Whether a VPC's address ranges can be read; other tools leave some members out."""
    if "CidrBlock" in item and not readable(item["CidrBlock"]):
        return False
    members = (
        ("CidrBlockAssociationSet", "CidrBlock"),
        ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"),
    )
    return all(_list_is_readable(item.get(member), key) for member, key in members)


def subnet(node: str, account: str, region: str, item: Json, ids: Ids, at: At) -> Subnet | None:
    """``describe_subnets``; ``None`` where it cannot be read where the subnet lies."""
    if not _placed(item):
        return None
    blocks = [
        (cidr, one.get("Ipv6AddressAttribute") == "private")
        for one in rows(item.get("Ipv6CidrBlockAssociationSet"))
        if _live(one, "Ipv6CidrBlockState") and (cidr := readable(one.get("Ipv6CidrBlock")))
    ]
    return Subnet(
        id=node,
        vpc=ids(text(item.get("VpcId"))),
        account_id=account,
        region=region,
        zone=text(item.get("AvailabilityZone")),
        zone_id=text(item.get("AvailabilityZoneId")),
        cidr=readable(item.get("CidrBlock")) or "",
        ipv6_cidrs=tuple(cidr for cidr, _ in blocks),
        private_ipv6=tuple(cidr for cidr, private in blocks if private),
        maps_public_ip=item.get("MapPublicIpOnLaunch") is True,
        block_mode=_block_mode(item),
        refs=(at("/item"),),
    )


def _placed(item: Json) -> bool:
    """Whether a subnet's VPC, zone and address ranges can be read."""
    own, ranges = item.get("CidrBlock"), item.get("Ipv6CidrBlockAssociationSet")
    associated = [] if ranges is None else ranges
    return bool(
        text(item.get("VpcId"))
        and text(item.get("AvailabilityZone"))
        and (own is None or readable(own))
        and isinstance(associated, list)
        and all(isinstance(o, Mapping) and readable(o.get("Ipv6CidrBlock")) for o in associated)
    )


# Which member of a Route names its target, and what that target is (EC2 API reference, Route).
_TARGETS = (
    ("NatGatewayId", "nat_gateway"),
    ("NetworkInterfaceId", "interface"),
    ("InstanceId", "interface"),
    ("TransitGatewayId", "transit_gateway"),
    ("VpcPeeringConnectionId", "peering"),
    ("EgressOnlyInternetGatewayId", "egress_only_gateway"),
    ("CarrierGatewayId", "carrier_gateway"),
    ("LocalGatewayId", "local_gateway"),
    ("CoreNetworkArn", "core_network"),
    ("OdbNetworkArn", "odb_network"),
    ("VpcEndpointId", "endpoint"),
)
_GATEWAY_PREFIXES = (
    ("igw-", "internet_gateway"),
    ("vgw-", "virtual_private_gateway"),
    ("vpce-", "endpoint"),
    ("eigw-", "egress_only_gateway"),
    ("cagw-", "carrier_gateway"),
    ("lgw-", "local_gateway"),
)


def route(item: Json, ids: Ids, ref: Ref) -> Route:
    """One member of ``Routes``; where it leads is unknown where its state cannot be read."""
    target, kind = _route_target(item)
    if item.get("State") not in (None, "active", "blackhole"):
        target, kind = "", "unknown"
    listed = ids(text(item.get("DestinationPrefixListId")))
    cidr = text(item.get("DestinationCidrBlock")) or text(item.get("DestinationIpv6CidrBlock"))
    return Route(
        target=ids(target),
        kind=kind,
        cidr=cidr or ("" if listed else "no destination"),
        prefix_list=listed,
        active=item.get("State") != "blackhole",
        propagated=item.get("Origin") == "EnableVgwRoutePropagation",
        refs=(ref,),
    )


def _route_target(item: Json) -> tuple[str, str]:
    for member, kind in _TARGETS:
        if text(item.get(member)):
            return text(item.get(member)), kind
    gateway = text(item.get("GatewayId"))
    if gateway == "local":
        return gateway, "local"
    for prefix, kind in _GATEWAY_PREFIXES:
        if gateway.startswith(prefix):
            return gateway, kind
    return gateway, "unknown"


def route_table(node: str, account: str, region: str, item: Json, ids: Ids, at: At) -> RouteTable:
    """``describe_route_tables``."""
    associations = []
    for one in rows(item.get("Associations")):
        state = one.get("AssociationState")
        told = text(state.get("State")) if isinstance(state, Mapping) else ""
        if told in ("", "associated", "associating"):
            associations.append(one)
    return RouteTable(
        id=node,
        vpc=ids(text(item.get("VpcId"))),
        account_id=account,
        region=region,
        routes=_routes(item.get("Routes"), ids, at),
        subnets=tuple(ids(s) for one in associations if (s := text(one.get("SubnetId")))),
        gateways=tuple(ids(g) for one in associations if (g := text(one.get("GatewayId")))),
        main=any(one.get("Main") is True for one in associations),
        refs=(at("/item"),),
    )


def _routes(told: Any, ids: Ids, at: At) -> tuple[Route, ...]:
    """``Routes``; what is no route may lead anything anywhere."""
    if not isinstance(told, list):
        return (Route("", "unknown", "no list of routes", refs=(at("/item/Routes"),)),)
    return tuple(
        route(one if isinstance(one, Mapping) else {}, ids, at(f"/item/Routes/{number}"))
        for number, one in enumerate(told)
    )


def endpoint(node: str, item: Json, ids: Ids, at: At) -> Endpoint:
    """``describe_vpc_endpoints``; without a type it is a gateway endpoint."""
    return Endpoint(
        id=node,
        kind=text(item.get("VpcEndpointType")) or "Gateway",
        vpc=ids(text(item.get("VpcId"))),
        subnets=tuple(ids(one) for one in texts(item.get("SubnetIds"))),
        interfaces=tuple(ids(one) for one in texts(item.get("NetworkInterfaceIds"))),
        refs=(at("/item"),),
    )


def addresses(item: Json, elastic: Mapping[str, str]) -> tuple[Address, ...]:
    """Private addresses with their public ones, of an interface or an instance's view of it.

    ``elastic`` maps private addresses to Elastic IPs told by ``describe_addresses``. An address
    of the carrier or of the customer's own pool on an Outpost is not the internet's.
    """
    found: dict[str, str] = {}
    primary = text(item.get("PrivateIpAddress"))
    if primary:
        found[primary] = _public(item.get("Association"))
    for one in rows(item.get("PrivateIpAddresses")):
        private = text(one.get("PrivateIpAddress"))
        if private:
            found[private] = found.get(private) or _public(one.get("Association"))
    if not found and _public(item.get("Association")):
        found[""] = _public(item.get("Association"))
    for private, public in elastic.items():
        found[private] = found.get(private) or public
    return tuple(
        Address(private if readable(private) else "", public, private in elastic)
        for private, public in found.items()
    )


def _public(association: Any) -> str:
    return text(association.get("PublicIp")) if isinstance(association, Mapping) else ""


# Interfaces that may be without security groups (Network Load Balancer guide, "Security groups";
# VPC user guide, "NAT gateways"; transit gateway guide, "VPC attachments").
WITHOUT_GROUPS = (
    "network_load_balancer",
    "nat_gateway",
    "transit_gateway",
    "gateway_load_balancer",
    "gateway_load_balancer_endpoint",
)


def interface(
    node: str,
    account: str,
    region: str,
    item: Json,
    ids: Ids,
    at: At,
    elastic: Mapping[str, str],
) -> Interface:
    """``describe_network_interfaces``, or the member of an instance's ``NetworkInterfaces``."""
    attachment = item.get("Attachment")
    instance = text(attachment.get("InstanceId")) if isinstance(attachment, Mapping) else ""
    kind = text(item.get("InterfaceType")) or "interface"
    delegated, own = delegated_prefixes(item), addresses(item, elastic)
    known = {one.private for one in own}
    more = (one for one in _first_of(delegated, prefixes.Family.IPV4) if one not in known)
    listed = (readable(one.get("Ipv6Address")) for one in rows(item.get("Ipv6Addresses")))
    ipv6 = (*listed, readable(item.get("Ipv6Address")))
    return Interface(
        id=node,
        account_id=account,
        region=region,
        vpc=ids(text(item.get("VpcId"))),
        subnet=ids(text(item.get("SubnetId"))) or f"SubnetId of {node}",
        groups=_groups_of(node, kind, item.get("Groups"), ids),
        addresses=(*own, *(Address(one) for one in more)),
        ipv6=tuple(
            dict.fromkeys(
                (*(one for one in ipv6 if one), *_first_of(delegated, prefixes.Family.IPV6))
            )
        ),
        prefixes=delegated,
        kind=kind,
        status=text(item.get("Status")) or "in-use",
        owner=ids(instance),
        owner_kind="instance" if instance else "",
        deny_igw=_deny_igw(item),
        forwards=not checked if isinstance(checked := item.get("SourceDestCheck"), bool) else None,
        description=text(item.get("Description")),
        unread=tuple(_unread_addresses(item)),
        refs=(at("/item"),),
    )


def delegated_prefixes(item: Json) -> tuple[str, ...]:
    """``Ipv4Prefixes`` and ``Ipv6Prefixes``: every address in them is the interface's.

    EC2 user guide, "Prefix delegation for Amazon EC2 network interfaces".
    """
    found = [one.get("Ipv4Prefix") for one in rows(item.get("Ipv4Prefixes"))]
    found += [one.get("Ipv6Prefix") for one in rows(item.get("Ipv6Prefixes"))]
    return tuple(dict.fromkeys(cidr for one in found if (cidr := readable(one))))


def _first_of(delegated: tuple[str, ...], family: prefixes.Family) -> Iterator[str]:
    """The first address of each prefix of a family, which stands for the others."""
    for cidr in delegated:
        if prefixes.parse(cidr)[0] is family:
            yield cidr.partition("/")[0]


# Members that hold addresses, and the one of each of their rows that must be readable.
_ADDRESSES = (
    ("PrivateIpAddresses", "PrivateIpAddress"),
    ("Ipv6Addresses", "Ipv6Address"),
    ("Ipv4Prefixes", "Ipv4Prefix"),
    ("Ipv6Prefixes", "Ipv6Prefix"),
)


def _unread_addresses(item: Json) -> Iterator[str]:
    """Members that may hold an address of the interface and cannot be read."""
    for member, key in _ADDRESSES:
        if not _list_is_readable(item.get(member), key):
            yield member
    within = rows(item.get("PrivateIpAddresses"))
    told = (one["Association"] for one in (item, *within) if one.get("Association") is not None)
    if any(not isinstance(one, Mapping) or not text(_any_public(one)) for one in told):
        yield "Association"


def _any_public(association: Json) -> Any:
    """The address of an association; one of a carrier or of a customer's pool is none of ours."""
    names = ("PublicIp", "CarrierIp", "CustomerOwnedIp")
    return next((association[name] for name in names if association.get(name) is not None), None)


def _deny_igw(item: Json) -> bool | None:
    """``DenyAllIgwTraffic``, which is absent where it is off; ``None``: it cannot be read."""
    told = item.get("DenyAllIgwTraffic", False)
    return told if isinstance(told, bool) else None


def _groups_of(node: str, kind: str, groups: Any, ids: Ids) -> tuple[str, ...] | None:
    """Security groups of an interface; ``None`` where none is attached and none need be.

    What cannot be read is a group that nobody knows.
    """
    if groups == [] and kind in WITHOUT_GROUPS:
        return None
    found = group_ids(groups, ids)
    whole = isinstance(groups, list) and all(
        isinstance(one, Mapping) and text(one.get("GroupId")) for one in groups
    )
    return found if whole else (*found, unread_groups(node))


def group_ids(groups: Any, ids: Ids) -> tuple[str, ...]:
    """Security group ids of ``Groups``, sorted: their order means nothing."""
    return tuple(sorted({ids(g) for one in rows(groups) if (g := text(one.get("GroupId")))}))


def keyed(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A map of the pairs whose key and value are both there."""
    return {key: value for key, value in pairs if key and value}
