"""Sets of integers as sorted, disjoint, closed spans: the arithmetic under prefixes and ports."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

Pair = tuple[int, int]

_FIRST, _LAST = itemgetter(0), itemgetter(1)


@dataclass(frozen=True, slots=True)
class Spans:
    """A set of integers. ``pairs`` are (first, last), sorted, disjoint and not adjacent.

    Build one with :meth:`of`; the operators keep the form. Costs are linear in the spans; one span
    is met with many, or taken out of them, by bisection.
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
        at = bisect_right(self.pairs, number, key=_FIRST) - 1
        return at >= 0 and number <= self.pairs[at][1]

    def __or__(self, other: Spans) -> Spans:
        if not self.pairs or not other.pairs:
            return self if self.pairs else other
        return Spans.of(self.pairs + other.pairs)

    def __and__(self, other: Spans) -> Spans:
        left, right = self.pairs, other.pairs
        if not left or not right:
            return NOTHING
        if len(left) == 1:
            return other._within(*left[0])
        if len(right) == 1:
            return self._within(*right[0])
        found: list[Pair] = []
        i, j = 0, 0
        while i < len(left) and j < len(right):
            first, last = left[i]
            start, end = right[j]
            if last < end:
                i += 1
            else:
                j += 1
            first, last = max(first, start), min(last, end)
            if first <= last:
                found.append((first, last))
        return Spans(tuple(found))

    def __sub__(self, other: Spans) -> Spans:
        pairs, holes = self.pairs, other.pairs
        if not pairs or not holes:
            return self
        if len(holes) > 1:
            start, end = _touched(holes, pairs[0][0], pairs[-1][1])
            holes = holes[start:end]
        if not holes:
            return self
        if len(holes) == 1:
            return self._without(*holes[0])
        kept: list[Pair] = []
        j = 0
        for first, last in pairs:
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

    def _within(self, first: int, last: int) -> Spans:
        """What lies in one span; the set itself if all of it does."""
        pairs = self.pairs
        if pairs[0][0] >= first and pairs[-1][1] <= last:
            return self
        start, end = _touched(pairs, first, last)
        if start >= end:
            return NOTHING
        cut = list(pairs[start:end])
        cut[0] = (max(cut[0][0], first), cut[0][1])
        cut[-1] = (cut[-1][0], min(cut[-1][1], last))
        return Spans(tuple(cut))

    def _without(self, first: int, last: int) -> Spans:
        """What is left when one span is taken out."""
        pairs = self.pairs
        start, end = _touched(pairs, first, last)
        if start >= end:
            return self
        kept: list[Pair] = []
        if pairs[start][0] < first:
            kept.append((pairs[start][0], first - 1))
        if pairs[end - 1][1] > last:
            kept.append((last + 1, pairs[end - 1][1]))
        return Spans((*pairs[:start], *kept, *pairs[end:]))

    def covers(self, other: Spans) -> bool:
        """Whether every member of ``other`` is in this set."""
        return not other - self

    @property
    def size(self) -> int:
        """How many integers there are."""
        return sum(last - first + 1 for first, last in self.pairs)


NOTHING = Spans()


def _touched(pairs: tuple[Pair, ...], first: int, last: int) -> tuple[int, int]:
    """The slice of sorted spans that have something in common with one span."""
    return bisect_left(pairs, first, key=_LAST), bisect_right(pairs, last, key=_FIRST)


def union(sets: Iterable[Spans]) -> Spans:
    """The union of many sets, in one pass."""
    some = [one for one in sets if one.pairs]
    if len(some) < 2:
        return some[0] if some else NOTHING
    return Spans.of(pair for one in some for pair in one.pairs)


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


def by_atom(parts: Sequence[Pair], sets: Iterable[Spans | None]) -> list[list[int]]:
    """For each atom the numbers of the sets that hold it, ascending; ``None`` holds every atom.

    Args:
        parts: atoms in order, cut at every boundary of the sets (see :func:`atoms`).
        sets: the sets. The cost is that of the answer, not sets times atoms.
    """
    starts = [first for first, _ in parts]
    found: list[list[int]] = [[] for _ in parts]
    for number, one in enumerate(sets):
        spans = (
            ((0, len(parts)),)
            if one is None
            else tuple(
                (bisect_left(starts, first), bisect_right(starts, last))
                for first, last in one.pairs
            )
        )
        for begin, end in spans:
            for at in range(begin, end):
                found[at].append(number)
    return found
