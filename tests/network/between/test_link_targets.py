"""PrivateLink: what the service's load balancer serves, in what state, and what is not known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network.between.ends import end_of
from graph.network.between.pair import acl_at
from graph.network.between.private_link import end_through_links
from graph.network.prefixes import Family
from graph.network.reach import Reach
from network.aws_shapes import Lab, allow, arn, entry
from network.between.lab import A, B, JoinedLab, peering, route, side
from network.between.test_private_link_and_on_prem import linked
from network.test_load_balancers import NLB, target
from snapshot_files import ACCOUNT, REGION

GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/web/1"
PLACE = f"@{ACCOUNT}/{REGION}"


def through(lab: Lab, folder: Path, to: str = arn("instance", "i-b")) -> list[Reach]:
    world = lab.build(folder)
    source, goal = end_of(world, A), end_of(world, to)
    assert source is not None
    assert goal is not None
    return end_through_links(world, source, goal)


def call(lab: Lab, name: str, operation: str) -> dict[str, Any]:
    for found in lab.lines.values():
        if name in found:
            made: dict[str, Any] = found[name]["calls"][operation]
            return made
    raise KeyError(name)


def refused(lab: Lab, name: str, operation: str) -> None:
    made = call(lab, name, operation)
    made.clear()
    made |= {"status": "denied", "error": "AccessDenied"}


def without(name: str, operation: str) -> Callable[[Lab], None]:
    def change(lab: Lab) -> None:
        lab.remove(name)
        lab.deny(operation)

    return change


MISSING: list[tuple[Callable[[Lab], None], str, tuple[str, ...]]] = [
    (
        without("vpce-svc-1", "ec2.describe_vpc_endpoint_service_configurations"),
        f"ec2.describe_vpc_endpoint_service_configurations{PLACE}",
        ("tcp/22",),
    ),
    (
        without("vpce-1", "ec2.describe_vpc_endpoints"),
        f"ec2.describe_vpc_endpoints{PLACE}",
        ("tcp/22",),
    ),
    (
        without(NLB, "elbv2.describe_load_balancers"),
        f"elbv2.describe_load_balancers{PLACE}",
        ("tcp/22",),
    ),
    (
        without(GROUP, "elbv2.describe_target_groups"),
        f"elbv2.describe_target_groups{PLACE}",
        ("tcp/22",),
    ),
    (
        lambda lab: refused(lab, NLB, "describe_listeners"),
        f"elbv2.describe_listeners({NLB}){PLACE}",
        ("tcp/22",),
    ),
    (
        lambda lab: refused(lab, GROUP, "describe_target_health"),
        f"elbv2.describe_target_health({GROUP}){PLACE}",
        ("tcp/22",),
    ),
]


@pytest.mark.parametrize(("change", "gap", "ports"), MISSING)
def test_what_was_not_collected_may_lead_there(
    tmp_path: Path, change: Callable[[Lab], None], gap: str, ports: tuple[str, ...]
) -> None:
    lab = linked()
    change(lab)
    (found,) = through(lab, tmp_path / "open")
    assert (str(found.verdict), found.answer.conditions) == ("unknown", (f"not_collected:{gap}",))
    assert found.ports == ports
    lab.item("sg-b")["IpPermissions"] = []
    assert through(lab, tmp_path / "closed") == []


def test_connections_that_were_not_collected_hide_nothing(tmp_path: Path) -> None:
    """The endpoint's own state says that it is connected."""
    lab = linked()
    without("con-1", "ec2.describe_vpc_endpoint_connections")(lab)
    (found,) = through(lab, tmp_path)
    assert str(found.verdict) == "yes"


def test_services_of_others_are_not_behind_what_was_collected(tmp_path: Path) -> None:
    lab = linked()
    lab.remove("vpce-svc-1")
    assert through(lab, tmp_path) == []


def state(code: str) -> Callable[[Lab], None]:
    return lambda lab: lab.item(NLB).update({"State": {"Code": code}})


