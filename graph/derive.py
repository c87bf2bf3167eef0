"""From a snapshot to the whole graph: inventory, reach, access, trust, roles, admin, control."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from collector.snapshot import Snapshot
from graph.derivation.admin import admin_part
from graph.derivation.control import control_part
from graph.derivation.network import network_part
from graph.derivation.relate import access
from graph.derivation.trust import assumptions_of, trust_part
from graph.derivation.workloads import workload_part
from graph.iam.from_snapshot import from_snapshot as iam_world
from graph.inventory import Problem, inventory
from graph.judgement import Judgement
from graph.network.from_snapshot import network_world
from graph.records import Node, Relationship
from graph.schema.declare import Reference
from graph.schema.registry import REGISTRY
from graph.schema.resolve import Place, Resolver
from graph.sharing import access_judgements
from graph.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Derivation:
    """Everything that follows from a snapshot.

    Attributes:
        nodes: by id.
        relationships: by type, start, end and key.
        judgements: every question that was asked, ``no`` included.
        problems: lines that are not of the declared shape.
    """

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]
    problems: tuple[Problem, ...]


def derive(snapshot: Snapshot) -> Derivation:
    """Derive the graph of a snapshot, seen through its overlay.

    Pure: the same files and overlay give the same records in the same order.

    Raises:
        collector.snapshot.SnapshotError: a file of the snapshot cannot be read.
    """
    stock = inventory(snapshot)
    identities = iam_world(snapshot)
    assumptions = assumptions_of(identities)
    admin = admin_part(identities)
    trust = trust_part(identities, assumptions, admin.sure)
    workloads = workload_part(snapshot, assumptions)
    network = network_part(network_world(snapshot))
    shared = _known_ends(stock.nodes, access_judgements(snapshot, identities))
    walked = (
        *network.relationships,
        *(access(one) for one in shared if one.answer.verdict is not Verdict.NO),
        *trust.relationships,
        *workloads.relationships,
        *admin.relationships,
        *control_part(stock.nodes),
    )
    nodes = {node.id: node for node in (*network.nodes, *trust.nodes, *stock.nodes)}
    for node in _missing(walked, nodes):
        nodes[node.id] = node
    judgements = (
        *network.judgements,
        *shared,
        *trust.judgements,
        *workloads.judgements,
        *admin.judgements,
    )
    return Derivation(
        nodes=tuple(nodes[key] for key in sorted(nodes)),
        relationships=tuple(
            sorted((*stock.relationships, *walked), key=lambda r: (r.type, r.start, r.end, r.key))
        ),
        judgements=judgements,
        problems=stock.problems,
    )


def _known_ends(nodes: Iterable[Node], judgements: Iterable[Judgement]) -> list[Judgement]:
    """Judgements whose source is a VPC or endpoint by short id start at that node.

    A policy names these by short id; one that is not in the snapshot keeps the short id.
    """
    by_short = {
        str(node.props.get("resource_id")): node.id
        for node in nodes
        if "VPC" in node.labels or "VPCEndpoint" in node.labels
    }
    return [replace(one, source=by_short.get(one.source, one.source)) for one in judgements]


def _missing(relationships: Iterable[Relationship], nodes: dict[str, Node]) -> list[Node]:
    """Minimal nodes for ends that the inventory does not hold."""
    resolver = Resolver(REGISTRY)
    nowhere = Place("", "", "")
    for end in sorted({end for r in relationships for end in (r.start, r.end)} - nodes.keys()):
        resolver.resolve(Reference(id=end), nowhere, "aws")
    return resolver.minimal_nodes()
