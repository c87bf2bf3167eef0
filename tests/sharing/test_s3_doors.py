"""Ways to a bucket beside its own name: access points of every kind.

* https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointPermissions.html
* https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-policies.html
* https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-access-points.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.iam.evaluate import evaluate
from graph.iam.from_snapshot import from_snapshot
from graph.iam.request import Request
from graph.iam.world import ANONYMOUS, outside_account
from sharing.s3_world import (
    BUCKET,
    LAMBDA,
    MULTI,
    OTHER,
    POINT,
    SECOND,
    World,
    allow,
    block,
    bucket_line,
    policy,
)
from snapshot_files import ACCOUNT, Absent, Denied, line, write_snapshot

RESTRICT = "RestrictPublicBuckets"
ORG = "o-abcdefghij"
KMS = {
    "ServerSideEncryptionConfiguration": {
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
    }
}


def delegates(bucket: str = BUCKET, account: str = ACCOUNT) -> Any:
    condition = {"s3:DataAccessPointAccount": account}
    return allow("*", [bucket, f"{bucket}/*"], "s3:*", StringEquals=condition)


def point(rows: Any, **calls: Any) -> dict[str, Any]:
    item = {"Name": "ap", "Bucket": "amzn-s3-demo-bucket", "BucketAccountId": ACCOUNT}
    nothing = {"get_access_point": block(), "get_access_point_policy": policy(*rows)}
    return line(POINT, item, **(nothing | calls))


EVERYONE = allow("*", f"{POINT}/object/*")
NAMED = allow({"AWS": OTHER}, f"{POINT}/object/*")


def through_point(folder: Path, row: dict[str, Any], *rows: Any, **calls: Any) -> dict[Any, str]:
    held = bucket_line(get_bucket_policy=policy(*(rows or (delegates(),))), **calls)
    found = World(buckets=[held], more={"s3:access-point": [row]}).verdicts(folder)
    return {source: verdict for (source, mechanism), verdict in found.items() if "/" in mechanism}


def test_s3s_own_word_on_an_access_points_policy_is_used(tmp_path: Path) -> None:
    """A condition that the published list leaves out: S3's word decides whether it is cut."""
    only = allow("*", f"{POINT}/object/*", StringEquals={"aws:PrincipalAccount": OTHER})
    for number, (word, expected) in enumerate([(True, {}), (False, "yes"), (None, "conditional")]):
        calls = {"get_access_point": block(RESTRICT)}
        if word is not None:
            status = {"PolicyStatus": {"IsPublic": word}}
            calls["get_access_point_policy_status"] = status
        found = through_point(tmp_path / str(number), point([only], **calls))
        assert found == (expected and {f"account:{OTHER}": expected})


def test_a_policy_for_everybody_leaves_whom_the_bucket_names(tmp_path: Path) -> None:
    found = through_point(tmp_path / "1", point([EVERYONE]), allow({"AWS": OTHER}, f"{BUCKET}/*"))
    assert found == {f"account:{OTHER}": "yes"}
    org = {"aws:PrincipalOrgID": ORG}
    found = through_point(
        tmp_path / "2", point([EVERYONE]), allow("*", f"{BUCKET}/*", StringEquals=org)
    )
    assert found == {f"org:{ORG}": "yes"}


def test_an_account_that_may_be_of_the_organisation_is_not_refused(tmp_path: Path) -> None:
    org = {"aws:PrincipalOrgID": ORG}
    behind = allow("*", f"{BUCKET}/*", StringEquals=org)
    found = through_point(tmp_path / "1", point([NAMED]), behind)
    assert found[f"account:{OTHER}"] in ("conditional", "yes")
    nobody = allow({"AWS": "111111111111"}, f"{BUCKET}/*")
    assert f"account:{OTHER}" not in through_point(tmp_path / "2", point([NAMED]), nobody)


@pytest.mark.parametrize(("encryption", "verdict"), [(Absent, "yes"), (KMS, "conditional")])
def test_anonymous_reads_under_kms_are_conditional_here_too(
    tmp_path: Path, encryption: Any, verdict: str
) -> None:
    found = through_point(tmp_path, point([EVERYONE]), get_bucket_encryption=encryption)
    assert found == {"internet": verdict}


# Multi-Region access points.


