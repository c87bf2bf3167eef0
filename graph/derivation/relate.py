"""A judgement as a relationship."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from graph.judgement import Judgement
from graph.records import Relationship, Value
from graph.sharing.levels import strongest_level
from graph.verdict import Answer, Verdict, any_of, merged

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


def digest(text: str) -> str:
    """Eight hex digits that stand for a text in a key or a name."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def key_of(mechanism: str, answer: Answer) -> str:
    """The key of one answer among several by one mechanism between the same two nodes.

    A policy can let one source do one thing surely and another under a condition: two
    relationships, of which loading must not merge one into the other.
    """
    if not answer.conditions:
        return mechanism if answer.verdict is Verdict.YES else f"{mechanism}|{answer.verdict}"
    return f"{mechanism}|{answer.verdict}|{digest(' '.join(answer.conditions))}"


def access(judgements: Iterable[Judgement]) -> list[Relationship]:
    """``CAN_ACCESS`` for judgements of access, ``no`` left out.

    One relationship for each source, resource, mechanism, verdict and conditions, with all the
    actions of that answer.
    """
    alike: dict[tuple[str, str, str], list[Judgement]] = defaultdict(list)
    for one in judgements:
        if one.answer.verdict is not Verdict.NO:
            alike[one.source, one.target, key_of(one.mechanism, one.answer)].append(one)
    found = []
    for (source, target, key), same in alike.items():
        actions = sorted(merged(*(one.actions for one in same)))
        answer = any_of(one.answer for one in same)
        found.append(
            walked(
                "CAN_ACCESS",
                source,
                target,
                key,
                answer,
                mechanism=same[0].mechanism,
                actions=actions,
                level=strongest_level(actions),
            )
        )
    return found
