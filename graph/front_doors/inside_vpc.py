"""Entering a VPC without a public address or a route: Global Accelerator, CloudFront VPC origins.

The VPC must have an internet gateway ("required to denote that the VPC can receive traffic from
the internet", which it does not carry), VPC Block Public Access must be off, and security groups
decide. What CloudFront's own service group lets out is AWS's to manage, so it is no lock:

* https://docs.aws.amazon.com/global-accelerator/latest/dg/secure-vpc-connections.html
* https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
* https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graph.evidence import Step
from graph.front_doors.behind import CLOUDFRONT
from graph.front_doors.sight import Sight
from graph.network import ports
from graph.network.balancers import targets_behind
from graph.network.block_public_access import block_public_access_step
from graph.network.doors import (
    Door,
    Node,
    door_reaches,
    groups_of,
    listeners_of,
    unread_listeners,
)
from graph.network.facts import Interface, Listener, LoadBalancer, Subnet
from graph.network.filters import (
    GroupRules,
    acl_gap,
    acl_reply,
    acl_view,
    candidate_cidrs,
    group_rules,
    permitted,
)
from graph.network.hops import joined
from graph.network.internet import state_of
from graph.network.pieces import Piece, Pieces, everything_in, meet, unknown, weaker
from graph.network.prefixes import EVERYTHING, PUBLIC, Breadth, Family, breadth
from graph.network.reach import Reach, Subject, grants_of, reaches
from graph.network.routes import gateway_step
from graph.network.spans import Pair, Spans, atoms
from graph.network.web_acls import seen_from, seen_step, through
from graph.verdict import Verdict

Admission = Callable[[Sight, GroupRules, Pair, Family], Pieces]
"""Clients that a security group's rules let through to a port, by what the target sees."""

SERVICE_GROUP = "CloudFront-VPCOrigins-Service-SG"
# One in each VPC; rules may name it as their source:
# https://docs.aws.amazon.com/global-accelerator/latest/dg/best-practices-aga.html
ACCELERATOR_GROUP = "GlobalAccelerator"
_UP = ("active", "active_impaired")


@dataclass(frozen=True, slots=True)
class Entry:
    """A way into VPCs.

    Attributes:
        admission: what the security groups of the endpoint let through.
        sees_client: the endpoint sees the client's address, so that the subnet's network ACL is
            asked about the reply (inbound entries do not apply).
        sender: whose addresses it sees otherwise, in words.
    """

    admission: Admission
    sees_client: bool
    sender: str = ""


def by_client(sight: Sight, rules: GroupRules, atom: Pair, family: Family) -> Pieces:
    """The endpoint sees the client's own address, sent from the accelerator's group."""
    if _from_group(sight, rules, atom, ACCELERATOR_GROUP):
        return (Piece(PUBLIC[family]),)
    return permitted(sight.network, rules, atom, family)


def by_accelerator(sight: Sight, rules: GroupRules, atom: Pair, family: Family) -> Pieces:
    """The endpoint sees addresses of Global Accelerator, which are in no managed prefix list."""
    found = by_client(sight, rules, atom, family)
    if not found or rules.open:
        return found
    sure = everything_in(one for one in found if one.verdict is Verdict.YES)
    if breadth(sure & PUBLIC[family], family) is Breadth.ANY:
        return (Piece(PUBLIC[family]),)
    return unknown(PUBLIC[family], ["addresses of Global Accelerator"])


def by_cloudfront(sight: Sight, rules: GroupRules, atom: Pair, family: Family) -> Pieces:
    """The endpoint's groups must admit CloudFront's managed prefix list or its service group.

    Whether a range of the VPC's own admits it is not documented, hence not known.
    """
    everyone = (Piece(PUBLIC[family]),)
    if rules.open:
        return everyone
    found = permitted(sight.network, rules, atom, family)
    sure = [one for one in found if one.verdict is Verdict.YES]
    if any(one.label == CLOUDFRONT for one in sure):
        return everyone
    if breadth(everything_in(sure) & PUBLIC[family], family) is Breadth.ANY:
        return everyone
    if _from_group(sight, rules, atom, SERVICE_GROUP):
        return everyone
    matching = [one for one in rules.rules if one.ports is None or atom[0] in one.ports]
    if found or any(not one.group for one in matching):
        return unknown(PUBLIC[family], ["addresses of CloudFront in the VPC"])
    return ()


def _from_group(sight: Sight, rules: GroupRules, atom: Pair, name: str) -> bool:
    """Whether a rule admits the security group that AWS made for a service in the VPC."""
    return any(
        one.ports is not None and atom[0] in one.ports and one.group in _groups(sight, name)
        for one in rules.rules
        if one.group
    )


