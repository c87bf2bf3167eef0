"""Who may read the place where an access key stands gains its user: each technique by its row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collector.services import TYPES
from derivation.aws_world import DEV, PROD, allow, iam
from escalation.key_lab import (
    KEY,
    OWNER,
    KeyWorld,
    alone,
    both,
    key_id,
    leads,
    plant,
    put,
    thing_of,
    with_owner,
)
from escalation.technique_lab import (
    ATTACKER,
    Case,
    cases,
    deny,
    derived,
    fill,
    found,
    with_attacker,
    with_scp,
)
from graph.escalation.key_places import scanned_types
from graph.escalation.keys_in_data import unread_types
from graph.escalation.technique import Call, techniques
from snapshot_files import REGION

CASES = [case for case in cases("found-key") if case.technique.target.type]
FIRST = [case for case in CASES if case.number == 0]
OPEN = {
    "apigateway:rest-api",
    "apigatewayv2:api",
    "bedrock:agent",
    "cloudfront:distribution",
    "cloudmap:service",
    "events:rule",
    "glue:connection",
    "glue:table",
    "sagemaker:model",
}
"""Types of which a policy of the resource, or of what is above it, may speak; none is read here."""


def each(listed: list[Case]) -> Callable[[Any], Any]:
    cases_of = pytest.mark.parametrize("case", listed, ids=str)
    mark = pytest.mark.technique(*sorted({case.technique.id for case in listed}))
    return lambda function: mark(cases_of(function))


def resource(case: Case, call: Call, name: str = "thing") -> str:
    """What a call of the case is on."""
    node = thing_of(case, name)
    last = node.rpartition(":")[2].rpartition("/")[2]
    values = {"partition": "aws", "account": PROD, "region": REGION, "resource": node, "id": last}
    line = {"item": {"FunctionName": "web", "DatabaseName": "sales"}, "calls": {}}
    return fill(call.on, values, line)


def statements(case: Case, calls: list[Call] | None = None, name: str = "thing") -> list[Any]:
    listed = list(case.calls) if calls is None else calls
    return [allow(call.action, resource(case, call, name)) for call in listed]


def world_of(case: Case, text: str | None = None) -> KeyWorld:
    world = with_owner()
    put(world, case, both() if text is None else text)
    return world


@each(CASES)
def test_who_makes_exactly_the_calls_gains_the_user(case: Case) -> None:
    world = with_attacker(world_of(case), statements(case))
    (row,) = found(world, case.technique.id).values()
    assert row.end == OWNER
    conditions = row.props["conditions"]
    assert (row.props["verdict"] == "yes") is (case.technique.target.type not in OPEN)
    assert all(name.startswith("not_collected:resource-policy=") for name in conditions)
    assert row.props["via"] == [thing_of(case)]
    assert set(row.props["actions"]) == {call.action for call in case.calls}
    assert any(KEY in line for line in row.props["evidence"])


@each(CASES)
def test_with_any_one_call_taken_away_nobody_is_gained(case: Case) -> None:
    world = world_of(case)
    for gone in case.calls:
        left = [call for call in case.calls if call is not gone]
        twin = with_attacker(world, statements(case, left))
        assert not found(twin, case.technique.id)


@each(CASES)
def test_a_service_control_policy_that_denies_a_call_leaves_nothing(case: Case) -> None:
    world = with_attacker(world_of(case), statements(case))
    twin = with_scp(world, deny(case.calls[0].action))
    assert not found(twin, case.technique.id)


@each([case for case in FIRST if all("{resource}" in call.on for call in case.calls)])
def test_the_same_call_on_another_thing_gives_nothing(case: Case) -> None:
    world = world_of(case)
    elsewhere = f"{thing_of(case)}-of-others"
    twin = with_attacker(world, [allow(call.action, elsewhere) for call in case.calls])
    assert not found(twin, case.technique.id)


@each(FIRST)
def test_a_thing_with_the_key_of_nobody_known_gives_nothing(case: Case) -> None:
    world = world_of(case, both(key_id(7, DEV)))
    twin = with_attacker(world, statements(case))
    assert not found(twin, case.technique.id)


@each(FIRST)
def test_a_key_without_its_secret_needs_it(case: Case) -> None:
    twin = with_attacker(world_of(case, alone()), statements(case))
    (row,) = found(twin, case.technique.id).values()
    assert row.props["verdict"] == "conditional"
    kinds = {name for name in row.props["conditions"] if "resource-policy" not in name}
    assert kinds == {f"secret:aws-secret-access-key={KEY}"}


@each(FIRST)
def test_the_thing_itself_leads_to_the_user(case: Case) -> None:
    rows = leads(derived(world_of(case)), thing_of(case))
    assert {end: one.props["verdict"] for end, one in rows.items()} == {OWNER: "yes"}


def test_each_place_that_is_scanned_is_read_by_a_technique_or_left_out_for_a_reason() -> None:
    read = {case.technique.target.type for case in CASES}
    assert read.isdisjoint(unread_types())
    assert read | set(unread_types()) == set(scanned_types())
    assert all(unread_types().values())


def declared(type_id: str) -> set[str]:
    """Calls of a type's line in which the scanner reads something; empty for the item."""
    return {path.rpartition(":")[0] for path in (*TYPES[type_id].redact, *TYPES[type_id].scan)}


