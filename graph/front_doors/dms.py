"""Replication instances of the Database Migration Service.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.PublicPrivate.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.evidence import Step
from graph.front_doors.controls import (
    ANY_PORT,
    Place,
    facts,
    in_subnets,
    public_flag,
    state,
    strings,
)
from graph.front_doors.declare import FrontDoor, Lock
from graph.front_doors.sight import Sight, member
from graph.network.reach import Reach


def _instance(sight: Sight, item: Item) -> Iterator[Reach]:
    told = item.item
    (ref,) = sight.refs(item, "/item/PubliclyAccessible")
    gap = sight.gap(item, "describe_replication_instances")
    # AWS's own default is true (ReplicationInstance, DMS API reference).
    public = told.get("PubliclyAccessible", True)
    text = "It connects out; AWS does not say that it listens on any port."
    locks = (
        public_flag(item, "PubliclyAccessible", public, gap, ref),
        state(item, told.get("ReplicationInstanceStatus"), facts("dms")["asleep"]["statuses"]),
        Lock(Step("listener", item.id, "pass", text)),
    )
    place = Place(
        subnets=strings(member(told, "ReplicationSubnetGroup", "Subnets"), "SubnetIdentifier"),
        groups=strings(told.get("VpcSecurityGroups"), "VpcSecurityGroupId"),
        zones=strings([told.get("AvailabilityZone")]),
        moves=told.get("MultiAZ") is True,
        opened=ANY_PORT,
        dual_stack=str(told.get("NetworkType")).upper() == "DUAL",
    )
    yield from in_subnets(sight, item, "dms", place, locks, gap)


DOORS = (
    FrontDoor(
        type_id="dms:replication-instance",
        mechanism="dms",
        title="DMS replication instances",
        rule="PubliclyAccessible is true (AWS's default), the instance is in service, and a subnet "
        "of its group in its zone lets the internet through. It connects out by itself and needs "
        "nothing let in; what listens AWS does not say. A standby in another zone is "
        "`context:subnet`, its IPv6 address `context:public-ipv6`.",
        source="https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.PublicPrivate.html",
        judge=_instance,
        test="tests/front_doors/test_dms.py",
    ),
)
"""Declarations of this service."""
