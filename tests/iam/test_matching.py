"""Actions, resources, principals and documents."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam import patterns
from graph.iam.document import BrokenPolicy, Document, parse
from graph.iam.principal import named, service_name
from tests.iam.worlds import A, B, allow, doc, grant, role, user, verdict


@pytest.mark.parametrize(
    ("written", "asked", "hit"),
    [
        ("s3:GetObject", "S3:getobject", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get*", "s3:PutObject", False),
        ("s3:*Object", "s3:GetObject", True),
        ("s?:GetObject", "s3:GetObject", True),
        ("*", "iam:PassRole", True),
        ("iam:Pass?ole", "iam:PassRole", True),
        ("iam:Pass?Role", "iam:PassRole", False),
    ],
)
def test_actions_match_without_case_and_with_wildcards(written, asked, hit):
    assert verdict(user(allow(written)), asked, "*") == ("yes" if hit else "no")


def test_notaction_is_everything_else_of_every_service():
    alice = user({"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"})
    assert verdict(alice, "s3:GetObject") == "yes"
    assert verdict(alice, "iam:PassRole", "*") == "no"


@pytest.mark.parametrize(
    ("written", "asked", "hit"),
    [
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data/a/b:c", True),
        ("arn:aws:s3:::data", "arn:aws:s3:::data/x", False),
        ("arn:aws:s3:::Data/*", "arn:aws:s3:::data/x", False),
        ("arn:aws:s3*", "arn:aws:s3:::data/x", True),
        ("*", "arn:aws:s3:::data/x", True),
        ("arn:aws:sqs:*:111111111111:q", "arn:aws:sqs:eu-west-1:111111111111:q", True),
        ("arn:aws:sqs:*:q", "arn:aws:sqs:eu-west-1:111111111111:q", True),
        ("arn:aws:sqs:*:q:*", "arn:aws:sqs:eu-west-1:111111111111:q:x", True),
        ("arn:*:sqs:eu-west-1:*:q", "arn:aws:sqs:eu-west-1:111111111111:x:q", True),
        ("arn:aws:sqs:eu-west-1:1*1:q", "arn:aws:sqs:eu-west-1:111111111111:q", True),
        ("arn:aws:sqs:eu-west-1:1*1:*", "arn:aws:sqs:eu-west-1:112:q1:q", False),
        ("arn:aws:sqs:*:1*1:q", "arn:aws:sqs:eu-west-1:112:q1:q", False),
        ("arn:aws:s3:::d?ta/x", "arn:aws:s3:::data/x", True),
    ],
)
def test_resources_match_with_case_and_by_segment(written, asked, hit):
    got = verdict(user(allow("*", written)), "s3:GetObject", asked)
    assert got == ("yes" if hit else "no")


def test_notresource_is_everything_else():
    alice = user({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::secret/*"})
    assert verdict(alice, resource="arn:aws:s3:::data/x") == "yes"
    assert verdict(alice, resource="arn:aws:s3:::secret/x") == "no"
    assert verdict(alice, "s3:ListAllMyBuckets", "*") == "yes"


def test_deep_wildcards_are_not_slow():
    glob = patterns.wild("*a" * 40 + "b")
    assert not patterns.matches(glob, "a" * 5000)
    assert patterns.matches(glob, "a" * 5000 + "b")
    assert not patterns.intersects(patterns.wild("*a" * 30 + "b"), patterns.wild("c" + "*a" * 30))


@pytest.mark.parametrize(
    ("left", "right", "meet", "cover"),
    [
        ("a*", "*b", True, False),
        ("a*", "b*", False, False),
        ("*", "a?c", True, True),
        ("a*c", "abc*", True, False),
        ("a?", "a*", True, False),
        ("?b", "ab", True, True),
        ("", "*", True, False),
    ],
)
def test_patterns_meet_and_cover(left, right, meet, cover):
    left, right = patterns.wild(left), patterns.wild(right)
    assert patterns.intersects(left, right) is meet
    assert patterns.intersects(right, left) is meet
    assert patterns.covers(left, right) is cover


def test_private_characters_in_hostile_text_are_no_wildcards():
    assert not patterns.matches(patterns.wild("a\ue000c"), "abc")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("AWS", "*", "everyone"),
        ("AWS", A, "account"),
        ("AWS", f"arn:aws:iam::{A}:root", "account"),
        ("AWS", f"arn:aws-cn:iam::{A}:user/x/y", "user"),
        ("AWS", f"arn:aws:iam::{A}:role/x", "role"),
        ("AWS", f"arn:aws:sts::{A}:assumed-role/x/s", "session"),
        ("AWS", "AROAABCDEFGHIJKLMNOPQ", "deleted"),
        ("AWS", f"arn:aws:iam::{A}:role/*", "invalid"),
        ("AWS", f"arn:aws:iam::{A}:group/x", "invalid"),
        ("Service", "ec2.amazonaws.com", "service"),
        ("Federated", "cognito-identity.amazonaws.com", "federated"),
        ("CanonicalUser", "abc", "canonical"),
        ("Other", "x", "invalid"),
    ],
)
def test_principals_are_taken_apart(kind, value, expected):
    assert named(kind, value).kind == expected


def test_a_partial_wildcard_in_a_principal_matches_nobody():
    app = role(name="app")
    assert verdict(app, resource_policy=grant({"AWS": f"arn:aws:iam::{A}:role/*"})) == "no"
    assert verdict(app, resource_policy=grant({"AWS": app.arn})) == "yes"


def test_types_of_principals_are_separate_name_spaces():
    app = role()
    assert verdict(app, resource_policy=grant({"Federated": app.arn})) == "no"
    assert verdict(app, resource_policy=grant({"Service": "*"})) == "no"


def test_a_session_arn_has_no_path():
    app = role(name="app", path="/svc/", session_name="s")
    session = f"arn:aws:sts::{A}:assumed-role/app/s"
    assert verdict(app, resource_policy=grant({"AWS": session})) == "yes"
    assert verdict(app, resource_policy=grant({"AWS": session + "2"})) == "no"


def test_notprincipal_with_deny_spares_only_who_is_listed_in_every_form():
    def denying(*arns):
        return {
            "Effect": "Deny",
            "NotPrincipal": {"AWS": list(arns)},
            "Action": "*",
            "Resource": "*",
        }

    alice, app = user(allow("s3:*")), role(allow("s3:*"))
    assert verdict(alice, resource_policy=denying(alice.arn, A)) == "yes"
    assert verdict(alice, resource_policy=denying(user(name="bob").arn)) == "no"
    assert verdict(app, resource_policy=denying(app.arn)) == "conditional"
    session = f"arn:aws:sts::{A}:assumed-role/app/s"
    in_session = role(allow("s3:*"), session_name="s")
    assert verdict(in_session, resource_policy=denying(app.arn, A, session)) == "yes"


def test_regional_and_chinese_names_are_one_service():
    for name in ("ssm.eu-west-1.amazonaws.com", "ssm.amazonaws.com.cn", "ssm.amazonaws.com"):
        assert service_name(name) == "ssm.amazonaws.com"
    assert service_name("delivery.logs.amazonaws.com") == "delivery.logs.amazonaws.com"


def test_single_values_lists_and_url_encoded_text_are_one_document():
    one = parse({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
    many = parse({"Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}]})
    encoded = parse(
        "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D"
    )
    assert isinstance(one, Document)
    assert isinstance(many, Document)
    assert isinstance(encoded, Document)
    assert one.statements == many.statements == encoded.statements


def test_each_distinct_document_is_parsed_once():
    text = json.dumps(doc(allow("s3:*")))
    assert parse(text) is parse(str(text))


@pytest.mark.parametrize(
    "source",
    [
        "",
        "null",
        "[]",
        "{",
        "{}",
        '{"Statement": 1}',
        '{"Statement": ["x"]}',
        '{"Statement": {"Effect": "Maybe", "Action": "*", "Resource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Resource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Action": 5, "Resource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": "x"}}',
        '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": 3}}',
        "[" * 100000,
    ],
)
def test_what_is_no_policy_is_broken_and_never_an_error(source):
    broken = parse(source)
    assert isinstance(broken, BrokenPolicy)
    assert broken.reason


def test_a_policy_of_ten_thousand_statements_is_read_and_asked():
    many = [allow("s3:GetObject", f"arn:aws:s3:::b{number}/*") for number in range(10_000)]
    alice = user(*many)
    assert verdict(alice, resource="arn:aws:s3:::b9999/x") == "yes"
    assert verdict(alice, resource="arn:aws:s3:::c/x") == "no"


def test_partitions_are_apart():
    china = f"arn:aws-cn:iam::{B}:user/alice"
    alice = user(name="alice", account=B)
    assert verdict(alice, resource_policy=grant({"AWS": china}), owner=B) == "no"
    assert verdict(alice, resource_policy=grant({"AWS": alice.arn}), owner=B) == "yes"


def test_an_element_in_another_case_makes_the_policy_unreadable() -> None:
    row = {"Effect": "Allow", "principal": "*", "Action": "sqs:*", "Resource": "*"}
    assert isinstance(parse({"Statement": [row]}), BrokenPolicy)
    fixed = {"Principal" if key == "principal" else key: value for key, value in row.items()}
    assert isinstance(parse({"Statement": [fixed]}), Document)


@pytest.mark.parametrize(("written", "expected"), [("KMS:DECRYPT", True), ("\u212aMS:*", False)])
def test_a_look_alike_letter_is_no_letter_of_an_action(written, expected):
    """U+212A is the Kelvin sign, whose lower case in Unicode is the letter k."""
    assert patterns.matches(patterns.action_glob(written), "kms:decrypt") is expected


def test_a_question_mark_after_a_star_is_searched_for_not_tried_everywhere():
    glob = patterns.wild("*" + "a?" * 200 + "b")
    assert not patterns.matches(glob, "a" * 50_000)
    assert patterns.matches(patterns.wild("*x?z*"), "aaxyzbb")
    assert not patterns.matches(patterns.wild("*x?z*"), "aaxzbb")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Action", "NotAction"]),
            st.lists(
                st.sampled_from(
                    ["s3:GetObject", "S3:*", "*", "s?:Get*", "sqs:Send*", "sqs:SendMessage", "sq*"]
                ),
                min_size=1,
                max_size=2,
            ),
        ),
        min_size=20,
        max_size=30,
    ),
    st.sampled_from(["s3:getobject", "sqs:sendmessage", "iam:passrole", "s3:\ue000", "\ue000"]),
)
def test_the_index_of_a_long_policy_finds_what_reading_it_finds(rows, action):
    found = parse(doc(*({"Effect": "Allow", name: listed} for name, listed in rows)))
    assert isinstance(found, Document)
    assert found.touching(action) == tuple(r for r in found.statements if r.touches(action))
