"""Small networks with many ways of joining, drawn at random: VPCs with alike and unlike subnets."""

from __future__ import annotations

import random
from collections.abc import Sequence
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
    UNNAMED_GROUP,
    Acl,
    AclEntry,
    Address,
    Facts,
    Instance,
    Interface,
    InternetGateway,
    NatGateway,
    Peering,
    PrefixList,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Vpc,
    unread_groups,
)
from graph.network.world import NetworkWorld

REGION, ELSEWHERE = "eu-west-1", "eu-central-1"
ACCOUNT, OTHER = "111122223333", "444455556666"
HUB = ("tgw-1", "tgw-2")
CIDRS = ("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16", "10.3.1.0/24", "10.1.1.11/32", "10.2.2.12/32")
PORTS = (ports.ALL, ports.tcp(22), ports.tcp(1, 1023), ports.udp(53), ports.icmp(1, None, None))


class Drawn:
    """A network while it is drawn."""

    region = REGION
    """Where the next VPC stands."""
    stray = 0.7
    """How often a hub's route leads anywhere."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.found: dict[str, list[Any]] = {}
        self.attachments: list[TransitAttachment] = []

    def add(self, kind: str, *things: Any) -> None:
        self.found.setdefault(kind, []).extend(things)

    def some(self, listed: Sequence[Any], most: int) -> list[Any]:
        return [self.chance.choice(listed) for _ in range(self.chance.randint(0, most))]

    def often(self, part: float = 0.5) -> bool:
        return self.chance.random() < part

    def world(self) -> NetworkWorld:
        numbers = (1, 2, 3) if self.often(0.8) else (1, 2, 2, 3)
        for at, number in enumerate(numbers):
            self.vpc(at, number, ACCOUNT if self.often(0.8) else OTHER)
        self.add(
            "peerings",
            Peering("pcx-1", "vpc-0", "vpc-1", active=self.often(0.9)),
            Peering("pcx-2", "vpc-1", "vpc-2", active=True),
        )
        self.add("prefix_lists", PrefixList("pl-1", "near", ACCOUNT, ("10.2.0.0/16",)))
        return NetworkWorld(
            Facts(**{k: tuple(v) for k, v in self.found.items()}, joints=self.hub())
        )

    def hub(self) -> Joints:
        known = [one.id for one in self.attachments]
        tables = []
        for name in HUB:
            routes = [
                TransitRoute(
                    f"10.{number}.0.0/16",
                    attachments=(self.chance.choice(known),),
                    blackhole=self.often(0.1),
                )
                for number in (1, 2, 3)
                if self.often(self.stray)
            ]
            routes += [
                TransitRoute(f"10.{number}.0.0/16", attachments=(one.id,), propagated=True)
                for one in self.attachments
                for number in [self.found["vpcs"][int(one.resource[-1])].cidrs[0].split(".")[1]]
            ]
            half = tuple(one for one in known if (one in known[:2]) == (name == HUB[0]))
            tables.append(TransitTable(f"rtb-{name}", HUB[0], tuple(routes), half))
        return Joints(
            gateways=(TransitGateway(HUB[0], ACCOUNT, REGION, references=self.often()),),
            attachments=tuple(self.attachments),
            tables=tuple(tables),
        )

    def vpc(self, at: int, number: int, account: str) -> None:
        vpc, block, six = f"vpc-{at}", f"10.{number}", f"2600:1f{number:02x}:{at}"
        dual, told = self.often(0.3), self.often()
        place = (account, self.region)
        blocks = (f"{block}.0.0/16", *((f"{six}::/48",) if dual else ()))
        self.add("vpcs", Vpc(vpc, *place, blocks))
        self.add("internet_gateways", InternetGateway(f"igw-{at}", (vpc,)))
        subnets = [
            Subnet(
                f"subnet-{at}{n}",
                vpc,
                *place,
                zone=f"{self.region}{'aab'[n]}",
                zone_id=f"euw1-az{'112'[n]}" if told else "",
                cidr=f"{block}.{n}.0/24",
                ipv6_cidrs=(f"{six}:{n}::/64",) if dual else (),
            )
            for n in range(3)
        ]
        self.add("subnets", *subnets)
        self.tables(at, subnets, blocks, place)
        self.acls(at, subnets)
        self.groups(at, place)
        self.interfaces(at, subnets, place)
        if self.often(0.9):
            held = [one.id for one in subnets if self.often(0.7)] or [subnets[0].id]
            self.attachments.append(
                TransitAttachment(
                    f"att-{at}",
                    HUB[0],
                    "vpc",
                    vpc,
                    subnets=tuple(held),
                    ipv6=self.often(),
                    any_zone=self.often(0.2),
                )
            )
        else:
            self.attachments.append(TransitAttachment(f"att-{at}", HUB[0], "vpn", f"vpn-{at}"))

    def tables(
        self, at: int, subnets: list[Subnet], blocks: tuple[str, ...], place: tuple[str, str]
    ) -> None:
        own = [Route("local", "local", cidr=block) for block in blocks]
        ways = [("tgw-1", "transit_gateway"), ("pcx-1", "peering"), ("pcx-2", "peering")]
        rare = [
            (f"nat-{at}", "nat_gateway"),
            (f"eni-{at}-f", "interface"),
            (f"igw-{at}", "internet_gateway"),
            (f"eigw-{at}", "egress_only_gateway"),
        ]

        def drawn() -> tuple[Route, ...]:
            found = {}
            for cidr in ("10.0.0.0/8", "10.2.0.0/16", "10.3.0.0/16", "0.0.0.0/0", "::/0"):
                if self.often(0.6):
                    target, kind = self.chance.choice(ways if self.often(0.75) else rare)
                    found[cidr] = Route(target, kind, cidr=cidr, active=self.often(0.95))
            if self.often(0.1):
                cidr = subnets[1].cidr
                found[cidr] = Route(f"eni-{at}-f", "interface", cidr=cidr)
            return (*own, *found.values())

        main = RouteTable(f"rtb-{at}", subnets[0].vpc, *place, drawn(), (), main=True)
        self.add("route_tables", main)
        for one in subnets[1:]:
            if self.often():
                again = main.routes if self.often() else drawn()
                if self.often(0.2):
                    again = (*own, Route(f"nat-{at}", "nat_gateway", cidr="0.0.0.0/0"))
                name = f"rtb-{one.id}"
                self.add("route_tables", RouteTable(name, one.vpc, *place, again, (one.id,)))

    def acls(self, at: int, subnets: list[Subnet]) -> None:
        every = [
            AclEntry(100 + n, egress, True, ports.ALL, cidr)
            for egress in (False, True)
            for n, cidr in enumerate(("0.0.0.0/0", "::/0"))
        ]
        self.add("acls", Acl(f"acl-{at}", subnets[0].vpc, tuple(every), (), default=True))
        for one in subnets:
            if self.often(0.3):
                denied = [
                    AclEntry(
                        n, self.often(), False, self.chance.choice(PORTS), self.chance.choice(CIDRS)
                    )
                    for n in range(self.chance.randint(1, 3))
                ]
                name = f"acl-{one.id}"
                self.add("acls", Acl(name, one.vpc, (*denied, *every), (one.id,)))

    def groups(self, at: int, place: tuple[str, str]) -> None:
        names = [f"sg-{n}{kind}" for n in range(3) for kind in "xy"]

        def rules(most: int) -> list[Rule]:
            found = []
            for which in self.some(("cidr", "cidr", "group", "list"), most):
                opened = self.chance.choice(PORTS)
                if which == "cidr":
                    found.append(Rule(opened, cidr=self.chance.choice((*CIDRS, "::/0"))))
                elif which == "group":
                    known = self.chance.choice(names) if self.often(0.9) else UNNAMED_GROUP
                    found.append(Rule(opened, group=known))
                else:
                    name = "pl-1" if self.often(0.8) else "pl-unread"
                    found.append(Rule(opened, prefix_list=name))
            return found

        out = [Rule(ports.ALL, cidr="0.0.0.0/0"), Rule(ports.ALL, cidr="::/0")]
        for kind in "xy":
            egress = tuple(out if self.often(0.6) else rules(3))
            kept = None if self.often(0.05) else egress
            group = SecurityGroup(f"sg-{at}{kind}", *place, f"vpc-{at}", tuple(rules(4)), kept)
            self.add("security_groups", group)

    def interfaces(self, at: int, subnets: list[Subnet], place: tuple[str, str]) -> None:
        for n, host in enumerate((11, 12, 13, 14)):
            home = self.chance.choice(subnets)
            start = home.cidr.removesuffix("0/24")
            name = f"eni-{at}-{n}"
            addresses = [Address(f"{start}{host}")]
            if self.often(0.2):
                addresses.append(Address(f"{start}{host + 50}"))
            kind = "network_load_balancer" if self.often(0.1) else "interface"
            groups = tuple(f"sg-{at}{k}" for k in "xy" if self.often(0.6))
            groups += (unread_groups(name),) if self.often(0.1) else ()
            owner = f"i-{at}-{n}" if self.often(0.4) else ""
            self.add(
                "interfaces",
                Interface(
                    name,
                    *place,
                    home.vpc,
                    home.id,
                    groups,
                    tuple(addresses),
                    tuple(six.replace("::/64", f"::{host}") for six in home.ipv6_cidrs),
                    kind,
                    owner=owner,
                    owner_kind="instance" if owner else "",
                ),
            )
            if owner and self.often(0.9):
                state = "running" if self.often(0.7) else "stopped"
                self.add("instances", Instance(owner, state, (name,)))
        home = subnets[0] if self.often(0.7) else self.chance.choice(subnets)
        start = home.cidr.removesuffix("0/24")
        for name, host, kind in (
            (f"eni-{at}-f", 5, "interface"),
            (f"eni-{at}-n", 6, "nat_gateway"),
        ):
            self.add(
                "interfaces",
                Interface(
                    name,
                    *place,
                    home.vpc,
                    home.id,
                    (f"sg-{at}x",) if kind == "interface" else (),
                    (Address(f"{start}{host}"),),
                    kind=kind,
                    forwards=self.often(0.8),
                ),
            )
        self.add("nat_gateways", NatGateway(f"nat-{at}", (f"eni-{at}-n",)))


def drawn_world(chance: random.Random) -> NetworkWorld:
    """Draw a world."""
    return Drawn(chance).world()
