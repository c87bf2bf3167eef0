"""Questions over many requests: who can do an action, and what a principal can do."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graph.evidence import Step
from graph.iam import resource_side, resource_types
from graph.iam.classes import holders, statements_in_play
from graph.iam.decision import Decision
from graph.iam.evaluate import decide
from graph.iam.expression import Gap
from graph.iam.expression import of as holds
from graph.iam.grantees import policies_of, told_apart_by_statements
from graph.iam.grants import Grant, grants
from graph.iam.powers import Power, Powers, what_can
from graph.iam.principal import named
from graph.iam.request import Request, owner_of
from graph.iam.world import (
    ANONYMOUS,
    ANY_AWS_PRINCIPAL,
    Account,
    Caller,
    IamWorld,
    Outside,
    Policy,
    Principal,
    outside_account,
)
from graph.verdict import Verdict, merged

_ACCOUNT = re.compile(r"\d{12}")
_CANONICAL = re.compile(r"[0-9a-f]{64}")
__all__ = ["Held", "Power", "Powers", "policy_of", "what_can", "who_can"]


@dataclass(frozen=True, slots=True)
class Held:
    """A caller and what the engine says of it.

    Attributes:
        source: the principal's ARN, or a source as :class:`graph.iam.grants.Grant` names it.
        kind: ``user``, ``role``, ``root``, or the grant's kind.
        caller: whom the decision is about; None for a source that stands for no single caller.
        decision: never ``no``.
    """

    source: str
    kind: str
    caller: Caller
    decision: Decision


def who_can(
    world: IamWorld,
    action: str,
    resource: str = "*",
    *,
    like: Mapping[str, Any] | None = None,
    outside: bool = True,
) -> list[Held]:
    """Everyone who can do an action: collected principals, and sources outside.

    Args:
        world: everything that was collected.
        action: e.g. ``s3:GetObject``; a pattern is "any of these".
        resource: ARN, or ``*``.
        like: further members of each :class:`graph.iam.request.Request` (``context``,
            ``absent``, ``resource_account``, ``pattern``, ...).
        outside: whether to list whom the resource's own policy lets in from elsewhere.

    Returns:
        Collected principals by ARN, then sources by id; whoever gets ``no`` is left out. The same
        decisions as asking :func:`graph.iam.evaluate.decide` for each.
    """
    given = dict(like or {})
    asked = Request(ANONYMOUS, action, resource, **given)
    found = []
    for principal in _candidates(world, asked):
        decision = decide(world, replace(asked, principal=principal))
        if decision.answer.verdict is not Verdict.NO:
            found.append(Held(principal.arn, principal.kind, principal, decision))
    if outside:
        found += _outside(world, asked)
    return found


def _candidates(world: IamWorld, request: Request) -> list[Principal]:
    """Collected principals that may be allowed, by ARN.

    Of principals that nothing tells apart one is weighed; where it gets ``no``, so do the others.
    """
    if not told_apart_by_statements(world, request) or world.shares.get(request.resource):
        return [world.principals[arn] for arn in sorted(world.principals)]
    asked, _ = resource_types.as_aws_asks(request)
    policies = [row for row in policies_of(world, request) if isinstance(row, Policy)]
    found: list[Principal] = []
    for account, members in world.by_account.items():
        found += (one for one in members if one.kind == "root")
        held = holders(world, account, request.action)
        owner = owner_of(world, replace(asked, principal=outside_account(account)))
        rows = statements_in_play(world, account, owner, request.action, *policies)
        for alike in held.classes(resource_types.glob_of(asked), rows):
            weighed = replace(request, principal=alike.example)
            if decide(world, weighed).answer.verdict is not Verdict.NO:
                found += held.listed(alike.mask)
    return sorted(found, key=lambda one: one.arn)


def _outside(world: IamWorld, request: Request) -> list[Held]:
    """Sources beside the collected principals whom the resource's side lets in.

    Its policy names them, or an ACL, a KMS grant or a resource share does; the two classes of
    unnamed callers are always asked, and the owner where its own principals were not collected.
    """
    admitted = [
        grant
        for policy in policies_of(world, request)
        if isinstance(policy, Policy)
        for grant in grants(
            policy,
            request.service,
            request.resource,
            owner_of(world, request),
            world,
            request.context,
            actions=[request.action],
        )
    ]
    rows: dict[tuple[str, str], Held] = {}
    beside = (*_beside(world, request), *_of_unseen_owner(world, request))
    for held in (*(_held(world, request, one) for one in admitted), *beside):
        if held is not None:
            seen = rows.get((held.source, held.kind))
            if seen is None or _rank(held) > _rank(seen):
                rows[held.source, held.kind] = held
    _leave_out_signed(rows)
    return [rows[key] for key in sorted(rows)]


def _beside(world: IamWorld, request: Request) -> Iterator[Held]:
    """Whom something else than a policy may let in."""
    callers: list[tuple[str, str, Outside]] = [
        ("internet", "internet", ANONYMOUS),
        ("any-aws-principal", "any-aws-principal", ANY_AWS_PRINCIPAL),
    ]
    for entry in world.shares.get(request.resource, ()):
        if ":organizations::" in entry:
            yield from _of_organisation(world, request, entry)
        else:
            callers += _shared_with(world, entry)
    bucket = world.buckets.get(request.resource.partition("/")[0])
    own = world.canonical_ids.get(owner_of(world, request))
    for row in (bucket.acl or ()) if bucket is not None else ():
        if _CANONICAL.fullmatch(row.grantee) and row.grantee != own:
            caller = Outside("canonical", arn=row.grantee)
            callers.append((f"canonical:{row.grantee}", "canonical-user", caller))
    for source, kind, caller in callers:
        decision = decide(world, replace(request, principal=caller))
        if decision.answer.verdict is not Verdict.NO:
            yield Held(source, kind, caller, decision)


def _of_unseen_owner(world: IamWorld, request: Request) -> Iterator[Held]:
    """The account of the resource, of which no principal was collected: who of it can is open."""
    owner = owner_of(world, request)
    if not _ACCOUNT.fullmatch(owner) or world.account(owner).collected:
        return
    caller = outside_account(owner)
    decision = decide(world, replace(request, principal=caller))
    if decision.answer.verdict is Verdict.NO:
        return
    gap = Gap("principals", owner, needed=True)
    text = f"The principals of {owner}, whose resource it is, were not collected."
    found = decision.answer
    answer = replace(
        found,
        verdict=Verdict.UNKNOWN,
        why=text,
        conditions=tuple(sorted(merged(found.conditions, (gap.render(),)))),
        evidence=(*found.evidence, text),
        steps=(*found.steps, Step("identity policies", owner, "unknown", text)),
    )
    told = replace(decision, answer=answer, allowed=decision.allowed & holds(gap))
    yield Held(f"account:{owner}", "account", caller, told)


def _shared_with(world: IamWorld, entry: str) -> Iterator[tuple[str, str, Outside]]:
    """The account, principal or service outside the snapshot that a share names."""
    who = named("AWS", entry)
    if who.kind in ("account", "user", "role") and not world.account(who.account).collected:
        if who.kind == "account":
            yield f"account:{who.account}", "account", outside_account(who.account)
        else:
            yield entry, "principal", outside_account(who.account, entry)
    elif entry.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        yield f"service:{entry}", "service", Outside("service", arn=entry)


def _of_organisation(world: IamWorld, request: Request, entry: str) -> Iterator[Held]:
    """Accounts of an organisation, or of a unit of it, with which a resource is shared.

    ``arn:aws:organizations::<account>:organization/o-...`` or ``...:ou/o-.../ou-...``.
    """
    kind, _, rest = entry.rpartition(":")[2].partition("/")
    org, _, unit = rest.partition("/")
    member = Account(f"of {rest}", False, "member", org, f"{org}/{unit}/" if unit else f"{org}/")
    if kind not in ("organization", "ou"):
        return
    with_it = replace(world, accounts={**world.accounts, member.id: member})
    caller = outside_account(member.id)
    decision = decide(with_it, replace(request, principal=caller))
    if decision.answer.verdict is not Verdict.NO:
        assumes = tuple(one for one in decision.answer.assumes if member.id not in one)
        decision = replace(decision, answer=replace(decision.answer, assumes=assumes))
        yield Held(f"org:{rest}", "org", caller, decision)


def _leave_out_signed(rows: dict[tuple[str, str], Held]) -> None:
    """A signed stranger adds nothing where an unsigned one gets as much."""
    unsigned = rows.get(("internet", "internet"))
    signed = ("any-aws-principal", "any-aws-principal")
    if unsigned is not None and signed in rows and _rank(unsigned) >= _rank(rows[signed]):
        del rows[signed]


def _rank(held: Held) -> tuple[int, int]:
    answer = held.decision.answer
    return answer.verdict.rank, -len(answer.conditions)


def policy_of(world: IamWorld, request: Request) -> Policy | None:
    """The collected policy of a request's resource, a role's trust policy among them."""
    found = resource_side.policy_of(world, request)
    return found if isinstance(found, Policy) else None


def _held(world: IamWorld, request: Request, grant: Grant) -> Held | None:
    """What the engine says of a grant's source; None for one that is collected or no caller."""
    stand_in = _stand_in(world, grant)
    if stand_in is None:
        return None
    caller, context = stand_in
    asked = replace(request, principal=caller, context={**context, **request.context})
    decision = decide(world, asked)
    if decision.answer.verdict is Verdict.NO:
        return None
    # A class of callers is weaker than the caller who stands for it where the grant says so.
    if grant.answer.verdict.rank <= decision.answer.verdict.rank and not request.absent:
        decision = replace(decision, answer=grant.answer)
    return Held(grant.source_id, grant.source_kind, caller, decision)


Context = Mapping[str, tuple[str, ...]]


def _stand_in(world: IamWorld, grant: Grant) -> tuple[Caller, Context] | None:
    """A caller who is of the grant's class, with the context that makes them so."""
    kind, source = grant.source_kind, grant.source_id
    name = source.partition(":")[2]
    if kind == "cidr":
        first = str(ipaddress.ip_network(name, strict=False).network_address)
        return ANONYMOUS, {"aws:SourceIp": (first,)}
    if kind in ("account", "principal"):
        account = name if kind == "account" else source.split(":")[4]
        if world.account(account).collected:
            return None
    return None if grant.caller is None else (grant.caller, dict(grant.context))
