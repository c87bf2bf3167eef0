"""From one thing to another by the internet: out to its public address, and in from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.network import ports, prefixes
from graph.network.between.admission import has_no_groups
from graph.network.between.egress import interface_to_internet
from graph.network.between.ends import End
from graph.network.between.legs import Hop, half_over_internet
from graph.network.between.pair import sender_state, way_by
from graph.network.between.parts import Part, Parts, through
from graph.network.between.result import Ends, Way, reach_of
from graph.network.between.walker import trail_to
from graph.network.facts import Interface
from graph.network.internet import address_step, owner_of, state_of
from graph.network.path import internet_path
from graph.network.pieces import weaker
from graph.network.prefixes import PUBLIC, Family
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

KIND = "internet"


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
    return [one for one in found if one.verdict is not Verdict.NO]


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
        found = half_over_internet(world, hop) if ":" in address else None
        if found is None or bound is Verdict.NO:
            continue
        way = way_by(world, hop, *found, only)
        way = replace(way, steps=(first.step, *way.steps, last.step), kinds=(KIND,))
        ends = Ends(
            owner_of(source), owner_of(target), Family.IPV6, source.id, target.id, (target.id,)
        )
        yield reach_of(ends, [way], bound)


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
