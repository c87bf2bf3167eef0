"""Techniques on things that were not read: unknown for who may make the calls, once, never no."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from derivation.aws_world import DEV, LAMBDA, PROD, World, allow, iam, trusting
from escalation.technique_lab import (
    ATTACKER,
    MANAGEMENT,
    Case,
    TechniqueWorld,
    cases,
    deny,
    derived,
    put_existing,
    statements,
    with_attacker,
    with_scp,
)
from graph.escalation.needs import needed_types, types_of
from graph.escalation.oneself import KINDS
from graph.escalation.technique import techniques
from graph.judgement import Judgement
from graph.records import Relationship
from queries.library import load_library
from snapshot_files import REGION

ELSEWHERE = "eu-central-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{PROD}:function:orders"
REWRITE = allow("lambda:UpdateFunctionCode", FUNCTION)


def first_of_each_type() -> list[Case]:
    found: dict[str, Case] = {}
    for case in cases("workload", "resource"):
        found.setdefault(case.technique.target.type, case)
    return [found[key] for key in sorted(found)]


def kind_of(case: Case) -> str:
    return case.technique.target.type


def unread(world: World, about: str = "") -> list[Judgement]:
    """What is unknown because a type was not read."""
    return [
        one
        for one in derived(world).judgements
        if one.mechanism == "not-collected" and one.target.endswith(about)
    ]


def world_without(
    kind: str, *, refused: bool = True, read: frozenset[str] = frozenset()
) -> TechniqueWorld:
    """Everything was read, and is not there, but for one type if that was refused."""
    world = TechniqueWorld(read=set(needed_types()) | read)
    world.read -= {one for one in world.read if one.startswith("iam:")} - {"iam:saml-provider"}
    world.read -= {"org:delegated-admin", "org:root", "sso:instance"}
    if refused:
        world.read.discard(kind)
        world.unread.add(kind)
    return world


def there(case: Case, world: TechniqueWorld) -> TechniqueWorld:
    """What the technique needs beside the thing itself."""
    for number, wanted in enumerate(case.technique.exists):
        put_existing(world, wanted, number)
    return world


@pytest.mark.parametrize("case", first_of_each_type(), ids=kind_of)
def test_who_may_use_a_type_that_was_refused_is_unknown_and_who_may_not_is_not(case: Case) -> None:
    kind = kind_of(case)
    world = there(case, world_without(kind))
    allowed = statements(case)
    (one,) = unread(with_attacker(world, allowed), kind)
    assert one.source == ATTACKER
    assert str(one.answer.verdict) == "unknown"
    assert one.answer.conditions == (f"not_collected:{kind}={PROD}/{REGION}",)
    assert all(word in one.answer.why for word in (kind, PROD, REGION, case.technique.id))
    actions = [call.action for call in case.calls]
    for gone in range(len(allowed)):
        if actions.count(actions[gone]) > 1:
            # A pattern of the other call's resource names this one's too.
            continue
        left = [row for number, row in enumerate(allowed) if number != gone]
        named = {name for one in unread(with_attacker(world, left), kind) for name in _ids(one)}
        assert case.technique.id not in named
    empty = there(case, world_without(kind, refused=False))
    assert unread(with_attacker(empty, allowed)) == []


def _ids(one: Judgement) -> set[str]:
    listed = one.answer.why.partition("calls of ")[2].partition(" on ")[0]
    return set(listed.replace(" and ", ", ").split(", "))


def test_the_step_leads_to_a_set_of_which_no_member_is_known() -> None:
    made = derived(with_attacker(world_without("lambda:function"), [REWRITE]))
    (step,) = (one for one in made.relationships if one.props.get("mechanism") == "not-collected")
    assert (step.type, step.start, step.props["verdict"]) == (
        "CAN_ESCALATE_TO",
        ATTACKER,
        "unknown",
    )
    assert step.props["technique"] == "lambda-003"
    assert [one for one in made.relationships if one.start == step.end] == []
    (node,) = (one for one in made.nodes if one.id == step.end)
    assert node.labels == ("ResourceSet",)
    assert node.props["name"] == f"lambda:function of {PROD}, not collected"


@pytest.mark.parametrize(("region", "expected"), [(REGION, 1), (ELSEWHERE, 0)])
def test_only_the_region_that_was_refused_hides_things(region: str, expected: int) -> None:
    arn = FUNCTION.replace(REGION, region)
    world = world_without("lambda:function")
    world.user("mallory", allow("lambda:UpdateFunctionCode", arn))
    assert len(unread(world, "lambda:function")) == expected


class PartlyRead(TechniqueWorld):
    """Functions were listed; a call about each of them was refused."""

    def ledger(self) -> list[dict[str, Any]]:
        row = {"account_id": PROD, "region": REGION, "service": "lambda", "type": "lambda:function"}
        return [
            *super().ledger(),
            row | {"operation": "list_functions", "status": "ok"},
            row | {"operation": "get_policy", "status": "denied"},
        ]


def test_a_call_about_each_thing_that_was_refused_hides_no_thing() -> None:
    world = PartlyRead(read=world_without("lambda:function").read)
    world.add("lambda:function", FUNCTION, {}, region=REGION)
    line = world.lines[PROD, REGION, "lambda:function"][FUNCTION]
    line["calls"]["get_policy"] = {"status": "denied", "error": "AccessDenied"}
    world.user("mallory", REWRITE)
    assert unread(world) == []
    del world.lines[PROD, REGION, "lambda:function"][FUNCTION]
    assert len(unread(world, "lambda:function")) == 1


def test_a_type_that_was_never_asked_for_hides_as_one_that_was_refused() -> None:
    world = world_without("lambda:function", refused=False)
    world.user("mallory", REWRITE)
    assert unread(world) == []
    world.read.discard("lambda:function")
    (one,) = unread(world, "lambda:function")
    assert one.answer.conditions == (f"not_collected:lambda:function={PROD}",)


def test_it_is_told_once_for_all_who_may_use_the_same_techniques() -> None:
    world = world_without("lambda:function")
    for number in range(5):
        world.user(f"writer{number}", REWRITE)
    world.user("invoker", REWRITE, allow("lambda:InvokeFunction", FUNCTION))
    world.user("reader", allow("lambda:GetFunction"))
    world.user("boss", allow("*"))
    found = {one.source: one for one in unread(world, "lambda:function")}
    alone = found.pop(iam("user", "invoker"))
    (many,) = found.values()
    assert _ids(alone) == {"lambda-003", "lambda-004"}
    assert _ids(many) == {"lambda-003"}
    assert many.members == tuple(iam("user", f"writer{number}") for number in range(5))


def test_a_deny_of_the_organisation_leaves_nobody_to_tell_of() -> None:
    world = with_attacker(world_without("lambda:function"), [REWRITE])
    assert len(unread(with_scp(world), "lambda:function")) == 1
    assert unread(with_scp(world, deny("lambda:UpdateFunctionCode")), "lambda:function") == []


OF_IDENTITY = {
    "iam:role": [allow("iam:PassRole"), allow("lambda:CreateFunction"), allow("lambda:Invoke*")],
    "iam:user": [allow("iam:CreateAccessKey")],
    "iam:group": [allow("iam:AddUserToGroup")],
    "iam:policy": [allow("iam:CreatePolicyVersion")],
    "iam:saml-provider": [allow("iam:UpdateSAMLProvider")],
}


@pytest.mark.parametrize("kind", OF_IDENTITY)
def test_identities_that_were_not_read_may_be_what_is_gained(kind: str) -> None:
    world = world_without(kind, refused=kind == "iam:saml-provider")
    holder = "role" if kind == "iam:user" else "user"
    rights = OF_IDENTITY[kind]
    if holder == "role":
        who = world.role("mallory", [LAMBDA], *rights)
    else:
        who = world.user("mallory", *rights)
    empty = copy.deepcopy(world)
    empty.read.add(kind)
    empty.unread.discard(kind)
    assert unread(empty) == []
    world.refused.add((PROD, kind))
    (one,) = unread(world, kind)
    assert one.source == who
    assert any(f"not_collected:{kind}={PROD}" in text for text in one.answer.conditions)


def test_a_role_whose_profile_was_not_read_is_unknown_to_who_may_use_the_machine() -> None:
    world = world_without("ec2:instance", refused=False)
    machine = f"arn:aws:ec2:{REGION}:{PROD}:instance/i-0123456789abcdef0"
    profile = iam("instance-profile", "web")
    told = {
        "InstanceId": "i-0123456789abcdef0",
        "State": {"Name": "running"},
        "IamInstanceProfile": {"Arn": profile},
    }
    world.add("ec2:instance", machine, told, region=REGION)
    calls = ("ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances")
    world.user("mallory", *(allow(call, machine) for call in calls))
    world.user("other", *(allow(call, machine.replace("i-0", "i-1")) for call in calls))
    (one,) = unread(world, "ec2:instance")
    assert one.source == ATTACKER
    assert one.answer.conditions == (f"not_collected:iam:instance-profile={profile}",)
    world.profile("web", world.role("web", [trusting({"Service": "ec2.amazonaws.com"})]))
    assert unread(world, "ec2:instance") == []


SETS = [
    allow("sso:CreatePermissionSet"),
    allow("sso:AttachManagedPolicyToPermissionSet"),
    allow("sso:CreateAccountAssignment"),
]


class Organised(TechniqueWorld):
    """An organisation whose management account was asked for some types."""

    asked: Mapping[str, str] = {"org:delegated-admin": "ok", "sso:instance": "ok"}

    def ledger(self) -> list[dict[str, Any]]:
        row = {"account_id": MANAGEMENT, "region": "global", "service": "sso", "operation": "list"}
        told = [row | {"type": kind, "status": status} for kind, status in self.asked.items()]
        return [*super().ledger(), *told]


def organised(**asked: str) -> Organised:
    world = Organised(read=world_without("").read)
    world.asked = {kind.replace("__", ":").replace("_", "-"): s for kind, s in asked.items()}
    twin = with_scp(world)
    assert isinstance(twin, Organised)
    twin.user("eve", *SETS, account=MANAGEMENT)
    twin.user("mallory", *SETS)
    return twin


def test_an_identity_center_that_was_not_read_is_unknown_where_it_would_be_administered() -> None:
    assert unread(organised(org__delegated_admin="ok", sso__instance="ok")) == []
    refused = organised(org__delegated_admin="ok", sso__instance="denied")
    (one,) = unread(refused)
    assert one.source == iam("user", "eve", MANAGEMENT)
    assert one.answer.conditions == (f"not_collected:sso:instance={MANAGEMENT}",)


def test_delegated_administrators_that_were_not_read_may_be_any_member() -> None:
    refused = organised(org__delegated_admin="denied", sso__instance="ok")
    (one,) = unread(refused)
    assert one.source == ATTACKER
    assert one.answer.conditions == (f"not_collected:org:delegated-admin={MANAGEMENT}",)


OF_OTHERS = {"policy-of-self", "group", "group-of-self"}
"""Of the kinds by which a principal changes itself, those that go by a policy or a group."""
ITS_OWN = {"new", "gained", "found-key", "covered", "identity-center", "organisation"}
"""Kinds of techniques that are used on what they make, what is gained or found, on accounts."""


def test_every_technique_says_of_which_type_the_things_are_that_it_is_used_on() -> None:
    for one in techniques():
        if one.live and one.target.kind not in ITS_OWN | (KINDS - OF_OTHERS):
            assert types_of(one), one.id


@pytest.mark.parametrize(
    "query", ["attack-steps", "internet-to-admin", "admins-paths", "compute-admins", "blast"]
)
def test_queries_that_walk_techniques_need_what_these_are_used_on(query: str) -> None:
    assert needed_types() <= set(load_library().get(query).needs)


def test_another_account_is_not_told_of_what_this_one_hides() -> None:
    world = world_without("lambda:function")
    world.user("mallory", REWRITE)
    world.user("eve", REWRITE, account=DEV)
    steps = [one for one in derived(world).relationships if _hides_functions(one)]
    assert {one.start for one in steps} == {ATTACKER}


def _hides_functions(one: Relationship) -> bool:
    return one.props.get("mechanism") == "not-collected" and one.end.endswith(
        f"{PROD}/lambda:function"
    )
