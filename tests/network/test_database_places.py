"""Database instances, control by control: what they are told to be, and where they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow
from network.test_databases import Judge, database, failing, judge
from snapshot_files import REGION

__all__ = ["judge"]


def test_whether_it_is_public_may_not_be_told(judge: Judge) -> None:
    reach = judge(database(PubliclyAccessible=None))
    assert reach.verdict is Verdict.UNKNOWN
    assert "PubliclyAccessible" in reach.answer.conditions[0]
    assert judge(database(PubliclyAccessible=True)).verdict is Verdict.YES


def test_its_own_groups_count_and_no_others(judge: Judge) -> None:
    lab = database()
    lab.item("sg-db")["IpPermissions"] = []
    assert failing(judge(lab)) == ["security group"]
    lab.item("orders")["VpcSecurityGroups"] = [{"VpcSecurityGroupId": "sg-web"}]
    lab.item("orders")["Endpoint"] = {"Port": 22}
    assert judge(lab).verdict is Verdict.YES


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("available", Verdict.YES),
        ("backing-up", Verdict.YES),
        ("storage-full", Verdict.YES),
        ("stopped", Verdict.DORMANT),
        ("creating", Verdict.DORMANT),
        ("inaccessible-encryption-credentials", Verdict.DORMANT),
    ],
)
def test_each_status(judge: Judge, status: str, verdict: Verdict) -> None:
    assert judge(database(DBInstanceStatus=status)).verdict is verdict


def test_a_zone_with_an_open_and_a_closed_subnet_is_a_condition(judge: Judge) -> None:
    both = ("subnet-a", "subnet-b")
    lab = database(both)
    lab.item("subnet-b")["AvailabilityZone"] = f"{REGION}a"
    reach = judge(lab)
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, ("context:db-subnet",))
    lab = database(both)
    assert judge(lab).verdict is Verdict.YES


def test_a_zone_that_is_not_told_may_be_any(judge: Judge) -> None:
    lab = database(("subnet-a", "subnet-b"), AvailabilityZone=None)
    assert judge(lab).answer.conditions == ("context:db-subnet",)
    lab = database(("subnet-a",), AvailabilityZone=None)
    assert judge(lab).verdict is Verdict.YES


def test_without_its_subnets_it_is_unknown(judge: Judge) -> None:
    lab = database()
    lab.item("orders")["DBSubnetGroup"]["Subnets"] = []
    assert judge(lab).verdict is Verdict.UNKNOWN
    lab.item("orders")["DBSubnetGroup"]["Subnets"] = [{"SubnetIdentifier": "subnet-a"}]
    assert judge(lab).verdict is Verdict.YES


def by_ipv6(tmp_path: Path, **more: Any) -> list[Reach]:
    lab: Lab = database(**more)
    lab.item("sg-db")["IpPermissions"].append(allow("tcp/5432", "::/0"))
    found = internet_reach(lab.build(tmp_path))
    return [one for one in found if one.mechanism == "rds/ipv6"]


@pytest.mark.parametrize(
    ("engine", "verdict", "conditions"),
    [
        ("postgres", Verdict.CONDITIONAL, ("context:db-public-ipv6",)),
        ("neptune", Verdict.YES, ()),
    ],
)
def test_a_dual_stack_database_is_reached_by_ipv6(
    tmp_path: Path, engine: str, verdict: Verdict, conditions: tuple[str, ...]
) -> None:
    (found,) = by_ipv6(
        tmp_path / "dual",
        NetworkType="DUAL",
        Engine=engine,
        IAMDatabaseAuthenticationEnabled=False,
    )
    assert (found.verdict, found.answer.conditions) == (verdict, conditions)
    assert by_ipv6(tmp_path / "ipv4", NetworkType="IPV4", Engine=engine) == []
