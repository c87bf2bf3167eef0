"""The resources' side of a snapshot: policies, and what stands beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.snapshot import CallResult, Snapshot, Status
from collector.snapshot.reader import Item
from graph.evidence import Ref
from graph.iam import rules as facts
from graph.iam.document import parse
from graph.iam.kms import aws_managed_key, grants_document
from graph.iam.policies_from_snapshot import (
    arn_of,
    at,
    carried,
    in_one,
    switched_off,
)
from graph.iam.policy_places import PolicyPlace, places_of, types
from graph.iam.resource_controls import (
    AccessPoint,
    AclGrant,
    Bucket,
    PublicAccessBlock,
    VpcEndpoint,
)
from graph.iam.s3 import acl_groups
from graph.iam.s3_from_snapshot import access_point, multi_region, organisation_blocks
from graph.iam.shares_from_snapshot import shares_of
from graph.iam.world import Policy, ShareGrant

TYPES = (
    "s3:account-bpa",
    "ec2:vpc-endpoint",
    "ram:share",
    *types(),
)
"""Snapshot types that are read here (for ``coverage``)."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A policy without the line that carries it: type, account and region of the line."""

    place: tuple[str, str, str]
    known: bool
    policy: Policy | None


_Groups = dict[str, list[_Row]]
"""Policies by the ARN of the resource that they are about."""


@dataclass(slots=True)
class Resources:
    """The fields of the same names of :class:`graph.iam.world.IamWorld`."""

    resource_policies: dict[str, Policy | None] = field(default_factory=dict)
    resource_accounts: dict[str, str] = field(default_factory=dict)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    public_access_blocks: dict[str, PublicAccessBlock] = field(default_factory=dict)
    canonical_ids: dict[str, str] = field(default_factory=dict)
    access_points: dict[str, AccessPoint] = field(default_factory=dict)
    key_grants: dict[str, Policy | None] = field(default_factory=dict)
    shares: dict[str, tuple[str, ...]] = field(default_factory=dict)
    share_grants: dict[str, tuple[ShareGrant, ...]] = field(default_factory=dict)
    shares_read: frozenset[str] = frozenset()
    endpoints: dict[str, VpcEndpoint] = field(default_factory=dict)


def resources_of(snapshot: Snapshot) -> Resources:
    """Everything that a snapshot says of the resources' side.

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    found = Resources()
    _policies(found, snapshot)
    for item in snapshot.items("s3:account-bpa"):
        block = _block(item.call("get_public_access_block"))
        if block is not None:
            found.public_access_blocks[item.account_id] = block
    for account, above in organisation_blocks(snapshot).items():
        found.public_access_blocks[account] = above.block
    for item in snapshot.items("ec2:vpc-endpoint"):
        _endpoint(found, item)
    shares = shares_of(snapshot)
    found.shares, found.share_grants = shares.receivers, shares.grants
    found.shares_read = shares.read
    return found


def _policies(found: Resources, snapshot: Snapshot) -> None:
    """The policies of every type that ``policy_places.json`` names."""
    groups: _Groups = {}
    wide: _Groups = {}
    for type_id in types():
        for item in snapshot.items(type_id):
            for place in places_of(type_id):
                in_force = not switched_off(place, item)
                for one in carried(place, item):
                    # What decides in the place of a policy that is off, no policy says.
                    known = one.known and in_force
                    row = _Row((type_id, item.account_id, item.region), known, one.policy())
                    for arn in _named(one.arn, place, item):
                        found.resource_accounts[arn] = item.account_id
                        groups.setdefault(arn, []).append(row)
                    if place.speaks_for and one.arn == arn_of(place.arn, item):
                        wide.setdefault(one.arn, []).append(row)
            if type_id in _READERS:
                # They complete what the policies say.
                _READERS[type_id](found, item)
    _beside(groups, wide)
    for arn, rows in groups.items():
        if all(row.known for row in rows):
            policies = [row.policy for row in rows if row.policy is not None]
            found.resource_policies[arn] = in_one(policies)


def _named(arn: str, place: PolicyPlace, item: Item) -> list[str]:
    """The ARNs under which calls name what carries a policy."""
    other = item.item.get(place.also) if place.also else None
    return [arn, other] if isinstance(other, str) and other else [arn]


def _beside(groups: _Groups, wide: _Groups) -> None:
    """Policies of a whole account and region also decide about what has a policy of its own."""
    by_place: dict[tuple[str, str, str], list[_Row]] = {}
    for rows in wide.values():
        for row in rows:
            own_type, account, region = row.place
            spoken_for = {own_type}.union(*(p.speaks_for for p in places_of(own_type)))
            for type_id in spoken_for:
                by_place.setdefault((type_id, account, region), []).append(row)
    for arn, own in groups.items():
        if arn not in wide and (more := by_place.get(own[0].place)):
            own += [row for row in more if row not in own]
        own += _of_holder(groups, arn)


def _of_holder(groups: _Groups, arn: str) -> list[_Row]:
    """The policies of what holds a resource, where both are weighed together.

    A holder's policy that is on no line was not read.
    """
    parts = arn.split(":", 3)
    holder = facts.policy_holder(arn)
    if holder == arn or not facts.service_is("policies_add_up", parts[2]):
        return []
    return list(groups.get(holder, ())) or [_Row(groups[arn][0].place, False, None)]


def _members(call: CallResult, *path: str) -> Mapping[str, Any]:
    """An object of a response that was had; empty for the fact that there is none."""
    value = call.value if call.status is Status.OK else None
    for step in path:
        value = value.get(step, value) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (
        row for row in (value if isinstance(value, list) else ()) if isinstance(row, Mapping)
    )


def _listed(call: CallResult, member: str) -> list[Any] | None:
    """What a call lists; ``None`` if it was not read, or gave something else than a list."""
    if not call.known:
        return None
    if call.status is not Status.OK:
        return []
    value = call.value.get(member) if isinstance(call.value, Mapping) else call.value
    return value if isinstance(value, list) else None


def _policy(item: Item, text: Any, ref: Ref) -> Policy | None:
    if text is None or text == "":
        return None
    return Policy(f"policy of {item.id.rpartition(':')[2]}", parse(text), "", ref)


# S3


def _block(call: CallResult) -> PublicAccessBlock | None:
    if not call.known:
        return None
    settings = _members(call, "PublicAccessBlockConfiguration")
    return PublicAccessBlock(
        bool(settings.get("IgnorePublicAcls")), bool(settings.get("RestrictPublicBuckets"))
    )


def acls_enabled(call: CallResult) -> bool | None:
    """Whether a bucket's ACLs are in force, as ``get_bucket_ownership_controls`` says.

    ``None`` if it was not read, or gave something else than a list of rules. Without the setting
    ACLs are in force.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    if not call.known:
        return None
    if call.status is not Status.OK or call.value is None:
        return True
    value = call.value
    if isinstance(value, Mapping):
        value = value.get("OwnershipControls", value)
    rules = value.get("Rules", []) if isinstance(value, Mapping) else value
    if not isinstance(rules, list) or not all(isinstance(row, Mapping) for row in rules):
        return None
    return all(row.get("ObjectOwnership") != "BucketOwnerEnforced" for row in rules)


