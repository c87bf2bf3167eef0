"""S3 access points: who comes to a bucket through one.

The access point's policy and the bucket's must both admit the caller, and an access point of one
VPC takes calls from there alone.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref, Step
from graph.iam.resource_controls import AccessPoint, Bucket, PublicAccessBlock
from graph.iam.s3 import in_force
from graph.iam.s3_public import called_public
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.policies import outside, policy_grants, refused, unread
from graph.verdict import Answer, Verdict, all_of, any_of, condition

UNNAMED = ("internet", "any-aws-principal", "cidr:")


def access_point_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Judge every access point: who outside its account reaches the bucket behind it."""
    buckets = {item.id: item for item in snapshot.items("s3:bucket")}
    for item in snapshot.items("s3:access-point"):
        point = world.access_points[item.id]
        yield from _point(item, point, buckets.get(point.bucket), world)
    unlisted = {row.account_id for row in snapshot.gaps("s3:access-point")}
    unlisted |= set(snapshot.accounts) - {
        row.account_id for row in snapshot.ledger if row.is_about({"s3:access-point"})
    }
    for bucket in buckets.values():
        if bucket.account_id in unlisted and _leaves_it_to_access_points(bucket, world):
            why = "The bucket's policy leaves access to access points, which were not listed."
            answer = unread("s3control.list_access_points", bucket, why)
            yield outside(bucket, "internet", "access-point", answer)


def _point(
    item: Item, point: AccessPoint, bucket: Item | None, world: IamWorld
) -> Iterator[Judgement]:
    target = bucket or item
    mechanism = f"access-point/{item.id.rpartition('/')[2]}"
    call = item.call("get_access_point_policy")
    if not call.known:
        why = f"The access point's policy was not read ({call.status})."
        answer = unread("s3control.get_access_point_policy", item, why)
        yield outside(target, "internet", mechanism, answer)
        return
    policy = world.resource_policies.get(item.id)
    text = call.value.get("Policy") if isinstance(call.value, Mapping) else None
    found = {}
    if policy is not None and text:
        ref = Ref.to(item, "/calls/get_access_point_policy/value/Policy")
        context = {
            "s3:DataAccessPointArn": (item.id,),
            "s3:DataAccessPointAccount": (item.account_id,),
            "s3:AccessPointNetworkOrigin": ("VPC" if point.vpc else "Internet",),
        }
        behind = _behind(bucket, world, context)
        for grant in policy_grants("s3", item, text, ref, world, context):
            parts = (
                grant.answer,
                _through_bucket(grant.source_id, behind, target),
                _from_vpc(grant.source_id, point, item),
                _not_restricted(item, point.block, item.id, world),
                _not_restricted(item, _own(world, point.bucket), point.bucket, world),
            )
            found[grant.source_id] = all_of(parts)
            yield outside(target, grant.source_id, mechanism, found[grant.source_id], grant.actions)
    if "internet" not in found:
        why = "The access point's policy admits no anonymous caller."
        yield outside(target, "internet", mechanism, refused(item.id, "access point policy", why))


def _own(world: IamWorld, bucket: str) -> PublicAccessBlock | None:
    return world.buckets.get(bucket, Bucket()).block


def _behind(
    bucket: Item | None, world: IamWorld, context: Mapping[str, tuple[str, ...]]
) -> dict[str, Answer] | None:
    """Whom the bucket's policy admits through the access point; ``None`` if it was not read."""
    if bucket is None or bucket.id not in world.resource_policies:
        return None
    call = bucket.call("get_bucket_policy")
    text = call.value.get("Policy") if isinstance(call.value, Mapping) else None
    if not text:
        return {}
    ref = Ref.to(bucket, "/calls/get_bucket_policy/value/Policy")
    answers: dict[str, list[Answer]] = {}
    for grant in policy_grants("s3", bucket, text, ref, world, context):
        answers.setdefault(grant.source_id, []).append(grant.answer)
    return {source: any_of(rows) for source, rows in answers.items()}


def _through_bucket(source: str, behind: dict[str, Answer] | None, bucket: Item) -> Answer:
    """Whether the bucket admits a source, by name or with everyone."""
    if behind is None:
        why = "The policy of the bucket behind the access point was not read."
        return unread("s3.get_bucket_policy", bucket, why)
    wider = [source, "internet"]
    if source != "internet":
        wider.append("any-aws-principal")
    if source.startswith("arn:"):
        wider.append(f"account:{(source.split(':') + [''] * 5)[4]}")
    admitted = [behind[name] for name in wider if name in behind]
    if admitted:
        return any_of(admitted)
    why = f"The bucket's policy does not admit {source} through the access point."
    return refused(bucket.id, "bucket policy", why)


def _from_vpc(source: str, point: AccessPoint, item: Item) -> Answer:
    if not point.vpc or source == point.vpc:
        return Answer(Verdict.YES)
    text = f"The access point takes calls from {point.vpc} alone."
    if source.startswith(UNNAMED):
        return refused(item.id, "network origin", text)
    step = Step("network origin", item.id, "conditional", text)
    note = condition("context", "aws:SourceVpc", point.vpc)
    return Answer(Verdict.CONDITIONAL, text, (note,), evidence=(text,), steps=(step,))


def _not_restricted(
    item: Item, block: PublicAccessBlock | None, holder: str, world: IamWorld
) -> Answer:
    """RestrictPublicBuckets of the access point, the bucket and the account."""
    policy = world.resource_policies.get(holder)
    word = world.buckets.get(holder, Bucket()).called_public
    public = called_public(policy.document, word) if policy else False
    account = world.public_access_blocks.get(item.account_id)
    on = in_force(
        None if block is None else block.restrict_public_buckets,
        None if account is None else account.restrict_public_buckets,
    )
    if public is False or on is False:
        return Answer(Verdict.YES)
    text = "Block Public Access (RestrictPublicBuckets) cuts off a public policy."
    if on and public:
        return refused(holder, "RestrictPublicBuckets", text)
    missing = "s3:public-access-block" if on is None else "s3:bucket-policy-status"
    step = Step("RestrictPublicBuckets", holder, "unknown", text)
    note = condition("not_collected", missing, holder)
    return Answer(Verdict.CONDITIONAL, text, (note,), evidence=(text,), steps=(step,))


def _leaves_it_to_access_points(bucket: Item, world: IamWorld) -> bool:
    policy = world.resource_policies.get(bucket.id)
    statements = getattr(policy.document, "statements", ()) if policy else ()
    return any(
        test.key.lower().startswith("s3:dataaccesspoint")
        for row in statements
        if not row.is_deny
        for test in row.conditions
    )
