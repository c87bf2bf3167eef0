"""Reach between things as relationships: member -> range -> group -> target -> member.

Nothing is stored pair by pair. A ``NetworkRange`` holds the interfaces of one subnet that send
alike, or the ranges that several groups have together; a ``NetworkGroup`` the ranges that some
rule lets in together; a ``NetworkTarget`` the interfaces that are reached alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from graph.derivation.front_doors import front_doors
from graph.derivation.relate import digest, verdict_props, walked
from graph.network import ports as port_sets
from graph.network.between.behind_balancers import behind_balancers
from graph.network.between.bundling import bundled
from graph.network.between.groups import lateral
from graph.network.between.lateral import Alike, Bundle, Lateral, Passage
from graph.network.between.merging import merged as put_together
from graph.network.between.open_services import open_services
from graph.network.between.private_link import (
    MECHANISM,
    balancer_to_target,
    from_any_consumer,
    linked,
    targets_of,
)
from graph.network.facts import Interface
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans, union
from graph.network.world import NetworkWorld
from graph.records import Node, Relationship
from graph.verdict import Answer, Verdict, any_of, merged

_SHOWN = 5


def between_part(world: NetworkWorld) -> tuple[list[Node], list[Relationship]]:
    """Nodes and relationships of private reach over the whole world."""
    found = bundled(put_together(lateral(world)))
    sizes = _sizes(found)
    nodes = [
        *(_range_node(world, one) for one in found.ranges.values()),
        *(_bundle_node(one, sizes[one.id]) for one in found.bundles.values()),
        *(_target_node(one) for one in found.targets.values()),
        *_group_nodes(found, sizes),
    ]
    relationships = [
        *(r for one in found.ranges.values() for r in _memberships(one)),
        *_groups(found),
        *(_can_reach(one, found) for one in found.passages),
        *(r for one in found.targets.values() for r in _targets(world, one)),
        *front_doors(behind_balancers(world, found)),
        *(_from_outside(target, reach) for target, reach in found.outside),
        *_private_links(world),
        *_open_to(world),
    ]
    return nodes, relationships


def _memberships(one: Alike) -> Iterator[Relationship]:
    for owner, interface in one.members:
        text = f"{interface} of {owner} is one of {len(one.members)} that send alike."
        answer = Answer(Verdict.YES, why=text, evidence=(text,))
        yield walked("IN_GROUP", owner, one.id, interface, answer, interface=interface)


def _targets(world: NetworkWorld, one: Alike) -> Iterator[Relationship]:
    """To each member; a load balancer knows by which set the packets come."""
    for owner, interface in one.members:
        text = f"{interface} belongs to {owner}."
        answer = Answer(Verdict.YES, why=text, evidence=(text,))
        door = {"source": one.id} if owner in world.load_balancers else {}
        yield walked("TARGETS", one.id, owner, interface, answer, interface=interface, **door)


def _groups(found: Lateral) -> Iterator[Relationship]:
    """Ranges into what they form together."""
    for end, members in (
        *found.groups.items(),
        *((b.id, b.members) for b in found.bundles.values()),
    ):
        for member in members:
            text = f"{member} is one of {len(members)} ranges that reach the same."
            answer = Answer(Verdict.YES, why=text, evidence=(text,))
            yield walked("IN_GROUP", member, end, "range", answer)


def _sizes(found: Lateral) -> dict[str, int]:
    """How many ranges of interfaces each bundle and group has in the end."""
    sizes = dict.fromkeys(found.ranges, 1)

    def size(name: str) -> int:
        if name not in sizes:
            sizes[name] = sum(size(member) for member in found.bundles[name].members)
        return sizes[name]

    return {
        **{name: size(name) for name in found.bundles},
        **{name: sum(map(size, members)) for name, members in found.groups.items()},
    }


def _can_reach(one: Passage, found: Lateral) -> Relationship:
    best = one.parts[0]
    levels: dict[Verdict, list[Spans]] = defaultdict(list)
    for part in one.parts:
        levels[part.verdict].append(part.ports)
    taken, others = union(levels.pop(best.verdict)), list[str]()
    open_so_far = taken
    for verdict in sorted(levels, key=lambda level: -level.rank):
        weak = union(levels[verdict]) - open_so_far
        open_so_far = open_so_far | weak
        others += [f"{name}={verdict}" for name in port_sets.names(weak)] if weak else []
    names = port_sets.names(taken)
    conditions: tuple[str, ...] = ()
    if best.verdict is not Verdict.YES:
        same = (part.conditions for part in one.parts if part.verdict is best.verdict)
        conditions = tuple(sorted({term for terms in same for term in terms}))
    sender, target = _first_of(found, one.group), found.targets[one.target].first
    label = "IPv4" if one.family is Family.IPV4 else "IPv6"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    text = (
        f"{', '.join(names[:_SHOWN])}{more} of {target.id} is open to {sender.id} over {label} "
        f"({one.mechanism})"
    )
    if conditions:
        text += f", {'if' if best.verdict is Verdict.CONDITIONAL else 'but'} {conditions[0]}"
    evidence = (f"{text}.", f"mapper reach {sender.id} {target.id} has the steps.")
    answer = Answer(best.verdict, why=f"{text}.", conditions=conditions, evidence=evidence)
    mechanism = f"{one.mechanism}/{one.family}"
    return walked(
        "CAN_REACH",
        one.group,
        one.target,
        f"{mechanism}|{best.verdict}|{digest(repr((names, others, conditions)))}",
        answer,
        mechanism=mechanism,
        family=str(one.family),
        ports=list(names),
        other_ports=others,
    )


def _first_of(found: Lateral, group: str) -> Interface:
    """An interface of a group."""
    name = found.groups[group][0]
    known: Alike | Bundle = found.ranges[name] if name in found.ranges else found.bundles[name]
    return known.first


def _from_outside(target: str, reach: Reach) -> Relationship:
    return walked(
        "CAN_REACH",
        reach.source,
        target,
        reach.mechanism,
        replace(reach.answer, steps=()),
        mechanism=reach.mechanism,
        family=str(reach.family),
        ports=list(reach.ports),
        other_ports=list(reach.other_ports),
    )


def _open_to(world: NetworkWorld) -> Iterator[Relationship]:
    """Data services that ask nobody for a login and let their whole VPC in: facts, not walked."""
    for one in open_services(world):
        props = {**verdict_props(one.answer), "ports": [one.port]}
        yield Relationship("OPEN_TO", one.service.id, one.vpc, one.port, props)


def _private_links(world: NetworkWorld) -> Iterator[Relationship]:
    """Endpoint -> the service's load balancer -> what it serves, for that endpoint alone."""
    for link in linked(world):
        found = from_any_consumer(world, link)
        if found.verdict is Verdict.NO:
            continue
        start, door = link.endpoint.id, link.balancer.id
        opened = union(listener.ports for listener in link.balancer.listeners or ())
        answer = replace(found, steps=())
        names = list(port_sets.names(opened))
        yield walked(
            "TARGETS",
            start,
            door,
            MECHANISM,
            answer,
            mechanism=MECHANISM,
            source=start,
            ports=names,
        )
        behind: dict[tuple[str, Family], list[Reach]] = defaultdict(list)
        for _, group, target in targets_of(world, link.balancer):
            for reach in balancer_to_target(world, link.balancer, group, target):
                if reach.verdict is not Verdict.NO:
                    behind[reach.target, reach.family].append(reach)
        for (node, family), reaches in sorted(behind.items()):
            best = any_of(reach.answer for reach in reaches)
            ports = merged(*(r.ports for r in reaches if r.verdict is best.verdict))
            yield walked(
                "TARGETS",
                door,
                node,
                f"{start}|{family}",
                replace(best, steps=()),
                mechanism=MECHANISM,
                source=start,
                family=str(family),
                ports=list(ports),
            )


