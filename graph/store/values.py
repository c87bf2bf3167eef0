"""Engine values as plain Python, the same from both engines."""

from __future__ import annotations

from collections.abc import Mapping

import neo4j.graph
import neo4j.time

_NODE = frozenset({"id", "labels", "properties"})
_RELATIONSHIP = frozenset({"id", "start", "end", "type", "properties"})
_PATH = frozenset({"nodes", "relationships"})
# KGLite answers these for every entity; admission keeps them out of what is stored.
_INVENTED = frozenset({"title", "type"})


def from_kglite(value: object) -> object:
    """A KGLite value: entities arrive as dictionaries of a fixed shape."""
    if isinstance(value, dict):
        keys = value.keys()
        if keys in (_NODE, _RELATIONSHIP) and isinstance(value["properties"], dict):
            properties = value["properties"].items()
            return {k: from_kglite(v) for k, v in properties if k not in _INVENTED}
        if keys == _PATH:
            return {name: from_kglite(part) for name, part in value.items()}
        return {name: from_kglite(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [from_kglite(part) for part in value]
    return value


def from_neo4j(value: object) -> object:
    """A driver value."""
    if isinstance(value, (neo4j.graph.Node, neo4j.graph.Relationship)):
        return {name: from_neo4j(part) for name, part in value.items()}
    if isinstance(value, neo4j.graph.Path):
        return {
            "nodes": [from_neo4j(node) for node in value.nodes],
            "relationships": [from_neo4j(item) for item in value.relationships],
        }
    if isinstance(value, neo4j.time.Duration):
        duration: dict[str, object] = {
            "months": value.months,
            "days": value.days,
            "seconds": value.seconds,
        }
        return duration | ({"nanoseconds": value.nanoseconds} if value.nanoseconds else {})
    if isinstance(value, (neo4j.time.DateTime, neo4j.time.Date, neo4j.time.Time)):
        return value.to_native()
    if isinstance(value, Mapping):
        return {str(name): from_neo4j(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [from_neo4j(part) for part in value]
    return value
