"""H. Actions and resources."""

import pytest

from graph.iam.admin import admin_answer
from graph.iam.evaluate import decide_all
from graph.iam.request import Request
from graph.iam.world import Principal
from tests.iam.rules.builders import USER_GUIDE, decided, verdict
from tests.iam.worlds import BUCKET, FULL, A, allow, alone, deny, role, trust, user, world

ACTION = f"{USER_GUIDE}/reference_policies_elements_action.html"
NOT_ACTION = f"{USER_GUIDE}/reference_policies_elements_notaction.html"
RESOURCE = f"{USER_GUIDE}/reference_policies_elements_resource.html"
NOT_RESOURCE = f"{USER_GUIDE}/reference_policies_elements_notresource.html"
OPERATORS = f"{USER_GUIDE}/reference_policies_elements_condition_operators.html"
REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference"
QUEUE = f"arn:aws:sqs:eu-west-1:{A}:q"


def _asks(statement, action="s3:GetObject", resource=f"{BUCKET}/x", **more) -> str:
    return verdict(user(statement), action, resource, **more)


MATCHING = ["S3:getobject", "s3:GET*", "s3:*Object", "s3:G?tObject", "s?:GetObject", "s3:*", "*"]
OTHERS = ["s3:PutObject", "s3:Put*", "s3:*Objects", "s3:G?GetObject", "s:GetObject", "sqs:*", "s3"]


@pytest.mark.rule("46", source=ACTION)
def test_046_actions_match_without_case_and_with_wildcards():
    """Service prefix and name of an action are compared without case; ``*`` stands for any number
    of characters and ``?`` for one, anywhere.
    """
    assert {one: _asks(allow(one)) for one in MATCHING} == dict.fromkeys(MATCHING, "yes")
    assert _asks(allow(["sqs:SendMessage", "s3:getObject"])) == "yes"


@pytest.mark.twin("46", control="the pattern leaves the action out")
def test_046_twin_patterns_of_other_actions():
    assert {one: _asks(allow(one)) for one in OTHERS} == dict.fromkeys(OTHERS, "no")


def _not_action(effect, *names) -> dict:
    return {"Effect": effect, "NotAction": list(names), "Resource": "*"}


@pytest.mark.rule("46", source=NOT_ACTION)
def test_046_notaction_is_every_other_action_of_every_service():
    """``NotAction`` meets every action but those that it lists, in all services."""
    others = _not_action("Allow", "IAM:*", "s3:Delete*")
    assert _asks(others) == "yes"
    assert _asks(others, "sqs:SendMessage", QUEUE, policies={QUEUE: None}) == "yes"
    alice = user(FULL, _not_action("Deny", "iam:*"))
    assert verdict(alice) == "no"


@pytest.mark.twin("46", control="NotAction lists the action")
def test_046_twin_notaction_lists_it():
    assert _asks(_not_action("Allow", "iam:*", "S3:get*")) == "no"
    assert verdict(user(FULL, _not_action("Deny", "s3:*"))) == "yes"


WRITTEN = [
    (f"{BUCKET}/*", f"{BUCKET}/a/b"),
    (f"{BUCKET}/*", f"{BUCKET}/a:b/c:d"),
    (f"{BUCKET}/?", f"{BUCKET}/x"),
    (f"{BUCKET}/*/x*", f"{BUCKET}/a/b/x/y"),
    ("arn:aws:s3:::d*/x", f"{BUCKET}/x"),
    ("*", f"{BUCKET}/x"),
    (f"arn:aws:sqs:*:{A}:q", QUEUE),
    ("arn:aws:sqs:eu-*-?:*:*", QUEUE),
]
ELSEWHERE = [
    (f"{BUCKET}/*", "arn:aws:s3:::data2/a/b"),
    (f"{BUCKET}/*", BUCKET),
    (f"{BUCKET}/?", f"{BUCKET}/xy"),
    (f"{BUCKET}/*/x*", f"{BUCKET}/x/y"),
    ("arn:aws:s3:::D*/x", f"{BUCKET}/x"),
    (BUCKET, f"{BUCKET}/x"),
    (f"arn:aws:sqs:*:{A}:q", f"arn:aws:sqs:eu-west-1:{A}:Q"),
    ("arn:aws:sqs:eu-*-?:*:*", f"arn:aws:sqs:us-east-1:{A}:q"),
]


