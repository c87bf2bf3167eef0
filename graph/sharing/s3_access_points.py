"""S3 access points, of one bucket and Multi-Region: who comes to a bucket through one.

The access point's policy and the bucket's must both admit the caller, and an access point of one
VPC takes calls from there alone. A Multi-Region access point leads to one of several buckets.

* https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
* https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointPermissions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.iam.grants import Grant
from graph.iam.resource_controls import AccessPoint
from graph.iam.s3_from_snapshot import members
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.policies import outside, own, refused, unread
from graph.sharing.s3_block import RESTRICT, Blocks, Setting, bucket_setting, flag_answer
from graph.sharing.s3_chain import Link, link, sources
from graph.sharing.s3_encryption import anonymous_decryption
from graph.sharing.s3_meaning import Meaning, bucket_policy_public, policy_public
from graph.verdict import Answer, Verdict, all_of, condition

UNNAMED = ("internet", "any-aws-principal", "cidr:")
SERVICES = ("service:", "any-account-via:")


@dataclass(frozen=True, slots=True)
class Kind:
    """Where one kind of access point keeps what decides.

    Attributes:
        type_id: snapshot type.
        title: in sentences.
        mechanism: first part of the judgement's mechanism.
        operation: the call that gives its policy.
        path: from that call's value to the text.
    """

    type_id: str
    title: str
    mechanism: str
    operation: str
    path: tuple[str, ...]

    def call(self, item: Item) -> CallResult:
        """The call that gives its policy."""
        return item.call(self.operation)

    def text(self, item: Item) -> Any:
        """The policy's text; ``None`` if it has none."""
        call = self.call(item)
        held = members(call, *self.path[:-1]) if call.status is Status.OK else {}
        return held.get(self.path[-1])

    @property
    def pointer(self) -> str:
        """JSON pointer to the policy on the line."""
        return f"/calls/{self.operation}/value/{'/'.join(self.path)}"


POINT = Kind(
    "s3:access-point", "access point", "access-point", "get_access_point_policy", ("Policy",)
)
MULTI_REGION = Kind(
    "s3:mrap",
    "Multi-Region access point",
    "multi-region-access-point",
    "get_multi_region_access_point_policy",
    ("Policy", "Established", "Policy"),
)


def access_point_judgements(
    snapshot: Snapshot, world: IamWorld, blocks: Blocks
) -> Iterator[Judgement]:
    """Judge every access point: who outside its account reaches the buckets behind it."""
    buckets = {item.id: item for item in snapshot.items("s3:bucket")}
    for kind in (POINT, MULTI_REGION):
        for item in snapshot.items(kind.type_id):
            door = Door(kind, item, world.access_points[item.id], world, blocks)
            for arn, _ in door.point.buckets:
                yield from _judged(door, buckets.get(arn))
    unlisted = {row.account_id for row in snapshot.gaps(POINT.type_id)}
    unlisted |= set(snapshot.accounts) - {
        row.account_id for row in snapshot.ledger if row.is_about({POINT.type_id})
    }
    for bucket in buckets.values():
        if bucket.account_id in unlisted and _leaves_it_to_access_points(bucket, world):
            why = "The bucket's policy leaves access to access points, which were not listed."
            answer = unread("s3control.list_access_points", bucket, why)
            yield outside(bucket, "internet", "access-point", answer)


