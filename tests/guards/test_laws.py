"""Laws of guards: one switched on never opens, account numbers are no matter, size is bounded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graph.guards.facts import guard_facts
from graph.guards.guard import SPOKEN, STATES
from graph.guards.words import policy_guards
from graph.iam.document import parse
from tests.guards.trusts import NOBODY, VENDOR, heads, told, trusted
from tests.iam.worlds import A, alone, doc, grant, world

GITHUB = "token.actions.githubusercontent.com"
TESTS = [
    ("StringEquals", "sts:ExternalId", "3f1c9d2e"),
    ("StringLike", "sts:ExternalId", "*"),
    ("StringEqualsIfExists", "sts:ExternalId", "3f1c9d2e"),
    ("Bool", "aws:MultiFactorAuthPresent", "true"),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", "true"),
    ("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij"),
    ("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ("IpAddressIfExists", "aws:SourceIp", "203.0.113.0/24"),
    ("StringEquals", "aws:SourceVpce", "vpce-1"),
    ("StringEquals", "aws:SourceAccount", A),
    ("ArnLike", "aws:SourceArn", f"arn:aws:iot:*:{A}:*"),
    ("StringLike", f"{GITHUB}:sub", "repo:acme/*"),
    ("StringLike", f"{GITHUB}:sub", "repo:acme/app:*"),
    ("StringEquals", f"{GITHUB}:aud", "sts.amazonaws.com"),
    ("StringEquals", f"{GITHUB}:repository_owner", "acme"),
]
tests = st.lists(st.sampled_from(TESTS), max_size=4)
NAMED = [
    ({"AWS": VENDOR}, "sts:AssumeRole"),
    ({"AWS": f"arn:aws:iam::{NOBODY}:role/x"}, "sts:AssumeRole"),
    ({"AWS": "*"}, "sts:AssumeRole"),
    ({"Service": "iot.amazonaws.com"}, "sts:AssumeRole"),
    ({"Federated": f"arn:aws:iam::{A}:oidc-provider/{GITHUB}"}, "sts:AssumeRoleWithWebIdentity"),
]


def block(rows: list[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for operator, key, value in rows:
        found.setdefault(operator, {}).setdefault(key, value)
    return found


def statement(named: Any, rows: list[tuple[str, str, str]]) -> dict[str, Any]:
    principal, action = named
    found = {"Effect": "Allow", "Principal": principal, "Action": action}
    return found | ({"Condition": block(rows)} if rows else {})


def weakness(sentences: tuple[str, ...]) -> dict[str, int]:
    """How weak each kind is; a kind that is not told is weaker than any that is."""
    found = {kind: len(states) for kind, states in STATES.items() if kind not in SPOKEN}
    for head in heads(sentences):
        kind, _, state = head.partition(" ")
        if kind in found:
            found[kind] = STATES[kind].index(state)
    return found


@settings(max_examples=150, deadline=None)
@given(named=st.sampled_from(NAMED), first=tests, second=tests, more=st.sampled_from(TESTS))
def test_a_test_more_never_makes_a_guard_weaker(
    named: Any,
    first: list[tuple[str, str, str]],
    second: list[tuple[str, str, str]],
    more: tuple[str, str, str],
) -> None:
    before = told(trusted(statement(named, first), statement(named, second)))
    assume(more[:2] not in {row[:2] for row in first})
    after = told(trusted(statement(named, [*first, more]), statement(named, second)))
    for source, sentences in after.items():
        if source in before:
            old, new = weakness(before[source]), weakness(sentences)
            assert {kind for kind in new if new[kind] > old[kind]} == set()


@settings(max_examples=100, deadline=None)
@given(named=st.sampled_from(NAMED), first=tests, second=tests)
def test_a_statement_more_never_makes_a_guard_stronger(
    named: Any, first: list[tuple[str, str, str]], second: list[tuple[str, str, str]]
) -> None:
    alone = told(trusted(statement(named, first)))
    both = told(trusted(statement(named, first), statement(named, second)))
    for source, sentences in alone.items():
        old, new = weakness(sentences), weakness(both[source])
        assert {kind for kind in new if new[kind] < old[kind]} == set()


@settings(max_examples=50, deadline=None)
@given(named=st.sampled_from(NAMED), first=tests, numbers=st.permutations([A, NOBODY]))
def test_account_numbers_are_no_matter(
    named: Any, first: list[tuple[str, str, str]], numbers: list[str]
) -> None:
    swap = dict(zip([A, NOBODY], numbers, strict=True))

    def moved(value: Any) -> Any:
        text = json.dumps(value).replace(A, "<a>").replace(NOBODY, "<b>")
        return json.loads(text.replace("<a>", swap[A]).replace("<b>", swap[NOBODY]))

    plain = statement(named, first)
    before = told(trusted(plain), accounts=[alone(A)])
    after = told(trusted(moved(plain), account=swap[A]), accounts=[alone(swap[A])])
    assert {moved(source): heads(found) for source, found in before.items()} == {
        source: heads(found) for source, found in after.items()
    }


@pytest.mark.parametrize("value", ["", "*", "repo:", "{}", "repo:" * 500, "\ud800", "${", "?:/"])
@pytest.mark.parametrize(
    "key", [f"{GITHUB}:sub", "sts:ExternalId", "aws:SourceArn", "aws:SourceIp"]
)
def test_values_of_any_form_are_told(key: str, value: str) -> None:
    for named in NAMED:
        for operator in ("StringEquals", "StringLike", "ArnLike", "Null", "Bool", "DateLessThan"):
            row = (operator, key, value)
            for sentences in told(trusted(statement(named, [row]))).values():
                assert all(len(one) < 600 for one in sentences)


def test_a_policy_of_ten_thousand_statements_is_bounded() -> None:
    """None in force is so large; nothing is told of it."""
    queue = f"arn:aws:sqs:eu-west-1:{A}:jobs"
    rows = [grant({"AWS": f"{number:012}"}, "sqs:SendMessage", queue) for number in range(10_000)]
    document = parse(doc(*rows))
    facts = guard_facts(world())
    for number in range(1, 2_000):
        source = f"account:{number:012}"
        args = (queue, A, source, "account", ("sqs:SendMessage",))
        assert not heads(policy_guards(facts, document, *args))


def test_each_organisation_is_told_by_its_own_statement() -> None:
    names = [f"o-{number:010}" for number in range(300)]
    rows = [statement(NAMED[2], [("StringEquals", "aws:PrincipalOrgID", one)]) for one in names]
    found = told(trusted(*rows), accounts=[alone(A)])
    assert {f"org:{one}" for one in names} <= found.keys()
    for one in names:
        (text,) = [t for t in found[f"org:{one}"] if t.startswith("organisation")]
        assert one in text


def test_a_thousand_statements_cost_what_names_the_source() -> None:
    queue = f"arn:aws:sqs:eu-west-1:{A}:jobs"
    lock = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}}
    rows = [
        grant({"AWS": f"{number:012}"}, "sqs:SendMessage", queue, **lock) for number in range(1_000)
    ]
    document = parse(doc(*rows))
    facts = guard_facts(world())
    for number in range(1, 1_000):
        args = (queue, A, f"account:{number:012}", "account", ("sqs:SendMessage",))
        assert heads(policy_guards(facts, document, *args)) == {"organisation fixed"}
