"""From one thing to another by the internet: out to its public address, and in from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce

from graph.evidence import Step
from graph.network import ports, prefixes
from graph.network.between.admission import has_no_groups
from graph.network.between.classes import representatives
from graph.network.between.egress import interface_to_internet
from graph.network.between.ends import End
from graph.network.between.legs import Hop, half_over_internet
from graph.network.between.let_in import named_by
from graph.network.between.pair import sender_state, way_by
from graph.network.between.parting import address_in
from graph.network.between.parts import Part, Parts, joined, through
from graph.network.between.port_names import set_of
from graph.network.between.result import Ends, Way, reach_of
from graph.network.between.walker import trail_to
from graph.network.databases import internet_to_database
from graph.network.doors import internet_to_balancer
from graph.network.facts import Interface
from graph.network.internet import address_step, owner_of, state_of
from graph.network.path import Path, internet_path
from graph.network.pieces import weaker
from graph.network.prefixes import PUBLIC, Family
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition, merged

Clients = tuple[str, ...]
"""Addresses of which something that translates takes one, nobody knows which."""

KIND = "internet"
_CHOSEN = condition("context", "nat-gateway-address")
_EXCEPTED = condition("context", "sender-not-excepted")


def end_over_internet(
    world: NetworkWorld, source: End, target: End, only: Spans = ports.ALL
) -> list[Reach]:
    """Ways from one end to another by the target's public addresses; none where there is none."""
    wanted = only & target.ports or only
    found = [
        replace(reach, source=source.id, target=target.id)
        for one in source.interfaces
        for other in target.interfaces
        if one.id != other.id
        for reach in _ways(world, one, other, wanted)
    ]
    seen = [one for one in found if one.verdict is not Verdict.NO]
    return [*seen, *_by_name(world, source, target, wanted)]


def _by_name(world: NetworkWorld, source: End, target: End, only: Spans) -> Iterator[Reach]:
    """Ways to a load balancer or database by public addresses that no interface shows.

    A refusal is told where the thing has public addresses, which private ways say nothing of.
    """
    balancer, database = world.load_balancers.get(target.id), world.databases.get(target.id)
    inward = internet_to_balancer(world, balancer) if balancer else []
    inward += internet_to_database(world, database) if database else []
    shown = {family for one in target.interfaces for family in _public_families(one)}
    unlike = [one for one in inward if one.family not in shown and _has_address(one)]
    for one in source.interfaces if unlike else ():
        for out in interface_to_internet(world, one, only):
            ways = [way for way in unlike if way.family is out.family]
            if out.verdict is not Verdict.NO and ways:
                yield _entered(world, one, target.id, out, ways)


def _public_families(one: Interface) -> Iterator[Family]:
    if any(address.public for address in one.addresses):
        yield Family.IPV4
    if any(prefixes.parse(six)[1] & PUBLIC[Family.IPV6] for six in one.ipv6):
        yield Family.IPV6


def _has_address(one: Reach) -> bool:
    failed = [step for step in one.answer.steps if step.name == "address"]
    return not any(step.result == "fail" for step in failed)


def _entered(
    world: NetworkWorld, source: Interface, target: str, out: Reach, inward: list[Reach]
) -> Reach:
    """Out to addresses that are not known, and in as far as the sender's is let in."""
    leaving = Part(out.port_set, out.verdict, frozenset(out.answer.conditions))
    if out.target != KIND:
        # It gets to a part of the internet, and whether the target lies there is not known.
        terms = leaving.conditions | {condition("not_collected", f"public addresses of {target}")}
        leaving = Part(out.port_set, weaker(out.verdict, Verdict.UNKNOWN), terms)
    goals = PUBLIC[out.family]
    if out.target != KIND:
        goals = goals & prefixes.parse(out.target.removeprefix("cidr:"))[1]
    somewhere = address_in(goals, out.family)
    known = _clients(world, source, somewhere, out.family)
    public = (tuple(a for a in some if prefixes.parse(a)[1] & PUBLIC[out.family]) for some in known)
    clients = [some for some in public if some]
    ends = Ends(owner_of(source), target, out.family, source.id, target, (target,))
    ways = []
    for one in inward:
        admitted = _admitted(one, clients, source.id)
        steps = (*out.answer.steps, *one.answer.steps)
        parts = through((leaving,), admitted)
        if not parts and one.verdict is not Verdict.NO:
            steps = (*steps, _mismatch(one, source.id, bool(admitted)))
        ways.append(Way(parts, steps, out.via, (KIND,)))
    found = reach_of(ends, ways)
    guards = merged(*(one.answer.guards for one in inward))
    return replace(found, answer=replace(found.answer, guards=guards))


