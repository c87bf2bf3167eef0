"""What joins networks, with a member that cannot be read: unknown; its twin can be, and is closed.

"Missing data never gives no": a value of the wrong type or shape is missing data.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network.between.ends import End, end_of
from graph.network.between.every_way import every_way
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab, arn
from network.between.lab import A, B, JoinedLab, peered, transit
from network.between.test_private_link_and_on_prem import linked

ROUTES = "search_transit_gateway_routes"
ASSOCIATIONS = "get_transit_gateway_route_table_associations"


def best(lab: Lab, folder: Path, target: str = B) -> Verdict:
    world = lab.build(folder)
    source, goal = end_of(world, A), end_of(world, target)
    assert isinstance(source, End)
    assert isinstance(goal, End)
    found = every_way(world, source, goal)
    return max((one.verdict for one in found), key=lambda verdict: verdict.rank)


def calls(lab: Lab) -> Json:
    ((_, table),) = [
        (key, line)
        for (_, _, type_id), found in lab.lines.items()
        if type_id == "ec2:transit-gateway-route-table"
        for key, line in found.items()
    ]
    found: Json = table["calls"]
    return found


def member(name: str, key: str, value: Any) -> Callable[[Lab], None]:
    return lambda lab: lab.item(name).update({key: value})


def call(name: str, value: Any) -> Callable[[Lab], None]:
    return lambda lab: calls(lab)[name].update(value=value)


def row(name: str, **more: Any) -> Callable[[Lab], None]:
    return lambda lab: calls(lab)[name]["value"][1].update(more)


def checked(
    lab: JoinedLab, change: Callable[[Lab], None], twin: Callable[[Lab], None], folder: Path
) -> tuple[Verdict, Verdict, Verdict]:
    closed = lab.twin()
    whole = best(lab, folder / "whole")
    change(lab)
    twin(closed)
    return whole, best(lab, folder / "unread"), best(closed, folder / "closed")


UNKNOWN_AND_NO = (Verdict.YES, Verdict.UNKNOWN, Verdict.NO)
DELETED = member("pcx-1", "Status", {"Code": "deleted"})


@pytest.mark.parametrize(
    ("change", "twin"),
    [
        (member("pcx-1", "Status", {}), DELETED),
        (member("pcx-1", "Status", {"Code": "x"}), DELETED),
        (
            member("pcx-1", "RequesterVpcInfo", None),
            member("pcx-1", "RequesterVpcInfo", {"VpcId": "vpc-else"}),
        ),
    ],
)
def test_a_peering(change: Callable[[Lab], None], twin: Any, tmp_path: Path) -> None:
    assert checked(peered(), change, twin, tmp_path) == UNKNOWN_AND_NO


@pytest.mark.parametrize(
    ("change", "twin"),
    [
        (call(ROUTES, {}), call(ROUTES, [])),
        (call(ROUTES, None), call(ROUTES, [])),
        (row(ROUTES, TransitGatewayAttachments=None), row(ROUTES, State="blackhole")),
        (row(ROUTES, State=7), row(ROUTES, State="blackhole")),
        (call(ASSOCIATIONS, {}), call(ASSOCIATIONS, [])),
        (row(ASSOCIATIONS, State="x"), row(ASSOCIATIONS, State="disassociated")),
        (
            member("tgw-attach-b", "VpcId", None),
            member("tgw-attach-b", "VpcId", "vpc-else"),
        ),
        (
            member("tgw-attach-b", "State", "x"),
            member("tgw-attach-b", "State", "deleted"),
        ),
        (
            member("tgw-attach-a", "State", {}),
            member("tgw-attach-a", "State", "failed"),
        ),
    ],
)
def test_a_transit_gateway(change: Callable[[Lab], None], twin: Any, tmp_path: Path) -> None:
    assert checked(transit(), change, twin, tmp_path) == UNKNOWN_AND_NO


NO_ENDPOINT = member("vpce-1", "State", "deleted")
NO_BALANCER = member("vpce-svc-1", "NetworkLoadBalancerArns", [])


@pytest.mark.parametrize(
    ("change", "twin"),
    [
        (member("vpce-1", "VpcEndpointType", None), member("vpce-1", "VpcEndpointType", "Gateway")),
        (member("vpce-1", "ServiceName", None), member("vpce-1", "ServiceName", "com.amazonaws.x")),
        (member("vpce-1", "State", None), NO_ENDPOINT),
        (member("vpce-1", "NetworkInterfaceIds", None), NO_ENDPOINT),
        (member("vpce-svc-1", "NetworkLoadBalancerArns", None), NO_BALANCER),
    ],
)
def test_a_private_link(change: Callable[[Lab], None], twin: Any, tmp_path: Path) -> None:
    lab, closed = linked(), linked()
    target = arn("instance", "i-b")
    assert best(lab, tmp_path / "whole", target) is Verdict.YES
    change(lab)
    assert best(lab, tmp_path / "unread", target) is Verdict.UNKNOWN
    twin(closed)
    assert best(closed, tmp_path / "closed", target) is Verdict.NO


def test_an_interface_stands_in_its_subnets_vpc(tmp_path: Path) -> None:
    lab = peered()
    lab.item("eni-b")["VpcId"] = None
    assert best(lab, tmp_path / "subnet") is Verdict.YES
    lab.item("subnet-b")["VpcId"] = None
    assert best(lab, tmp_path / "neither") is Verdict.UNKNOWN


def test_ipv6_addresses_that_cannot_be_read_may_be_reached(tmp_path: Path) -> None:
    lab = peered()
    lab.item("rtb-b")["Routes"] = []
    assert best(lab, tmp_path / "none") is Verdict.NO
    lab.item("eni-a")["Ipv6Addresses"] = lab.item("eni-b")["Ipv6Addresses"] = {}
    assert best(lab, tmp_path / "unread") is Verdict.UNKNOWN


def test_a_vpcs_ranges_that_cannot_be_read_hold_any_address(tmp_path: Path) -> None:
    lab, elsewhere = peered(), peered()
    lab.item("vpc-b")["CidrBlock"] = None
    assert best(lab, tmp_path / "unread") is not Verdict.NO
    elsewhere.item("vpc-b")["CidrBlock"] = "10.77.0.0/16"
    assert best(elsewhere, tmp_path / "elsewhere") is Verdict.NO
