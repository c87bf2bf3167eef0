"""G. Who a statement names."""

import pytest

from graph.iam.assume import assume_answers
from graph.iam.world import ANONYMOUS, ANY_AWS_PRINCIPAL, Outside, outside_account
from tests.iam.rules.builders import PRINCIPAL, USER_GUIDE, verdict
from tests.iam.worlds import (
    BUCKET,
    FULL,
    A,
    B,
    allow,
    alone,
    forbid,
    grant,
    role,
    trust,
    user,
    world,
)

GET = allow("s3:GetObject")
NOT_PRINCIPAL = f"{USER_GUIDE}/reference_policies_elements_notprincipal.html"
IDENTIFIERS = f"{USER_GUIDE}/reference_identifiers.html#identifiers-unique-ids"


def _opened(caller, principal, action="s3:GetObject", **more) -> str:
    opened = {BUCKET: grant(principal, action, **more)}
    return verdict(caller, action, policies=opened)


@pytest.mark.rule("39", source=f"{PRINCIPAL}#Principal_specifying")
def test_039_types_of_principals_are_apart():
    """The types of principals are separate name spaces, and ``*`` under ``AWS`` is everyone, as
    ``*`` alone is.
    """
    alice = user()
    assert _opened(alice, "*") == "yes"
    assert _opened(alice, {"AWS": "*"}) == "yes"
    assert _opened(ANONYMOUS, {"AWS": "*"}) == "yes"


@pytest.mark.twin("39", control="the same text stands under another type")
def test_039_twin_another_type():
    alice = user()
    assert _opened(alice, {"AWS": alice.arn}) == "yes"
    for kind in ("Service", "Federated", "CanonicalUser"):
        assert _opened(alice, {kind: alice.arn}) == "no", kind
    assert _opened(alice, {"Federated": "*"}) == "no"
    assert _opened(Outside("service", A, "x.amazonaws.com"), {"AWS": "x.amazonaws.com"}) == "no"


@pytest.mark.rule("40", source=PRINCIPAL)
def test_040_no_part_of_a_principal_is_a_wildcard():
    """A wildcard does not match a part of a principal's name or ARN."""
    for named in (
        f"arn:aws:iam::{A}:user/*",
        f"arn:aws:iam::{A}:*",
        f"arn:aws:iam::{A}:user/ali?e",
    ):
        assert _opened(user(), {"AWS": named}) == "no", named


@pytest.mark.twin("40", control="the pattern stands in aws:PrincipalArn")
def test_040_twin_the_pattern_is_a_condition():
    pattern = {"Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:user/*"}}}
    assert _opened(user(), "*", **pattern) == "yes"


PATHED = role(path="/team/", session_name="s1")


@pytest.mark.rule("41", source=f"{PRINCIPAL}#principal-sessions")
def test_041_sessions_match_their_role_and_their_own_arn():
    """A session is named by its role's ARN, path included, or by its own ARN, which has the role's
    name without the path.
    """
    assert _opened(PATHED, {"AWS": f"arn:aws:iam::{A}:role/team/app"}) == "yes"
    assert _opened(PATHED, {"AWS": f"arn:aws:sts::{A}:assumed-role/app/s1"}) == "yes"


@pytest.mark.twin("41", control="the path is in the session's ARN and missing in the role's")
def test_041_twin_the_path_at_the_wrong_place():
    assert _opened(PATHED, {"AWS": f"arn:aws:iam::{A}:role/app"}) == "no"
    assert _opened(PATHED, {"AWS": f"arn:aws:sts::{A}:assumed-role/team/app/s1"}) == "no"


@pytest.mark.twin("41", control="the session's name is a wildcard")
def test_041_twin_any_session():
    assert _opened(PATHED, {"AWS": f"arn:aws:sts::{A}:assumed-role/app/*"}) == "no"


def _trusts_id(unique_id: str) -> list[str]:
    """Who may assume a role that trusts an id; ``app`` was deleted and made anew."""
    app = role(FULL)
    target = role(name="target", trust=trust({"AWS": unique_id}))
    here = world(app, target, user(FULL))
    return [row.source for row in assume_answers(here, target.arn)]


@pytest.mark.rule("42", source=f"{PRINCIPAL}#principal-roles")
def test_042_the_id_of_a_deleted_principal_matches_nobody():
    """A trust keeps the unique id of the principal that it named; a new one of the same name has
    another id and is not trusted.
    """
    assert _trusts_id("AROADELETEDROLE000000") == []


@pytest.mark.twin("42", control="the id is that of the role that exists")
def test_042_twin_the_id_of_a_role_that_exists():
    assert _trusts_id(role().unique_id) == [role().arn]


def _all_but(*listed: str) -> dict:
    return {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": list(listed)},
        "Action": "s3:*",
        "Resource": "*",
    }


def _spared(caller, *listed: str) -> str:
    return verdict(caller, policies={BUCKET: _all_but(*listed)})


ROOT_ARN = f"arn:aws:iam::{A}:root"
SESSION = f"arn:aws:sts::{A}:assumed-role/app/s1"


@pytest.mark.rule("43", source=f"{NOT_PRINCIPAL}#specifying-notprincipal")
def test_043_a_deny_of_all_but_some_must_list_every_form():
    """To spare a session from a Deny with ``NotPrincipal`` its account, its role and the session
    must all be listed.
    """
    app = role(GET, session_name="s1")
    assert _spared(app, ROOT_ARN, app.arn, SESSION) == "yes"
    assert _spared(user(GET), ROOT_ARN, user().arn) == "yes"


