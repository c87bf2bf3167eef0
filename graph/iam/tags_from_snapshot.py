"""Tags of resources, as far as a snapshot holds them: a condition may ask for them."""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Snapshot
from collector.snapshot.reader import Item
from graph.schema.convert import tags as as_tags
from graph.schema.declare import NodeType
from graph.schema.path import ShapeError, look
from graph.schema.registry import REGISTRY

Tags = tuple[tuple[str, str], ...]
_CATEGORIES = frozenset({"data", "secrets", "compute"})
_DEFAULT = str(NodeType.__dataclass_fields__["tags"].default)


def resource_tags(snapshot: Snapshot) -> dict[str, Tags]:
    """Tags by ARN. A resource whose tags were not read is missing: it may have any.

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    return dict(
        found
        for node_type in REGISTRY.node_types
        if node_type.category in _CATEGORIES
        for line in snapshot.items(node_type.snapshot_type)
        for found in _tags(node_type, line)
    )


def _tags(node_type: NodeType, line: Item) -> Iterator[tuple[str, Tags]]:
    try:
        found = look(node_type.tags, line)
        listed = as_tags(found.values) if found.values else []
    except ShapeError:
        return
    told = node_type.tags != _DEFAULT or line.type.startswith("ec2:")
    if isinstance(listed, list) and (listed or (found.known and told)):
        pairs = (str(row).partition("=") for row in listed)
        yield line.id, tuple((key, value) for key, _, value in pairs)
