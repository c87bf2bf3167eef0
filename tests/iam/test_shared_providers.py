"""Providers that anyone can be a tenant of: what takes some subjects away leaves the others.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
https://docs.github.com/en/actions/reference/openid-connect-reference
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam.assume import assume_answers
from graph.iam.document import parse
from graph.iam.world import Policy
from graph.verdict import Verdict
from tests.iam.worlds import A, doc, role, world

WEB = "sts:AssumeRoleWithWebIdentity"
GITHUB, GITLAB = "token.actions.githubusercontent.com", "gitlab.com"
OPEN = ()


def statement(effect, issuer, *tests):
    condition = {}
    for operator, value in tests:
        condition.setdefault(operator, {})[f"{issuer}:sub"] = value
    who = {"Federated": f"arn:aws:iam::{A}:oidc-provider/{issuer}"} if effect == "Allow" else "*"
    row = {"Effect": effect, "Principal": who, "Action": WEB}
    return {**row, "Condition": condition} if condition else row


def admitted(allow=OPEN, deny=OPEN, issuer=GITHUB):
    """(kind, verdict) of the provider's row: a shared provider is any tenant of it."""
    rows = [statement("Allow", issuer, *allow)]
    rows += [statement("Deny", issuer, one) for one in deny]
    target = role(name="target", trust=Policy("trust policy", parse(doc(*rows))))
    found = assume_answers(world(target), target.arn)
    return [(row.kind, str(row.answer.verdict)) for row in found]


ANYBODY, SOME = [("shared-provider", "yes")], [("federated", "conditional")]


@pytest.mark.parametrize(
    ("test", "issuer"),
    [
        (("StringLike", "repo:*:pull_request"), GITHUB),
        (("StringLike", "repo:acme/*"), GITHUB),
        (("StringEquals", "repo:acme/x:ref:refs/heads/main"), GITHUB),
        (("StringLike", "repo:*"), GITHUB),
        (("StringLike", "project_path:*:ref_type:tag:*"), GITLAB),
    ],
)
def test_a_deny_of_some_subjects_leaves_any_tenant(test, issuer):
    assert admitted(deny=[test], issuer=issuer) == ANYBODY
    operator, value = test
    opposite = operator.replace("String", "StringNot")
    assert admitted(allow=[(opposite, value)], issuer=issuer) == ANYBODY


@pytest.mark.parametrize(
    ("test", "issuer", "left"),
    [
        (("StringLike", "*"), GITHUB, SOME),
        (("StringNotLike", "repo:acme/*"), GITHUB, SOME),
        (("StringNotEquals", "repo:acme/x:ref:refs/heads/main"), GITHUB, SOME),
        (("StringLike", "project_path:*"), GITLAB, SOME),
        (("StringLike", "project_path:*/*"), GITLAB, SOME),
    ],
)
def test_a_deny_of_every_stranger_leaves_none(test, issuer, left):
    """Twins: the pattern is of every subject, or of all but one tenant's."""
    assert admitted(deny=[test], issuer=issuer) == left


def test_what_one_pattern_gives_the_same_pattern_takes():
    pulls = ("StringLike", "repo:*:pull_request")
    assert admitted(allow=[pulls]) == ANYBODY
    assert admitted(allow=[pulls], deny=[pulls]) == []
    assert admitted(allow=[pulls], deny=[("StringLike", "repo:*:environment:*")]) == ANYBODY
    assert admitted(allow=[pulls], deny=[("StringLike", "repo:*")]) == []


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "StringEqualsIgnoreCase"])
@pytest.mark.parametrize("prefix", ["repo", "REPO", "Repo"])
def test_a_tenant_is_named_in_any_case(operator, prefix):
    assert admitted(allow=[(operator, f"{prefix}:acme/x:environment:prod")]) == SOME


def test_no_tenant_is_named():
    """Twin: the pattern has a wildcard where the tenant's name stands."""
    assert admitted(allow=[("StringLike", "repo:*/x:environment:prod")]) == ANYBODY


SUBJECTS = st.sampled_from(
    ["*", "repo:*", "repo:acme/*", "repo:*:pull_request", "repo:acme/x:pull_request", "REPO:ACME/X"]
)
TESTS = st.tuples(
    st.sampled_from(["StringLike", "StringNotLike", "StringEquals", "StringNotEquals"]), SUBJECTS
)


def _ranks(rows):
    """Strength of any tenant's row, and of the provider's whatever it is."""
    both = [Verdict(verdict).rank for _, verdict in rows]
    anybody = [Verdict(verdict).rank for kind, verdict in rows if kind == "shared-provider"]
    return max(anybody, default=0), max(both, default=0)


@settings(deadline=None, max_examples=60)
@given(st.lists(TESTS, max_size=2), st.lists(TESTS, max_size=2), TESTS)
def test_a_further_deny_never_opens(allow, deny, more):
    before, after = _ranks(admitted(allow, deny)), _ranks(admitted(allow, [*deny, more]))
    assert after[0] <= before[0]
    assert after[1] <= before[1]
