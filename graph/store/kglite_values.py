"""KGLite's values as plain Python, as those of Neo4j (``neo4j_values``) come out."""

from __future__ import annotations

_NODE = frozenset({"id", "labels", "properties"})
_RELATIONSHIP = frozenset({"id", "start", "end", "type", "properties"})
# KGLite answers these for every entity; admission keeps them out of what is stored.
_INVENTED = frozenset({"title", "type"})


def from_kglite(value: object) -> object:
    """A KGLite value: entities arrive as dictionaries of a fixed shape."""
    if isinstance(value, dict):
        keys = value.keys()
        if keys in (_NODE, _RELATIONSHIP) and isinstance(value["properties"], dict):
            properties = value["properties"].items()
            return {k: from_kglite(v) for k, v in properties if k not in _INVENTED}
        return {name: from_kglite(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [from_kglite(part) for part in value]
    return value
