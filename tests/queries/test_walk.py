"""The best way: against every way of small random graphs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.verdict import Answer, Verdict
from queries.answers.chains_session import FRESH, after
from queries.answers.walk import End, Hop, Ways, way_answer

GRADES = (Verdict.YES, Verdict.CONDITIONAL, Verdict.DORMANT, Verdict.UNKNOWN)
LAST = frozenset({"HAS_ADMIN"})


def end(name: str) -> End:
    return End(name, name, None, None, None, frozenset())


SESSIONS = ((), (), ("sts:sourceidentity=a",), ("sts:sourceidentity=b",))


@st.composite
def accounts(draw: st.DrawFn) -> list[Hop]:
    """Roles of two accounts, who assume one another and take the accounts over."""
    names = ["n0", "n1", "n2", "n3"]
    role, account = st.sampled_from(names), st.sampled_from(["a0", "a1"])
    kinds = {
        "CAN_ASSUME": st.tuples(role, role),
        "HAS_ADMIN": st.tuples(role, st.sampled_from(["a0", "a1", "goal"])),
        "CONTROLS": st.tuples(account, role),
    }
    made = []
    for kind in draw(st.lists(st.sampled_from(sorted(kinds)), max_size=12)):
        a, b = draw(kinds[kind])
        one = Hop(end(a), end(b), kind, "m", Answer(draw(st.sampled_from(GRADES[:2]))))
        if kind == "HAS_ADMIN":
            kept_out = draw(st.lists(role, max_size=2, unique=True))
            one = replace(one, limits=tuple(sorted(kept_out)))
        if kind == "CAN_ASSUME":
            one = replace(one, session=draw(st.sampled_from(SESSIONS)))
        made.append(one)
    return made


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
    def walk(
        here: str, state: tuple[object, ...], seen: frozenset[object], way: tuple[Hop, ...]
    ) -> Iterator[tuple[Hop, ...]]:
        session, kept_out = state
        for hop in hops:
            carried = after(session, hop)  # type: ignore[arg-type]
            there = (carried, hop.limits)
            if hop.start.id != here or hop.end.id == start or (hop.end.id, there) in seen:
                continue
            if carried is None or (hop.type == "CONTROLS" and hop.end.id in kept_out):  # type: ignore[operator]
                continue
            if hop.end.id == "goal":
                if hop.type in LAST:
                    yield (*way, hop)
            else:
                yield from walk(hop.end.id, there, seen | {(hop.end.id, there)}, (*way, hop))

    yield from walk(start, (FRESH, ()), frozenset(), ())


@given(st.one_of(graphs(), accounts()))
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


def to_goal(*hops: Hop) -> dict[str, tuple[Hop, ...]]:
    return Ways(hops).to("goal", LAST)


def step(a: str, kind: str, b: str, **more: tuple[str, ...]) -> Hop:
    return replace(Hop(end(a), end(b), kind, "m", Answer(Verdict.YES)), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("limits", "led"), [(("n2",), False), (("n3",), True), ((), True)])
def test_an_account_does_not_lead_on_to_those_kept_out_of_its_admins_reach(
    limits: tuple[str, ...], led: bool
) -> None:
    found = to_goal(
        step("n1", "HAS_ADMIN", "a1", limits=limits),
        step("a1", "CONTROLS", "n2"),
        step("n2", "HAS_ADMIN", "goal"),
    )
    assert ("n1" in found) is led
    assert {"n2", "a1"} <= set(found)


@pytest.mark.parametrize(("second", "led"), [("b", False), ("a", True)])
def test_steps_that_ask_for_different_sessions_are_no_way(second: str, led: bool) -> None:
    found = to_goal(
        step("n1", "CAN_ASSUME", "n2", session=("sts:sourceidentity=a",)),
        step("n2", "CAN_ASSUME", "n3", session=(f"sts:sourceidentity={second}",)),
        step("n3", "HAS_ADMIN", "goal"),
    )
    assert ("n1" in found) is led
    assert {"n2", "n3"} <= set(found)


def test_many_admins_with_limits_of_their_own_are_looked_at_once_each() -> None:
    """A thousand admins, each kept from another one: none is weighed against each."""
    many = 1_000
    hops = [step(f"n{n}", "HAS_ADMIN", "a1", limits=(f"n{(n + 1) % many}",)) for n in range(many)]
    hops += [step("a1", "CONTROLS", f"n{n}") for n in range(many)]
    hops += [step("n0", "HAS_ADMIN", "goal")]
    found = to_goal(*hops)
    # Who is kept from n0 gets to it by another admin of the account.
    assert len(found) == many + 1
    assert len(found[f"n{many - 1}"]) == 5
