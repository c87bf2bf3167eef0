"""Steps N3 to N5: internet gateway, return route, ingress routing.

Rules: "How route priority works", "Route table concepts" and "Gateway route tables" of the VPC
user guide. Which clients' replies leave through the internet gateway is worked out as a set:
longest prefix first; at equal length static before prefix list before propagated; a blackhole
wins its prefix and drops.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph.evidence import Step
from graph.network import prefixes
from graph.network.facts import Route, RouteTable, Subnet
from graph.network.pieces import Piece, Pieces, unknown
from graph.network.prefixes import PUBLIC, Family
from graph.network.spans import NOTHING, Spans, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

_INSPECTING = ("endpoint", "interface")

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
    "odb_network": "the reply would leave to a database network",
}


_NOT_OUT = "the route's target is not one that leads to the internet"


@dataclass(frozen=True, slots=True)
class ReturnRoutes:
    """Where replies to public addresses go.

    Attributes:
        pieces: clients whose reply leaves through the VPC's internet gateway.
        step: N4.
    """

    pieces: Pieces
    step: Step


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
    claims, unread = _claims(world, table, subnet, family)
    pieces, blocked = _walk(world, claims, subnet, family, appliances=True)
    gaps = [gap for gap, matters in unread if matters]
    if gaps:
        pieces = _doubted(pieces, blocked.rest, family, gaps)
    return ReturnRoutes(pieces, _route_step(table, pieces, blocked, gaps, family))


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
class _Claim:
    route: Route
    cidr: str
    length: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class _Blocked:
    routes: tuple[Route, ...]
    rest: Spans
    gateways: tuple[Route, ...]


def _claims(
    world: NetworkWorld, table: RouteTable, subnet: Subnet, family: Family
) -> tuple[list[_Claim], list[tuple[str, bool]]]:
    """Routes of this family, the one that wins first; and prefix lists that were not read."""
    found: list[_Claim] = []
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
                kind, spans = prefixes.parse(cidr)
            except ValueError:
                unread.append((f"ec2.describe_route_tables({table.id}: {cidr!r})", True))
                continue
            if kind is family:
                found.append(_Claim(route, cidr, prefixes.length(cidr), spans))
    found.sort(key=lambda claim: (-claim.length, _priority(claim.route), claim.cidr))
    return _local_first(found), unread


def _local_first(claims: list[_Claim]) -> list[_Claim]:
    """A propagated route never takes from the local one, however specific it is.

    https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html
    """
    local = union(claim.spans for claim in claims if claim.route.kind == "local")
    return [
        replace(claim, spans=claim.spans - local) if claim.route.propagated else claim
        for claim in claims
    ]


def _priority(route: Route) -> int:
    if route.propagated:
        return 2
    return 1 if route.prefix_list else 0


def _walk(
    world: NetworkWorld,
    claims: list[_Claim],
    subnet: Subnet,
    family: Family,
    *,
    appliances: bool,
) -> tuple[Pieces, _Blocked]:
    rest = PUBLIC[family]
    pieces: list[Piece] = []
    losing: list[Route] = []
    gateways: list[Route] = []
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
    return tuple(pieces), _Blocked(tuple(losing), rest, tuple(gateways))


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
        return unknown(won, [_target_gap(route)])
    if appliances and route.kind in _INSPECTING and not _leads_to_a_service(world, route):
        return _through_appliance(world, route, subnet, family, won)
    return ()


def _target_gap(route: Route) -> str:
    """The name of a route's target that cannot be read, or is of no kind that is known."""
    way = f"{route.cidr or route.prefix_list} -> {route.target}"
    return f"ec2.describe_route_tables(where a route leads: {way.rstrip('> -')})"


def _leads_to_a_service(world: NetworkWorld, route: Route) -> bool:
    """Whether a route is a gateway endpoint's: it leads to S3 or DynamoDB, not to an appliance.

    Such a route's destination is a prefix list of AWS; one to a firewall may name a list as well.
    """
    if route.kind != "endpoint" or not route.prefix_list:
        return False
    known = world.endpoints.get(route.target)
    return known is None or known.kind == "Gateway"


def _through_appliance(
    world: NetworkWorld, route: Route, subnet: Subnet, family: Family, won: Spans
) -> Pieces:
    """A reply that passes a firewall: it gets on where the appliance's own subnet routes.

    What the appliance does with it is not in AWS's API for an instance, and is not evaluated for
    a firewall endpoint, so what gets on is conditional.
    """
    places = _appliance_subnets(world, route, subnet)
    if isinstance(places, str):
        return unknown(won, [places])
    on = NOTHING
    doubts: set[str] = set()
    for place in places:
        table = effective_table(world, place)
        if isinstance(table, str):
            doubts.add(table)
            continue
        claims, unread = _claims(world, table, place, family)
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


