"""What the comparison found wrong in the engine: each with its twin (docs/iam-disagreements.md)."""

from dataclasses import replace

import pytest

from graph.iam.callers import caller_of
from graph.iam.evaluate import decide
from graph.iam.request import Request
from graph.iam.world import ANONYMOUS, Outside, outside_account
from tests.iam.worlds import (
    BUCKET,
    FULL,
    A,
    B,
    allow,
    deny,
    forbid,
    grant,
    member,
    policy,
    role,
    user,
    verdict,
    world,
)

SERVICE = Outside("service", arn="events.amazonaws.com")


def _tagged(null, *values):
    alice = user(allow("s3:*", Condition={"Null": {"aws:TagKeys": null}}))
    return verdict(alice, context={"aws:TagKeys": values})


def test_a_key_with_several_values_is_present():
    assert _tagged("false", "team", "env") == "yes"
    assert _tagged("true", "team", "env") == "no"


def test_twin_a_key_with_one_value_is_present():
    assert _tagged("false", "team") == "yes"
    assert _tagged("true", "team") == "no"


def _listed(caller, action="sqs:ListQueues"):
    return verdict(caller, action, "*", owner="")


@pytest.mark.parametrize("caller", [SERVICE, ANONYMOUS])
def test_no_policy_admits_an_outsider_to_an_action_on_no_resource(caller):
    assert _listed(caller) == "no"


def test_twin_a_principal_of_an_account_lists_its_own():
    assert _listed(user(FULL)) == "yes"


def _open_to(account):
    condition = {"StringEquals": {"aws:PrincipalAccount": account}}
    open_policy = policy(grant("*", Condition=condition))
    return verdict(ANONYMOUS, "s3:GetObject", f"{BUCKET}/x", resource_policy=open_policy)


def test_the_account_of_an_unsigned_caller_is_anonymous():
    assert _open_to("anonymous") == "yes"


def test_twin_the_account_of_an_unsigned_caller_is_no_other():
    assert _open_to("111111111111") == "no"


def _named(session, caller):
    statement = grant({"AWS": f"arn:aws:sts::{B}:assumed-role/app/{session}"}, "sns:*")
    here = world(user())
    asked = Request(caller, "sns:Publish", TOPIC, A, resource_policy=policy(statement))
    return str(decide(here, asked).answer.verdict)


TOPIC = f"arn:aws:sns:eu-west-1:{A}:news"


def test_whoever_has_a_role_elsewhere_chooses_its_sessions_name():
    assert _named("ops", outside_account(B, f"arn:aws:iam::{B}:role/team/app")) == "yes"


def test_twin_another_role_elsewhere():
    assert _named("ops", outside_account(B, f"arn:aws:iam::{B}:role/app2")) == "no"


def _denied(names, boundary=None):
    statement = {"Effect": "Deny", "NotPrincipal": names, "Action": "*", "Resource": "*"}
    return verdict(user(FULL, boundary=boundary), resource_policy=policy(statement))


def test_a_deny_for_nobody_denies_nobody():
    assert _denied("*") == "yes"


def test_twin_a_deny_for_all_but_the_user_may_deny_its_account():
    assert _denied({"AWS": f"arn:aws:iam::{A}:user/alice"}) == "conditional"


def test_twin_a_deny_for_nobody_denies_whoever_has_a_boundary():
    assert _denied("*", policy(FULL)) == "no"


def _without_policy(owner):
    here = world(user(FULL))
    asked = Request(here.principals[user().arn], "s3:GetObject", f"{BUCKET}/x", owner)
    return decide(here, replace(asked, resource_policy=None, other_grants_seen=True))


def test_who_refuses_is_the_resource_that_has_no_policy():
    assert _without_policy(B).denied_by == "resource_policy"


def test_twin_in_the_own_account_none_is_needed():
    assert str(_without_policy(A).answer.verdict) == "yes"


def _team(effect, operator, values, version="2012-10-17"):
    test = {operator: {"aws:RequestTag/team": values}}
    row = {"Effect": effect, "Action": "*", "Resource": "*", "Condition": test}
    alice = user(FULL) if effect == "Deny" else user()
    own = (*alice.policies, policy(row, version=version))
    return verdict(replace(alice, policies=own), context={"aws:RequestTag/team": ("red",)})


UNTAGGED = "${aws:PrincipalTag/team}"


@pytest.mark.parametrize(
    ("effect", "operator", "values", "expected"),
    [
        ("Deny", "StringNotEquals", UNTAGGED, "conditional"),
        ("Deny", "StringEquals", [UNTAGGED, "red"], "conditional"),
        ("Deny", "StringEquals", UNTAGGED, "yes"),
        ("Allow", "StringNotEquals", UNTAGGED, "conditional"),
        ("Allow", "StringEquals", [UNTAGGED, "red"], "yes"),
        ("Allow", "StringEquals", UNTAGGED, "no"),
    ],
)
def test_a_variable_without_value_may_make_a_statement_invalid(effect, operator, values, expected):
    assert _team(effect, operator, values) == expected


