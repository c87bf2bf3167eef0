"""The driver's values as plain Python, as those of KGLite (``kglite_values``) come out."""

from __future__ import annotations

from collections.abc import Mapping

import neo4j.graph
import neo4j.time


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
