"""A judgement as a relationship."""

from __future__ import annotations

from graph.judgement import Judgement
from graph.records import Relationship, Value
from graph.sharing.levels import strongest_level
from graph.verdict import Answer, Verdict

EVIDENCE_LIMIT = 40
"""Sentences kept on a relationship; the whole proof is derived again by ``explain``."""


def verdict_props(answer: Answer) -> dict[str, Value]:
    """The properties that every walked relationship carries."""
    return {
        "verdict": str(answer.verdict),
        "definite": answer.verdict is Verdict.YES,
        "possible": answer.verdict in (Verdict.YES, Verdict.CONDITIONAL),
        "why": answer.why,
        "conditions": list(answer.conditions),
        "guards": list(answer.guards),
        "assumes": list(answer.assumes),
        "evidence": list(answer.evidence[:EVIDENCE_LIMIT]),
    }


def walked(
    kind: str, start: str, end: str, key: str, answer: Answer, **more: Value
) -> Relationship:
    """A walked relationship.

    Args:
        kind: relationship type, e.g. ``CAN_ASSUME``.
        start: node id.
        end: node id.
        key: what tells it apart from others of its type between the same ends.
        answer: the verdict with its reasons; never ``no``.
        more: further properties.

    Raises:
        ValueError: for a ``no``, which is no relationship.
    """
    if answer.verdict is Verdict.NO:
        raise ValueError(f"{start} -> {end}: what was judged no is no relationship")
    return Relationship(kind, start, end, key, verdict_props(answer) | more)


def access(judgement: Judgement) -> Relationship:
    """``CAN_ACCESS`` for a judgement of access."""
    return walked(
        "CAN_ACCESS",
        judgement.source,
        judgement.target,
        judgement.mechanism,
        judgement.answer,
        mechanism=judgement.mechanism,
        actions=list(judgement.actions),
        level=strongest_level(judgement.actions),
    )
