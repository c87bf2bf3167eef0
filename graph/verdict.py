"""The five verdicts and how they combine.

``yes`` > ``conditional`` (under named conditions) > ``dormant`` (configured so, but stopped,
disabled or unhealthy) > ``unknown`` (names what was not collected) > ``no``.
Both engines, the graph, the JSON and the pages use these words and these rules.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.evidence import Step

CONDITION_KINDS = (
    "context",
    "authn",
    "source",
    "approval",
    "inspection",
    "ports",
    "secret",
    "time",
    "not_collected",
)


class Verdict(enum.StrEnum):
    """A verdict; compare strength with :attr:`rank` (``yes`` is the strongest, 4)."""

    YES = "yes"
    CONDITIONAL = "conditional"
    DORMANT = "dormant"
    UNKNOWN = "unknown"
    NO = "no"

    @property
    def rank(self) -> int:
        """4 for ``yes`` down to 0 for ``no``."""
        return _RANK[self]


_RANK = {
    Verdict.YES: 4,
    Verdict.CONDITIONAL: 3,
    Verdict.DORMANT: 2,
    Verdict.UNKNOWN: 1,
    Verdict.NO: 0,
}


def condition(kind: str, subject: str, value: str | None = None) -> str:
    """Spell a condition as ``kind:subject[=value]``.

    Args:
        kind: one of :data:`CONDITION_KINDS`.
        subject: what must hold, e.g. ``aws:SourceIp`` or ``sigv4``.
        value: the value it must have, if one is named.

    Raises:
        ValueError: if ``kind`` is not one of the closed list.
    """
    if kind not in CONDITION_KINDS:
        raise ValueError(f"{kind!r} is not a kind of condition")
    return f"{kind}:{subject}" if value is None else f"{kind}:{subject}={value}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict with its reasons: what both engines return.

    Attributes:
        verdict: one of the five.
        why: one sentence for a reader.
        conditions: ``kind:subject[=value]``, sorted, empty for ``yes``; for ``unknown`` it holds
            the ``not_collected:...`` entries that name what is missing.
        guards: controls in the way that do not change the verdict (WAF, Shield, geo restriction).
        assumes: layers that were invisible and taken as absent, e.g. ``scp:111122223333``.
        evidence: sentences, in the order of the proof.
        steps: the structured proof, for ``explain``.
        session: what the call asks of its session for good
            (:func:`graph.iam.session_demands.demands`); of one call only, never combined.
    """

    verdict: Verdict
    why: str = ""
    conditions: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    session: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.verdict is Verdict.YES and self.conditions:
            raise ValueError("a yes has no conditions")

    def because(self, why: str) -> Answer:
        """Return the same answer with another one-sentence reason."""
        return replace(self, why=why)


def merged(*groups: Iterable[str]) -> tuple[str, ...]:
    """Join lists of strings, first occurrence first, each once."""
    return tuple(dict.fromkeys(text for group in groups for text in group))


def all_of(answers: Iterable[Answer]) -> Answer:
    """Combine answers that must all hold: the weakest verdict, every condition and gap.

    A ``no`` keeps only its own reasons: what else might have mattered no longer does.
    An empty input is ``yes``.
    """
    parts = list(answers)
    if not parts:
        return Answer(Verdict.YES)
    weakest = min(parts, key=lambda part: part.verdict.rank)
    conditions: tuple[str, ...] = ()
    if weakest.verdict is Verdict.NO:
        conditions = weakest.conditions
    elif weakest.verdict is not Verdict.YES:
        conditions = tuple(sorted(merged(*(part.conditions for part in parts))))
    return Answer(
        verdict=weakest.verdict,
        why=weakest.why,
        conditions=conditions,
        guards=merged(*(part.guards for part in parts)),
        assumes=tuple(sorted(merged(*(part.assumes for part in parts)))),
        evidence=merged(*(part.evidence for part in parts)),
        steps=tuple(step for part in parts for step in part.steps),
    )


def any_of(answers: Iterable[Answer]) -> Answer:
    """Combine alternatives: the strongest verdict, fewest conditions first.

    The other branches that are not ``no`` stand in ``evidence``. When every branch is ``no`` the
    first one's reasons lead and the others follow. An empty input is ``no``.
    """
    parts = list(answers)
    if not parts:
        return Answer(Verdict.NO)
    ordered = sorted(parts, key=lambda part: (-part.verdict.rank, len(part.conditions)))
    best, others = ordered[0], ordered[1:]
    if best.verdict is Verdict.NO:
        return replace(
            best,
            evidence=merged(*(part.evidence for part in parts)),
            steps=tuple(step for part in parts for step in part.steps),
        )
    notes = [
        f"Also {other.verdict}: {other.why}"
        for other in others
        if other.verdict is not Verdict.NO and other.why not in ("", best.why)
    ]
    alone = all(other.verdict is Verdict.NO for other in others)
    session = best.session if alone else ()
    return replace(best, evidence=merged(best.evidence, notes), session=session)
