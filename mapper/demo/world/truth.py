"""From declared facts to the rows that ``public``, ``trusts`` and ``admins`` must give.

An independent reckoning: the same questions as the commands', answered from the scenarios'
declarations by the plainest means (every way is searched, nothing is shared with the engines).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from mapper.demo.world.facts import (
    ANY_ACCOUNT,
    ANY_PRINCIPAL,
    CAPABILITIES_BUILT,
    INTERNET,
    Accesses,
    Assumes,
    Carries,
    Escalates,
    Flows,
    IsAdmin,
    Peered,
    Principal,
    Reaches,
    Thing,
    account_node,
)

STRENGTH = {"no": 0, "unknown": 1, "dormant": 2, "conditional": 3, "yes": 4}
_EVERYBODY = (INTERNET, ANY_PRINCIPAL, ANY_ACCOUNT)


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """A row that a command must give (or, with verdict ``no``, must not).

    Attributes:
        scenario, thing, part: what it follows from (``thing`` joined by ``+`` for several).
        command: ``public``, ``trusts``, ``admins`` or ``admins --compute``.
        id: the thing reached; for admins the principal, with ``--compute`` the machine.
        source: node id of the source (trusts: ``from``); empty for admins.
        mechanism: as in CONTRACT for public and sharing; ``sts:AssumeRole`` for trusts of roles.
        target: trusts: ``ends_in``; admins: node id of the account reached; else empty.
        reach: admins: ``direct`` or ``path``.
        hops: role ARNs assumed one after the other (trusts).
        verdict: the true one.
        conditions: kinds of the conditions, where the verdict is conditional.
        ports: ports with that verdict, where asserted.
        via: front doors on the way, where asserted.
        capability: what settles it; settled: whether that is built.
        page: the AWS page that says so.
        flips: thing whose control is flipped -> the verdict then (only rows that change).
    """

    scenario: str
    thing: str
    part: str
    command: str
    id: str
    source: str
    mechanism: str
    target: str
    reach: str
    hops: tuple[str, ...]
    verdict: str
    conditions: tuple[str, ...]
    ports: tuple[str, ...]
    via: tuple[str, ...]
    capability: str
    page: str
    flips: tuple[tuple[str, str], ...] = ()

    @property
    def settled(self) -> bool:
        """Whether the capability that settles it is built."""
        return self.capability in CAPABILITIES_BUILT

    @property
    def key(self) -> tuple[str, str, str, str, str, str]:
        """What makes it the same row in two worlds."""
        return (self.command, self.id, self.source, self.mechanism, self.target, self.reach)

    def as_json(self) -> dict[str, Any]:
        """The row as ``expected.json`` holds it."""
        return {
            **{name: getattr(self, name) for name in _TEXTS},
            **{name: list(getattr(self, name)) for name in ("hops", "conditions", "ports", "via")},
            "settled": self.settled,
            "flips": dict(self.flips),
        }


_TEXTS = (
    "scenario", "thing", "part", "command", "id", "source", "mechanism", "target", "reach",
    "verdict", "capability", "page",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Step:
    start: str
    end: str
    kind: str
    verdict: str
    conditions: tuple[str, ...]
    thing: Thing


@dataclass(frozen=True, slots=True)
class _Way:
    steps: tuple[_Step, ...]

    @property
    def verdict(self) -> str:
        return min((step.verdict for step in self.steps), key=STRENGTH.__getitem__)

    @property
    def rank(self) -> tuple[int, int]:
        """Stronger first, then shorter."""
        return (-STRENGTH[self.verdict], len(self.steps))


def expected_rows(things: Iterable[Thing]) -> list[ExpectedRow]:
    """Every row of the world, with what each flip makes of it, sorted.

    A row that exists only once a control is flipped is listed with verdict ``no``.
    """
    listed = list(things)
    rows = {row.key: row for row in rows_of(listed)}
    changes: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for index, thing in enumerate(listed):
        if thing.flip is None:
            continue
        other = [*listed[:index], replace(thing, facts=thing.flipped), *listed[index + 1 :]]
        then = {row.key: row for row in rows_of(other)}
        for key in {*rows, *then}:
            before = rows[key].verdict if key in rows else "no"
            after = then[key].verdict if key in then else "no"
            if before == after:
                continue
            if key not in rows:
                rows[key] = replace(
                    then[key], verdict="no", conditions=(), part=thing.part,
                    scenario=thing.scenario, thing=thing.name, page=thing.page,
                    capability=_weightier(then[key].capability, thing.capability),
                )  # fmt: skip
            changes[key].append((thing.name, after))
    return [replace(rows[key], flips=tuple(sorted(changes.get(key, ())))) for key in sorted(rows)]


def _weightier(one: str, other: str) -> str:
    return "escalation" if "escalation" in (one, other) else one


def rows_of(things: Iterable[Thing]) -> list[ExpectedRow]:
    """The rows that follow from the things' facts as they stand."""
    listed = list(things)
    steps = list(_steps(listed))
    return [*_direct_rows(listed), *_chains(steps), *_admins(listed, steps)]


