"""EMR clusters: their instances' public addresses behind the groups of primary and other nodes.

Block public access stops the launch of a cluster whose groups are open; it closes none that runs.
https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.evidence import Step
from graph.front_doors.controls import ANY_PORT, Place, facts, in_subnets, state, strings
from graph.front_doors.declare import FrontDoor, Lock, passes, sleeps, stops, unread
from graph.front_doors.sight import Sight, member, rows
from graph.network.reach import Reach, merge

_BLOCK = "emr:block-public-access"
_BLOCK_CALL = "get_block_public_access_configuration"
_CLUSTER_CALL, _INSTANCES_CALL = "describe_cluster", "list_instances"
# The groups of the primary node and of the others, as Ec2InstanceAttributes names them.
_PRIMARY = ("EmrManagedMasterSecurityGroup", "AdditionalMasterSecurityGroups")
_OTHERS = ("EmrManagedSlaveSecurityGroup", "AdditionalSlaveSecurityGroups")


def _cluster(sight: Sight, item: Item) -> list[Reach]:
    return merge(_nodes(sight, item))


def _nodes(sight: Sight, item: Item) -> Iterator[Reach]:
    told = member(item.call(_CLUSTER_CALL).value, "Cluster")
    placed = member(told, "Ec2InstanceAttributes")
    status = member(told, "Status", "State") or member(item.item, "Status", "State")
    common = [state(item, status, facts("emr")["asleep"]["statuses"]), *_blocked(sight, item)]
    listed = item.call(_INSTANCES_CALL)
    read = listed.known and (listed.value is None or isinstance(listed.value, list))
    instances = rows(listed.value) if read else None
    for address, members in _kinds(sight, item, told, instances):
        place = Place(
            subnets=strings([member(placed, "Ec2SubnetId")]),
            groups=_groups(placed, members),
            opened=ANY_PORT,
        )
        gap = sight.gap(item, _CLUSTER_CALL)
        yield from in_subnets(sight, item, "emr", place, (address, *common), gap)


def _kinds(
    sight: Sight, item: Item, told: Any, instances: list[Mapping[str, Any]] | None
) -> Iterator[tuple[Lock, tuple[str, ...]]]:
    """The address of each kind of node with its groups' members; the primary node if in doubt."""
    name = "address"
    (ref,) = sight.refs(item, f"/calls/{_INSTANCES_CALL}/value")
    if instances is None:
        yield unread(name, item.id, sight.gap(item, _INSTANCES_CALL), ref), _PRIMARY
        return
    if not instances:
        yield sleeps("state", item.id, "No instance of it runs.", ref), _PRIMARY
        return
    public = [one for one in instances if one.get("PublicIpAddress")]
    if not public:
        yield stops(name, item.id, "None of its instances has a public address.", ref), _PRIMARY
        return
    primary = member(told, "MasterPublicDnsName")
    named = [one for one in public if primary and one.get("PublicDnsName") == primary]
    addresses = ", ".join(str(one["PublicIpAddress"]) for one in (named or public)[:5])
    if named or not _is_known(primary, instances):
        text = f"Its primary node has the public address {addresses}."
        yield passes(name, item.id, text, ref), _PRIMARY
    if len(public) > len(named):
        text = "Other nodes of it have public addresses."
        yield passes(name, item.id, text, ref), _OTHERS


def _is_known(primary: Any, instances: list[Mapping[str, Any]]) -> bool:
    """Whether the primary node is among the instances, by either of its names."""
    return any(
        primary and primary in (one.get("PublicDnsName"), one.get("PrivateDnsName"))
        for one in instances
    )


def _groups(placed: Any, members: tuple[str, ...]) -> list[str]:
    managed, additional = members
    return strings([member(placed, managed)]) + strings(member(placed, additional))


def _blocked(sight: Sight, item: Item) -> list[Lock]:
    """A word for the reader; it changes nothing for a cluster that runs."""
    for line in sight.in_place(_BLOCK, item.account_id, item.region):
        told = member(line.call(_BLOCK_CALL).value, "BlockPublicAccessConfiguration")
        if member(told, "BlockPublicSecurityGroupRules") is True:
            text = "Block public access stops launches with open groups, not a running cluster."
            step = Step("block public access", item.id, "pass", text, sight.refs(line, "/calls"))
            return [Lock(step)]
    return []


DOORS = (
    FrontDoor(
        type_id="emr:cluster",
        mechanism="emr",
        title="EMR clusters",
        rule="An instance of the cluster has a public address, its subnet has a way to the "
        "internet, and the security groups of that kind of node (primary, or core and task) admit "
        "the port: 22, 8088, 8443, 8888, 9443, 18080 and whatever else the applications open. "
        "EMR's block public access stops launches of clusters with open groups; groups that were "
        "opened later stay open. The login is the applications' own, if they have one.",
        source="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-block-public-access.html",
        judge=_cluster,
        test="tests/front_doors/test_emr.py",
        needs=frozenset({_BLOCK}),
    ),
)
"""Declarations of this service."""
