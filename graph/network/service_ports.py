"""Ports of load balancer protocols."""

from __future__ import annotations

from graph.network import ports
from graph.network.spans import NOTHING, Spans

# Over UDP, or over both (Elastic Load Balancing, "Listener configuration").
UDP_PROTOCOLS = ("UDP", "QUIC")
BOTH_PROTOCOLS = ("TCP_UDP", "TCP_QUIC")


def listener_ports(protocol: str, port: int | None) -> Spans:
    """The ports of a listener or target group; nothing if there is no such port."""
    if port is None or not 0 <= port <= 65535:
        return NOTHING
    if protocol in UDP_PROTOCOLS:
        return ports.udp(port)
    return ports.tcp(port) | ports.udp(port) if protocol in BOTH_PROTOCOLS else ports.tcp(port)
