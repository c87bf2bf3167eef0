"""Front doors as relationships: who reaches a door, and what it hands on to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from graph.derivation.relate import walked
from graph.network.reach import Reach
from graph.records import Relationship
from graph.verdict import Answer, Verdict, any_of, merged


def can_reach(source: str, target: str, reach: Reach, answer: Answer) -> Relationship:
    """A way from a source of access to a front door or a group of interfaces."""
    return walked(
        "CAN_REACH",
        source,
        target,
        reach.mechanism,
        answer,
        mechanism=reach.mechanism,
        family=reach.mechanism.rpartition("/")[2],
        ports=list(reach.ports),
        other_ports=list(reach.other_ports),
    )


def front_doors(reaches: Iterable[Reach]) -> list[Relationship]:
    """``CAN_REACH`` to each front door, ``TARGETS`` from the last door passed to what it serves.

    What a door lets through depends on who knocks, so ``TARGETS`` names its source and family: a
    range that reaches one listener must not inherit what another listener serves.
    """
    relationships: list[Relationship] = []
    behind: dict[tuple[str, str, str, str], list[Reach]] = defaultdict(list)
    for reach in reaches:
        if reach.verdict is Verdict.NO:
            continue
        if reach.via:
            family = reach.mechanism.rpartition("/")[2]
            behind[reach.via[-1], reach.target, reach.source, family].append(reach)
        else:
            relationships.append(can_reach(reach.source, reach.target, reach, reach.answer))
    for (door, target, source, family), found in sorted(behind.items()):
        answer = any_of(reach.answer for reach in found)
        best = next(reach for reach in found if reach.verdict is answer.verdict)
        relationships.append(
            walked(
                "TARGETS",
                door,
                target,
                f"{source}|{family}",
                answer,
                mechanism=best.mechanism.partition("/")[0],
                source=source,
                family=family,
                ports=list(merged(*(r.ports for r in found if r.verdict is answer.verdict))),
                other_ports=list(merged(*(reach.other_ports for reach in found))),
                door_ports=_entered(found),
            )
        )
    return relationships


def _entered(found: Sequence[Reach]) -> list[str]:
    """Ports of the first door that lead here; none where some way does not tell its own."""
    told = [reach.enters for reach in found]
    return list(merged(*told)) if all(told) else []


__all__ = ["can_reach", "front_doors"]
