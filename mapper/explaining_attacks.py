"""The proof of rows of ``mapper paths`` and ``mapper blast``: each step, and how it was judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from mapper.attacking import Wanted, blast_of, paths_of, wanted
from mapper.explanation import Explanation, about, roles
from mapper.output.names import SHORT_KEY, short_ids, short_name
from mapper.whole_ways import network_judgements, way_of
from queries.answers.row import row_key

if TYPE_CHECKING:
    from graph.derive import Derivation
    from graph.judgement import Judgement
    from mapper.session import Session
    from queries.answers.row import Row

MOST_TRIED = 500_000
"""Hashes that are tried at most: two seconds."""
_ASKED = (("internet", "admin"), ("internet", "data"))
"""Ends of ``mapper paths`` whose rows are told by their key."""
_INSIDE = ("network-range:", "network-group:", "private-target:")
"""Stations between two machines of one's own; what lies between is asked of ``mapper reach``."""
_PASSED = (*_INSIDE, "network-target:")
_SETS = ("principal-set:", "resource-set:")
_PATHS = 12
"""Paths that a change cuts, named one by one."""
_TRIED = {True: "Verified", False: "Tried, and it is not so", None: "Not verified"}
_KINDS = {
    "trust": "a trust policy",
    "technique": "the rights that an escalation technique needs",
    "access": "access to a resource",
    "admin": "admin rights",
    "workload-role": "the role of a workload",
    "reach": "what is open on the network",
}


def attack_rows(session: Session, key: str) -> list[Row]:
    """The rows of ``paths``, of ``paths --choke`` or of ``blast`` whose key begins so.

    Keys are hashes. Of paths and changes those from the internet to admin and to data are known; of
    blast those of any one node.
    """
    for ends in _ASKED:
        asked = wanted(session, *ends)
        rows, _ = paths_of(session, asked, lateral=True)
        if found := [row for row in rows if row.key.startswith(key)]:
            return found
    for ends in _ASKED:
        if found := _changes(session, wanted(session, *ends), key):
            return found
    return _blast_rows(session, key)


def _changes(session: Session, asked: Wanted, key: str) -> list[Row]:
    """Changes of ``--choke`` with a key, tried by deriving the graph again."""
    from graph.verdict import Verdict
    from mapper.choking import choke

    every = tuple(verdict for verdict in Verdict if verdict is not Verdict.NO)
    for verdicts in ((), every):
        found = choke(session, asked, verdicts, "none")
        if any(row.key.startswith(key) for row in found.rows):
            tried = choke(session, asked, verdicts, "all", only=key)
            return [row for row in tried.rows if row.key.startswith(key)]
    return []


def _blast_rows(session: Session, key: str) -> list[Row]:
    tried = islice(_candidates(session), MOST_TRIED)
    for start, end, what in tried:
        if row_key("blast", end, start, what, "").startswith(key):
            rows = blast_of(session, start)[1]
            if found := [row for row in rows if row.key.startswith(key)]:
                return found
    return []


def _candidates(session: Session) -> Iterator[tuple[str, str, str]]:
    """Start, end and class of every row that ``mapper blast`` may have; sources come first."""
    from queries.answers.blast import class_of

    graph = session.attack_graph
    ends = [
        (thing.id, class_of(thing, lateral, session.parties.is_sensitive(thing.tags)))
        for thing in sorted(graph.things.values(), key=lambda one: one.id)
        for lateral in (False, True)
    ]
    starts = [thing.id for thing in graph.things.values() if graph.links(thing.id)]
    starts.sort(key=lambda node: (not graph.things[node].is_source, node))
    return ((start, *end) for start in starts for end in ends if start != end[0])


def of_attack_row(session: Session, derivation: Derivation, row: Row) -> Explanation:
    """The proof of a row of :func:`attack_rows`: a way step by step, or a change."""
    if "cuts" in row.own:
        return _of_change(session, derivation, row)
    way = way_of(row)
    steps: Sequence[Mapping[str, Any]] = row.own.get("hops") or row.own["path"]
    told = tuple(_told(number, step) for number, step in enumerate(steps, 1))
    judged = _unique(
        judgement
        for place, step in enumerate(steps)
        for judgement in _of_step(session, derivation, way, place, step)
    )
    title = f"{row.key[:SHORT_KEY]}: {row.answer.why}"
    head = (*about(derivation, row.id), *told)
    facts = tuple(text for node in way for text in roles(derivation, node, set(way)))
    return Explanation(title, row, judged, facts, head)


def between(session: Session, derivation: Derivation, start: str, end: str) -> Explanation | None:
    """The best attack path from one node to another, or None."""
    graph = session.attack_graph
    if start not in graph.things or end not in graph.things:
        return None
    rows, _ = paths_of(session, wanted(session, start, end), lateral=True)
    return of_attack_row(session, derivation, rows[0]) if rows else None


