"""``CAN_ASSUME``: who may assume which role, and the sets of principals that may alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from graph.derivation.relate import key_of, walked
from graph.derivation.sets import PrincipalSets
from graph.evidence import Step
from graph.iam.assume import assume_rows, identity_gaps
from graph.iam.assumption import Assumption
from graph.iam.grantees import of_a_set
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.records import Relationship
from graph.verdict import Answer, Verdict, condition

DEPUTY_KINDS = ("any-account-via", "account-via-service")


@dataclass(frozen=True, slots=True)
class TrustPart:
    """What role trust adds to the graph."""

    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]


Assumptions = Mapping[str, Sequence[Assumption]]
"""Who may assume each role, by the role's ARN."""


def assumptions_of(
    world: IamWorld, admins: Collection[tuple[str, str]]
) -> dict[str, list[Assumption]]:
    """Ask the IAM engine once for every role.

    Args:
        world: the IAM facts.
        admins: (principal, account) pairs that are admin for sure: inside that account they get
            no further relationship, ``CONTROLS`` leads on from there (CONTRACT 3).
    """
    sure: dict[str, set[str]] = {}
    for arn, account in admins:
        sure.setdefault(account, set()).add(arn)
    left_out = {account: frozenset(arns) for account, arns in sure.items()}
    return {
        arn: assume_rows(world, arn, left_out.get(one.account, frozenset()))
        for arn, one in sorted(world.principals.items())
        if one.kind == "role"
    }


def trust_part(
    world: IamWorld,
    assumptions: Assumptions,
    admins: Collection[tuple[str, str]],
    sets: PrincipalSets,
) -> TrustPart:
    """Derive who may assume each role of the collected accounts.

    Args:
        world: the IAM facts.
        assumptions: what the engine answered, from :func:`assumptions_of`.
        admins: as there.
        sets: gets the sets of principals that were needed.
    """
    relationships: list[Relationship] = []
    judgements: list[Judgement] = []
    for arn, rows in assumptions.items():
        account = world.principals[arn].account
        for row in rows:
            # A role that names itself gains nothing by it.
            if row.kind in DEPUTY_KINDS or (row.source == arn and not row.members):
                continue
            if not row.members and (row.source, account) in admins:
                continue
            made = _judgement(row, arn, world, sets)
            judgements.append(made)
            relationships.append(_can_assume(made, row))
    judgements += [_unread(*gap) for gap in identity_gaps(world)]
    return TrustPart(tuple(relationships), tuple(judgements))


def _judgement(row: Assumption, role: str, world: IamWorld, sets: PrincipalSets) -> Judgement:
    source, answer = _node_id(row.source), row.answer
    if row.members:
        account = world.principals[row.source].account
        source = sets.of(account, row.members)
        answer = of_a_set(answer, len(row.members), account, row.source, "may assume it")
    return Judgement(
        question="assume",
        source=source,
        target=role,
        mechanism=row.actions[0] if row.actions else "sts:AssumeRole",
        answer=answer,
        actions=row.actions,
        members=row.members,
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


def _can_assume(made: Judgement, row: Assumption) -> Relationship:
    return walked(
        "CAN_ASSUME",
        made.source,
        made.target,
        key_of(made.mechanism, made.answer),
        made.answer,
        mechanism=made.mechanism,
        technique=made.mechanism,
        actions=list(row.actions),
    )
