"""Resources whose policy alone decides: queues, topics, keys, secrets, repositories, functions.

Each row of :data:`POLICIES` says where the policy stands on a snapshot line. The rule for who is
admitted by it is ``graph.iam``'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.iam.document import parse
from graph.iam.grants import Grant, grants
from graph.iam.world import IamWorld, Policy
from graph.judgement import Judgement
from graph.verdict import Answer, Verdict, condition


@dataclass(frozen=True, slots=True)
class PolicyPlace:
    """Where a type keeps its policy.

    Attributes:
        type_id: snapshot type.
        service: IAM service prefix, as in ``sqs:SendMessage``.
        mechanism: the judgement's mechanism.
        client: boto3 client name, for naming a gap.
        operation: the follow-up call that gives the policy.
        path: members from the call's value to the policy's text.
        widest: the widest source that the service would let in, for a policy that was not read.
        source: AWS page.
    """

    type_id: str
    service: str
    mechanism: str
    client: str
    operation: str
    path: tuple[str, ...]
    widest: str
    source: str


POLICIES = (
    PolicyPlace(
        "sqs:queue",
        "sqs",
        "queue-policy",
        "sqs",
        "get_queue_attributes",
        ("Attributes", "Policy"),
        "internet",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-using-identity-based-policies.html",
    ),
    PolicyPlace(
        "sns:topic",
        "sns",
        "topic-policy",
        "sns",
        "get_topic_attributes",
        ("Attributes", "Policy"),
        "internet",
        "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
    ),
    PolicyPlace(
        "kms:key",
        "kms",
        "key-policy",
        "kms",
        "get_key_policy",
        ("Policy",),
        "any-aws-principal",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
    ),
    PolicyPlace(
        "secretsmanager:secret",
        "secretsmanager",
        "secret-policy",
        "secretsmanager",
        "get_resource_policy",
        ("ResourcePolicy",),
        "any-aws-principal",
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
    ),
    PolicyPlace(
        "ecr:repository",
        "ecr",
        "repository-policy",
        "ecr",
        "get_repository_policy",
        ("policyText",),
        "any-aws-principal",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
    ),
)


def policy_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Judge the resources of :data:`POLICIES` but keys: who outside their own account gets in."""
    for place in POLICIES:
        if place.type_id == "kms:key":
            # Grants and the key's state stand beside its policy: see ``keys``.
            continue
        for item in snapshot.items(place.type_id):
            call = item.call(place.operation)
            yield from judge_policy(place, item, call, f"/calls/{place.operation}/value", world)


def judge_policy(
    place: PolicyPlace, item: Item, call: CallResult, pointer: str, world: IamWorld
) -> Iterator[Judgement]:
    """Judge one policy that a call gave, was denied, or that does not exist.

    A policy that admits nobody outside gives one ``no`` from the widest source.
    """
    ref = Ref.to(item, "".join([pointer, *(f"/{part}" for part in place.path)]))
    if not call.known:
        yield outside(item, place.widest, place.mechanism, not_read(place, item, call))
        return
    text: Any = call.value if call.status is Status.OK else None
    for part in place.path:
        text = text.get(part) if isinstance(text, dict) else None
    if not text:
        answer = refused(item.id, place.mechanism, "It has no resource policy.", ref)
        yield outside(item, place.widest, place.mechanism, answer)
        return
    found = policy_grants(place.service, item, text, ref, world)
    for grant in found:
        yield outside(item, grant.source_id, place.mechanism, grant.answer, grant.actions)
    if not any(grant.answer.verdict is not Verdict.NO for grant in found):
        answer = refused(
            item.id, place.mechanism, "Its policy admits nobody outside its own account.", ref
        )
        yield outside(item, place.widest, place.mechanism, answer)


def policy_grants(
    service: str,
    item: Item,
    document: str | Mapping[str, Any],
    ref: Ref,
    world: IamWorld,
    context: Mapping[str, tuple[str, ...]] | None = None,
    actions: tuple[str, ...] | None = None,
) -> list[Grant]:
    """What a policy document grants to anyone outside the account that holds the resource.

    Args:
        service: IAM service prefix.
        item: the resource that carries the policy.
        document: the policy as text or parsed JSON.
        ref: where the policy stands.
        world: the IAM facts of the snapshot.
        context: context keys whose value is known.
        actions: ask for these alone.
    """
    source = Policy("resource policy", parse(document), ref=ref)
    return [
        grant
        for grant in grants(
            source, service, item.id, item.account_id, world, context=context, actions=actions
        )
        if not own(grant.source_id, item.account_id)
    ]


def own(source_id: str, account_id: str) -> bool:
    """Whether a source is the account itself or one of its principals."""
    if source_id == f"account:{account_id}":
        return True
    parts = source_id.split(":")
    return len(parts) > 5 and parts[0] == "arn" and parts[4] == account_id


def outside(
    item: Item, source_id: str, mechanism: str, answer: Answer, actions: tuple[str, ...] = ()
) -> Judgement:
    """A judgement of access to an item."""
    return Judgement(
        question="access",
        source=source_id,
        target=item.id,
        mechanism=mechanism,
        answer=answer,
        actions=actions,
    )


def refused(subject: str, name: str, why: str, *refs: Ref) -> Answer:
    """A ``no`` with its one reason."""
    step = Step(name=name, subject=subject, result="fail", text=why, refs=refs)
    return Answer(Verdict.NO, why=why, evidence=(why,), steps=(step,))


def unread(operation: str, item: Item, why: str) -> Answer:
    """An ``unknown`` that names the call that was not made or was refused."""
    where = f"{operation}@{item.account_id}/{item.region}"
    return Answer(
        Verdict.UNKNOWN,
        why=why,
        conditions=(condition("not_collected", where),),
        evidence=(why,),
        steps=(Step(name=operation, subject=item.id, result="unknown", text=why),),
    )


def not_read(place: PolicyPlace, item: Item, call: CallResult) -> Answer:
    """An ``unknown`` for a policy that could not be read."""
    words = f": {call.error}" if call.error else ""
    return unread(
        f"{place.client}.{place.operation}",
        item,
        f"Its policy was not read ({call.status}{words}), so who it admits is not known.",
    )
