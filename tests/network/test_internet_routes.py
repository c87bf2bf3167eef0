"""Steps N3 to N5, rule by rule: the gateway, which route wins, and where it leads."""

from __future__ import annotations

from typing import Any

import pytest

from graph.network.prefixes import Family
from graph.verdict import Verdict
from network.aws_shapes import IGW_V4, LOCAL, Json, Lab, allow, exposed
from network.test_internet_to_instance import Build, failing, judge, over, v6
from snapshot_files import Denied

__all__ = ["judge"]

RANGE = "203.0.113.0/24"


def routed(*routes: Json) -> Lab:
    """The exposed instance, its subnet's table with these routes beside the local one."""
    lab = exposed()
    table = lab.item("rtb-main")["Routes"]
    table[1:] = [{"State": "active", **one} for one in routes]
    return lab


@pytest.mark.parametrize(
    ("state", "locks"),
    [
        ("available", []),
        ("attached", []),
        ("attaching", ["internet gateway", "return route"]),
        ("detaching", ["internet gateway", "return route"]),
    ],
)
def test_only_a_gateway_that_is_attached_counts(judge: Build, state: str, locks: list[str]) -> None:
    lab = exposed()
    lab.item("igw-1")["Attachments"][0]["State"] = state
    assert failing(over(judge(lab))) == locks


TARGETS: list[dict[str, str]] = [
    {"NatGatewayId": "nat-1"},
    {"TransitGatewayId": "tgw-1"},
    {"VpcPeeringConnectionId": "pcx-1"},
    {"GatewayId": "vgw-1"},
    {"CarrierGatewayId": "cagw-1"},
    {"LocalGatewayId": "lgw-1"},
    {"CoreNetworkArn": "arn:aws:networkmanager::111122223333:core-network/core-1"},
    {"GatewayId": "igw-2"},
]


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: "-".join(one.values())[-14:])
def test_only_the_vpcs_internet_gateway_brings_replies_back(
    judge: Build, target: dict[str, str]
) -> None:
    default = {"DestinationCidrBlock": "0.0.0.0/0"}
    assert failing(over(judge(routed(default | target)))) == ["return route"]
    assert over(judge(routed(default | {"GatewayId": "igw-1"}))).verdict is Verdict.YES


def test_a_blackhole_wins_its_range_and_drops_it(judge: Build) -> None:
    half = {"DestinationCidrBlock": "203.0.113.128/25", "GatewayId": "igw-1"}
    lab = routed({"DestinationCidrBlock": RANGE, "GatewayId": "igw-1"}, half)
    assert over(judge(lab)).source == f"cidr:{RANGE}"
    lab.item("rtb-main")["Routes"][-1]["State"] = "blackhole"
    assert over(judge(lab)).source == "cidr:203.0.113.0/25"


def test_at_equal_length_a_static_route_wins(judge: Build) -> None:
    propagated = {
        "DestinationCidrBlock": "0.0.0.0/0",
        "GatewayId": "vgw-1",
        "Origin": "EnableVgwRoutePropagation",
    }
    assert over(judge(routed(propagated, IGW_V4))).verdict is Verdict.YES
    static = {**propagated, "Origin": "CreateRoute"}
    listed = {"DestinationPrefixListId": "pl-1", "GatewayId": "igw-1"}
    twin = routed(static, listed)
    twin.prefix_list("pl-1", ["0.0.0.0/0"])
    assert failing(over(judge(twin))) == ["return route"]
    twin = routed(propagated, listed)
    twin.prefix_list("pl-1", ["0.0.0.0/0"])
    assert over(judge(twin)).verdict is Verdict.YES


def test_a_propagated_route_takes_nothing_from_the_local_one(judge: Build) -> None:
    local = {"DestinationCidrBlock": RANGE, "GatewayId": "local", "State": "active"}
    inside = {
        "DestinationCidrBlock": "203.0.113.128/25",
        "GatewayId": "vgw-1",
        "Origin": "EnableVgwRoutePropagation",
    }
    for origin, told in (("EnableVgwRoutePropagation", False), ("CreateRoute", True)):
        reach = over(judge(routed(local, inside | {"Origin": origin})))
        (step,) = (s for s in reach.answer.steps if s.name == "return route")
        assert step.result == "fail"
        assert ("vgw-1" in step.text) is told


def test_a_prefix_lists_route_holds_for_its_entries(judge: Build) -> None:
    lab = routed({"DestinationPrefixListId": "pl-1", "GatewayId": "igw-1"})
    lab.prefix_list("pl-1", [RANGE, "2001:db8::/32"])
    assert over(judge(lab)).source == f"cidr:{RANGE}"
    lab.prefix_list("pl-1", ["2001:db8::/32"])
    assert failing(over(judge(lab))) == ["return route"]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("other", "target", "verdict"),
    [
        ("0.0.0.0/0", {"NatGatewayId": "nat-1"}, "unknown"),
        ("0.0.0.0/0", {"GatewayId": "igw-1"}, "yes"),
        ("10.8.0.0/16", {"NatGatewayId": "nat-1"}, "yes"),
    ],
)
def test_of_prefix_lists_with_one_cidr_any_may_win(
    judge: Build, order: int, other: str, target: Json, verdict: str
) -> None:
    """AWS chooses at random where they lead to different targets."""
    routes = [
        {"DestinationPrefixListId": "pl-1", "GatewayId": "igw-1"},
        {"DestinationPrefixListId": "pl-2", **target},
    ]
    lab = routed(*routes[::order])
    lab.prefix_list("pl-1", ["0.0.0.0/0"])
    lab.prefix_list("pl-2", [other])
    assert str(over(judge(lab)).verdict) == verdict


