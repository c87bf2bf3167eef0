"""S3 beside its policies: ACLs, Object Ownership, Block Public Access, access points."""

import pytest

from graph.iam.evaluate import decide
from graph.iam.request import Request
from graph.iam.resource_controls import (
    ALL_USERS,
    AUTHENTICATED_USERS,
    LOG_DELIVERY,
    AccessPoint,
    AclGrant,
    Bucket,
    PublicAccessBlock,
)
from graph.iam.s3 import in_force
from graph.iam.world import ANONYMOUS, ANY_AWS_PRINCIPAL, Outside, outside_account
from tests.iam.worlds import BUCKET, FULL, ORG, A, B, C, allow, grant, policy, user, world

OFF, ON = PublicAccessBlock(), PublicAccessBlock(True, True)
CANONICAL = {A: "canon-a", B: "canon-b"}
READER = user(FULL, name="reader", account=B)
LIST = ("s3:ListBucket", BUCKET)
GET = ("s3:GetObject", f"{BUCKET}/x")


def bucket(*acl, enabled=True, block=OFF, **more):
    return Bucket(enabled, acl, block, **more)


def decided(caller, what, settings=None, statements=(), *, account_block=OFF, **more):
    """Ask for a bucket of account A with these settings and this policy."""
    here = world(
        *([] if isinstance(caller, Outside) else [caller]),
        resource_policies={BUCKET: policy(*statements) if statements else None},
        resource_accounts={BUCKET: A},
        buckets={} if settings is None else {BUCKET: settings},
        public_access_blocks={} if account_block is None else {A: account_block},
        canonical_ids=CANONICAL,
    )
    return decide(here, Request(caller, *what, **more))


def verdict(*args, **kwargs):
    return str(decided(*args, **kwargs).answer.verdict)


# ACLs: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html


def test_a_canonical_user_in_the_acl_is_an_account():
    named = bucket(AclGrant("canon-b", "READ"))
    assert verdict(READER, LIST, named) == "yes"
    assert verdict(user(name="idle", account=B), LIST, named) == "no"
    assert verdict(READER, LIST, bucket(AclGrant("canon-c", "READ"))) == "no"
    assert verdict(Outside("canonical", arn="canon-b"), LIST, named) == "yes"


def test_a_canonical_user_that_may_be_the_caller_is_unknown():
    here = world(
        READER,
        resource_policies={BUCKET: None},
        resource_accounts={BUCKET: A},
        buckets={BUCKET: bucket(AclGrant("canon-b", "READ"))},
        public_access_blocks={A: OFF},
    )
    answer = decide(here, Request(READER, *LIST)).answer
    assert (str(answer.verdict), answer.conditions) == (
        "unknown",
        (f"not_collected:s3:canonical-id={B}",),
    )


def of_ids(ids, *acl):
    """The answer of a principal of account B about a bucket of account A."""
    here = world(
        READER,
        resource_policies={BUCKET: None},
        resource_accounts={BUCKET: A},
        buckets={BUCKET: bucket(*acl)},
        public_access_blocks={A: OFF},
        canonical_ids=ids,
    )
    answer = decide(here, Request(READER, *LIST)).answer
    return str(answer.verdict), answer.conditions


def test_an_owners_own_grant_is_nobody_elses_whatever_others_are_called():
    own = AclGrant("canon-a", "FULL_CONTROL")
    assert of_ids({A: "canon-a", B: "canon-a"}, own) == ("no", ())
    assert of_ids({A: "canon-a"}, own) == ("no", ())
    assert of_ids({A: "canon-a", B: "canon-b"}, own) == ("no", ())


def test_an_id_of_several_accounts_says_of_none_that_it_is_the_grantee():
    """Simulations give every account the same id; AWS gives each its own."""
    named = AclGrant("canon-b", "READ")
    assert of_ids({A: "canon-a", B: "canon-b"}, named) == ("yes", ())
    unclear = ("unknown", (f"not_collected:s3:canonical-id={B}",))
    assert of_ids({A: "canon-a", B: "canon-b", C: "canon-b"}, named) == unclear


@pytest.mark.parametrize(
    ("permission", "action", "resource", "expected"),
    [
        ("READ", "s3:ListBucket", BUCKET, "yes"),
        ("READ", "s3:GetObject", f"{BUCKET}/x", "no"),
        ("READ", "s3:PutObject", f"{BUCKET}/x", "no"),
        ("WRITE", "s3:PutObject", f"{BUCKET}/x", "yes"),
        ("WRITE", "s3:ListBucket", BUCKET, "no"),
        ("READ_ACP", "s3:GetBucketAcl", BUCKET, "yes"),
        ("WRITE_ACP", "s3:PutBucketAcl", BUCKET, "yes"),
        ("FULL_CONTROL", "s3:PutBucketAcl", BUCKET, "yes"),
        ("FULL_CONTROL", "s3:PutBucketPolicy", BUCKET, "no"),
    ],
)
def test_each_permission_of_an_acl(permission, action, resource, expected):
    settings = bucket(AclGrant("canon-b", permission))
    assert verdict(READER, (action, resource), settings) == expected


