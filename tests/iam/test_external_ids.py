"""An external id that a Deny asks for, or refuses: who must know it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam.resource_policy import resource_policy_access
from graph.iam.world import ANY_AWS_PRINCIPAL
from graph.verdict import Verdict
from tests.iam.worlds import A, B, doc, world

ROLE = f"arn:aws:iam::{A}:role/target"
ASSUME = "sts:AssumeRole"
ID = "sts:ExternalId"
SECRET = ("conditional", ("secret:sts:ExternalId",))
YES = ("yes", ())


def statement(effect, *tests, principal="*"):
    condition = {}
    for operator, value in tests:
        condition.setdefault(operator, {})[ID] = value
    more = {"Condition": condition} if condition else {}
    return {"Effect": effect, "Principal": {"AWS": principal}, "Action": ASSUME, **more}


def trusted(*statements, caller=B):
    rows = doc(*statements)
    answer = resource_policy_access(rows, caller, [ASSUME], ROLE, A, service="sts", world=world())
    return str(answer.verdict), answer.conditions


OPEN = statement("Allow", principal=B)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("StringNotEquals", "s3cr3t-9"),
        ("StringNotEqualsIfExists", "s3cr3t-9"),
        ("StringNotEqualsIgnoreCase", "s3cr3t-9"),
        ("StringNotLike", "s3cr3t-*"),
        ("ForAllValues:StringNotEquals", "s3cr3t-9"),
        ("StringNotEquals", ["s3cr3t-9", "s3cr3t-8"]),
    ],
)
def test_a_deny_of_every_other_external_id_asks_for_it(operator, value):
    assert trusted(OPEN, statement("Deny", (operator, value))) == SECRET


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("StringEquals", "s3cr3t-9"),
        ("StringEqualsIfExists", "s3cr3t-9"),
        ("StringLike", "s3cr3t-*"),
        ("StringNotLike", "*"),
        ("ForAnyValue:StringNotEquals", "s3cr3t-9"),
        ("Null", "true"),
        ("Null", "false"),
    ],
)
def test_a_deny_that_leaving_it_out_or_any_value_escapes_asks_for_nothing(operator, value):
    """Twins: the operator alone differs, or what it is compared with."""
    assert trusted(OPEN, statement("Deny", (operator, value))) == YES


def test_an_allow_and_a_deny_of_one_value():
    asks = statement("Allow", ("StringEquals", "s3cr3t-9"), principal=B)
    assert trusted(asks) == SECRET
    assert trusted(asks, statement("Deny", ("StringEquals", "s3cr3t-8"))) == SECRET
    assert trusted(asks, statement("Deny", ("StringEquals", "s3cr3t-9"))) == ("no", ())
    assert trusted(asks, statement("Deny", ("StringNotEquals", "s3cr3t-9"))) == SECRET
    assert trusted(asks, statement("Deny", ("StringNotEquals", "s3cr3t-8"))) == ("no", ())
    assert trusted(statement("Allow", ("StringNotEquals", "s3cr3t-9"), principal=B)) == YES


def test_the_value_is_told_to_nobody():
    for operator in ("StringEquals", "StringNotEquals"):
        rows = doc(OPEN, statement("Deny", (operator, "s3cr3t-9")))
        answer = resource_policy_access(rows, B, [ASSUME], ROLE, A, service="sts", world=world())
        assert "s3cr3t-9" not in repr(answer)


TESTS = st.tuples(
    st.sampled_from(["StringEquals", "StringNotEquals", "StringLike", "StringNotLikeIfExists"]),
    st.sampled_from(["s3cr3t-9", "s3cr3t-*", "*", "other"]),
)


@settings(deadline=None, max_examples=100)
@given(st.lists(TESTS, max_size=2), st.lists(TESTS, max_size=2), TESTS)
def test_a_further_deny_never_opens(allowed, denied, more):
    rows = [statement("Allow", one, principal=B) for one in allowed] or [OPEN]
    rows += [statement("Deny", one) for one in denied]
    before, after = trusted(*rows)[0], trusted(*rows, statement("Deny", more))[0]
    assert Verdict(after).rank <= Verdict(before).rank


OPPOSITES = {
    "StringEquals": "StringNotEquals",
    "StringNotEquals": "StringEquals",
    "StringLike": "StringNotLike",
    "StringNotLike": "StringLike",
}


@pytest.mark.parametrize("operator", OPPOSITES)
@pytest.mark.parametrize("value", ["s3cr3t-9", "s3cr3t-*", "*"])
def test_an_allow_of_a_test_is_a_deny_of_its_opposite(operator, value):
    """Two ways to write one rule have one answer, for a named account and for everybody."""
    for principal, caller in ((B, B), ("*", ANY_AWS_PRINCIPAL)):
        by_allow = statement("Allow", (operator, value), principal=principal)
        denied = statement("Deny", (OPPOSITES[operator], value))
        by_deny = [statement("Allow", principal=principal), denied]
        assert trusted(by_allow, caller=caller) == trusted(*by_deny, caller=caller)