def _node(node_id: str, label: str, name: str, account: str, region: str, size: int) -> Node:
    return Node(
        id=node_id,
        labels=(label,),
        props={
            "name": name,
            "resource_type": f"Mapper::{label}",
            "account_id": account or None,
            "region": region or None,
            "resource_id": node_id,
            "tags": [],
            "category": "network",
            "member_count": size,
        },
    )


def _range_node(world: NetworkWorld, one: Alike) -> Node:
    first = one.first
    places = {world.interfaces[name].subnet for _, name in one.members}
    subnet = world.subnets.get(first.subnet) if len(places) == 1 else None
    cidr = subnet.cidr if subnet else ""
    where = cidr or (f"{len(places)} subnets" if len(places) > 1 else first.subnet)
    name = f"{where.rpartition(':')[2]} range {digest(one.id)}"
    made = _node(one.id, "NetworkRange", name, first.account_id, first.region, len(one.members))
    made.props["cidr"] = cidr or None
    return made


def _target_node(one: Alike) -> Node:
    first = one.first
    name = f"{first.vpc.rpartition('/')[2]} private group {digest(one.id)}"
    made = _node(one.id, "NetworkTarget", name, first.account_id, first.region, len(one.members))
    made.props["security_groups"] = list(first.groups or ())
    return made


def _bundle_node(one: Bundle, size: int) -> Node:
    first = one.first
    place = one.id.split(":")[1]
    name = f"{size} ranges of {place}, {digest(one.id)}"
    made = _node(one.id, "NetworkRange", name, first.account_id, first.region, size)
    made.props["cidr"] = None
    return made


def _group_nodes(found: Lateral, sizes: dict[str, int]) -> Iterator[Node]:
    places: dict[str, set[tuple[str, str]]] = {
        name: {(one.first.account_id, one.first.region)} for name, one in found.ranges.items()
    }

    def places_of(name: str) -> set[tuple[str, str]]:
        if name not in places:
            members = found.bundles[name].members
            places[name] = {place for member in members for place in places_of(member)}
        return places[name]

    for group, members in found.groups.items():
        known = {place for member in members for place in places_of(member)}
        account, region = known.pop() if len(known) == 1 else ("", "")
        name = f"{sizes[group]} ranges, group {digest(group)}"
        yield _node(group, "NetworkGroup", name, account, region, sizes[group])


__all__ = ["between_part"]