@pytest.mark.parametrize(
    ("group", "caller", "expected"),
    [
        (ALL_USERS, ANONYMOUS, "yes"),
        (ALL_USERS, ANY_AWS_PRINCIPAL, "yes"),
        (AUTHENTICATED_USERS, ANONYMOUS, "no"),
        (AUTHENTICATED_USERS, ANY_AWS_PRINCIPAL, "yes"),
        (AUTHENTICATED_USERS, outside_account(B), "yes"),
        (LOG_DELIVERY, ANONYMOUS, "no"),
        (LOG_DELIVERY, Outside("service", arn="logging.s3.amazonaws.com"), "yes"),
        (LOG_DELIVERY, Outside("service", arn="sns.amazonaws.com"), "no"),
    ],
)
def test_groups_of_an_acl(group, caller, expected):
    assert verdict(caller, LIST, bucket(AclGrant(group, "READ"))) == expected


def test_a_group_reaches_the_accounts_own_principals_without_their_policies():
    idle = user()
    assert verdict(idle, LIST, bucket(AclGrant(AUTHENTICATED_USERS, "READ"))) == "yes"
    assert verdict(idle, LIST, bucket(AclGrant("canon-a", "FULL_CONTROL"))) == "no"


@pytest.mark.parametrize("kind", ["bucket", "account"])
def test_ignorepublicacls_takes_groups_away_and_leaves_accounts(kind):
    ignore = PublicAccessBlock(ignore_public_acls=True)
    blocks = {"block": ignore} if kind == "bucket" else {}
    account = ignore if kind == "account" else OFF
    public = bucket(AclGrant(ALL_USERS, "READ"), **blocks)
    assert verdict(ANONYMOUS, LIST, public, account_block=account) == "no"
    named = bucket(AclGrant("canon-b", "READ"), **blocks)
    assert verdict(READER, LIST, named, account_block=account) == "yes"
    assert verdict(ANONYMOUS, LIST, bucket(AclGrant(ALL_USERS, "READ"))) == "yes"


def test_bucket_owner_enforced_turns_acls_off():
    row = AclGrant("canon-b", "READ")
    assert verdict(READER, LIST, bucket(row)) == "yes"
    assert verdict(READER, LIST, bucket(row, enabled=False)) == "no"


def test_what_was_not_read_is_a_gap_never_a_no():
    row = AclGrant(ALL_USERS, "READ")
    unread_acl = decided(READER, LIST, Bucket(True, None, OFF)).answer
    assert (str(unread_acl.verdict), unread_acl.conditions) == (
        "unknown",
        (f"not_collected:s3:acl={BUCKET}",),
    )
    unread_ownership = decided(ANONYMOUS, LIST, bucket(row, enabled=None)).answer
    assert (str(unread_ownership.verdict), unread_ownership.conditions) == (
        "conditional",
        (f"not_collected:s3:object-ownership={BUCKET}",),
    )
    for settings, account in ((bucket(row, block=None), OFF), (bucket(row), None)):
        unread_block = decided(ANONYMOUS, LIST, settings, account_block=account).answer
        assert (str(unread_block.verdict), unread_block.conditions) == (
            "conditional",
            (f"not_collected:s3:public-access-block={BUCKET}",),
        )
    assert verdict(READER, LIST, bucket(enabled=False)) == "no"


def test_object_acls_are_a_note_where_acls_are_in_force():
    note = "Object ACLs, which may admit others, are not collected."
    in_force_ = decided(READER, GET, bucket()).answer
    assert (str(in_force_.verdict), note in in_force_.evidence) == ("no", True)
    off = decided(READER, GET, bucket(enabled=False)).answer
    assert (str(off.verdict), note in off.evidence) == ("no", False)


# Block Public Access:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

PUBLIC = grant("*", "s3:GetObject", f"{BUCKET}/*")
TO_B = grant({"AWS": B}, "s3:GetObject", f"{BUCKET}/*")
IN_ORG = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": ORG}}}
RESTRICT = PublicAccessBlock(restrict_public_buckets=True)


