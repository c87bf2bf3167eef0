"""Pairs of ``mapper reach`` for many, counted by groups: as many as counted one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from graph.network.between.many import Many, Opening
from graph.network.between.on_prem import nothing_from
from graph.verdict import Answer, Verdict
from mapper.output.reaching_many import pairs_by_verdict

_OPEN = [verdict for verdict in Verdict if verdict is not Verdict.NO]


def ids(among: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(among), min_size=1, max_size=4).map(sorted).map(tuple)


OPENINGS = st.lists(st.tuples(ids("abcdef"), ids("defghi"), st.sampled_from(_OPEN)), max_size=6)


@given(OPENINGS)
def test_groups_count_as_their_pairs_do(drawn: list[tuple[tuple[str, ...], ...]]) -> None:
    closed = nothing_from("a", "b")
    openings = [
        Opening(sources, targets, replace(closed, answer=Answer(Verdict(verdict))))
        for sources, targets, verdict in drawn
    ]
    best: dict[tuple[str, str], Verdict] = {}
    for one in openings:
        for pair in ((a, b) for a in one.sources for b in one.targets if a != b):
            known = best.get(pair, Verdict.NO)
            best[pair] = max(known, one.reach.verdict, key=lambda verdict: verdict.rank)
    counted = pairs_by_verdict(Many(tuple(openings), 81))
    assert counted == dict(Counter(str(verdict) for verdict in best.values()))
