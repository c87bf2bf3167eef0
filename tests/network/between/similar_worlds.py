"""Random networks whose VPCs are much alike, so that one is judged for others."""

from __future__ import annotations

import random
from dataclasses import replace

from graph.network import ports
from graph.network.between.facts import Joints, TransitRoute
from graph.network.facts import Facts, Peering, PrefixList, Route, RouteTable, Rule, Subnet
from graph.network.world import NetworkWorld
from network.between.random_worlds import ACCOUNT, ELSEWHERE, REGION, Drawn


class Similar(Drawn):
    """More VPCs, most of which go the same way over one hub, with a few that do not.

    Of many worlds each has something of its own: what VPCs send passes a NAT gateway or an
    appliance, in the VPC itself or in one behind the hub; replies over IPv6 go by the internet;
    something leads on premises, or was not read.
    """

    stray = 0.1
    size = 6

    def world(self) -> NetworkWorld:
        self.inspects = self.often()
        for at in range(self.size):
            self.region = REGION if self.often(0.7) else ELSEWHERE
            self.vpc(at, self.chance.choice((1, 2, 3)) if self.often(0.2) else at + 1, ACCOUNT)
        self.add("peerings", Peering("pcx-1", "vpc-0", "vpc-1", active=True))
        self.add("peerings", Peering("pcx-2", "vpc-1", "vpc-2", active=True))
        self.add("prefix_lists", PrefixList("pl-1", "near", ACCOUNT, ("10.2.0.0/16",)))
        joints = self.hub()
        if self.often(0.3):
            self.forget_tables()
        return NetworkWorld(Facts(**{k: tuple(v) for k, v in self.found.items()}, joints=joints))

    def forget_tables(self) -> None:
        """No route table of a VPC on the hub was read."""
        joined = [one.resource for one in self.attachments if one.kind == "vpc"]
        unread = self.chance.choice(joined or [""])
        tables = self.found["route_tables"]
        self.found["route_tables"] = [one for one in tables if one.vpc != unread]

    def vpc(self, at: int, number: int, account: str) -> None:
        super().vpc(at, number, account)
        if not self.often(0.8):
            self.found["internet_gateways"].pop()

    def hub(self) -> Joints:
        """Ways by IPv6 too; where the last VPC inspects, all others' ways lead there first."""
        made = super().hub()
        ways = {one.resource: one.id for one in self.attachments}
        sixth = [
            TransitRoute(cidr, attachments=(ways[vpc.id],))
            for vpc in self.found["vpcs"]
            for cidr in vpc.cidrs
            if ":" in cidr and vpc.id in ways
        ]
        everyone = [one.id for one in self.attachments]
        tables = [replace(one, routes=(*(one.routes or ()), *sixth)) for one in made.tables]
        if self.inspects:
            first = TransitRoute("10.0.0.0/8", attachments=(everyone[-1],))
            own = tuple(everyone[:-1] if self.often(0.8) else everyone)
            tables[0] = replace(tables[0], routes=(first, *sixth), associations=own)
            tables[1] = replace(
                tables[1], associations=tuple(one for one in everyone if one not in own)
            )
        return replace(made, tables=tuple(tables))

    def groups(self, at: int, place: tuple[str, str]) -> None:
        """One group of each VPC lets in a part of the network, or what has been translated."""
        super().groups(at, place)
        last = self.found["security_groups"].pop()
        hosts = [f"10.{n}.0.{host}/32" for n in range(1, self.size + 1) for host in (5, 6, 11)]
        rules = [Rule(ports.ALL, cidr="10.0.0.0/8")] if self.often() else []
        rules += [Rule(ports.tcp(443), cidr=cidr) for cidr in self.chance.sample(hosts, 4)]
        rules.append(Rule(ports.tcp(22), cidr="::/0"))
        self.add("security_groups", replace(last, rules=(*last.rules, *rules)))

    def interfaces(self, at: int, subnets: list[Subnet], place: tuple[str, str]) -> None:
        """Some take nothing that comes by an internet gateway."""
        known = len(self.found.get("interfaces", ()))
        super().interfaces(at, subnets, place)
        self.found["interfaces"][known:] = [
            replace(one, deny_igw=True) if self.often(0.1) else one
            for one in self.found["interfaces"][known:]
        ]

    def tables(
        self, at: int, subnets: list[Subnet], blocks: tuple[str, ...], place: tuple[str, str]
    ) -> None:
        inspects = self.inspects and at == self.size - 1
        if self.often(0.25) and not inspects:
            super().tables(at, subnets, blocks, place)
            return
        own = [Route("local", "local", cidr=block) for block in blocks]
        ways = [*own, *self.onward(at, subnets)]
        vpc = subnets[0].vpc
        main = RouteTable(f"rtb-{at}", vpc, *place, tuple(ways), (), main=True)
        self.add("route_tables", main)
        if not inspects and self.often(0.6):
            return
        # What stands in the other subnets sends on through what stands in the first.
        middle = (f"nat-{at}", "nat_gateway") if self.often(0.4) else (f"eni-{at}-f", "interface")
        past = (*own, Route(*middle, cidr="10.0.0.0/8"), *self.by_six(at))
        for one in subnets[1:]:
            if self.often(0.8):
                name = f"rtb-{one.id}"
                self.add("route_tables", RouteTable(name, vpc, *place, past, (one.id,)))

    def onward(self, at: int, subnets: list[Subnet]) -> list[Route]:
        """Over the hub to everything, or to parts only."""
        whole = [Route("tgw-1", "transit_gateway", cidr="10.0.0.0/8")]
        parts = [
            Route("tgw-1", "transit_gateway", cidr=f"10.{n}.{part}")
            for n in range(1, self.size + 1)
            for part in ("0.0/24", "1.0/24", "2.0/24")
            if self.often()
        ]
        inspects = self.inspects and at == self.size - 1
        routes = whole if inspects or self.often(0.7) else parts
        if self.often(0.3):
            near = Route(f"pcx-{1 if at < 2 else 2}", "peering", cidr="10.2.0.0/16")
            routes.append(near)
        if self.often(0.1):
            far = Route(f"vgw-{at}", "virtual_private_gateway", cidr="10.3.0.0/16")
            routes.append(far)
        if self.often(0.1):
            routes.append(Route("tgw-1", "transit_gateway", cidr=subnets[2].cidr))
        return [*{one.cidr: one for one in routes}.values(), *self.by_six(at)]

    def by_six(self, at: int) -> list[Route]:
        """Over the hub, or by the VPC's own gateways."""
        found = []
        if self.often(0.6):
            found.append(Route("tgw-1", "transit_gateway", cidr="2600::/12"))
        if self.often(0.6):
            out = (
                (f"igw-{at}", "internet_gateway")
                if self.often(0.8)
                else (f"eigw-{at}", "egress_only_gateway")
            )
            found.append(Route(*out, cidr="::/0"))
        return found


def similar_world(chance: random.Random) -> NetworkWorld:
    """Draw a world of VPCs that are much alike."""
    return Similar(chance).world()
