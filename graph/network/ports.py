"""Protocol and port sets on one line of integers: ``protocol * 65536 + port``.

ICMP and ICMPv6 use ``type * 256 + code`` in the place of the port; a protocol without ports is
its whole block. So one interval arithmetic serves rules that name ports, ICMP types, protocol
numbers or everything.
"""

from __future__ import annotations

from functools import lru_cache

from graph.network.spans import NOTHING, Pair, Spans

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
_BLOCK = 65536
ALL = Spans(((0, 256 * _BLOCK - 1),))

_NUMBERS = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmpv6": ICMPV6, "ipv6-icmp": ICMPV6}
_NAMES = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ICMPV6: "icmpv6"}

# Where answers differ by protocol; a set is cut here before replies are judged.
PROTOCOL_CUTS = tuple(
    Spans(((number * _BLOCK, number * _BLOCK + _BLOCK - 1),)) for number in (TCP, UDP, ICMP, ICMPV6)
)


def number_of(protocol: str | int) -> int | None:
    """The protocol's number; ``None`` for all protocols (``-1``, ``all``).

    Raises:
        ValueError: it is neither a known name nor a number from -1 to 255.
    """
    text = str(protocol).strip().lower()
    if text in ("-1", "all"):
        return None
    number = _NUMBERS[text] if text in _NUMBERS else int(text)
    if not 0 <= number <= 255:
        raise ValueError(f"{protocol!r} is not a protocol")
    return number


@lru_cache(maxsize=256)
def of_protocol(number: int) -> Spans:
    """All of one protocol."""
    return Spans(((number * _BLOCK, number * _BLOCK + _BLOCK - 1),))


def span(number: int, first: int, last: int) -> Spans:
    """Ports ``first`` to ``last`` of TCP or UDP.

    Raises:
        ValueError: not a range of ports.
    """
    if not 0 <= first <= last < _BLOCK:
        raise ValueError(f"{first}-{last} is not a range of ports")
    return Spans(((number * _BLOCK + first, number * _BLOCK + last),))


def tcp(first: int, last: int | None = None) -> Spans:
    """TCP ports."""
    return span(TCP, first, first if last is None else last)


def udp(first: int, last: int | None = None) -> Spans:
    """UDP ports."""
    return span(UDP, first, first if last is None else last)


def icmp(number: int, kind: int | None, code: int | None) -> Spans:
    """ICMP (``number`` 1) or ICMPv6 (58) of a type and code; ``None`` or -1 is any.

    Raises:
        ValueError: not a type and code.
    """
    if kind is None or kind == -1:
        return of_protocol(number)
    if not 0 <= kind <= 255 or not (code is None or -1 <= code <= 255):
        raise ValueError(f"{kind}/{code} is not an ICMP type and code")
    base = number * _BLOCK + kind * 256
    if code is None or code == -1:
        return Spans(((base, base + 255),))
    return Spans(((base + code, base + code),))


def of_rule(protocol: str | int, first: int | None, last: int | None) -> Spans:
    """What a security group permission covers: ``IpProtocol``, ``FromPort``, ``ToPort``.

    ``-1`` is everything; TCP and UDP have ports, ICMP type and code, other protocols neither
    (EC2 API reference, IpPermission). Without ports, TCP and UDP are whole.

    Raises:
        ValueError: the numbers make no sense.
    """
    number = number_of(protocol)
    if number is None:
        return ALL
    if number in (ICMP, ICMPV6):
        return icmp(number, first, last)
    if number not in (TCP, UDP) or first is None or (first == -1 and last in (-1, None)):
        return of_protocol(number)
    return span(number, first, first if last is None else last)


def protocol_at(pair: Pair) -> int:
    """The protocol in which a span begins."""
    return pair[0] // _BLOCK


@lru_cache(maxsize=4096)
def names(ports: Spans) -> tuple[str, ...]:
    """Spell a set: ``tcp/443``, ``tcp/8000-8100``, ``udp/53``, ``icmp``, ``protocol/50``, ``all``.

    One type of ICMP is ``icmp/8``, one code of it ``icmp/3.4``.
    """
    if ports == ALL:
        return ("all",)
    found: list[str] = []
    for number in (TCP, UDP, ICMP, ICMPV6):
        found += [_name(number, pair) for pair in (ports & of_protocol(number)).pairs]
    rest = ports
    for number in (TCP, UDP, ICMP, ICMPV6):
        rest = rest - of_protocol(number)
    for first, last in rest.pairs:
        low, high = first // _BLOCK, last // _BLOCK
        found.append(f"protocol/{low}" if low == high else f"protocol/{low}-{high}")
    return tuple(found)


def _name(number: int, pair: Pair) -> str:
    first, last = pair[0] % _BLOCK, pair[1] % _BLOCK
    name = _NAMES[number]
    if number in (TCP, UDP):
        return f"{name}/{first}" if first == last else f"{name}/{first}-{last}"
    if (first, last) == (0, _BLOCK - 1):
        return name
    low, high = divmod(first, 256), divmod(last, 256)
    if low[1] == 0 and high[1] == 255:
        return f"{name}/{low[0]}" if low[0] == high[0] else f"{name}/{low[0]}-{high[0]}"
    if first == last:
        return f"{name}/{low[0]}.{low[1]}"
    return f"{name}/{low[0]}.{low[1]}-{high[0]}.{high[1]}"


# The usual service of a port, for readers only: nothing in AWS's API says what listens
# (IANA service name registry).
USUAL_SERVICE = {
    "tcp/21": "FTP",
    "tcp/22": "SSH",
    "tcp/23": "Telnet",
    "tcp/25": "SMTP",
    "tcp/80": "HTTP",
    "tcp/443": "HTTPS",
    "tcp/445": "SMB",
    "tcp/1433": "SQL Server",
    "tcp/1521": "Oracle",
    "tcp/2375": "Docker",
    "tcp/2379": "etcd",
    "tcp/3306": "MySQL",
    "tcp/3389": "RDP",
    "tcp/5432": "PostgreSQL",
    "tcp/5900": "VNC",
    "tcp/5985": "WinRM",
    "tcp/6379": "Redis",
    "tcp/6443": "Kubernetes API",
    "tcp/8080": "HTTP",
    "tcp/8443": "HTTPS",
    "tcp/9200": "Elasticsearch",
    "tcp/10250": "kubelet",
    "tcp/11211": "memcached",
    "tcp/27017": "MongoDB",
    "udp/53": "DNS",
    "udp/123": "NTP",
    "udp/161": "SNMP",
}

__all__ = [
    "ALL",
    "ICMP",
    "ICMPV6",
    "NOTHING",
    "PROTOCOL_CUTS",
    "TCP",
    "UDP",
    "USUAL_SERVICE",
    "icmp",
    "names",
    "number_of",
    "of_protocol",
    "of_rule",
    "protocol_at",
    "span",
    "tcp",
    "udp",
]