def health(of: str, reason: str = "") -> Callable[[Lab], None]:
    def change(lab: Lab) -> None:
        told = {"State": of, "Reason": reason}
        call(lab, GROUP, "describe_target_health")["value"][0]["TargetHealth"] = told

    return change


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (state("active"), "yes"),
        (state("failed"), "dormant"),
        (state("provisioning"), "dormant"),
        (health("healthy"), "yes"),
        (health("draining"), "dormant"),
        (health("unhealthy"), "conditional"),
    ],
)
def test_the_state_of_the_load_balancer_and_of_its_target(
    tmp_path: Path, change: Callable[[Lab], None], verdict: str
) -> None:
    """All targets unhealthy: a network load balancer sends to them all the same."""
    lab = linked()
    change(lab)
    (found,) = through(lab, tmp_path)
    assert str(found.verdict) == verdict


@pytest.mark.parametrize(
    ("protocol", "permission", "ports"),
    [
        ("TCP", "tcp/22", ("tcp/22",)),
        ("TCP", "udp/22", ()),
        ("UDP", "udp/22", ("udp/22",)),
        ("TCP_UDP", "udp/22", ("udp/22",)),
        ("TCP_UDP", "tcp/22", ("tcp/22",)),
        ("QUIC", "udp/22", ("udp/22",)),
        ("QUIC", "tcp/22", ()),
    ],
)
def test_the_target_groups_protocol(
    tmp_path: Path, protocol: str, permission: str, ports: tuple[str, ...]
) -> None:
    lab = linked()
    lab.item(GROUP)["Protocol"] = protocol
    lab.item("sg-b")["IpPermissions"] = [allow(permission, "10.0.0.0/8")]
    assert tuple(name for one in through(lab, tmp_path) for name in one.ports) == ports


def elsewhere(*, peer: bool) -> JoinedLab:
    """The service's load balancer sends to an address in a VPC that is peered with its own."""
    lab = linked()
    side(lab, "c", 3, [route("10.2.0.0/16", "pcx-1")])
    if peer:
        lab.item("rtb-b")["Routes"].append(route("10.3.0.0/16", "pcx-1"))
        peering(lab, "pcx-1", "vpc-b", "vpc-c")
    lab.item(GROUP)["TargetType"] = "ip"
    call(lab, GROUP, "describe_target_health")["value"] = [target("10.3.1.10", 22)]
    return lab


def test_an_address_in_a_peered_vpc_is_a_target_too(tmp_path: Path) -> None:
    there = arn("network-interface", "eni-c")
    (found,) = through(elsewhere(peer=True), tmp_path / "joined", there)
    assert (str(found.verdict), found.target, found.ports) == ("yes", there, ("tcp/22",))
    assert through(elsewhere(peer=False), tmp_path / "apart", there) == []


@pytest.mark.parametrize("to", [arn("instance", "i-b"), B])
def test_a_target_may_be_asked_for_by_its_interface(tmp_path: Path, to: str) -> None:
    (found,) = through(linked(), tmp_path, to)
    assert (str(found.verdict), found.target) == ("yes", to)


@pytest.mark.parametrize(
    ("rules", "verdicts"), [([allow("tcp/22", "10.0.0.0/8")], ["unknown"]), ([], [])]
)
def test_an_endpoint_whose_interfaces_were_not_collected(
    tmp_path: Path, rules: list[Any], verdicts: list[str]
) -> None:
    lab = linked()
    lab.remove("eni-e")
    lab.item("sg-b")["IpPermissions"] = rules
    assert [str(one.verdict) for one in through(lab, tmp_path)] == verdicts


def test_an_acl_keeps_families_apart(tmp_path: Path) -> None:
    """10.1.1.10 and ::a01:10a are the same number."""
    lab = linked()
    lab.acl("acl-b", "vpc-b", [entry(100), entry(100, egress=True)], ("subnet-b",))
    world = lab.build(tmp_path)
    subnet = arn("subnet", "subnet-b")
    assert acl_at(world, subnet, "in", "10.1.1.10", Family.IPV4).surely
    assert not acl_at(world, subnet, "in", "::a01:10a", Family.IPV6).surely
