"""A snapshot as a :class:`~graph.network.world.NetworkWorld`: the only module that knows both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref
from graph.network import ec2_shapes, service_shapes
from graph.network.between.facts_from_snapshot import joints
from graph.network.ec2_shapes import rows, text
from graph.network.facts import (
    BlockPublicAccess,
    Facts,
    Instance,
    Interface,
    InternetGateway,
    Listener,
    LoadBalancer,
    NatGateway,
    Peering,
    PrefixList,
    TargetGroup,
)
from graph.network.web_acls_from_snapshot import WebAcls
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

# Exclusions in these states are not, or no longer, in force (EC2 API reference,
# VpcBlockPublicAccessExclusion.State).
_NO_EXCLUSION = ("create-in-progress", "create-failed", "delete-complete", "disable-complete")


def network_world(snapshot: Snapshot) -> NetworkWorld:
    """Read everything the network engine needs.

    Raises:
        SnapshotError: a file of the snapshot cannot be read.
    """
    return NetworkWorld(_Reader(snapshot).facts())


class _Reader:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.items = {type_id: self._owned(type_id, short) for type_id, short in _SHORT.items()}
        self.known = {
            short: item.id for found in self.items.values() for short, item in found.items()
        }
        self.places: set[tuple[str, str]] = set()
        self.web_acls = WebAcls(snapshot)

    def ids(self, short: str) -> str:
        """The node id of a short id, or the short id where it is not in the snapshot."""
        return self.known.get(short, short)

    def _owned(self, type_id: str, short: str) -> dict[str, Item]:
        """Items by short id; of a resource seen from several accounts, the owner's view."""
        found: dict[str, Item] = {}
        for item in self.snapshot.items(type_id):
            name = text(item.item.get(short)) or item.id.rpartition("/")[2]
            if name not in found or owner_of(item) == item.account_id:
                found[name] = item
        return found

    def each(self, type_id: str) -> Iterator[Item]:
        """Owned items of a type, in order of short id; notes where they are."""
        for _, item in sorted(self.items[type_id].items()):
            self.places.add((owner_of(item), item.region))
            self.places.add((item.account_id, item.region))
            yield item

    def facts(self) -> Facts:
        """All facts; the gaps last, when every place is known."""
        ids, each = self.ids, self.each
        interfaces = self._interfaces()
        # fmt: off
        found = Facts(
            vpcs=tuple(ec2_shapes.vpc(i.id, owner_of(i), i.region, i.item, at(i))
                       for i in each("ec2:vpc")),
            subnets=tuple(ec2_shapes.subnet(i.id, owner_of(i), i.region, i.item, ids, at(i))
                          for i in each("ec2:subnet")),
            route_tables=tuple(
                ec2_shapes.route_table(i.id, owner_of(i), i.region, i.item, ids, at(i))
                for i in each("ec2:route-table")),
            internet_gateways=tuple(self._gateway(i) for i in each("ec2:internet-gateway")),
            acls=tuple(ec2_shapes.acl(i.id, i.item, ids, at(i)) for i in each("ec2:network-acl")),
            security_groups=tuple(
                ec2_shapes.security_group(i.id, owner_of(i), i.region, i.item, ids, at(i))
                for i in each("ec2:security-group")),
            prefix_lists=tuple(self._prefix_list(i) for i in each("ec2:prefix-list")),
            block_public_access=tuple(self._block_public_access()),
            endpoints=tuple(ec2_shapes.endpoint(i.id, i.item, ids, at(i))
                            for i in each("ec2:vpc-endpoint")),
            peerings=tuple(self._peering(i) for i in each("ec2:vpc-peering")),
            nat_gateways=tuple(self._nat_gateway(i) for i in each("ec2:nat-gateway")),
            interfaces=tuple(interfaces.values()),
            instances=tuple(self._instance(i) for i in each("ec2:instance")),
            load_balancers=(*self._classic(), *self._load_balancers()),
            target_groups=tuple(self._target_groups()),
            databases=tuple(self._databases()),
        )
        # fmt: on
        joined = joints(self.snapshot, self.ids, self._every_place())
        return replace(found, joints=joined, gaps=frozenset(self._gaps()))

    def _every_place(self) -> set[tuple[str, str]]:
        """Where the ledger says anything: what joins networks may lie beside every VPC."""
        return {(row.account_id, row.region) for row in self.snapshot.ledger} | self.places

    def _gaps(self) -> Iterator[str]:
        for account, region in sorted(self.places):
            for service, operation in _CALLS:
                if self.snapshot.status(account, region, service, operation) not in _KNOWN:
                    yield f"{service}.{operation}@{account}/{region}"

    def _gateway(self, item: Item) -> InternetGateway:
        attached = tuple(
            self.ids(text(one.get("VpcId")))
            for one in rows(item.item.get("Attachments"))
            if one.get("State") in ("available", "attached", None)
        )
        return InternetGateway(item.id, attached, (Ref.to(item, "/item"),))

    def _nat_gateway(self, item: Item) -> NatGateway:
        found = tuple(
            self.ids(text(one.get("NetworkInterfaceId")))
            for one in rows(item.item.get("NatGatewayAddresses"))
        )
        public = item.item.get("ConnectivityType") != "private"
        state = text(item.item.get("State")) or "available"
        return NatGateway(item.id, found, public, (Ref.to(item, "/item"),), state)

    def _peering(self, item: Item) -> Peering:
        sides = [item.item.get("RequesterVpcInfo"), item.item.get("AccepterVpcInfo")]
        vpcs = [self.ids(text(s.get("VpcId"))) if isinstance(s, Mapping) else "" for s in sides]
        status = item.item.get("Status")
        active = isinstance(status, Mapping) and status.get("Code") == "active"
        return Peering(item.id, vpcs[0], vpcs[1], active, (Ref.to(item, "/item"),))

    def _prefix_list(self, item: Item) -> PrefixList:
        call = item.call("get_managed_prefix_list_entries")
        cidrs = None
        if call.known:
            listed = listing(call, "Entries")
            read = [ec2_shapes.readable(one.get("Cidr")) for one in listed]
            cidrs = None if None in read else tuple(cidr for cidr in read if cidr)
        return PrefixList(
            id=item.id,
            name=text(item.item.get("PrefixListName")),
            owner=text(item.item.get("OwnerId")),
            cidrs=cidrs,
            refs=(Ref.to(item, "/calls/get_managed_prefix_list_entries/value"),),
        )

    def _block_public_access(self) -> Iterator[BlockPublicAccess]:
        for item in self.snapshot.items("ec2:vpc-bpa"):
            options = item.call("describe_vpc_block_public_access_options")
            excluded = item.call("describe_vpc_block_public_access_exclusions")
            mode: str | None = None
            if options.known or options.status is Status.NOT_SUPPORTED:
                told = options.value if isinstance(options.value, Mapping) else {}
                inner = told.get("VpcBlockPublicAccessOptions", told)
                set_to = inner.get("InternetGatewayBlockMode") if isinstance(inner, Mapping) else ""
                mode = text(set_to) or "off"
            exclusions = None
            if excluded.known or excluded.status is Status.NOT_SUPPORTED:
                exclusions = tuple(
                    (
                        self._excluded(text(one.get("ResourceArn"))),
                        text(one.get("InternetGatewayExclusionMode")),
                    )
                    for one in listing(excluded, "VpcBlockPublicAccessExclusions")
                    if one.get("State") not in _NO_EXCLUSION
                )
            refs = (Ref.to(item, "/calls/describe_vpc_block_public_access_options/value"),)
            yield BlockPublicAccess(item.account_id, item.region, mode, exclusions, refs)

    def _excluded(self, arn: str) -> str:
        return self.ids(arn.rpartition("/")[2])

    def _interfaces(self) -> dict[str, Interface]:
        """Interfaces as EC2 lists them, completed by what instances and Elastic IPs tell.

        Where listing interfaces was denied, the instances' own view stands in.
        """
        elastic: dict[str, dict[str, str]] = {}
        for item in self.snapshot.items("ec2:address"):
            held = elastic.setdefault(text(item.item.get("NetworkInterfaceId")), {})
            held[text(item.item.get("PrivateIpAddress"))] = text(item.item.get("PublicIp"))
        seen: dict[str, tuple[Item, Mapping[str, Any]]] = {}
        for item in self.each("ec2:instance"):
            for one in rows(item.item.get("NetworkInterfaces")):
                seen[text(one.get("NetworkInterfaceId"))] = (item, one)
        tasks = self._task_interfaces()
        found: dict[str, Interface] = {}
        for item in self.each("ec2:network-interface"):
            short = text(item.item.get("NetworkInterfaceId"))
            held = elastic.get(short, {})
            mine = ec2_shapes.keyed(held.items())
            if short in seen:
                for address in ec2_shapes.addresses(seen[short][1], {}):
                    mine.setdefault(address.private, address.public)
            made = ec2_shapes.interface(
                item.id, owner_of(item), item.region, item.item, self.ids, at(item), mine
            )
            own = tuple(replace(one, elastic=one.private in held) for one in made.addresses)
            made = replace(made, addresses=own)
            task = "" if made.owner else tasks.get(short, "")
            found[short] = replace(made, owner=task, owner_kind="task") if task else made
        for short, (item, one) in sorted(seen.items()):
            if short and short not in found:
                found[short] = self._seen_from(item, short, one, elastic.get(short, {}))
        return found

    def _task_interfaces(self) -> dict[str, str]:
        """ECS tasks by short id of the interface that ECS attached for them (awsvpc)."""
        return {
            text(detail.get("value")): item.id
            for item in self.snapshot.items("ecs:task")
            if isinstance(task := item.call("describe_tasks").value, Mapping)
            for attached in rows(task.get("attachments"))
            for detail in rows(attached.get("details"))
            if detail.get("name") == "networkInterfaceId"
        }

    def _seen_from(
        self, item: Item, short: str, one: Mapping[str, Any], elastic: Mapping[str, str]
    ) -> Interface:
        """An interface as its instance tells it."""
        node = f"{item.id.rpartition(':')[0]}:network-interface/{short}"
        told = dict(one)
        told["Attachment"] = {"InstanceId": text(item.item.get("InstanceId"))}
        told.setdefault("VpcId", item.item.get("VpcId"))
        self.known.setdefault(short, node)
        return ec2_shapes.interface(
            node,
            owner_of(item),
            item.region,
            told,
            self.ids,
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
        return Instance(
            id=item.id,
            state=text(state.get("Name")) if isinstance(state, Mapping) else "",
            interfaces=tuple(self.ids(text(one.get("NetworkInterfaceId"))) for one in listed),
            refs=(Ref.to(item, "/item"),),
        )

    def _classic(self) -> Iterator[LoadBalancer]:
        for item in self.snapshot.items("elb:load-balancer"):
            self.places.add((item.account_id, item.region))
            health = item.call("describe_instance_health")
            attributes = item.call("describe_load_balancer_attributes")
            yield service_shapes.classic_load_balancer(
                item.id,
                item.account_id,
                item.region,
                item.item,
                listing(health, "InstanceStates") if health.known else None,
                attributes.value if attributes.known else None,
                self.ids,
                at(item),
            )

    def _load_balancers(self) -> Iterator[LoadBalancer]:
        for item in self.snapshot.items("elbv2:load-balancer"):
            self.places.add((item.account_id, item.region))
            attributes = item.call("describe_load_balancer_attributes")
            made = service_shapes.load_balancer(
                item.id,
                item.account_id,
                item.region,
                item.item,
                attributes.value if attributes.known else None,
                self.ids,
                at(item),
            )
            if made.kind == "application":
                place = (item.account_id, item.region)
                guards = self.web_acls.guards("APPLICATION_LOAD_BALANCER", item.id, *place)
                made = replace(made, guards=guards)
            yield with_listeners(made, self._listeners(item), named(item, "describe_listeners"))

    def _listeners(self, item: Item) -> tuple[Listener, ...] | None:
        call = item.call("describe_listeners")
        if not call.known:
            return None
        found = []
        for number, one in enumerate(listing(call, "Listeners")):
            name = f"describe_rules(ListenerArn={text(one.get('ListenerArn'))})"
            rules = item.call(name)
            layer7 = item.item.get("Type", "application") == "application"
            missing = "" if rules.known or not layer7 else named(item, name)
            listed = listing(rules, "Rules") if rules.known else None
            found.append(service_shapes.listener(one, listed, missing, self.ids, at(item), number))
        return tuple(found)

    def _target_groups(self) -> Iterator[TargetGroup]:
        for item in self.snapshot.items("elbv2:target-group"):
            self.places.add((item.account_id, item.region))
            health = item.call("describe_target_health")
            attributes = item.call("describe_target_group_attributes")
            yield service_shapes.target_group(
                item.id,
                item.item,
                listing(health, "TargetHealthDescriptions") if health.known else None,
                attributes.value if attributes.known else None,
                () if health.known else (named(item, "describe_target_health"),),
                self.ids,
                at(item),
            )

    def _databases(self) -> Iterator[Any]:
        for item in self.snapshot.items("rds:db-instance"):
            self.places.add((item.account_id, item.region))
            yield service_shapes.database(
                item.id, item.account_id, item.region, item.item, self.ids, at(item)
            )


def owner_of(item: Item) -> str:
    """The account that owns a resource: ``OwnerId`` if told, else the one it was seen from."""
    owner = text(item.item.get("OwnerId"))
    return owner if owner.isdigit() else item.account_id


def at(item: Item) -> Callable[[str], Ref]:
    """A function from a JSON pointer to the place in this item."""
    return lambda pointer: Ref.to(item, pointer)


def listing(call: CallResult, member: str) -> list[Mapping[str, Any]]:
    """The objects of a call's answer, a list or an object holding one."""
    value = call.value
    return rows(value.get(member)) if isinstance(value, Mapping) else rows(value)


def named(item: Item, operation: str) -> str:
    """The name of a follow-up call."""
    service = item.type.partition(":")[0]
    base = operation.partition("(")[0]
    return f"{service}.{base}({item.id})@{item.account_id}/{item.region}"


def with_listeners(
    made: LoadBalancer, listeners: tuple[Listener, ...] | None, call: str
) -> LoadBalancer:
    """The load balancer with its listeners, or with the name of the call that is missing."""
    return replace(made, listeners=listeners, missing=() if listeners is not None else (call,))


__all__ = ["network_world"]
