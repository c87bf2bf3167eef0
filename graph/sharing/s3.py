"""S3 buckets: policy, ACL, ownership and Block Public Access together.

* policy and ACL under Block Public Access:
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
* ACLs under Object Ownership:
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
* predefined groups: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.iam.document import parse
from graph.iam.resource_controls import ALL_USERS, AUTHENTICATED_USERS
from graph.iam.resources_from_snapshot import acls_enabled
from graph.iam.s3 import acl_actions, acl_groups
from graph.iam.s3_public import called_public
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.policies import outside, policy_grants, refused, unread
from graph.sharing.s3_access_points import access_point_judgements
from graph.verdict import Answer, Verdict, all_of, condition

GROUPS = {ALL_USERS: "internet", AUTHENTICATED_USERS: "any-aws-principal"}
CUT_BY_RESTRICT = ("internet", "any-aws-principal", "any-aws-account", "org:", "cidr:", "account:")


@dataclass(frozen=True, slots=True)
class Flag:
    """One effective Block Public Access flag: the OR of account and bucket.

    Attributes:
        on: ``True``, ``False``, or ``None`` when what was read does not decide it.
        text: one sentence.
        missing: calls that were not read and could turn it on.
        refs: where the settings stand.
    """

    on: bool | None
    text: str
    missing: tuple[str, ...] = ()
    refs: tuple[Ref, ...] = ()


def bucket_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Judge every bucket: who outside its account its policy and its ACL admit."""
    accounts = {item.account_id: item for item in snapshot.items("s3:account-bpa")}
    for item in snapshot.items("s3:bucket"):
        yield from judge_bucket(item, accounts.get(item.account_id), world)
    yield from access_point_judgements(snapshot, world)


def judge_bucket(item: Item, settings: Item | None, world: IamWorld) -> Iterator[Judgement]:
    """Judge one bucket; ``settings`` is its account's line of Block Public Access."""
    yield from _policy(item, settings, world)
    yield from _acl(item, settings)


def _flag(item: Item, settings: Item | None, name: str) -> Flag:
    """One flag in force: on if the account or the bucket says so.

    The organisation's S3 policy type is not read in this version; it can only take away.
    """
    missing: list[str] = []
    refs: list[Ref] = []
    for level, holder in (("account", settings), ("bucket", item)):
        call = (
            holder.call("get_public_access_block") if holder else CallResult(Status.NOT_ATTEMPTED)
        )
        value = (call.value or {}) if call.status is Status.OK else {}
        block = value.get("PublicAccessBlockConfiguration", value) if _is_object(value) else None
        if not call.known or not _is_object(block):
            client = "s3control" if level == "account" else "s3"
            missing.append(f"{client}.get_public_access_block@{item.account_id}/{item.region}")
            continue
        assert holder is not None
        assert isinstance(block, Mapping)
        ref = Ref.to(holder, f"/calls/get_public_access_block/value/{name}")
        if block.get(name):
            return Flag(True, f"The {level}'s Block Public Access sets {name}.", refs=(ref,))
        refs.append(ref)
    if missing:
        return Flag(None, f"Whether {name} is set was not read.", tuple(missing), tuple(refs))
    return Flag(False, f"{name} is set neither on the account nor on the bucket.", refs=tuple(refs))


def _flag_answer(item: Item, flag: Flag, name: str) -> Answer:
    """What a flag leaves of a grant that it would take away when on."""
    if flag.on:
        return refused(item.id, name, flag.text, *flag.refs)
    if flag.on is None:
        step = Step(name, item.id, "unknown", flag.text, flag.refs)
        return Answer(
            Verdict.CONDITIONAL,
            why=flag.text,
            conditions=tuple(condition("not_collected", where) for where in flag.missing),
            evidence=(flag.text,),
            steps=(step,),
        )
    step = Step(name, item.id, "pass", flag.text, flag.refs)
    return Answer(Verdict.YES, why=flag.text, evidence=(flag.text,), steps=(step,))


def _policy(item: Item, settings: Item | None, world: IamWorld) -> Iterator[Judgement]:
    call = item.call("get_bucket_policy")
    ref = Ref.to(item, "/calls/get_bucket_policy/value/Policy")
    if not call.known or not _is_object(call.value or {}):
        why = f"The bucket policy was not read ({call.status}), so who it admits is not known."
        restrict = _flag(item, settings, "RestrictPublicBuckets")
        answer = unread("s3.get_bucket_policy", item, why)
        if restrict.on:
            # Whatever the policy says, the public and other accounts are cut if it is public.
            answer = refused(item.id, "RestrictPublicBuckets", restrict.text, *restrict.refs)
        yield outside(item, "internet", "bucket-policy", answer)
        return
    text = (call.value or {}).get("Policy") if call.status is Status.OK else None
    if text is None or text == "":
        answer = refused(item.id, "bucket policy", "The bucket has no policy.", ref)
        yield outside(item, "internet", "bucket-policy", answer)
        return
    admitted = False
    for grant in policy_grants("s3", item, text, ref, world):
        answer = all_of((grant.answer, _restricted(item, settings, grant.source_id, text)))
        if grant.source_id == "internet":
            answer = all_of((answer, _encryption(item, grant.actions)))
        admitted = admitted or grant.source_id == "internet"
        yield outside(item, grant.source_id, "bucket-policy", answer, grant.actions)
    if not admitted:
        answer = refused(item.id, "bucket policy", "The policy admits no anonymous caller.", ref)
        yield outside(item, "internet", "bucket-policy", answer)


