"""Techniques that use AWS services: a role is passed, a workload is used, a policy is rewritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from collector.snapshot import Item
from graph.escalation.ask import Able, Asker
from graph.escalation.calls import (
    Ready,
    mentions,
    needs_choice,
    ready_with_names,
    request_of,
    requests_of,
    told,
)
from graph.escalation.executing import executable
from graph.escalation.finding import Finding, Goal
from graph.escalation.stage import Stage
from graph.escalation.technique import Call, Technique
from graph.escalation.told import signature
from graph.escalation.what_holds import holds
from graph.iam.access import DataResource
from graph.iam.grantees import bare
from graph.iam.request import Request
from graph.iam.world import Principal
from graph.verdict import Answer, Verdict, all_of

if TYPE_CHECKING:
    from graph.derivation.workload_roles import CarriedRole, Workload

_ROLE = "AWS::IAM::Role"
_NO_IDENTITY_POLICY = frozenset({"sts:AssumeRole"})
"""Calls that a trust policy alone may allow."""


def open_points(technique: Technique) -> Answer:
    """What a technique leaves open whatever is allowed."""
    if not technique.conditions:
        return Answer(Verdict.YES)
    texts = tuple(why for _, why in technique.conditions)
    names = tuple(sorted(name for name, _ in technique.conditions))
    return Answer(Verdict.CONDITIONAL, why=texts[0], conditions=names, evidence=texts)


def partition_of(stage: Stage, account: str) -> str:
    """The partition of an account's principals."""
    arns = (one.arn.split(":") for one in stage.world.by_account[account])
    return next((parts[1] for parts in arns if len(parts) > 5), "aws")


def anywhere(stage: Stage, account: str) -> dict[str, str]:
    """What templates are filled with for things of an account in a region of one's choice."""
    return {"partition": partition_of(stage, account), "account": account, "region": "*"}


def passed_roles(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Techniques that pass a role to a service that then works for the attacker."""
    for account in stage.accounts:
        asker = stage.asker(account)
        able = [
            (calls, within) for calls in technique.groups() if (within := _who_may(asker, calls))
        ]
        goals = _roles_to_pass(stage, technique, account) if able else ()
        if not goals:
            continue
        common = all_of((stage.exists(account, technique.exists), open_points(technique)))
        if common.verdict is Verdict.NO:
            continue
        for calls, within in able:
            yield from _passed(stage, technique, account, calls, goals, common, within)


def _who_may(asker: Asker, calls: Iterable[Call]) -> int:
    return asker.candidates(call.action for call in calls if call.action not in _NO_IDENTITY_POLICY)


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
    calls = [told(asker, call) for call in calls]
    own = [call for call in calls if mentions(call, "role", "profile", "role_name")]
    free = [call for call in calls if call not in own]
    together = needs_choice(own)
    ready = [] if together else ready_with_names(asker, free, caller, values, within)
    if not ready and not together:
        return
    alike: dict[Hashable, list[tuple[Goal, dict[str, str]]]] = defaultdict(list)
    for role, profile, answer in goals:
        more = {**values, "role": role.arn, "role_name": role.name, "profile": profile}
        requests = requests_of(own, caller, more)
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
            ready_with_names(asker, calls, caller, first, within)
            if together
            else _both(asker, ready, requests_of(own, caller, first) or ())
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


def _both(asker: Asker, ready: Sequence[Ready], own: Sequence[Request]) -> Iterator[Ready]:
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
    by_own_policy = _who_may(asker, calls)
    alike: dict[Hashable, list[tuple[_Row, dict[str, str]]]] = defaultdict(list)
    for row in rows:
        item = row[0]
        spoken = stage.world.resource_policies.get(item.id) is not None
        if not by_own_policy and not spoken:
            continue
        thing = _thing(stage, item)
        values = _values(stage, technique, account, item)
        key: list[Hashable] = [stage.alike(asker.account, call.action, thing) for call in calls]
        key += [_literal(asker, call, values, item, spoken) for call in calls]
        key.append(tuple(bare(answer) for _, answer in row[1]) if len(row[1]) == 1 else item.id)
        alike[tuple(key)].append((row, values))
    for same in alike.values():
        yield from _of_alike(stage, technique, calls, asker, caller, same)


def _literal(
    asker: Asker, call: Call, values: dict[str, str], item: Item, spoken: bool
) -> Hashable:
    """What of a call tells things apart beside the thing itself.

    Args:
        asker: whose principals call.
        call, values, item: as of :func:`graph.escalation.calls.request_of`.
        spoken: the thing has a policy of its own, which may test keys too.
    """
    found = request_of(call, _NOBODY, values, item)
    if found is None:
        return item.id
    context = tuple(sorted(found.context.items()))
    keys = context if spoken else signature(asker.tested(call.action), found.context)
    return (keys, "" if mentions_thing(call) else found.resource)


def mentions_thing(call: Call) -> bool:
    """Whether a call is on the thing that a technique uses."""
    return "{workload}" in call.on or "{resource}" in call.on


_NOBODY = Principal("arn:aws:iam::000000000000:user/nobody", "000000000000", "user")


def _values(stage: Stage, technique: Technique, account: str, item: Item) -> dict[str, str]:
    return {
        "partition": partition_of(stage, account),
        "account": account,
        "region": "*" if item.region == "global" else item.region,
        "workload": _whole_arn(technique, item.id),
        "resource": item.id,
        "name": item.id.rpartition(":")[2].rpartition("/")[2],
        "id": item.id.rpartition(":")[2].rpartition("/")[2],
    }


def _whole_arn(technique: Technique, arn: str) -> str:
    """A stack's ARN ends in an id; of one that was recorded without it the id is any."""
    if technique.target.type == "cloudformation:stack" and arn.count("/") == 1:
        return f"{arn}/*"
    return arn


def _of_alike(
    stage: Stage,
    technique: Technique,
    calls: Sequence[Call],
    asker: Asker,
    caller: Principal,
    same: Sequence[tuple[_Row, dict[str, str]]],
) -> Iterator[Finding]:
    (item, _, _), values = same[0]
    own = [call for call in calls if not needs_choice((call,))]
    free = [call for call in calls if call not in own]
    everybody = asker.wanted(calls[0].action)
    ready = ready_with_names(asker, free, caller, values, everybody, item)
    first = _requests(stage, own, caller, values, item)
    if not ready or first is None:
        return
    for row in _both(asker, ready, first):
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


Judge = Callable[[Stage, Technique], Iterator[Finding]]
JUDGES: dict[str, Judge] = {
    "passed-role": passed_roles,
    "workload": workloads,
    "resource": resources,
}
