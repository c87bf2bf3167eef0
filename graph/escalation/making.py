"""Techniques that make a user or role that is admin from the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.escalation import aftermath
from graph.escalation.ask import Able, Asker
from graph.escalation.calls import able_with_names
from graph.escalation.finding import Finding, Goal
from graph.escalation.identity import candidates
from graph.escalation.outsiders import admits_others
from graph.escalation.services import anywhere, open_points
from graph.escalation.stage import Stage
from graph.escalation.technique import Call, Technique
from graph.iam.request import Request
from graph.iam.world import Principal
from graph.verdict import Answer, Verdict, all_of


def new_principals(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Judge who may make one, and become it."""
    for account in stage.accounts:
        within = candidates(stage, technique, account)
        if not within:
            continue
        partition = anywhere(stage, account)["partition"]
        kind = technique.target.type
        made = Principal(f"arn:{partition}:iam::{account}:{kind}/new", account, kind, "new")
        after = aftermath.is_admin_after(stage, aftermath.given_everything(made))
        whole = all_of((after, open_points(technique)))
        if whole.verdict is Verdict.NO:
            continue
        for calls in technique.groups():
            yield from _made(stage, technique, made, calls, whole, within)


def _made(
    stage: Stage,
    technique: Technique,
    made: Principal,
    calls: tuple[Call, ...],
    whole: Answer,
    within: int,
) -> Iterator[Finding]:
    """By calls of one's own, else with somebody outside who becomes what was made."""
    account = made.account
    asker = stage.asker(account)
    settled = 0
    for able, requests in _able(stage, asker, calls, within):
        settled |= able.mask if able.answer.verdict is Verdict.YES else 0
        yield _finding(technique, asker, able, whole, requests)
    left = tuple(call for call in calls if not call.open_trust)
    if len(left) == len(calls) or not within & ~settled:
        return
    for able, requests in _able(stage, asker, left, within & ~settled):
        named = replace(made, arn=requests[0].resource)
        answer = all_of((whole, admits_others(stage, named)))
        if answer.verdict is not Verdict.NO:
            yield _finding(technique, asker, able, answer, requests)


def _able(
    stage: Stage, asker: Asker, calls: tuple[Call, ...], within: int
) -> list[tuple[Able, tuple[Request, ...]]]:
    caller = asker.any_member()
    if caller is None:
        return []
    return able_with_names(asker, calls, caller, anywhere(stage, asker.account), within)


def _finding(
    technique: Technique, asker: Asker, able: Able, whole: Answer, requests: tuple[Request, ...]
) -> Finding:
    goal = Goal(f"account:{asker.account}", whole, requests)
    return Finding(technique, asker.account, asker.members(able.mask), (goal,), able.answer)