def multi(rows: Any, blocked: bool = False, **calls: Any) -> dict[str, Any]:
    names = ["amzn-s3-demo-bucket", "amzn-s3-demo-bucket2"]
    item = {
        "Name": "mrap",
        "Alias": MULTI.rpartition("/")[2],
        "PublicAccessBlock": {RESTRICT: blocked},
        "Regions": [{"Bucket": name, "BucketAccountId": ACCOUNT} for name in names],
    }
    held = policy(*rows)
    told = Absent if held is Absent else {"Policy": {"Established": held}}
    return line(MULTI, item, **({"get_multi_region_access_point_policy": told} | calls))


OPEN_MULTI = allow("*", f"{MULTI}/object/*")
NAMED_MULTI = allow({"AWS": OTHER}, f"{MULTI}/object/*")


def multi_world(row: dict[str, Any], first: Any, second: Any, account: Any = Absent) -> World:
    buckets = [
        bucket_line(BUCKET, get_bucket_policy=policy(*first)),
        bucket_line(SECOND, get_bucket_policy=policy(*second)),
    ]
    return World(account, buckets=buckets, more={"s3:mrap": [row]})


def reached(folder: Path, world: World) -> set[tuple[str, str, str]]:
    return {
        (one.source, one.target, str(one.answer.verdict))
        for one in world.judged(folder)
        if one.mechanism.startswith("multi-region") and str(one.answer.verdict) != "no"
    }


def test_a_multi_region_access_point_leads_to_the_buckets_that_admit_too(tmp_path: Path) -> None:
    both = multi_world(multi([OPEN_MULTI]), [delegates()], [delegates(SECOND)])
    assert reached(tmp_path / "1", both) == {
        ("internet", BUCKET, "yes"),
        ("internet", SECOND, "yes"),
    }
    one = multi_world(multi([OPEN_MULTI]), [delegates()], [])
    assert reached(tmp_path / "2", one) == {("internet", BUCKET, "yes")}
    none = multi_world(multi([]), [delegates()], [delegates(SECOND)])
    assert reached(tmp_path / "3", none) == set()


def test_a_multi_region_access_point_shared_narrowed_and_unread(tmp_path: Path) -> None:
    shared = multi_world(multi([NAMED_MULTI]), [delegates()], [])
    assert reached(tmp_path / "1", shared) == {(f"account:{OTHER}", BUCKET, "yes")}
    org = allow("*", f"{MULTI}/object/*", StringEquals={"aws:PrincipalOrgID": ORG})
    narrowed = multi_world(multi([org]), [delegates()], [])
    assert reached(tmp_path / "2", narrowed) == {(f"org:{ORG}", BUCKET, "yes")}
    unread = multi_world(multi([], get_multi_region_access_point_policy=Denied), [delegates()], [])
    assert ("internet", BUCKET, "unknown") in reached(tmp_path / "3", unread)


@pytest.mark.parametrize(
    ("blocked", "account", "named", "verdicts"),
    [
        (True, Absent, False, set()),
        (False, block(RESTRICT), False, set()),
        (False, Absent, False, {"yes"}),
        # A policy that is not public is not cut.
        (True, block(RESTRICT), True, {"yes"}),
    ],
)
def test_block_public_access_of_it_and_of_the_account(
    tmp_path: Path, blocked: bool, account: Any, named: bool, verdicts: set[str]
) -> None:
    row = multi([NAMED_MULTI if named else OPEN_MULTI], blocked)
    found = reached(tmp_path, multi_world(row, [delegates()], [], account))
    assert {verdict for _, _, verdict in found} == verdicts


def test_the_engine_lets_a_call_through_where_one_bucket_admits(tmp_path: Path) -> None:
    world = multi_world(multi([OPEN_MULTI]), [], [delegates(SECOND)])
    lines = {
        (ACCOUNT, "global", "s3:bucket"): world.buckets,
        (ACCOUNT, "global", "s3:mrap"): world.more["s3:mrap"],
        (ACCOUNT, "global", "s3:account-bpa"): [
            line(ACCOUNT, None, get_public_access_block=Absent)
        ],
    }
    facts = from_snapshot(write_snapshot(tmp_path, lines))
    for caller in (ANONYMOUS, outside_account(OTHER)):
        asked = Request(caller, "s3:GetObject", f"{MULTI}/object/key", ACCOUNT)
        assert str(evaluate(facts, asked).verdict) == "yes"
    shut = from_snapshot(
        write_snapshot(tmp_path / "2", lines | {(ACCOUNT, "global", "s3:mrap"): [multi([])]})
    )
    asked = Request(ANONYMOUS, "s3:GetObject", f"{MULTI}/object/key", ACCOUNT)
    assert str(evaluate(shut, asked).verdict) == "no"


