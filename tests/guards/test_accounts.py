"""Guards that ask something of callers of AWS accounts, each beside its twin."""

from __future__ import annotations

from typing import Any

import pytest

from tests.guards.trusts import NOBODY, VENDOR, heads, of_resource, only, told, trusted
from tests.iam.worlds import ORG, A, B, allow, doc, forbid, grant, member, user

ASSUME = "sts:AssumeRole"


def by(principal: Any, *, effect: str = "Allow", action: str = ASSUME, **condition: Any) -> Any:
    found = {"Effect": effect, "Principal": principal, "Action": action}
    return found | ({"Condition": condition} if condition else {})


def vendor(**condition: Any) -> Any:
    return trusted(by({"AWS": VENDOR}, **condition))


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ({}, "not-required"),
        ({"StringEquals": {"sts:ExternalId": "3f1c9d2e-77aa"}}, "required"),
        ({"StringEqualsIfExists": {"sts:ExternalId": "3f1c9d2e-77aa"}}, "not-required"),
        ({"StringNotEquals": {"sts:ExternalId": "3f1c9d2e-77aa"}}, "not-required"),
        ({"ForAllValues:StringEquals": {"sts:ExternalId": "3f1c9d2e-77aa"}}, "not-required"),
        ({"StringLike": {"sts:ExternalId": "3f1c9d2e-77aa"}}, "required"),
        ({"StringLike": {"sts:ExternalId": "*"}}, "guessable"),
        ({"StringLike": {"sts:ExternalId": "3f1c*"}}, "guessable"),
        ({"StringEquals": {"sts:ExternalId": "3f1c*"}}, "required"),
        ({"StringEquals": {"sts:ExternalId": ""}}, "guessable"),
        ({"StringEquals": {"sts:ExternalId": A}}, "guessable"),
        ({"StringEquals": {"sts:ExternalId": VENDOR}}, "guessable"),
        ({"StringEquals": {"sts:ExternalId": "APP"}}, "guessable"),
        ({"StringEquals": {"sts:ExternalId": "Datadog"}}, "guessable"),
        ({"StringEquals": {"sts:ExternalId": ["3f1c9d2e-77aa", A]}}, "guessable"),
        ({"StringEquals": {"sts:ExternalId": "${aws:PrincipalAccount}"}}, "guessable"),
        ({"Null": {"sts:ExternalId": "false"}}, "guessable"),
        ({"Null": {"sts:ExternalId": "true"}}, "not-required"),
    ],
)
def test_external_id(condition: dict[str, Any], state: str) -> None:
    assert only(vendor(**condition)) == {f"external-id {state}"}


def test_the_value_of_an_external_id_is_never_told() -> None:
    (sentences,) = told(vendor(StringEquals={"sts:ExternalId": "3f1c9d2e"})).values()
    assert "3f1c9d2e" not in " ".join(sentences)


def test_a_deny_without_it_asks_for_an_external_id_too() -> None:
    refused = by({"AWS": VENDOR}, effect="Deny", StringNotEquals={"sts:ExternalId": "3f1c9d2e"})
    target = trusted(by({"AWS": VENDOR}), refused)
    assert only(target) == {"external-id required"}
    loose = refused | {
        "Condition": {
            "StringNotEquals": {"sts:ExternalId": "3f1c9d2e"},
            "Bool": {"aws:SecureTransport": "false"},
        }
    }
    assert only(trusted(by({"AWS": VENDOR}), loose)) == {"external-id not-required"}


def test_of_two_statements_the_weaker_guards() -> None:
    locked = by({"AWS": VENDOR}, StringEquals={"sts:ExternalId": "3f1c9d2e"})
    assert only(trusted(locked, locked)) == {"external-id required"}
    assert only(trusted(locked, by({"AWS": VENDOR}))) == {"external-id not-required"}


def test_a_statement_that_admits_somebody_else_guards_nothing_here() -> None:
    """Everyone of one's own organisation may come without ExternalId; the vendor may not."""
    locked = by({"AWS": VENDOR}, StringEquals={"sts:ExternalId": "3f1c9d2e"})
    ours = by({"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": ORG})
    found = told(trusted(locked, ours), accounts=[member(A), member(B)])
    assert heads(found[f"account:{VENDOR}"]) == {"external-id required"}
    assert heads(found[f"org:{ORG}"]) == {"organisation fixed"}
    theirs = by({"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": "o-elsewhere1"})
    found = told(trusted(locked, theirs), accounts=[member(A), member(B)])
    assert heads(found[f"account:{VENDOR}"]) == {"external-id not-required"}, "it may be in it"
    assert heads(found["org:o-elsewhere1"]) == {"organisation fixed"}


