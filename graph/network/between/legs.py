"""The stretches that packets and their replies go between two interfaces.

Rules: "Enable internet access using internet gateways" and "NAT devices" of the VPC user guide. An
IPv6 address is private and public at once, so that the request and its reply may go different ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, product

from graph.evidence import Step
from graph.network import prefixes
from graph.network.between.middleboxes import most_exits
from graph.network.between.trail import (
    EGRESS_ONLY,
    INTERNET,
    NAME,
    ON_PREM,
    PLAIN,
    VPC,
    Crossing,
    Manner,
    Trail,
    arriving,
    returning,
)
from graph.network.between.walker import trail_to
from graph.network.between.way_out import Out, entering, gate_step, out_of
from graph.network.between.zones import settled
from graph.network.block_public_access import block_public_access_step
from graph.network.facts import Interface, Subnet
from graph.network.pieces import weaker
from graph.network.prefixes import PUBLIC, Family
from graph.network.routes import gateway_step
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

ASYMMETRIC = condition("context", "asymmetric-ipv6")
"""One way by both internet gateways, the other by a private way: AWS's text is silent."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch that packets go: its trail, the addresses they carry, the subnet it ends in."""

    trail: Trail
    source: str
    destination: str
    subnet: str

    def crossings(self) -> Iterator[tuple[str, str, str]]:
        """(subnet, ``in`` or ``out``, the address that its network ACL looks at)."""
        last: list[Crossing] = []
        if self.trail.verdict is not Verdict.NO and self.trail.last != self.subnet:
            if self.trail.last:
                last.append(Crossing(self.trail.last, "out", self.trail.source))
            last.append(Crossing(self.subnet, "in", self.trail.source))
        for one in (*self.trail.crossings, *last):
            source = one.source or self.source
            yield one.subnet, one.way, self.destination if one.way == "out" else source


@dataclass(frozen=True, slots=True)
class Hop:
    """Two interfaces and the addresses by which one sends to the other."""

    source: Interface
    target: Interface
    sends_as: str
    sends_to: str
    family: Family


_MOST_CHOICES = 64

Legs = tuple[list[Leg], list[Leg]]
"""The way there and the way back."""


def by_zones(world: NetworkWorld, hop: Hop, found: Legs) -> Iterator[Legs]:
    """The same legs for each choice of zones by which they may go.

    An attachment has one subnet in a zone, so that there are few (transit gateway guide, "VPC
    attachments").
    """
    there, back = found
    choices = (settled(world, leg.trail, leg.subnet, hop.family) for leg in (*there, *back))
    for trails in islice(product(*choices), _MOST_CHOICES):
        made = [
            replace(leg, trail=trail) for leg, trail in zip((*there, *back), trails, strict=True)
        ]
        yield made[: len(there)], made[len(there) :]


def _legs(world: NetworkWorld, hop: Hop, manner: Manner) -> Legs:
    source, target = hop.source, hop.target
    if source.subnet == target.subnet:
        return [], []
    home, away = world.subnets.get(source.subnet), world.subnets.get(target.subnet)
    if home is None or away is None:
        missing = source if home is None else target
        call = "ec2.describe_subnets"
        gap = world.gap(call, missing.account_id, missing.region)
        trail = Trail().unknown(missing.subnet, [gap or f"{call}({missing.subnet})"])
        return [Leg(trail, hop.sends_as, hop.sends_to, target.subnet)], []
    forward = trail_to(world, home, hop.sends_to, manner)
    answer_to = forward.source or hop.sends_as
    translator = world.interfaces.get(forward.nat)
    first = translator or source
    backward = trail_to(world, away, answer_to, replace(manner, translates=False))
    if forward.end == ON_PREM and backward.end == ON_PREM:
        forward = forward.unknown(forward.place, [f"routing beyond {forward.place}"])
        backward = backward.unknown(backward.place, [f"routing beyond {backward.place}"])
    arrived = arriving(forward, target)
    there = [Leg(arrived, hop.sends_as, hop.sends_to, target.subnet)]
    by_internet = backward.end == INTERNET and arrived.end == VPC and not forward.source
    if hop.family is Family.IPV6 and by_internet:
        answer = Hop(target, source, hop.sends_to, hop.sends_as, hop.family)
        return there, _by_gateways(world, answer, away, home, backward)
    backward = arriving(returning(backward), first)
    back = [Leg(backward, hop.sends_to, answer_to, first.subnet)]
    if translator is not None:
        back += _from_translator(world, forward, translator, hop)
    return there, back


