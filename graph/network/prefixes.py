"""Address sets: IPv4 and IPv6 apart, as :class:`~graph.network.spans.Spans` of integers."""

from __future__ import annotations

import enum
import ipaddress
import socket
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from graph.network.spans import NOTHING, Spans, union


class Family(enum.StrEnum):
    """An address family; reach is judged for each on its own."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"

    @property
    def bits(self) -> int:
        """Length of an address."""
        return 32 if self is Family.IPV4 else 128


class Breadth(enum.StrEnum):
    """How much of the internet a set of sources is."""

    ANY = "any"
    BROAD = "broad"
    NARROW = "narrow"
    NONE = "none"


@lru_cache(maxsize=65536)
def parse(cidr: str) -> tuple[Family, Spans]:
    """Read an address or CIDR; host bits are ignored, as AWS does.

    Raises:
        ValueError: the text is neither.
    """
    text = cidr.strip()
    quick = _plain_ipv4(text)
    if quick is not None:
        return Family.IPV4, Spans((quick,))
    network = ipaddress.ip_network(text, strict=False)
    family = Family.IPV4 if network.version == 4 else Family.IPV6
    first = int(network.network_address)
    return family, Spans(((first, first + network.num_addresses - 1),))


def _plain_ipv4(text: str) -> tuple[int, int] | None:
    """First and last address of ``a.b.c.d`` or ``a.b.c.d/n``; other spellings are not for here."""
    address, slash, bits = text.partition("/")
    if not text.isascii() or "\0" in text or (slash and not (bits.isdigit() and len(bits) < 3)):
        return None
    try:
        number = int.from_bytes(socket.inet_pton(socket.AF_INET, address), "big")
    except OSError:
        return None
    host = 32 - int(bits) if slash else 0
    if host < 0:
        return None
    first = number >> host << host
    return first, first + (1 << host) - 1


def of(cidrs: Iterable[str], family: Family) -> Spans:
    """The addresses of all CIDRs that are of this family.

    Raises:
        ValueError: one of them is not a CIDR.
    """
    return union(spans for found, spans in map(parse, cidrs) if found is family)


def length(cidr: str) -> int:
    """The prefix length of a CIDR (an address without one: all its bits)."""
    family, spans = parse(cidr)
    return family.bits - (spans.size.bit_length() - 1)


def cidrs(spans: Spans, family: Family) -> tuple[str, ...]:
    """The fewest CIDRs that make up a set, in order."""
    kind = ipaddress.IPv4Address if family is Family.IPV4 else ipaddress.IPv6Address
    found: list[str] = []
    for first, last in spans.pairs:
        at = first
        while at <= last:
            room = (last - at + 1).bit_length() - 1
            aligned = (at & -at).bit_length() - 1 if at else family.bits
            step = min(room, aligned)
            found.append(f"{kind(at)}/{family.bits - step}")
            at += 1 << step
    return tuple(found)


EVERYTHING = {family: Spans(((0, (1 << family.bits) - 1),)) for family in Family}

# What cannot be the source of a packet from the internet (IANA special-purpose registries,
# RFC 6890). The documentation ranges are left in: they are what examples and tests call public.
_NOT_INTERNET = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
)
# The only global unicast space that IANA has handed out; it leaves out ULA and link-local.
_GLOBAL_UNICAST = "2000::/3"

PUBLIC = {
    Family.IPV4: EVERYTHING[Family.IPV4] - of(_NOT_INTERNET, Family.IPV4),
    Family.IPV6: of([_GLOBAL_UNICAST], Family.IPV6),
}

# Prefixes shorter than these are broad: the lengths at which S3 calls a policy public
# (S3 user guide, "The meaning of public").
BROAD_BELOW = {Family.IPV4: 8, Family.IPV6: 32}

# A set that misses no more than this part of the internet is still the internet: routes to a
# VPN or an S3 endpoint carve small holes, and the holes are listed in the evidence.
_MISSING_AT_MOST = 16


def breadth(sources: Spans, family: Family) -> Breadth:
    """How much of the internet may send: any (all but a sixteenth at most), broad, narrow."""
    public = sources & PUBLIC[family]
    if not public:
        return Breadth.NONE
    if (PUBLIC[family] - public).size * _MISSING_AT_MOST <= PUBLIC[family].size:
        return Breadth.ANY
    return Breadth.BROAD if _holds_broad(public, family) else Breadth.NARROW


def _holds_broad(public: Spans, family: Family) -> bool:
    """Whether some CIDR shorter than /8 (IPv4) or /32 (IPv6) lies wholly in a set."""
    widest = max(last - first + 1 for first, last in public.pairs)
    return widest >> (family.bits - BROAD_BELOW[family]) > 0 and any(
        is_broad(cidr) for cidr in cidrs(public, family)
    )


def is_broad(cidr: str) -> bool:
    """Whether a CIDR is shorter than /8 (IPv4) or /32 (IPv6)."""
    return length(cidr) < BROAD_BELOW[parse(cidr)[0]]


def named(sources: Spans, family: Family, candidates: Iterable[str]) -> tuple[str, ...]:
    """Name a set of public sources by CIDRs, the broad ones first.

    What is broad is told by the set alone, never by how rules split it: the largest blocks of
    which a sixteenth at most is missing (half the internet is ``128.0.0.0/1``, whatever private
    ranges lie in it). The rest is named by those of ``candidates`` that lie wholly in it, which
    are what a reader knows from the rules, and then by the fewest CIDRs.
    """
    blocks, rest = _broad_blocks(sources & PUBLIC[family], family)
    known: list[tuple[int, str]] = []
    taken: list[Spans] = []
    covered = -1
    for text, spans in _overlapping(_sorted_cidrs(tuple(candidates), family), rest):
        part = spans & PUBLIC[family]
        first, last = spans.pairs[0]
        if first > covered and part and not is_broad(text) and rest.covers(part):
            known.append((-spans.size, text))
            taken.append(part)
            covered = last
    return (
        *blocks,
        *(text for _, text in sorted(known)),
        *cidrs(rest - union(taken), family),
    )


def _broad_blocks(public: Spans, family: Family) -> tuple[tuple[str, ...], Spans]:
    """The largest broad CIDRs that public addresses fill, and the addresses outside of them."""
    least = 1 << (family.bits - BROAD_BELOW[family] + 1)
    found: list[str] = []
    rest = public
    waiting = [(0, 0)]
    while waiting:
        first, bits = waiting.pop()
        block = Spans(((first, first + (1 << (family.bits - bits)) - 1),))
        inside = (public & block).size
        if inside * _MISSING_AT_MOST < least * (_MISSING_AT_MOST - 1):
            continue
        part = PUBLIC[family] & block
        if (part.size - inside) * _MISSING_AT_MOST <= part.size and _holds_broad(part, family):
            found += cidrs(block, family)
            rest = rest - block
        elif bits + 1 < BROAD_BELOW[family]:
            half = 1 << (family.bits - bits - 1)
            waiting += [(first + half, bits + 1), (first, bits + 1)]
    return tuple(found), rest


@dataclass(frozen=True, slots=True)
class _Sorted:
    """CIDRs by where they begin; ``widths`` are the sizes that occur."""

    starts: list[int]
    rows: list[tuple[str, Spans]]
    widths: tuple[int, ...]


@lru_cache(maxsize=1024)
def _sorted_cidrs(texts: tuple[str, ...], family: Family) -> _Sorted:
    known = [(text, *parse(text)) for text in dict.fromkeys(texts)]
    rows = [(text, spans) for text, found, spans in known if found is family]
    rows.sort(key=lambda row: row[1].pairs[0])
    widths = sorted({spans.size for _, spans in rows})
    return _Sorted([spans.pairs[0][0] for _, spans in rows], rows, tuple(widths))


def _overlapping(known: _Sorted, spans: Spans) -> list[tuple[str, Spans]]:
    """The CIDRs that have something in common with a set, one before those that lie in it.

    Two CIDRs are apart or one holds the other, so those that begin before a span and reach into
    it are the blocks of each size that hold its beginning.
    """
    at: set[int] = set()
    for first, last in spans.pairs:
        at.update(range(bisect_left(known.starts, first), bisect_right(known.starts, last)))
        for width in known.widths:
            block = first - first % width
            if block < first:
                begin = bisect_left(known.starts, block)
                end = bisect_right(known.starts, block)
                at.update(n for n in range(begin, end) if known.rows[n][1].size == width)
    return sorted(
        (known.rows[n] for n in at), key=lambda row: (row[1].pairs[0][0], -row[1].size, row[0])
    )


__all__ = [
    "EVERYTHING",
    "NOTHING",
    "PUBLIC",
    "Breadth",
    "Family",
    "breadth",
    "cidrs",
    "is_broad",
    "length",
    "named",
    "of",
    "parse",
]
