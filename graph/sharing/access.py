"""Every judgement of access by a resource's own settings, in one order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collector.snapshot import Snapshot
from graph.evidence import Step
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.functions import function_judgements
from graph.sharing.keys import key_judgements
from graph.sharing.permissions import (
    database_snapshot_judgements,
    image_judgements,
    volume_snapshot_judgements,
)
from graph.sharing.policies import policy_judgements
from graph.sharing.s3 import bucket_judgements
from graph.sharing.services import endpoint_service_judgements
from graph.verdict import Answer, Verdict, all_of, condition


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


def _resource_sides(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    yield from bucket_judgements(snapshot, world)
    yield from policy_judgements(snapshot, world)
    yield from key_judgements(snapshot, world)
    yield from function_judgements(snapshot, world)
    yield from image_judgements(snapshot)
    yield from volume_snapshot_judgements(snapshot)
    yield from database_snapshot_judgements(snapshot)
    yield from endpoint_service_judgements(snapshot)


def _with_identity_side(judgement: Judgement, world: IamWorld) -> Judgement:
    """A collected account also needs its own policies' leave, which is not evaluated here.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    """
    if judgement.answer.verdict is Verdict.NO or not _collected(judgement.source, world):
        return judgement
    text = (
        "The resource side grants it; whether the caller's own policies allow it is not "
        "evaluated in this version."
    )
    own_side = Answer(
        Verdict.CONDITIONAL,
        why=text,
        conditions=(condition("context", "identity-policy", "allows it"),),
        evidence=(text,),
        steps=(Step("identity policies", judgement.source, "conditional", text),),
    )
    return replace(judgement, answer=all_of((judgement.answer, own_side)))


def _collected(source_id: str, world: IamWorld) -> bool:
    kind, _, account = source_id.partition(":")
    if kind == "arn":
        account = (source_id.split(":", 5) + [""] * 5)[4]
    elif kind != "account":
        return False
    return world.account(account).collected
