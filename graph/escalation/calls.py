"""A technique's calls as requests to the IAM engine."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from collector.snapshot import Item
from graph.escalation.ask import Able, Asker
from graph.escalation.identity_facts import MOST_VERSIONS, ManagedPolicy
from graph.escalation.names import ASSIGNED, FILLER, Names, chosen_names, told_names, unique
from graph.escalation.regions import region_choices
from graph.escalation.technique import Call
from graph.iam.admin import OPEN_TRUST
from graph.iam.request import Request, Side
from graph.iam.world import Policy, Principal
from graph.schema.path import ShapeError, look
from graph.verdict import Answer, Verdict

_HOLE = re.compile(r"\{([^{}]+)\}")
_NEW = re.compile(r"\{(new\d*)\}")
_ANY_NEW = re.compile(r"\{new(_id)?\d*\}")
_MOST_SETTINGS = 64


def filled(template: str, values: Mapping[str, str], item: Item | None = None) -> str | None:
    """A template with its holes filled; ``None`` if something of it is not known."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name = found[1]
        if name.startswith("field:"):
            text = _field(item, name.removeprefix("field:"))
        elif name.startswith("new_id"):
            text = ASSIGNED
        elif name.startswith("new"):
            text = values.get(name, FILLER)
        else:
            text = values.get(name)
        missing = missing or text is None
        return text or ""

    text = _HOLE.sub(value, template)
    return None if missing else text


def _field(item: Item | None, path: str) -> str | None:
    if item is None:
        return None
    try:
        found = look(path, item).values
    except ShapeError:
        return None
    return str(found[0]).removeprefix("s3://") if found else None


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
    context = {
        key: tuple(filled(one, values, item) or "" for one in listed)
        for key, listed in call.context
    }
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
    return any(f"{{{hole}}}" in text for hole in holes for text in _texts(call))


class Ready(NamedTuple):
    """Principals with one answer, what they were asked, and what was chosen for it.

    Attributes:
        able: who, and the answer.
        requests: the calls.
        chosen: names of new things and the region, by hole.
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
) -> list[Ready]:
    """Who may make calls about new things, with names that their own policies admit.

    Returns:
        Rows with the requests that were asked; each principal once, with its best answer.
    """
    if not calls:
        return [Ready(Able(within, Answer(Verdict.YES)), (), {})]
    found: list[Ready] = []
    settled = 0
    for region in _regions(asker, calls, values, item):
        for names, mask in settings(asker, calls, {**values, **region}, item):
            chosen = {**region, **names}
            asked = within & mask & ~settled
            requests = requests_of(calls, caller, {**values, **chosen}, item) if asked else None
            if requests is None:
                continue
            for row in asker.all_able(requests, asked):
                found.append(Ready(row, requests, chosen))
                if row.answer.verdict is Verdict.YES:
                    settled |= row.mask
    return _best(found)


def needs_choice(calls: Iterable[Call]) -> bool:
    """Whether some calls are about names or a region of the attacker's choice."""
    return any("{new" in text or "{region}" in text for call in calls for text in _texts(call))


def _texts(call: Call) -> Iterator[str]:
    """The templates of a call."""
    yield call.on
    for _, listed in call.context:
        yield from listed


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


def _regions(
    asker: Asker, calls: Sequence[Call], values: Mapping[str, str], item: Item | None
) -> Iterator[Mapping[str, str]]:
    """Each region that the attacker may choose, where it has the choice."""
    speaking = [call for call in calls if any("{region}" in text for text in _texts(call))]
    if values.get("region") != "*" or not speaking:
        yield {}
        return
    asked = []
    for call in calls:
        resource = filled(_ANY_NEW.sub("*", call.on), values, item)
        if resource is not None:
            asked.append((call.action, resource))
    keys = frozenset(
        key.lower()
        for call in speaking
        for key, listed in call.context
        if "{region}" in str(listed)
    )
    for region in region_choices(asker, asked, values["partition"], keys):
        yield {"region": region}


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


