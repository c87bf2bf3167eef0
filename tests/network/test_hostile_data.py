"""Data that make no sense: never a crash, never a ``yes`` more than before a lock was garbled."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.network.exposure import internet_reach
from graph.network.groups import interface_groups
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, exposed
from network.test_load_balancers import behind_alb, peered
from snapshot_files import ACCOUNT

JUNK = (
    None,
    True,
    -7,
    10**30,
    "",
    "x",
    "999.1.1.1/99",
    "igw-",
    [],
    ["x"],
    {},
    {"x": 1},
    [[]],
    [{}],
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a JSON value."""
    found = [path] if path else []
    children = value.items() if isinstance(value, dict) else []
    if isinstance(value, list):
        children = list(enumerate(value))
    for key, child in children:
        found += places(child, (*path, key))
    return found


def put(value: Any, path: tuple[Any, ...], junk: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = copy.deepcopy(junk)


def lines(lab: Lab) -> list[dict[str, Any]]:
    return [found for by_name in lab.lines.values() for found in by_name.values()]


def with_junk(world: Lab, data: st.DataObject) -> Lab:
    """A copy (what worlds share is not to be changed for the next) with junk in a few places."""
    lab = world.twin()
    for _ in range(data.draw(st.integers(1, 3))):
        line = data.draw(st.sampled_from(lines(lab)))
        part = data.draw(st.sampled_from(["item", "calls"]))
        where = [
            p for p in places(line[part]) if part == "item" or (len(p) > 1 and p[1] == "value")
        ]
        if where:
            put(line[part], data.draw(st.sampled_from(where)), data.draw(st.sampled_from(JUNK)))
    return lab


WORLDS = {"alb": behind_alb, "peered": peered, "exposed": exposed}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(WORLDS)), st.data())
def test_junk_in_any_place_never_crashes(name: str, data: st.DataObject) -> None:
    lab = with_junk(WORLDS[name](), data)
    with tempfile.TemporaryDirectory() as folder:
        world = lab.build(Path(folder))
    for reach in internet_reach(world):
        assert reach.verdict is not Verdict.YES or not reach.answer.conditions
    interface_groups(world)


def test_instance_without_any_interface_is_unknown(tmp_path: Path) -> None:
    lab = exposed()
    lab.deny("ec2.describe_network_interfaces", ACCOUNT)
    lab.remove("eni-web")
    lab.item("i-web")["NetworkInterfaces"] = []
    (reach,) = [r for r in internet_reach(lab.build(tmp_path / "a")) if r.target == INSTANCE]
    assert reach.verdict is Verdict.UNKNOWN
    lab.item("i-web")["State"]["Name"] = "terminated"
    assert not [r for r in internet_reach(lab.build(tmp_path / "b")) if r.target == INSTANCE]
