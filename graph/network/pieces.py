"""Partitions of the sources: which addresses get through a control, how, and on what terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.network.spans import Spans, union
from graph.verdict import Verdict, condition

INTERNET = "internet"
CLIENT = condition("context", "client-address")
"""Of what only some clients inside get to."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A set of source addresses with the verdict of a control (or of several) for them.

    Attributes:
        sources: the addresses.
        verdict: ``yes``, ``conditional`` or ``unknown``; what is blocked is in no piece.
        conditions: ``kind:subject[=value]``.
        label: ``internet``, or ``any-customer-of:...`` for senders behind an AWS-managed list.
        exact: ``False`` where the addresses are not known and ``sources`` stands for the most.
    """

    sources: Spans
    verdict: Verdict = Verdict.YES
    conditions: frozenset[str] = frozenset()
    label: str = INTERNET
    exact: bool = True

    @property
    def lets_all(self) -> bool:
        """Whether its sources get through as they come, without any condition."""
        return self.verdict is Verdict.YES and self.exact and not self.conditions


Pieces = tuple[Piece, ...]


def weaker(left: Verdict, right: Verdict) -> Verdict:
    """The verdict of two controls in a row."""
    return left if left.rank <= right.rank else right


def meet(first: Pieces, then: Pieces) -> Pieces:
    """What gets through both controls; the label is the first one's."""
    found: list[Piece] = []
    for one in first:
        for other in then:
            sources = one.sources & other.sources
            if not sources:
                continue
            if sources is one.sources and other.lets_all:
                found.append(one)
                continue
            found.append(
                Piece(
                    sources,
                    weaker(one.verdict, other.verdict),
                    one.conditions | other.conditions,
                    one.label,
                    one.exact and other.exact,
                )
            )
    return tuple(found)


def everything_in(pieces: Iterable[Piece]) -> Spans:
    """Every address that is in some piece."""
    return union(piece.sources for piece in pieces)


def unknown(sources: Spans, gaps: Iterable[str]) -> Pieces:
    """One piece of which nothing is known but the names of what is missing."""
    return (Piece(sources, Verdict.UNKNOWN, frozenset(f"not_collected:{gap}" for gap in gaps)),)
