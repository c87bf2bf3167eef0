"""Which access key id a secret access key belongs to, where several stand in one text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

_FAR = 400
"""Characters; what stands farther apart belongs together by no sign."""

Id = tuple[int, int, str]
"""Where an id begins and ends, and the id."""


def owners(ids: Sequence[Id], secrets: Iterable[tuple[int, int]]) -> set[str]:
    """The ids that have a secret: of each secret the nearest id, of two as near the one before.

    Args:
        ids: in order.
        secrets: where each begins and ends.
    """
    starts = [start for start, _, _ in ids]
    found = set()
    for start, end in secrets:
        at = bisect_left(starts, start)
        near = [(start - ids[at - 1][1], ids[at - 1][2])] if at else []
        if at < len(ids):
            near.append((ids[at][0] - end, ids[at][2]))
        distance, name = min(near, key=lambda one: one[0], default=(_FAR, ""))
        if distance < _FAR:
            found.add(name)
    return found
