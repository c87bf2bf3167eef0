"""Which registered targets get traffic: their own health, and when too few others are healthy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.facts import Facts, LoadBalancer, Target, TargetGroup
from graph.network.health import health_of
from graph.network.reach import Reach
from graph.network.world import NetworkWorld
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Json, Lab
from network.test_load_balancers import (
    ALB,
    CLB,
    GROUP,
    NLB,
    balancer,
    behind_alb,
    behind_nlb,
    classic,
    listener,
    one,
    target,
    target_group,
)

Judge = Callable[[Lab], list[Reach]]
ROUTING = "target_group_health.unhealthy_state_routing.minimum_healthy_targets"
ALL = ("context:target-health=all-unhealthy",)
FEW = ("context:target-health=too-few-healthy",)


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    count = iter(range(100))
    return lambda lab: internet_reach(lab.build(tmp_path / str(next(count))))


def at_least(count: str = "1", percentage: str = "off") -> list[Json]:
    return [
        {"Key": f"{ROUTING}.count", "Value": count},
        {"Key": f"{ROUTING}.percentage", "Value": percentage},
    ]


@pytest.mark.parametrize(
    ("states", "attributes", "verdict", "conditions"),
    [
        (("unhealthy", "unhealthy"), [], Verdict.CONDITIONAL, ALL),
        (("unhealthy", "healthy"), [], Verdict.DORMANT, ()),
        (("unhealthy", "unavailable"), [], Verdict.DORMANT, ()),
        (("unhealthy.draining", "unused"), [], Verdict.CONDITIONAL, ALL),
        (("unhealthy", "healthy"), at_least("2"), Verdict.CONDITIONAL, FEW),
        (("unhealthy", "healthy"), at_least("1", "60"), Verdict.CONDITIONAL, FEW),
        (("unhealthy", "healthy"), at_least("1", "50"), Verdict.DORMANT, ()),
        (("unhealthy", "healthy"), at_least("many", "²"), Verdict.DORMANT, ()),
        (("healthy", "unhealthy"), [], Verdict.YES, ()),
        (("initial", "unhealthy"), [], Verdict.YES, ()),
        (("draining", "unhealthy"), [], Verdict.DORMANT, ()),
        (("unused", "unhealthy"), [], Verdict.DORMANT, ()),
    ],
)
def test_a_target_beside_another(
    judge: Judge,
    states: tuple[str, str],
    attributes: list[Json],
    verdict: Verdict,
    conditions: tuple[str, ...],
) -> None:
    lab = behind_alb()
    mine, other = states
    targets = [target("i-web", state=mine), target("i-other", state=other)]
    target_group(lab, targets=targets, attributes=attributes)
    found = one(judge(lab), INSTANCE, "alb/ipv4")
    assert (found.verdict, found.answer.conditions) == (verdict, conditions)
    assert any(f"Target is {mine}" in text for text in found.answer.evidence)


def two_zones() -> Lab:
    """A target in each zone of a network load balancer; the one in zone b is healthy."""
    lab = behind_nlb()
    lab.subnet("subnet-b", "vpc-1", "10.0.2.0/24", zone="b")
    lab.eni("eni-b", "subnet-b", ("sg-web",), private="10.0.2.10", instance="i-b")
    lab.instance("i-b", ("eni-b",))
    targets = [target("i-web", state="unhealthy"), target("i-b")]
    target_group(lab, protocol="TCP", targets=targets)
    return lab


def test_zones_count_apart_while_cross_zone_load_balancing_is_off(judge: Judge) -> None:
    lab = two_zones()
    subnets = ("subnet-a", "subnet-b")
    balancer(lab, NLB, [listener(protocol="TCP")], subnets=subnets)
    found = one(judge(lab), INSTANCE, "nlb/ipv4")
    assert (found.verdict, found.answer.conditions) == (Verdict.CONDITIONAL, ALL)
    on = [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]
    balancer(lab, NLB, [listener(protocol="TCP")], subnets=subnets, attributes=on)
    assert one(judge(lab), INSTANCE, "nlb/ipv4").verdict is Verdict.DORMANT


def test_a_target_outside_the_vpc_counts_in_every_zone(judge: Judge) -> None:
    lab = two_zones()
    balancer(lab, NLB, [listener(protocol="TCP")], subnets=("subnet-a", "subnet-b"))
    here, there = target("10.0.1.10", state="unhealthy"), target("192.168.0.9")
    there["Target"]["AvailabilityZone"] = "all"
    lab.item("sg-web")["IpPermissions"][0]["IpRanges"] = [{"CidrIp": "10.0.0.0/8"}]
    target_group(lab, kind="ip", protocol="TCP", targets=[here, there])
    assert one(judge(lab), INSTANCE, "nlb/ipv4").verdict is Verdict.DORMANT
    there["TargetHealth"]["State"] = "unhealthy"
    target_group(lab, kind="ip", protocol="TCP", targets=[here, there])
    assert one(judge(lab), INSTANCE, "nlb/ipv4").answer.conditions == ALL


def test_a_classic_load_balancer_sends_nothing_to_what_is_out_of_service(judge: Judge) -> None:
    lab = behind_alb()
    lab.remove(ALB)
    classic(lab)
    assert one(judge(lab), INSTANCE, "clb/ipv4").verdict is Verdict.YES
    for found in lab.lines.values():
        if "old" in found and found["old"]["id"] == CLB:
            state = found["old"]["calls"]["describe_instance_health"]["value"][0]
            state["State"] = "OutOfService"
    assert one(judge(lab), INSTANCE, "clb/ipv4").verdict is Verdict.DORMANT


class Counted(tuple[Target, ...]):
    """Targets that count how often they are gone through."""

    passes = 0

    def __iter__(self) -> Iterator[Any]:
        type(self).passes += 1
        return super().__iter__()


@pytest.mark.parametrize("size", [10, 1000])
def test_targets_are_gone_through_once_for_all_of_them(size: int) -> None:
    listed = Counted(Target(f"i-{number}", health="unhealthy") for number in range(size))
    group = TargetGroup("group", "instance", targets=listed)
    world = NetworkWorld(Facts(target_groups=(group,)))
    front = LoadBalancer("front", "application", vpc="vpc-1")
    Counted.passes = 0
    found = [health_of(world, front, group, listed[n], zone) for n in range(size) for zone in "ab"]
    assert {one.verdict for one in found} == {Verdict.CONDITIONAL}
    assert Counted.passes == 1


def shifted(name: str, how: str, state: str = "healthy") -> Json:
    return target(name, state=state) | {"AdministrativeOverride": {"State": how}}


@pytest.mark.parametrize(
    ("how", "other", "verdict"),
    [
        ("zonal_shift_active", "healthy", Verdict.DORMANT),
        ("zonal_shift_active", "unhealthy", Verdict.YES),
        ("no_override", "healthy", Verdict.YES),
        ("zonal_shift_delegated_to_dns", "healthy", Verdict.YES),
    ],
)
def test_a_zonal_shift_takes_traffic_away_where_others_serve(
    judge: Judge, how: str, other: str, verdict: Verdict
) -> None:
    lab = behind_alb()
    lab.remove(GROUP)
    target_group(lab, targets=[shifted("i-web", how), target("i-two", state=other)])
    assert one(judge(lab), INSTANCE, "alb/ipv4").verdict is verdict