def _groups(sight: Sight, name: str) -> frozenset[str]:
    return sight.once(
        ("groups by name", name),
        lambda: frozenset(
            one.id for one in sight.items("ec2:security-group") if one.item.get("GroupName") == name
        ),
    )


@dataclass(frozen=True, slots=True)
class Entered:
    """What gets to a place in a subnet: steps, flows and the verdict that bounds them."""

    steps: tuple[Step, ...]
    flows: tuple[tuple[Spans, Pieces], ...]
    verdict: Verdict
    conditions: frozenset[str]
    candidates: tuple[str, ...]


def enter(sight: Sight, place: Interface, family: Family, wanted: Spans, entry: Entry) -> Entered:
    """Judge the way into a VPC as far as one interface (or a stand-in for one).

    Args:
        sight: the snapshot.
        place: where it ends: subnet, groups, account and region are read.
        family: of the client.
        wanted: the ports that are asked for.
        entry: the way in.
    """
    world = sight.network
    rules = group_rules(world, place.groups, place.account_id, place.region)
    cuts = [rule.ports for rule in rules.rules if rule.ports is not None]
    subnet = world.subnets.get(place.subnet)
    admitted = [
        (Spans((atom,)), pieces)
        for atom in atoms(wanted, [*cuts, *ports.PROTOCOL_CUTS])
        if (pieces := entry.admission(sight, rules, atom, family))
    ]
    group = _group_step(place, rules, admitted, wanted)
    if subnet is None:
        step = Step("subnet", place.subnet, "unknown", f"Not collected: {_subnet_gap(place)}.")
        told = joined((step, group))
        return Entered((step, group), tuple(admitted), told.verdict, told.conditions, ())
    before = (block_public_access_step(world, subnet), gateway_step(world, subnet))
    flows, reply = (
        _replies(sight, subnet, family, admitted) if entry.sees_client else (admitted, ())
    )
    told = joined(before)
    acl = world.acl_of(subnet)
    return Entered(
        (*before, *reply, group),
        tuple(flows) if told.verdict is not Verdict.NO else (),
        told.verdict,
        told.conditions,
        candidate_cidrs(world, rules, acl if entry.sees_client else None),
    )


def _subnet_gap(place: Interface) -> str:
    return f"ec2.describe_subnets({place.subnet})" if place.subnet else f"subnets of {place.id}"


def _replies(
    sight: Sight, subnet: Subnet, family: Family, admitted: list[tuple[Spans, Pieces]]
) -> tuple[list[tuple[Spans, Pieces]], tuple[Step, ...]]:
    """Where the client's address is preserved, network ACLs apply to what goes out.

    https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoints.sipp-caveats.html
    """
    name = "network ACL out"
    acl = sight.network.acl_of(subnet)
    if acl is None:
        gap = acl_gap(sight.network, subnet)
        blind = unknown(EVERYTHING[family], [gap])
        step = Step(name, subnet.id, "unknown", f"Not collected: {gap}.")
        return [(opened, meet(pieces, blind)) for opened, pieces in admitted], (step,)
    view = acl_view(acl, family)
    left = [
        (opened, some)
        for opened, pieces in admitted
        if (some := meet(pieces, acl_reply(view, opened.pairs[0])))
    ]
    if admitted and not left:
        text = f"Network ACL {acl.id} lets no reply out."
        return [], (Step(name, acl.id, "fail", text, acl.refs, "SUBNET_ACL_RESTRICTION"),)
    return left, (Step(name, acl.id, "pass", f"Network ACL {acl.id} lets replies out.", acl.refs),)


def _group_step(
    place: Interface, rules: GroupRules, admitted: list[tuple[Spans, Pieces]], wanted: Spans
) -> Step:
    name, subject = "security group", ", ".join(rules.groups) or place.id
    refs = tuple(ref for rule in rules.rules for ref in rule.refs)[:20]
    asked = ", ".join(ports.names(wanted)[:5])
    if rules.open:
        return Step(name, subject, "pass", "No security group is attached.")
    if not admitted:
        text = f"No security group rule admits this way in to {asked}."
        return Step(name, subject, "fail", text, refs, "ENI_SG_RULES_MISMATCH")
    if all(one.verdict is Verdict.UNKNOWN for _, pieces in admitted for one in pieces):
        gaps = sorted({c for _, pieces in admitted for one in pieces for c in one.conditions})
        text = f"Not collected: {', '.join(gap.removeprefix('not_collected:') for gap in gaps)}."
        return Step(name, subject, "unknown", text, refs)
    return Step(name, subject, "pass", f"Security groups admit this way in to {asked}.", refs)


