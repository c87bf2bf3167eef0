"""A snapshot's ways into VPC Lattice: endpoints and associations of VPCs.

What a resource configuration names, and which targets a listener forwards to, is not collected.
Where AWS refused a listing, each VPC that may have a way has one, which names the refused call.
An account that was never asked about VPC Lattice has only the ways that its VPCs show: endpoints,
and routes that AWS adds to a VPC's tables with its association.
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-resources.html
https://docs.aws.amazon.com/vpc-lattice/latest/ug/service-network-associations.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from collector.snapshot import Item, Snapshot
from collector.snapshot.ledger import GAPS, Status
from graph.evidence import Ref
from graph.network.between.facts import LatticeWay
from graph.network.ec2_shapes import Json, rows, text, texts
from graph.network.views_from_snapshot import Near, owner_of

_RESOURCE = "vpc-lattice.get_resource_configuration({})@{}/{}"
_SERVICE = "vpc-lattice.get_listener({})@{}/{}"
_NETWORK = "vpc-lattice.list_service_networks({})@{}/{}"
_OF_VPCS = "list_service_network_vpc_associations"
_OF_SERVICES = "list_service_network_service_associations"
_OF_RESOURCES = "list_service_network_resource_associations"
_ROUTE_TARGET = "lattice"

Place = tuple[str, str]
"""An account and a region."""


def lattice_ways(snapshot: Snapshot, near: Near) -> Iterator[LatticeWay]:
    """Every VPC's ways into VPC Lattice that are in service, or may be.

    Args:
        snapshot: what was collected.
        near: a line -> (short id -> node id).

    Raises:
        collector.snapshot.SnapshotError: a file cannot be read.
    """
    told = _Lattice(snapshot, near)
    yield from _by_endpoints(told)
    for views in told.networks.values():
        yield from _by_associations(told, views)
    yield from _by_unseen(told)


def _by_endpoints(told: _Lattice) -> Iterator[LatticeWay]:
    for item in told.endpoints:
        if text(item.item.get("State")).lower() != "available":
            continue
        vpc, refs = told.near(item)(text(item.item.get("VpcId"))), (Ref.to(item, "/item"),)
        if name := text(item.item.get("ResourceConfigurationArn")):
            end = told.resource(name, item)
            yield LatticeWay(item.id, vpc, end.exits, end.targets, end.gap, refs)
        elif name := text(item.item.get("ServiceNetworkArn")):
            for end in told.behind(name, item):
                yield LatticeWay(item.id, vpc, end.exits, end.targets, end.gap, refs)


def _by_associations(told: _Lattice, views: Sequence[Item]) -> Iterator[LatticeWay]:
    network, refs = views[0], (Ref.to(views[0], "/item"),)
    ends = tuple(told.behind(network.id, network))
    for item, row in _all_listed(views, _OF_VPCS):
        if _live(row):
            way = text(row.get("arn")) or network.id
            vpc = told.near(item)(text(row.get("vpcId")))
            for end in ends:
                yield LatticeWay(way, vpc, end.exits, end.targets, end.gap, refs)
    gap = _unread(views, _OF_VPCS)
    if gap and ends:
        exits = None if any(one.exits is None for one in ends) else _flat(e.exits for e in ends)
        targets = _flat(one.targets for one in ends)
        for vpc in told.vpcs_in(network.region):
            yield LatticeWay(network.id, vpc, exits, targets, gap, refs)


def _by_unseen(told: _Lattice) -> Iterator[LatticeWay]:
    """By networks and endpoints that were not listed."""
    for item in told.vpcs:
        refs = (Ref.to(item, "/item"),)
        for gap in told.unlisted(item):
            end = told.anything(item.region, gap)
            yield LatticeWay(item.id, item.id, end.exits, end.targets, gap, refs)


def _flat(some: Iterator[Sequence[str] | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for found in some for one in found or ()))


def _live(row: Json) -> bool:
    return text(row.get("status")) in ("", "ACTIVE", "PARTIAL", "UPDATE_IN_PROGRESS")


def _listed(item: Item, operation: str) -> Sequence[Json]:
    call = item.call(operation)
    value = call.value if call.status is Status.OK else None
    return rows(value.get("items") if isinstance(value, Mapping) else value)


def _all_listed(views: Sequence[Item], operation: str) -> Iterator[tuple[Item, Json]]:
    for item in views:
        for row in _listed(item, operation):
            yield item, row


def _unread(views: Sequence[Item], operation: str) -> str:
    """The call that was not answered, or ``""``; of several views the owner's decides."""
    own = [one for one in views if one.id.split(":")[4:5] == [one.account_id]]
    for one in own or views:
        if not one.call(operation).known:
            short = one.id.rpartition("/")[2]
            return f"vpc-lattice.{operation}({short})@{one.account_id}/{one.region}"
    return ""


