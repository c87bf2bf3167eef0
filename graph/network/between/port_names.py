"""Sets of ports from the names by which results spell them."""

from __future__ import annotations

from graph.network import ports
from graph.network.spans import Spans

_NUMBERS = {"tcp": ports.TCP, "udp": ports.UDP, "icmp": ports.ICMP, "icmpv6": ports.ICMPV6}


def set_of(name: str) -> Spans:
    """What :func:`graph.network.ports.names` spells, e.g. ``tcp/8000-8100``, as a set.

    One type of ICMP counts as the whole protocol.

    Raises:
        ValueError: it is no such name.
    """
    if name == "all":
        return ports.ALL
    protocol, slash, numbers = name.partition("/")
    first, _, last = numbers.partition("-")
    if protocol == "protocol":
        blocks = [ports.of_protocol(number) for number in range(int(first), int(last or first) + 1)]
        return Spans.of(pair for block in blocks for pair in block.pairs)
    if protocol not in _NUMBERS:
        raise ValueError(f"{name!r} is not a set of ports")
    number = _NUMBERS[protocol]
    if not slash or number in (ports.ICMP, ports.ICMPV6):
        return ports.of_protocol(number)
    return ports.span(number, int(first), int(last or first))
