"""What security groups let in and out between two interfaces."""

from __future__ import annotations

from dataclasses import dataclass

from graph.evidence import Ref, Step
from graph.network import ports, prefixes
from graph.network.between.parts import Lets, Peer, rules_let
from graph.network.between.result import shown
from graph.network.facts import Interface, Rule
from graph.network.filters import group_rules
from graph.network.spans import NOTHING, Spans, union
from graph.network.world import NetworkWorld

# Interfaces that may be without security groups (Network Load Balancer guide, "Security groups";
# VPC user guide, "NAT gateways"; transit gateway guide, "VPC attachments").
_WITHOUT_GROUPS = (
    "network_load_balancer",
    "nat_gateway",
    "transit_gateway",
    "gateway_load_balancer",
    "gateway_load_balancer_endpoint",
)


def has_no_groups(interface: Interface) -> bool:
    """Whether no security group is in the way: none is attached, and its type may have none."""
    if interface.groups is None:
        return True
    return not interface.groups and interface.kind in _WITHOUT_GROUPS


@dataclass(frozen=True, slots=True)
class Admission:
    """What an interface's security groups let in or out, and the step that tells it.

    ``places`` are where the groups stand; a refusal, to which no rule belongs, refers to them.
    """

    name: str
    subject: str
    peer: str
    lets: Lets
    rules: tuple[Rule, ...] = ()
    open: bool = False
    places: tuple[Ref, ...] = ()

    def step(self, offered: Spans) -> Step:
        """The step, for the ports that are asked for."""
        if self.open:
            return Step(self.name, self.subject, "pass", "No security group is attached.")
        way = f"from {self.peer}" if self.name.endswith("in") else f"to {self.peer}"
        who = f"The security groups of {self.subject} let"
        result, text = told(self.lets, offered, who, way)
        refs = tuple(ref for rule in self.rules for ref in rule.refs)[:20]
        code = "ENI_SG_RULES_MISMATCH" if result == "fail" else ""
        refs = refs or (self.places if result == "fail" else ())
        return Step(self.name, self.subject, result, text, refs, code)


def inbound(
    world: NetworkWorld, target: Interface, address: str, source: Interface, references: str
) -> Admission:
    """What the target's security groups admit from an address, or the sender's groups."""
    name = "security group in"
    if has_no_groups(target):
        return Admission(name, target.id, address, Lets(ports.ALL), (), True)
    found = group_rules(world, target.groups, target.account_id, target.region)
    peer = _peer(address, source.groups if references else None)
    key = ("in", target.groups, target.account_id, target.region)
    lets, used = rules_let(world, key, found.rules, found.missing, peer)
    return Admission(name, target.id, address, lets, used, places=_places(world, target))


def ever_admitted(world: NetworkWorld, target: Interface) -> Spans:
    """Ports on which the target's security groups admit anything at all, or might."""
    if has_no_groups(target):
        return ports.ALL
    known = group_rules(world, target.groups, target.account_id, target.region)
    if known.missing or any(rule.ports is None for rule in known.rules):
        return ports.ALL
    return union(rule.ports for rule in known.rules if rule.ports)


def outbound(
    world: NetworkWorld, source: Interface, address: str, target: Interface, references: str
) -> Admission:
    """What the sender's security groups let out to an address, or the target's groups."""
    name = "security group out"
    if source.groups is None or has_no_groups(source):
        return Admission(name, source.id, address, Lets(ports.ALL), (), True)
    rules: list[Rule] = []
    missing: list[str] = []
    call = "ec2.describe_security_groups"
    for group in source.groups:
        known = world.security_groups.get(group)
        if known is None or known.egress is None:
            gap = world.gap(call, source.account_id, source.region)
            missing.append(gap or f"{call}({group})")
        else:
            rules += known.egress
    peer = _peer(address, target.groups if references == "both" else None)
    key = ("out", source.groups, source.account_id, source.region)
    lets, used = rules_let(world, key, tuple(rules), tuple(dict.fromkeys(missing)), peer)
    return Admission(name, source.id, address, lets, used, places=_places(world, source))


def _places(world: NetworkWorld, one: Interface) -> tuple[Ref, ...]:
    known = (world.security_groups.get(group) for group in one.groups or ())
    return tuple(ref for group in known if group is not None for ref in group.refs)


def _peer(address: str, groups: tuple[str, ...] | None) -> Peer:
    family, spans = prefixes.parse(address)
    return Peer(spans.pairs[0][0], family, frozenset(groups or ()))


def told(lets: Lets, offered: Spans, who: str, where: str) -> tuple[str, str]:
    """The result and the sentence of a step about these ports."""
    sure = lets.surely & offered
    if sure:
        kept = offered - sure if offered != ports.ALL else NOTHING
        more = f", but not {shown(kept)}" if kept else ""
        return "pass", f"{who} {shown(sure)} {where}{more}."
    if lets.perhaps & offered:
        return "unknown", f"Not collected: {', '.join(lets.missing)}."
    return "fail", f"{who} nothing of {shown(offered)} {where}."
