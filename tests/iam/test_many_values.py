"""Conditions that name many: each value's source is answered as if it stood alone."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam.condition import evaluate
from graph.iam.document import parse
from graph.iam.facts import Known
from graph.iam.grants import grants
from graph.iam.operators import OPERATORS, compare
from tests.iam.worlds import BUCKET, A, doc, forbid, grant

OBJECTS = f"{BUCKET}/*"
ACCOUNTS = [f"{number:012}" for number in range(222222222220, 222222222226)]
ORGANISATIONS = [f"o-abcdefghi{number}" for number in range(5)]
NAMED = {
    "aws:PrincipalAccount": ACCOUNTS,
    "aws:PrincipalOrgID": ORGANISATIONS,
    "aws:PrincipalArn": [f"arn:aws:iam::{account}:role/app" for account in ACCOUNTS],
    "aws:SourceIp": [f"8.0.{number}.0/24" for number in range(5)],
    "aws:SourceVpce": [f"vpce-0123456789abcde{number}" for number in range(5)],
}
POSITIVE = {"aws:SourceIp": ["IpAddress"], "aws:PrincipalArn": ["ArnLike", "StringLike"]}


def when(operator, key, values):
    return {"Condition": {operator: {key: list(values)}}}


def found(*statements):
    """``{(source id, its kind): verdicts}``."""
    result = {}
    for row in grants(doc(*statements), "s3", BUCKET, A):
        result.setdefault((row.source_id, row.source_kind), set()).add(str(row.answer.verdict))
    return result


def strongest(verdicts):
    return max(verdicts, key=["unknown", "dormant", "conditional", "yes"].index)


@st.composite
def policies(draw):
    """An Allow of several values of one key, and Denies that name some values of that key."""
    key = draw(st.sampled_from(sorted(NAMED)))
    operators = POSITIVE.get(key, ["StringEquals", "StringLike", "StringEqualsIgnoreCase"])
    values = draw(st.lists(st.sampled_from(NAMED[key]), min_size=1, unique=True))
    denied = draw(st.lists(st.lists(st.sampled_from(NAMED[key]), min_size=1), max_size=2))
    operator = draw(st.sampled_from(operators))
    return key, operator, values, [forbid("*", "*", "*", **when(operator, key, v)) for v in denied]


@settings(deadline=None, max_examples=150)
@given(policies())
def test_values_of_one_condition_are_answered_as_each_alone(policy):
    key, operator, values, denies = policy

    def allowed(*some):
        return found(grant("*", "s3:GetObject", OBJECTS, **when(operator, key, some)), *denies)

    alone = {}
    for value in values:
        for source, verdicts in allowed(value).items():
            alone.setdefault(source, set()).update(verdicts)
    together = allowed(*values)
    assert {one: strongest(rows) for one, rows in together.items()} == {
        one: strongest(rows) for one, rows in alone.items()
    }


def test_a_deny_takes_away_the_account_that_it_names_and_no_other():
    allow = grant(
        "*", "s3:GetObject", OBJECTS, **when("StringEquals", "aws:PrincipalAccount", ACCOUNTS)
    )
    deny = forbid("*", "*", "*", **when("StringEquals", "aws:PrincipalAccount", ACCOUNTS[2:3]))
    every = {(f"account:{account}", "account"): {"yes"} for account in ACCOUNTS}
    assert found(allow) == every
    assert found(allow, deny) == {
        one: verdicts for one, verdicts in every.items() if ACCOUNTS[2] not in one[0]
    }


def test_an_answer_tells_of_its_own_account():
    allow = grant(
        "*", "s3:GetObject", OBJECTS, **when("StringEquals", "aws:PrincipalAccount", ACCOUNTS)
    )
    rows = grants(doc(allow), "s3", BUCKET, A)
    assert len(rows) == len(ACCOUNTS)
    assert all(row.source_id.removeprefix("account:") in row.answer.why for row in rows)


TEXTS = ["", "a", "A", "ab", "aB", "abc", "b", "*", "a*", "*b", "a?c", "?", "arn:aws:iam::1:role/x"]
TEXTS += ["arn:aws:iam::*:role/*", "arn:aws:iam::1:*", "arn:*", "arn:aws:iam::1:role/X"]
HAVE = [text for text in TEXTS if "*" not in text and "?" not in text]
TESTED = [name for name, row in OPERATORS.items() if row[0] in ("string", "arn")]


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(TESTED),
    st.lists(st.sampled_from(TEXTS), min_size=1, max_size=6),
    st.sampled_from(HAVE),
)
def test_values_that_are_looked_up_equal_values_gone_through(operator, values, have):
    (statement,) = parse(doc(grant("*", "s3:*", **when(operator, "aws:Key", values)))).statements
    family, comparison, negated = OPERATORS[operator]
    wild = {"*": "\ue000", "?": "\ue001"} if comparison == "like" else {}
    written = [value.translate(str.maketrans(wild)) for value in values]
    met = any(compare(family, comparison, value, have) for value in written)
    assert evaluate(statement, lambda key: Known((have,))).is_true is (met is not negated)


def _steps(statement):
    """How many functions and steps of generators the answer takes."""
    count = 0

    def counted(frame, event, arg):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        rows = grants(doc(statement), "s3", BUCKET, A)
    finally:
        sys.setprofile(before)
    return count, len(rows)


MANY = {
    "aws:PrincipalAccount": ("StringEquals", "2{:011}"),
    "aws:PrincipalOrgID": ("StringEquals", "o-{:010}"),
    "aws:PrincipalArn": ("ArnLike", "arn:aws:iam::2{:011}:role/app"),
    "aws:PrincipalOrgPaths": ("ForAnyValue:StringLike", "o-{:010}/r-root/ou-root-one/*"),
}


@pytest.mark.parametrize("key", sorted(MANY))
def test_the_work_grows_as_the_values_do(key):
    operator, text = MANY[key]

    def asked(size):
        values = [text.format(number) for number in range(size)]
        return _steps(grant("*", "s3:GetObject", OBJECTS, **when(operator, key, values)))

    (few, few_rows), (many, many_rows) = asked(300), asked(3_000)
    assert (few_rows, many_rows) == (300, 3_000)
    assert many < 13 * few


def test_a_range_among_thousands_is_not_told_all_of_them():
    ranges = [f"8.{number // 256}.{number % 256}.0/24" for number in range(3_000)]
    allow = grant("*", "s3:GetObject", OBJECTS, **when("IpAddress", "aws:SourceIp", ranges))
    rows = [row for row in grants(doc(allow), "s3", BUCKET, A) if row.source_kind == "cidr"]
    assert {row.source_id for row in rows} == {f"cidr:{one}" for one in ranges}
    assert all(row.source_id.removeprefix("cidr:") in row.answer.why for row in rows)
    assert max(len(text) for row in rows for text in (row.answer.why, *row.answer.evidence)) < 3_000
