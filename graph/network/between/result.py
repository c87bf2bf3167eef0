"""Parts and steps as a :class:`~graph.network.reach.Reach`, ``no`` included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.evidence import Step
from graph.network import ports as port_sets
from graph.network.between.parts import Parts
from graph.network.pieces import weaker
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import NOTHING, Spans, union
from graph.verdict import Answer, Verdict, merged

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Way:
    """One way between two addresses: what gets through, its steps and what it passes."""

    parts: Parts
    steps: tuple[Step, ...]
    via: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def best(self) -> Verdict:
        """The strongest verdict of its parts."""
        return max((p.verdict for p in self.parts), key=lambda v: v.rank, default=Verdict.NO)


@dataclass(frozen=True, slots=True)
class Ends:
    """Who reaches whom, in which family."""

    source: str
    target: str
    family: Family
    source_name: str = ""
    target_name: str = ""
    via: tuple[str, ...] = ()


def shown(ports: Spans, most: int = _SHOWN) -> str:
    """A set of ports for a sentence."""
    names = port_sets.names(ports)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def reach_of(ends: Ends, ways: Iterable[Way], bound: Verdict = Verdict.YES) -> Reach:
    """One result of all ways between two ends; the strongest way gives the steps.

    ``bound`` is what the ends' state allows.
    """
    found = sorted(ways, key=lambda way: (-way.best.rank, len(way.steps), way.via))
    way = found[0]
    kinds = tuple(dict.fromkeys(way.kinds))
    mechanism = f"{'+'.join(kinds) or 'local'}/{ends.family}"
    levels: dict[Verdict, list[Spans]] = {}
    terms: dict[Verdict, set[str]] = {}
    for part in (part for one in found for part in one.parts):
        verdict = weaker(part.verdict, bound)
        levels.setdefault(verdict, []).append(part.ports)
        terms.setdefault(verdict, set()).update(part.conditions)
    if not levels:
        return _refused(ends, mechanism, way)
    ordered = sorted(levels, key=lambda verdict: -verdict.rank)
    best, strongest, rest = ordered[0], union(levels[ordered[0]]), []
    taken = strongest
    for verdict in ordered[1:]:
        weak = union(levels[verdict]) - taken
        taken = taken | weak
        rest += [f"{name}={verdict}" for name in port_sets.names(weak)] if weak else []
    conditions = () if best is Verdict.YES else tuple(sorted(terms[best]))
    answer = Answer(
        verdict=best,
        why=_why(ends, strongest, best, conditions, way),
        conditions=conditions,
        evidence=merged(
            (step.text for step in way.steps if step.result != "pass"),
            (step.text for step in way.steps if step.result == "pass"),
        ),
        steps=way.steps,
    )
    return Reach(
        source=ends.source,
        target=ends.target,
        family=ends.family,
        mechanism=mechanism,
        ports=port_sets.names(strongest),
        other_ports=tuple(rest),
        via=(*way.via, *ends.via),
        answer=answer,
        port_set=strongest,
    )


def _refused(ends: Ends, mechanism: str, way: Way) -> Reach:
    failed = [step for step in way.steps if step.result == "fail"]
    why = failed[0].text if failed else "No port gets through every control on the way."
    answer = Answer(
        verdict=Verdict.NO,
        why=why,
        evidence=tuple(step.text for step in failed),
        steps=way.steps,
    )
    return Reach(
        ends.source, ends.target, ends.family, mechanism, (), (), way.via, answer, port_set=NOTHING
    )


def _why(ends: Ends, ports: Spans, verdict: Verdict, conditions: tuple[str, ...], way: Way) -> str:
    label = "IPv4" if ends.family is Family.IPV4 else "IPv6"
    source, target = ends.source_name or ends.source, ends.target_name or ends.target
    text = f"{source} reaches {shown(ports)} of {target} over {label}"
    if way.via:
        text += f" through {', '.join(way.via)}"
    if verdict is Verdict.DORMANT:
        asleep = [s.text for s in way.steps if s.name.endswith("state") and s.result != "pass"]
        return f"{text}, but not now: {asleep[-1] if asleep else 'it is not in service.'}"
    if conditions:
        word = "if" if verdict is Verdict.CONDITIONAL else "unknown without"
        text += f", {word} {', '.join(conditions)}"
    return f"{text}."
