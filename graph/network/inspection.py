"""Appliances and firewall endpoints that routes name: where they stand.

Rules: "Middlebox routing" of the VPC user guide.
"""

from __future__ import annotations

from graph.network.between import middleboxes
from graph.network.between.middleboxes import exits_of, forwarder, unread_exit
from graph.network.facts import Route, Subnet
from graph.network.world import NetworkWorld

INSPECTING = ("endpoint", "interface")
"""Kinds of routes that lead through something which sends packets on."""

_CALLS = {"endpoint": "ec2.describe_vpc_endpoints"}
_INTERFACES = "ec2.describe_network_interfaces"


def leads_to_a_service(world: NetworkWorld, route: Route) -> bool:
    """Whether a route is a gateway endpoint's: it leads to S3 or DynamoDB, not to an appliance.

    Such a route's destination is a prefix list of AWS; one to a firewall may name a list as well.
    """
    if route.kind != "endpoint" or not route.prefix_list:
        return False
    known = world.endpoints.get(route.target)
    return known is None or known.kind == "Gateway"


def places_of(world: NetworkWorld, route: Route, subnet: Subnet) -> tuple[Subnet, ...] | str:
    """The subnets in which packets come to what a route names, or the call that would tell them."""
    if route.kind == "endpoint":
        endpoint = world.endpoints.get(route.target)
        return _known(world, route, subnet, endpoint.subnets if endpoint else ())
    taking = forwarder(world, route.target)
    return _known(world, route, subnet, (taking.subnet,) if taking else ())


def appliance_subnets(
    world: NetworkWorld, route: Route, subnet: Subnet
) -> tuple[Subnet, ...] | str:
    """The subnets from which what a route names may send on, or the call that would tell them.

    What comes in by one interface of an instance may go out by another.
    """
    taking = forwarder(world, route.target)
    if route.kind == "endpoint" or taking is None:
        return places_of(world, route, subnet)
    if gap := unread_exit(world, taking):
        return gap
    leaving = exits_of(world, taking)
    return _known(world, route, subnet, tuple(dict.fromkeys(one.subnet for one in leaving)))


def exits(world: NetworkWorld, route: Route) -> int:
    """In how many manners what a route names may send on."""
    if route.kind == "endpoint":
        return middleboxes.exits(world, route.target)
    taking = forwarder(world, route.target)
    return middleboxes.exits(world, taking.id) if taking else 1


def _known(
    world: NetworkWorld, route: Route, subnet: Subnet, ids: tuple[str, ...]
) -> tuple[Subnet, ...] | str:
    call = _CALLS.get(route.kind, _INTERFACES)
    if not ids:
        gap = world.gap(call, subnet.account_id, subnet.region)
        return gap or f"{call}({route.target})"
    missing = next((one for one in ids if one not in world.subnets), "")
    return f"ec2.describe_subnets({missing})" if missing else tuple(world.subnets[i] for i in ids)