def _row(thing: Thing, command: str, id_: str, verdict: str, **more: Any) -> ExpectedRow:
    blank: dict[str, Any] = {
        "source": "", "mechanism": "", "target": "", "reach": "", "hops": (),
        "conditions": (), "ports": (), "via": (),
    }  # fmt: skip
    facts = {**blank, **more}
    # A decoy may have rows that are true, e.g. one outside account where everybody would be worse.
    true = verdict in ("yes", "conditional") and thing.part == "decoy"
    facts["conditions"] = () if verdict in ("yes", "no") else facts["conditions"]
    return ExpectedRow(
        scenario=thing.scenario, thing=thing.name, part="planted" if true else thing.part,
        command=command, id=id_,
        verdict=verdict, capability=facts.pop("capability", thing.capability), page=thing.page,
        **facts,
    )  # fmt: skip


def _direct_rows(things: Iterable[Thing]) -> Iterator[ExpectedRow]:
    for thing in things:
        for fact in thing.facts:
            match fact:
                case Reaches(verdict="no") | Accesses(verdict="no"):
                    continue
                case Reaches():
                    yield _row(
                        thing, "public", fact.target, fact.verdict, source=INTERNET,
                        mechanism=fact.mechanism, ports=fact.ports, via=fact.via,
                        conditions=fact.conditions,
                    )  # fmt: skip
                case Accesses():
                    everybody = fact.source in _EVERYBODY
                    yield _row(
                        thing, "public" if everybody else "trusts", fact.target, fact.verdict,
                        source=fact.source, mechanism=fact.mechanism,
                        target="" if everybody else fact.target, conditions=fact.conditions,
                    )  # fmt: skip
                case Flows():
                    yield _row(
                        thing, "trusts", fact.target, fact.verdict, source=fact.receiver,
                        mechanism=fact.mechanism, target=fact.target,
                    )  # fmt: skip
                case Assumes() if fact.source_account != fact.role_account:
                    yield _row(
                        thing, "trusts", fact.role, fact.verdict, source=fact.source,
                        mechanism="sts:AssumeRole", target=fact.role, hops=(fact.role,),
                        conditions=fact.conditions,
                    )  # fmt: skip


def _steps(things: Iterable[Thing]) -> Iterator[_Step]:
    for thing in things:
        for fact in thing.facts:
            match fact:
                case Assumes():
                    yield _Step(
                        fact.source, fact.role, "assume", fact.verdict, fact.conditions, thing
                    )
                case IsAdmin():
                    goal = account_node(fact.account_id)
                    yield _Step(fact.principal, goal, "admin", fact.verdict, (), thing)
                case Escalates():
                    goal = account_node(fact.account_id)
                    yield _Step(fact.principal, goal, "escalate", fact.verdict, (), thing)
                case Carries():
                    yield _Step(fact.machine, fact.role, "carry", fact.verdict, (), thing)
                    home = account_node(fact.account_id)
                    yield _Step(home, fact.machine, "control", "yes", (), thing)
                case Principal():
                    home = account_node(fact.account_id)
                    yield _Step(home, fact.arn, "control", "yes", (), thing)
                case _:
                    continue


