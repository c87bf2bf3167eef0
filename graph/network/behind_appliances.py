"""What stands behind an appliance that a gateway's route table names: steps N2, N6 and N7.

Packets for it enter the subnets on the way to it, the appliance's first, and its own only if they
are not handed over inside it: "Traffic that's destined for the MAC address of another network
interface in the subnet" stays below routing ("Gateway route tables" of the VPC user guide), and a
network ACL filters what enters and leaves a subnet ("Network ACL basics").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.evidence import Step
from graph.network import prefixes
from graph.network.between.trail import Crossing, Trail
from graph.network.block_public_access import block_public_access_step, is_excluded
from graph.network.facts import Acl, Route, Subnet
from graph.network.filters import acl_gap, acl_in, view_of
from graph.network.ingress import inspecting_routes, ways_in
from graph.network.inspection import places_of
from graph.network.pieces import Piece, Pieces, everything_in, meet, unknown
from graph.network.prefixes import EVERYTHING, Family
from graph.network.routes import ReturnRoutes
from graph.network.spans import Pair
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

BEHIND = condition("context", "block-public-access")


def admitted_step(world: NetworkWorld, subnet: Subnet, family: Family) -> Step:
    """N2 for a subnet, and for the appliances by which packets for it come in.

    An appliance's subnet "needs to be an exclusion for traffic to flow in and out of it". Whether
    the subnet behind it must be one too AWS says of what that one sends only: ``conditional``.
    Through endpoints of firewalls and of Gateway Load Balancers all is blocked "even if the subnet
    containing firewall endpoints is excluded" (VPC user guide, "VPC BPA basics"); where both are
    excluded that is read either way, so ``conditional`` too.
    """
    own = block_public_access_step(world, subnet)
    routes = inspecting_routes(world, subnet, family)
    found = [one for route in routes for one in _admitted_by(world, subnet, route, own)]
    order = ("pass", "conditional", "unknown", "fail")
    return min(found, key=lambda step: order.index(step.result), default=own)


def _admitted_by(world: NetworkWorld, subnet: Subnet, route: Route, own: Step) -> Iterator[Step]:
    places = places_of(world, route, subnet)
    if isinstance(places, str):
        # Where the account lets everything in, it does so where the appliance stands.
        doubtful = own.result == "pass" and is_excluded(world, subnet)
        text = f"Not collected: {places}."
        yield replace(own, result="unknown", text=text) if doubtful else own
        return
    for place in places:
        before = block_public_access_step(world, place)
        if place == subnet or (
            before.result == own.result == "pass" and not _firewall(route, world, place)
        ):
            yield own
        elif before.result == "unknown":
            yield before
        elif before.result == "fail":
            yield replace(
                before,
                text=f"{before.text[:-1]} into {place.id}, by which packets for {subnet.id} come.",
            )
        elif own.result == "fail" and route.kind == "endpoint":
            text = (
                f"{own.text[:-1]}, though {route.target} stands in {place.id}, which is excluded."
            )
            yield replace(own, text=text)
        elif own.result == "unknown":
            yield own
        else:
            yield _left_open(own, subnet, place)


def _firewall(route: Route, world: NetworkWorld, place: Subnet) -> bool:
    """Whether a route leads to an endpoint in a subnet that is an exclusion."""
    return route.kind == "endpoint" and is_excluded(world, place)


def _left_open(own: Step, subnet: Subnet, place: Subnet) -> Step:
    text = (
        f"{own.text.partition(';')[0].rstrip('.')}; packets come in by {place.id}, where it lets "
        f"them. Whether it then stops them before {subnet.id} AWS does not say ({BEHIND})."
    )
    return replace(own, result="conditional", text=text)


def acls_on_the_way(world: NetworkWorld, subnet: Subnet, family: Family) -> tuple[Acl, ...]:
    """The network ACLs by which packets for a subnet come to it, its own included."""
    met = [one.subnet for way in ways_in(world, subnet, family) for one in _crossings(way, subnet)]
    places = (world.subnets.get(name) for name in dict.fromkeys((subnet.id, *met)))
    found = (world.acl_of(place) for place in places if place is not None)
    return tuple({acl.id: acl for acl in found if acl is not None}.values())


def let_in(world: NetworkWorld, subnet: Subnet, family: Family, atom: Pair, own: Pieces) -> Pieces:
    """N6: sources that get to a subnet on some ports, by whatever way they come.

    Args:
        world: the facts.
        subnet: where packets go.
        family: IPv4 or IPv6.
        atom: ports that no network ACL on the way tells apart.
        own: what the subnet's own network ACL lets in.
    """
    ways = ways_in(world, subnet, family)
    if not ways:
        return own
    found = (_let_by(world, subnet, family, atom, own, way) for way in ways)
    return tuple(dict.fromkeys(piece for pieces in found for piece in pieces))


def _let_by(
    world: NetworkWorld, subnet: Subnet, family: Family, atom: Pair, own: Pieces, way: Trail
) -> Pieces:
    everyone = EVERYTHING[family]
    if way.verdict is Verdict.NO:
        return ()
    if way.verdict is Verdict.UNKNOWN or way.source:
        # It may be handed over inside the subnet, or enter it as any other packet.
        rest = everyone - everything_in(own)
        return (*own, *((Piece(rest, way.verdict, way.conditions),) if rest else ()))
    left: Pieces = own
    if way.last == subnet.id:
        left = (Piece(everyone, way.verdict, way.conditions),)
    for met in _crossings(way, subnet):
        if met.subnet != subnet.id or met.way == "out":
            left = meet(left, _through(world, subnet, family, atom, met))
    return left


def _crossings(way: Trail, subnet: Subnet) -> tuple[Crossing, ...]:
    """The network ACLs on a way, those of the last stretch but for the subnet's own included."""
    if way.last in ("", subnet.id):
        return way.crossings
    return (*way.crossings, Crossing(way.last, "out", way.source))


def _through(
    world: NetworkWorld, subnet: Subnet, family: Family, atom: Pair, met: Crossing
) -> Pieces:
    """Sources that get through a network ACL on the way to a subnet."""
    place = world.subnets.get(met.subnet)
    acl = world.acl_of(place) if place else None
    if acl is None:
        gap = acl_gap(world, place) if place else f"ec2.describe_subnets({met.subnet})"
        return unknown(EVERYTHING[family], [gap])
    view = view_of(world, acl, family)
    if met.way == "in":
        return acl_in(view, atom)
    blocks = (subnet.cidr,) if family is Family.IPV4 else subnet.ipv6_cidrs
    inside = prefixes.of([block for block in blocks if block], family)
    pieces = (piece for piece in view.going.passing(atom).pieces if piece.sources & inside)
    return tuple(replace(piece, sources=EVERYTHING[family]) for piece in pieces)


def replies_inside(world: NetworkWorld, subnet: Subnet, routes: ReturnRoutes) -> Pieces:
    """N7: clients whose replies an appliance in the subnet itself takes: no network ACL filters."""
    found: list[Piece] = []
    for route, spans in routes.inspected:
        places = places_of(world, route, subnet)
        if isinstance(places, str):
            found += unknown(spans, [places])
        elif subnet in places:
            terms = frozenset({condition("inspection", route.target)})
            found.append(Piece(spans, Verdict.CONDITIONAL, terms))
    return tuple(found)
