"""Buckets, functions and other doors behind a distribution, each case with its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from front_doors.distributions import (
    BUCKET,
    DIST,
    SIGNED,
    V4,
    Json,
    behaviour,
    behind,
    custom,
    distribution,
    origin,
    s3_origin,
)
from front_doors.door_lab import judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab, arn
from snapshot_files import ACCOUNT, REGION, Denied


def to_us(source: str = DIST) -> Json:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": f"{BUCKET}/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": source}},
    }


def to_all() -> Json:
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"{BUCKET}/*",
    }


def bucket(
    *statements: Json, block: bool = True, policy: Any = None, lab: Lab | None = None
) -> Lab:
    lab = lab or Lab()
    flags = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), block
    )
    document = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}
    calls = {
        "get_bucket_policy": policy or document,
        "get_bucket_policy_status": {"PolicyStatus": {"IsPublic": to_all() in statements}},
        "get_public_access_block": {"PublicAccessBlockConfiguration": flags},
        "get_bucket_acl": {"Owner": {"ID": "me"}, "Grants": []},
        "get_bucket_ownership_controls": {
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        },
    }
    lab.add("s3:bucket", "site", BUCKET, {"Name": "site"}, **calls)
    lab.add(
        "s3:account-bpa",
        "bpa",
        ACCOUNT,
        {},
        get_public_access_block={"PublicAccessBlockConfiguration": dict.fromkeys(flags, False)},
    )
    lab.add(
        "cloudfront:origin-access-control",
        "OAC1",
        f"arn:aws:cloudfront::{ACCOUNT}:origin-access-control/OAC1",
        {"Id": "OAC1", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3"},
    )
    return lab


def test_objects_of_a_private_bucket_are_reached_through_its_distribution(tmp_path: Path) -> None:
    reach = behind(distribution(bucket(to_us()), s3_origin()), tmp_path, BUCKET)
    assert (reach.verdict, reach.via, reach.source) == (Verdict.YES, (DIST,), "internet")


def test_a_policy_for_another_distribution_does_not_serve(tmp_path: Path) -> None:
    lab = distribution(bucket(to_us(DIST + "X")), s3_origin())
    assert behind(lab, tmp_path, BUCKET).verdict is Verdict.NO


def test_an_access_control_that_never_signs_does_not_serve(tmp_path: Path) -> None:
    lab = distribution(bucket(to_us()), s3_origin())
    lab.item("OAC1")["SigningBehavior"] = "never"
    assert behind(lab, tmp_path, BUCKET).verdict is Verdict.NO


def test_an_access_control_that_was_not_read_is_a_condition(tmp_path: Path) -> None:
    lab = distribution(bucket(to_us()), s3_origin())
    lab.remove("OAC1")
    reach = behind(lab, tmp_path, BUCKET)
    assert reach.verdict is Verdict.CONDITIONAL
    assert any("list_origin_access_controls" in term for term in reach.answer.conditions)


def test_a_deny_in_the_policy_wins(tmp_path: Path) -> None:
    deny = to_us() | {"Effect": "Deny"}
    lab = distribution(bucket(to_us(), deny), s3_origin())
    assert behind(lab, tmp_path, BUCKET).verdict is Verdict.NO


def test_a_policy_that_was_not_read_is_not_no(tmp_path: Path) -> None:
    lab = distribution(bucket(policy=Denied), s3_origin())
    assert behind(lab, tmp_path, BUCKET).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("setting", "verdict"), [("none", Verdict.YES), ("all", Verdict.NO), (None, Verdict.YES)]
)
def test_a_public_bucket_under_the_organisations_s3_policy(
    tmp_path: Path, setting: str | None, verdict: Verdict
) -> None:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3.html."""
    lab = distribution(bucket(to_all(), block=False), s3_origin(""))
    if setting:
        rule = {"s3_attributes": {"public_access_block_configuration": {"@@assign": setting}}}
        effective = {"EffectivePolicy": {"PolicyContent": json.dumps(rule)}}
        lab.add(
            "org:effective-policy",
            "above",
            ACCOUNT,
            {"Id": ACCOUNT},
            **{"describe_effective_policy(PolicyType=S3_POLICY)": effective},
        )
    assert behind(lab, tmp_path, BUCKET).verdict is verdict


