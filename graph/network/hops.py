"""From a place in a subnet to a network interface by private addresses: routes, ACLs, groups.

One hop: inside a VPC or over an active peering connection. Each control gives a step; several
steps in a row are joined by :func:`joined`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.evidence import Ref, Step
from graph.network import ports, prefixes
from graph.network.facts import Acl, Interface, Route, Rule, Subnet
from graph.network.filters import EPHEMERAL, acl_gap, group_rules, view_of
from graph.network.prefixes import EVERYTHING, Family
from graph.network.routes import effective_table
from graph.network.spans import NOTHING, Spans, atoms, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

_PARTLY = condition("context", "load-balancer-address")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: a subnet, its addresses there, its security groups (``None``: without)."""

    subnet: Subnet
    addresses: Spans
    groups: tuple[str, ...] | None
    name: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Steps in a row as a verdict with its conditions."""

    verdict: Verdict
    conditions: frozenset[str]


def joined(steps: Iterable[Step]) -> Joined:
    """The verdict of steps that must all pass."""
    verdict, terms = Verdict.YES, set[str]()
    for step in steps:
        if step.result == "fail":
            return Joined(Verdict.NO, frozenset())
        if step.result == "unknown":
            verdict = Verdict.UNKNOWN
            terms.add(f"not_collected:{step.text.split('ollected: ', 1)[-1].rstrip('.')}")
        elif step.result == "conditional":
            verdict = verdict if verdict is Verdict.UNKNOWN else Verdict.CONDITIONAL
            terms.add(_PARTLY)
    return Joined(verdict, frozenset(terms))


def next_hop(world: NetworkWorld, subnet: Subnet, address: str) -> Route | str | None:
    """The route that wins for an address; the name of what is missing, or ``None``: no route."""
    family, wanted = prefixes.parse(address)
    table = effective_table(world, subnet)
    if isinstance(table, str):
        return table
    best: tuple[int, int, Route] | None = None
    for route in table.routes:
        listed = world.prefix_lists.get(route.prefix_list)
        cidrs = (route.cidr,) if route.cidr else (listed.cidrs or ()) if listed else ()
        for cidr in cidrs:
            try:
                kind, spans = prefixes.parse(cidr)
            except ValueError:
                continue
            rank = (prefixes.length(cidr), 0 if route.propagated else 1)
            if kind is family and spans.covers(wanted) and (best is None or rank > best[:2]):
                best = (*rank, route)
    if best is not None:
        return best[2]
    if world.holds(subnet.vpc, address):
        return Route("local", "local")
    return None


def route_steps(
    world: NetworkWorld, sender: Sender, target: Interface, address: str
) -> tuple[Step, ...]:
    """The way there and back: local, or over the same active peering connection."""
    if target.vpc == sender.subnet.vpc:
        return (Step("route", sender.subnet.vpc, "pass", "Both stand in the same VPC."),)
    there = next_hop(world, sender.subnet, address)
    step = _peered(world, sender.subnet, there, target.vpc, address)
    if step.result != "pass":
        return (step,)
    home = world.subnets.get(target.subnet)
    if home is None:
        return (step, _missing("route", target.subnet, "ec2.describe_subnets", target))
    back_to = prefixes.cidrs(sender.addresses, prefixes.parse(address)[0])[0].partition("/")[0]
    back = next_hop(world, home, back_to)
    return (step, _peered(world, home, back, sender.subnet.vpc, back_to))


def _missing(name: str, subject: str, call: str, target: Interface) -> Step:
    gap = f"{call}@{target.account_id}/{target.region}"
    return Step(name, subject, "unknown", f"Not collected: {gap}.")


def _peered(
    world: NetworkWorld, subnet: Subnet, route: Route | str | None, vpc: str, address: str
) -> Step:
    name = "route"
    if isinstance(route, str):
        return Step(name, subnet.id, "unknown", f"Not collected: {route}.")
    if route is None:
        text = f"{subnet.id} has no route to {address}."
        return Step(name, subnet.id, "fail", text, code="CANNOT_ROUTE")
    if not route.active:
        text = f"The route of {subnet.id} to {address} is a blackhole."
        return Step(name, subnet.id, "fail", text, route.refs, "BAD_STATE_ROUTE")
    peering = world.peerings.get(route.target)
    if route.kind == "peering" and peering is not None:
        if not peering.active:
            text = f"{peering.id} is not active."
            return Step(name, peering.id, "fail", text, peering.refs, "BAD_STATE_ATTACHMENT")
        if vpc in (peering.requester, peering.accepter):
            return Step(
                name, peering.id, "pass", f"{address} lies behind {peering.id}.", route.refs
            )
        text = f"{peering.id} does not lead to {vpc}."
        return Step(name, peering.id, "fail", text, route.refs, "CANNOT_ROUTE")
    if route.kind in ("internet_gateway", "nat_gateway", "egress_only_gateway", "local"):
        text = f"{subnet.id} sends {address} to {route.target}, which does not lead to {vpc}."
        return Step(name, subnet.id, "fail", text, route.refs, "CANNOT_ROUTE")
    gap = f"routing through {route.target}"
    return Step(name, subnet.id, "unknown", f"Not collected: {gap}.", route.refs)


def acl_steps(
    world: NetworkWorld,
    sender: Sender,
    target: Interface,
    address: str,
    opened: Spans,
    *,
    within_subnet: bool = False,
) -> tuple[Step, ...]:
    """Network ACLs there and back; not inside one subnet unless ``within_subnet`` is set.

    Network ACLs apply where traffic crosses a subnet's edge (VPC user guide); a classic load
    balancer's outbound traffic meets them even inside one (``ELB_ACL_RESTRICTION``).
    """
    family, there = prefixes.parse(address)
    same = target.subnet == sender.subnet.id
    if same and not within_subnet:
        return ()
    reply = _ephemeral(opened)
    home = world.subnets.get(target.subnet)
    found = [_crossing(world, sender.subnet, there, opened, family, "out")]
    if same:
        return tuple(found)
    if home is None:
        return (*found, _missing("network ACL in", target.subnet, "ec2.describe_subnets", target))
    found.append(_crossing(world, home, sender.addresses, opened, family, "in"))
    found.append(_crossing(world, home, sender.addresses, reply, family, "out"))
    found.append(_crossing(world, sender.subnet, there, reply, family, "in"))
    return tuple(found)


def _ephemeral(opened: Spans) -> Spans:
    found = NOTHING
    for protocol in (ports.TCP, ports.UDP):
        if opened & ports.of_protocol(protocol):
            found = found | ports.span(protocol, *EPHEMERAL)
    return found


def _crossing(
    world: NetworkWorld, subnet: Subnet, others: Spans, opened: Spans, family: Family, way: str
) -> Step:
    name = f"network ACL {way}"
    acl = world.acl_of(subnet)
    if acl is None:
        return Step(name, subnet.id, "unknown", f"Not collected: {acl_gap(world, subnet)}.")
    view = view_of(world, acl, family)
    lets = (view.going if way == "out" else view.coming).over(opened)
    result = "fail"
    if lets.doubtful & others:
        result = "unknown"
    elif lets.every.covers(others):
        result = "pass"
    elif lets.some & others:
        result = "conditional"
    key = ("acl step", acl.id, way, opened, result)
    if key not in world.memo:
        world.memo[key] = _acl_step(acl, name, way, opened, result)
    found: Step = world.memo[key]
    return found


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
    if rules.open:
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
        return (EVERYTHING[family] if rule.group in groups else NOTHING), ""
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