def every_legs(world: NetworkWorld, hop: Hop) -> Iterator[Legs]:
    """The ways there and back, one for each manner in which appliances may send on."""
    first = _legs(world, hop, PLAIN)
    yield from by_zones(world, hop, first)
    legs_met = (*first[0], *first[1])
    passed = [one for leg in legs_met if "appliance" in leg.trail.kinds for one in leg.trail.via]
    if not passed:
        return
    most = most_exits(world, passed)
    for number in range(most):
        if most > 1:
            yield from by_zones(world, hop, _legs(world, hop, Manner(exit=number)))
        made = _legs(world, hop, Manner(translates=True, exit=number))
        if made[0][0].trail.nat:
            yield from by_zones(world, hop, made)


def _from_translator(
    world: NetworkWorld, forward: Trail, translator: Interface, hop: Hop
) -> list[Leg]:
    """From what translates, which gives the reply its first address back, to the sender."""
    source = hop.source
    place = world.subnets.get(forward.back_from or translator.subnet)
    if place is None or place.id == source.subnet:
        return []
    trail = arriving(returning(trail_to(world, place, hop.sends_as)), source)
    return [Leg(trail, hop.sends_to, hop.sends_as, source.subnet)]


def half_over_internet(world: NetworkWorld, hop: Hop) -> Iterator[Legs]:
    """There by both VPCs' gateways, back by a private way, once for each choice of zones.

    An egress-only gateway sends the request on; the reply, which it need not know, passes it by.
    """
    home, away = world.subnets.get(hop.source.subnet), world.subnets.get(hop.target.subnet)
    if hop.family is not Family.IPV6 or home is None or away is None or home.id == away.id:
        return
    forward = trail_to(world, home, hop.sends_to)
    backward = trail_to(world, away, hop.sends_as)
    if forward.end not in (INTERNET, EGRESS_ONLY) or backward.end != VPC:
        return
    if Verdict.NO in (forward.verdict, backward.verdict):
        return
    back = Leg(arriving(backward, hop.source), hop.sends_to, hop.sends_as, home.id)
    there = _by_gateways(world, hop, home, away, forward)
    yield from by_zones(world, hop, (there, [back]))


def _by_gateways(
    world: NetworkWorld, hop: Hop, home: Subnet, away: Subnet, trail: Trail
) -> list[Leg]:
    """Out by one VPC's internet gateway and in by the other's, under addresses of their own."""
    out = Out(hop.source, home, hop.sends_as, hop.sends_to, hop.family)
    gone = _held_up(out_of(world, out, trail), gate_step(world, out, trail))
    if gone.verdict is Verdict.NO:
        return [Leg(gone, hop.sends_as, hop.sends_to, "")]
    text = (
        f"{hop.sends_to} is reached over the internet, but what it exchanges packets with goes "
        "the other way privately: AWS does not say whether a connection may."
    )
    step = Step(NAME, trail.place, "conditional", text)
    gone = replace(
        gone,
        steps=(*gone.steps, step),
        verdict=weaker(gone.verdict, Verdict.CONDITIONAL),
        conditions=gone.conditions | {ASYMMETRIC},
        references="",
    )
    private = prefixes.of(away.private_ipv6, Family.IPV6)
    came = entering(world, replace(gone, end=INTERNET), hop.target, away, hop.sends_to)
    for gate in (block_public_access_step(world, away), gateway_step(world, away)):
        came = _held_up(came, gate)
    if not prefixes.parse(hop.sends_to)[1] & (PUBLIC[Family.IPV6] - private):
        text = f"{hop.sends_to} is no address of the internet."
        came = came.dropped(hop.target.id, text)
    return [
        Leg(gone, hop.sends_as, hop.sends_to, ""),
        Leg(came, hop.sends_as, hop.sends_to, away.id),
    ]


def _held_up(trail: Trail, gate: Step) -> Trail:
    """The trail through a gate, which may be closed or not known."""
    if trail.verdict is Verdict.NO or gate.result == "pass":
        return trail
    if gate.result == "unknown":
        return trail.unknown(gate.subject, [gate.text.split("ollected: ", 1)[-1].rstrip(".")])
    return trail.dropped(gate.subject, gate.text, gate.refs, gate.code)
