"""Into how many parts the internet is cut for one sender: not one for each rule of a kind."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from graph.network.between.egress import _alike, _destinations, interface_to_internet
from graph.network.prefixes import Family
from graph.network.spans import NOTHING, Spans, union
from network.aws_shapes import Lab, allow
from network.between.lab import A
from network.between.test_egress import direct

pairs = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).map(tuple)
sets = st.lists(pairs, max_size=5).map(Spans.of)


@given(sets, st.lists(sets, max_size=5))
def test_parts_are_whole_and_each_is_told_apart(whole: Spans, cuts: list[Spans]) -> None:
    found = list(_alike(whole, cuts))
    assert union(found) == whole
    assert sum(one.size for one in found) == whole.size
    held = [tuple((one & cut) == one for cut in cuts) for one in found]
    out = [tuple((one & cut) == NOTHING for cut in cuts) for one in found]
    for some, other in zip(held, out, strict=True):
        assert all(a != b for a, b in zip(some, other, strict=True))
    assert len(set(held)) == len(held)


def parts(lab: Lab, folder: Path) -> int:
    world = lab.build(folder)
    source = world.interfaces[A]
    home = world.subnets[source.subnet]
    return len(list(_destinations(world, source, home, Family.IPV4, "")))


def test_rules_of_one_port_make_one_part_and_inbound_rules_none(tmp_path: Path) -> None:
    some = [allow("tcp/443", f"8.8.{number}.8/32") for number in range(200)]
    lab = direct()
    lab.item("sg-a")["IpPermissionsEgress"] = some
    assert parts(lab, tmp_path / "one") == 2
    lab.item("sg-a")["IpPermissions"] = [
        allow("tcp/22", f"9.9.{number}.9/32") for number in range(200)
    ]
    assert parts(lab, tmp_path / "inbound") == 2
    lab.item("sg-a")["IpPermissionsEgress"] = [*some, allow("tcp/80", "8.8.3.8/32")]
    assert parts(lab, tmp_path / "two") == 3


def test_every_range_of_a_port_is_still_named(tmp_path: Path) -> None:
    lab = direct()
    lab.item("sg-a")["IpPermissionsEgress"] = [
        allow("tcp/443", "8.8.8.8/32"),
        allow("tcp/443", "9.9.9.9/32"),
        allow("tcp/80", "9.9.9.9/32"),
    ]
    world = lab.build(tmp_path)
    found = interface_to_internet(world, world.interfaces[A])
    assert {one.target: one.ports for one in found} == {
        "cidr:8.8.8.8/32": ("tcp/443",),
        "cidr:9.9.9.9/32": ("tcp/80", "tcp/443"),
    }
