"""Synthetic organisations for the network engine's benchmark, as facts; nothing is random twice.

Accounts hold four VPCs each in two regions. A VPC has three zones with a public, a private and a
data subnet each; its interfaces are those of load balancers, NAT gateways, endpoints, functions,
databases, cluster nodes and machines, most of them private. Security groups hold 1 to 60 rules
and refer to one another; network ACLs are mostly the default; a quarter of the VPCs is dual-stack.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from network_plan import HUB, REGIONS, SIX, TIERS, ZONES, VpcPlan
from network_workloads import applications, fill

from graph.network import ports
from graph.network.between.facts import (
    EndpointLink,
    Joints,
    TransitAttachment,
    TransitGateway,
    TransitRoute,
    TransitTable,
)
from graph.network.between.facts_from_snapshot import CALLS
from graph.network.facts import (
    Acl,
    AclEntry,
    BlockPublicAccess,
    Endpoint,
    Facts,
    InternetGateway,
    Peering,
    PrefixList,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Vpc,
)

VPC_SIZES = (40, 40, 60, 60, 120, 120, 250, 800)
"""Interfaces of one VPC after the other; the mean is 186."""


def organisation(interfaces: int, seed: int = 6, sizes: Sequence[int] = VPC_SIZES) -> Facts:
    """Build an organisation of about so many network interfaces.

    Args:
        interfaces: how many.
        seed: of what is drawn.
        sizes: interfaces of one VPC after the other, again and again.
    """
    into: dict[str, list[Any]] = defaultdict(list)
    chance = random.Random(seed)
    number, left = 0, interfaces
    while left > 0:
        size = max(min(sizes[number % len(sizes)], left), 30)
        vpc = VpcPlan(number, chance, into)
        _network(vpc)
        _groups(vpc, size)
        fill(vpc, size)
        number, left = number + 1, left - size
    joints = _joints(into.pop("attachments"), into["vpcs"], into["endpoints"])
    sequences: dict[str, Any] = {name: tuple(found) for name, found in into.items()}
    return Facts(**sequences, joints=joints)


def _joints(
    attachments: list[TransitAttachment], vpcs: list[Vpc], endpoints: list[Endpoint]
) -> Joints:
    """A transit gateway in each region with one table, into which every VPC is propagated."""
    blocks = {vpc.id: vpc.cidrs[0] for vpc in vpcs}
    regions = sorted({vpc.region for vpc in vpcs})
    gateways, tables = [], []
    for region in regions:
        mine = [one for one in attachments if one.gateway == f"tgw-{region}"]
        gateways.append(TransitGateway(f"tgw-{region}", HUB, region))
        routes = tuple(
            TransitRoute(blocks[one.resource], attachments=(one.id,), propagated=True)
            for one in mine
        )
        tables.append(
            TransitTable(
                f"tgw-rtb-{region}",
                f"tgw-{region}",
                (TransitRoute("10.255.0.0/16", blackhole=True), *routes),
                tuple(one.id for one in mine),
            )
        )
    places = {(vpc.account_id, vpc.region) for vpc in vpcs} | {(HUB, region) for region in regions}
    return Joints(
        gateways=tuple(gateways),
        attachments=tuple(sorted(attachments, key=lambda one: one.id)),
        tables=tuple(tables),
        links=tuple(
            EndpointLink(one.id, "com.amazonaws.ssm", "available", interfaces=one.interfaces)
            for one in endpoints
            if one.kind == "Interface"
        ),
        known=frozenset(f"ec2.{c}@{account}/{region}" for account, region in places for c in CALLS),
    )


def _network(vpc: VpcPlan) -> None:
    blocks = (f"{vpc.block}.0.0/16", *((f"{vpc.block6}::/48",) if vpc.dual_stack else ()))
    vpc.into["vpcs"].append(Vpc(vpc.id, *vpc.at, blocks))
    gateway = vpc.arn("internet-gateway", "igw")
    vpc.into["internet_gateways"].append(InternetGateway(gateway, (vpc.id,)))
    for tier, start, length in (("public", 0, 20), ("app", 16, 20), ("data", 128, 20)):
        for zone in range(3):
            vpc.into["subnets"].append(
                Subnet(
                    vpc.subnet(tier, zone),
                    vpc.id,
                    *vpc.at,
                    zone=f"{vpc.region}{ZONES[zone]}",
                    cidr=f"{vpc.block}.{start + 16 * zone}.0/{length}",
                    ipv6_cidrs=(f"{vpc.block6}:{SIX[tier]}::/64",) if vpc.dual_stack else (),
                    maps_public_ip=tier == "public",
                    seen_by=(vpc.at[0],),
                )
            )
    _lists(vpc)
    _routes(vpc, gateway)
    _acls(vpc)
    if vpc.number % 4 == 0:
        mode = "block-ingress" if vpc.number % 48 == 24 else "off"
        vpc.into["block_public_access"] += [
            BlockPublicAccess(vpc.account, region, mode)
            for region in dict.fromkeys((vpc.region, REGIONS[(vpc.number // 4 + 1) % 4]))
        ]


def _lists(vpc: VpcPlan) -> None:
    """The office's addresses, CloudFront's and S3's, once for each account and region."""
    if vpc.number % 4 > 1:
        return
    offices = tuple(f"198.{18 + n % 2}.{vpc.number % 200}.{16 * n}/28" for n in range(12))
    edges = tuple(f"{13 + n}.{32 + 3 * n}.0.0/{15 + n % 5}" for n in range(40))
    vpc.into["prefix_lists"] += [
        PrefixList(_list(vpc, "pl-office"), "offices", vpc.account, offices),
        PrefixList(
            _list(vpc, "pl-edge"),
            "com.amazonaws.global.cloudfront.origin-facing",
            "AWS",
            edges,
        ),
        PrefixList(
            _list(vpc, "pl-s3"), f"com.amazonaws.{vpc.region}.s3", "AWS",
            ("52.218.0.0/17", "3.5.64.0/21", "52.92.0.0/17", "18.34.0.0/19"),
        ),
    ]  # fmt: skip


