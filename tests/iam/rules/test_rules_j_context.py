"""J. Context keys."""

from collections.abc import Iterable
from typing import Any

import pytest

from graph.iam.assume import assume_answers
from graph.iam.callers import caller_of, session_of
from graph.iam.world import ANONYMOUS, Caller, IamWorld, Outside
from tests.iam.rules.builders import USER_GUIDE, verdict
from tests.iam.worlds import (
    BUCKET,
    ORG,
    A,
    B,
    allow,
    alone,
    deny,
    forbid,
    grant,
    member,
    role,
    root,
    trust,
    user,
    world,
)

KEYS = f"{USER_GUIDE}/reference_policies_condition-keys.html"
PRINCIPAL_TABLE = f"{USER_GUIDE}/reference_policies_variables.html#principaltable"
DEPUTY = f"{USER_GUIDE}/confused-deputy.html"

Row = tuple[Caller, str, str, str, str]


def _org_world(*known: Any) -> IamWorld:
    return world(*known, accounts=[member(A), alone(B)], organization=ORG)


def _opened(row: Row, value: str, effect=grant) -> str:
    """What a bucket open to everyone under one condition answers."""
    caller, operator, key, _, _ = row
    condition = {"Condition": {operator: {key: value}}}
    statements = [effect("*", "s3:GetObject", **condition)]
    if effect is forbid:
        statements.append(grant("*", "s3:GetObject"))
    known = [] if isinstance(caller, Outside) else [caller]
    return verdict(caller, within=_org_world(*known), policies={BUCKET: statements})


def _rows() -> Iterable[Row]:
    alice, app = user(tags=(("Team", "ops"),)), role(path="/svc/", trust=trust({"AWS": A}))
    run = session_of(app, "run-1")
    guest = caller_of(world(alice, root()), f"arn:aws:sts::{A}:federated-user/guest", (), alice.arn)
    kinds = (alice, "User"), (app, "AssumedRole"), (root(), "Account"), (guest, "FederatedUser")
    for caller, kind in kinds:
        yield caller, "StringEquals", "aws:PrincipalType", kind, "Anonymous"
        yield caller, "StringEquals", "aws:PrincipalAccount", A, B
        yield caller, "StringEquals", "aws:PrincipalOrgID", ORG, "o-other00000"
        yield caller, "Bool", "aws:PrincipalIsAWSService", "false", "true"
    org_paths = "ForAnyValue:StringLike", "aws:PrincipalOrgPaths"
    yield alice, *org_paths, f"{ORG}/r-ab12/*", f"{ORG}/r-ab12/ou-ab12-99999999/*"
    yield alice, "ArnEquals", "aws:PrincipalArn", alice.arn, app.arn
    yield run, "ArnEquals", "aws:PrincipalArn", app.arn, f"arn:aws:sts::{A}:assumed-role/app/run-1"
    yield root(), "ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{A}:root", alice.arn
    yield alice, "StringEquals", "aws:username", "alice", "bob"
    yield alice, "StringEquals", "aws:userid", alice.unique_id, app.unique_id
    yield run, "StringEquals", "aws:userid", f"{app.unique_id}:run-1", f"{app.unique_id}:run-2"
    yield app, "StringLike", "aws:userid", f"{app.unique_id}:*", f"{alice.unique_id}:*"
    yield root(), "StringEquals", "aws:userid", A, B
    yield guest, "StringEquals", "aws:userid", f"{A}:guest", f"{A}:alice"
    yield alice, "StringEquals", "aws:PrincipalTag/team", "ops", "dev"
    yield alice, "StringEquals", "aws:ResourceAccount", A, B
    yield alice, "StringEquals", "aws:ResourceOrgID", ORG, "o-other00000"
    yield ANONYMOUS, "StringEquals", "aws:PrincipalType", "Anonymous", "User"
    yield ANONYMOUS, "StringEquals", "aws:userid", "anonymous", A


