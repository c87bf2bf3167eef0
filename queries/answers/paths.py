"""Rows of ``mapper paths``: from each way in the best path to each goal."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from graph.verdict import Answer, Verdict, all_of, merged
from queries.answers.attack import LEVELS, AttackGraph, Link, Spot, Tree
from queries.answers.parties import Parties, account_of, source_class
from queries.answers.row import Row, distinct, row_key
from queries.answers.trusts import who_is
from queries.severity import severity_of

QUERIES = ("attack-steps", "attack-nodes")
_HAD = frozenset({"HAS_ADMIN", "CAN_ESCALATE_TO"})
_DATA = frozenset({"data", "secrets"})
_OF_SETS = frozenset({"CAN_ACCESS", "TARGETS", "IN_GROUP"})
MOST_STEPS = 40
"""Steps of a path; longer ones are not followed."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Where paths end: a node, and whether only ways that have it count."""

    node: str
    had: bool = False
    accessed: bool = False

    def admits(self, last: Link) -> bool:
        """Whether a path may end with a step."""
        if self.had:
            return last.type in _HAD
        return not self.accessed or last.type in ("CAN_ACCESS", "TARGETS")


def admin_goals(graph: AttackGraph) -> list[Goal]:
    """Every account that somebody has, or gains."""
    had = {
        link.hop.end.id
        for link in graph.every_link()
        if link.type in _HAD and "AWSAccount" in link.hop.end.labels
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

    @property
    def start(self) -> str:
        """Where it starts."""
        return self.links[0].hop.start.id

    @property
    def end(self) -> str:
        """Where it ends."""
        return self.links[-1].hop.end.id

    @property
    def answer(self) -> Answer:
        """All steps must hold."""
        return all_of(link.hop.answer for link in self.links)


class Explored:
    """Every place that some starts lead to, with the steps that lead there."""

    def __init__(self, graph: AttackGraph, starts: Collection[str]) -> None:
        """Walk once, whatever the steps' verdicts."""
        self.graph = graph
        self.starts = frozenset(starts)
        self.into: dict[Spot, list[tuple[Link, Spot]]] = defaultdict(list)
        self.at: dict[str, list[Spot]] = defaultdict(list)
        seen = {Spot(start) for start in starts}
        queue = deque(sorted(seen))
        for spot in queue:
            self.at[spot.node].append(spot)
        while queue:
            here = queue.popleft()
            for link, there in graph.onward(here):
                self.into[there].append((link, here))
                if there not in seen:
                    seen.add(there)
                    self.at[there.node].append(there)
                    queue.append(there)

    def onward(
        self, goal: Goal, level: Verdict, without: Link | None = None
    ) -> dict[Spot, tuple[Link, Spot]]:
        """Each place's next step on its shortest way to a goal by steps at least this strong.

        Args:
            goal: where the ways end.
            level: the weakest verdict of their steps.
            without: a step that they do not take.
        """
        ends = frozenset(self.at.get(goal.node, ()))
        found: dict[Spot, tuple[Link, Spot]] = {}
        queue: deque[tuple[Spot, int]] = deque((end, 0) for end in sorted(ends))
        while queue:
            here, steps = queue.popleft()
            if steps >= MOST_STEPS:
                continue
            for link, before in self.into.get(here, ()):
                if before in found or before in ends:
                    continue
                if link.hop.answer.verdict.rank < level.rank or link is without:
                    continue
                if here in ends and not goal.admits(link):
                    continue
                found[before] = (link, here)
                queue.append((before, steps + 1))
        return found


def best_paths(graph: AttackGraph, starts: Collection[str], goals: Iterable[Goal]) -> list[Path]:
    """The best path from each way in to each goal, the strongest and shortest first.

    From a source a way in is what it leads to first: a machine, a role, a function. Of paths
    through the same way in to the same goal the strongest, then the shortest, is kept. From
    anything else the best path to each goal is given, and those that would be left if one step of
    it were cut.
    """
    explored = Explored(graph, starts)
    outside = sorted(start for start in starts if graph.things[start].is_source)
    trees = {level: Tree(graph, outside, level, ways_in=True) for level in LEVELS}
    found: list[Path] = []
    for goal in goals:
        if goal.node not in explored.at:
            continue
        found += _to_goal(explored, trees, goal)
        for start in sorted(explored.starts.difference(outside)):
            found += _from_within(explored, Spot(start), goal)
    return sorted(found, key=_order)


def _from_within(explored: Explored, start: Spot, goal: Goal) -> list[Path]:
    """The best path from a node that is held, and what is left of it without one of its steps."""
    best = _best(explored, start, goal, None)
    if best is None:
        return []
    found = {best.links: best}
    for link in best.links:
        other = _best(explored, start, goal, link)
        if other is not None:
            found.setdefault(other.links, other)
    return list(found.values())


def _best(explored: Explored, start: Spot, goal: Goal, without: Link | None) -> Path | None:
    for level in LEVELS:
        onward = explored.onward(goal, level, without)
        if start in onward:
            links = tuple(link for link, _ in _follow(start, onward))
            return Path(links, level, _is_lateral(links))
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


def _to_goal(explored: Explored, trees: dict[Verdict, Tree], goal: Goal) -> list[Path]:
    found: list[Path] = []
    done: set[str] = set()
    for level in LEVELS:
        onward = explored.onward(goal, level)
        tree = trees[level]
        for entry, step in tree.first.items():
            if step is None or not entry.is_held or entry.node in done:
                continue
            way = _way(tree, entry, goal, onward)
            if way:
                done.add(entry.node)
                found.append(Path(way, level, _is_lateral(way)))
        found += _from_starts(explored, goal, level, onward, done)
    return found


def _from_starts(
    explored: Explored,
    goal: Goal,
    level: Verdict,
    onward: dict[Spot, tuple[Link, Spot]],
    done: set[str],
) -> list[Path]:
    """Paths that end before anything but the start is held: data that the start itself may use."""
    found = []
    for start in sorted(explored.starts):
        if not explored.graph.things[start].is_source:
            continue
        step = onward.get(Spot(start))
        if step is None or start in done:
            continue
        way = _follow(Spot(start), onward)
        if any(spot.is_held and spot.node not in (goal.node, start) for _, spot in way):
            continue
        done.add(start)
        links = tuple(link for link, _ in way)
        found.append(Path(links, level, _is_lateral(links)))
    return found


def _way(
    tree: Tree, entry: Spot, goal: Goal, onward: dict[Spot, tuple[Link, Spot]]
) -> tuple[Link, ...]:
    """From the start to the way in, and on to the goal; empty if it does not lead there."""
    before = tree.way(entry)
    if entry.node == goal.node:
        return before if goal.admits(before[-1]) else ()
    if entry not in onward:
        return ()
    return (*before, *(link for link, _ in _follow(entry, onward)))


def _follow(start: Spot, onward: dict[Spot, tuple[Link, Spot]]) -> list[tuple[Link, Spot]]:
    found = []
    here = start
    while (step := onward.get(here)) is not None:
        found.append(step)
        here = step[1]
    return found


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
    """Rows of ``paths``, one for each way in and goal.

    Where several starts lead the same way, the strongest is kept. What a start may use itself is
    not told again by longer ways.
    """
    rows: dict[str, Row] = {}
    seen: set[tuple[str, ...]] = set()
    found = best_paths(graph, starts, goals)
    straight: dict[tuple[str, str], int] = {}
    for path in found:
        if _is_straight(path):
            own = _starting(graph, path)
            straight[own] = max(straight.get(own, 0), path.level.rank)
    for path in found:
        body = tuple(link.hop.end.id for link in path.links)
        if body in seen:
            continue
        seen.add(body)
        if not _is_straight(path) and straight.get(_starting(graph, path), -1) >= path.level.rank:
            continue
        row = _row(graph, path, parties)
        rows.setdefault(row.key, row)
    return list(rows.values())


def _is_straight(path: Path) -> bool:
    """Whether the start itself may use the goal: a longer way that is no stronger is noise."""
    kinds = {link.type for link in path.links}
    return "CAN_ACCESS" in kinds and kinds <= _OF_SETS


def _starting(graph: AttackGraph, path: Path) -> tuple[str, str]:
    """The goal and whose way it is: all sources together are the attacker from outside."""
    return ("" if graph.things[path.start].is_source else path.start, path.end)


def hops_of_path(links: Iterable[Link]) -> list[dict[str, object]]:
    """Each step: the node that it leads to, its type, verdict and technique."""
    return [
        {
            "id": link.hop.end.id,
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


def mechanism_of(links: Iterable[Link]) -> str:
    """The steps' types and ids: what makes two paths the same."""
    return " ".join(f"-{link.type}-> {link.hop.end.id}" for link in links)


def _stakes(graph: AttackGraph, path: Path, parties: Parties) -> str:
    return "sensitive" if parties.is_sensitive(graph.things[path.end].tags) else ""


def _row(graph: AttackGraph, path: Path, parties: Parties) -> Row:
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
    count = "1 step" if len(path.links) == 1 else f"{len(path.links)} steps"
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
            "steps": len(path.links),
            "lateral": path.lateral,
            "techniques": list(merged((one for link in path.links if (one := link.technique)), ())),
            "outside": outside,
            "vendor": vendor,
        },
        accounts=distinct([account_of(start.id, start.account_id), home]),
        regions=distinct([start.region, end.region]),
    )
