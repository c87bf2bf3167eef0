"""Who of many reaches whom of many: the same as asking pair by pair."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from graph.network.between import many as many_module
from graph.network.between.ends import End, end_of
from graph.network.between.every_way import every_way
from graph.network.between.like_ends import alike
from graph.network.between.many import Many, many_to_many
from graph.network.reach import Reach
from graph.network.world import NetworkWorld
from graph.verdict import Verdict
from network.aws_shapes import IGW_V4, allow, arn
from network.between.lab import JoinedLab, peered
from network.between.random_worlds import drawn_world
from network.test_load_balancers import balancer, listener
from snapshot_files import ACCOUNT

Told = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
Answered = dict[tuple[str, str, str], Told]
BALANCER = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/app/web/1"


def told(reach: Reach) -> Told:
    return str(reach.verdict), reach.ports, reach.other_ports, reach.answer.conditions


def pair_by_pair(world: NetworkWorld, ends: list[End]) -> Answered:
    return {
        (source.id, target.id, reach.mechanism): told(reach)
        for source in ends
        for target in ends
        if source.id != target.id
        for reach in every_way(world, source, target)
        if reach.verdict is not Verdict.NO
    }


def opened(found: Many) -> Answered:
    made: Answered = {}
    for one in found.openings:
        pairs = [(s, t) for s in one.sources for t in one.targets if s != t]
        assert one.pairs == len(pairs) > 0
        assert (one.reach.source, one.reach.target) in pairs
        for source, target in pairs:
            key = (source, target, one.reach.mechanism)
            assert key not in made
            made[key] = told(one.reach)
    return made


def asked(world: NetworkWorld, ends: list[End], calls: list[int] | None = None) -> Many:
    def judge(source: End, target: End) -> list[Reach]:
        if calls is not None:
            calls.append(1)
        return every_way(world, source, target)

    return many_to_many(world, ends, ends, judge)


@pytest.mark.parametrize("one_by_one", [0, 10**6])
@pytest.mark.parametrize("seed", range(12))
def test_groups_answer_as_their_pairs_do(
    seed: int, one_by_one: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where pairs that nothing can join are left out unasked."""
    monkeypatch.setattr(many_module, "ASKED_ONE_BY_ONE", one_by_one)
    world = drawn_world(random.Random(seed))
    ends = [End(one.id, (one,)) for one in world.facts.interfaces]
    assert opened(asked(world, ends)) == pair_by_pair(world, ends)


def crowd(lab: JoinedLab, count: int) -> list[str]:
    """Machines beside ``eni-a`` that are like it."""
    names = [f"eni-a{number}" for number in range(count)]
    for number, name in enumerate(names):
        lab.eni(name, "subnet-a", ("sg-a",), private=f"10.1.1.{20 + number}", vpc="vpc-a")
    return names


def ends_of(world: NetworkWorld) -> list[End]:
    return [End(one.id, (one,)) for one in world.facts.interfaces]


def test_what_is_alike_is_judged_once(tmp_path: Path) -> None:
    """Beside twins that a rule names by address, or that stand elsewhere."""
    lab = peered()
    crowd(lab, 6)
    world = lab.build(tmp_path / "one")
    calls: list[int] = []
    found = asked(world, ends_of(world), calls)
    assert opened(found) == pair_by_pair(world, ends_of(world))
    assert len(calls) == 3
    assert len(found.openings) == 3
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "10.1.1.23/32")]
    world = lab.build(tmp_path / "two")
    made = opened(asked(world, ends_of(world)))
    assert made == pair_by_pair(world, ends_of(world))
    into = {source for source, target, _ in made if target == arn("network-interface", "eni-b")}
    assert into == {arn("network-interface", "eni-a3")}


def test_those_that_all_reach_one_another_share_a_row(tmp_path: Path) -> None:
    lab = JoinedLab()
    made = peered()
    lab.lines, lab.answered = made.lines, made.answered
    crowd(lab, 3)
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22", f"10.1.1.{n}/32") for n in (10, 20, 21)]
    world = lab.build(tmp_path / "snapshot")
    inside = [one for one in ends_of(world) if one.interfaces[0].vpc == arn("vpc", "vpc-a")]
    found = asked(world, inside)
    assert opened(found) == pair_by_pair(world, inside)
    assert sum(one.pairs for one in found.openings) == 3 * 3


