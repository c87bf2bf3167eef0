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
