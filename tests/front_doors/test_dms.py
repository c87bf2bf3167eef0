"""Replication instances, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION

MOVER = f"arn:aws:dms:{REGION}:{ACCOUNT}:rep:R1"


def mover(*rules: Any, without: tuple[str, ...] = (), **more: Any) -> Lab:
    lab = exposed()
    lab.group("sg-dms", list(rules) or [allow("tcp/22")])
    item = {
        "ReplicationInstanceStatus": "available",
        "PubliclyAccessible": True,
        "AvailabilityZone": f"{REGION}a",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-dms"}],
        "ReplicationSubnetGroup": {"Subnets": [{"SubnetIdentifier": "subnet-a"}]},
    } | more
    item = {key: value for key, value in item.items() if key not in without}
    lab.add("dms:replication-instance", "R1", MOVER, item)
    return lab


def reach(lab: Lab, folder: Path) -> Reach:
    return one(lab, folder, MOVER, "dms/ipv4")


def test_what_its_group_lets_in_reaches_it(tmp_path: Path) -> None:
    found = reach(mover(), tmp_path)
    assert (found.verdict, found.ports) == (Verdict.YES, ("tcp/22",))


def test_a_group_for_the_vpc_alone_keeps_the_internet_out(tmp_path: Path) -> None:
    assert failing(reach(mover(allow("-1", "10.0.0.0/8")), tmp_path)) == ["security group"]


def test_ping_alone_is_no_reach(tmp_path: Path) -> None:
    assert reach(mover(allow("icmp")), tmp_path).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (mover(PubliclyAccessible=False), Verdict.NO),
        (mover(without=("PubliclyAccessible",)), Verdict.YES),
        (mover(PubliclyAccessible="x"), Verdict.UNKNOWN),
        (mover(without=("VpcSecurityGroups",)), Verdict.UNKNOWN),
        (mover(without=("ReplicationSubnetGroup",)), Verdict.UNKNOWN),
        (mover(ReplicationInstanceStatus="failed"), Verdict.DORMANT),
    ],
    ids=["private", "default", "flag", "groups", "subnets", "failed"],
)
def test_other_locks(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert reach(lab, tmp_path).verdict is verdict


def test_a_standby_elsewhere_is_a_condition(tmp_path: Path) -> None:
    subnets = {"Subnets": [{"SubnetIdentifier": "subnet-a"}, {"SubnetIdentifier": "subnet-b"}]}
    told = {"ReplicationSubnetGroup": subnets, "AvailabilityZone": f"{REGION}b"}
    for multi, verdict in ((True, Verdict.CONDITIONAL), (False, Verdict.NO)):
        lab = mover(MultiAZ=multi, **told)
        lab.subnet("subnet-b", "vpc-1", "10.0.2.0/24", zone="b")
        lab.table("rtb-b", "vpc-1", [], subnets=("subnet-b",))
        lab.acl("acl-b", "vpc-1", lab.item("acl-1")["Entries"], ("subnet-b",))
        assert reach(lab, tmp_path / str(multi)).verdict is verdict
