"""Sessions, root users, what AWS refuses, and facts about callers; each rule beside its twin."""

import pytest

from graph.iam.callers import caller_of, session_of
from graph.iam.facts import Absent, Known
from graph.iam.grants import grants
from graph.iam.identity_center import permission_set_of
from graph.iam.principal import match, named
from graph.iam.request import Request, facts_of
from graph.iam.world import Outside
from graph.verdict import Verdict
from tests.iam.worlds import (
    BUCKET,
    A,
    B,
    allow,
    deny,
    doc,
    forbid,
    grant,
    member,
    policy,
    role,
    root,
    user,
    verdict,
    world,
)

OBJECT = f"{BUCKET}/x"
SESSION = f"arn:aws:sts::{A}:assumed-role/app/deploy"
NOTHING = policy(allow("ec2:*"), name="limits")
CENTER = (
    f"arn:aws:iam::{A}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admins_0123456789abcdef"
)
LINKED = f"arn:aws:iam::{A}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"


def limited(*statements, **more):
    app = role(*statements, boundary=NOTHING, **more)
    return session_of(app, "deploy", [NOTHING])


def test_a_policy_that_names_the_session_is_cut_by_no_limit():
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session."""
    names_session = grant({"AWS": SESSION}, "s3:GetObject", OBJECT)
    names_role = grant({"AWS": role().arn}, "s3:GetObject", OBJECT)
    assert verdict(limited(), resource_policy=names_session) == "yes"
    assert verdict(limited(), resource_policy=names_role) == "no"
    assert verdict(session_of(role(), "deploy"), resource_policy=names_role) == "yes"


@pytest.mark.parametrize("place", ["identity", "boundary", "session"])
def test_a_deny_of_any_layer_stops_a_named_session(place):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html."""
    names_session = grant({"AWS": SESSION}, "s3:GetObject", OBJECT)
    stop = policy(deny("s3:GetObject"), allow(), name="stop")
    own = (deny("s3:GetObject"),) if place == "identity" else ()
    boundary = stop if place == "boundary" else None
    session = [stop] if place == "session" else []
    caller = session_of(role(*own, boundary=boundary), "deploy", session)
    assert verdict(caller, resource_policy=names_session) == "no"


def test_another_session_is_not_named():
    names_session = grant({"AWS": SESSION}, "s3:GetObject", OBJECT)
    assert verdict(session_of(role(), "other"), resource_policy=names_session) == "no"
    assert verdict(role(), resource_policy=names_session) == "yes"


def test_a_session_arn_with_a_wildcard_names_nobody():
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html."""
    entry = named("AWS", f"arn:aws:sts::{A}:assumed-role/app/*")
    assert match(entry, session_of(role(), "deploy")).is_false


def test_the_root_user_needs_no_policy_but_heeds_denies():
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html."""
    assert verdict(root()) == "yes"
    stopped = forbid({"AWS": f"arn:aws:iam::{A}:root"}, "s3:GetObject", OBJECT)
    assert verdict(root(), resource_policy=stopped) == "no"
    scp = policy(allow("ec2:*"), name="scp")
    here = world(root(), accounts=[member(A, (scp,))])
    assert verdict(root(), within=here) == "no"


@pytest.mark.parametrize("caller", ["root", "federated-user/Bob"])
def test_root_and_federated_users_assume_no_role(caller):
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html."""
    here = world(role(), user(allow("sts:*"), name="u"), root())
    service = "iam" if caller == "root" else "sts"
    who = caller_of(here, f"arn:aws:{service}::{A}:{caller}")
    open_trust = grant("*", "sts:AssumeRole")
    target = role().arn
    assert verdict(who, "sts:AssumeRole", target, resource_policy=open_trust, within=here) == "no"
    alice = here.principals[user(name="u").arn]
    assert (
        verdict(alice, "sts:AssumeRole", target, resource_policy=open_trust, within=here) == "yes"
    )


@pytest.mark.parametrize(
    ("action", "target", "refused"),
    [
        ("iam:DeleteRole", CENTER, True),
        ("iam:UpdateRoleDescription", CENTER, True),
        ("iam:TagRole", CENTER, True),
        ("iam:UntagRole", CENTER, True),
        ("iam:PutRolePermissionsBoundary", CENTER, True),
        ("iam:PassRole", CENTER, True),
        ("iam:GetRole", CENTER, False),
        ("iam:PassRole", LINKED, False),
        ("iam:AttachRolePolicy", LINKED, True),
        ("iam:UpdateRoleDescription", LINKED, False),
        ("iam:DeleteServiceLinkedRole", LINKED, False),
        ("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess", True),
        ("iam:CreatePolicyVersion", f"arn:aws:iam::{A}:policy/ReadOnlyAccess", False),
        ("iam:AttachRolePolicy", f"arn:aws:iam::{A}:role/app", False),
    ],
)
def test_aws_keeps_its_own_roles_and_policies(action, target, refused):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-service-linked-role.html."""
    assert verdict(user(allow("*")), action, target) == ("no" if refused else "yes")


