"""Who is admin of an account: each set with what breaks it."""

import pytest

from graph.iam.admin import admin_answer
from graph.iam.world import Policy
from tests.iam.worlds import FULL, A, B, allow, deny, member, policy, role, root, trust, user, world

ROLES = f"arn:aws:iam::{A}:role/*"
USERS = f"arn:aws:iam::{A}:user/*"
APP = role(name="app", trust=trust({"Service": "ec2.amazonaws.com"}))
BOB = user(name="bob")


def judged(one, *others, accounts=None, account=A):
    return admin_answer(world(one, APP, BOB, *others, accounts=accounts), one.arn, account)


def verdict(one, *others, **more):
    return str(judged(one, *others, **more).answer.verdict)


def test_full_access_contains_every_set():
    result = judged(user(FULL))
    assert str(result.answer.verdict) == "yes"
    assert len(result.techniques) == 6
    assert result.limits == ()


@pytest.mark.parametrize("write", ["iam:AttachRolePolicy", "iam:PutRolePolicy"])
def test_a_role_set_needs_both_halves(write):
    both = user(allow([write, "iam:UpdateAssumeRolePolicy"], ROLES))
    assert verdict(both) == "yes"
    assert judged(both).techniques == (f"{write}+iam:UpdateAssumeRolePolicy",)
    assert verdict(user(allow(write, ROLES))) == "no"
    assert verdict(user(allow("iam:UpdateAssumeRolePolicy", ROLES))) == "no"


@pytest.mark.parametrize("write", ["iam:AttachUserPolicy", "iam:PutUserPolicy"])
def test_a_user_set_needs_both_halves(write):
    assert verdict(user(allow([write, "iam:CreateAccessKey"], USERS))) == "yes"
    assert verdict(user(allow(write, USERS))) == "no"


