"""L. Three values: what is not known stays a condition, and contradictions are found.

These are no numbered rules but the verdicts that every rule ends in; each test has its twin here
too.
"""

from dataclasses import replace
from typing import Any

import pytest

from graph.iam.decision import Decision, as_tree
from graph.iam.world import Policy, Principal
from tests.iam.rules.builders import bound, decided
from tests.iam.worlds import FULL, A, B, allow, alone, deny, policy, user, world

KEY = "s3:x-one"  # of no class: unknown unless the request states it
IP, VPCE, NOW = "aws:SourceIp", "aws:SourceVpce", "aws:CurrentTime"


def _allowed(*tests: dict[str, Any], **more: Any) -> Decision:
    """The answer where every one of these conditions must hold: own policy, boundary, SCP."""
    first, *rest = tests
    limits: dict[str, Any] = {}
    if rest:
        limits["boundary"] = policy(allow("s3:*", Condition=rest[0]))
    alice = user(allow("s3:*", Condition=first), **limits)
    account = bound(A, allow("s3:*", Condition=rest[1])) if rest[1:] else alone(A)
    return decided(alice, within=world(alice, accounts=[account]), **more)


def _unless(*tests: dict[str, Any], **more: Any) -> Decision:
    """The answer where a wide Allow stands beside a Deny under each of these conditions."""
    rows = [deny("s3:*", Condition=test) for test in tests]
    return decided(user(allow("s3:*"), *rows), **more)


def _verdict(decision: Decision) -> str:
    return str(decision.answer.verdict)


def _leaf(decision: Decision) -> dict[str, Any]:
    """Of a decision on one condition: the test, the values, whether negated and absent is fine."""
    tree = as_tree(decision.allowed)
    return {name: tree[name] for name in ("key", "test", "values", "negated", "absent_ok")}


EQUALS = {"key": KEY, "test": "string equals", "values": ["a"]}
IS_A, IS_NOT_A = {"StringEquals": {KEY: "a"}}, {"StringNotEquals": {KEY: "a"}}
IS_A_OR_MISSING = {"StringEqualsIfExists": {KEY: "a"}}
THERE, MISSING = {"Null": {KEY: "false"}}, {"Null": {KEY: "true"}}


def test_an_allow_on_an_unknown_key_is_that_condition():
    got = _allowed(IS_A)
    assert _verdict(got) == "conditional"
    assert got.answer.conditions == (f"context:{KEY}=a",)
    assert _leaf(got) == {**EQUALS, "negated": False, "absent_ok": False}


def test_its_twin_is_yes_where_the_key_is_known():
    got = _allowed(IS_A, context={KEY: ("a",)})
    assert (_verdict(got), got.answer.conditions) == ("yes", ())
    assert as_tree(got.allowed) is True


def test_a_deny_on_an_unknown_key_is_the_opposite_condition():
    got = _unless(IS_A)
    assert _verdict(got) == "conditional"
    assert _leaf(got) == {**EQUALS, "negated": True, "absent_ok": True}


def test_its_twin_is_no_where_the_deny_is_known_to_hold():
    got = _unless(IS_A, context={KEY: ("a",)})
    assert (_verdict(got), got.denied_by, got.explicit) == ("no", "identity", True)
    assert as_tree(got.allowed) is False


@pytest.mark.parametrize(
    ("make", "test", "negated", "absent_ok"),
    [
        (_allowed, IS_NOT_A, True, True),
        (_allowed, IS_A_OR_MISSING, False, True),
        (_allowed, {"ForAllValues:StringEquals": {KEY: "a"}}, False, True),
        (_allowed, {"ForAnyValue:StringEquals": {KEY: "a"}}, False, False),
        (_unless, IS_NOT_A, False, False),  # a Deny on "not a" holds without the key too
        (_unless, {"StringNotEqualsIfExists": {KEY: "a"}}, False, False),
        (_unless, IS_A_OR_MISSING, True, False),
    ],
)
def test_presence_and_value_are_told_apart(make, test, negated, absent_ok):
    got = _leaf(make(test))
    assert (got["negated"], got["absent_ok"]) == (negated, absent_ok)


