"""``Disagreement``: where AWS's own analysers answer a question otherwise than we do."""

from __future__ import annotations

from dataclasses import dataclass

from collector.snapshot import Snapshot
from graph.derivation.relate import digest
from graph.inventory import key_of
from graph.network import ports
from graph.network.second_opinions import Compared, compare
from graph.network.second_opinions_from_snapshot import opinions
from graph.network.world import NetworkWorld
from graph.records import Node, Relationship


@dataclass(frozen=True, slots=True)
class SecondOpinionPart:
    """What disagreements add to the graph."""

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]


def second_opinion_part(snapshot: Snapshot, world: NetworkWorld) -> SecondOpinionPart:
    """One node for each answer of AWS that contradicts ours, leading to what it is about."""
    found = [one for one in (compare(world, o) for o in opinions(snapshot)) if one.differs]
    nodes = {node.id: node for node in map(_node, found)}
    ends = {(_id(one), one.target) for one in found}
    return SecondOpinionPart(
        tuple(nodes[key] for key in sorted(nodes)),
        tuple(
            Relationship("CONCERNS", start, end, key_of("CONCERNS", start, end), {})
            for start, end in sorted(ends)
        ),
    )


def _id(one: Compared) -> str:
    return f"disagreement:{digest(f'{one.opinion.tool}|{one.opinion.id}|{one.target}')}"


def _node(one: Compared) -> Node:
    opinion = one.opinion
    verdict = str(one.verdict)
    return Node(
        id=_id(one),
        labels=("Disagreement",),
        props={
            "name": f"{opinion.tool}: {opinion.source} to {opinion.target}",
            "resource_type": "Mapper::Disagreement",
            "account_id": opinion.account_id,
            "region": opinion.region,
            "resource_id": opinion.id,
            "tags": [],
            "category": "finding",
            "tool": opinion.tool,
            "analysis": opinion.id,
            "question": f"{opinion.source} to {opinion.target} on "
            f"{', '.join(ports.names(opinion.opened)[:5])}",
            "theirs": "reachable" if opinion.found else "not reachable",
            "their_reason": opinion.reason,
            "analysed_at": opinion.at,
            "ours": verdict,
            "our_reason": one.why,
            "evidence": [str(opinion.ref)],
        },
    )
