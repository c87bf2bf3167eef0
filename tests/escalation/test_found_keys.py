"""What holds an access key leads to the key's user."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivation.aws_world import DEV, LAMBDA, PROD, allow, iam
from derivation.workload_lab import workload_items
from escalation.key_lab import (
    KEY,
    OWNER,
    SECRET,
    KeyWorld,
    alone,
    both,
    key_id,
    leads,
    with_owner,
)
from escalation.technique_lab import derived
from graph.derive import Derivation
from graph.escalation.key_places import sightings
from graph.judgement import Judgement
from graph.verdict import Verdict
from snapshot_files import REGION

WEB = f"arn:aws:lambda:{REGION}:{PROD}:function:web"
MACHINE = f"arn:aws:ec2:{REGION}:{PROD}:instance/i-1"
ROOT = f"arn:aws:iam::{PROD}:root"

key = pytest.mark.technique("x-access-key-found")


def of(derivation: Derivation, node: str = WEB) -> dict[str, str]:
    """Whom a node leads to, with the verdicts."""
    return {end: str(one.props["verdict"]) for end, one in leads(derivation, node).items()}


def judged(derivation: Derivation, target: str, node: str = WEB) -> list[Judgement]:
    """What was judged of a node and a target."""
    found = [one for one in derivation.judgements if one.question == "escalate"]
    return [one for one in found if (one.source, one.target) == (node, target)]


def holding(**environment: str) -> KeyWorld:
    world = with_owner()
    world.function(**environment)
    return world


def user_data(world: KeyWorld, text: str, state: str = "running") -> None:
    item = {"InstanceId": "i-1", "State": {"Name": state}}
    packed = base64.b64encode(text.encode()).decode()
    world.hold(
        "ec2:instance", MACHINE, item, describe_instance_attribute={"UserData": {"Value": packed}}
    )


# Whose it is, and what it is worth


@key
def test_a_function_with_a_key_and_its_secret_leads_to_the_user() -> None:
    world = holding(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
    (row,) = leads(derived(world), WEB).values()
    assert (row.end, row.props["verdict"], row.props["conditions"]) == (OWNER, "yes", [])
    assert row.props["mechanism"] == "Environment.Variables.AWS_ACCESS_KEY_ID"
    told = " ".join(map(str, row.props["evidence"]))
    assert KEY in told
    assert SECRET not in told


@key
@pytest.mark.parametrize("name", ["AWS_SECRET", "SecretKey", "aws_secret_access_key"])
def test_a_secret_is_seen_under_the_names_that_it_has(name: str) -> None:
    assert of(derived(holding(KEY=KEY, **{name: SECRET}))) == {OWNER: "yes"}


@key
def test_without_the_secret_beside_it_the_secret_is_a_condition() -> None:
    world = holding(AWS_ACCESS_KEY_ID=KEY, DB_PASSWORD="Hunter2-x")
    (row,) = leads(derived(world), WEB).values()
    assert row.props["verdict"] == "conditional"
    assert row.props["conditions"] == [f"secret:aws-secret-access-key={KEY}"]


@key
def test_a_secret_in_another_function_is_not_beside_it() -> None:
    world = holding(AWS_ACCESS_KEY_ID=KEY)
    world.function("other", AWS_SECRET_ACCESS_KEY=SECRET)
    assert of(derived(world)) == {OWNER: "conditional"}


@key
def test_of_two_keys_and_one_secret_nobody_knows_whose_it_is() -> None:
    world = holding(A=KEY, B=key_id(2), AWS_SECRET_ACCESS_KEY=SECRET)
    other = world.owner(name="other")
    world.key(other, key_id(2))
    assert of(derived(world)) == {OWNER: "conditional", other: "conditional"}
    world.function(A=KEY, B=key_id(2), SECRET_KEY_A=SECRET, SECRET_KEY_B=SECRET[::-1])
    assert of(derived(world)) == {OWNER: "yes", other: "yes"}


@key
def test_of_two_profiles_in_one_text_each_has_its_own() -> None:
    world = with_owner()
    other, third = world.owner(name="other"), world.owner(name="third")
    world.key(other, key_id(2))
    world.key(third, key_id(3))
    text = both() + "\n" * 20 + both(key_id(2)) + " " * 500 + f"\nID={key_id(3)}\n"
    user_data(world, text)
    expected = {OWNER: "yes", other: "yes", third: "conditional"}
    assert of(derived(world), MACHINE) == expected
    agent = f"arn:aws:bedrock:{REGION}:{PROD}:agent/A"
    world.hold("bedrock:agent", agent, {}, get_agent={"agent": {"instruction": text}})
    assert of(derived(world), agent) == expected


@key
def test_the_nearest_secret_counts() -> None:
    world = with_owner()
    node = f"arn:aws:ecs:{REGION}:{PROD}:task-definition/web:7"
    other = world.owner(name="other")
    world.key(other, key_id(2))
    one = [{"name": "AWS_ACCESS_KEY_ID", "value": KEY}]
    two = [{"name": "ID", "value": key_id(2)}, {"name": "AWS_SECRET_ACCESS_KEY", "value": SECRET}]
    containers = [{"name": "a", "environment": one}, {"name": "b", "environment": two}]
    answer = {"taskDefinition": {"containerDefinitions": containers, "status": "ACTIVE"}}
    world.hold("ecs:task-definition", node, {}, describe_task_definition=answer)
    assert of(derived(world), node) == {OWNER: "conditional", other: "yes"}


@key
@pytest.mark.parametrize("status", ["Inactive", "Expired"])
def test_a_key_that_is_switched_off_is_dormant(status: str) -> None:
    world = KeyWorld()
    world.key(world.owner(), status=status)
    world.function(A=both())
    assert of(derived(world)) == {OWNER: "dormant"}


@key
def test_a_key_of_nobody_known_leads_nowhere() -> None:
    derivation = derived(holding(A=both(key_id(9, DEV))))
    assert of(derivation) == {}
    assert not [one for one in derivation.judgements if "key" in one.mechanism]


@key
def test_a_key_that_was_deleted_leads_nowhere_and_says_so() -> None:
    world = holding(A=both(key_id(9)))
    summary = {"SummaryMap": {"AccountAccessKeysPresent": 0}}
    world.add("aws:account-alias", PROD, {}, get_account_summary=summary)
    derivation = derived(world)
    assert of(derivation) == {}
    (one,) = judged(derivation, f"account:{PROD}")
    assert one.answer.verdict is Verdict.NO


@key
@pytest.mark.parametrize("present", [1, None])
def test_where_no_user_has_it_the_root_user_may(present: int | None) -> None:
    world = holding(A=both(key_id(9)))
    if present is not None:
        summary = {"SummaryMap": {"AccountAccessKeysPresent": present}}
        world.add("aws:account-alias", PROD, {}, get_account_summary=summary)
    (row,) = leads(derived(world), WEB).values()
    assert (row.end, row.props["verdict"]) == (ROOT, "unknown")
    assert row.props["conditions"] == [f"not_collected:root-access-key={PROD}"]


@key
def test_a_temporary_key_leads_nowhere_and_says_so() -> None:
    derivation = derived(holding(A=both(key_id(1, prefix="ASIA"))))
    assert of(derivation) == {}
    (one,) = judged(derivation, f"account:{PROD}")
    assert one.answer.verdict is Verdict.NO
    assert "expire" in one.answer.why


@key
def test_the_only_user_whose_keys_were_not_read_may_be_whose_it_is() -> None:
    world = holding(A=both(key_id(9)))
    hidden = world.owner(name="hidden")
    world.unread_keys(hidden)
    (row,) = leads(derived(world), WEB).values()
    assert (row.end, row.props["verdict"]) == (hidden, "unknown")
    assert row.props["conditions"] == [f"not_collected:iam:ListAccessKeys={hidden}"]


@key
def test_of_several_users_whose_keys_were_not_read_it_is_unknown_once() -> None:
    world = holding(A=both(key_id(9)), B=both(key_id(8)))
    for name in ("one", "two"):
        world.unread_keys(world.owner(name=name))
    derivation = derived(world)
    assert of(derivation) == {}
    (one,) = judged(derivation, f"account:{PROD}")
    assert one.answer.verdict is Verdict.UNKNOWN
    assert one.answer.conditions == (f"not_collected:iam:ListAccessKeys={PROD}",)


@key
def test_a_key_that_is_listed_is_known_though_others_were_not_read() -> None:
    world = holding(A=both())
    world.unread_keys(world.owner(name="hidden"))
    assert of(derived(world)) == {OWNER: "yes"}


@key
def test_where_the_users_were_not_listed_no_root_user_is_accused() -> None:
    world = holding(A=both(key_id(9)))
    world.refuse(PROD, "iam:user")
    derivation = derived(world)
    assert of(derivation) == {}
    assert judged(derivation, f"account:{PROD}")[0].answer.verdict is Verdict.UNKNOWN


@key
def test_a_key_works_across_accounts() -> None:
    world = KeyWorld()
    far = world.owner(name="far", account=DEV)
    world.key(far, key_id(1, DEV))
    world.user("near")
    world.function(A=both(key_id(1, DEV)))
    assert of(derived(world)) == {far: "yes"}


@key
def test_a_key_of_the_old_form_that_is_listed_is_known() -> None:
    old = "AKIAIOSFODNN7EXAMPLE"
    world = KeyWorld()
    world.key(world.owner(), old)
    world.function(A=both(old), B="AKIAJOSFODNN7EXAMPLE")
    assert of(derived(world)) == {OWNER: "yes"}


# Where it stands


@key
def test_user_data_is_had_by_who_reaches_the_machine() -> None:
    world = with_owner()
    user_data(world, both())
    (row,) = leads(derived(world), MACHINE).values()
    assert (row.end, row.props["verdict"], row.props["reached"]) == (OWNER, "yes", True)
    assert row.props["mechanism"] == "UserData.Value"


@key
def test_the_environment_of_a_function_is_not_had_by_who_calls_it() -> None:
    (row,) = leads(derived(holding(A=both())), WEB).values()
    assert row.props["reached"] is False


@key
@pytest.mark.parametrize(("state", "expected"), [("stopped", {OWNER: "yes"}), ("terminated", {})])
def test_a_machine_that_is_stopped_holds_its_user_data_until_it_is_gone(
    state: str, expected: dict[str, str]
) -> None:
    world = with_owner()
    user_data(world, both(), state)
    assert of(derived(world), MACHINE) == expected


@key
@pytest.mark.parametrize("type_id", ["ecs:task", "ecs:service"])
def test_what_runs_from_a_definition_has_its_environment(type_id: str) -> None:
    world = with_owner()
    definition = f"arn:aws:ecs:{REGION}:{PROD}:task-definition/web:7"
    environment = [{"name": "SETTINGS", "value": both()}]
    answer = {"taskDefinition": {"containerDefinitions": [{"environment": environment}]}}
    world.hold("ecs:task-definition", definition, {}, describe_task_definition=answer)
    for name, used in (("web", definition), ("other", f"{definition}7")):
        node = f"arn:aws:ecs:{REGION}:{PROD}:{type_id.removeprefix('ecs:')}/main/{name}"
        told = {"taskDefinition": used, "taskDefinitionArn": used, "status": "ACTIVE"}
        call = {"ecs:task": "describe_tasks", "ecs:service": "describe_services"}[type_id]
        world.hold(type_id, node, {}, **{call: told | {"lastStatus": "RUNNING"}})
        found = leads(derived(world), node)
        assert {end: one.props["verdict"] for end, one in found.items()} == (
            {OWNER: "yes"} if name == "web" else {}
        )
        for one in found.values():
            assert (one.props["via"], one.props["reached"]) == ([definition], True)


@key
def test_a_template_keeps_ids_in_its_text() -> None:
    world = with_owner()
    node = f"arn:aws:cloudformation:{REGION}:{PROD}:stack/base/1"
    properties = {"AccessKey": KEY, "SecretAccessKey": SECRET, "Other": "x"}
    body = json.dumps({"Resources": {"A/b": {"Properties": properties}}})
    world.hold("cloudformation:stack", node, {}, get_template={"TemplateBody": body})
    (row,) = leads(derived(world), node).values()
    assert row.props["verdict"] == "yes"
    assert row.props["mechanism"] == "TemplateBody.Resources.A/b.Properties.AccessKey"


@key
def test_an_id_outside_of_what_is_scanned_is_no_credential() -> None:
    world = with_owner()
    world.function(A="1")
    world.item(WEB)["Description"] = both()
    world.add("iam:user-credentials", "x", {"Arn": "x", "Note": KEY}, list_access_keys=[])
    assert of(derived(world)) == {}


@key
def test_one_key_in_many_fields_is_one_step_with_the_best_of_them() -> None:
    fields = {f"F{number}": alone() for number in range(40)}
    (row,) = leads(derived(holding(**fields, Z=both())), WEB).values()
    assert (row.props["verdict"], row.props["mechanism"]) == ("yes", "Environment.Variables.Z")
    assert any("more places" in str(line) for line in row.props["evidence"])


@key
def test_it_leads_on_beside_the_role() -> None:
    world = holding(A=both())
    role = world.role("web", [LAMBDA], allow("s3:GetObject"))
    world.item(WEB)["Role"] = role
    ends = {(one.type, one.end) for one in derived(world).relationships if one.start == WEB}
    assert {("HAS_ROLE", role), ("CAN_ESCALATE_TO", OWNER)} <= ends


# Bad input

HOSTILE: list[Any] = [
    None,
    7,
    KEY,
    [KEY],
    {"redacted": None},
    {"redacted": {"hits": KEY}},
    {
        "redacted": {
            "hits": [None, 7, {"x": KEY}, "aws-access-key-id:", f"aws-access-key-id:{KEY}x"]
        }
    },
    {"redacted": {"hits": ["aws-secret-access-key"]}},
    {"Variables": None},
    {"Variables": [KEY, {KEY: {"redacted": []}}]},
]


@key
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_hit_is_read_as_none(value: Any) -> None:
    world = with_owner()
    world.function(A="1")
    world.item(WEB)["Environment"] = value
    assert of(derived(world)) in ({}, {OWNER: "conditional"})


@key
@pytest.mark.parametrize(
    "listed",
    [None, 7, "x", [None, 7, {"Status": "Active"}, {"AccessKeyId": 7}], {"AccessKeyMetadata": 1}],
)
def test_a_list_of_keys_of_another_shape_is_no_list(listed: Any) -> None:
    world = holding(A=both())
    world.add("iam:user-credentials", OWNER, {"Arn": OWNER}, list_access_keys=listed)
    assert OWNER not in of(derived(world))


def test_deep_and_wide_documents_are_read_in_time(tmp_path: Path) -> None:
    world = with_owner()
    node = f"arn:aws:cloudformation:{REGION}:{PROD}:stack/base/1"
    deep: Any = {f"K{number}": KEY for number in range(2000)} | {"SecretAccessKey": SECRET}
    for level in range(150):
        deep = {f"L{level}": deep}
    world.hold("cloudformation:stack", node, {}, get_template={"TemplateBody": deep})
    started = time.process_time()
    assert {one.key_id for one in sightings(world.write(tmp_path))} == {KEY}
    assert time.process_time() - started < 60


def test_ten_thousand_hits_are_read_and_drawn() -> None:
    world = KeyWorld()
    users = [world.owner(name=f"u{number}") for number in range(100)]
    for number, user in enumerate(users):
        world.key(user, key_id(number))
    for number in range(10_000):
        hit = {
            "redacted": {
                "length": 1,
                "hash": "0" * 32,
                "hits": [f"aws-access-key-id:{key_id(number % 100)}"],
            }
        }
        item = {"Environment": {"Variables": {"A": hit}}}
        world.add("lambda:function", f"{WEB}{number}", item, region=REGION)
    world.user("reader", allow("lambda:GetFunction"))
    derivation = derived(world)
    found = [
        one
        for one in derivation.relationships
        if one.props.get("technique") == "x-access-key-found"
    ]
    assert len(found) == 10_000
    assert {one.end for one in found} == set(users)
    reader = iam("user", "reader")
    assert [
        one
        for one in derivation.relationships
        if one.start == reader and one.type == "CAN_ESCALATE_TO"
    ]


@given(st.text(alphabet="AKISA234567 =\n", max_size=200))
def test_no_text_makes_a_key_of_what_is_none(text: str) -> None:
    world = with_owner()
    world.function(A="1")
    world.item(WEB)["Environment"] = {"Variables": {"A": text}}
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        found = list(sightings(world.write(Path(folder))))
    assert all(one.key_id in text for one in found)


def test_every_workload_type_that_uses_a_definition_is_collected() -> None:
    assert {"ecs:task", "ecs:service"} <= set(workload_items())
