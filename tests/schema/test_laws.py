"""Laws of the inventory: order does not matter, and no shape is a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.snapshot import Change, Overlay, Snapshot
from graph.inventory import Inventory, inventory
from graph.schema.registry import REGISTRY
from tests.schema.aws_lines import Lines, organisation, write

WHOLE = organisation()
FILES = sorted(WHOLE)

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8) | st.just("arn:aws:*"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


def read(lines: Lines) -> Inventory:
    with TemporaryDirectory() as folder:
        return inventory(write(Path(folder), lines))


EXPECTED = read(WHOLE)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_order_of_lines_and_files_makes_no_difference(data: st.DataObject) -> None:
    order = data.draw(st.permutations(FILES))
    lines = {key: data.draw(st.permutations(WHOLE[key])) for key in order}
    assert read(lines) == EXPECTED


@settings(max_examples=20, deadline=None)
@given(st.sets(st.sampled_from(FILES), max_size=12))
def test_what_was_not_collected_takes_nothing_from_the_rest(missing: set[Any]) -> None:
    result = read({key: rows for key, rows in WHOLE.items() if key not in missing})
    kept = {
        row["id"]
        for key, rows in WHOLE.items()
        for row in rows
        if key not in missing and row["id"].startswith("arn:") and _is_node(key[2])
    }
    labels = {found.id: found.labels[0] for found in EXPECTED.nodes}
    collected = {found.id: found.labels[0] for found in result.nodes if found.props["collected"]}
    assert kept <= collected.keys()
    assert all(labels[node_id] == collected[node_id] for node_id in kept)
    ids = {found.id for found in result.nodes}
    assert all(r.start in ids and r.end in ids for r in result.relationships)


def _is_node(type_id: str) -> bool:
    return any(found.snapshot_type == type_id for found in REGISTRY.node_types)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    members = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, inner in members:
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return write(tmp_path_factory.mktemp("whole"), WHOLE)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_shape_is_a_crash_and_other_lines_stay_as_they_are(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    account, region, type_id = key = data.draw(st.sampled_from(FILES))
    row = json.loads(json.dumps(data.draw(st.sampled_from(WHOLE[key]))))
    values = [call for call in row["calls"].values() if call["status"] == "ok"]
    places = [*_places(row["item"]), *(p for call in values for p in _places({"": call["value"]}))]
    if not places:
        return
    holder, member = data.draw(st.sampled_from(places))
    holder[member] = data.draw(JUNK)
    file = f"accounts/{account}/{region}/{type_id.replace(':', '/')}.jsonl"
    changed = snapshot.with_overlay(Overlay([Change("replace", file, row["id"], row)]))
    result = inventory(changed)
    untouched = {found.id for found in EXPECTED.nodes if found.props["collected"]} - {row["id"]}
    still = {found.id for found in result.nodes}
    # Rows of a report, and what has no ARN, can take their id from the item.
    assert {node_id for node_id in untouched if node_id.startswith("arn:")} <= still
    for problem in result.problems:
        assert (problem.file, problem.id) == (file, row["id"])
