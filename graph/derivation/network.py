"""Network reach as relationships: source -> group or front door -> what stands behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.derivation.between import between_part
from graph.derivation.front_doors import can_reach, front_doors
from graph.derivation.relate import digest, walked
from graph.judgement import Judgement
from graph.network.exposure import belongs_to_service, internet_ways
from graph.network.facts import Interface
from graph.network.groups import InterfaceGroup, interface_groups
from graph.network.internet import internet_to_interface, owner_of
from graph.network.reach import Reach, merge
from graph.network.world import NetworkWorld
from graph.records import Node, Relationship
from graph.verdict import Answer, Verdict, merged

DIRECT = "eni/"


@dataclass(frozen=True, slots=True)
class NetworkPart:
    """What the network engine adds to the graph."""

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]


def network_part(world: NetworkWorld, services: Iterable[Reach] = ()) -> NetworkPart:
    """Derive reach from the internet, and between things, over the whole world.

    Interfaces lead through one ``NetworkTarget`` per group; load balancers and databases are
    front doors of their own, and so are the ``services`` that were judged elsewhere, one result
    for each way. A judgement joins the ways of one mechanism.
    """
    reaches = [*internet_ways(world), *services]
    nodes, relationships = _through_groups(world)
    # An instance of which no interface is known has no group to go through.
    doors = [one for one in reaches if not one.mechanism.startswith(DIRECT) or not one.via]
    relationships += front_doors(doors)
    private_nodes, private = between_part(world)
    nodes += private_nodes
    relationships += private
    return NetworkPart(tuple(nodes), tuple(relationships), tuple(map(_judgement, merge(reaches))))


def _judgement(reach: Reach) -> Judgement:
    return Judgement(
        question="reach",
        source=reach.source,
        target=reach.target,
        mechanism=reach.mechanism,
        answer=reach.answer,
        family=reach.mechanism.rpartition("/")[2],
        ports=reach.ports,
        other_ports=reach.other_ports,
        via=reach.via,
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """A member of a group, with the ways to it that are not ``no``."""

    interface: Interface
    reaches: tuple[Reach, ...]


def _through_groups(world: NetworkWorld) -> tuple[list[Node], list[Relationship]]:
    """One ``CAN_REACH`` for each way into a group, one ``TARGETS`` for each member's interface.

    What all members share of the proof stands on ``CAN_REACH``; what names the interface (its
    address) or is not said of every member (why it is not in service) on ``TARGETS``.
    """
    nodes: list[Node] = []
    relationships: list[Relationship] = []
    for group in interface_groups(world):
        for group_id, members in _alike(world, group):
            nodes.append(_group_node(group, group_id, len(members)))
            shared: set[str] = set()
            for ways in zip(*(one.reaches for one in members), strict=True):
                answer = _shared(ways)
                shared.update(answer.evidence)
                relationships.append(can_reach(ways[0].source, group_id, ways[0], answer))
            relationships += [_member(group_id, one, shared) for one in members]
    return nodes, relationships


def _alike(world: NetworkWorld, group: InterfaceGroup) -> list[tuple[str, list[_Judged]]]:
    """The reached members of a group under its id, apart where their answers are not the same.

    They can differ in what was not collected, e.g. the instance that each belongs to.
    """
    parts: dict[object, list[_Judged]] = defaultdict(list)
    for arn in group.interfaces:
        interface = world.interfaces[arn]
        if belongs_to_service(world, interface):
            continue
        found = [
            one for one in internet_to_interface(world, interface) if one.verdict is not Verdict.NO
        ]
        if found:
            parts[tuple(map(_meaning, found))].append(_Judged(interface, tuple(found)))
    if len(parts) <= 1:
        return [(group.id, members) for members in parts.values()]
    return [(f"{group.id}:{digest(repr(key))}", members) for key, members in parts.items()]


def _meaning(reach: Reach) -> tuple[object, ...]:
    answer = reach.answer
    return (
        reach.source,
        reach.mechanism,
        reach.ports,
        reach.other_ports,
        str(answer.verdict),
        answer.conditions,
        answer.guards,
        answer.assumes,
    )


def _shared(ways: tuple[Reach, ...]) -> Answer:
    """One way into a group from the answers of all its members: what is true of each."""
    names = [way.via[0] for way in ways]
    evidence = [
        text
        for text in ways[0].answer.evidence
        if not any(name in text for name in names)
        and all(text in way.answer.evidence for way in ways)
    ]
    whys = [
        way.answer.why.replace(f" through {name}", "")
        for way, name in zip(ways, names, strict=True)
    ]
    why = whys[0]
    if any(other != why for other in whys):
        why = f"{why.partition(', but not now: ')[0]}, but no member is in service now."
    return replace(ways[0].answer, why=why, evidence=tuple(evidence), steps=())


def _member(group_id: str, member: _Judged, shared: set[str]) -> Relationship:
    interface, owner = member.interface, owner_of(member.interface)
    text = f"{interface.id} belongs to {owner}."
    own = (
        sentence
        for reach in member.reaches
        for sentence in reach.answer.evidence
        if sentence not in shared
    )
    answer = Answer(Verdict.YES, why=text, evidence=merged([text], own))
    return walked("TARGETS", group_id, owner, interface.id, answer, interface=interface.id)


def _group_node(group: InterfaceGroup, group_id: str, size: int) -> Node:
    return Node(
        id=group_id,
        labels=("NetworkTarget",),
        props={
            "name": f"{group.vpc.rpartition('/')[2]} group {digest(group_id)}",
            "resource_type": "Mapper::NetworkTarget",
            "account_id": group.account_id,
            "region": group.region,
            "resource_id": group_id,
            "tags": [],
            "category": "network",
            "member_count": size,
            "public_ipv4": group.public_v4,
            "public_ipv6": group.public_v6,
            "security_groups": list(group.security_groups),
            "route_tables": list(group.route_tables),
            "network_acl": group.acl,
        },
    )
