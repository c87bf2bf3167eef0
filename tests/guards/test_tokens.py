"""Whose token a trust policy takes: subject, audience, SAML; each beside its twin."""

from __future__ import annotations

from typing import Any

import pytest

from graph.guards.providers import layout_of, read_claim
from graph.iam.identity_sources import IdentitySources, Provider
from tests.guards.trusts import heads, only, told, trusted
from tests.iam.worlds import A

GITHUB = "token.actions.githubusercontent.com"
WEB = "sts:AssumeRoleWithWebIdentity"


def provider(issuer: str) -> str:
    return f"arn:aws:iam::{A}:oidc-provider/{issuer}"


def web(issuer: str, *, effect: str = "Allow", **condition: Any) -> Any:
    named = provider(issuer) if "/" in issuer or issuer not in KNOWN_TO_AWS else issuer
    found = {"Effect": effect, "Principal": {"Federated": named}, "Action": WEB}
    return found | ({"Condition": condition} if condition else {})


KNOWN_TO_AWS = ("accounts.google.com", "graph.facebook.com", "www.amazon.com")


def like(issuer: str, **claims: Any) -> dict[str, Any]:
    return {"StringLike": {f"{issuer}:{claim}": value for claim, value in claims.items()}}


def subject(*statements: Any) -> str:
    (found,) = [one for one in only(trusted(*statements)) if one.startswith("subject")]
    return found.removeprefix("subject ")


GITHUB_ENTERPRISE = f"{GITHUB}/acme"
GITLAB, TERRAFORM, BUILDKITE = "gitlab.com", "app.terraform.io", "agent.buildkite.com"
CIRCLECI = "oidc.circleci.com/org/11111111-2222-3333-4444-555555555555"
BITBUCKET = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"
EKS = "oidc.eks.eu-west-1.amazonaws.com/id/AAAABBBBCCCCDDDD"
SPACELIFT = "acme.app.spacelift.io"
USER_POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc"
GOOGLE, FACEBOOK, AMAZON = KNOWN_TO_AWS


@pytest.mark.parametrize(
    ("issuer", "claims", "state"),
    [
        (GITHUB, {"sub": "repo:acme/app:ref:refs/heads/main"}, "branch"),
        (GITHUB, {"sub": "repo:acme/app:environment:prod"}, "environment"),
        (GITHUB, {"sub": "repo:acme/app:*"}, "project"),
        (GITHUB, {"sub": "repo:acme/app*"}, "tenant"),
        (GITHUB, {"sub": "repo:acme/*"}, "tenant"),
        (GITHUB, {"sub": "repo:acme/*:environment:prod"}, "tenant"),
        (GITHUB, {"sub": ["repo:acme/app:*", "repo:acme/*"]}, "tenant"),
        (GITHUB, {"sub": "repo:acme*"}, "open"),
        (GITHUB, {"sub": "repo:*"}, "open"),
        (GITHUB, {"sub": ["repo:acme/app:*", "repo:*/app:*"]}, "open"),
        (GITHUB, {"aud": "sts.amazonaws.com"}, "open"),
        (GITHUB, {}, "open"),
        (GITHUB, {"repository_owner": "acme", "sub": "*:ref:refs/heads/main"}, "tenant"),
        (GITHUB, {"repository": "acme/app"}, "project"),
        (GITHUB, {"job_workflow_ref": "acme/ci/.github/workflows/d.yml@refs/heads/main"}, "branch"),
        (GITHUB_ENTERPRISE, {}, "tenant"),
        (GITHUB_ENTERPRISE, {"sub": "repo:acme/app:*"}, "project"),
        (GITLAB, {"sub": "project_path:acme/app:ref_type:branch:ref:main"}, "branch"),
        (GITLAB, {"sub": "project_path:acme/app:*"}, "project"),
        (GITLAB, {"sub": "project_path:acme/*"}, "tenant"),
        (GITLAB, {"sub": "project_path:*"}, "open"),
        (TERRAFORM, {"sub": "organization:acme:project:p:workspace:w:run_phase:apply"}, "branch"),
        (TERRAFORM, {"sub": "organization:acme:project:p:workspace:w:run_phase:*"}, "project"),
        (TERRAFORM, {"sub": "organization:acme:*"}, "tenant"),
        (TERRAFORM, {"sub": "organization:*"}, "open"),
        (BUILDKITE, {"sub": "organization:acme:pipeline:app:ref:refs/heads/main:*"}, "project"),
        (BUILDKITE, {"sub": "organization:acme:*"}, "tenant"),
        (BUILDKITE, {"sub": "organization:*"}, "open"),
        (CIRCLECI, {}, "tenant"),
        (CIRCLECI, {"sub": "org/o/project/p/user/*"}, "project"),
        (BITBUCKET, {}, "tenant"),
        (BITBUCKET, {"sub": "{11111111-2222-3333-4444-555555555555}:*"}, "project"),
        (BITBUCKET, {"sub": "*"}, "tenant"),
        (SPACELIFT, {}, "tenant"),
        (SPACELIFT, {"sub": "space:prod:*"}, "project"),
        (EKS, {"sub": "system:serviceaccount:kube-system:dns"}, "service-account"),
        (EKS, {"sub": "system:serviceaccount:kube-system:*"}, "project"),
        (EKS, {"sub": "system:serviceaccount:*:dns"}, "tenant"),
        (EKS, {}, "tenant"),
        (USER_POOL, {"aud": "client"}, "application"),
        (USER_POOL, {}, "tenant"),
        (GOOGLE, {}, "open"),
        (GOOGLE, {"aud": "app.apps.googleusercontent.com"}, "application"),
        (GOOGLE, {"sub": "1234567890"}, "user"),
        (FACEBOOK, {"app_id": "1234"}, "application"),
        (FACEBOOK, {}, "open"),
        (AMAZON, {"app_id": "amzn1.x"}, "application"),
        (AMAZON, {"user_id": "amzn1.account.x"}, "user"),
        ("login.example.com", {}, "any"),
        ("login.example.com", {"sub": "alice"}, "subject"),
        ("login.example.com", {"sub": "a*"}, "pattern"),
    ],
)
def test_how_far_the_subject_is_fixed(issuer: str, claims: dict[str, Any], state: str) -> None:
    assert subject(web(issuer, **(like(issuer, **claims) if claims else {}))) == state


