"""What a bucket's or a function's own policy lets a distribution do.

* origin access control, origin access identity:
  https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
* function URLs:
  https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from collector.snapshot import Item, Status
from graph.evidence import Ref, Step
from graph.front_doors.sight import Sight, member, rows
from graph.iam.evaluate import evaluate
from graph.iam.request import Request
from graph.iam.world import Outside
from graph.judgement import Judgement
from graph.sharing.functions import SETTING, SIGV4, switched_off, url_judgements
from graph.sharing.policies import policy_grants
from graph.sharing.s3 import judge_bucket
from graph.sharing.s3_block import Blocks
from graph.verdict import Answer, Verdict, all_of, any_of, condition

_SERVICE = "cloudfront.amazonaws.com"
_READ = "s3:GetObject"
_KMS = "/calls/get_bucket_encryption/value"
_IDENTITY = "arn:{partition}:iam::cloudfront:user/CloudFront Origin Access Identity {id}"


def bucket_answer(
    sight: Sight, item: Item, bucket: Item, access_control: str, access_identity: str
) -> Answer:
    """Whether viewers of a distribution read objects of an origin bucket.

    Args:
        sight: the snapshot.
        item: the distribution.
        bucket: the bucket.
        access_control: id of the origin access control with which requests are signed, or empty.
        access_identity: id of the origin access identity under which they come, or empty.
    """
    unsigned = _unsigned(sight, bucket)
    if access_control:
        signed = _signed(sight, item, access_control)
        admitted = all_of((_as_service(sight, item, bucket), _decrypted(sight, item, bucket)))
        if signed is True:
            return _noted(admitted, unsigned, bucket)
        if signed is None:
            return _either(sight, item, admitted)
        return unsigned
    if access_identity:
        admitted = _as_identity(sight, item, bucket, access_identity)
        # KMS takes no requests under such an identity.
        found = any_of((all_of((admitted, _decrypted(None, item, bucket))), unsigned))
        return _noted(found, unsigned, bucket)
    return _noted(unsigned, unsigned, bucket)


def access_point_answer(sight: Sight, item: Item, point: Item, access_control: str) -> Answer:
    """Whether viewers of a distribution read objects through an access point that is its origin.

    The access point's policy and the bucket's must both admit them; the policy engine asks both.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-usage-examples.html

    Args:
        sight: the snapshot.
        item: the distribution.
        point: the access point.
        access_control: id of the origin access control, or empty.
    """
    objects = f"{point.id}/object/*"
    caller = Outside("anonymous")
    request = Request(caller, _READ, objects, point.account_id, {}, pattern=True)
    unsigned = evaluate(sight.identities, request)
    signed = _signed(sight, item, access_control) if access_control else False
    if signed is False:
        return _noted(unsigned, unsigned, point)
    admitted = _asked(sight, item, _READ, objects, point.account_id, {})
    return _noted(admitted, unsigned, point) if signed else _either(sight, item, admitted)


def _decrypted(sight: Sight | None, item: Item, bucket: Item) -> Answer:
    """Whether CloudFront may use the KMS key under which new objects stand, if there is one.

    The key's policy must let the distribution decrypt, which that of AWS's own key does not
    ("SSE-KMS", Restrict access to an Amazon S3 origin). Objects under another encryption are read
    all the same.

    Args:
        sight: what is known; ``None``: no key's policy can help.
        item: the distribution.
        bucket: the bucket.
    """
    call = bucket.call("get_bucket_encryption")
    for rule in rows(member(call.value, "ServerSideEncryptionConfiguration", "Rules")):
        default = member(rule, "ApplyServerSideEncryptionByDefault")
        if not str(member(default, "SSEAlgorithm")).startswith("aws:kms"):
            continue
        key = member(default, "KMSMasterKeyID")
        if sight is not None and isinstance(key, str) and ":key/" in key:
            answer = _asked(sight, item, "kms:Decrypt", key, key.split(":")[4], {})
            if answer.verdict in (Verdict.YES, Verdict.CONDITIONAL):
                return answer
        text = (
            "New objects are encrypted with a KMS key that is not known to let the distribution "
            "decrypt; objects stored with another encryption can be read."
        )
        step = Step("default encryption", bucket.id, "conditional", text, (Ref.to(bucket, _KMS),))
        term = condition("context", "s3:x-amz-server-side-encryption", "not aws:kms")
        return Answer(Verdict.CONDITIONAL, text, (term,), evidence=(text,), steps=(step,))
    return Answer(Verdict.YES)


def _noted(found: Answer, unsigned: Answer, bucket: Item) -> Answer:
    """Say so where the bucket is open to everybody anyway."""
    if unsigned.verdict is not Verdict.YES:
        return found
    text = f"{bucket.id} is open to the internet itself: the distribution can be gone around."
    step = Step("origin bypass", bucket.id, "pass", text)
    return all_of((found, Answer(Verdict.YES, text, evidence=(text,), steps=(step,))))


def _signed(sight: Sight, item: Item, access_control: str) -> bool | None:
    """Whether CloudFront signs; ``None`` if the access control was not collected."""
    key = (item.account_id, item.region, access_control)
    found = sight.by_member("cloudfront:origin-access-control", "Id").get(key)
    behaviour = found.item.get("SigningBehavior") if found else None
    return behaviour != "never" if isinstance(behaviour, str) else None


def _as_service(sight: Sight, item: Item, bucket: Item) -> Answer:
    """A request that CloudFront signs for this distribution, as the bucket's policy sees it."""
    return _asked(sight, item, _READ, f"{bucket.id}/*", bucket.account_id, {})


