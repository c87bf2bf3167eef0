"""An account that is not in the listed organisation: which one it is in is not known.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths
"""

import pytest

from graph.iam.resource_policy import resource_policy_access
from graph.iam.world import ANY_AWS_PRINCIPAL
from tests.iam.worlds import ORG, A, B, C, doc, forbid, grant, member, world

QUEUE = f"arn:aws:sqs:eu-west-1:{A}:jobs"
SEND = "sqs:SendMessage"
ID, PATHS = "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"
THEIRS = "o-vendor0000"
LISTED = world(accounts=[member(A), member(B)], organization=ORG)


def may(*statements, caller=C, within=LISTED):
    rows = doc(*statements)
    answer = resource_policy_access(rows, caller, [SEND], QUEUE, A, world=within)
    return str(answer.verdict)


def allowed(operator, key, *values, principal=C):
    return grant({"AWS": principal}, SEND, QUEUE, Condition={operator: {key: list(values)}})


def denied(operator, key, *values):
    return forbid("*", "sqs:*", QUEUE, Condition={operator: {key: list(values)}})


OPEN = grant({"AWS": C}, SEND, QUEUE)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (("StringEquals", ID, THEIRS), "conditional"),
        (("StringEquals", ID, THEIRS, ORG), "conditional"),
        (("StringLike", ID, "o-vendor*"), "conditional"),
        (("ForAnyValue:StringLike", PATHS, f"{THEIRS}/*"), "conditional"),
        (("StringEquals", ID, ORG), "no"),
        (("StringLike", ID, ORG), "no"),
        (("ForAnyValue:StringLike", PATHS, f"{ORG}/*"), "no"),
        (("ForAnyValue:StringLike", PATHS, f"{ORG}/r-ab12/ou-1/*"), "no"),
        (("StringLike", ID, "o-*"), "yes"),
        (("StringNotEquals", ID, ORG), "yes"),
        (("StringNotEquals", ID, THEIRS), "yes"),
        (("StringEqualsIfExists", ID, ORG), "yes"),
        (("Null", ID, "true"), "yes"),
        (("Null", ID, "false"), "yes"),
    ],
)
def test_a_named_account_may_be_in_any_organisation_but_ours(test, expected):
    assert may(allowed(*test)) == expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (("StringNotEquals", ID, ORG), "no"),
        (("StringNotEquals", ID, ORG, THEIRS), "conditional"),
        (("StringNotEqualsIfExists", ID, ORG, THEIRS), "conditional"),
        (("StringEquals", ID, ORG), "yes"),
        (("StringEquals", ID, THEIRS), "yes"),
        (("ForAllValues:StringNotLike", PATHS, f"{ORG}/*"), "no"),
        (("ForAllValues:StringNotLike", PATHS, f"{ORG}/*", f"{THEIRS}/*"), "conditional"),
    ],
)
def test_a_deny_of_others_than_some_organisations(test, expected):
    assert may(OPEN, denied(*test)) == expected


def test_a_member_is_in_ours():
    """Twin: the account is one of those that are listed."""
    assert may(allowed("StringEquals", ID, ORG, principal=B), caller=B) == "yes"
    assert may(allowed("StringEquals", ID, THEIRS, principal=B), caller=B) == "no"


def test_where_no_organisation_is_listed_even_ours_is_possible():
    """Twin: the organisation's accounts were not read."""
    bare = world(accounts=[])
    assert may(allowed("StringEquals", ID, ORG), within=bare) == "conditional"
    assert may(OPEN, denied("StringNotEquals", ID, ORG), within=bare) == "conditional"


def test_a_stranger_whom_nothing_names_is_in_no_named_organisation():
    """Twin: any account at all, of which the policy knows none."""
    everyone = allowed("StringEquals", ID, THEIRS, principal="*")
    assert may(everyone, caller=ANY_AWS_PRINCIPAL) == "no"


def test_one_account_is_in_one_organisation():
    both = allowed("StringEquals", ID, THEIRS)
    assert may(both, denied("StringNotEquals", ID, "o-other00000")) == "no"
    assert may(both, denied("StringNotEquals", ID, THEIRS)) == "conditional"
