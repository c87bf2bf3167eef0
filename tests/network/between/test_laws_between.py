"""Laws that hold whatever the world: found by hypothesis over small worlds."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.network.between.pair import interface_to_interface
from graph.network.ports import TCP, of_protocol
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab, allow, entry
from network.between.lab import (
    JoinedLab,
    attachment,
    between,
    gateway,
    peering,
    route,
    side,
    transit_route,
    transit_table,
)

PORTS = ("tcp/22", "tcp/1-1023", "udp/53", "-1", "icmp")
CIDRS = ("10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24", "10.1.1.10/32", "10.2.1.0/25", "0.0.0.0/0")
TARGETS = ("pcx-1", "tgw-1", "igw-1", "vgw-1")

rules = st.lists(
    st.builds(allow, st.sampled_from(PORTS), st.sampled_from(CIDRS)), min_size=0, max_size=3
)
routes = st.lists(
    st.builds(
        route,
        st.sampled_from(("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16", "10.2.1.0/24")),
        st.sampled_from(TARGETS),
        st.sampled_from(("active", "active", "active", "blackhole")),
    ),
    max_size=3,
    unique_by=lambda one: one["DestinationCidrBlock"],
)
entries = st.lists(
    st.builds(
        entry,
        st.integers(1, 9),
        st.sampled_from(("allow", "allow", "deny")),
        egress=st.booleans(),
        protocol=st.sampled_from(("-1", "6")),
        cidr=st.sampled_from(CIDRS),
    ),
    max_size=3,
)


@st.composite
def worlds(draw: st.DrawFn) -> JoinedLab:
    lab = JoinedLab()
    for letter, number in (("a", 1), ("b", 2)):
        side(lab, letter, number, draw(routes))
        lab.item(f"sg-{letter}")["IpPermissions"] = draw(rules)
        lab.item(f"sg-{letter}")["IpPermissionsEgress"] = [*draw(rules), allow("tcp/22")]
        lab.item(f"acl-{letter}")["Entries"] = [
            *draw(entries),
            entry(90, cidr="0.0.0.0/0"),
            entry(90, egress=True, cidr="0.0.0.0/0"),
        ]
    peering(lab, "pcx-1", "vpc-a", "vpc-b", draw(st.sampled_from(("active", "deleted"))))
    gateway(lab, "tgw-1")
    for letter in "ab":
        attachment(lab, f"tgw-attach-{letter}", "tgw-1", f"vpc-{letter}", (f"subnet-{letter}",))
    ways = [
        transit_route("10.1.0.0/16", "tgw-attach-a"),
        transit_route("10.2.0.0/16", "tgw-attach-b"),
    ]
    kept = draw(st.lists(st.sampled_from(ways), max_size=2, unique_by=str))
    transit_table(lab, "tgw-rtb-1", "tgw-1", kept, ("tgw-attach-a", "tgw-attach-b"))
    return lab


Told = dict[str, Any]


def judged(lab: Lab) -> Told:
    with tempfile.TemporaryDirectory() as folder:
        world = lab.build(Path(folder))
        (found,) = [one for one in between(world) if one.family == "ipv4"]
        assert interface_to_interface(
            world, *(world.interfaces[i] for i in sorted(world.interfaces))
        )
    return {
        "verdict": found.verdict,
        "ports": found.port_set,
        "others": found.other_ports,
        "conditions": found.answer.conditions,
    }


@settings(max_examples=40, deadline=None)
@given(worlds(), st.sampled_from(PORTS), st.sampled_from(CIDRS), st.sampled_from("ab"))
def test_an_allow_rule_never_closes(lab: JoinedLab, port: str, cidr: str, letter: str) -> None:
    more = copy.deepcopy(lab)
    member = "IpPermissions" if letter == "b" else "IpPermissionsEgress"
    more.item(f"sg-{letter}")[member].append(allow(port, cidr))
    before, after = judged(lab), judged(more)
    assert after["verdict"].rank >= before["verdict"].rank
    if after["verdict"] is before["verdict"]:
        assert after["ports"].covers(before["ports"])


@settings(max_examples=40, deadline=None)
@given(worlds(), st.sampled_from("ab"), st.integers(1, 3))
def test_fewer_ways_never_open(lab: JoinedLab, letter: str, count: int) -> None:
    """A transit gateway's table, an attachment or a peering that goes away opens nothing."""
    less = copy.deepcopy(lab)
    if count == 1:
        less.remove(f"tgw-attach-{letter}")
    if count == 2:
        less.item("pcx-1")["Status"] = {"Code": "deleted"}
    if count == 3:
        less.remove("tgw-rtb-1")
    assert judged(less)["verdict"].rank <= judged(lab)["verdict"].rank


@settings(max_examples=40, deadline=None)
@given(worlds(), st.sampled_from("ab"))
def test_removing_the_only_route_never_opens(lab: JoinedLab, letter: str) -> None:
    """Without the way there nothing gets through, without the way back no TCP."""
    less = copy.deepcopy(lab)
    item = less.item(f"rtb-{letter}")
    item["Routes"] = item["Routes"][:1]
    found = judged(less)
    assert found["verdict"].rank <= judged(lab)["verdict"].rank
    assert not found["ports"] & of_protocol(TCP)
    assert letter == "b" or found["verdict"] is Verdict.NO


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_order_changes_nothing(lab: JoinedLab, shuffled: Any) -> None:
    other = copy.deepcopy(lab)
    for letter in "ab":
        for name, members in (
            (f"sg-{letter}", ("IpPermissions", "IpPermissionsEgress")),
            (f"rtb-{letter}", ("Routes",)),
        ):
            for member in members:
                shuffled.shuffle(other.item(name)[member])
    assert judged(other) == judged(lab)


def halves(cidr: str) -> list[str]:
    import ipaddress

    network = ipaddress.ip_network(cidr)
    return [str(one) for one in network.subnets(1)] if network.prefixlen < 32 else [cidr]


def split_rules(permissions: list[Json]) -> list[Json]:
    found = []
    for one in permissions:
        ranges = [{"CidrIp": h} for r in one["IpRanges"] for h in halves(r["CidrIp"])]
        found.append({**one, "IpRanges": ranges})
    return found


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_splitting_a_range_changes_nothing(lab: JoinedLab) -> None:
    other = copy.deepcopy(lab)
    for letter in "ab":
        group = other.item(f"sg-{letter}")
        for member in ("IpPermissions", "IpPermissionsEgress"):
            group[member] = split_rules(group[member])
        table = other.item(f"rtb-{letter}")
        table["Routes"] = [
            {**one, "DestinationCidrBlock": half}
            for one in table["Routes"]
            for half in halves(one["DestinationCidrBlock"])
            if half not in {r["DestinationCidrBlock"] for r in table["Routes"]}
            or half == one["DestinationCidrBlock"]
        ]
    assert judged(other) == judged(lab)