@pytest.mark.parametrize(
    ("make", "test", "without", "with_a", "with_b"),
    [
        (_allowed, IS_A, "no", "yes", "no"),
        (_allowed, IS_NOT_A, "yes", "no", "yes"),
        (_allowed, IS_A_OR_MISSING, "yes", "yes", "no"),
        (_allowed, THERE, "no", "yes", "yes"),
        (_allowed, MISSING, "yes", "no", "no"),
        (_unless, IS_A, "yes", "no", "yes"),
        (_unless, IS_NOT_A, "no", "yes", "no"),
        (_unless, IS_A_OR_MISSING, "no", "no", "yes"),
        (_unless, THERE, "yes", "no", "no"),
        (_unless, MISSING, "no", "yes", "yes"),
    ],
)
def test_each_of_no_key_and_two_values_decides_what_was_open(make, test, without, with_a, with_b):
    assert _verdict(make(test)) == "conditional"
    got = [make(test, absent=frozenset({KEY}))]
    got += [make(test, context={KEY: (value,)}) for value in "ab"]
    assert [_verdict(one) for one in got] == [without, with_a, with_b]


def test_presence_alone_is_a_condition_of_its_own():
    got = _allowed(THERE)
    assert got.answer.conditions == (f"context:{KEY}=present",)
    assert _allowed(MISSING).answer.conditions == (f"context:{KEY}=absent",)
    assert _verdict(_allowed(THERE, IS_NOT_A)) == "conditional"


def test_a_sure_allow_beats_an_open_one_and_a_sure_deny_everything():
    both = decided(user(allow("s3:*", Condition=IS_A), allow("s3:*")))
    assert _verdict(both) == "yes"
    assert _verdict(decided(user(allow("s3:*", Condition=IS_A)))) == "conditional"
    denied = user(allow("s3:*", Condition=IS_A), allow("s3:*"), deny("s3:*"))
    assert _verdict(decided(denied)) == "no"


def test_of_two_ways_the_one_with_fewest_conditions_is_shown_and_both_are_kept():
    narrow = {"StringEquals": {"aws:SourceVpc": "vpc-1", VPCE: "vpce-1"}}
    got = decided(user(allow("s3:*", Condition=narrow), allow("s3:*", Condition=IS_A)))
    assert got.answer.conditions == (f"context:{KEY}=a",)
    assert len(as_tree(got.allowed)["any_of"]) == 2
    alone_there = decided(user(allow("s3:*", Condition=narrow)))
    assert len(alone_there.answer.conditions) == 2


