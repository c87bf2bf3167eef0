"""What Reachability Analyzer calls a refusal, and that one step tells it.

https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graph.evidence import Step
from graph.network.between.on_prem import nothing_from
from graph.network.reach import Reach
from mapper.output.names import short_ids
from network.aws_shapes import IGW_V4, allow
from network.between.lab import JoinedLab, judge, peered, transit, transit_route
from network.between.test_egress import internet_gateway

__all__ = ["judge"]


def failed(reach: Reach) -> Step:
    (only,) = [step for step in reach.answer.steps if step.result == "fail"]
    return only


def elsewhere() -> JoinedLab:
    """The reply goes to an internet gateway instead of back over the peering connection."""
    lab = peered()
    lab.item("rtb-b")["Routes"].pop()
    internet_gateway(lab, "vpc-b")
    lab.item("rtb-b")["Routes"].append(dict(IGW_V4, GatewayId="igw-1"))
    return lab


def test_a_route_that_leads_elsewhere_is_one_failing_step(judge: Callable[..., Reach]) -> None:
    """Beside its twin, whose route leads back."""
    found = judge(elsewhere())
    steps = [step for step in found.answer.steps if step.name == "reply route"]
    assert [step.result for step in steps] == ["fail"]
    told = short_ids(steps[0].text)
    assert told == "subnet-b sends 10.1.1.10 to igw-1, not to eni-a in vpc-a."
    assert steps[0].refs
    assert steps[0].code == "NO_ROUTE_TO_DESTINATION"
    open_way = [step for step in judge(peered()).answer.steps if step.name == "reply route"]
    assert [step.result for step in open_way] == ["pass"]


def no_route() -> JoinedLab:
    lab = peered()
    lab.item("rtb-a")["Routes"].pop()
    return lab


def blackhole() -> JoinedLab:
    lab = peered()
    lab.item("rtb-a")["Routes"][-1]["State"] = "blackhole"
    return lab


def beyond_the_peer() -> JoinedLab:
    """The connection leads to a VPC of other addresses."""
    lab = peered()
    lab.item("vpc-b")["CidrBlock"] = "10.9.0.0/16"
    lab.item("vpc-b")["CidrBlockAssociationSet"] = []
    return lab


def no_transit_route() -> JoinedLab:
    lab = transit()
    lines = next(found for key, found in lab.lines.items() if key[2].endswith("-route-table"))
    call = lines["tgw-rtb-1"]["calls"]["search_transit_gateway_routes"]
    call["value"] = [transit_route("10.1.0.0/16", "tgw-attach-a", kind="propagated")]
    return lab


@pytest.mark.parametrize(
    ("lab", "code"),
    [
        (no_route, "NO_ROUTE_TO_DESTINATION"),
        (blackhole, "BAD_STATE_ROUTE"),
        (beyond_the_peer, "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"),
        (no_transit_route, "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"),
    ],
)
def test_codes(judge: Callable[..., Reach], lab: Callable[[], JoinedLab], code: str) -> None:
    steps = [step for step in judge(lab()).answer.steps if step.result == "fail"]
    assert code in [step.code for step in steps if step.name == "route"]


def test_nothing_leads_to_premises() -> None:
    assert failed(nothing_from("on-prem", "x")).code == "NO_ROUTE_TO_DESTINATION"


def test_a_refusing_group_says_where_it_stands(judge: Callable[..., Reach]) -> None:
    """Beside its twin, whose rule lets the sender in: then the rule is what is shown."""
    lab = peered()
    lab.item("sg-b")["IpPermissions"] = [allow("tcp/22", "10.9.0.0/16")]
    step = failed(judge(lab))
    assert (step.name, [ref.pointer for ref in step.refs]) == ("security group in", ["/item"])
    steps = judge(peered()).answer.steps
    admitted = next(one for one in steps if one.name == "security group in")
    assert [ref.pointer for ref in admitted.refs] == ["/item/IpPermissions/0/IpRanges/0"]