def _on(written: str, asked: str) -> str:
    action = "sqs:SendMessage" if ":sqs:" in asked else "s3:*"
    policies = {asked: None, BUCKET: None}
    return verdict(user(allow("*", written)), action, asked, policies=policies)


@pytest.mark.rule("47", source=RESOURCE)
def test_047_resources_match_with_case_and_wildcards():
    """An ARN is compared with case; ``*`` and ``?`` stand for characters within it, slashes
    included.
    """
    assert {row: _on(*row) for row in WRITTEN} == dict.fromkeys(WRITTEN, "yes")


@pytest.mark.twin("47", control="the resource's name differs in one place from the pattern")
def test_047_twin_other_resources():
    assert {row: _on(*row) for row in ELSEWHERE} == dict.fromkeys(ELSEWHERE, "no")


GROUP = f"arn:aws:logs:eu-west-1:{A}:log-group:app:log-stream:one"
WILDCARDS = f"{RESOURCE}#reference_policies_elements_resource_wildcards"


def _reads(written: str) -> str:
    return _asks(allow("logs:*", written), "logs:GetLogEvents", GROUP, policies={GROUP: None})


@pytest.mark.rule("47", source=WILDCARDS)
def test_047_a_star_at_the_end_of_a_segment_goes_on_behind_the_colon():
    """A ``*`` that ends a segment of the ARN may stand for text beyond the next colon."""
    assert _reads("arn:aws:logs:*:log-group:app:*") == "yes"
    assert _reads("arn:aws:logs:*") == "yes"


@pytest.mark.twin("47", control="what follows the star is in another place of the ARN")
def test_047_twin_another_group_behind_the_star():
    assert _reads("arn:aws:logs:*:log-group:web:*") == "no"
    assert _reads("arn:aws:log:*") == "no"


@pytest.mark.rule("47", source=f"{USER_GUIDE}/reference-arns.html")
def test_047_an_incomplete_arn_is_filled_up_with_stars():
    """In an identity policy an ARN with fewer than six fields is taken as if every missing field
    were ``*``.
    """
    for written in ("arn:aws:logs", "arn:aws:logs:eu-west-1", f"arn:aws:logs:eu-west-1:{A}"):
        assert _reads(written) == "yes", written


@pytest.mark.twin("47", control="the last field that is there is that of another region or account")
def test_047_twin_incomplete_arns_of_elsewhere():
    for written in ("arn:aws:sqs", "arn:aws:logs:us-east-1", "arn:aws:logs:eu-west-1:999999999999"):
        assert _reads(written) == "no", written


@pytest.mark.parametrize(
    ("written", "expected"),
    [("arn:aws:iam", "yes"), (f"arn:aws:iam::{A}", "yes"), ("arn:aws:sqs", "no")],
)
def test_an_incomplete_arn_makes_an_admin_as_a_whole_one_does(written, expected):
    alice = user(allow(["iam:*", "sts:AssumeRole"], written))
    here = world(alice, role(name="target", trust=trust({"AWS": A})))
    assert str(admin_answer(here, alice.arn, A).answer.verdict) == expected


def _not_resource(effect, *arns) -> dict:
    return {"Effect": effect, "Action": "*", "NotResource": list(arns)}


