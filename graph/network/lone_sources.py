"""Narrow sources of security group rules, each judged on its own.

A range of addresses is named by itself wherever it gets in, unless so many get in by one port
that together they are broad. Ranges that are too few for that need not be put together port by
port, so a thousand rules with ports of their own cost a thousand, not a million.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from graph.network.facts import PrefixList, Rule
from graph.network.prefixes import BROAD_BELOW, Family, parse
from graph.network.shared_senders import shared_sender
from graph.network.spans import NOTHING, Pair, Spans, union

# All of them together are a sixteenth of the narrowest range that is broad, at most: that much
# may be missing from a range which is named as a whole.
_AT_MOST = {family: 1 << (family.bits - BROAD_BELOW[family] + 1 - 4) for family in Family}


@dataclass(frozen=True, slots=True)
class LoneSources:
    """What can be judged apart.

    Attributes:
        rules: numbers of the rules of which nothing else is left.
        opened: sources and the ports that they alone have; no two have both in common.
    """

    rules: frozenset[int] = frozenset()
    opened: tuple[tuple[Spans, Spans], ...] = ()


def exact_cidrs(rule: Rule, known: PrefixList | None) -> tuple[str, ...]:
    """The ranges of a rule, perhaps for a prefix list, that admits these and nothing else."""
    if rule.cidr:
        return (rule.cidr,)
    if known is None or shared_sender(known) is not None:
        return ()
    cidrs = known.cidrs or ()
    try:
        for cidr in cidrs:
            parse(cidr)
    except ValueError:
        return ()
    return cidrs


def lone_sources(
    rules: Sequence[tuple[tuple[str, ...], Spans | None]], family: Family
) -> LoneSources:
    """Take the narrow ranges out of rules.

    Args:
        rules: CIDRs and ports of each; no ports or no CIDRs where it is not that simple.
        family: IPv4 or IPv6.

    Raises:
        ValueError: one of them is not a CIDR.
    """
    blocks: dict[Pair, list[Spans]] = {}
    of_rule: list[list[Pair]] = []
    for cidrs, opened in rules:
        known = [parse(cidr) for cidr in cidrs] if opened is not None else []
        mine = [spans.pairs[0] for kind, spans in known if kind is family]
        of_rule.append(mine)
        for pair in mine:
            blocks.setdefault(pair, []).append(opened or NOTHING)
    small = {pair for pair in blocks if _size(pair) <= _AT_MOST[family]}
    if sum(map(_size, small)) > _AT_MOST[family]:
        return LoneSources()
    lone = frozenset(n for n, mine in enumerate(of_rule) if mine and small.issuperset(mine))
    taken = {pair for number in lone for pair in of_rule[number]}
    return LoneSources(lone, tuple(_own(blocks, taken)))


def _size(pair: Pair) -> int:
    return pair[1] - pair[0] + 1


def _own(blocks: dict[Pair, list[Spans]], taken: set[Pair]) -> list[tuple[Spans, Spans]]:
    """The sources by the ports which no range around them has too."""
    found: dict[Spans, list[Pair]] = {}
    around: list[tuple[int, Spans]] = []
    for pair in sorted(blocks, key=lambda pair: (pair[0], -pair[1])):
        while around and around[-1][0] < pair[0]:
            around.pop()
        above = around[-1][1] if around else NOTHING
        own = union(blocks[pair]) - above
        if own and pair in taken:
            found.setdefault(own, []).append(pair)
        around.append((pair[1], above | own if own else above))
    return [(Spans.of(pairs), opened) for opened, pairs in found.items()]


def clipped(parts: Sequence[Pair], opened: Spans) -> list[Pair]:
    """The part of atoms, which are in order, that lies in a set."""
    found: list[Pair] = []
    for first, last in opened.pairs:
        begin = bisect_left(parts, first, key=lambda part: part[1])
        end = bisect_right(parts, last, key=lambda part: part[0])
        found += [(max(first, one[0]), min(last, one[1])) for one in parts[begin:end]]
    return found
