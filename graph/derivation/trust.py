"""``CAN_ASSUME``: who may assume which role, and the sets of principals that may alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from graph.derivation.relate import key_of, walked
from graph.derivation.sets import PrincipalSets
from graph.derivation.unread_principals import unread_principals
from graph.guards import GuardFacts, trust_guards, whole_account
from graph.iam.assume import assume_rows
from graph.iam.assumption import ASSUME, Assumption
from graph.iam.document import Document
from graph.iam.grantees import of_a_set
from graph.iam.principal import entries
from graph.iam.world import IamWorld, Principal
from graph.judgement import Judgement
from graph.records import Relationship
from graph.verdict import merged

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
    facts: GuardFacts,
) -> TrustPart:
    """Derive who may assume each role of the collected accounts, and what guards it.

    Args:
        world: the IAM facts.
        assumptions: what the engine answered, from :func:`assumptions_of`.
        admins: as there.
        sets: gets the sets of principals that were needed.
        facts: what guards are told from.
    """
    relationships: list[Relationship] = []
    judgements: list[Judgement] = []
    for arn, rows in assumptions.items():
        role = world.principals[arn]
        account = role.account
        told = _Guards(facts, role, rows)
        for row in rows:
            # A role that names itself gains nothing by it.
            if row.kind in DEPUTY_KINDS or (row.source == arn and not row.members):
                continue
            if not row.members and (row.source, account) in admins:
                continue
            made = _judgement(row, arn, world, sets, told)
            judgements.append(made)
            relationships.append(_can_assume(made, row))
    judgements += [
        Judgement("assume", principal, principal, ASSUME, answer)
        for principal, answer in unread_principals(world, "assume roles")
    ]
    return TrustPart(tuple(relationships), tuple(judgements))


class _Guards:
    """The guards of one role's rows."""

    def __init__(self, facts: GuardFacts, role: Principal, rows: Sequence[Assumption]) -> None:
        self._facts = facts
        self._role = role
        self._able: dict[str, int] = {}
        for row in rows:
            if row.kind in ("principal", "principals"):
                account = facts.world.principals[row.source].account
                self._able[account] = self._able.get(account, 0) + (len(row.members) or 1)

    def of(self, row: Assumption) -> tuple[str, ...]:
        """Sentences for a row."""
        told = trust_guards(self._facts, self._role, row)
        return merged(row.answer.guards, told, self._delegated(row))

    def _delegated(self, row: Assumption) -> Iterator[str]:
        """Of an account of one's own that is named as a whole: how many there can."""
        if row.kind not in ("principal", "principals"):
            return
        account = self._facts.world.principals[row.source].account
        if account != self._role.account and account in self._named_whole:
            size = sum(one.kind != "root" for one in self._facts.world.by_account[account])
            yield whole_account(account, self._able[account], size)

    @cached_property
    def _named_whole(self) -> frozenset[str]:
        """Accounts that the trust policy names by number or root."""
        document = self._role.trust.document if self._role.trust is not None else None
        if not isinstance(document, Document):
            return frozenset()
        return frozenset(
            entry.account
            for statement in document.statements
            if not statement.is_deny
            for entry in entries(statement)
            if entry.kind == "account"
        )


def _judgement(
    row: Assumption, role: str, world: IamWorld, sets: PrincipalSets, told: _Guards
) -> Judgement:
    source, answer = _node_id(row.source), replace(row.answer, guards=told.of(row))
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
        technique=_technique(row, made.mechanism),
        actions=list(row.actions),
        session=list(row.answer.session),
    )


def _technique(row: Assumption, mechanism: str) -> str:
    """The catalogued technique that an assumption is, else how it is done."""
    if row.kind == "internet":
        return "x-cognito-getcreds"
    return "sts-001" if mechanism == ASSUME and row.kind != "service" else mechanism
