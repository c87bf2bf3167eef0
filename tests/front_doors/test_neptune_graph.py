"""Neptune Analytics graphs, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Denied

GRAPH = f"arn:aws:neptune-graph:{REGION}:{ACCOUNT}:graph/g-1"


def graph(item: dict[str, Any], told: Any = None) -> Lab:
    lab = Lab()
    call = {"status": "AVAILABLE"} if told is None else told
    lab.add("neptune-graph:graph", "g-1", GRAPH, {"id": "g-1"} | item, get_graph=call)
    return lab


def reach(lab: Lab, folder: Path) -> Reach:
    return one(lab, folder, GRAPH, "neptune-graph/ipv4")


def test_a_public_graph_asks_for_a_signature(tmp_path: Path) -> None:
    found = reach(graph({"publicConnectivity": True}), tmp_path)
    assert (found.verdict, found.answer.conditions) == (Verdict.CONDITIONAL, ("authn:sigv4",))


def test_a_private_graph_is_closed(tmp_path: Path) -> None:
    found = reach(graph({"publicConnectivity": False}), tmp_path)
    assert (found.verdict, failing(found)) == (Verdict.NO, ["public connectivity"])


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (graph({}, {"publicConnectivity": True}), Verdict.CONDITIONAL),
        (graph({}, Denied), Verdict.UNKNOWN),
        (graph({"publicConnectivity": True, "status": "STOPPED"}), Verdict.DORMANT),
        (graph({"publicConnectivity": False, "status": "STOPPED"}), Verdict.NO),
    ],
    ids=["described", "denied", "stopped", "private and stopped"],
)
def test_other_locks(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert reach(lab, tmp_path).verdict is verdict