@pytest.mark.rule("48", source=NOT_RESOURCE)
def test_048_notresource_is_every_other_resource_of_every_service():
    """``NotResource`` meets every resource but those that it lists, of all services, and what is
    about no resource in particular too.
    """
    others = _not_resource("Allow", "arn:aws:s3:::secret", "arn:aws:s3:::secret/*")
    asked = [("s3:GetObject", f"{BUCKET}/x"), ("sqs:SendMessage", QUEUE)]
    asked += [("s3:ListAllMyBuckets", "*"), ("ec2:DescribeInstances", "*")]
    got = [_asks(others, *one, policies={QUEUE: None, BUCKET: None}) for one in asked]
    assert got == ["yes"] * 4
    assert verdict(user(FULL, _not_resource("Deny", "arn:aws:s3:::secret/*"))) == "no"


@pytest.mark.twin("48", control="NotResource lists the resource")
def test_048_twin_notresource_lists_it():
    assert _asks(_not_resource("Allow", f"{BUCKET}/*")) == "no"
    assert _asks(_not_resource("Allow", "*"), "ec2:DescribeInstances", "*") == "no"
    assert verdict(user(FULL, _not_resource("Deny", f"{BUCKET}/*"))) == "yes"


INSTANCES = "arn:aws:ec2:*:*:instance/*"
ONE_INSTANCE = f"arn:aws:ec2:eu-west-1:{A}:instance/i-0123456789abcdef0"


@pytest.mark.rule("49", source=RESOURCE)
def test_049_actions_without_resources_need_a_star():
    """An action that cannot be limited to single resources is allowed only where ``Resource`` is
    ``*``.
    """
    assert _asks(allow("ec2:DescribeInstances", INSTANCES), "ec2:DescribeInstances", "*") == "no"
    assert _asks(allow("iam:ListUsers", f"arn:aws:iam::{A}:u*"), "iam:ListUsers", "*") == "no"


@pytest.mark.twin("49", control="Resource is *")
def test_049_twin_a_star():
    assert _asks(allow("ec2:DescribeInstances"), "ec2:DescribeInstances", "*") == "yes"
    assert _asks(allow("ec2:Describe*"), "ec2:DescribeInstances", ONE_INSTANCE) == "yes"


@pytest.mark.twin("49", control="the action can be limited to single resources")
def test_049_twin_an_action_with_resources():
    assert _asks(allow("ec2:StopInstances", INSTANCES), "ec2:StopInstances", ONE_INSTANCE) == "yes"


@pytest.mark.rule("49", source=f"{OPERATORS}#Conditions_String")
def test_049_a_denied_resource_does_not_stop_an_action_without_one():
    """A Deny on single resources leaves an action alone that is not about single resources."""
    alice = user(FULL, deny("ec2:DescribeInstances", INSTANCES))
    assert verdict(alice, "ec2:DescribeInstances", "*") == "yes"


@pytest.mark.twin("49", control="the Deny is on *")
def test_049_twin_a_denied_star():
    alice = user(FULL, deny("ec2:DescribeInstances"))
    assert verdict(alice, "ec2:DescribeInstances", "*") == "no"


@pytest.mark.rule("49", source=f"{OPERATORS}#Conditions_String")
def test_049_s3_lists_buckets_where_all_buckets_are_named():
    """AWS's own example lets a user list the account's buckets by ``arn:aws:s3:::*``."""
    all_buckets = allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")
    assert _asks(all_buckets, "s3:ListAllMyBuckets", "*") == "yes"


@pytest.mark.twin("49", control="one bucket is named instead of all")
def test_049_twin_one_bucket():
    assert _asks(allow("s3:ListAllMyBuckets", BUCKET), "s3:ListAllMyBuckets", "*") == "no"


