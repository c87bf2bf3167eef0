"""What a technique runs commands on: every machine and task, whether it carries a role or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collector.snapshot import Item
from graph.derivation.workload_rows import workload_types
from graph.derivation.workload_state import state_of
from graph.escalation.stage import Stage
from graph.escalation.technique import Technique
from graph.escalation.things import MANAGED
from graph.escalation.what_holds import holds
from graph.verdict import Answer, Verdict, all_of, condition


def executable(stage: Stage, technique: Technique, account: str) -> Iterator[tuple[Item, Answer]]:
    """Items of an account that commands can be run on, each with what that takes."""
    target = technique.target
    for item in stage.things.of(target.type, account):
        state = _state(item)
        if state is None:
            continue
        answer = all_of((state, holds(item, target.where)))
        if target.managed:
            answer = all_of((answer, _agent(stage, item)))
        if answer.verdict is not Verdict.NO:
            yield item, answer
    if target.managed:
        yield from _hybrid(stage, technique, account)


def _state(item: Item) -> Answer | None:
    """Whether it runs; metadata options decide about its role's credentials, not about commands."""
    row = workload_types().get(item.type)
    return state_of(replace(row, metadata=""), item) if row else Answer(Verdict.YES)


def _agent(stage: Stage, item: Item) -> Answer:
    name = item.id.rpartition("/")[2]
    return stage.things.agent(item.account_id, item.region, name, item)


def _hybrid(stage: Stage, technique: Technique, account: str) -> Iterator[tuple[Item, Answer]]:
    """Machines outside EC2 that Systems Manager manages."""
    tier = _tier(technique, account)
    for item in stage.things.of(MANAGED, account):
        if not str(item.item.get("InstanceId") or "i-").startswith("i-"):
            yield item, all_of((_agent(stage, item), tier))


def _tier(technique: Technique, account: str) -> Answer:
    """Sessions on machines outside EC2 need the advanced-instances tier; commands do not.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/fleet-manager-configure-instance-tiers.html
    """
    if all(call.action != "ssm:StartSession" for call in technique.calls):
        return Answer(Verdict.YES)
    text = "Sessions on machines outside EC2 need the advanced-instances tier."
    name = condition("not_collected", "ssm:activation-tier", account)
    return Answer(Verdict.CONDITIONAL, text, (name,), evidence=(text,))
