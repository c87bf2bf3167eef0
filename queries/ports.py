"""Ports as rows spell them: ``tcp/443``, ``tcp/8000-8100``, ``udp/53``, ``icmp``, ``all``."""

from __future__ import annotations

from collections.abc import Iterable

_LAST = 65535


def interval(port: str) -> tuple[str, int, int]:
    """Protocol, first and last port; a protocol without numbers is all of it.

    ``all`` is the protocol of every protocol.
    """
    protocol, _, span = port.partition("/")
    low, _, high = span.partition("-")
    if not low.isdigit():
        return protocol, 0, _LAST
    return protocol, int(low), int(high or low)


def overlaps(port: str, others: Iterable[str]) -> bool:
    """Whether a port, or range, shares one with any of the others."""
    protocol, low, high = interval(port)
    for other in others:
        kind, first, last = interval(other)
        if "all" in (protocol, kind) or (protocol == kind and low <= last and first <= high):
            return True
    return False


def covers(ports: Iterable[str], wanted: str) -> bool:
    """Whether ports together hold all of one port or range.

    Args:
        ports: any number, overlapping or not; ``all`` holds everything.
        wanted: ``tcp/443``, ``tcp/8000-8100``, ``icmp``, ``all``.
    """
    protocol, low, high = interval(wanted)
    held = [interval(port) for port in ports]
    if any(kind == "all" for kind, _, _ in held):
        return True
    for first, last in sorted((first, last) for kind, first, last in held if kind == protocol):
        if first > low:
            return False
        low = max(low, last + 1)
        if low > high:
            return True
    return False


def spelled(port: str) -> tuple[str, ...]:
    """A port as it is asked for, as rows spell it: ``443`` is TCP's and UDP's."""
    return (port,) if "/" in port else (f"tcp/{port}", f"udp/{port}")