CONTRADICTIONS = {
    "two values": ([IS_A, {"StringEquals": {KEY: "b"}}], [IS_A, {"StringEquals": {KEY: ["a"]}}]),
    "two lists": (
        [{"StringEquals": {KEY: ["a", "b"]}}, {"StringEquals": {KEY: ["c", "d"]}}],
        [{"StringEquals": {KEY: ["a", "b"]}}, {"StringEquals": {KEY: ["b", "c"]}}],
    ),
    "a value and its negation": ([IS_A, IS_NOT_A], [IS_A, {"StringNotEquals": {KEY: "b"}}]),
    "missing and a value": ([MISSING, IS_A], [MISSING, IS_A_OR_MISSING]),
    "missing and there": ([MISSING, THERE], [THERE, THERE]),
    "a value and a pattern": (
        [IS_A, {"StringLike": {KEY: "b*"}}],
        [IS_A, {"StringLike": {KEY: "?"}}],
    ),
    "two patterns": (
        [{"StringLike": {KEY: "a*"}}, {"StringLike": {KEY: "b*"}}],
        [{"StringLike": {KEY: "a*"}}, {"StringLike": {KEY: "*b"}}],
    ),
    "ignoring case": (
        [{"StringEqualsIgnoreCase": {KEY: "a"}}, {"StringEquals": {KEY: "B"}}],
        [{"StringEqualsIgnoreCase": {KEY: "a"}}, {"StringEquals": {KEY: "A"}}],
    ),
    "two ARNs": (
        [{"ArnLike": {KEY: "arn:aws:s3:::a*"}}, {"ArnLike": {KEY: "arn:aws:sqs:*:*:*"}}],
        [{"ArnLike": {KEY: "arn:aws:s3:::a*"}}, {"ArnLike": {KEY: "arn:aws:*:::*b"}}],
    ),
    "disjoint addresses": (
        [{"IpAddress": {IP: "10.0.0.0/8"}}, {"IpAddress": {IP: "192.168.0.0/16"}}],
        [{"IpAddress": {IP: "10.0.0.0/8"}}, {"IpAddress": {IP: ["10.1.0.0/16", "1.2.3.4"]}}],
    ),
    "addresses and their exclusion": (
        [{"IpAddress": {IP: "10.1.0.0/16"}}, {"NotIpAddress": {IP: "10.0.0.0/8"}}],
        [{"IpAddress": {IP: "10.0.0.0/8"}}, {"NotIpAddress": {IP: "10.1.0.0/16"}}],
    ),
    "both halves excluded": (
        [
            {"IpAddress": {IP: "10.0.0.0/8"}},
            {"NotIpAddress": {IP: ["10.0.0.0/9", "10.128.0.0/9"]}},
        ],
        [{"IpAddress": {IP: "10.0.0.0/8"}}, {"NotIpAddress": {IP: ["10.0.0.0/9"]}}],
    ),
    "two families": (
        [{"IpAddress": {IP: "10.0.0.0/8"}}, {"IpAddress": {IP: "::/0"}}],
        [{"IpAddress": {IP: "2001:db8::/32"}}, {"IpAddress": {IP: "::/0"}}],
    ),
    "after and before": (
        [{"DateGreaterThan": {NOW: "2031-01-01"}}, {"DateLessThan": {NOW: "2030-01-01"}}],
        [{"DateGreaterThan": {NOW: "2030-01-01"}}, {"DateLessThan": {NOW: "2031-01-01"}}],
    ),
    "over already": (
        [{"DateLessThan": {NOW: "2020-01-01T00:00:00Z"}}, THERE],
        [{"DateLessThan": {NOW: "2040-01-01T00:00:00Z"}}, THERE],
    ),
    "two numbers": (
        [{"NumericLessThan": {KEY: "5"}}, {"NumericGreaterThanEquals": {KEY: "5"}}],
        [{"NumericLessThanEquals": {KEY: "5"}}, {"NumericGreaterThanEquals": {KEY: "5"}}],
    ),
    "true and false": (
        [{"Bool": {KEY: "true"}}, {"Bool": {KEY: "false"}}],
        [{"Bool": {KEY: "true"}}, {"BoolIfExists": {KEY: "true"}}],
    ),
    "two endpoints": (
        [{"StringEquals": {VPCE: "vpce-1"}}, {"StringEquals": {VPCE: "vpce-2"}}],
        [{"StringEquals": {VPCE: "vpce-1"}}, {"StringEquals": {"aws:SourceVpc": "vpc-2"}}],
    ),
    "three layers": (
        [
            {"StringEquals": {KEY: ["a", "b"]}},
            {"StringEquals": {KEY: ["b", "c"]}},
            {"StringEquals": {KEY: ["a", "c"]}},
        ],
        [
            {"StringEquals": {KEY: ["a", "b"]}},
            {"StringEquals": {KEY: ["b", "c"]}},
            {"StringEquals": {KEY: ["b", "d"]}},
        ],
    ),
}
"""What contradicts itself, and the same in a form that some request meets."""


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_what_no_request_can_meet_is_no(name):
    got = _allowed(*CONTRADICTIONS[name][0])
    assert _verdict(got) == "no"
    assert not got.explicit


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_its_twin_that_some_request_meets_is_conditional(name):
    assert _verdict(_allowed(*CONTRADICTIONS[name][1])) == "conditional"


def test_a_contradiction_is_named_as_the_reason():
    assert _allowed(*CONTRADICTIONS["two endpoints"][0]).denied_by == "conditions"


