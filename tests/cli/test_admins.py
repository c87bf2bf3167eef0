"""``mapper admins`` on worlds made by hand: machines, other workloads, and what organises them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from derivation.aws_world import (
    DEV,
    EC2,
    FULL,
    LAMBDA,
    PROD,
    VENDOR,
    World,
    allow,
    iam,
    trusting,
)
from escalation.technique_lab import TechniqueWorld
from mapper.output.admins import way_words
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


ORG_ROLE = "OrganizationAccountAccessRole"
STACK_SETS = "member.org.stacksets.cloudformation.amazonaws.com"


def organisation() -> World:
    """A management account (PROD) that governs two more, and what may be done from it."""
    world = TechniqueWorld()
    world.organisation(management=PROD, dev=DEV, other=VENDOR)
    ((root,),) = [list(rows.values()) for key, rows in world.lines.items() if key[2] == "org:root"]
    listed = [{"ServicePrincipal": STACK_SETS}]
    root["calls"]["list_aws_service_access_for_organization"] = {"status": "ok", "value": listed}
    for account in (PROD, DEV, VENDOR):
        caller = {"Account": account}
        world.add("aws:account", account, {}, account=account, get_caller_identity=caller)
        world.role("plain", [EC2], account=account)
    for account in (DEV, VENDOR):
        trust = [trusting({"AWS": f"arn:aws:iam::{PROD}:root"})]
        world.role(ORG_ROLE, trust, FULL, account=account)
    deploys = ["cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"]
    world.user("deployer", allow(deploys))
    world.user("assumer", allow("sts:AssumeRole", f"arn:aws:iam::*:role/{ORG_ROLE}"))
    world.user("nobody", allow("s3:GetObject"))
    world.user("away", allow(deploys), account=DEV)
    return world


def delegated(service: str = STACK_SETS) -> World:
    """The same, with a member that administers a service for the organisation."""
    world = organisation()
    node = f"arn:aws:organizations::{PROD}:account/o-abcdefghij/{DEV}/delegated"
    world.add("org:delegated-admin", node, {"Id": DEV},
              list_delegated_services_for_account=[{"ServicePrincipal": service}])  # fmt: skip
    return world


def reached(found, who: str) -> dict[str, tuple[str, int, str]]:
    """By account: verdict, steps and the way in words."""
    return {
        row["admin_of"].removeprefix("account:"): (
            row["verdict"],
            row["steps"],
            way_words(row["path"]),
        )
        for row in found.json["rows"]
        if row["id"] == who
    }


def test_who_governs_an_organisation_reaches_its_members(admins) -> None:
    found = admins(organisation(), "--format", "json")
    way = f"assumes {ORG_ROLE}"
    assert reached(found, iam("user", "assumer")) == dict.fromkeys((DEV, VENDOR), ("yes", 2, way))
    deployed = reached(found, iam("user", "deployer"))
    assert deployed == dict.fromkeys((DEV, VENDOR), ("yes", 1, "by x-orgs-stackset"))
    for nobody in (iam("user", "nobody"), iam("user", "away", DEV)):
        assert reached(found, nobody) == {}


def test_a_delegated_administrator_of_stack_sets_reaches_the_other_members(admins) -> None:
    away = iam("user", "away", DEV)
    found = reached(admins(delegated(), "--format", "json"), away)
    assert found[VENDOR] == ("yes", 1, "by x-orgs-stackset")
    assert PROD not in found


def test_one_of_another_service_reaches_nobody(admins) -> None:
    found = admins(delegated("guardduty.amazonaws.com"), "--format", "json")
    assert reached(found, iam("user", "away", DEV)) == {}


def test_root_users_reach_their_own_account_and_what_it_governs(admins) -> None:
    root = f"arn:aws:iam::{PROD}:root"
    found = admins(organisation(), "--root", "--format", "json")
    assert found.json["totals"]["left_out"] == 0
    rows = reached(found, root)
    assert rows[PROD] == ("yes", 1, "")
    assert set(rows) == {PROD, DEV, VENDOR}
    assert rows[DEV][0] == "yes"
    assert set(reached(found, f"arn:aws:iam::{DEV}:root")) == {DEV}
    assert reached(admins(organisation(), "--format", "json"), root) == {}


def test_ways_that_are_alike_are_one_line(admins, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    table = admins(organisation()).out
    rows = [line for line in table.split("\n") if line.startswith(" ") and "  yes  " in line]
    assert sum("assumer (User)" in line for line in rows) == 1
    assert sum("deployer (User)" in line for line in rows) == 1
    assert "each its own" in table
    assert "6 rows on 3 lines, 4 resources." in table
    assert "x-orgs-stackset: cloudformation:CreateStackSet" in " ".join(table.split())


def test_with_v_each_row_has_its_line(admins, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    table = admins(organisation(), "-v").out
    assert "6 rows, 4 resources." in table
    assert "each its own" not in table