def _asked(
    sight: Sight,
    item: Item,
    action: str,
    resource: str,
    account: str,
    context: Mapping[str, tuple[str, ...]],
) -> Answer:
    caller = Outside("service", item.account_id, _SERVICE)
    source = {"aws:SourceArn": (item.id,), "aws:SourceAccount": (item.account_id,)}
    request = Request(
        caller, action, resource, account, {**source, **context}, pattern=resource.endswith("*")
    )
    return evaluate(sight.identities, request)


def _either(sight: Sight, item: Item, signed: Answer) -> Answer:
    """The access control was not read: that it signs is not known."""
    gap = sight.gap(item, "list_origin_access_controls")
    text = f"Not collected: {gap}."
    step = Step("origin access control", item.id, "unknown", text)
    verdict = Verdict.CONDITIONAL if signed.verdict is Verdict.YES else Verdict.UNKNOWN
    terms = (condition("not_collected", gap),)
    doubt = Answer(verdict, text, terms, evidence=(text,), steps=(step,))
    return doubt if signed.verdict is Verdict.NO else all_of((signed, doubt))


def _as_identity(sight: Sight, item: Item, bucket: Item, access_identity: str) -> Answer:
    """A request under an origin access identity, by its ARN or its canonical user id."""
    partition = item.id.split(":")[1]
    names = {f"canonical:{_IDENTITY.format(partition=partition, id=access_identity)}"}
    key = (item.account_id, item.region, access_identity)
    listed = sight.by_member("cloudfront:origin-access-identity", "Id").get(key)
    if listed:
        names.add(f"canonical:{listed.item.get('S3CanonicalUserId')}")
    call = bucket.call("get_bucket_policy")
    ref = Ref.to(bucket, "/calls/get_bucket_policy/value/Policy")
    if not call.known:
        gap = f"s3.get_bucket_policy@{bucket.account_id}/{bucket.region}"
        text = f"Not collected: {gap}."
        step = Step("bucket policy", bucket.id, "unknown", text, (ref,))
        terms = (condition("not_collected", gap),)
        return Answer(Verdict.UNKNOWN, text, terms, evidence=(text,), steps=(step,))
    value = call.value if call.status is Status.OK else None
    document = value.get("Policy") if isinstance(value, dict) else None
    granted = [
        one.answer
        for one in (
            policy_grants("s3", bucket, document, ref, sight.identities, actions=(_READ,))
            if isinstance(document, str | dict)
            else ()
        )
        if one.source_id in names or one.source_kind == "unknown"
    ]
    if granted:
        return any_of(granted)
    text = f"The bucket policy does not admit the origin access identity {access_identity}."
    step = Step("bucket policy", bucket.id, "fail", text, (ref,))
    return Answer(Verdict.NO, text, evidence=(text,), steps=(step,))


def _unsigned(sight: Sight, bucket: Item) -> Answer:
    """A request without a signature: the bucket must be open to everyone."""
    key = ("front doors", "account settings of S3")
    blocks = sight.once(key, lambda: Blocks(sight.snapshot))
    found = judge_bucket(bucket, blocks, sight.identities)
    return any_of(one.answer for one in found if _reads(one))


def _reads(one: Judgement) -> bool:
    names = [action.lower() for action in one.actions]
    reading = not names or any(
        name in ("*", "s3:*") or name.startswith(("s3:get*", "s3:getobj")) for name in names
    )
    return one.source == "internet" and reading


def function_answer(sight: Sight, item: Item, line: Item, access_control: str) -> Iterator[Answer]:
    """Whether viewers of a distribution invoke a function through its URL."""
    key = ("front doors", "functions that are switched off")
    off = sight.once(key, lambda: switched_off(sight.items(SETTING)))
    unsigned = [
        one.answer
        for one in url_judgements(line, sight.identities, off=line.id in off)
        if one.source == "internet" and SIGV4 not in one.answer.conditions
    ]
    signed = _signed(sight, item, access_control) if access_control else False
    if signed is False:
        yield any_of(unsigned) if unsigned else _refused(line.id)
        return
    called = _called(sight, item, line)
    yield any_of((_either(sight, item, called) if signed is None else called, *unsigned))


def _called(sight: Sight, item: Item, line: Item) -> Answer:
    """A signed call: since October 2025 both actions must be granted to CloudFront."""
    context = {
        "lambda:FunctionUrlAuthType": ("AWS_IAM",),
        "lambda:InvokedViaFunctionUrl": ("true",),
    }
    by_url, by_function = (
        _asked(sight, item, action, line.id, line.account_id, context)
        for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
    )
    if by_url.verdict is Verdict.NO or by_function.verdict is not Verdict.NO:
        return all_of((by_url, by_function))
    term = condition("context", "lambda:FunctionUrlException", "granted")
    text = "Only lambda:InvokeFunctionUrl is granted, which suffices for older function URLs."
    step = Step("function policy", line.id, "conditional", text)
    older = Answer(Verdict.CONDITIONAL, text, (term,), evidence=(text,), steps=(step,))
    return all_of((by_url, older))


def _refused(function: str) -> Answer:
    text = "The function URL asks for a signature, and CloudFront does not sign."
    step = Step("origin access control", function, "fail", text)
    return replace(Answer(Verdict.NO, text), evidence=(text,), steps=(step,))


__all__ = ["access_point_answer", "bucket_answer", "function_answer"]
