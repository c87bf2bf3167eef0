"""From declared facts to what ``paths``, ``blast`` and ``paths --choke`` must give.

As :mod:`mapper.demo.world.truth`, an independent reckoning: every way is searched
(:mod:`mapper.demo.world.ways`), and for choke points every change is made in turn and the paths
that are left are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from mapper.demo.world.facts import CAPABILITIES_BUILT, INTERNET, Thing
from mapper.demo.world.truth import STRENGTH
from mapper.demo.world.ways import LEVELS, Change, Ground, Place, Way

_MOST_CHANGES = 10
_COUNTED = "conditional"
"""The weakest verdict of the steps of a path that ``--choke`` counts, unasked."""
NETWORK_ONLY = "network-only"
FRONTS_BUILT = True
"""Whether mapper walks on through the load balancers of a machine's own network."""


@dataclass(frozen=True, slots=True)
class PathRow:
    """A row of ``paths --from internet --to admin``.

    Attributes:
        id: the account that is had.
        source: where the path starts.
        way_in: what the source leads to first.
        verdict: that of the weakest step.
        conditions: their kinds.
        techniques: on the way, each once.
        hops: the nodes on the way, front doors included.
        lateral: a machine's network reach is one of the steps.
        thing: what it follows from, joined by ``+``.
        page: the AWS page of the last step.
        settled: whether the engine that settles it is built.
        flips: thing whose control is flipped -> the verdict then.
    """

    id: str
    source: str
    way_in: str
    verdict: str
    conditions: tuple[str, ...]
    techniques: tuple[str, ...]
    hops: tuple[str, ...]
    lateral: bool
    thing: str
    page: str
    settled: bool = "escalation" in CAPABILITIES_BUILT
    flips: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same row in two worlds."""
        return (self.source, self.way_in, self.id, "lateral" if self.lateral else "")

    @property
    def stands(self) -> str:
        """What a flip may change."""
        return self.verdict


@dataclass(frozen=True, slots=True)
class BlastRow:
    """A row of ``blast`` on a machine that the internet reaches.

    Attributes:
        id: the node that follows.
        source: the machine.
        what: its class, as in docs/paths.md.
        verdict: of the strongest way.
        conditions: their kinds.
        thing, page, settled, flips: as in :class:`PathRow`.
    """

    id: str
    source: str
    what: str
    verdict: str
    conditions: tuple[str, ...]
    thing: str
    page: str
    settled: bool = "escalation" in CAPABILITIES_BUILT
    flips: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same row in two worlds."""
        return (self.source, self.id, self.what)

    @property
    def stands(self) -> str:
        """What a flip may change."""
        return self.verdict


