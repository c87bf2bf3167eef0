"""From what a line names to a node: among the collected ones, or a minimal one beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from graph.records import Node, Value
from graph.schema.declare import NodeType, Reference
from graph.schema.derived import named_node
from graph.schema.registry import (
    Registry,
    account_of_arn,
    is_account_id,
    is_good_arn,
    region_of_arn,
    short_id_of,
)

# A short id with AWS's own random part is one resource's in all of AWS.
_UNIQUE = re.compile(r"[a-z][a-z-]*-[0-9a-f]{8,17}\Z")
_ROOT = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:root\Z")
_STS = re.compile(r"arn:[a-z-]+:sts:")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node lives.

    Attributes:
        account: the owner.
        region: its region, or ``global``.
        id: the node's id.
    """

    account: str
    region: str
    id: str


class Resolver:
    """Finds the node behind a reference.

    A short id is looked for among the collected nodes. Where nothing was collected the id is the
    ARN if every part of it is known, else the short id itself: a guessed owner would be a false
    fact, and would split one resource into several nodes.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._collected: set[str] = set()
        self._by_short: dict[tuple[str, str], list[Place]] = {}
        self._by_name: dict[tuple[str, str, str, str], str] = {}
        self._minimal: dict[str, Node] = {}

    def add(self, label: str, short: str, place: Place) -> None:
        """Make a collected node known."""
        self._collected.add(place.id)
        node_type = self._registry.by_label.get(label)
        if node_type is not None and node_type.id_prefix:
            self._by_short.setdefault((label, short), []).append(place)
        else:  # names are unique in one account and region only
            name = (label, short, place.account, place.region)
            self._by_name[name] = min(self._by_name.get(name, place.id), place.id)

    def minimal_nodes(self) -> list[Node]:
        """The nodes that only references name, by id."""
        return [self._minimal[node_id] for node_id in sorted(self._minimal)]

    def resolve(self, reference: Reference, here: Place, partition: str) -> str:
        """The id of the node that a reference means; empty where there is none.

        Args:
            reference: what the line names.
            here: the node whose line it is.
            partition: partition of that node's ARN.
        """
        if reference.id in self._collected:
            return reference.id
        found = self._by_short_id(reference, here) if reference.short else ""
        if found or reference.must_exist:
            return found
        if not reference.id:
            return self._named_by_short_id(reference, here, partition)
        if reference.id.startswith("arn:"):
            return self._named_by_arn(reference)
        return self._synthetic(reference)

    def _by_short_id(self, reference: Reference, here: Place) -> str:
        node_type = (
            self._registry.by_label.get(reference.label)
            if reference.label
            else self._registry.of_short_id(reference.short)
        )
        if node_type is None:
            return ""
        owner, region = reference.account or here.account, reference.region or here.region
        if not node_type.id_prefix:
            return self._by_name.get((node_type.label, reference.short, owner, region), "")
        places = self._by_short.get((node_type.label, reference.short), [])
        best = min(
            places, key=lambda p: (p.account != owner, p.region != region, p.id), default=None
        )
        return best.id if best else ""

    def _named_by_arn(self, reference: Reference) -> str:
        arn = reference.id
        if not is_good_arn(arn):
            return ""
        node_type = self._registry.of_arn(arn)
        if node_type and node_type.id_prefix:
            # One resource, whatever account the writer of the ARN put into it.
            short = Reference(short=short_id_of(arn), label=node_type.label)
            place = Place(account_of_arn(arn) or "", region_of_arn(arn) or "", "")
            if found := self._by_short_id(short, place):
                return found
        self._add_minimal(arn, node_type, reference)
        return arn

    def _synthetic(self, reference: Reference) -> str:
        node_id = reference.id
        if node_id in self._minimal:
            return node_id
        try:
            self._minimal[node_id] = named_node(node_id)
        except ValueError:
            node_type = self._registry.by_label.get(reference.label)
            if node_type is None or not reference.short:
                return ""
            self._add_minimal(node_id, node_type, reference)
        return node_id

    def _named_by_short_id(self, reference: Reference, here: Place, partition: str) -> str:
        node_type = self._registry.of_short_id(reference.short) or self._registry.by_label.get(
            reference.label
        )
        named = replace(reference, region=reference.region or here.region)
        template = node_type.arn if node_type else ""
        if template and ("{account}" not in template or is_account_id(named.account)):
            arn = template.format(
                partition=partition, region=named.region, account=named.account, id=named.short
            )
            if not is_good_arn(arn):
                return ""
            self._add_minimal(arn, node_type, named)
            return arn
        if not _UNIQUE.match(named.short):
            return ""  # a bare name could be anyone's
        self._add_minimal(named.short, node_type, named)
        return named.short

    def _add_minimal(self, node_id: str, node_type: NodeType | None, named: Reference) -> None:
        if node_id in self._minimal:
            return
        label, category = _label_beside_types(node_id)
        short = short_id_of(node_id)
        if node_type is not None:
            label, category = node_type.label, node_type.category
            short = named.short or short
        region = region_of_arn(node_id) or named.region
        if node_type is not None and node_type.region is not None:
            region = named.short  # a region's own; a bucket's ARN does not tell
        props: dict[str, Value] = {
            "name": short,
            "resource_type": node_type.resource_type if node_type else f"Mapper::{label}",
            "account_id": account_of_arn(node_id) or named.account or None,
            "region": region or ("global" if _is_global(node_id) else None),
            "resource_id": short,
            "tags": [],
            "collected": False,
            "category": category,
        }
        if node_id.startswith("arn:"):
            props["arn"] = node_id
        extra = () if node_type is None else fixed_labels(node_type)
        self._minimal[node_id] = Node(node_id, (label, *extra), props)


def _label_beside_types(node_id: str) -> tuple[str, str]:
    """Label and category of what no declared type describes."""
    if _STS.match(node_id):
        return "PrincipalSession", "identity"
    if _ROOT.match(node_id):
        return "RootUser", "identity"
    return "OtherResource", "other"


def fixed_labels(node_type: NodeType) -> tuple[str, ...]:
    """The further labels that every node of the type carries."""
    return tuple(extra.label for extra in node_type.extra_labels if not extra.property)


def _is_global(node_id: str) -> bool:
    """Whether an ARN is of a service without regions."""
    return node_id.split(":", 3)[2:3] in (["iam"], ["sts"], ["organizations"])