def settings(
    asker: Asker, calls: Sequence[Call], values: Mapping[str, str], item: Item | None
) -> Iterator[tuple[dict[str, str], int]]:
    """Names for new things, with the bits of those whose policies admit them."""
    holes = sorted({hole for call in calls for text in _texts(call) for hole in _NEW.findall(text)})
    yield dict.fromkeys(holes, FILLER), -1
    if not holes:
        return
    choices = [_names_for(hole, asker, calls, values, item) for hole in holes]
    size = 1
    for one in choices:
        size *= len(one)
    rows = (
        itertools.product(*(one.items() for one in choices))
        if len(holes) == 1 or size <= _MOST_SETTINGS
        else _one_by_one(choices)
    )
    for row in rows:
        mask = -1
        for _, bits in row:
            mask &= bits
        names = {hole: name for hole, (name, _) in zip(holes, row, strict=True)}
        if mask and any(name != FILLER for name in names.values()):
            yield names, mask


def _one_by_one(choices: Sequence[dict[str, int]]) -> Iterator[tuple[tuple[str, int], ...]]:
    """Too many combinations: each name with the others free, and the same for all."""
    for at, one in enumerate(choices):
        for name, bits in one.items():
            yield tuple(
                (name, bits) if here == at else (FILLER, -1) for here in range(len(choices))
            )
            yield tuple((name, bits) for _ in choices)


def _names_for(
    hole: str,
    asker: Asker,
    calls: Sequence[Call],
    values: Mapping[str, str],
    item: Item | None,
) -> dict[str, int]:
    """Names for one new thing, from every call about it; none that another thing has."""
    found: dict[str, int] = {FILLER: -1}
    taken: dict[str, int] = {}
    there = _there(hole, asker, calls, values, item)
    for call in calls:
        for name, bits in _told(hole, asker, call, values, item).items():
            if name not in there:
                found[name] = found.get(name, 0) | bits
        ends = _around(hole, call.on, values, item)
        if ends is None:
            continue
        choice = chosen_names(asker.holders(call.action), *ends, there)
        for name, bits in choice.admitted.items():
            if name != FILLER:
                found[name] = found.get(name, 0) | bits
        for name, bits in choice.taken.items():
            taken[name] = taken.get(name, 0) | bits
    return {name: bits & ~taken.get(name, 0) for name, bits in found.items()}


def _told(
    hole: str, asker: Asker, call: Call, values: Mapping[str, str], item: Item | None
) -> dict[str, int]:
    """Names for one new thing that tests of the call's condition keys speak of."""
    found: dict[str, int] = {}
    held = asker.holders(call.action)
    for key, listed in call.context:
        for text in listed if key.lower() in asker.tested(call.action) else ():
            if ends := _around(hole, text, values, item):
                names = told_names(asker.world, held, asker.account, key.lower(), *ends)
                for name, bits in names.items():
                    found[name] = found.get(name, 0) | bits
    return found


def _around(
    hole: str,
    template: str,
    values: Mapping[str, str],
    item: Item | None,
    chosen: re.Pattern[str] = _NEW,
) -> tuple[str, str] | None:
    """What stands before and after a name in a template; ``None`` if that has no such.

    Args:
        hole: the name's.
        template: of a call's resource, or of a condition key's value.
        values, item: as of :func:`request_of`.
        chosen: the other holes that may be anything.
    """
    before, middle, after = template.partition(f"{{{hole}}}")
    if not middle:
        return None
    start, end = (
        filled(chosen.sub("*", part.replace(middle, "*")), values, item) for part in (before, after)
    )
    return None if start is None or end is None else (start, end)


def _there(
    hole: str, asker: Asker, calls: Sequence[Call], values: Mapping[str, str], item: Item | None
) -> Names:
    """Names that the thing which the calls make cannot have."""
    for call in calls:
        made = _NEW.findall(call.on)
        if call.action in unique() and made and made[-1] == hole:
            ends = _around(hole, call.on, values, item, _ANY_NEW)
            if ends is not None:
                return asker.names_there(call.action, *ends)
    return frozenset()
