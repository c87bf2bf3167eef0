"""Steps N3 and N4: internet gateway and return route.

Rules: "Route table concepts" and "Enable internet access using internet gateways" of the VPC user
guide. Which clients' replies leave through the internet gateway is worked out as a set.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.evidence import Step
from graph.network import prefixes
from graph.network.between.middleboxes import forwarder
from graph.network.facts import Route, RouteTable, Subnet
from graph.network.inspection import INSPECTING, appliance_subnets, leads_to_a_service
from graph.network.pieces import Piece, Pieces, unknown
from graph.network.prefixes import PUBLIC, Family
from graph.network.route_claims import Claim, claims_of, target_gap
from graph.network.spans import NOTHING, Spans, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

_WHY_NOT = {
    "nat_gateway": "a NAT gateway drops what did not begin inside",
    "egress_only_gateway": "an egress-only internet gateway drops what did not begin inside",
    "transit_gateway": "the reply would leave through a transit gateway",
    "peering": "a peering connection does not lead to an internet gateway",
    "virtual_private_gateway": "the reply would leave through a virtual private gateway",
    "carrier_gateway": "the reply would leave to the carrier's network",
    "local_gateway": "the reply would leave through a local gateway",
    "core_network": "the reply would leave through a core network",
    "local": "the range is the VPC's own",
    "interface": "nothing there sends replies on to an internet gateway",
    "odb_network": "the reply would leave to a database network",
}


_NOT_OUT = "the route's target is not one that leads to the internet"


@dataclass(frozen=True, slots=True)
class ReturnRoutes:
    """Where replies to public addresses go.

    Attributes:
        pieces: clients whose reply leaves through the VPC's internet gateway.
        step: N4.
        inspected: routes to appliances, with the clients whose replies they lead on.
    """

    pieces: Pieces
    step: Step
    inspected: tuple[tuple[Route, Spans], ...] = ()


def gateway_step(world: NetworkWorld, subnet: Subnet) -> Step:
    """N3: an internet gateway is attached to the VPC."""
    gateway = world.internet_gateways.get(subnet.vpc)
    if gateway is not None:
        return Step(
            "internet gateway",
            gateway.id,
            "pass",
            f"Internet gateway {gateway.id} is attached to {subnet.vpc}.",
            gateway.refs,
        )
    gap = world.gap("ec2.describe_internet_gateways", subnet.account_id, subnet.region)
    if gap:
        return Step("internet gateway", subnet.vpc, "unknown", f"Not collected: {gap}.")
    return Step(
        "internet gateway",
        subnet.vpc,
        "fail",
        f"No internet gateway is attached to {subnet.vpc}.",
        code="BAD_STATE_ATTACHMENT",
    )


def effective_table(world: NetworkWorld, subnet: Subnet) -> RouteTable | str:
    """The route table that governs a subnet, or the name of what is missing to say so."""
    tables = world.route_tables_of(subnet)
    if len(tables) == 1:
        return tables[0]
    if tables:
        return f"ec2.describe_route_tables({subnet.vpc} has {len(tables)} main route tables)"
    gap = world.gap("ec2.describe_route_tables", subnet.account_id, subnet.region)
    return gap or f"ec2.describe_route_tables({subnet.vpc})"


def return_routes(world: NetworkWorld, subnet: Subnet, family: Family) -> ReturnRoutes:
    """N4: which public addresses get their replies through the internet gateway."""
    table = effective_table(world, subnet)
    if isinstance(table, str):
        step = Step("return route", subnet.id, "unknown", f"Not collected: {table}.")
        return ReturnRoutes(unknown(PUBLIC[family], [table]), step)
    key = ("return", table.id, subnet.vpc, subnet.account_id, subnet.region, family)
    if key not in world.memo:
        world.memo[key] = _evaluate(world, table, subnet, family)
    found: ReturnRoutes = world.memo[key]
    return found


def _evaluate(
    world: NetworkWorld, table: RouteTable, subnet: Subnet, family: Family
) -> ReturnRoutes:
    claims, unread = claims_of(world, table, subnet, family)
    pieces, blocked = _walk(world, claims, subnet, family, appliances=True)
    gaps = [gap for gap, matters in unread if matters]
    if gaps:
        pieces = _doubted(pieces, blocked.rest, family, gaps)
    step = _route_step(table, pieces, blocked, gaps, family)
    return ReturnRoutes(pieces, step, blocked.inspected)


def route_cidrs(world: NetworkWorld, subnet: Subnet) -> tuple[str, ...]:
    """The destinations of a subnet's route table that can be read."""
    table = effective_table(world, subnet)
    if isinstance(table, str):
        return ()
    found: list[str] = []
    for route in table.routes:
        listed = world.prefix_lists.get(route.prefix_list)
        found += listed.cidrs or () if listed else ()
        found += [route.cidr] if route.cidr else []
    return tuple(cidr for cidr in found if _parses(cidr))


def _parses(cidr: str) -> bool:
    try:
        prefixes.parse(cidr)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Blocked:
    routes: tuple[Route, ...]
    rest: Spans
    gateways: tuple[Route, ...]
    inspected: tuple[tuple[Route, Spans], ...]


def _walk(
    world: NetworkWorld,
    claims: list[Claim],
    subnet: Subnet,
    family: Family,
    *,
    appliances: bool,
) -> tuple[Pieces, _Blocked]:
    rest = PUBLIC[family]
    pieces: list[Piece] = []
    losing: list[Route] = []
    gateways: list[Route] = []
    inspected: list[tuple[Route, Spans]] = []
    for claim in claims:
        won = claim.spans & rest
        if not won:
            continue
        rest = rest - claim.spans
        led = _led(world, claim.route, subnet, family, won, appliances=appliances)
        pieces += led
        if not led:
            losing.append(claim.route)
        elif claim.route.kind == "internet_gateway":
            gateways.append(claim.route)
        elif claim.route.kind in INSPECTING:
            inspected.append((claim.route, union(piece.sources for piece in led)))
    blocked = _Blocked(tuple(losing), rest, tuple(gateways), tuple(inspected))
    return tuple(pieces), blocked


