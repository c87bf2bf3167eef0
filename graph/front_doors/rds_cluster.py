"""Database clusters: Aurora, Neptune, DocumentDB and Multi-AZ clusters of RDS.

An Aurora or Neptune cluster has the addresses of its instances; a Multi-AZ cluster has a flag of
its own. The Data API and the internet access gateway lie outside the customer's VPC.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-vpc.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from collector.snapshot import Item
from graph.evidence import Ref
from graph.front_doors.controls import (
    ANY_PORT,
    Place,
    facts,
    in_subnets,
    port,
    public_flag,
    state,
    strings,
)
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, stops, unread
from graph.front_doors.sight import BOTH, Sight
from graph.network.databases import internet_to_database
from graph.network.facts import DbInstance
from graph.network.reach import Reach, merge
from graph.verdict import Verdict

_CLUSTER = "rds:db-cluster"
_CALL = "describe_db_clusters"
_SUBNET_GROUP = "rds:subnet-group"
_BY_INSTANCE = ("aurora", "neptune")
_PUBLIC_INSTANCE = "context:db-instance-public"
_TEST = "tests/front_doors/test_rds_cluster.py"


def _cluster(sight: Sight, item: Item) -> Iterable[Reach]:
    engine = str(item.item.get("Engine") or "")
    (ref,) = sight.refs(item, "/item")
    if engine.startswith("docdb"):
        lock = stops("address", item.id, "DocumentDB never has a public address.", ref)
        return sight.reached(item, "rds", (lock,), opened=_opened(item))
    if not engine or engine.startswith(_BY_INSTANCE):
        return merge(_through_instances(sight, item))
    return _multi_az(sight, item)


def _through_instances(sight: Sight, item: Item) -> Iterator[Reach]:
    """The cluster behind each of its instances that is reached."""
    (ref,) = sight.refs(item, "/item/DBClusterMembers")
    names = _members(sight, item)
    if not names and item.item.get("DBClusterMembers") is None:
        lock = unread("instances", item.id, sight.gap(item, _CALL), ref)
        yield from sight.reached(item, "rds", (lock,), opened=_opened(item))
    elif not names:
        yield from _without_instances(sight, item, ref)
    for name in names:
        database = sight.network.databases.get(_instance_id(item, name))
        if database is None:
            gap = f"rds.describe_db_instances({name})@{item.account_id}/{item.region}"
            lock = unread("instances", item.id, gap, ref)
            yield from sight.reached(item, "rds", (lock,), opened=_opened(item))
        else:
            yield from _behind(sight, item, database)


def _without_instances(sight: Sight, item: Item, ref: Ref) -> list[Reach]:
    """A cluster that nothing runs: closed, and what else would hold an instance shut.

    Each instance has a PubliclyAccessible of its own; subnets and security groups are the
    cluster's.
    """
    text = "An instance of it would be public if its own PubliclyAccessible were true."
    locks = (
        stops("instances", item.id, "The cluster has no instance.", ref),
        asks_for("address", item.id, text, _PUBLIC_INSTANCE),
    )
    return in_subnets(sight, item, "rds", _place(sight, item), locks, sight.gap(item, _CALL))


def _behind(sight: Sight, item: Item, database: DbInstance) -> Iterator[Reach]:
    for reach in internet_to_database(sight.network, database):
        via = () if reach.verdict is Verdict.NO else (database.id,)
        yield replace(reach, target=item.id, via=via)


def _members(sight: Sight, item: Item) -> list[str]:
    """Names of its instances, by its own word or by theirs."""
    told = strings(item.item.get("DBClusterMembers"), "DBInstanceIdentifier")
    if told:
        return told
    name = item.item.get("DBClusterIdentifier")
    return [
        str(one.item.get("DBInstanceIdentifier"))
        for one in sight.in_place("rds:db-instance", item.account_id, item.region)
        if name and one.item.get("DBClusterIdentifier") == name
    ]


def _instance_id(item: Item, name: str) -> str:
    return f"{item.id.rpartition(':cluster:')[0]}:db:{name}"


def _multi_az(sight: Sight, item: Item) -> list[Reach]:
    told = item.item
    gap = sight.gap(item, _CALL)
    (ref,) = sight.refs(item, "/item/PubliclyAccessible")
    locks = (
        public_flag(item, "PubliclyAccessible", told.get("PubliclyAccessible"), gap, ref),
        _state(item),
    )
    place = replace(_place(sight, item), zones=strings(told.get("AvailabilityZones")))
    return in_subnets(sight, item, "rds", place, locks, gap)


def _place(sight: Sight, item: Item) -> Place:
    """Every subnet of its group, and its security groups."""
    told = item.item
    groups = sight.by_member(_SUBNET_GROUP, "DBSubnetGroupName")
    group = groups.get((item.account_id, item.region, str(told.get("DBSubnetGroup"))))
    return Place(
        subnets=strings(group.item.get("Subnets"), "SubnetIdentifier") if group else [],
        groups=strings(told.get("VpcSecurityGroups"), "VpcSecurityGroupId"),
        opened=port(told.get("Port")),
        dual_stack=told.get("NetworkType") in ("DUAL", "IPV6"),
    )


def _opened(item: Item) -> Any:
    return port(item.item.get("Port")) or ANY_PORT


def _state(item: Item) -> Lock:
    return state(item, item.item.get("Status"), facts("rds_cluster")["asleep"]["statuses"])


def _switch(sight: Sight, item: Item, name: str, member: str) -> Lock | None:
    """A switch that is off unless it was turned on; ``None`` if it is off: there is no door."""
    (ref,) = sight.refs(item, f"/item/{member}")
    told = item.item.get(member, False)
    if told is False:
        return None
    if told is True:
        return passes(name, item.id, f"{member} is true.", ref)
    return unread(name, item.id, sight.gap(item, _CALL), ref)


def _data_api(sight: Sight, item: Item) -> Iterator[Reach]:
    switch = _switch(sight, item, "data api", "HttpEndpointEnabled")
    if switch is None:
        return
    text = "The Data API answers signed requests that name the database's secret."
    locks = (switch, asks_for("authentication", item.id, text, "authn:sigv4"), _state(item))
    yield from sight.reached(item, "rds-data", locks, families=BOTH)


def _gateway(sight: Sight, item: Item) -> Iterator[Reach]:
    switch = _switch(sight, item, "gateway", "InternetAccessGatewayEnabled")
    if switch is None:
        return
    locks = [switch, _state(item)]
    opened = port(item.item.get("Port"))
    if opened is None:
        locks.append(unread("port", item.id, sight.gap(item, _CALL)))
    yield from sight.reached(item, "aurora-gateway", locks, opened=opened or ANY_PORT)


DOORS = (
    FrontDoor(
        type_id=_CLUSTER,
        mechanism="rds",
        title="Database clusters",
        rule="Aurora and Neptune: one of the cluster's instances is reached, and the cluster is "
        "what stands behind it (Neptune with IAM database authentication asks for a signature: "
        "`authn:sigv4`). Multi-AZ clusters of RDS: the cluster's PubliclyAccessible is "
        "true, it is in service, and a subnet of its group in one of its zones lets the internet "
        "through to its port. DocumentDB: never.",
        source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
        judge=_cluster,
        test=_TEST,
        needs=frozenset({_SUBNET_GROUP, "rds:db-instance"}),
    ),
    FrontDoor(
        type_id=_CLUSTER,
        mechanism="rds-data",
        title="RDS Data API of database clusters",
        rule="HttpEndpointEnabled is true and the cluster is in service. Every request is signed: "
        "`authn:sigv4`. The service answers over IPv4 and IPv6.",
        source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html",
        judge=_data_api,
        test=_TEST,
    ),
    FrontDoor(
        type_id=_CLUSTER,
        mechanism="aurora-gateway",
        title="Internet access gateways of Aurora PostgreSQL clusters",
        rule="InternetAccessGatewayEnabled is true (clusters of the express configuration, without "
        "a VPC) and the cluster is in service. The login is the database's own, by IAM token.",
        source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_GettingStartedAurora.AuroraPostgreSQL.ExpressConfig.html",
        judge=_gateway,
        test=_TEST,
    ),
)
"""Declarations of this service."""