@pytest.mark.parametrize(
    ("check", "verdict"), [(False, "conditional"), (None, "conditional"), (True, "no")]
)
@pytest.mark.parametrize("target", ["eni-fw", "i-fw"])
def test_an_interface_whose_check_is_on_drops_replies(
    judge: Build, check: bool | None, verdict: str, target: str
) -> None:
    """Where nothing tells the check's state it may be off."""
    kind = "NetworkInterfaceId" if target == "eni-fw" else "InstanceId"
    lab = routed({"DestinationCidrBlock": "0.0.0.0/0", kind: target})
    lab.subnet("subnet-fw", "vpc-1", "10.0.9.0/24")
    lab.acl("acl-fw", "vpc-1", lab.item("acl-1")["Entries"], ("subnet-fw",))
    lab.table("rtb-fw", "vpc-1", [dict(LOCAL), dict(IGW_V4)], subnets=("subnet-fw",))
    lab.eni("eni-fw", "subnet-fw", ("sg-web",), private="10.0.9.8", instance="i-fw")
    lab.item("eni-fw")["SourceDestCheck"] = check
    lab.instance("i-fw", ("eni-fw",))
    assert str(over(judge(lab)).verdict) == verdict


def test_a_prefix_list_that_was_not_read_leaves_the_route_unknown(judge: Build) -> None:
    lab = routed(IGW_V4, {"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1"})
    lab.prefix_list("pl-1", [RANGE])
    assert over(judge(lab)).verdict is Verdict.YES
    lab.prefix_list("pl-1", Denied)
    reach = over(judge(lab))
    assert reach.verdict is Verdict.UNKNOWN
    assert "get_managed_prefix_list_entries" in reach.answer.conditions[0]


@pytest.mark.parametrize(
    ("target", "verdict"),
    [({"GatewayId": "vpce-s3"}, Verdict.YES), ({"NatGatewayId": "nat-1"}, Verdict.UNKNOWN)],
)
def test_a_gateway_endpoints_list_hides_no_client(
    judge: Build, target: dict[str, str], verdict: Verdict
) -> None:
    """S3 and DynamoDB begin no connection."""
    lab = routed(IGW_V4, {"DestinationPrefixListId": "pl-s3", **target})
    lab.prefix_list("pl-s3", Denied, title="com.amazonaws.eu-west-1.s3", owner="AWS")
    assert over(judge(lab)).verdict is verdict


def edge(lab: Lab, *routes: tuple[str, str]) -> Lab:
    """The internet gateway's own route table."""
    made: list[Any] = []
    for cidr, target in routes:
        key = "DestinationIpv6CidrBlock" if ":" in cidr else "DestinationCidrBlock"
        made.append({key: cidr, "GatewayId": target, "State": "active"})
    lab.table("rtb-edge", "vpc-1", made, gateways=("igw-1",))
    return lab


def test_the_gateways_longest_route_decides(judge: Build) -> None:
    wide, narrow = "10.0.0.0/16", "10.0.0.0/24"
    lab = edge(exposed(), (wide, "vpce-fw"), (narrow, "local"))
    assert over(judge(lab)).verdict is Verdict.YES
    lab = edge(exposed(), (wide, "local"), (narrow, "vpce-fw"))
    assert over(judge(lab)).answer.conditions == ("inspection:vpce-fw",)


def test_the_gateways_routes_to_other_subnets_do_not_count(judge: Build) -> None:
    lab = edge(exposed(), ("10.0.0.0/16", "local"), ("10.0.7.0/24", "vpce-fw"))
    assert over(judge(lab)).verdict is Verdict.YES
    lab = edge(exposed(), ("10.0.0.0/16", "local"), ("10.0.0.0/25", "vpce-fw"))
    assert over(judge(lab)).verdict is Verdict.CONDITIONAL


def test_the_gateways_routes_of_one_family_are_not_the_others(judge: Build) -> None:
    def made(cidr: str) -> Lab:
        lab = v6(exposed([allow("tcp/22"), allow("tcp/22", "::/0")]))
        return edge(lab, ("10.0.0.0/16", "local"), ("2001:db8::/56", "local"), (cidr, "vpce-fw"))

    for cidr, v4, of_v6 in (
        ("10.0.0.0/24", Verdict.CONDITIONAL, Verdict.YES),
        ("2001:db8::/64", Verdict.YES, Verdict.CONDITIONAL),
    ):
        found = judge(made(cidr))
        assert (over(found).verdict, over(found, Family.IPV6).verdict) == (v4, of_v6)


def test_an_appliance_on_the_way_is_told_in_its_step(judge: Build) -> None:
    def inspection(lab: Lab) -> tuple[str, str]:
        (step,) = [one for one in over(judge(lab)).answer.steps if one.name == "inspection"]
        return step.result, step.subject

    assert inspection(exposed()) == ("pass", "")
    lab = edge(exposed(), ("10.0.0.0/24", "vpce-fw"))
    assert inspection(lab) == ("conditional", "vpce-fw")


def test_the_usual_service_of_a_port_is_told(judge: Build) -> None:
    def listening(lab: Lab) -> str:
        (step,) = [one for one in over(judge(lab)).answer.steps if one.name == "listener"]
        return step.text

    assert listening(exposed()) == "AWS does not say what listens. tcp/22 is usually SSH"
    assert listening(exposed([allow("tcp/12345")])) == "AWS does not say what listens."
