"""Who can assume a role: each source with its decoy."""

import pytest

from graph.iam.assume import assume_answers, identity_gaps
from graph.iam.world import Policy
from graph.verdict import Verdict
from tests.iam.worlds import (
    ORG,
    A,
    B,
    C,
    allow,
    alone,
    deny,
    member,
    policy,
    role,
    trust,
    user,
    world,
)

GITHUB = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"
SUB = "token.actions.githubusercontent.com:sub"
MAY = allow("sts:AssumeRole")


def found(target, *others, accounts=None, **more):
    here = world(target, *others, accounts=accounts, **more)
    return {
        row.source: (row.kind, str(row.answer.verdict)) for row in assume_answers(here, target.arn)
    }


def test_an_account_in_a_trust_is_those_of_its_principals_that_may():
    app = role(trust=trust({"AWS": f"arn:aws:iam::{A}:root"}))
    named = user(allow("sts:AssumeRole", app.arn), name="named")
    pattern = user(allow("sts:*", f"arn:aws:iam::{A}:role/a*"), name="pattern")
    other = user(allow("sts:AssumeRole", f"arn:aws:iam::{A}:role/b*"), name="other")
    not_in = user(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "NotResource": "x"}, name="notres"
    )
    variable = user(allow("sts:*", f"arn:aws:iam::{A}:role/" + "${aws:username}"), name="app")
    denied = user(MAY, deny("sts:*"), name="denied")
    got = found(app, named, pattern, other, not_in, variable, denied)
    assert got == {one.arn: ("principal", "yes") for one in (named, pattern, not_in, variable)}


def test_a_named_principal_of_the_own_account_needs_nothing_else_of_another_it_does():
    bob = user(name="bob", account=B)
    eve = user(MAY, name="eve", account=B)
    app = role(trust=trust({"AWS": [user().arn, bob.arn, eve.arn]}))
    assert found(app, user(), bob, eve) == {
        user().arn: ("principal", "yes"),
        eve.arn: ("principal", "yes"),
    }


def test_an_account_that_was_not_collected_is_its_owners():
    app = role(trust=trust({"AWS": C}))
    assert found(app) == {f"account:{C}": ("account", "yes")}
    one = f"arn:aws:iam::{C}:role/deploy"
    assert found(role(trust=trust({"AWS": one}))) == {one: ("outside-principal", "yes")}


def test_an_external_id_is_a_secret():
    test = {"Condition": {"StringEquals": {"sts:ExternalId": "s3cr3t"}}}
    here = world(app := role(trust=trust({"AWS": C}, **test)))
    row = assume_answers(here, app.arn)[0]
    assert (row.answer.verdict, row.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("secret:sts:ExternalId",),
    )
    any_value = {"Condition": {"StringLike": {"sts:ExternalId": "*"}}}
    assert found(role(trust=trust({"AWS": C}, **any_value)))[f"account:{C}"][1] == "yes"


def test_everyone_is_any_aws_principal_and_an_organisation_if_one_is_fixed():
    app = role(trust=trust("*"))
    assert found(app) == {
        "any-aws-principal": ("any-aws-principal", "yes"),
        app.arn: ("principal", "yes"),
    }
    org = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": ORG}}}
    assert found(role(trust=trust("*", **org))) == {f"org:{ORG}": ("org", "yes")}


def test_everyone_includes_principals_of_the_own_account_one_by_one():
    app = role(trust=trust({"AWS": "*"}))
    eve = user(MAY, name="eve", account=B)
    bob = user(name="bob", account=B)
    got = found(app, user(), eve, bob)
    assert got[user().arn] == got[eve.arn] == ("principal", "yes")
    assert bob.arn not in got


def test_services_are_listed_apart_and_are_nobody_elses_way_in():
    assert found(role(trust=trust({"Service": ["ec2.amazonaws.com", "sns.amazonaws.com"]}))) == {
        "service:ec2.amazonaws.com": ("service", "yes"),
        "service:sns.amazonaws.com": ("service", "yes"),
    }


def test_nobody_but_its_service_assumes_a_service_linked_role():
    linked = role(
        path="/aws-service-role/x/", trust=trust({"AWS": A, "Service": "x.amazonaws.com"})
    )
    assert found(linked, user(MAY)) == {"service:x.amazonaws.com": ("service", "yes")}


