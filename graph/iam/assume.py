"""Who can assume a role.

The trust policy must allow; a principal that it names is enough in the role's own account, an
account that it names delegates to the identity policies of that account, and from another account
both sides must allow.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.iam.assumption import ASSUME, Assumption
from graph.iam.classes import holders
from graph.iam.document import Document
from graph.iam.evaluate import evaluate
from graph.iam.federated_sources import federated
from graph.iam.grantees import SET_FROM, grantees
from graph.iam.grants import grants
from graph.iam.principal import entries
from graph.iam.request import Request, Side
from graph.iam.resource_policy import weigh
from graph.iam.world import ANY_AWS_PRINCIPAL, IamWorld, Policy, Principal
from graph.verdict import Answer, Verdict, condition


def assume_answers(world: IamWorld, role_arn: str) -> list[Assumption]:
    """Every source that may assume a role, one by one; sorted by kind and source.

    As :func:`assume_rows`, every collected principal with its own proof.

    Raises:
        KeyError: the role is not in the world.
    """
    role = world.principals[role_arn]
    found = []
    for row in assume_rows(world, role_arn):
        for arn in row.members or ():
            one = world.principals[arn]
            answer = evaluate(world, Request(one, ASSUME, role.arn, role.account))
            found.append(Assumption(arn, answer, row.actions, "principal"))
        if not row.members:
            found.append(row)
    unique = {(row.kind, row.source, row.answer): row for row in found}
    return sorted(unique.values(), key=lambda row: (row.kind, row.source))


def assume_rows(
    world: IamWorld, role_arn: str, left_out: frozenset[str] = frozenset()
) -> list[Assumption]:
    """Every source that may assume a role, principals that are alike as one; none that may not.

    Both sides are judged for principals of collected accounts. Those whose only way would be an
    identity policy that was not collected are left out here and named once, by
    :func:`identity_gaps`.

    Args:
        world: the facts.
        role_arn: the role.
        left_out: principals of the role's account that need no answer.

    Raises:
        KeyError: the role is not in the world.
    """
    role = world.principals[role_arn]
    trust = role.trust
    if trust is None or not isinstance(trust.document, Document):
        return [_unread(world, role, trust)]
    found = [*_collected(world, role, trust, left_out), *_outside(world, role, trust)]
    found += federated(world, role)
    return sorted(found, key=lambda row: (row.kind, row.source, row.members))


def identity_gaps(world: IamWorld) -> list[tuple[str, tuple[str, ...]]]:
    """Principals with identity policies that were not collected or cannot be read, and which."""
    result = []
    for arn in sorted(world.principals):
        one = world.principals[arn]
        missing = [f"{subject}={value}" for subject, value in one.gaps]
        missing += [
            f"policy={row.arn or row.name}"
            for row in one.policies
            if not isinstance(row.document, Document)
        ]
        if missing:
            result.append((arn, tuple(missing)))
    return result


def _unread(world: IamWorld, role: Principal, trust: Policy | None) -> Assumption:
    policy = trust or Side.NOT_COLLECTED
    request = Request(ANY_AWS_PRINCIPAL, ASSUME, role.arn, role.account)
    return Assumption(
        "any-aws-principal", weigh(world, request, policy).answer, (ASSUME,), "unknown"
    )


def _collected(
    world: IamWorld, role: Principal, trust: Policy, left_out: frozenset[str]
) -> Iterator[Assumption]:
    """Principals of collected accounts."""
    if role.service_linked or not isinstance(trust.document, Document):
        return
    request = Request(role, ASSUME, role.arn, role.account)
    for account in _named(world, trust.document):
        out = 0
        if left_out and account == role.account:
            out = holders(world, account, ASSUME).mask(left_out)
        for row in grantees(world, account, request, by_statement=True, left_out=out):
            if len(row.members) >= SET_FROM:
                yield Assumption(row.example, row.answer, (ASSUME,), "principals", row.members)
                continue
            for arn in row.members:
                answer = row.answer
                if arn != row.example:
                    answer = evaluate(world, replace(request, principal=world.principals[arn]))
                yield Assumption(arn, answer, (ASSUME,), "principal")


def _named(world: IamWorld, trust: Document) -> list[str]:
    """The collected accounts whose principals a trust may name, sorted.

    Whoever it does not name cannot assume the role, so organisations of a thousand accounts need
    not be gone through for every role.
    """
    found: set[str] = set()
    for statement in trust.statements:
        for entry in () if statement.is_deny else entries(statement):
            if entry.kind != "service" and not entry.account:
                return sorted(world.by_account)
            found.add(entry.account)
    return sorted(found & world.by_account.keys())


def _outside(world: IamWorld, role: Principal, trust: Policy) -> Iterator[Assumption]:
    """Callers that were not collected, and services."""
    rows = grants(trust, "sts", role.arn, role.account, world, actions=[ASSUME])
    for row in rows:
        if row.source_kind in ("federated", "canonical-user", "internet"):
            continue
        if row.source_kind in ("any-account-via", "account-via-service"):
            # A service that acts for others is a confused deputy, not somebody who assumes.
            continue
        if role.service_linked and row.source_kind != "service":
            continue
        kind = row.source_kind
        answer = row.answer
        if kind in ("account", "principal"):
            if _account_of(row.source_id) in world.by_account:
                missing = _missing(world, row.source_id)
                if not missing:
                    continue
                answer = _of_unread(answer, row.source_id, missing)
            kind = "outside-principal" if kind == "principal" else kind
        yield Assumption(row.source_id, answer, (ASSUME,), kind)


def _missing(world: IamWorld, source: str) -> list[str]:
    """What was not read of a collected account that may be, or hold, the source of a trust."""
    account = _account_of(source)
    unread = world.account(account).unread
    if source.startswith("account:"):
        return [condition("not_collected", type_id, account) for type_id in unread]
    name = source.partition(":assumed-role/")[2].partition("/")[0]
    if source in world.principals or (name and _has_role(world, account, name)):
        return []
    wanted = "iam:role" if name or ":role/" in source else "iam:user"
    return [condition("not_collected", wanted, account)] if wanted in unread else []


def _has_role(world: IamWorld, account: str, name: str) -> bool:
    return any(one.kind == "role" and one.name == name for one in world.by_account[account])


def _of_unread(answer: Answer, source: str, missing: list[str]) -> Answer:
    """The trust admits the source; whether somebody is it, and may, was not read."""
    text = f"The trust names {source}, of which not every principal was collected."
    return replace(
        answer,
        verdict=Verdict.UNKNOWN,
        why=text,
        conditions=tuple(sorted({*answer.conditions, *missing})),
        evidence=(*answer.evidence, text),
    )


def _account_of(source: str) -> str:
    if source.startswith("account:"):
        return source.removeprefix("account:")
    return source.split(":")[4]
