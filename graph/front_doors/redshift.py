"""Redshift clusters and Redshift Serverless workgroups.

https://docs.aws.amazon.com/redshift/latest/mgmt/managing-clusters-vpc.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.controls import Place, facts, in_subnets, port, public_flag, state, strings
from graph.front_doors.declare import FrontDoor
from graph.front_doors.sight import Sight, member
from graph.network.reach import Reach

_TEST = "tests/front_doors/test_redshift.py"
_SUBNET_GROUP = "redshift:subnet-group"


def _cluster(sight: Sight, item: Item) -> Iterator[Reach]:
    told = item.item
    (ref,) = sight.refs(item, "/item/PubliclyAccessible")
    gap = sight.gap(item, "describe_clusters")
    locks = (
        public_flag(item, "PubliclyAccessible", told.get("PubliclyAccessible"), gap, ref),
        state(item, told.get("ClusterStatus"), facts("redshift")["cluster_asleep"]["statuses"]),
    )
    place = Place(
        subnets=_subnets(sight, item),
        groups=strings(told.get("VpcSecurityGroups"), "VpcSecurityGroupId"),
        zones=strings([told.get("AvailabilityZone")]),
        moves=told.get("MultiAZ") == "Enabled" or _relocates(told),
        opened=port(member(told, "Endpoint", "Port")),
        dual_stack=told.get("IpAddressType") == "dualstack",
    )
    yield from in_subnets(sight, item, "redshift", place, locks, gap)


def _subnets(sight: Sight, item: Item) -> list[str]:
    groups = sight.by_member(_SUBNET_GROUP, "ClusterSubnetGroupName")
    name = str(item.item.get("ClusterSubnetGroupName"))
    group = groups.get((item.account_id, item.region, name))
    return strings(group.item.get("Subnets"), "SubnetIdentifier") if group else []


def _relocates(told: object) -> bool:
    return member(told, "AvailabilityZoneRelocationStatus") in ("enabled", "pending_enabling")


def _workgroup(sight: Sight, item: Item) -> Iterator[Reach]:
    told = item.item
    (ref,) = sight.refs(item, "/item/publiclyAccessible")
    gap = sight.gap(item, "list_workgroups")
    known = facts("redshift")
    locks = (
        public_flag(item, "publiclyAccessible", told.get("publiclyAccessible"), gap, ref),
        state(item, told.get("status"), known["workgroup_asleep"]["statuses"]),
    )
    told_port = member(told, "endpoint", "port") or told.get("port")
    place = Place(
        subnets=strings(told.get("subnetIds")),
        groups=strings(told.get("securityGroupIds")),
        opened=port(told_port or known["workgroup_port"]["default"]),
        dual_stack=told.get("ipAddressType") == "dualstack",
    )
    yield from in_subnets(sight, item, "redshift-serverless", place, locks, gap)


DOORS = (
    FrontDoor(
        type_id="redshift:cluster",
        mechanism="redshift",
        title="Redshift clusters",
        rule="PubliclyAccessible is true, the cluster is in service, and a subnet of its subnet "
        "group in its zone lets the internet through to the endpoint's port (internet gateway, "
        "routes, network ACL, security groups). A cluster that may move to another zone is "
        "reached there under the condition `context:subnet`. Whether its IPv6 address is public "
        "AWS's documentation does not say: `context:public-ipv6`. The login is the database's own.",
        source="https://docs.aws.amazon.com/redshift/latest/mgmt/managing-clusters-vpc.html",
        judge=_cluster,
        test=_TEST,
        needs=frozenset({_SUBNET_GROUP}),
    ),
    FrontDoor(
        type_id="redshift-serverless:workgroup",
        mechanism="redshift-serverless",
        title="Redshift Serverless workgroups",
        rule="publiclyAccessible is true, the workgroup is in service, and one of its subnets lets "
        "the internet through to its port (5439 unless another is set). The login is the "
        "database's own.",
        source="https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-connecting.html",
        judge=_workgroup,
        test=_TEST,
    ),
)
"""Declarations of this service."""
