"""What is broad is told by the addresses that get in, never by how rules split them."""

from __future__ import annotations

import ipaddress
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.network import prefixes
from graph.network.exposure import internet_reach
from graph.network.prefixes import PUBLIC, Family, is_broad, named
from network.aws_shapes import Lab, allow, exposed


def rows(lab: Lab, folder: Path) -> list[tuple[str, bool]]:
    return sorted((r.source, r.broad) for r in internet_reach(lab.build(folder)))


def eighths(first: int, last: int) -> list[str]:
    return [f"{number}.0.0.0/8" for number in range(first, last)]


SPLITS = {
    "half": (["0.0.0.0/1"], eighths(0, 128), [("cidr:0.0.0.0/1", True)]),
    "two": (["4.0.0.0/7"], eighths(4, 6), [("cidr:4.0.0.0/7", True)]),
    "private ranges": (["8.0.0.0/6"], ["8.0.0.0/7", "11.0.0.0/8"], [("cidr:8.0.0.0/6", True)]),
    "one": (["11.0.0.0/8"], ["11.0.0.0/9", "11.128.0.0/9"], None),
    "all": (["0.0.0.0/0"], eighths(0, 256), [("internet", False)]),
}


@pytest.mark.parametrize("name", SPLITS)
def test_a_range_in_pieces_is_the_range(tmp_path: Path, name: str) -> None:
    whole, pieces, expected = SPLITS[name]
    found = [
        rows(exposed([allow("tcp/22", cidr) for cidr in cidrs]), tmp_path / str(len(cidrs)))
        for cidrs in (whole, pieces)
    ]
    if expected is not None:
        assert found[0] == found[1] == expected
    else:
        assert not any(broad for _, broad in (*found[0], *found[1]))


def test_ports_are_apart(tmp_path: Path) -> None:
    lab = exposed([allow("tcp/22", "4.0.0.0/8"), allow("tcp/23", "5.0.0.0/8")])
    assert rows(lab, tmp_path) == [("cidr:4.0.0.0/8", False), ("cidr:5.0.0.0/8", False)]


def test_half_the_internet_by_routes_is_one_row(tmp_path: Path) -> None:
    lab = exposed()
    half = {"DestinationCidrBlock": "0.0.0.0/1", "GatewayId": "vgw-1", "State": "active",
            "Origin": "EnableVgwRoutePropagation"}  # fmt: skip
    lab.item("rtb-main")["Routes"].insert(0, half)
    assert rows(lab, tmp_path / "half") == [("cidr:128.0.0.0/1", True)]
    lab.item("rtb-main")["Routes"].remove(half)
    assert rows(lab, tmp_path / "whole") == [("internet", False)]


def test_a_private_range_makes_nothing_broad() -> None:
    public = prefixes.of(["11.0.0.0/8"], Family.IPV4)
    assert named(public, Family.IPV4, ["10.0.0.0/7", "11.0.0.0/8"]) == ("11.0.0.0/8",)
    more = prefixes.of(["10.0.0.0/7", "12.0.0.0/7"], Family.IPV4)
    assert named(more, Family.IPV4, ["10.0.0.0/7"]) == ("12.0.0.0/7", "11.0.0.0/8")


blocks = st.builds(
    lambda first, length: ipaddress.ip_network((first << 24, length), strict=False),
    st.integers(1, 223),
    st.integers(2, 12),
)


@given(st.lists(blocks, min_size=1, max_size=6), st.integers(0, 2**32))
def test_splitting_changes_nothing_that_is_broad(
    found: list[ipaddress.IPv4Network], seed: int
) -> None:
    whole = [str(one) for one in found]
    split = [str(half) for one in found for half in one.subnets(new_prefix=max(one.prefixlen, 9))]
    random.Random(seed).shuffle(split)
    some = prefixes.of(whole, Family.IPV4) & PUBLIC[Family.IPV4]
    if not some:
        return
    names = [named(some, Family.IPV4, texts) for texts in (whole, split)]
    broad = [[text for text in one if is_broad(text)] for one in names]
    assert broad[0] == broad[1]
    for one in names:
        shown = prefixes.of(one, Family.IPV4) & PUBLIC[Family.IPV4]
        assert shown.covers(some)
        missing = (shown - some).size
        assert missing * 16 <= shown.size


wide = st.integers(0, 2**12 - 1).map(
    lambda n: str(ipaddress.ip_network((0x2 << 124 | n << 100, 28)))
)


@given(st.lists(wide, min_size=1, max_size=40, unique=True))
def test_ranges_of_ipv6_in_pieces(cidrs: list[str]) -> None:
    some = prefixes.of(cidrs, Family.IPV6)
    halves = [str(h) for c in cidrs for h in ipaddress.ip_network(c).subnets(new_prefix=33)]
    assert named(some, Family.IPV6, halves) == named(some, Family.IPV6, cidrs)
