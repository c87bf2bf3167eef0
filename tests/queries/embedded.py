"""A real embedded engine loaded with plain records, for the tests of the query library."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import kglite

from graph.records import Node, Relationship


class Embedded:
    """KGLite behind the interface that the runner asks for."""

    def __init__(self, nodes: Iterable[Node], relationships: Iterable[Relationship]) -> None:
        kglite.set_query_warning_policy("silent")
        self.graph = kglite.KnowledgeGraph()
        by_labels: dict[tuple[str, ...], list[Node]] = defaultdict(list)
        for node in nodes:
            by_labels[node.labels].append(node)
        for labels, members in by_labels.items():
            rows = [{"id": node.id, "props": node.props} for node in members]
            self.graph.cypher(
                "UNWIND $rows AS row MERGE (n:Resource {id: row.id}) "
                f"SET n:{':'.join(labels)} SET n += row.props",
                params={"rows": rows},
            )
        by_type: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for rel in relationships:
            by_type[rel.type].append(
                {"a": rel.start, "b": rel.end, "key": rel.key, "props": rel.props}
            )
        for kind, rels in by_type.items():
            self.graph.cypher(
                "UNWIND $rows AS row MATCH (a:Resource {id: row.a}) "
                "MATCH (b:Resource {id: row.b}) "
                f"MERGE (a)-[r:{kind} {{key: row.key}}]->(b) SET r += row.props",
                params={"rows": rels},
            )

    def run(
        self,
        query: str,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        read_only: bool = True,
    ) -> list[dict[str, Any]]:
        return list(self.graph.cypher(query, params=dict(params or {})).to_list())
