"""F. Resource policies: S3 (buckets as S3's own calls describe them)."""

import pytest

from graph.iam.world import ANONYMOUS, Outside
from tests.iam.rules.builders import Lines, bucket_lines, built, decided, verdict
from tests.iam.worlds import BUCKET, FULL, A, B, allow, doc, grant, user
from tests.snapshot_files import Absent, line

S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"
BLOCK = f"{S3}/access-control-block-public-access.html"
PRIVATE_ACL = {"Owner": {"ID": "owner"}, "Grants": []}
PUBLIC_ACL = {
    "Owner": {"ID": "owner"},
    "Grants": [
        {
            "Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
            "Permission": "READ",
        }
    ],
}
ENFORCED, WRITER = (
    {"OwnershipControls": {"Rules": [{"ObjectOwnership": name}]}}
    for name in ("BucketOwnerEnforced", "ObjectWriter")
)


def _block(**flags: bool) -> dict:
    return {"PublicAccessBlockConfiguration": flags}


def _bucket(policy=None, **calls) -> Lines:
    read = {
        "get_bucket_policy": {"Policy": policy} if policy else Absent,
        "get_bucket_policy_status": Absent,
        "get_bucket_acl": PRIVATE_ACL,
        "get_public_access_block": Absent,
        "get_bucket_ownership_controls": Absent,
    }
    account = line(A, None, get_public_access_block=Absent)
    return {
        **bucket_lines(A, "data", **{**read, **calls}),
        (A, "global", "s3:account-bpa"): [account],
    }


def _asks(tmp_path, caller, lines, action="s3:GetObject", resource=f"{BUCKET}/x") -> str:
    here = built(tmp_path, lines)
    got = decided(caller, action, resource, within=here, policies={}, other_grants_seen=False)
    return str(got.answer.verdict)


LISTS_OBJECTS = allow(["s3:ListBucket", "s3:GetObject"], f"{BUCKET}/*")
LISTS_BUCKET = allow(["s3:ListBucket", "s3:GetObject"], BUCKET)


@pytest.mark.rule("33", source=f"{S3}/security_iam_service-with-iam.html")
def test_033_a_bucket_and_its_objects_are_different_resources():
    """Bucket actions are authorised against the bucket, object actions against the object."""
    assert verdict(user(LISTS_BUCKET), "s3:ListBucket", BUCKET) == "yes"
    assert verdict(user(LISTS_OBJECTS), "s3:GetObject", f"{BUCKET}/x") == "yes"


@pytest.mark.twin("33", control="the policy names the other of the two ARNs")
def test_033_twin_the_other_resource():
    assert verdict(user(LISTS_OBJECTS), "s3:ListBucket", BUCKET) == "no"
    assert verdict(user(LISTS_BUCKET), "s3:GetObject", f"{BUCKET}/x") == "no"


PUBLIC = doc(grant("*", "s3:GetObject", f"{BUCKET}/*"), grant({"AWS": B}, "s3:GetObject"))


def _restricted(tmp_path, *, on: bool) -> list[str]:
    """A public policy, asked by an unsigned caller, a named account and the own account."""
    lines = _bucket(PUBLIC, get_public_access_block=_block(RestrictPublicBuckets=on))
    callers = (ANONYMOUS, user(FULL, account=B), user(FULL))
    return [_asks(tmp_path / str(number), caller, lines) for number, caller in enumerate(callers)]


@pytest.mark.rule("33", source=BLOCK)
def test_033_restrictpublicbuckets_cuts_a_public_policy(tmp_path):
    """``RestrictPublicBuckets`` leaves of a public bucket policy what it gives to the bucket's own
    account and to AWS services.
    """
    assert _restricted(tmp_path, on=True) == ["no", "no", "yes"]


@pytest.mark.twin("33", control="RestrictPublicBuckets is off")
def test_033_twin_restrictpublicbuckets_is_off(tmp_path):
    assert _restricted(tmp_path, on=False) == ["yes", "yes", "yes"]