def _beside(item: Item, member: str) -> tuple[str, ...]:
    """A short id that a line names, with the region and account of the line's own ARN."""
    return *item.id.split(":")[3:5], text(item.item.get(member))


@dataclass(frozen=True, slots=True)
class _End:
    """What a way leads to; see :class:`LatticeWay`."""

    exits: tuple[str, ...] | None
    targets: tuple[str, ...]
    gap: str


class _Lattice:
    """Lines of VPC Lattice by ARN, and which listings were answered."""

    def __init__(self, snapshot: Snapshot, near: Near) -> None:
        self.near = near
        self._status = {
            (row.account_id, row.region, f"{row.service}.{row.operation}"): row.status
            for row in snapshot.ledger
            if row.service == "vpc-lattice" or row.operation == "describe_vpc_endpoints"
        }
        self.networks: dict[str, list[Item]] = defaultdict(list)
        for item in snapshot.items("vpc-lattice:service-network"):
            self.networks[item.id].append(item)
        self.resources = {i.id: i for i in snapshot.items("vpc-lattice:resource-configuration")}
        self.gateways = tuple(snapshot.items("vpc-lattice:resource-gateway"))
        self.groups = tuple(snapshot.items("vpc-lattice:target-group"))
        self.endpoints = tuple(snapshot.items("ec2:vpc-endpoint"))
        self.vpcs = tuple(snapshot.items("ec2:vpc"))
        self.accounts = {account for account, _, _ in self._status}
        self._routed = set(self._with_routes(snapshot))
        self._anything: dict[str, _End] = {}

    def _with_routes(self, snapshot: Snapshot) -> Iterator[str]:
        """VPCs whose route tables lead to VPC Lattice."""
        for item in snapshot.items("ec2:route-table"):
            targets = (text(one.get("GatewayId")) for one in rows(item.item.get("Routes")))
            if any(_ROUTE_TARGET in one.casefold() for one in targets):
                yield self.near(item)(text(item.item.get("VpcId")))

    @cached_property
    def _by_service(self) -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = defaultdict(list)
        for item in self.groups:
            for service in texts(item.item.get("serviceArns")):
                found[service].append(item)
        return found

    @cached_property
    def _gateway_vpcs(self) -> dict[tuple[str, ...], str]:
        """VPCs of resource gateways; a configuration names one beside it, by its short id."""
        return {
            _beside(one, "id"): self.near(one)(text(one.item.get("vpcIdentifier")))
            for one in self.gateways
        }

    @cached_property
    def _used_in(self) -> frozenset[str]:
        """Regions where anything was asked about VPC Lattice, or shows it."""
        asked = (region for _, region, name in self._status if name.startswith("vpc-lattice."))
        views = (one.region for some in self.networks.values() for one in some)
        lines = (one.region for one in (*self.resources.values(), *self.gateways, *self.groups))
        return frozenset((*asked, *views, *lines))

    def _known(self, place: Place, name: str) -> bool:
        status = self._status.get((*place, name), Status.NOT_ATTEMPTED)
        return status not in GAPS

    def vpcs_in(self, region: str) -> Iterator[str]:
        """The ids of a region's VPCs."""
        yield from dict.fromkeys(one.id for one in self.vpcs if one.region == region)

    def unlisted(self, vpc: Item) -> Iterator[str]:
        """The listings that may lack a way out of a VPC, as its line's account was asked."""
        place = (vpc.account_id, vpc.region)
        at = f"{place[0]}/{place[1]}"
        name = "vpc-lattice.list_service_networks"
        mine = owner_of(vpc) in (vpc.account_id, "") or owner_of(vpc) not in self.accounts
        asked = (*place, name) in self._status or vpc.id in self._routed
        if mine and asked and not self._known(place, name):
            yield f"{name}@{at}"
        name = "ec2.describe_vpc_endpoints"
        if vpc.region in self._used_in and not self._known(place, name):
            yield f"{name}@{at}"

    def anything(self, region: str, gap: str) -> _End:
        """Whatever stands behind VPC Lattice in a region."""
        if region not in self._anything:
            whole = all(
                self._known((one.account_id, region), f"vpc-lattice.{name}")
                for one in self.vpcs
                if one.region == region
                for name in ("list_target_groups", "list_resource_gateways")
            )
            groups = [one for one in self.groups if one.region == region]
            whole = whole and not any(map(self._untold, groups))
            near = [one for one in self.gateways if one.region == region]
            exits = _flat([self._gateway_vpcs[_beside(one, "id")]] for one in near)
            targets = _flat(map(self._targets, groups))
            self._anything[region] = _End(exits if whole else None, targets, "")
        known = self._anything[region]
        return _End(known.exits, known.targets, gap)

    def _targets(self, group: Item) -> list[str]:
        return [self.near(group)(text(row.get("id"))) for row in _listed(group, "list_targets")]

    def _untold(self, group: Item) -> str:
        """The refused call about a group's targets; a function is no target of a network."""
        return "" if group.item.get("type") == "LAMBDA" else _unread([group], "list_targets")

    def resource(self, name: str, item: Item) -> _End:
        """A resource that a line names; its VPC is that in which its gateway stands."""
        gap = _RESOURCE.format(name.rpartition("/")[2], item.account_id, item.region)
        known = self.resources.get(name)
        vpc = self._gateway_vpcs.get(_beside(known, "resourceGatewayId"), "") if known else ""
        return _End((vpc,) if vpc else None, (), gap)

    def behind(self, name: str, item: Item) -> Iterator[_End]:
        """Everything that a service network offers, as a line that names it tells."""
        views = self.networks.get(name)
        if not views:
            gap = _NETWORK.format(name.rpartition("/")[2], item.account_id, item.region)
            yield _End(None, (), gap)
            return
        resources = [row for _, row in _all_listed(views, _OF_RESOURCES) if _live(row)]
        for one in dict.fromkeys(text(row.get("resourceConfigurationArn")) for row in resources):
            yield self.resource(one, item)
        services = [row for _, row in _all_listed(views, _OF_SERVICES) if _live(row)]
        for one in dict.fromkeys(text(row.get("serviceArn")) for row in services):
            yield from self._service(one, item)
        for operation in (_OF_RESOURCES, _OF_SERVICES):
            if gap := _unread(views, operation):
                yield self.anything(item.region, gap)

    def _service(self, service: str, item: Item) -> Iterator[_End]:
        groups = self._by_service.get(service, [])
        if targets := _flat(map(self._targets, groups)):
            short = service.rpartition("/")[2]
            yield _End((), targets, _SERVICE.format(short, item.account_id, item.region))
        for gap in filter(None, map(self._untold, groups)):
            yield _End(None, (), gap)
        place = (service.split(":")[4:5] or [""])[0], item.region
        listing = "vpc-lattice.list_target_groups"
        if place[0] in self.accounts and not self._known(place, listing):
            yield _End(None, (), f"{listing}@{place[0]}/{place[1]}")


__all__ = ["lattice_ways"]
