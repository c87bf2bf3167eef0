"""I. Conditions."""

from typing import Any

import pytest

from tests.iam.rules.builders import USER_GUIDE, verdict
from tests.iam.worlds import allow, deny, user

LOGIC = f"{USER_GUIDE}/reference_policies_condition-logic-multiple-context-keys-or-values.html"
OPERATORS = f"{USER_GUIDE}/reference_policies_elements_condition_operators.html"
CONDITION = f"{USER_GUIDE}/reference_policies_elements_condition.html"
MANY_VALUES = f"{USER_GUIDE}/reference_policies_condition-single-vs-multi-valued-context-keys.html"
KEY, OTHER = "s3:x-one", "s3:x-two"  # of no class: unknown unless the request states them
ABSENT = None

Carried = dict[str, str | tuple[str, ...] | None]


def _request(carried: Carried) -> dict[str, Any]:
    """Context and absent keys; ``None`` for a key that the request does not carry."""
    values = {key: (v,) if isinstance(v, str) else v for key, v in carried.items()}
    return {
        "context": {key: value for key, value in values.items() if value is not None},
        "absent": frozenset(key for key, value in values.items() if value is None),
    }


def _allows(test: dict[str, Any], **carried: Any) -> str:
    """The verdict where this condition stands on the only Allow; keys as one=..., two=...."""
    return verdict(user(allow("s3:*", Condition=test)), **_carried(carried))


def _denies(test: dict[str, Any], **carried: Any) -> bool:
    """Whether this condition on a Deny beside a wide Allow denies."""
    alice = user(allow("s3:*"), deny("s3:*", Condition=test))
    return verdict(alice, **_carried(carried)) == "no"


def _carried(carried: dict[str, Any]) -> dict[str, Any]:
    return _request({{"one": KEY, "two": OTHER}[name]: v for name, v in carried.items()})


TWO_OPERATORS = {"StringEquals": {KEY: ["a", "b"]}, "NumericLessThan": {OTHER: "5"}}
TWO_KEYS = {"StringEquals": {KEY: ["a", "b"], OTHER: "4"}}


@pytest.mark.rule("52", source=LOGIC)
def test_052_operators_and_keys_must_all_hold_and_of_values_one():
    """Every operator and every key of a condition block must hold; of a key's values one does."""
    for test in (TWO_OPERATORS, TWO_KEYS):
        assert [_allows(test, one=value, two="4") for value in "ab"] == ["yes", "yes"], test


@pytest.mark.twin("52", control="one of the two keys has another value")
def test_052_twin_one_key_does_not_match():
    for test in (TWO_OPERATORS, TWO_KEYS):
        assert _allows(test, one="a", two="9") == "no", test
        assert _allows(test, one="c", two="4") == "no", test


@pytest.mark.rule("52", source=LOGIC)
def test_052_a_negated_operator_holds_for_none_of_its_values():
    """Behind a negated operator the request's value must differ from every value listed."""
    assert _allows({"StringNotEquals": {KEY: ["a", "b"]}}, one="c") == "yes"
    assert not _denies({"StringNotLike": {KEY: ["a*", "b*"]}}, one="bc")


@pytest.mark.twin("52", control="the request's value is one of those listed")
def test_052_twin_one_of_the_values():
    for value in "ab":
        assert _allows({"StringNotEquals": {KEY: ["a", "b"]}}, one=value) == "no"
    assert _denies({"StringNotLike": {KEY: ["a*", "b*"]}}, one="cb")