IMAGE = "arn:aws:ec2:eu-west-1::image/ami-0123456789abcdef0"
LAUNCH = {
    "image": IMAGE,
    "instance": f"arn:aws:ec2:eu-west-1:{A}:instance/*",
    "network-interface": f"arn:aws:ec2:eu-west-1:{A}:network-interface/*",
    "security-group": f"arn:aws:ec2:eu-west-1:{A}:security-group/sg-0123456789abcdef0",
    "subnet": f"arn:aws:ec2:eu-west-1:{A}:subnet/subnet-0123456789abcdef0",
    "volume": f"arn:aws:ec2:eu-west-1:{A}:volume/*",
}


def _launch(caller: Principal) -> str:
    here = world(caller, accounts=[alone(A)])
    request = Request(caller, "ec2:RunInstances", IMAGE, A, resource_policy=None)
    return str(decide_all(here, request, LAUNCH).answer.verdict)


def _starts(*types: str) -> Principal:
    return user(allow("ec2:RunInstances", [f"arn:aws:ec2:*:*:{one}/*" for one in types]))


@pytest.mark.rule("50", source=f"{REFERENCE}/list_amazonec2.html")
def test_050_every_resource_of_a_call_must_be_allowed():
    """A call that is about several resources at once needs all of them allowed."""
    assert _launch(_starts(*LAUNCH)) == "yes"
    nothing_launched = deny("ec2:RunInstances", "arn:aws:ec2:*:*:subnet/*")
    assert _launch(user(FULL, nothing_launched)) == "no"


@pytest.mark.twin("50", control="one of the resources is left out of the Allow")
def test_050_twin_one_is_missing():
    for left_out in LAUNCH:
        some = [one for one in LAUNCH if one != left_out]
        assert _launch(_starts(*some)) == "no", left_out


@pytest.mark.twin("50", control="the Deny is of a resource that the call is not about")
def test_050_twin_a_deny_of_something_else():
    assert _launch(user(FULL, deny("ec2:RunInstances", "arn:aws:ec2:*:*:key-pair/*"))) == "yes"


def _some(*statements, resource=f"{BUCKET}/logs/*") -> str:
    return verdict(user(*statements), resource=resource, pattern=True)


@pytest.mark.rule("51", source=RESOURCE)
def test_051_of_many_objects_some_is_enough():
    """A question about "any object under a prefix" is answered yes where one of them is allowed,
    and a Deny counts against it only where it takes all of them.
    """
    assert _some(allow("s3:GetObject", f"{BUCKET}/logs/2026/*")) == "yes"
    assert _some(allow("s3:GetObject", f"{BUCKET}/*/2026")) == "yes"
    assert _some(allow("s3:GetObject"), deny("s3:*", f"{BUCKET}/logs/secret/*")) == "yes"


@pytest.mark.twin("51", control="what is allowed lies under another prefix")
def test_051_twin_nothing_in_common():
    assert _some(allow("s3:GetObject", f"{BUCKET}/web/*")) == "no"
    assert _some(allow("s3:GetObject", f"{BUCKET}/log")) == "no"


@pytest.mark.twin("51", control="the Deny takes the whole prefix")
def test_051_twin_a_deny_of_all_of_them():
    assert _some(allow("s3:GetObject"), deny("s3:*", f"{BUCKET}/l*")) == "no"


@pytest.mark.rule("51", source=RESOURCE)
def test_051_a_deny_of_a_part_is_told():
    """Where a Deny takes a part of what is asked, the answer says so."""
    alice = user(allow("s3:GetObject"), deny("s3:*", f"{BUCKET}/logs/secret/*"))
    got = decided(alice, resource=f"{BUCKET}/logs/*", pattern=True)
    assert [row.partial for row in got.statements if row.effect == "Deny"] == [True]


@pytest.mark.twin("51", control="the Deny lies under another prefix")
def test_051_twin_a_deny_of_something_else():
    alice = user(allow("s3:GetObject"), deny("s3:*", f"{BUCKET}/web/*"))
    got = decided(alice, resource=f"{BUCKET}/logs/*", pattern=True)
    assert [row.partial for row in got.statements if row.effect == "Deny"] == []
