"""Every step that an attacker may take in the world, and the ways over them, by plain search.

Made from the scenarios' facts alone, as :mod:`mapper.demo.world.truth`: nothing is shared with the
engines. A step leads from what is held to what follows from it. What the network of a machine
reaches is reached and not controlled (``beside``), and so is all that follows from there.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from mapper.demo.world.facts import (
    EVERYONE,
    INTERNET,
    Admits,
    Assumes,
    Carries,
    Escalates,
    Fact,
    Fronts,
    Holds,
    IsAdmin,
    Joined,
    Principal,
    Reaches,
    Thing,
    account_node,
)
from mapper.demo.world.truth import STRENGTH

LEVELS = ("yes", "conditional", "dormant", "unknown")
KINDS = ("trust", "technique", "access", "admin", "workload-role", "reach")
"""Kinds of changes; of those that cut as much the first breaks least."""
# Names of https://pathfinding.cloud/paths/ for what the facts call by its action.
_TECHNIQUES = {"sts:AssumeRole": "sts-001", "iam:CreatePolicyVersion": "iam-001"}
# A way over the network between machines is told after any other of a few steps more.
_BESIDE = 4


@dataclass(frozen=True, slots=True)
class Change:
    """What to change, as ``mapper paths --choke`` has it: the kind, on what, for whom."""

    kind: str
    subject: str
    party: str

    @property
    def order(self) -> tuple[int, str, str]:
        """Those that break least first."""
        return (KINDS.index(self.kind), self.subject, self.party)


@dataclass(frozen=True, slots=True)
class Step:
    """From one node to the next.

    Attributes:
        start, end: node ids.
        kind: ``reach`` (from the internet), ``on`` (behind a front door, for the internet),
            ``beside``, ``behind`` (a front door, for its network), ``carry``, ``assume``,
            ``escalate``, ``admin``, ``control`` or ``use``.
        verdict, conditions: as declared.
        thing: what it follows from.
        technique: the catalogue's name, if it is a technique.
        change: what cuts it; None where no single change does.
    """

    start: str
    end: str
    kind: str
    verdict: str
    conditions: tuple[str, ...]
    thing: Thing
    technique: str = ""
    change: Change | None = None


class Place(NamedTuple):
    """A node, whether a machine's network reach led there, and whether it is used only."""

    node: str
    lateral: bool = False
    used: bool = False


Way = tuple[Step, ...]
_Told = list[tuple[Thing, Fact]]


class Ground:
    """All steps of a world, by where they start, and what its nodes are.

    Attributes:
        kinds: of what stands in an account, as in :class:`Holds`.
        exposed: machines that the internet reaches for sure.
        goals: accounts of which somebody is, or becomes, admin.
        doors: what packets pass and nobody holds.
    """

    def __init__(self, things: Iterable[Thing], fronts: bool = False) -> None:
        """Read the facts.

        Args:
            things: as they are true.
            fronts: with what machines reach through load balancers of their own network.
        """
        told = [(thing, fact) for thing in things for fact in thing.facts]
        self.kinds = {fact.id: fact.kind for _, fact in told if isinstance(fact, Holds)}
        self.kinds |= {fact.arn: "principal" for _, fact in told if isinstance(fact, Principal)}
        reached = [fact for _, fact in told if isinstance(fact, Reaches)]
        self.doors = {door for fact in reached for door in fact.via}
        machines = {node for node, kind in self.kinds.items() if kind == "machine"}
        self.exposed = sorted({fact.target for fact in reached if fact.verdict == "yes"} & machines)
        self._out: dict[str, list[Step]] = defaultdict(list)
        through = _through(told) if fronts else ()
        for step in (*_declared(told), *_beside(told), *through, *_used(told)):
            if step.verdict != "no":
                self._out[step.start].append(step)
        every = [step for steps in self._out.values() for step in steps]
        self.goals = sorted({step.end for step in every if step.kind in ("admin", "escalate")})
        self.changes = sorted(
            {step.change for step in every if step.change}, key=lambda one: one.order
        )

    def ways(
        self, start: Place, level: str, without: Collection[Change] = ()
    ) -> Mapping[Place, Way]:
        """The shortest way to every place, by steps at least as strong as a level.

        Args:
            start: where it begins.
            level: the weakest verdict of a step.
            without: changes that are made: the steps that they cut are gone.
        """
        found: dict[Place, Way] = {}
        number = count()
        waiting: list[tuple[int, int, Place, Way]] = [(0, next(number), start, ())]
        while waiting:
            cost, _, place, way = heapq.heappop(waiting)
            if place in found:
                continue
            found[place] = way
            for step in () if place.used else self._out.get(place.node, ()):
                if STRENGTH[step.verdict] < STRENGTH[level] or step.change in without:
                    continue
                if step.kind == ("on" if place.lateral else "behind"):
                    continue
                there = Place(step.end, place.lateral or step.kind == "beside", step.kind == "use")
                dear = _BESIDE if step.kind == "beside" else 1
                heapq.heappush(waiting, (cost + dear, next(number), there, (*way, step)))
        return found