def test_techniques_that_read_a_part_of_a_thing_read_all_of_it_together() -> None:
    parts: dict[str, set[str]] = {}
    for case in CASES:
        target = case.technique.target
        assert set(target.places) <= declared(target.type)
        parts.setdefault(target.type, set()).update(target.places or declared(target.type))
    left = {(one, part) for one, known in parts.items() for part in declared(one) - known}
    assert left == {
        ("apigateway:rest-api", "get_resources"),
        ("apigatewayv2:api", "get_integrations"),
    }


def test_a_technique_of_a_part_does_not_show_another_part() -> None:
    template = next(case for case in CASES if case.technique.id == "x-access-key-in-template")
    stack = next(case for case in CASES if case.technique.id == "x-access-key-in-stack")
    world = world_of(template)
    for case, wanted in ((template, {OWNER}), (stack, set())):
        twin = with_attacker(world, [*statements(template), *statements(stack)])
        assert set(found(twin, case.technique.id)) == wanted


def test_every_row_is_tried() -> None:
    listed = {one.id for one in techniques() if one.target.kind == "found-key"}
    assert listed == {case.technique.id for case in CASES} | {"x-access-key-found"}


def test_an_admin_reads_the_keys_of_other_accounts_too() -> None:
    world = KeyWorld()
    other = iam("user", "other", DEV)
    world.key(world.owner(account=DEV, name="other"), key_id(1, DEV))
    world.key(world.owner())
    world.function(A=both(key_id(1, DEV)), B=both())
    world.user("boss", allow("*"))
    rows = found(world, "x-access-key-in-function", iam("user", "boss"))
    assert set(rows) == {other}, "in its own account an admin has the user anyway"


@pytest.mark.technique("x-access-key-in-user-data")
def test_the_tags_of_the_thing_count() -> None:
    tagged = {"StringEquals": {"aws:ResourceTag/team": "web"}}
    case = next(one for one in CASES if one.technique.id == "x-access-key-in-user-data")
    for team, wanted in (("web", {OWNER}), ("other", set())):
        world = world_of(case)
        world.item(thing_of(case))["Tags"] = [{"Key": "team", "Value": team}]
        world.user("mallory", allow("ec2:DescribeInstanceAttribute", "*", Condition=tagged))
        assert set(found(world, case.technique.id)) == wanted


def test_who_reads_its_own_key_gains_nothing() -> None:
    world = KeyWorld()
    world.user("mallory", allow("lambda:GetFunction"))
    world.key(ATTACKER)
    world.function(A=both())
    assert not found(world, "x-access-key-in-function")


def test_a_plant_is_where_its_path_says() -> None:
    assert plant("a:b[].c.*", "x") == ("a", {"b": [{"c": {"SETTING": "x"}}]})
    assert plant("Outputs[].OutputValue", "x") == ("", {"Outputs": [{"OutputValue": "x"}]})