@pytest.mark.parametrize(
    ("named", "condition", "missed"),
    [
        (f"arn:aws:iam::{NOBODY}:root", {}, True),
        (f"arn:aws:iam::{NOBODY}:role/scanner", {}, True),
        (f"arn:aws:iam::{NOBODY}:user/bob", {}, False),
        (f"arn:aws:iam::{VENDOR}:user/bot", {}, True),
        (f"arn:aws:iam::{NOBODY}:root", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ("*", {}, False),
    ],
)
def test_an_external_id_is_missed_only_of_who_may_act_for_many(
    named: str, condition: dict[str, Any], missed: bool
) -> None:
    found = told(trusted(by({"AWS": named}, **condition)))
    assert found
    assert any("external-id not-required" in heads(one) for one in found.values()) == missed


def test_ones_own_accounts_are_not_asked_for_an_external_id() -> None:
    target = trusted(by({"AWS": B}))
    caller = user(allow(ASSUME, target.arn), account=B)
    assert only(target, caller) == set()
    assert only(target, accounts=[member(A)]) == {"external-id not-required"}
    assert only(target, accounts=[member(A), member(B, collected=False)]) == set()


def test_an_account_of_an_aws_service_is_not_asked_for_an_external_id() -> None:
    assert only(trusted(by({"AWS": "127311923021"}))) == set()


def test_one_external_id_for_two_owners_is_shared() -> None:
    lock = {"StringEquals": {"sts:ExternalId": "one-for-all"}}
    target = trusted(by({"AWS": VENDOR}, **lock))
    other = trusted(by({"AWS": NOBODY}, **lock), name="other")
    assert only(target, other) == {"external-id shared"}
    own = {"StringEquals": {"sts:ExternalId": "another"}}
    assert only(target, trusted(by({"AWS": NOBODY}, **own), name="other")) == {
        "external-id required"
    }
    same = trusted(by({"AWS": "865078226113"}, **lock), name="other")
    assert only(target, same) == {"external-id required"}, "both accounts are Datadog's"
    joined = trusted(by({"AWS": [VENDOR, NOBODY]}, **lock), name="joined")
    assert only(target, other, joined) == {"external-id required"}, "one role names both"


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "required"),
        ({"Bool": {"aws:MultiFactorAuthPresent": True}}, "required"),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, "if-present"),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, "required"),
        ({"NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}, "if-present"),
        ({"Null": {"aws:MultiFactorAuthAge": "false"}}, "required"),
        ({"Null": {"aws:MultiFactorAuthPresent": "false"}}, ""),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, ""),
        ({"Bool": {"aws:SecureTransport": "true"}}, ""),
    ],
)
def test_mfa(condition: dict[str, Any], state: str) -> None:
    found = only(vendor(**condition))
    assert {one for one in found if one.startswith("mfa")} == ({f"mfa {state}"} if state else set())


@pytest.mark.parametrize(
    ("operator", "state"), [("BoolIfExists", "required"), ("Bool", "if-present")]
)
def test_mfa_by_a_deny(operator: str, state: str) -> None:
    """``Bool`` false does not match a call that does not say: long-term keys pass the Deny."""
    test = {operator: {"aws:MultiFactorAuthPresent": "false"}}
    target = trusted(by({"AWS": VENDOR}), by("*", effect="Deny", **test))
    assert f"mfa {state}" in only(target)