@pytest.mark.parametrize("one_by_one", [0, 10**6])
def test_ways_that_are_not_private_are_found_too(
    tmp_path: Path, one_by_one: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public load balancer without interfaces; its twin is internal."""
    monkeypatch.setattr(many_module, "ASKED_ONE_BY_ONE", one_by_one)
    lab = peered("deleted")
    own = {"PublicIp": "198.51.100.7"}
    lab.item("eni-a")["PrivateIpAddresses"][0]["Association"] = own
    lab.item("eni-a")["Association"] = own
    for letter in "ab":
        item = {"InternetGatewayId": f"igw-{letter}", "OwnerId": ACCOUNT}
        item["Attachments"] = [{"VpcId": f"vpc-{letter}", "State": "available"}]  # type: ignore[assignment]
        lab.add("ec2:internet-gateway", f"igw-{letter}", arn("internet-gateway", letter), item)
        lab.item(f"rtb-{letter}")["Routes"].append(dict(IGW_V4, GatewayId=f"igw-{letter}"))
    lab.group("sg-web", [allow("tcp/80")], "vpc-b")
    served = [listener(80, 80, "HTTP", [{"Type": "fixed-response"}])]
    more = {"LoadBalancerName": "web", "VpcId": "vpc-b", "SecurityGroups": ["sg-web"]}
    balancer(lab, BALANCER, served, subnets=("subnet-b",), **more)
    for scheme, mechanisms in (("internet-facing", {"internet/ipv4"}), ("internal", set())):
        lab.item(BALANCER)["Scheme"] = scheme
        world = lab.build(tmp_path / scheme)
        web = end_of(world, BALANCER)
        assert web is not None
        a = next(one for one in ends_of(world) if one.id.endswith("eni-a"))
        found = many_to_many(world, [a], [web], lambda s, t, w=world: every_way(w, s, t))
        assert {one.reach.mechanism for one in found.openings} == mechanisms


def test_what_is_too_much_is_counted(tmp_path: Path) -> None:
    lab = peered()
    crowd(lab, 4)
    world = lab.build(tmp_path / "snapshot")
    ends = ends_of(world)

    def judge(source: End, target: End) -> list[Reach]:
        return every_way(world, source, target)

    whole = many_to_many(world, ends, ends, judge)
    cut = many_to_many(world, ends, ends, judge, most=1)
    none = many_to_many(world, ends, ends, judge, most=0)
    assert (whole.left, whole.pairs, cut.pairs) == (0, 30, 30)
    assert 0 < cut.left < none.left == 30
    assert none.openings == ()


def test_unlike_ends(tmp_path: Path) -> None:
    """Each differs from the others in one thing that a control may ask about."""
    lab = peered()
    crowd(lab, 2)
    world = lab.build(tmp_path / "snapshot")
    one, other = (world.interfaces[arn("network-interface", f"eni-a{n}")] for n in (0, 1))
    same = [End("x", (one,)), End("y", (other,))]
    assert len(alike(world, same)) == 1
    for changed in (
        replace(other, groups=()),
        replace(other, groups=None),
        replace(other, subnet="subnet-z"),
        replace(other, account_id="444455556666"),
        replace(other, deny_igw=True),
        replace(other, kind="lambda"),
        replace(other, ipv6=("2001:db8::1",)),
        replace(other, unread=("PrivateIpAddresses",)),
    ):
        assert len(alike(world, [same[0], End("y", (changed,))])) == 2


def test_who_reaches_only_itself_is_no_source(tmp_path: Path) -> None:
    """Two machines are alike as senders; the only one that is reached is one of them."""
    lab = peered()
    lab.group("sg-closed", [], "vpc-a")
    for number, machine in enumerate(("i-c", "i-web")):
        name = f"eni-{machine}"
        private = f"10.1.1.{40 + number}"
        lab.eni(name, "subnet-a", ("sg-closed",), private=private, vpc="vpc-a", instance=machine)
        lab.instance(machine, (name,))
    lab.eni("eni-in", "subnet-a", ("sg-a",), private="10.1.1.50", vpc="vpc-a", instance="i-web")
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22", "10.1.0.0/16")]
    lab.instance("i-web", ("eni-i-web", "eni-in"))
    world = lab.build(tmp_path)
    machines = [arn("instance", "i-c"), arn("instance", "i-web")]
    closed = [
        End(name, (world.interfaces[arn("network-interface", f"eni-{name.rpartition('/')[2]}")],))
        for name in machines
    ]
    target = end_of(world, machines[1])
    assert target is not None
    found = many_to_many(world, closed, [target], lambda one, other: every_way(world, one, other))
    assert [(one.sources, one.targets, one.pairs) for one in found.openings] == [
        ((machines[0],), (machines[1],), 1)
    ]
