"""What the network engine knows of a network: frozen values, joined by node id.

Every cross-reference (``Subnet.vpc``, ``Rule.group``) is the node id of the thing referred to, or
AWS's own short id (``sg-...``) where the thing is not in the snapshot. ``refs`` say where a fact
stands. ``None`` in place of a collection means that it was not collected.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from graph.evidence import Ref
from graph.network.between.facts import Joints
from graph.network.load_balancer_facts import (
    Action,
    Listener,
    ListenerRule,
    LoadBalancer,
    RuleCondition,
    Target,
    TargetGroup,
)
from graph.network.spans import Spans

Refs = tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC. ``block_mode`` is its ``BlockPublicAccessStates.InternetGatewayBlockMode``."""

    id: str
    account_id: str = ""
    region: str = ""
    cidrs: tuple[str, ...] = ()
    block_mode: str | None = None
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet; account and region are the owner's. ``private_ipv6`` are blocks never routed.

    ``zone`` is a name, which other accounts may give to another zone; ``zone_id`` is not.
    ``seen_by`` are the accounts that listed it: its owner and those it is shared with.
    """

    id: str
    vpc: str
    account_id: str = ""
    region: str = ""
    zone: str = ""
    cidr: str = ""
    ipv6_cidrs: tuple[str, ...] = ()
    private_ipv6: tuple[str, ...] = ()
    maps_public_ip: bool = False
    block_mode: str | None = None
    seen_by: tuple[str, ...] = ()
    zone_id: str = ""
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A route. ``kind`` is one of :data:`ROUTE_KINDS`; exactly one destination is set.

    Kind ``unknown``: where it leads could not be read. A ``cidr`` that is none could not be read.
    """

    target: str
    kind: str
    cidr: str = ""
    prefix_list: str = ""
    active: bool = True
    propagated: bool = False
    refs: Refs = ()


ROUTE_KINDS = (
    "local",
    "internet_gateway",
    "nat_gateway",
    "egress_only_gateway",
    "transit_gateway",
    "peering",
    "virtual_private_gateway",
    "interface",
    "endpoint",
    "carrier_gateway",
    "local_gateway",
    "core_network",
    "odb_network",
    "unknown",
)


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table with its associations: subnets, gateways (edge), or main of its VPC."""

    id: str
    vpc: str
    account_id: str = ""
    region: str = ""
    routes: tuple[Route, ...] = ()
    subnets: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    main: bool = False
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class InternetGateway:
    """An internet gateway and the VPCs to which it is attached (state ``available``)."""

    id: str
    vpcs: tuple[str, ...] = ()
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class AclEntry:
    """A network ACL entry. ``ports`` or ``cidr`` ``None``: it could not be read.

    One that is not ``sure`` matches at most these ports and addresses, and may allow or deny.
    """

    number: int
    egress: bool
    allow: bool
    ports: Spans | None
    cidr: str | None
    refs: Refs = ()
    sure: bool = True

    @property
    def known(self) -> bool:
        """Whether all of it could be read."""
        return self.sure and self.ports is not None and self.cidr is not None


@dataclass(frozen=True, slots=True)
class Acl:
    """A network ACL with the subnets it is associated with."""

    id: str
    vpc: str
    entries: tuple[AclEntry, ...] = ()
    subnets: tuple[str, ...] = ()
    default: bool = False
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One inbound source of a security group. Exactly one of the three sources is set.

    ``ports`` ``None``, or no source at all: the rule could not be read.
    """

    ports: Spans | None
    cidr: str = ""
    prefix_list: str = ""
    group: str = ""
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group's inbound rules; ``egress`` are the outbound ones."""

    id: str
    account_id: str = ""
    region: str = ""
    vpc: str = ""
    rules: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] | None = None
    refs: Refs = ()


UNNAMED_GROUP = "unnamed"
"""The group of a rule that names one which cannot be read."""

_UNREAD_GROUPS = "security groups of "


def unread_groups(node_id: str) -> str:
    """What stands among a node's security groups where these, or some, cannot be read."""
    return _UNREAD_GROUPS + node_id


def is_unread_group(group: str) -> bool:
    """Whether it stands for groups that cannot be read."""
    return group.startswith(_UNREAD_GROUPS)


def group_match(named: str, groups: Collection[str]) -> tuple[bool, str]:
    """Whether a rule that names a group means one of these, or what is missing to say so."""
    if named in groups:
        return True, ""
    if named == UNNAMED_GROUP and groups:
        return False, "ec2.describe_security_groups(rule)"
    return False, next(filter(is_unread_group, groups), "")


