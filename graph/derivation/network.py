"""Network reach as relationships: source -> group or front door -> what stands behind it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graph.derivation.relate import walked
from graph.judgement import Judgement
from graph.network.exposure import internet_reach
from graph.network.groups import InterfaceGroup, interface_groups
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
    groups = {eni: group for group in interface_groups(world) for eni in group.interfaces}
    direct = [reach for reach in reaches if reach.mechanism.startswith(DIRECT)]
    doors = [reach for reach in reaches if not reach.mechanism.startswith(DIRECT)]
    nodes, relationships = _through_groups(direct, groups)
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


def _through_groups(
    reaches: Iterable[Reach], groups: Mapping[str, InterfaceGroup]
) -> tuple[list[Node], list[Relationship]]:
    """One ``CAN_REACH`` for each way into a group, one ``TARGETS`` for each member's interface.

    What all members share of the proof stands on ``CAN_REACH``, the rest (their addresses) on
    ``TARGETS``.
    """
    alike: dict[tuple[str, str, str], list[Reach]] = defaultdict(list)
    for reach in reaches:
        if reach.verdict is not Verdict.NO:
            alike[groups[reach.via[0]].id, reach.source, reach.mechanism].append(reach)
    by_id = {group.id: group for group in groups.values()}
    nodes: dict[str, Node] = {}
    relationships: list[Relationship] = []
    members: dict[tuple[str, str, str], list[str]] = {}
    for (group_id, source, _), found in sorted(alike.items()):
        nodes.setdefault(group_id, _group_node(by_id[group_id]))
        shared = _shared_evidence(found)
        first = found[0]
        answer = _with_evidence(first.answer, shared)
        relationships.append(_can_reach(source, group_id, first, answer))
        for reach in found:
            own = [text for text in reach.answer.evidence if text not in shared]
            key = (group_id, reach.target, reach.via[0])
            members.setdefault(key, []).extend(own)
    for (group_id, target, eni), evidence in sorted(members.items()):
        text = f"{eni.rpartition('/')[2]} is one of the group's interfaces."
        answer = Answer(Verdict.YES, why=text, evidence=merged(evidence))
        relationships.append(walked("TARGETS", group_id, target, eni, answer, interface=eni))
    return list(nodes.values()), relationships


def _shared_evidence(reaches: list[Reach]) -> frozenset[str]:
    """The sentences that stand in every member's proof."""
    if len(reaches) == 1:
        return frozenset(reaches[0].answer.evidence)
    sets = [frozenset(reach.answer.evidence) for reach in reaches]
    return frozenset.intersection(*sets)


def _with_evidence(answer: Answer, kept: frozenset[str]) -> Answer:
    return Answer(
        verdict=answer.verdict,
        why=answer.why,
        conditions=answer.conditions,
        guards=answer.guards,
        assumes=answer.assumes,
        evidence=tuple(text for text in answer.evidence if text in kept),
    )


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
    """``CAN_REACH`` to each front door, ``TARGETS`` from the last door passed to what it serves."""
    relationships: list[Relationship] = []
    behind: dict[tuple[str, str], list[Reach]] = defaultdict(list)
    for reach in reaches:
        if reach.verdict is Verdict.NO:
            continue
        if reach.via:
            behind[reach.via[-1], reach.target].append(reach)
        else:
            relationships.append(_can_reach(reach.source, reach.target, reach, reach.answer))
    for (door, target), found in sorted(behind.items()):
        # Alternatives by source and family: the door leads on if any of them gets through.
        answer = any_of(reach.answer for reach in found)
        best = [reach for reach in found if reach.verdict is answer.verdict]
        ports = merged(*(reach.ports for reach in best))
        relationships.append(
            walked(
                "TARGETS",
                door,
                target,
                found[0].mechanism.partition("/")[0],
                answer,
                mechanism=found[0].mechanism.partition("/")[0],
                ports=list(ports),
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
