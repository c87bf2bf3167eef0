"""Where a load balancer's targets stand: which interface, or which network on premises.

A target by address may stand in the load balancer's VPC, in another one that its subnets route
to, or on premises ("Target type" in the guides of application and network load balancers).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graph.evidence import Step
from graph.network import prefixes
from graph.network.between.trail import ON_PREM, VPC, Trail
from graph.network.between.walker import trail_to
from graph.network.doors import groups_of
from graph.network.facts import Interface, LoadBalancer, Subnet, Target, TargetGroup
from graph.network.prefixes import PUBLIC, Family
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

_NAME = "target"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target stands: its interface and address; ``balancer`` if it is one.

    On premises the interface is a stand-in, and ``node_id`` is ``on-prem:<gateway>``.
    """

    node_id: str
    interface: Interface
    address: str
    subnet: Subnet | None
    zone: str
    same_vpc: bool = True
    balancer: LoadBalancer | None = None
    on_premises: bool = False


def places_of(
    world: NetworkWorld, balancer: LoadBalancer, group: TargetGroup, target: Target
) -> tuple[Place, ...] | Step:
    """Find a target's interface; a step that says why it cannot be found."""
    if group.kind == "alb":
        return _balancer_places(world, target)
    if group.kind == "ip":
        return _address_places(world, balancer, target)
    instance = world.instances.get(target.id)
    if instance is None or not instance.interfaces:
        gap = world.gap("ec2.describe_instances", balancer.account_id, balancer.region)
        return _unknown(target.id, gap or f"ec2.describe_instances({target.id})")
    primary = world.interfaces.get(instance.interfaces[0])
    if primary is None:
        return _unknown(target.id, f"ec2.describe_network_interfaces({instance.interfaces[0]})")
    address = _address_in(primary, group)
    if not address:
        text = f"{primary.id} has no {group.ip_address_type} address."
        return Step(_NAME, target.id, "fail", text, primary.refs)
    return (_place(world, balancer, target.id, primary, address),)


def _unknown(subject: str, *gaps: str) -> Step:
    listed = ", ".join(dict.fromkeys(gaps))
    return Step(_NAME, subject, "unknown", f"Not collected: {listed}.")


def _address_in(interface: Interface, group: TargetGroup) -> str:
    if group.ip_address_type == "ipv6":
        return interface.ipv6[0] if interface.ipv6 else ""
    return next((a.private for a in interface.addresses if a.private), "")


def _place(
    world: NetworkWorld, balancer: LoadBalancer, node: str, interface: Interface, address: str
) -> Place:
    subnet = world.subnets.get(interface.subnet)
    zone = subnet.zone if subnet else ""
    same_vpc = interface.vpc == balancer.vpc
    inner = world.balancer_of(interface)
    if inner is not None and inner is not balancer:
        return Place(inner.id, interface, address, subnet, zone, same_vpc, inner)
    return Place(node, interface, address, subnet, zone, same_vpc)


def _balancer_places(world: NetworkWorld, target: Target) -> tuple[Place, ...] | Step:
    inner = world.load_balancers.get(target.id)
    if inner is None:
        return _unknown(target.id, f"elbv2.describe_load_balancers({target.id})")
    found: list[Place] = []
    for subnet_id in inner.subnets:
        subnet = world.subnets.get(subnet_id)
        if subnet is None or not subnet.cidr:
            continue
        first = prefixes.parse(subnet.cidr)[1].pairs[0][0]
        address = prefixes.cidrs(Spans(((first + 4, first + 4),)), Family.IPV4)[0].partition("/")[0]
        stand_in = Interface(
            id=inner.id,
            account_id=inner.account_id,
            region=inner.region,
            vpc=inner.vpc,
            subnet=subnet_id,
            groups=groups_of(inner),
            refs=inner.refs,
        )
        found.append(Place(inner.id, stand_in, address, subnet, subnet.zone, True, inner))
    if found:
        return tuple(found)
    return _unknown(target.id, f"subnets of {target.id}")