@pytest.mark.parametrize(
    ("effect", "operator", "expected"),
    [("Deny", "StringNotEquals", "no"), ("Allow", "StringNotEquals", "yes")],
)
def test_twin_a_variable_with_a_default_has_a_value(effect, operator, expected):
    assert _team(effect, operator, "${aws:PrincipalTag/team, 'blue'}") == expected


@pytest.mark.parametrize(("operator", "expected"), [("StringNotEquals", "no")])
def test_twin_before_2012_a_variable_is_a_text(operator, expected):
    assert _team("Deny", operator, UNTAGGED, version="2008-10-17") == expected


def _denied_on(*resources):
    return verdict(user(FULL, deny("s3:*", list(resources))))


def test_a_resource_without_value_may_make_a_deny_invalid():
    assert _denied_on(f"{BUCKET}/*", f"arn:aws:s3:::x/{UNTAGGED}") == "conditional"


def test_twin_every_resource_of_the_deny_has_its_value():
    assert _denied_on(f"{BUCKET}/*", "arn:aws:s3:::x/y") == "no"


def _of_caller(action, resource):
    condition = {"Null": {"kms:CallerAccount": "true"}}
    return verdict(user(allow(Condition=condition)), action, resource)


def test_only_calls_to_kms_carry_its_caller_account():
    assert _of_caller("s3:GetObject", f"{BUCKET}/x") == "yes"


def test_twin_calls_to_kms_carry_it():
    assert _of_caller("kms:ListKeys", "*") == "no"


def test_a_federated_user_elsewhere_cannot_assume_a_role():
    open_trust = policy({"Effect": "Allow", "Principal": {"AWS": B}, "Action": "sts:AssumeRole"})
    asked = ("sts:AssumeRole", f"arn:aws:iam::{A}:role/app")
    federated = outside_account(B, f"arn:aws:sts::{B}:federated-user/joe")
    assert verdict(federated, *asked, resource_policy=open_trust, within=world()) == "no"
    other = outside_account(B, f"arn:aws:iam::{B}:user/joe")
    assert verdict(other, *asked, resource_policy=open_trust, within=world()) == "yes"


def _set_of(quantifier, *values):
    condition = {f"{quantifier}:StringLike": {"aws:TagKeys": "team"}}
    alice = user(allow("s3:*", Condition=condition))
    return verdict(alice, context={"aws:TagKeys": values})


def test_an_empty_value_is_no_value_of_a_set():
    assert _set_of("ForAllValues", "") == "yes"
    assert _set_of("ForAnyValue", "") == "no"


def test_twin_a_value_of_the_set():
    assert _set_of("ForAllValues", "env") == "no"
    assert _set_of("ForAnyValue", "team") == "yes"


def _federated(boundary, named):
    alice = user(FULL, boundary=boundary)
    here = world(alice)
    text = f"arn:aws:sts::{A}:federated-user/joe"
    joe = caller_of(here, text, [policy(FULL)], issuer=alice.arn)
    statement = grant({"AWS": named}, "s3:GetObject")
    asked = Request(joe, "s3:GetObject", f"{BUCKET}/x", A, resource_policy=policy(statement))
    return str(decide(here, asked).answer.verdict)


ISSUER = f"arn:aws:iam::{A}:user/alice"
SESSION = f"arn:aws:sts::{A}:federated-user/joe"
NARROW = policy(allow("sqs:*"))


def test_a_grant_to_the_user_of_a_federated_session_is_limited_by_its_boundary():
    assert _federated(NARROW, ISSUER) == "no"


def test_twin_the_boundary_allows_it():
    assert _federated(policy(FULL), ISSUER) == "yes"


def test_twin_a_grant_to_the_session_itself():
    assert _federated(NARROW, SESSION) == "yes"


def _by_arn(named):
    condition = {"ArnLike": {"aws:PrincipalArn": named}}
    session = outside_account(B, f"arn:aws:sts::{B}:assumed-role/app/s1")
    statement = grant("*", "sns:*", Condition=condition)
    asked = Request(session, "sns:Publish", TOPIC, A, resource_policy=policy(statement))
    return str(decide(world(), asked).answer.verdict)


def test_the_arn_of_a_session_elsewhere_is_that_of_its_role():
    assert _by_arn(f"arn:aws:iam::{B}:role/app") == "yes"
    assert _by_arn(f"arn:aws:iam::{B}:role/team/app") == "yes"


def test_twin_the_arn_of_another_role_or_of_the_session():
    assert _by_arn(f"arn:aws:iam::{B}:role/other") == "no"
    assert _by_arn(f"arn:aws:sts::{B}:assumed-role/app/s1") == "no"


def _assumed_under_an_rcp(path):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": SERVICE.arn},
        "Action": "sts:AssumeRole",
    }
    target = role(path=path, trust=policy(statement))
    here = world(target, accounts=[member(A, rcps=(policy(forbid("*", "sts:*")),))])
    return str(decide(here, Request(SERVICE, "sts:AssumeRole", target.arn)).answer.verdict)


def test_no_rcp_keeps_a_service_from_its_service_linked_role():
    assert _assumed_under_an_rcp("/aws-service-role/events.amazonaws.com/") == "yes"


def test_twin_an_rcp_keeps_a_service_from_an_ordinary_role():
    assert _assumed_under_an_rcp("/") == "no"
