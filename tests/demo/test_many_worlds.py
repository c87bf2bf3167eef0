"""The answers against the truth in many placements, every control flipped at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mapper.demo import start_server
from tests.demo.attacked import attack_difference
from tests.demo.played import PlayedWorld, difference

pytestmark = pytest.mark.long
FIRST = int(os.environ["MAPPER_TEST_SEED"])


@pytest.mark.parametrize("number", range(6))
def test_another_world(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = FIRST + 1 + number
    print(f"seed {seed}")
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    with start_server() as server:
        played = PlayedWorld.begin(server, tmp_path, seed)
        assert _wrong(played) == []
        played.flip(thing.name for thing in played.world.things if thing.flip is not None)
        assert _wrong(played) == []


def _wrong(played: PlayedWorld) -> list[str]:
    found = {key: row for key, row in played.answers().items() if not key[1].endswith(":root")}
    with played.session() as session:
        attacks = attack_difference(session, played.things)
    return [*difference(played.truth(), found), *attacks]
