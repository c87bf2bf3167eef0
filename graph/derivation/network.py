"""Network reach as relationships: source -> group or front door -> what stands behind it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.derivation.relate import walked
from graph.judgement import Judgement
from graph.network.exposure import belongs_to_service, internet_reach
from graph.network.facts import Interface
from graph.network.groups import InterfaceGroup, interface_groups, internet_to_group
from graph.network.internet import internet_to_interface, owner_of
from graph.network.reach import Reach
from graph.network.world import NetworkWorld
from graph.records import Node, Relationship
from graph.verdict import Answer, Verdict, any_of, merged

DIRECT = "eni/"


@dataclass(frozen=True, slots=True)
class NetworkPart:
    """What the network engine adds to the graph."""

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]


def network_part(world: NetworkWorld) -> NetworkPart:
    """Derive reach from the internet over the whole world.

    Interfaces lead through one ``NetworkTarget`` per group; load balancers and databases are
    front doors of their own.
    """
    reaches = internet_reach(world)
    nodes, relationships = _through_groups(world)
    # An instance of which no interface is known has no group to go through.
    doors = [one for one in reaches if not one.mechanism.startswith(DIRECT) or not one.via]
    relationships += _front_doors(doors)
    return NetworkPart(tuple(nodes), tuple(relationships), tuple(map(_judgement, reaches)))


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


def _through_groups(world: NetworkWorld) -> tuple[list[Node], list[Relationship]]:
    """One ``CAN_REACH`` for each way into a group, one ``TARGETS`` for each member's interface.

    What all members share of the proof stands on ``CAN_REACH``, what names the interface (its
    address, its state) on ``TARGETS``.
    """
    nodes: list[Node] = []
    relationships: list[Relationship] = []
    for group in interface_groups(world):
        members = [world.interfaces[arn] for arn in group.interfaces]
        members = [one for one in members if not belongs_to_service(world, one)]
        found = [one for one in internet_to_group(world, group) if one.verdict is not Verdict.NO]
        if not members or not found:
            continue
        nodes.append(_group_node(group))
        judged = group.interfaces[0]
        for reach in found:
            shared = [text for text in reach.answer.evidence if judged not in text]
            why = reach.answer.why.replace(f" through {judged}", "")
            answer = replace(reach.answer, why=why, evidence=tuple(shared), steps=())
            relationships.append(_can_reach(reach.source, group.id, reach, answer))
        relationships += [_member(world, group, interface) for interface in members]
    return nodes, relationships


def _member(world: NetworkWorld, group: InterfaceGroup, interface: Interface) -> Relationship:
    text = f"{interface.id} belongs to {owner_of(interface)}."
    own = (
        sentence
        for reach in internet_to_interface(world, interface)
        if reach.verdict is not Verdict.NO
        for sentence in reach.answer.evidence
        if interface.id in sentence
    )
    answer = Answer(Verdict.YES, why=text, evidence=merged([text], own))
    owner = owner_of(interface)
    return walked("TARGETS", group.id, owner, interface.id, answer, interface=interface.id)


def _can_reach(source: str, target: str, reach: Reach, answer: Answer) -> Relationship:
    return walked(
        "CAN_REACH",
        source,
        target,
        reach.mechanism,
        answer,
        mechanism=reach.mechanism,
        family=reach.mechanism.rpartition("/")[2],
        ports=list(reach.ports),
        other_ports=list(reach.other_ports),
    )


def _front_doors(reaches: Iterable[Reach]) -> list[Relationship]:
    """``CAN_REACH`` to each front door, ``TARGETS`` from the last door passed to what it serves.

    What a door lets through depends on who knocks, so ``TARGETS`` names its source and family: a
    range that reaches one listener must not inherit what another listener serves.
    """
    relationships: list[Relationship] = []
    behind: dict[tuple[str, str, str, str], list[Reach]] = defaultdict(list)
    for reach in reaches:
        if reach.verdict is Verdict.NO:
            continue
        if reach.via:
            family = reach.mechanism.rpartition("/")[2]
            behind[reach.via[-1], reach.target, reach.source, family].append(reach)
        else:
            relationships.append(_can_reach(reach.source, reach.target, reach, reach.answer))
    for (door, target, source, family), found in sorted(behind.items()):
        answer = any_of(reach.answer for reach in found)
        best = next(reach for reach in found if reach.verdict is answer.verdict)
        relationships.append(
            walked(
                "TARGETS",
                door,
                target,
                f"{source}|{family}",
                answer,
                mechanism=best.mechanism.partition("/")[0],
                source=source,
                family=family,
                ports=list(merged(*(r.ports for r in found if r.verdict is answer.verdict))),
                other_ports=list(merged(*(reach.other_ports for reach in found))),
            )
        )
    return relationships


def _group_node(group: InterfaceGroup) -> Node:
    digest = hashlib.sha256(group.id.encode()).hexdigest()[:8]
    return Node(
        id=group.id,
        labels=("NetworkTarget",),
        props={
            "name": f"{group.vpc.rpartition('/')[2]} group {digest}",
            "resource_type": "Mapper::NetworkTarget",
            "account_id": group.account_id,
            "region": group.region,
            "resource_id": group.id,
            "tags": [],
            "category": "network",
            "member_count": len(group.interfaces),
            "public_ipv4": group.public_v4,
            "public_ipv6": group.public_v6,
            "security_groups": list(group.security_groups),
            "route_tables": list(group.route_tables),
            "network_acl": group.acl,
        },
    )
