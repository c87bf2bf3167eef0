"""What joins networks to each other: transit gateways, private links, ways on premises.

As in :mod:`graph.network.facts`: frozen values joined by id; ``None`` in place of a collection
means that it was not collected. Attachments, virtual private gateways and VPN connections are
known by AWS's short ids, which is how routes name them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graph.evidence import Ref

Refs = tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class TransitGateway:
    """A transit gateway, by its short id. ``references``: groups can be referenced across it."""

    id: str
    account_id: str = ""
    region: str = ""
    references: bool = False
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class TransitAttachment:
    """What is attached to a transit gateway, as one side sees it.

    ``kind`` is AWS's ``ResourceType`` (``vpc``, ``vpn``, ``direct-connect-gateway``, ``connect``,
    ``peering``, ...); ``resource`` the node id of the VPC or AWS's id of what else it is, for a
    peering the other gateway. ``subnets`` ``None``: not collected. ``any_zone``: in appliance mode
    it takes what goes to its VPC by any of them, else by that of the zone it came from.
    """

    id: str
    gateway: str
    kind: str
    resource: str = ""
    live: bool = True
    subnets: tuple[str, ...] | None = None
    references: bool = True
    refs: Refs = ()
    ipv6: bool = True
    any_zone: bool = False


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """A route of a transit gateway's table; without ``attachments`` it drops."""

    cidr: str = ""
    prefix_list: str = ""
    attachments: tuple[str, ...] = ()
    blackhole: bool = False
    propagated: bool = False
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class TransitTable:
    """A route table of a transit gateway. ``associations``: ids of attachments that use it."""

    id: str
    gateway: str
    routes: tuple[TransitRoute, ...] | None = None
    associations: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class PrivateGateway:
    """A virtual private gateway, by its short id, and the VPC it is attached to."""

    id: str
    vpc: str = ""
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class VpnConnection:
    """A VPN connection: to a virtual private or transit gateway. ``live``: it is available."""

    id: str
    gateway: str = ""
    live: bool = True
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class EndpointService:
    """A PrivateLink service and the load balancers that answer for it.

    ``principals`` ``None``: not collected; ``accepted`` are ids of endpoints whose connection is
    available, ``None`` if that was not collected. ``gap``: the call, where what answers for it
    cannot be read.
    """

    id: str
    name: str = ""
    account_id: str = ""
    region: str = ""
    balancers: tuple[str, ...] = ()
    acceptance: bool = True
    principals: tuple[str, ...] | None = None
    accepted: tuple[str, ...] | None = None
    refs: Refs = ()
    gap: str = ""


@dataclass(frozen=True, slots=True)
class EndpointLink:
    """An interface endpoint's side of PrivateLink: the service's name, and its own state.

    ``gap``: the call, where one of these or its type cannot be read.
    """

    id: str
    service: str = ""
    state: str = ""
    groups: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    refs: Refs = ()
    gap: str = ""


@dataclass(frozen=True, slots=True)
class DataService:
    """A data service in a VPC that may ask nobody for a login.

    ``login``: whether it asks, ``None`` if that was not collected (``missing`` names the call);
    ``why`` says what lets everybody in.
    """

    id: str
    port: int
    groups: tuple[str, ...] = ()
    login: bool | None = None
    why: str = ""
    missing: str = ""
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class LatticeWay:
    """A VPC's way into VPC Lattice, and where it may come out.

    ``id``: of the endpoint or of the VPC's association; ``exits``: VPCs with a resource gateway
    behind it, ``None`` if those were not collected; ``targets``: instances, load balancers and
    addresses that serve the services behind it; ``gap``: the call that would tell what answers.
    """

    id: str
    vpc: str = ""
    exits: tuple[str, ...] | None = ()
    targets: tuple[str, ...] = ()
    gap: str = ""
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class Joints:
    """Everything of this module; ``known`` are the calls whose answer is a fact.

    ``direct`` are virtual private gateways that Direct Connect is seen to lead to.
    A call is ``service.operation@account/region``, as in ``Facts.gaps``.
    """

    gateways: tuple[TransitGateway, ...] = ()
    attachments: tuple[TransitAttachment, ...] = ()
    tables: tuple[TransitTable, ...] = ()
    private_gateways: tuple[PrivateGateway, ...] = ()
    vpn_connections: tuple[VpnConnection, ...] = ()
    direct: frozenset[str] = field(default_factory=frozenset)
    services: tuple[EndpointService, ...] = ()
    links: tuple[EndpointLink, ...] = ()
    lattice: tuple[LatticeWay, ...] = ()
    data_services: tuple[DataService, ...] = ()
    known: frozenset[str] = field(default_factory=frozenset)
