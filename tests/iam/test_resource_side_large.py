"""Policies larger than AWS takes: every caller is found, in time that grows with the policy."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam import patterns
from graph.iam.document import parse
from graph.iam.evaluate import decide
from graph.iam.grants import grants
from graph.iam.large_policies import WHOLE, is_large
from graph.iam.patterns import ONE, STAR
from graph.iam.request import Request
from tests.iam.worlds import BUCKET, A, B, C, allow, doc, forbid, grant, policy, user, world

READ = ("s3:GetObject", f"{BUCKET}/*")
PADDING = [grant({"AWS": f"{n:012d}"}, *READ) for n in range(WHOLE)]


def found(statements):
    rows = grants(doc(*statements), "s3", BUCKET, A)
    return {(row.source_id, str(row.answer.verdict), row.answer.conditions) for row in rows}


ROLE = f"arn:aws:iam::{B}:role/r"
KINDS = {
    "everyone": grant("*", *READ),
    "account": grant({"AWS": C}, *READ),
    "role": grant({"AWS": ROLE}, *READ),
    "service": grant({"Service": "sns.amazonaws.com"}, "s3:PutObject", READ[1]),
    "condition": grant(
        "*", *READ, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    ),
    "everyone but": {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": C},
        "Action": READ[0],
        "Resource": READ[1],
    },
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("denied", [False, True])
def test_a_statement_among_many_grants_what_it_grants_alone(kind, denied):
    own = [KINDS[kind], *([forbid("*", "s3:*", f"{BUCKET}/*")] if denied else [])]
    assert not is_large(parse(doc(*own)))
    assert is_large(parse(doc(*PADDING, *own)))
    assert found([*PADDING, *own]) == found(own) | (set() if denied else found(PADDING))
    assert bool(found(own)) is not denied


def test_a_deny_of_one_account_among_many_reaches_that_account():
    closed = forbid({"AWS": "000000000007"}, *READ)
    left = {source for source, *_ in found([*PADDING, closed])}
    assert left == {f"account:{n:012d}" for n in range(WHOLE) if n not in (0, 7)}  # 0 is no account


def test_thousands_of_principals_and_statements_are_all_found():
    arns = [f"arn:aws:iam::{B}:role/r{n}" for n in range(3_000)]
    together = found([grant({"AWS": arns}, *READ)])
    assert {source for source, *_ in together} == set(arns)
    apart = found([grant({"AWS": arn}, *READ) for arn in arns])
    assert apart == together


def test_too_many_denies_leave_a_condition_never_a_no():
    barred = [forbid("*", "s3:GetObject", f"{BUCKET}/{n}/*") for n in range(400)]
    named = [f"arn:aws:iam::{B}:role/r{n}" for n in range(400)]
    rows = found([*barred, *(grant({"AWS": arn}, *READ) for arn in named)])
    assert {source for source, *_ in rows} == set(named)
    assert {verdict for _, verdict, _ in rows} == {"yes", "conditional"}


def test_a_policy_of_ten_thousand_statements_is_decided():
    rows = [grant({"AWS": f"{n:012d}"}, f"s3:Get{n}*", f"{BUCKET}/{n}/*") for n in range(10_000)]
    rows.append(grant({"AWS": B}, *READ))
    caller = user(allow("s3:*"), account=B)
    here = world(caller, resource_policies={BUCKET: policy(*rows)}, resource_accounts={BUCKET: A})
    asked = Request(caller, "s3:GetObject", f"{BUCKET}/x", other_grants_seen=True)
    assert str(decide(here, asked).answer.verdict) == "yes"
    denied = policy(*rows, forbid("*", "s3:GetObject", f"{BUCKET}/*"))
    closed = world(caller, resource_policies={BUCKET: denied}, resource_accounts={BUCKET: A})
    assert str(decide(closed, asked).answer.verdict) == "no"


def _texts(glob, length=5):
    """Every text of up to so many letters that a pattern matches."""
    texts, layer = [""], [""]
    for _ in range(length):
        layer = [text + char for text in layer for char in "ab"]
        texts += layer
    return {text for text in texts if patterns.matches(glob, text)}


@settings(max_examples=300)
@given(*[st.text("ab" + STAR + ONE, max_size=4)] * 2)
def test_patterns_meet_where_some_text_fits_both(left, right):
    # Two patterns of up to four characters that meet do so in a text of up to eight.
    length = len(left.replace(STAR, "")) + len(right.replace(STAR, ""))
    assert patterns.intersects(left, right) == bool(_texts(left, length) & _texts(right, length))


def test_deep_wildcards_meet_or_not_without_trying_every_way():
    deep = patterns.wild("*a" * 5_000 + "b")
    assert patterns.intersects(deep, patterns.wild("*a?" * 5_000 + "*"))
    assert not patterns.intersects(deep, patterns.wild("*a?" * 5_000 + "c"))
