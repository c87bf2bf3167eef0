"""S3 Object Lambda access points: who gets objects that a function rewrites.

The caller needs leave at four places: the Object Lambda access point, the access point that
supports it, the bucket (or other source of data) and the function. No call is anonymous, and Block
Public Access is on for good.

* https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-policies.html
* https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-security.html
* https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointForObjectLambda.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item, Snapshot
from graph.evidence import Step
from graph.iam.s3_from_snapshot import members
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.policies import outside, refused, unread
from graph.sharing.s3_access_points import POINT, Door, Kind
from graph.sharing.s3_block import RESTRICT, Blocks
from graph.sharing.s3_chain import Link, link
from graph.sharing.s3_meaning import policy_public
from graph.verdict import Answer, Verdict, all_of, condition

LAMBDA = Kind(
    "s3:object-lambda-ap",
    "Object Lambda access point",
    "object-lambda-access-point",
    "get_access_point_policy_for_object_lambda",
    ("Policy",),
)
CONFIGURATION = "get_access_point_configuration_for_object_lambda"
STATUS = "get_access_point_policy_status_for_object_lambda"
THROUGH = {"aws:CalledVia": ("s3-object-lambda.amazonaws.com",)}


def object_lambda_judgements(
    snapshot: Snapshot, world: IamWorld, blocks: Blocks
) -> Iterator[Judgement]:
    """Judge every Object Lambda access point: who outside reaches the data behind it."""
    points = {item.id: item for item in snapshot.items(POINT.type_id)}
    buckets = {item.id: item for item in snapshot.items("s3:bucket")}
    for item in snapshot.items(LAMBDA.type_id):
        support = points.get(_support(item))
        door = None
        if support is not None:
            door = Door(POINT, support, world.access_points[support.id], world, blocks)
        bucket = buckets.get(door.point.bucket) if door else None
        yield from _judged(item, door, bucket, world)


def _judged(
    item: Item, door: Door | None, bucket: Item | None, world: IamWorld
) -> Iterator[Judgement]:
    target, mechanism = bucket or item, f"{LAMBDA.mechanism}/{item.id.rpartition('/')[2]}"
    if not LAMBDA.call(item).known:
        why = f"The {LAMBDA.title}'s policy was not read ({LAMBDA.call(item).status})."
        gap = unread(f"s3control.{LAMBDA.operation}", item, why)
        yield outside(target, "any-aws-principal", mechanism, gap)
        return
    first = link(item, LAMBDA.title, "s3-object-lambda", LAMBDA.text(item), LAMBDA.pointer, world)
    behind = list(_behind(item, door, bucket))
    admitted = False
    for source in first.grants or {}:
        # S3 Object Lambda answers no unsigned call.
        who = "any-aws-principal" if source == "internet" else source
        for grant in first.found(source):
            parts = [grant.answer, *(one.answer(who, world) for one in behind)]
            parts += [_cut(item), _function(item, who)]
            parts += door.limits(who, bucket) if door else []
            admitted = admitted or who == "any-aws-principal"
            yield outside(target, who, mechanism, all_of(parts), grant.actions)
    if not admitted:
        why = f"The {LAMBDA.title}'s policy does not admit everybody with an AWS account."
        answer = refused(item.id, f"{LAMBDA.title} policy", why)
        yield outside(target, "any-aws-principal", mechanism, answer)


def _behind(item: Item, door: Door | None, bucket: Item | None) -> Iterator[Link]:
    if door is None:
        yield Link(item, "supporting access point", "s3", None, "s3control.get_access_point_policy")
        return
    text = POINT.text(door.item)
    context = {**door.context, **THROUGH}
    if not POINT.call(door.item).known:
        yield Link(door.item, POINT.title, "s3", None, f"s3control.{POINT.operation}")
    else:
        yield link(door.item, POINT.title, "s3", text, POINT.pointer, door.world, context)
    yield door.behind(bucket, THROUGH)


def _cut(item: Item) -> Answer:
    """A public policy serves its own account only: the flag is on and cannot be changed."""
    word = members(item.call(STATUS), "PolicyStatus").get("IsPublic")
    said = policy_public(LAMBDA.text(item), None if word is None else bool(word), access_point=True)
    text = f"Block Public Access of an {LAMBDA.title} is always on ({RESTRICT})."
    if said.public is False:
        return Answer(Verdict.YES)
    if said.public:
        return all_of((refused(item.id, RESTRICT, text), said.answer(item.id)))
    step = Step(RESTRICT, item.id, "unknown", text)
    note = condition("not_collected", "s3:bucket-policy-status", item.id)
    return Answer(Verdict.CONDITIONAL, text, (note,), evidence=(text,), steps=(step,))


def _support(item: Item) -> str:
    told = members(item.call(CONFIGURATION), "Configuration")
    return str(told.get("SupportingAccessPoint") or "")


def _function(item: Item, source: str) -> Answer:
    """The caller must be allowed to invoke the function, which is weighed at the function."""
    told = members(item.call(CONFIGURATION), "Configuration")
    rows = told.get("TransformationConfigurations")
    listed = rows if isinstance(rows, list) else []
    arns = [str(arn) for row in listed if (arn := _function_arn(row))]
    text = f"{source} must be allowed to invoke {', '.join(arns) or 'the function'} too."
    note = condition("context", "lambda:InvokeFunction", "allowed")
    step = Step("function", item.id, "conditional", text)
    return Answer(Verdict.CONDITIONAL, text, (note,), evidence=(text,), steps=(step,))


def _function_arn(row: Any) -> Any:
    for name in ("ContentTransformation", "AwsLambda", "FunctionArn"):
        row = row.get(name) if isinstance(row, Mapping) else None
    return row
