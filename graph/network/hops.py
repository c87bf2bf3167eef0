"""From a place in a subnet to a network interface by private addresses: ACLs and groups.

Senders are sets of addresses: a load balancer's node has several, or any of its subnet. Each
control gives a step; several steps in a row are joined by :func:`joined`. The routes between are
``private_ways``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.evidence import Ref, Step
from graph.network import ports, prefixes
from graph.network.between.admission import has_no_groups
from graph.network.facts import Acl, Interface, Rule, Subnet, group_match
from graph.network.filters import EPHEMERAL, acl_gap, group_rules, view_of
from graph.network.pieces import weaker
from graph.network.prefixes import EVERYTHING, Family
from graph.network.spans import NOTHING, Spans, atoms, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

PARTLY = condition("context", "load-balancer-address")
ONE_WAY = condition("ports", "one-way")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: a subnet, its addresses there, its security groups (``None``: without)."""

    subnet: Subnet
    addresses: Spans
    groups: tuple[str, ...] | None
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """A step; of a conditional one the conditions, if they are others than the sender's address."""

    step: Step
    conditions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Joined:
    """Steps in a row as a verdict with its conditions."""

    verdict: Verdict
    conditions: frozenset[str]


def joined(steps: Iterable[Step]) -> Joined:
    """The verdict of steps that must all pass."""
    return judged(Told(step) for step in steps)


def judged(found: Iterable[Told]) -> Joined:
    """The same for steps that bring their own conditions."""
    verdict, terms = Verdict.YES, set[str]()
    for one in found:
        step = one.step
        if step.result == "fail":
            return Joined(Verdict.NO, frozenset())
        if step.result == "unknown":
            verdict = Verdict.UNKNOWN
            gaps = step.text.split("ollected: ", 1)[-1].rstrip(".").split(", ")
            terms |= {condition("not_collected", gap) for gap in gaps}
        elif step.result == "conditional":
            verdict = weaker(verdict, Verdict.CONDITIONAL)
            terms |= one.conditions or {PARTLY}
    return Joined(verdict, frozenset(terms))


def in_a_row(*parts: Joined) -> Joined:
    """Verdicts that must all hold as one."""
    verdict = Verdict.YES
    for one in parts:
        verdict = weaker(verdict, one.verdict)
    if verdict is Verdict.NO:
        return Joined(verdict, frozenset())
    return Joined(verdict, frozenset(term for one in parts for term in one.conditions))


def crossing(
    world: NetworkWorld, subnet_id: str, others: Spans, opened: Spans, family: Family, way: str
) -> Told:
    """The network ACL of a subnet for ports sent ``in`` from, or ``out`` to, some addresses."""
    return _crossing(world, subnet_id, others, opened, family, way, f"network ACL {way}")


def reply_crossing(
    world: NetworkWorld, subnet_id: str, others: Spans, opened: Spans, family: Family, way: str
) -> Told:
    """The network ACL of a subnet for replies from these ports.

    TCP needs the reply: a part of the sender's own ports is a condition, none of them blocks.
    Over UDP what was sent has arrived without one.
    """
    replies = _ephemeral(opened)
    name = f"reply, network ACL {way}"
    found = _crossing(world, subnet_id, others, replies, family, way, name)
    if found.step.result == "fail" and not opened & ports.of_protocol(ports.TCP):
        return Told(replace(found.step, result="conditional"), frozenset({ONE_WAY}))
    return found


def _ephemeral(opened: Spans) -> Spans:
    found = NOTHING
    for protocol in (ports.TCP, ports.UDP):
        if opened & ports.of_protocol(protocol):
            found = found | ports.span(protocol, *EPHEMERAL)
    return found


def _crossing(
    world: NetworkWorld,
    subnet_id: str,
    others: Spans,
    opened: Spans,
    family: Family,
    way: str,
    name: str,
) -> Told:
    subnet = world.subnets.get(subnet_id)
    acl = world.acl_of(subnet) if subnet else None
    if subnet is None or acl is None:
        gap = acl_gap(world, subnet) if subnet else f"ec2.describe_subnets({subnet_id})"
        return Told(Step(name, subnet_id, "unknown", f"Not collected: {gap}."))
    view = view_of(world, acl, family)
    lets = (view.going if way == "out" else view.coming).over(opened)
    result, terms = "fail", frozenset[str]()
    if lets.doubtful & others:
        result = "unknown"
    elif lets.every.covers(others):
        result = "pass"
    elif lets.some & others:
        result = "conditional"
        if lets.some.covers(others):
            terms = frozenset({condition("ports", "client-port")})
    key = ("acl step", acl.id, name, way, opened, result)
    if key not in world.memo:
        world.memo[key] = _acl_step(acl, name, way, opened, result)
    return Told(world.memo[key], terms)


def _acl_step(acl: Acl, name: str, way: str, opened: Spans, result: str) -> Step:
    what = "; ".join(ports.names(opened)[:5])
    if result == "unknown":
        return Step(name, acl.id, result, "Not collected: ec2.describe_network_acls(entry).")
    if result == "fail":
        text, code = f"{acl.id} does not let {what} {way}.", "SUBNET_ACL_RESTRICTION"
        return Step(name, acl.id, result, text, acl.refs, code)
    part = what if result == "pass" else f"a part of {what}"
    return Step(name, acl.id, result, f"{acl.id} lets {part} {way}.", acl.refs)


