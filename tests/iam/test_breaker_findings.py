"""Wrong verdicts that an independent review found, each with its twin."""

import json
from dataclasses import replace

import pytest

from graph.iam.callers import UnknownCallerError, caller_of
from graph.iam.evaluate import decide
from graph.iam.federated_sources import federated
from graph.iam.from_snapshot import from_snapshot
from graph.iam.grantees import grantees
from graph.iam.identity_sources import IdentitySources, Provider
from graph.iam.request import Request
from graph.iam.world import ANONYMOUS, Outside, outside_account
from graph.verdict import Verdict
from tests.iam.worlds import (
    A,
    B,
    C,
    allow,
    alone,
    deny,
    doc,
    forbid,
    grant,
    member,
    policy,
    role,
    root,
    user,
    world,
)
from tests.snapshot_files import line, write_snapshot

RUN = "ec2:RunInstances"
INSTANCES = "arn:aws:ec2:*:*:instance/*"
TYPES = ("instance", "subnet", "volume", "network-interface", "security-group")
EVERY_TYPE = [*(f"arn:aws:ec2:*:*:{kind}/*" for kind in TYPES), "arn:aws:ec2:*::image/*"]


def verdict(caller, action, resource, *others, context=None, pattern=False, **facts):
    here = world(*(one for one in (caller, *others) if hasattr(one, "policies")), **facts)
    request = Request(caller, action, resource, context=context or {}, pattern=pattern)
    return str(decide(here, request).answer.verdict)


# Calls that need several types of resources: "*" is as any of them


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow(RUN)], "yes"),
        ([allow(RUN, INSTANCES)], "no"),
        ([allow(RUN, EVERY_TYPE)], "yes"),
        ([allow(RUN, EVERY_TYPE[:-1])], "no"),
        ([allow(RUN), deny(RUN, "arn:aws:ec2:*:*:subnet/*")], "no"),
        ([allow(RUN), deny(RUN, "arn:aws:ec2:*:*:snapshot/*")], "yes"),
        ([allow(RUN), {"Effect": "Deny", "Action": RUN, "NotResource": INSTANCES}], "no"),
    ],
)
def test_a_call_of_several_types_on_any_resource(statements, expected):
    alice = user(*statements)
    assert verdict(alice, RUN, "*") == expected
    instance = f"arn:aws:ec2:eu-west-1:{A}:instance/*"
    assert verdict(alice, RUN, instance, pattern=True) == expected


# Session tags and source identity: keys that need a permission of their own

ASSUME, TAG, NAME = "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"
TEAM = {"StringEquals": {"aws:RequestTag/team": "x"}}


def tagged(principal, *more, when=TEAM):
    """A role whose trust policy lets assume under a condition, and more without."""
    rows = [grant({"AWS": principal}, ASSUME, Condition=when)]
    rows += [grant({"AWS": principal}, action) for action in more]
    for row in rows:
        del row["Resource"]
    return role(name="target", trust=policy(*rows, name="trust policy"))


@pytest.mark.parametrize(
    ("key", "needs", "other"),
    [
        ("aws:RequestTag/team", TAG, NAME),
        ("aws:TagKeys", TAG, NAME),
        ("sts:TransitiveTagKeys", TAG, NAME),
        ("sts:SourceIdentity", NAME, TAG),
    ],
)
def test_the_trust_policy_must_allow_to_send_what_it_asks_for(key, needs, other):
    alice = user(allow("sts:*"))
    for caller in (alice, outside_account(C)):
        named = alice.arn if caller is alice else C
        when = {"ForAnyValue:StringEquals": {key: "x"}}
        for more, expected in [(needs, False), (other, True)]:
            target = tagged(named, more, when=when)
            here = (target, alice) if caller is not alice else (target,)
            assert (verdict(caller, ASSUME, target.arn, *here) == "no") is expected


@pytest.mark.parametrize(
    ("own", "account", "named", "expected"),
    [
        ([ASSUME], A, "direct", False),
        ([ASSUME], A, "account", True),
        ([ASSUME, TAG], A, "account", False),
        ([ASSUME], B, "direct", True),
        ([ASSUME, TAG], B, "direct", False),
        ([ASSUME, NAME], B, "direct", True),
    ],
)
def test_the_caller_must_be_allowed_to_tag_its_session(own, account, named, expected):
    alice = user(allow(own), account=account)
    target = tagged(alice.arn if named == "direct" else account, TAG)
    assert (verdict(alice, ASSUME, target.arn, target) == "no") is expected


def test_a_test_for_the_absence_of_a_tag_is_met_without_the_permission():
    alice = user(allow(ASSUME))
    for absent, expected in (("true", "yes"), ("false", "no")):
        target = tagged(alice.arn, when={"Null": {"aws:RequestTag/team": absent}})
        assert verdict(alice, ASSUME, target.arn, target) == expected


def test_who_may_tag_is_not_judged_with_who_may_not():
    tagging = user(allow([ASSUME, TAG]), name="tagging")
    plain = user(allow([ASSUME, NAME]), name="plain")
    target = tagged(A, TAG)
    here = world(tagging, plain, target)
    rows = grantees(here, A, Request(target, ASSUME, target.arn, A))
    assert {arn for row in rows for arn in row.members} == {tagging.arn}


