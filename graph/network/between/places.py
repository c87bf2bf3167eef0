"""What lies between two places, whatever groups stand there: routes, ACLs and the way back."""

from __future__ import annotations

from dataclasses import dataclass

from graph.network import ports, prefixes
from graph.network.between.pair import Hop, acl_at, legs, reply_parts, route_parts
from graph.network.between.parts import Part, Parts, joined, through
from graph.network.between.trail import Trail
from graph.network.world import NetworkWorld


@dataclass(frozen=True, slots=True)
class Place:
    """The way between two addresses in two subnets.

    Attributes:
        parts: what gets through but for security groups.
        references: which rules know the sender's groups after it, as in ``Trail``.
        seen_as: the address that the target sees, as a number.
        mechanism: how, e.g. ``local`` or ``peering``.
        key: the same for the same question.
    """

    parts: Parts
    references: str
    seen_as: int
    mechanism: str
    key: tuple[object, ...]


def judge_places(world: NetworkWorld, hop: Hop) -> Place:
    """Judge the way between the places of two interfaces; worked out once."""
    source, target = hop.source, hop.target
    near = source.region == target.region
    key = ("places", source.subnet, target.subnet, hop.sends_as, hop.sends_to, near)
    if key not in world.memo:
        world.memo[key] = _judge(world, hop, key)
    found: Place = world.memo[key]
    return found


def _judge(world: NetworkWorld, hop: Hop, key: tuple[object, ...]) -> Place:
    there, back = legs(world, hop)
    first = there[0].trail if there else Trail()
    parts: Parts = through((Part(ports.ALL),), route_parts(leg.trail for leg in there))
    for leg in there:
        for one in leg.crossings():
            parts = through(parts, acl_at(world, *one, hop.family).parts)
    if parts:
        answered = [acl_at(world, *one, hop.family) for leg in back for one in leg.crossings()]
        parts = through(parts, reply_parts([leg.trail for leg in back], answered))
    same = hop.source.region == hop.target.region and not first.source
    kinds = tuple(dict.fromkeys(one for leg in there for one in leg.trail.kinds))
    number = prefixes.parse(first.source or hop.sends_as)[1].pairs[0][0]
    return Place(
        joined(parts), first.references if same else "", number, "+".join(kinds) or "local", key
    )