def test_a_grant_to_itself_or_rights_over_some_targets_are_not_admin():
    itself = user(allow(["iam:PutUserPolicy", "iam:CreateAccessKey"], user().arn))
    some = user(allow(["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], f"{ROLES[:-1]}b*"))
    assert verdict(itself) == "no"
    assert verdict(some) == "no"


def test_every_role_may_be_reached_by_several_statements():
    first = allow(["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], APP.arn)
    second = allow(["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], f"{ROLES[:-1]}b*")
    assert verdict(user(first, second), role(name="batch")) == "yes"
    assert verdict(user(first, second), role(name="cron")) == "no"


def test_a_deny_of_some_targets_limits_and_of_all_refuses():
    result = judged(user(FULL, deny("iam:*", APP.arn)), role(name="other"))
    assert str(result.answer.verdict) == "yes"
    with_roles = [name for name in result.techniques if "Role" in name]
    assert with_roles
    only_roles = allow(["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], "*")
    limited = judged(user(only_roles, deny("iam:*", APP.arn)), role(name="other"))
    assert str(limited.answer.verdict) == "yes"
    assert limited.limits == (APP.arn,)
    assert verdict(user(only_roles, deny("iam:*", APP.arn))) == "no"  # none is left
    assert verdict(user(FULL, deny("iam:*", "*"))) == "no"


def test_a_deny_never_stands_in_for_an_allow():
    some = allow(["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], f"{ROLES[:-1]}job")
    job = role(name="job")
    assert verdict(user(some), job) == "no"
    assert verdict(user(some, deny("iam:*", APP.arn)), job) == "no"


def test_service_linked_and_identity_center_roles_are_no_targets():
    only_roles = user(allow(["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], APP.arn))
    for path in ("/aws-service-role/x/", "/aws-reserved/sso.amazonaws.com/"):
        assert verdict(only_roles, role(name="aws", path=path)) == "yes"
    assert verdict(only_roles, role(name="aws", path="/ours/")) == "no"


def test_boundaries_and_scps_of_the_caller():
    assert verdict(user(FULL, boundary=policy(allow("s3:*")))) == "no"
    assert verdict(user(FULL, boundary=policy(FULL))) == "yes"
    no_iam = member(A, (policy(FULL), policy(deny("iam:*"), name="NoIam")))
    assert verdict(user(FULL), accounts=[no_iam]) == "no"
    assert verdict(user(FULL), accounts=[member(A)]) == "yes"


def test_an_admin_policy_cut_by_a_boundary_that_was_not_read_is_conditional():
    missing = Policy("boundary", None, f"arn:aws:iam::{A}:policy/b")
    result = judged(user(FULL, boundary=missing))
    assert str(result.answer.verdict) == "conditional"
    assert result.answer.conditions == (f"not_collected:policy=arn:aws:iam::{A}:policy/b",)


def test_the_target_must_be_usable():
    bounded = role(name="app", trust=APP.trust, boundary=policy(allow("s3:*")))
    only_roles = user(allow(["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], "*"))
    assert str(admin_answer(world(only_roles, bounded), only_roles.arn, A).answer.verdict) == "no"
    assert verdict(only_roles) == "yes"


def test_the_call_made_afterwards_must_pass():
    statement = allow(["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], "*")
    assert verdict(user(statement, deny("sts:AssumeRole"))) == "no"
    assert verdict(user(statement, deny("sts:GetCallerIdentity"))) == "yes"


def test_the_policy_that_the_takeover_attaches_is_tested():
    def only(arn):
        return user(
            allow("iam:AttachRolePolicy", "*", Condition={"ArnEquals": {"iam:PolicyARN": arn}}),
            allow("iam:UpdateAssumeRolePolicy"),
        )

    assert verdict(only("arn:aws:iam::aws:policy/AdministratorAccess")) == "yes"
    assert verdict(only("arn:aws:iam::aws:policy/ReadOnlyAccess")) == "no"
    assert verdict(only("arn:aws:iam::aws:policy/IAMFullAccess")) == "yes"


def test_a_deny_of_one_admin_policy_leaves_the_others():
    def without(*names):
        arns = [f"arn:aws:iam::aws:policy/{name}" for name in names]
        shut = {"Condition": {"ArnEquals": {"iam:PolicyARN": arns}}}
        return user(
            allow(["iam:AttachUserPolicy", "iam:CreateAccessKey"], "*"),
            deny("iam:AttachUserPolicy", "*", **shut),
        )

    assert verdict(without("AdministratorAccess")) == "yes"
    assert verdict(without("AdministratorAccess", "IAMFullAccess")) == "no"


def test_a_required_boundary_of_the_target_is_tested():
    needs = {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{A}:policy/b"}}
    one = user(
        allow("iam:PutRolePolicy", "*", Condition=needs), allow("iam:UpdateAssumeRolePolicy")
    )
    assert verdict(one) == "no"  # no role carries it
    lacks = {"Null": {"iam:PermissionsBoundary": "true"}}
    two = user(
        allow("iam:PutRolePolicy", "*", Condition=lacks), allow("iam:UpdateAssumeRolePolicy")
    )
    assert verdict(two) == "yes"


def test_a_condition_makes_it_conditional():
    mfa = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    result = judged(user(allow(**mfa)))
    assert str(result.answer.verdict) == "conditional"
    assert result.answer.conditions == ("context:aws:MultiFactorAuthPresent=true",)


def test_tags_of_the_targets_are_known():
    team = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "x"}}}
    one = user(allow(["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], "*", **team))
    tagged = role(name="app", tags=(("team", "x"),), trust=APP.trust)
    here = world(one, tagged)
    assert str(admin_answer(here, one.arn, A).answer.verdict) == "yes"
    mixed = world(one, tagged, role(name="other", trust=APP.trust))
    assert str(admin_answer(mixed, one.arn, A).answer.verdict) == "no"


def test_notaction_and_power_user():
    power = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}
    assert verdict(user(power)) == "no"
    assert verdict(user({**power, "NotAction": "s3:*"})) == "yes"


def test_the_root_user_is_admin_unless_an_scp_forbids_it():
    assert verdict(root()) == "yes"
    assert str(admin_answer(world(root()), root().arn, A).answer.verdict) == "yes"
    no_root = member(
        A,
        (
            policy(FULL),
            policy(
                deny(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}),
                name="NoRoot",
            ),
        ),
    )
    assert verdict(root(), accounts=[no_root]) == "no"


def test_another_account_is_never_administered_directly():
    assert verdict(user(FULL), account=B) == "no"


def test_a_missing_policy_text_is_unknown():
    missing = Policy("managed policy X", None, f"arn:aws:iam::{A}:policy/X")
    fields = {n: getattr(user(), n) for n in user().__dataclass_fields__}
    result = judged(type(user())(**fields | {"policies": (missing,)}))
    assert str(result.answer.verdict) == "unknown"
    assert result.answer.conditions == (f"not_collected:policy=arn:aws:iam::{A}:policy/X",)
