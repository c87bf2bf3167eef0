"""Rows of ``mapper paths``: from each way in the best path to each goal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from graph.verdict import Answer, Verdict, all_of, merged
from queries.answers.attack import AttackGraph, Link, Spot
from queries.answers.from_outside import Way, from_outside
from queries.answers.parties import Parties, account_of, source_class
from queries.answers.row import Row, distinct, row_key
from queries.answers.trusts import who_is
from queries.answers.ways import Explored, Goal, WaysByLevel
from queries.severity import severity_of

QUERIES = ("attack-steps", "attack-nodes")
_DATA = frozenset({"data", "secrets"})
_OF_SETS_ALONE = frozenset({"TARGETS", "IN_GROUP"})
_OF_SETS = _OF_SETS_ALONE | {"CAN_ACCESS"}
PASSED = frozenset({"PrincipalSet", "ResourceSet", "NetworkGroup", "NetworkTarget", "NetworkRange"})
"""Labels of what stands for others on a way."""
_ACCESS = ("read", "write", "admin")


def admin_goals(graph: AttackGraph) -> list[Goal]:
    """Every account that somebody has, or gains."""
    had = {
        link.hop.end.id
        for link in graph.every_link()
        if Goal(link.hop.end.id, had=True).admits(link) and "AWSAccount" in link.hop.end.labels
    }
    return [Goal(node, had=True) for node in sorted(had)]


def data_goals(graph: AttackGraph) -> list[Goal]:
    """Every data store or secret that somebody may use."""
    return [
        Goal(thing.id, accessed=True)
        for thing in sorted(graph.things.values(), key=lambda one: one.id)
        if thing.category in _DATA and "ResourceSet" not in thing.end.labels
    ]


@dataclass(frozen=True, slots=True)
class Path:
    """A path with the verdict of its weakest step."""

    links: tuple[Link, ...]
    level: Verdict
    lateral: bool
    answer: Answer
    alike: tuple[str, ...] = ()

    @property
    def start(self) -> str:
        """Where it starts."""
        return self.links[0].hop.start.id

    @property
    def end(self) -> str:
        """Where it ends."""
        return self.links[-1].hop.end.id


def path_of(way: Way) -> Path:
    """A path: all its steps must hold."""
    answer = all_of(link.hop.answer for link in way.links)
    return Path(way.links, way.level, way.lateral, answer, way.alike)


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of ``paths``.

    Attributes:
        rows: the best first.
        lateral_left_out: further ways that use a machine's network reach to get to what is
            reached as surely without.
    """

    rows: list[Row]
    lateral_left_out: int = 0


def best_paths(
    graph: AttackGraph, starts: Collection[str], goals: Iterable[Goal], *, lateral: bool = True
) -> tuple[list[Path], int]:
    """The best path from each way in to each goal, the strongest and shortest first.

    From a source a way in is what it leads to first: a machine, a role, a function
    (:func:`queries.answers.from_outside.from_outside`). From anything else the best path to each
    goal is given, and those that would be left if one step of it were cut.

    Returns:
        the paths, and how many over a machine's network were left out.
    """
    explored = Explored(graph, starts)
    outside = sorted(start for start in starts if graph.things[start].is_source)
    within = [explored.number[Spot(s)] for s in sorted(explored.starts.difference(outside))]
    wanted = [goal for goal in goals if goal.node in explored.at]
    told = from_outside(explored, outside, wanted, lateral=lateral)
    found = list(told.ways)
    for goal in wanted if within else ():
        ways = WaysByLevel(explored, goal)
        for start in within:
            found += _from_within(start, ways)
    return sorted(map(path_of, found), key=_order), told.lateral_left_out


def _from_within(start: int, ways: WaysByLevel) -> list[Way]:
    """The best path from a node that is held, and what is left of it without one of its steps."""
    best = _best(start, ways)
    if best is None:
        return []
    found = {best.links: best}
    for link in best.links:
        other = _best(start, ways, link)
        if other is not None:
            found.setdefault(other.links, other)
    return list(found.values())


def _best(start: int, ways: WaysByLevel, without: Link | None = None) -> Way | None:
    for level in ways.levels:
        way = ways[level].way(start, without)
        if way:
            links = tuple(link for link, _ in way)
            return Way(links, level, _is_lateral(links))
    return None


def _order(path: Path) -> tuple[object, ...]:
    return (
        -path.level.rank,
        path.lateral,
        len(path.answer.conditions),
        len(path.links),
        path.end,
        path.start,
        [link.hop.end.id for link in path.links],
    )


def _is_lateral(links: Iterable[Link]) -> bool:
    return any(
        link.type == "CAN_REACH" and "NetworkGroup" in link.hop.start.labels for link in links
    )


def path_rows(
    graph: AttackGraph,
    starts: Collection[str],
    goals: Sequence[Goal],
    parties: Parties,
) -> list[Row]:
    """Every row of ``paths``: :func:`found_paths` with all ways over machines' networks."""
    return found_paths(graph, starts, goals, parties, lateral=True).rows


