"""Techniques that pass a role to a service, which then works for the attacker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

from graph.escalation.calls import (
    Ready,
    mentions,
    needs_choice,
    ready_with_names,
    requests_of,
    told,
)
from graph.escalation.executed import EXECUTION_ROLE, carried_out
from graph.escalation.finding import Finding, Goal
from graph.escalation.present import calls_about, other_roles, some_of
from graph.escalation.services import anywhere, both, open_points, who_may
from graph.escalation.stage import Stage
from graph.escalation.technique import Call, Technique
from graph.escalation.told import signature
from graph.iam.access import DataResource
from graph.iam.grantees import bare
from graph.iam.request import Request
from graph.iam.world import Principal
from graph.verdict import Answer, Verdict, all_of

_ROLE = "AWS::IAM::Role"


def passed_roles(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Techniques that pass a role to a service that then works for the attacker."""
    executes = EXECUTION_ROLE in technique.gains
    for account in stage.accounts:
        asker = stage.asker(account)
        able = [
            (calls, within) for calls in technique.groups() if (within := who_may(asker, calls))
        ]
        goals = _roles_to_pass(stage, technique, account) if able else ()
        if not goals:
            continue
        common = _common(stage, technique, account)
        if common.verdict is Verdict.NO:
            continue
        for calls, within in able:
            found = _passed(stage, technique, account, calls, goals, common, within)
            yield from carried_out(stage, found) if executes else found


def _common(stage: Stage, technique: Technique, account: str) -> Answer:
    """What a technique takes in an account, whoever calls and whichever role is passed."""
    exists = stage.exists(account, technique.exists)
    return all_of((exists, other_roles(stage, account, technique), open_points(technique)))


def _roles_to_pass(
    stage: Stage, technique: Technique, account: str
) -> list[tuple[Principal, str, Answer]]:
    """Roles that the service may act as: role, instance profile, answer of its trust."""
    found: dict[str, tuple[Principal, Answer]] = {}
    target = technique.target
    listed = [pair for service in target.trusts for pair in stage.trusting(account, service)]
    if target.federated:
        listed += stage.trusting_provider(account, target.federated)
    for role, answer in listed:
        known = found.get(role.arn)
        if known is None or known[1].verdict.rank < answer.verdict.rank:
            found[role.arn] = (role, answer)
    rows = []
    for arn in sorted(found):
        role, answer = found[arn]
        profiles = stage.things.profiles(arn)
        if not target.profile:
            rows.append((role, "", answer))
        elif target.profile == "held":
            rows += [(role, profile, answer) for profile in profiles]
        elif not profiles:
            rows.append((role, "", answer))
    return rows


def _passed(
    stage: Stage,
    technique: Technique,
    account: str,
    calls: Sequence[Call],
    goals: Sequence[tuple[Principal, str, Answer]],
    common: Answer,
    within: int,
) -> Iterator[Finding]:
    asker = stage.asker(account)
    caller = asker.any_member()
    if caller is None:
        return
    values = anywhere(stage, account)
    calls, there = calls_about(stage, account, technique, calls)
    calls = [told(asker, call) for call in calls]
    own = [call for call in calls if mentions(call, "role", "profile", "role_name")]
    free = [call for call in calls if call not in own]
    together = needs_choice(own, there)
    ready = [] if together else ready_with_names(asker, free, caller, values, within, None, there)
    if not ready and not together:
        return
    sample = some_of(there)
    alike: dict[Hashable, list[tuple[Goal, dict[str, str]]]] = defaultdict(list)
    for role, profile, answer in goals:
        more = {**values, "role": role.arn, "role_name": role.name, "profile": profile}
        requests = requests_of(own, caller, {**sample, **more})
        if requests is None:
            continue
        goal = Goal(role.arn, all_of((answer, common)), (), (profile,) if profile else ())
        thing = DataResource(role.arn, _ROLE, account, "", role.tags)
        key = (
            bare(goal.answer),
            tuple(_alike(stage, account, one, thing, profile) for one in requests),
        )
        alike[key].append((goal, more))
    for same in alike.values():
        first = same[0][1]
        rows = (
            ready_with_names(asker, calls, caller, first, within, None, there)
            if together
            else both(asker, ready, requests_of(own, caller, first) or ())
        )
        for row in rows:
            members = asker.members(row.able.mask)
            listed = _asked(same, calls, caller, row)
            yield Finding(technique, account, members, listed, row.able.answer)


def _asked(
    same: Sequence[tuple[Goal, dict[str, str]]],
    calls: Sequence[Call],
    caller: Principal,
    row: Ready,
) -> tuple[Goal, ...]:
    """Goals that are alike, each with its own requests."""
    made = ((goal, requests_of(calls, caller, {**more, **row.chosen})) for goal, more in same)
    return tuple(replace(goal, requests=requests) for goal, requests in made if requests)


def _alike(
    stage: Stage, account: str, request: Request, thing: DataResource, name: str
) -> Hashable:
    """What of a goal a call depends on."""
    tested = stage.asker(account).tested(request.action)
    told_apart = signature(tested, request.context)
    if request.resource == thing.arn:
        return (stage.alike(account, request.action, thing), told_apart)
    if request.resource == name:
        other = DataResource(name, "AWS::IAM::InstanceProfile", account)
        return (stage.alike(account, request.action, other), told_apart)
    return (request.resource, told_apart)
