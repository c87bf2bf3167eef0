"""EC2's JSON as facts. Tolerant: what cannot be read becomes ``None``, never an exception.

References are translated by ``ids`` (short id -> node id); one that is not known stays short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graph.evidence import Ref
from graph.network import ports, prefixes
from graph.network.facts import (
    Acl,
    AclEntry,
    Address,
    Endpoint,
    Interface,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Vpc,
)
from graph.network.spans import Spans

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
    """A whole number, or ``None``."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def readable(cidr: Any) -> str | None:
    """A CIDR that can be parsed, else ``None``."""
    try:
        prefixes.parse(cidr)
    except (ValueError, AttributeError, TypeError):
        return None
    return str(cidr)


def _block_mode(item: Json) -> str | None:
    states = item.get("BlockPublicAccessStates")
    mode = states.get("InternetGatewayBlockMode") if isinstance(states, Mapping) else None
    return mode if isinstance(mode, str) and mode else None


def _live(association: Json, state_key: str) -> bool:
    """Whether a CIDR association counts; only what surely is gone does not."""
    state = association.get(state_key)
    told = state.get("State") if isinstance(state, Mapping) else ""
    return not str(told or "").lower().startswith(("disassociat", "fail"))


def vpc(node: str, account: str, region: str, item: Json, at: At) -> Vpc:
    """``describe_vpcs``."""
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


def subnet(node: str, account: str, region: str, item: Json, ids: Ids, at: At) -> Subnet:
    """``describe_subnets``."""
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
        cidr=readable(item.get("CidrBlock")) or "",
        ipv6_cidrs=tuple(cidr for cidr, _ in blocks),
        private_ipv6=tuple(cidr for cidr, private in blocks if private),
        maps_public_ip=item.get("MapPublicIpOnLaunch") is True,
        block_mode=_block_mode(item),
        refs=(at("/item"),),
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
    """One member of ``Routes``."""
    target, kind = _route_target(item)
    return Route(
        target=ids(target),
        kind=kind,
        cidr=text(item.get("DestinationCidrBlock")) or text(item.get("DestinationIpv6CidrBlock")),
        prefix_list=ids(text(item.get("DestinationPrefixListId"))),
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
        routes=tuple(
            route(one, ids, at(f"/item/Routes/{number}"))
            for number, one in enumerate(rows(item.get("Routes")))
        ),
        subnets=tuple(ids(s) for one in associations if (s := text(one.get("SubnetId")))),
        gateways=tuple(ids(g) for one in associations if (g := text(one.get("GatewayId")))),
        main=any(one.get("Main") is True for one in associations),
        refs=(at("/item"),),
    )


def acl(node: str, item: Json, ids: Ids, at: At) -> Acl:
    """``describe_network_acls``."""
    return Acl(
        id=node,
        vpc=ids(text(item.get("VpcId"))),
        entries=tuple(
            _acl_entry(one, at(f"/item/Entries/{number}"))
            for number, one in enumerate(rows(item.get("Entries")))
        ),
        subnets=tuple(ids(text(o.get("SubnetId"))) for o in rows(item.get("Associations"))),
        default=item.get("IsDefault") is True,
        refs=(at("/item"),),
    )


def _acl_entry(item: Json, ref: Ref) -> AclEntry:
    number = integer(item.get("RuleNumber"))
    return AclEntry(
        number=32767 if number is None else number,
        egress=item.get("Egress") is True,
        allow=item.get("RuleAction") == "allow",
        ports=_acl_ports(item),
        cidr=readable(item.get("CidrBlock") or item.get("Ipv6CidrBlock")),
        refs=(ref,),
    )


def _acl_ports(item: Json) -> Spans | None:
    """Ports count for TCP and UDP, type and code for ICMP, nothing for the rest."""
    try:
        number = ports.number_of(item.get("Protocol", ""))
        if number is None:
            return ports.ALL
        if number in (ports.ICMP, ports.ICMPV6):
            kind = item.get("IcmpTypeCode")
            told = kind if isinstance(kind, Mapping) else {}
            return ports.icmp(number, integer(told.get("Type")), integer(told.get("Code")))
        span = item.get("PortRange")
        if number not in (ports.TCP, ports.UDP) or not isinstance(span, Mapping):
            return ports.of_protocol(number)
        first, last = integer(span.get("From")), integer(span.get("To"))
        if first is None or last is None:
            return ports.of_protocol(number)
        return ports.span(number, first, last)
    except ValueError:
        return None


def rules(permissions: Any, ids: Ids, at: At, pointer: str) -> tuple[Rule, ...]:
    """``IpPermissions``: one rule for each source."""
    found: list[Rule] = []
    for number, one in enumerate(rows(permissions)):
        where = f"{pointer}/{number}"
        try:
            opened: Spans | None = ports.of_rule(
                one.get("IpProtocol", ""), integer(one.get("FromPort")), integer(one.get("ToPort"))
            )
        except ValueError:
            opened = None
        for member, key in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
            for place, source in enumerate(rows(one.get(member))):
                ref = at(f"{where}/{member}/{place}")
                found.append(Rule(opened, cidr=readable(source.get(key)) or "", refs=(ref,)))
        for place, source in enumerate(rows(one.get("PrefixListIds"))):
            ref = at(f"{where}/PrefixListIds/{place}")
            listed = ids(text(source.get("PrefixListId")))
            found.append(Rule(opened, prefix_list=listed, refs=(ref,)))
        for place, source in enumerate(rows(one.get("UserIdGroupPairs"))):
            ref = at(f"{where}/UserIdGroupPairs/{place}")
            group = ids(text(source.get("GroupId"))) or "unnamed"
            found.append(Rule(opened, group=group, refs=(ref,)))
    return tuple(found)


def security_group(
    node: str, account: str, region: str, item: Json, ids: Ids, at: At
) -> SecurityGroup:
    """``describe_security_groups``."""
    egress = item.get("IpPermissionsEgress")
    return SecurityGroup(
        id=node,
        account_id=account,
        region=region,
        vpc=ids(text(item.get("VpcId"))),
        rules=rules(item.get("IpPermissions"), ids, at, "/item/IpPermissions"),
        egress=None if egress is None else rules(egress, ids, at, "/item/IpPermissionsEgress"),
        refs=(at("/item"),),
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
    ipv6 = tuple(
        address
        for one in rows(item.get("Ipv6Addresses"))
        if (address := readable(one.get("Ipv6Address")))
    )
    groups = item.get("Groups")
    return Interface(
        id=node,
        account_id=account,
        region=region,
        vpc=ids(text(item.get("VpcId"))),
        subnet=ids(text(item.get("SubnetId"))),
        groups=group_ids(groups, ids),
        addresses=addresses(item, elastic),
        ipv6=ipv6,
        kind=text(item.get("InterfaceType")) or "interface",
        status=text(item.get("Status")) or "in-use",
        owner=ids(instance),
        owner_kind="instance" if instance else "",
        deny_igw=item.get("DenyAllIgwTraffic") is True,
        forwards=not checked if isinstance(checked := item.get("SourceDestCheck"), bool) else None,
        description=text(item.get("Description")),
        refs=(at("/item"),),
    )


def group_ids(groups: Any, ids: Ids) -> tuple[str, ...]:
    """Security group ids of ``Groups``, sorted: their order means nothing."""
    return tuple(sorted({ids(g) for one in rows(groups) if (g := text(one.get("GroupId")))}))


def keyed(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A map of the pairs whose key and value are both there."""
    return {key: value for key, value in pairs if key and value}
