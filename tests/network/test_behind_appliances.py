"""What stands behind an appliance: VPC Block Public Access, and which network ACLs are met."""

from __future__ import annotations

import pytest

from graph.verdict import Verdict
from network.aws_shapes import IGW_V4, LOCAL, Lab, arn, entry, exposed, open_acl
from network.test_internet_to_instance import Build, failing, firewalled, judge, over

__all__ = ["judge"]

OPEN = "context:block-public-access"


def excluding(lab: Lab, *resources: str) -> Lab:
    """Block Public Access on, but for some VPCs and subnets."""
    exclusions = [
        {
            "ResourceArn": arn("vpc" if name.startswith("vpc") else "subnet", name),
            "InternetGatewayExclusionMode": "allow-bidirectional",
            "State": "create-complete",
        }
        for name in resources
    ]
    lab.block_public_access("block-bidirectional", exclusions)
    return lab


def to_an_instance() -> Lab:
    """The gateway sends the target's packets to an instance with an interface in each subnet.

    The target's replies go to the interface beside it.
    """
    lab = exposed()
    lab.subnet("subnet-fw", "vpc-1", "10.0.9.0/24")
    lab.acl("acl-fw", "vpc-1", open_acl(), ("subnet-fw",))
    lab.table("rtb-fw", "vpc-1", [dict(LOCAL), dict(IGW_V4)], subnets=("subnet-fw",))
    forwards = {"instance": "i-fw", "SourceDestCheck": False}
    lab.eni("eni-out", "subnet-fw", ("sg-web",), private="10.0.9.8", **forwards)
    lab.eni("eni-in", "subnet-a", ("sg-web",), private="10.0.0.8", **forwards)
    lab.instance("i-fw", ("eni-out", "eni-in"))
    routes = lab.item("rtb-main")["Routes"]
    routes[1] = {"DestinationCidrBlock": "0.0.0.0/0", "NetworkInterfaceId": "eni-in"}
    routes[1]["State"] = "active"
    edge = {"DestinationCidrBlock": "10.0.0.0/24", "NetworkInterfaceId": "eni-out"}
    lab.table("rtb-edge", "vpc-1", [edge | {"State": "active"}], gateways=("igw-1",))
    return lab


def one_armed() -> Lab:
    """The same with an instance that has one interface, in a subnet of its own."""
    lab = to_an_instance()
    lab.item("rtb-main")["Routes"][1]["NetworkInterfaceId"] = "eni-out"
    lab.item("i-fw")["NetworkInterfaces"].pop()
    lab.remove("eni-in")
    return lab


@pytest.mark.parametrize(
    ("excluded", "verdict", "left_open"),
    [
        (("subnet-fw",), "no", False),
        (("subnet-a",), "no", False),
        (("subnet-other",), "no", False),
        (("subnet-a", "subnet-fw"), "conditional", True),
        (("vpc-1",), "conditional", True),
    ],
)
def test_a_firewalls_endpoint_is_blocked_though_its_subnet_is_excluded(
    judge: Build, excluded: tuple[str, ...], verdict: str, left_open: bool
) -> None:
    reach = over(judge(excluding(firewalled(), *excluded)))
    assert str(reach.verdict) == verdict
    assert (OPEN in reach.answer.conditions) == left_open
    assert failing(reach) == (["VPC block public access"] if verdict == "no" else [])


@pytest.mark.parametrize(
    ("excluded", "verdict", "left_open"),
    [
        (("subnet-fw",), "conditional", True),
        (("subnet-a",), "no", False),
        (("subnet-other",), "no", False),
        (("subnet-a", "subnet-fw"), "conditional", False),
        (("vpc-1",), "conditional", False),
    ],
)
def test_an_instances_subnet_needs_the_exclusion(
    judge: Build, excluded: tuple[str, ...], verdict: str, left_open: bool
) -> None:
    reach = over(judge(excluding(to_an_instance(), *excluded)))
    assert str(reach.verdict) == verdict
    assert (OPEN in reach.answer.conditions) == left_open
    assert failing(reach) == (["VPC block public access"] if verdict == "no" else [])


