"""A snapshot as a :class:`~graph.network.world.NetworkWorld`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from collector.snapshot import Item, Snapshot, Status
from graph.evidence import Ref
from graph.network import ec2_shapes, filter_shapes, service_shapes
from graph.network.between.facts_from_snapshot import joints
from graph.network.between.readable_joints import peering_is_readable
from graph.network.block_public_access_from_snapshot import block_public_access
from graph.network.ec2_shapes import rows, text
from graph.network.facts import (
    Facts,
    Instance,
    Interface,
    InternetGateway,
    NatGateway,
    Peering,
    PrefixList,
    Subnet,
)
from graph.network.items_from_snapshot import at, whole_list
from graph.network.load_balancers_from_snapshot import LoadBalancerReader
from graph.network.unread_members import unread_members
from graph.network.views_from_snapshot import Views, owner_of
from graph.network.world import NetworkWorld

# A region without an operation has no such feature, so nothing of it is in the way.
_KNOWN = (Status.OK, Status.EMPTY, Status.ABSENT, Status.NOT_ENABLED, Status.NOT_SUPPORTED)

_CALLS = (
    ("ec2", "describe_vpcs"),
    ("ec2", "describe_subnets"),
    ("ec2", "describe_route_tables"),
    ("ec2", "describe_internet_gateways"),
    ("ec2", "describe_nat_gateways"),
    ("ec2", "describe_network_acls"),
    ("ec2", "describe_security_groups"),
    ("ec2", "describe_network_interfaces"),
    ("ec2", "describe_addresses"),
    ("ec2", "describe_instances"),
    ("ec2", "describe_vpc_endpoints"),
    ("ec2", "describe_vpc_peering_connections"),
    ("ec2", "describe_managed_prefix_lists"),
    ("ec2", "describe_vpc_block_public_access_options"),
    ("ec2", "describe_vpc_block_public_access_exclusions"),
    ("elb", "describe_load_balancers"),
    ("elbv2", "describe_load_balancers"),
    ("elbv2", "describe_target_groups"),
    ("rds", "describe_db_instances"),
)

# Type id -> the member of an item that holds AWS's short id.
_SHORT = {
    "ec2:vpc": "VpcId",
    "ec2:subnet": "SubnetId",
    "ec2:route-table": "RouteTableId",
    "ec2:internet-gateway": "InternetGatewayId",
    "ec2:egress-only-igw": "EgressOnlyInternetGatewayId",
    "ec2:nat-gateway": "NatGatewayId",
    "ec2:network-acl": "NetworkAclId",
    "ec2:security-group": "GroupId",
    "ec2:network-interface": "NetworkInterfaceId",
    "ec2:vpc-peering": "VpcPeeringConnectionId",
    "ec2:vpc-endpoint": "VpcEndpointId",
    "ec2:prefix-list": "PrefixListId",
    "ec2:instance": "InstanceId",
    "ec2:transit-gateway": "TransitGatewayId",
}

_LISTED_BY = {
    "ec2:route-table": "ec2.describe_route_tables",
    "ec2:network-acl": "ec2.describe_network_acls",
    "ec2:internet-gateway": "ec2.describe_internet_gateways",
}


def network_world(snapshot: Snapshot) -> NetworkWorld:
    """Read everything the network engine needs.

    Raises:
        SnapshotError: a file of the snapshot cannot be read.
    """
    return NetworkWorld(_Reader(snapshot).facts())


class _Reader:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.views = Views(snapshot, _SHORT)
        self.near = self.views.near
        self.places: set[tuple[str, str]] = set()
        self.unread: set[str] = set()
        self.warnings: dict[str, str] = {}
        self.balancers = LoadBalancerReader(snapshot, self.views, self.places)

    def each(self, type_id: str) -> Iterator[Item]:
        """Resources of a type, in order of id; notes where they are."""
        for item in self.views.of_type(type_id):
            self.places.add((owner_of(item), item.region))
            self.places.update((one, item.region) for one in self.views.seen_by(item.id))
            self._note_unread(type_id, item)
            yield item

    def facts(self) -> Facts:
        """All facts; the gaps last, when every place is known."""
        near, each = self.near, self.each
        interfaces = self._interfaces()
        # fmt: off
        found = Facts(
            vpcs=tuple(v for i in each("ec2:vpc")
                       if (v := ec2_shapes.vpc(i.id, owner_of(i), i.region, i.item, at(i)))),
            subnets=tuple(s for i in each("ec2:subnet") if (s := self._subnet(i))),
            route_tables=tuple(
                ec2_shapes.route_table(i.id, owner_of(i), i.region, i.item, near(i), at(i))
                for i in each("ec2:route-table")),
            internet_gateways=tuple(self._gateway(i) for i in each("ec2:internet-gateway")),
            acls=tuple(filter_shapes.acl(i.id, i.item, near(i), at(i))
                       for i in each("ec2:network-acl")),
            security_groups=tuple(
                filter_shapes.security_group(i.id, owner_of(i), i.region, i.item, near(i), at(i))
                for i in each("ec2:security-group")),
            prefix_lists=tuple(self._prefix_list(i) for i in each("ec2:prefix-list")),
            block_public_access=tuple(block_public_access(self.snapshot, near)),
            endpoints=tuple(ec2_shapes.endpoint(i.id, i.item, near(i), at(i))
                            for i in each("ec2:vpc-endpoint")),
            peerings=tuple(self._peering(i) for i in each("ec2:vpc-peering")
                           if peering_is_readable(i.item)),
            nat_gateways=tuple(self._nat_gateway(i) for i in each("ec2:nat-gateway")),
            interfaces=tuple(interfaces.values()),
            instances=tuple(self._instance(i) for i in each("ec2:instance")),
            load_balancers=(*self.balancers.classic(), *self.balancers.load_balancers()),
            target_groups=tuple(self.balancers.target_groups()),
            databases=tuple(self._databases()),
        )
        # fmt: on
        found = replace(found, interfaces=tuple(_in_vpcs(found)))
        joined = joints(self.snapshot, self.near, self._every_place())
        gaps, warnings = frozenset((*self._gaps(), *self.unread)), tuple(self.warnings.values())
        return replace(found, joints=joined, gaps=gaps, warnings=warnings)

    def _note_unread(self, type_id: str, item: Item) -> None:
        """What is joined to a place that cannot be read may be joined to any place around it."""
        members = tuple(unread_members(type_id, item.item))
        if not members:
            return
        self.warnings[item.id] = f"{', '.join(members)} of {item.id} cannot be read."
        for account in {owner_of(item), *self.views.seen_by(item.id)}:
            self.unread.add(f"{_LISTED_BY[type_id]}@{account}/{item.region}")

    def _every_place(self) -> set[tuple[str, str]]:
        """Where the ledger says anything: what joins networks may lie beside every VPC."""
        return {(row.account_id, row.region) for row in self.snapshot.ledger} | self.places

    def _gaps(self) -> Iterator[str]:
        for account, region in sorted(self.places):
            for service, operation in _CALLS:
                if self.snapshot.status(account, region, service, operation) not in _KNOWN:
                    yield f"{service}.{operation}@{account}/{region}"

    def _subnet(self, item: Item) -> Subnet | None:
        made = ec2_shapes.subnet(
            item.id, owner_of(item), item.region, item.item, self.near(item), at(item)
        )
        return made and replace(made, seen_by=self.views.seen_by(item.id))

    def _gateway(self, item: Item) -> InternetGateway:
        ids = self.near(item)
        attached = tuple(
            ids(text(one.get("VpcId")))
            for one in rows(item.item.get("Attachments"))
            if one.get("State") in ("available", "attached", None) and text(one.get("VpcId"))
        )
        return InternetGateway(item.id, attached, (Ref.to(item, "/item"),))

    def _nat_gateway(self, item: Item) -> NatGateway:
        ids = self.near(item)
        found = tuple(
            ids(text(one.get("NetworkInterfaceId")))
            for one in rows(item.item.get("NatGatewayAddresses"))
        )
        public = item.item.get("ConnectivityType") != "private"
        state = text(item.item.get("State")) or "available"
        return NatGateway(item.id, found, public, (Ref.to(item, "/item"),), state)

    def _peering(self, item: Item) -> Peering:
        sides = [item.item.get("RequesterVpcInfo"), item.item.get("AccepterVpcInfo")]
        vpcs = [self._side(item, s) if isinstance(s, Mapping) else "" for s in sides]
        status = item.item.get("Status")
        active = isinstance(status, Mapping) and status.get("Code") == "active"
        return Peering(item.id, vpcs[0], vpcs[1], active, (Ref.to(item, "/item"),))

    def _side(self, item: Item, info: Mapping[str, Any]) -> str:
        place = (text(info.get("OwnerId")), text(info.get("Region")))
        here = (owner_of(item), item.region)
        return self.views.resolve(text(info.get("VpcId")), (place, here))

    def _prefix_list(self, item: Item) -> PrefixList:
        call = item.call("get_managed_prefix_list_entries")
        cidrs = None
        if call.known:
            listed = whole_list(call, "Entries")
            read = (
                [None] if listed is None else [ec2_shapes.readable(o.get("Cidr")) for o in listed]
            )
            cidrs = None if None in read else tuple(cidr for cidr in read if cidr)
        return PrefixList(
            id=item.id,
            name=text(item.item.get("PrefixListName")),
            owner=text(item.item.get("OwnerId")),
            cidrs=cidrs,
            refs=(Ref.to(item, "/calls/get_managed_prefix_list_entries/value"),),
        )

    def _interfaces(self) -> dict[str, Interface]:
        """Interfaces as EC2 lists them, completed by what instances and Elastic IPs tell.

        Where listing interfaces was denied, the instances' own view stands in.
        """
        seen: dict[str, tuple[Item, Mapping[str, Any]]] = {}
        for item in self.each("ec2:instance"):
            for one in rows(item.item.get("NetworkInterfaces")):
                if short := text(one.get("NetworkInterfaceId")):
                    seen[self._interface_id(item, short)] = (item, one)
        elastic: dict[str, dict[str, str]] = {}
        for item in self.snapshot.items("ec2:address"):
            node = self.near(item)(text(item.item.get("NetworkInterfaceId")))
            held = elastic.setdefault(node, {})
            held[text(item.item.get("PrivateIpAddress"))] = text(item.item.get("PublicIp"))
        tasks = self._task_interfaces()
        found: dict[str, Interface] = {}
        for item in self.each("ec2:network-interface"):
            held = elastic.get(item.id, {})
            mine = ec2_shapes.keyed(held.items())
            if item.id in seen:
                for address in ec2_shapes.addresses(seen[item.id][1], {}):
                    mine.setdefault(address.private, address.public)
            made = ec2_shapes.interface(
                item.id, owner_of(item), item.region, item.item, self.near(item), at(item), mine
            )
            own = tuple(replace(one, elastic=one.private in held) for one in made.addresses)
            made = replace(made, addresses=own)
            holder = seen[item.id][0].id if item.id in seen else ""
            found[item.id] = _with_owner(made, holder, tasks.get(item.id, ""))
        for node, (item, one) in sorted(seen.items()):
            if node not in found:
                found[node] = self._seen_from(item, node, one, elastic.get(node, {}))
        return found

    def _interface_id(self, item: Item, short: str) -> str:
        """The node id of an instance's interface, made where only the instance tells of it."""
        known = self.near(item)(short)
        if known != short:
            return known
        node = f"{item.id.rpartition(':')[0]}:network-interface/{short}"
        self.views.register(short, node, item)
        return node

    def _task_interfaces(self) -> dict[str, str]:
        """ECS tasks by id of the interface that ECS attached for them (awsvpc)."""
        return {
            self.near(item)(text(detail.get("value"))): item.id
            for item in self.snapshot.items("ecs:task")
            if isinstance(task := item.call("describe_tasks").value, Mapping)
            for attached in rows(task.get("attachments"))
            for detail in rows(attached.get("details"))
            if detail.get("name") == "networkInterfaceId"
        }

    def _seen_from(
        self, item: Item, node: str, one: Mapping[str, Any], elastic: Mapping[str, str]
    ) -> Interface:
        """An interface as its instance tells it."""
        told = dict(one)
        told["Attachment"] = {"InstanceId": text(item.item.get("InstanceId"))}
        told.setdefault("VpcId", item.item.get("VpcId"))
        # Only describe_network_interfaces tells this one.
        told.setdefault("DenyAllIgwTraffic", None)
        return ec2_shapes.interface(
            node,
            owner_of(item),
            item.region,
            told,
            self.near(item),
            at(item),
            ec2_shapes.keyed(elastic.items()),
        )

    def _instance(self, item: Item) -> Instance:
        def order(one: Mapping[str, Any]) -> int:
            attachment = one.get("Attachment")
            index = attachment.get("DeviceIndex") if isinstance(attachment, Mapping) else None
            return index if isinstance(index, int) else 0

        state = item.item.get("State")
        listed = sorted(rows(item.item.get("NetworkInterfaces")), key=order)
        ids = self.near(item)
        return Instance(
            id=item.id,
            state=text(state.get("Name")) if isinstance(state, Mapping) else "",
            interfaces=tuple(ids(text(one.get("NetworkInterfaceId"))) for one in listed),
            refs=(Ref.to(item, "/item"),),
            kind=text(item.item.get("InstanceType")),
        )

    def _databases(self) -> Iterator[Any]:
        for item in self.snapshot.items("rds:db-instance"):
            self.places.add((item.account_id, item.region))
            yield service_shapes.database(
                item.id, item.account_id, item.region, item.item, self.near(item), at(item)
            )


def _in_vpcs(found: Facts) -> Iterator[Interface]:
    """Interfaces, those whose VPC cannot be read in their subnet's."""
    vpcs = {one.id: one.vpc for one in found.subnets}
    for one in found.interfaces:
        yield one if one.vpc else replace(one, vpc=vpcs.get(one.subnet, ""))


def _with_owner(made: Interface, instance: str, task: str) -> Interface:
    """An interface that tells no owner belongs to the instance or task that tells of it."""
    if made.owner or not (instance or task):
        return made
    return replace(made, owner=instance or task, owner_kind="instance" if instance else "task")


__all__ = ["network_world"]
