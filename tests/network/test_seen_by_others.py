"""Interfaces of which only something else tells, or whose owner's listing was refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.groups import interface_groups
from graph.network.internet import internet_to_interface
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, allow, arn, exposed
from network.test_internet_to_instance import Build, failing, judge, over, v6

__all__ = ["judge"]

NLB_ENI = arn("network-interface", "eni-nlb")


def test_an_instance_does_not_tell_whether_gateways_are_refused(judge: Build) -> None:
    lab = v6(exposed([allow("tcp/22"), allow("tcp/22", "::/0")]))
    lab.instance("i-web", ("eni-web",))
    assert over(judge(lab), Family.IPV6).verdict is Verdict.YES
    lab.remove("eni-web")
    lab.deny("ec2.describe_network_interfaces")
    assert over(judge(lab), Family.IPV6).verdict is Verdict.UNKNOWN
    assert over(judge(lab)).verdict is Verdict.YES


def balanced(groups: tuple[str, ...] = ()) -> Lab:
    """Beside the instance, an interface of a network load balancer that was not listed."""
    lab = exposed()
    told = {"InterfaceType": "network_load_balancer", "Description": "ELB net/front/2"}
    lab.eni("eni-nlb", "subnet-a", groups, private="10.0.0.20", public="198.51.100.20", **told)
    lab.deny("elbv2.describe_load_balancers")
    return lab


def reached(lab: Lab, folder: Path) -> Reach:
    found = internet_reach(lab.build(folder))
    (one,) = [r for r in found if r.target == NLB_ENI and r.mechanism == "eni/ipv4"]
    return one


def test_a_network_load_balancer_that_was_not_listed_is_not_closed(tmp_path: Path) -> None:
    lab = balanced()
    found = reached(lab, tmp_path / "a")
    assert found.verdict is Verdict.UNKNOWN
    assert "elbv2.describe_load_balancers" in found.answer.conditions[0]
    lab.item("rtb-main")["Routes"].pop(1)
    assert failing(reached(lab, tmp_path / "b")) == ["return route"]


def test_its_security_groups_close_it(tmp_path: Path) -> None:
    lab = balanced(("sg-lb",))
    lab.group("sg-lb", [])
    assert failing(reached(lab, tmp_path)) == ["security group"]


@pytest.mark.parametrize("attachment", [None, {}, "x"])
def test_an_interface_that_tells_no_owner_is_its_instances(judge: Build, attachment: Any) -> None:
    lab = exposed()
    lab.item("eni-web")["Attachment"] = attachment
    assert over(judge(lab)).target == INSTANCE


def test_a_group_is_not_judged_by_a_member_of_which_other_things_are_missing(
    tmp_path: Path,
) -> None:
    lab = balanced()
    lab.eni("eni-own", "subnet-a", ("sg-web",), private="10.0.0.21", public="198.51.100.21")
    lab.item("eni-own")["Groups"] = []
    lab.item("eni-own")["InterfaceType"] = "network_load_balancer"
    world = lab.build(tmp_path / "a")
    (group,) = [one for one in interface_groups(world) if NLB_ENI in one.interfaces]
    found = internet_to_interface(world, world.interfaces[group.interfaces[0]])
    assert {one.verdict for one in found} == {Verdict.UNKNOWN}
    assert group.state == "unknown"
    lab.item("eni-own")["InterfaceType"] = "interface"
    world = lab.build(tmp_path / "b")
    (group,) = [one for one in interface_groups(world) if NLB_ENI in one.interfaces]
    assert group.interfaces == (NLB_ENI,)
