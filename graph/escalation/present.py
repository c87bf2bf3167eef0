"""What a technique finds in the account, things and roles: which there are, and calls about one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from collector.snapshot import Item
from graph.escalation.calls import requests_of
from graph.escalation.deployed_to import deploys_to
from graph.escalation.stage import Stage
from graph.escalation.technique import Call, Existing, Other, Technique
from graph.escalation.templates import filling, whole_arn
from graph.escalation.what_holds import holds
from graph.iam.evaluate import evaluate
from graph.iam.world import Principal
from graph.verdict import Answer, Verdict, all_of


def things_there(stage: Stage, account: str, technique: Technique) -> dict[str, tuple[str, ...]]:
    """ARNs of the things that calls are about, by their hole; without types that were not read."""
    found = {}
    for one in technique.exists:
        arns = _usable(stage, account, one) if one.name else ()
        if one.name and (arns or not stage.things.gap(one.type, account)):
            found[one.name] = arns
    return found


def some_of(there: Iterable[str]) -> dict[str, str]:
    """What stands for things that are there, by hole, where the goals of calls are compared."""
    return {name: text for hole in there for name, text in filling(hole, "some").items()}


def that_serve(
    stage: Stage, technique: Technique, item: Item, there: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """The things that are there, without those that have nothing to do with a workload."""
    found = dict(there)
    for one in technique.exists:
        if one.join and one.name in found:
            near = (other for other in stage.things.of(one.type, item.account_id))
            known = {other.id for other in near if _JOINS[one.join](other, item)}
            found[one.name] = tuple(arn for arn in found[one.name] if arn in known)
    return found


_JOINS = {"deploys-to": deploys_to}
"""Whether a thing that is there has to do with a workload, by name."""


def _usable(stage: Stage, account: str, wanted: Existing) -> tuple[str, ...]:
    """The items of which most holds."""
    rows = [
        (holds(item, wanted.where).verdict.rank, whole_arn(item.type, item.id))
        for item in stage.things.of(wanted.type, account)
    ]
    best = max((rank for rank, _ in rows), default=0)
    return tuple(arn for rank, arn in rows if rank == best and rank > Verdict.NO.rank)


def about_present(
    technique: Technique, calls: Iterable[Call], there: dict[str, tuple[str, ...]]
) -> list[Call]:
    """Calls in which a thing of a type that was not read may be any."""
    found = list(calls)
    for one in technique.exists:
        if one.name and one.name not in there:
            found = [_of_form(call, one) for call in found]
    return found


def _of_form(call: Call, one: Existing) -> Call:
    forms = filling(one.name, one.form)

    def text(template: str) -> str:
        for hole, form in forms.items():
            template = template.replace(f"{{{hole}}}", form)
        return template

    context = tuple((key, tuple(map(text, listed))) for key, listed in call.context)
    return replace(call, on=text(call.on), context=context)


def calls_about(
    stage: Stage, account: str, technique: Technique, calls: Sequence[Call]
) -> tuple[list[Call], dict[str, tuple[str, ...]]]:
    """A technique's calls in an account, with the things and roles of which they use one."""
    there = things_there(stage, account, technique)
    roles = {one.name: _fitting(stage, account, one)[0] for one in technique.others}
    return about_present(technique, calls, there), {**there, **roles}


def other_roles(stage: Stage, account: str, technique: Technique) -> Answer:
    """Whether there are the other roles that a technique needs."""
    return all_of(_fitting(stage, account, one)[1] for one in technique.others)


def _fitting(stage: Stage, account: str, wanted: Other) -> tuple[tuple[str, ...], Answer]:
    """The roles that fit best, and how well."""
    found: dict[str, Answer] = {}
    for service in wanted.trusts:
        for role, trust in stage.trusting(account, service):
            answer = all_of((trust, *_able(stage, role, wanted)))
            if answer.verdict is not Verdict.NO:
                found.setdefault(role.arn, answer)
    best = max((answer.verdict.rank for answer in found.values()), default=0)
    fit = {arn: answer for arn, answer in found.items() if answer.verdict.rank == best}
    if fit:
        return tuple(sorted(fit)), min(fit.values(), key=lambda one: len(one.conditions))
    services = " or ".join(wanted.trusts)
    text = f"{account} has no role for {services} that fits."
    return (), Answer(Verdict.NO, why=text, evidence=(text,))


def _able(stage: Stage, role: Principal, wanted: Other) -> Iterator[Answer]:
    values = {"partition": role.arn.split(":")[1], "account": role.account, "region": "*"}
    for request in requests_of(wanted.may, role, values) or ():
        yield evaluate(stage.world, replace(request, resource_policy=None))