ROWS = list(_rows())
"""Caller, operator, key, what AWS puts there, something else."""


@pytest.mark.rule("62", source=KEYS)
def test_062_what_the_snapshot_tells_of_a_call_is_known():
    """Who calls, from which account and organisation, with which tags, and whose resource it is:
    conditions on these are decided, not left open.
    """
    assert [row for row in ROWS if _opened(row, row[3]) != "yes"] == []
    assert [row for row in ROWS if _opened(row, row[3], forbid) != "no"] == []


@pytest.mark.twin("62", control="the policy asks for another value")
def test_062_twin_another_value():
    # A root user needs no Allow in its own account.
    rows = [row for row in ROWS if row[0] != root()]
    assert [row for row in rows if _opened(row, row[4]) != "no"] == []
    assert [row for row in ROWS if _opened(row, row[4], forbid) != "yes"] == []


NOT_PRESENT = [
    (role(trust=trust({"AWS": A})), "aws:username"),
    (root(), "aws:username"),
    (ANONYMOUS, "aws:username"),
    (ANONYMOUS, "aws:PrincipalArn"),
    (ANONYMOUS, "aws:PrincipalOrgID"),
    (user(), "aws:PrincipalTag/team"),
    (user(), "aws:PrincipalServiceName"),
]


@pytest.mark.rule("62", source=PRINCIPAL_TABLE)
def test_062_some_callers_lack_a_key():
    """Only users have ``aws:username``, unsigned callers have no ARN and no organisation, and a tag
    that a principal does not have is no key of its requests.
    """
    for caller, key in NOT_PRESENT:
        row = (caller, "Null", key, "true", "false")
        got = [_opened(row, value, forbid) for value in ("true", "false")]
        assert got == ["no", "yes"], key


@pytest.mark.twin("62", control="a user who has the name, the ARN, the organisation and the tag")
def test_062_twin_a_user_has_them():
    alice = user(tags=(("team", "ops"),))
    for key in ("username", "PrincipalArn", "PrincipalOrgID", "PrincipalTag/team"):
        row = (alice, "Null", f"aws:{key}", "true", "false")
        got = [_opened(row, value, forbid) for value in ("true", "false")]
        assert got == ["yes", "no"], key


def _in_org(account) -> str:
    """A user of the account where the bucket admits the organisation."""
    alice = user(allow("s3:*"))
    here = world(alice, accounts=[account, alone(B)])
    ours = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": ORG}}}
    return verdict(alice, within=here, policies={BUCKET: grant("*", "s3:*", **ours)}, owner=B)


@pytest.mark.rule("62", source=f"{KEYS}#condition-keys-principalorgid")
def test_062_the_organisation_is_a_key_of_its_members_alone():
    """``aws:PrincipalOrgID`` is part of a request only if the caller's account is in one."""
    assert _in_org(member(A)) == "yes"


@pytest.mark.twin("62", control="the caller's account is in no organisation")
def test_062_twin_no_organisation():
    assert _in_org(alone(A)) == "no"


QUEUE = f"arn:aws:sqs:eu-west-1:{A}:q"


def _tagged_queue(*tags: tuple[str, str]) -> str:
    test = {"StringEquals": {"aws:ResourceTag/Team": "ops"}}
    alice = user(allow("sqs:*", Condition=test))
    return verdict(alice, "sqs:SendMessage", QUEUE, policies={QUEUE: None}, resource_tags=tags)


@pytest.mark.rule("62", source=f"{KEYS}#condition-keys-resourcetag")
def test_062_tags_of_a_resource_that_were_read_are_known():
    """``aws:ResourceTag`` is the resource's tag where that was collected."""
    assert _tagged_queue(("team", "ops")) == "yes"


@pytest.mark.twin("62", control="the resource's tag has another value, or is missing")
def test_062_twin_other_resource_tags():
    assert [_tagged_queue(("team", "dev")), _tagged_queue()] == ["no", "no"]