def group_step(
    world: NetworkWorld, sender: Sender, target: Interface, opened: Spans, family: Family
) -> Step:
    """The target's security groups admit the sender: its group, or its addresses."""
    holder = (target.groups, target.account_id, target.region)
    who = (sender.name, sender.groups, sender.addresses)
    key = ("group step", *holder, *who, opened, family)
    if key not in world.memo:
        world.memo[key] = _group_step(world, sender, target, opened, family)
    found: Step = world.memo[key]
    return found if found.subject == target.id else replace(found, subject=target.id)


def _group_step(
    world: NetworkWorld, sender: Sender, target: Interface, opened: Spans, family: Family
) -> Step:
    name = "security group in"
    rules = group_rules(world, target.groups, target.account_id, target.region)
    if rules.open or has_no_groups(target):
        return Step(name, target.id, "pass", "No security group is attached.")
    return _matched(
        world, name, target.id, rules.rules, rules.missing, opened, sender.groups or (),
        sender.addresses, family, f"{sender.name} on {'; '.join(ports.names(opened)[:5])}",
    )  # fmt: skip


def egress_step(
    world: NetworkWorld,
    sender: Sender,
    target_groups: tuple[str, ...],
    address: str,
    opened: Spans,
) -> Step:
    """The sender's own security groups let it out to the target."""
    key = ("egress step", sender.name, sender.groups, target_groups, address, opened)
    if key not in world.memo:
        world.memo[key] = _egress_step(world, sender, target_groups, address, opened)
    found: Step = world.memo[key]
    return found


def _egress_step(
    world: NetworkWorld,
    sender: Sender,
    target_groups: tuple[str, ...],
    address: str,
    opened: Spans,
) -> Step:
    name = "security group out"
    family, there = prefixes.parse(address)
    if sender.groups is None:
        return Step(name, sender.name, "pass", "No security group is attached.")
    rules: list[Rule] = []
    missing: list[str] = []
    for group in sender.groups:
        known = world.security_groups.get(group)
        if known is None or known.egress is None:
            missing.append(f"ec2.describe_security_groups({group})")
        else:
            rules += known.egress
    return _matched(
        world, name, sender.name, tuple(rules), tuple(missing), opened, target_groups, there,
        family, f"{address} on {'; '.join(ports.names(opened)[:5])}",
    )  # fmt: skip


def _matched(
    world: NetworkWorld,
    name: str,
    subject: str,
    rules: tuple[Rule, ...],
    missing: tuple[str, ...],
    opened: Spans,
    groups: tuple[str, ...],
    addresses: Spans,
    family: Family,
    what: str,
) -> Step:
    admitted, gaps, refs = _admissions(world, rules, opened, groups, addresses, family)
    gaps = [*missing, *gaps]
    surely = NOTHING
    for atom in atoms(opened, [opens for opens, _ in admitted]):
        together = union(covered for opens, covered in admitted if atom[0] in opens)
        if together.covers(addresses) and together:
            surely = surely | Spans((atom,))
    if surely.covers(opened):
        return Step(name, subject, "pass", f"A rule admits {what}.", refs[:20])
    if gaps:
        return Step(name, subject, "unknown", f"Not collected: {', '.join(dict.fromkeys(gaps))}.")
    if admitted:
        return Step(name, subject, "conditional", f"A rule admits a part of {what}.", refs[:20])
    text = f"No rule admits {what}."
    return Step(name, subject, "fail", text, code="ENI_SG_RULES_MISMATCH")


def _admissions(
    world: NetworkWorld,
    rules: tuple[Rule, ...],
    opened: Spans,
    groups: tuple[str, ...],
    addresses: Spans,
    family: Family,
) -> tuple[list[tuple[Spans, Spans]], list[str], tuple[Ref, ...]]:
    """(ports, addresses) that the rules admit, what is missing, and where the rules stand."""
    found: list[tuple[Spans, Spans]] = []
    gaps: list[str] = []
    refs: list[Ref] = []
    for rule in rules:
        if rule.ports is not None and not rule.ports & opened:
            continue
        covered, gap = _rule_admits(world, rule, groups, addresses, family)
        if gap or (rule.ports is None and covered):
            gaps.append(gap or "ec2.describe_security_groups(rule)")
        elif covered and rule.ports is not None:
            found.append((rule.ports, covered))
            refs += rule.refs
    return found, gaps, tuple(refs)


def _rule_admits(
    world: NetworkWorld, rule: Rule, groups: tuple[str, ...], addresses: Spans, family: Family
) -> tuple[Spans, str]:
    if rule.group:
        matches, gap = group_match(rule.group, groups)
        return (EVERYTHING[family] if matches else NOTHING), gap
    cidrs: tuple[str, ...] | None = (rule.cidr,) if rule.cidr else None
    if rule.prefix_list:
        listed = world.prefix_lists.get(rule.prefix_list)
        cidrs = listed.cidrs if listed else None
        if cidrs is None:
            return NOTHING, f"ec2.get_managed_prefix_list_entries({rule.prefix_list})"
    if cidrs is None:
        return NOTHING, "ec2.describe_security_groups(rule)"
    try:
        return prefixes.of(cidrs, family) & addresses, ""
    except ValueError:
        return NOTHING, "ec2.describe_security_groups(rule)"
