"""Redshift clusters and serverless workgroups, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION

CLUSTER = f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:dwh"
WORKGROUP = f"arn:aws:redshift-serverless:{REGION}:{ACCOUNT}:workgroup/w-1"


def world() -> Lab:
    """subnet-a leads to the internet, subnet-b (zone b) does not; sg-db opens 5439."""
    lab = exposed()
    lab.group("sg-db", [allow("tcp/5439"), allow("tcp/5439", "::/0")])
    lab.subnet("subnet-b", "vpc-1", "10.0.2.0/24", zone="b")
    lab.table("rtb-b", "vpc-1", [], subnets=("subnet-b",))
    lab.acl("acl-b", "vpc-1", lab.item("acl-1")["Entries"], ("subnet-b",))
    return lab


def cluster(
    *, subnets: tuple[str, ...] = ("subnet-a",), without: tuple[str, ...] = (), **more: Any
) -> Lab:
    lab = world()
    item = {
        "ClusterIdentifier": "dwh",
        "ClusterStatus": "available",
        "PubliclyAccessible": True,
        "AvailabilityZone": f"{REGION}a",
        "Endpoint": {"Address": "dwh.example.com", "Port": 5439},
        "VpcId": "vpc-1",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db", "Status": "active"}],
        "ClusterSubnetGroupName": "dwhs",
    } | more
    item = {key: value for key, value in item.items() if key not in without}
    lab.add("redshift:cluster", "dwh", CLUSTER, item)
    group = {
        "ClusterSubnetGroupName": "dwhs",
        "Subnets": [{"SubnetIdentifier": name} for name in subnets],
    }
    arn = f"arn:aws:redshift:{REGION}:{ACCOUNT}:subnetgroup:dwhs"
    lab.add("redshift:subnet-group", "dwhs", arn, group)
    return lab


def workgroup(without: tuple[str, ...] = (), **more: Any) -> Lab:
    lab = world()
    item = {
        "workgroupName": "analysts",
        "status": "AVAILABLE",
        "publiclyAccessible": True,
        "endpoint": {"port": 5439},
        "subnetIds": ["subnet-a", "subnet-b"],
        "securityGroupIds": ["sg-db"],
    } | more
    item = {key: value for key, value in item.items() if key not in without}
    lab.add("redshift-serverless:workgroup", "w-1", WORKGROUP, item)
    return lab


def reach(lab: Lab, folder: Path, family: str = "ipv4") -> Reach:
    return one(lab, folder, CLUSTER, f"redshift/{family}")


def served(lab: Lab, folder: Path) -> Reach:
    return one(lab, folder, WORKGROUP, "redshift-serverless/ipv4")


def test_a_public_cluster_is_reached_on_its_port(tmp_path: Path) -> None:
    found = reach(cluster(), tmp_path)
    assert (found.verdict, found.ports) == (Verdict.YES, ("tcp/5439",))
    assert found.answer.conditions == ()


@pytest.mark.parametrize(
    ("lab", "step"),
    [
        (cluster(PubliclyAccessible=False), "address"),
        (cluster(Endpoint={"Port": 5440}), "security group"),
        (cluster(subnets=("subnet-b",), AvailabilityZone=f"{REGION}b"), "return route"),
    ],
    ids=["private", "port", "route"],
)
def test_a_closed_lock_keeps_the_internet_out(tmp_path: Path, lab: Lab, step: str) -> None:
    found = reach(lab, tmp_path)
    assert found.verdict is Verdict.NO
    assert step in failing(found)


@pytest.mark.parametrize(
    "without", ["ClusterSubnetGroupName", "VpcSecurityGroups", "Endpoint"], ids=str
)
def test_what_was_not_told_is_unknown(tmp_path: Path, without: str) -> None:
    found = reach(cluster(without=(without,)), tmp_path)
    assert found.verdict is Verdict.UNKNOWN
    assert found.answer.conditions


def test_a_private_cluster_is_no_whatever_else_is_unknown(tmp_path: Path) -> None:
    lab = cluster(PubliclyAccessible=False, without=("VpcSecurityGroups",))
    assert reach(lab, tmp_path).verdict is Verdict.NO


def test_a_paused_cluster_is_dormant(tmp_path: Path) -> None:
    assert reach(cluster(ClusterStatus="paused"), tmp_path).verdict is Verdict.DORMANT


def test_the_subnet_in_the_clusters_zone_decides(tmp_path: Path) -> None:
    both = ("subnet-a", "subnet-b")
    assert reach(cluster(subnets=both), tmp_path / "a").verdict is Verdict.YES
    elsewhere = cluster(subnets=both, AvailabilityZone=f"{REGION}b")
    assert reach(elsewhere, tmp_path / "b").verdict is Verdict.NO
    moving = cluster(
        subnets=both, AvailabilityZone=f"{REGION}b", AvailabilityZoneRelocationStatus="enabled"
    )
    found = reach(moving, tmp_path / "c")
    assert (found.verdict, found.answer.conditions) == (Verdict.CONDITIONAL, ("context:subnet",))


def test_one_of_two_subnets_of_the_zone_is_a_condition(tmp_path: Path) -> None:
    lab = cluster(subnets=("subnet-a", "subnet-b"))
    lab.item("subnet-b")["AvailabilityZone"] = f"{REGION}a"
    found = reach(lab, tmp_path)
    assert (found.verdict, found.answer.conditions) == (Verdict.CONDITIONAL, ("context:subnet",))


def test_a_dual_stack_cluster_may_be_reached_over_ipv6(tmp_path: Path) -> None:
    lab = cluster(IpAddressType="dualstack")
    assert reach(lab, tmp_path / "4").verdict is Verdict.YES
    found = reach(lab, tmp_path / "6", "ipv6")
    assert found.answer.conditions == ("context:public-ipv6",)


def test_a_public_workgroup_is_reached_through_any_of_its_subnets(tmp_path: Path) -> None:
    found = served(workgroup(), tmp_path)
    assert (found.verdict, found.ports) == (Verdict.YES, ("tcp/5439",))


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (workgroup(publiclyAccessible=False), Verdict.NO),
        (workgroup(subnetIds=["subnet-b"]), Verdict.NO),
        (workgroup(endpoint={"port": 5440}), Verdict.NO),
        (workgroup(without=("publiclyAccessible",)), Verdict.UNKNOWN),
        (workgroup(without=("securityGroupIds",)), Verdict.UNKNOWN),
        (workgroup(without=("subnetIds",)), Verdict.UNKNOWN),
        (workgroup(status="CREATING"), Verdict.DORMANT),
        (workgroup(without=("endpoint",)), Verdict.YES),
    ],
    ids=["private", "route", "port", "flag", "groups", "subnets", "creating", "default port"],
)
def test_a_workgroups_locks(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert served(lab, tmp_path).verdict is verdict