def _bucket(found: Resources, item: Item) -> None:
    acl, ownership = item.call("get_bucket_acl"), item.call("get_bucket_ownership_controls")
    status = _members(item.call("get_bucket_policy_status"), "PolicyStatus")
    answer = _members(acl)
    found.buckets[item.id] = Bucket(
        acls_enabled=acls_enabled(ownership),
        acl=None if _listed(acl, "Grants") is None else tuple(_acl_grants(answer)),
        block=_block(item.call("get_public_access_block")),
        called_public=bool(status["IsPublic"]) if "IsPublic" in status else None,
    )
    owner = _members(acl, "Owner").get("ID") if "Owner" in answer else None
    if owner:
        found.canonical_ids[item.account_id] = str(owner)


def _acl_grants(answer: Mapping[str, Any]) -> Iterator[AclGrant]:
    for row in _rows(answer.get("Grants")):
        grantee = row.get("Grantee")
        named = grantee if isinstance(grantee, Mapping) else {}
        name = acl_groups().get(str(named.get("URI"))) or str(named.get("ID") or "")
        if name:
            yield AclGrant(name, str(row.get("Permission")))


def _access_point(found: Resources, item: Item) -> None:
    found.access_points[item.id] = access_point(item, found.resource_accounts)


def _multi_region(found: Resources, item: Item) -> None:
    found.access_points[item.id] = multi_region(item, found.resource_accounts)


# KMS


def _key(found: Resources, item: Item) -> None:
    metadata = _members(item.call("describe_key"), "KeyMetadata")
    if metadata.get("KeyManager") == "AWS":
        # Its policy and grants are not collected: nobody can change them.
        found.resource_policies.setdefault(item.id, aws_managed_key(item.account_id))
        found.key_grants[item.id] = None
        return
    rows = _listed(item.call("list_grants"), "Grants")
    if rows is not None:
        ref = Ref.to(item, "/calls/list_grants/value")
        policy = Policy("grants", parse(grants_document(rows)), "", ref) if rows else None
        found.key_grants[item.id] = policy


# Lambda


def _qualifiers(found: Resources, item: Item) -> None:
    """Each alias and version has a policy of its own."""
    for arguments, call in item.calls_of("get_policy"):
        if arguments and call.known:
            arn = f"{item.id}:{arguments.partition('=')[2]}"
            found.resource_accounts[arn] = item.account_id
            ref = Ref.to(item, f"/calls/get_policy({arguments})/value/Policy")
            found.resource_policies[arn] = _policy(item, at(call.value, ("Policy",)), ref)


_READERS = {
    "s3:bucket": _bucket,
    "s3:access-point": _access_point,
    "s3:mrap": _multi_region,
    "kms:key": _key,
    "lambda:function": _qualifiers,
}


# VPC endpoints


def _endpoint(found: Resources, item: Item) -> None:
    id_ = str(item.item.get("VpcEndpointId") or item.id.rpartition("/")[2])
    found.endpoints[id_] = VpcEndpoint(item.id, str(item.item.get("ServiceName") or ""))
    text = item.item.get("PolicyDocument")
    policy = None
    if text is not None and text != "":
        ref = Ref.to(item, "/item/PolicyDocument")
        document = parse(text)
        policy = Policy(f"policy of {id_}", document, "", ref)
    found.resource_policies[item.id] = policy
