"""The rows of ``graph/escalation/techniques``: known actions, resources, types, roles, sources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from collector.services import TYPES
from graph.derivation.workload_rows import workload_types
from graph.escalation.technique import (
    Call,
    Existing,
    Technique,
    TechniqueError,
    Where,
    technique_of,
    techniques,
)
from graph.escalation.templates import filling, texts_of
from graph.iam import catalogue
from graph.schema import path
from graph.verdict import CONDITION_KINDS
from tests.schema.test_paths import items_of, split, value_of, wrong

LISTED = json.loads(Path(__file__).with_name("technique_ids.json").read_text(encoding="utf-8"))
SERVICES = ("passed-role", "workload", "resource")
ALL = techniques()
USED = [one for one in ALL if one.live and one.target.kind in SERVICES]
VARIANTS = {
    "x-sqs-sns-addpermission-topic": "x-sqs-sns-addpermission",
    **{
        f"x-iam-detachrolepolicy-{way}": "x-iam-detachrolepolicy"
        for way in ("inline", "group", "group-inline", "leave")
    },
}
"""Techniques of which the list has one row for several ways."""
OURS = (
    {"x-iam-deleterolepb", "x-iam-joinwrite", "x-iam-tagrole-self", "x-iam-taguser-self"}
    | {"x-iam-tagrole", "x-orgs-stackset"}
    | {f"x-iam-any-{what}" for what in ("role", "user", "group", "member")}
    | {
        f"x-iam-gained-{what}"
        for what in ("policy", "group", "version", "olderversion", "member", "boundary")
    }
)
OURS |= {"x-ec2-userdata-stopped", "x-ec2-start-sendkey", "x-ssm-start-run", "x-apprunner-resume"}
OURS |= {"x-sagemaker-start-open", "x-sagemaker-lifecycle-stopped"}
OURS |= {f"x-lambda-swaprole{when}" for when in ("", "-later", "-layer")}
OURS |= {"x-sagemaker-swaprole", "x-sagemaker-swaprole-stopped", "x-apprunner-swaprole"}
OURS |= {"x-stepfunctions-swaprole", "x-cloudformation-swaprole", "x-scheduler-updateschedule"}
OURS |= {"x-ecs-updateservice", "x-agentcore-updateruntime"}
OURS |= {"x-batch-enablequeue", "x-batch-enablequeue-role"}
OURS |= {one.id for one in ALL if one.target.kind == "found-key"}
"""Techniques that the list does not have."""
HOLES = {
    "partition": "aws",
    "account": "111122223333",
    "region": "eu-west-1",
    "role": "arn:aws:iam::111122223333:role/passed",
    "profile": "arn:aws:iam::111122223333:instance-profile/passed",
    "name": "thing",
}
ARNS = {
    "ec2:instance": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
    "ec2:launch-template": "arn:aws:ec2:eu-west-1:111122223333:launch-template/lt-1",
    "lambda:function": "arn:aws:lambda:eu-west-1:111122223333:function:f",
    "apprunner:service": "arn:aws:apprunner:eu-west-1:111122223333:service/s/1",
    "agentcore:runtime": "arn:aws:bedrock-agentcore:eu-west-1:111122223333:runtime/r-1",
    "agentcore:code-interpreter": (
        "arn:aws:bedrock-agentcore:eu-west-1:111122223333:code-interpreter-custom/c-1"
    ),
    "agentcore:browser": "arn:aws:bedrock-agentcore:eu-west-1:111122223333:browser-custom/b-1",
    "cloudformation:stack": "arn:aws:cloudformation:eu-west-1:111122223333:stack/s/1",
    "codebuild:project": "arn:aws:codebuild:eu-west-1:111122223333:project/p",
    "ecs:task": "arn:aws:ecs:eu-west-1:111122223333:task/c/1",
    "eks:cluster": "arn:aws:eks:eu-west-1:111122223333:cluster/thing",
    "batch:job-definition": "arn:aws:batch:eu-west-1:111122223333:job-definition/d:1",
    "glue:dev-endpoint": "arn:aws:glue:eu-west-1:111122223333:devEndpoint/e",
    "glue:job": "arn:aws:glue:eu-west-1:111122223333:job/j",
    "sagemaker:notebook": "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/n",
    "stepfunctions:state-machine": "arn:aws:states:eu-west-1:111122223333:stateMachine:m",
    "ecr:repository": "arn:aws:ecr:eu-west-1:111122223333:repository/r",
    "kms:key": "arn:aws:kms:eu-west-1:111122223333:key/k",
    "s3:bucket": "arn:aws:s3:::b",
    "secretsmanager:secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-123456",
    "sqs:queue": "arn:aws:sqs:eu-west-1:111122223333:q",
    "sns:topic": "arn:aws:sns:eu-west-1:111122223333:t",
}
FIELDS = {
    "clusterArn|@describe_tasks/clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/c",
    "Command/ScriptLocation": "bucket/script.py",
}
_HOLE = re.compile(r"\{([^{}]+)\}")
_NEW = re.compile(r"new(_id)?\d*")


def calls_of(technique: Technique) -> list[Call]:
    return [*technique.calls, *(call for group in technique.any_of for call in group)]


def wheres_of(technique: Technique) -> Iterator[tuple[str, Where]]:
    yield from ((technique.target.type, where) for where in technique.target.where)
    for one in technique.exists:
        yield from ((one.type, where) for where in one.where)


def holes(text: str) -> list[str]:
    return _HOLE.findall(text)


def filled(technique: Technique, text: str) -> str:
    """A template about things of one account."""
    forms = {key: text for one in technique.exists for key, text in there(one).items()}

    def value(found: re.Match[str]) -> str:
        hole = found[1]
        if hole in ("workload", "resource"):
            return ARNS[technique.target.type]
        if hole.startswith("field:"):
            return FIELDS[hole.removeprefix("field:")]
        if hole in {one.name for one in technique.others}:
            return HOLES["role"]
        if hole in forms:
            return _HOLE.sub(value, forms[hole])
        return "thing" if _NEW.fullmatch(hole) else HOLES[hole]

    return _HOLE.sub(value, text)


def there(one: Existing) -> dict[str, str]:
    """The holes of something that is there, with what stands for them."""
    return filling(one.name, one.form) if one.name else {}


def each(rows: list[Technique]) -> Any:
    return pytest.mark.parametrize("technique", rows, ids=[one.id for one in rows])


# The list


def test_every_listed_technique_is_there() -> None:
    listed = {one for status in ("live", "partial", "retired") for one in LISTED[status]}
    assert listed <= {one.id for one in ALL}


def test_nothing_is_there_that_is_neither_listed_nor_known_as_ours() -> None:
    listed = {one for status in ("live", "partial", "retired") for one in LISTED[status]}
    assert {one.id for one in ALL} - listed == VARIANTS.keys() | OURS
    assert set(VARIANTS.values()) <= listed


def test_each_has_the_status_of_the_list() -> None:
    expected = {one: status for status in ("live", "partial", "retired") for one in LISTED[status]}
    given = {one.id: one.status for one in ALL}
    assert {one: given[one] for one in expected} == expected


# The rows


@cache
def rows() -> dict[str, dict[str, Any]]:
    folder = resources.files("graph.escalation").joinpath("techniques")
    files = [file for file in folder.iterdir() if file.name.endswith(".json")]
    texts = [file.read_text(encoding="utf-8") for file in files]
    return {row["id"]: row for text in texts for row in json.loads(text)["techniques"]}


@each(list(ALL))
def test_a_technique_is_explained_and_has_sources(technique: Technique) -> None:
    for text in (technique.name, technique.description, technique.fix):
        assert text.isascii() or not technique.live
    assert technique.description.endswith(".") or not technique.live
    assert technique.sources
    for url in technique.sources:
        parts = urlsplit(url)
        assert (parts.scheme, bool(parts.path)) == ("https", True), url
        assert parts.hostname in ("docs.aws.amazon.com", "pathfinding.cloud"), url


@each(USED)
def test_a_title_is_a_predicate_about_the_target(technique: Technique) -> None:
    assert technique.title.startswith("can ")
    assert not technique.title.endswith(".")
    assert "{target}" in technique.title
    assert set(holes(technique.title)) <= {"target", "via"}


@each(USED)
def test_a_technique_of_a_service_says_what_is_called_and_gained(technique: Technique) -> None:
    assert all(technique.groups())
    assert technique.gains in (("role",), ("execution-role",), ("execute",), ("resource",))
    expected = {"passed-role": "new-passrole", "workload": "existing-passrole"}
    if technique.target.kind in expected:
        assert technique.category == expected[technique.target.kind]


@each(USED)
def test_a_passed_role_is_passed_to_a_service_that_the_technique_names(
    technique: Technique,
) -> None:
    passing = [
        dict(call.context)["iam:PassedToService"]
        for call in calls_of(technique)
        if (call.action, call.on) == ("iam:PassRole", "{role}")
    ]
    if technique.target.kind != "passed-role":
        assert not passing, "roles that a workload has are passed to nobody"
        return
    trusted = {*technique.target.trusts, technique.target.federated} - {""}
    assert trusted
    both = technique.id == "datapipeline-001"
    assert len(set(passing)) == (2 if both else 1)
    assert set(passing[0]) <= trusted


@each([one for one in USED if one.others])
def test_another_role_is_passed_to_a_service_that_it_trusts(technique: Technique) -> None:
    for other in technique.others:
        passing = [
            dict(call.context)["iam:PassedToService"]
            for call in calls_of(technique)
            if (call.action, call.on) == ("iam:PassRole", f"{{{other.name}}}")
        ]
        assert passing == [other.trusts]
        assert all(catalogue.action(call.action) for call in other.may)


@each(USED)
def test_every_action_is_known(technique: Technique) -> None:
    for call in calls_of(technique):
        info = catalogue.action(call.action)
        assert info is not None, call.action
        assert info.name == call.action, "as AWS writes it"


@each(USED)
def test_every_call_is_on_a_resource_that_the_action_has(technique: Technique) -> None:
    for call in calls_of(technique):
        on = filled(technique, call.on)
        allowed = (True, None) if call.action in TWO_FORMS else (True,)
        assert catalogue.fits(call.action, on) in allowed, f"{call.action} on {on}"


TWO_FORMS = {"imagebuilder:CreateComponent", "imagebuilder:CreateImage"}
"""Actions of which a resource has the form of another type (all builds of a version) too."""
OPTIONAL = {
    # Needed only where the call names such a thing, which the attacker does not.
    ("braket:CreateJob", "device"),
    # AWS's examples of SubmitJob name queue and definition alone.
    ("batch:SubmitJob", "job"),
    # Either AWS's own or one of the account.
    ("bedrock-agentcore:StartCodeInterpreterSession", "code-interpreter"),
    ("bedrock-agentcore:InvokeCodeInterpreter", "code-interpreter"),
    ("bedrock-agentcore:StartBrowserSession", "browser"),
}
"""Resource types that the reference marks as required and that a call can go without."""
FOR_THE_ENGINE = {"ec2:RunInstances"}
"""Actions of several required types that :mod:`graph.iam.resource_types` asks for at once."""


@each(USED)
def test_every_required_resource_of_a_call_is_asked_for(technique: Technique) -> None:
    for group in technique.groups():
        for action in {call.action for call in group} - FOR_THE_ENGINE - TWO_FORMS:
            asked = {
                catalogue.type_of(action.partition(":")[0], filled(technique, call.on))
                for call in group
                if call.action == action
            }
            required = {
                kind
                for kind in catalogue.required_resource_types(action)
                if (action, kind) not in OPTIONAL
            }
            if action == "ssm:StartAutomationExecution" and asked == {"automation-definition"}:
                continue  # policies on the older resource type still admit the call
            assert required <= asked, f"{action}: {required - asked} is not asked for"


@each(USED)
def test_every_context_key_is_one_of_the_action(technique: Technique) -> None:
    for call in calls_of(technique):
        known = catalogue.condition_keys(call.action)
        for key in (*(key for key, _ in call.context), *call.absent):
            assert key.lower() in known, f"{call.action}: {key}"


@each(USED)
def test_every_hole_can_be_filled(technique: Technique) -> None:
    kind = technique.target.kind
    own = {
        "passed-role": {"role", "profile"} if technique.target.profile else {"role"},
        "workload": {"workload", "name", "id"},
        "resource": {"resource", "name"},
    }[kind]
    own |= {hole for one in technique.exists for hole in there(one)}
    own |= {one.name for one in technique.others}
    for call in calls_of(technique):
        for text in (call.on, *(one for _, values in call.context for one in values)):
            for hole in holes(text):
                if hole.startswith("field:"):
                    assert kind != "passed-role"
                    where = hole.removeprefix("field:")
                    assert wrong(TYPES[technique.target.type], where) == []
                elif not _NEW.fullmatch(hole):
                    assert hole in own | {"partition", "account", "region"}, text


@each([one for one in USED if any(e.name for e in one.exists)])
def test_what_stands_for_a_thing_that_is_there_has_a_form_and_is_used(
    technique: Technique,
) -> None:
    texts = [text for call in calls_of(technique) for text in texts_of(call)]
    for one in technique.exists:
        if one.name:
            assert catalogue.type_of(one.form.split(":")[2], filled(technique, one.form))
            assert any(f"{{{hole}}}" in text for hole in there(one) for text in texts)


ANY_NAME = {
    ("cloudformation-005", "new"): "the name of the change set",
    ("x-cloudformation-swaprole", "new2"): "the name of the change set",
    ("ecs-008", "new3"): "the cluster, where clusters were not read",
    ("ecs-004", "new2"): "the cluster, where clusters were not read",
    ("glue-001", "new"): "CreateDevEndpoint takes no resource",
}
"""Names that conditions alone speak of."""


@each(USED)
def test_a_name_that_a_condition_speaks_of_is_one_of_the_same_group(technique: Technique) -> None:
    for group in technique.groups():
        made = {hole for call in group for hole in holes(call.on)}
        told = {
            hole
            for call in group
            for _, values in call.context
            for text in values
            for hole in holes(text)
            if _NEW.fullmatch(hole)
        }
        assert {one for one in told - made if (technique.id, one) not in ANY_NAME} <= {"new_id"}


# What must exist


def test_every_type_is_collected() -> None:
    types = {one.target.type for one in USED} | {e.type for one in USED for e in one.exists}
    assert types - TYPES.keys() == {""}


@each([one for one in USED if one.target.kind == "workload"])
def test_every_role_is_of_a_kind_that_the_workload_carries(technique: Technique) -> None:
    target = technique.target
    known = {role.kind: role for role in workload_types()[target.type].roles}
    assert target.roles
    assert set(target.roles) <= known.keys()
    assert all(known[kind].runs_code for kind in target.roles)


def members(shape: Any, steps: list[str]) -> Any:
    """The shape at a path that :func:`tests.schema.test_paths.wrong` found to stand."""
    for step in steps:
        shape = shape.member if shape.type_name == "list" else shape.members[step]
    return shape


def told_by(type_id: str, where: Where) -> list[Any]:
    """The shapes of what may stand at a path."""
    declared = TYPES[type_id]
    if not where.at.startswith("@"):
        return [members(shape, split(where.at)) for shape in items_of(declared)]
    call, _, rest = where.at[1:].partition("/")
    return [
        members(value_of(declared, one), split(rest))
        for one in declared.calls()
        if one.operation == call
    ]


@each([one for one in USED if any(wheres_of(one))])
def test_what_must_hold_stands_in_what_aws_answers(technique: Technique) -> None:
    for type_id, where in wheres_of(technique):
        path.check(where.at)
        assert wrong(TYPES[type_id], where.at) == []
        assert where.otherwise in ("no", "dormant", "conditional")
        assert where.missing in ("ok", "no", "conditional")
        for shape in told_by(type_id, where):
            known = set(getattr(shape, "enum", ()) or ())
            if shape.type_name == "boolean":
                known = {"True", "False"}
            if known and where.allowed != ("none",):
                assert set(where.allowed) <= known, f"{where.at}: {where.allowed}"
            if where.allowed == ("none",):
                assert "none" not in known, "stands for no value, so it must not be one"


@each(USED)
def test_what_stays_open_is_a_known_kind_with_a_reason(technique: Technique) -> None:
    for name, why in technique.conditions:
        assert name.partition(":")[0] in CONDITION_KINDS
        assert why.endswith(".")


# The tests above can fail


def test_a_malformed_row_is_refused() -> None:
    good = rows()["lambda-001"]
    assert technique_of(good).id == "lambda-001"
    for change in ({"category": "other"}, {"calls": [{"action": "x"}]}, {"surprise": 1}):
        with pytest.raises(TechniqueError, match="lambda-001"):
            technique_of({**deepcopy(good), **change})


@pytest.mark.parametrize(
    ("action", "on"),
    [
        ("lambda:InvokeFunction", "arn:aws:s3:::bucket"),
        ("glue:CreateDevEndpoint", "arn:aws:glue:eu-west-1:111122223333:devEndpoint/e"),
        ("lambda:InvokeFunction", "*"),
    ],
)
def test_another_resource_does_not_fit(action: str, on: str) -> None:
    assert catalogue.fits(action, on) is not True