def test_the_locks_of_the_distribution_hold_for_the_bucket(tmp_path: Path) -> None:
    signed = behaviour(**SIGNED)
    lab = distribution(bucket(to_us()), s3_origin(), DefaultCacheBehavior=signed)
    assert behind(lab, tmp_path, BUCKET).answer.conditions == ("authn:signed-url",)
    asleep = distribution(bucket(to_us()), s3_origin(), Enabled=False)
    assert behind(asleep, tmp_path / "b", BUCKET).verdict is Verdict.DORMANT


def test_another_behaviour_does_not_open_a_bucket_it_does_not_lead_to(tmp_path: Path) -> None:
    other = origin("elsewhere.example.net") | {"Id": "other"}
    lab = distribution(
        bucket(to_us()),
        s3_origin(),
        other,
        DefaultCacheBehavior=behaviour("other"),
        CacheBehaviors={"Items": [behaviour(PathPattern="paid/*", **SIGNED)]},
    )
    assert one(lab, tmp_path, DIST, V4).verdict is Verdict.YES
    assert behind(lab, tmp_path / "b", BUCKET).answer.conditions == ("authn:signed-url",)


def test_an_origin_group_leads_to_all_its_members(tmp_path: Path) -> None:
    groups = {"Items": [{"Id": "both", "Members": {"Items": [{"OriginId": "main"}]}}]}
    lab = distribution(
        bucket(to_us()), s3_origin(), OriginGroups=groups, DefaultCacheBehavior=behaviour("both")
    )
    assert behind(lab, tmp_path, BUCKET).verdict is Verdict.YES


IDENTITY = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EOAI"


@pytest.mark.parametrize(
    ("principal", "verdict"),
    [
        ({"AWS": IDENTITY}, Verdict.YES),
        ({"CanonicalUser": "canon"}, Verdict.YES),
        ({"AWS": IDENTITY + "2"}, Verdict.NO),
        ({"CanonicalUser": "other"}, Verdict.NO),
    ],
)
def test_an_origin_access_identity(tmp_path: Path, principal: Json, verdict: Verdict) -> None:
    lab = bucket(to_all() | {"Principal": principal})
    lab.add(
        "cloudfront:origin-access-identity",
        "EOAI",
        f"arn:aws:cloudfront::{ACCOUNT}:origin-access-identity/EOAI",
        {"Id": "EOAI", "S3CanonicalUserId": "canon"},
    )
    distribution(lab, s3_origin("", "origin-access-identity/cloudfront/EOAI"))
    assert behind(lab, tmp_path, BUCKET).verdict is verdict


@pytest.mark.parametrize(("block", "verdict"), [(False, Verdict.YES), (True, Verdict.NO)])
def test_without_a_signature_the_bucket_must_be_public(
    tmp_path: Path, block: bool, verdict: Verdict
) -> None:
    lab = distribution(bucket(to_all(), block=block), s3_origin(""))
    assert behind(lab, tmp_path, BUCKET).verdict is verdict


def test_a_bucket_that_can_be_read_without_the_distribution_says_so(tmp_path: Path) -> None:
    both = bucket(to_us(), to_all(), block=False)
    around = behind(distribution(both, s3_origin()), tmp_path, BUCKET)
    assert any("gone around" in text for text in around.answer.evidence)
    alone = behind(distribution(bucket(to_us()), s3_origin()), tmp_path / "b", BUCKET)
    assert not any("gone around" in text for text in alone.answer.evidence)


def test_a_website_must_be_public(tmp_path: Path) -> None:
    host = f"site.s3-website-{REGION}.amazonaws.com"
    lab = distribution(bucket(to_all(), block=False), custom(host, "http-only"))
    assert behind(lab, tmp_path, BUCKET).verdict is Verdict.YES
    shut = distribution(bucket(to_us()), custom(host, "http-only"))
    assert behind(shut, tmp_path / "b", BUCKET).verdict is Verdict.NO


