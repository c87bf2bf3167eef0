"""Techniques on things that were not read: who may make the calls on any of them is ``unknown``.

What was not listed may be there, so silence about it would be a ``no`` (CONTRACT 1). Told once for
each account, type and set of techniques that the same principals may use, never pair by pair.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple

from graph.derivation.relate import walked
from graph.derivation.sets import PrincipalSets, ResourceSets
from graph.escalation.ask import Asker
from graph.escalation.calls import requests_of
from graph.escalation.edges import Drawn
from graph.escalation.needs import types_of
from graph.escalation.organisation import (
    administered,
    administers_unread,
    is_administered_from,
)
from graph.escalation.services import anywhere
from graph.escalation.stage import Stage
from graph.escalation.technique import Call, Technique, techniques
from graph.escalation.things import ANYWHERE
from graph.evidence import Step
from graph.judgement import Judgement
from graph.records import Relationship
from graph.schema.registry import REGISTRY
from graph.verdict import Answer, Verdict, condition

_OF_ORGANISATION = ("identity-center", "organisation")
_HOLES = {
    "role": "iam:role",
    "user": "iam:user",
    "policy": "iam:policy",
    "group": "iam:group",
    "provider": "iam:saml-provider",
    "issuer": "iam:oidc-provider",
    "profile": "iam:instance-profile",
    "instance": "sso:instance",
}
"""Holes of templates that any thing of a type may fill."""
_THING = ("workload", "resource")
_ALWAYS = frozenset({"partition", "account"})
_HOLE = re.compile(r"\{([^{}]+)\}")
_BY_TRUST = "sts:AssumeRole"
"""A call that the trust policy of a role that was not read may allow by itself."""
MECHANISM = "not-collected"
"""Of the steps that lead to what was not read."""
_ON = {
    "sso:instance": "on Identity Center; whether {account} administers it",
    "org:delegated-admin": "for other accounts; whether its organisation lets {account} do so",
}
"""What a sentence says of types of which the thing itself is not what is used."""
_TOLD = 4
_MOST_GAPS = 16


class _Place(NamedTuple):
    """Where a thing may be that was not read: what its ARN may be, and what is missing."""

    region: str
    resource: str
    condition: str


@dataclass(slots=True)
class _Found:
    """Who may use techniques on things of one type in one account.

    Attributes:
        able: bits of the asker's principals by technique.
        gaps: conditions that name what is missing.
    """

    asker: Asker
    able: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    gaps: set[str] = field(default_factory=set)


def unread_part(stage: Stage, principals: PrincipalSets, resources: ResourceSets) -> Drawn:
    """One ``unknown`` for each account, type that was not read whole, and set of techniques.

    Args:
        stage: the facts.
        principals: get the sets that were needed.
        resources: get a set without known members for each type that was not read.
    """
    relationships, judgements = [], []
    for account in stage.accounts:
        for type_id, found in sorted(_of_account(stage, account).items()):
            target = resources.unread(type_id, account)
            for mask, names in _apart(found.able):
                members = found.asker.members(mask)
                one = _judgement(type_id, account, members, names, sorted(found.gaps))
                alone = len(members) == 1
                source = members[0] if alone else principals.of(account, members)
                one = replace(one, source=source, target=target, members=() if alone else members)
                judgements.append(one)
                relationships.append(_relationship(one, names))
    return Drawn(tuple(relationships), tuple(judgements))


def _of_account(stage: Stage, account: str) -> dict[str, _Found]:
    """What techniques could be used on, by type."""
    found: dict[str, _Found] = {}
    for technique in techniques():
        if not technique.live:
            continue
        asker = _asker(stage, technique, account)
        for type_id, place in _places(stage, technique, account):
            mask = _able(stage, asker, technique, account, place)
            if mask:
                here = found.setdefault(type_id, _Found(asker))
                here.able[technique.id] |= mask
                here.gaps.add(place.condition)
    return found


def _asker(stage: Stage, technique: Technique, account: str) -> Asker:
    """An account's admins gain other accounts by what reaches a whole organisation."""
    if technique.target.kind in _OF_ORGANISATION:
        return stage.foreign_asker(account)
    return stage.asker(account)


def _places(stage: Stage, technique: Technique, account: str) -> Iterator[tuple[str, _Place]]:
    """Types that a technique is used on, and where things of them may be unseen."""
    if technique.target.kind in _OF_ORGANISATION:
        yield from _of_organisation(stage, technique, account)
        return
    if not (types := types_of(technique)):
        return
    if stage.exists(account, technique.exists).verdict is Verdict.NO:
        return
    for type_id in types:
        for one in stage.things.missing(type_id, account):
            arn = _any_of(stage, type_id, account, one.region)
            yield type_id, _Place(one.region, arn, one.condition)
    if technique.target.kind == "workload" and "execute" not in technique.gains:
        yield from _with_unread_role(stage, technique, account)


def _of_organisation(
    stage: Stage, technique: Technique, account: str
) -> Iterator[tuple[str, _Place]]:
    """Identity Center and stack sets, where they may be administered from an account."""
    if gap := administers_unread(stage, account):
        yield "org:delegated-admin", _Place(ANYWHERE, "", gap)
    elif (
        technique.target.kind == "identity-center"
        and is_administered_from(stage, account)
        and not administered(stage, account)
    ):
        for one in stage.things.missing("sso:instance", account):
            yield "sso:instance", _Place(ANYWHERE, "", one.condition)