def test_restrictpublicbuckets_cuts_a_public_policy_to_its_own_account():
    for caller, open_, cut in (
        (ANONYMOUS, "yes", "no"),
        (READER, "yes", "no"),
        (user(), "yes", "yes"),
    ):
        assert verdict(caller, GET, bucket(), [PUBLIC]) == open_
        assert verdict(caller, GET, bucket(block=RESTRICT), [PUBLIC]) == cut
        assert verdict(caller, GET, bucket(), [PUBLIC], account_block=RESTRICT) == cut
    assert decided(ANONYMOUS, GET, bucket(block=RESTRICT), [PUBLIC]).denied_by == (
        "block_public_access"
    )


def test_a_public_policy_takes_its_other_statements_with_it():
    """ "Blocks all cross-account access" to a bucket with a public policy."""
    assert verdict(READER, GET, bucket(block=RESTRICT), [TO_B]) == "yes"
    assert verdict(READER, GET, bucket(block=RESTRICT), [TO_B, PUBLIC]) == "no"
    fixed = PUBLIC | IN_ORG
    assert verdict(READER, GET, bucket(block=RESTRICT), [TO_B, fixed]) == "yes"


def test_s3s_own_word_on_a_policy_counts_before_the_rule():
    unusual = PUBLIC | {"Condition": {"StringEquals": {"aws:Referer": "x"}}}
    not_public = bucket(block=RESTRICT, called_public=False)
    assert verdict(READER, GET, not_public, [TO_B, unusual]) == "yes"
    called = bucket(block=RESTRICT, called_public=True)
    assert verdict(READER, GET, called, [TO_B, unusual]) == "no"
    unread = decided(READER, GET, bucket(block=RESTRICT), [TO_B, unusual]).answer
    assert unread.conditions == (f"not_collected:s3:bucket-policy-status={BUCKET}",)


def test_a_block_that_was_not_read_is_a_condition_of_public_policies_alone():
    for settings, account in ((Bucket(False, (), None), OFF), (bucket(), None)):
        answer = decided(ANONYMOUS, GET, settings, [PUBLIC], account_block=account).answer
        assert (str(answer.verdict), answer.conditions) == (
            "conditional",
            (f"not_collected:s3:public-access-block={BUCKET}",),
        )
        assert verdict(READER, GET, settings, [TO_B], account_block=account) == "yes"


@pytest.mark.parametrize(
    ("bucket_on", "account_on", "expected"),
    [
        (True, None, True),
        (None, True, True),
        (False, True, True),
        (False, None, None),
        (None, False, None),
        (False, False, False),
    ],
)
def test_one_level_is_enough_to_turn_a_block_on(bucket_on, account_on, expected):
    assert in_force(bucket_on, account_on) is expected


# Unsigned: https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html


def test_who_lacks_an_identity_policy_may_call_unsigned():
    idle = user(name="idle", account=B)
    answer = decided(idle, GET, bucket(), [PUBLIC]).answer
    assert str(answer.verdict) == "yes"
    assert any(text.startswith("Unsigned:") for text in answer.evidence)
    assert verdict(idle, GET, bucket(), [TO_B]) == "no"
    queue = f"arn:aws:secretsmanager:eu-west-1:{A}:secret:s-AbCdEf"
    here = world(idle, resource_policies={queue: policy(grant("*", "secretsmanager:*"))})
    signed_only = decide(here, Request(idle, "secretsmanager:GetSecretValue", queue))
    assert str(signed_only.answer.verdict) == "no"


def test_a_deny_of_the_caller_stays_the_answer_and_names_the_way_around():
    barred = user(FULL, {**allow("s3:*"), "Effect": "Deny"}, name="barred", account=B)
    decision = decided(barred, GET, bucket(), [PUBLIC])
    assert (str(decision.answer.verdict), decision.denied_by) == ("no", "identity")
    assert any("unsigned is allowed" in text for text in decision.answer.evidence)
    closed = decided(barred, GET, bucket(), [TO_B])
    assert not any("unsigned" in text for text in closed.answer.evidence)


# Access points: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html

POINT = f"arn:aws:s3:eu-west-1:{A}:accesspoint/ap"
THROUGH = ("s3:GetObject", f"{POINT}/object/x")
DELEGATED = grant(
    "*",
    "s3:*",
    [BUCKET, f"{BUCKET}/*"],
    Condition={"StringEquals": {"s3:DataAccessPointAccount": A}},
)
TO_B_THERE = grant({"AWS": B}, "s3:GetObject", f"{POINT}/object/*")


