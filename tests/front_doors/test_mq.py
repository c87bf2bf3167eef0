"""Amazon MQ brokers, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION, Denied

BROKER = f"arn:aws:mq:{REGION}:{ACCOUNT}:broker:work:b-1"
INSTANCE = {
    "ConsoleURL": "https://b-1.example.com:8162",
    "Endpoints": ["ssl://b-1.example.com:61617", "amqp+ssl://b-1.example.com:5671"],
}


def broker(
    engine: str = "ActiveMQ", *, without: tuple[str, ...] = (), call: Any = None, **more: Any
) -> Lab:
    lab = exposed()
    lab.group("sg-mq", [allow("tcp/5671"), allow("tcp/61617")])
    told = {
        "BrokerState": "RUNNING",
        "EngineType": engine,
        "PubliclyAccessible": True,
        "SubnetIds": ["subnet-a"],
        "SecurityGroups": ["sg-mq"],
        "BrokerInstances": [INSTANCE],
    } | more
    told = {key: value for key, value in told.items() if key not in without}
    lab.add("mq:broker", "b-1", BROKER, {"BrokerId": "b-1"}, describe_broker=call or told)
    return lab


def reach(lab: Lab, folder: Path) -> Reach:
    return one(lab, folder, BROKER, "mq/ipv4")


def test_a_public_activemq_broker_is_reached_where_its_groups_allow(tmp_path: Path) -> None:
    found = reach(broker(), tmp_path)
    assert (found.verdict, found.ports) == (Verdict.YES, ("tcp/5671", "tcp/61617"))


def test_the_console_counts_too(tmp_path: Path) -> None:
    lab = broker()
    lab.item("sg-mq")["IpPermissions"] = [allow("tcp/8162")]
    assert reach(lab, tmp_path).ports == ("tcp/8162",)


@pytest.mark.parametrize("engine", ["ActiveMQ", "RabbitMQ", "RABBITMQ"])
def test_a_broker_that_is_not_public_is_closed(tmp_path: Path, engine: str) -> None:
    found = reach(broker(engine, PubliclyAccessible=False), tmp_path)
    assert found.verdict is Verdict.NO
    assert failing(found) == ["address"]


def test_a_closed_group_keeps_activemq_in_and_says_nothing_of_rabbitmq(tmp_path: Path) -> None:
    closed = broker(without=("BrokerInstances",))
    closed.item("sg-mq")["IpPermissions"] = []
    assert failing(reach(closed, tmp_path / "a")) == ["security group"]
    public = broker("RabbitMQ", without=("BrokerInstances", "SubnetIds", "SecurityGroups"))
    found = reach(public, tmp_path / "r")
    assert (found.verdict, found.ports) == (Verdict.YES, ("tcp/443", "tcp/5671", "tcp/15671"))


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (broker(call=Denied), Verdict.UNKNOWN),
        (broker(without=("PubliclyAccessible",)), Verdict.UNKNOWN),
        (broker(without=("EngineType",)), Verdict.UNKNOWN),
        (broker(without=("SubnetIds",)), Verdict.UNKNOWN),
        (broker(without=("SecurityGroups",)), Verdict.UNKNOWN),
        (broker(BrokerState="CREATION_FAILED"), Verdict.DORMANT),
        (broker("RabbitMQ", BrokerState="CREATION_FAILED"), Verdict.DORMANT),
    ],
    ids=["denied", "flag", "engine", "subnets", "groups", "failed", "rabbit failed"],
)
def test_other_locks(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert reach(lab, tmp_path).verdict is verdict


def test_a_private_subnet_keeps_activemq_in(tmp_path: Path) -> None:
    lab = broker()
    lab.item("rtb-main")["Routes"] = []
    assert "return route" in failing(reach(lab, tmp_path))
