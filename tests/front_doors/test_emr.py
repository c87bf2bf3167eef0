"""EMR clusters, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION, Denied

CLUSTER = f"arn:aws:elasticmapreduce:{REGION}:{ACCOUNT}:cluster/j-1"
PRIMARY = {
    "Ec2InstanceId": "i-1",
    "PublicIpAddress": "198.51.100.9",
    "PublicDnsName": "ec2-1.example.com",
    "PrivateDnsName": "ip-10-0-0-9.internal",
}
CORE = {"Ec2InstanceId": "i-2", "PrivateDnsName": "ip-10-0-0-8.internal"}


def cluster(
    *instances: Any,
    listed: Any = None,
    described: Any = None,
    primary: str = "ec2-1.example.com",
    state: str = "WAITING",
    without: tuple[str, ...] = (),
) -> Lab:
    """The primary node's group opens 8088, the others' 22."""
    lab = exposed()
    lab.group("sg-primary", [allow("tcp/8088")])
    lab.group("sg-core", [allow("tcp/22")])
    placed = {
        "Ec2SubnetId": "subnet-a",
        "EmrManagedMasterSecurityGroup": "sg-primary",
        "EmrManagedSlaveSecurityGroup": "sg-core",
    }
    placed = {key: value for key, value in placed.items() if key not in without}
    told = {
        "Cluster": {
            "Status": {"State": state},
            "MasterPublicDnsName": primary,
            "Ec2InstanceAttributes": placed,
        }
    }
    calls = {
        "describe_cluster": described or told,
        "list_instances": listed or list(instances),
    }
    lab.add("emr:cluster", "j-1", CLUSTER, {"Id": "j-1"}, **calls)
    return lab


def reach(lab: Lab, folder: Path) -> Reach:
    return one(lab, folder, CLUSTER, "emr/ipv4")


def test_the_primary_node_is_reached_where_its_group_allows(tmp_path: Path) -> None:
    found = reach(cluster(PRIMARY, CORE), tmp_path)
    assert (found.verdict, found.ports) == (Verdict.YES, ("tcp/8088",))


def test_a_public_core_node_is_reached_through_the_other_group(tmp_path: Path) -> None:
    core = CORE | {"PublicIpAddress": "198.51.100.8", "PublicDnsName": "ec2-2.example.com"}
    assert reach(cluster(PRIMARY, core), tmp_path / "both").ports == ("tcp/22", "tcp/8088")
    private = {"Ec2InstanceId": "i-1", "PrivateDnsName": "ip-10-0-0-9.internal"}
    lab = cluster(private, core, primary="ip-10-0-0-9.internal")
    assert reach(lab, tmp_path / "core").ports == ("tcp/22",)


def test_additional_groups_count(tmp_path: Path) -> None:
    lab = cluster(PRIMARY)
    lab.group("sg-more", [allow("tcp/8888")])
    call = lab.lines[ACCOUNT, REGION, "emr:cluster"]["j-1"]["calls"]["describe_cluster"]
    placed = call["value"]["Cluster"]["Ec2InstanceAttributes"]
    placed["AdditionalMasterSecurityGroups"] = ["sg-more"]
    assert reach(lab, tmp_path).ports == ("tcp/8088", "tcp/8888")


def test_without_a_public_address_it_is_closed(tmp_path: Path) -> None:
    found = reach(cluster(CORE), tmp_path)
    assert (found.verdict, failing(found)) == (Verdict.NO, ["address"])


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (cluster(listed=Denied), Verdict.UNKNOWN),
        (cluster(listed={"Instances": []}), Verdict.UNKNOWN),
        (cluster(PRIMARY, described=Denied), Verdict.UNKNOWN),
        (cluster(PRIMARY, without=("EmrManagedMasterSecurityGroup",)), Verdict.UNKNOWN),
        (cluster(PRIMARY, without=("Ec2SubnetId",)), Verdict.UNKNOWN),
        (cluster(), Verdict.DORMANT),
        (cluster(PRIMARY, state="TERMINATING"), Verdict.DORMANT),
    ],
    ids=["instances", "shape", "cluster", "groups", "subnet", "none runs", "terminating"],
)
def test_other_locks(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert reach(lab, tmp_path).verdict is verdict


def test_a_private_subnet_keeps_the_internet_out(tmp_path: Path) -> None:
    lab = cluster(PRIMARY)
    lab.item("rtb-main")["Routes"] = []
    assert "return route" in failing(reach(lab, tmp_path))


def test_block_public_access_does_not_close_a_cluster_that_runs(tmp_path: Path) -> None:
    lab = cluster(PRIMARY)
    told = {"BlockPublicAccessConfiguration": {"BlockPublicSecurityGroupRules": True}}
    lab.add(
        "emr:block-public-access",
        "bpa",
        f"{ACCOUNT}/{REGION}",
        {},
        get_block_public_access_configuration=told,
    )
    found = reach(lab, tmp_path)
    assert found.verdict is Verdict.YES
    assert "block public access" in [step.name for step in found.answer.steps]
