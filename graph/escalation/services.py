"""Techniques that use AWS services: a role is passed, a workload is used, a policy is rewritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from collector.snapshot import Item
from graph.escalation.ask import Able, Asker
from graph.escalation.calls import (
    Ready,
    needs_choice,
    ready_with_names,
    request_of,
)
from graph.escalation.choices import There
from graph.escalation.executing import executable
from graph.escalation.finding import Finding, Goal
from graph.escalation.present import calls_about, some_of, that_serve
from graph.escalation.stage import Stage
from graph.escalation.technique import Call, Technique
from graph.escalation.templates import whole_arn
from graph.escalation.told import signature
from graph.escalation.what_holds import holds
from graph.iam.access import DataResource
from graph.iam.grantees import bare
from graph.iam.request import Request
from graph.iam.world import Principal
from graph.verdict import Answer, Verdict, all_of

if TYPE_CHECKING:
    from graph.derivation.workload_roles import CarriedRole, Workload

_NO_IDENTITY_POLICY = frozenset({"sts:AssumeRole"})
"""Calls that a trust policy alone may allow."""


PASSIVE = "Nothing has to be called for it: the owner's systems run it when they next use it."
"""Told of techniques that only lay something down."""


def open_points(technique: Technique) -> Answer:
    """What a technique leaves open whatever is allowed, and whether it waits for the owner."""
    waits = (PASSIVE,) if technique.passive else ()
    if not technique.conditions:
        return Answer(Verdict.YES, evidence=waits)
    texts = tuple(why for _, why in technique.conditions)
    names = tuple(sorted(name for name, _ in technique.conditions))
    return Answer(Verdict.CONDITIONAL, texts[0], names, evidence=(*texts, *waits))


def partition_of(stage: Stage, account: str) -> str:
    """The partition of an account's principals."""
    arns = (one.arn.split(":") for one in stage.world.by_account[account])
    return next((parts[1] for parts in arns if len(parts) > 5), "aws")


def anywhere(stage: Stage, account: str) -> dict[str, str]:
    """What templates are filled with for things of an account in a region of one's choice."""
    return {"partition": partition_of(stage, account), "account": account, "region": "*"}


def who_may(asker: Asker, calls: Iterable[Call]) -> int:
    """Whose own policies have an Allow for each call that needs one."""
    return asker.candidates(call.action for call in calls if call.action not in _NO_IDENTITY_POLICY)


def both(asker: Asker, ready: Sequence[Ready], own: Sequence[Request]) -> Iterator[Ready]:
    """Who may make the calls about new things and those about the goal."""
    for one in ready:
        if not own:
            yield one
            continue
        for row in asker.all_able(own, one.able.mask):
            answer = all_of((one.able.answer, row.answer))
            yield one._replace(able=Able(row.mask, answer))


