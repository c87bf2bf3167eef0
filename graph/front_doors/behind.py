"""What stands behind a front door: a reach through it, made of both parts' proofs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graph.evidence import Step
from graph.network.facts import Interface
from graph.network.internet import address_step, inspection_step, owner_of, state_of
from graph.network.path import internet_path, steps_in
from graph.network.pieces import INTERNET, weaker
from graph.network.prefixes import Family, parse
from graph.network.reach import Reach, Subject, grants_of, reaches
from graph.network.spans import NOTHING, Spans
from graph.network.world import NetworkWorld
from graph.verdict import Answer, Verdict, all_of, condition

CLOUDFRONT = "any-customer-of:cloudfront"
_ORIGIN_FACING = "cloudfront.origin-facing"


def passed_on(front: Reach, found: Reach, via: tuple[str, ...]) -> Reach:
    """A reach through a door to what stands behind it.

    Args:
        front: the reach to the door, its locks in the answer.
        found: the reach from the door on; its source is kept.
        via: every id passed, the door first.
    """
    both = all_of((front.answer, found.answer))
    conditions = "" if not both.conditions else f", if {', '.join(both.conditions)}"
    why = f"{front.target} passes requests on to {found.target}{conditions}."
    if both.verdict in (Verdict.NO, Verdict.UNKNOWN, Verdict.DORMANT):
        why = both.why
    shut = both.verdict is Verdict.NO
    return replace(
        found,
        source=INTERNET if shut else found.source,
        family=front.family,
        mechanism=front.mechanism,
        via=via,
        ports=() if shut else found.ports,
        other_ports=() if shut else found.other_ports,
        port_set=NOTHING if shut else found.port_set,
        answer=both.because(why),
        enters=front.ports,
    )


def from_cloudfront(world: NetworkWorld, found: Iterable[Reach]) -> Iterator[Reach]:
    """Reaches that CloudFront's own servers have, told as the internet's.

    Whoever is admitted from everywhere or by CloudFront's managed prefix list is. Of a fixed range
    it is known only where the list's entries were read.
    """
    for one in found:
        if one.source in (INTERNET, CLOUDFRONT):
            yield replace(one, source=INTERNET)
        elif one.source.startswith("cidr:"):
            yield _ranged(world, one)


def _ranged(world: NetworkWorld, one: Reach) -> Reach:
    family, spans = parse(one.source.removeprefix("cidr:"))
    servers = _servers(world, family)
    name, subject = "source range", one.target
    if servers is None:
        gap = "ec2.get_managed_prefix_list_entries(com.amazonaws.global.cloudfront.origin-facing)"
        text = f"Not collected: {gap}."
        step = Step(name, subject, "unknown", text)
        doubt = Answer(Verdict.UNKNOWN, text, (condition("not_collected", gap),), steps=(step,))
        return replace(one, source=INTERNET, answer=all_of((one.answer, doubt)))
    if servers & spans:
        return replace(one, source=INTERNET)
    text = f"{one.source.removeprefix('cidr:')} holds no address of CloudFront's servers."
    shut = Answer(Verdict.NO, text, steps=(Step(name, subject, "fail", text),), evidence=(text,))
    return replace(one, source=INTERNET, ports=(), other_ports=(), port_set=NOTHING, answer=shut)


def _servers(world: NetworkWorld, family: Family) -> Spans | None:
    """Addresses of CloudFront's servers that talk to origins; ``None`` if they were not read."""
    from_lists = [
        one.cidrs
        for one in world.facts.prefix_lists
        if one.owner == "AWS" and _ORIGIN_FACING in one.name and one.cidrs is not None
    ]
    spans = NOTHING
    for cidrs in from_lists:
        for cidr in cidrs:
            kind, more = parse(cidr)
            spans = spans | more if kind is family else spans
    return spans or None


def interface_reaches(
    world: NetworkWorld, interface: Interface, family: Family, wanted: Spans, mechanism: str
) -> list[Reach]:
    """The internet's reach to some ports of an interface, steps N1 to N9."""
    path = internet_path(
        world,
        interface.subnet,
        interface.groups,
        interface.account_id,
        interface.region,
        family,
        wanted,
    )
    flows = [(flow.ports & wanted, flow.sources) for flow in path.flows]
    granted = grants_of(flows, family, path.candidates, path.verdict, path.conditions)
    address, state = address_step(world, interface, family), state_of(world, interface)
    bound, terms = state.verdict, set[str]()
    for step in (address, state.step):
        if step.result == "unknown":
            bound = weaker(bound, Verdict.UNKNOWN)
            terms.add(f"not_collected:{step.text.split('ollected: ', 1)[-1].rstrip('.')}")
    steps = (
        address,
        *steps_in(world, path, interface.subnet),
        state.step,
        inspection_step(path, granted),
    )
    subject = Subject(owner_of(interface), family, mechanism)
    return reaches(subject, granted, steps, bound, frozenset(terms))


__all__ = ["CLOUDFRONT", "from_cloudfront", "interface_reaches", "passed_on"]
