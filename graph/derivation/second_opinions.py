"""``Disagreement``: where AWS's own analysers answer a question otherwise than we do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from collector.snapshot import Snapshot
from graph.derivation.relate import digest
from graph.iam.world import IamWorld
from graph.inventory import key_of
from graph.judgement import Judgement
from graph.network import ports
from graph.network.second_opinions import Compared, compare
from graph.network.second_opinions_from_snapshot import opinions
from graph.network.world import NetworkWorld
from graph.records import Node, Relationship, Value
from graph.sharing.access_analyzer import TOOL, Difference, Place, analyzed_types
from graph.sharing.access_analyzer_compare import differences
from graph.sharing.access_analyzer_from_snapshot import analyzers


@dataclass(frozen=True, slots=True)
class SecondOpinionPart:
    """What disagreements add to the graph."""

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]


def second_opinion_part(
    snapshot: Snapshot,
    network: NetworkWorld,
    identities: IamWorld,
    stock: Iterable[Node],
    judgements: Iterable[Judgement],
) -> SecondOpinionPart:
    """One node for each answer of AWS that contradicts ours, leading to what it is about.

    Args:
        snapshot: holds the answers.
        network: the network facts.
        identities: the IAM facts.
        stock: the inventory.
        judgements: ours of access by resources' own settings and of assuming roles.
    """
    found = [one for one in (compare(network, o) for o in opinions(snapshot)) if one.differs]
    told = [(_id(one), one.target, _node(one)) for one in found]
    looking = tuple(analyzers(snapshot))
    if looking:
        others = differences(looking, _places(stock), judgements, identities)
        told += [(_access_id(one), one.place.id, _access_node(one)) for one in others]
    nodes = {key: node for key, _, node in told}
    ends = {(key, target) for key, target, _ in told}
    return SecondOpinionPart(
        tuple(nodes[key] for key in sorted(nodes)),
        tuple(
            Relationship("CONCERNS", start, end, key_of("CONCERNS", start, end), {})
            for start, end in sorted(ends)
        ),
    )


def _places(stock: Iterable[Node]) -> Iterator[Place]:
    """The collected resources of the types that Access Analyzer looks at."""
    types = analyzed_types()
    for node in stock:
        kind = types.get(str(node.props.get("resource_type")))
        if kind is None or node.props.get("collected") is False:
            continue
        yield Place(
            node.id,
            kind,
            str(node.props.get("account_id") or ""),
            str(node.props.get("region") or ""),
            str(node.props.get(kind.created) or ""),
        )


def _id(one: Compared) -> str:
    return f"disagreement:{digest(f'{one.opinion.tool}|{one.opinion.id}|{one.target}')}"


def _access_id(one: Difference) -> str:
    """Of as many hex digits as thousands of findings need to stay apart."""
    text = f"{TOOL}|{one.analysis}|{one.place.id}|{one.theirs}"
    return f"disagreement:{digest(text)}{digest(f'{text}|')}"


def _node(one: Compared) -> Node:
    opinion = one.opinion
    between = f"{opinion.source} to {opinion.target}"
    return _disagreement(
        _id(one),
        f"{opinion.tool}: {between}",
        {
            "account_id": opinion.account_id,
            "region": opinion.region,
            "tool": opinion.tool,
            "analysis": opinion.id,
            "question": f"{between} on {', '.join(ports.names(opinion.opened)[:5])}",
            "theirs": "reachable" if opinion.found else "not reachable",
            "their_reason": opinion.reason,
            "analysed_at": opinion.at,
            "ours": str(one.verdict),
            "our_reason": one.why,
            "evidence": [str(opinion.ref)],
        },
    )


def _access_node(one: Difference) -> Node:
    between = f"{one.who} to {one.place.id}"
    return _disagreement(
        _access_id(one),
        f"{TOOL}: {between}",
        {
            "account_id": one.place.account_id,
            "region": one.region,
            "tool": TOOL,
            "analysis": one.analysis,
            "question": between,
            "theirs": one.theirs,
            "their_reason": one.their_reason,
            "analysed_at": one.analysed_at,
            "ours": str(one.ours),
            "our_reason": one.our_reason,
            "evidence": [str(one.ref)],
        },
    )


def _disagreement(node_id: str, name: str, told: dict[str, Value]) -> Node:
    fixed: dict[str, Value] = {
        "name": name,
        "resource_type": "Mapper::Disagreement",
        "resource_id": told["analysis"],
        "tags": [],
        "category": "finding",
    }
    return Node(id=node_id, labels=("Disagreement",), props=fixed | told)
