"""What must be true of an item, and what a technique that only lays something down tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.snapshot import Snapshot
from derivation.aws_world import PROD, World
from escalation.technique_lab import (
    TechniqueWorld,
    cases,
    found,
    statements,
    with_attacker,
    world_of,
)
from graph.escalation.services import PASSIVE
from graph.escalation.technique import Where, techniques
from graph.escalation.what_holds import holds
from graph.verdict import Verdict
from snapshot_files import REGION

JOB = f"arn:aws:glue:{REGION}:{PROD}:job/there"


def snapshot(folder: Path, **item: str) -> Snapshot:
    world: World = TechniqueWorld(read={"glue:job"})
    world.role("somebody", [])
    world.add("glue:job", JOB, dict(item), region=REGION)
    return world.write(folder)


@pytest.mark.parametrize(
    ("otherwise", "missing", "value", "verdict"),
    [
        ("no", "ok", "RED", Verdict.YES),
        ("no", "ok", "BLUE", Verdict.NO),
        ("dormant", "ok", "BLUE", Verdict.DORMANT),
        ("conditional", "ok", "BLUE", Verdict.CONDITIONAL),
        ("conditional", "ok", "RED", Verdict.YES),
        ("no", "ok", "", Verdict.YES),
        ("no", "no", "", Verdict.NO),
        ("no", "conditional", "", Verdict.CONDITIONAL),
    ],
)
def test_another_value_and_none_decide_as_the_row_says(
    tmp_path: Path, otherwise: str, missing: str, value: str, verdict: Verdict
) -> None:
    told = snapshot(tmp_path, **({"State": value} if value else {}))
    (item,) = told.items("glue:job")
    answer = holds(item, [Where("State", ("RED",), otherwise, missing)])
    assert answer.verdict is verdict
    if verdict is Verdict.CONDITIONAL:
        kind = "context" if value else "not_collected"
        assert answer.conditions == (f"{kind}:State={JOB}",)


@pytest.mark.technique("lambda-003", "lambda-004")
def test_what_waits_for_the_owner_says_so() -> None:
    passive = {one.id for one in techniques() if one.live and one.passive}
    assert "lambda-003" in passive
    assert "lambda-004" not in passive
    for technique in ("lambda-003", "lambda-004"):
        case = next(one for one in cases() if one.technique.id == technique)
        world = with_attacker(world_of(case), statements(case))
        rows = found(world, technique)
        assert rows
        for one in rows.values():
            evidence = one.props["evidence"]
            assert isinstance(evidence, list)
            assert (PASSIVE in evidence) is (technique in passive)
