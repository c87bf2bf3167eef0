"""Roles on the way of chains that are told, so that a chain to one of them says nothing new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graph.verdict import Verdict
from queries.answers.chains import Chain


class Passed:
    """What the chains that are told pass on their way, from each start, and how strongly."""

    def __init__(self) -> None:
        self._best: dict[tuple[str, str], Verdict] = {}

    def add(self, chain: Chain) -> None:
        """Tell a chain."""
        for node in passed_by(chain):
            key = chain.start.id, node
            if self._best.get(key, Verdict.NO).rank < chain.level.rank:
                self._best[key] = chain.level

    def left_out(self, chains: Iterable[Chain]) -> Iterator[Chain]:
        """Of chains to roles that may go on, those that no other tells; they are told then.

        A longer chain may pass the ends of shorter ones, so the longest come first. A weaker one
        that passes an end does not tell how surely the end itself is reached.
        """
        for chain in sorted(chains, key=_longest):
            known = self._best.get((chain.start.id, chain.end.id), Verdict.NO)
            if known.rank < chain.level.rank:
                self.add(chain)
                yield chain


def passed_by(chain: Chain) -> frozenset[str]:
    """The nodes from which the steps of a chain go out."""
    return frozenset(hop.start.id for hop in chain.way)


def _longest(chain: Chain) -> tuple[int, str, str]:
    return -len(chain.way), chain.start.id, chain.end.id
