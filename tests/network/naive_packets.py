"""One packet from the internet, walked by hand: AWS's rules and nothing of the engine.

Written from the VPC user guide ("Security groups", "Network ACLs", "Route tables", "Internet
gateways", "Block public access") and the EC2 guide. It reads plain tuples and strings, uses
``ipaddress`` alone, and takes one packet at a time: the client's address and port, the protocol
and the port it asks for. No sets, no intervals.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

TCP, UDP, ICMP = 6, 17, 1


@dataclass(frozen=True)
class Packet:
    """A first packet. ``port`` is the ICMP type for ICMP, unused for other protocols."""

    client: str
    client_port: int
    protocol: int
    port: int


@dataclass(frozen=True)
class SgRule:
    """protocol -1 is all; for ICMP ``first`` is the type, -1 any."""

    protocol: int
    first: int
    last: int
    cidr: str


@dataclass(frozen=True)
class NaclRule:
    """protocol -1 is all; ports count for TCP and UDP only."""

    number: int
    egress: bool
    allow: bool
    protocol: int
    first: int
    last: int
    cidr: str


@dataclass(frozen=True)
class RouteRule:
    """``target`` is the kind: igw, nat, tgw, local, ..."""

    cidr: str
    target: str
    active: bool = True
    propagated: bool = False


@dataclass(frozen=True)
class Machine:
    """An instance and all that stands between it and the internet."""

    public_address: bool
    running: bool
    gateway_attached: bool
    blocked: bool
    routes: tuple[RouteRule, ...]
    nacl: tuple[NaclRule, ...]
    groups: tuple[tuple[SgRule, ...], ...] = field(default=())


def inside(address: str, cidr: str) -> bool:
    net = ipaddress.ip_network(cidr)
    ip = ipaddress.ip_address(address)
    return ip.version == net.version and ip in net


def security_groups_let_in(machine: Machine, packet: Packet) -> bool:
    for group in machine.groups:
        for rule in group:
            if not inside(packet.client, rule.cidr):
                continue
            if rule.protocol == -1:
                return True
            if rule.protocol != packet.protocol:
                continue
            if packet.protocol in (TCP, UDP) and not rule.first <= packet.port <= rule.last:
                continue
            if packet.protocol == ICMP and rule.first not in (-1, packet.port):
                continue
            return True
    return False


def nacl_decides(machine: Machine, *, egress: bool, address: str, protocol: int, port: int) -> bool:
    for rule in sorted(machine.nacl, key=lambda one: one.number):
        if rule.egress is not egress or not inside(address, rule.cidr):
            continue
        if rule.protocol not in (-1, protocol):
            continue
        has_ports = rule.protocol in (TCP, UDP)
        if has_ports and not rule.first <= port <= rule.last:
            continue
        return rule.allow
    return False


def reply_leaves_through(machine: Machine, client: str) -> str:
    """The target of the route that wins for the client, ``dropped`` if none or dead."""
    matching = [rule for rule in machine.routes if inside(client, rule.cidr)]
    if not matching:
        return "dropped"
    winner = max(
        matching,
        key=lambda rule: (ipaddress.ip_network(rule.cidr).prefixlen, not rule.propagated),
    )
    return winner.target if winner.active else "dropped"


def arrives(machine: Machine, packet: Packet) -> bool:
    """Whether the first packet gets to a machine that is up."""
    return (
        machine.public_address
        and machine.running
        and machine.gateway_attached
        and not machine.blocked
        and nacl_decides(
            machine,
            egress=False,
            address=packet.client,
            protocol=packet.protocol,
            port=packet.port,
        )
        and security_groups_let_in(machine, packet)
        # The engine asks for a way back for everything that it calls reach; so do we.
        and reply_leaves_through(machine, packet.client) == "igw"
    )


def answered(machine: Machine, packet: Packet) -> bool:
    """Whether the client gets its answer too."""
    port = packet.client_port if packet.protocol in (TCP, UDP) else 0
    return arrives(machine, packet) and nacl_decides(
        machine, egress=True, address=packet.client, protocol=packet.protocol, port=port
    )
