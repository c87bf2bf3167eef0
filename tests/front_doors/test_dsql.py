"""Aurora DSQL clusters, each case with its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Absent, Denied

CLUSTER = f"arn:aws:dsql:{REGION}:{ACCOUNT}:cluster/d1"
NO_VPC = {"Null": {"aws:SourceVpc": "true"}}


def deny(**condition: Any) -> dict[str, Any]:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": {"AWS": "*"},
                    "Action": ["dsql:DbConnect", "dsql:DbConnectAdmin"],
                    "Resource": "*",
                    "Condition": condition,
                }
            ],
        }
    )
    return {"policy": text}


def cluster(policy: Any = Absent, status: str = "ACTIVE") -> Lab:
    lab = Lab()
    calls = {"get_cluster": {"status": status}, "get_cluster_policy": policy}
    lab.add("dsql:cluster", "d1", CLUSTER, {"identifier": "d1"}, **calls)
    return lab


def reach(lab: Lab, folder: Path) -> Reach:
    return one(lab, folder, CLUSTER, "dsql/ipv4")


def test_a_cluster_without_a_policy_asks_for_a_signature_only(tmp_path: Path) -> None:
    found = reach(cluster(), tmp_path)
    assert (found.verdict, found.ports) == (Verdict.CONDITIONAL, ("tcp/5432",))
    assert found.answer.conditions == ("authn:sigv4",)


@pytest.mark.parametrize(
    "condition", [NO_VPC, {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, {}], ids=str
)
def test_a_deny_of_all_outside_a_vpc_is_no(tmp_path: Path, condition: dict[str, Any]) -> None:
    found = reach(cluster(deny(**condition)), tmp_path)
    assert (found.verdict, failing(found)) == (Verdict.NO, ["resource policy"])


def test_a_deny_with_an_exception_leaves_the_endpoint_open(tmp_path: Path) -> None:
    exception = {"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/x"}}
    found = reach(cluster(deny(**NO_VPC, **exception)), tmp_path)
    assert found.verdict is Verdict.CONDITIONAL
    assert "authn:sigv4" in found.answer.conditions


def test_a_deny_of_all_outside_a_range_makes_the_range_the_source(tmp_path: Path) -> None:
    lab = cluster(deny(NotIpAddress={"aws:SourceIp": ["8.8.8.0/24", "10.0.0.0/8"]}))
    (found,) = judged(lab, tmp_path)
    assert (found.source, found.answer.conditions) == ("cidr:8.8.8.0/24", ("authn:sigv4",))


@pytest.mark.parametrize("policy", [Denied, {"policy": "{"}], ids=["denied", "broken"])
def test_a_policy_that_was_not_read_is_a_condition(tmp_path: Path, policy: Any) -> None:
    found = reach(cluster(policy), tmp_path)
    assert found.verdict is Verdict.CONDITIONAL
    assert any("get_cluster_policy" in term for term in found.answer.conditions)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("IDLE", Verdict.CONDITIONAL), ("FAILED", Verdict.DORMANT)],
)
def test_its_state(tmp_path: Path, status: str, verdict: Verdict) -> None:
    assert reach(cluster(status=status), tmp_path).verdict is verdict
