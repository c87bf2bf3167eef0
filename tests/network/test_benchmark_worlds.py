"""The benchmark's organisations: read from files they are the facts that were written."""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.from_snapshot import network_world
from graph.network.reach import Reach
from graph.network.world import NetworkWorld

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from network_snapshot import write_snapshot
from network_worlds import organisation

# Where a fact stands is known from files only.
_OF_FILES = ("refs", "elastic")


def plain(value: Any) -> Any:
    if is_dataclass(value):
        told = [(f.name, plain(getattr(value, f.name))) for f in fields(value)]
        return (type(value).__name__, *(row for row in told if row[0] not in _OF_FILES))
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    return value


def meaning(reach: Reach) -> tuple[object, ...]:
    answer = reach.answer
    return (reach.source, reach.target, reach.mechanism, reach.ports, answer.verdict, answer.why)


@pytest.mark.parametrize("size", [60, 400])
def test_the_facts_read_are_the_facts_written(tmp_path: Path, size: int) -> None:
    facts = organisation(size)
    read = network_world(write_snapshot(facts, tmp_path)).facts
    assert not read.gaps
    assert not read.warnings
    for one in (facts, facts.joints):
        again = read if one is facts else read.joints
        for field in fields(one):
            written, found = getattr(one, field.name), getattr(again, field.name)
            if isinstance(written, tuple):
                assert sorted(map(repr, map(plain, found))) == sorted(
                    map(repr, map(plain, written))
                ), field.name


def test_both_ways_of_making_a_world_give_the_same_answers(tmp_path: Path) -> None:
    facts = organisation(300)
    read = network_world(write_snapshot(facts, tmp_path))
    expected = {meaning(one) for one in internet_reach(NetworkWorld(facts))}
    assert {meaning(one) for one in internet_reach(read)} == expected
    assert {verdict for *_, verdict, _ in expected} >= {"yes", "no", "dormant"}
    assert {mechanism.partition("/")[0] for _, _, mechanism, *_ in expected} == {
        "eni", "alb", "nlb", "rds",
    }  # fmt: skip


def test_an_organisation_is_the_same_every_time_and_as_large_as_asked() -> None:
    assert organisation(500) == organisation(500)
    assert organisation(500, seed=7) != organisation(500)
    for size in (300, 1000, 3000):
        assert abs(len(organisation(size).interfaces) - size) <= 30
