"""A guard: what stands between a source and what it gets, as a kind, a state and a sentence.

A guard never changes a verdict; the engine has decided that. It tells a reader what the verdict
rests on. Its text begins with two stable words: ``external-id not-required: ...``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STATES = {
    "account": ("vendor", "aws-service", "unknown", "left", "suspended", "closed", "impossible"),
    "external-id": ("required", "shared", "guessable", "not-required"),
    "mfa": ("required", "if-present"),
    "organisation": ("fixed", "if-present"),
    "principal": ("fixed", "if-present"),
    "principal-tag": ("fixed", "if-present"),
    "source": ("fixed", "if-present", "not-fixed"),
    "network": ("fixed", "if-present"),
    "time": ("limited",),
    "subject": (
        "user",
        "subject",
        "branch",
        "environment",
        "service-account",
        "project",
        "application",
        "tenant",
        "pattern",
        "any",
        "open",
    ),
    "audience": ("fixed", "listed", "open"),
    "saml-audience": ("fixed", "not-fixed"),
    "certificate": ("fixed", "not-fixed"),
    "delegated": ("whole-account",),
    "no-guard": ("chosen", "theirs"),
}
"""The states of each kind, the one that keeps most people out first."""
SPOKEN = frozenset({"account", "delegated", "no-guard"})
"""Kinds that are told whichever statement admits; the others are worth the weakest of them."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard.

    Attributes:
        kind: a key of :data:`STATES`.
        state: one of its states.
        text: one sentence, or two.
    """

    kind: str
    state: str
    text: str

    def __str__(self) -> str:
        """``kind state: text``."""
        return f"{self.kind} {self.state}: {self.text}"

    @property
    def weakness(self) -> int:
        """0 for the state that keeps most people out."""
        return STATES[self.kind].index(self.state)


def strongest(guards: Iterable[Guard]) -> tuple[Guard, ...]:
    """Guards of one statement, all of which must be passed: of each kind the strongest."""
    best: dict[str, Guard] = {}
    told = []
    for one in guards:
        if one.kind in SPOKEN:
            told.append(one)
        elif one.kind not in best or one.weakness < best[one.kind].weakness:
            best[one.kind] = one
    return (*best.values(), *dict.fromkeys(told))


def weakest(alternatives: Sequence[tuple[Guard, ...]]) -> tuple[Guard, ...]:
    """Guards of several statements, any of which will do: of each kind the weakest.

    A kind that one of them does not have guards nothing.
    """
    by_kind: dict[str, list[Guard]] = {}
    told: dict[Guard, None] = {}
    for guards in alternatives:
        for one in guards:
            if one.kind in SPOKEN:
                told[one] = None
            else:
                by_kind.setdefault(one.kind, []).append(one)
    found: list[Guard] = []
    for found_of in by_kind.values():
        if len(found_of) == len(alternatives):
            most = max(one.weakness for one in found_of)
            found += dict.fromkeys(one for one in found_of if one.weakness == most)
    return tuple(sorted((*found, *told), key=_order))


def _order(one: Guard) -> tuple[int, int, str]:
    return list(STATES).index(one.kind), one.weakness, one.text


SHOWN = 80
"""Characters of a policy's value that a sentence quotes."""
LISTED = 3


def quoted(values: Iterable[str], join: str = " or ") -> str:
    """Some values for a sentence: the first few, each cut."""
    listed = list(dict.fromkeys(values))
    shown = [one if len(one) <= SHOWN else f"{one[:SHOWN]}..." for one in listed[:LISTED]]
    more = f" and {len(listed) - LISTED} more" if len(listed) > LISTED else ""
    return join.join(shown) + more
