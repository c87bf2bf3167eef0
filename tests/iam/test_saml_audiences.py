"""What ``SAML:aud`` may be: the sign-in endpoint that the assertion is for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam.assume import assume_answers
from graph.iam.document import parse
from graph.iam.from_snapshot import from_snapshot
from graph.iam.identity_sources import IdentitySources, Provider
from graph.iam.world import Policy
from graph.verdict import Verdict
from tests.iam.worlds import A, doc, role, world
from tests.snapshot_files import line, write_snapshot

OKTA = f"arn:aws:iam::{A}:saml-provider/okta"
OWN_ID = "SAMLSPEXAMPLE1234"
HOST = "signin.aws.amazon.com"
SAML = "sts:AssumeRoleWithSAML"
PARTITIONS = [
    ("aws", HOST, "eu-west-1"),
    ("aws-cn", "signin.amazonaws.cn", "cn-north-1"),
    ("aws-us-gov", "signin.amazonaws-us-gov.com", "us-gov-west-1"),
]


def statement(effect, *tests, provider=OKTA):
    condition = {}
    for operator, value in tests:
        condition.setdefault(operator, {})["SAML:aud"] = value
    row = {"Effect": effect, "Principal": {"Federated": provider}, "Action": SAML}
    return {**row, "Condition": condition} if condition else row


def assumed(*statements, provider=OKTA, own_id=""):
    """The verdict of the provider's row, ``no`` if it has none."""
    target = role(trust=Policy("trust policy", parse(doc(*statements))))
    found = IdentitySources(providers={provider: Provider(provider, own_id=own_id)})
    rows = assume_answers(world(target, identity_sources=found), target.arn)
    return str(rows[0].answer.verdict) if rows else "no"


def asked(operator, value, **more):
    provider = more.get("provider", OKTA)
    return assumed(statement("Allow", (operator, value), provider=provider), **more)


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringEquals", f"https://{HOST}/saml", "yes"),
        ("StringEquals", f"https://eu-west-1.{HOST}/saml", "yes"),
        ("StringEquals", f"https://us-gov-west-1.{HOST}/saml", "yes"),
        ("StringEquals", f"https://{HOST}/saml/acs/{OWN_ID}", "yes"),
        ("StringEquals", f"https://eu-west-1.{HOST}/saml/acs/{OWN_ID}", "yes"),
        ("StringEqualsIgnoreCase", f"https://{HOST}/SAML", "yes"),
        ("StringLike", f"https://*.{HOST}/saml", "yes"),
        ("StringLike", f"https://eu-*.{HOST}/saml", "yes"),
        ("StringLike", f"https://*{HOST}/saml*", "yes"),
        ("StringLike", "https://*", "yes"),
        ("StringLike", f"https://*.{HOST}/saml/acs/*", "yes"),
        ("StringNotEquals", f"https://{HOST}/saml", "yes"),
        ("StringEquals", "https://evil.example.com/saml", "no"),
        ("StringEquals", f"https://evil.{HOST}/saml", "no"),
        ("StringEquals", f"https://{HOST}/saml/acs/", "no"),
        ("StringEquals", f"https://{HOST}/saml/other", "no"),
        ("StringEquals", f"https://*.{HOST}/saml", "no"),
        ("StringLike", "https://*.example.com/saml", "no"),
        ("StringLike", "http://*", "no"),
        ("StringNotLike", "https://*", "no"),
    ],
)
def test_an_audience_is_a_sign_in_endpoint(operator, value, expected):
    assert asked(operator, value, own_id=OWN_ID) == expected


@pytest.mark.parametrize(("partition", "host", "region"), PARTITIONS)
def test_each_partition_has_its_own_endpoint(partition, host, region):
    provider = f"arn:{partition}:iam::{A}:saml-provider/okta"
    assert asked("StringEquals", f"https://{host}/saml", provider=provider) == "yes"
    assert asked("StringEquals", f"https://{region}.{host}/saml", provider=provider) == "yes"
    for other in {row[1] for row in PARTITIONS} - {host}:
        assert asked("StringEquals", f"https://{other}/saml", provider=provider) == "no"


def test_a_partition_whose_endpoint_is_not_known_is_a_condition():
    provider = f"arn:aws-new:iam::{A}:saml-provider/okta"
    assert asked("StringEquals", "https://signin.example/saml", provider=provider) == "conditional"


@pytest.mark.parametrize(("own_id", "expected"), [("", "yes"), (OWN_ID, "yes"), ("OTHER", "no")])
def test_the_id_in_the_endpoint_is_the_providers_own(own_id, expected):
    value = f"https://{HOST}/saml/acs/{OWN_ID}"
    assert asked("StringEquals", value, own_id=own_id) == expected
    assert asked("StringEquals", f"https://{HOST}/saml", own_id=own_id) == "yes"


def test_a_deny_of_one_endpoint_leaves_the_others():
    everything, one = statement("Allow"), f"https://{HOST}/saml"
    assert assumed(everything, statement("Deny", ("StringEquals", one))) == "yes"
    assert assumed(everything, statement("Deny", ("StringLike", f"https://*.{HOST}/saml"))) == "yes"
    assert assumed(everything, statement("Deny", ("StringLike", "https://*"))) == "no"
    fixed = statement("Allow", ("StringEquals", one))
    assert assumed(fixed, statement("Deny", ("StringNotEquals", one))) == "yes"
    assert assumed(fixed, statement("Deny", ("StringEquals", one))) == "no"


def test_the_providers_id_is_read_from_a_snapshot(tmp_path):
    lines = {
        (A, "global", "iam:saml-provider"): [
            line(OKTA, {"Arn": OKTA}, get_saml_provider={"SAMLProviderUUID": OWN_ID}),
            line(f"{OKTA}2", {"Arn": f"{OKTA}2"}, get_saml_provider={"SAMLProviderUUID": [1]}),
            line(f"{OKTA}3", {"Arn": f"{OKTA}3"}),
        ]
    }
    found = from_snapshot(write_snapshot(tmp_path, lines)).identity_sources.providers
    assert {arn: one.own_id for arn, one in found.items()} == {
        OKTA: OWN_ID,
        f"{OKTA}2": "",
        f"{OKTA}3": "",
    }


TESTS = st.tuples(
    st.sampled_from(["StringLike", "StringNotLike", "StringEquals", "StringNotEquals"]),
    st.sampled_from(
        [
            "https://*",
            f"https://{HOST}/saml",
            f"https://eu-*.{HOST}/saml",
            f"https://eu-west-1.{HOST}/saml",
            f"https://{HOST}/saml/acs/{OWN_ID}",
            "https://example.com",
        ]
    ),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(TESTS, max_size=2), st.lists(TESTS, max_size=2), TESTS)
def test_a_further_deny_never_opens(allow, deny, more):
    rows = [statement("Allow", *allow), *(statement("Deny", one) for one in deny)]
    before, after = assumed(*rows), assumed(*rows, statement("Deny", more))
    assert Verdict(after).rank <= Verdict(before).rank
