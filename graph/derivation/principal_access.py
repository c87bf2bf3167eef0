"""``CAN_ACCESS`` of collected principals, by their own policies and by the resources'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from graph.derivation.relate import key_of, walked
from graph.derivation.sets import PrincipalSets, ResourceSets
from graph.iam.access import Access, DataResource, access_of, actions_of, level_of
from graph.iam.grantees import SET_FROM, bare, of_a_set
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.records import Node, Relationship
from graph.verdict import Answer

MECHANISM = "iam"
_ORDER = ("read", "write", "admin")


@dataclass(frozen=True, slots=True)
class AccessPart:
    """What the access of principals adds to the graph."""

    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]


def data_resources(world: IamWorld, nodes: Iterable[Node]) -> Iterator[DataResource]:
    """The collected nodes that hold data; their tags as far as they were read."""
    for node in nodes:
        kind = str(node.props.get("resource_type") or "")
        if node.props.get("collected") is False or not actions_of(kind):
            continue
        yield DataResource(
            node.id,
            kind,
            str(node.props.get("account_id") or ""),
            str(node.props.get("region") or ""),
            world.resource_tags.get(node.id),
        )


def principal_access_part(
    world: IamWorld,
    nodes: Iterable[Node],
    admins: Collection[tuple[str, str]],
    principals: PrincipalSets,
    resources: ResourceSets,
) -> AccessPart:
    """Derive what collected principals may do to collected data resources.

    Args:
        world: the IAM facts.
        nodes: the inventory.
        admins: (principal, account) pairs that are admin for sure: inside that account they get
            no further relationship (CONTRACT 3).
        principals, resources: get the sets that were needed.
    """
    out: dict[str, set[str]] = defaultdict(set)
    for arn, account in admins:
        out[account].add(arn)
    left_out = {account: frozenset(arns) for account, arns in out.items()}
    alike: dict[tuple[str, str, Answer], list[tuple[Judgement, Answer]]] = {}
    for found in access_of(world, data_resources(world, nodes), left_out):
        for made in _judgements(found, world, principals, resources):
            key = (made.source, made.target, bare(made.answer))
            alike.setdefault(key, []).append((made, made.answer))
    judgements = [_joined([one for one, _ in same]) for same in alike.values()]
    return AccessPart(tuple(map(_can_access, judgements)), tuple(judgements))


def _judgements(
    found: Access, world: IamWorld, principals: PrincipalSets, resources: ResourceSets
) -> Iterator[Judgement]:
    """A judgement of sets where there are many, one each where there are few."""
    owner = world.resource_accounts.get(found.resources[0]) or found.account
    many = len(found.resources) >= SET_FROM
    ends = (
        [(resources.of(owner, found.resources), found.resources)]
        if many
        else [(arn, ()) for arn in found.resources]
    )
    answer = found.answer
    starts: list[tuple[str, tuple[str, ...]]] = [(arn, ()) for arn in found.members]
    if len(found.members) >= SET_FROM:
        what = f"may use {len(found.resources)} resources" if many else "may use it"
        answer = of_a_set(answer, len(found.members), found.account, found.example, what)
        starts = [(principals.of(found.account, found.members), found.members)]
    for source, members in starts:
        for target, targets in ends:
            yield Judgement(
                question="access",
                source=source,
                target=target,
                mechanism=MECHANISM,
                answer=answer,
                actions=found.actions,
                members=members,
                targets=targets,
            )


def _joined(same: list[Judgement]) -> Judgement:
    """Judgements between the same two ends with the same answer, as one with all actions."""
    first = same[0]
    actions = tuple(sorted({action for one in same for action in one.actions}))
    return Judgement(
        question=first.question,
        source=first.source,
        target=first.target,
        mechanism=first.mechanism,
        answer=first.answer,
        actions=actions,
        members=first.members,
        targets=first.targets,
    )


def _can_access(made: Judgement) -> Relationship:
    levels = {level_of(action) or "write" for action in made.actions}
    return walked(
        "CAN_ACCESS",
        made.source,
        made.target,
        key_of(made.mechanism, made.answer),
        made.answer,
        mechanism=made.mechanism,
        actions=list(made.actions),
        level=max(levels, key=_ORDER.index),
    )
