"""Callers as people write them."""

from dataclasses import replace

import pytest

from graph.iam.callers import UnknownCallerError, caller_of
from graph.iam.world import ANONYMOUS, ANY_AWS_PRINCIPAL, Account, Outside
from tests.iam.worlds import (
    BUCKET,
    A,
    B,
    allow,
    alone,
    deny,
    grant,
    policy,
    role,
    root,
    user,
    verdict,
    world,
)

ALICE = user(allow("s3:*"))
APP = role(allow("s3:*"), name="app", path="/team/")
WORLD = world(
    ALICE, APP, root(), accounts=[alone(A), Account(B, collected=False, membership="none")]
)
FEDERATED = f"arn:aws:sts::{A}:federated-user/Bob"
ONLY_GET = policy(allow("s3:GetObject"), name="session policy")


def test_a_session_is_found_by_the_roles_name_without_its_path():
    found = caller_of(WORLD, f"arn:aws:sts::{A}:assumed-role/app/deploy")
    assert (found.arn, found.session_name) == (APP.arn, "deploy")


@pytest.mark.parametrize("text", [APP.arn, APP.unique_id, "app", "role/team/app", f" {APP.arn} "])
def test_a_role_is_found_by_arn_unique_id_and_name(text):
    assert caller_of(WORLD, text) is APP


def test_the_root_user_is_found_by_its_arn_even_if_no_list_holds_it():
    assert caller_of(WORLD, f"arn:aws:iam::{A}:root").kind == "root"
    assert caller_of(world(ALICE), f"arn:aws:iam::{A}:root").kind == "root"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anonymous", ANONYMOUS),
        ("any-aws", ANY_AWS_PRINCIPAL),
        (B, Outside("account", B)),
        (f"account:{B}", Outside("account", B)),
        (f"arn:aws:iam::{B}:user/eve", Outside("account", B, f"arn:aws:iam::{B}:user/eve")),
        ("service:lambda.amazonaws.com", Outside("service", "", "lambda.amazonaws.com")),
        (f"service:sns.amazonaws.com@{B}", Outside("service", B, "sns.amazonaws.com")),
        ("federated:accounts.google.com", Outside("federated", "", "accounts.google.com")),
        (
            f"arn:aws:iam::{A}:saml-provider/okta",
            Outside("federated", "", f"arn:aws:iam::{A}:saml-provider/okta"),
        ),
    ],
)
def test_callers_outside_are_taken_as_written(text, expected):
    assert caller_of(WORLD, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"arn:aws:iam::{A}:role/team/apq",
        f"arn:aws:sts::{A}:assumed-role/apq/deploy",
        "apq",
    ],
)
def test_a_name_that_is_not_there_is_refused_with_the_nearest(text):
    with pytest.raises(UnknownCallerError) as problem:
        caller_of(WORLD, text)
    assert problem.value.nearest == (APP.arn,)


@pytest.mark.parametrize(
    "text",
    [
        f"arn:aws:sts::{A}:assumed-role/app/*",
        f"arn:aws:sts::{A}:assumed-role/app",
        f"arn:aws:iam::{B}:role/*",
        BUCKET,
        "service:sns.amazonaws.com@me",
        f"arn:aws:iam::{A}:role/\u0430pp",
        "\u0661" * 12,
        "x" * 100_000,
        "",
    ],
)
def test_what_is_no_principal_is_refused(text):
    with pytest.raises(UnknownCallerError):
        caller_of(WORLD, text)


def test_an_ambiguous_name_is_refused_with_its_candidates():
    twins = world(role(name="app"), role(name="app", account=B))
    with pytest.raises(UnknownCallerError) as problem:
        caller_of(twins, "app")
    assert len(problem.value.nearest) == 2


def test_session_policies_limit_a_role():
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session."""
    limited = caller_of(WORLD, APP.arn, [ONLY_GET])
    assert verdict(limited) == "yes"
    assert verdict(limited, "s3:PutObject") == "no"
    assert verdict(caller_of(WORLD, APP.arn), "s3:PutObject") == "yes"


def test_a_federated_user_has_what_both_its_user_and_its_session_policy_allow():
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html."""
    session = caller_of(WORLD, FEDERATED, [ONLY_GET], issuer=ALICE.arn)
    assert verdict(session) == "yes"
    assert verdict(session, "s3:PutObject") == "no"
    poor = world(user(allow("ec2:*")))
    assert verdict(caller_of(poor, FEDERATED, [ONLY_GET], issuer=ALICE.arn)) == "no"


def test_without_a_session_policy_a_federated_user_has_no_rights_of_its_own():
    assert verdict(caller_of(WORLD, FEDERATED, issuer=ALICE.arn)) == "no"


def test_a_resource_policy_reaches_a_federated_user_by_its_own_name():
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#sts-session-principals."""
    session = caller_of(WORLD, FEDERATED, issuer=ALICE.arn)
    names_it = grant({"AWS": FEDERATED}, "s3:GetObject", f"{BUCKET}/*")
    other = grant({"AWS": FEDERATED.replace("Bob", "Eve")}, "s3:GetObject", f"{BUCKET}/*")
    assert verdict(session, resource_policy=names_it) == "yes"
    assert verdict(session, resource_policy=other) == "no"


def test_a_resource_policy_that_names_the_user_is_cut_by_the_session_policy():
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session."""
    names_user = grant({"AWS": ALICE.arn}, "s3:*", f"{BUCKET}/*")
    nobody = world(user())
    limited = caller_of(nobody, FEDERATED, [ONLY_GET], issuer=ALICE.arn)
    assert verdict(limited, resource_policy=names_user) == "yes"
    assert verdict(limited, "s3:PutObject", resource_policy=names_user) == "no"
    bare = caller_of(nobody, FEDERATED, issuer=ALICE.arn)
    assert verdict(bare, resource_policy=names_user) == "no"


def test_a_deny_of_its_user_counts_for_a_federated_user():
    names_it = grant({"AWS": FEDERATED}, "s3:GetObject", f"{BUCKET}/*")
    denied = world(user(deny("s3:GetObject")))
    assert verdict(caller_of(denied, FEDERATED, issuer=ALICE.arn), resource_policy=names_it) == "no"


def test_a_federated_user_whose_user_is_not_named_has_unknown_rights_in_its_session_policy():
    assert verdict(caller_of(WORLD, FEDERATED, [ONLY_GET])) == "unknown"
    assert verdict(caller_of(WORLD, FEDERATED, [ONLY_GET]), "s3:PutObject") == "no"


def test_a_root_users_federated_session_has_what_its_session_policy_allows():
    session = caller_of(WORLD, FEDERATED, [ONLY_GET], issuer=f"arn:aws:iam::{A}:root")
    assert verdict(session) == "yes"
    assert verdict(session, "s3:PutObject") == "no"


def test_an_issuer_of_another_kind_is_refused():
    with pytest.raises(UnknownCallerError):
        caller_of(WORLD, FEDERATED, issuer=APP.arn)


def test_a_principal_of_an_account_that_was_not_collected_is_outside():
    assert caller_of(replace(WORLD, principals={}), f"arn:aws:iam::{B}:role/x").kind == "account"
