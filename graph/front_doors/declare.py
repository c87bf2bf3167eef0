"""What a front door is: a kind of resource that the internet may reach, and the rule for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from collector.snapshot import Item
from graph.evidence import Ref, Step
from graph.front_doors.sight import Lock, Sight
from graph.network.reach import Reach
from graph.verdict import CONDITION_KINDS

Judge = Callable[[Sight, Item], Iterable[Reach]]


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """One kind of front door.

    Attributes:
        type_id: the snapshot type that is judged, e.g. ``apprunner:service``.
        mechanism: how it is reached, without the family: ``apprunner``.
        title: the kind in words, plural, e.g. "App Runner services".
        rule: reachable from the internet if and only if; sentences for docs/exposure.md.
        source: AWS's page of the rule.
        judge: gives a reach for each source and family, ``no`` included, and one for each thing
            behind the door (with the door in ``via``).
        test: where the rule and its twins are tested.
        needs: further types that the judge reads.
        untold_families: AWS's API does not say whether its names answer over IPv6 too.
    """

    type_id: str
    mechanism: str
    title: str
    rule: str
    source: str
    judge: Judge
    test: str
    needs: frozenset[str] = frozenset()
    untold_families: bool = False


def passes(name: str, subject: str, text: str, *refs: Ref) -> Lock:
    """A control that stands open."""
    return Lock(Step(name, subject, "pass", text, refs))


def stops(name: str, subject: str, text: str, *refs: Ref, code: str = "") -> Lock:
    """A control that is closed: nothing gets through, whatever else is not known."""
    return Lock(Step(name, subject, "fail", text, refs, code))


def asks_for(name: str, subject: str, text: str, term: str, *refs: Ref) -> Lock:
    """A control that opens under a condition (``kind:subject[=value]``).

    Raises:
        ValueError: the condition's kind is not one of the closed list.
    """
    if term.partition(":")[0] not in CONDITION_KINDS:
        raise ValueError(f"{term!r} is not a condition")
    return Lock(Step(name, subject, "conditional", text, refs), (term,))


def sleeps(name: str, subject: str, text: str, *refs: Ref) -> Lock:
    """Configured so, but stopped, disabled or unhealthy."""
    return Lock(Step(name, subject, "conditional", text, refs, "BAD_STATE"), dormant=True)


def unread(name: str, subject: str, gap: str, *refs: Ref) -> Lock:
    """A control that is not known; ``gap`` names the call (see :meth:`Sight.gap`)."""
    step = Step(name, subject, "unknown", f"Not collected: {gap}.", refs)
    return Lock(step, (f"not_collected:{gap}",))


__all__ = [
    "FrontDoor",
    "Judge",
    "Lock",
    "Sight",
    "asks_for",
    "passes",
    "sleeps",
    "stops",
    "unread",
]