def _led(
    world: NetworkWorld,
    route: Route,
    subnet: Subnet,
    family: Family,
    won: Spans,
    *,
    appliances: bool,
) -> Pieces:
    """The part of ``won`` whose replies this route brings to the internet gateway."""
    if not route.active:
        return ()
    if route.kind == "internet_gateway":
        gateway = world.internet_gateways.get(subnet.vpc)
        gap = world.gap("ec2.describe_internet_gateways", subnet.account_id, subnet.region)
        if gateway is not None and gateway.id == route.target:
            return (Piece(won),)
        return unknown(won, [gap]) if gateway is None and gap else ()
    if route.kind == "unknown":
        return unknown(won, [target_gap(route)])
    if appliances and route.kind in INSPECTING and not leads_to_a_service(world, route):
        if _drops(world, route):
            return ()
        return _through_appliance(world, route, subnet, family, won)
    return ()


def _drops(world: NetworkWorld, route: Route) -> bool:
    """Whether an interface drops what is not its own: its source/destination check is on.

    https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
    """
    taking = forwarder(world, route.target) if route.kind == "interface" else None
    return taking is not None and taking.forwards is False


def _through_appliance(
    world: NetworkWorld, route: Route, subnet: Subnet, family: Family, won: Spans
) -> Pieces:
    """A reply that passes a firewall: it gets on where the appliance's own subnet routes.

    What the appliance does with it is not in AWS's API for an instance, and is not evaluated for
    a firewall endpoint, so what gets on is conditional.
    """
    places = appliance_subnets(world, route, subnet)
    if isinstance(places, str):
        return unknown(won, [places])
    on = NOTHING
    doubts: set[str] = set()
    for place in places:
        table = effective_table(world, place)
        if isinstance(table, str):
            doubts.add(table)
            continue
        claims, unread = claims_of(world, table, place, family)
        doubts |= {gap for gap, matters in unread if matters}
        pieces, _ = _walk(world, claims, place, family, appliances=False)
        on = on | Spans.of(pair for piece in pieces for pair in piece.sources.pairs)
    found: list[Piece] = []
    if on & won:
        found.append(
            Piece(on & won, Verdict.CONDITIONAL, frozenset({f"inspection:{route.target}"}))
        )
    if doubts and won - on:
        found += unknown(won - on, sorted(doubts))
    return tuple(found)


def _doubted(pieces: Pieces, rest: Spans, family: Family, gaps: list[str]) -> Pieces:
    """An unread prefix list may carve holes from what is known, or open what is not routed."""
    conditions = frozenset(f"not_collected:{gap}" for gap in gaps)
    doubted = [
        Piece(piece.sources, Verdict.UNKNOWN, piece.conditions | conditions) for piece in pieces
    ]
    return (*doubted, *(unknown(rest, gaps) if rest & PUBLIC[family] else ()))


def _route_step(
    table: RouteTable, pieces: Pieces, blocked: _Blocked, gaps: list[str], family: Family
) -> Step:
    name = "return route"
    reasons = [_losing(route) for route in blocked.routes if route.kind != "local"]
    if not pieces:
        if not reasons:
            text = f"Route table {table.id} has no {_label(family)} route to an internet gateway."
            return Step(name, table.id, "fail", text, table.refs, "NO_ROUTE_TO_DESTINATION")
        text = f"Route table {table.id} sends no reply to an internet gateway: {_joined(reasons)}."
        dead = any(not route.active for route in blocked.routes)
        refs = tuple(ref for route in blocked.routes for ref in route.refs) or table.refs
        return Step(name, table.id, "fail", text, refs, "BAD_STATE_ROUTE" if dead else "")
    refs = tuple(ref for route in blocked.gateways for ref in route.refs) or table.refs
    if gaps or all(piece.verdict is Verdict.UNKNOWN for piece in pieces):
        missing = gaps or sorted(c for piece in pieces for c in piece.conditions)
        return Step(name, table.id, "unknown", f"Not collected: {', '.join(missing)}.", refs)
    if any(piece.verdict is Verdict.CONDITIONAL for piece in pieces):
        through = sorted({c for piece in pieces for c in piece.conditions})
        text = f"Replies pass an appliance that is not evaluated ({', '.join(through)})."
        direct = any(piece.verdict is Verdict.YES for piece in pieces)
        return Step(name, table.id, "pass" if direct else "conditional", text, refs)
    ways = [f"{route.cidr or route.prefix_list} -> {route.target}" for route in blocked.gateways]
    text = f"Route table {table.id} returns replies by {_joined(sorted(set(ways)))}."
    if reasons:
        text += f" Not for: {_joined(reasons)}."
    return Step(name, table.id, "pass", text, refs)


def _losing(route: Route) -> str:
    way = f"{route.cidr or route.prefix_list} -> {route.target}"
    if not route.active:
        return f"{way} is a blackhole"
    if route.kind == "internet_gateway":
        return f"{way} is not attached to the VPC"
    return f"{way} ({_WHY_NOT.get(route.kind, _NOT_OUT)})"


def _joined(texts: list[str], most: int = 20) -> str:
    shown = "; ".join(texts[:most])
    return shown if len(texts) <= most else f"{shown}; and {len(texts) - most} more"


def _label(family: Family) -> str:
    return "IPv4" if family is Family.IPV4 else "IPv6"