def through(caller, *, point=(TO_B_THERE,), behind=(DELEGATED,), what=THROUGH, **more):
    more.setdefault("vpc", "")
    context = more.pop("context", {})
    block = more.pop("block", OFF)
    settings = more.pop("settings", bucket())
    here = world(
        *([] if isinstance(caller, Outside) else [caller]),
        resource_policies={
            BUCKET: policy(*behind) if behind else None,
            POINT: policy(*point) if point else None,
        },
        resource_accounts={BUCKET: A, POINT: A},
        buckets={BUCKET: settings},
        public_access_blocks={A: OFF},
        access_points={POINT: AccessPoint(BUCKET, A, more["vpc"], block)},
    )
    return decide(here, Request(caller, *what, context=context))


def test_access_point_and_bucket_must_both_permit():
    assert str(through(READER).answer.verdict) == "yes"
    assert str(through(READER, point=()).answer.verdict) == "no"
    assert str(through(READER, behind=()).answer.verdict) == "no"
    other_account = {"StringEquals": {"s3:DataAccessPointAccount": B}}
    not_here = DELEGATED | {"Condition": other_account}
    assert str(through(READER, behind=(not_here,)).answer.verdict) == "no"


def test_in_the_own_account_an_identity_policy_serves_both():
    assert str(through(user(FULL), point=(), behind=()).answer.verdict) == "yes"
    only_bucket = user(allow("s3:GetObject", f"{BUCKET}/*"))
    assert str(through(only_bucket, point=(), behind=()).answer.verdict) == "no"
    only_point = user(allow("s3:GetObject", f"{POINT}/object/*"))
    assert str(through(only_point, point=(), behind=()).answer.verdict) == "yes"


def test_an_access_point_of_one_vpc_needs_that_vpc():
    answer = through(READER, vpc="vpc-1").answer
    assert (str(answer.verdict), answer.conditions) == (
        "conditional",
        ("context:aws:SourceVpc=vpc-1",),
    )
    inside = {"aws:SourceVpc": ("vpc-1",)}
    assert str(through(READER, vpc="vpc-1", context=inside).answer.verdict) == "yes"
    elsewhere = {"aws:SourceVpc": ("vpc-2",)}
    assert str(through(READER, vpc="vpc-1", context=elsewhere).answer.verdict) == "no"
    assert str(through(ANONYMOUS, vpc="vpc-1", point=(PUBLIC_POINT,)).answer.verdict) == "no"
    assert str(through(ANONYMOUS, point=(PUBLIC_POINT,)).answer.verdict) == "yes"


PUBLIC_POINT = grant("*", "s3:GetObject", f"{POINT}/object/*")


def test_an_access_points_own_block_cuts_its_public_policy():
    assert str(through(READER, point=(PUBLIC_POINT,)).answer.verdict) == "yes"
    assert str(through(READER, point=(PUBLIC_POINT,), block=ON).answer.verdict) == "no"
    assert str(through(READER, block=ON).answer.verdict) == "yes"
    unread = through(READER, point=(PUBLIC_POINT,), block=None).answer
    assert unread.conditions == (f"not_collected:s3:public-access-block={POINT}",)


def test_the_buckets_own_deny_reaches_through_the_access_point():
    denied = grant("*", "s3:GetObject", f"{BUCKET}/*") | {"Effect": "Deny"}
    assert str(through(READER, behind=(DELEGATED, denied)).answer.verdict) == "no"
    elsewhere = denied | {"Resource": "arn:aws:s3:::other/*"}
    assert str(through(READER, behind=(DELEGATED, elsewhere)).answer.verdict) == "yes"


def test_a_bucket_that_delegates_does_not_open_itself():
    direct = through(READER, what=GET)
    assert str(direct.answer.verdict) == "no"
    assert str(through(READER, what=GET, behind=(TO_B,)).answer.verdict) == "yes"


def test_an_access_point_that_was_not_collected_is_unknown():
    here = world(READER, resource_policies={BUCKET: None}, resource_accounts={BUCKET: A})
    answer = decide(here, Request(READER, *THROUGH)).answer
    assert (str(answer.verdict), answer.conditions) == (
        "unknown",
        (f"not_collected:s3:access-point={POINT}",),
    )


@pytest.mark.parametrize(
    ("action", "what"), [("s3:PutBucketAcl", BUCKET), ("s3:PutObjectAcl", f"{BUCKET}/x")]
)
def test_a_bucket_without_acls_takes_none(action, what):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html."""
    caller = user(allow(action, what))
    assert verdict(caller, (action, what), bucket(enabled=False)) == "no"
    assert verdict(caller, (action, what), bucket(enabled=True)) == "yes"
    read = action.replace("Put", "Get")
    reader = user(allow(read, what))
    assert verdict(reader, (read, what), bucket(enabled=False)) == "yes"
