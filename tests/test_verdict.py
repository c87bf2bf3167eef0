"""The five verdicts and how they combine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.verdict import Answer, Verdict, all_of, any_of, condition

WORDS = st.sampled_from(list(Verdict))
NAMES = st.lists(st.sampled_from(["context:a=1", "secret:b", "not_collected:c"]), max_size=3)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    verdict = draw(WORDS)
    conditions = () if verdict in (Verdict.YES, Verdict.NO) else tuple(draw(NAMES))
    return Answer(
        verdict,
        why=draw(st.sampled_from(["", "one", "two"])),
        conditions=tuple(sorted(set(conditions))),
        assumes=tuple(draw(st.lists(st.sampled_from(["scp:1", "rcp:1"]), max_size=2))),
    )


LISTS = st.lists(answers(), min_size=1, max_size=5)


def test_the_order_of_strength() -> None:
    ranked = sorted(Verdict, key=lambda verdict: -verdict.rank)
    assert [str(one) for one in ranked] == ["yes", "conditional", "dormant", "unknown", "no"]


def test_a_condition_is_of_a_known_kind() -> None:
    assert condition("context", "aws:SourceIp", "198.51.100.0/24") == (
        "context:aws:SourceIp=198.51.100.0/24"
    )
    with pytest.raises(ValueError, match="not a kind"):
        condition("weather", "rain")


def test_a_yes_has_no_conditions() -> None:
    with pytest.raises(ValueError, match="no conditions"):
        Answer(Verdict.YES, conditions=("context:a",))


def test_nothing_that_must_hold_holds_and_no_alternative_does_not() -> None:
    assert all_of([]).verdict is Verdict.YES
    assert any_of([]).verdict is Verdict.NO


@given(LISTS)
def test_all_of_takes_the_weakest_and_any_of_the_strongest(parts: list[Answer]) -> None:
    ranks = [part.verdict.rank for part in parts]
    assert all_of(parts).verdict.rank == min(ranks)
    assert any_of(parts).verdict.rank == max(ranks)


@given(LISTS)
def test_all_of_keeps_every_condition_and_gap_unless_it_is_no(parts: list[Answer]) -> None:
    whole = all_of(parts)
    if whole.verdict is not Verdict.NO:
        assert set(whole.conditions) == {text for part in parts for text in part.conditions}
    assert set(whole.assumes) == {text for part in parts for text in part.assumes}


@given(LISTS)
def test_any_of_prefers_fewest_conditions(parts: list[Answer]) -> None:
    best = any_of(parts)
    rivals = [part for part in parts if part.verdict is best.verdict]
    assert len(best.conditions) == min(len(part.conditions) for part in rivals)


@given(LISTS, st.randoms())
def test_the_order_of_parts_does_not_change_the_verdict(parts: list[Answer], dice: object) -> None:
    shuffled = list(parts)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert all_of(shuffled).verdict is all_of(parts).verdict
    assert all_of(shuffled).conditions == all_of(parts).conditions
    assert any_of(shuffled).verdict is any_of(parts).verdict


@given(LISTS, answers())
def test_one_more_alternative_never_weakens_and_one_more_demand_never_strengthens(
    parts: list[Answer], more: Answer
) -> None:
    assert any_of([*parts, more]).verdict.rank >= any_of(parts).verdict.rank
    assert all_of([*parts, more]).verdict.rank <= all_of(parts).verdict.rank


def test_the_other_ways_stand_in_the_evidence_once() -> None:
    best = Answer(Verdict.YES, why="by policy", evidence=("by policy",))
    other = Answer(Verdict.CONDITIONAL, why="by acl", conditions=("context:a",))
    assert any_of([best, other, best]).evidence == ("by policy", "Also conditional: by acl")