# Object Lambda access points.

FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:rewrite:1"
CONFIGURATION = {
    "Configuration": {
        "SupportingAccessPoint": POINT,
        "TransformationConfigurations": [
            {
                "Actions": ["GetObject"],
                "ContentTransformation": {"AwsLambda": {"FunctionArn": FUNCTION}},
            }
        ],
    }
}


def through_lambda(folder: Path, rows: Any, behind: Any = (NAMED,), **calls: Any) -> dict[str, str]:
    held: dict[str, Any] = {
        "get_access_point_policy_for_object_lambda": policy(*rows),
        "get_access_point_configuration_for_object_lambda": CONFIGURATION,
    }
    row = line(LAMBDA, {"Name": "olap"}, **(held | calls))
    world = World(
        buckets=[bucket_line(get_bucket_policy=policy(delegates()))],
        more={"s3:object-lambda-ap": [row], "s3:access-point": [point(behind)]},
    )
    return {
        one.source: str(one.answer.verdict)
        for one in world.judged(folder)
        if one.mechanism == "object-lambda-access-point/olap" and str(one.answer.verdict) != "no"
    }


def rewritten(principal: Any, **condition: Any) -> Any:
    return allow(principal, LAMBDA, "s3-object-lambda:GetObject", **condition)


def test_an_object_lambda_access_point_needs_every_leave_on_the_way(tmp_path: Path) -> None:
    shared = rewritten({"AWS": OTHER})
    # The function's own policy is the fourth, weighed at the function: a named condition.
    assert through_lambda(tmp_path / "1", [shared]) == {f"account:{OTHER}": "conditional"}
    assert through_lambda(tmp_path / "2", [shared], behind=()) == {}
    assert through_lambda(tmp_path / "3", []) == {}


def test_it_is_never_public(tmp_path: Path) -> None:
    """Its Block Public Access is on for good, and it answers no unsigned call."""
    assert through_lambda(tmp_path / "1", [rewritten("*")], behind=(EVERYONE,)) == {}
    both = [rewritten("*"), rewritten({"AWS": OTHER})]
    assert through_lambda(tmp_path / "2", both) == {}


def test_it_is_narrowed_by_an_organisation_and_unknown_where_unread(tmp_path: Path) -> None:
    narrowed = rewritten("*", StringEquals={"aws:PrincipalOrgID": ORG})
    found = through_lambda(tmp_path / "1", [narrowed], behind=(EVERYONE,))
    assert found == {f"org:{ORG}": "conditional"}
    denied = {"get_access_point_policy_for_object_lambda": Denied}
    assert through_lambda(tmp_path / "2", [], **denied) == {"any-aws-principal": "unknown"}
    unsupported = {"get_access_point_configuration_for_object_lambda": Denied}
    found = through_lambda(tmp_path / "3", [rewritten({"AWS": OTHER})], **unsupported)
    assert found == {f"account:{OTHER}": "unknown"}


# Access points of other accounts.


def left(folder: Path, *rows: Any, **calls: Any) -> dict[tuple[str, str], str]:
    return World(buckets=[bucket_line(get_bucket_policy=policy(*rows), **calls)]).verdicts(folder)


def test_a_bucket_that_leaves_access_to_points_of_another_account(tmp_path: Path) -> None:
    found = left(tmp_path / "1", delegates(account=OTHER))
    assert found == {(f"account:{OTHER}", "access-point"): "yes"}
    assert left(tmp_path / "2", delegates()) == {}


def test_any_accounts_access_points_are_any_account(tmp_path: Path) -> None:
    anyone = allow(
        "*", f"{BUCKET}/*", StringLike={"s3:DataAccessPointArn": "arn:aws:s3:*:*:accesspoint/*"}
    )
    assert left(tmp_path / "1", anyone) == {("any-aws-account", "access-point"): "yes"}
    cut = left(tmp_path / "2", anyone, get_public_access_block=block(RESTRICT))
    assert ("any-aws-account", "access-point") not in {
        key for key, verdict in cut.items() if verdict == "yes"
    }


def test_a_deny_closes_what_is_left_to_other_accounts(tmp_path: Path) -> None:
    deny = allow("*", f"{BUCKET}/*", "s3:*") | {
        "Effect": "Deny",
        "Condition": {"StringNotEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
    }
    assert left(tmp_path / "1", delegates(account=OTHER), deny | {"Resource": "*"}) == {}
