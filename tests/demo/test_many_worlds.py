"""The answers against the truth in many placements: as built, all open, all flipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mapper.demo import start_server
from mapper.demo.world.attack_truth import PathRow, rows_of
from mapper.demo.world.facts import Thing
from tests.demo.attacked import attack_difference
from tests.demo.played import PlayedWorld, difference

pytestmark = pytest.mark.long
FIRST = int(os.environ["MAPPER_TEST_SEED"])
_BESIDE = 25
"""A seed that puts machines behind a classic load balancer and a bastion into one VPC."""


@pytest.mark.parametrize("number", range(6))
def test_another_world(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = FIRST + 1 + number
    print(f"seed {seed}")
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    with start_server() as server:
        played = PlayedWorld.begin(server, tmp_path, seed)
        assert _wrong(played) == []
        for part in ("decoy", "planted"):
            played.flip(thing.name for thing in _controlled(played) if thing.part == part)
            assert _wrong(played) == []


def test_a_world_whose_ways_lead_over_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its exposed machines stand beside one that may assume the hub's role, once all are open."""
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    with start_server() as server:
        played = PlayedWorld.begin(server, tmp_path, _BESIDE)
        played.flip(
            thing.name
            for thing in _controlled(played)
            if thing.part == "decoy" or thing.name.endswith("-web-alb")
        )
        assert any(row.lateral for row in rows_of(played.things) if isinstance(row, PathRow))
        assert _wrong(played) == []


def _controlled(played: PlayedWorld) -> list[Thing]:
    return [thing for thing in played.world.things if thing.flip is not None]


def _wrong(played: PlayedWorld) -> list[str]:
    found = {key: row for key, row in played.answers().items() if not key[1].endswith(":root")}
    with played.session() as session:
        attacks = attack_difference(session, played.things)
    return [*difference(played.truth(), found), *attacks]
