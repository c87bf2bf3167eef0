"""Ranges of public addresses that are not one's own: what comes from there, what goes there."""

from __future__ import annotations

from dataclasses import replace

from graph.evidence import Step
from graph.network import prefixes
from graph.network.between.ends import End, end_to_internet
from graph.network.between.from_internet import internet_to_end
from graph.network.pieces import weaker
from graph.network.prefixes import PUBLIC
from graph.network.reach import Reach
from graph.network.spans import NOTHING, Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

_INTERNET = "internet"
_EXCEPTED = condition("context", "sender-not-excepted")


def range_to_end(world: NetworkWorld, cidr: str, target: End, only: Spans) -> list[Reach]:
    """What the hosts of a range on the internet may send to an end.

    Returns:
        Results from ``cidr:...``, ``conditional`` where a part of the range only is let in; one
        ``no`` where none of it is.
    """
    family, spans = prefixes.parse(cidr)
    found = [one for one in internet_to_end(world, target, only) if one.family is family]
    kept = [made for one in found if (made := _from(one, cidr, spans & PUBLIC[family])) is not None]
    got = [one for one in kept if one.verdict is not Verdict.NO]
    if got or not found:
        return got
    return kept[:1] or [_kept_out(found, cidr)]


def end_to_range(world: NetworkWorld, source: End, cidr: str, only: Spans) -> list[Reach]:
    """What an end may send to the hosts of a range on the internet."""
    return end_to_internet(world, source, only, cidr)


def _from(one: Reach, cidr: str, wanted: Spans) -> Reach | None:
    """What the internet's way in is for a range; nothing where another range is let in."""
    named = replace(one, source=f"cidr:{cidr}")
    if one.verdict is Verdict.NO:
        return named
    if one.source == _INTERNET:
        kept_out = one.excepted & wanted
        return _weaker(named, Verdict.CONDITIONAL, _EXCEPTED) if kept_out else named
    if not one.source.startswith("cidr:"):
        return _weaker(named, Verdict.UNKNOWN, condition("not_collected", one.source))
    let_in = prefixes.parse(one.source[5:])[1]
    if let_in.covers(wanted):
        return named
    part = let_in & wanted
    if not part:
        return None
    shown = ", ".join(prefixes.cidrs(part, one.family))
    return _weaker(named, Verdict.CONDITIONAL, condition("source", shown))


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
    text = f"Only {who} is let in, not {cidr}."
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