def _restricted(item: Item, settings: Item | None, source_id: str, text: str) -> Answer:
    """RestrictPublicBuckets: a public policy then serves only the account and AWS services."""
    if not source_id.startswith(("arn:", *CUT_BY_RESTRICT)):
        return Answer(Verdict.YES)
    public = _public(item, text)
    if public is False:
        return Answer(Verdict.YES)
    flag = _flag(item, settings, "RestrictPublicBuckets")
    if flag.on and public is None:
        where = f"s3.get_bucket_policy_status@{item.account_id}/{item.region}"
        why = f"{flag.text} It cuts this off if S3 calls the policy public, which was not read."
        step = Step("RestrictPublicBuckets", item.id, "unknown", why, flag.refs)
        return Answer(
            Verdict.CONDITIONAL,
            why=why,
            conditions=(condition("not_collected", where),),
            evidence=(why,),
            steps=(step,),
        )
    return _flag_answer(item, flag, "RestrictPublicBuckets")


def _public(item: Item, text: str) -> bool | None:
    """Whether S3 treats the policy as public: its own word where it was read, else its rule."""
    status = item.call("get_bucket_policy_status")
    word = _member(status, "PolicyStatus")
    return called_public(parse(text), bool(word["IsPublic"]) if "IsPublic" in word else None)


def _encryption(item: Item, actions: tuple[str, ...]) -> Answer:
    """Objects under SSE-KMS cannot be read by an anonymous caller: KMS needs a signed one.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    Objects stored before the default was set, or with another encryption, still can.
    """
    call = item.call("get_bucket_encryption")
    reads_only = bool(actions) and all(a.lower().startswith("s3:getobject") for a in actions)
    if not reads_only or call.status is not Status.OK:
        return Answer(Verdict.YES)
    rules = _member(call, "ServerSideEncryptionConfiguration").get("Rules")
    defaults = [
        rule.get("ApplyServerSideEncryptionByDefault")
        for rule in (rules if isinstance(rules, list) else ())
        if isinstance(rule, Mapping)
    ]
    kms = any(
        str(row.get("SSEAlgorithm", "")).startswith("aws:kms")
        for row in defaults
        if isinstance(row, Mapping)
    )
    if not kms:
        return Answer(Verdict.YES)
    text = (
        "New objects are encrypted with a KMS key, which an anonymous caller cannot use; objects "
        "stored with another encryption can be read."
    )
    ref = Ref.to(item, "/calls/get_bucket_encryption/value")
    return Answer(
        Verdict.CONDITIONAL,
        why=text,
        conditions=(condition("context", "s3:x-amz-server-side-encryption", "not aws:kms"),),
        evidence=(text,),
        steps=(Step("default encryption", item.id, "conditional", text, (ref,)),),
    )


def _acl(item: Item, settings: Item | None) -> Iterator[Judgement]:
    call = item.call("get_bucket_acl")
    ownership = _acls_enabled(item)
    ref = Ref.to(item, "/calls/get_bucket_acl/value/Grants")
    if ownership.verdict is Verdict.NO:
        yield outside(item, "internet", "bucket-acl", ownership)
        return
    listed = _granted(call)
    if listed is None:
        why = f"The bucket's ACL was not read ({call.status})."
        answer = all_of((unread("s3.get_bucket_acl", item, why), ownership))
        yield outside(item, "internet", "bucket-acl", answer)
        return
    granted: dict[str, list[str]] = {}
    owner = _member(call, "Owner").get("ID")
    for grant in listed:
        source = _grantee(grant.get("Grantee", {}), owner)
        if source:
            actions = acl_actions().get(str(grant.get("Permission")), ())
            granted.setdefault(source, []).extend(actions)
    for source, names in sorted(granted.items()):
        text = f"The bucket's ACL grants {', '.join(sorted(set(names)))} to {source}."
        step = Step("bucket ACL", item.id, "pass", text, (ref,))
        parts = [Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,)), ownership]
        if source in GROUPS.values():
            flag = _flag(item, settings, "IgnorePublicAcls")
            parts.append(_flag_answer(item, flag, "IgnorePublicAcls"))
        chosen = tuple(sorted(set(names)))
        yield outside(item, source, "bucket-acl", all_of(parts), chosen)
    if "internet" not in granted:
        answer = refused(
            item.id, "bucket ACL", "The bucket's ACL grants nothing to all users.", ref
        )
        yield outside(item, "internet", "bucket-acl", answer)


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping)


def _member(call: CallResult, name: str) -> Mapping[str, Any]:
    """An object of an answer, which may have been unwrapped; empty if it is not there."""
    value = call.value if call.status is Status.OK else None
    inner = value.get(name, value) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _granted(call: CallResult) -> list[Mapping[str, Any]] | None:
    """The grants of an ACL; ``None`` if they were not read, or are not of the shape of grants."""
    value = call.value or {}
    rows = value.get("Grants", []) if isinstance(value, Mapping) else None
    if not call.known or not isinstance(rows, list):
        return None
    whole = all(isinstance(row, Mapping) and _is_object(row.get("Grantee", {})) for row in rows)
    return rows if whole else None


def _grantee(grantee: Mapping[str, Any], owner: str | None) -> str | None:
    if grantee.get("URI"):
        return GROUPS.get(acl_groups().get(str(grantee["URI"]), ""))
    if grantee.get("ID") and grantee["ID"] != owner:
        return f"canonical:{grantee['ID']}"
    return None


def _acls_enabled(item: Item) -> Answer:
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
