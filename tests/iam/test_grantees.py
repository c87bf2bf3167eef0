"""Who of an account may do what is asked, by default: everyone that asking one by one finds."""

from dataclasses import replace

import pytest

from graph.iam.evaluate import evaluate
from graph.iam.grantees import grantees
from graph.iam.request import Request, Side
from graph.iam.resource_controls import ALL_USERS, AclGrant, Bucket, PublicAccessBlock
from tests.iam.worlds import BUCKET, A, B, allow, grant, policy, role, user, world

INSTANCE = f"arn:aws:ec2:eu-west-1:{A}:subnet/subnet-1"
READ, KEY = "s3:GetObject", f"{BUCKET}/x"
LIST = "s3:ListBucket"


def asked_each(here, account, request):
    """Whom asking one by one finds."""
    return {
        one.arn
        for one in here.by_account.get(account, ())
        if evaluate(here, replace(request, principal=one)).verdict != "no"
    }


def found(here, account, request, **more):
    return {arn for row in grantees(here, account, request, **more) for arn in row.members}


def buckets(*principals, bucket_policy=None, acl=()):
    return world(
        *principals,
        resource_policies={BUCKET: bucket_policy},
        resource_accounts={BUCKET: A},
        buckets={BUCKET: Bucket(acls_enabled=True, acl=acl, block=PublicAccessBlock())},
        public_access_blocks={A: PublicAccessBlock()},
    )


ALICE, BOB = user(name="alice"), user(name="bob")
FAR = user(name="far", account=B)


@pytest.mark.parametrize(
    ("principal", "own", "other"),
    [
        ({"AWS": ALICE.arn}, {ALICE.arn}, set()),
        ({"AWS": "*"}, {ALICE.arn, BOB.arn}, {FAR.arn}),
        ({"AWS": A}, set(), set()),
    ],
)
def test_whom_the_resource_policy_alone_names_is_found(principal, own, other):
    here = buckets(ALICE, BOB, FAR, bucket_policy=policy(grant(principal, READ, f"{BUCKET}/*")))
    request = Request(ALICE, READ, KEY)
    assert found(here, A, request) == asked_each(here, A, request) == own
    assert found(here, B, request) == asked_each(here, B, request) == other


def test_no_policy_admits_nobody():
    here = buckets(ALICE, BOB, FAR)
    request = Request(ALICE, READ, KEY)
    assert found(here, A, request) == found(here, B, request) == set()


def test_an_acl_of_everyone_admits_everyone_and_its_twin_nobody():
    request = Request(ALICE, LIST, BUCKET)
    here = buckets(ALICE, BOB, FAR, acl=(AclGrant(ALL_USERS, "READ"),))
    assert found(here, A, request) == asked_each(here, A, request) == {ALICE.arn, BOB.arn}
    assert found(here, B, request) == asked_each(here, B, request) == {FAR.arn}
    assert found(buckets(ALICE, BOB), A, request) == set()


def test_a_policy_that_was_not_read_may_admit_anyone_of_its_account():
    here = world(ALICE, BOB, FAR, resource_accounts={BUCKET: A})
    request = Request(ALICE, READ, KEY, resource_policy=Side.NOT_COLLECTED)
    assert found(here, A, request) == asked_each(here, A, request) == {ALICE.arn, BOB.arn}
    assert found(here, A, request, by_statement=True) == set()
    read = replace(request, resource_policy=None)
    assert found(here, A, read) == set()


@pytest.mark.parametrize("shared", [True, False])
def test_a_share_with_one_of_two_alike_is_not_the_others(shared):
    one = role(allow("ec2:*"), name="one", account=B)
    other = role(allow("ec2:*"), name="other", account=B)
    here = world(
        one,
        other,
        shares={INSTANCE: (one.arn,)} if shared else {},
        shares_read=frozenset({f"{A}/eu-west-1"}),
    )
    request = Request(one, "ec2:ModifySubnetAttribute", INSTANCE)
    assert found(here, B, request) == asked_each(here, B, request)
    assert found(here, B, request) == ({one.arn} if shared else set())


def test_what_an_unsigned_call_gets_is_left_out_of_what_statements_give():
    here = buckets(ALICE, FAR, bucket_policy=policy(grant("*", READ, f"{BUCKET}/*")))
    request = Request(ALICE, READ, KEY)
    assert found(here, B, request) == {FAR.arn}
    assert found(here, B, request, by_statement=True) == set()
    assert found(here, A, request, by_statement=True) == {ALICE.arn}