def _mismatch(one: Reach, sender: str, admitted: bool) -> Step:
    """What keeps a sender out where something else gets in."""
    if admitted:
        text = f"Only {', '.join(one.ports)} is open to this sender."
        return Step("port", one.target, "fail", text, ())
    text = f"Only {one.source.removeprefix('cidr:')} is let in, not {sender}."
    return Step("sender's address", one.target, "fail", text, ())


def _admitted(one: Reach, clients: list[Clients], name: str) -> Parts:
    """What of the internet's way in is open to a sender with one of these addresses."""
    if one.verdict is Verdict.NO:
        return ()
    whole = named_by(one)
    if whole is None:
        return _bounded(one, Verdict.UNKNOWN, condition("not_collected", one.source))
    if not clients:
        if whole == PUBLIC[one.family]:
            return _bounded(one, Verdict.CONDITIONAL, _EXCEPTED) if one.excepted else _open(one)
        gap = condition("not_collected", f"public address of {name}")
        return _bounded(one, Verdict.UNKNOWN, gap)
    found: Parts = ()
    for some in clients:
        senders = [prefixes.parse(address)[1] for address in some]
        let_in = [sender for sender in senders if sender & (whole - one.closed)]
        if len(let_in) == len(senders) and all(whole.covers(each) for each in senders):
            if not any(sender & one.excepted for sender in senders):
                return _open(one)
            found = _bounded(one, Verdict.CONDITIONAL, _EXCEPTED)
        elif let_in and not found:
            found = _bounded(one, Verdict.CONDITIONAL, _CHOSEN)
    return found


def _open(one: Reach) -> Parts:
    return _bounded(one, Verdict.YES)


def _bounded(one: Reach, bound: Verdict, *more: str) -> Parts:
    """The ports of a result, as far as a bound lets them, on more conditions."""
    terms = frozenset((*one.answer.conditions, *more))
    opened = [(one.port_set or ports.ALL, weaker(one.verdict, bound))]
    for entry in one.other_ports:
        port, _, verdict = entry.rpartition("=")
        opened.append((set_of(port), weaker(Verdict(verdict), weaker(one.verdict, bound))))
    return tuple(Part(some, verdict, terms) for some, verdict in opened)


def _ways(
    world: NetworkWorld, source: Interface, target: Interface, only: Spans
) -> Iterator[Reach]:
    addresses = [one.public for one in target.addresses if one.public]
    addresses += [one for one in target.ipv6 if prefixes.parse(one)[1] & PUBLIC[Family.IPV6]]
    for address in addresses:
        family = prefixes.parse(address)[0]
        if address_step(world, target, family).result == "fail":
            continue
        for out in interface_to_internet(world, source, only, address):
            if out.verdict is not Verdict.NO:
                seen = _clients(world, source, address, family)
                told_apart = (representatives(world, some, family) for some in seen)
                for some in dict.fromkeys(told_apart) or ((),):
                    yield _joined(world, source, target, address, out, some)
        yield from _half(world, source, target, address, only)


