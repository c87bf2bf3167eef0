"""From one thing to another by the internet: out to its public address, and in from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.evidence import Step
from graph.network import ports, prefixes
from graph.network.between.admission import has_no_groups
from graph.network.between.egress import interface_to_internet
from graph.network.between.ends import End
from graph.network.between.legs import Hop, half_over_internet
from graph.network.between.pair import sender_state, way_by
from graph.network.between.parts import Part, Parts, through
from graph.network.between.port_names import set_of
from graph.network.between.result import Ends, Way, reach_of
from graph.network.between.walker import trail_to
from graph.network.databases import internet_to_database
from graph.network.doors import internet_to_balancer
from graph.network.facts import Interface
from graph.network.internet import address_step, owner_of, state_of
from graph.network.path import internet_path
from graph.network.pieces import weaker
from graph.network.prefixes import PUBLIC, Family
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition, merged

KIND = "internet"
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
    goal = out.target if out.target != KIND else prefixes.cidrs(PUBLIC[out.family], out.family)[0]
    somewhere = goal.removeprefix("cidr:").partition("/")[0]
    known = [prefixes.parse(one)[1] for one in _clients(world, source, somewhere, out.family)]
    clients = [one for one in known if one & PUBLIC[out.family]]
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


def _admitted(one: Reach, clients: list[Spans], name: str) -> Parts:
    """What of the internet's way in is open to a sender with one of these addresses."""
    if one.verdict is Verdict.NO:
        return ()
    bound: Verdict = one.verdict
    terms = frozenset(one.answer.conditions)
    if one.source == KIND:
        if one.excepted and not _outside(clients, one.excepted):
            bound, terms = weaker(bound, Verdict.CONDITIONAL), terms | {_EXCEPTED}
    elif not one.source.startswith("cidr:"):
        bound, terms = Verdict.UNKNOWN, terms | {condition("not_collected", one.source)}
    elif not clients:
        gap = condition("not_collected", f"public address of {name}")
        bound, terms = Verdict.UNKNOWN, terms | {gap}
    elif not any(prefixes.parse(one.source[5:])[1] & client for client in clients):
        return ()
    opened = [(one.port_set or ports.ALL, bound)]
    for entry in one.other_ports:
        port, _, verdict = entry.rpartition("=")
        opened.append((set_of(port), weaker(Verdict(verdict), bound)))
    return tuple(Part(some, verdict, terms) for some, verdict in opened)


def _outside(clients: list[Spans], excepted: Spans) -> bool:
    """Whether every address that a sender may bear is known, and none of them is left out."""
    return bool(clients) and not any(client & excepted for client in clients)


def _ways(
    world: NetworkWorld, source: Interface, target: Interface, only: Spans
) -> Iterator[Reach]:
    addresses = [one.public for one in target.addresses if one.public]
    addresses += [one for one in target.ipv6 if prefixes.parse(one)[1] & PUBLIC[Family.IPV6]]
    for address in addresses:
        family = prefixes.parse(address)[0]
        if address_step(world, target, family).result != "pass":
            continue
        for out in interface_to_internet(world, source, only, address):
            if out.verdict is not Verdict.NO:
                for client in _clients(world, source, address, family):
                    yield _joined(world, source, target, out, client)
        yield from _half(world, source, target, address, only)


def _clients(world: NetworkWorld, source: Interface, address: str, family: Family) -> Iterator[str]:
    """Addresses that the target may see: the sender's own, or those of what translates."""
    home = world.subnets.get(source.subnet)
    if home is None:
        return
    trail = trail_to(world, home, address)
    translator = world.interfaces.get(trail.nat)
    passed = [world.interfaces[one] for one in trail.via if one in world.interfaces]
    for one in (translator or source, *passed):
        if family is Family.IPV6:
            yield from one.ipv6[:1]
        else:
            yield from [known.public for known in one.addresses if known.public][:1]


def _half(
    world: NetworkWorld, source: Interface, target: Interface, address: str, only: Spans
) -> Iterator[Reach]:
    """There by the internet and back by a private way, as IPv6 addresses allow."""
    first, last = sender_state(world, source), state_of(world, target)
    bound = weaker(first.verdict, last.verdict)
    for mine in source.ipv6[:1]:
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
    world: NetworkWorld, source: Interface, target: Interface, out: Reach, client: str
) -> Reach:
    family, spans = prefixes.parse(client)
    groups = None if has_no_groups(target) else target.groups
    path = internet_path(world, target.subnet, groups, target.account_id, target.region, family)
    state = state_of(world, target)
    admitted: Parts = tuple(
        Part(flow.ports, weaker(piece.verdict, path.verdict), piece.conditions | path.conditions)
        for flow in path.flows
        for piece in flow.sources
        if piece.sources & spans
    )
    leaving = Part(out.port_set, out.verdict, frozenset(out.answer.conditions))
    steps = (
        *out.answer.steps,
        address_step(world, target, family),
        *path.steps,
        state.step,
    )
    way = Way(through((leaving,), admitted), steps, out.via, (KIND,))
    ends = Ends(owner_of(source), owner_of(target), family, source.id, target.id, (target.id,))
    return reach_of(ends, [way], state.verdict)
