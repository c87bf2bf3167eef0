"""Ranges of public addresses that are not one's own: what comes from there, what goes there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import replace

from graph.evidence import Step
from graph.network import prefixes
from graph.network.between.ends import End, end_to_internet
from graph.network.between.from_internet import internet_to_end
from graph.network.between.let_in import named_by
from graph.network.between.result import shown as ports_of
from graph.network.pieces import weaker
from graph.network.ports import names
from graph.network.prefixes import PUBLIC
from graph.network.reach import Reach
from graph.network.spans import NOTHING, Spans, atoms, by_atom, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition, merged

_EXCEPTED = condition("context", "sender-not-excepted")
_LISTED = 5


def range_to_end(world: NetworkWorld, cidr: str, target: End, only: Spans) -> list[Reach]:
    """What the hosts of a range on the internet may send to an end.

    Returns:
        Results from ``cidr:...``, ``conditional`` where a part of the range only is let in; one
        ``no`` where none of it is.
    """
    family, spans = prefixes.parse(cidr)
    wanted = spans & PUBLIC[family]
    found = [one for one in internet_to_end(world, target, only) if one.family is family]
    open_ways = [one for one in found if one.verdict is not Verdict.NO]
    whole = _together(open_ways, cidr, wanted)
    parts = (_from(one, cidr, wanted) for one in _beside(open_ways, whole, wanted))
    got = [*whole, *(one for one in parts if one is not None)]
    if got or not found:
        return got
    refused = [replace(one, source=f"cidr:{cidr}") for one in found if one.verdict is Verdict.NO]
    return refused[:1] or [_kept_out(found, cidr)]


def end_to_range(world: NetworkWorld, source: End, cidr: str, only: Spans) -> list[Reach]:
    """What an end may send to the hosts of a range on the internet."""
    return end_to_internet(world, source, only, cidr)


def _together(found: list[Reach], cidr: str, wanted: Spans) -> list[Reach]:
    """Results for all of a range where several sources that are let in make it up."""
    by: dict[Hashable, list[tuple[Reach, Spans]]] = defaultdict(list)
    for one in found:
        some = _surely(one) & wanted
        if some and some != wanted and not one.other_ports:
            by[_way(one)].append((one, some))
    made: list[Reach] = []
    for group in by.values():
        if not union(some for _, some in group).covers(wanted):
            continue
        opened = _open_to_all(group, wanted)
        if opened:
            made.append(_one_of(group, cidr, opened))
    return made


def _way(one: Reach) -> Hashable:
    return one.mechanism, one.via, one.verdict


def _surely(one: Reach) -> Spans:
    """The addresses to which all the strongest ports are open."""
    return (named_by(one) or NOTHING) - one.excepted


def _open_to_all(group: list[tuple[Reach, Spans]], wanted: Spans) -> Spans:
    """The ports that every address of a range is let in to by some source."""
    by_ports: dict[Spans, list[Spans]] = defaultdict(list)
    for one, some in group:
        by_ports[one.port_set].append(some)
    sets = list(by_ports)
    senders = [union(by_ports[opened]) for opened in sets]
    parts = atoms(union(sets), sets)
    held = zip(parts, by_atom(parts, sets), strict=True)
    return Spans.of(
        atom for atom, which in held if union(senders[one] for one in which).covers(wanted)
    )


def _one_of(group: list[tuple[Reach, Spans]], cidr: str, opened: Spans) -> Reach:
    first = group[0][0]
    sources = merged(one.source.removeprefix("cidr:") for one, _ in group)
    listed = ", ".join(sources[:_LISTED])
    listed += f" and {len(sources) - _LISTED} more" if len(sources) > _LISTED else ""
    shown = names(opened)
    text = f"{ports_of(opened)} is open to {cidr}: to {listed}."
    terms = {term for one, _ in group for term in one.answer.conditions}
    answer = replace(first.answer, why=text, conditions=tuple(sorted(terms)))
    return replace(
        first,
        source=f"cidr:{cidr}",
        ports=shown,
        port_set=opened,
        other_ports=(),
        opens=merged(*(one.opens for one, _ in group)),
        answer=answer,
    )


def _beside(found: list[Reach], whole: list[Reach], wanted: Spans) -> Iterator[Reach]:
    """Results without the ports that are open to all of a range already."""
    known = {_way(one): one.port_set for one in whole}
    for one in found:
        taken = known.get(_way(one), NOTHING)
        if not taken or one.other_ports or _surely(one).covers(wanted):
            yield one
        elif left := one.port_set - taken:
            yield replace(one, port_set=left, ports=names(left))


def _from(one: Reach, cidr: str, wanted: Spans) -> Reach | None:
    """What the internet's way in is for a range; nothing where none of the range is let in."""
    named = replace(one, source=f"cidr:{cidr}")
    let_in = named_by(one)
    if let_in is None:
        return _weaker(named, Verdict.UNKNOWN, condition("not_collected", one.source))
    part = let_in & wanted
    if not part - one.closed:
        return None
    if part != wanted:
        shown = ", ".join(prefixes.cidrs(part, one.family))
        return _weaker(named, Verdict.CONDITIONAL, condition("source", shown))
    return _weaker(named, Verdict.CONDITIONAL, _EXCEPTED) if one.excepted & wanted else named


def _weaker(one: Reach, bound: Verdict, term: str) -> Reach:
    verdict = weaker(one.verdict, bound)
    terms = tuple(sorted({*one.answer.conditions, term}))
    others = tuple(
        f"{name}={weaker(Verdict(level), bound)}"
        for name, _, level in (entry.rpartition("=") for entry in one.other_ports)
    )
    answer = replace(one.answer, verdict=verdict, conditions=terms)
    return replace(one, answer=answer, other_ports=others)


def _kept_out(found: list[Reach], cidr: str) -> Reach:
    """The ``no`` where other ranges are let in."""
    one = found[0]
    who = ", ".join(sorted({each.source.removeprefix("cidr:") for each in found}))
    holes = " with exceptions" if any(each.excepted for each in found) else ""
    text = f"Only {who} is let in{holes}, not {cidr}."
    steps = (*one.answer.steps, Step("sender's address", one.target, "fail", text, ()))
    answer = replace(
        one.answer, verdict=Verdict.NO, why=text, conditions=(), evidence=(text,), steps=steps
    )
    return replace(
        one,
        source=f"cidr:{cidr}",
        ports=(),
        other_ports=(),
        opens=(),
        port_set=NOTHING,
        answer=answer,
    )


__all__ = ["end_to_range", "range_to_end"]
