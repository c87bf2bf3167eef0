"""E. Session policies."""

from dataclasses import replace

import pytest

from graph.iam.callers import caller_of, session_of
from graph.iam.federation import guest_session_policies
from graph.iam.world import Principal
from tests.iam.rules.builders import USER_GUIDE, decided, verdict
from tests.iam.worlds import (
    BUCKET,
    FULL,
    A,
    allow,
    deny,
    grant,
    policy,
    role,
    root,
    user,
    world,
)

GET = allow("s3:GetObject")
NO_S3, S3 = policy(allow("ec2:*")), policy(allow("s3:*"))
SESSIONS = f"{USER_GUIDE}/access_policies.html#policies_session"
COGNITO = (
    "https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html"
    "#access-policies-scope-down-services"
)
TOKEN = "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html"


def _session(*policies, own=(GET,), **more) -> Principal:
    return role(*own, session_name="s1", session_policies=policies, **more)


@pytest.mark.rule("23", source=SESSIONS)
def test_023_a_session_policy_limits_the_session():
    """A session has what the role's policies, the boundary and the session policy all allow."""
    assert verdict(_session(NO_S3)) == "no"
    assert verdict(_session(S3, boundary=NO_S3)) == "no"
    assert verdict(_session(S3, own=())) == "no"


@pytest.mark.twin("23", control="the session policy allows the action too")
def test_023_twin_all_three_allow():
    assert verdict(_session(S3, boundary=S3)) == "yes"


def _named(caller, arn) -> str:
    return verdict(caller, policies={BUCKET: grant({"AWS": arn}, "s3:GetObject")})


@pytest.mark.rule("23", source=SESSIONS)
def test_023_a_grant_to_the_role_is_cut_by_the_session_policy():
    """What a resource's policy gives to the role is cut by the session policy, what it gives to the
    session is not.
    """
    assert _named(_session(NO_S3, own=()), role().arn) == "no"


@pytest.mark.twin("23", control="the resource's policy names the session instead of the role")
def test_023_twin_the_session_is_named():
    session = f"arn:aws:sts::{A}:assumed-role/app/s1"
    assert _named(_session(NO_S3, own=()), session) == "yes"
    assert _named(_session(policy(FULL, deny("s3:*")), own=()), session) == "no"


def _federated(*policies, issuer=None, opened=None) -> str:
    """A session of GetFederationToken that alice, who may read, has got."""
    alice = user(GET)
    here = world(alice, root())
    arn = f"arn:aws:sts::{A}:federated-user/guest"
    guest = caller_of(here, arn, policies, issuer or alice.arn)
    return verdict(guest, within=here, policies={BUCKET: opened} if opened else None)


@pytest.mark.rule("24", source=TOKEN)
def test_024_a_federation_token_without_a_session_policy_has_nothing():
    """A session of GetFederationToken has nothing of its user's permissions unless session
    policies are passed.
    """
    assert _federated() == "no"


@pytest.mark.twin("24", control="a session policy was passed")
def test_024_twin_with_a_session_policy():
    assert _federated(S3) == "yes"


@pytest.mark.twin("24", control="the resource's policy names the federated session")
def test_024_twin_the_session_is_named():
    arn = f"arn:aws:sts::{A}:federated-user/guest"
    assert _federated(opened=grant({"AWS": arn}, "s3:GetObject")) == "yes"


@pytest.mark.twin("24", control="the session policy allows other services only")
def test_024_twin_the_session_policy_is_the_limit():
    assert _federated(NO_S3) == "no"


@pytest.mark.rule("25", source=SESSIONS)
def test_025_who_assumes_a_role_has_all_of_it():
    """Session policies are chosen by whoever starts the session, so a role that one can assume is
    worth all of its permissions.
    """
    app = role(GET, allow("ec2:*"))
    got = [verdict(app), verdict(app, "ec2:DescribeInstances", "*")]
    assert got == ["yes", "yes"]


@pytest.mark.twin("25", control="the session was started with a session policy")
def test_025_twin_a_session_that_was_narrowed():
    app = replace(role(GET, allow("ec2:*")), session_name="s1", session_policies=(NO_S3,))
    got = [verdict(app), verdict(app, "ec2:DescribeInstances", "*")]
    assert got == ["no", "yes"]
    assert decided(app).denied_by == "session"


def _guest(*policies) -> dict[str, str]:
    """What a session of a role with every permission can do, that Cognito gave to a guest."""
    guest = session_of(role(FULL), "CognitoIdentityCredentials", policies)
    instance = f"arn:aws:ec2:eu-west-1:{A}:instance/i-1"
    asked = (("polly:SynthesizeSpeech", "*"), ("ec2:TerminateInstances", instance))
    return {action: verdict(guest, action, resource) for action, resource in asked}


@pytest.mark.rule("25", source=COGNITO)
def test_025_cognito_narrows_the_sessions_of_guests():
    """The session that an identity pool hands to a guest in the enhanced flow is the exception:
    Cognito puts a session policy on it that allows some services only.
    """
    got = _guest(*guest_session_policies())
    assert got == {"polly:SynthesizeSpeech": "yes", "ec2:TerminateInstances": "no"}


@pytest.mark.twin("25", control="the guest took the role in the classic flow")
def test_025_twin_a_guest_of_the_classic_flow():
    assert _guest() == {"polly:SynthesizeSpeech": "yes", "ec2:TerminateInstances": "yes"}
