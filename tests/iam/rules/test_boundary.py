"""D. Permissions boundaries."""

import pytest

from tests.iam.rules.builders import (
    BOUNDARIES,
    ORDER,
    PRINCIPAL,
    USER_GUIDE,
    bucket_lines,
    built,
    decided,
    managed_lines,
    user_lines,
    verdict,
)
from tests.iam.worlds import (
    BUCKET,
    FULL,
    A,
    B,
    allow,
    alone,
    deny,
    doc,
    grant,
    policy,
    role,
    user,
    world,
)

GET = allow("s3:GetObject")
NO_S3 = policy(allow("ec2:*"))
SESSION = f"arn:aws:sts::{A}:assumed-role/app/s1"
CROSS = f"{USER_GUIDE}/reference_policies_evaluation-logic-cross-account.html"
TERMS = f"{USER_GUIDE}/id_roles.html"


@pytest.mark.rule("14", source=BOUNDARIES)
def test_014_a_boundary_limits_users_and_roles():
    """What a user's or a role's own policies allow counts only where the boundary allows it too."""
    assert [verdict(make(GET, boundary=NO_S3)) for make in (user, role)] == ["no", "no"]


@pytest.mark.twin("14", control="the boundary allows the action")
def test_014_twin_a_boundary_that_allows():
    wide = policy(allow("s3:*"))
    assert [verdict(make(GET, boundary=wide)) for make in (user, role)] == ["yes", "yes"]


@pytest.mark.twin("14", control="the identity policy is missing")
def test_014_twin_a_boundary_grants_nothing():
    assert [verdict(make(boundary=policy(FULL))) for make in (user, role)] == ["no", "no"]


def _named(caller, principal, **more) -> str:
    opened = {BUCKET: grant(principal, "s3:GetObject", **more)}
    return verdict(caller, policies=opened)


@pytest.mark.rule("15", source=ORDER)
def test_015_a_policy_that_names_the_user_passes_the_boundary():
    """Within an account a resource's policy that names a user's ARN gives what the boundary does
    not allow, a Deny excepted.
    """
    alice = user(boundary=NO_S3)
    assert _named(alice, {"AWS": alice.arn}) == "yes"


@pytest.mark.twin("15", control="the boundary denies instead of not allowing")
def test_015_twin_a_boundary_that_denies():
    alice = user(boundary=policy(FULL, deny("s3:*")))
    assert _named(alice, {"AWS": alice.arn}) == "no"


@pytest.mark.twin("15", control="the resource's policy names the account instead of the user")
def test_015_twin_the_account_is_named():
    assert _named(user(GET, boundary=NO_S3), {"AWS": A}) == "no"


@pytest.mark.rule("16", source=ORDER)
def test_016_a_policy_that_names_the_role_does_not_pass_the_boundary():
    """What a resource's policy gives to a role's ARN stays within the role's boundary."""
    app = role(boundary=NO_S3)
    assert _named(app, {"AWS": app.arn}) == "no"


@pytest.mark.twin("16", control="the role has no boundary")
def test_016_twin_a_role_without_a_boundary():
    app = role()
    assert _named(app, {"AWS": app.arn}) == "yes"


@pytest.mark.rule("17", source=ORDER)
def test_017_a_policy_that_names_the_session_needs_nothing_else():
    """What a resource's policy gives to a session's ARN is cut neither by the role's policies nor
    by its boundary nor by the session policy.
    """
    app = role(boundary=NO_S3, session_name="s1", session_policies=(NO_S3,))
    assert _named(app, {"AWS": SESSION}) == "yes"


@pytest.mark.twin("17", control="the resource's policy names the role instead of the session")
def test_017_twin_the_role_is_named():
    app = role(boundary=NO_S3, session_name="s1", session_policies=(NO_S3,))
    assert _named(app, {"AWS": app.arn}) == "no"


@pytest.mark.twin("17", control="the session has another name")
def test_017_twin_another_session():
    app = role(boundary=NO_S3, session_name="s2", session_policies=(NO_S3,))
    assert _named(app, {"AWS": SESSION}) == "no"


def _by_condition(arn: str) -> dict:
    return {"Condition": {"ArnEquals": {"aws:PrincipalArn": arn}}}


@pytest.mark.rule("18", source=f"{PRINCIPAL}#principal-roles")
def test_018_a_grant_to_everyone_passes_the_boundary():
    """A grant to ``*`` is given to the session itself, also where ``aws:PrincipalArn`` picks one
    role: neither boundary nor session policy limits it.
    """
    app = role(boundary=NO_S3, session_name="s1", session_policies=(NO_S3,))
    assert _named(app, "*", **_by_condition(app.arn)) == "yes"
    assert _named(app, "*") == "yes"


