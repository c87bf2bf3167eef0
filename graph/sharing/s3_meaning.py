"""AWS's own verdict on a bucket: public or not, before Block Public Access.

It is one of two verdicts. The other, who is admitted, is a bucket's judgements. They differ: a
policy for a wildcard of source ARNs is public by the rule though it admits one account.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
(section "The meaning of public")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import Item, Status
from graph.evidence import Ref, Step
from graph.iam.document import Document, parse
from graph.iam.s3_from_snapshot import members
from graph.iam.s3_public import called_public, public_statements
from graph.sharing.s3_acl import GROUPS, acl_grants
from graph.verdict import Answer, Verdict


@dataclass(frozen=True, slots=True)
class Meaning:
    """What AWS calls one policy.

    Attributes:
        by_rule: by AWS's published rule; ``None`` for a policy that cannot be read.
        by_word: S3's own word (``GetBucketPolicyStatus``), where it was read.
        public: what Block Public Access acts on: S3's word, else the rule where it is sure.
        statements: numbers of the statements that make it public by the rule.
        refs: where S3's word stands.
    """

    by_rule: bool | None
    by_word: bool | None
    public: bool | None
    statements: tuple[int, ...] = ()
    refs: tuple[Ref, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether S3's word and the published rule contradict each other."""
        return None not in (self.by_rule, self.by_word) and self.by_rule != self.by_word

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to tell a reader: the verdict, and where the two differ."""
        if self.by_rule is None:
            return ("Whether AWS's published rule calls the policy public cannot be told.",)
        listed = ", ".join(map(str, self.statements[:5]))
        found = [
            f"AWS's published rule calls the policy public (statement {listed})."
            if self.by_rule
            else "AWS's published rule does not call the policy public."
        ]
        if self.differs:
            word = "public" if self.by_word else "not public"
            found.append(f"S3 itself called it {word} when it was asked: its word is taken.")
        return tuple(found)

    def answer(self, subject: str) -> Answer:
        """A ``yes`` that shows both in the proof; evidence only where they differ."""
        result = "conditional" if self.differs else "pass"
        step = Step("meaning of public", subject, result, " ".join(self.sentences), self.refs)
        told = self.sentences[1:] if self.differs else ()
        return Answer(Verdict.YES, evidence=told, steps=(step,))


def policy_public(
    text: str | Mapping[str, Any] | None,
    word: bool | None,
    *,
    access_point: bool = False,
    refs: tuple[Ref, ...] = (),
) -> Meaning:
    """AWS's verdict on one policy.

    Args:
        text: the policy; ``None`` or empty for none.
        word: S3's own word on it, if read.
        access_point: it is an access point's.
        refs: where S3's word stands.
    """
    if text is None or text == "":
        return Meaning(False, word, False, refs=refs)
    document = parse(text)
    if not isinstance(document, Document):
        return Meaning(None, word, word, refs=refs)
    numbers = tuple(public_statements(document, access_point=access_point))
    return Meaning(bool(numbers), word, called_public(document, word), numbers, refs)


def bucket_policy_public(item: Item, text: str | Mapping[str, Any] | None) -> Meaning:
    """AWS's verdict on a bucket's policy, with what ``GetBucketPolicyStatus`` said."""
    call = item.call("get_bucket_policy_status")
    status = members(call, "PolicyStatus") if call.status is Status.OK else {}
    word = bool(status["IsPublic"]) if "IsPublic" in status else None
    ref = Ref.to(item, "/calls/get_bucket_policy_status/value")
    return policy_public(text, word, refs=(ref,) if word is not None else ())


def aws_public(item: Item) -> bool | None:
    """Whether AWS calls a bucket public, before Block Public Access: its policy or its ACL.

    An ACL is public if it grants anything to all users or to all authenticated users.

    Args:
        item: a line of ``s3:bucket``.

    Returns:
        ``None``: a part that was not read decides it.
    """
    call = item.call("get_bucket_policy")
    text = call.value.get("Policy") if isinstance(call.value, Mapping) else None
    said = bucket_policy_public(item, text)
    policy = (said.by_word if said.by_rule is None else said.by_rule) if call.known else None
    rows = acl_grants(item)
    acl = None if rows is None else any(source in GROUPS.values() for source, _ in rows)
    if policy or acl:
        return True
    return None if policy is None or acl is None else False
