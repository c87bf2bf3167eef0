"""What an account's admin gains elsewhere by giving its principals the right.

A role, bucket or key of another account may name a principal that has no right of its own to use
it: both sides must allow. Who is admin of the principal's account gives it the right (and takes a
Deny or a permissions boundary of it away) and acts as it. So the account itself has the step.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from graph.derivation.principal_access import data_resources
from graph.derivation.relate import key_of, walked
from graph.escalation.aftermath import EVERYTHING
from graph.escalation.changed import ChangedWorld, changed_world
from graph.iam.access import DataResource, access_of, answer_of, level_of
from graph.iam.assume import assume_rows
from graph.iam.assumption import ASSUME, Assumption
from graph.iam.document import Document
from graph.iam.principal import entries
from graph.iam.world import IamWorld, Policy, Principal
from graph.judgement import Judgement
from graph.records import Node, Relationship
from graph.verdict import Answer, Verdict, condition

MECHANISM = "admin-gives-the-right"
"""Of the steps that lead from an account to a role elsewhere."""
_ACCESS = "iam"
_ORDER = ("read", "write", "admin")


@dataclass(frozen=True, slots=True)
class GivenPart:
    """What accounts gain by rights that their admins give."""

    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]


def given_part(
    world: IamWorld,
    nodes: Iterable[Node],
    assumptions: Mapping[str, Iterable[Assumption]],
    accesses: Iterable[Judgement],
    admins: Iterable[Relationship],
) -> GivenPart:
    """Derive what each account's admin gains of other accounts beyond what its principals have.

    Args:
        world: the IAM facts.
        nodes: the inventory.
        assumptions: who may assume each role as things stand.
        accesses: what principals may do to data resources as things stand.
        admins: ``HAS_ADMIN``, for the principals that a Deny keeps out of an admin's reach.
    """
    kept: dict[str, list[set[str]]] = defaultdict(list)
    for row in admins:
        limits = row.props.get("limits")
        kept[row.end].append(set(map(str, limits)) if isinstance(limits, list) else set())
    from_all = {arn for listed in kept.values() for arn in set.intersection(*listed)}
    given = changed_world(world, (one for one in _given(world) if one.arn not in from_all))
    giving = _Giving(
        world, given, {arn for listed in kept.values() for one in listed for arn in one}
    )
    made = [*giving.roles(assumptions), *giving.resources(nodes, accesses)]
    return GivenPart(tuple(map(_related, made)), tuple(made))


def _given(world: IamWorld) -> Iterator[Principal]:
    """Users and roles that an account's admin may rewrite, with every right."""
    for one in world.principals.values():
        if one.kind in ("user", "role") and not one.reserved and not one.service_linked:
            yield replace(one, policies=(EVERYTHING,), boundary=None, gaps=())


