"""``CAN_ASSUME``: who may assume which role, and the sets of principals that may alike."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.derivation.relate import key_of, walked
from graph.evidence import Step
from graph.iam.assume import assume_answers, identity_gaps
from graph.iam.assumption import Assumption
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.records import Node, Relationship
from graph.verdict import Answer, Verdict, condition

SET_FROM = 4
"""From this many principals with one answer on, they are drawn as a set."""
DEPUTY_KINDS = ("any-account-via", "account-via-service")


@dataclass(frozen=True, slots=True)
class TrustPart:
    """What role trust adds to the graph."""

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]


Assumptions = Mapping[str, Sequence[Assumption]]
"""Who may assume each role, by the role's ARN."""


def assumptions_of(world: IamWorld) -> dict[str, list[Assumption]]:
    """Ask the IAM engine once for every role."""
    return {
        arn: assume_answers(world, arn)
        for arn, one in sorted(world.principals.items())
        if one.kind == "role"
    }


def trust_part(
    world: IamWorld, assumptions: Assumptions, admins: Collection[tuple[str, str]]
) -> TrustPart:
    """Derive who may assume each role of the collected accounts.

    Args:
        world: the IAM facts.
        assumptions: what the engine answered, from :func:`assumptions_of`.
        admins: (principal, account) pairs that are admin for sure: inside that account they get
            no further relationship, ``CONTROLS`` leads on from there (CONTRACT 3).
    """
    sets = _Sets()
    relationships: list[Relationship] = []
    judgements: list[Judgement] = []
    for arn, rows in assumptions.items():
        account = world.principals[arn].account
        found = [
            row
            for row in rows
            # A role that names itself gains nothing by it.
            if row.source != arn
            and row.kind not in DEPUTY_KINDS
            and (row.source, account) not in admins
        ]
        judgements += [_judgement(row, arn) for row in found]
        relationships += _relationships(found, arn, world, sets)
    judgements += [_unread(*gap) for gap in identity_gaps(world)]
    nodes, memberships = sets.records()
    return TrustPart(tuple(nodes), (*relationships, *memberships), tuple(judgements))


def _judgement(row: Assumption, role: str) -> Judgement:
    return Judgement(
        question="assume",
        source=_node_id(row.source),
        target=role,
        mechanism=row.actions[0] if row.actions else "sts:AssumeRole",
        answer=row.answer,
        actions=row.actions,
    )


def _unread(principal: str, missing: tuple[str, ...]) -> Judgement:
    """One ``unknown`` for a principal whose own policies were not all read."""
    text = (
        f"Policies of {principal} were not read ({', '.join(missing)}): they may let it assume "
        "roles that are not named here."
    )
    answer = Answer(
        Verdict.UNKNOWN,
        why=text,
        conditions=tuple(condition("not_collected", name) for name in missing),
        evidence=(text,),
        steps=(Step("identity policies", principal, "unknown", text),),
    )
    return Judgement("assume", principal, principal, "sts:AssumeRole", answer)


def _node_id(source: str) -> str:
    """A provider's own ARN is its node's id; every other source keeps the engine's id."""
    return source.removeprefix("federated:") if source.startswith("federated:arn:") else source


def _relationships(
    rows: Iterable[Assumption], role: str, world: IamWorld, sets: _Sets
) -> Iterator[Relationship]:
    alike: dict[tuple[str, Answer], list[Assumption]] = defaultdict(list)
    for row in rows:
        if row.kind == "principal":
            account = world.principals[row.source].account
            alike[account, _bare(row.answer)].append(row)
        else:
            yield _can_assume(_node_id(row.source), role, row, row.answer)
    for (account, bare), found in alike.items():
        if len(found) < SET_FROM:
            for row in found:
                yield _can_assume(row.source, role, row, row.answer)
            continue
        set_id = sets.of(account, [row.source for row in found])
        text = f"{len(found)} principals of {account} may assume it: {bare.verdict}."
        # What names one member must not stand on the way of another.
        common = (
            sentence
            for sentence in found[0].answer.evidence
            if all(sentence in row.answer.evidence for row in found)
        )
        answer = Answer(
            verdict=bare.verdict,
            why=text,
            conditions=bare.conditions,
            guards=bare.guards,
            assumes=bare.assumes,
            evidence=(text, *common),
        )
        yield _can_assume(set_id, role, found[0], answer)


def _bare(answer: Answer) -> Answer:
    """What must be equal for two principals to be drawn as one."""
    return Answer(
        answer.verdict,
        conditions=answer.conditions,
        guards=answer.guards,
        assumes=answer.assumes,
    )


def _can_assume(start: str, role: str, row: Assumption, answer: Answer) -> Relationship:
    technique = row.actions[0] if row.actions else "sts:AssumeRole"
    return walked(
        "CAN_ASSUME",
        start,
        role,
        key_of(technique, answer),
        answer,
        mechanism=technique,
        technique=technique,
        actions=list(row.actions),
    )


class _Sets:
    """Principal sets, one node for each distinct membership."""

    def __init__(self) -> None:
        self._members: dict[str, tuple[str, tuple[str, ...]]] = {}

    def of(self, account: str, members: Iterable[str]) -> str:
        """The id of the set with these members."""
        chosen = tuple(sorted(members))
        digest = hashlib.sha256("\n".join(chosen).encode()).hexdigest()[:16]
        set_id = f"principal-set:{digest}"
        self._members[set_id] = (account, chosen)
        return set_id

    def records(self) -> tuple[list[Node], list[Relationship]]:
        """Nodes and memberships."""
        nodes, relationships = [], []
        for set_id, (account, members) in sorted(self._members.items()):
            nodes.append(_set_node(set_id, account, len(members)))
            for member in members:
                text = f"{member} is one of the set."
                answer = Answer(Verdict.YES, why=text, evidence=(text,))
                relationships.append(walked("IN_GROUP", member, set_id, "member", answer))
        return nodes, relationships


def _set_node(set_id: str, account: str, size: int) -> Node:
    return Node(
        id=set_id,
        labels=("PrincipalSet",),
        props={
            "name": f"{size} principals of {account}",
            "resource_type": "Mapper::PrincipalSet",
            "account_id": account,
            "region": "global",
            "resource_id": set_id,
            "tags": [],
            "category": "identity",
            "member_count": size,
        },
    )