def to_interface(
    sight: Sight, place: Interface, family: Family, wanted: Spans, entry: Entry
) -> list[Reach]:
    """The reach to an instance's interface; ``target`` is the instance."""
    found, state = enter(sight, place, family, wanted, entry), state_of(sight.network, place)
    granted = grants_of(found.flows, family, found.candidates, found.verdict, found.conditions)
    bound, terms = state.verdict, frozenset[str]()
    if state.step.result == "unknown":
        bound, terms = Verdict.UNKNOWN, joined((state.step,)).conditions
    subject = Subject(place.owner or place.id, family, "")
    return reaches(subject, granted, (*found.steps, state.step), bound, terms)


def to_balancer(
    sight: Sight, balancer: LoadBalancer, family: Family, wanted: Spans, entry: Entry
) -> list[Reach]:
    """The reach to a load balancer and to what stands behind it, internal or not.

    Returns:
        reaches with the mechanism of the load balancer; ``via`` begins with it for its targets.
    """
    nodes = tuple(_node(sight, balancer, one, family, wanted, entry) for one in balancer.subnets)
    if not nodes:
        gap = f"subnets of {balancer.id}"
        step = Step("subnet", balancer.id, "unknown", f"Not collected: {gap}.")
        terms = frozenset({f"not_collected:{gap}"})
        nodes = (Node(None, "", (step,), (), Verdict.UNKNOWN, terms, ()),)
    front = Door(balancer, family, nodes, ())
    return [*door_reaches(front), *targets_behind(sight.network, front)]


def _node(
    sight: Sight,
    balancer: LoadBalancer,
    subnet_id: str,
    family: Family,
    wanted: Spans,
    entry: Entry,
) -> Node:
    world = sight.network
    place = Interface(
        id=balancer.id,
        account_id=balancer.account_id,
        region=balancer.region,
        vpc=balancer.vpc,
        subnet=subnet_id,
        groups=groups_of(balancer),
    )
    opened = [one for one in listeners_of(balancer) if one.ports & wanted]
    state, up = _state(balancer)
    listens = _listens(balancer, opened, wanted)
    if not opened:
        return Node(
            world.subnets.get(subnet_id), subnet_id, (state, listens), (), up, frozenset(), ()
        )
    found = enter(
        sight,
        place,
        family,
        Spans.of(p for one in opened for p in (one.ports & wanted).pairs),
        entry,
    )
    told = joined((listens,))
    return Node(
        world.subnets.get(subnet_id),
        subnet_id,
        (*found.steps, state, listens, *_web_acl_steps(balancer, entry, family)),
        tuple(
            (one, common, some)
            for one in opened
            for spans, pieces in found.flows
            if (common := spans & one.ports)
            and (some := _through_web_acls(balancer, entry, pieces, family))
        ),
        weaker(weaker(found.verdict, up), told.verdict),
        found.conditions | told.conditions,
        found.candidates,
    )


def _through_web_acls(
    balancer: LoadBalancer, entry: Entry, pieces: Pieces, family: Family
) -> Pieces:
    """What its web ACLs leave; those that do not see the client may see anything."""
    if entry.sees_client:
        return through(pieces, balancer.web_acls, family)
    return meet(pieces, seen_from(entry.sender, balancer.web_acls, family))


def _web_acl_steps(balancer: LoadBalancer, entry: Entry, family: Family) -> tuple[Step, ...]:
    if entry.sees_client:
        return tuple(one.step(family) for one in balancer.web_acls)
    return tuple(seen_step(entry.sender, one, family) for one in balancer.web_acls)


def _state(balancer: LoadBalancer) -> tuple[Step, Verdict]:
    text = f"The load balancer is {balancer.state}."
    if balancer.state in _UP:
        return Step("state", balancer.id, "pass", text, balancer.refs), Verdict.YES
    step = Step("state", balancer.id, "conditional", text, balancer.refs, "BAD_STATE")
    return step, Verdict.DORMANT


def _listens(balancer: LoadBalancer, opened: list[Listener], wanted: Spans) -> Step:
    name = "listener"
    if balancer.listeners is None:
        return Step(name, balancer.id, "unknown", f"Not collected: {unread_listeners(balancer)}.")
    if not opened:
        text = f"It has no listener on {', '.join(ports.names(wanted)[:5])}."
        code = "ELBV2_LISTENERS_MISMATCH"
        return Step(name, balancer.id, "fail", text, balancer.refs, code)
    refs = tuple(ref for one in opened for ref in one.refs)
    return Step(name, balancer.id, "pass", "It listens there.", refs)


__all__ = [
    "Entry",
    "by_accelerator",
    "by_client",
    "by_cloudfront",
    "enter",
    "to_balancer",
    "to_interface",
]
