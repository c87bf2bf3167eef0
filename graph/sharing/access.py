"""Every judgement of access by a resource's own settings, in one order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from collector.snapshot import Snapshot
from graph.evidence import Step
from graph.iam import rules
from graph.iam.callers import UnknownCallerError, caller_of
from graph.iam.document import parse
from graph.iam.evaluate import evaluate
from graph.iam.grantees import grantees, of_a_set
from graph.iam.request import Request, Side
from graph.iam.resource_policy import forms
from graph.iam.world import IamWorld, Policy, Principal
from graph.judgement import Judgement
from graph.sharing.encrypted import Encrypted
from graph.sharing.everyone import dashboard_judgements, public_repository_judgements
from graph.sharing.functions import function_judgements
from graph.sharing.iot import iot_judgements
from graph.sharing.keys import key_judgements
from graph.sharing.lake_formation import lake_formation_judgements
from graph.sharing.lists import list_judgements
from graph.sharing.permissions import (
    database_snapshot_judgements,
    image_judgements,
    volume_snapshot_judgements,
)
from graph.sharing.policies import policy_claims
from graph.sharing.ram import ram_judgements
from graph.sharing.s3 import bucket_judgements
from graph.sharing.s3_access_points import MULTI_REGION, POINT
from graph.sharing.services import endpoint_service_judgements
from graph.verdict import Answer, Verdict, all_of, any_of, condition


def access_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Judge who outside each resource's account reaches it by the resource's own settings.

    Args:
        snapshot: what was collected.
        world: the IAM facts of the same snapshot (organisation, accounts, principals).

    Yields:
        Judgements with question ``access``, ``no`` included; at least one for each resource of a
        type that can be shared.
    """
    for judgement in _resource_sides(snapshot, world):
        yield _with_identity_side(judgement, world)
    for judgement in _shares(snapshot, world):
        yield _with_identity_side(judgement, world, _Asked(shared=True))
    encrypted = Encrypted(snapshot, world)
    for claim in policy_claims(snapshot, world):
        asked = _Asked(claim.resources, claim.owner)
        for part in encrypted.parts(claim.judgement):
            yield _with_identity_side(part, world, asked)


_ALLOW = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"}
_SHARE = Policy("share", parse({"Version": "2012-10-17", "Statement": [_ALLOW]}))
"""Stands for a share whose receiver was judged: what is left is the receiver's own policies."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the source's own policies have to allow: by default the judgement's target.

    ``shared``: the resource's side is a share that was judged, not a policy of the resource.
    """

    resources: tuple[str, ...] = ()
    owner: str = ""
    shared: bool = False


