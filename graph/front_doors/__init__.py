"""Front doors outside the plain network model: what AWS puts on the internet for a customer.

A module of this package declares kinds of front doors in its constant ``DOORS``; nothing else
needs to know of it. Interfaces, load balancers and databases of RDS are judged by
:mod:`graph.network.exposure`.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from functools import cache

from collector.snapshot import Snapshot
from graph.evidence import Step
from graph.front_doors.declare import FrontDoor
from graph.front_doors.sight import Sight
from graph.iam.world import IamWorld
from graph.network.reach import Reach, each_way, merge
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


@cache
def doors() -> tuple[FrontDoor, ...]:
    """Every declared kind, by mechanism and type."""
    found: list[FrontDoor] = []
    for module in pkgutil.iter_modules(__path__):
        made = importlib.import_module(f"{__name__}.{module.name}")
        found += getattr(made, "DOORS", ())
    return tuple(sorted(found, key=lambda one: (one.mechanism, one.type_id)))


def needs() -> frozenset[str]:
    """Types without which some front door cannot be judged."""
    return frozenset(kind for one in doors() for kind in (one.type_id, *one.needs))


def front_door_reaches(
    snapshot: Snapshot, network: NetworkWorld, identities: IamWorld
) -> list[Reach]:
    """Judge every front door of the snapshot.

    Returns:
        results sorted by target, mechanism and source, ``no`` included; one for each (source,
        target, mechanism).

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    return merge(front_door_ways(snapshot, network, identities))


def front_door_ways(snapshot: Snapshot, network: NetworkWorld, identities: IamWorld) -> list[Reach]:
    """The same, one result for each way: a target behind two doors has two.

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    sight = Sight(snapshot, network, identities)
    found = [
        _families_noted(reach) if door.untold_families else reach
        for door in doors()
        for item in sight.items(door.type_id)
        for reach in door.judge(sight, item)
    ]
    return sorted(each_way(found), key=lambda one: (one.target, one.mechanism, one.source, one.via))


def _families_noted(reach: Reach) -> Reach:
    """Say so where only the family that every name of AWS has is shown."""
    if reach.verdict is Verdict.NO:
        return reach
    text = "AWS's API does not tell whether its name answers over IPv6; the locks are the same."
    door = reach.via[0] if reach.via else reach.target
    step = Step("address family", door, "pass", text)
    answer = replace(
        reach.answer,
        steps=(*reach.answer.steps, step),
        evidence=(*reach.answer.evidence, text),
    )
    return replace(reach, answer=answer)


__all__ = ["FrontDoor", "Sight", "doors", "front_door_reaches", "front_door_ways", "needs"]