def _clients(
    world: NetworkWorld, source: Interface, address: str, family: Family
) -> Iterator[Clients]:
    """Addresses that the target may see: the sender's own, or those of what translates.

    A sender chooses among its own; among those of a NAT gateway the gateway does, and AWS does not
    say how (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html).
    """
    home = world.subnets.get(source.subnet)
    if home is None:
        return
    trail = trail_to(world, home, address)
    translator = world.interfaces.get(trail.nat)
    passed = [world.interfaces[one] for one in trail.via if one in world.interfaces]
    for one in (translator or source, *passed):
        seen = one.ipv6 if family is Family.IPV6 else _elastic(one)
        if one.id in world.nat_interfaces:
            yield from (seen,) if seen else ()
        else:
            yield from ((each,) for each in seen)


def _elastic(one: Interface) -> tuple[str, ...]:
    return tuple(known.public for known in one.addresses if known.public)


def _half(
    world: NetworkWorld, source: Interface, target: Interface, address: str, only: Spans
) -> Iterator[Reach]:
    """There by the internet and back by a private way, as IPv6 addresses allow."""
    first, last = sender_state(world, source), state_of(world, target)
    bound = weaker(first.verdict, last.verdict)
    for mine in representatives(world, source.ipv6, Family.IPV6):
        hop = Hop(source, target, mine, address, Family.IPV6)
        ways = [
            replace(way, steps=(first.step, *way.steps, last.step), kinds=(KIND,))
            for found in (half_over_internet(world, hop) if ":" in address else ())
            for way in (way_by(world, hop, *found, only),)
        ]
        if not ways or bound is Verdict.NO:
            continue
        ends = Ends(
            owner_of(source), owner_of(target), Family.IPV6, source.id, target.id, (target.id,)
        )
        yield reach_of(ends, ways, bound)


def _joined(
    world: NetworkWorld,
    source: Interface,
    target: Interface,
    address: str,
    out: Reach,
    clients: Clients,
) -> Reach:
    family = prefixes.parse(address)[0]
    groups = None if has_no_groups(target) else target.groups
    path = internet_path(world, target.subnet, groups, target.account_id, target.region, family)
    state, addressed = state_of(world, target), address_step(world, target, family)
    leaving = Part(out.port_set, out.verdict, frozenset(out.answer.conditions))
    if addressed.result == "unknown":
        gap = condition("not_collected", addressed.text.partition("ollected: ")[2].rstrip("."))
        leaving = Part(
            out.port_set, weaker(out.verdict, Verdict.UNKNOWN), leaving.conditions | {gap}
        )
    steps = (*out.answer.steps, addressed, *path.steps, state.step)
    entering = _let_in(path, clients) if clients else _let_in_any(path, family, source.id)
    way = Way(through((leaving,), entering), steps, out.via, (KIND,))
    ends = Ends(owner_of(source), owner_of(target), family, source.id, target.id, (target.id,))
    return reach_of(ends, [way], state.verdict)


def _let_in_any(path: Path, family: Family, sender: str) -> Parts:
    """What a path lets in from a sender whose public address is not known."""
    gap = condition("not_collected", f"public address of {sender}")
    found = []
    for flow in path.flows:
        for piece in flow.sources:
            verdict, terms = weaker(piece.verdict, path.verdict), piece.conditions | path.conditions
            if not piece.sources.covers(PUBLIC[family]):
                verdict, terms = weaker(verdict, Verdict.UNKNOWN), terms | {gap}
            found.append(Part(flow.ports, verdict, terms))
    return joined(tuple(found))


def _let_in(path: Path, clients: Clients) -> Parts:
    """What a path lets in from addresses of which a NAT gateway takes one."""
    each = [_admits(path, prefixes.parse(client)[1]) for client in clients]
    if len(each) == 1:
        return each[0]
    some = tuple(
        Part(one.ports, weaker(one.verdict, Verdict.CONDITIONAL), one.conditions | {_CHOSEN})
        for parts in each
        for one in parts
    )
    sure = reduce(lambda one, other: joined(through(one, other)), each)
    return joined((*sure, *some))


def _admits(path: Path, spans: Spans) -> Parts:
    found = (
        Part(flow.ports, weaker(piece.verdict, path.verdict), piece.conditions | path.conditions)
        for flow in path.flows
        for piece in flow.sources
        if piece.sources & spans
    )
    return joined(tuple(found))
