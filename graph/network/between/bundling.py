"""Ranges that several groups have together join them as one: memberships stay few."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace

from graph.network.between.lateral import Bundle, Lateral, short_hash
from graph.network.facts import Interface

_VPCS_TOGETHER = 16
"""So many VPCs, one after the other by id, are bundled at the second level."""
_SAVES_AT_LEAST = 8
"""A bundle is a node and a step of a walk more: it must save so many memberships."""


def bundled(found: Lateral) -> Lateral:
    """The same, with what groups have in common of one VPC, and of several, bundled."""
    starts = {name: one.first for name, one in found.ranges.items()}
    order = {vpc: at for at, vpc in enumerate(sorted({one.vpc for one in starts.values()}))}
    groups, bundles = dict(found.groups), dict[str, Bundle]()
    for place_of in (
        lambda one: one.vpc,
        lambda one: f"vpcs-{order[one.vpc] // _VPCS_TOGETHER}",
    ):
        groups, made = _level(groups, starts, place_of)
        bundles |= made
        starts |= {name: one.first for name, one in made.items()}
    return replace(found, groups=groups, bundles=bundles)


def _level(
    groups: Mapping[str, tuple[str, ...]],
    starts: Mapping[str, Interface],
    place_of: Callable[[Interface], str],
) -> tuple[dict[str, tuple[str, ...]], dict[str, Bundle]]:
    place = {name: place_of(first) for name, first in starts.items()}
    parts: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for group, members in groups.items():
        by_place: dict[str, list[str]] = defaultdict(list)
        for name in members:
            by_place[place[name]].append(name)
        parts[group] = [(at, tuple(some)) for at, some in sorted(by_place.items())]
    used = Counter(part for some in parts.values() for part in some)
    names = {
        part: f"network-range:{part[0].rpartition('/')[2]}:{short_hash(repr(part))}"
        for part, count in used.items()
        if len(part[1]) * count - len(part[1]) - count >= _SAVES_AT_LEAST
    }
    bundles = {
        name: Bundle(name, starts[members[0]], members) for (_, members), name in names.items()
    }
    made = {
        group: tuple(
            sorted(name for part in some for name in ((names[part],) if part in names else part[1]))
        )
        for group, some in parts.items()
    }
    return made, bundles


__all__ = ["bundled"]