@pytest.mark.twin("43", control="the account, or the role, is not listed")
def test_043_twin_a_form_is_missing():
    """AWS says that it might then deny: never a plain yes."""
    app = role(GET, session_name="s1")
    assert _spared(app, app.arn, SESSION) != "yes"
    assert _spared(app, ROOT_ARN, SESSION) != "yes"
    assert _spared(user(GET), user().arn) != "yes"


@pytest.mark.twin("43", control="somebody else is listed")
def test_043_twin_somebody_else_is_spared():
    assert _spared(user(GET), ROOT_ARN.replace(A, B), user(account=B).arn) == "no"


@pytest.mark.rule("43", source=f"{NOT_PRINCIPAL}#specifying-notprincipal")
def test_043_an_account_listed_with_one_of_its_users_leaves_the_others_denied():
    """The account's ARN stands beside the one it belongs to: everyone else of it is denied."""
    keeper = user(name="keeper").arn
    assert _spared(user(GET), ROOT_ARN, keeper) == "no"
    assert _spared(role(GET), ROOT_ARN, keeper) == "no"
    many = [user(name=f"keeper{number}").arn for number in range(40)]
    assert _spared(user(GET), ROOT_ARN, *many) == "no"


@pytest.mark.twin("43", control="the user is of another account, or nobody is named")
def test_043_twin_an_account_listed_without_one_of_its_users():
    assert _spared(user(GET), ROOT_ARN, user(name="keeper", account=B).arn) == "conditional"
    assert _spared(user(GET), ROOT_ARN) == "conditional"
    many = [user(name=f"keeper{number}", account=B).arn for number in range(40)]
    assert _spared(user(GET), ROOT_ARN, *many) == "conditional"


def _allows_all_but(caller, listed: str) -> str:
    but = {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": listed},
        "Action": "s3:GetObject",
        "Resource": "*",
    }
    return verdict(caller, policies={BUCKET: but})


@pytest.mark.rule("43", source=f"{NOT_PRINCIPAL}#specifying-notprincipal-allow")
def test_043_an_allow_of_all_but_some_is_nearly_public():
    """An Allow with ``NotPrincipal`` lets in everyone else, unsigned callers included."""
    assert _allows_all_but(ANONYMOUS, user().arn) == "yes"
    assert _allows_all_but(user(name="bob"), user().arn) == "yes"


@pytest.mark.twin("43", control="the caller is the one that is left out")
def test_043_twin_who_is_left_out():
    assert _allows_all_but(user(), user().arn) == "no"


def _service_may(named: str, service: str) -> str:
    caller = Outside("service", A, service)
    return _opened(caller, {"Service": named})


@pytest.mark.rule("44", source=f"{PRINCIPAL}#principal-services")
def test_044_a_service_has_regional_names_too():
    """A service principal names one service; some services also come under a name with a region or
    with the suffix of China's partition.
    """
    assert _service_may("ssm.amazonaws.com", "ssm.amazonaws.com") == "yes"
    assert _service_may("ssm.amazonaws.com", "ssm.eu-west-1.amazonaws.com") == "yes"
    assert _service_may("ec2.amazonaws.com.cn", "ec2.amazonaws.com") == "yes"


@pytest.mark.twin("44", control="the policy names another service")
def test_044_twin_another_service():
    assert _service_may("ssm.amazonaws.com", "ec2.amazonaws.com") == "no"
    assert _service_may("ssm.amazonaws.com", "ec2.eu-west-1.amazonaws.com") == "no"
    assert _service_may("ssm.amazonaws.com", "messages.ssm.amazonaws.com") == "no"


@pytest.mark.twin("44", control="the caller is a principal, not the service")
def test_044_twin_a_service_is_no_account():
    assert _opened(user(), {"Service": "ssm.amazonaws.com"}) == "no"


def _from_outside(caller, principal, action="s3:GetObject") -> str:
    known = [caller] if not isinstance(caller, Outside) else []
    here = world(*known, accounts=[alone(A), alone(B)])
    opened = {BUCKET: grant(principal, action)}
    return verdict(caller, action, within=here, policies=opened)


def _secret(caller) -> str:
    """A secret that is open to everyone."""
    secret = f"arn:aws:secretsmanager:eu-west-1:{A}:secret:s-AbCdEf"
    action = "secretsmanager:GetSecretValue"
    known = [caller] if not isinstance(caller, Outside) else []
    here = world(*known, accounts=[alone(A), alone(B)])
    return verdict(caller, action, secret, within=here, policies={secret: grant("*", action)})


@pytest.mark.rule("45", source=f"{PRINCIPAL}#principal-anonymous")
def test_045_unsigned_callers_match_everyone_alone():
    """An unsigned caller is covered by ``*`` alone; a signed one of another account needs its own
    policies even then, unless it can call unsigned.
    """
    assert _from_outside(ANONYMOUS, "*") == "yes"
    assert _from_outside(user(account=B), "*") == "yes"
    assert [_secret(user(*own, account=B)) for own in ([], [FULL])] == ["no", "yes"]


@pytest.mark.twin("45", control="the policy names accounts instead of everyone")
def test_045_twin_accounts_are_named():
    assert _from_outside(ANONYMOUS, {"AWS": [A, B]}) == "no"
    assert _from_outside(ANY_AWS_PRINCIPAL, {"AWS": [A, B]}) == "no"
    assert _from_outside(outside_account(B), {"AWS": [A, B]}) == "yes"


@pytest.mark.twin("45", control="the service takes signed requests only")
def test_045_twin_a_service_that_wants_signatures():
    assert _secret(ANONYMOUS) == "no"


def test_a_deny_of_everyone_reaches_unsigned_callers():
    opened = {BUCKET: [grant("*", "s3:*"), forbid("*", "s3:*")]}
    assert verdict(ANONYMOUS, policies=opened) == "no"
