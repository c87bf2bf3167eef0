"""Records of attack paths: what ``mapper paths`` gives unasked, as nodes for a browser to draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from graph.records import Node, Relationship, Value
from graph.verdict import Verdict
from queries.answers.attack import LEVELS, AttackGraph, Tree
from queries.answers.parties import Parties
from queries.answers.paths import admin_goals, path_rows
from queries.answers.row import Row
from queries.answers.ways import Goal

PATH, STARTS_AT, PASSES, ENDS_AT = "AttackPath", "STARTS_AT", "PASSES", "ENDS_AT"
MOST_PATHS = 1000
"""Paths that are stored; those to the goals that are reached soonest go first."""
_AT_FIRST = 20


@dataclass(frozen=True, slots=True)
class StoredPaths:
    """Paths from the internet to admin as records.

    Attributes:
        nodes: a node for each path.
        relationships: where each starts, what it passes, where it ends.
        complete: whether these are all paths.
    """

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]
    complete: bool


def path_records(graph: AttackGraph, most: int = MOST_PATHS) -> StoredPaths:
    """The paths from the internet to admin of any account.

    Nothing that ``mapper.toml`` decides is among their properties: severities and names of one's
    own are told when answering.

    Args:
        graph: the steps.
        most: paths that are kept.
    """
    starts = graph.public_sources()
    graph = graph.from_internet()
    rows: list[Row] = []
    goals = _soonest(graph, starts)
    # Each turn walks the graph again: few at first, where they may be enough, then ever more.
    at_once = _AT_FIRST
    while len(rows) <= most and (some := tuple(islice(goals, at_once))):
        rows += path_rows(graph, starts, some, Parties())
        at_once *= 2
    complete = len(rows) <= most and next(goals, None) is None
    nodes: list[Node] = []
    relationships: list[Relationship] = []
    for row in islice(rows, most):
        nodes.append(_node(graph, row, complete))
        relationships += _joined(row)
    return StoredPaths(tuple(nodes), tuple(relationships), complete)


def _soonest(graph: AttackGraph, starts: list[str]) -> Iterator[Goal]:
    """The accounts that somebody has, those first that the surest and shortest ways lead to."""
    goals = {goal.node: goal for goal in admin_goals(graph)}
    for level in LEVELS if goals else ():
        tree = Tree(graph, starts, level)
        for node in tree.nodes:
            if node in goals:
                yield goals.pop(node)
        if not goals or not tree.weaker:
            return


def _node(graph: AttackGraph, row: Row, complete: bool) -> Node:
    start, end = (graph.things[row.own[name]].end for name in ("from", "to"))
    steps = row.own["steps"]
    count = "1 step" if steps == 1 else f"{steps} steps"
    verdict = row.verdict
    props: dict[str, Value] = {
        "name": f"{start.name or start.id} to {end.name or end.id} in {count}",
        "resource_type": f"Mapper::{PATH}",
        "account_id": None,
        "region": None,
        "tags": [],
        "category": "other",
        "verdict": str(verdict),
        "definite": verdict is Verdict.YES,
        "possible": verdict.rank >= Verdict.CONDITIONAL.rank,
        "why": row.answer.why,
        "conditions": list(row.answer.conditions),
        "guards": list(row.answer.guards),
        "assumes": list(row.answer.assumes),
        "evidence": list(row.answer.evidence),
        "from_id": start.id,
        "to_id": end.id,
        "steps": steps,
        "lateral": row.own["lateral"],
        "techniques": row.own["techniques"],
        "complete": complete,
    }
    return Node(row.key, (PATH,), props)


def _joined(row: Row) -> Iterator[Relationship]:
    """The path with its start, each node that it passes, and its end."""
    # A verdict marks them as derived: they go with the load that wrote them.
    yield Relationship(STARTS_AT, row.key, row.own["from"], "0", {"verdict": str(row.verdict)})
    hops = row.own["hops"]
    for number, hop in enumerate(hops, 1):
        kind = ENDS_AT if number == len(hops) else PASSES
        props: dict[str, Value] = {
            "step": number,
            "by": hop["type"],
            "technique": hop["technique"],
            "verdict": hop["verdict"],
            "why": hop["why"],
        }
        yield Relationship(kind, row.key, hop["id"], str(number), props)