def test_without_block_public_access_an_appliance_is_inspection_only(judge: Build) -> None:
    for lab in (firewalled(), to_an_instance()):
        lab.block_public_access("off")
        reach = over(judge(lab))
        assert {one.partition(":")[0] for one in reach.answer.conditions} == {"inspection"}


def test_an_appliance_that_no_gateway_names_opens_nothing(judge: Build) -> None:
    lab = excluding(firewalled(), "subnet-fw")
    lab.item("rtb-edge")["Routes"][0]["GatewayId"] = "local"
    assert failing(over(judge(lab))) == ["VPC block public access"]


def test_an_appliance_that_was_not_read_may_stand_where_all_is_blocked(judge: Build) -> None:
    lab = excluding(one_armed(), "subnet-a")
    lab.remove("eni-out")
    lab.remove("i-fw")
    reach = over(judge(lab))
    assert str(reach.verdict) == "unknown"
    (step,) = [s for s in reach.answer.steps if s.name == "VPC block public access"]
    lab.remove("bpa")
    lab.block_public_access("off")
    (other,) = [s for s in over(judge(lab)).answer.steps if s.name == "VPC block public access"]
    assert (step.result, other.result) == ("unknown", "pass")


def test_no_network_acl_filters_what_an_appliance_hands_over_inside_the_subnet(
    judge: Build,
) -> None:
    for lab, verdict in ((to_an_instance(), "conditional"), (one_armed(), "no")):
        lab.item("acl-1")["Entries"] = []
        reach = over(judge(lab))
        assert str(reach.verdict) == verdict
        assert failing(reach) == (["network ACL in", "network ACL out"] if verdict == "no" else [])


def test_the_appliances_network_acl_filters_too(judge: Build) -> None:
    for lab in (to_an_instance(), one_armed(), firewalled()):
        assert str(over(judge(lab)).verdict) == "conditional"
        lab.item("acl-fw")["Entries"] = [entry(100, egress=True)]
        assert failing(over(judge(lab))) == ["network ACL in"]


def test_what_a_single_armed_appliance_may_not_send_out_does_not_arrive(judge: Build) -> None:
    """Out of its subnet to the target's: by the network ACL's outbound entries."""
    for cidr, verdict in (("10.0.0.0/16", "conditional"), ("10.0.7.0/24", "no")):
        lab = one_armed()
        lab.item("acl-fw")["Entries"] = [
            entry(100),
            entry(100, egress=True, cidr=cidr),
        ]
        assert str(over(judge(lab)).verdict) == verdict


def test_an_appliance_that_checks_destinations_hands_nothing_over(judge: Build) -> None:
    for checks, verdict in ((False, "conditional"), (True, "no")):
        lab = one_armed()
        lab.item("eni-out")["SourceDestCheck"] = checks
        reach = over(judge(lab))
        assert str(reach.verdict) == verdict
        assert ("ingress routing" in failing(reach)) == checks


@pytest.mark.parametrize(
    ("unread", "operation"),
    [
        (("subnet-fw",), "ec2.describe_subnets"),
        (("i-fw", "eni-out"), "ec2.describe_network_interfaces"),
    ],
)
def test_replies_by_what_was_not_read_are_no_lock(
    judge: Build, unread: tuple[str, ...], operation: str
) -> None:
    """Without its gateway's table; the appliance's way out was read, or it was not."""
    lab = to_an_instance()
    lab.remove("rtb-edge")
    assert over(judge(lab)).verdict is Verdict.CONDITIONAL
    for name in unread:
        lab.remove(name)
    lab.deny(operation)
    found = over(judge(lab))
    assert found.verdict is Verdict.UNKNOWN
    assert any(term.startswith(f"not_collected:{operation}") for term in found.answer.conditions)
