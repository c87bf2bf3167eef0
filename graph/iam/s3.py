"""S3 beside the bucket policy: ACLs, Object Ownership and Block Public Access.

* https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
* https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
* https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from graph.iam import expression, patterns, rules
from graph.iam.case import Case
from graph.iam.expression import FALSE, TRUE, Expression, Gap
from graph.iam.layers import Said
from graph.iam.principal import service_name
from graph.iam.request import Side
from graph.iam.resource_controls import (
    ALL_USERS,
    AUTHENTICATED_USERS,
    LOG_DELIVERY,
    AclGrant,
    Bucket,
    PublicAccessBlock,
)
from graph.iam.s3_public import called_public
from graph.iam.world import Policy

RESTRICT = "Block Public Access"


@cache
def acl_actions() -> dict[str, tuple[str, ...]]:
    """What each permission of a bucket's ACL allows."""
    rows: dict[str, list[str]] = rules.data("s3_acl.json")["bucket_permissions"]["actions"]
    return {permission: tuple(actions) for permission, actions in rows.items()}


@cache
def acl_groups() -> dict[str, str]:
    """The predefined groups of ACLs: URI -> a name of :mod:`graph.iam.resource_controls`."""
    return dict(rules.data("s3_acl.json")["groups"]["names"])


def in_force(bucket: bool | None, account: bool | None) -> bool | None:
    """A setting of Block Public Access: on if bucket (or access point) or account has it on.

    ``None``: one of them was not read and the other is not on.
    """
    if bucket or account:
        return True
    return None if bucket is None or account is None else False


@dataclass(frozen=True, slots=True)
class Ways:
    """What ACLs give: to the caller as one of a group, and to its account, which delegates."""

    alone: Expression
    delegated: Expression

    @property
    def either(self) -> Expression:
        """Both."""
        return self.alone | self.delegated


_NONE = Ways(FALSE, FALSE)


def bucket_of(arn: str) -> str:
    """ARN of the bucket of an object, or the bucket's own."""
    return arn.partition("/")[0]


def acl(case: Case, said: Said) -> Ways:
    """What the bucket's ACL gives to the caller; object ACLs are not collected."""
    if case.request.other_grants_seen:
        return _NONE
    where = "/" in case.request.resource
    permissions, on_objects = _by_acl(case.question.action, where, case.request.pattern)
    if not permissions and not on_objects:
        return _NONE
    arn = bucket_of(case.request.resource)
    bucket = case.world.buckets.get(arn)
    if bucket is not None and bucket.acls_enabled is False:
        return _NONE
    if bucket is None or (permissions and bucket.acl is None):
        if case.same_account:
            return _NONE
        gap = case.gap("bucket ACL", "s3:acl", arn, "The bucket's ACL was not collected.", True)
        return Ways(gap, FALSE)
    if on_objects and not case.same_account and not said.allowed().is_true:
        case.proof.notes.append("Object ACLs, which may admit others, are not collected.")
    return _granted(case, arn, bucket, permissions)


@lru_cache(maxsize=4096)
def _by_acl(action: str, on_object: bool, pattern: bool) -> tuple[frozenset[str], bool]:
    """Permissions of a bucket's ACL that give an action, and whether an object's ACL could."""
    given = frozenset(
        permission
        for permission, actions in acl_actions().items()
        for name in actions
        if (pattern or rules.is_object_action(name.lower()) is on_object)
        and patterns.matches(action, name.lower())
    )
    of_objects = rules.data("s3_acl.json")["object_permissions"]["actions"]
    return given, any(patterns.matches(action, name.lower()) for name in of_objects)


def _granted(case: Case, arn: str, bucket: Bucket, permissions: frozenset[str]) -> Ways:
    alone = delegated = FALSE
    for row in bucket.acl or ():
        if row.permission not in permissions:
            continue
        if row.grantee in (ALL_USERS, AUTHENTICATED_USERS):
            alone = alone | _to_group(case, arn, bucket, row)
        elif row.grantee == LOG_DELIVERY:
            alone = alone | _to_log_delivery(case)
        else:
            delegated = delegated | _to_account(case, row)
    found = Ways(alone, delegated)
    if found.either.is_false:
        return found
    enabled = TRUE
    if bucket.acls_enabled is None:
        text = "Whether Object Ownership turns ACLs off was not read."
        enabled = case.gap("bucket ACL", "s3:object-ownership", arn, text, needed=False)
    case.proof.step("bucket ACL", arn, found.either & enabled, "The bucket's ACL allows it.")
    return Ways(alone & enabled, delegated & enabled)


