"""Amazon MQ brokers.

A public ActiveMQ broker stands in the customer's subnets, behind its security groups. A public
RabbitMQ broker stands behind a load balancer of AWS's, and neither subnets nor security groups of
the customer's are in the way (CreateBroker: it needs no subnets when it is public).
https://docs.aws.amazon.com/amazon-mq/latest/api-reference/brokers.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from collector.snapshot import Item
from graph.front_doors.controls import (
    ANY_PORT,
    Place,
    facts,
    in_subnets,
    port_of_address,
    public_flag,
    state,
    strings,
)
from graph.front_doors.declare import FrontDoor, Lock, unread
from graph.front_doors.sight import Sight, member, rows
from graph.network import ports
from graph.network.reach import Reach
from graph.network.spans import Spans, union

_CALL = "describe_broker"
_HTTPS = 443


def _broker(sight: Sight, item: Item) -> Iterable[Reach]:
    told = item.call(_CALL).value
    gap = sight.gap(item, _CALL)
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value")
    flag = "PubliclyAccessible"
    status = member(told, "BrokerState") or item.item.get("BrokerState")
    locks: list[Lock] = [
        public_flag(item, flag, member(told, flag), gap, ref),
        state(item, status, facts("mq")["asleep"]["statuses"]),
    ]
    engine = str(member(told, "EngineType") or item.item.get("EngineType") or "").upper()
    if engine not in facts("mq")["ports"]:
        locks.append(unread("engine", item.id, gap, ref))
    opened = _ports(told, engine)
    if engine == "RABBITMQ":
        return sight.reached(item, "mq", locks, opened=opened)
    place = Place(
        subnets=strings(member(told, "SubnetIds")),
        groups=strings(member(told, "SecurityGroups")),
        opened=opened,
    )
    return in_subnets(sight, item, "mq", place, locks, gap)


def _ports(told: Any, engine: str) -> Spans:
    """Those of the broker's endpoints and console; else those of its engine, else any."""
    instances = rows(member(told, "BrokerInstances"))
    urls = [url for one in instances for url in strings(one.get("Endpoints"))]
    found = [opened for url in urls if (opened := port_of_address(url)) is not None]
    consoles = [url for one in instances if isinstance(url := one.get("ConsoleURL"), str)]
    if found:
        return union([*found, *(port_of_address(url) or ports.tcp(_HTTPS) for url in consoles)])
    usual = facts("mq")["ports"].get(engine)
    return union(ports.tcp(one) for one in usual["numbers"]) if usual else ANY_PORT


DOORS = (
    FrontDoor(
        type_id="mq:broker",
        mechanism="mq",
        title="Amazon MQ brokers",
        rule="PubliclyAccessible is true and the broker is in service. ActiveMQ: one of its "
        "subnets also lets the internet through to a port of its endpoints (gateway, routes, "
        "network ACL, security groups). RabbitMQ: nothing of the customer's network is in the "
        "way. The login is the broker's own.",
        source="https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/using-amazon-mq-securely.html",
        judge=_broker,
        test="tests/front_doors/test_mq.py",
    ),
)
"""Declarations of this service."""