@pytest.mark.parametrize(("whom", "guarded"), [("user/x", False), ("root", True)])
def test_a_deny_of_one_principal_guards_not_the_whole_account(whom: str, guarded: bool) -> None:
    """Twins: the Deny names one user of the account, or the account."""
    test = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    denied = by({"AWS": f"arn:aws:iam::{VENDOR}:{whom}"}, effect="Deny", **test)
    target = trusted(by({"AWS": VENDOR}), denied)
    assert ("mfa required" in only(target)) is guarded


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": ORG}}, "organisation fixed"),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": ORG}}, "organisation if-present"),
        ({"StringLike": {"aws:PrincipalOrgID": "*"}}, None),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-other"}}, None),
        (
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-1/*"}},
            "organisation fixed",
        ),
        (
            {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-1/*"}},
            "organisation if-present",
        ),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{VENDOR}:role/x*"}}, "principal fixed"),
        ({"ArnLike": {"aws:PrincipalArn": "*"}}, None),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, "network fixed"),
        ({"IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}}, "network if-present"),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, None),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, None),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, "network fixed"),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, "network fixed"),
        ({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}, "time limited"),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, None),
        ({"StringLike": {"sts:RoleSessionName": "x*"}}, "no-guard chosen"),
        ({"StringEquals": {"aws:PrincipalTag/team": "x"}}, "no-guard theirs"),
    ],
)
def test_organisation_principal_network_and_what_is_no_guard(
    condition: dict[str, Any], expected: str | None
) -> None:
    found = only(vendor(**condition)) - {"external-id not-required"}
    assert found == ({expected} if expected else set())


def test_a_tag_of_ones_own_principals_is_a_guard() -> None:
    target = trusted(by({"AWS": B}, StringEquals={"aws:PrincipalTag/team": "x"}))
    caller = user(allow(ASSUME, target.arn), account=B, tags=(("team", "x"),))
    assert only(target, caller) == {"principal-tag fixed"}


def test_a_perimeter_by_deny_is_a_guard_of_the_organisation() -> None:
    """A Deny that leaves AWS services out is known not to leave out a principal."""
    test = {
        "StringNotEquals": {"aws:PrincipalOrgID": ORG},
        "Bool": {"aws:PrincipalIsAWSService": "false"},
    }
    target = trusted(by({"AWS": B}), by("*", effect="Deny", **test))
    caller = user(allow(ASSUME, target.arn), account=B)
    ours = [member(A), member(B)]
    assert only(target, caller, accounts=ours) == {"organisation fixed"}
    loose = test | {"Bool": {"aws:PrincipalIsAWSService": "true"}}
    target = trusted(by({"AWS": B}), by("*", effect="Deny", **loose))
    assert only(target, caller, accounts=ours) == set()


@pytest.mark.parametrize(
    ("account", "states", "expected"),
    [
        (VENDOR, {}, "account vendor"),
        ("127311923021", {}, "account aws-service"),
        (NOBODY, {}, "account unknown"),
        (B, {B: "SUSPENDED"}, "account suspended"),
        (B, {B: "PENDING_CLOSURE"}, "account closed"),
        (B, {B: "ACTIVE"}, None),
    ],
)
def test_whose_the_account_is(account: str, states: dict[str, str], expected: str | None) -> None:
    target = trusted(by({"AWS": account}))
    accounts = [member(A), member(B, collected=False)]
    (sentences,) = told(target, states=states, accounts=accounts).values()
    words = {one.partition(":")[0] for one in sentences if one.startswith("account ")}
    assert words == ({expected} if expected else set())


@pytest.mark.parametrize("named", ["000000000000", "arn:aws:iam::000000000000:role/deploy"])
def test_nobody_comes_from_an_account_that_cannot_exist(named: str) -> None:
    assert told(trusted(by({"AWS": named}))) == {}
    assert told(trusted(by({"AWS": named.replace("000000000000", NOBODY)})))


def test_a_simulations_account_without_a_number_is_one() -> None:
    assert told(trusted(by({"AWS": "000000000000"})), accounts=[member("000000000000")])


def test_a_whole_outside_account_is_told_from_one_principal_of_it() -> None:
    one = f"arn:aws:iam::{NOBODY}:role/scanner"
    found = told(trusted(by({"AWS": [NOBODY, one]})))
    whole = [text for text in found[f"account:{NOBODY}"] if text.startswith("delegated")]
    assert whole
    assert not [text for text in found[one] if text.startswith("delegated")]


def test_a_resource_policy_asks_for_no_external_id() -> None:
    queue = f"arn:aws:sqs:eu-west-1:{A}:jobs"
    fixed = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": ORG}}}
    policy = doc(grant({"AWS": NOBODY}, "sqs:SendMessage", queue))
    assert of_resource(policy, queue, "sqs") == {f"account:{NOBODY}": set()}
    policy = doc(grant("*", "sqs:SendMessage", queue, **fixed))
    assert of_resource(policy, queue, "sqs") == {f"org:{ORG}": {"organisation fixed"}}
    tls = forbid("*", "sqs:*", queue, Condition={"Bool": {"aws:SecureTransport": "false"}})
    policy = doc(grant({"AWS": NOBODY}, "sqs:SendMessage", queue), tls)
    assert of_resource(policy, queue, "sqs") == {f"account:{NOBODY}": {"no-guard chosen"}}
