"""Condition blocks: known, absent, chosen by the caller, unknowable.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import pytest

from graph.iam.operators import compare
from tests.iam.worlds import A, B, allow, ask, deny, grant, policy, role, trust, user, verdict

KEY = "s3:x-test"  # a key of no class: unknown unless the request states it


def given(operator, key, *values, context=None, absent=(), statement=allow, **more):
    test = {operator: {key: list(values) if len(values) > 1 else values[0]}}
    alice = (
        user(allow("s3:*"), deny("s3:*", Condition=test))
        if statement is deny
        else user(allow("s3:*", Condition=test))
    )
    return ask(alice, context=context or {}, absent=frozenset(absent), **more)


@pytest.mark.parametrize(
    ("operator", "value", "good", "bad"),
    [
        ("StringEquals", "a", "a", "A"),
        ("StringNotEquals", "a", "A", "a"),
        ("StringEqualsIgnoreCase", "a", "A", "b"),
        ("StringNotEqualsIgnoreCase", "a", "b", "A"),
        ("StringLike", "a*c?", "abbcd", "abbc"),
        ("StringNotLike", "a*", "b", "ab"),
        ("StringEquals", "a*", "a*", "ab"),
        ("ArnLike", "arn:aws:sns:*:1:*", "arn:aws:sns:eu:1:t:u", "arn:aws:sns:eu:x:1:t"),
        ("ArnEquals", "arn:aws:s3:::a*", "arn:aws:s3:::ab", "arn:aws:s3:::b"),
        ("ArnNotLike", "arn:aws:s3:::a*", "arn:aws:s3:::b", "arn:aws:s3:::ab"),
        ("NumericEquals", "10", "10.0", "11"),
        ("NumericNotEquals", "10", "11", "10"),
        ("NumericLessThan", "10", "9", "10"),
        ("NumericLessThanEquals", "10", "10", "11"),
        ("NumericGreaterThan", "10", "11", "10"),
        ("NumericGreaterThanEquals", "10", "10", "9"),
        ("NumericLessThan", "10", "9", "nine"),
        ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", "2026-01-02"),
        ("DateLessThan", "2026-01-01", "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"),
        ("DateGreaterThanEquals", "2026-01-01", "2026-01-01T00:00:00Z", "2025-12-31"),
        ("Bool", "true", "True", "false"),
        ("BinaryEquals", "aGk=", "aGk=", "aGo="),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", "203.0.114.9"),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", "203.0.113.9"),
        ("NotIpAddress", "203.0.113.0/24", "203.0.114.9", "203.0.113.9"),
    ],
)
def test_operators_on_known_values(operator, value, good, bad):
    assert str(given(operator, KEY, value, context={KEY: (good,)}).verdict) == "yes"
    assert str(given(operator, KEY, value, context={KEY: (bad,)}).verdict) == "no"


def test_keys_are_compared_without_case_and_values_with_it():
    assert str(given("StringEquals", "S3:X-TEST", "a", context={KEY: ("a",)}).verdict) == "yes"
    assert str(given("StringEquals", KEY, "A", context={KEY: ("a",)}).verdict) == "no"


@pytest.mark.parametrize(
    ("operator", "allowed"),
    [
        ("StringEquals", False),  # 53: a missing key fails a positive operator
        ("StringNotEquals", True),  # and passes a negated one
        ("StringEqualsIfExists", True),  # 54
        ("StringNotEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),  # 56
        ("ForAnyValue:StringEquals", False),
        ("NumericLessThan", False),
        ("IpAddress", False),
        ("NotIpAddress", True),
    ],
)
def test_a_missing_key(operator, allowed):
    answer = given(operator, KEY, "1", absent=[KEY])
    assert str(answer.verdict) == ("yes" if allowed else "no")
    denied = given(operator, KEY, "1", absent=[KEY], statement=deny)
    assert str(denied.verdict) == ("no" if allowed else "yes")


def test_null_asks_for_presence():
    for value, expected in (("true", "yes"), ("false", "no")):
        assert str(given("Null", KEY, value, absent=[KEY]).verdict) == expected
    for value, expected in (("true", "no"), ("false", "yes")):
        assert str(given("Null", KEY, value, context={KEY: ("x",)}).verdict) == expected


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAllValues:StringEquals", ("a", "b"), "yes"),
        ("ForAllValues:StringEquals", ("a", "z"), "no"),
        ("ForAnyValue:StringEquals", ("a", "z"), "yes"),
        ("ForAnyValue:StringEquals", ("y", "z"), "no"),
        ("ForAllValues:StringNotEquals", ("y", "z"), "yes"),
        ("ForAllValues:StringNotEquals", ("a", "z"), "no"),
        ("ForAnyValue:StringNotEquals", ("a", "z"), "yes"),
        ("ForAnyValue:StringNotEquals", ("a", "b"), "no"),
        ("StringEquals", ("a", "b"), "no"),
    ],
)
def test_set_operators(operator, values, expected):
    assert str(given(operator, KEY, "a", "b", context={KEY: values}).verdict) == expected


def test_values_or_keys_and_negated_values_nor():
    assert str(given("StringEquals", KEY, "a", "b", context={KEY: ("b",)}).verdict) == "yes"
    assert str(given("StringNotEquals", KEY, "a", "b", context={KEY: ("b",)}).verdict) == "no"
    two = {"StringEquals": {KEY: "a", "s3:other": "b"}}
    alice = user(allow("s3:*", Condition=two))
    assert verdict(alice, context={KEY: ("a",), "s3:other": ("b",)}) == "yes"
    assert verdict(alice, context={KEY: ("a",), "s3:other": ("x",)}) == "no"


def test_unknown_keys_become_conditions_with_their_values():
    cases = (
        ("IpAddress", "aws:SourceIp", "198.51.100.0/24", "context:aws:SourceIp=198.51.100.0/24"),
        ("Bool", "aws:MultiFactorAuthPresent", "true", "context:aws:MultiFactorAuthPresent=true"),
        ("StringEquals", "sts:ExternalId", "top-secret", "secret:sts:ExternalId"),
        ("StringEquals", "aws:SourceVpc", "vpc-1", "context:aws:SourceVpc=vpc-1"),
        ("Null", "aws:SourceVpce", "false", "context:aws:SourceVpce=present"),
        (
            "DateLessThan",
            "aws:CurrentTime",
            "2030-01-01T00:00:00Z",
            "time:aws:CurrentTime=<2030-01-01T00:00:00Z",
        ),
        ("NotAnOperator", KEY, "x", "context:notanoperator(s3:x-test)"),
    )
    for operator, key, value, expected in cases:
        answer = given(operator, key, value)
        assert (str(answer.verdict), answer.conditions) == ("conditional", (expected,))
    assert "top-secret" not in str(given("StringEquals", "sts:ExternalId", "top-secret"))


def test_a_deny_on_an_unknown_key_is_the_opposite_condition():
    answer = given("NotIpAddress", "aws:SourceIp", "198.51.100.0/24", statement=deny)
    assert answer.conditions == ("context:aws:SourceIp=198.51.100.0/24",)
    mfa = given("BoolIfExists", "aws:MultiFactorAuthPresent", "false", statement=deny)
    assert mfa.conditions == ("context:aws:MultiFactorAuthPresent=not false",)


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("DateGreaterThan", "2020-01-01T00:00:00Z", "yes"),
        ("DateLessThan", "2020-01-01T00:00:00Z", "no"),
        ("DateLessThan", "2030-01-01T00:00:00Z", "conditional"),
        ("DateGreaterThan", "2030-01-01T00:00:00Z", "conditional"),
    ],
)
def test_time_is_that_of_the_collection_or_later(operator, value, expected):
    assert str(given(operator, "aws:CurrentTime", value).verdict) == expected


def test_the_age_of_a_session_starts_now_and_a_users_key_has_none():
    test = {"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}
    assert verdict(role(allow("s3:*", Condition=test))) == "no"
    assert verdict(role(allow("s3:*"), deny(Condition=test))) == "yes"
    assert verdict(user(allow("s3:*", Condition=test))) == "no"
    since = {"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}
    assert verdict(role(allow("s3:*", Condition=since))) == "yes"
    assert verdict(user(allow("s3:*", Condition=since))) == "conditional"


def test_what_is_known_of_the_principal():
    app = role(tags=(("Team", "x"),), path="/svc/", trust=trust({"AWS": A}))
    cases = (
        (app, "StringEquals", "aws:PrincipalTag/team", "x", "y"),
        (app, "ArnEquals", "aws:PrincipalArn", app.arn, user().arn),
        (app, "StringEquals", "aws:PrincipalAccount", A, B),
        (app, "StringEquals", "aws:PrincipalType", "AssumedRole", "User"),
        (app, "StringLike", "aws:userid", f"{app.unique_id}:*", "AROAOTHER:*"),
        (user(), "StringEquals", "aws:username", "alice", "bob"),
        (user(), "Bool", "aws:PrincipalIsAWSService", "false", "true"),
    )
    for one, operator, key, good, bad in cases:
        for value, expected in ((good, "yes"), (bad, "no")):
            statement = grant({"AWS": one.arn}, Condition={operator: {key: value}})
            assert verdict(one, resource_policy=statement) == expected, (key, value)


def test_session_tags_override_those_of_a_role_where_its_trust_lets_them():
    test = {"StringEquals": {"aws:PrincipalTag/team": "ops"}}
    for actions, expected in (
        (["sts:AssumeRole"], "no"),
        (["sts:AssumeRole", "sts:TagSession"], "conditional"),
    ):
        app = role(allow("s3:*", Condition=test), trust=trust({"AWS": A}, actions))
        assert verdict(app) == expected


def test_being_in_no_organisation_leaves_the_key_out():
    test = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    assert verdict(user(allow("s3:*", Condition=test))) == "no"
    opposite = {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    assert verdict(user(allow("s3:*"), deny(Condition=opposite))) == "no"


def test_source_keys_are_absent_for_a_direct_caller():
    test = {"StringEquals": {"aws:SourceAccount": A}}
    assert verdict(user(allow("s3:*", Condition=test))) == "no"


def test_the_region_of_an_existing_resource_is_known():
    queue = f"arn:aws:sqs:eu-west-1:{A}:q"
    for region, expected in (("eu-west-1", "yes"), ("us-east-1", "no")):
        test = {"StringEquals": {"aws:RequestedRegion": region}}
        alice = user(allow("*", Condition=test))
        assert verdict(alice, "sqs:SendMessage", queue) == expected
        assert verdict(alice, "sqs:CreateQueue", "*") == "yes"  # the caller chooses
    home = user(allow("*", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}))
    assert verdict(home, "iam:CreateUser", "*") == "yes"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"StringEquals": {KEY: "a"}}, {"StringEquals": {KEY: "b"}}, "no"),
        ({"StringEquals": {KEY: "a"}}, {"StringEquals": {KEY: ["a", "b"]}}, "conditional"),
        ({"Null": {KEY: "true"}}, {"StringEquals": {KEY: "b"}}, "no"),
        ({"Null": {KEY: "false"}}, {"StringEquals": {KEY: "b"}}, "conditional"),
        ({"StringLike": {KEY: "a*"}}, {"StringLike": {KEY: "b*"}}, "no"),
        ({"StringLike": {KEY: "a*"}}, {"StringNotLike": {KEY: "*"}}, "no"),
        ({"StringLike": {KEY: "a*"}}, {"StringNotLike": {KEY: "ab*"}}, "conditional"),
        (
            {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            {"IpAddress": {"aws:SourceIp": "192.168.0.0/16"}},
            "no",
        ),
        (
            {"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}},
            {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            "no",
        ),
        (
            {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            {"NotIpAddress": {"aws:SourceIp": "10.1.0.0/16"}},
            "conditional",
        ),
        ({"NumericLessThan": {KEY: "5"}}, {"NumericGreaterThan": {KEY: "5"}}, "no"),
        ({"NumericLessThan": {KEY: "5"}}, {"NumericGreaterThan": {KEY: "4"}}, "conditional"),
        ({"Bool": {KEY: "true"}}, {"Bool": {KEY: "false"}}, "no"),
    ],
)
def test_contradictions_within_one_request_are_no(first, second, expected):
    alice = user(allow("s3:*", Condition=first), boundary=policy(allow("s3:*", Condition=second)))
    assert verdict(alice) == expected


def test_the_alternative_with_fewest_conditions_leads_and_the_others_are_evidence():
    one = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
    two = {"StringEquals": {"aws:SourceVpce": "vpce-1", "aws:SourceIp": "x"}}
    answer = ask(user(allow("s3:*", Condition=two), allow("s3:*", Condition=one)))
    assert answer.conditions == ("context:aws:SourceVpc=vpc-1",)
    assert any("vpce-1" in text for text in answer.evidence)


def test_policy_variables_need_the_2012_version():
    alice = user()
    named = allow("s3:*", "arn:aws:s3:::data/${aws:username}")
    for version, expected in (("2012-10-17", "yes"), ("2008-10-17", "no")):
        one = type(alice)(
            **{n: getattr(alice, n) for n in alice.__dataclass_fields__}
            | {"policies": (policy(named, version=version),)}
        )
        assert verdict(one, resource="arn:aws:s3:::data/alice") == expected
    assert verdict(user(named), resource="arn:aws:s3:::data/bob") == "no"


def test_policy_variables_without_a_value_match_nothing_defaults_and_escapes_hold():
    tag = "${aws:PrincipalTag/team}"
    data = "arn:aws:s3:::data"
    assert verdict(user(allow("s3:*", f"{data}/{tag}")), resource=f"{data}/") == "no"
    default = "${aws:PrincipalTag/team, 'none'}"
    assert verdict(user(allow("s3:*", f"{data}/{default}")), resource=f"{data}/none") == "yes"
    assert verdict(user(allow("s3:*", data + "/${*}")), resource=f"{data}/*") == "yes"
    assert verdict(user(allow("s3:*", data + "/${*}")), resource=f"{data}/x") == "no"


def test_a_star_in_a_variables_value_is_literal():
    evil = user(allow("s3:*", "arn:aws:s3:::data/${aws:PrincipalTag/team}"), tags=(("team", "*"),))
    assert verdict(evil, resource="arn:aws:s3:::data/x") == "no"
    assert verdict(evil, resource="arn:aws:s3:::data/*") == "yes"


def test_a_variable_that_is_not_known_is_a_condition():
    by_vpc = user(allow("s3:*", "arn:aws:s3:::data/${aws:SourceVpc}/x"))
    answer = ask(by_vpc, resource="arn:aws:s3:::data/vpc-1/x")
    assert (str(answer.verdict), answer.conditions) == (
        "conditional",
        ("context:Resource=${aws:SourceVpc}",),
    )
    assert verdict(by_vpc, resource="arn:aws:s3:::data/vpc-1/y") == "no"
    denied = user(allow("s3:*"), deny("s3:*", "arn:aws:s3:::data/${aws:SourceVpc}/x"))
    assert verdict(denied, resource="arn:aws:s3:::data/vpc-1/x") == "conditional"


@pytest.mark.parametrize(
    ("bound", "expected"),
    [("2021", True), ("2021-06", True), ("999", True), ("2031", False), ("2031-06", False)],
)
def test_a_year_a_month_and_few_seconds_are_dates_too(bound, expected):
    """W3C's profile of ISO 8601 has YYYY and YYYY-MM; epoch seconds have any length."""
    assert compare("date", ">", bound, "2026-11-22T00:00:00Z") is expected
