"""What can be asked about: the interfaces that something sends and receives by."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph.evidence import Step
from graph.network import ports
from graph.network.between.classes import within
from graph.network.between.egress import interface_to_internet
from graph.network.between.pair import interface_to_interface
from graph.network.doors import groups_of
from graph.network.facts import Address, DbInstance, Interface, LoadBalancer
from graph.network.prefixes import Family
from graph.network.reach import Reach, merge
from graph.network.spans import NOTHING, Spans, union
from graph.network.world import NetworkWorld
from graph.verdict import Answer, Verdict, all_of, condition

_INTERFACES = "ec2.describe_network_interfaces"
# Classes of addresses of a subnet that are tried for what may have any of its addresses.
_MOST_ADDRESSES = 64


@dataclass(frozen=True, slots=True)
class End:
    """Something that reaches or is reached.

    Attributes:
        id: its node id.
        interfaces: the interfaces it has; stand-ins for what shows none.
        ports: those it listens on, as far as AWS says.
        places: for each interface those that may be it, itself among them; empty: no other.
    """

    id: str
    interfaces: tuple[Interface, ...]
    ports: Spans = ports.ALL
    places: tuple[tuple[Interface, ...], ...] = ()

    def each(self) -> tuple[tuple[Interface, ...], ...]:
        """Each interface as what it may be."""
        return self.places or tuple((one,) for one in self.interfaces)


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
    if owned:
        return End(balancer.id, owned, opened)
    stand_ins = stand_ins_of(world, balancer)
    return End(balancer.id, tuple(some[0] for some in stand_ins), opened, stand_ins)


def stand_ins_of(world: NetworkWorld, balancer: LoadBalancer) -> tuple[tuple[Interface, ...], ...]:
    """For each subnet of a load balancer what its interface there may be."""
    return tuple(
        _stand_in(world, balancer.id, balancer, subnet, groups_of(balancer))
        for subnet in balancer.subnets
    )


def _database(world: NetworkWorld, database: DbInstance) -> End:
    """A database stands where its interface is, or in a subnet of its group in its zone.

    AWS names the interface ``RDSNetworkInterface``, not whose it is: where several databases may
    have it, each may be at any of theirs. A failover may move a database to another zone.
    """
    opened = ports.ALL if database.port is None else ports.tcp(database.port)
    places = [
        subnet
        for subnet in database.subnets or ()
        if database.multi_az
        or not database.zone
        or subnet not in world.subnets
        or world.subnets[subnet].zone == database.zone
    ]
    seen = [one for one in _interfaces_of(world).get(database.id, ()) if one.subnet in places]
    own = tuple(replace(one, owner=database.id, owner_kind="") for one in seen)
    sure = all(len(world.databases_at(one)) == 1 for one in seen)
    found: tuple[tuple[Interface, ...], ...] = tuple((one,) for one in own) if sure else (own,)
    held = {one.subnet for one in own}
    if not own or database.multi_az:
        left = (one for one in places if one not in held)
        found += tuple(
            _stand_in(world, database.id, database, one, database.groups) for one in left
        )
    return End(database.id, tuple(some[0] for some in found), opened, found)


def _interfaces_of(world: NetworkWorld) -> dict[str, list[Interface]]:
    """Interfaces that may be a database's, by its id."""
    key = "interfaces of databases"
    if key not in world.memo:
        found: dict[str, list[Interface]] = {}
        for one in world.facts.interfaces:
            for database in world.databases_at(one):
                found.setdefault(database.id, []).append(one)
        world.memo[key] = found
    made: dict[str, list[Interface]] = world.memo[key]
    return made


def _stand_in(
    world: NetworkWorld,
    node_id: str,
    thing: LoadBalancer | DbInstance,
    subnet_id: str,
    groups: tuple[str, ...] | None,
) -> tuple[Interface, ...]:
    """An interface in a subnet under each address that a control tells from the others."""
    subnet = world.subnets.get(subnet_id)
    made = Interface(
        id=f"{node_id} in {subnet_id.rpartition('/')[2]}",
        account_id=thing.account_id,
        region=thing.region,
        vpc=thing.vpc or (subnet.vpc if subnet else ""),
        subnet=subnet_id,
        groups=groups,
        owner=node_id,
        refs=thing.refs,
    )
    if subnet is None or not subnet.cidr:
        return (made,)
    tried = within(world, subnet.cidr, _MOST_ADDRESSES)
    return tuple(replace(made, addresses=(Address(one),)) for one in tried)


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
        for some in source.each()
        for others in target.each()
        for reach in _wherever(world, some, others, wanted or only)
    ]
    if not wanted:
        text = f"{target.id} listens on {', '.join(ports.names(target.ports)[:10]) or 'no port'}."
        found = [refused(one, Step("listener", target.id, "fail", text)) for one in found]
    return strongest(found)


def refused(reach: Reach, step: Step) -> Reach:
    """A result ``no`` by one more step that fails."""
    steps = (*reach.answer.steps, step)
    why = reach.answer.evidence if reach.verdict is Verdict.NO else ()
    answer = Answer(Verdict.NO, step.text, evidence=(step.text, *why), steps=steps)
    return replace(reach, ports=(), other_ports=(), opens=(), answer=answer, port_set=NOTHING)


def _wherever(
    world: NetworkWorld,
    some: tuple[Interface, ...],
    others: tuple[Interface, ...],
    only: Spans,
) -> list[Reach]:
    """What gets from one of several interfaces to one of others, whichever they are."""
    found: dict[Family, list[Reach]] = {}
    for one in some:
        for other in others:
            for reach in interface_to_interface(world, one, other, only):
                found.setdefault(reach.family, []).append(reach)
    tried = max(len(some), len(others)) <= _MOST_ADDRESSES
    unsure = some[0] if len(some) > 1 else others[0]
    return [_of_all(world, unsure, made, only, whole=tried) for made in found.values()]


def _of_all(
    world: NetworkWorld, unsure: Interface, made: list[Reach], only: Spans, *, whole: bool
) -> Reach:
    """The result where all are one, else one that is unknown without the address."""
    best = max(made, key=lambda one: one.verdict.rank)
    alike = {(one.verdict, one.port_set, one.answer.conditions) for one in made}
    if len(alike) == 1 and whole:
        return best
    gap = world.gap(_INTERFACES, unsure.account_id, unsure.region)
    gap = gap or f"{_INTERFACES}: address of {unsure.owner}"
    text = f"Not collected: {gap}."
    terms = (condition("not_collected", gap),)
    step = Step("address", unsure.id, "unknown", text, unsure.refs)
    doubt = Answer(Verdict.UNKNOWN, text, terms, evidence=(text,), steps=(step,))
    reached = union(one.port_set for one in made) if best.verdict is not Verdict.NO else only
    answer = doubt if best.verdict is Verdict.NO else all_of((best.answer, doubt))
    return replace(best, ports=ports.names(reached), answer=answer, port_set=reached)


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
