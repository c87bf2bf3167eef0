"""Host names of front doors, and the records that lead to them.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from graph.front_doors import Sight
from graph.front_doors.dns import host_names, hosts, is_public, names_of, zone_leads
from graph.inventory import key_of
from graph.network.reach import Reach
from graph.records import Node, Relationship, Value

PROPERTY = "dns_names"


@dataclass(frozen=True, slots=True)
class NamesPart:
    """What names add to the graph.

    Attributes:
        names: host names by node id; those of AWS first, then those of the collected zones.
        relationships: ``RESOLVES_TO`` from a hosted zone, one for each name and end.
    """

    names: Mapping[str, tuple[str, ...]]
    relationships: tuple[Relationship, ...]

    def on(self, node: Node) -> Node:
        """The node with the names under which it is called, if there are any."""
        told = self.names.get(node.id)
        if not told:
            return node
        known = node.props.get(PROPERTY)
        own = known if isinstance(known, list) else []
        return replace(node, props=node.props | {PROPERTY: list(dict.fromkeys((*own, *told)))})


def names_part(sight: Sight, doors: Iterable[Reach]) -> NamesPart:
    """Names of everything that is called by one, reached or not.

    Args:
        sight: the snapshot, its network and its identities.
        doors: what was judged of front doors; their steps tell names that no member alone does.
    """
    return NamesPart(_names(sight, doors), tuple(_records(sight)))


def _names(sight: Sight, doors: Iterable[Reach]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for door in doors:
        for step in door.answer.steps:
            if step.hosts:
                found[step.subject].update(dict.fromkeys(step.hosts))
    for host, nodes in hosts(sight).items():
        for name in host_names([host]):
            for node in nodes:
                found[node][name] = None
    for node, names in names_of(sight).items():
        found[node].update(dict.fromkeys(names))
    return {node: tuple(names) for node, names in found.items()}


def _records(sight: Sight) -> Iterable[Relationship]:
    kind = "RESOLVES_TO"
    for zone in sight.items("route53:zone"):
        for name, node in zone_leads(sight, zone):
            props: dict[str, Value] = {"name": name, "is_public": is_public(zone)}
            yield Relationship(kind, zone.id, node, key_of(kind, zone.id, node, name), props)