@pytest.mark.twin("33", control="the policy is not public")
def test_033_twin_the_policy_is_not_public(tmp_path):
    named = doc(grant({"AWS": f"arn:aws:iam::{B}:root"}, "s3:GetObject", f"{BUCKET}/*"))
    lines = _bucket(named, get_public_access_block=_block(RestrictPublicBuckets=True))
    assert _asks(tmp_path, user(FULL, account=B), lines) == "yes"


@pytest.mark.rule("33", source=BLOCK)
def test_033_services_pass_restrictpublicbuckets(tmp_path):
    """What the policy gives to an AWS service is not cut."""
    public = doc(
        grant("*", "s3:GetObject", f"{BUCKET}/*"),
        grant({"Service": "cloudtrail.amazonaws.com"}, "s3:PutObject", f"{BUCKET}/*"),
    )
    lines = _bucket(public, get_public_access_block=_block(RestrictPublicBuckets=True))
    trail = Outside("service", A, "cloudtrail.amazonaws.com")
    assert _asks(tmp_path, trail, lines, "s3:PutObject") == "yes"


def _listed(tmp_path, **calls) -> str:
    lines = _bucket(get_bucket_acl=PUBLIC_ACL, **calls)
    return _asks(tmp_path, ANONYMOUS, lines, "s3:ListBucket", BUCKET)


@pytest.mark.rule("33", source=f"{S3}/acl-overview.html")
def test_033_an_acl_is_a_way_in_of_its_own(tmp_path):
    """A bucket's ACL lets in whom it names beside the bucket's policy, unless ACLs are disabled or
    public ones ignored.
    """
    assert _listed(tmp_path, get_bucket_ownership_controls=WRITER) == "yes"


@pytest.mark.twin("33", control="Object Ownership is BucketOwnerEnforced")
def test_033_twin_acls_are_disabled(tmp_path):
    assert _listed(tmp_path, get_bucket_ownership_controls=ENFORCED) == "no"


@pytest.mark.twin("33", control="IgnorePublicAcls is on")
def test_033_twin_public_acls_are_ignored(tmp_path):
    ignored = _block(IgnorePublicAcls=True)
    controls = {"get_bucket_ownership_controls": WRITER, "get_public_access_block": ignored}
    assert _listed(tmp_path, **controls) == "no"


@pytest.mark.twin("33", control="the ACL names nobody")
def test_033_twin_a_private_acl(tmp_path):
    lines = _bucket(get_bucket_ownership_controls=WRITER)
    assert _asks(tmp_path, ANONYMOUS, lines, "s3:ListBucket", BUCKET) == "no"


POINT = f"arn:aws:s3:eu-west-1:{A}:accesspoint/ap"


def _through_point(tmp_path, *, delegates: bool) -> str:
    """A user of B reads through an access point of A whose policy names B."""
    delegation = grant(
        "*",
        "s3:*",
        [BUCKET, f"{BUCKET}/*"],
        Condition={"StringEquals": {"s3:DataAccessPointAccount": A}},
    )
    own = grant({"AWS": A}, "s3:*", [BUCKET, f"{BUCKET}/*"])
    policy = doc(delegation if delegates else own)
    item = {
        "Name": "ap",
        "NetworkOrigin": "Internet",
        "Bucket": "data",
        "BucketAccountId": A,
        "AccessPointArn": POINT,
    }
    point = line(
        POINT,
        item,
        get_access_point={**item, "PublicAccessBlockConfiguration": {}},
        get_access_point_policy={
            "Policy": doc(grant({"AWS": B}, "s3:GetObject", f"{POINT}/object/*"))
        },
        get_access_point_policy_status=Absent,
    )
    lines = {**_bucket(policy), (A, "eu-west-1", "s3:access-point"): [point]}
    return _asks(tmp_path, user(FULL, account=B), lines, resource=f"{POINT}/object/x")


@pytest.mark.rule("33", source=f"{S3}/access-points-policies.html")
def test_033_an_access_point_needs_the_bucket_behind_it(tmp_path):
    """Who comes through an access point needs its policy and the bucket's, which may leave the
    choice to the access points of an account.
    """
    assert _through_point(tmp_path, delegates=True) == "yes"


@pytest.mark.twin("33", control="the bucket's policy does not delegate to access points")
def test_033_twin_the_bucket_does_not_delegate(tmp_path):
    assert _through_point(tmp_path, delegates=False) == "no"