def _appliance_subnets(
    world: NetworkWorld, route: Route, subnet: Subnet
) -> tuple[Subnet, ...] | str:
    ids: tuple[str, ...] = ()
    call = "ec2.describe_network_interfaces"
    if route.kind == "endpoint":
        call = "ec2.describe_vpc_endpoints"
        endpoint = world.endpoints.get(route.target)
        ids = endpoint.subnets if endpoint else ()
    elif route.target in world.interfaces:
        # What comes in by one interface of an instance may go out by another.
        one = world.interfaces[route.target]
        others = world.instances[one.owner].interfaces if one.owner in world.instances else ()
        known = (world.interfaces[i].subnet for i in others if i in world.interfaces)
        ids = tuple(dict.fromkeys((one.subnet, *known)))
    elif route.target in world.instances:
        ids = tuple(
            world.interfaces[i].subnet
            for i in world.instances[route.target].interfaces
            if i in world.interfaces
        )
    places = tuple(world.subnets[i] for i in ids if i in world.subnets)
    if places:
        return places
    return world.gap(call, subnet.account_id, subnet.region) or f"{call}({route.target})"


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
            return Step(name, table.id, "fail", text, table.refs, "CANNOT_ROUTE")
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


def ingress_step(world: NetworkWorld, subnet: Subnet, family: Family) -> Step:
    """N5: what the gateway's own route table does with packets for the subnet."""
    name = "ingress routing"
    gateway = world.internet_gateways.get(subnet.vpc)
    if gateway is None or gateway.id not in world.edge_tables:
        gap = world.gap("ec2.describe_route_tables", subnet.account_id, subnet.region)
        if gap:
            return Step(name, subnet.vpc, "unknown", f"Not collected: {gap}.")
        return Step(name, subnet.vpc, "pass", "No route table is associated with the gateway.")
    table = world.edge_tables[gateway.id]
    targets = _edge_targets(world, table, subnet, family)
    subject, refs = table.id, table.refs
    if isinstance(targets, str):
        return Step(name, subject, "unknown", f"Not collected: {targets}.", refs)
    inspecting = sorted({t.target for t in targets if t.active and t.kind in _INSPECTING})
    local = any(t.active and t.kind == "local" for t in targets)
    if inspecting:
        text = f"Packets for {subnet.id} pass {', '.join(inspecting)}, which is not evaluated."
        return Step(name, subject, "conditional", text, refs)
    if local or not targets:
        return Step(name, subject, "pass", f"Packets for {subnet.id} are delivered locally.", refs)
    unread = [_target_gap(t) for t in targets if t.active and t.kind == "unknown"]
    if unread:
        return Step(name, subject, "unknown", f"Not collected: {', '.join(unread)}.", refs)
    text = f"Packets for {subnet.id} are sent to {targets[0].target}, which drops them."
    return Step(name, subject, "fail", text, refs, "BAD_STATE_ROUTE")


def _edge_targets(
    world: NetworkWorld, table: RouteTable, subnet: Subnet, family: Family
) -> list[Route] | str:
    """The routes of a gateway table that win some part of the subnet."""
    blocks = (subnet.cidr,) if family is Family.IPV4 else subnet.ipv6_cidrs
    try:
        rest = prefixes.of([block for block in blocks if block], family)
    except ValueError:
        return f"ec2.describe_subnets({subnet.id})"
    claims, unread = _claims(world, table, subnet, family)
    if any(matters for _, matters in unread):
        return ", ".join(gap for gap, _ in unread)
    winners: list[Route] = []
    for claim in claims:
        if claim.spans & rest:
            winners.append(claim.route)
            rest = rest - claim.spans
    return winners


def inspecting_subnets(world: NetworkWorld, subnet: Subnet, family: Family) -> tuple[Subnet, ...]:
    """Where the appliances stand through which packets for a subnet enter its VPC."""
    gateway = world.internet_gateways.get(subnet.vpc)
    table = world.edge_tables.get(gateway.id) if gateway else None
    targets = _edge_targets(world, table, subnet, family) if table else ""
    if isinstance(targets, str):
        return ()
    inspecting = (one for one in targets if one.active and one.kind in _INSPECTING)
    found = (_appliance_subnets(world, one, subnet) for one in inspecting)
    return tuple(place for some in found if not isinstance(some, str) for place in some)


def ingress_conditions(step: Step, world: NetworkWorld, subnet: Subnet, family: Family) -> set[str]:
    """The ``inspection:`` conditions of a conditional N5."""
    gateway = world.internet_gateways.get(subnet.vpc)
    if step.result != "conditional" or gateway is None:
        return set()
    targets = _edge_targets(world, world.edge_tables[gateway.id], subnet, family)
    if isinstance(targets, str):
        return set()
    return {f"inspection:{t.target}" for t in targets if t.active and t.kind in _INSPECTING}