# A resource policy that was not read


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:GetObject", "arn:aws:s3:::data/x", "unknown"),
        ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{A}:q", "unknown"),
        ("sns:Publish", f"arn:aws:sns:eu-west-1:{A}:t", "unknown"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{A}:secret:s", "no"),
    ],
)
def test_an_unread_policy_may_admit_everyone_unsigned(action, resource, expected):
    bob = user(name="bob", account=B)
    owners = {"arn:aws:s3:::data": A}
    for caller in (bob, ANONYMOUS):
        assert verdict(caller, action, resource, resource_accounts=owners) == expected
    known = {resource: None, "arn:aws:s3:::data": None}
    facts = {"resource_accounts": owners, "resource_policies": known}
    if not resource.startswith("arn:aws:s3"):  # the ACL of a bucket was not read here either
        assert verdict(bob, action, resource, **facts) == "no"


def test_a_deny_of_ones_own_stays_the_answer_though_the_policy_was_not_read():
    bob = user(deny("sqs:*"), name="bob", account=B)
    assert verdict(bob, "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{A}:q") == "no"


# Identity providers are of the role's own account

WEB = "sts:AssumeRoleWithWebIdentity"
ISSUER = "token.actions.githubusercontent.com"


@pytest.mark.parametrize("kind", ["oidc", "saml"])
def test_a_provider_of_another_account_vouches_for_nobody(kind):
    action = WEB if kind == "oidc" else "sts:AssumeRoleWithSAML"
    for account, expected in ((A, False), (B, True)):
        provider = f"arn:aws:iam::{account}:{kind}-provider/{ISSUER}"
        row = grant({"Federated": provider}, action)
        del row["Resource"]
        target = role(name="target", trust=policy(row, name="trust policy"))
        here = world(target)
        decision = decide(here, Request(Outside("federated", "", provider), action, target.arn))
        assert (decision.answer.verdict is Verdict.NO) is expected
        assert (f"provider of {B}" in decision.answer.why) is expected
        assert (not list(federated(here, target))) is expected


# A key always has a policy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "unknown"),
        ("", "unknown"),
        (json.dumps(doc(grant({"AWS": B}, "kms:*"))), "no"),
        (json.dumps(doc(grant({"AWS": A}, "kms:*"))), "yes"),
    ],
)
def test_an_empty_key_policy_was_not_read(tmp_path, text, expected):
    key = f"arn:aws:kms:eu-west-1:{A}:key/k"
    row = line(key, {}, get_key_policy={"Policy": text}, list_grants={"Grants": []})
    folder = write_snapshot(tmp_path, {(A, "eu-west-1", "kms:key"): [row]}, [])
    read = from_snapshot(folder)
    here = replace(read, accounts={A: alone(A)})
    alice = user(allow("kms:*"))
    assert str(decide(here, Request(alice, "kms:Decrypt", key)).answer.verdict) == expected


# The root user and its own bucket's policy


@pytest.mark.parametrize("name", ["GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"])
def test_a_bucket_policy_does_not_lock_its_root_user_out(name):
    bucket = "arn:aws:s3:::data"
    locked = {bucket: policy(forbid("*", "s3:*"))}
    facts = {"resource_policies": locked, "resource_accounts": {bucket: A}}
    assert verdict(root(A), f"s3:{name}", bucket, **facts) == "yes"
    assert verdict(root(A), "s3:PutBucketAcl", bucket, **facts) == "no"
    assert verdict(user(allow("s3:*")), f"s3:{name}", bucket, **facts) == "no"
    assert verdict(root(B), f"s3:{name}", bucket, **facts) == "no"


def test_a_resource_control_policy_locks_the_root_user_out():
    bucket = "arn:aws:s3:::data"
    for rcps, expected in (((policy(forbid("*", "s3:*")),), "no"), ((), "yes")):
        facts = {"resource_policies": {bucket: None}, "resource_accounts": {bucket: A}}
        above = [member(A, rcps=rcps)]
        assert verdict(root(A), "s3:PutBucketPolicy", bucket, accounts=above, **facts) == expected


# Identity providers by their issuer


def with_providers(*accounts):
    arns = [f"arn:aws:iam::{account}:oidc-provider/{ISSUER}" for account in accounts]
    found = IdentitySources(providers={arn: Provider(arn) for arn in arns})
    return world(identity_sources=found), arns


@pytest.mark.parametrize("form", ["{}", "https://{}", "https://{}/", "{}/"])
def test_a_provider_by_its_issuer(form):
    here, arns = with_providers(A)
    assert caller_of(here, f"federated:{form.format(ISSUER)}") == Outside("federated", "", arns[0])


def test_an_issuer_of_no_provider_or_of_several_is_refused():
    here, arns = with_providers(A, B)
    with pytest.raises(UnknownCallerError) as several:
        caller_of(here, f"federated:{ISSUER}")
    assert list(several.value.nearest) == arns
    with pytest.raises(UnknownCallerError) as mistyped:
        caller_of(here, "federated:token.action.githubusercontent.com")
    assert list(mistyped.value.nearest) == arns


def test_a_provider_that_trust_policies_know_by_name_needs_none_collected():
    assert caller_of(world(), "federated:https://accounts.google.com").arn == "accounts.google.com"


def test_a_provider_that_only_a_trust_policy_names():
    provider = f"arn:aws:iam::{A}:oidc-provider/{ISSUER}"
    row = grant({"Federated": provider}, WEB)
    here = world(role(trust=policy(row, name="trust policy")))
    assert caller_of(here, f"federated:{ISSUER}").arn == provider
    with pytest.raises(UnknownCallerError):
        caller_of(world(role()), f"federated:{ISSUER}")
