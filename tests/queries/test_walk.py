"""The best way: against every way of small random graphs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from graph.verdict import Answer, Verdict
from queries.answers.walk import End, Hop, Ways, way_answer

GRADES = (Verdict.YES, Verdict.CONDITIONAL, Verdict.DORMANT, Verdict.UNKNOWN)
LAST = frozenset({"HAS_ADMIN"})


def end(name: str) -> End:
    return End(name, name, None, None, None, frozenset())


@st.composite
def graphs(draw: st.DrawFn) -> list[Hop]:
    nodes = [f"n{number}" for number in range(draw(st.integers(2, 6)))]
    pairs = st.tuples(st.sampled_from(nodes), st.sampled_from([*nodes, "goal"]))
    return [
        Hop(
            end(a),
            end(b),
            draw(st.sampled_from(["CAN_ASSUME", "HAS_ADMIN"])),
            "m",
            Answer(draw(st.sampled_from(GRADES))),
        )
        for a, b in draw(st.lists(pairs, max_size=12))
    ]


def all_ways(hops: list[Hop], start: str) -> Iterator[tuple[Hop, ...]]:
    def walk(here: str, seen: frozenset[str], way: tuple[Hop, ...]) -> Iterator[tuple[Hop, ...]]:
        for hop in hops:
            if hop.start.id != here or hop.end.id in seen:
                continue
            if hop.end.id == "goal":
                if hop.type in LAST:
                    yield (*way, hop)
            else:
                yield from walk(hop.end.id, seen | {hop.end.id}, (*way, hop))

    yield from walk(start, frozenset({start}), ())


@given(graphs())
def test_the_best_way_is_the_strongest_then_the_shortest(hops: list[Hop]) -> None:
    found = Ways(hops).to("goal", LAST)
    for start in {hop.start.id for hop in hops}:
        ways = list(all_ways(hops, start))
        if not ways:
            assert start not in found
            continue
        way = found[start]
        assert way[0].start.id == start
        assert way[-1].end.id == "goal"
        assert all(a.end.id == b.start.id for a, b in pairwise(way))
        strongest = max(way_answer(one).verdict.rank for one in ways)
        assert way_answer(way).verdict.rank == strongest
        alike = [one for one in ways if way_answer(one).verdict.rank == strongest]
        assert len(way) == min(map(len, alike))


@given(graphs(), st.randoms())
def test_the_order_of_the_steps_does_not_matter(hops: list[Hop], random) -> None:
    shuffled = list(hops)
    random.shuffle(shuffled)
    ways, others = Ways(hops).to("goal", LAST), Ways(shuffled).to("goal", LAST)
    assert {s: [h.end.id for h in w] for s, w in ways.items()} == {
        s: [h.end.id for h in w] for s, w in others.items()
    }
