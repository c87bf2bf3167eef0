"""What holds of every declared front door."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.services import TYPES
from collector.snapshot import Snapshot
from graph.front_doors import doors, front_door_reaches, front_door_ways, needs
from graph.front_doors.declare import FrontDoor
from graph.front_doors.document import rewritten
from graph.front_doors.sight import Sight
from graph.iam.from_snapshot import from_snapshot
from graph.network.from_snapshot import network_world
from graph.network.prefixes import Family
from graph.verdict import Verdict
from snapshot_files import write_snapshot
from tests.schema import aws_lines

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("door", doors(), ids=lambda one: f"{one.mechanism} {one.type_id}")
def test_a_declaration_names_what_exists(door: FrontDoor) -> None:
    assert {door.type_id, *door.needs} <= TYPES.keys()
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", door.mechanism)
    assert door.source.startswith("https://docs.aws.amazon.com/")
    assert door.rule.endswith(".")
    assert (ROOT / door.test).is_file()


def test_the_needs_are_those_of_all() -> None:
    assert {door.type_id for door in doors()} <= needs()


def test_the_page_is_generated() -> None:
    page = (ROOT / "docs" / "exposure.md").read_text(encoding="utf-8")
    assert rewritten(page) == page


def test_what_is_shown_by_ipv4_for_want_of_knowledge_says_so(snapshot: Snapshot) -> None:
    untold = {door.mechanism for door in doors() if door.untold_families}
    found = front_door_ways(snapshot, network_world(snapshot), from_snapshot(snapshot))
    said = {
        one.mechanism.partition("/")[0]
        for one in found
        if any(step.name == "address family" for step in one.answer.steps)
    }
    some = {one.mechanism.partition("/")[0] for one in found if one.verdict is not Verdict.NO}
    assert said
    assert said == untold & some
    assert not [
        one
        for one in found
        if one.mechanism.partition("/")[0] in said and one.family is Family.IPV6
    ]


HOSTILE: list[Any] = [None, "", "x", 0, -1, True, [], {}, [None], [[]], {"x": None}, "\x00", 1.5]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _paths(inner, (*path, number))


def _put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    for step in path[:-1]:
        value = value[step]
    if isinstance(value, dict) is isinstance(path[-1], int):
        raise TypeError("something else stands there by now")
    # A copy: what is put in may be changed in its turn.
    value[path[-1]] = copy.deepcopy(new)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return aws_lines.write(tmp_path_factory.mktemp("all"), aws_lines.organisation())


OPTIONS = frozenset({"aurora-gateway", "rds-data"})
"""Options of a resource: where one is off there is no door, not a closed one."""


def test_every_kind_is_judged_for_every_line(snapshot: Snapshot) -> None:
    """A line of a kind of door gives at least one answer, be it ``no``."""
    sight = Sight(snapshot, network_world(snapshot), from_snapshot(snapshot))
    for door in doors():
        for item in sight.items(door.type_id):
            found = list(door.judge(sight, item))
            assert found or door.mechanism in OPTIONS, (door.mechanism, item.id)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_shape_of_data_ends_it(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    """Whatever stands in the place of a value, there is an answer, and a yes has no conditions."""
    lines = copy.deepcopy(aws_lines.organisation())
    kinds = needs()
    candidates = [
        (row, where)
        for key, rows in sorted(lines.items())
        if key[2] in kinds
        for row in rows
        for where in _paths(row)
        if where[0] in ("item", "calls") and len(where) > 1 and where[-1] != "status"
        # What a call is made of is the snapshot's format, not AWS's data.
        if where[0] == "item" or len(where) > 2
    ]
    assert candidates
    for row, where in data.draw(st.lists(st.sampled_from(candidates), min_size=1, max_size=4)):
        try:
            _put(row, where, data.draw(st.sampled_from(HOSTILE)))
        except (KeyError, IndexError, TypeError):
            continue  # What stood around it is gone already.
    snapshot = write_snapshot(tmp_path_factory.mktemp("hostile"), lines)
    for reach in front_door_reaches(snapshot, network_world(snapshot), from_snapshot(snapshot)):
        assert isinstance(reach.verdict, Verdict)
