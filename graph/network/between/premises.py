"""In from networks on premises: by a virtual private gateway or an attachment of a transit gateway.

Rules: "Gateway route tables" of the VPC user guide; "How transit gateways work": what comes in by
an attachment goes on by the table that the attachment is associated with.
"""

from __future__ import annotations

from functools import partial

from graph.network.between.lookup import route_to
from graph.network.between.trail import ON_PREM, PLAIN, VPC, Manner, Trail
from graph.network.between.transit import transit_of
from graph.network.between.walker import Walker, other_exits
from graph.network.facts import Subnet
from graph.network.world import NetworkWorld

_CONNECTIONS = "ec2.describe_vpn_connections"
_DIRECT = "directconnect.describe_direct_connect_gateway_associations"


def entering_from(
    world: NetworkWorld, left_by: Trail, address: str, home: Subnet
) -> tuple[Trail, ...]:
    """How packets for an address come in by the gateway or attachment that a trail left by.

    Args:
        world: the facts.
        left_by: a trail that ends on premises.
        address: who is sent to.
        home: a subnet of the VPC that the trail began in.

    Returns:
        One trail for each exit by which appliances may send on unchanged.
    """
    way = partial(_entering, world, left_by, address, home)
    first = way(PLAIN)
    return (first, *other_exits(world, first, way))


def _entering(
    world: NetworkWorld, left_by: Trail, address: str, home: Subnet, manner: Manner
) -> Trail:
    by = left_by.via[-1]
    walker = Walker(world, address, manner)
    if any(kind.startswith("transit-gateway") for kind in left_by.kinds[-2:-1]):
        return walker.over_transit.from_attachment(left_by.via[-2], by, Trail(), frozenset())
    start = Trail(origin=home.vpc)
    table = world.edge_tables.get(by)
    if table is None:
        gap = world.gap("ec2.describe_route_tables", home.account_id, home.region)
        return start.unknown(by, [gap]) if gap else start.at(VPC, home.vpc)
    found = route_to(world, table, walker.goal.number, walker.goal.family)
    if found.doubts:
        return start.unknown(table.id, found.doubts)
    if found.route is None:
        return start.at(VPC, home.vpc)
    if not found.route.active:
        text = f"The route of {table.id} to {address} is a blackhole."
        return start.dropped(table.id, text, found.route.refs, "BAD_STATE_ROUTE")
    return walker.by_route(found.route, home, start)


def unproven(world: NetworkWorld, trail: Trail, home: Subnet) -> str:
    """The call that would tell what stands behind a virtual private gateway; empty where known.

    A gateway without a VPN connection or Direct Connect leads nowhere. Associations with Direct
    Connect gateways of other accounts show only to who asks about the one gateway.
    https://docs.aws.amazon.com/directconnect/latest/APIReference/API_DescribeDirectConnectGatewayAssociations.html
    """
    if trail.end != ON_PREM or trail.kinds[-1:] != ("on-prem",):
        return ""
    if any(kind.startswith("transit-gateway") for kind in trail.kinds[-2:-1]):
        return ""
    joints, gateway = transit_of(world).joints, trail.via[-1]
    joined = any(one.live and one.gateway == gateway for one in joints.vpn_connections)
    if joined or gateway in joints.direct:
        return ""
    call = f"{_CONNECTIONS}@{home.account_id}/{home.region}"
    return f"{_DIRECT}({gateway})" if call in joints.known else call


__all__ = ["entering_from", "unproven"]