def found_paths(
    graph: AttackGraph,
    starts: Collection[str],
    goals: Sequence[Goal],
    parties: Parties,
    *,
    lateral: bool = False,
) -> Found:
    """Rows of ``paths``, one for each way in and goal.

    Where several starts lead the same way, the strongest is kept. What a start may use itself is
    not told again by longer ways.

    Args:
        graph: all steps.
        starts, goals: the ends.
        parties: who the accounts are.
        lateral: also ways over a machine's network to what is reached as surely without.
    """
    rows: dict[str, Row] = {}
    seen: set[tuple[str, ...]] = set()
    found, left_out = best_paths(graph, starts, goals, lateral=lateral)
    straight: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path in found:
        if _is_straight(path):
            straight[_starting(graph, path)].append(path)
    for path in found:
        body = (_starting(graph, path)[0], *(link.hop.end.id for link in path.links))
        if body in seen:
            continue
        seen.add(body)
        known = straight.get(_starting(graph, path), ())
        if not _is_straight(path) and any(_says_as_much(one, path) for one in known):
            continue
        row = row_of(graph, path, parties)
        rows.setdefault(row.key, row)
    return Found(list(rows.values()), left_out)


def _is_straight(path: Path) -> bool:
    """Whether the start itself may use the goal: a longer way that gives no more is noise."""
    kinds = {link.type for link in path.links}
    return "CAN_ACCESS" in kinds and kinds <= _OF_SETS


def _says_as_much(straight: Path, longer: Path) -> bool:
    if straight.level.rank < longer.level.rank:
        return False
    return _access_of(straight) >= _access_of(longer)


def _access_of(path: Path) -> int:
    """How much of the goal a path gives: who controls it has it whole."""
    last = next((link for link in reversed(path.links) if link.type not in _OF_SETS_ALONE), None)
    if last is None or last.type != "CAN_ACCESS":
        return len(_ACCESS)
    return _ACCESS.index(last.level) if last.level in _ACCESS else 0


def _starting(graph: AttackGraph, path: Path) -> tuple[str, str]:
    """The goal and whose way it is: all sources together are the attacker from outside."""
    return ("" if graph.things[path.start].is_source else path.start, path.end)


def hops_of_path(links: Iterable[Link]) -> list[dict[str, object]]:
    """Each step: the node that it leads to, its type, verdict and technique."""
    return [
        {
            "id": link.hop.end.id,
            "name": link.hop.end.name,
            "type": link.type,
            "verdict": str(link.hop.answer.verdict),
            "technique": link.technique,
            "ports": list(link.ports),
            "via": list(link.via),
            "why": link.hop.answer.why,
            "conditions": list(link.hop.answer.conditions),
        }
        for link in links
    ]


def steps_of(links: Iterable[Link]) -> int:
    """How many steps; being one of a set, or behind a group, is none."""
    return sum(not link.hop.end.labels & PASSED for link in links)


def mechanism_of(links: Iterable[Link]) -> str:
    """The steps' types and ids: what makes two paths the same."""
    return " ".join(f"-{link.type}-> {link.hop.end.id}" for link in links)


def _stakes(graph: AttackGraph, path: Path, parties: Parties) -> str:
    return "sensitive" if parties.is_sensitive(graph.things[path.end].tags) else ""


def row_of(graph: AttackGraph, path: Path, parties: Parties) -> Row:
    """A path as a row."""
    end = path.links[-1].hop.end
    start = graph.things[path.start].end
    home = account_of(end.id, end.account_id)
    answer = path.answer
    outside, vendor = parties.classify_source(start.id, start.labels, start.account_id, home)
    had = "AWSAccount" in end.labels
    facts = {
        "who": who_is(source_class(start.labels), outside, answer.guards),
        "behind": "admin" if had else _stakes(graph, path, parties),
        "lateral": "yes" if path.lateral else "",
    }
    mechanism = mechanism_of(path.links)
    what = (
        f"becomes admin of {parties.name(home) or home}" if had else f"reaches {end.name or end.id}"
    )
    steps = steps_of(path.links)
    count = "1 step" if steps == 1 else f"{steps} steps"
    why = f"{start.name or start.id} {what} in {count}."
    lines = tuple(
        f"{number}. {link.hop.answer.why or link.type}" for number, link in enumerate(path.links, 1)
    )
    return Row(
        key=row_key("paths", end.id, start.id, mechanism, end.id),
        id=end.id,
        name=end.name,
        resource_type=end.resource_type,
        account_id=home,
        region=end.region,
        answer=replace(answer, why=why, evidence=lines),
        severity=severity_of("paths", facts, answer.verdict),
        own={
            "from": start.id,
            "to": end.id,
            "hops": hops_of_path(path.links),
            "mechanism": mechanism,
            "steps": steps,
            "lateral": path.lateral,
            "alike": list(path.alike),
            "techniques": list(merged((one for link in path.links if (one := link.technique)), ())),
            "outside": outside,
            "vendor": vendor,
        },
        accounts=distinct([account_of(start.id, start.account_id), home]),
        regions=distinct([start.region, end.region]),
    )
