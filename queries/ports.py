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


def common(ports: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """The ports that two lists share, in the order of the first: ``all`` with any is that one."""
    wanted = list(others)
    found = (both for port in ports for other in wanted if (both := _shared(port, other)))
    return tuple(dict.fromkeys(found))


def _shared(port: str, other: str) -> str:
    """What two ports or ranges share; empty for nothing."""
    if not overlaps(port, (other,)):
        return ""
    if interval(port)[0] == "all":
        return other
    if interval(other)[0] == "all":
        return port
    (protocol, low, high), (_, first, last) = interval(port), interval(other)
    start, end = max(low, first), min(high, last)
    if (start, end) == (0, _LAST):
        return port
    return f"{protocol}/{start}" if start == end else f"{protocol}/{start}-{end}"


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
    """A port or range as it is asked for, as rows spell it: ``443`` is TCP's and UDP's."""
    return (f"tcp/{port}", f"udp/{port}") if port[:1].isdigit() else (port,)
