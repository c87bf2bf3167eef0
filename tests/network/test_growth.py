"""Work, counted in what is judged: it grows with groups of alike interfaces and with rules."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.network import path, prefixes
from graph.network.exposure import internet_reach
from graph.network.groups import interface_groups
from graph.network.internet import internet_to_interface
from graph.network.prefixes import PUBLIC, Family, cidrs, is_broad, named
from graph.network.spans import Spans, by_atom
from graph.network.world import NetworkWorld
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, arn, entry, exposed


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str], list[int]]:
    """Count the calls of a function, which still does its work."""

    def count(module: Any, name: str) -> list[int]:
        calls, real = [0], getattr(module, name)

        def counting(*given: Any, **named: Any) -> Any:
            calls[0] += 1
            return real(*given, **named)

        monkeypatch.setattr(module, name, counting)
        return calls

    return count


def crowd(members: int, kinds: int = 1) -> Lab:
    """Machines in a public subnet, alike but for one of several security groups."""
    lab = exposed()
    for kind in range(kinds):
        lab.group(f"sg-{kind}", [allow(f"tcp/{8000 + kind}"), allow("tcp/22", "198.51.100.0/28")])
    for number in range(members):
        name = f"eni-{number}"
        lab.eni(
            name,
            "subnet-a",
            (f"sg-{number % kinds}",),
            private=f"10.0.{1 + number // 250}.{number % 250}",
            public=f"203.0.{number // 250}.{number % 250}",
            instance=f"i-{number}",
        )
        lab.instance(f"i-{number}", (name,))
    return lab


def paths_judged(world: NetworkWorld, counted: Callable[[Any, str], list[int]]) -> int:
    calls = counted(path, "_evaluate")
    before = calls[0]
    internet_reach(world)
    return calls[0] - before


def test_ten_times_the_members_are_no_more_paths(
    tmp_path: Path, counted: Callable[[Any, str], list[int]]
) -> None:
    few, many = crowd(8, 2).build(tmp_path / "a"), crowd(80, 2).build(tmp_path / "b")
    assert len(interface_groups(few)) == len(interface_groups(many)) == 3
    assert paths_judged(few, counted) == paths_judged(many, counted) == 3


def test_ten_times_the_groups_are_ten_times_the_paths(
    tmp_path: Path, counted: Callable[[Any, str], list[int]]
) -> None:
    few, many = crowd(40, 4).build(tmp_path / "a"), crowd(40, 40).build(tmp_path / "b")
    assert paths_judged(few, counted) == 4 + 1
    assert paths_judged(many, counted) == 40 + 1


def test_subnets_that_filter_alike_share_a_path(
    tmp_path: Path, counted: Callable[[Any, str], list[int]]
) -> None:
    lab = crowd(4)
    twin = lab.twin()
    for made, own in ((lab, False), (twin, True)):
        made.subnet("subnet-b", "vpc-1", "10.0.9.0/24")
        made.item("eni-3")["SubnetId"] = "subnet-b"
        made.item("i-3")["NetworkInterfaces"][0]["SubnetId"] = "subnet-b"
        made.item("acl-1")["Associations"].append({"SubnetId": "subnet-b"})
        if own:
            made.table("rtb-b", "vpc-1", [], subnets=("subnet-b",))
    assert paths_judged(lab.build(tmp_path / "a"), counted) == 2
    assert paths_judged(twin.build(tmp_path / "b"), counted) == 3


def test_an_interface_is_judged_once_however_often_it_is_asked_for(
    tmp_path: Path, counted: Callable[[Any, str], list[int]]
) -> None:
    from graph.network import internet

    world = crowd(5).build(tmp_path)
    calls = counted(internet, "_judge")
    internet_reach(world)
    first = calls[0]
    told = [internet_to_interface(world, one) for one in world.facts.interfaces]
    internet_reach(world)
    assert calls[0] == first == len(world.facts.interfaces)
    told[0].clear()
    assert internet_to_interface(world, world.facts.interfaces[0])


def test_ports_with_the_same_rules_are_met_with_a_control_once(
    tmp_path: Path, counted: Callable[[Any, str], list[int]]
) -> None:
    meetings: list[int] = []
    for folder, count in (("a", 5), ("b", 50)):
        lab = exposed([allow(f"tcp/{8000 + 2 * n}") for n in range(count)])
        world = lab.build(tmp_path / folder)
        calls = counted(path, "meet")
        (found,) = internet_to_interface(
            world, world.interfaces[arn("network-interface", "eni-web")]
        )
        assert found.verdict is Verdict.YES
        assert len(found.ports) == count
        meetings.append(calls[0])
    assert meetings[0] == meetings[1]


def test_an_acl_is_gone_through_once_for_all_interfaces(
    tmp_path: Path, counted: Callable[[Any, str], list[int]]
) -> None:
    from graph.network import filters

    counts: list[int] = []
    for folder, kinds in (("a", 2), ("b", 20)):
        lab = crowd(20, kinds)
        lab.item("acl-1")["Entries"].insert(
            0, entry(10, "deny", protocol="6", ports=(23, 23), cidr="203.0.113.0/24")
        )
        world = lab.build(tmp_path / folder)
        calls = counted(filters, "_admitted")
        internet_reach(world)
        counts.append(calls[0])
    assert counts[0] == counts[1]


blocks = st.builds(
    lambda first, length: str(ipaddress.ip_network((first << 24, length), strict=False)),
    st.integers(8, 11),
    st.sampled_from([6, 7, 8, 9, 12]),
) | st.builds(
    lambda low, length: str(ipaddress.ip_network(((8 << 24) + low, length), strict=False)),
    st.integers(0, 255),
    st.integers(24, 32),
)


@given(st.lists(blocks, max_size=12), st.lists(blocks, min_size=1, max_size=12))
def test_only_cidrs_that_touch_a_set_are_looked_at_to_name_it(
    sources: list[str], candidates: list[str]
) -> None:
    some = prefixes.of(sources, Family.IPV4)
    known = prefixes._sorted_cidrs(tuple(candidates), Family.IPV4)
    found = [text for text, _ in prefixes._overlapping(known, some)]
    touching = {text for text in candidates if prefixes.parse(text)[1] & some}
    assert set(found) == touching
    assert len(found) == len(touching)
    places = {text: prefixes.parse(text)[1].pairs[0] for text in found}
    assert found == sorted(found, key=lambda text: (places[text][0], -places[text][1], text))


@given(st.lists(blocks, min_size=1, max_size=8), st.lists(blocks, max_size=8))
def test_names_cover_a_set_whatever_else_is_known(sources: list[str], others: list[str]) -> None:
    some = prefixes.of(sources, Family.IPV4) & PUBLIC[Family.IPV4]
    shown = prefixes.of(named(some, Family.IPV4, others), Family.IPV4)
    assert shown.covers(some)
    broad = [text for text in named(some, Family.IPV4, others) if is_broad(text)]
    assert broad == [text for text in named(some, Family.IPV4, ()) if is_broad(text)]
    if not broad:
        assert named(some, Family.IPV4, ()) == cidrs(some, Family.IPV4)


spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda p: (min(p), max(p))), max_size=3
).map(Spans.of)


@given(spans, st.lists(st.none() | spans, max_size=5))
def test_sets_are_sorted_to_the_atoms_that_they_hold(
    whole: Spans, sets: list[Spans | None]
) -> None:
    from graph.network.spans import atoms

    parts = atoms(whole, [one for one in sets if one is not None])
    held = [[n for n, one in enumerate(sets) if one is None or first in one] for first, _ in parts]
    assert by_atom(parts, sets) == held


octets = st.sampled_from(("0", "1", "10", "255", "256", "01", "1000", "-1", "a", "", "\u0661"))
lengths = st.sampled_from(("", "/0", "/8", "/32", "/33", "/08", "/-1", "/", "/255.0.0.0", "/ 8"))


@given(st.lists(octets, min_size=3, max_size=5).map(".".join), lengths, st.sampled_from(("", " ")))
def test_ipv4_is_read_as_pythons_own_module_reads_it(address: str, bits: str, blank: str) -> None:
    text = f"{blank}{address}{bits}{blank}"
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        with pytest.raises(ValueError, match="does not appear to be"):
            prefixes.parse(text)
        return
    found, spans = prefixes.parse(text)
    assert found is Family.IPV4
    assert spans.pairs == ((int(network[0]), int(network[-1])),)
