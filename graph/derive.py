"""From a snapshot to the whole graph: inventory, reach, access, trust, roles, admin, control."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from collector.snapshot import Snapshot
from graph.derivation.account_links import account_links
from graph.derivation.account_states import account_states
from graph.derivation.admin import admin_part
from graph.derivation.control import control_part
from graph.derivation.given_rights import given_part
from graph.derivation.names import names_part
from graph.derivation.network import network_part
from graph.derivation.outbound import outbound_part
from graph.derivation.policies import policy_part
from graph.derivation.principal_access import principal_access_part
from graph.derivation.relate import access
from graph.derivation.second_opinions import second_opinion_part
from graph.derivation.sets import PrincipalSets, ResourceSets
from graph.derivation.trust import assumptions_of, trust_part
from graph.derivation.workload_roles import workloads as workloads_of
from graph.derivation.workloads import workload_part
from graph.escalation.derive import escalation_part
from graph.front_doors import Sight, front_door_ways
from graph.guards import guard_facts
from graph.guards.known_accounts import with_owner
from graph.iam.from_snapshot import from_snapshot as iam_world
from graph.inventory import Problem, inventory
from graph.judgement import Judgement
from graph.network.from_snapshot import network_world
from graph.records import Node, Relationship
from graph.schema.declare import Reference
from graph.schema.registry import REGISTRY, account_of_arn, region_of_arn, short_id_of
from graph.schema.resolve import Place, Resolver, fixed_labels
from graph.sharing import access_judgements


@dataclass(frozen=True, slots=True)
class Derivation:
    """Everything that follows from a snapshot.

    Attributes:
        nodes: by id.
        relationships: by type, start, end and key.
        judgements: every question that was asked, ``no`` included; by question, source, target.
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
    admin = admin_part(identities)
    sets = PrincipalSets()
    assumptions = assumptions_of(identities, admin.sure)
    told_from = guard_facts(identities, account_states(stock.nodes, identities.organization))
    outbound = outbound_part(identities, sets)
    trust = trust_part(identities, assumptions, admin.sure, sets, told_from)
    carried = tuple(workloads_of(snapshot, identities))
    workloads = workload_part(carried)
    reachable = network_world(snapshot)
    doors = front_door_ways(snapshot, reachable, identities)
    network = network_part(reachable, doors)
    names = names_part(Sight(snapshot, reachable, identities), doors)
    short = _short_ids(stock.nodes)
    shared = _known_ends(short, access_judgements(snapshot, identities))
    others = second_opinion_part(
        snapshot, reachable, identities, stock.nodes, (*shared, *trust.judgements)
    )
    resource_sets = ResourceSets()
    own_access = principal_access_part(identities, stock.nodes, admin.sure, sets, resource_sets)
    escalation = escalation_part(
        snapshot,
        identities,
        admin.sure,
        carried,
        sets,
        resource_sets,
        (*trust.relationships, *workloads.relationships),
    )
    given = given_part(
        identities, stock.nodes, assumptions, own_access.judgements, admin.relationships
    )
    policies = policy_part(snapshot, identities, {node.id for node in stock.nodes})
    groups, memberships = sets.records()
    covers, covered = resource_sets.records()
    walked = (
        *network.relationships,
        *access(shared),
        *(replace(one, start=short.get(one.start, one.start)) for one in trust.relationships),
        *outbound.relationships,
        *workloads.relationships,
        *admin.relationships,
        *control_part(stock.nodes),
        *own_access.relationships,
        *escalation.relationships,
        *memberships,
        *covered,
    )
    nodes = {
        node.id: node
        for node in (
            *outbound.nodes,
            *network.nodes,
            *groups,
            *covers,
            *policies.nodes,
            *others.nodes,
            *stock.nodes,
        )
    }
    facts = (*policies.relationships, *others.relationships, *names.relationships)
    for node in _missing((*walked, *facts), nodes):
        nodes[node.id] = node
    judgements = (
        *network.judgements,
        *shared,
        *own_access.judgements,
        *_known_ends(short, trust.judgements),
        *outbound.judgements,
        *workloads.judgements,
        *admin.judgements,
        *escalation.judgements,
    )
    between = account_links(
        nodes,
        (*stock.relationships, *facts, *walked),
        judgements,
        snapshot.accounts,
        {one.id: one.organization for one in identities.accounts.values() if one.organization},
    )
    for node in _missing(between, nodes):
        nodes[node.id] = node
    return Derivation(
        nodes=tuple(with_owner(names.on(nodes[key])) for key in sorted(nodes)),
        relationships=tuple(
            sorted(
                (*stock.relationships, *facts, *walked, *given.relationships, *between),
                key=lambda r: (r.type, r.start, r.end, r.key),
            )
        ),
        judgements=tuple(sorted((*judgements, *given.judgements), key=_order)),
        problems=stock.problems,
    )


def _order(one: Judgement) -> tuple[object, ...]:
    """A place of its own for each judgement, so that the lines' order is none of the answer's."""
    ends = (one.question, one.source, one.target, one.mechanism)
    return (*ends, -one.answer.verdict.rank, one.answer.conditions, one.actions, one.via)


def _short_ids(nodes: Iterable[Node]) -> dict[str, str]:
    """VPCs and endpoints by the short id by which a policy names them."""
    return {
        str(node.props.get("resource_id")): node.id
        for node in nodes
        if "VPC" in node.labels or "VPCEndpoint" in node.labels
    }


def _known_ends(short: Mapping[str, str], judgements: Iterable[Judgement]) -> list[Judgement]:
    """Judgements whose source is named by short id start at that node, if it is known."""
    return [replace(one, source=short.get(one.source, one.source)) for one in judgements]


def _missing(relationships: Iterable[Relationship], nodes: Mapping[str, Node]) -> list[Node]:
    """Minimal nodes for ends that the inventory does not hold.

    Every end gets one, whatever its id looks like: a relationship without it would be left out
    when loading, and what was found would not be told.
    """
    resolver = Resolver(REGISTRY)
    nowhere = Place("", "", "")
    ends = {end for r in relationships for end in (r.start, r.end)} - nodes.keys()
    for end in sorted(ends):
        resolver.resolve(Reference(id=end), nowhere, "aws")
    found = resolver.minimal_nodes()
    return [*found, *map(_other, sorted(ends - {node.id for node in found}))]


def _other(node_id: str) -> Node:
    """A node for what no declared type and no source is known by."""
    node_type = REGISTRY.of_short_id(node_id)
    label, category, resource_type = "OtherResource", "other", "Mapper::OtherResource"
    if node_type is not None:
        label, category = node_type.label, node_type.category
        resource_type = node_type.resource_type
    return Node(
        id=node_id,
        labels=(label, *(fixed_labels(node_type) if node_type else ())),
        props={
            "name": short_id_of(node_id),
            "resource_type": resource_type,
            "account_id": account_of_arn(node_id),
            "region": region_of_arn(node_id),
            "resource_id": short_id_of(node_id),
            "tags": [],
            "collected": False,
            "category": category,
        },
    )