def _ways_from(start: str, steps: Iterable[_Step]) -> dict[str, _Way]:
    """The best way from a node to every other: strongest verdict, then fewest steps."""
    out: dict[str, list[_Step]] = defaultdict(list)
    for step in steps:
        out[step.start].append(step)
    best: dict[str, _Way] = {}
    frontier = [_Way((step,)) for step in out[start]]
    while frontier:
        frontier.sort(key=lambda way: way.rank)
        way = frontier.pop(0)
        end = way.steps[-1].end
        if end == start or end in best:
            continue
        best[end] = way
        frontier.extend(_Way((*way.steps, step)) for step in out[end])
    return best


def _conditions(way: _Way) -> tuple[str, ...]:
    return tuple(sorted({text for step in way.steps for text in step.conditions}))


def _explained(way: _Way) -> dict[str, Any]:
    """What a row that follows from several things takes from them."""
    things = list(dict.fromkeys(step.thing.name for step in way.steps if step.kind != "control"))
    kinds = {step.kind for step in way.steps}
    return {
        "thing": "+".join(things),
        "capability": "escalation" if "escalate" in kinds else "iam",
        "conditions": _conditions(way),
    }


def _derived(way: _Way, command: str, id_: str, **more: Any) -> ExpectedRow:
    told = _explained(way)
    first = next(step.thing for step in way.steps if step.kind != "control")
    row = _row(
        first, command, id_, way.verdict, capability=told["capability"],
        conditions=told["conditions"], **more,
    )  # fmt: skip
    return replace(row, thing=told["thing"])


def _chains(steps: list[_Step]) -> Iterator[ExpectedRow]:
    """Chains of two roles or more that end as admin of an account that is not the start's."""
    wanted = [step for step in steps if step.kind in ("assume", "admin")]
    goals = sorted({step.end for step in wanted if step.kind == "admin"})
    for start in sorted({step.start for step in wanted if step.kind == "assume"}):
        ways = _ways_from(start, wanted)
        for goal in goals:
            way = ways.get(goal)
            if way is None or _home(start) == goal:
                continue
            roles = tuple(step.end for step in way.steps if step.kind == "assume")
            if len(roles) < 2:
                continue
            yield _derived(
                way, "trusts", roles[-1], source=start, mechanism="sts:AssumeRole",
                target=goal, hops=roles,
            )  # fmt: skip


def _home(node: str) -> str:
    """Node id of the account that a principal's ARN, or an account's node, belongs to."""
    return node if node.startswith("account:") else account_node(node.split(":")[4])


def _admins(things: Iterable[Thing], steps: list[_Step]) -> Iterator[ExpectedRow]:
    machines = {
        fact.machine for thing in things for fact in thing.facts if isinstance(fact, Carries)
    }
    goals = sorted({step.end for step in steps if step.kind in ("admin", "escalate")})
    own = {(step.start, step.end): step for step in steps if step.kind == "admin"}
    starts = {step.start for step in steps if step.kind != "control"}
    for start in sorted(starts):
        ways = _ways_from(start, steps)
        for goal in goals:
            way = ways.get(goal)
            if way is None:
                continue
            if start in machines:
                reach = "direct" if len(way.steps) == 2 else "path"
                yield _derived(way, "admins --compute", start, target=goal, reach=reach)
                continue
            direct = own.get((start, goal))
            if direct is not None:
                yield _derived(_Way((direct,)), "admins", start, target=goal, reach="direct")
                if STRENGTH[way.verdict] <= STRENGTH[direct.verdict]:
                    continue
            yield _derived(way, "admins", start, target=goal, reach="path")


def peerings_of(things: Iterable[Thing]) -> list[dict[str, str]]:
    """The peerings as relationships of the graph, requester first."""
    return [
        {"relationship": "PEERED_WITH", "from": fact.requester, "to": fact.accepter}
        for thing in things
        for fact in thing.facts
        if isinstance(fact, Peered)
    ]