@dataclass(frozen=True, slots=True)
class ChokeRow:
    """A row of ``paths --from internet --to admin --choke``.

    Attributes:
        kind, subject, party: the change: what is changed, on what, for whom.
        cuts: paths that it cuts, of those that the changes before it in the plan have left.
        total: all paths, as pairs of a way in and an account.
        every_path: alone it cuts all.
        plan: its place in the plan; None beside it.
        verified: True where the world can be derived with it and then shows what is told.
        settled: as in :class:`PathRow`.
        flips: thing whose control is flipped -> "N of M" that it cuts then, or "no".
    """

    kind: str
    subject: str
    party: str
    cuts: int
    total: int
    every_path: bool
    plan: int | None
    verified: bool | None
    settled: bool = "escalation" in CAPABILITIES_BUILT
    flips: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same row in two worlds."""
        return (self.kind, self.subject, self.party)

    @property
    def stands(self) -> str:
        """What a flip may change."""
        return f"{self.cuts} of {self.total}"


def path_rows(ground: Ground) -> list[PathRow]:
    """Ways from the internet to admin: for each way in and account the strongest, shortest.

    One over a machine's network is told where no other leads to that account as surely.
    """
    rows: dict[tuple[str, str, bool], PathRow] = {}
    surest: dict[str, int] = {}
    for level in LEVELS:
        for way_in, before in _ways_in(ground, level, ()).items():
            onward = ground.ways(Place(way_in), level)
            for place in (
                Place(goal, lateral) for goal in ground.goals for lateral in (False, True)
            ):
                key = (way_in, place.node, place.lateral)
                if place in onward and key not in rows:
                    rows[key] = _path_row(way_in, place.node, level, (*before, *onward[place]))
    for row in rows.values():
        if not row.lateral:
            surest[row.id] = max(surest.get(row.id, 0), STRENGTH[row.verdict])
    return [
        row
        for _, row in sorted(rows.items())
        if not row.lateral or STRENGTH[row.verdict] > surest.get(row.id, 0)
    ]


def _ways_in(ground: Ground, level: str, without: Sequence[Change]) -> dict[str, Way]:
    """What the internet leads to first, over front doors at most."""
    return {
        place.node: way
        for place, way in ground.ways(Place(INTERNET), level, without).items()
        if way
        and place.node not in ground.doors
        and all(step.kind in ("reach", "on") for step in way)
    }


def _path_row(way_in: str, goal: str, level: str, way: Way) -> PathRow:
    return PathRow(
        id=goal,
        source=INTERNET,
        way_in=way_in,
        verdict=level,
        conditions=_conditions(way),
        techniques=tuple(dict.fromkeys(step.technique for step in way if step.technique)),
        hops=tuple(step.end for step in way),
        lateral=any(step.kind == "beside" for step in way),
        thing=_things(way),
        page=way[-1].thing.page,
    )


def _conditions(way: Way) -> tuple[str, ...]:
    return tuple(sorted({text for step in way for text in step.conditions}))


def _things(way: Way) -> str:
    return "+".join(dict.fromkeys(step.thing.name for step in way if step.kind != "control"))


def blast_rows(ground: Ground, starts: Iterable[str]) -> list[BlastRow]:
    """What follows from control of each machine.

    What is controlled is told so by its strongest way; beside it, or instead, as reached by the
    network alone where that is stronger.
    """
    return [row for start in starts for row in _blast_of(ground, start)]


def _blast_of(ground: Ground, start: str) -> Iterator[BlastRow]:
    done: set[tuple[str, bool]] = set()
    for level in LEVELS:
        ways = ground.ways(Place(start), level)
        for lateral in (False, True):
            found = {place.node: way for place, way in ways.items() if place.lateral == lateral}
            for node in sorted(found):
                if node == start or {(node, False), (node, lateral)} & done:
                    continue
                done.add((node, lateral))
                yield BlastRow(
                    node, start, NETWORK_ONLY if lateral else _class(ground, node), level,
                    _conditions(found[node]), _things(found[node]), found[node][-1].thing.page,
                )  # fmt: skip


def _class(ground: Ground, node: str) -> str:
    return "admin" if node.startswith("account:") else ground.kinds.get(node, "other")


_Pair = tuple[str, str]


def choke_rows(ground: Ground) -> list[ChokeRow]:
    """Changes: each time that which cuts most, then others that alone cut every path."""
    every = _paths_left(ground, ())
    if not every:
        return []
    passed = {place.node for place in ground.ways(Place(INTERNET), _COUNTED)}
    changes = [change for change in ground.changes if change.party in passed]
    alone = [change for change in changes if not _paths_left(ground, (change,))]
    rows = [_choke_row(c, len(every), len(every), True, None) for c in alone[:_MOST_CHANGES]]
    if rows:
        return [replace(rows[0], plan=1), *rows[1:]]
    chosen: list[Change] = []
    left = every
    while left and len(chosen) < _MOST_CHANGES:
        after = {change: _paths_left(ground, (*chosen, change)) for change in changes}
        best = min(changes, key=lambda one: (len(after[one]), one.order))
        if after[best] == left:
            break
        chosen.append(best)
        cuts = len(left) - len(after[best])
        rows.append(_choke_row(best, cuts, len(every), False, len(chosen)))
        left = after[best]
    return rows


def _choke_row(change: Change, cuts: int, total: int, alone: bool, plan: int | None) -> ChokeRow:
    verified = None if change.kind == "reach" else True
    return ChokeRow(
        change.kind, change.subject, change.party, cuts, total, alone, plan, verified
    )  # fmt: skip


def _paths_left(ground: Ground, without: Sequence[Change]) -> set[_Pair]:
    found = set()
    for way_in in _ways_in(ground, _COUNTED, without):
        onward = ground.ways(Place(way_in), _COUNTED, without)
        found |= {(way_in, place.node) for place in onward if place.node in ground.goals}
    return found


Row = PathRow | BlastRow | ChokeRow


def rows_of(things: Iterable[Thing], starts: Iterable[str] | None = None) -> list[Row]:
    """Every row that follows from the things' facts as they stand.

    Args:
        things: as they are true.
        starts: machines to ask ``blast`` of; None for those that the internet reaches.
    """
    listed = list(things)
    plain = Ground(listed, FRONTS_BUILT)
    wanted = plain.exposed if starts is None else list(starts)
    rows: list[Row] = [*path_rows(plain), *blast_rows(plain, wanted), *choke_rows(plain)]
    if FRONTS_BUILT:
        return rows
    told = {row.key for row in rows}
    whole = Ground(listed, fronts=True)
    more: list[PathRow | BlastRow] = [*path_rows(whole), *blast_rows(whole, wanted)]
    return [*rows, *(replace(row, settled=False) for row in more if row.key not in told)]


def expected_attacks(things: Iterable[Thing]) -> dict[str, list[dict[str, Any]]]:
    """The rows of the world, by command, with what each flip makes of them.

    A path, or a row of ``blast``, that is there only once a control is flipped is listed with
    verdict ``no``.

    Args:
        things: as they are built.

    Returns:
        ``paths``, ``blast`` and ``choke``: rows as ``expected.json`` holds them, sorted.
    """
    listed = list(things)
    starts = Ground(listed).exposed
    rows = {row.key: row for row in rows_of(listed, starts)}
    before = dict(rows)
    changes: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for index, thing in enumerate(listed):
        if thing.flip is None:
            continue
        other = [*listed[:index], replace(thing, facts=thing.flipped), *listed[index + 1 :]]
        then = {row.key: row for row in rows_of(other, starts)}
        for key in before.keys() | then.keys():
            was, now = (side[key].stands if key in side else "no" for side in (before, then))
            if was == now or (key not in before and isinstance(then[key], ChokeRow)):
                continue
            if key not in rows:
                rows[key] = _absent(then[key], thing)
            changes[key].append((thing.name, now))
    told = [replace(rows[key], flips=tuple(sorted(changes[key]))) for key in sorted(rows)]
    return {
        name: [_json(row) for row in told if isinstance(row, kind)]
        for name, kind in (("paths", PathRow), ("blast", BlastRow), ("choke", ChokeRow))
    }


def _absent(row: Row, thing: Thing) -> Row:
    """A row that is there only once a thing's control is flipped."""
    assert not isinstance(row, ChokeRow)
    return replace(row, verdict="no", conditions=(), thing=thing.name, page=thing.page)


def _json(row: Row) -> dict[str, Any]:
    told = {one.name: getattr(row, one.name) for one in fields(row)}
    return {**told, "flips": dict(row.flips)}
