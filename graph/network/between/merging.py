"""Classes with the same part in everything, as one: the fewest nodes that say the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace

from graph.network.between.lateral import Alike, Lateral, group_id, short_hash


def merged(found: Lateral) -> Lateral:
    """The same, with targets that are reached alike, then ranges that reach alike, put together."""
    incoming: dict[str, set[Hashable]] = defaultdict(set)
    for one in found.passages:
        incoming[one.target].add((one.group, one.family, one.mechanism, one.parts))
    for target, reach in found.outside:
        told = (reach.source, reach.mechanism, reach.ports, reach.other_ports, reach.verdict)
        incoming[target].add(told)
    alike = defaultdict[Hashable, list[Alike]](list)
    for name in sorted(found.targets):
        alike[frozenset(incoming.get(name, ()))].append(found.targets[name])
    targets, target_of = _together(alike.values())
    first = {some[0].id for some in alike.values()}
    kept = [one for one in found.passages if one.target in first]
    ranges, range_of = _together(_in_the_same(found.ranges, found.groups))
    groups, group_of = _renamed(found.groups, range_of)
    return Lateral(
        ranges,
        targets,
        groups,
        tuple(
            replace(one, target=target_of[one.target], group=group_of[one.group]) for one in kept
        ),
        tuple((target_of[target], reach) for target, reach in found.outside if target in first),
    )


def _in_the_same(
    ranges: Mapping[str, Alike], groups: Mapping[str, tuple[str, ...]]
) -> Iterable[list[Alike]]:
    """Ranges by which groups they are in."""
    kind = dict.fromkeys(ranges, 0)
    count = 1
    for members in groups.values():
        split: dict[int, int] = {}
        for name in members:
            if kind[name] not in split:
                split[kind[name]] = count
                count += 1
            kind[name] = split[kind[name]]
    found: dict[int, list[Alike]] = defaultdict(list)
    for name in sorted(ranges):
        found[kind[name]].append(ranges[name])
    return found.values()


def _renamed(
    groups: Mapping[str, tuple[str, ...]], went: Mapping[str, str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    made: dict[str, tuple[str, ...]] = {}
    names: dict[str, str] = {}
    for name, members in groups.items():
        now = tuple(sorted({went[one] for one in members}))
        names[name] = group_id(now)
        made[names[name]] = now
    return made, names


def _together(classes: Iterable[list[Alike]]) -> tuple[dict[str, Alike], dict[str, str]]:
    """Classes put together, by their id now; and where each went."""
    made: dict[str, Alike] = {}
    went: dict[str, str] = {}
    for parts in classes:
        first, name = parts[0], parts[0].id
        if len(parts) > 1:
            ids = " ".join(one.id for one in parts)
            name = f"{first.id.rpartition(':')[0]}:{short_hash(ids)}"
        members = tuple(sorted(member for one in parts for member in one.members))
        made[name] = replace(first, id=name, members=members)
        went |= dict.fromkeys((part.id for part in parts), name)
    return made, went


__all__ = ["merged"]