def _with_unread_role(
    stage: Stage, technique: Technique, account: str
) -> Iterator[tuple[str, _Place]]:
    """Workloads that were read, but not what names their role."""
    target = technique.target
    seen = 0
    for workload in stage.things.workloads(target.type, account):
        for role in workload.roles:
            wanted = not target.roles or role.kind in target.roles
            if role.role or role.answer.verdict is not Verdict.UNKNOWN or not wanted:
                continue
            seen += 1
            gaps = role.answer.conditions
            if seen > _MOST_GAPS:
                gaps = (condition("not_collected", "role", f"{account}/{target.type}"),)
            for gap in gaps:
                yield target.type, _Place(workload.region, workload.id, gap)


def _any_of(stage: Stage, type_id: str, account: str, region: str) -> str:
    """The ARN pattern of a type in an account."""
    values = {**anywhere(stage, account), "region": region, "id": "*"}
    found = _arns().get(type_id, "*")
    return found.format_map(values)


@cache
def _arns() -> Mapping[str, str]:
    return {one.snapshot_type: one.arn for one in reversed(REGISTRY.node_types) if one.arn}


def _able(stage: Stage, asker: Asker, technique: Technique, account: str, place: _Place) -> int:
    """Who may make the calls on something at a place, as bits."""
    found = 0
    for group in technique.groups():
        calls = [call for call in group if call.action != _BY_TRUST]
        within = asker.candidates(call.action for call in calls) if calls else 0
        caller = asker.any_member()
        if not within or caller is None:
            continue
        values = _values(stage, technique, account, place)
        requests = requests_of([_on_any(call, values) for call in calls], caller, values)
        for row in asker.all_able(requests or (), within):
            found |= row.mask
    return found


def _values(stage: Stage, technique: Technique, account: str, place: _Place) -> dict[str, str]:
    """What the holes of templates may be; what else the technique finds there may be anything."""
    found = {hole: _any_of(stage, kind, account, place.region) for hole, kind in _HOLES.items()}
    found |= dict.fromkeys((one.name for one in technique.others), found["role"])
    for one in technique.exists:
        found.pop(one.name, None)
    found |= dict.fromkeys(_THING, place.resource)
    return found | anywhere(stage, account) | {"region": place.region}


def _on_any(call: Call, values: Mapping[str, str]) -> Call:
    """A call on any thing, new or there, without the values that only the thing would tell."""
    context = tuple(
        (key, listed)
        for key, listed in call.context
        if all(_ALWAYS.issuperset(_HOLE.findall(text)) for text in listed)
    )
    on = _HOLE.sub(lambda hole: values.get(hole[1], "*"), call.on)
    if on == "*" != call.on:
        service = call.action.partition(":")[0]
        on = "arn:{partition}:{}:{region}:{account}:*".format(service, **values)
    return replace(call, on=on, context=context)


def _apart(able: Mapping[str, int]) -> list[tuple[int, tuple[str, ...]]]:
    """Principals by the techniques that they may use: each once, with all of its own."""
    parts: list[tuple[int, tuple[str, ...]]] = []
    for name in sorted(able):
        left = able[name]
        split = []
        for mask, names in parts:
            split += [(mask & left, (*names, name)), (mask & ~left, names)]
            left &= ~mask
        parts = [one for one in (*split, (left, (name,))) if one[0]]
    return sorted(parts, key=lambda one: one[1])


def _judgement(
    type_id: str,
    account: str,
    members: Sequence[str],
    names: Sequence[str],
    gaps: Sequence[str],
) -> Judgement:
    who = members[0] if len(members) == 1 else f"{len(members)} principals of {account}"
    listed = ", ".join(names[:_TOLD])
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    on = _ON.get(type_id, f"on any {type_id} of {{account}}; which there are, and what they give,")
    text = (
        f"{who} may make the calls of {listed}{more} {on.format(account=account)} was not "
        f"collected{_where(gaps, type_id)}."
    )
    step = Step("not collected", f"{account}/{type_id}", "unknown", text)
    answer = Answer(Verdict.UNKNOWN, text, tuple(gaps), evidence=(text,), steps=(step,))
    return Judgement("escalate", "", "", MECHANISM, answer, actions=_actions(names))


def _where(gaps: Iterable[str], type_id: str) -> str:
    """The regions that gaps name, for a sentence."""
    start = f"not_collected:{type_id}="
    regions = [gap.removeprefix(start).partition("/")[2] for gap in gaps if gap.startswith(start)]
    named = sorted(region for region in regions if region)
    return f" in {', '.join(named)}" if named else ""


def _actions(names: Sequence[str]) -> tuple[str, ...]:
    known = {one.id: one for one in techniques()}
    calls = (call for name in names for group in known[name].groups() for call in group)
    return tuple(sorted({call.action for call in calls}))


def _relationship(made: Judgement, names: Sequence[str]) -> Relationship:
    return walked(
        "CAN_ESCALATE_TO",
        made.source,
        made.target,
        made.mechanism,
        made.answer,
        mechanism=made.mechanism,
        technique="+".join(names),
        actions=list(made.actions),
        via=[],
    )
