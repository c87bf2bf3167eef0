"""Concrete packets against the engine's sets: neither may say what the other denies.

The simulator walks one packet and its reply; the engine gives sets of sources and ports with a
verdict. A ``yes`` must be a packet that arrives and is answered, a ``no`` one that is not.
``conditional`` and ``unknown`` claim neither.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st

from conftest import FRESH_SEED
from graph.network import ports, prefixes
from graph.network.between.egress import interface_to_internet
from graph.network.between.ends import End
from graph.network.between.over_internet import end_over_internet
from graph.network.between.pair import judge
from graph.network.facts import Interface
from graph.network.from_snapshot import network_world
from graph.network.internet import address_step, owner_of, state_of
from graph.network.path import internet_path
from graph.network.pieces import weaker
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict
from packets.as_snapshot import snapshot_of
from packets.simulator import (
    ICMP,
    ICMPV6,
    INTERNET,
    TCP,
    UDP,
    Packet,
    Result,
    Walk,
)
from packets.world import Undecided, World
from packets.worlds import Probe, interesting_packets, run, worlds

RUN = int(os.environ.get(FRESH_SEED, "1"))
SHORT, LONG = 60, 4000
# Without shrinking: a world is large, and the packet in the message says enough.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


def asked_of(packet: Packet) -> Spans:
    """Protocol and port of a packet as the engine's set."""
    if packet.protocol in (TCP, UDP) and packet.destination_port is not None:
        return ports.span(packet.protocol, packet.destination_port, packet.destination_port)
    if packet.protocol in (ICMP, ICMPV6):
        return ports.icmp(packet.protocol, packet.icmp_type, packet.icmp_code)
    return ports.of_protocol(packet.protocol)


def from_the_internet(world: NetworkWorld, interface: Interface, packet: Packet) -> Verdict:
    """The engine's verdict for one packet from the internet."""
    family, sender = prefixes.parse(packet.source)
    if address_step(world, interface, family).result == "fail":
        return Verdict.NO
    wanted = asked_of(packet)
    path = internet_path(
        world,
        interface.subnet,
        interface.groups or None,
        interface.account_id,
        interface.region,
        family,
    )
    found = [
        piece.verdict
        for flow in path.flows
        if flow.ports & wanted
        for piece in flow.sources
        if piece.sources & sender
    ]
    best = max(found, key=lambda one: one.rank, default=Verdict.NO)
    return weaker(weaker(best, path.verdict), state_of(world, interface).verdict)


def strongest(found: list[Reach], asked: Spans) -> Verdict:
    """The best verdict of results that were asked for one port."""
    verdicts = [
        one.verdict if one.port_set & asked or one.verdict is Verdict.UNKNOWN else Verdict.NO
        for one in found
    ]
    return max(verdicts, key=lambda one: one.rank, default=Verdict.NO)


def named(world: NetworkWorld, short: str) -> Interface:
    return next(one for one in world.facts.interfaces if one.id.endswith(f"/{short}"))


def sending_as(interface: Interface, address: str) -> Interface:
    """An interface with the one address that a packet comes from."""
    own = tuple(held for held in interface.addresses if held.private == address)
    return replace(interface, addresses=own, ipv6=() if own else (address,))


def holder(world: NetworkWorld, address: str) -> Interface | None:
    """The only interface with an address, public or private."""
    found = [
        one
        for one in world.facts.interfaces
        if address in one.ipv6
        or any(address in (held.private, held.public) for held in one.addresses)
    ]
    return found[0] if len(found) == 1 else None


def engine(world: NetworkWorld, probe: Probe) -> Verdict | None:
    """The engine's verdict; ``None`` for what it is not asked."""
    packet, asked = probe.packet, asked_of(probe.packet)
    target = holder(world, packet.destination)
    if probe.sender is None:
        return from_the_internet(world, target, packet) if target else None
    family, spans = prefixes.parse(packet.destination)
    source = sending_as(named(world, probe.sender), packet.source)
    if target is None:
        if not spans & prefixes.PUBLIC[family] or _is_known(world, packet.destination):
            return None
        return strongest(interface_to_internet(world, source, asked, packet.destination), asked)
    if _is_public_of(target, packet.destination):
        return None
    found = [judge(world, source, target, family, asked)]
    if family is Family.IPV6 and target.kind == "vpc_endpoint":
        return None  # It serves no internet; the simulator knows it of hosts out there only.
    if family is Family.IPV6:
        # The address is public too, so that the way may be the internet: as `mapper reach` answers.
        held = replace(target, addresses=(), ipv6=(packet.destination,))
        ends = [End(owner_of(one), (one,)) for one in (source, held)]
        found += end_over_internet(world, ends[0], ends[1], asked)
    return strongest(found, asked)


