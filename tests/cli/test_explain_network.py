"""``mapper explain FROM TO`` between machines says what ``mapper reach`` says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from network.between.lab import JoinedLab
from tests.cli.test_reach import lab

__all__ = ["lab"]
SAME = ("id", "source", "mechanism", "family", "verdict", "ports", "via", "steps", "conditions")


@pytest.fixture
def both(
    lab: JoinedLab,
    tmp_path: Path,
    mapper: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str, str], list[list[dict[str, Any]]]]:
    """Rows of ``reach`` and of ``explain`` for two ends."""
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    lab.build(tmp_path / "snapshot")

    def ask(start: str, end: str) -> list[list[dict[str, Any]]]:
        told = ("--snapshot", tmp_path / "snapshot", "--format", "json", "-q")
        return [mapper(name, start, end, *told).json["rows"] for name in ("reach", "explain")]

    return ask


@pytest.mark.parametrize(
    ("start", "end", "verdict"),
    [
        ("machine-a", "machine-b", "yes"),
        ("machine-a", "internet", "yes"),
        ("machine-b", "internet", "no"),
        ("machine-a", "orders", "yes"),
    ],
)
def test_the_proof_is_that_of_reach(both: Any, start: str, end: str, verdict: str) -> None:
    reached, explained = both(start, end)
    assert {row["verdict"] for row in reached} == {verdict}
    ours, theirs = (
        sorted(([row[name] for name in SAME] for row in rows), key=str)
        for rows in (explained, reached)
    )
    assert ours == theirs


def test_the_proof_names_the_gaps_that_reach_names(
    lab: JoinedLab, tmp_path: Path, mapper: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside its twin: what is known of one machine alone is not of a pair."""
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    lab.build(tmp_path / "snapshot")
    told = ("--snapshot", tmp_path / "snapshot", "-q")
    pair = ("machine-a", "machine-b")
    reached, proved = (mapper(name, *pair, *told) for name in ("reach", "explain"))
    gaps = [line for line in reached.out.splitlines() if line.startswith("Not ")]
    assert gaps
    assert [line for line in proved.out.splitlines() if line.startswith("Not ")] == gaps
    whole = mapper("explain", *pair, *told, "--format", "json").json
    assert whole["coverage"]["complete"] is False
    alone = mapper("explain", "machine-a", *told).out
    assert not [line for line in alone.splitlines() if line.startswith("Not asked for")]
