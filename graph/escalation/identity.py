"""Techniques of IAM itself: credentials, trust, policies, groups and boundaries are rewritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from graph.escalation import aftermath
from graph.escalation.ask import Able, Asker, joined
from graph.escalation.calls import requests_of, version_slot, with_boundary
from graph.escalation.checks import check
from graph.escalation.finding import Finding, Goal
from graph.escalation.outsiders import admits_others, by_others
from graph.escalation.services import anywhere, open_points
from graph.escalation.stage import Stage
from graph.escalation.technique import Call, Technique
from graph.iam.access import DataResource
from graph.iam.document import Document
from graph.iam.federation import issuer
from graph.iam.grantees import bare
from graph.iam.request import Request
from graph.iam.world import Principal
from graph.verdict import Answer, Verdict, all_of

_TRUSTED = "sts:AssumeRole"


class Taken(NamedTuple):
    """A principal that the attacker takes, what it takes to be of use, and what it is then."""

    one: Principal
    answer: Answer
    more: dict[str, str]
    via: tuple[str, ...] = ()
    needed: tuple[Call, ...] = ()
    changed: Principal | None = None


def roles(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Techniques on each ordinary role."""
    for account in stage.accounts:
        if candidates(stage, technique, account):
            taken = [Taken(one, Answer(Verdict.YES), {}) for one in stage.roles(account)]
            yield from take(stage, technique, account, taken)


