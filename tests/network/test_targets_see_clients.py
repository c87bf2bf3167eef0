"""Targets elsewhere of load balancers that keep the client's address, with twins."""

from __future__ import annotations

from typing import Any

import pytest

from graph.verdict import Verdict
from network.aws_shapes import Lab, allow
from network.between.lab import (
    JoinedLab,
)
from network.test_load_balancers import (
    ALB,
    NLB,
    balancer,
    failing,
    listener,
    one,
    target,
    target_group,
)
from network.test_targets_elsewhere import (
    SITE,
    TARGET,
    THERE,
    Judge,
    abroad,
    judge,
    no_route,
    no_route_back,
    peered,
    transited,
)

__all__ = ["judge"]


def with_nlb(lab: JoinedLab, protocol: str, **more: Any) -> JoinedLab:
    lab.remove(ALB)
    balancer(lab, NLB, [listener(port=8080, protocol=protocol)])
    address = SITE if "vgw-1" in str(lab.item("rtb-main")) else THERE
    target_group(lab, kind="ip", protocol=protocol, targets=[target(address)], **more)
    return lab


PRESERVE = [{"Key": "preserve_client_ip.enabled", "Value": "true"}]


def to_anyone(lab: Lab) -> None:
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/8080")]


def test_a_peer_of_the_same_region_sees_the_client(judge: Judge) -> None:
    lab = with_nlb(peered(), "TCP", attributes=PRESERVE)
    assert failing(one(judge(lab), TARGET, "nlb/ipv4")) == {"security group in"}
    to_anyone(lab)
    assert one(judge(lab), TARGET, "nlb/ipv4").verdict is Verdict.YES
    found = one(judge(abroad(lab)), TARGET, "nlb/ipv4")
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:client-ip-preservation",),
    )


def test_clients_addresses_through_a_transit_gateway_are_a_condition(judge: Judge) -> None:
    lab = with_nlb(transited(), "TCP", attributes=PRESERVE)
    to_anyone(lab)
    found = one(judge(lab), TARGET, "nlb/ipv4")
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:client-ip-preservation",),
    )
    off = [{"Key": "preserve_client_ip.enabled", "Value": "false"}]
    lab = with_nlb(transited(), "TCP", attributes=off)
    assert one(judge(lab), TARGET, "nlb/ipv4").verdict is Verdict.YES


@pytest.mark.parametrize("kind", ["vpc_endpoint", "network_load_balancer"])
def test_interfaces_that_cannot_see_clients_are_a_condition(judge: Judge, kind: str) -> None:
    lab = with_nlb(peered(), "TCP", attributes=PRESERVE)
    to_anyone(lab)
    assert one(judge(lab), TARGET, "nlb/ipv4").verdict is Verdict.YES
    lab.item("eni-b")["InterfaceType"] = kind
    found = one(judge(lab), TARGET, "nlb/ipv4")
    assert found.answer.conditions == ("context:client-ip-preservation",)


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("m1.small", Verdict.CONDITIONAL), ("t1.micro", Verdict.CONDITIONAL), ("m5.large", "yes")],
)
def test_old_instances_do_not_support_clients_addresses(
    judge: Judge, kind: str, verdict: str
) -> None:
    lab = with_nlb(peered(), "TCP", attributes=PRESERVE)
    to_anyone(lab)
    lab.instance("i-old", ("eni-b",))
    lab.item("i-old")["InstanceType"] = kind
    (found,) = [
        r for r in judge(lab) if r.mechanism == "nlb/ipv4" and r.via and r.target.endswith("/i-old")
    ]
    assert found.verdict == verdict
    terms = () if verdict == "yes" else ("context:client-ip-preservation",)
    assert found.answer.conditions == terms


def test_replies_to_a_preserved_client_without_a_route_are_a_condition(judge: Judge) -> None:
    lab = with_nlb(peered(), "TCP", attributes=PRESERVE)
    to_anyone(lab)
    no_route_back(lab)
    found = one(judge(lab), TARGET, "nlb/ipv4")
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:client-ip-preservation",),
    )
    no_route(lab)
    assert "route" in failing(one(judge(lab), TARGET, "nlb/ipv4"))
