"""``CAN_ACCESS`` of collected principals, by their own policies and by the resources'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from graph.derivation.relate import key_of, walked
from graph.derivation.sets import PrincipalSets, ResourceSets
from graph.iam.access import (
    Access,
    DataResource,
    access_of,
    actions_of,
    answer_of,
    level_of,
)
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
            str(node.props.get("key_state") or ""),
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
    known = {one.arn: one for one in data_resources(world, nodes)}
    draw = _Drawing(world, known, principals, resources)
    alike: dict[tuple[str, str, Answer], list[Judgement]] = {}
    for found in access_of(world, known.values(), left_out):
        for made in draw.judgements(found):
            alike.setdefault((made.source, made.target, bare(made.answer)), []).append(made)
    judgements = [_joined(same) for same in alike.values()]
    return AccessPart(tuple(map(_can_access, judgements)), tuple(judgements))


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Rows of access as judgements: of sets where there are many, one each where there are few."""

    world: IamWorld
    known: Mapping[str, DataResource]
    principals: PrincipalSets
    resources: ResourceSets

    def judgements(self, found: Access) -> Iterator[Judgement]:
        """The judgements of one row."""
        many = len(found.resources) >= SET_FROM
        crowd = len(found.members) >= SET_FROM
        owner = self.known[found.resources[0]].account
        targets = [self.resources.of(owner, found.resources)] if many else list(found.resources)
        sources = list(found.members)
        if crowd:
            sources = [self.principals.of(found.account, found.members)]
        for source in sources:
            for target in targets:
                yield Judgement(
                    question="access",
                    source=source,
                    target=target,
                    mechanism=MECHANISM,
                    answer=self._answer(found, source, target, many, crowd),
                    actions=found.actions,
                    members=found.members if crowd else (),
                    targets=found.resources if many else (),
                )

    def _answer(self, found: Access, source: str, target: str, many: bool, crowd: bool) -> Answer:
        example = found.example if crowd else source
        sample = found.sample if many else target
        answer = answer_of(self.world, found, example, self.known[sample])
        what = f"may use {len(found.resources)} resources" if many else "may use it"
        if crowd:
            return of_a_set(answer, len(found.members), found.account, example, what)
        if not many:
            return answer
        text = f"{source} {what}."
        shown = (f"For instance {sample}: {line}" for line in answer.evidence)
        return replace(answer, why=text, evidence=(text, *shown))


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
