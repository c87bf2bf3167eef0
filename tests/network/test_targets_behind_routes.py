"""More specific routes of a load balancer's subnet lead its packets, each case with its twin.

https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
"""

from __future__ import annotations

from pathlib import Path

from graph.network.exposure import internet_reach
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, LOCAL, Json, Lab, allow, arn, open_acl
from network.test_load_balancers import behind_alb, failing, one
from snapshot_files import ACCOUNT

TO_TARGET = "10.0.1.0/24"


def behind(lab: Lab, folder: Path) -> Reach:
    return one(internet_reach(lab.build(folder)), INSTANCE, "alb/ipv4")


def routed(*routes: Json) -> Lab:
    """The target admits the load balancer's subnet by address."""
    lab = behind_alb()
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "10.0.0.0/24")]
    lab.item("rtb-main")["Routes"] += routes
    return lab


def test_a_blackhole_before_the_target_closes_it(tmp_path: Path) -> None:
    shut = {"NetworkInterfaceId": "eni-gone", "State": "blackhole"}
    found = behind(routed({"DestinationCidrBlock": TO_TARGET, **shut}), tmp_path / "0")
    assert (found.verdict, failing(found)) == (Verdict.NO, {"route"})
    beside = behind(routed({"DestinationCidrBlock": "10.0.2.0/24", **shut}), tmp_path / "1")
    assert beside.verdict is Verdict.YES


def firewall(lab: Lab) -> Lab:
    lab.subnet("subnet-fw", "vpc-1", "10.0.8.0/28")
    lab.table("rtb-fw", "vpc-1", [LOCAL], subnets=("subnet-fw",))
    lab.acl("acl-fw", "vpc-1", open_acl(), ("subnet-fw",))
    shape = {
        "VpcEndpointId": "vpce-fw",
        "VpcEndpointType": "GatewayLoadBalancer",
        "VpcId": "vpc-1",
        "SubnetIds": ["subnet-fw"],
        "State": "available",
        "OwnerId": ACCOUNT,
    }
    lab.add("ec2:vpc-endpoint", "vpce-fw", arn("vpc-endpoint", "vpce-fw"), shape)
    return lab


def test_a_firewall_before_the_target_inspects(tmp_path: Path) -> None:
    way = {"GatewayId": "vpce-fw", "State": "active"}
    lab = firewall(routed({"DestinationCidrBlock": TO_TARGET, **way}))
    found = behind(lab, tmp_path / "0")
    terms = (f"inspection:{arn('vpc-endpoint', 'vpce-fw')}",)
    assert (found.verdict, found.answer.conditions) == (Verdict.CONDITIONAL, terms)
    beside = firewall(routed({"DestinationCidrBlock": "10.0.2.0/24", **way}))
    assert behind(beside, tmp_path / "1").verdict is Verdict.YES