@dataclass(frozen=True, slots=True)
class PrefixList:
    """A managed prefix list. ``cidrs`` ``None``: its entries were not collected."""

    id: str
    name: str = ""
    owner: str = ""
    cidrs: tuple[str, ...] | None = None
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class BlockPublicAccess:
    """VPC Block Public Access of an account in a region.

    ``mode`` ``None``: not collected. ``exclusions``: (VPC or subnet id, mode), ``None`` if not
    collected.
    """

    account_id: str
    region: str
    mode: str | None
    exclusions: tuple[tuple[str, str], ...] | None = ()
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint: where it stands and whether it inspects (GatewayLoadBalancer)."""

    id: str
    kind: str
    vpc: str
    subnets: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class Peering:
    """A VPC peering connection; ``active`` is Status.Code."""

    id: str
    requester: str
    accepter: str
    active: bool
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class Address:
    """A private IPv4 address of an interface with the public one behind it, if any."""

    private: str
    public: str = ""
    elastic: bool = False


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface. ``owner`` is the node id of what it belongs to, if known.

    ``kind`` is AWS's ``InterfaceType`` (``nat_gateway`` also where only the NAT gateway says so);
    ``forwards``: its source/destination check is off; it and ``deny_igw`` ``None``: not told.
    ``prefixes`` are delegated to it: of each the first address stands among the others.
    ``groups`` ``None``: it has none and needs none. ``unread``: members that may hold addresses.
    """

    id: str
    account_id: str = ""
    region: str = ""
    vpc: str = ""
    subnet: str = ""
    groups: tuple[str, ...] | None = ()
    addresses: tuple[Address, ...] = ()
    ipv6: tuple[str, ...] = ()
    kind: str = "interface"
    status: str = "in-use"
    owner: str = ""
    owner_kind: str = ""
    deny_igw: bool | None = False
    forwards: bool | None = None
    description: str = ""
    prefixes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance: its state and the interfaces it has, primary first; ``kind``: its type."""

    id: str
    state: str
    interfaces: tuple[str, ...] = ()
    refs: Refs = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class DbInstance:
    """An RDS, Aurora, Neptune or DocumentDB instance; ``None`` is what was not told.

    ``iam_only``: every request must be signed, and there is no password beside it.
    """

    id: str
    engine: str = ""
    status: str = "available"
    public: bool | None = False
    port: int | None = None
    account_id: str = ""
    region: str = ""
    vpc: str = ""
    zone: str = ""
    multi_az: bool = False
    dual_stack: bool = False
    iam_only: bool | None = False
    subnets: tuple[str, ...] | None = ()
    groups: tuple[str, ...] | None = ()
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A NAT gateway and its interfaces: addresses that take nothing in, ``public`` or private."""

    id: str
    interfaces: tuple[str, ...] = ()
    public: bool = True
    refs: Refs = ()
    state: str = "available"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything, as sequences; :class:`~graph.network.world.NetworkWorld` indexes it.

    ``gaps`` names every call that is not known, as ``ec2.describe_network_acls@1111.../eu-west-1``.
    ``warnings`` are things in the data that make no sense.
    """

    vpcs: tuple[Vpc, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    route_tables: tuple[RouteTable, ...] = ()
    internet_gateways: tuple[InternetGateway, ...] = ()
    acls: tuple[Acl, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    prefix_lists: tuple[PrefixList, ...] = ()
    block_public_access: tuple[BlockPublicAccess, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    peerings: tuple[Peering, ...] = ()
    nat_gateways: tuple[NatGateway, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    instances: tuple[Instance, ...] = ()
    load_balancers: tuple[LoadBalancer, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()
    databases: tuple[DbInstance, ...] = ()
    joints: Joints = field(default_factory=Joints)
    gaps: frozenset[str] = field(default_factory=frozenset)
    warnings: tuple[str, ...] = ()


__all__ = [
    "ROUTE_KINDS",
    "UNNAMED_GROUP",
    "Acl",
    "AclEntry",
    "Action",
    "Address",
    "BlockPublicAccess",
    "DbInstance",
    "Endpoint",
    "Facts",
    "Instance",
    "Interface",
    "InternetGateway",
    "Listener",
    "ListenerRule",
    "LoadBalancer",
    "NatGateway",
    "Peering",
    "PrefixList",
    "Refs",
    "Route",
    "RouteTable",
    "Rule",
    "RuleCondition",
    "SecurityGroup",
    "Subnet",
    "Target",
    "TargetGroup",
    "Vpc",
    "group_match",
    "is_unread_group",
    "unread_groups",
]
