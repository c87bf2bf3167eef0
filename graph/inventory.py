"""From a snapshot to nodes and configuration relationships, by the declarations alone.

Linear in the snapshot: every line is read once; references are resolved when all nodes are known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from collector.snapshot import Item, Snapshot
from graph.records import Node, Relationship, Value
from graph.schema.convert import Converter, text
from graph.schema.convert import tags as as_tags
from graph.schema.declare import Edge, Link, NodeType, Property, Setting
from graph.schema.links import partition_of
from graph.schema.path import ShapeError, look
from graph.schema.registry import (
    REGISTRY,
    Registry,
    account_of_arn,
    is_account_id,
    region_of_arn,
    short_id_of,
)
from graph.schema.resolve import Place, Resolver


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A line that is not of the declared shape; what else it says was read all the same.

    Attributes:
        file: path inside the snapshot.
        id: the line's id.
        what: one sentence without values that AWS gave.
    """

    file: str
    id: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}#{self.id}: {self.what}"


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a snapshot holds, as records.

    Attributes:
        nodes: by id; one per resource, however many accounts see it.
        relationships: by type, start, end and key.
        problems: by file and id.
    """

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]
    problems: tuple[Problem, ...]


def inventory(snapshot: Snapshot, registry: Registry = REGISTRY) -> Inventory:
    """Turn a snapshot, seen through its overlay, into nodes and configuration relationships.

    A resource that several accounts see is one node: its owner's view wins, the others fill what
    it leaves null. What only a relationship names becomes a minimal node with ``collected`` false.

    Raises:
        collector.snapshot.SnapshotError: a file of the snapshot cannot be read.
    """
    reading = _Reading(registry)
    for declaration in registry.declarations:
        if isinstance(declaration, NodeType):
            for line in snapshot.items(declaration.snapshot_type):
                reading.read_node(declaration, line)
    reading.index()
    for setting in registry.settings:
        for line in snapshot.items(setting.snapshot_type):
            reading.read_setting(setting, line)
    return reading.finish()


@dataclass(slots=True)
class _View:
    """What one line says of a node; views are merged in the order of ``rank``."""

    rank: tuple[int, int, str, str]
    label: str
    props: dict[str, Value]
    proves: bool


@dataclass(slots=True)
class _Pending:
    """A relationship whose ends are still references."""

    rank: tuple[int, int, str, str]
    type: str
    edge: Edge
    own: Place
    partition: str


class _Reading:
    """The state of one reading."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._resolver = Resolver(registry)
        self._views: dict[str, list[_View]] = {}
        self._pending: list[_Pending] = []
        self._problems: set[Problem] = set()

    def read_node(self, node_type: NodeType, line: Item) -> None:
        """Take in a line of a type of nodes."""
        try:
            node_id = node_type.node_id(line)
        except ShapeError as problem:
            self._problem(line, problem)
            return
        if node_id is None:
            return
        if not node_id:
            self._problem(line, "the line does not say which resource it is")
            return
        props = self._common(node_type, line, node_id)
        props |= self._properties(node_type.properties, line)
        owner = props["account_id"]
        rank = (0 if owner == line.account_id else 1, 0, line.file, line.id)
        self._views.setdefault(node_id, []).append(_View(rank, node_type.label, props, True))
        where = Place(str(owner or ""), str(props["region"]), node_id)
        self._links(node_type.links, line, rank, where)

    def index(self) -> None:
        """Make every node known to the resolver; call between nodes and settings."""
        for node_id, views in self._views.items():
            first = min(views, key=lambda view: view.rank)
            self._resolver.add(
                first.label,
                str(first.props["resource_id"]),
                Place(
                    str(first.props["account_id"] or ""), str(first.props["region"] or ""), node_id
                ),
            )

    def read_setting(self, setting: Setting, line: Item) -> None:
        """Take in a line that describes a node of another type."""
        try:
            rows = list(setting.rows(line))
        except ShapeError as problem:
            self._problem(line, problem)
            return
        for row in rows:
            try:
                described = setting.describes(row)
            except ShapeError as problem:
                self._problem(line, problem)
                continue
            if described is None:
                continue
            region = region_of_arn(line.id) or line.region
            here = Place(line.account_id, region, "")
            node_id = self._resolver.resolve(described, here, partition_of(line))
            if not node_id and described.must_exist:
                continue
            if not node_id:
                self._problem(line, f"it describes no {setting.label} that can be named")
                continue
            rank = (2, setting.order, line.file, line.id)
            props = self._properties(setting.properties, row)
            self._views.setdefault(node_id, []).append(
                _View(rank, setting.label, props, setting.proves)
            )
            self._links(setting.links, row, rank, Place(line.account_id, region, node_id))

    def finish(self) -> Inventory:
        """Resolve the relationships and merge the views."""
        relationships = self._relationships()
        nodes = {node.id: node for node in self._resolver.minimal_nodes()}
        for node_id, views in self._views.items():
            nodes[node_id] = self._merged(node_id, views, nodes.get(node_id))
        nodes = {node_id: self._placed(nodes[node_id]) for node_id in sorted(nodes)}
        return Inventory(tuple(nodes.values()), relationships, tuple(sorted(self._problems)))

    def _common(self, node_type: NodeType, line: Item, node_id: str) -> dict[str, Value]:
        owner = self._text(node_type.owner, line)
        if owner is None or not is_account_id(owner):
            is_arn = node_id.startswith("arn:") and node_id.split(":", 5)[4:5] != [""]
            owner = account_of_arn(node_id) if is_arn else line.account_id
        region = region_of_arn(node_id) or line.region
        if node_type.region is not None:
            region = str(self._property(node_type.region, line) or region)
        tags = self._value(node_type.tags, line, as_tags)
        tags = tags if isinstance(tags, list) else None
        resource_id = self._text(node_type.resource_id, line) or short_id_of(node_id)
        resource_id = resource_id.removeprefix("account:")
        name = self._text(node_type.name, line)
        if name is None and tags and not node_type.name:
            name = next((tag[5:] for tag in tags if tag.startswith("Name=")), None)
        props: dict[str, Value] = {
            "name": name or None,
            "resource_type": node_type.resource_type,
            "account_id": owner,
            "region": region,
            "tags": tags,
            "resource_id": resource_id,
            "category": node_type.category,
        }
        if node_id.startswith("arn:"):
            props["arn"] = node_id
        return props

    def _properties(self, properties: Iterable[Property], line: Item) -> dict[str, Value]:
        return {prop.name: self._property(prop, line) for prop in properties}

    def _property(self, prop: Property, line: Item) -> Value:
        try:
            return prop.read(line)
        except ShapeError as problem:
            self._problem(line, f"{prop.name}: {problem}")
            return None

    def _text(self, path: str, line: Item) -> str | None:
        found = self._value(path, line, text) if path else None
        return found if isinstance(found, str) else None

    def _value(self, path: str, line: Item, convert: Converter) -> Value:
        try:
            found = look(path, line).values
            return convert(found) if found else None
        except ShapeError as problem:
            self._problem(line, problem)
            return None

    def _links(
        self, links: Iterable[Link], line: Item, rank: tuple[int, int, str, str], own: Place
    ) -> None:
        for link in links:
            partition = partition_of(line)
            try:
                for edge in link.find(line):
                    self._pending.append(_Pending(rank, link.type, edge, own, partition))
            except ShapeError as problem:
                self._problem(line, f"{link.type}: {problem}")

    def _relationships(self) -> tuple[Relationship, ...]:
        found: dict[str, tuple[tuple[int, int, str, str], Relationship]] = {}
        for pending in self._pending:
            for relationship in self._resolved(pending):
                known = found.get(relationship.key)
                if known is None or pending.rank < known[0]:
                    found[relationship.key] = (pending.rank, relationship)
        relationships = (relationship for _, relationship in found.values())
        return tuple(sorted(relationships, key=lambda r: (r.type, r.start, r.end, r.key)))

    def _resolved(self, pending: _Pending) -> Iterator[Relationship]:
        edge, own, partition = pending.edge, pending.own, pending.partition
        start = own.id
        if edge.start is not None:
            start = self._resolver.resolve(edge.start, own, partition)
        end = self._resolver.resolve(edge.end, own, partition)
        if start and end:
            yield Relationship(
                pending.type,
                start,
                end,
                key_of(pending.type, start, end, edge.discriminator),
                dict(edge.props),
            )

    def _merged(self, node_id: str, views: list[_View], minimal: Node | None) -> Node:
        views.sort(key=lambda view: view.rank)
        own = [view for view in views if view.rank[0] < 2]
        props: dict[str, Value] = {} if own or minimal is None else dict(minimal.props)
        if not own:
            props.pop("name", None)  # a setting knows the name better than the id does
        for view in views:
            for name, value in view.props.items():
                known = props.get(name)
                if known is None:
                    props[name] = value
                elif view.rank[0] == 2 and isinstance(known, list) and isinstance(value, list):
                    props[name] = sorted({*known, *value})
        label = own[0].label if own else (minimal.labels[0] if minimal else views[0].label)
        props["collected"] = any(view.proves for view in views)
        props["tags"] = props.get("tags") or []
        props["name"] = props.get("name") or props.get("resource_id") or short_id_of(node_id)
        extra = () if minimal is None or own else minimal.labels[1:]
        return Node(node_id, (label, *(extra or self._extra_labels(label, props))), props)

    def _extra_labels(self, label: str, props: dict[str, Value]) -> tuple[str, ...]:
        node_type = self._registry.by_label.get(label)
        return tuple(
            extra.label
            for extra in (node_type.extra_labels if node_type else ())
            if not extra.property or props.get(extra.property) == extra.value
        )

    def _placed(self, node: Node) -> Node:
        """An account that the organisation lists is no outside account."""
        described = node.id in self._views
        if node.id.startswith("account:") and described:
            return replace(node, labels=("AWSAccount",))
        return node

    def _problem(self, line: Item, what: object) -> None:
        self._problems.add(Problem(line.file, line.id, str(what)))


def key_of(relationship_type: str, start: str, end: str, discriminator: str = "") -> str:
    """The stable key of a configuration relationship: 16 hexadecimal digits."""
    spelled = "\0".join((relationship_type, start, end, discriminator))
    return hashlib.sha256(spelled.encode("utf-8", "surrogatepass")).hexdigest()[:16]