def _told(number: int, step: Mapping[str, Any]) -> str:
    """A step in a sentence, with what it asks for."""
    technique = f" [{step['technique']}]" if step["technique"] else ""
    under = f" Under {', '.join(step['conditions'])}." if step["conditions"] else ""
    why = short_ids(step["why"]) or step["type"]
    return f"  {number}. {step['verdict']}: {why}{technique}{under}"


def _of_step(
    session: Session,
    derivation: Derivation,
    way: Sequence[str],
    place: int,
    step: Mapping[str, Any],
) -> Iterable[Judgement]:
    """What was judged on a step of a way.

    Args:
        session: for the network between machines of one's own, which is judged when asked.
        derivation: of its snapshot.
        way: the nodes that are passed.
        place: the step's; it leads from ``way[place]`` to ``way[place + 1]``.
        step: as the row tells it.
    """
    start, end = way[place], way[place + 1]
    if end.startswith(_INSIDE):
        return ()
    if start.startswith(_INSIDE):
        machine = next((n for n in reversed(way[:place]) if not n.startswith(_PASSED)), start)
        return _best(network_judgements(session, machine, end), str(step["verdict"]))
    if step["type"] == "TARGETS" and place and way[place - 1].startswith(_INSIDE):
        return _best(network_judgements(session, start, end), str(step["verdict"]))
    found = _judged(derivation, start, end)
    if start.startswith("network-target:") or step["type"] == "TARGETS":
        door = next((n for n in reversed(way[:place]) if not n.startswith(_PASSED)), start)
        found += [j for j in _judged(derivation, door, end) if start in j.via or not found]
    technique = step["technique"]
    named = [judgement for judgement in found if technique and judgement.mechanism == technique]
    return _best(named or found, str(step["verdict"]))


def _judged(derivation: Derivation, start: str, end: str) -> list[Judgement]:
    """Judgements from one node to another, each alone or as one of a set."""
    return [j for j in derivation.judgements if j.is_of(start) and j.is_about(end)]


def _best(judged: Iterable[Judgement], verdict: str) -> list[Judgement]:
    """Those that came out as the step did; all but the refusals where none has."""
    listed = [one for one in judged if str(one.answer.verdict) != "no"]
    return [one for one in listed if str(one.answer.verdict) == verdict] or listed


def _of_change(session: Session, derivation: Derivation, row: Row) -> Explanation:
    own = row.own
    links = [text.split(" -", 1) for text in own["steps_cut"]]
    pairs = [(start, rest.partition("-> ")[2]) for start, rest in links]
    judged = _unique(j for start, end in pairs for j in _best(_judged(derivation, start, end), ""))
    plan = f"Change {own['plan']} of the plan" if own["plan"] else "A change beside the plan"
    head = [
        f"  {plan}; it is about {_KINDS.get(own['kind'], own['kind'])}.",
        f"  Paths that it cuts: {own['cuts']} of {own['total']}; left then: {own['left']}.",
    ]
    if own["every_path"]:
        head.append("  Every path passes it: alone it cuts all.")
    head.append(f"  {_TRIED[own['verified']]}: {own['verification']}")
    facts = (*_cut(own["steps_cut"]), *_gone(session, row, pairs), *_written(own["overlay"]))
    title = f"{row.key[:SHORT_KEY]}: {own['change']}"
    return Explanation(title, row, judged, facts, (*about(derivation, row.id), *head))


def _cut(steps: Sequence[str]) -> Iterator[str]:
    yield f"Steps that it takes away: {len(steps)}."
    yield from (f"  {step}" for step in steps)


def _gone(session: Session, change: Row, pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Rows of ``mapper paths`` between the same ends that take one of the steps."""
    about = (change.id, change.own["from"], change.own["mechanism"])
    rows = [
        row
        for ends in _ASKED
        if row_key("choke", *about, " ".join(ends)) == change.key
        for row in paths_of(session, wanted(session, *ends))[0]
        if set(pairs) & set(pairwise(way_of(row)))
    ]
    if not rows:
        return
    yield "Rows of mapper paths that take one of them:"
    for row in rows[:_PATHS]:
        yield f"  {row.key[:SHORT_KEY]} {row.verdict}: {row.answer.why}"
    if len(rows) > _PATHS:
        yield f"  and {len(rows) - _PATHS} more"


def _written(overlay: Sequence[Mapping[str, Any]] | None) -> Iterator[str]:
    """The lines of the snapshot that it changes."""
    if not overlay:
        return
    yield "Lines of the snapshot that it changes (paths --choke --write-overlay writes them):"
    yield from (f"  {one['op']} {short_name(one['id'])} in {one['file']}" for one in overlay)


def _unique(judged: Iterable[Judgement]) -> tuple[Judgement, ...]:
    return tuple({id(one): one for one in judged}.values())
