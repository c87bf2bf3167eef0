"""How packets to one address go, as far as it was followed: what they passed and where they end.

A walk ends in a VPC, on premises, at the internet, or nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from graph.evidence import Ref, Step
from graph.network import prefixes
from graph.network.facts import Interface, Subnet
from graph.network.prefixes import Family
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

NAME = "route"
_NO_ROUTE = "NO_ROUTE_TO_DESTINATION"
VPC, ON_PREM, INTERNET, EGRESS_ONLY, NOWHERE = (
    "vpc",
    "on-prem",
    "internet",
    "egress-only",
    "",
)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A network ACL that packets meet on the way: a subnet's, ``in`` or ``out``.

    ``source`` is the sender's address there if a NAT gateway changed it, else empty.
    """

    subnet: str
    way: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several ways of which only the Availability Zone tells which packets go.

    Its members mean the same as those of :class:`Trail`.
    """

    crossings: tuple[Crossing, ...]
    last: str
    source: str
    steps: tuple[Step, ...]
    via: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trail:
    """How packets go, and where they end.

    Attributes:
        end: ``vpc``, ``on-prem``, ``internet``, ``egress-only`` or empty: dropped, or not known.
        place: id of where that is: the VPC, ``on-prem:<gateway>``, the gateway.
        steps: one for each route and joint that was passed.
        verdict: ``yes``, ``conditional``, ``unknown`` or ``no``.
        conditions: of the verdict.
        crossings: network ACLs met, but for those of the last stretch.
        last: subnet from which the last stretch begins; empty: it comes from a peering or gateway.
        via: ids of what was passed.
        kinds: how, e.g. ``("peering",)``; empty: inside the VPC.
        references: whether rules that name the sender's groups know it after this way; ``inbound``
            where only inbound rules do, else ``both`` or empty.
        source: the sender's address after a NAT gateway, else empty.
        nat: the NAT gateway's interface, or that of an appliance which may translate.
        back_from: subnet in which replies go on from ``nat`` to the sender.
        origin: the VPC whose own packets these are.
        choices: where there are several, the ways to the last VPC that are all but for network
            ACLs and what was passed; this one is the first. See ``zones.settled``.
    """

    end: str = NOWHERE
    place: str = ""
    steps: tuple[Step, ...] = ()
    verdict: Verdict = Verdict.YES
    conditions: frozenset[str] = frozenset()
    crossings: tuple[Crossing, ...] = ()
    last: str = ""
    via: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    references: str = "both"
    source: str = ""
    nat: str = ""
    back_from: str = ""
    origin: str = ""
    choices: tuple[Choice, ...] = ()

    @property
    def choice(self) -> Choice:
        """Itself as a choice."""
        return Choice(self.crossings, self.last, self.source, self.steps, self.via)

    def untold(self) -> Trail:
        """Without what is only for the telling."""
        choices = tuple(replace(one, steps=(), via=()) for one in self.choices)
        return replace(self, steps=(), via=(), choices=choices)

    def passed(self, subject: str, text: str, refs: tuple[Ref, ...] = ()) -> Trail:
        """With a step that passes."""
        return replace(self, steps=(*self.steps, Step(NAME, subject, "pass", text, refs)))

    def dropped(self, subject: str, text: str, refs: tuple[Ref, ...] = (), code: str = "") -> Trail:
        """Ended by a step that fails.

        Codes are those of Reachability Analyzer, where one says the same
        (https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html).
        """
        step = Step(NAME, subject, "fail", text, refs, code)
        return replace(self, steps=(*self.steps, step), verdict=Verdict.NO, conditions=frozenset())

    def elsewhere(self, goal: str) -> Trail:
        """Failed by its last step, which leads elsewhere than to the goal."""
        text = f"The routes lead to {self.place}, not to {goal}."
        last = self.steps[-1] if self.steps else None
        if last is None or last.result != "pass":
            return self.dropped(self.place, text, code=_NO_ROUTE)
        told = f"{last.text.rstrip('.')}, not to {goal}." if self.place in last.text else text
        return replace(self, steps=self.steps[:-1]).dropped(
            last.subject, told, last.refs, _NO_ROUTE
        )

    def unknown(self, subject: str, calls: Iterable[str]) -> Trail:
        """Ended by what was not collected."""
        names = tuple(dict.fromkeys(calls))
        step = Step(NAME, subject, "unknown", f"Not collected: {', '.join(names)}.")
        terms = self.conditions | {condition("not_collected", name) for name in names}
        return replace(self, steps=(*self.steps, step), verdict=Verdict.UNKNOWN, conditions=terms)

    def at(self, end: str, place: str) -> Trail:
        """Ended somewhere."""
        return replace(self, end=end, place=place)

    def leaving(self) -> Trail:
        """Out of the last subnet, into no other."""
        out = (Crossing(self.last, "out", self.source),) if self.last else ()
        return replace(self, crossings=(*self.crossings, *out), last="")

    def into(self, subnet: str) -> Trail:
        """On to something that stands in a subnet of the same VPC."""
        if subnet == self.last:
            return self
        made = self.leaving()
        entry = Crossing(subnet, "in", made.source)
        return replace(made, crossings=(*made.crossings, entry), last=subnet)

    def through(self, kind: str, subject: str) -> Trail:
        """Having passed a joint."""
        return replace(self, kinds=(*self.kinds, kind), via=(*self.via, subject))


@dataclass(frozen=True, slots=True)
class Manner:
    """How appliances are taken to send on, which AWS's API does not tell.

    Attributes:
        translates: under an address of their own.
        exit: by which of their interfaces, counted from the one that took the packet in;
            ``None``: by the one that gets furthest.
    """

    translates: bool = False
    exit: int | None = None


PLAIN = Manner()

Onward = Callable[[Subnet, Trail, frozenset[str]], Trail]
"""Goes on from a subnet, with what was passed so far, so that no walk goes in circles."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Where packets are addressed to."""

    world: NetworkWorld
    address: str
    family: Family
    number: int

    def local(self, subnet: Subnet, trail: Trail, refs: tuple[Ref, ...] = ()) -> Trail:
        """The trail, ended in the subnet's own VPC."""
        text = f"{self.address} is local to {subnet.vpc}."
        return trail.passed(subnet.vpc, text, refs).at(VPC, subnet.vpc)