def _list(vpc: VpcPlan, name: str) -> str:
    short = f"{name}-{vpc.number // 4 * 4 + vpc.number % 2:08x}"
    return f"arn:aws:ec2:{vpc.region}:{vpc.account}:prefix-list/{short}"


def _routes(vpc: VpcPlan, gateway: str) -> None:
    local = [Route("local", "local", cidr=f"{vpc.block}.0.0/16")]
    if vpc.dual_stack:
        blocks = vpc.into["vpcs"][-1].cidrs
        local.append(Route("local", "local", cidr=blocks[1]))
    transit = f"arn:aws:ec2:{vpc.region}:{HUB}:transit-gateway/tgw-{vpc.region}"
    local.append(Route(transit, "transit_gateway", cidr="10.0.0.0/8"))
    storage = vpc.arn("vpc-endpoint", "vpce-s3")
    local.append(Route(storage, "endpoint", prefix_list=_list(vpc, "pl-s3")))
    if vpc.number % 4 in (2, 3):
        other = f"10.{(vpc.number - 2) % 250}.0.0/16"
        peering = vpc.arn("vpc-peering-connection", "pcx")
        local.append(Route(peering, "peering", cidr=other))
        mine, theirs = vpc.id, VpcPlan(vpc.number - 2, vpc.chance, vpc.into).id
        vpc.into["peerings"].append(Peering(peering, mine, theirs, active=vpc.number % 8 != 3))
    out = [Route(gateway, "internet_gateway", cidr="0.0.0.0/0")]
    private: list[list[Route]] = [
        [Route(vpc.arn("natgateway", f"nat-{ZONES[zone]}"), "nat_gateway", cidr="0.0.0.0/0")]
        for zone in range(3)
    ]
    if vpc.dual_stack:
        out.append(Route(gateway, "internet_gateway", cidr="::/0"))
        egress = f"eigw-{vpc.number:08x}"
        for one in private:
            one.append(Route(egress, "egress_only_gateway", cidr="::/0"))

    def table(name: str, routes: list[Route], subnets: list[str], *, main: bool = False) -> None:
        found = (*local, *routes)
        vpc.into["route_tables"].append(
            RouteTable(
                vpc.arn("route-table", f"rtb-{name}"), vpc.id, *vpc.at, found, tuple(subnets),
                main=main,
            )
        )  # fmt: skip

    table("main", [], [], main=True)
    table("public", out, [vpc.subnet("public", zone) for zone in range(3)])
    for zone in range(3):
        table(f"app{ZONES[zone]}", private[zone], [vpc.subnet("app", zone)])
    # The data subnets stand in the main table.
    short = vpc.arn("transit-gateway-attachment", "tgw-attach").rpartition("/")[2]
    vpc.into["attachments"].append(
        TransitAttachment(
            short, f"tgw-{vpc.region}", "vpc", vpc.id,
            subnets=tuple(vpc.subnet("app", zone) for zone in range(3)),
        )
    )  # fmt: skip


