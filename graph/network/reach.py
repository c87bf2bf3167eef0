"""The result of the engine: who reaches what, by what way, on which ports, with the proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache, reduce
from operator import and_

from graph.evidence import Step
from graph.network import ports as port_sets
from graph.network.path import Path
from graph.network.pieces import INTERNET, Pieces, weaker
from graph.network.prefixes import PUBLIC, Breadth, Family, breadth, cidrs, is_broad, named, parse
from graph.network.spans import NOTHING, Spans, union
from graph.verdict import Answer, Verdict, any_of, merged

_LEVELS = (Verdict.YES, Verdict.CONDITIONAL, Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reach:
    """One source reaching one target by one mechanism, or not (``answer.verdict`` ``no``).

    Attributes:
        source: ``internet``, ``any-customer-of:...`` or ``cidr:<cidr>``.
        target: node id of what is reached.
        family: IPv4 or IPv6.
        mechanism: ``eni/ipv4``, ``alb/ipv6``, ``nlb/ipv4``, ``clb/ipv4``, ``rds/ipv4``.
        ports: those of the strongest verdict, as the target sees them (behind a load balancer
            its own ports, not the listener's).
        other_ports: weaker ones, ``tcp/8080=conditional``.
        via: ids passed on the way: the network interface, or the load balancer (and the next).
        answer: the verdict with its reasons and steps.
        broad: the source is a range shorter than /8 (IPv4) or /32 (IPv6).
        port_set: ``ports`` as a set, for arithmetic.
        opens: behind a load balancer, its port and the target's (``tcp/80 > tcp/8080``) where
            the two differ.
        enters: ports of the first front door passed by which this way goes, weaker ones too;
            empty where that is not told apart, or nothing is passed.
        excepted: addresses of the source that some of the strongest ports are closed to.
        closed: of these, addresses that none of the ports, weaker ones too, is open to.
    """

    source: str
    target: str
    family: Family
    mechanism: str
    ports: tuple[str, ...]
    other_ports: tuple[str, ...]
    via: tuple[str, ...]
    answer: Answer
    broad: bool = False
    port_set: Spans = field(default=NOTHING, compare=False, repr=False)
    opens: tuple[str, ...] = ()
    enters: tuple[str, ...] = ()
    excepted: Spans = field(default=NOTHING, compare=False, repr=False)
    closed: Spans = field(default=NOTHING, compare=False, repr=False)

    @property
    def verdict(self) -> Verdict:
        """The answer's verdict."""
        return self.answer.verdict


@dataclass(frozen=True, slots=True)
class Grant:
    """What one source may send: ports by verdict, with the conditions of each verdict.

    ``excepted`` are addresses of the source that some of these ports are closed to, ``closed``
    those that all are.
    """

    source: str
    ports: dict[Verdict, Spans]
    conditions: dict[Verdict, frozenset[str]]
    broad: bool = False
    excepted: dict[Verdict, Spans] = field(default_factory=dict)
    closed: Spans = NOTHING

    @property
    def best(self) -> Verdict:
        """The strongest verdict."""
        return max(self.ports, key=lambda verdict: verdict.rank)


@dataclass(frozen=True, slots=True)
class Sender:
    """A named source, at which verdict it is admitted, and which of its addresses are not.

    ``excepted`` are not at this verdict, ``closed`` at none.
    """

    source: str
    verdict: Verdict
    conditions: frozenset[str]
    excepted: Spans
    closed: Spans = NOTHING


@lru_cache(maxsize=4096)
def sources_of(pieces: Pieces, family: Family, candidates: tuple[str, ...]) -> tuple[Sender, ...]:
    """Name who may send: ``internet``, ``any-customer-of:...``, ``cidr:...``; strongest first.

    Each source stands once, with the strongest verdict at which it is admitted. The levels are
    cumulative: what is admitted for sure is also part of what is admitted under conditions.
    """
    found: dict[str, Sender] = {}
    somehow = union(piece.sources for piece in pieces)
    for label in dict.fromkeys(piece.label for piece in pieces):
        before: Spans | None = None
        for level in _LEVELS:
            some = [p for p in pieces if p.label == label and p.verdict.rank >= level.rank]
            admitted = union(p.sources for p in some) & PUBLIC[family]
            if not admitted or admitted == before:
                continue
            before = admitted
            terms = frozenset(c for p in some if p.verdict is level for c in p.conditions)
            exact = all(p.exact for p in some)
            for source in _named(label, admitted, family, candidates):
                if source in found or (INTERNET in found and label == INTERNET):
                    continue
                verdict = level
                if not exact and breadth(admitted, family) is not Breadth.ANY:
                    # Whose addresses these are is not known, nor whether they get through.
                    verdict, terms = (
                        Verdict.UNKNOWN,
                        terms | {f"not_collected:prefix-list({label})"},
                    )
                whole = _whole(source, label, admitted, family)
                found[source] = Sender(source, verdict, terms, whole - admitted, whole - somehow)
    return tuple(found.values())


def _whole(source: str, label: str, admitted: Spans, family: Family) -> Spans:
    """The public addresses that a source's name stands for."""
    if source == INTERNET:
        return PUBLIC[family]
    return admitted if label != INTERNET else parse(source[5:])[1] & PUBLIC[family]


def _named(
    label: str, admitted: Spans, family: Family, candidates: tuple[str, ...]
) -> tuple[str, ...]:
    if label != INTERNET:
        return (label,)
    if breadth(admitted, family) is Breadth.ANY:
        return (INTERNET,)
    return tuple(f"cidr:{cidr}" for cidr in named(admitted, family, candidates))


def grants(path: Path, family: Family, only: Spans | None = None) -> list[Grant]:
    """Turn a path's flows into grants per source, the path's overall verdict applied."""
    return grants_of(
        [(flow.ports if only is None else flow.ports & only, flow.sources) for flow in path.flows],
        family,
        path.candidates,
        path.verdict,
        path.conditions,
    )


def grants_of(
    flows: Iterable[tuple[Spans, Pieces]],
    family: Family,
    candidates: tuple[str, ...],
    overall: Verdict = Verdict.YES,
    overall_conditions: frozenset[str] = frozenset(),
) -> list[Grant]:
    """Turn flows into grants per source; ``overall`` bounds every verdict."""
    opened: dict[str, dict[Verdict, list[Spans]]] = {}
    terms_of: dict[str, dict[Verdict, set[str]]] = {}
    left_out: dict[str, dict[Verdict, list[Spans]]] = {}
    closed: dict[str, Spans] = {}
    for flow_ports, pieces in flows:
        if not flow_ports:
            continue
        for one in sources_of(pieces, family, candidates):
            source, verdict = one.source, weaker(one.verdict, overall)
            opened.setdefault(source, {}).setdefault(verdict, []).append(flow_ports)
            left_out.setdefault(source, {}).setdefault(verdict, []).append(one.excepted)
            closed[source] = closed.get(source, one.closed) & one.closed
            terms_of.setdefault(source, {}).setdefault(verdict, set()).update(
                one.conditions | overall_conditions
            )
    return [
        Grant(
            source=source,
            ports={verdict: union(some) for verdict, some in by_verdict.items()},
            conditions={v: frozenset(some) for v, some in terms_of[source].items()},
            broad=source.startswith("cidr:") and is_broad(source.removeprefix("cidr:")),
            excepted={v: union(some) for v, some in left_out[source].items()},
            closed=closed[source],
        )
        for source, by_verdict in opened.items()
    ]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a set of reaches is about."""

    target: str
    family: Family
    mechanism: str
    via: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    enters: tuple[str, ...] = ()


def reaches(
    subject: Subject,
    found: Iterable[Grant],
    steps: tuple[Step, ...],
    bound: Verdict = Verdict.YES,
    conditions: frozenset[str] = frozenset(),
) -> list[Reach]:
    """Make results of grants; ``no`` or ``unknown`` from the internet if there are none.

    ``bound`` is the verdict of what holds for every packet (state, health), with its conditions.
    """
    failed = [step for step in steps if step.result == "fail"]
    granted = list(found)
    if len(failed) == 1 and granted:
        # Everything else lets these through.
        opens = port_sets.names(union(spans for one in granted for spans in one.ports.values()))
        steps = tuple(replace(s, opens=opens) if s is failed[0] else s for s in steps)
    elif len(failed) > 1:
        steps = tuple(replace(s, opens=()) if s.opens else s for s in steps)
    if failed or not granted:
        return [_without(subject, steps, failed)]
    return [_reach(subject, grant, steps, bound, conditions) for grant in granted]


def _without(subject: Subject, steps: tuple[Step, ...], failed: list[Step]) -> Reach:
    doubts = [step for step in steps if step.result == "unknown"]
    verdict, reasons = Verdict.NO, failed
    terms: tuple[str, ...] = ()
    if not failed and doubts:
        verdict, reasons = Verdict.UNKNOWN, doubts
        terms = tuple(sorted({f"not_collected:{gap}" for step in doubts for gap in _gaps(step)}))
    why = reasons[0].text if reasons else "Nothing that every control lets through is left."
    answer = Answer(
        verdict=verdict,
        why=why,
        conditions=terms,
        guards=subject.guards,
        evidence=tuple(step.text for step in reasons),
        steps=steps,
    )
    return Reach(
        INTERNET, subject.target, subject.family, subject.mechanism, (), (), subject.via, answer
    )


def _gaps(step: Step) -> list[str]:
    _, found, text = step.text.partition("ollected: ")
    return text.rstrip(".").split(", ") if found else [step.name]


def _reach(
    subject: Subject,
    grant: Grant,
    steps: tuple[Step, ...],
    bound: Verdict,
    conditions: frozenset[str],
) -> Reach:
    verdict = weaker(grant.best, bound)
    strongest = grant.ports[grant.best]
    terms: frozenset[str] = frozenset()
    if verdict is not Verdict.YES:
        terms = grant.conditions[grant.best] | conditions
    names = port_sets.names(strongest)
    others: list[str] = []
    for level in _LEVELS:
        weak = grant.ports.get(level, NOTHING) - strongest
        if level is not grant.best and weak and weaker(level, bound) is not verdict:
            others += [f"{name}={weaker(level, bound)}" for name in port_sets.names(weak)]
    answer = Answer(
        verdict=verdict,
        why=_why(subject, grant.source, names, verdict, terms, steps),
        conditions=tuple(sorted(terms)),
        guards=subject.guards,
        evidence=merged(
            _exceptions(grant.excepted.get(grant.best, NOTHING), subject.family),
            [step.text for step in steps if step.result != "pass"],
            [step.text for step in steps if step.result == "pass"],
        ),
        steps=steps,
    )
    return Reach(
        source=grant.source,
        target=subject.target,
        family=subject.family,
        mechanism=subject.mechanism,
        ports=names,
        other_ports=tuple(others),
        via=subject.via,
        answer=answer,
        broad=grant.broad,
        port_set=strongest,
        enters=subject.enters,
        excepted=grant.excepted.get(grant.best, NOTHING),
        closed=grant.closed,
    )


@lru_cache(maxsize=4096)
def _exceptions(missing: Spans, family: Family, most: int = 20) -> tuple[str, ...]:
    """A sentence about the addresses of the source that are kept out."""
    if not missing:
        return ()
    shown = cidrs(missing, family)
    more = f" and {len(shown) - most} more ranges" if len(shown) > most else ""
    return (f"Every address but {', '.join(shown[:most])}{more}.",)


def _why(
    subject: Subject,
    source: str,
    names: tuple[str, ...],
    verdict: Verdict,
    terms: frozenset[str],
    steps: tuple[Step, ...],
) -> str:
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    who = "the internet" if source == INTERNET else source.removeprefix("cidr:")
    label = "IPv4" if subject.family is Family.IPV4 else "IPv6"
    text = f"{shown} is open to {who} over {label}"
    if subject.via:
        text += f" through {', '.join(subject.via)}"
    if names == ("icmp",) or names == ("icmpv6",):
        text += " (ping only)"
    if verdict is Verdict.DORMANT:
        asleep = [step.text for step in steps if step.name in ("state", "health")]
        text += f", but not now: {asleep[-1] if asleep else 'it is not in service'}"
        return text
    if terms:
        word = "if" if verdict is Verdict.CONDITIONAL else "unknown without"
        text += f", {word} {', '.join(sorted(terms))}"
    return f"{text}."


def merge(found: Iterable[Reach]) -> list[Reach]:
    """One result for each (source, target, mechanism): the row of ``mapper public``.

    The strongest way leads, its ports joined with those of equally strong ways; the others stand
    in ``evidence``. A ``no`` from the internet is kept only where nothing reaches the target by
    that mechanism.
    """
    return _rows(found, lambda _: ())


def each_way(found: Iterable[Reach]) -> list[Reach]:
    """One result for each (source, target, mechanism, ids passed on the way).

    :func:`merge` joins two doors before one target into one row; what stands behind each of them
    must not be lost.
    """
    return _rows(found, lambda one: one.via)


def _rows(found: Iterable[Reach], way_of: Callable[[Reach], tuple[str, ...]]) -> list[Reach]:
    by_way: dict[tuple[str, ...], dict[tuple[str, str, str], list[Reach]]] = {}
    reached: set[tuple[tuple[str, ...], str, str]] = set()
    for one in found:
        way = way_of(one)
        groups = by_way.setdefault(way, {})
        groups.setdefault((one.source, one.target, one.mechanism), []).append(one)
        if one.port_set:
            reached.add((way, one.target, one.mechanism))
    rows: list[Reach] = []
    for way, groups in by_way.items():
        for (source, target, mechanism), ways in groups.items():
            row = ways[0] if len(ways) == 1 else _merged(ways)
            refused = row.verdict is Verdict.NO and source == INTERNET
            if not (refused and (way, target, mechanism) in reached):
                rows.append(row)
    return rows


def _merged(ways: list[Reach]) -> Reach:
    answer = any_of(way.answer for way in ways)
    same = [way for way in ways if way.verdict is answer.verdict]
    strongest = union(way.port_set for way in same)
    others = merged(
        *(way.other_ports for way in ways),
        *(
            (f"{name}={way.verdict}" for name in way.ports)
            for way in ways
            if way.verdict is not answer.verdict and way.verdict is not Verdict.NO
        ),
    )
    names = port_sets.names(strongest)
    open_ways = [way for way in ways if way.verdict is not Verdict.NO]
    told = [way.enters for way in open_ways]
    return replace(
        same[0],
        ports=names,
        other_ports=tuple(o for o in others if o.partition("=")[0] not in names),
        via=merged(*(way.via for way in same)),
        answer=answer,
        port_set=strongest,
        opens=merged(*(way.opens for way in same)),
        enters=merged(*told) if all(told) else (),
        excepted=union(way.excepted for way in same),
        closed=reduce(and_, (way.closed for way in open_ways)) if open_ways else NOTHING,
    )


def open_ports_text(subject: str, found: Spans) -> Step:
    """N11: nothing in AWS's API says what listens; the usual service helps a reader."""
    usual = [
        f"{name} is usually {port_sets.USUAL_SERVICE[name]}"
        for name in port_sets.names(found)
        if name in port_sets.USUAL_SERVICE
    ]
    text = "AWS does not say what listens."
    return Step("listener", subject, "pass", f"{text} {'; '.join(usual)}".rstrip())


__all__ = ["Grant", "Reach", "Subject", "each_way", "grants", "grants_of", "merge", "reaches"]
