"""Access keys that the scanner found in data lead to their users.

What holds a key (a function's environment, an instance's user data, a parameter) leads to its user,
whoever holds that thing; who may read the place by the service's API gains the user too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from collector.snapshot import Item
from graph.derivation.relate import walked
from graph.escalation.ask import Asker
from graph.escalation.calls import requests_of
from graph.escalation.edges import Drawn
from graph.escalation.finding import Finding, Goal
from graph.escalation.keys_in_data import FoundKey, FoundKeys, is_reached, strength
from graph.escalation.services import open_points, partition_of
from graph.escalation.stage import Stage
from graph.escalation.technique import ACCESS_KEY_FOUND, Call, Technique
from graph.escalation.what_holds import holds
from graph.iam.access import DataResource
from graph.iam.grantees import bare
from graph.iam.request import Request
from graph.judgement import Judgement
from graph.verdict import Answer, Verdict, all_of, any_of


def key_steps(keys: FoundKeys) -> Drawn:
    """``CAN_ESCALATE_TO`` from what holds a key to the key's user."""
    relationships, judgements = [], list(keys.others)
    for (node, user), held in keys.by_node.items():
        best = max(held, key=lambda one: strength(one.key.answer))
        others = (one.key.answer for one in held if one is not best)
        answer = any_of((best.key.answer, *others))
        where = best.key.field
        judgements.append(Judgement("escalate", node, user, where, answer))
        relationships.append(
            walked(
                "CAN_ESCALATE_TO",
                node,
                user,
                ACCESS_KEY_FOUND,
                answer,
                mechanism=where,
                technique=ACCESS_KEY_FOUND,
                actions=[],
                via=[] if best.line is best.key.item else [best.key.item.id],
                reached=is_reached(best.line.type),
            )
        )
    return Drawn(tuple(relationships), tuple(judgements))


@dataclass(frozen=True, slots=True)
class _Read:
    """A line whose reader gains a user, by some calls."""

    item: Item
    user: str
    answer: Answer
    requests: tuple[Request, ...]


def readers(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Techniques that read the place where a key stands."""
    for account in stage.accounts:
        found = stage.keys.of.get((technique.target.type, account), ())
        rows = list(_rows(technique, found))
        for calls in technique.groups() if rows else ():
            yield from _by_calls(stage, technique, account, calls, rows)


def _rows(technique: Technique, keys: Iterable[FoundKey]) -> Iterator[tuple[Item, str, Answer]]:
    """Lines with the users that their readers gain."""
    target = technique.target
    for one in keys:
        if target.places and one.operation not in target.places:
            continue
        answer = all_of((open_points(technique), holds(one.item, target.where), one.answer))
        if answer.verdict is not Verdict.NO:
            yield one.item, one.user, answer


def _by_calls(
    stage: Stage,
    technique: Technique,
    account: str,
    calls: Sequence[Call],
    rows: Iterable[tuple[Item, str, Answer]],
) -> Iterator[Finding]:
    actions = [call.action for call in calls]
    alike: dict[Hashable, tuple[Asker, list[_Read]]] = {}
    for item, user, answer in rows:
        for asker in _askers(stage, item, actions, user):
            caller = asker.any_member()
            values = _values(stage, account, item)
            requests = requests_of(calls, caller, values, item) if caller else None
            if requests is not None:
                read = _Read(item, user, answer, tuple(_tagged(stage, requests, item)))
                key = (id(asker), bare(answer), *_signature(stage, asker, read))
                alike.setdefault(key, (asker, []))[1].append(read)
    for asker, same in alike.values():
        goals = tuple(Goal(one.user, one.answer, one.requests, (one.item.id,)) for one in same)
        for able in asker.all_able(same[0].requests):
            yield Finding(technique, asker.account, asker.members(able.mask), goals, able.answer)


def _askers(stage: Stage, item: Item, actions: list[str], user: str) -> Iterator[Asker]:
    """Who may be asked; admins of the account too where the user is of another one."""
    abroad = user.split(":")[4:5] != [item.account_id]
    for asker in stage.callers(_thing(stage, item), actions):
        yield stage.foreign_asker(asker.account) if abroad else asker


def _thing(stage: Stage, item: Item) -> DataResource:
    tags = stage.world.resource_tags.get(item.id)
    return DataResource(item.id, item.type, item.account_id, item.region, tags)


def _values(stage: Stage, account: str, item: Item) -> dict[str, str]:
    last = item.id.rpartition(":")[2].rpartition("/")[2]
    return {
        "partition": partition_of(stage, account),
        "account": account,
        "region": "*" if item.region == "global" else item.region,
        "resource": item.id,
        "name": last,
        "id": last,
    }


def _tagged(stage: Stage, requests: Iterable[Request], item: Item) -> Iterator[Request]:
    """The thing's own tags count on calls about it, not on those about all of its kind."""
    tags = stage.world.resource_tags.get(item.id)
    for one in requests:
        yield replace(one, resource_tags=tags) if one.resource == item.id else one


def _signature(stage: Stage, asker: Asker, read: _Read) -> Iterator[Hashable]:
    """What must be equal for two lines to be judged as one."""
    thing = _thing(stage, read.item)
    for one in read.requests:
        if one.resource == "*":
            yield read.item.region
        else:
            yield stage.alike(asker.account, one.action, replace(thing, arn=one.resource))
