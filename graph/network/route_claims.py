"""Which addresses each route of a table wins, as sets.

Rules: "How route priority works" of the VPC user guide: longest prefix first; at equal length
static before prefix list before propagated; a blackhole wins its prefix. Of prefix lists that
hold one CIDR but lead to different targets AWS chooses at random which takes priority
(https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html): nothing tells which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.network import prefixes
from graph.network.facts import Route, RouteTable, Subnet
from graph.network.prefixes import Family
from graph.network.spans import Spans, union
from graph.network.world import NetworkWorld


@dataclass(frozen=True, slots=True)
class Claim:
    """A route with one of its destinations and the addresses that it may win."""

    route: Route
    cidr: str
    length: int
    spans: Spans


def claims_of(
    world: NetworkWorld, table: RouteTable, subnet: Subnet, family: Family
) -> tuple[list[Claim], list[tuple[str, bool]]]:
    """Routes of this family, the one that wins first; and prefix lists that were not read."""
    rows: list[tuple[str, Route]] = []
    unread: list[tuple[str, bool]] = []
    for route in table.routes:
        cidrs: tuple[str, ...] = (route.cidr,) if route.cidr else ()
        if route.prefix_list:
            known = world.prefix_lists.get(route.prefix_list)
            if known is None or known.cidrs is None:
                # A gateway endpoint's list holds the addresses of S3 or DynamoDB, which begin
                # no connection (VPC user guide, "Gateway endpoints"): its hole hides nothing.
                call = "ec2.get_managed_prefix_list_entries"
                unread.append((f"{call}({route.prefix_list})", route.kind != "endpoint"))
                continue
            cidrs = known.cidrs
        for cidr in cidrs:
            try:
                kind, _ = prefixes.parse(cidr)
            except ValueError:
                unread.append((f"ec2.describe_route_tables({table.id}: {cidr!r})", True))
                continue
            if kind is family:
                rows.append((cidr, route))
    found = [
        Claim(route, cidr, prefixes.length(cidr), prefixes.parse(cidr)[1])
        for cidr, route in settled(rows)
    ]
    found.sort(key=lambda claim: (-claim.length, priority(claim.route), claim.cidr))
    return local_first(found), unread


def settled(rows: Iterable[tuple[str, Route]]) -> list[tuple[str, Route]]:
    """Routes by destination; prefix lists that AWS chooses among at random as one unknown route."""
    listed: dict[str, list[Route]] = defaultdict(list)
    found: list[tuple[str, Route]] = []
    for cidr, route in rows:
        if route.prefix_list and not route.propagated:
            listed[cidr].append(route)
        else:
            found.append((cidr, route))
    for cidr, some in listed.items():
        alike = len({(route.target, route.active) for route in some}) == 1
        found += [(cidr, one) for one in (some[:1] if alike else [_one_of(some)])]
    return found


def _one_of(routes: list[Route]) -> Route:
    return replace(
        routes[0],
        prefix_list=", ".join(sorted({route.prefix_list for route in routes})),
        kind="unknown",
        target=" or ".join(sorted({route.target for route in routes})),
        active=True,
        refs=tuple(dict.fromkeys(ref for route in routes for ref in route.refs)),
    )


def local_first(claims: list[Claim]) -> list[Claim]:
    """A propagated route never takes from the local one, however specific it is.

    https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html
    """
    local = union(claim.spans for claim in claims if claim.route.kind == "local")
    return [
        replace(claim, spans=claim.spans - local) if claim.route.propagated else claim
        for claim in claims
    ]


def priority(route: Route) -> int:
    """The rank of a route among those of equal length; the lowest wins."""
    if route.propagated:
        return 2
    return 1 if route.prefix_list else 0


def target_gap(route: Route) -> str:
    """The name of a route's target that cannot be read, or is of no kind that is known."""
    way = f"{route.cidr or route.prefix_list} -> {route.target}"
    return f"ec2.describe_route_tables(where a route leads: {way.rstrip('> -')})"
