"""The facts of a network, indexed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

from graph.network import prefixes
from graph.network.facts import (
    Acl,
    Address,
    BlockPublicAccess,
    DbInstance,
    Endpoint,
    Facts,
    Instance,
    Interface,
    InternetGateway,
    LoadBalancer,
    Peering,
    PrefixList,
    RouteTable,
    SecurityGroup,
    Subnet,
    TargetGroup,
    Vpc,
)


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Identified)


def _by_id(things: Iterable[T]) -> dict[str, T]:
    return {thing.id: thing for thing in things}


@dataclass(frozen=True)
class NetworkWorld:
    """An index over :class:`~graph.network.facts.Facts`; built once, never changed.

    ``memo`` keeps what was derived for a (route table, ACL, security groups, ...) so that
    interfaces which share these are judged once.
    """

    facts: Facts
    memo: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def gap(self, operation: str, account_id: str, region: str) -> str:
        """The name of a call that is not known, ``service.operation@account/region``, or ``""``."""
        name = f"{operation}@{account_id}/{region}"
        return name if name in self.facts.gaps else ""

    def listing_gap(self, operation: str, subnet: Subnet) -> str:
        """The name of a listing that may lack what is associated with a subnet, or ``""``.

        Who shares a subnet lists its route table and network ACL too, so one account's whole
        listing is enough (VPC user guide, "Responsibilities and permissions for owners and
        participants").
        """
        gap = self.gap(operation, subnet.account_id, subnet.region)
        if gap and all(self.gap(operation, one, subnet.region) for one in subnet.seen_by):
            return gap
        return ""

    @cached_property
    def vpcs(self) -> dict[str, Vpc]:
        """VPCs by id."""
        return _by_id(self.facts.vpcs)

    @cached_property
    def subnets(self) -> dict[str, Subnet]:
        """Subnets by id."""
        return _by_id(self.facts.subnets)

    @cached_property
    def security_groups(self) -> dict[str, SecurityGroup]:
        """Security groups by id."""
        return _by_id(self.facts.security_groups)

    @cached_property
    def prefix_lists(self) -> dict[str, PrefixList]:
        """Prefix lists by id."""
        return _by_id(self.facts.prefix_lists)

    @cached_property
    def endpoints(self) -> dict[str, Endpoint]:
        """VPC endpoints by id."""
        return _by_id(self.facts.endpoints)

    @cached_property
    def peerings(self) -> dict[str, Peering]:
        """Peering connections by id."""
        return _by_id(self.facts.peerings)

    @cached_property
    def interfaces(self) -> dict[str, Interface]:
        """Network interfaces by id."""
        return _by_id(self.facts.interfaces)

    @cached_property
    def instances(self) -> dict[str, Instance]:
        """Instances by id."""
        return _by_id(self.facts.instances)

    @cached_property
    def load_balancers(self) -> dict[str, LoadBalancer]:
        """Load balancers by id."""
        return _by_id(self.facts.load_balancers)

    @cached_property
    def target_groups(self) -> dict[str, TargetGroup]:
        """Target groups by id."""
        return _by_id(self.facts.target_groups)

    @cached_property
    def _balancers_by_name(self) -> dict[tuple[str, str, str], LoadBalancer]:
        return {
            (one.account_id, one.region, one.id.partition("loadbalancer/")[2]): one
            for one in self.facts.load_balancers
        }

    def balancer_of(self, interface: Interface) -> LoadBalancer | None:
        """The load balancer whose node an interface is, by the description that AWS gives it.

        It holds the name (``ELB old``, ``ELB app/name/id``), and a classic load balancer's is
        unique in its account and region only (API reference, CreateLoadBalancer).
        """
        if interface.owner or not interface.description.startswith("ELB "):
            return None
        name = interface.description.removeprefix("ELB ")
        return self._balancers_by_name.get((interface.account_id, interface.region, name))

    @cached_property
    def _databases_by_place(self) -> dict[Hashable, list[DbInstance]]:
        found: dict[Hashable, list[DbInstance]] = {}
        for one in self.facts.databases:
            found.setdefault((one.account_id, one.region, one.vpc, one.groups), []).append(one)
        return found

    def databases_at(self, interface: Interface) -> tuple[DbInstance, ...]:
        """The databases whose interface this may be: AWS names it ``RDSNetworkInterface`` only."""
        if interface.owner or interface.description != "RDSNetworkInterface":
            return ()
        place = (interface.account_id, interface.region, interface.vpc, interface.groups)
        return tuple(self._databases_by_place.get(place, ()))

    @cached_property
    def databases(self) -> dict[str, DbInstance]:
        """Database instances by id."""
        return _by_id(self.facts.databases)

    @cached_property
    def block_public_access(self) -> dict[tuple[str, str], BlockPublicAccess]:
        """VPC Block Public Access by (account, region)."""
        return {(one.account_id, one.region): one for one in self.facts.block_public_access}

    @cached_property
    def internet_gateways(self) -> dict[str, InternetGateway]:
        """Internet gateways by id of the VPC they are attached to."""
        return {vpc: one for one in self.facts.internet_gateways for vpc in one.vpcs}

    @cached_property
    def _tables(self) -> tuple[dict[str, RouteTable], dict[str, list[RouteTable]]]:
        explicit = {s: table for table in self.facts.route_tables for s in table.subnets}
        main: dict[str, list[RouteTable]] = {}
        for table in self.facts.route_tables:
            if table.main:
                main.setdefault(table.vpc, []).append(table)
        return explicit, main

    def route_tables_of(self, subnet: Subnet) -> tuple[RouteTable, ...]:
        """The effective route table of a subnet.

        The one associated with it, else the main one of its VPC (VPC user guide, "Route table
        concepts"). Empty if it is not known, more than one if the data hold two main tables.
        Where a listing is not whole, the table that is associated may be among what is missing.
        """
        explicit, main = self._tables
        if subnet.id in explicit:
            return (explicit[subnet.id],)
        if self.listing_gap("ec2.describe_route_tables", subnet):
            return ()
        return tuple(main.get(subnet.vpc, ()))

    @cached_property
    def edge_tables(self) -> dict[str, RouteTable]:
        """Gateway route tables by id of the gateway they are associated with."""
        return {gateway: t for t in self.facts.route_tables for gateway in t.gateways}

    @cached_property
    def _acls(self) -> tuple[dict[str, Acl], dict[str, Acl]]:
        explicit = {subnet: acl for acl in self.facts.acls for subnet in acl.subnets}
        return explicit, {acl.vpc: acl for acl in self.facts.acls if acl.default}

    def acl_of(self, subnet: Subnet) -> Acl | None:
        """The network ACL of a subnet: the associated one, else the VPC's default.

        ``None`` if it is not known, as where a listing is not whole.
        """
        explicit, default = self._acls
        if subnet.id in explicit:
            return explicit[subnet.id]
        if self.listing_gap("ec2.describe_network_acls", subnet):
            return None
        return default.get(subnet.vpc)

    @cached_property
    def nat_interfaces(self) -> frozenset[str]:
        """Ids of interfaces that belong to a NAT gateway."""
        return frozenset(i for nat in self.facts.nat_gateways for i in nat.interfaces)

    @cached_property
    def endpoint_interfaces(self) -> frozenset[str]:
        """Ids of interfaces that belong to a VPC endpoint."""
        return frozenset(i for endpoint in self.facts.endpoints for i in endpoint.interfaces)

    @cached_property
    def _by_address(self) -> dict[tuple[str, str], list[Interface]]:
        found: dict[tuple[str, str], list[Interface]] = {}
        for one in self.facts.interfaces:
            for address in (*(a.private for a in one.addresses), *one.ipv6):
                found.setdefault((one.vpc, address), []).append(one)
        return found

    @cached_property
    def _by_prefix(self) -> dict[tuple[str, prefixes.Family, int], dict[int, list[Interface]]]:
        found: dict[tuple[str, prefixes.Family, int], dict[int, list[Interface]]] = {}
        for one in self.facts.interfaces:
            for cidr in one.prefixes:
                family, spans = prefixes.parse(cidr)
                shift = family.bits - prefixes.length(cidr)
                blocks = found.setdefault((one.vpc, family, shift), {})
                blocks.setdefault(spans.pairs[0][0] >> shift, []).append(one)
        return found

    def interfaces_at(self, vpc: str, address: str) -> tuple[Interface, ...]:
        """Interfaces of a VPC with this private IPv4 or IPv6 address, or a prefix that holds it."""
        own = self._by_address.get((vpc, address), ())
        if own or not self._by_prefix:
            return tuple(own)
        family, spans = prefixes.parse(address)
        return tuple(
            one
            for (place, kind, shift), blocks in self._by_prefix.items()
            if place == vpc and kind is family
            for one in blocks.get(spans.pairs[0][0] >> shift, ())
        )

    def holds(self, vpc: str, address: str) -> bool:
        """Whether an address lies in the CIDRs of a VPC."""
        known = self.vpcs.get(vpc)
        if known is None:
            return False
        family, spans = prefixes.parse(address)
        return bool(prefixes.of(known.cidrs, family) & spans)


__all__ = ["Address", "NetworkWorld"]