@dataclass(frozen=True, slots=True)
class Door:
    """An access point with everything that stands around it."""

    kind: Kind
    item: Item
    point: AccessPoint
    world: IamWorld
    blocks: Blocks
    meanings: dict[str, Meaning] = field(default_factory=dict, compare=False)
    """AWS's verdicts on its policy and those of its buckets, told once each."""

    @property
    def name(self) -> str:
        """The last segment of its ARN."""
        return self.item.id.rpartition("/")[2]

    @property
    def context(self) -> dict[str, tuple[str, ...]]:
        """What calls through it carry.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html#access-points-condition-keys
        """
        known: dict[str, tuple[str, ...]] = {
            "s3:DataAccessPointArn": (self.item.id,),
            "s3:DataAccessPointAccount": (self.item.account_id,),
        }
        if self.kind is POINT:
            origin = "VPC" if self.point.vpc else "Internet"
            known["s3:AccessPointNetworkOrigin"] = (origin,)
        return known

    @property
    def own(self) -> Link:
        """Its own policy."""
        if not self.kind.call(self.item).known:
            gap = f"s3control.{self.kind.operation}"
            return Link(self.item, self.kind.title, "s3", None, gap)
        text, title = self.kind.text(self.item), self.kind.title
        return link(self.item, title, "s3", text, self.kind.pointer, self.world, self.context)

    def behind(
        self, bucket: Item | None, more: Mapping[str, tuple[str, ...]] | None = None
    ) -> Link:
        """The bucket's policy, as it treats calls that come through here."""
        if bucket is None or not bucket.call("get_bucket_policy").known:
            return Link(bucket or self.item, "bucket", "s3", None, "s3.get_bucket_policy")
        text, pointer = _bucket_text(bucket), "/calls/get_bucket_policy/value/Policy"
        context = {**self.context, **(more or {})}
        return link(bucket, "bucket", "s3", text, pointer, self.world, context)

    def limits(self, source: str, bucket: Item | None) -> list[Answer]:
        """What else stands before a source: the VPC and Block Public Access."""
        found = [self._from_vpc(source)]
        if source.startswith(SERVICES):
            return found
        above = self.blocks.account(self.item.account_id)
        of_bucket: tuple[Setting, ...] = ()
        if bucket is not None:
            over = self.blocks.account(bucket.account_id)
            found.append(
                _cut(
                    bucket.id,
                    self._meaning_of(bucket),
                    (*over, bucket_setting(bucket)),
                )
            )
            of_bucket = (*(one for one in over if one not in above), bucket_setting(bucket))
        settings = (*above, *of_bucket, self._setting())
        return [*found, _cut(self.item.id, self.meaning(), settings)]

    def meaning(self) -> Meaning:
        """AWS's verdict on its policy."""
        if self.item.id not in self.meanings:
            text = self.kind.text(self.item)
            found = policy_public(text, self.point.word, access_point=True)
            self.meanings[self.item.id] = found
        return self.meanings[self.item.id]

    def _meaning_of(self, bucket: Item) -> Meaning:
        if bucket.id not in self.meanings:
            self.meanings[bucket.id] = bucket_policy_public(bucket, _bucket_text(bucket))
        return self.meanings[bucket.id]

    def _setting(self) -> Setting:
        block = self.point.block
        call = "get_access_point" if self.kind is POINT else "list_multi_region_access_points"
        missing = f"s3control.{call}@{self.item.account_id}/{self.item.region}"
        pointer = "/item/PublicAccessBlock"
        if self.kind is POINT:
            pointer = "/calls/get_access_point/value/PublicAccessBlockConfiguration"
        flags = None if block is None else {RESTRICT: block.restrict_public_buckets}
        ref = None if block is None else Ref.to(self.item, pointer)
        return Setting(self.kind.title, flags, ref, missing)

    def _from_vpc(self, source: str) -> Answer:
        vpc = self.point.vpc
        if not vpc or source == vpc:
            return Answer(Verdict.YES)
        text = f"The access point takes calls from {vpc} alone."
        if source.startswith(UNNAMED):
            return refused(self.item.id, "network origin", text)
        step = Step("network origin", self.item.id, "conditional", text)
        note = condition("context", "aws:SourceVpc", vpc)
        return Answer(Verdict.CONDITIONAL, text, (note,), evidence=(text,), steps=(step,))


def _judged(door: Door, bucket: Item | None) -> Iterator[Judgement]:
    target, mechanism = bucket or door.item, f"{door.kind.mechanism}/{door.name}"
    first = door.own
    if first.grants is None:
        why = f"The {door.kind.title}'s policy was not read ({door.kind.call(door.item).status})."
        yield outside(target, "internet", mechanism, unread(first.gap, door.item, why))
        return
    admitted = False
    second = door.behind(bucket) if first.grants else Link(target, "bucket", "s3", {})
    for source in sources((first, second)):
        rows = first.found(source) if not own(source, door.item.account_id) else []
        for grant in rows or _by_organisation(first, source):
            parts = [grant.answer, second.answer(source, door.world)]
            parts += door.limits(source, bucket)
            if source == "internet" and bucket is not None:
                parts.append(anonymous_decryption(bucket, grant.actions))
            admitted = admitted or source == "internet"
            yield outside(target, source, mechanism, all_of(parts), grant.actions)
    if not admitted:
        why = f"The {door.kind.title}'s policy admits no anonymous caller."
        answer = refused(door.item.id, f"{door.kind.title} policy", why)
        yield outside(target, "internet", mechanism, answer)


def _by_organisation(first: Link, source: str) -> list[Grant]:
    """Grants to organisations, one of which a named account of the bucket's policy may be in."""
    if not source.startswith(("account:", "arn:")):
        return []
    return [row for name, held in (first.grants or {}).items() for row in held if _org(name)]


def _org(name: str) -> bool:
    return name.startswith("org:")


def _cut(subject: str, said: Meaning, settings: tuple[Setting, ...]) -> Answer:
    """RestrictPublicBuckets over one policy."""
    if said.public is False:
        return Answer(Verdict.YES)
    left = flag_answer(subject, settings, RESTRICT)
    if said.public is None and left.verdict is Verdict.NO:
        text = f"{left.why} It cuts this off if S3 calls the policy public, which was not read."
        step = Step(RESTRICT, subject, "unknown", text)
        note = condition("not_collected", "s3:bucket-policy-status", subject)
        return Answer(Verdict.CONDITIONAL, text, (note,), evidence=(text,), steps=(step,))
    return all_of((said.answer(subject), left))


def _bucket_text(bucket: Item) -> Any:
    return members(bucket.call("get_bucket_policy")).get("Policy")


def _leaves_it_to_access_points(bucket: Item, world: IamWorld) -> bool:
    policy = world.resource_policies.get(bucket.id)
    statements = getattr(policy.document, "statements", ()) if policy else ()
    return any(
        test.key.lower().startswith("s3:dataaccesspoint")
        for row in statements
        if not row.is_deny
        for test in row.conditions
    )
