"""VPCs on one transit gateway, written as facts: what a test of alike ways says in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph.network import ports
from graph.network.between.facts import (
    Joints,
    TransitAttachment,
    TransitGateway,
    TransitRoute,
    TransitTable,
)
from graph.network.facts import (
    Acl,
    AclEntry,
    Address,
    Facts,
    Interface,
    InternetGateway,
    NatGateway,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Vpc,
)
from graph.network.spans import Spans
from graph.network.world import NetworkWorld

HUB, REGION, ACCOUNT = "tgw-1", "eu-west-1", "111122223333"
_PLACE = (ACCOUNT, REGION)
_KINDS = {
    "tgw": "transit_gateway",
    "eni": "interface",
    "nat": "nat_gateway",
    "igw": "internet_gateway",
    "pcx": "peering",
}
_OPEN = tuple(
    AclEntry(100 + at, egress, True, ports.ALL, cidr)
    for egress in (False, True)
    for at, cidr in enumerate(("0.0.0.0/0", "::/0"))
)
Ways = Mapping[str, str]
"""CIDR -> the id of what a route leads to."""


class HubWorld:
    """VPC n has 10.n.0.0/16 and 2600:1f0n::/48, its subnet m 10.n.m.0/24 and 2600:1f0n:0:m::/64.

    Machines send everything and take TCP ports 20 to 29, but for what a test says.
    """

    def __init__(self) -> None:
        self.found: dict[str, list[Any]] = {}
        self.attachments: list[TransitAttachment] = []
        self.tables: list[TransitTable] = []

    def add(self, kind: str, *things: Any) -> None:
        """Facts of a kind, as in ``Facts``."""
        self.found.setdefault(kind, []).extend(things)

    def vpc(self, number: int, *ways: Ways, zones: str = "aaaaaa") -> None:
        """A VPC with a subnet for each table of ways that it is given."""
        vpc, cidrs = f"vpc-{number}", (f"10.{number}.0.0/16", f"2600:1f0{number}::/48")
        self.add("vpcs", Vpc(vpc, *_PLACE, cidrs))
        self.add("acls", Acl(f"acl-{number}", vpc, _OPEN, (), default=True))
        own = tuple(Route("local", "local", cidr=cidr) for cidr in cidrs)
        for at, table in enumerate(ways, start=1):
            name = f"subnet-{number}-{at}"
            zone = zones[at - 1]
            subnet = Subnet(
                name,
                vpc,
                *_PLACE,
                zone=f"{REGION}{zone}",
                zone_id=f"euw1-{zone}",
                cidr=f"10.{number}.{at}.0/24",
                ipv6_cidrs=(f"2600:1f0{number}:0:{at}::/64",),
            )
            self.add("subnets", subnet)
            routes = tuple(
                Route(target, _KINDS[target.partition("-")[0]], cidr=cidr)
                for cidr, target in table.items()
            )
            self.add(
                "route_tables", RouteTable(f"rtb-{name}", vpc, *_PLACE, (*own, *routes), (name,))
            )
        self.add("security_groups", _group(number, _every(ports.tcp(20, 29))))

    def admits(self, number: int, *rules: Rule) -> None:
        """What the security group of a VPC's machines lets in, instead of TCP ports 20 to 29."""
        groups = self.found["security_groups"]
        groups[groups.index(_group(number, _every(ports.tcp(20, 29))))] = _group(number, rules)

    def machine(
        self, number: int, subnet: int, host: int = 10, six: bool = False, **more: Any
    ) -> str:
        """The id of a new interface."""
        name = more.pop("id", f"eni-{number}-{subnet}-{host}")
        self.add(
            "interfaces",
            Interface(
                name,
                *_PLACE,
                f"vpc-{number}",
                f"subnet-{number}-{subnet}",
                (f"sg-{number}",),
                (Address(f"10.{number}.{subnet}.{host}"),),
                (f"2600:1f0{number}:0:{subnet}::{host}",) if six else (),
                **more,
            ),
        )
        return str(name)

    def nat(self, number: int, subnet: int) -> None:
        """``nat-<number>``, a private NAT gateway with the host address 6."""
        held = self.machine(number, subnet, 6, id=f"eni-nat{number}", kind="nat_gateway")
        self.add("nat_gateways", NatGateway(f"nat-{number}", (held,)))

    def internet_gateway(self, number: int) -> None:
        """``igw-<number>``."""
        self.add("internet_gateways", InternetGateway(f"igw-{number}", (f"vpc-{number}",)))

    def lock(self, number: int, subnet: int, denied: Spans, egress: bool = False) -> None:
        """A network ACL that denies a subnet something."""
        name = f"subnet-{number}-{subnet}"
        entry = AclEntry(1, egress, False, denied, "0.0.0.0/0")
        self.add("acls", Acl(f"acl-{name}", f"vpc-{number}", (entry, *_OPEN), (name,)))

    def attach(self, number: int, *subnets: int) -> None:
        """Attach a VPC to the hub by some of its subnets."""
        self.attachments.append(
            TransitAttachment(
                f"att-{number}",
                HUB,
                "vpc",
                f"vpc-{number}",
                subnets=tuple(f"subnet-{number}-{one}" for one in subnets),
                ipv6=True,
            )
        )

    def hub_table(
        self, users: Sequence[int], ways: Mapping[str, int] | None = None, known: Sequence[int] = ()
    ) -> None:
        """A table for the attachments of some VPCs.

        Args:
            users: their numbers.
            ways: CIDR -> number of the VPC that a route leads to.
            known: the numbers of VPCs whose own addresses it leads to.
        """
        routes = [*(ways or {}).items()]
        for number in known:
            routes += [(f"10.{number}.0.0/16", number), (f"2600:1f0{number}::/48", number)]
        self.tables.append(
            TransitTable(
                f"tgw-rtb-{len(self.tables)}",
                HUB,
                tuple(TransitRoute(cidr, attachments=(f"att-{to}",)) for cidr, to in routes),
                tuple(f"att-{one}" for one in users),
            )
        )

    def build(self) -> NetworkWorld:
        """The world."""
        joints = Joints(
            gateways=(TransitGateway(HUB, ACCOUNT, REGION),),
            attachments=tuple(self.attachments),
            tables=tuple(self.tables),
        )
        return NetworkWorld(Facts(**{k: tuple(v) for k, v in self.found.items()}, joints=joints))


def _every(which: Spans) -> tuple[Rule, ...]:
    return (Rule(which, cidr="0.0.0.0/0"), Rule(which, cidr="::/0"))


def _group(number: int, rules: tuple[Rule, ...]) -> SecurityGroup:
    return SecurityGroup(f"sg-{number}", *_PLACE, f"vpc-{number}", rules, _every(ports.ALL))
