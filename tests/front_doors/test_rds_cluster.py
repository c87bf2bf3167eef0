"""Database clusters, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed
from queries.answers.near import locks_of
from snapshot_files import ACCOUNT, REGION

CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:shop"
INSTANCE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop-1"
GROUPS = [{"VpcSecurityGroupId": "sg-db", "Status": "active"}]
SUBNETS = [{"SubnetIdentifier": "subnet-a"}]


def world() -> Lab:
    lab = exposed()
    lab.group("sg-db", [allow("tcp/5432")])
    return lab


def cluster(
    lab: Lab, engine: str = "aurora-postgresql", without: tuple[str, ...] = (), **more: Any
) -> Lab:
    item = {
        "DBClusterIdentifier": "shop",
        "Engine": engine,
        "Status": "available",
        "Port": 5432,
        "DBClusterMembers": [{"DBInstanceIdentifier": "shop-1"}],
        "DBSubnetGroup": "dbs",
        "AvailabilityZones": [f"{REGION}a"],
        "VpcSecurityGroups": GROUPS,
    } | more
    item = {key: value for key, value in item.items() if key not in without}
    lab.add("rds:db-cluster", "shop", CLUSTER, item)
    arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:subgrp:dbs"
    lab.add("rds:subnet-group", "dbs", arn, {"DBSubnetGroupName": "dbs", "Subnets": SUBNETS})
    return lab


def instance(lab: Lab, public: bool = True, **more: Any) -> Lab:
    item = {
        "DBInstanceIdentifier": "shop-1",
        "DBClusterIdentifier": "shop",
        "DBInstanceStatus": "available",
        "PubliclyAccessible": public,
        "AvailabilityZone": f"{REGION}a",
        "Endpoint": {"Port": 5432},
        "VpcSecurityGroups": GROUPS,
        "DBSubnetGroup": {"VpcId": "vpc-1", "Subnets": SUBNETS},
    } | more
    lab.add("rds:db-instance", "shop-1", INSTANCE, item)
    return lab


def aurora(public: bool = True, **more: Any) -> Lab:
    return instance(cluster(world(), **more), public)


def multi_az(**more: Any) -> Lab:
    return cluster(world(), "postgres", **({"PubliclyAccessible": True} | more))


def reach(lab: Lab, folder: Path, mechanism: str = "rds") -> Reach:
    return one(lab, folder, CLUSTER, f"{mechanism}/ipv4")


@pytest.mark.parametrize(
    ("engine", "verdict"),
    [("aurora-postgresql", Verdict.YES), ("neptune", Verdict.CONDITIONAL)],
)
def test_a_cluster_stands_behind_its_public_instance(
    tmp_path: Path, engine: str, verdict: Verdict
) -> None:
    signed = {"Engine": engine, "IAMDatabaseAuthenticationEnabled": True}
    found = reach(instance(cluster(world(), engine=engine), **signed), tmp_path / "public")
    assert (found.verdict, found.ports, found.via) == (verdict, ("tcp/5432",), (INSTANCE,))
    private = reach(aurora(public=False, engine=engine), tmp_path / "private")
    assert (private.verdict, private.via, failing(private)) == (Verdict.NO, (), ["address"])


def test_the_instance_itself_is_judged_elsewhere(tmp_path: Path) -> None:
    assert {one.target for one in judged(aurora(), tmp_path)} == {CLUSTER}


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (cluster(world()), Verdict.UNKNOWN),
        (cluster(world(), DBClusterMembers=[]), Verdict.NO),
        (cluster(world(), without=("DBClusterMembers",)), Verdict.UNKNOWN),
        (aurora(without=("DBClusterMembers",)), Verdict.YES),
        (instance(cluster(world()), DBInstanceStatus="stopped"), Verdict.DORMANT),
    ],
    ids=["instance unread", "none", "members unread", "told by the instance", "stopped"],
)
def test_what_is_known_of_the_instances(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert reach(lab, tmp_path).verdict is verdict


def test_documentdb_is_never_public(tmp_path: Path) -> None:
    found = reach(instance(cluster(world(), "docdb")), tmp_path)
    assert (found.verdict, failing(found)) == (Verdict.NO, ["address"])


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (multi_az(), Verdict.YES),
        (multi_az(PubliclyAccessible=False), Verdict.NO),
        (multi_az(Port=5433), Verdict.NO),
        (multi_az(without=("PubliclyAccessible",)), Verdict.UNKNOWN),
        (multi_az(without=("VpcSecurityGroups",)), Verdict.UNKNOWN),
        (multi_az(without=("DBSubnetGroup",)), Verdict.UNKNOWN),
        (multi_az(without=("Port",)), Verdict.UNKNOWN),
        (multi_az(Status="stopped"), Verdict.DORMANT),
    ],
    ids=["open", "private", "port", "flag", "groups", "subnets", "no port", "stopped"],
)
def test_a_multi_az_cluster_has_a_flag_of_its_own(
    tmp_path: Path, lab: Lab, verdict: Verdict
) -> None:
    assert reach(lab, tmp_path).verdict is verdict


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({"HttpEndpointEnabled": True}, Verdict.CONDITIONAL),
        ({"HttpEndpointEnabled": "x"}, Verdict.UNKNOWN),
        ({"HttpEndpointEnabled": True, "Status": "stopped"}, Verdict.DORMANT),
    ],
    ids=["on", "unread", "stopped"],
)
def test_the_data_api_asks_for_a_signature(
    tmp_path: Path, told: dict[str, Any], verdict: Verdict
) -> None:
    found = reach(cluster(world(), **told), tmp_path, "rds-data")
    assert found.verdict is verdict
    if verdict is Verdict.CONDITIONAL:
        assert (found.ports, found.answer.conditions) == (("tcp/443",), ("authn:sigv4",))


def test_the_data_api_answers_over_both_families(tmp_path: Path) -> None:
    found = judged(cluster(world(), HttpEndpointEnabled=True), tmp_path)
    mechanisms = {one.mechanism for one in found if one.verdict is Verdict.CONDITIONAL}
    assert mechanisms == {"rds-data/ipv4", "rds-data/ipv6"}


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({"InternetAccessGatewayEnabled": True}, Verdict.YES),
        ({"InternetAccessGatewayEnabled": "x"}, Verdict.UNKNOWN),
        ({"InternetAccessGatewayEnabled": True, "Status": "stopped"}, Verdict.DORMANT),
        ({"InternetAccessGatewayEnabled": True, "Port": None}, Verdict.UNKNOWN),
    ],
    ids=["on", "unread", "stopped", "port"],
)
def test_an_internet_access_gateway_opens_the_port(
    tmp_path: Path, told: dict[str, Any], verdict: Verdict
) -> None:
    found = reach(cluster(world(), **told), tmp_path, "aurora-gateway")
    assert found.verdict is verdict
    if verdict is Verdict.YES:
        assert found.ports == ("tcp/5432",)


@pytest.mark.parametrize("member", ["HttpEndpointEnabled", "InternetAccessGatewayEnabled"])
def test_an_option_that_is_off_is_no_door(tmp_path: Path, member: str) -> None:
    def mechanisms(name: str, **told: Any) -> set[str]:
        found = judged(cluster(world(), **told), tmp_path / name)
        return {one.mechanism.partition("/")[0] for one in found}

    assert mechanisms("on", **{member: True}) > {"rds"}
    assert mechanisms("off", **{member: False}) == {"rds"}
    assert mechanisms("default") == {"rds"}


@pytest.mark.parametrize(
    ("rule", "locks", "opens"),
    [
        ("tcp/5432", ["instances"], ("tcp/5432",)),
        ("tcp/22", ["instances", "security group"], ()),
    ],
    ids=["open", "closed"],
)
def test_a_cluster_without_instances_has_the_locks_of_its_place_too(
    tmp_path: Path, rule: str, locks: list[str], opens: tuple[str, ...]
) -> None:
    lab = exposed()
    lab.group("sg-db", [allow(rule)])
    found = reach(cluster(lab, DBClusterMembers=[]), tmp_path)
    assert (found.verdict, failing(found)) == (Verdict.NO, locks)
    held = locks_of(found.answer.steps)
    assert (held.opens, held.verdict) == (opens, Verdict.CONDITIONAL)
