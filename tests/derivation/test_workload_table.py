"""Every row of ``workload_roles.json``: paths as AWS has them, each kind of role, and its twins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collector.services import TYPES
from derivation.aws_world import PROD, World, trusting
from derivation.workload_lab import (
    OTHER,
    kinds,
    lab,
    named_by,
    only,
    put,
    read,
    texts,
    verdicts,
    workload_items,
)
from graph.derivation.workload_roles import workloads
from graph.derivation.workload_rows import MEANINGS, RoleAt, StateAt, workload_types
from graph.derivation.workloads import workload_part
from graph.iam.from_snapshot import from_snapshot
from graph.iam.service_sources import PODS
from tests.schema.test_paths import items_of, split, value_of, wrong

ROWS = workload_types()
DEV = "444455556666"
STATES = [(row.type, state) for row in ROWS.values() for state in row.states]
STATE_IDS = [f"{type_id}-{state.at}" for type_id, state in STATES]


def judged(type_id: str) -> list[RoleAt]:
    """Roles of which the trust policy is weighed against services."""
    return [role for role in ROWS[type_id].roles if role.trusts]


def of(roles: list[RoleAt], verdict: str) -> dict[str, str]:
    return {role.kind: verdict for role in roles}


@pytest.mark.parametrize("type_id", ROWS)
def test_paths_are_those_of_aws(type_id: str) -> None:
    declared = TYPES[type_id]
    for role in ROWS[type_id].roles:
        through = role.through
        paths = [role.at] if role.at else []
        if through:
            below = f"{through.each}/" if through.each else ""
            paths += [below + at for at in (through.at, through.version) if at]
            if through.match != "id":
                assert wrong(TYPES[through.type], through.match) == []
        assert [problem for path in paths for problem in wrong(declared, path)] == []
    assert [p for state in ROWS[type_id].states for p in wrong(declared, state.at)] == []


def values_of(type_id: str, path: str) -> set[str]:
    """The values that AWS's model lists for a member; none where it lists none."""
    declared, branch = TYPES[type_id], path.partition("|")[0]
    call, _, rest = branch.removeprefix("@").partition("/")
    shapes = items_of(declared)
    if branch.startswith("@"):
        called = [one for one in declared.calls() if one.operation == call]
        shapes = [value_of(declared, one) for one in called]
    for step in split(rest if branch.startswith("@") else branch):
        shapes = [shape.members[step] for shape in shapes]
    return set(getattr(shapes[0], "enum", ()) if shapes else ())


@pytest.mark.parametrize(("type_id", "state"), STATES, ids=STATE_IDS)
def test_every_state_that_aws_lists_has_a_meaning(type_id: str, state: StateAt) -> None:
    assert {*state.means.values(), state.otherwise, state.missing} <= set(MEANINGS)
    if listed := values_of(type_id, state.at):
        assert set(state.means) <= listed
        if state.otherwise == "unknown":
            assert set(state.means) == listed


def test_an_item_of_every_type_is_there() -> None:
    assert set(workload_items()) == set(ROWS)
    assert all(row.source.startswith("https://docs.aws.amazon.com/") for row in ROWS.values())


def members_of(shape: Any, value: Any, where: str) -> list[str]:
    """Members of a value that AWS's shape does not have."""
    if shape.type_name == "structure" and isinstance(value, dict):
        if getattr(shape, "is_document_type", False):
            return []
        unknown = [f"{where}/{name}" for name in value if name not in shape.members]
        known = {name: one for name, one in value.items() if name in shape.members}
        below = [members_of(shape.members[n], one, f"{where}/{n}") for n, one in known.items()]
        return unknown + [one for found in below for one in found]
    if shape.type_name == "list" and isinstance(value, list):
        return [one for row in value for one in members_of(shape.member, row, f"{where}/*")]
    return []


