"""Where a zone or an appliance decides which way packets take, no verdict is of one way only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network import ports
from graph.network.between.egress import interface_to_internet
from graph.network.between.on_prem import on_prem_to_interface
from graph.network.exposure import internet_reach
from graph.verdict import Verdict
from network.aws_shapes import ENI, Json, Lab, entry, open_acl
from network.between.lab import OTHER, A, B
from network.between.test_egress import central
from network.between.test_private_rules import by_vpn
from network.test_behind_appliances import one_armed, to_an_instance
from network.test_internet_to_instance import firewalled
from network.test_targets_elsewhere import TARGET, one, transited
from snapshot_files import REGION

TCP = ports.of_protocol(ports.TCP)
SHUT = [entry(100)]
ZONE = ("context:availability-zone",)
CHOICES = pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (open_acl(), open_acl(), Verdict.YES),
        (open_acl(), SHUT, Verdict.CONDITIONAL),
        (SHUT, open_acl(), Verdict.CONDITIONAL),
        (SHUT, SHUT, Verdict.NO),
    ],
    ids=["both open", "the first", "the second", "none"],
)


def in_zone(lab: Lab, letter: str, *subnets: str) -> None:
    for name in subnets:
        lab.item(name)["AvailabilityZone"] = f"{REGION}{letter}"


@CHOICES
def test_a_load_balancers_way_over_a_transit_gateway(
    tmp_path: Path, first: list[Json], second: list[Json], verdict: Verdict
) -> None:
    lab = transited()
    lab.subnet("subnet-tgw-c", "vpc-b", "10.2.10.0/28", zone="c", account=OTHER)
    lab.acl("acl-tgw-c", "vpc-b", second, ("subnet-tgw-c",), OTHER)
    lab.item("acl-tgw-b")["Entries"] = first
    lab.item("tgw-attach-b")["SubnetIds"] = ["subnet-tgw-b", "subnet-tgw-c"]
    found = one(internet_reach(lab.build(tmp_path)), TARGET, "alb/ipv4")
    assert found.verdict is verdict
    assert found.answer.conditions == (ZONE if verdict is Verdict.CONDITIONAL else ())


@CHOICES
def test_the_way_in_from_premises_over_a_transit_gateway(
    tmp_path: Path, first: list[Json], second: list[Json], verdict: Verdict
) -> None:
    lab = by_vpn()
    for letter, entries in (("x", first), ("y", second)):
        lab.subnet(f"subnet-{letter}", "vpc-b", f"10.2.{ord(letter)}.0/28")
        lab.acl(f"acl-{letter}", "vpc-b", entries, (f"subnet-{letter}",))
    in_zone(lab, "b", "subnet-y")
    lab.item("tgw-attach-b")["SubnetIds"] = ["subnet-x", "subnet-y"]
    world = lab.build(tmp_path)
    found = on_prem_to_interface(world, world.interfaces[B])
    assert [one.verdict for one in found] == ([verdict] if verdict is not Verdict.NO else [])
    conditions = [one.answer.conditions for one in found if one.verdict is Verdict.CONDITIONAL]
    assert conditions == ([ZONE] if verdict is Verdict.CONDITIONAL else [])


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "in reverse"])
@pytest.mark.parametrize(
    ("entries", "verdict"), [(open_acl(), Verdict.YES), (SHUT, Verdict.CONDITIONAL)]
)
def test_replies_of_the_internet_over_a_transit_gateway(
    tmp_path: Path, entries: list[Json], verdict: Verdict, turned: bool
) -> None:
    lab = central()
    lab.subnet("subnet-x", "vpc-a", "10.1.20.0/28")
    lab.acl("acl-x", "vpc-a", entries, ("subnet-x",))
    in_zone(lab, "b", "subnet-x")
    in_zone(lab, "c", "subnet-e", "subnet-n")
    ids = ["subnet-a", "subnet-x"]
    lab.item("tgw-attach-a")["SubnetIds"] = ids[::-1] if turned else ids
    lab.subnet("subnet-z", "vpc-e", "10.9.30.0/28")
    lab.acl("acl-z", "vpc-e", open_acl(), ("subnet-z",))
    way = lab.item("rtb-t")["Associations"]
    way.append({"SubnetId": "subnet-z", "AssociationState": {"State": "associated"}})
    lab.item("tgw-attach-e")["SubnetIds"] = ["subnet-e", "subnet-z"]
    world = lab.build(tmp_path)
    (found,) = interface_to_internet(world, world.interfaces[A])
    assert found.verdict is verdict
    assert found.answer.conditions == (ZONE if verdict is Verdict.CONDITIONAL else ())


def shut_in(lab: Lab) -> None:
    """The target's own network ACL lets packets out only."""
    lab.item("acl-1")["Entries"] = [entry(100, egress=True)]


@pytest.mark.parametrize(
    ("made", "verdict"),
    [(to_an_instance, Verdict.CONDITIONAL), (one_armed, Verdict.NO)],
    ids=["an interface beside the sender", "one elsewhere"],
)
def test_replies_that_an_appliance_hands_over_inside_the_senders_subnet(
    tmp_path: Path, made: Callable[[], Lab], verdict: Verdict
) -> None:
    def tls(lab: Lab, folder: str) -> Verdict:
        world = lab.build(tmp_path / folder)
        (found,) = interface_to_internet(world, world.interfaces[ENI], TCP, "198.51.100.77")
        return found.verdict

    assert tls(made(), "open") is Verdict.CONDITIONAL
    lab = made()
    shut_in(lab)
    assert tls(lab, "shut") is verdict


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "in reverse"])
@pytest.mark.parametrize(("open_one", "verdict"), [(True, "conditional"), (False, "no")])
def test_an_endpoint_in_several_subnets_is_followed_into_each(
    tmp_path: Path, open_one: bool, verdict: str, turned: bool
) -> None:
    lab = firewalled()
    lab.subnet("subnet-g", "vpc-1", "10.0.8.0/24")
    lab.acl("acl-g", "vpc-1", open_acl() if open_one else [], ("subnet-g",))
    table: dict[str, Any] = lab.item("rtb-fw")
    table["Associations"].append(
        {"SubnetId": "subnet-g", "AssociationState": {"State": "associated"}}
    )
    lab.item("acl-fw")["Entries"] = []
    ids = ["subnet-fw", "subnet-g"]
    lab.item("vpce-fw")["SubnetIds"] = ids[::-1] if turned else ids
    world = lab.build(tmp_path)
    found = [one for one in internet_reach(world) if one.family == "ipv4"]
    assert [str(one.verdict) for one in found] == [verdict]
    (out,) = interface_to_internet(world, world.interfaces[ENI], TCP, "198.51.100.77")
    assert str(out.verdict) == verdict
