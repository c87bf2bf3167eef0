"""S3 buckets: policy, ACL, ownership and Block Public Access together.

* policy and ACL under Block Public Access:
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
* ACLs under Object Ownership:
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
* predefined groups: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.snapshot import Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.canonical import CanonicalUsers
from graph.sharing.policies import outside, policy_grants, refused, unread
from graph.sharing.s3_access_points import access_point_judgements
from graph.sharing.s3_acl import acl_judgements
from graph.sharing.s3_block import (
    RESTRICT,
    Blocks,
    Setting,
    bucket_setting,
    flag,
    flag_answer,
)
from graph.sharing.s3_delegation import delegated
from graph.sharing.s3_encryption import anonymous_decryption
from graph.sharing.s3_meaning import Meaning, bucket_policy_public
from graph.sharing.s3_object_lambda import object_lambda_judgements
from graph.verdict import Answer, Verdict, all_of, condition

SERVICES = ("service", "any-account-via", "account-via-service")
"""Kinds of sources that RestrictPublicBuckets spares: AWS services."""


def bucket_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Judge every bucket: who outside its account its policy, its ACL and its doors admit."""
    blocks, users = Blocks(snapshot), CanonicalUsers(snapshot)
    for item in snapshot.items("s3:bucket"):
        above = blocks.account(item.account_id)
        yield from users.named(_judged(item, above, world), item.account_id)
        yield from delegated(item, (*above, bucket_setting(item)), snapshot.accounts, world)
    yield from access_point_judgements(snapshot, world, blocks)
    yield from object_lambda_judgements(snapshot, world, blocks)


def judge_bucket(item: Item, blocks: Blocks, world: IamWorld) -> Iterator[Judgement]:
    """Judge one bucket under the settings of its account or of the organisation."""
    yield from _judged(item, blocks.account(item.account_id), world)


def _judged(item: Item, above: tuple[Setting, ...], world: IamWorld) -> Iterator[Judgement]:
    settings = (*above, bucket_setting(item))
    yield from _policy(item, settings, world)
    yield from acl_judgements(item, settings)


def _policy(item: Item, settings: tuple[Setting, ...], world: IamWorld) -> Iterator[Judgement]:
    call = item.call("get_bucket_policy")
    ref = Ref.to(item, "/calls/get_bucket_policy/value/Policy")
    if not call.known or not _is_object(call.value or {}):
        why = f"The bucket policy was not read ({call.status}), so who it admits is not known."
        answer = unread("s3.get_bucket_policy", item, why)
        if flag(settings, RESTRICT):
            # A public policy is cut, but one that names accounts may stand there instead.
            yield outside(item, "any-aws-account", "bucket-policy", answer)
            answer = flag_answer(item.id, settings, RESTRICT)
        yield outside(item, "internet", "bucket-policy", answer)
        return
    text = (call.value or {}).get("Policy") if call.status is Status.OK else None
    if text is None or text == "":
        answer = refused(item.id, "bucket policy", "The bucket has no policy.", ref)
        yield outside(item, "internet", "bucket-policy", answer)
        return
    admitted = False
    left = _restricted(item, settings, bucket_policy_public(item, text))
    for grant in policy_grants("s3", item, text, ref, world):
        cut = Answer(Verdict.YES) if grant.source_kind in SERVICES else left
        answer = all_of((grant.answer, cut))
        if grant.source_id == "internet":
            answer = all_of((answer, anonymous_decryption(item, grant.actions)))
        admitted = admitted or grant.source_id == "internet"
        yield outside(item, grant.source_id, "bucket-policy", answer, grant.actions)
    if not admitted:
        answer = refused(item.id, "bucket policy", "The policy admits no anonymous caller.", ref)
        yield outside(item, "internet", "bucket-policy", answer)


def _restricted(item: Item, settings: tuple[Setting, ...], said: Meaning) -> Answer:
    """RestrictPublicBuckets: a public policy then serves only the account and AWS services."""
    if said.public is False:
        return said.answer(item.id)
    left = flag_answer(item.id, settings, RESTRICT)
    if said.public is None and left.verdict is Verdict.NO:
        where = f"s3.get_bucket_policy_status@{item.account_id}/{item.region}"
        why = f"{left.why} It cuts this off if S3 calls the policy public, which was not read."
        step = Step(RESTRICT, item.id, "unknown", why, left.steps[0].refs)
        missing = (condition("not_collected", where),)
        return Answer(Verdict.CONDITIONAL, why, missing, evidence=(why,), steps=(step,))
    return all_of((said.answer(item.id), left))


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping)
