"""Client VPN endpoints and Site-to-Site VPN connections.

* https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/cvpn-working-endpoints.html
* https://docs.aws.amazon.com/vpn/latest/s2svpn/cgw-options.html
* https://docs.aws.amazon.com/vpn/latest/s2svpn/FirewallRules.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.sight import BOTH, Sight, member, rows
from graph.network import ports
from graph.network.ec2_shapes import integer, text
from graph.network.prefixes import Family
from graph.network.reach import Reach

# Defaults of CreateClientVpnEndpoint.
_CLIENT_PORT, _CLIENT_TRANSPORT = 443, "udp"
_CLIENT_FAMILIES = {"ipv6": (Family.IPV6,), "dual-stack": BOTH}

_RULES = "describe_client_vpn_authorization_rules"

# IKE, IKE through NAT, ESP.
_IPSEC = ports.udp(500) | ports.udp(4500) | ports.of_protocol(50)


# Client VPN


def _client(sight: Sight, item: Item) -> Iterator[Reach]:
    kinds = [text(row.get("Type")) for row in rows(item.item.get("AuthenticationOptions"))]
    login = f"Its own login asks for {', '.join(filter(None, kinds)) or 'what was not told'}."
    locks = (_client_state(sight, item), passes("login", item.id, login), *_allowed(sight, item))
    number = integer(item.item.get("VpnPort"))
    port = number if number is not None and 0 < number < 65536 else _CLIENT_PORT
    transport = text(item.item.get("TransportProtocol")) or _CLIENT_TRANSPORT
    yield from sight.reached(
        item,
        "client-vpn",
        locks,
        opened=ports.tcp(port) if transport == "tcp" else ports.udp(port),
        families=_CLIENT_FAMILIES.get(text(item.item.get("EndpointIpAddressType")), (Family.IPV4,)),
    )


def _allowed(sight: Sight, item: Item) -> tuple[Lock, ...]:
    """Where a login leads, for the reader: the endpoint is reached without one."""
    call = item.call(_RULES)
    found = rows(call.value) if call.known else []
    (ref,) = sight.refs(item, f"/calls/{_RULES}/value")
    ranges = sorted({text(row.get("DestinationCidr")) for row in found} - {""})
    if not ranges:
        return ()
    words = f"Who is logged in may be let through to {', '.join(ranges[:5])}."
    return (passes("authorization rules", item.id, words, ref),)


def _client_state(sight: Sight, item: Item) -> Lock:
    code = text(member(item.item, "Status", "Code"))
    (ref,) = sight.refs(item, "/item/Status")
    if not code:
        gap = sight.gap(item, "describe_client_vpn_endpoints")
        return unread("state", item.id, gap, ref)
    if code == "pending-associate":
        return sleeps("state", item.id, "No subnet is associated with it.", ref)
    make = passes if code == "available" else sleeps
    return make("state", item.id, f"The endpoint is {code}.", ref)


# Site-to-Site VPN


def _connection(sight: Sight, item: Item) -> Iterator[Reach]:
    outside = text(member(item.item, "Options", "OutsideIpAddressType")) or "PublicIpv4"
    locks = (_outside(sight, item, outside), _connection_state(sight, item), _peer(sight, item))
    yield from sight.reached(
        item,
        "site-to-site-vpn",
        locks,
        opened=_IPSEC,
        families=(Family.IPV6 if outside == "Ipv6" else Family.IPV4,),
    )


def _outside(sight: Sight, item: Item, kind: str) -> Lock:
    (ref,) = sight.refs(item, "/item/Options")
    if kind == "PrivateIpv4":
        return stops("address", item.id, "Its tunnels have private addresses.", ref)
    tunnels = rows(member(item.item, "Options", "TunnelOptions"))
    tunnels += rows(item.item.get("VgwTelemetry"))
    found = sorted({text(tunnel.get("OutsideIpAddress")) for tunnel in tunnels} - {""})
    shown = f" ({', '.join(found[:4])})" if found else ""
    return passes("address", item.id, f"Its tunnels have public addresses{shown}.", ref)


def _connection_state(sight: Sight, item: Item) -> Lock:
    state = text(item.item.get("State"))
    (ref,) = sight.refs(item, "/item/State")
    if not state:
        return unread("state", item.id, sight.gap(item, "describe_vpn_connections"), ref)
    make = passes if state == "available" else sleeps
    return make("state", item.id, f"The connection is {state}.", ref)


def _peer(sight: Sight, item: Item) -> Lock:
    """A tunnel is for one customer gateway: of a fixed address, or of a certificate."""
    name = text(item.item.get("CustomerGatewayId"))
    lines = sight.by_member("ec2:customer-gateway", "CustomerGatewayId")
    gateway = lines.get((item.account_id, item.region, name)) if name else None
    if gateway is None:
        gap = f"ec2.describe_customer_gateways({name})@{item.account_id}/{item.region}"
        return unread("customer gateway", item.id, gap)
    (ref,) = sight.refs(gateway, "/item/IpAddress")
    address = text(gateway.item.get("IpAddress"))
    if address:
        words = f"The tunnels are for the customer gateway {address}, with its key."
        return asks_for("customer gateway", gateway.id, words, f"source:ip={address}", ref)
    words = "The customer gateway has no fixed address: its certificate alone is its login."
    return passes("customer gateway", gateway.id, words, ref)


_TEST = "tests/front_doors/test_vpn.py"

DOORS = (
    FrontDoor(
        type_id="ec2:client-vpn",
        mechanism="client-vpn",
        title="Client VPN endpoints",
        rule="The endpoint is available (without an associated subnet: dormant); on VpnPort over "
        "TransportProtocol. Its own login keeps yes.",
        source="https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/cvpn-working-endpoints.html",
        judge=_client,
        test=_TEST,
    ),
    FrontDoor(
        type_id="ec2:vpn",
        mechanism="site-to-site-vpn",
        title="Site-to-Site VPN connections",
        rule="Its tunnels have public addresses (OutsideIpAddressType is not PrivateIpv4) and it "
        "is available. Under the condition of coming from the customer gateway's address, unless "
        "that gateway has none (a certificate alone).",
        source="https://docs.aws.amazon.com/vpn/latest/s2svpn/cgw-options.html",
        judge=_connection,
        test=_TEST,
        needs=frozenset({"ec2:customer-gateway"}),
    ),
)
"""Declarations of this service."""
