"""Timestream for InfluxDB: instances and clusters.

https://docs.aws.amazon.com/timestream/latest/developerguide/timestream-for-influx-configuring.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collector.snapshot import Item
from graph.front_doors.controls import Place, facts, in_subnets, port, public_flag, state, strings
from graph.front_doors.declare import FrontDoor
from graph.front_doors.sight import Sight, member
from graph.network.reach import Reach

_MECHANISM = "timestream-influxdb"
_ZONES = ("availabilityZone", "secondaryAvailabilityZone")
_TEST = "tests/front_doors/test_timestream_influxdb.py"
_RULE = (
    "publiclyAccessible is true, it is in service, and {place} lets the internet through to its "
    "port (8086 unless another is set). The login is InfluxDB's own. Whether its IPv6 address is "
    "public AWS's documentation does not say: `context:public-ipv6`."
)
_SOURCE = "https://docs.aws.amazon.com/timestream/latest/developerguide/timestream-for-influx-configuring.html"


def _judge(call: str, sight: Sight, item: Item) -> Iterator[Reach]:
    told = item.call(call).value
    gap = sight.gap(item, call)
    (ref,) = sight.refs(item, f"/calls/{call}/value")
    flag = "publiclyAccessible"
    known = facts("timestream_influxdb")
    status = member(told, "status") or item.item.get("status")
    locks = (
        public_flag(item, flag, member(told, flag), gap, ref),
        state(item, status, known["asleep"]["statuses"]),
    )
    told_port = member(told, "port")
    place = Place(
        subnets=strings(member(told, "vpcSubnetIds")),
        groups=strings(member(told, "vpcSecurityGroupIds")),
        zones=strings([member(told, name) for name in _ZONES]),
        opened=port(known["port"]["default"] if told_port is None else told_port),
        dual_stack=member(told, "networkType") == "DUAL",
    )
    yield from in_subnets(sight, item, _MECHANISM, place, locks, gap)


DOORS = (
    FrontDoor(
        type_id="timestream-influxdb:db",
        mechanism=_MECHANISM,
        title="Timestream for InfluxDB instances",
        rule=_RULE.format(place="a subnet in its zone (or its standby's)"),
        source=_SOURCE,
        judge=partial(_judge, "get_db_instance"),
        test=_TEST,
    ),
    FrontDoor(
        type_id="timestream-influxdb:cluster",
        mechanism=_MECHANISM,
        title="Timestream for InfluxDB clusters",
        rule=_RULE.format(place="one of its subnets"),
        source=_SOURCE,
        judge=partial(_judge, "get_db_cluster"),
        test=_TEST,
    ),
)
"""Declarations of this service."""
