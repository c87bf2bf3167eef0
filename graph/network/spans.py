"""Sets of integers as sorted, disjoint, closed spans: the arithmetic under prefixes and ports."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spans:
    """A set of integers. ``pairs`` are (first, last), sorted, disjoint and not adjacent.

    Build one with :meth:`of`; the operators keep the form. Costs are linear in the spans.
    """

    pairs: tuple[Pair, ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> Spans:
        """The set of all integers in the given (first, last) pairs, in any order.

        Raises:
            ValueError: a pair ends before it begins.
        """
        merged: list[Pair] = []
        for first, last in sorted(pairs):
            if last < first:
                raise ValueError(f"a span cannot run from {first} to {last}")
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self.pairs, number, key=lambda pair: pair[0]) - 1
        return at >= 0 and number <= self.pairs[at][1]

    def __or__(self, other: Spans) -> Spans:
        if not self.pairs or not other.pairs:
            return self if self.pairs else other
        return Spans.of(self.pairs + other.pairs)

    def __and__(self, other: Spans) -> Spans:
        found: list[Pair] = []
        left, right, i, j = self.pairs, other.pairs, 0, 0
        while i < len(left) and j < len(right):
            first = max(left[i][0], right[j][0])
            last = min(left[i][1], right[j][1])
            if first <= last:
                found.append((first, last))
            if left[i][1] < right[j][1]:
                i += 1
            else:
                j += 1
        return Spans(tuple(found))

    def __sub__(self, other: Spans) -> Spans:
        if not self.pairs or not other.pairs:
            return self
        kept: list[Pair] = []
        holes, j = other.pairs, 0
        for first, last in self.pairs:
            while j < len(holes) and holes[j][1] < first:
                j += 1
            at, k = first, j
            while k < len(holes) and holes[k][0] <= last:
                if holes[k][0] > at:
                    kept.append((at, holes[k][0] - 1))
                at = max(at, holes[k][1] + 1)
                k += 1
            if at <= last:
                kept.append((at, last))
        return Spans(tuple(kept))

    def covers(self, other: Spans) -> bool:
        """Whether every member of ``other`` is in this set."""
        return not other - self

    @property
    def size(self) -> int:
        """How many integers there are."""
        return sum(last - first + 1 for first, last in self.pairs)


NOTHING = Spans()


def union(sets: Iterable[Spans]) -> Spans:
    """The union of many sets, in one pass."""
    return Spans.of(pair for one in sets for pair in one.pairs)


def atoms(whole: Spans, cuts: Iterable[Spans]) -> tuple[Pair, ...]:
    """Split ``whole`` at every boundary of ``cuts``: each atom lies wholly in or out of each."""
    edges: set[int] = set()
    for cut in cuts:
        for first, last in cut.pairs:
            edges.add(first)
            edges.add(last + 1)
    ordered = sorted(edges)
    found: list[Pair] = []
    for first, last in whole.pairs:
        at = first
        for edge in ordered[bisect_right(ordered, first) : bisect_right(ordered, last)]:
            found.append((at, edge - 1))
            at = edge
        found.append((at, last))
    return tuple(found)
