"""``mapper admins`` on worlds made by hand: machines, other workloads, and what organises them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from derivation.aws_world import EC2, FULL, LAMBDA, World, allow, trusting
from snapshot_files import ACCOUNT, REGION

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:job"
STEPS = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:steps"
MACHINE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0aaaaaaaaaaaaaaaa"
STATES = trusting({"Service": "states.amazonaws.com"})


@pytest.fixture
def admins(place, mapper) -> Callable[..., object]:
    """Run ``mapper admins`` on a world."""

    def call(world: World, *arguments: object):
        folder = place.folder / "made" / str(len(list(place.folder.iterdir())))
        if not folder.exists():
            world.write(folder)
        return mapper("admins", "--snapshot", folder, "-q", *arguments)

    return call


def workloads(*, function: dict | None = FULL, machine: dict | None = FULL) -> World:
    """A machine, a function and a state machine, with roles of these rights."""
    world = World()
    caller = {"Account": ACCOUNT}
    world.add("aws:account", ACCOUNT, {}, get_caller_identity=caller)
    held = [one for one in (machine,) if one]
    world.instance("i-0aaaaaaaaaaaaaaaa", world.profile("web", world.role("web", [EC2], *held)))
    runs = [one for one in (function,) if one]
    role = world.role("job", [LAMBDA], *runs)
    item = {"FunctionName": "job", "FunctionArn": FUNCTION, "Role": role}
    world.add("lambda:function", FUNCTION, item, region=REGION)
    steps = world.role("steps", [STATES], FULL)
    item = {"name": "steps", "stateMachineArn": STEPS, "roleArn": steps}
    told = {**item, "status": "ACTIVE"}
    world.add("stepfunctions:state-machine", STEPS, item, region=REGION,
              describe_state_machine=told)  # fmt: skip
    return world


def test_compute_lists_machines_and_counts_the_rest(admins) -> None:
    found = admins(workloads(), "--compute", "--format", "json").json
    assert [row["id"] for row in found["rows"]] == [MACHINE]
    assert found["totals"]["left_out"] == 2
    note = (
        "2 other workloads (1 function, 1 state machine) reach admin too: --workloads lists them."
    )
    assert found["notes"] == [note]
    assert note in " ".join(admins(workloads(), "--compute").out.split())
    assert "Root users" not in admins(workloads(), "--compute").out


def test_workloads_lists_every_kind(admins) -> None:
    found = admins(workloads(), "--compute", "--workloads", "--format", "json").json
    assert {row["id"] for row in found["rows"]} == {MACHINE, FUNCTION, STEPS}
    assert found["totals"]["left_out"] == 0
    assert "notes" not in found
    table = admins(workloads(), "--compute", "--workloads").out
    assert table.startswith("Machines and other workloads whose role reaches admin")


def test_no_note_where_no_other_workload_reaches_admin(admins) -> None:
    world = workloads(function=None)
    del world.lines[ACCOUNT, REGION, "stepfunctions:state-machine"]
    found = admins(world, "--compute", "--format", "json").json
    assert [row["id"] for row in found["rows"]] == [MACHINE]
    assert "notes" not in found


def test_a_table_without_machines_is_still_of_machines(admins) -> None:
    table = admins(workloads(machine=None), "--compute").out
    assert table.startswith("Machines whose role reaches admin")
    assert "2 other workloads" in table


def test_a_workload_of_which_it_is_unknown_is_not_said_to_reach_admin(admins) -> None:
    world = workloads(machine=None)
    world.lines[ACCOUNT, "global", "iam:role"].pop(f"arn:aws:iam::{ACCOUNT}:role/job")
    world.lines[ACCOUNT, "global", "iam:role"].pop(f"arn:aws:iam::{ACCOUNT}:role/steps")
    notes = admins(world, "--compute", "--format", "json").json.get("notes", [])
    assert not any("reach admin too" in note for note in notes)


def test_what_a_workload_needs_is_missing_only_where_workloads_are_asked_for(admins) -> None:
    def missing(*options: str) -> set[str]:
        found = admins(workloads(), "--compute", *options, "--format", "json").json
        return {gap["service"] for gap in found["coverage"]["missing"]}

    assert "codepipeline" in missing("--workloads")
    assert "codepipeline" not in missing()


def test_workloads_without_compute_is_wrong_usage(admins) -> None:
    outcome = admins(workloads(), "--workloads")
    assert outcome.code == 2
    assert "--workloads belongs to --compute." in outcome.err


def test_a_machines_metadata_service_is_told_and_that_of_a_function_is_not(admins) -> None:
    rows = admins(workloads(), "--compute", "--workloads", "--format", "json").json["rows"]
    facts = {row["id"]: row["imds"]["v1"] for row in rows}
    assert facts == {MACHINE: False, FUNCTION: None, STEPS: None}
    table = admins(workloads(), "--compute", "--workloads").out
    assert table.count("v2 only") == 1
    assert "not seen" not in table
