"""Timestream for InfluxDB, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION, Denied

INSTANCE = f"arn:aws:timestream-influxdb:{REGION}:{ACCOUNT}:db-instance/i1"
CLUSTER = f"arn:aws:timestream-influxdb:{REGION}:{ACCOUNT}:db-cluster/c1"
KINDS = {
    INSTANCE: ("timestream-influxdb:db", "get_db_instance"),
    CLUSTER: ("timestream-influxdb:cluster", "get_db_cluster"),
}


def database(
    node: str = INSTANCE, *, without: tuple[str, ...] = (), call: Any = None, **more: Any
) -> Lab:
    lab = exposed()
    lab.group("sg-influx", [allow("tcp/8086"), allow("tcp/8086", "::/0")])
    told = {
        "status": "AVAILABLE",
        "publiclyAccessible": True,
        "port": 8086,
        "vpcSubnetIds": ["subnet-a"],
        "vpcSecurityGroupIds": ["sg-influx"],
    } | more
    told = {key: value for key, value in told.items() if key not in without}
    type_id, operation = KINDS[node]
    lab.add(type_id, "one", node, {"id": "one"}, **{operation: call or told})
    return lab


def reach(lab: Lab, folder: Path, node: str = INSTANCE, family: str = "ipv4") -> Reach:
    return one(lab, folder, node, f"timestream-influxdb/{family}")


@pytest.mark.parametrize("node", [INSTANCE, CLUSTER])
def test_a_public_database_is_reached_on_its_port(tmp_path: Path, node: str) -> None:
    found = reach(database(node), tmp_path / "open", node)
    assert (found.verdict, found.ports) == (Verdict.YES, ("tcp/8086",))
    closed = reach(database(node, publiclyAccessible=False), tmp_path / "closed", node)
    assert failing(closed) == ["address"]


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (database(call=Denied), Verdict.UNKNOWN),
        (database(without=("publiclyAccessible",)), Verdict.UNKNOWN),
        (database(without=("vpcSubnetIds",)), Verdict.UNKNOWN),
        (database(without=("vpcSecurityGroupIds",)), Verdict.UNKNOWN),
        (database(without=("port",)), Verdict.YES),
        (database(port=8087), Verdict.NO),
        (database(status="FAILED"), Verdict.DORMANT),
    ],
    ids=["denied", "flag", "subnets", "groups", "default port", "port", "failed"],
)
def test_other_locks(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert reach(lab, tmp_path).verdict is verdict


def test_a_private_subnet_keeps_the_internet_out(tmp_path: Path) -> None:
    lab = database()
    lab.item("rtb-main")["Routes"] = []
    assert "return route" in failing(reach(lab, tmp_path))


def test_a_dual_stack_database_may_be_reached_over_ipv6(tmp_path: Path) -> None:
    found = reach(database(networkType="DUAL"), tmp_path, family="ipv6")
    assert found.answer.conditions == ("context:public-ipv6",)
