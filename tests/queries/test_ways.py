"""Shortest ways, whole and with one step taken away: as long as a plain search finds them."""

from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from graph.verdict import Verdict
from queries.answers.attack import LEVELS, AttackGraph, Link, Spot
from queries.answers.ways import Explored, Goal, Ways
from tests.queries.attack_world import Made

VERDICTS = ("yes", "conditional", "unknown")
NODES = tuple(f"role{number}" for number in range(6))
STEPS = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), st.sampled_from(VERDICTS)),
    max_size=16,
    unique_by=lambda step: step[:2],
)


def length_of(
    graph: AttackGraph, start: str, goal: str, level: Verdict, gone: Link | None
) -> int | None:
    """Steps of the shortest way, by going on from the start."""
    seen, queue = {Spot(start)}, deque([(Spot(start), 0)])
    while queue:
        here, steps = queue.popleft()
        if here.node == goal:
            return steps
        for link, there in graph.onward(here):
            allowed = link is not gone and link.hop.answer.verdict.rank >= level.rank
            if allowed and there not in seen:
                seen.add(there)
                queue.append((there, steps + 1))
    return None


@given(STEPS, st.sampled_from(NODES), st.sampled_from(NODES))
def test_a_way_around_a_step_is_as_short_as_there_is(steps, start, end):
    made = Made()
    made.node(start)
    made.node(end)
    for one, other, verdict in steps:
        made.step(one, "CAN_ASSUME", other, verdict)
    graph = made.graph()
    explored = Explored(graph, [start])
    if start == end:
        return
    for level in LEVELS:
        ways = Ways(explored, Goal(end), level)
        for gone in (None, *graph.every_link()):
            way = ways.way(explored.number[Spot(start)], gone)
            assert (len(way) or None) == length_of(graph, start, end, level, gone)
            assert all(link is not gone for link, _ in way)
            assert [link.hop.start.id for link, _ in way[1:]] == [
                explored.spots[place].node for _, place in way[:-1]
            ]


def test_the_second_way_is_not_a_weaker_one_with_a_step_of_the_same_name():
    made = Made()
    made.step("role1", "CAN_ASSUME", "role2").step("role2", "CAN_ASSUME", "role3")
    made.step("role1", "CAN_EXECUTE_ON", "role2", "conditional")
    graph = made.graph()
    explored = Explored(graph, ["role1"])
    assumes = next(link for link in graph.links("role1") if link.type == "CAN_ASSUME")
    sure, likely = (Ways(explored, Goal("role3"), level) for level in LEVELS[:2])
    start = explored.number[Spot("role1")]
    assert [link.type for link, _ in sure.way(start)] == ["CAN_ASSUME", "CAN_ASSUME"]
    assert sure.way(start, assumes) == []
    around = likely.way(start, assumes)
    assert [link.type for link, _ in around] == ["CAN_EXECUTE_ON", "CAN_ASSUME"]
