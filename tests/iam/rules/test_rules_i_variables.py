"""I. Policy variables."""

from typing import Any

import pytest

from graph.iam.document import parse
from graph.iam.world import Policy
from tests.iam.rules.builders import USER_GUIDE, decided, verdict
from tests.iam.worlds import BUCKET, allow, deny, doc, user

VARIABLES = f"{USER_GUIDE}/reference_policies_variables.html"
KEY = "s3:x-one"  # of no class: unknown unless the request states it


HOME = allow("s3:*", f"{BUCKET}/${{aws:username}}/*")
OWN = allow("s3:*", Condition={"StringEquals": {KEY: "${aws:username}"}})


def _given(value: str) -> dict[str, tuple[str, ...]]:
    return {KEY: (value,)}


def _allows(test: dict[str, Any], value: str) -> str:
    return verdict(user(allow("s3:*", Condition=test)), context=_given(value))


def _versioned(statement, version: str | None, resource: str, value: str = "") -> str:
    written = doc(statement) if version is None else doc(statement, version=version)
    if version is None:
        del written["Version"]
    alice = user()
    alice = type(alice)(
        alice.arn, alice.account, alice.kind, alice.name, policies=(Policy("p", parse(written)),)
    )
    return verdict(alice, resource=resource, context=_given(value))


@pytest.mark.rule("60", source=VARIABLES)
def test_060_policy_variables_need_the_newer_version():
    """Variables are replaced only in policies of Version 2012-10-17."""
    assert _versioned(HOME, "2012-10-17", f"{BUCKET}/alice/x") == "yes"
    assert _versioned(OWN, "2012-10-17", f"{BUCKET}/x", "alice") == "yes"


@pytest.mark.twin("60", control="the policy's Version is 2008-10-17, or missing")
def test_060_twin_the_older_version():
    for version in ("2008-10-17", None):
        assert _versioned(HOME, version, f"{BUCKET}/alice/x") == "no"
        assert _versioned(OWN, version, f"{BUCKET}/x", "alice") == "no"
        # The text stands for itself.
        assert _versioned(HOME, version, BUCKET + "/${aws:username}/x") == "yes"
        assert _versioned(OWN, version, f"{BUCKET}/x", "${aws:username}") == "yes"


TAG = "${aws:PrincipalTag/team}"


def _home(text: str, asked: str, *tags: tuple[str, str], effect=allow) -> str:
    own = [allow("s3:*")] if effect is deny else []
    alice = user(*own, effect("s3:*", f"{BUCKET}/{text}"), tags=tags)
    return verdict(alice, resource=f"{BUCKET}/{asked}")


@pytest.mark.rule("61", source=VARIABLES)
def test_061_a_variable_without_a_value_matches_nothing():
    """A variable without a value in the request makes its resource or condition match nothing."""
    assert [_home(f"{TAG}/*", asked) for asked in ("/x", f"{TAG}/x", "ops/x")] == ["no"] * 3
    test = {"StringEquals": {KEY: TAG}}
    assert [_allows(test, value) for value in ("", TAG)] == ["no", "no"]


@pytest.mark.twin("61", control="the principal has the tag")
def test_061_twin_the_variable_has_a_value():
    assert _home(f"{TAG}/*", "ops/x", ("team", "ops")) == "yes"
    alice = user(allow("s3:*", Condition={"StringEquals": {KEY: TAG}}), tags=(("team", "ops"),))
    assert verdict(alice, context=_given("ops")) == "yes"


@pytest.mark.rule("61", source=f"{VARIABLES}#policy-vars-default-values")
def test_061_a_default_stands_in_for_a_missing_value():
    """A variable may name a default, which is taken where the request has no value."""
    assert _home("${aws:PrincipalTag/team, 'none'}/*", "none/x") == "yes"


@pytest.mark.twin("61", control="the principal has the tag, so the default is not taken")
def test_061_twin_the_default_is_not_taken():
    text = "${aws:PrincipalTag/team, 'none'}/*"
    got = [_home(text, f"{name}/x", ("team", "ops")) for name in ("none", "ops")]
    assert got == ["no", "yes"]


@pytest.mark.rule("61", source=f"{VARIABLES}#policy-vars-specialchars")
def test_061_escaped_wildcards_are_plain_characters():
    """``${*}``, ``${?}`` and ``${$}`` stand for the characters themselves."""
    assert [_home("${*}", asked) for asked in ("*", "x")] == ["yes", "no"]
    assert [_home("${?}", asked) for asked in ("?", "x")] == ["yes", "no"]
    assert [_home("${$}{x}", asked) for asked in ("${x}", "x")] == ["yes", "no"]
    assert [_allows({"StringLike": {KEY: "${*}"}}, v) for v in ("*", "x")] == ["yes", "no"]


@pytest.mark.twin("61", control="the wildcard is not escaped")
def test_061_twin_a_wildcard():
    assert [_home("*", "x"), _home("?", "x")] == ["yes", "yes"]
    assert _allows({"StringLike": {KEY: "*"}}, "x") == "yes"


@pytest.mark.rule("61", source=VARIABLES)
def test_061_a_wildcard_in_a_variables_value_is_a_plain_character():
    """What a variable is replaced by is taken letter by letter: a principal that is tagged ``*``
    gets no more than the object of that name.
    """
    got = [_home(f"{TAG}/*", asked, ("team", "*")) for asked in ("ops/x", "*/x")]
    assert got == ["no", "yes"]


@pytest.mark.twin("61", control="the wildcard stands in the policy instead of the tag")
def test_061_twin_the_policys_own_wildcard():
    assert _home("*/*", "ops/x", ("team", "*")) == "yes"


@pytest.mark.rule("61", source=VARIABLES)
def test_061_a_variable_that_nothing_tells_is_a_condition():
    """Where the snapshot cannot tell a variable's value, the answer is conditional on it."""
    got = decided(user(allow("s3:*", f"{BUCKET}/${{aws:SourceVpc}}/*")), resource=f"{BUCKET}/v/x")
    assert str(got.answer.verdict) == "conditional"
    assert "aws:SourceVpc" in got.answer.conditions[0]


@pytest.mark.twin("61", control="the request states the key")
def test_061_twin_the_value_is_stated():
    alice = user(allow("s3:*", f"{BUCKET}/${{aws:SourceVpc}}/*"))
    for vpc, expected in (("v", "yes"), ("w", "no")):
        context = {"aws:SourceVpc": (vpc,)}
        assert verdict(alice, resource=f"{BUCKET}/v/x", context=context) == expected
