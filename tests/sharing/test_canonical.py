"""Canonical user ids in policies and ACLs: whose they are, each case beside its twin.

* https://docs.aws.amazon.com/AmazonS3/latest/userguide/finding-canonical-user-id.html
* https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing.s3 import bucket_judgements
from sharing.s3_world import BUCKET, OTHER, SECOND, allow, bucket_line, policy
from snapshot_files import ACCOUNT, Absent, line, write_snapshot

OURS, THEIRS, NOBODYS = "a" * 64, "b" * 64, "c" * 64
IDENTITY = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"


def sources(
    folder: Path, principal: Any, identity_of: str = "", grants: Any = (), enforced: bool = True
) -> set[str]:
    """Who gets into a bucket of an account beside another collected one."""
    calls = {
        "get_bucket_policy": policy(allow(principal, f"{BUCKET}/*")) if principal else Absent,
        "get_bucket_acl": {"Owner": {"ID": OURS}, "Grants": list(grants)},
    }
    if not enforced:
        calls["get_bucket_ownership_controls"] = Absent
    other = bucket_line(SECOND, get_bucket_acl={"Owner": {"ID": THEIRS}, "Grants": []})
    lines = {
        (ACCOUNT, "global", "s3:bucket"): [bucket_line(**calls)],
        (OTHER, "global", "s3:bucket"): [other],
    }
    if identity_of:
        item = {"Id": "E1", "S3CanonicalUserId": NOBODYS}
        arn = f"arn:aws:cloudfront::{identity_of}:origin-access-identity/E1"
        lines[identity_of, "global", "cloudfront:origin-access-identity"] = [line(arn, item)]
    snapshot = write_snapshot(folder, lines)
    return {
        one.source
        for one in bucket_judgements(snapshot, from_snapshot(snapshot))
        if one.target == BUCKET and one.mechanism in ("bucket-policy", "bucket-acl")
        if one.answer.verdict in ("yes", "conditional")
    }


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (OURS, set()),
        (THEIRS, {f"account:{OTHER}"}),
        (NOBODYS, {f"canonical:{NOBODYS}"}),
    ],
    ids=["ours", "theirs", "nobodys"],
)
def test_a_canonical_user_is_the_account_that_owns_buckets_by_it(
    tmp_path: Path, user: str, expected: set[str]
) -> None:
    assert sources(tmp_path / "policy", {"CanonicalUser": user}) == expected
    grant = {"Grantee": {"Type": "CanonicalUser", "ID": user}, "Permission": "READ"}
    assert sources(tmp_path / "acl", None, grants=[grant], enforced=False) == expected


@pytest.mark.parametrize("principal", [{"AWS": IDENTITY}, {"CanonicalUser": NOBODYS}])
@pytest.mark.parametrize(("owner", "outside"), [(ACCOUNT, False), (OTHER, True), ("", True)])
def test_ones_own_origin_access_identity_is_nobody_from_outside(
    tmp_path: Path, principal: Any, owner: str, outside: bool
) -> None:
    named = next(iter(principal.values()))
    expected = {f"canonical:{named}"} if outside else set()
    assert sources(tmp_path, principal, owner) == expected
