"""What default encryption leaves of an anonymous read."""

from __future__ import annotations

from collections.abc import Mapping

from collector.snapshot import Item, Status
from graph.evidence import Ref, Step
from graph.iam.s3_from_snapshot import members
from graph.verdict import Answer, Verdict, condition


def anonymous_decryption(item: Item, actions: tuple[str, ...]) -> Answer:
    """Objects under SSE-KMS cannot be read by an anonymous caller: KMS needs a signed one.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    Objects stored before the default was set, or with another encryption, still can.
    """
    call = item.call("get_bucket_encryption")
    reads_only = bool(actions) and all(a.lower().startswith("s3:getobject") for a in actions)
    if not reads_only or call.status is not Status.OK:
        return Answer(Verdict.YES)
    rules = members(call, "ServerSideEncryptionConfiguration").get("Rules")
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
