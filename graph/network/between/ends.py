"""What can be asked about: the interfaces that something sends and receives by."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph.network import ports, prefixes
from graph.network.between.egress import interface_to_internet
from graph.network.between.pair import interface_to_interface
from graph.network.doors import groups_of
from graph.network.facts import Address, DbInstance, Interface, LoadBalancer
from graph.network.reach import Reach, merge
from graph.network.spans import Spans, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


@dataclass(frozen=True, slots=True)
class End:
    """Something that reaches or is reached.

    Attributes:
        id: its node id.
        interfaces: the interfaces it has; stand-ins for what shows none.
        ports: those it listens on, as far as AWS says.
    """

    id: str
    interfaces: tuple[Interface, ...]
    ports: Spans = ports.ALL


def end_of(world: NetworkWorld, node_id: str) -> End | None:
    """An interface, instance, load balancer, database or other owner of interfaces by node id."""
    if node_id in world.interfaces:
        return End(node_id, (world.interfaces[node_id],))
    if node_id in world.load_balancers:
        return _balancer(world, world.load_balancers[node_id])
    if node_id in world.databases:
        return _database(world, world.databases[node_id])
    owned = tuple(one for one in world.facts.interfaces if one.owner == node_id)
    instance = world.instances.get(node_id)
    if instance is not None:
        listed = (world.interfaces[i] for i in instance.interfaces if i in world.interfaces)
        owned = tuple(dict.fromkeys((*listed, *owned)))
    return End(node_id, owned) if owned or instance is not None else None


def _balancer(world: NetworkWorld, balancer: LoadBalancer) -> End:
    own = [one for one in world.facts.interfaces if world.balancer_of(one) is balancer]
    owned = tuple(replace(one, owner=balancer.id, owner_kind="") for one in own)
    opened = ports.ALL
    if balancer.listeners is not None:
        opened = union(listener.ports for listener in balancer.listeners)
    stand_ins = tuple(
        _stand_in(world, balancer.id, balancer, subnet, groups_of(balancer))
        for subnet in balancer.subnets
    )
    return End(balancer.id, owned or stand_ins, opened)


def _database(world: NetworkWorld, database: DbInstance) -> End:
    """A database may stand in any subnet of its group that lies in its zone."""
    opened = ports.ALL if database.port is None else ports.tcp(database.port)
    places = [
        subnet
        for subnet in database.subnets or ()
        if database.multi_az
        or not database.zone
        or subnet not in world.subnets
        or world.subnets[subnet].zone == database.zone
    ]
    return End(
        database.id,
        tuple(_stand_in(world, database.id, database, one, database.groups) for one in places),
        opened,
    )


def _stand_in(
    world: NetworkWorld,
    node_id: str,
    thing: LoadBalancer | DbInstance,
    subnet_id: str,
    groups: tuple[str, ...] | None,
) -> Interface:
    """An interface in a subnet under the first address that AWS does not keep for itself."""
    subnet = world.subnets.get(subnet_id)
    address = ""
    if subnet is not None and subnet.cidr:
        family, spans = prefixes.parse(subnet.cidr)
        first = spans.pairs[0][0] + 4
        address = prefixes.cidrs(Spans(((first, first),)), family)[0].partition("/")[0]
    return Interface(
        id=f"{node_id} in {subnet_id.rpartition('/')[2]}",
        account_id=thing.account_id,
        region=thing.region,
        vpc=thing.vpc or (subnet.vpc if subnet else ""),
        subnet=subnet_id,
        groups=groups,
        addresses=(Address(address),) if address else (),
        owner=node_id,
        refs=thing.refs,
    )


def end_to_end(
    world: NetworkWorld, source: End, target: End, only: Spans = ports.ALL
) -> list[Reach]:
    """Judge what one end may send to another, by every pair of their interfaces.

    Returns:
        One result for each mechanism; of a family in which nothing gets there one ``no``.
    """
    wanted = only & target.ports
    found = [
        replace(reach, source=source.id, target=target.id)
        for one in source.interfaces
        for other in target.interfaces
        for reach in interface_to_interface(world, one, other, wanted or only)
    ]
    return strongest(found)


def end_to_internet(
    world: NetworkWorld, source: End, only: Spans = ports.ALL, address: str = ""
) -> list[Reach]:
    """Judge what an end may send to the internet, or to one public address."""
    found = [
        replace(reach, source=source.id)
        for one in source.interfaces
        for reach in interface_to_internet(world, one, only, address)
    ]
    return strongest(found)


def strongest(found: list[Reach]) -> list[Reach]:
    """One result for each way, best verdict first; ``no`` only for a family without a way."""
    reached = {one.family for one in found if one.verdict is not Verdict.NO}
    kept = [one for one in found if one.verdict is not Verdict.NO]
    for family in dict.fromkeys(one.family for one in found):
        if family not in reached:
            refused = [one for one in found if one.family is family]
            kept.append(min(refused, key=lambda one: (_locks(one), one.via)))
    order = {"yes": 0, "conditional": 1, "dormant": 2, "unknown": 3, "no": 4}
    merged = merge(kept)
    return sorted(merged, key=lambda one: (order[one.verdict], one.family, one.mechanism))


def _locks(reach: Reach) -> int:
    return sum(step.result == "fail" for step in reach.answer.steps)