def _is_public_of(interface: Interface, address: str) -> bool:
    return any(address == held.public for held in interface.addresses)


def _is_known(world: NetworkWorld, address: str) -> bool:
    return any(
        address in one.ipv6 or any(address in (h.private, h.public) for h in one.addresses)
        for one in world.facts.interfaces
    )


def simulated(world: World, probe: Probe) -> list[Result]:
    """What the simulator says; twice where appliances may send on by another interface."""
    found: list[Result] = []
    for far_side in (False, True):
        try:
            found.append(run(world, probe, far_side=far_side))
        except Undecided:
            continue
        if not any(walk and walk.through for walk in (found[-1].request, found[-1].reply)):
            break
    return found


def contradiction(verdict: Verdict, result: Result, probe: Probe) -> str:
    """What one says and the other denies; nothing where they agree.

    From the internet a way without a return route is ``no`` for every protocol, though a datagram
    arrives: docs/exposure.md, Disagreements.
    """
    packet = probe.packet
    if packet.source_port is not None and packet.source_port < 1024:
        return ""  # Verdicts are about clients with ephemeral ports.
    answered = result.delivered and result.replied
    if verdict is Verdict.YES and result.request.through:
        return "yes through an appliance"
    if verdict is Verdict.YES and not answered:
        return "yes, but it is not answered"
    if verdict is Verdict.YES and half_over_internet(result):
        return "yes half over the internet"
    if verdict is Verdict.NO and answered and by_egress_only_gateway(result.reply):
        return ""  # It is stateful and knows no such connection: docs/exposure.md, Disagreements.
    if verdict is Verdict.NO and answered:
        return "no, but it is answered"
    entered = probe.sender is None or (
        result.request.arrived != INTERNET and over_internet(result.request)
    )
    one_way = packet.protocol != TCP and not entered
    if verdict is Verdict.NO and result.delivered and one_way:
        return "no, but it arrives one way"
    return ""


def over_internet(walk: Walk) -> bool:
    """Whether a packet went over the internet."""
    return any(hop.startswith("internet:") for hop in walk.hops)


def half_over_internet(result: Result) -> bool:
    """Whether a packet arrived here over the internet and its reply did not, or the reverse."""
    reply = result.reply
    if reply is None or not reply.delivered or INTERNET in (result.request.arrived, reply.arrived):
        return False
    return over_internet(result.request) != over_internet(reply)


def by_egress_only_gateway(walk: Walk | None) -> bool:
    """Whether a packet left a VPC by an egress-only gateway."""
    return walk is not None and any(" to eigw-" in hop for hop in walk.hops)


def compared(world: World, draw: int) -> Iterator[tuple[Probe, Verdict, Result, str]]:
    """Every probe that both decide, with the contradiction if there is one."""
    with tempfile.TemporaryDirectory() as folder:
        facts = network_world(snapshot_of(world, Path(folder)))
    for probe in interesting_packets(world, limit=60, seed=draw):
        verdict = engine(facts, probe)
        if verdict is None:
            continue
        for result in simulated(world, probe):
            yield probe, verdict, result, contradiction(verdict, result, probe)


def check(world: World, draw: int) -> None:
    note(f"{FRESH_SEED}={RUN}")
    for probe, verdict, result, wrong in compared(world, draw):
        assert not wrong, (wrong, probe, verdict, result)


@seed(RUN)
@settings(max_examples=SHORT, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(world=worlds(), draw=st.integers(0, 1 << 20))
def test_packets_agree_with_the_sets(world: World, draw: int) -> None:
    check(world, draw)


@pytest.mark.long
@seed(RUN)
@settings(max_examples=LONG, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(world=worlds(), draw=st.integers(0, 1 << 20))
def test_packets_agree_with_the_sets_in_many_worlds(world: World, draw: int) -> None:
    check(world, draw)


def test_the_comparison_compares() -> None:
    """Enough of every kind: packets that get through and that do not, by each way."""
    seen: Counter[tuple[str, bool]] = Counter()
    every: list[World] = []

    @seed(1)
    @settings(
        max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(world=worlds())
    def gather(world: World) -> None:
        every.append(world)

    gather()
    for world in every:
        for probe, verdict, _, _ in compared(world, 0):
            kind = "internet" if probe.sender is None else "interface"
            if verdict in (Verdict.YES, Verdict.NO):
                seen[kind, verdict is Verdict.YES] += 1
    assert (
        min(seen[kind, open_] for kind in ("internet", "interface") for open_ in (True, False)) > 50
    )
