"""Front doors judged in small worlds: AWS's JSON in, reaches out."""

from __future__ import annotations

from pathlib import Path

from graph.front_doors import front_door_reaches
from graph.iam.from_snapshot import from_snapshot
from graph.network.from_snapshot import network_world
from graph.network.reach import Reach
from network.aws_shapes import Lab
from snapshot_files import write_snapshot


def judged(lab: Lab, folder: Path) -> list[Reach]:
    """Every front door's reaches, ``no`` included."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    snapshot = write_snapshot(folder, rows, list(lab.ledger()))
    return front_door_reaches(snapshot, network_world(snapshot), from_snapshot(snapshot))


def one(lab: Lab, folder: Path, target: str, mechanism: str, source: str = "internet") -> Reach:
    """The only reach to a target by a mechanism (with its family) from a source."""
    (found,) = [
        reach
        for reach in judged(lab, folder)
        if (reach.target, reach.mechanism, reach.source) == (target, mechanism, source)
    ]
    return found


def failing(reach: Reach) -> list[str]:
    """Names of the steps that are closed."""
    return [step.name for step in reach.answer.steps if step.result == "fail"]
