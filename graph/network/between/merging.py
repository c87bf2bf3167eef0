"""Classes with the same part in everything, as one: the fewest nodes that say the same."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace

from graph.network.between.groups import Alike, Lateral


def merged(found: Lateral) -> Lateral:
    """The same, with targets that are reached alike, then ranges that reach alike, put together."""
    incoming: dict[str, set[Hashable]] = defaultdict(set)
    for one in found.passages:
        incoming[one.target].add((one.senders, one.family, one.mechanism, one.parts))
    for target, reach in found.outside:
        told = (reach.source, reach.mechanism, reach.ports, reach.other_ports, reach.verdict)
        incoming[target].add(told)
    targets, target_of = _together(found.targets, incoming)
    kept = [one for one in found.passages if targets[target_of[one.target]].first_of(one.target)]
    outside = tuple(
        (target_of[target], reach)
        for target, reach in found.outside
        if targets[target_of[target]].first_of(target)
    )
    outgoing: dict[str, set[Hashable]] = defaultdict(set)
    for number, one in enumerate(kept):
        for sender in one.senders:
            outgoing[sender].add(number)
    ranges, range_of = _together(found.ranges, outgoing)
    passages = tuple(
        replace(
            one,
            target=target_of[one.target],
            senders=tuple(sorted({range_of[sender] for sender in one.senders})),
        )
        for one in kept
    )
    return Lateral(
        {key: one.alike for key, one in ranges.items()},
        {key: one.alike for key, one in targets.items()},
        passages,
        outside,
    )


class _Together:
    """Classes that became one; ``alike`` is what they are now."""

    def __init__(self, parts: list[Alike]) -> None:
        first = parts[0]
        self._first = first.id
        name = first.id
        if len(parts) > 1:
            ids = " ".join(one.id for one in parts)
            digest = hashlib.sha256(ids.encode("utf-8", "surrogatepass")).hexdigest()[:16]
            name = f"{first.id.rpartition(':')[0]}:{digest}"
        members = tuple(sorted(member for one in parts for member in one.members))
        self.alike = replace(first, id=name, members=members)

    def first_of(self, name: str) -> bool:
        """Whether a class speaks for all of these."""
        return name == self._first


def _together(
    classes: Mapping[str, Alike], parts_in: Mapping[str, Iterable[Hashable]]
) -> tuple[dict[str, _Together], dict[str, str]]:
    """Put classes with the same part in everything together; and where each went."""
    same: dict[Hashable, list[Alike]] = defaultdict(list)
    for name in sorted(classes):
        same[frozenset(parts_in.get(name, ()))].append(classes[name])
    made: dict[str, _Together] = {}
    went: dict[str, str] = {}
    for parts in same.values():
        one = _Together(parts)
        made[one.alike.id] = one
        went |= {part.id: one.alike.id for part in parts}
    return made, went


__all__ = ["merged"]