def goal_of(world: NetworkWorld, address: str) -> Goal:
    """The goal for an address.

    Raises:
        ValueError: ``address`` is none.
    """
    family, spans = prefixes.parse(address)
    return Goal(world, address, family, spans.pairs[0][0])


def every_address(interface: Interface) -> tuple[str, ...]:
    """An interface's private IPv4 and its IPv6 addresses."""
    return (*(one.private for one in interface.addresses), *interface.ipv6)


def addresses_of(interface: Interface, family: Family) -> tuple[str, ...]:
    """An interface's private IPv4 or its IPv6 addresses."""
    if family is Family.IPV6:
        return interface.ipv6
    return tuple(one.private for one in interface.addresses if one.private)


def arriving(trail: Trail, target: Interface) -> Trail:
    """The trail, failed where it ends elsewhere than at the target."""
    if trail.verdict in (Verdict.NO, Verdict.UNKNOWN):
        return trail
    if trail.end == VPC and trail.place == target.vpc:
        return trail
    return replace(trail.elsewhere(f"{target.id} in {target.vpc}"), end=trail.end)


def returning(trail: Trail) -> Trail:
    """A reply's trail, failed where a NAT gateway is on it, which knows no such connection.

    It "replaces the source IP address" of what it sends on (VPC user guide, "NAT devices"): no
    reply from the address that was written to.
    """
    if not trail.nat or trail.verdict is Verdict.NO:
        return trail
    text = f"Replies would pass {trail.nat}, which gives them another source address."
    return trail.dropped(trail.nat, text)
