"""What an attacker chooses for the calls of a technique: a region, names, things that are there."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from collector.snapshot import Item
from graph.escalation.ask import Asker
from graph.escalation.names import FILLER, Names, chosen_names, told_names, unique
from graph.escalation.regions import region_choices
from graph.escalation.technique import Call
from graph.escalation.templates import ANY_NEW, NEW, around, filled, filling, texts_of
from graph.iam.access import DataAction, DataResource, alike_key
from graph.iam.world import IamWorld

_MOST_SETTINGS = 64


There = Mapping[str, Sequence[str]]
"""ARNs of things that are there, by the hole that stands for one of them."""


def choices(
    asker: Asker,
    calls: Sequence[Call],
    values: Mapping[str, str],
    item: Item | None,
    there: There,
) -> Iterator[Mapping[str, str]]:
    """Each region, with one of each kind of thing that is there, which the attacker may choose."""
    used = {hole: arns for hole, arns in there.items() if _mentions(calls, hole)}
    for region in _regions(asker, calls, values, item, used):
        held = {**values, **region}
        listed = [
            [filling(hole, arn) for arn in _apart(asker, calls, held, hole, arns)]
            for hole, arns in used.items()
        ]
        for row in itertools.islice(itertools.product(*listed), _MOST_SETTINGS):
            yield dict(itertools.chain(region.items(), *(one.items() for one in row)))


def _mentions(calls: Iterable[Call], hole: str) -> bool:
    starts = (f"{{{hole}}}", f"{{{hole}.")
    return any(start in text for call in calls for text in texts_of(call) for start in starts)


def _apart(
    asker: Asker,
    calls: Sequence[Call],
    values: Mapping[str, str],
    hole: str,
    arns: Iterable[str],
) -> list[str]:
    """One of each kind of things in the region that no policy tells apart."""
    found: dict[Hashable, str] = {}
    for arn in arns:
        if values["region"] in ("*", arn.split(":")[3]) or not arn.split(":")[3]:
            told = {**values, **filling(hole, arn)}
            kind = tuple(_kind(asker, call, told, hole) for call in calls)
            found.setdefault(kind, arn)
    return list(found.values())


def _kind(asker: Asker, call: Call, values: Mapping[str, str], hole: str) -> Hashable:
    """What of a thing that is there matters to a call."""
    if not _mentions((call,), hole):
        return None
    text = filled(ANY_NEW.sub("*", call.on), values) or ""
    world, held = asker.world, asker.holders(call.action)
    thing = DataResource(text, "", values["account"], "", _tags(world, text))
    below = "" if "*" not in text else text
    row = DataAction(call.action, "write", "")
    keys = tuple(
        tested.tells(filled(ANY_NEW.sub("*", one), values) or "")
        for key, listed in call.context
        if (tested := asker.tested(call.action).get(key.lower()))
        for one in listed
    )
    return (below, alike_key(world, held, row, thing, asker.account), keys)


def _tags(world: IamWorld, arn: str) -> tuple[tuple[str, str], ...] | None:
    role = world.principals.get(arn)
    return role.tags if role else world.resource_tags.get(arn)


def _regions(
    asker: Asker,
    calls: Sequence[Call],
    values: Mapping[str, str],
    item: Item | None,
    there: There,
) -> Iterator[Mapping[str, str]]:
    """Each region that the attacker may choose, where it has the choice."""
    speaking = [call for call in calls if any("{region}" in text for text in texts_of(call))]
    if values.get("region") != "*" or not (speaking or there):
        yield {}
        return
    asked = []
    for call in calls:
        resource = filled(ANY_NEW.sub("*", call.on), values, item)
        if resource is not None:
            asked.append((call.action, resource))
    keys = frozenset(
        key.lower()
        for call in speaking
        for key, listed in call.context
        if "{region}" in str(listed)
    )
    known = region_choices(asker, asked, values["partition"], keys)
    placed = (arn.split(":")[3] for arns in there.values() for arn in arns)
    for region in dict.fromkeys((*known, *filter(None, placed))):
        yield {"region": region}


def settings(
    asker: Asker, calls: Sequence[Call], values: Mapping[str, str], item: Item | None
) -> Iterator[tuple[dict[str, str], int]]:
    """Names for new things, with the bits of those whose policies admit them."""
    holes = sorted(
        {hole for call in calls for text in texts_of(call) for hole in NEW.findall(text)}
    )
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
        ends = around(hole, call.on, values, item)
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
            if ends := around(hole, text, values, item):
                names = told_names(asker.world, held, asker.account, key.lower(), *ends)
                for name, bits in names.items():
                    found[name] = found.get(name, 0) | bits
    return found


def _there(
    hole: str, asker: Asker, calls: Sequence[Call], values: Mapping[str, str], item: Item | None
) -> Names:
    """Names that the thing which the calls make cannot have."""
    for call in calls:
        made = NEW.findall(call.on)
        if call.action in unique() and made and made[-1] == hole:
            ends = around(hole, call.on, values, item, ANY_NEW)
            if ends is not None:
                return asker.names_there(call.action, *ends)
    return frozenset()
