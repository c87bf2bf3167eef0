"""Decoys: which locks hold, whether one is the only one, and what is none of ours to tell."""

from __future__ import annotations

import pytest

from graph.evidence import Ref, Step
from graph.judgement import Judgement
from graph.records import Node
from graph.verdict import Answer, Verdict
from queries.answers.near import locks_of, near_rows, source_label
from queries.answers.parties import Parties
from queries.answers.row import row_key

BUCKET = "arn:aws:s3:::exports"
WEB = "arn:aws:ec2:eu-west-1:111111111111:instance/i-0web"
NODES = {
    BUCKET: Node(BUCKET, ("S3Bucket",), {"resource_type": "AWS::S3::Bucket", "tags": ["pii=yes"],
                                         "account_id": "111111111111", "name": "exports"}),
    WEB: Node(WEB, ("EC2Instance",), {"resource_type": "AWS::EC2::Instance"}),
}  # fmt: skip


def step(name: str, result: str = "fail", subject: str = "x", opens: tuple[str, ...] = ()) -> Step:
    ref = Ref("accounts/1/eu-west-1/ec2/vpc.jsonl", subject, "/item")
    return Step(name, subject, result, f"{name} is {result}.", (ref,), opens=opens)


def closed(
    *steps: Step,
    question: str = "access",
    source: str = "internet",
    target: str = BUCKET,
    mechanism: str = "bucket-policy",
    verdict: str = "no",
    actions: tuple[str, ...] = ("s3:GetObject",),
    via: tuple[str, ...] = (),
) -> Judgement:
    answer = Answer(Verdict(verdict), why="It is closed.", steps=steps)
    return Judgement(question, source, target, mechanism, answer, actions=actions, via=via)


def rows(*judgements: Judgement, **more: object):
    given = {"open_keys": (), "parties": Parties(), "admin_behind": {}} | more
    return near_rows(judgements, NODES, **given)  # type: ignore[arg-type]


GRANT, BLOCK = step("bucket policy", "pass"), step("RestrictPublicBuckets")


def test_a_grant_behind_one_lock_is_near() -> None:
    (row,) = rows(closed(GRANT, BLOCK))
    assert row.verdict is Verdict.NO
    assert [lock["name"] for lock in row.own["locks"]] == ["RestrictPublicBuckets"]
    assert row.own["only_one"]
    assert row.own["if_open"]["actions"] == ["s3:GetObject"]
    assert row.own["if_open"]["severity"] == "high"


def test_what_nothing_would_open_is_not_near() -> None:
    assert rows(closed(step("bucket policy"))) == []


def test_what_is_open_is_not_near() -> None:
    key = row_key("public", BUCKET, "internet", "bucket-policy", "")
    assert rows(closed(GRANT, BLOCK), open_keys=(key,)) == []
    assert rows(closed(GRANT, BLOCK, verdict="unknown")) == []


def test_only_sources_that_public_shows_are_asked_about() -> None:
    shown = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
    for source, count in (
        ("any-aws-account", 1),
        ("any-account-via:s3", 1),
        ("cidr:64.0.0.0/7", 1),
        ("cidr:198.51.100.0/24", 0),
        ("account:999999999999", 0),
        ("org:o-1", 0),
        ("service:ec2.amazonaws.com", 0),
        ("arn:aws:iam::111111111111:role/x", 0),
        (shown, 1),
        (shown.replace("token.actions.githubusercontent.com", "login.example.com"), 0),
    ):
        assert len(rows(closed(GRANT, BLOCK, source=source))) == count, source


def test_other_questions_have_locks_of_their_own() -> None:
    assert rows(closed(GRANT, BLOCK, question="admin")) == []


def test_what_aws_keeps_shut_for_good_is_left_out() -> None:
    assert rows(closed(GRANT, BLOCK), never=lambda _: True) == []


def test_ports_of_the_only_lock_weigh() -> None:
    def severity(*steps: Step) -> str:
        (row,) = rows(
            closed(*steps, question="reach", target=WEB, mechanism="eni/ipv4", actions=())
        )
        return row.own["if_open"]["severity"]

    assert severity(step("address", opens=("tcp/6379",))) == "critical"
    assert severity(step("address", opens=("tcp/443",))) == "medium"
    assert severity(step("address", opens=("tcp/6379",)), step("return route")) == "medium"


def test_sensitive_tags_weigh() -> None:
    (row,) = rows(closed(GRANT, BLOCK), parties=Parties(sensitive_tags=frozenset({"pii"})))
    assert row.own["if_open"]["severity"] == "critical"


def test_what_stands_behind_the_lock_bounds_what_it_keeps_closed() -> None:
    def if_open(*more: Step) -> tuple[str, str]:
        (row,) = rows(closed(GRANT, BLOCK, *more))
        return row.own["if_open"]["verdict"], row.own["if_open"]["severity"]

    asleep = Step("state", "x", "conditional", "It is stopped.", code="BAD_STATE")
    assert if_open() == ("yes", "high")
    assert if_open(step("sigv4", "conditional")) == ("conditional", "medium")
    assert if_open(asleep) == ("dormant", "low")
    assert if_open(step("key policy", "unknown")) == ("unknown", "low")


def test_fewer_locks_stand_first() -> None:
    one = closed(step("address"), question="reach", target=WEB, mechanism="eni/ipv4")
    two = closed(GRANT, BLOCK, step("IgnorePublicAcls"))
    assert [row.id for row in rows(two, one)] == [WEB, BUCKET]


@pytest.mark.parametrize(
    ("steps", "names"),
    [
        ((), []),
        ((step("a", "pass"),), []),
        ((step("a"), step("b")), ["a", "b"]),
        # The same control of the same thing is one lock, of two things two.
        ((step("b", "pass"), step("a"), step("a")), ["a"]),
        ((step("b", "pass"), step("a"), step("a", subject="y")), ["a", "a"]),
        # Two ways, one after the other: the nearer one counts.
        ((step("a"), step("b"), step("a", "pass"), step("b")), ["b"]),
        ((step("a"), step("b", "pass"), step("a"), step("b")), ["a"]),
        # A way that nothing stops by itself is none that could open.
        ((step("a", "pass"), step("a"), step("b")), ["a", "b"]),
    ],
)
def test_locks_of_ways(steps: tuple[Step, ...], names: list[str]) -> None:
    locks = locks_of(steps)
    assert [one.name for one in locks.steps] == names
    assert locks.only_one is (len(names) == 1)


def test_steps_that_are_not_known_are_told_beside_the_lock() -> None:
    (row,) = rows(closed(GRANT, BLOCK, step("key policy", "unknown")))
    assert row.own["not_known"] == ["key policy"]
    assert row.own["only_one"]


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("internet", "Internet"),
        ("any-customer-of:cloudfront", "AnyCustomerOf"),
        ("self-sign-up:eu-west-1_abc", "SelfSignUp"),
        ("cidr:198.51.100.0/24", "ExternalCidr"),
        ("federated:accounts.google.com", "FederatedProvider"),
        ("arn:aws:iam::111111111111:oidc-provider/x", "FederatedProvider"),
        ("arn:aws:iam::111111111111:user/x", ""),
        ("internet-facing", ""),
    ],
)
def test_a_source_is_told_by_its_id(source: str, label: str) -> None:
    assert source_label(source) == label