def workloads(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Techniques that use a workload that carries a role."""
    for account in stage.accounts:
        common = all_of((stage.exists(account, technique.exists), open_points(technique)))
        if common.verdict is Verdict.NO:
            continue
        rows = list(_rows(stage, technique, account, common))
        if rows:
            yield from _on_things(stage, technique, account, rows)


def _rows(stage: Stage, technique: Technique, account: str, common: Answer) -> Iterator[_Row]:
    if "execute" in technique.gains:
        for item, answer in executable(stage, technique, account):
            yield item, ((item.id, all_of((common, answer))),), ()
        return
    for one in stage.things.workloads(technique.target.type, account):
        yield from _usable(technique, one, common)


def resources(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Techniques that rewrite a resource's policy."""
    for account in stage.accounts:
        rows = []
        for item in stage.things.of(technique.target.type, account):
            answer = all_of((holds(item, technique.target.where), open_points(technique)))
            if answer.verdict is not Verdict.NO:
                rows.append((item, ((item.id, answer),), (item.id,)))
        if rows:
            yield from _on_things(stage, technique, account, rows)


_Row = tuple[Item, tuple[tuple[str, Answer], ...], tuple[str, ...]]
"""An item, the nodes gained by it with what that takes, and what is used on the way."""


def _usable(technique: Technique, workload: Workload, common: Answer) -> Iterator[_Row]:
    """A workload with the roles that its controller gains."""
    target = technique.target
    item = workload.item
    answer = all_of((common, holds(item, target.where)))
    if answer.verdict is Verdict.NO:
        return
    goals = tuple(
        (role.role, all_of((role.answer, answer)))
        for role in workload.roles
        if role.role and _is_wanted(role, target.roles) and _is_carried(role)
    )
    if goals:
        yield item, goals, (workload.id,)


def _is_wanted(role: CarriedRole, kinds: Sequence[str]) -> bool:
    return not kinds or role.kind in kinds


def _is_carried(role: CarriedRole) -> bool:
    return role.answer.verdict.rank >= Verdict.CONDITIONAL.rank


def _on_things(
    stage: Stage, technique: Technique, account: str, rows: Sequence[_Row]
) -> Iterator[Finding]:
    for calls in technique.groups():
        actions = [call.action for call in calls]
        by_asker: dict[int, tuple[Asker, list[_Row]]] = {}
        for row in rows:
            thing = _thing(stage, row[0])
            for asker in stage.callers(thing, actions):
                by_asker.setdefault(id(asker), (asker, []))[1].append(row)
        for asker, listed in by_asker.values():
            yield from _by_asker(stage, technique, account, calls, asker, listed)


def _thing(stage: Stage, item: Item) -> DataResource:
    tags = stage.world.resource_tags.get(item.id)
    return DataResource(item.id, item.type, item.account_id, item.region, tags)


def _by_asker(
    stage: Stage,
    technique: Technique,
    account: str,
    calls: Sequence[Call],
    asker: Asker,
    rows: Sequence[_Row],
) -> Iterator[Finding]:
    caller = asker.any_member()
    if caller is None:
        return
    by_own_policy = who_may(asker, calls)
    calls, there = calls_about(stage, account, technique, calls)
    sample = some_of(there)
    alike: dict[Hashable, list[tuple[_Row, dict[str, str]]]] = defaultdict(list)
    usable: dict[Hashable, There] = {}
    for row in rows:
        item = row[0]
        spoken = stage.world.resource_policies.get(item.id) is not None
        if not by_own_policy and not spoken:
            continue
        serving = that_serve(stage, technique, item, there)
        thing = _thing(stage, item)
        values = _values(stage, technique, account, item)
        told = {**sample, **values}
        key: list[Hashable] = [stage.alike(asker.account, call.action, thing) for call in calls]
        key += [_literal(stage, asker, call, told, item, spoken) for call in calls]
        key.append(tuple(bare(answer) for _, answer in row[1]) if len(row[1]) == 1 else item.id)
        key.append(tuple(serving.items()))
        alike[tuple(key)].append((row, values))
        usable[tuple(key)] = serving
    for kind, same in alike.items():
        yield from _of_alike(stage, technique, calls, usable[kind], asker, caller, same)


def _literal(
    stage: Stage, asker: Asker, call: Call, values: dict[str, str], item: Item, spoken: bool
) -> Hashable:
    """What of a call tells things apart beside the thing itself.

    Args:
        stage: the facts.
        asker: whose principals call.
        call, values, item: as of :func:`graph.escalation.calls.request_of`.
        spoken: the thing has a policy of its own, which may test keys too.
    """
    found = request_of(call, _NOBODY, values, item)
    if found is None:
        return item.id
    context = tuple(sorted(found.context.items()))
    keys = context if spoken else signature(asker.tested(call.action), found.context)
    return (keys, "" if found.resource == item.id else _below(stage, asker, call, item, found))


def _below(stage: Stage, asker: Asker, call: Call, item: Item, request: Request) -> Hashable:
    """What of another resource than the thing itself matters."""
    if not mentions_thing(call):
        return request.resource
    other = replace(_thing(stage, item), arn=request.resource)
    return stage.alike(asker.account, call.action, other)


def mentions_thing(call: Call) -> bool:
    """Whether a call is on the thing that a technique uses."""
    return "{workload}" in call.on or "{resource}" in call.on


_NOBODY = Principal("arn:aws:iam::000000000000:user/nobody", "000000000000", "user")


def _values(stage: Stage, technique: Technique, account: str, item: Item) -> dict[str, str]:
    return {
        "partition": partition_of(stage, account),
        "account": account,
        "region": "*" if item.region == "global" else item.region,
        "workload": whole_arn(item.type, item.id),
        "resource": item.id,
        "name": item.id.rpartition(":")[2].rpartition("/")[2],
        "id": item.id.rpartition(":")[2].rpartition("/")[2],
    }


def _of_alike(
    stage: Stage,
    technique: Technique,
    calls: Sequence[Call],
    there: There,
    asker: Asker,
    caller: Principal,
    same: Sequence[tuple[_Row, dict[str, str]]],
) -> Iterator[Finding]:
    (item, _, _), values = same[0]
    own = [call for call in calls if not needs_choice((call,), there)]
    free = [call for call in calls if call not in own]
    everybody = asker.wanted(calls[0].action)
    ready = ready_with_names(asker, free, caller, values, everybody, item, there)
    first = _requests(stage, own, caller, values, item)
    if not ready or first is None:
        return
    for row in both(asker, ready, first):
        members = asker.members(row.able.mask)
        goals = []
        for (other, gained, via), more in same:
            requests = _requests(stage, calls, caller, {**more, **row.chosen}, other)
            if requests is not None:
                goals += [Goal(node, answer, requests, via) for node, answer in gained]
        kind = "CAN_EXECUTE_ON" if "execute" in technique.gains else "CAN_ESCALATE_TO"
        by_answer: dict[Hashable, list[Goal]] = defaultdict(list)
        for goal in goals:
            by_answer[bare(goal.answer)].append(goal)
        for listed in by_answer.values():
            found = Finding(technique, asker.account, members, tuple(listed), row.able.answer, kind)
            yield found


def _requests(
    stage: Stage, calls: Sequence[Call], caller: Principal, values: dict[str, str], item: Item
) -> tuple[Request, ...] | None:
    """Calls as requests, with the tags of the thing where a call is on it."""
    tags = stage.world.resource_tags.get(item.id)
    found = []
    for call in calls:
        of_it = tags if mentions_thing(call) else None
        one = request_of(call, caller, values, item, of_it)
        if one is None:
            return None
        found.append(one)
    return tuple(found)