def _acls(vpc: VpcPlan) -> None:
    """The default ACL for all, or in one VPC of five an own one for the public subnets."""
    every = ("0.0.0.0/0", "::/0")
    lets_all = tuple(
        AclEntry(100 + n, egress, True, ports.ALL, cidr)
        for egress in (False, True)
        for n, cidr in enumerate(every)
    )
    public = tuple(vpc.subnet("public", zone) for zone in range(3))
    rest = tuple(vpc.subnet(tier, zone) for tier in TIERS[1:] for zone in range(3))
    own = vpc.number % 5 == 3
    name = vpc.arn("network-acl", "acl-default")
    subnets = rest if own else (*public, *rest)
    vpc.into["acls"].append(Acl(name, vpc.id, lets_all, subnets, default=True))
    if not own:
        return
    denied = [
        AclEntry(10 + n, False, False, ports.ALL, f"185.{n}.{vpc.number % 250}.0/24")
        for n in range(12)
    ]
    admitted = [
        AclEntry(100 + 2 * n + m, False, True, ports.tcp(first, last), cidr)
        for n, (first, last) in enumerate(((80, 80), (443, 443), (22, 22), (1024, 65535)))
        for m, cidr in enumerate(every)
    ]
    replies = [
        AclEntry(100 + m, True, True, ports.tcp(1024, 65535), cidr) for m, cidr in enumerate(every)
    ]
    vpc.into["acls"].append(
        Acl(vpc.arn("network-acl", "acl-public"), vpc.id, (*denied, *admitted, *replies), public)
    )


def _groups(vpc: VpcPlan, size: int) -> None:
    def group(name: str, rules: Iterable[Rule]) -> None:
        out = (Rule(ports.ALL, cidr="0.0.0.0/0"),)
        vpc.into["security_groups"].append(
            SecurityGroup(vpc.group(name), *vpc.at, vpc.id, tuple(rules), out)
        )

    def of(name: str, *numbers: int) -> list[Rule]:
        return [Rule(ports.tcp(n), group=vpc.group(name)) for n in numbers]

    every = ("0.0.0.0/0", "::/0")
    watched = [Rule(ports.tcp(n), cidr="10.0.0.0/8") for n in (9100, 9256, 10050)]
    shell = of("bastion", 22)
    partners = [f"{n * 7 % 200 + 20}.{n * 13 % 250}.{vpc.number % 250}.{n}/32" for n in range(60)]
    group("default", [Rule(ports.ALL, group=vpc.group("default"))])
    group("alb", [Rule(ports.tcp(n), cidr=cidr) for n in (80, 443) for cidr in every])
    group("edge", [Rule(ports.tcp(443), prefix_list=_list(vpc, "pl-edge"))])
    group(
        "bastion",
        [
            Rule(ports.tcp(22), prefix_list=_list(vpc, "pl-office")),
            *(Rule(ports.tcp(22), cidr=cidr) for cidr in partners[:8]),
        ],
    )
    group("web", [*of("alb", 80, 8080), *watched, *shell, Rule(ports.tcp(443), cidr=every[0])])
    legacy = [Rule(ports.tcp(n), cidr=c) for c in partners[: 8 + vpc.number % 40] for n in (22,)]
    legacy += [Rule(ports.tcp(n), cidr="172.16.0.0/12") for n in (139, 445, 3389, 5985)]
    if vpc.number % 5 == 0:
        legacy.append(Rule(ports.tcp(3389), cidr=every[0]))
    group("legacy", legacy)
    apps = applications(size)
    for n in range(apps):
        callers = [f"app{m}" for m in range(apps) if m != n][: 3 + n % 9]
        called = [rule for caller in callers for rule in of(caller, 8080 + n, 9090)]
        group(f"app{n}", [*of("alb", 8080 + n), *called, *watched, *shell])
    group(
        "nodes",
        [
            Rule(ports.ALL, group=vpc.group("nodes")),
            Rule(ports.tcp(30000, 32767), group=vpc.group("alb")),
            *(Rule(ports.tcp(n), cidr=f"{vpc.block}.0.0/16") for n in (443, 10250, 53)),
            Rule(ports.udp(53), cidr=f"{vpc.block}.0.0/16"),
            Rule(ports.icmp(1, None, None), cidr="10.0.0.0/8"),
            *watched,
        ],
    )
    clients = [rule for n in range(apps) for rule in of(f"app{n}", 5432, 6379)]
    public = [Rule(ports.tcp(5432), cidr=cidr) for cidr in partners[:4]]
    group("data", [*clients, *of("nodes", 5432, 6379), *public])
    group("endpoints", [Rule(ports.tcp(443), cidr=f"{vpc.block}.0.0/16")])
    group("lambda", [])


def _applications(size: int) -> int:
    return 2 + size // 60


__all__ = ["organisation"]