ROWS = [
    ("StringEquals", "a", "a", "A"),
    ("StringNotEquals", "a", "A", "a"),
    ("StringEqualsIgnoreCase", "a", "A", "b"),
    ("StringNotEqualsIgnoreCase", "a", "b", "A"),
    ("StringLike", "a*c?", "abbcd", "abbc"),
    ("StringNotLike", "a*c?", "abbc", "abbcd"),
    ("ArnEquals", "arn:aws:sns:*:1:t*", "arn:aws:sns:eu:1:topic", "arn:aws:sns:eu:2:topic"),
    ("ArnLike", "arn:aws:sns:*:1:t*", "arn:aws:sns:eu:1:topic", "arn:aws:sns:eu:1:x"),
    ("ArnNotEquals", "arn:aws:sns:*:1:t*", "arn:aws:sns:eu:2:topic", "arn:aws:sns:eu:1:topic"),
    ("ArnNotLike", "arn:aws:sns:*:1:t*", "arn:aws:sns:eu:1:x", "arn:aws:sns:eu:1:topic"),
    ("NumericEquals", "10", "10.0", "10.5"),
    ("NumericNotEquals", "10", "11", "10.0"),
    ("NumericLessThan", "10", "9", "10"),
    ("NumericLessThanEquals", "10", "10", "10.1"),
    ("NumericGreaterThan", "10", "10.1", "10"),
    ("NumericGreaterThanEquals", "10", "10", "9"),
    ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", "2026-01-01T00:00:01Z"),
    ("DateNotEquals", "2026-01-01T00:00:00Z", "2026-01-02", "1767225600"),
    ("DateLessThan", "2026-01-01", "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"),
    ("DateLessThanEquals", "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
    ("DateGreaterThan", "2026-01-01", "2026-01-01T01:00:00+00:00", "2026-01-01T01:00:00+02:00"),
    ("DateGreaterThanEquals", "1767225600", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z"),
    ("Bool", "true", "true", "false"),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXI="),
    ("IpAddress", "203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
    ("IpAddress", "203.0.113.7", "203.0.113.7", "203.0.113.8"),
    ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", "2001:db8:1234:5679::1"),
    ("IpAddress", "::/0", "2001:db8::1", "203.0.113.9"),
    ("NotIpAddress", "203.0.113.0/24", "203.0.114.0", "203.0.113.255"),
    ("NotIpAddress", "2001:db8::/32", "203.0.113.9", "2001:db8::1"),
    ("Null", "true", ABSENT, "x"),
    ("Null", "false", "x", ABSENT),
]
"""Operator, the policy's value, one of the request that meets it, one that does not."""


@pytest.mark.parametrize(("operator", "written", "good", "bad"), ROWS)
def test_each_operator_meets_its_value(operator, written, good, bad):
    assert _allows({operator: {KEY: written}}, one=good) == "yes"
    assert _denies({operator: {KEY: written}}, one=good)


@pytest.mark.parametrize(("operator", "written", "good", "bad"), ROWS)
def test_each_operators_twin_is_another_value_of_the_request(operator, written, good, bad):
    assert _allows({operator: {KEY: written}}, one=bad) == "no"
    assert not _denies({operator: {KEY: written}}, one=bad)


POSITIVE = [row for row in ROWS if "Not" not in row[0] and row[0] != "Null"]
NEGATED = [row for row in ROWS if "Not" in row[0]]


@pytest.mark.rule("53", source=OPERATORS)
def test_053_a_missing_key_fails_a_positive_operator():
    """Where the request does not carry the key, a positive operator does not hold: it allows
    nothing and denies nothing.
    """
    for operator, written, _, _ in POSITIVE:
        test = {operator: {KEY: written}}
        assert (_allows(test, one=ABSENT), _denies(test, one=ABSENT)) == ("no", False), operator


@pytest.mark.twin("53", control="the request carries the key with the value that is asked for")
def test_053_twin_the_key_is_there():
    for operator, written, good, _ in POSITIVE:
        test = {operator: {KEY: written}}
        assert (_allows(test, one=good), _denies(test, one=good)) == ("yes", True), operator


@pytest.mark.rule("53", source=OPERATORS)
def test_053_a_missing_key_meets_a_negated_operator():
    """Where the request does not carry the key, a negated operator holds: an Allow allows and a
    Deny denies.
    """
    for operator, written, _, _ in NEGATED:
        test = {operator: {KEY: written}}
        assert (_allows(test, one=ABSENT), _denies(test, one=ABSENT)) == ("yes", True), operator


@pytest.mark.twin("53", control="the request carries the key with the value that is excluded")
def test_053_twin_the_excluded_value():
    for operator, written, _, bad in NEGATED:
        test = {operator: {KEY: written}}
        assert (_allows(test, one=bad), _denies(test, one=bad)) == ("no", False), operator


IF_EXISTS = [row for row in ROWS if row[0] != "Null"]


@pytest.mark.rule("54", source=f"{OPERATORS}#Conditions_IfExists")
def test_054_ifexists_holds_where_the_key_is_missing():
    """With ``IfExists`` behind an operator a missing key makes it hold, in a Deny too."""
    for operator, written, _, _ in IF_EXISTS:
        test = {f"{operator}IfExists": {KEY: written}}
        assert (_allows(test, one=ABSENT), _denies(test, one=ABSENT)) == ("yes", True), operator


@pytest.mark.twin("54", control="the request carries the key with a value that does not match")
def test_054_twin_another_value():
    for operator, written, _, bad in IF_EXISTS:
        test = {f"{operator}IfExists": {KEY: written}}
        assert (_allows(test, one=bad), _denies(test, one=bad)) == ("no", False), operator


@pytest.mark.twin("54", control="the operator has no IfExists")
def test_054_twin_without_ifexists():
    got = [_allows({row[0]: {KEY: row[1]}}, one=ABSENT) for row in POSITIVE]
    assert set(got) == {"no"}


@pytest.mark.rule("55", source=f"{OPERATORS}#Conditions_Null")
def test_055_null_asks_whether_the_key_is_missing():
    """``Null`` with ``true`` holds where the request lacks the key, with ``false`` where it
    carries it, whatever its value.
    """
    assert _allows({"Null": {KEY: "true"}}, one=ABSENT) == "yes"
    assert [_allows({"Null": {KEY: "false"}}, one=value) for value in ("a", "true")] == ["yes"] * 2
    assert _denies({"Null": {KEY: True}}, one=ABSENT)


@pytest.mark.twin("55", control="the key is there instead of missing, and missing instead of there")
def test_055_twin_the_other_way_round():
    assert [_allows({"Null": {KEY: "true"}}, one=value) for value in ("a", "true")] == ["no"] * 2
    assert _allows({"Null": {KEY: "false"}}, one=ABSENT) == "no"
    assert not _denies({"Null": {KEY: True}}, one="a")


ALL = [
    ("StringEquals", ["a", "b"], ("a", "b"), ("a", "z")),
    ("StringEquals", ["a", "b"], ("a",), ("z",)),
    ("StringEqualsIgnoreCase", "a", ("a", "A"), ("A", "b")),
    ("StringNotEquals", ["a", "b"], ("y", "z"), ("a", "z")),
    ("StringLike", ["a*"], ("ab", "ac"), ("ab", "b")),
    ("StringNotLike", ["a*"], ("b", "c"), ("ab", "b")),
    ("ArnLike", "arn:aws:s3:::a*", ("arn:aws:s3:::a", "arn:aws:s3:::ab"), ("arn:aws:s3:::b",)),
    ("NumericLessThan", "5", ("1", "2"), ("1", "6")),
    ("IpAddress", "10.0.0.0/8", ("10.0.0.1", "10.1.0.0"), ("10.0.0.1", "11.0.0.1")),
]
"""Operator, the policy's values, values of a request all of which meet it, values that do not."""
ANY = [
    ("StringEquals", ["a", "b"], ("a", "z"), ("y", "z")),
    ("StringEqualsIgnoreCase", "a", ("A", "z"), ("y", "z")),
    ("StringNotEquals", ["a", "b"], ("a", "z"), ("a", "b")),
    ("StringLike", ["a*"], ("ab", "b"), ("b", "c")),
    ("StringNotLike", ["a*"], ("ab", "b"), ("ab", "ac")),
    ("ArnLike", "arn:aws:s3:::a*", ("arn:aws:s3:::b", "arn:aws:s3:::ab"), ("arn:aws:s3:::b",)),
    ("NumericLessThan", "5", ("1", "6"), ("6", "7")),
    ("IpAddress", "10.0.0.0/8", ("10.0.0.1", "11.0.0.1"), ("11.0.0.1", "12.0.0.1")),
]
"""Operator, the policy's values, values of a request one of which meets it, values that do not."""


@pytest.mark.rule("56", source=MANY_VALUES)
def test_056_forallvalues_asks_every_value_of_the_request():
    """``ForAllValues`` holds where every value of the request meets the operator, and where there
    is none.
    """
    for operator, written, good, _ in ALL:
        test = {f"ForAllValues:{operator}": {KEY: written}}
        got = [_allows(test, one=good), _allows(test, one=ABSENT), _allows(test, one=())]
        assert got == ["yes"] * 3, operator


@pytest.mark.twin("56", control="one value of the request does not meet the operator")
def test_056_twin_one_value_too_many():
    for operator, written, _, bad in ALL:
        assert _allows({f"ForAllValues:{operator}": {KEY: written}}, one=bad) == "no", operator


@pytest.mark.rule("56", source=MANY_VALUES)
def test_056_foranyvalue_asks_one_value_of_the_request():
    """``ForAnyValue`` holds where at least one value of the request meets the operator."""
    for operator, written, good, _ in ANY:
        assert _allows({f"ForAnyValue:{operator}": {KEY: written}}, one=good) == "yes", operator


@pytest.mark.twin("56", control="no value of the request meets the operator, or there is none")
def test_056_twin_no_value():
    for operator, written, _, bad in ANY:
        test = {f"ForAnyValue:{operator}": {KEY: written}}
        got = [_allows(test, one=bad), _allows(test, one=ABSENT), _allows(test, one=())]
        assert got == ["no"] * 3, operator


@pytest.mark.rule("56", source=MANY_VALUES)
def test_056_several_values_need_a_set_operator():
    """A key with several values in the request is compared with the help of a set operator only."""
    assert _allows({"StringEquals": {KEY: ["a", "b"]}}, one=("a", "b")) == "no"


@pytest.mark.twin("56", control="the operator has a set operator before it")
def test_056_twin_with_a_set_operator():
    assert _allows({"ForAllValues:StringEquals": {KEY: ["a", "b"]}}, one=("a", "b")) == "yes"


ONE_TOPIC = "arn:aws:sns:*:111122223333:finance/*"
LONG = "arn:aws:sns:eu:999999999999:store/abc:111122223333:finance/document.txt"


@pytest.mark.rule("57", source=f"{OPERATORS}#Conditions_String")
def test_057_case_counts_and_wildcards_are_for_like_alone():
    """String operators compare with case unless they end in ``IgnoreCase``; only those that end in
    ``Like`` know wildcards.
    """
    assert _allows({"StringEquals": {KEY: "team-*"}}, one="team-a") == "no"
    assert _allows({"StringEqualsIgnoreCase": {KEY: "team-*"}}, one="team-a") == "no"
    assert _allows({"StringLike": {KEY: "team-*"}}, one="TEAM-a") == "no"
    assert _allows({"StringNotEquals": {KEY: "team-*"}}, one="team-a") == "yes"


@pytest.mark.twin("57", control="the operator is one that takes wildcards, or that ignores case")
def test_057_twin_another_string_operator():
    assert _allows({"StringLike": {KEY: "team-*"}}, one="team-a") == "yes"
    assert _allows({"StringEqualsIgnoreCase": {KEY: "team-a"}}, one="TEAM-a") == "yes"
    assert _allows({"StringNotLike": {KEY: "team-*"}}, one="team-a") == "no"


@pytest.mark.rule("57", source=f"{OPERATORS}#Conditions_ARN")
def test_057_arn_operators_compare_part_by_part():
    """ArnEquals and ArnLike are the same: both take wildcards, in each of the six parts alone."""
    assert [_allows({name: {KEY: ONE_TOPIC}}, one=LONG) for name in ("ArnEquals", "ArnLike")] == [
        "no",
        "no",
    ]
    assert _denies({"ArnNotEquals": {KEY: ONE_TOPIC}}, one=LONG)


@pytest.mark.twin("57", control="a string operator compares the same two texts")
def test_057_twin_as_strings():
    assert _allows({"StringLike": {KEY: ONE_TOPIC}}, one=LONG) == "yes"
    assert not _denies({"StringNotLike": {KEY: ONE_TOPIC}}, one=LONG)


@pytest.mark.twin("57", control="the account stands in the account's part of the ARN")
def test_057_twin_in_its_part():
    short = "arn:aws:sns:eu:111122223333:finance/x"
    got = [_allows({name: {KEY: ONE_TOPIC}}, one=short) for name in ("ArnEquals", "ArnLike")]
    assert got == ["yes", "yes"]


def _tagged(key: str, value: str) -> str:
    test = {"StringEquals": {key: value}}
    return verdict(user(allow("s3:*", Condition=test), tags=(("Team", "ops"),)))


@pytest.mark.rule("58", source=CONDITION)
def test_058_keys_are_compared_without_case():
    """Names of condition keys are the same in any case, the tag's key behind the slash included."""
    assert _tagged("AWS:principalTAG/tEAM", "ops") == "yes"
    assert _allows({"StringEquals": {KEY.upper(): "a"}}, one="a") == "yes"


@pytest.mark.twin("58", control="the value is in another case instead of the key")
def test_058_twin_values_are_not():
    assert _tagged("aws:PrincipalTag/Team", "OPS") == "no"
    assert _allows({"StringEquals": {KEY: "A"}}, one="a") == "no"


BROKEN = [
    ("NumericEquals", "ten"),
    ("NumericLessThan", "ten"),
    ("DateLessThan", "tomorrow"),
    ("DateEquals", "2026-13-45"),
    ("Bool", "yes"),
    ("BinaryEquals", "no base64!"),
    ("IpAddress", "203.0.113.0/99"),
    ("IpAddress", "office"),
]


@pytest.mark.rule("59", source=OPERATORS)
def test_059_numbers_dates_flags_bytes_and_addresses_compare_as_such():
    """Numbers, dates, Booleans, bytes and addresses are compared as what they are, not as text;
    IPv4 and IPv6 ranges are apart.
    """
    rows = [row for row in POSITIVE if not row[0].startswith(("String", "Arn"))]
    assert [row for row in rows if _allows({row[0]: {KEY: row[1]}}, one=row[2]) != "yes"] == []


@pytest.mark.twin("59", control="the request's value is beyond the bound or out of the range")
def test_059_twin_beyond_the_bound():
    rows = [row for row in POSITIVE if not row[0].startswith(("String", "Arn"))]
    assert [row for row in rows if _allows({row[0]: {KEY: row[1]}}, one=row[3]) != "no"] == []


@pytest.mark.twin("59", control="the value is none of its type, on either side")
def test_059_twin_values_of_no_type():
    good = {row[0]: row[1] for row in POSITIVE}
    for operator, text in BROKEN:
        assert _allows({operator: {KEY: text}}, one=text) == "no", operator
        assert _allows({operator: {KEY: good[operator]}}, one=text) == "no", operator