@dataclass(frozen=True, slots=True)
class _Led:
    """Where the routes of a load balancer's subnets lead for an address."""

    vpcs: tuple[str, ...]
    premises: tuple[str, ...]
    gaps: tuple[str, ...]
    dropped: tuple[Step, ...]


def _address_places(
    world: NetworkWorld, balancer: LoadBalancer, target: Target
) -> tuple[Place, ...] | Step:
    """Resolve a target by address, wherever the routes lead."""
    address = target.id
    try:
        prefixes.parse(address)
    except ValueError:
        return _unknown(address, f"{address!r} is no address")
    led = _led(world, balancer, address)
    found = [
        _place(world, balancer, one.owner or one.id, one, address)
        for vpc in led.vpcs
        for one in world.interfaces_at(vpc, address)
    ]
    found += [_beyond(place, address) for place in led.premises]
    if found:
        return tuple(found)
    if led.vpcs:
        return _unknown(address, *_unseen(world, led.vpcs, address))
    if led.gaps or not led.dropped:
        return _unknown(address, *(led.gaps or (f"a route to {address}",)))
    holders = _holders(world).get(address, ())
    if len(holders) == 1:
        (one,) = holders
        return (_place(world, balancer, one.owner or one.id, one, address),)
    return led.dropped[0]


def _led(world: NetworkWorld, balancer: LoadBalancer, address: str) -> _Led:
    vpcs: list[str] = []
    premises: list[str] = []
    gaps: list[str] = []
    dropped: list[Step] = []
    for subnet_id in balancer.subnets:
        subnet = world.subnets.get(subnet_id)
        if subnet is None:
            gaps.append(f"ec2.describe_subnets({subnet_id})")
            continue
        trail = trail_to(world, subnet, address)
        if trail.verdict is Verdict.UNKNOWN:
            gaps += _gaps(trail)
        elif trail.verdict is Verdict.NO:
            dropped.append(trail.steps[-1])
        elif trail.end == VPC:
            vpcs.append(trail.place)
        elif trail.end == ON_PREM:
            premises.append(trail.place)
        elif prefixes.parse(address)[1] & PUBLIC[prefixes.parse(address)[0]]:
            gaps.append(f"routing of {address} through {trail.place}")
        else:
            text = f"{subnet.id} sends {address} to {trail.place}, which drops private addresses."
            dropped.append(Step("route", trail.place, "fail", text))
    return _Led(
        tuple(dict.fromkeys(vpcs)), tuple(dict.fromkeys(premises)), tuple(gaps), tuple(dropped)
    )


def _gaps(trail: Trail) -> Iterator[str]:
    for term in sorted(trail.conditions):
        kind, _, name = term.partition(":")
        if kind == "not_collected":
            yield name


def _beyond(place: str, address: str) -> Place:
    return Place(place, Interface(place), address, None, "", same_vpc=False, on_premises=True)


def _unseen(world: NetworkWorld, vpcs: tuple[str, ...], address: str) -> Iterator[str]:
    """What is missing to know who has an address of VPCs."""
    for vpc in vpcs:
        known = world.vpcs.get(vpc)
        if known is None:
            yield f"ec2.describe_vpcs({vpc})"
            continue
        gap = world.gap("ec2.describe_network_interfaces", known.account_id, known.region)
        # A container or an appliance may hold an address that no interface lists (prefixes).
        yield gap or f"an interface with {address} in {vpc}"


def _holders(world: NetworkWorld) -> dict[str, tuple[Interface, ...]]:
    """Interfaces by address, of every VPC."""
    key = "interfaces by address"
    if key not in world.memo:
        found: dict[str, tuple[Interface, ...]] = {}
        for one in world.facts.interfaces:
            for address in (*(a.private for a in one.addresses if a.private), *one.ipv6):
                found[address] = (*found.get(address, ())[:1], one)
        world.memo[key] = found
    known: dict[str, tuple[Interface, ...]] = world.memo[key]
    return known


__all__ = ["Place", "places_of"]