def test_scps_and_boundaries_of_the_caller_count():
    app = role(trust=trust({"AWS": A}))
    for one, accounts, expected in (
        (user(MAY), [member(A)], True),
        (user(MAY), [member(A, (policy(allow()), policy(deny("sts:AssumeRole"))))], False),
        (user(MAY, boundary=policy(allow("s3:*"))), [alone(A)], False),
    ):
        assert (one.arn in found(app, one, accounts=accounts)) is expected


def web(provider, **tests):
    return trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", **tests)


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("repo:acme/app:ref:refs/heads/main", "federated"),
        ("repo:acme/*", "federated"),
        ("repo:*", "shared-provider"),
        ("repo:acme*", "shared-provider"),
        ("*", "shared-provider"),
    ],
)
def test_a_shared_provider_without_a_fixed_tenant_is_open_to_its_users(subject, kind):
    tests = {"Condition": {"StringLike": {SUB: subject}}}
    got = found(role(trust=web(GITHUB, **tests)))[f"federated:{GITHUB}"]
    assert got == (kind, "yes" if kind == "shared-provider" else "conditional")


def test_an_audience_alone_does_not_fix_a_tenant_of_a_shared_provider():
    audience = {"Condition": {"StringEquals": {f"{SUB[:-3]}aud": "sts.amazonaws.com"}}}
    assert found(role(trust=web(GITHUB, **audience))) == {
        f"federated:{GITHUB}": ("shared-provider", "yes")
    }


def test_an_own_provider_is_behind_its_own_login():
    own = f"arn:aws:iam::{A}:oidc-provider/login.example.com"
    assert found(role(trust=web(own))) == {f"federated:{own}": ("federated", "yes")}


def test_saml_and_its_audience():
    provider = f"arn:aws:iam::{A}:saml-provider/corp"
    for audience, expected in (("https://signin.aws.amazon.com/saml", "yes"), ("https://x", None)):
        tests = {"Condition": {"StringEquals": {"SAML:aud": audience}}}
        app = role(trust=trust({"Federated": provider}, "sts:AssumeRoleWithSAML", **tests))
        got = found(app)
        assert got == ({f"federated:{provider}": ("federated", expected)} if expected else {})


def test_cognito_without_an_audience_is_any_pool():
    cognito = "cognito-identity.amazonaws.com"
    fixed = {"Condition": {"StringEquals": {f"{cognito}:aud": "eu-west-1:1234"}}}
    assert found(role(trust=web(cognito))) == {f"federated:{cognito}": ("shared-provider", "yes")}
    assert found(role(trust=web(cognito, **fixed))) == {
        f"federated:{cognito}": ("federated", "conditional"),
        # Whether that pool lets in guests was not collected.
        "internet": ("unknown", "unknown"),
    }


def test_a_trust_that_was_not_read_is_one_unknown():
    rows = assume_answers(world(app := role()), app.arn)
    assert [(row.kind, str(row.answer.verdict)) for row in rows] == [("unknown", "unknown")]


def test_an_identity_policy_that_was_not_read_is_named_once_not_per_pair():
    missing = Policy("managed policy X", None, f"arn:aws:iam::{A}:policy/X")
    alice = user()
    alice = type(alice)(
        **{n: getattr(alice, n) for n in alice.__dataclass_fields__} | {"policies": (missing,)}
    )
    here = world(alice, app := role(trust=trust({"AWS": A})))
    assert assume_answers(here, app.arn) == []
    assert identity_gaps(here) == [(alice.arn, (f"policy=arn:aws:iam::{A}:policy/X",))]


def test_a_named_session_is_its_role_with_a_chosen_name():
    caller = role(name="ci")
    app = role(trust=trust({"AWS": f"arn:aws:sts::{A}:assumed-role/ci/deploy"}))
    assert found(app, caller) == {caller.arn: ("principal", "yes")}


def test_a_unique_id_is_matched_as_an_id_and_never_by_a_name():
    caller = role(MAY, name="caller", account=B)
    alive = role(trust=trust({"AWS": caller.unique_id}))
    gone = role(trust=trust({"AWS": "AROAGONE0GONE0GONE0GO"}))
    assert found(alive, caller) == {caller.arn: ("principal", "yes")}
    assert found(gone, caller) == {}
