"""Spans, prefixes and ports against Python's own sets and ``ipaddress``."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.network import ports, prefixes
from graph.network.prefixes import PUBLIC, Breadth, Family
from graph.network.spans import Spans, atoms, union

pairs = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda p: (min(p), max(p))), max_size=6
)


def members(spans: Spans) -> set[int]:
    return {n for first, last in spans.pairs for n in range(first, last + 1)}


@given(pairs, pairs)
def test_arithmetic_is_that_of_sets(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    a, b = Spans.of(left), Spans.of(right)
    assert members(a | b) == members(a) | members(b)
    assert members(a & b) == members(a) & members(b)
    assert members(a - b) == members(a) - members(b)
    assert a.covers(b) is (members(b) <= members(a))
    assert a.size == len(members(a))
    assert all((n in a) is (n in members(a)) for n in range(62))
    assert union([a, b]) == a | b


@given(pairs)
def test_form_is_unique(some: list[tuple[int, int]]) -> None:
    spans = Spans.of(some)
    assert Spans.of((n, n) for n in members(spans)) == spans
    assert all(b[0] > a[1] + 1 for a, b in zip(spans.pairs, spans.pairs[1:], strict=False))


@given(pairs, st.lists(pairs, max_size=3))
def test_atoms_lie_wholly_in_or_out(
    whole: list[tuple[int, int]], cuts: list[list[tuple[int, int]]]
) -> None:
    spans, sets = Spans.of(whole), [Spans.of(cut) for cut in cuts]
    found = atoms(spans, sets)
    assert Spans.of(found) == spans
    for first, last in found:
        for cut in sets:
            assert len({n in cut for n in range(first, last + 1)}) == 1


def test_a_span_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="cannot run"):
        Spans.of([(3, 2)])


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_cidrs_are_the_fewest(one: int, other: int) -> None:
    first, last = min(one, other), max(one, other)
    theirs = ipaddress.summarize_address_range(
        ipaddress.IPv4Address(first), ipaddress.IPv4Address(last)
    )
    assert prefixes.cidrs(Spans(((first, last),)), Family.IPV4) == tuple(map(str, theirs))


@pytest.mark.parametrize(
    ("cidrs", "family", "breadth"),
    [
        (["0.0.0.0/0"], Family.IPV4, Breadth.ANY),
        (["0.0.0.0/1", "128.0.0.0/1"], Family.IPV4, Breadth.ANY),
        (["0.0.0.0/1"], Family.IPV4, Breadth.BROAD),
        (["8.0.0.0/7"], Family.IPV4, Breadth.BROAD),
        (["8.0.0.0/8"], Family.IPV4, Breadth.NARROW),
        (["10.0.0.0/8", "192.168.0.0/16", "100.64.0.0/10"], Family.IPV4, Breadth.NONE),
        (["::/0"], Family.IPV6, Breadth.ANY),
        (["2000::/3"], Family.IPV6, Breadth.ANY),
        (["2600::/31"], Family.IPV6, Breadth.BROAD),
        (["2600::/32"], Family.IPV6, Breadth.NARROW),
        (["fc00::/7", "fe80::/10"], Family.IPV6, Breadth.NONE),
        (["::/0"], Family.IPV4, Breadth.NONE),
    ],
)
def test_breadth(cidrs: list[str], family: Family, breadth: Breadth) -> None:
    assert prefixes.breadth(prefixes.of(cidrs, family), family) is breadth


def test_narrow_sources_keep_the_rules_own_names() -> None:
    found = prefixes.of(["203.0.113.0/24", "198.51.100.0/25"], Family.IPV4)
    assert prefixes.named(found, Family.IPV4, ["203.0.113.0/24"]) == (
        "203.0.113.0/24",
        "198.51.100.0/25",
    )
    half = prefixes.of(["203.0.113.0/25"], Family.IPV4)
    assert prefixes.named(half, Family.IPV4, ["203.0.113.0/24"]) == ("203.0.113.0/25",)
    assert prefixes.named(PUBLIC[Family.IPV4], Family.IPV4, ["0.0.0.0/0"]) == ("0.0.0.0/0",)


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        (("-1", None, None), ("all",)),
        (("tcp", 22, 22), ("tcp/22",)),
        (("6", 8000, 8100), ("tcp/8000-8100",)),
        (("udp", 0, 65535), ("udp/0-65535",)),
        (("icmp", -1, -1), ("icmp",)),
        (("icmp", 8, -1), ("icmp/8",)),
        (("icmp", 3, 4), ("icmp/3.4",)),
        (("icmpv6", -1, -1), ("icmpv6",)),
        (("50", None, None), ("protocol/50",)),
        (("tcp", None, None), ("tcp/0-65535",)),
    ],
)
def test_ports_of_a_rule(rule: tuple[str, int | None, int | None], names: tuple[str, ...]) -> None:
    assert ports.names(ports.of_rule(*rule)) == names


@pytest.mark.parametrize(
    "rule", [("tcp", 9, 3), ("tcp", 1, 70000), ("300", None, None), ("", 1, 2), ("icmp", 999, 0)]
)
def test_nonsense_is_refused(rule: tuple[str, int | None, int | None]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ports.of_rule(*rule)
