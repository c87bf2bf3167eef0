"""Database instances and the internet, each case with its twin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION

DB = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders"
Judge = Callable[[Lab], Reach]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    count = iter(range(100))

    def run(lab: Lab) -> Reach:
        found = internet_reach(lab.build(tmp_path / str(next(count))))
        (reach,) = [one for one in found if one.mechanism == "rds/ipv4"]
        return reach

    return run


def failing(reach: Reach) -> list[str]:
    return [step.name for step in reach.answer.steps if step.result == "fail"]


def database(subnets: tuple[str, ...] = ("subnet-a",), **more: Any) -> Lab:
    lab = exposed()
    lab.group("sg-db", [allow("tcp/5432")])
    lab.subnet("subnet-b", "vpc-1", "10.0.2.0/24", zone="b")
    lab.table("rtb-b", "vpc-1", [], subnets=("subnet-b",))
    lab.acl("acl-b", "vpc-1", lab.item("acl-1")["Entries"], ("subnet-b",))
    item = {
        "DBInstanceIdentifier": "orders",
        "Engine": "postgres",
        "DBInstanceStatus": "available",
        "PubliclyAccessible": True,
        "AvailabilityZone": f"{REGION}a",
        "Endpoint": {"Port": 5432},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db", "Status": "active"}],
        "DBSubnetGroup": {
            "VpcId": "vpc-1",
            "Subnets": [{"SubnetIdentifier": one} for one in subnets],
        },
    } | more
    lab.add("rds:db-instance", "orders", DB, item)
    return lab


def test_public_database_is_reached_on_its_port_only(judge: Judge) -> None:
    reach = judge(database())
    assert (reach.target, reach.source, reach.verdict) == (DB, "internet", Verdict.YES)
    assert reach.ports == ("tcp/5432",)
    assert judge(database(Endpoint={"Port": 3306})).verdict is Verdict.NO


def test_public_flag_in_private_subnets_is_blocked_by_the_route(judge: Judge) -> None:
    reach = judge(database(("subnet-b",), AvailabilityZone=f"{REGION}b"))
    assert failing(reach) == ["return route"]


def test_open_group_without_the_public_flag_is_blocked_by_the_address(judge: Judge) -> None:
    assert failing(judge(database(PubliclyAccessible=False))) == ["address"]


def test_subnet_in_use_decides_and_another_is_a_condition(judge: Judge) -> None:
    assert judge(database(("subnet-a", "subnet-b"))).verdict is Verdict.YES
    reach = judge(database(("subnet-a", "subnet-b"), AvailabilityZone=f"{REGION}b"))
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, ("context:db-subnet",))


def test_stopped_database_is_dormant_and_documentdb_is_never_public(judge: Judge) -> None:
    assert judge(database(DBInstanceStatus="stopped")).verdict is Verdict.DORMANT
    assert failing(judge(database(Engine="docdb"))) == ["address"]


@pytest.mark.parametrize(
    ("engine", "iam", "verdict", "terms"),
    [
        ("neptune", False, Verdict.YES, ()),
        ("neptune", True, Verdict.CONDITIONAL, ("authn:sigv4",)),
        (
            "neptune",
            None,
            Verdict.CONDITIONAL,
            (f"not_collected:IAMDatabaseAuthenticationEnabled of {DB}",),
        ),
        ("postgres", True, Verdict.YES, ()),
    ],
)
def test_neptune_with_iam_asks_for_a_signature_and_others_have_passwords(
    judge: Judge, engine: str, iam: bool | None, verdict: Verdict, terms: tuple[str, ...]
) -> None:
    reach = judge(database(Engine=engine, IAMDatabaseAuthenticationEnabled=iam))
    assert (reach.verdict, reach.answer.conditions) == (verdict, terms)


def test_database_whose_group_was_not_read_is_unknown(judge: Judge) -> None:
    lab = database()
    lab.deny("ec2.describe_security_groups")
    lab.remove("sg-db")
    reach = judge(lab)
    assert reach.verdict is Verdict.UNKNOWN
    assert "ec2.describe_security_groups" in reach.answer.conditions[0]


def test_a_port_that_is_none_may_be_any(judge: Judge) -> None:
    for port in (-1, 70000, None):
        reach = judge(database(Endpoint={"Port": port}))
        assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/5432",))
