"""A snapshot's ways into VPC Lattice: endpoints and associations of VPCs.

What a resource configuration names, and which targets a listener forwards to, is not collected.
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-resources.html
https://docs.aws.amazon.com/vpc-lattice/latest/ug/service-network-associations.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from collector.snapshot import Item, Snapshot, Status
from graph.evidence import Ref
from graph.network.between.facts import LatticeWay
from graph.network.ec2_shapes import Json, rows, text, texts
from graph.network.views_from_snapshot import Near

_RESOURCE = "vpc-lattice.get_resource_configuration({})@{}/{}"
_SERVICE = "vpc-lattice.get_listener({})@{}/{}"
_NETWORK = "vpc-lattice.list_service_networks({})@{}/{}"


def lattice_ways(snapshot: Snapshot, near: Near) -> Iterator[LatticeWay]:
    """Every VPC's ways into VPC Lattice that are in service.

    Args:
        snapshot: what was collected.
        near: a line -> (short id -> node id).

    Raises:
        collector.snapshot.SnapshotError: a file cannot be read.
    """
    told = _Lattice.read(snapshot, near)
    for item in snapshot.items("ec2:vpc-endpoint"):
        if text(item.item.get("State")).lower() != "available":
            continue
        vpc = near(item)(text(item.item.get("VpcId")))
        if name := text(item.item.get("ResourceConfigurationArn")):
            yield told.to_resource(item, item.id, vpc, name)
        elif name := text(item.item.get("ServiceNetworkArn")):
            yield from told.to_network(item, item.id, vpc, name)
    for network in told.networks.values():
        for row in _listed(network, "list_service_network_vpc_associations"):
            if _live(row):
                way = text(row.get("arn")) or network.id
                vpc = near(network)(text(row.get("vpcId")))
                yield from told.to_network(network, way, vpc, network.id)


def _live(row: Json) -> bool:
    return text(row.get("status")) in ("", "ACTIVE", "PARTIAL", "UPDATE_IN_PROGRESS")


def _listed(item: Item, operation: str) -> Sequence[Json]:
    call = item.call(operation)
    value = call.value if call.status is Status.OK else None
    return rows(value.get("items") if isinstance(value, Mapping) else value)


@dataclass(frozen=True)
class _Lattice:
    """Lines of VPC Lattice by ARN; ``gateways`` by id give their VPC."""

    networks: dict[str, Item] = field(default_factory=dict)
    resources: dict[str, Item] = field(default_factory=dict)
    gateways: dict[str, str] = field(default_factory=dict)
    targets: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, snapshot: Snapshot, near: Near) -> _Lattice:
        """The lines of a snapshot."""
        targets: dict[str, list[str]] = defaultdict(list)
        for item in snapshot.items("vpc-lattice:target-group"):
            there = [near(item)(text(row.get("id"))) for row in _listed(item, "list_targets")]
            for service in texts(item.item.get("serviceArns")):
                targets[service] += there
        return cls(
            {one.id: one for one in snapshot.items("vpc-lattice:service-network")},
            {one.id: one for one in snapshot.items("vpc-lattice:resource-configuration")},
            {
                text(one.item.get("id")): near(one)(text(one.item.get("vpcIdentifier")))
                for one in snapshot.items("vpc-lattice:resource-gateway")
            },
            targets,
        )

    def exits(self, name: str) -> tuple[str, ...] | None:
        """VPCs in which a resource's gateway stands; ``None`` if that was not collected."""
        resource = self.resources.get(name)
        gateway = text(resource.item.get("resourceGatewayId")) if resource else ""
        vpc = self.gateways.get(gateway, "")
        return (vpc,) if vpc else None

    def to_resource(self, item: Item, way: str, vpc: str, name: str) -> LatticeWay:
        """By an endpoint or a network to one resource."""
        gap = _RESOURCE.format(name.rpartition("/")[2], item.account_id, item.region)
        return LatticeWay(way, vpc, self.exits(name), (), gap, (Ref.to(item, "/item"),))

    def to_network(self, item: Item, way: str, vpc: str, name: str) -> Iterator[LatticeWay]:
        """To everything that a service network offers."""
        network, refs = self.networks.get(name), (Ref.to(item, "/item"),)
        short = name.rpartition("/")[2]
        if network is None:
            gap = _NETWORK.format(short, item.account_id, item.region)
            yield LatticeWay(way, vpc, None, (), gap, refs)
            return
        for row in _listed(network, "list_service_network_resource_associations"):
            if _live(row):
                yield self.to_resource(item, way, vpc, text(row.get("resourceConfigurationArn")))
        for row in _listed(network, "list_service_network_service_associations"):
            service = text(row.get("serviceArn"))
            if _live(row) and self.targets.get(service):
                gap = _SERVICE.format(service.rpartition("/")[2], item.account_id, item.region)
                yield LatticeWay(way, vpc, (), tuple(self.targets[service]), gap, refs)


__all__ = ["lattice_ways"]
