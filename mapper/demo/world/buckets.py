"""Buckets open by policy, by ACL, to a partner, each beside one that a lock closes."""

from __future__ import annotations

from typing import Any

from mapper.demo.clients import GLOBAL_REGION
from mapper.demo.world.facts import INTERNET, Accesses, Admits, Fact, Thing, Touch, account_node
from mapper.demo.world.plan import UNKNOWN_ACCOUNT
from mapper.demo.world.sharing import everybody
from mapper.demo.world.stage import Flip, Stage, document, flip_call

_S3_PUBLIC = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"
)
_S3_ACL = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html"
_S3_CROSS = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
    "example-walkthroughs-managing-access-example2.html"
)

ALL_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
NOTHING_BLOCKED = dict.fromkeys(ALL_BLOCKED, False)


def bucket(stage: Stage, scenario: str, what: str, blocked: bool) -> tuple[str, str]:
    """A bucket, named for its account (names are global); returns its name and ARN."""
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    name = f"{stage.plan.name(scenario, what)}-{account[-6:]}"
    place = {} if region == GLOBAL_REGION else {"LocationConstraint": region}
    s3 = stage.clients(account, "s3", region)
    s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": place} if place else {}))
    # As AWS makes new buckets.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    if blocked:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=ALL_BLOCKED)
    arn = f"arn:aws:s3:::{name}"
    stage.keep(account, arn, "data")
    return name, arn


def _bucket_flip(stage: Stage, scenario: str, operation: str, **arguments: Any) -> Flip:
    plan = stage.plan
    return flip_call(plan.account(scenario), "s3", plan.region(scenario), operation, **arguments)


def _bucket_thing(
    stage: Stage, scenario: str, name: str, part: str, page: str, control: str, flip: Flip,
    open_: tuple[Fact, ...], service: str = "s3", closed: tuple[Fact, ...] = (),
    also: tuple[Fact, ...] = (),
) -> Thing:  # fmt: skip
    """A bucket with what is true of it open and closed; ``also`` holds while it is planted open."""
    planted = part == "planted"
    return Thing(
        name, part, "sharing", page, control,
        facts=(*open_, *also) if planted else closed,
        flipped=(*closed, *also) if planted else (*open_, *also),
        flip=flip,
        touches=(Touch(stage.plan.account(scenario), "global", (service,)),),
    )  # fmt: skip


def buckets(stage: Stage) -> None:
    """Buckets open by policy, by ACL, to a partner; each beside one that a lock closes."""
    things = []
    for what, part in (("downloads", "planted"), ("exports", "decoy")):
        name, arn = bucket(stage, "bucket", what, blocked=False)
        s3 = stage.clients(stage.plan.account("bucket"), "s3", stage.plan.region("bucket"))
        s3.put_bucket_policy(Bucket=name, Policy=document(everybody(["s3:GetObject"], arn + "/*")))
        if part == "decoy":
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=ALL_BLOCKED)
            flip = _bucket_flip(stage, "bucket", "delete_public_access_block", Bucket=name)
            control = "its own Block Public Access is on"
        else:
            flip = _bucket_flip(stage, "bucket", "delete_bucket_policy", Bucket=name)
            control = "its policy admits everybody"
        account = stage.plan.account("bucket")
        open_ = _public(arn, account, "bucket-policy")
        # Restricted, a public policy still serves the principals of the bucket's own account.
        closed = (Admits(arn, account, "own"),) if part == "decoy" else ()
        things.append(
            _bucket_thing(
                stage, "bucket", name, part, _S3_PUBLIC, control, flip, open_, closed=closed
            )
        )
    stage.add("bucket", *things)
    _account_blocked(stage)
    _acl_buckets(stage)
    _shared_buckets(stage)


def _account_blocked(stage: Stage) -> None:
    """A public policy in an account that blocks public access as a whole."""
    scenario = "bucket-guarded"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    name, arn = bucket(stage, scenario, "evidence", blocked=False)
    stage.clients(account, "s3", region).put_bucket_policy(
        Bucket=name, Policy=document(everybody(["s3:GetObject"], arn + "/*"))
    )
    stage.clients(account, "s3control").put_public_access_block(
        AccountId=account, PublicAccessBlockConfiguration=ALL_BLOCKED
    )
    unlock = flip_call(
        account, "s3control", GLOBAL_REGION, "delete_public_access_block", AccountId=account
    )
    control = "its account blocks public access"
    stage.add(
        scenario,
        _bucket_thing(
            stage, scenario, name, "decoy", _S3_PUBLIC, control, unlock,
            _public(arn, account, "bucket-policy"), "s3control",
            closed=(Admits(arn, account, "own"),),
        ),
    )  # fmt: skip


def _public(arn: str, account: str, mechanism: str) -> tuple[Fact, ...]:
    """A bucket that everybody may use, signed in or not."""
    return (Accesses(INTERNET, arn, mechanism, "yes"), Admits(arn, account, "everybody"))


def _acl_buckets(stage: Stage) -> None:
    scenario = "bucket-acl"
    account = stage.plan.account(scenario)
    s3 = stage.clients(account, "s3", stage.plan.region(scenario))
    things = []
    for what, part in (("assets", "planted"), ("uploads", "decoy")):
        name, arn = bucket(stage, scenario, what, blocked=False)
        s3.put_bucket_ownership_controls(
            Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        )
        s3.put_bucket_acl(Bucket=name, ACL="public-read")
        if part == "decoy":
            ignoring = {**NOTHING_BLOCKED, "IgnorePublicAcls": True}
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=ignoring)
            flip = _bucket_flip(
                stage, scenario, "put_public_access_block", Bucket=name,
                PublicAccessBlockConfiguration=NOTHING_BLOCKED,
            )  # fmt: skip
        else:
            flip = _bucket_flip(stage, scenario, "put_bucket_acl", Bucket=name, ACL="private")
        control = "its ACL grants AllUsers" + (", which it ignores" if part == "decoy" else " read")
        open_ = _public(arn, account, "bucket-acl")
        # ACLs of objects count there, and nobody reads them.
        also = (Accesses(INTERNET, arn, "object-acl", "unknown"),)
        things.append(
            _bucket_thing(stage, scenario, name, part, _S3_ACL, control, flip, open_, also=also)
        )
    stage.add(scenario, *things)


def _shared_buckets(stage: Stage) -> None:
    """Buckets for a partner; one denies whoever is not of the organisation."""
    scenario = "bucket-shared"
    s3 = stage.clients(stage.plan.account(scenario), "s3", stage.plan.region(scenario))
    things = []
    for what, part in (("partner-drop", "planted"), ("partner-old", "decoy")):
        name, arn = bucket(stage, scenario, what, blocked=True)
        allow = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{UNKNOWN_ACCOUNT}:root"},
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": arn + "/*",
        }
        deny = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, arn + "/*"],
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": stage.organization_id}},
        }
        both, open_only = document(allow, deny), document(allow)
        s3.put_bucket_policy(Bucket=name, Policy=both if part == "decoy" else open_only)
        flip = _bucket_flip(
            stage, scenario, "put_bucket_policy", Bucket=name,
            Policy=open_only if part == "decoy" else both,
        )  # fmt: skip
        control = "its policy " + (
            "denies whoever is outside the organisation"
            if part == "decoy"
            else "has no Deny for outsiders"
        )
        open_ = (Accesses(account_node(UNKNOWN_ACCOUNT), arn, "bucket-policy", "yes"),)
        things.append(_bucket_thing(stage, scenario, name, part, _S3_CROSS, control, flip, open_))
    stage.add(scenario, *things)