def _declared(told: _Told) -> Iterator[Step]:
    """The steps that a fact is by itself."""
    for thing, fact in told:
        match fact:
            case Reaches():
                yield _arrival(thing, fact)
            case Carries():
                change = Change("workload-role", fact.machine, fact.machine)
                yield Step(fact.machine, fact.role, "carry", fact.verdict, (), thing, change=change)
            case Assumes():
                yield Step(
                    fact.source, fact.role, "assume", fact.verdict, fact.conditions, thing,
                    _TECHNIQUES["sts:AssumeRole"], Change("trust", fact.role, fact.source),
                )  # fmt: skip
            case IsAdmin():
                change = Change("admin", fact.principal, fact.principal)
                goal = account_node(fact.account_id)
                yield Step(fact.principal, goal, "admin", fact.verdict, (), thing, change=change)
            case Escalates():
                yield Step(
                    fact.principal, account_node(fact.account_id), "escalate", fact.verdict, (),
                    thing, _TECHNIQUES.get(fact.technique, fact.technique),
                    Change("technique", fact.principal, fact.principal),
                )  # fmt: skip
            case Holds():
                home = account_node(fact.account_id)
                yield Step(home, fact.id, "control", "yes", (), thing)
            case Principal():
                yield Step(account_node(fact.account_id), fact.arn, "control", "yes", (), thing)
            case _:
                continue


def _arrival(thing: Thing, fact: Reaches) -> Step:
    """Packets of the internet at a machine or front door, or from a front door to a machine."""
    if fact.via:
        return Step(fact.via[0], fact.target, "on", fact.verdict, fact.conditions, thing)
    change = Change("reach", fact.target, INTERNET)
    return Step(
        INTERNET, fact.target, "reach", fact.verdict, fact.conditions, thing, change=change
    )  # fmt: skip


def _beside(told: _Told) -> Iterator[Step]:
    """From each machine to those of its network whose groups admit it."""
    joined = [(thing, fact) for thing, fact in told if isinstance(fact, Joined)]
    for _, one in joined:
        for thing, other in joined:
            if one.machine == other.machine or one.network != other.network:
                continue
            if EVERYONE in other.admits or one.group in other.admits:
                verdict = min(one.verdict, other.verdict, key=STRENGTH.__getitem__)
                yield Step(one.machine, other.machine, "beside", verdict, (), thing)


def _through(told: _Told) -> Iterator[Step]:
    """From each machine to the load balancers of its network, and on to what is behind them."""
    joined = [fact for _, fact in told if isinstance(fact, Joined)]
    for thing, door in told:
        if not isinstance(door, Fronts):
            continue
        for one in joined:
            admitted = EVERYONE in door.admits or one.group in door.admits
            if one.network == door.network and admitted:
                yield Step(one.machine, door.door, "beside", one.verdict, (), thing)
        for machine in door.behind:
            yield Step(door.door, machine, "behind", "yes", (), thing)


def _used(told: _Told) -> Iterator[Step]:
    """From each principal to what resources' own policies let it use.

    Cross-account the principal's own policies must allow it as well: of those of the world only
    an admin's do.
    """
    principals = {fact.arn: fact.account_id for _, fact in told if isinstance(fact, Principal)}
    principals |= {
        fact.id: fact.account_id
        for _, fact in told
        if isinstance(fact, Holds) and fact.kind == "principal"
    }
    admins = {fact.principal for _, fact in told if isinstance(fact, IsAdmin)}
    for thing, fact in told:
        if not isinstance(fact, Admits):
            continue
        for principal, home in principals.items():
            wide = fact.to in ("organization", "everybody") and principal in admins
            if home == fact.account_id or wide:
                yield Step(
                    principal, fact.target, "use", fact.verdict, fact.conditions, thing
                )  # fmt: skip