@dataclass(frozen=True, slots=True)
class _Giving:
    """The world as it is, and with every principal given every right.

    Attributes:
        kept: principals that a Deny keeps out of some admin's reach.
    """

    world: IamWorld
    given: ChangedWorld
    kept: Collection[str]

    def roles(self, assumptions: Mapping[str, Iterable[Assumption]]) -> Iterator[Judgement]:
        """Roles that trust a principal of another account, or all of it."""
        for arn, rows in assumptions.items():
            role = self.world.principals[arn]
            if not _names_others(role.trust, role.account):
                continue
            had = self._assumed(rows)
            best: dict[str, tuple[tuple[int, int, int], str, Answer]] = {}
            for row in assume_rows(self.given, arn):
                for account, member in self._best_of(row, role.account):
                    answer = self._told(row.answer, member, f"assume {arn}")
                    rank = _rank(answer)
                    known = best.get(account)
                    if rank[0] > had.get(account, 0) and (known is None or rank > known[0]):
                        best[account] = (rank, member, answer)
            for account, (_, member, answer) in sorted(best.items()):
                yield _judgement("assume", account, arn, MECHANISM, answer, (ASSUME,), member)

    def _assumed(self, rows: Iterable[Assumption]) -> dict[str, int]:
        """The best rank with which a principal that admins have hold of may assume a role."""
        had: dict[str, int] = {}
        for row in rows:
            if row.kind not in ("principal", "principals"):
                continue
            if self._free(row.members or (row.source,)):
                account = self.world.principals[row.source].account
                had[account] = max(had.get(account, 0), row.answer.verdict.rank)
        return had

    def _best_of(self, row: Assumption, owner: str) -> Iterator[tuple[str, str]]:
        if row.kind not in ("principal", "principals"):
            return
        account = self.world.principals[row.source].account
        if account != owner:
            members = row.members or (row.source,)
            yield account, next(iter(self._free(members)), members[0])

    def _free(self, members: Iterable[str]) -> list[str]:
        return [one for one in members if one not in self.kept]

    def _told(self, answer: Answer, member: str, what: str) -> Answer:
        """The answer of a principal with every right, as the account's."""
        account = self.world.principals[member].account
        text = f"An admin of {account} can give {member} the right to {what}, and act as it."
        verdict, conditions = answer.verdict, answer.conditions
        if member in self.kept:
            left = condition("context", "admin-not-kept-from", member)
            conditions = tuple(sorted({*conditions, left}))
            verdict = min(verdict, Verdict.CONDITIONAL, key=lambda one: one.rank)
        evidence = (text, *answer.evidence)
        return replace(answer, verdict=verdict, why=text, conditions=conditions, evidence=evidence)

    def resources(
        self, nodes: Iterable[Node], accesses: Iterable[Judgement]
    ) -> Iterator[Judgement]:
        """Data of other accounts of which a policy, a share or an ACL speaks to the account."""
        known = {
            one.arn: one for one in data_resources(self.world, nodes) if self._speaks_beyond(one)
        }
        had = self._accessed(known, accesses)
        by_owner: dict[str, frozenset[str]] = {
            one.account: frozenset(row.arn for row in self.given.by_account.get(one.account, ()))
            for one in known.values()
        }
        best: dict[tuple[str, str, Answer], tuple[str, Answer, set[str]]] = {}
        for found in access_of(self.given, known.values(), by_owner):
            member = next(iter(self._free(found.members)), found.members[0])
            for target in found.resources:
                if known[target].account == found.account:
                    continue
                rank = found.answer.verdict.rank
                actions = {
                    one for one in found.actions if had.get((found.account, target, one), 0) < rank
                }
                if actions:
                    answer = answer_of(self.given, found, member, known[target])
                    answer = self._told(answer, member, f"use {target}")
                    bare = replace(answer, why="", evidence=(), steps=())
                    row = best.setdefault((found.account, target, bare), (member, answer, set()))
                    row[2].update(actions)
        for (account, target, _), (member, answer, listed) in sorted(
            best.items(), key=lambda one: (one[0][0], one[0][1], one[1][0])
        ):
            if answer.verdict is not Verdict.NO:
                actions_ = tuple(sorted(listed))
                yield _judgement("access", account, target, _ACCESS, answer, actions_, member)

    def _speaks_beyond(self, one: DataResource) -> bool:
        world = self.world
        bucket = world.buckets.get(one.arn)
        return (
            one.arn in world.shares
            or bool(bucket and bucket.acl)
            or _names_others(world.resource_policies.get(one.arn), one.account)
            or _names_others(world.key_grants.get(one.arn), one.account)
        )

    def _accessed(
        self, known: Mapping[str, DataResource], accesses: Iterable[Judgement]
    ) -> dict[tuple[str, str, str], int]:
        """The best rank of each action by account and resource, of what admins have hold of."""
        had: dict[tuple[str, str, str], int] = {}
        for one in accesses:
            members = self._free(one.members or (one.source,))
            caller = self.world.principals.get(members[0]) if members else None
            if caller is None:
                continue
            for target in one.targets or (one.target,):
                if target in known and known[target].account != caller.account:
                    for action in one.actions:
                        key = (caller.account, target, action)
                        had[key] = max(had.get(key, 0), one.answer.verdict.rank)
        return had


def _names_others(policy: Policy | None, account: str) -> bool:
    """Whether a policy allows something to anyone of another account."""
    document = policy.document if policy is not None else None
    if not isinstance(document, Document):
        return False
    return any(
        entry.kind != "service" and entry.account != account
        for statement in document.statements
        if not statement.is_deny
        for entry in entries(statement)
    )


def _rank(answer: Answer) -> tuple[int, int, int]:
    return answer.verdict.rank, -len(answer.conditions), -len(answer.session)


def _judgement(
    question: str,
    account: str,
    target: str,
    mechanism: str,
    answer: Answer,
    actions: tuple[str, ...],
    member: str,
) -> Judgement:
    return Judgement(
        question,
        f"account:{account}",
        target,
        mechanism,
        answer,
        actions=actions,
        via=(member,),
    )


def _related(made: Judgement) -> Relationship:
    key = f"given|{key_of(made.mechanism, made.answer)}"
    if made.question == "assume":
        return walked(
            "CAN_ASSUME",
            made.source,
            made.target,
            key,
            made.answer,
            mechanism=made.mechanism,
            technique="sts-001",
            actions=list(made.actions),
            session=list(made.answer.session),
            via=list(made.via),
        )
    levels = {level_of(action) or "write" for action in made.actions}
    return walked(
        "CAN_ACCESS",
        made.source,
        made.target,
        key,
        made.answer,
        mechanism=made.mechanism,
        actions=list(made.actions),
        level=max(levels, key=_ORDER.index),
        via=list(made.via),
    )
