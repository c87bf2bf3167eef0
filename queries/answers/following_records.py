"""Records of what a closure may follow: marks on walked steps, states, steps to and from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from graph.records import Node, Relationship, Value
from graph.verdict import Verdict
from queries.answers.attack import AttackGraph, Link, Spot
from queries.answers.attack_records import WALKED, attack_graph_of
from queries.answers.following import (
    MOST_SESSIONS,
    SHARED_FROM,
    Following,
    Lead,
    State,
    following,
    is_lateral,
)
from queries.answers.path_records import MOST_PATHS, path_records

STATE, LEADS_TO = "AttackState", "LEADS_TO"
_TOLD = 3
_KINDS = {
    "common": ("in common", "What several states of it lead to."),
    "internet": ("for anybody", "Without what one repository or application of it alone may do."),
}


@dataclass(frozen=True, slots=True)
class AttackRecords:
    """A derivation's records with all that a browser needs to follow attacks.

    Attributes:
        nodes, relationships: those given, marked, with states and paths.
        notes: what is not stored as it should be.
    """

    nodes: list[Node]
    relationships: list[Relationship]
    notes: tuple[str, ...] = ()


def attack_records(
    nodes: Iterable[Node],
    relationships: Iterable[Relationship],
    *,
    most_sessions: int = MOST_SESSIONS,
    shared_from: int = SHARED_FROM,
    most_paths: int = MOST_PATHS,
) -> AttackRecords:
    """What a load needs so that a closure is ``mapper blast`` and a node is a row of ``paths``.

    Args:
        nodes, relationships: of a derivation.
        most_sessions, shared_from: see :func:`queries.answers.following.following`.
        most_paths: see :func:`queries.answers.path_records.path_records`.
    """
    known, steps = list(nodes), list(relationships)
    graph = attack_graph_of(known, steps)
    found = following(graph, most_sessions, shared_from)
    paths = path_records(graph, most_paths)
    notes = []
    if found.merged_sessions:
        notes.append(
            "Too many sessions differ in source identity or tags: the stored blast radius follows "
            "steps that no one session can take together. mapper blast does not."
        )
    if not paths.complete:
        notes.append(
            f"{len(paths.nodes)} attack paths from the internet to admin are stored as nodes, "
            "there are more: mapper paths lists all."
        )
    return AttackRecords(
        [*shown_sources(graph, found, known), *state_nodes(graph, found), *paths.nodes],
        [
            *marked(graph, found, steps),
            *lead_relationships(graph, found),
            *paths.relationships,
        ],
        tuple(notes),
    )


def marked(
    graph: AttackGraph, found: Following, relationships: Iterable[Relationship]
) -> Iterator[Relationship]:
    """The relationships, walked ones with ``follows`` and ``lateral``.

    Args:
        graph: of these relationships, with their keys.
        found: what a closure over them may follow.
        relationships: of a derivation.
    """
    stops = {
        (link.type, link.hop.start.id, link.hop.end.id, link.key)
        for link in graph.every_link()
        if id(link) in found.stops
    }
    for one in relationships:
        if one.type not in WALKED:
            yield one
            continue
        lateral = one.type == "CAN_REACH" and not graph.things[one.start].is_source
        follows = (one.type, one.start, one.end, one.key) not in stops
        yield replace(one, props=one.props | {"follows": follows, "lateral": lateral})


def shown_sources(graph: AttackGraph, found: Following, nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes, those that ``internet`` stands for as a start with ``shown`` and ``starts_as``."""
    narrowed = {state.of: state.id for state in found.states if state.kind == "internet"}
    shown = {source: narrowed.get(source, source) for source in graph.public_sources()}
    for node in nodes:
        start = shown.get(node.id)
        more: dict[str, Value] = {"shown": True, "starts_as": start} if start else {}
        yield replace(node, props=node.props | more) if more else node


def state_nodes(graph: AttackGraph, found: Following) -> Iterator[Node]:
    """A node for each state."""
    for state in found.states:
        words, why = words_of(graph, state)
        props: dict[str, Value] = {
            "name": f"{_name(graph, state.of)} ({words})",
            "resource_type": f"Mapper::{STATE}",
            "account_id": None,
            "region": None,
            "tags": [],
            "category": "other",
            "of": state.of,
            "state": words,
            "why": why,
        }
        yield Node(state.id, (STATE,), props)


def lead_relationships(graph: AttackGraph, found: Following) -> Iterator[Relationship]:
    """A relationship for each step to or from a state."""
    for lead in found.leads:
        yield Relationship(LEADS_TO, lead.start, lead.end, _key(lead.link), _props(graph, lead))


def _key(link: Link | None) -> str:
    return f"{link.type}|{link.key}" if link else "in common"


def _props(graph: AttackGraph, lead: Lead) -> dict[str, Value]:
    link = lead.link
    verdict = link.hop.answer.verdict if link else Verdict.YES
    return {
        "verdict": str(verdict),
        "definite": verdict is Verdict.YES,
        "possible": verdict.rank >= Verdict.CONDITIONAL.rank,
        "follows": True,
        "lateral": link is not None and is_lateral(graph, link),
        "step": link.type if link else "in common",
        "why": link.hop.answer.why if link else "What several states of it lead to.",
    }


def words_of(graph: AttackGraph, state: State) -> tuple[str, str]:
    """A state in a few words, and in a sentence."""
    if state.kind:
        return _KINDS[state.kind]
    told = [_words(graph, spot) for spot in state.spots[:_TOLD]]
    more = f" (and {len(state.spots) - _TOLD} more alike)" if len(state.spots) > _TOLD else ""
    return f"{told[0][0]}{more}", " Or: ".join(dict.fromkeys(why for _, why in told)) + more


def _words(graph: AttackGraph, spot: Spot) -> tuple[str, str]:
    parts = list(_parts(graph, spot))
    return ", ".join(short for short, _ in parts), " ".join(why for _, why in parts)


def _parts(graph: AttackGraph, spot: Spot) -> Iterator[tuple[str, str]]:
    origin, family = spot.net
    if origin == "data":
        yield "data", "Its data or API may be used; it is not controlled."
    elif origin:
        where = "inside" if origin == "inside" else _name(graph, origin)
        text = f"from {where}" + (f" over {family}" if family else "")
        yield text, f"Reached {text}: it leads on for packets from there."
    if spot.touched:
        yield "reached", "Who reaches it does not reach what acts with its role."
    if spot.limits:
        kept = ", ".join(_name(graph, one) for one in spot.limits[:_TOLD])
        kept += f" and {len(spot.limits) - _TOLD} more" if len(spot.limits) > _TOLD else ""
        yield f"without {kept}", f"Who is admin of it has all but what a Deny keeps out: {kept}."
    if spot.session:
        asked = sorted(
            f"{name.removeprefix('tag:')}={'|'.join(sorted(values))}"
            for name, values in spot.session
        )
        text = ", ".join(asked)
        yield f"session {text}", f"The session carries {text} for good."
    if not (origin or spot.touched or spot.limits or spot.session):
        yield "control", "It is controlled."


def _name(graph: AttackGraph, node: str) -> str:
    thing = graph.things.get(node)
    return (thing.end.name if thing else None) or node
