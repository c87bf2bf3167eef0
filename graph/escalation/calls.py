"""A technique's calls as requests to the IAM engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from collector.snapshot import Item
from graph.escalation.ask import Able, Asker
from graph.escalation.choices import There, choices, settings
from graph.escalation.identity_facts import MOST_VERSIONS, ManagedPolicy
from graph.escalation.technique import Call
from graph.escalation.templates import filled, texts_of
from graph.iam.admin import OPEN_TRUST
from graph.iam.request import Request, Side
from graph.iam.world import Policy, Principal
from graph.verdict import Answer, Verdict


def request_of(
    call: Call,
    caller: Principal,
    values: Mapping[str, str],
    item: Item | None = None,
    tags: tuple[tuple[str, str], ...] | None = None,
) -> Request | None:
    """A call as a request; ``None`` if its resource cannot be told.

    Args:
        call: of the technique.
        caller: a stand-in, replaced when the question is asked.
        values: what the holes of the templates are filled with; ``account`` owns the resource.
        item: the workload or resource.
        tags: of the resource.
    """
    resource = filled(call.on, values, item)
    if resource is None:
        return None
    context = {}
    for key, listed in call.context:
        given = [filled(one, values, item) for one in listed]
        if None not in given:
            context[key] = tuple(one or "" for one in given)
    return Request(
        caller,
        call.action,
        resource,
        values["account"],
        context=context,
        absent=frozenset(call.absent),
        resource_policy=_resource_policy(call),
        resource_tags=tags,
        pattern="*" in resource and resource != "*",
    )


def _resource_policy(call: Call) -> Policy | Side | None:
    """The one that the attacker writes; none of a thing that it makes; else what was collected."""
    if call.open_trust:
        return OPEN_TRUST
    return None if "{new" in call.on else Side.LOOK_UP


def requests_of(
    calls: Iterable[Call],
    caller: Principal,
    values: Mapping[str, str],
    item: Item | None = None,
    tags: tuple[tuple[str, str], ...] | None = None,
) -> tuple[Request, ...] | None:
    """Calls as requests; ``None`` if the resource of one cannot be told."""
    found = []
    for call in calls:
        one = request_of(call, caller, values, item, tags)
        if one is None:
            return None
        found.append(one)
    return tuple(found)


def with_boundary(call: Call, target: Principal) -> Call:
    """``iam:PermissionsBoundary`` is the boundary that the target has; absent if it has none."""
    key = "iam:PermissionsBoundary"
    if (key, ("{boundary}",)) not in call.context:
        return call
    context = tuple(row for row in call.context if row[0] != key)
    if target.boundary is None:
        return replace(call, context=context, absent=(*call.absent, key))
    more = ((key, (target.boundary.arn,)),) if target.boundary.arn else ()
    return replace(call, context=(*context, *more))


def version_slot(policy: ManagedPolicy) -> tuple[Call, ...]:
    """A sixth version needs one of the five to be deleted first.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
    """
    full = len(policy.versions) >= MOST_VERSIONS
    return (Call("iam:DeletePolicyVersion", "{policy}"),) if full else ()


def mentions(call: Call, *holes: str) -> bool:
    """Whether a call is about one of some things."""
    return any(f"{{{hole}}}" in text for hole in holes for text in texts_of(call))


class Ready(NamedTuple):
    """Principals with one answer, what they were asked, and what was chosen for it.

    Attributes:
        able: who, and the answer.
        requests: the calls.
        chosen: names of new things, things that are there and the region, by hole.
    """

    able: Able
    requests: tuple[Request, ...]
    chosen: Mapping[str, str]


def able_with_names(
    asker: Asker,
    calls: Sequence[Call],
    caller: Principal,
    values: Mapping[str, str],
    within: int,
    item: Item | None = None,
) -> list[tuple[Able, tuple[Request, ...]]]:
    """:func:`ready_with_names` without what was chosen."""
    rows = ready_with_names(asker, calls, caller, values, within, item)
    return [(one.able, one.requests) for one in rows]


def ready_with_names(
    asker: Asker,
    calls: Sequence[Call],
    caller: Principal,
    values: Mapping[str, str],
    within: int,
    item: Item | None = None,
    there: There | None = None,
) -> list[Ready]:
    """Who may make calls about new things, with names that their own policies admit.

    Args:
        asker: whose principals.
        calls: all needed.
        caller, values, item: as of :func:`request_of`.
        within: bits of whom is asked about.
        there: things that are there, by hole: the calls use one of them.

    Returns:
        Rows with the requests that were asked; each principal once, with its best answer.
    """
    if not calls:
        return [Ready(Able(within, Answer(Verdict.YES)), (), {})]
    found: list[Ready] = []
    settled = 0
    for place in choices(asker, calls, values, item, there or {}):
        for names, mask in settings(asker, calls, {**values, **place}, item):
            chosen = {**place, **names}
            asked = within & mask & ~settled
            requests = requests_of(calls, caller, {**values, **chosen}, item) if asked else None
            if requests is None:
                continue
            for row in asker.all_able(requests, asked):
                found.append(Ready(row, requests, chosen))
                if row.answer.verdict is Verdict.YES:
                    settled |= row.mask
    return _best(found)


def needs_choice(calls: Iterable[Call], there: There | None = None) -> bool:
    """Whether some calls are about names, things or a region of the attacker's choice."""
    holes = ("{new", "{region}", *(f"{{{hole}" for hole in there or ()))
    return any(hole in text for call in calls for text in texts_of(call) for hole in holes)


def told(asker: Asker, call: Call) -> Call:
    """A call without the keys of goals and choices that nobody tests: their value is of no matter.

    Only of calls on things of the asker's own account.
    """
    tested = asker.tested(call.action)
    kept = tuple(
        (key, listed)
        for key, listed in call.context
        if key.lower() in tested or not any("{" in text for text in listed)
    )
    return replace(call, context=kept)


def _best(found: list[Ready]) -> list[Ready]:
    rows = []
    seen = 0
    for one in sorted(
        found, key=lambda one: (-one.able.answer.verdict.rank, len(one.able.answer.conditions))
    ):
        if fresh := one.able.mask & ~seen:
            rows.append(one._replace(able=Able(fresh, one.able.answer)))
            seen |= fresh
    return rows
