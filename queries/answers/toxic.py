"""Toxic combinations: an exposed machine, its role and what it leads to, the worst first.

The score is a product of factors that ``data/toxic.json`` names, each with its reason, so that
every row says why it stands where it stands.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from queries.answers.attack import AttackGraph, Link
from queries.answers.from_outside import Entry, Search
from queries.answers.parties import Parties
from queries.answers.paths import admin_goals, data_goals, path_of, row_of
from queries.answers.row import Row
from queries.answers.ways import Explored, Goal
from queries.severity import port_class

DATA = Path(__file__).parents[1] / "data" / "toxic.json"
PARTS = ("exposure", "machine", "role", "data", "verdict")
_ESCALATES = frozenset({"CAN_ESCALATE_TO", "CAN_EXECUTE_ON"})


class _Found(NamedTuple):
    """A machine and a class of goals that it leads to, by one way."""

    machine: str
    kind: str
    entry: Entry
    search: Search
    many: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score.

    Attributes:
        part: a word of :data:`PARTS`.
        word: what was found, in a word or two.
        factor: above 0, at most 1.
        why: the reason.
    """

    part: str
    word: str
    factor: float
    why: str


def toxic_rows(graph: AttackGraph, parties: Parties) -> list[Row]:
    """A row for each machine, or several alike, and class of goal; the highest score first.

    Args:
        graph: as the internet sees it.
        parties: for sensitive tags and the accounts' names.

    Returns:
        Rows of paths with further own fields: ``score`` (0 to 100), ``parts``, ``machine``,
        ``role``, ``reaches`` (``admin``, ``sensitive`` or ``data``) and ``targets``, how many of
        these the machine leads to.
    """
    rows: dict[tuple[str, str, str], Row] = {}
    for found in _combinations(graph, parties):
        row = _row(graph, found, parties)
        door = row.own["hops"][0]["id"]
        key = (door, row.own["role"] or found.machine, found.kind)
        known = rows.get(key)
        if known is None:
            rows[key] = row
        elif found.machine not in (known.own["machine"], *known.own["alike"]):
            best, other = sorted((known, row), key=order)
            alike = [*best.own["alike"], other.own["machine"], *other.own["alike"]]
            rows[key] = replace(best, own={**best.own, "alike": list(dict.fromkeys(alike))})
    return sorted(rows.values(), key=order)


def order(row: Row) -> tuple[object, ...]:
    """The highest score first, then the fewest steps."""
    return (-row.own["score"], row.own["steps"], row.own["machine"], row.id)


def _combinations(graph: AttackGraph, parties: Parties) -> Iterator[_Found]:
    """For each machine that is reached from outside the surest and shortest way to each class."""
    outside = graph.public_sources()
    explored = Explored(graph, outside)
    goals = [g for g in (*admin_goals(graph), *data_goals(graph)) if g.node in explored.at]
    masks = _masks(graph, goals, parties)
    done: set[tuple[str, str]] = set()
    for level in explored.levels:
        search = Search(explored, outside, goals, level)
        for place in search.held:
            machine = explored.spots[place].node
            if graph.things[machine].category != "compute":
                continue
            for kind, mask in masks.items():
                bits = search.onward.bits[place] & mask
                if bits and (machine, kind) not in done:
                    done.add((machine, kind))
                    number = search.onward.nearest(place, bits)
                    entry = Entry(level, place, number)
                    yield _Found(machine, kind, entry, search, bits.bit_count())


def _masks(graph: AttackGraph, goals: Sequence[Goal], parties: Parties) -> dict[str, int]:
    """The bits of each class of goals, of ways that use no machine's network reach."""
    found: dict[str, int] = defaultdict(int)
    for number, goal in enumerate(goals):
        kind = "admin"
        if not goal.had:
            sensitive = parties.is_sensitive(graph.things[goal.node].tags)
            kind = "sensitive" if sensitive else "data"
        found[kind] |= 1 << (2 * number)
    return found


def _row(graph: AttackGraph, found: _Found, parties: Parties) -> Row:
    links = found.search.links(found.entry)
    path = path_of(found.search.way(found.entry))
    row = row_of(graph, path, parties)
    place = next(n for n, link in enumerate(links) if link.hop.end.id == found.machine)
    role = next((one.hop.end.id for one in links[place + 1 :] if one.type == "HAS_ROLE"), None)
    parts = [
        _part("exposure", port_class(links[place].ports or links[0].ports)),
        _part("machine", _machine(graph, found.machine)),
        _part("role", _role(links[place + 1 :], found.kind)),
        _part("data", found.kind),
        _part("verdict", str(path.answer.verdict)),
    ]
    score = 100.0
    for part in parts:
        score *= part.factor
    own: dict[str, Any] = {
        **row.own,
        "score": round(score),
        "parts": [asdict(part) for part in parts],
        "machine": found.machine,
        "role": role,
        "reaches": found.kind,
        "targets": found.many,
    }
    return replace(row, own=own)


def _machine(graph: AttackGraph, machine: str) -> str:
    thing = graph.things[machine]
    if thing.end.resource_type != "AWS::EC2::Instance":
        return "code"
    if thing.imds["http_endpoint"] == "disabled":
        return "off"
    return {"optional": "v1", "required": "v2"}.get(thing.imds["http_tokens"], "unread")


def _role(links: Sequence[Link], kind: str) -> str:
    """How what the machine has leads on."""
    types = [link.type for link in links]
    if kind != "admin":
        roles = sum(one in ("CAN_ASSUME", "HAS_ADMIN", *_ESCALATES) for one in types)
        return "onward" if roles else "data"
    if _ESCALATES.intersection(types):
        return "escalates"
    return "assumes" if "CAN_ASSUME" in types else "admin"


def _part(part: str, fact: str) -> Part:
    row = factors()[part].get(fact) or factors()[part]["other"]
    return Part(part, str(row["word"]), float(row["factor"]), str(row["why"]))


@cache
def factors() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """The factors of each part by the fact that they are of."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    return {part: {row["fact"]: row for row in data[part]} for part in PARTS}