@pytest.mark.twin("18", control="the role is named as principal, not by the condition key")
def test_018_twin_the_role_as_principal():
    app = role(boundary=NO_S3, session_name="s1", session_policies=(NO_S3,))
    assert _named(app, {"AWS": app.arn}) == "no"


@pytest.mark.twin("18", control="the condition key names another role")
def test_018_twin_another_role():
    app = role(boundary=NO_S3)
    assert _named(app, "*", **_by_condition(role(name="other").arn)) == "no"


def _across(caller, principal) -> str:
    here = world(caller, accounts=[alone(A), alone(B)])
    opened = {BUCKET: grant(principal, "s3:GetObject")}
    return verdict(caller, within=here, policies=opened, owner=B)


@pytest.mark.rule("19", source=CROSS)
def test_019_across_accounts_a_boundary_always_limits():
    """Across accounts the caller's side must allow by itself, its boundary included, however the
    other account's policy names the caller.
    """
    alice = user(GET, boundary=NO_S3)
    app = role(GET, boundary=NO_S3, session_name="s1")
    assert _across(alice, {"AWS": alice.arn}) == "no"
    assert [_across(app, {"AWS": one}) for one in (app.arn, SESSION)] == ["no", "no"]


@pytest.mark.twin("19", control="there is no boundary")
def test_019_twin_without_a_boundary():
    alice, app = user(GET), role(GET, session_name="s1")
    assert _across(alice, {"AWS": alice.arn}) == "yes"
    assert [_across(app, {"AWS": one}) for one in (app.arn, SESSION)] == ["yes", "yes"]


def _spared(caller) -> str:
    """Everyone is denied but the caller, whose every form is listed."""
    listed = [caller.arn, A, f"arn:aws:iam::{A}:root", SESSION]
    but = {"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "*", "Resource": "*"}
    return verdict(caller, policies={BUCKET: but})


@pytest.mark.rule("20", source=f"{USER_GUIDE}/reference_policies_elements_notprincipal.html")
def test_020_deny_with_notprincipal_denies_whoever_has_a_boundary():
    """A Deny with ``NotPrincipal`` in a resource's policy denies every principal that has a
    boundary, listed or not.
    """
    assert _spared(user(GET, boundary=policy(FULL))) == "no"
    assert _spared(role(GET, boundary=policy(FULL), session_name="s1")) == "no"


@pytest.mark.twin("20", control="the principal has no boundary")
def test_020_twin_no_boundary():
    assert _spared(user(GET)) == "yes"
    assert _spared(role(GET, session_name="s1")) == "yes"


def _bounds(target) -> str:
    admin = user(FULL)
    here = world(admin, target)
    action = "iam:PutRolePermissionsBoundary"
    return verdict(admin, action, target.arn, within=here, policies={})


@pytest.mark.rule("21", source=TERMS)
def test_021_a_service_linked_role_takes_no_boundary():
    """Nobody can put a boundary on a service-linked role."""
    assert _bounds(role(path="/aws-service-role/config.amazonaws.com/")) == "no"


@pytest.mark.twin("21", control="the role is an ordinary one")
def test_021_twin_an_ordinary_role_takes_one():
    assert _bounds(role()) == "yes"


LIMITS = f"arn:aws:iam::{A}:policy/limits"
BOUNDED = {
    "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": doc(GET)}],
    "PermissionsBoundary": {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": LIMITS,
    },
}


def _bounded(tmp_path, *parts):
    here = built(tmp_path, user_lines(A, "alice", **BOUNDED), bucket_lines(A, "data"), *parts)
    return decided(here.principals[f"arn:aws:iam::{A}:user/alice"], within=here).answer


@pytest.mark.rule(
    "22",
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachedPermissionsBoundary.html",
)
def test_022_a_boundary_whose_text_is_missing_is_a_condition(tmp_path):
    """Account details name the boundary by its ARN; where its text was not collected the answer
    hangs on it.
    """
    got = _bounded(tmp_path)
    assert str(got.verdict) == "conditional"
    assert got.conditions == (f"not_collected:policy={LIMITS}",)


@pytest.mark.twin("22", control="the boundary's text is there")
def test_022_twin_a_boundary_that_was_read(tmp_path):
    assert str(_bounded(tmp_path, managed_lines(LIMITS, [FULL], default=1)).verdict) == "yes"
