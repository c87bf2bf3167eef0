"""A subject with its proof, and what is said of any node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mapper.output.names import kind_words, short_name
from queries.answers.near import names_on

if TYPE_CHECKING:
    from graph.derive import Derivation
    from graph.evidence import Ref
    from graph.judgement import Judgement
    from queries.answers.row import Row

_CALLED = 3


@dataclass(frozen=True, slots=True)
class Explanation:
    """A subject and its proof.

    Attributes:
        title: what was asked.
        row: the row, where the subject is one.
        judgements: the questions that were judged on it, ``no`` included.
        facts: sentences of configuration steps that are not judged (a machine's role).
        about: what the subject is, and by which host names it is called; one line each.
        statements: by their place, the statements of policies that its steps cite, as JSON.
        accepted_until: of a row that is accepted until a day, ``" until 2027-01-31"``.
    """

    title: str
    row: Row | None
    judgements: tuple[Judgement, ...]
    facts: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    statements: Mapping[Ref, str] = field(default_factory=dict)
    accepted_until: str = ""


def about(derivation: Derivation, node_id: str, called: Sequence[str] = ()) -> tuple[str, ...]:
    """A node's name and id, then host names: its own, if no others are given."""
    node = next((one for one in derivation.nodes if one.id == node_id), None)
    if node is None:
        return (node_id,)
    name = node.props.get("name")
    kind = kind_words(str(node.props.get("resource_type") or ""))
    bare = not isinstance(name, str) or name in (node_id, short_name(node_id))
    bare = bare or not kind or str(node.props["resource_type"]).startswith("Mapper::")
    called = called or names_on(node)
    more = f" and {len(called) - _CALLED} more" if len(called) > _CALLED else ""
    hosts = (f"called {', '.join(called[:_CALLED])}{more}",) if called else ()
    return (node_id if bare else f"{name} ({kind}): {node_id}", *hosts)


def roles(derivation: Derivation, node: str, among: set[str] | None = None) -> tuple[str, ...]:
    """Sentences: the roles that a node carries, of some nodes alone where these are given."""
    return tuple(
        f"{short_name(r.start)} carries the role {short_name(r.end).removeprefix('role/')}."
        for r in derivation.relationships
        if r.type == "HAS_ROLE" and r.start == node and (among is None or r.end in among)
    )


def along(way: Sequence[str], found: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """Judgements in the order in which an attack walks them; beside the way come last."""
    station = {node: n for n, node in enumerate(way)}
    return tuple(sorted(found, key=lambda j: (station.get(j.target, len(way)), in_order(j))))


def in_order(judgement: Judgement) -> tuple[int, str, str, str, str]:
    """The strongest first when sorted."""
    return (
        -judgement.answer.verdict.rank,
        judgement.question,
        judgement.source,
        judgement.target,
        judgement.mechanism,
    )