def test_a_role_is_passed_within_its_account_only():
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html."""
    alice = user(allow("iam:PassRole"))
    assert verdict(alice, "iam:PassRole", f"arn:aws:iam::{A}:role/x") == "yes"
    assert verdict(alice, "iam:PassRole", f"arn:aws:iam::{B}:role/x", owner=B) == "no"


def fact(caller, key, here=None):
    request = Request(caller, "s3:GetObject", OBJECT, A)
    return facts_of(here or world(), request, A)(key)


def test_what_is_known_of_each_kind_of_caller():
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable."""
    alice, app = user(), session_of(role(), "i-0123456789abcdef0")
    bob = caller_of(world(user()), f"arn:aws:sts::{A}:federated-user/Bob")
    rows = {
        "aws:username": (Known(("alice",)), Absent(), Absent(), Absent()),
        "aws:userid": (
            Known((alice.unique_id,)),
            Known((f"{app.unique_id}:i-0123456789abcdef0",)),
            Known((A,)),
            Known((f"{A}:Bob",)),
        ),
        "aws:principaltype": tuple(
            Known((one,)) for one in ("User", "AssumedRole", "Account", "FederatedUser")
        ),
        "aws:principalarn": tuple(
            Known((one,))
            for one in (alice.arn, app.arn, root().arn, f"arn:aws:sts::{A}:federated-user/Bob")
        ),
    }
    for key, expected in rows.items():
        for caller, wanted in zip((alice, app, root(), bob), expected, strict=True):
            got = fact(caller, key)
            shape = getattr(got, "shape", None)
            assert (Known((shape,)) if shape else got) == wanted, key


def test_an_unsigned_caller_has_no_principal():
    anonymous = caller_of(world(), "anonymous")
    assert fact(anonymous, "aws:principaltype") == Known(("Anonymous",))
    assert fact(anonymous, "aws:principalarn") == Absent()


def test_a_fixed_user_id_singles_out_its_role():
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable."""
    app, other = role(account=B), role(account=B, name="other")
    only = {"StringLike": {"aws:userid": f"{app.unique_id}:*"}}
    document = doc(grant("*", "s3:GetObject", OBJECT, Condition=only))
    rows = grants(document, "s3", BUCKET, A, world(app, other))
    assert [(row.source_id, row.source_kind) for row in rows] == [(app.arn, "principal")]
    (elsewhere,) = grants(document, "s3", BUCKET, A, world(other))
    assert elsewhere.answer.verdict is Verdict.UNKNOWN
    assert elsewhere.answer.conditions == (f"not_collected:principal={app.unique_id}",)


def test_an_account_pattern_is_no_account_but_anybody():
    def rows(value):
        only = {"StringLike": {"aws:PrincipalAccount": value}}
        document = doc(grant("*", "s3:GetObject", OBJECT, Condition=only))
        return {row.source_id for row in grants(document, "s3", BUCKET, A, world())}

    assert rows("1*") == {"any-aws-principal"}
    assert rows(B) == {f"account:{B}"}


def test_an_outside_session_is_its_role():
    entry = named("AWS", f"arn:aws:iam::{B}:role/team/app")
    session = Outside("account", B, f"arn:aws:sts::{B}:assumed-role/app/x")
    assert match(entry, session).is_true
    other = Outside("account", B, f"arn:aws:sts::{B}:assumed-role/other/x")
    assert match(entry, other).is_false


def test_three_thousand_principals_and_look_alikes_are_weighed():
    many = [f"arn:aws:iam::{B}:user/u{number}" for number in range(3000)]
    alike = user().arn.replace("alice", "\u0430lice")
    names = grant({"AWS": [*many, alike]}, "s3:GetObject", OBJECT)
    assert verdict(user(), resource_policy=names) == "no"
    names = grant({"AWS": [*many, user().arn]}, "s3:GetObject", OBJECT)
    assert verdict(user(), resource_policy=names) == "yes"


@pytest.mark.parametrize("value", ["x" * 100_000, "arn:aws:iam::" + "1" * 100_000, "*" * 100_000])
def test_huge_principals_name_nobody(value):
    assert verdict(user(), resource_policy=grant({"AWS": value}, "s3:GetObject", OBJECT)) == "no"


def test_an_arn_with_a_line_break_is_no_account():
    entry = named("AWS", f"arn:aws:iam::{A}:root\n")
    assert match(entry, user()).is_false


def test_the_permission_set_of_a_role_is_in_its_name():
    path = "/aws-reserved/sso.amazonaws.com/eu-west-1/"
    name = "AWSReservedSSO_My_Set_0123456789abcdef"
    assert permission_set_of(role(name=name, path=path)) == "My_Set"
    assert permission_set_of(role(name=name)) == ""