def test_a_bucket_that_nobody_owns_is_a_takeover_candidate(tmp_path: Path) -> None:
    reach = one(distribution(None, s3_origin()), tmp_path, DIST, V4)
    assert any("takeover candidate" in text for text in reach.answer.evidence)
    there = one(distribution(bucket(to_us()), s3_origin()), tmp_path / "b", DIST, V4)
    assert not any("takeover candidate" in text for text in there.answer.evidence)
    assert behind(distribution(None, s3_origin()), tmp_path / "c", BUCKET).verdict == "unknown"


FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:api"
URL = f"abc.lambda-url.{REGION}.on.aws"


def function(auth: str, *statements: Json) -> Lab:
    lab = Lab()
    policy = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}
    config = {"FunctionUrl": f"https://{URL}/", "AuthType": auth, "FunctionArn": FUNCTION}
    lab.add(
        "lambda:function",
        "api",
        FUNCTION,
        {"FunctionName": "api", "FunctionArn": FUNCTION},
        get_policy=policy,
        list_function_url_configs=[config],
    )
    lab.add(
        "cloudfront:origin-access-control",
        "OAC2",
        f"arn:aws:cloudfront::{ACCOUNT}:origin-access-control/OAC2",
        {"Id": "OAC2", "SigningBehavior": "always", "OriginAccessControlOriginType": "lambda"},
    )
    return lab


def invoke(action: str, principal: Any, condition: Json) -> Json:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": FUNCTION,
        "Condition": condition,
    }


FROM_US = {"ArnLike": {"AWS:SourceArn": DIST}}
SERVICE = {"Service": "cloudfront.amazonaws.com"}


@pytest.mark.parametrize(
    ("actions", "control", "verdict"),
    [
        (("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"), "OAC2", Verdict.YES),
        (("lambda:InvokeFunctionUrl",), "OAC2", Verdict.CONDITIONAL),
        ((), "OAC2", Verdict.NO),
        (("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"), "", Verdict.NO),
    ],
)
def test_a_function_url_that_cloudfront_signs_for(
    tmp_path: Path, actions: tuple[str, ...], control: str, verdict: Verdict
) -> None:
    lab = function("AWS_IAM", *(invoke(action, SERVICE, FROM_US) for action in actions))
    distribution(lab, custom(URL, OriginAccessControlId=control))
    assert behind(lab, tmp_path, FUNCTION).verdict is verdict


def test_an_open_function_url(tmp_path: Path) -> None:
    none = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    via = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
    statements = (
        invoke("lambda:InvokeFunctionUrl", "*", none),
        invoke("lambda:InvokeFunction", "*", via),
    )
    lab = distribution(function("NONE", *statements), custom(URL))
    assert behind(lab, tmp_path, FUNCTION).verdict is Verdict.YES


RUNNER = arn("service", "web/0123456789abcdef0123456789abcdef", service="apprunner")


@pytest.mark.parametrize(("public", "verdict"), [(True, Verdict.YES), (False, Verdict.NO)])
def test_another_front_door_as_it_is_judged_itself(
    tmp_path: Path, public: bool, verdict: Verdict
) -> None:
    host = f"abc.{REGION}.awsapprunner.com"
    lab = Lab()
    network = {"IngressConfiguration": {"IsPubliclyAccessible": public}}
    lab.add(
        "apprunner:service",
        "web",
        RUNNER,
        {"ServiceArn": RUNNER, "ServiceUrl": host, "Status": "RUNNING"},
        describe_service={"Service": {"NetworkConfiguration": network}},
    )
    found = behind(distribution(lab, custom(host)), tmp_path, RUNNER)
    assert (found.verdict, found.via) == (verdict, (DIST,))
    assert any("gone around" in text for text in found.answer.evidence) is public


def test_an_origin_elsewhere_is_told(tmp_path: Path) -> None:
    reach = one(distribution(None, custom("shop.example.net")), tmp_path, DIST, V4)
    assert any("shop.example.net" in text for text in reach.answer.evidence)


@pytest.mark.parametrize(("auth", "verdict"), [("", Verdict.UNKNOWN), ("AWS_IAM", Verdict.NO)])
def test_a_url_whose_authentication_was_not_told(
    tmp_path: Path, auth: str, verdict: Verdict
) -> None:
    lab = distribution(function(auth), custom(URL))
    assert behind(lab, tmp_path, FUNCTION).verdict is verdict