@pytest.mark.parametrize(
    ("given", "denied", "expected"),
    [
        (IS_A, IS_A, "no"),
        (IS_A, {"StringEquals": {KEY: "b"}}, "conditional"),
        (IS_A, {"StringNotEquals": {KEY: "b"}}, "no"),
        (IS_A, {"StringNotEquals": {KEY: ["a", "b"]}}, "conditional"),
        (IS_A, {"StringLike": {KEY: "*"}}, "no"),
        (IS_A, THERE, "no"),
        (IS_A, MISSING, "conditional"),
        ({"IpAddress": {IP: "10.1.0.0/16"}}, {"IpAddress": {IP: "10.0.0.0/8"}}, "no"),
        ({"IpAddress": {IP: "10.1.0.0/16"}}, {"NotIpAddress": {IP: "10.0.0.0/8"}}, "conditional"),
        ({"IpAddress": {IP: "11.0.0.0/8"}}, {"NotIpAddress": {IP: "10.0.0.0/8"}}, "no"),
    ],
)
def test_an_allow_and_a_deny_contradict_each_other_where_one_takes_all(given, denied, expected):
    alice = user(allow("s3:*", Condition=given), deny("s3:*", Condition=denied))
    assert _verdict(decided(alice)) == expected


def test_two_denies_that_between_them_take_every_request_are_no():
    assert _verdict(_unless(IS_A, IS_NOT_A)) == "no"
    assert _verdict(_unless(THERE, MISSING)) == "no"
    assert _verdict(_unless(IS_A, {"StringEquals": {KEY: "b"}})) == "conditional"


def test_denies_that_between_them_take_every_time_are_no():
    """The time is part of every request, so no request escapes by lacking it."""
    names = ("LessThan", "GreaterThan", "Equals")
    before, after, then = ({f"Date{name}": {NOW: "2030-01-01"}} for name in names)
    assert _verdict(_unless(before, after)) == "conditional"
    assert _verdict(_unless(before, after, then)) == "no"


UNREAD = Policy("managed policy Limits", None, arn=f"arn:aws:iam::{A}:policy/Limits")


def test_a_boundary_that_was_not_read_is_a_condition():
    got = decided(user(allow("s3:*"), boundary=UNREAD))
    assert _verdict(got) == "conditional"
    assert [one.partition(":")[0] for one in got.answer.conditions] == ["not_collected"]
    assert _verdict(decided(user(allow("ec2:*"), boundary=UNREAD))) == "no"
    assert _verdict(decided(user(allow("s3:*")))) == "yes"


def _with_unread(one: Principal) -> Principal:
    return replace(one, policies=(*one.policies, UNREAD))


def test_a_text_that_could_allow_and_deny_is_unknown_or_a_condition():
    assert _verdict(decided(_with_unread(user()))) == "unknown"
    assert _verdict(decided(_with_unread(user(allow("s3:*"))))) == "conditional"
    assert _verdict(decided(_with_unread(user(FULL, deny("s3:*"))))) == "no"
    assert _verdict(decided(user())) == "no"


def test_a_resource_side_that_must_allow_and_was_not_read_is_unknown():
    stranger = user(allow("s3:*"), account=B)
    here = world(stranger)
    missing = decided(stranger, within=here, policies={}, resource_account=A)
    assert _verdict(missing) == "unknown"
    assert _verdict(decided(stranger, within=here)) == "no"  # the bucket is read and has none


@pytest.mark.parametrize(
    ("here", "layer"),
    [
        (lambda: decided(user(allow("ec2:*"))), "identity"),
        (lambda: decided(user(allow("s3:*"), boundary=policy(allow("ec2:*")))), "boundary"),
        (
            lambda: decided(
                user(allow("s3:*")),
                within=world(user(allow("s3:*")), accounts=[bound(A, allow("ec2:*"))]),
            ),
            "scp",
        ),
    ],
)
def test_a_no_names_the_layer_that_denied(here, layer):
    got = here()
    assert (_verdict(got), got.denied_by) == ("no", layer)