def _issued(caller: Any, operator: str, value: str) -> str:
    test = {operator: {"aws:TokenIssueTime": value}}
    return verdict(caller(allow("s3:*", Condition=test)))


@pytest.mark.rule("62", source=f"{KEYS}#condition-keys-tokenissuetime")
def test_062_a_roles_session_has_a_time_of_issue():
    """``aws:TokenIssueTime`` is there with temporary credentials, which roles always have."""
    assert _issued(role, "Null", "false") == "yes"
    assert _issued(role, "Null", "true") == "no"


@pytest.mark.twin("62", control="a user calls, with long-term keys or a session")
def test_062_twin_a_user_may_have_one():
    got = [_issued(user, "Null", "false"), _issued(user, "Null", "true")]
    assert got == ["conditional", "conditional"]


@pytest.mark.rule("62", source=f"{KEYS}#condition-keys-currenttime")
def test_062_the_time_is_from_the_collection_on():
    """``aws:CurrentTime`` is the time of the collection or later."""
    test = {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
    assert verdict(user(allow("s3:*", Condition=test))) == "yes"
    assert verdict(user(allow("s3:*"), deny(Condition=test))) == "no"


@pytest.mark.twin("62", control="the date is one before which the call must be")
def test_062_twin_a_time_that_is_over():
    test = {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
    assert verdict(user(allow("s3:*", Condition=test))) == "no"
    assert verdict(user(allow("s3:*"), deny(Condition=test))) == "yes"


TOPIC = f"arn:aws:sns:eu-west-1:{A}:t"


def _for_topic(caller: Caller, operator: str = "ArnEquals", **more: Any) -> str:
    condition = {"Condition": {operator: {"aws:SourceArn": TOPIC}}}
    named = {"AWS": caller.arn} if caller.kind != "service" else {"Service": caller.arn}
    return verdict(
        caller,
        "sqs:SendMessage",
        QUEUE,
        within=world(*([] if isinstance(caller, Outside) else [caller])),
        policies={QUEUE: grant(named, "sqs:SendMessage", **condition)},
        **more,
    )


@pytest.mark.rule("65", source=f"{KEYS}#condition-keys-sourcearn")
def test_065_a_direct_call_has_no_source_arn():
    """``aws:SourceArn`` and its kin are there only when a service calls for a resource: a principal
    who calls directly does not meet a condition on them.
    """
    assert _for_topic(user()) == "no"
    for key in ("aws:SourceAccount", "aws:SourceOrgID"):
        assert verdict(user(allow("s3:*", Condition={"StringLike": {key: "*"}}))) == "no", key


@pytest.mark.twin("65", control="the service calls, for that resource")
def test_065_twin_the_service_calls():
    sns = Outside("service", A, "sns.amazonaws.com")
    assert _for_topic(sns, context={"aws:SourceArn": (TOPIC,)}) == "yes"
    assert _for_topic(sns, context={"aws:SourceArn": (f"{TOPIC}2",)}) == "no"


@pytest.mark.twin("65", control="the condition holds where the key is missing")
def test_065_twin_if_exists():
    assert _for_topic(user(), "ArnEqualsIfExists") == "yes"


def _assumers(principal: dict[str, str], **more: Any) -> dict[str, str]:
    alice = user(allow("sts:AssumeRole"))
    target = role(trust=trust(principal, **more))
    rows = assume_answers(world(alice, target), target.arn)
    return {row.source: row.kind for row in rows}


@pytest.mark.rule("65", source=DEPUTY)
def test_065_trust_in_a_service_is_not_trust_in_accounts():
    """A role that trusts a service is assumed by that service, not by whoever uses the service from
    another account.
    """
    config = {"Service": "config.amazonaws.com"}
    assert _assumers(config) == {"service:config.amazonaws.com": "service"}


@pytest.mark.twin("65", control="the trust names the account instead of the service")
def test_065_twin_trust_in_an_account():
    assert _assumers({"AWS": A}) == {user().arn: "principal"}