def _resource_sides(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    yield from bucket_judgements(snapshot, world)
    yield from key_judgements(snapshot, world)
    yield from function_judgements(snapshot, world)
    yield from endpoint_service_judgements(snapshot, world)
    yield from public_repository_judgements(snapshot)
    yield from iot_judgements(snapshot)


def _shares(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    yield from image_judgements(snapshot, world)
    yield from volume_snapshot_judgements(snapshot, world)
    yield from database_snapshot_judgements(snapshot, world)
    yield from list_judgements(snapshot, world)
    yield from ram_judgements(snapshot, world)
    yield from lake_formation_judgements(snapshot, world)
    yield from dashboard_judgements(snapshot, world)


def _with_identity_side(
    judgement: Judgement, world: IamWorld, asked: _Asked | None = None
) -> Judgement:
    """Of a collected account both sides are weighed: its own policies must allow it too.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    """
    if judgement.answer.verdict is Verdict.NO or not _collected(judgement.source, world):
        return judgement
    side = _own_side(judgement, world, asked or _Asked())
    return replace(judgement, answer=all_of((judgement.answer, side)))


def _own_side(judgement: Judgement, world: IamWorld, about: _Asked) -> Answer:
    """Whether some principal of the source has its own policies' leave."""
    source, owner = judgement.source, about.owner or _owner(judgement, world)
    policy = _SHARE if about.shared else Side.LOOK_UP
    asked = [
        Request(
            caller,
            action,
            target,
            owner,
            context=context,
            resource_policy=policy,
            pattern=target != judgement.target,
            other_grants_seen=about.shared,
        )
        for caller in _callers(source, world)
        for action in judgement.actions
        for target, context in _targets(judgement, world, about, action)
    ]
    found = (
        [_best_of_account(world, source, request) for request in asked]
        if source.startswith("account:")
        else [evaluate(world, request) for request in asked]
    )
    best = any_of(found)
    if best.verdict is not Verdict.NO or (found and not source.startswith("account:")):
        return best
    text = f"No principal of {source.removeprefix('account:')} has its own policies' leave today."
    return Answer(
        Verdict.CONDITIONAL,
        why=text,
        conditions=(condition("context", "identity-policy", "allows it"),),
        evidence=(text,),
        steps=(Step("identity policies", source, "conditional", text),),
    )


def _targets(
    judgement: Judgement, world: IamWorld, about: _Asked, action: str
) -> list[tuple[str, dict[str, tuple[str, ...]]]]:
    """What is asked for, each with what such a call carries."""
    if points := _access_points(judgement, world):
        return [
            (form, {"aws:SourceVpc": (vpc,)} if vpc else {})
            for arn, vpc in points
            for form in _forms_of_point(arn, action)
        ]
    listed = about.resources or forms(_segment(judgement.target, 2), judgement.target, action)
    return [(one, {}) for one in listed]


def _access_points(judgement: Judgement, world: IamWorld) -> list[tuple[str, str]]:
    """The access points that a judgement of a bucket goes through, and the one VPC of each."""
    kind, _, name = judgement.mechanism.partition("/")
    if kind not in (POINT.mechanism, MULTI_REGION.mechanism):
        return []
    return [
        (arn, point.vpc)
        for arn, point in sorted(world.access_points.items())
        if arn.rpartition("/")[2] == name
        and any(judgement.target in (bucket, arn) for bucket, _ in point.buckets)
    ]


def _forms_of_point(arn: str, action: str) -> list[str]:
    """The access point, or the objects behind it, as an action (or pattern) names them."""
    below = f"{arn}/object/*"
    if "*" in action or "?" in action:
        return [arn, below]
    return [below] if rules.is_object_action(action.lower()) else [arn]


def _owner(judgement: Judgement, world: IamWorld) -> str:
    return world.resource_accounts.get(judgement.target) or _segment(judgement.target, 4)


def _segment(arn: str, number: int) -> str:
    """A segment of an ARN; empty for what is none."""
    return arn.split(":", 5)[number] if arn.count(":") >= 5 else ""


def _callers(source: str, world: IamWorld) -> list[Principal]:
    """The principal that a source is, or somebody of the account to write the question with."""
    if source.startswith("account:"):
        found = world.by_account.get(source.removeprefix("account:"), [])
        return [one for one in found if one.kind != "root"][:1]
    one = world.principals.get(source)
    if one is None and ":assumed-role/" in source:
        one = _session(world, source)
    return [] if one is None else [one]


def _session(world: IamWorld, arn: str) -> Principal | None:
    """A session of a collected role; ``None`` if there is no such role or name."""
    try:
        found = caller_of(world, arn)
    except UnknownCallerError:
        return None
    return found if isinstance(found, Principal) else None


def _best_of_account(world: IamWorld, source: str, request: Request) -> Answer:
    found = grantees(world, source.removeprefix("account:"), request)
    return any_of(
        of_a_set(row.answer, len(row.members), request.principal.account, row.example, "may do so")
        for row in found
    )


def _collected(source_id: str, world: IamWorld) -> bool:
    kind, _, account = source_id.partition(":")
    if kind == "arn":
        account = (source_id.split(":", 5) + [""] * 5)[4]
    elif kind != "account":
        return False
    return world.account(account).collected