def test_the_subject_is_always_there() -> None:
    """``IfExists`` opens nothing where the key is in every token."""
    fixed = {"StringEqualsIfExists": {f"{GITHUB}:sub": "repo:acme/app:ref:refs/heads/main"}}
    assert subject(web(GITHUB, **fixed)) == "branch"
    other = {"StringNotEquals": {f"{GITHUB}:sub": "repo:acme/app:ref:refs/heads/main"}}
    assert subject(web(GITHUB, **other)) == "open"


def test_a_star_is_a_letter_where_the_operator_has_no_patterns() -> None:
    equals = {"StringEquals": {f"{GITHUB}:sub": "repo:acme/app:*"}}
    assert subject(web(GITHUB, **equals)) == "branch"


def test_of_two_statements_for_a_provider_the_weaker_guards() -> None:
    fixed = web(GITHUB, **like(GITHUB, sub="repo:acme/app:ref:refs/heads/main"))
    assert subject(fixed, web(GITHUB, **like(GITHUB, sub="repo:acme/*"))) == "tenant"
    assert subject(fixed, web(GITHUB)) == "open"


def test_a_sentence_names_what_is_fixed_and_what_is_left_open() -> None:
    target = trusted(web(GITHUB, **like(GITHUB, sub="repo:acme/app:*")))
    (sentences,) = told(target).values()
    (text,) = [one for one in sentences if one.startswith("subject")]
    assert text == (
        "subject project: GitHub Actions: only organisation acme repository app, "
        "any branch or environment."
    )


def test_a_list_of_audiences_fixes_the_application() -> None:
    """An IAM provider for Google takes tokens of the listed applications alone."""
    arn = provider(f"{GOOGLE}")
    statement = {"Effect": "Allow", "Principal": {"Federated": arn}, "Action": WEB}
    listed = IdentitySources(providers={arn: Provider(arn, ("app",))})
    assert only(trusted(statement), identity_sources=listed) == {
        "audience listed",
        "subject application",
    }
    assert "subject open" in only(trusted(statement))


@pytest.mark.parametrize(
    ("condition", "listed", "state"),
    [
        ({"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, None, "fixed"),
        ({"StringLike": {f"{GITHUB}:aud": "sts.*"}}, None, "open"),
        ({}, ("sts.amazonaws.com",), "listed"),
        ({}, None, "open"),
    ],
)
def test_the_audience(condition: dict[str, Any], listed: Any, state: str) -> None:
    arn = provider(GITHUB)
    sources = (
        IdentitySources(providers={arn: Provider(arn, listed)}) if listed else IdentitySources()
    )
    found = only(trusted(web(GITHUB, **condition)), identity_sources=sources)
    assert f"audience {state}" in found


def test_saml() -> None:
    okta = f"arn:aws:iam::{A}:saml-provider/okta"
    plain = {
        "Effect": "Allow",
        "Principal": {"Federated": okta},
        "Action": "sts:AssumeRoleWithSAML",
    }
    assert only(trusted(plain)) == {"saml-audience not-fixed", "subject any"}
    fixed = plain | {
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    }
    assert only(trusted(fixed)) == {"saml-audience fixed", "subject any"}
    one = {"StringEquals": {"SAML:sub": "alice"}}
    assert "subject user" in only(trusted(plain | {"Condition": one}))


def test_a_network_condition_guards_tokens_too() -> None:
    ranged = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    assert "network fixed" in only(trusted(web("login.example.com", **ranged)))
    assert "network fixed" not in only(trusted(web("login.example.com")))


def test_session_tags_of_a_token_are_not_called_the_callers_choice() -> None:
    tagged = {"StringEquals": {"aws:RequestTag/organization_slug": "acme"}}
    for sentences in told(trusted(web(BUILDKITE, **tagged))).values():
        assert not [one for one in heads(sentences) if one.startswith("no-guard")]


def test_a_form_is_read_from_the_left() -> None:
    layout = layout_of(GITHUB)
    assert layout is not None
    read = read_claim("repo:acme/app:ref:x", layout.claims["sub"], wild=True)
    assert dict(read.parts)["repository"] == "app"
    assert read.open_part == ""
    read = read_claim("repo:acme/a?p:ref:x", layout.claims["sub"], wild=True)
    assert [part for part, _ in read.parts] == ["organisation"]
    assert read.open_part == "repository"
    assert layout_of("elsewhere.example") is None