# Access points.

POINT = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/read"
ALIAS = "read-abc123-s3alias"
DELEGATES = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "*",
    "Resource": [BUCKET, f"{BUCKET}/*"],
    "Condition": {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
}


def through_point(
    statement: Json | None = None, *on_bucket: Json, control: str = "OAC1", **more: Any
) -> Lab:
    """A distribution whose origin is an access point's alias."""
    rows = [(statement or to_us()) | {"Resource": f"{POINT}/object/*"}]
    lab = bucket(*on_bucket)
    lab.add(
        "s3:access-point",
        "read",
        POINT,
        {"Name": "read", "Bucket": "site", "Alias": ALIAS, "AccessPointArn": POINT} | more,
        get_access_point={"BucketAccountId": ACCOUNT, "Bucket": "site"},
        get_access_point_policy={
            "Policy": json.dumps({"Version": "2012-10-17", "Statement": rows})
        },
    )
    return distribution(lab, s3_origin(control, host=f"{ALIAS}.s3.{REGION}.amazonaws.com"))


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (through_point(None, DELEGATES), Verdict.YES),
        (through_point(to_us(DIST + "X"), DELEGATES), Verdict.NO),
        (through_point(None), Verdict.NO),
        (through_point(None, DELEGATES, control=""), Verdict.NO),
        (through_point(None, DELEGATES, VpcConfiguration={"VpcId": "vpc-1"}), Verdict.NO),
    ],
    ids=["both", "other distribution", "bucket silent", "unsigned", "of a VPC"],
)
def test_an_access_point_and_its_bucket_must_both_admit_the_distribution(
    tmp_path: Path, lab: Lab, verdict: Verdict
) -> None:
    assert behind(lab, tmp_path, BUCKET).verdict is verdict


def test_an_alias_is_nobodys_bucket_to_take(tmp_path: Path) -> None:
    lab = through_point(None, DELEGATES)
    lab.remove("read")
    found = judged(lab, tmp_path)
    (there,) = [r for r in found if r.target.endswith(ALIAS)]
    assert there.verdict is Verdict.UNKNOWN
    (door,) = [r for r in found if r.target == DIST and not r.via]
    assert not any("takeover" in text for text in door.answer.evidence)


# Keys.

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k1"
NOT_KMS = "context:s3:x-amz-server-side-encryption=not aws:kms"


def encrypted(lab: Lab, source: str = DIST, algorithm: str = "aws:kms", key: Any = KEY) -> Lab:
    """The bucket's new objects under a key whose policy lets a distribution decrypt."""
    default = {"SSEAlgorithm": algorithm} | ({"KMSMasterKeyID": key} if key else {})
    rule = {"ApplyServerSideEncryptionByDefault": default}
    (line,) = lab.lines[ACCOUNT, REGION, "s3:bucket"].values()
    told = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
    line["calls"]["get_bucket_encryption"] = {"status": "ok", "value": told}
    admits = to_us(source) | {"Action": "kms:Decrypt", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [admits]}
    lab.add(
        "kms:key",
        "k1",
        KEY,
        {"KeyId": "k1", "KeyArn": KEY},
        describe_key={"KeyMetadata": {"KeyManager": "CUSTOMER", "KeyState": "Enabled"}},
        get_key_policy={"Policy": json.dumps(document)},
        list_grants={"Grants": []},
    )
    return lab


@pytest.mark.parametrize(
    ("change", "terms"),
    [
        ({}, ()),
        ({"algorithm": "AES256"}, ()),
        ({"source": DIST + "X"}, (NOT_KMS,)),
        ({"key": None}, (NOT_KMS,)),
        ({"key": KEY + "9"}, (NOT_KMS,)),
    ],
    ids=["key admits", "no key", "key of another", "key of AWS", "key not collected"],
)
def test_a_key_must_let_the_distribution_decrypt(
    tmp_path: Path, change: Json, terms: tuple[str, ...]
) -> None:
    lab = encrypted(distribution(bucket(to_us()), s3_origin()), **change)
    reach = behind(lab, tmp_path, BUCKET)
    assert reach.answer.conditions == terms
    assert reach.verdict is (Verdict.CONDITIONAL if terms else Verdict.YES)
