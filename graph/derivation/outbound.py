"""``CAN_ASSUME`` into accounts that were not collected: one side is known, the other is not.

A principal whose own policy allows ``sts:AssumeRole`` on a role of an account that it names by
number can assume it if that role trusts it; the trust policy is not there to read, so the verdict
is never stronger than ``unknown``. Whoever may assume any role anywhere names none.
https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_cross-account-with-roles.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from graph.derivation.relate import key_of, walked
from graph.derivation.sets import PrincipalSets
from graph.iam.assumption import ASSUME
from graph.iam.classes import holders
from graph.iam.document import Document, Statement
from graph.iam.grantees import SET_FROM, Grantees, grantees, of_a_set
from graph.iam.request import Request
from graph.iam.world import IamWorld, Principal
from graph.judgement import Judgement
from graph.records import Node, Relationship
from graph.verdict import Answer, Verdict, condition

_ROLE = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):role/(\S+)\Z")
_WILD = re.compile(r"[*?]+")
MOST = 200
"""Roles that are weighed one by one for each account; the rest are told by the account that they
are of. Each is weighed against every statement, so the cost would be that of their product."""
_SOME = "some-role"
"""Stands for what a wildcard leaves open when the policies are asked."""


@dataclass(frozen=True, slots=True)
class OutboundPart:
    """Roles of accounts that were not collected, and who of one's own may try to assume them."""

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]


def outbound_part(world: IamWorld, sets: PrincipalSets) -> OutboundPart:
    """Derive who may leave for which role of an account that was not collected.

    Args:
        world: the IAM facts.
        sets: gets the sets of principals that were needed.
    """
    judgements: list[Judgement] = []
    for account in sorted(world.by_account):
        named = sorted(_named(world, account).items())
        for role, by in named[:MOST]:
            able = _able(world, account, role, frozenset(by))
            judgements += [_judgement(row, role, sets) for row in able]
        judgements += _together(account, dict(named[MOST:]), sets)
    return OutboundPart(
        tuple(_node(role) for role in sorted({one.target for one in judgements})),
        tuple(_can_assume(one) for one in judgements),
        tuple(judgements),
    )


def _named(world: IamWorld, account: str) -> dict[str, list[str]]:
    """Roles elsewhere, also as patterns, by which principals' policies name them."""
    found: dict[str, list[str]] = {}
    for one in world.by_account[account]:
        for role in dict.fromkeys(_roles_of(one)):
            if role.split(":")[4] not in world.by_account:
                found.setdefault(role, []).append(one.arn)
    return found


def _roles_of(one: Principal) -> Iterator[str]:
    for policy in one.policies:
        if isinstance(policy.document, Document):
            for statement in policy.document.touching(ASSUME.lower()):
                yield from _resources_of(statement)


def _resources_of(statement: Statement) -> Iterator[str]:
    if not statement.is_deny:
        # A variable is somebody's tag or name: which role it names differs from caller to caller.
        named = (role for role in statement.resources or () if "${" not in role)
        yield from (role for role in named if _ROLE.match(role))


def _able(world: IamWorld, account: str, role: str, named: frozenset[str]) -> Iterator[Grantees]:
    """Those of the named whose own side allows it, those that are alike together."""
    held = holders(world, account, ASSUME)
    wanted = held.mask(named)
    if not wanted:
        return
    caller = world.principals[next(iter(sorted(named)))]
    request = Request(caller, ASSUME, _WILD.sub(_SOME, role), role.split(":")[4])
    for row in grantees(world, account, request, left_out=held.full & ~wanted):
        if len(row.members) >= SET_FROM:
            yield row
        else:
            yield from (Grantees(account, (arn,), row.answer, row.example) for arn in row.members)


def _together(
    account: str, named: Mapping[str, list[str]], sets: PrincipalSets
) -> Iterator[Judgement]:
    """Roles that were not weighed: one answer for those of one account, whoever names any."""
    of: dict[str, list[str]] = {}
    for role in named:
        of.setdefault(":".join([*role.split(":")[:5], "role/*"]), []).append(role)
    for pattern, roles in of.items():
        members = tuple(sorted({arn for role in roles for arn in named[role]}))
        text = (
            f"Policies of {account} name further roles of {pattern.split(':')[4]} ({len(roles)}). "
            "They were not weighed one by one, and what they trust was not collected."
        )
        missing = (condition("not_collected", f"trust-policy={pattern}"),)
        answer = Answer(Verdict.UNKNOWN, why=text, conditions=missing, evidence=(text,))
        source = members[0] if len(members) == 1 else sets.of(account, members)
        several = members if len(members) > 1 else ()
        yield Judgement(
            "assume", source, pattern, ASSUME, answer, actions=(ASSUME,), members=several
        )


def _judgement(row: Grantees, role: str, sets: PrincipalSets) -> Judgement:
    row = replace(row, answer=_of_pattern(row.answer, role))
    alone = len(row.members) == 1
    source = row.members[0] if alone else sets.of(row.account, row.members)
    size = len(row.members)
    who = source.rpartition("/")[2] if alone else ""
    answer = of_a_set(row.answer, size, row.account, row.example, f"name {role} in their policies")
    if alone:
        text = f"{who} may assume {role} as far as its own account goes; what that role trusts was "
        answer = row.answer.because(f"{text}not collected.")
    return Judgement(
        question="assume",
        source=source,
        target=role,
        mechanism=ASSUME,
        answer=answer,
        actions=(ASSUME,),
        members=() if alone else row.members,
    )


def _of_pattern(answer: Answer, role: str) -> Answer:
    """The answer about some role that fits a pattern as one about the pattern."""
    some = _WILD.sub(_SOME, role)

    def told(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text.replace(some, role) for text in texts)

    return replace(
        answer,
        why=answer.why.replace(some, role),
        conditions=told(answer.conditions),
        evidence=told(answer.evidence),
    )


def _can_assume(made: Judgement) -> Relationship:
    return walked(
        "CAN_ASSUME",
        made.source,
        made.target,
        key_of(made.mechanism, made.answer),
        made.answer,
        mechanism=made.mechanism,
        technique=made.mechanism,
        actions=list(made.actions),
        session=list(made.answer.session),
    )


def _node(role: str) -> Node:
    """A role that only a policy names; of a pattern, whichever fits it."""
    found = _ROLE.match(role)
    account, name = (found[1], found[2]) if found else ("", role)
    return Node(
        id=role,
        labels=("IAMRole",),
        props={
            "name": name if _WILD.search(name) else name.rpartition("/")[2],
            "resource_type": "AWS::IAM::Role",
            "account_id": account,
            "region": "global",
            "resource_id": name.rpartition("/")[2],
            "tags": [],
            "collected": False,
            "category": "identity",
            "arn": role,
        },
    )