def _to_group(case: Case, arn: str, bucket: Bucket, row: AclGrant) -> Expression:
    caller = case.request.principal
    if caller.kind in ("service", "federated", "canonical"):
        return FALSE
    if row.grantee == AUTHENTICATED_USERS and caller.kind == "anonymous":
        return FALSE
    ignored = _flag(case, bucket.block, "ignore_public_acls")
    if ignored:
        text = "Block Public Access (IgnorePublicAcls) takes away what the ACL grants to a group."
        case.proof.step(RESTRICT, arn, FALSE, text)
        return FALSE
    case.open_to_all = case.open_to_all or row.grantee == ALL_USERS
    return TRUE if ignored is False else _gap("s3:public-access-block", arn)


def _to_log_delivery(case: Case) -> Expression:
    caller = case.request.principal
    logging = caller.kind == "service" and service_name(caller.arn) == "logging.s3.amazonaws.com"
    return TRUE if logging else FALSE


def _to_account(case: Case, row: AclGrant) -> Expression:
    """A canonical user is an account: who is in it needs its identity policies too.

    https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
    """
    caller = case.request.principal
    if caller.kind == "canonical":
        return TRUE if getattr(caller, "arn", "") == row.grantee else FALSE
    if not caller.account or caller.kind == "service":
        return FALSE
    ids = case.world.canonical_ids
    known = ids.get(caller.account)
    if caller.account != case.owner and row.grantee == ids.get(case.owner):
        # An owner's own grant, whatever another account is called: the id is one account's alone.
        return FALSE
    if known is None or (known == row.grantee and _is_of_several(ids, caller.account)):
        return expression.of(Gap("s3:canonical-id", caller.account, needed=True))
    return TRUE if known == row.grantee else FALSE


def _is_of_several(ids: Mapping[str, str], account: str) -> bool:
    """Whether another account was seen under an account's canonical id, as in simulations."""
    return any(one == ids[account] for other, one in ids.items() if other != account)


def _gap(subject: str, value: str) -> Expression:
    return expression.of(Gap(subject, value, needed=False))


def _flag(case: Case, own: PublicAccessBlock | None, name: str) -> bool | None:
    account = case.world.public_access_blocks.get(case.owner)
    return in_force(
        None if own is None else getattr(own, name),
        None if account is None else getattr(account, name),
    )


def unrestricted(case: Case) -> Expression:
    """When RestrictPublicBuckets lets a caller from outside the bucket's account pass.

    A bucket with a public policy then serves only its own account and AWS services.
    """
    caller = case.request.principal
    if case.request.other_grants_seen or caller.kind == "service":
        return TRUE
    arn = bucket_of(case.request.resource)
    bucket = case.world.buckets.get(arn, Bucket())
    word = bucket.called_public if case.request.resource_policy is Side.LOOK_UP else None
    blocks = (bucket.block, case.world.public_access_blocks.get(case.owner))
    return not_cut(case, case.policy, word, blocks, arn)


_ALWAYS_ON = PublicAccessBlock(ignore_public_acls=True, restrict_public_buckets=True)


def never_public(case: Case) -> Expression:
    """When a caller from outside passes a Block Public Access that cannot be switched off."""
    if case.request.principal.kind == "service":
        return TRUE
    return not_cut(case, case.policy, None, (_ALWAYS_ON,), case.request.resource)


def restricted_by(blocks: Iterable[PublicAccessBlock | None]) -> bool | None:
    """Whether RestrictPublicBuckets is on at any level; ``None``: one that decides is unread."""
    found = [None if block is None else block.restrict_public_buckets for block in blocks]
    if any(found):
        return True
    return None if None in found else False


def not_cut(
    case: Case,
    policy: Policy | Side | None,
    word: bool | None,
    blocks: Iterable[PublicAccessBlock | None],
    arn: str,
) -> Expression:
    """When RestrictPublicBuckets does not act on the holder of a policy.

    Args:
        case: the request, from outside the owner's account.
        policy: of the bucket or access point.
        word: S3's own word on whether it is public, if read.
        blocks: Block Public Access at every level above the policy; ``None`` was not read.
        arn: the holder.
    """
    if not isinstance(policy, Policy):
        return TRUE
    public = called_public(policy.document, word)
    restricts = restricted_by(blocks)
    if public is False or restricts is False:
        return TRUE
    if restricts is None:
        text = "Whether Block Public Access cuts the public policy to its own account was not read."
        return case.gap(RESTRICT, "s3:public-access-block", arn, text, needed=False)
    if public is None:
        text = "Whether S3 calls the policy public, which would cut it off, was not read."
        return case.gap(RESTRICT, "s3:bucket-policy-status", arn, text, needed=False)
    text = "The policy is public, and Block Public Access (RestrictPublicBuckets) is on."
    return case.cut_off(RESTRICT, arn, text)
