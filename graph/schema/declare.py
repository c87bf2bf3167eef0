"""The vocabulary of the declarations: what a node, a property and a relationship are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from collector.snapshot import Item
from graph.records import Value
from graph.schema import path
from graph.schema.convert import Converter, text

CATEGORIES = (
    "account",
    "admin",
    "compute",
    "data",
    "identity",
    "network",
    "policy",
    "secrets",
)

_LABEL = re.compile(r"[A-Z][A-Za-z0-9]*\Z")
_TYPE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\Z")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a node.

    Attributes:
        name: ``snake_case``.
        path: where it stands (see :mod:`graph.schema.path`).
        description: one line for the reader of the schema.
        convert: from the values found to the property.
        absent: the value where AWS answered and nothing stands there; a call that was denied or
            not made gives null all the same.
    """

    name: str
    path: str
    description: str
    convert: Converter = text
    absent: Value = None

    def __post_init__(self) -> None:
        _named(_NAME, self.name)
        _described(self.name, self.description)
        path.check(self.path)

    def read(self, line: Item) -> Value:
        """The property on a line; null where it is not known.

        Raises:
            graph.schema.path.ShapeError: AWS's shape is not the declared one.
        """
        found = path.look(self.path, line)
        if found.values:
            return self.convert(found.values)
        return self.absent if found.known else None


@dataclass(frozen=True, slots=True)
class Reference:
    """What a relationship points at, before it is known whether it was collected.

    Attributes:
        id: a whole node id (an ARN, ``account:...``, ``service:...``), or empty.
        label: the label of the target, needed where it does not follow from the id.
        short: AWS's short id or name, e.g. ``vpc-0abc``; resolved among the collected nodes.
        region: where ``short`` is looked for; empty: the region of the line's own node.
        account: who owns it, if the line says so; for names, the line's own account if empty.
        must_exist: no relationship unless the target was collected (it may long be deleted).
    """

    id: str = ""
    label: str = ""
    short: str = ""
    region: str = ""
    account: str = ""
    must_exist: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """One relationship that a line states.

    Attributes:
        end: what it points at.
        start: where it begins; ``None``: the line's own node.
        discriminator: tells it from others of its type between the same nodes, e.g. a route's
            destination; part of the relationship's key.
        props: the relationship's properties.
    """

    end: Reference
    start: Reference | None = None
    discriminator: str = ""
    props: Mapping[str, Value] = field(default_factory=dict)


Finder: TypeAlias = Callable[[Item], Iterable[Edge]]


@dataclass(frozen=True, slots=True)
class Link:
    """A type of configuration relationship. Never walked by attack paths.

    Attributes:
        type: ``UPPER_SNAKE``.
        to: labels that it can point at.
        description: one line, read with the direction: start, type, end.
        find: the edges that a line states; may raise ``ShapeError``.
        start: label of its start where that is not the declaring type.
        properties: name and description of each of its properties.
    """

    type: str
    to: tuple[str, ...]
    description: str
    find: Finder
    start: str = ""
    properties: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        _named(_TYPE, self.type)
        _described(self.type, self.description)
        for label in self.to:
            _named(_LABEL, label)
        for name, description in self.properties:
            _named(_NAME, name)
            _described(name, description)


@dataclass(frozen=True, slots=True)
class ExtraLabel:
    """A further label that a type's nodes can carry.

    Attributes:
        label: the label.
        description: one line.
        property: the property that decides; empty: every node has the label.
        value: the value it must have.
    """

    label: str
    description: str
    property: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        _named(_LABEL, self.label)
        _described(self.label, self.description)


def line_id(line: Item) -> str:
    """The usual node id: the line's own."""
    return line.id


@dataclass(frozen=True, slots=True)
class NodeType:
    """A type of node: one snapshot type, one label.

    Attributes:
        snapshot_type: e.g. ``ec2:vpc``.
        label: its own label, e.g. ``VPC``.
        resource_type: CloudFormation's type name; see ``cloudformation``.
        category: one of :data:`CATEGORIES`, for maps and summaries.
        description: one line.
        arn: its ARN with ``{partition}``, ``{region}``, ``{account}``, ``{id}``; tells the label of
            an ARN that was not collected and builds an ARN where all parts are known.
        id_prefix: e.g. ``vpc-`` where short ids are unique in all of AWS.
        name: path of the name; empty: the tag ``Name``, else the short id.
        resource_id: path of the short id or plain name; empty: the last part of the ARN.
        owner: path of the owning account; empty: the ARN's account, else the collecting account.
        region: property that gives the region where it is not the line's.
        tags: path of the tags.
        properties: what an analyst would want to know.
        links: the relationships.
        extra_labels: further labels.
        node_id: the node's id, ``None`` if the line is about no resource; by default the line's.
        cloudformation: false where CloudFormation has no such type and the name is AWS's elsewhere.
    """

    snapshot_type: str
    label: str
    resource_type: str
    category: str
    description: str
    arn: str = ""
    id_prefix: str = ""
    name: str = ""
    resource_id: str = ""
    owner: str = ""
    region: Property | None = None
    tags: str = "Tags"
    properties: tuple[Property, ...] = ()
    links: tuple[Link, ...] = ()
    extra_labels: tuple[ExtraLabel, ...] = ()
    node_id: Callable[[Item], str | None] = line_id
    cloudformation: bool = True

    def __post_init__(self) -> None:
        _named(_LABEL, self.label)
        _described(self.label, self.description)
        if self.category not in CATEGORIES:
            raise ValueError(f"{self.label}: {self.category!r} is not a category")
        if not re.fullmatch(r"AWS(::[A-Za-z0-9]+){1,2}", self.resource_type):
            raise ValueError(f"{self.label}: {self.resource_type!r} is not a type name")
        for text_path in (self.name, self.resource_id, self.owner, self.tags):
            path.check(text_path)
        _distinct(self.label, self.properties)


def same_line(line: Item) -> Iterable[Item]:
    """The usual rows of a setting: the line itself."""
    return (line,)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a line says about a node of another type: an account's, a region's, a key's alias.

    Attributes:
        snapshot_type: e.g. ``s3:account-bpa``.
        label: the label of the node that it describes.
        describes: which node (``None``: nothing to say).
        description: one line.
        properties: what it adds; a value that the node's own line gives wins, lists are joined.
        links: relationships from that node.
        rows: the items a line stands for, where it holds several.
        proves: whether a node exists that only such a line names (then it counts as collected).
        order: of several settings that give one property the lowest wins.
    """

    snapshot_type: str
    label: str
    describes: Callable[[Item], Reference | None]
    description: str
    properties: tuple[Property, ...] = ()
    links: tuple[Link, ...] = ()
    rows: Callable[[Item], Iterable[Item]] = same_line
    proves: bool = False
    order: int = 0

    def __post_init__(self) -> None:
        _named(_LABEL, self.label)
        _described(self.snapshot_type, self.description)
        _distinct(self.snapshot_type, self.properties)


Declaration: TypeAlias = NodeType | Setting


def _named(pattern: re.Pattern[str], name: str) -> None:
    if not pattern.match(name):
        raise ValueError(f"{name!r} is not a good name")


def _described(name: str, description: str) -> None:
    if not description.strip() or "\n" in description or "|" in description:
        raise ValueError(f"{name} needs a description of one line, without a bar")


def _distinct(owner: str, properties: Iterable[Property]) -> None:
    names = [prop.name for prop in properties]
    if len(names) != len(set(names)):
        raise ValueError(f"{owner} declares a property twice")
