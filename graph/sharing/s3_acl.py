"""A bucket's ACL under Object Ownership and Block Public Access, and what objects' ACLs could do.

* https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
* https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
* https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import CallResult, Item
from graph.evidence import Ref, Step
from graph.iam.resource_controls import ALL_USERS, AUTHENTICATED_USERS
from graph.iam.resources_from_snapshot import acls_enabled
from graph.iam.s3 import acl_actions, acl_groups
from graph.iam.s3_from_snapshot import members
from graph.judgement import Judgement
from graph.sharing.policies import outside, refused, unread
from graph.sharing.s3_block import IGNORE, Setting, flag_answer
from graph.verdict import Answer, Verdict, all_of, condition

GROUPS = {ALL_USERS: "internet", AUTHENTICATED_USERS: "any-aws-principal"}
MECHANISM = "bucket-acl"
OBJECTS = "object-acl"


def acl_judgements(item: Item, settings: tuple[Setting, ...]) -> Iterator[Judgement]:
    """Judge a bucket's ACL, and say where objects can be public.

    Args:
        item: a line of ``s3:bucket``.
        settings: Block Public Access at every level, the widest first.
    """
    ownership = _ownership(item)
    if ownership.verdict is Verdict.NO:
        yield outside(item, "internet", MECHANISM, ownership)
        return
    yield from _of_bucket(item, settings, ownership)
    yield outside(item, "internet", OBJECTS, _of_objects(item, settings, ownership))


def _of_bucket(item: Item, settings: tuple[Setting, ...], ownership: Answer) -> Iterator[Judgement]:
    rows = acl_grants(item)
    if rows is None:
        why = f"The bucket's ACL was not read ({item.call('get_bucket_acl').status})."
        answer = all_of((unread("s3.get_bucket_acl", item, why), ownership))
        yield outside(item, "internet", MECHANISM, answer)
        return
    ref = Ref.to(item, "/calls/get_bucket_acl/value/Grants")
    granted: dict[str, set[str]] = {}
    for source, permission in rows:
        granted.setdefault(source, set()).update(acl_actions().get(permission, ()))
    for source, names in sorted(granted.items()):
        actions = tuple(sorted(names))
        text = f"The bucket's ACL grants {', '.join(actions)} to {source}."
        step = Step("bucket ACL", item.id, "pass", text, (ref,))
        parts = [Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,)), ownership]
        if source in GROUPS.values():
            parts.append(flag_answer(item.id, settings, IGNORE))
        yield outside(item, source, MECHANISM, all_of(parts), actions)
    if "internet" not in granted:
        why = "The bucket's ACL grants nothing to all users."
        yield outside(item, "internet", MECHANISM, refused(item.id, "bucket ACL", why, ref))


def _of_objects(item: Item, settings: tuple[Setting, ...], ownership: Answer) -> Answer:
    """Each object has an ACL of its own, and none of them is listed.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
    """
    left = all_of((ownership, flag_answer(item.id, settings, IGNORE)))
    if left.verdict is Verdict.NO:
        return left
    why = "Objects can be public: each has an ACL of its own, and those are not read."
    return all_of((left, unread("s3.get_object_acl", item, why)))


def acl_grants(item: Item) -> list[tuple[str, str]] | None:
    """Grants of a bucket's ACL to anyone but its owner, as (source, permission).

    ``None`` if they were not read, or are not of the shape of grants.
    """
    call = item.call("get_bucket_acl")
    listed = _rows(call)
    if listed is None:
        return None
    owner = members(call, "Owner").get("ID")
    found = ((_grantee(row.get("Grantee", {}), owner), row.get("Permission")) for row in listed)
    return [(source, str(permission)) for source, permission in found if source]


def _rows(call: CallResult) -> list[Mapping[str, Any]] | None:
    value = call.value or {}
    rows = value.get("Grants", []) if isinstance(value, Mapping) else None
    if not call.known or not isinstance(rows, list):
        return None
    whole = all(
        isinstance(row, Mapping) and isinstance(row.get("Grantee", {}), Mapping) for row in rows
    )
    return rows if whole else None


def _grantee(grantee: Mapping[str, Any], owner: Any) -> str | None:
    if grantee.get("URI"):
        return GROUPS.get(acl_groups().get(str(grantee["URI"]), ""))
    if grantee.get("ID") and grantee["ID"] != owner:
        return f"canonical:{grantee['ID']}"
    return None


def _ownership(item: Item) -> Answer:
    """Bucket-owner-enforced ownership turns ACLs off; without the setting they are on."""
    call = item.call("get_bucket_ownership_controls")
    ref = Ref.to(item, "/calls/get_bucket_ownership_controls/value")
    enabled = acls_enabled(call)
    if enabled is None:
        text = "Whether ACLs are turned off by Object Ownership was not read."
        where = f"s3.get_bucket_ownership_controls@{item.account_id}/{item.region}"
        return Answer(
            Verdict.CONDITIONAL,
            why=text,
            conditions=(condition("not_collected", where),),
            evidence=(text,),
            steps=(Step("object ownership", item.id, "unknown", text, (ref,)),),
        )
    if not enabled:
        why = "Object Ownership is BucketOwnerEnforced, so ACLs have no effect."
        return refused(item.id, "object ownership", why, ref)
    text = "Object Ownership leaves ACLs in force."
    step = Step("object ownership", item.id, "pass", text, (ref,))
    return Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
