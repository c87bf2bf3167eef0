"""Rules judged apart admit what all rules together admit, and cost what they are."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.network import ports
from graph.network.exposure import internet_reach
from graph.network.facts import Facts, PrefixList, Rule, SecurityGroup
from graph.network.filters import group_rules, permitted, permitted_to
from graph.network.lone_sources import lone_sources
from graph.network.path import internet_path
from graph.network.pieces import everything_in
from graph.network.prefixes import Family
from graph.network.spans import Spans, atoms, union
from graph.network.world import NetworkWorld
from network.aws_shapes import allow, arn, exposed
from snapshot_files import ACCOUNT, REGION

# Wide and narrow ranges that lie in each other, some of them alike.
cidrs = st.builds(
    lambda low, length: str(ipaddress.ip_network(((11 << 24) + low, length), strict=False)),
    st.integers(0, 2**10),
    st.sampled_from([5, 8, 16, 22, 24, 28, 32]),
)
opened = st.tuples(st.integers(20, 30), st.integers(20, 30)).map(
    lambda pair: ports.tcp(min(pair), max(pair))
)
rules = st.lists(
    st.builds(lambda cidr, some: Rule(some, cidr=cidr), cidrs, opened)
    | st.builds(lambda some: Rule(some, prefix_list="pl-1"), opened)
    | st.builds(lambda some: Rule(some, prefix_list="pl-2"), opened)
    | st.just(Rule(None, cidr="11.0.0.0/30")),
    max_size=10,
)


def world_of(found: list[Rule], listed: list[str]) -> NetworkWorld:
    return NetworkWorld(
        Facts(
            security_groups=(SecurityGroup("sg", rules=tuple(found)),),
            prefix_lists=(PrefixList("pl-1", cidrs=tuple(listed)), PrefixList("pl-2", cidrs=None)),
        )
    )


@given(rules, st.lists(cidrs, max_size=4))
def test_apart_or_together_the_same_addresses_get_in(found: list[Rule], listed: list[str]) -> None:
    world = world_of(found, listed)
    groups = group_rules(world, ("sg",), "", "")
    only = ports.tcp(15, 35)
    told = permitted_to(world, groups, atoms(only, [ports.tcp(25)]), Family.IPV4)
    for port in range(15, 36):
        number = ports.tcp(port).pairs[0]
        together = permitted(world, groups, number, Family.IPV4)
        apart = [p for atom, pieces in told if number[0] in Spans((atom,)) for p in pieces]
        for verdict in {piece.verdict for piece in (*together, *apart)}:
            assert everything_in(p for p in apart if p.verdict is verdict) == everything_in(
                p for p in together if p.verdict is verdict
            )


@given(st.lists(st.tuples(cidrs.map(lambda cidr: (cidr,)), opened), max_size=10))
def test_no_two_have_addresses_and_ports_in_common(
    found: list[tuple[tuple[str, ...], Spans]],
) -> None:
    lone = lone_sources(found, Family.IPV4)
    for number, (sources, some) in enumerate(lone.opened):
        for others, more in lone.opened[:number]:
            assert not (sources & others and some & more)
    assert len(lone.opened) <= len(lone.rules)


def nested(count: int, length: int = 25) -> list[dict[str, object]]:
    """Port ranges that lie in each other, each for a range of its own."""
    step = 1 << (32 - length)
    return [
        allow(f"tcp/{1 + n}-{60000 - n}", f"{ipaddress.ip_address((20 << 24) + n * step)}/{length}")
        for n in range(count)
    ]


def test_what_rules_cost_grows_as_they_do(tmp_path: Path) -> None:
    sizes = []
    for count in (50, 100):
        world = exposed(nested(count)).build(tmp_path / str(count))
        path = internet_path(
            world, arn("subnet", "subnet-a"), (arn("security-group", "sg-web"),),
            ACCOUNT, REGION, Family.IPV4,
        )  # fmt: skip
        sizes.append(sum(len(piece.sources.pairs) for f in path.flows for piece in f.sources))
    assert sizes[1] == 2 * sizes[0]


@pytest.mark.parametrize("length", [16, 25])
def test_every_rule_is_a_row_with_its_ports(tmp_path: Path, length: int) -> None:
    found = internet_reach(exposed(nested(20, length)).build(tmp_path))
    assert {(r.source, r.ports) for r in found} == {
        (f"cidr:{rule['IpRanges'][0]['CidrIp']}", (f"tcp/{rule['FromPort']}-{rule['ToPort']}",))  # type: ignore[index]
        for rule in nested(20, length)
    }


def test_a_range_in_another_is_a_row_of_the_ports_that_it_alone_has(tmp_path: Path) -> None:
    lab = exposed([allow("tcp/20-30", "11.0.0.0/24"), allow("tcp/25-35", "11.0.0.8/32")])
    found = {(r.source, r.ports) for r in internet_reach(lab.build(tmp_path / "a"))}
    assert found == {("cidr:11.0.0.0/24", ("tcp/20-30",)), ("cidr:11.0.0.8/32", ("tcp/31-35",))}
    lab = exposed([allow("tcp/20-30", "0.0.0.0/0"), allow("tcp/25-35", "11.0.0.8/32")])
    found = {(r.source, r.ports) for r in internet_reach(lab.build(tmp_path / "b"))}
    assert found == {("internet", ("tcp/20-30",)), ("cidr:11.0.0.8/32", ("tcp/31-35",))}


def test_ranges_that_are_broad_together_are_not_taken_apart() -> None:
    halves = [((str(one),), ports.tcp(22)) for one in
              ipaddress.ip_network("4.0.0.0/7").subnets(new_prefix=16)]  # fmt: skip
    assert not lone_sources(halves, Family.IPV4).rules
    few = lone_sources(halves[:20], Family.IPV4)
    assert len(few.rules) == 20
    assert union(sources for sources, _ in few.opened).size == 20 << 16