@pytest.mark.parametrize("type_id", ROWS)
def test_the_items_have_the_shapes_of_aws(type_id: str) -> None:
    line, declared = workload_items()[type_id], TYPES[type_id]
    put_there = {*declared.carry, *(call.wrap for call in declared.lists if call.wrap)}
    item = {name: one for name, one in line["item"].items() if name not in put_there}
    found = [members_of(shape, item, "item") for shape in items_of(declared)]
    assert min(found, default=[]) == []
    for name, value in line["calls"].items():
        operation = name.partition("(")[0]
        called = [one for one in declared.calls() if one.operation == operation]
        assert called, name
        assert min(members_of(value_of(declared, one), value, name) for one in called) == []


@pytest.mark.parametrize("type_id", ROWS)
def test_each_kind_of_role_is_found_where_it_is_trusted(type_id: str, tmp_path: Path) -> None:
    world = lab(type_id)
    (found,) = read(world, tmp_path, type_id)
    assert (found.id, found.account) == (workload_items()[type_id]["id"], PROD)
    assert {one.kind: str(one.answer.verdict) for one in found.roles} == dict.fromkeys(
        kinds(type_id), "yes"
    )
    assert {one.role for one in found.roles} == {
        f"arn:aws:iam::{PROD}:role/{kind}" for kind in kinds(type_id)
    }
    assert all(
        (one.profile.rpartition("/")[2] == one.kind) == (":instance-profile/" in one.profile)
        for one in found.roles
    )
    expected = "dormant" if ROWS[type_id].definition else "yes"
    assert {str(one.state.verdict) for one in found.roles} == {expected}


@pytest.mark.parametrize("type_id", ROWS)
def test_what_a_proof_points_to_stands_there(type_id: str, tmp_path: Path) -> None:
    world = lab(type_id)
    (found,) = read(world, tmp_path, type_id)
    lines = {row["id"]: row for rows in world.rows().values() for row in rows}
    refs = {ref for one in found.roles for step in one.answer.steps for ref in step.refs}
    assert refs
    for ref in refs:
        held: Any = lines[ref.id]
        for step in ref.pointer.split("/")[1:]:
            held = held[int(step)] if isinstance(held, list) else held[step]


@pytest.mark.parametrize("type_id", ROWS)
def test_twin_without_the_role(type_id: str, tmp_path: Path) -> None:
    change = texts(lambda _: None, set(kinds(type_id)))
    left = [role.kind for role in ROWS[type_id].roles if role.trusted_as and not role.at]
    assert verdicts(read(lab(type_id, change), tmp_path, type_id)) == dict.fromkeys(left, "yes")


@pytest.mark.parametrize("type_id", [one for one in ROWS if judged(one)])
def test_twin_another_service_is_trusted(type_id: str, tmp_path: Path) -> None:
    world = lab(type_id, trust=lambda _: trusting({"Service": OTHER}))
    found = verdicts(read(world, tmp_path, type_id))
    assert found.items() >= of(judged(type_id), "no").items()
    assert "irsa" not in found


@pytest.mark.parametrize("type_id", [one for one in ROWS if judged(one)])
def test_twin_the_role_was_not_collected(type_id: str, tmp_path: Path) -> None:
    found = verdicts(read(lab(type_id, roles=False), tmp_path, type_id))
    assert found.items() >= of(judged(type_id), "unknown").items()
    assert "irsa" not in found


