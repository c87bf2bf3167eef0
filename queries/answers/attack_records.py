"""The graph that attack paths are walked on, straight from a derivation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graph.records import Node, Relationship
from queries.answers.attack import AttackGraph

WALKED = frozenset(
    {
        "CAN_REACH",
        "TARGETS",
        "IN_GROUP",
        "HAS_ROLE",
        "CAN_ASSUME",
        "CAN_ESCALATE_TO",
        "CAN_EXECUTE_ON",
        "CAN_ACCESS",
        "HAS_ADMIN",
        "CONTROLS",
    }
)
"""The relationships of ``attack-steps``."""
_LISTS = ("ports", "actions", "via", "conditions", "guards", "assumes", "evidence", "session",
          "techniques", "limits")  # fmt: skip
_PLAIN = ("mechanism", "technique", "source", "family", "level", "reached", "verdict", "why")


def attack_graph_of(nodes: Iterable[Node], relationships: Iterable[Relationship]) -> AttackGraph:
    """What ``attack-nodes`` and ``attack-steps`` would give once these were loaded.

    Args:
        nodes, relationships: of a derivation.
    """
    steps = [one for one in relationships if one.type in WALKED]
    ends = {end for one in steps for end in (one.start, one.end)}
    return AttackGraph((_node(node) for node in nodes if node.id in ends), _steps(steps))


def _steps(steps: Iterable[Relationship]) -> Iterator[dict[str, Any]]:
    for one in steps:
        row: dict[str, Any] = {name: one.props.get(name) for name in _PLAIN}
        row |= {name: one.props.get(name) or [] for name in _LISTS}
        yield {**row, "from_id": one.start, "to_id": one.end, "relationship": one.type,
               "key": one.key}  # fmt: skip


def _node(node: Node) -> dict[str, Any]:
    told = node.props
    return {
        "id": node.id,
        "name": told.get("name"),
        "resource_type": told.get("resource_type"),
        "account_id": told.get("account_id"),
        "region": told.get("region"),
        "labels": ("Resource", *node.labels),
        "category": told.get("category"),
        "tags": told.get("tags") or [],
        "last_used": told.get("last_used_date"),
        "http_tokens": told.get("http_tokens"),
        "http_endpoint": told.get("http_endpoint"),
        "hop_limit": told.get("http_put_response_hop_limit"),
    }