def users(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Techniques on each user, whose credentials must be in a state that lets them work."""
    for account in stage.accounts:
        if not candidates(stage, technique, account):
            continue
        taken = []
        for one in stage.users(account):
            answer = check(technique.checks, one, stage.identity.credentials_of(one.arn))
            if answer.verdict is not Verdict.NO:
                taken.append(Taken(one, answer, {}))
        yield from take(stage, technique, account, taken)


def policies_of_roles(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Techniques on a customer-managed policy of a role."""
    for account in stage.accounts:
        if not candidates(stage, technique, account):
            continue
        taken = []
        for one in stage.roles(account):
            for policy in one.policies:
                known = stage.identity.policies.get(policy.arn)
                if known is not None and known.account == account:
                    needed = version_slot(known)
                    more = {"policy": policy.arn}
                    answer = Answer(Verdict.YES)
                    taken.append(Taken(one, answer, more, (policy.arn,), needed))
        yield from take(stage, technique, account, taken)


def candidates(stage: Stage, technique: Technique, account: str) -> int:
    """Whose own policies name every call of a technique but the one that a trust allows."""
    found = 0
    for calls in technique.groups():
        needed = [call.action for call in calls if call.action != _TRUSTED]
        found |= stage.asker(account).candidates(needed)
    return found


def take(
    stage: Stage, technique: Technique, account: str, taken: Sequence[Taken]
) -> Iterator[Finding]:
    """Judge who may make the calls on each of some principals, those that are alike as one."""
    asker = stage.asker(account)
    caller = asker.any_member()
    if caller is None:
        return
    base = anywhere(stage, account)
    for group in technique.groups():
        alike: dict[Hashable, list[tuple[Taken, tuple[Request, ...]]]] = defaultdict(list)
        for one in taken:
            calls = (*group, *one.needed)
            requests = _requests(calls, caller, base, one)
            if requests is None:
                continue
            key = (bare(one.answer), *(_alike(stage, account, row, one) for row in requests))
            alike[key].append((one, requests))
        for same in alike.values():
            yield from _of_alike(stage, technique, asker, same)


def _requests(
    calls: Iterable[Call], caller: Principal, base: dict[str, str], taken: Taken
) -> tuple[Request, ...] | None:
    one = taken.one
    values = {**base, one.kind: one.arn, "name": one.name, **taken.more}
    given = [with_boundary(call, one) for call in calls]
    return requests_of(given, caller, values, tags=one.tags)


def _alike(stage: Stage, account: str, request: Request, taken: Taken) -> Hashable:
    one = taken.one
    thing = DataResource(request.resource, "", account, "", request.resource_tags)
    trust: Hashable = None
    if request.action == _TRUSTED and one.trust is not None:
        document = one.trust.document
        trust = document.hash if isinstance(document, Document) else one.arn
    boundary = one.boundary.arn if one.boundary is not None else None
    return (stage.alike(account, request.action, thing), trust, boundary, request.absent)


def _of_alike(
    stage: Stage,
    technique: Technique,
    asker: Asker,
    same: Sequence[tuple[Taken, tuple[Request, ...]]],
) -> Iterator[Finding]:
    rows = asker.all_able(same[0][1])
    if rows:
        yield from _found(stage, technique, asker, rows, same)
    first = by_others(same[0][1])
    if first is None:
        return
    able = sum(row.mask for row in rows if row.answer.verdict is Verdict.YES)
    rows = asker.all_able(first, ~able)
    if rows:
        named = []
        for taken, requests in same:
            answer = all_of((taken.answer, admits_others(stage, taken.one)))
            named.append((taken._replace(answer=answer), by_others(requests) or ()))
        yield from _found(stage, technique, asker, rows, named)


def _found(
    stage: Stage,
    technique: Technique,
    asker: Asker,
    rows: Sequence[Able],
    same: Sequence[tuple[Taken, tuple[Request, ...]]],
) -> Iterator[Finding]:
    common = open_points(technique)
    goals: dict[Hashable, list[Goal]] = defaultdict(list)
    for taken, requests in same:
        for node, answer in _gained(stage, technique, taken):
            whole = all_of((taken.answer, answer, common))
            if whole.verdict is not Verdict.NO:
                via = taken.via if node == taken.one.arn else (taken.one.arn, *taken.via)
                key = (node.startswith("account:"), bare(whole))
                goals[key].append(Goal(node, whole, requests, via))
    for row in rows:
        for listed in goals.values():
            members = asker.members(row.mask)
            finding = Finding(technique, asker.account, members, tuple(listed), row.answer)
            yield from _not_oneself(finding)


def _not_oneself(finding: Finding) -> Iterator[Finding]:
    """Taking oneself is another technique: whoever is used on the way is no member."""
    ends = {node for goal in finding.goals for node in (goal.node, *goal.via)}
    own = [member for member in finding.members if member in ends]
    others = tuple(member for member in finding.members if member not in ends)
    if others:
        yield Finding(finding.technique, finding.account, others, finding.goals, finding.answer)
    for member in own:
        goals = tuple(
            goal for goal in finding.goals if member != goal.node and member not in goal.via
        )
        if goals:
            yield Finding(finding.technique, finding.account, (member,), goals, finding.answer)


def _gained(stage: Stage, technique: Technique, taken: Taken) -> Iterator[tuple[str, Answer]]:
    """The principal, and its account where the technique makes it an admin."""
    one = taken.one
    if one.kind in technique.gains:
        yield one.arn, Answer(Verdict.YES)
    if "account" not in technique.gains:
        return
    if technique.then == "unbounded" and one.boundary is None:
        return
    changed = taken.changed
    if changed is None:
        unbounded = technique.then == "unbounded"
        change = aftermath.without_boundary if unbounded else aftermath.given_everything
        changed = change(one)
    yield f"account:{one.account}", aftermath.is_admin_after(stage, changed)


def saml_providers(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Techniques that make an identity provider vouch for the attacker."""
    for provider, account in stage.identity.saml:
        if account not in stage.world.by_account:
            continue
        asker = stage.asker(account)
        caller = asker.any_member()
        trusting = stage.trusting_provider(account, provider)
        if caller is None or not trusting:
            continue
        values = {**anywhere(stage, account), "provider": provider}
        requests = requests_of(technique.calls, caller, values)
        if requests is None:
            continue
        for row in asker.all_able(requests):
            goals = tuple(
                Goal(role.arn, as_asserted(answer), requests, (provider,))
                for role, answer in trusting
            )
            for goal in goals:
                members = tuple(m for m in asker.members(row.mask) if m != goal.node)
                if members:
                    yield Finding(technique, account, members, (goal,), row.answer)


def as_asserted(answer: Answer, provider: str = "") -> Answer:
    """Whoever signs the assertions writes what conditions on a provider's keys ask for."""
    name = issuer(provider).lower() if provider else "saml"
    left = tuple(one for one in answer.conditions if not one.lower().startswith(f"context:{name}:"))
    if answer.verdict is not Verdict.CONDITIONAL or left == answer.conditions:
        return answer
    verdict = Verdict.CONDITIONAL if left else Verdict.YES
    return Answer(verdict, answer.why, left, evidence=answer.evidence, assumes=answer.assumes)


def everyone(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Rights to make every role, user or group an admin, though none is in hand yet."""
    for account in stage.accounts:
        within = candidates(stage, technique, account)
        taken = _all_of_kind(stage, technique.target.type, account)
        if not within or not taken:
            continue
        asker = stage.asker(account)
        caller = asker.any_member()
        if caller is None:
            continue
        base = anywhere(stage, account)
        for calls in technique.groups():
            found = _on_all(stage, asker, calls, caller, base, taken, within)
            if found is None:
                continue
            rows, requests = found
            for row in rows:
                goal = Goal(f"account:{account}", open_points(technique), requests)
                members = asker.members(row.mask)
                if len(taken) == 1:
                    members = tuple(one for one in members if one != taken[0].one.arn)
                if members:
                    yield Finding(technique, account, members, (goal,), row.answer)


def _all_of_kind(stage: Stage, kind: str, account: str) -> list[Taken]:
    """Every principal or group of a kind; of groups that make an admin, one is enough."""
    if kind in ("role", "user"):
        listed = stage.roles(account) if kind == "role" else stage.users(account)
        if all(_admin_with_everything(stage, one).verdict is Verdict.NO for one in listed):
            return []
        return [Taken(one, Answer(Verdict.YES), {}) for one in listed]
    found = []
    for group in stage.identity.groups.values():
        if group.account != account:
            continue
        one = Principal(group.arn, account, "group", group.name, policies=group.policies)
        if kind == "group" and group.members:
            found.append(Taken(one, Answer(Verdict.YES), {}))
        elif kind == "admin-group":
            member = Principal(f"{group.arn}/member", account, "user", policies=group.policies)
            answer = stage.after(account, ("member", group.arn), member).answer
            if answer.verdict is Verdict.YES:
                return [Taken(one, answer, {})]
    return found


def _admin_with_everything(stage: Stage, one: Principal) -> Answer:
    return aftermath.is_admin_after(stage, aftermath.given_everything(one))


def _on_all(
    stage: Stage,
    asker: Asker,
    calls: Sequence[Call],
    caller: Principal,
    base: dict[str, str],
    taken: Sequence[Taken],
    within: int,
) -> tuple[list[Able], tuple[Request, ...]] | None:
    """Who may make the calls on each of some principals: the weakest answer of all."""
    seen: set[Hashable] = set()
    rows = [Able(within, Answer(Verdict.YES))]
    first: tuple[Request, ...] = ()
    for one in taken:
        requests = _requests(calls, caller, base, one)
        if requests is None:
            return None
        first = first or requests
        key = tuple(_alike(stage, asker.account, row, one) for row in requests)
        if key in seen:
            continue
        seen.add(key)
        able = asker.all_able(requests, within)
        rows = [
            Able(row.mask & more.mask, all_of((row.answer, more.answer)))
            for row in rows
            for more in able
            if row.mask & more.mask
        ]
        if not rows:
            return None
    return joined(rows), first