@pytest.mark.parametrize("type_id", [one for one in ROWS if judged(one)])
def test_twin_a_role_of_another_account(type_id: str, tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""
    passed = [role for role in judged(type_id) if role.form == "role" and role.at]

    def moved(text: str) -> str:
        name = text.rpartition("/")[2]
        return f"arn:aws:iam::{DEV}:role/{name}" if name in of(passed, "") else text

    world = lab(type_id, texts(moved, set(kinds(type_id))))
    for role in passed:
        world.role(role.kind, [trusting({"Service": list(role.trusts)})], account=DEV)
    found = verdicts(read(world, tmp_path, type_id))
    assert found.items() >= of(passed, "no").items()


@pytest.mark.parametrize(
    "garbage", [5, [5], {"Ref": "Role"}, "arn:aws:s3:::role", "${Role}"], ids=str
)
@pytest.mark.parametrize("type_id", ROWS)
def test_what_is_no_role_is_unknown_not_nothing(type_id: str, garbage: Any, tmp_path: Path) -> None:
    change = texts(lambda _: garbage, set(kinds(type_id)))
    (found,) = read(lab(type_id, change), tmp_path, type_id)
    written = {role.kind for role in ROWS[type_id].roles if role.at or role.through}
    assert {one.kind for one in found.roles if str(one.answer.verdict) == "unknown"} == written
    assert all(not one.role for one in found.roles if one.kind in written)


@pytest.mark.parametrize("garbage", [5, "%", [5], [None], {"a": 1}, True], ids=str)
@pytest.mark.parametrize("type_id", ROWS)
def test_lines_out_of_shape_do_not_break(type_id: str, garbage: Any, tmp_path: Path) -> None:
    def broken(line: dict[str, Any]) -> dict[str, Any]:
        item = dict.fromkeys(line["item"], garbage)
        return {**line, "item": item, "calls": dict.fromkeys(line["calls"], garbage)}

    found = read(lab(type_id, broken), tmp_path, type_id)
    assert {one.kind for workload in found for one in workload.roles} <= set(kinds(type_id))
    assert set(verdicts(found).values()) <= {"unknown"}
    assert {one.role for workload in found for one in workload.roles} <= {""}


@pytest.mark.parametrize(("type_id", "state"), STATES, ids=STATE_IDS)
def test_states_are_told_apart(type_id: str, state: StateAt, tmp_path: Path) -> None:
    definition = ROWS[type_id].definition
    expected = {
        "running": {"dormant" if definition else "yes"},
        "dormant": {"dormant"},
        "unknown": {"unknown"},
        "gone": set(),
    }
    cases = {**state.means, "SOMETHING_NEW": state.otherwise, "": state.missing}
    for number, (value, meaning) in enumerate(cases.items()):
        written = (int(value) if value.isdigit() else value) if value else None
        world = lab(type_id, only(type_id, put(state.at, written)))
        found = read(world, tmp_path / str(number), type_id)
        told = {str(one.state.verdict) for workload in found for one in workload.roles}
        assert told == expected[meaning], value


def test_only_roles_with_which_the_controller_acts_are_drawn(tmp_path: Path) -> None:
    """All items in one account; roles of a name trust every service that any row wants."""
    world = World()
    services = sorted({one for row in ROWS.values() for role in row.roles for one in role.trusts})
    everyone = trusting({"Service": [*services, PODS]}, "sts:*")
    for type_id in ROWS:
        for key, rows in lab(type_id).lines.items():
            world.lines.setdefault(key, {}).update(rows)
    for row in world.lines[PROD, "global", "iam:role"].values():
        if row["item"]["RoleName"] != "irsa":
            row["item"]["AssumeRolePolicyDocument"]["Statement"] = [everyone]
    snapshot = world.write(tmp_path)
    part = workload_part(workloads(snapshot, from_snapshot(snapshot)))
    type_of = {line["id"]: type_id for type_id, line in workload_items().items()}
    drawn = {(type_of[one.start], one.props["mechanism"]) for one in part.relationships}
    assert drawn == {
        (row.type, role.kind) for row in ROWS.values() for role in row.roles if role.runs_code
    }
    dormant = {
        type_of[one.start] for one in part.relationships if one.props["verdict"] == "dormant"
    }
    acting = {row.type for row in ROWS.values() if any(role.runs_code for role in row.roles)}
    assert dormant == {type_id for type_id in acting if ROWS[type_id].definition}


def test_ways_through_other_items_end() -> None:
    """No type names its role through itself."""
    for type_id, row in ROWS.items():
        for role in row.roles:
            if role.through:
                assert type_id not in named_by(role.through.type)


def test_the_file_has_one_row_a_type() -> None:
    file = Path(workload_part.__code__.co_filename).with_name("workload_roles.json")
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    assert len(rows) == len(ROWS)
