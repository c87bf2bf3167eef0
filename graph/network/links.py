"""From a load balancer's node to one target: where the target stands and what is in between."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph.evidence import Step
from graph.network import ports, prefixes
from graph.network.doors import Door, Node, groups_of
from graph.network.facts import Interface, LoadBalancer, Subnet, Target, TargetGroup
from graph.network.filters import acl_in, acl_reply, group_rules, permitted, view_of
from graph.network.hops import (
    Sender,
    acl_steps,
    egress_step,
    group_step,
    joined,
    next_hop,
    route_steps,
)
from graph.network.pieces import Piece, Pieces, meet, unknown
from graph.network.prefixes import EVERYTHING, PUBLIC, Family
from graph.network.spans import Pair, Spans, atoms, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

_EITHER = condition("context", "client-ip-preservation")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target stands: its interface and address; ``balancer`` if it is one."""

    node_id: str
    interface: Interface
    address: str
    subnet: Subnet | None
    zone: str
    same_vpc: bool = True
    balancer: LoadBalancer | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """What is between a node and a target.

    ``pieces`` narrow the clients where the target sees their addresses; ``None``: it does not.
    """

    steps: tuple[Step, ...]
    pieces: Pieces | None
    verdict: Verdict = Verdict.YES
    conditions: frozenset[str] = frozenset()
    place: Place | None = None


def link_of(*steps: Step) -> Link:
    """A link that is only these steps."""
    told = joined(steps)
    return Link(steps, None, told.verdict, told.conditions)


def places_of(
    world: NetworkWorld, balancer: LoadBalancer, group: TargetGroup, target: Target
) -> tuple[Place, ...] | Step:
    """Find a target's interface; a step that says why it cannot be found."""
    if group.kind == "alb":
        return _balancer_places(world, target)
    if group.kind == "ip":
        return _address_places(world, balancer, target)
    instance = world.instances.get(target.id)
    if instance is None or not instance.interfaces:
        gap = world.gap("ec2.describe_instances", balancer.account_id, balancer.region)
        gap = gap or f"ec2.describe_instances({target.id})"
        return Step("target", target.id, "unknown", f"Not collected: {gap}.")
    primary = world.interfaces.get(instance.interfaces[0])
    if primary is None:
        gap = f"ec2.describe_network_interfaces({instance.interfaces[0]})"
        return Step("target", target.id, "unknown", f"Not collected: {gap}.")
    address = _address_in(primary, group)
    if not address:
        text = f"{primary.id} has no {group.ip_address_type} address."
        return Step("target", target.id, "fail", text, primary.refs)
    return (_place(world, balancer, target.id, primary, address),)


def _address_in(interface: Interface, group: TargetGroup) -> str:
    if group.ip_address_type == "ipv6":
        return interface.ipv6[0] if interface.ipv6 else ""
    return next((a.private for a in interface.addresses if a.private), "")


def _place(
    world: NetworkWorld, balancer: LoadBalancer, node: str, interface: Interface, address: str
) -> Place:
    subnet = world.subnets.get(interface.subnet)
    zone = subnet.zone if subnet else ""
    return Place(node, interface, address, subnet, zone, interface.vpc == balancer.vpc)


def _balancer_places(world: NetworkWorld, target: Target) -> tuple[Place, ...] | Step:
    inner = world.load_balancers.get(target.id)
    if inner is None:
        gap = f"elbv2.describe_load_balancers({target.id})"
        return Step("target", target.id, "unknown", f"Not collected: {gap}.")
    found: list[Place] = []
    for subnet_id in inner.subnets:
        subnet = world.subnets.get(subnet_id)
        if subnet is None or not subnet.cidr:
            continue
        first = prefixes.parse(subnet.cidr)[1].pairs[0][0]
        address = prefixes.cidrs(Spans(((first + 4, first + 4),)), Family.IPV4)[0].partition("/")[0]
        stand_in = Interface(
            id=inner.id,
            account_id=inner.account_id,
            region=inner.region,
            vpc=inner.vpc,
            subnet=subnet_id,
            groups=groups_of(inner),
            refs=inner.refs,
        )
        found.append(Place(inner.id, stand_in, address, subnet, subnet.zone, True, inner))
    if found:
        return tuple(found)
    return Step("target", target.id, "unknown", f"Not collected: subnets of {target.id}.")


def _address_places(
    world: NetworkWorld, balancer: LoadBalancer, target: Target
) -> tuple[Place, ...] | Step:
    """Resolve an IP target: in the load balancer's VPC, or behind an active peering."""
    name = "target"
    try:
        prefixes.parse(target.id)
    except ValueError:
        return Step(name, target.id, "unknown", f"Not collected: {target.id!r} is no address.")
    vpcs: list[str] | Step = [balancer.vpc]
    if not world.holds(balancer.vpc, target.id):
        vpcs = _peers_with(world, balancer, target.id)
    if isinstance(vpcs, Step):
        return vpcs
    found = [one for vpc in vpcs for one in world.interfaces_at(vpc, target.id)]
    if found:
        return tuple(_place(world, balancer, one.owner or one.id, one, target.id) for one in found)
    for vpc in vpcs:
        known = world.vpcs.get(vpc)
        if known is None:
            return Step(name, target.id, "unknown", f"Not collected: ec2.describe_vpcs({vpc}).")
        call = "ec2.describe_network_interfaces"
        gap = world.gap(call, known.account_id, known.region)
        if gap:
            return Step(name, target.id, "unknown", f"Not collected: {gap}.")
    # A container or an appliance may hold an address that no interface lists (prefixes).
    text = f"Not collected: an interface with {target.id} in {', '.join(vpcs)}."
    return Step(name, target.id, "unknown", text)


def _peers_with(world: NetworkWorld, balancer: LoadBalancer, address: str) -> list[str] | Step:
    """VPCs to which the load balancer's subnets route an address over peering."""
    name, vpcs, lost = "target", [], ""
    for subnet_id in balancer.subnets:
        subnet = world.subnets.get(subnet_id)
        if subnet is None:
            lost = lost or f"ec2.describe_subnets({subnet_id})"
            continue
        route = next_hop(world, subnet, address)
        if isinstance(route, str):
            lost = lost or route
        elif route is not None and route.kind == "peering":
            peering = world.peerings.get(route.target)
            if peering is None:
                lost = lost or f"ec2.describe_vpc_peering_connections({route.target})"
            else:
                ends = (peering.requester, peering.accepter)
                vpcs += [end for end in ends if end != balancer.vpc]
        elif route is not None:
            lost = lost or f"routing of {address} through {route.target}"
    if vpcs:
        return list(dict.fromkeys(vpcs))
    lost = lost or f"a route to {address}"
    return Step(name, address, "unknown", f"Not collected: {lost}.")


def preserves_client(balancer: LoadBalancer, group: TargetGroup, family: Family) -> bool | None:
    """Whether the target sees the client's address; ``None``: either is possible.

    "Edit target group attributes for your Network Load Balancer", client IP preservation.
    """
    if balancer.kind != "network":
        return False
    if group.kind == "alb":
        return None
    if (family is Family.IPV6) != (group.ip_address_type == "ipv6"):
        return False
    if group.protocol in ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC"):
        return True
    if group.preserve_client_ip is not None:
        return group.preserve_client_ip
    return group.kind == "instance"


def link_to(
    world: NetworkWorld, front: Door, node: Node, group: TargetGroup, place: Place, opened: Spans
) -> Link:
    """Judge the way from a node to a target."""
    balancer, subnet = front.balancer, node.subnet
    if subnet is None:
        gap = f"ec2.describe_subnets({node.subnet_id})" if node.subnet_id else "its subnets"
        step = Step("target", place.node_id, "unknown", f"Not collected: {gap}.")
        return link_of(step)
    family = prefixes.parse(place.address)[0]
    addresses = _node_addresses(world, balancer, subnet, family)
    if not addresses:
        gap = f"ec2.describe_subnets({subnet.id} has no {family} range)"
        return link_of(Step("target", place.node_id, "unknown", f"Not collected: {gap}."))
    sender = Sender(subnet, addresses, groups_of(balancer), balancer.id)
    way = route_steps(world, sender, place.interface, place.address)
    out = egress_step(world, sender, place.interface.groups or (), place.address, opened)
    preserve = preserves_client(balancer, group, front.family)
    by_balancer = _as_balancer(world, sender, place, opened, family, (*way, out), balancer)
    if preserve is False:
        return by_balancer
    by_client = _as_client(world, front, sender, place, opened, (*way, out))
    if preserve:
        return by_client
    return _either(by_client, by_balancer)


def _node_addresses(
    world: NetworkWorld, balancer: LoadBalancer, subnet: Subnet, family: Family
) -> Spans:
    """The node's addresses: its interfaces', told by their description, else the subnet's."""
    key = ("elb interfaces",)
    if key not in world.memo:
        known: dict[tuple[str, str], list[Interface]] = {}
        for one in world.facts.interfaces:
            if one.description.startswith("ELB "):
                known.setdefault((one.description, one.subnet), []).append(one)
        world.memo[key] = known
    suffix = balancer.id.partition("loadbalancer/")[2]
    mine: list[Interface] = world.memo[key].get((f"ELB {suffix}", subnet.id), [])
    if family is Family.IPV6:
        found = [a for one in mine for a in one.ipv6] or list(subnet.ipv6_cidrs)
    else:
        found = [a.private for one in mine for a in one.addresses if a.private] or [subnet.cidr]
    return prefixes.of([a for a in found if a], family)


def _as_balancer(
    world: NetworkWorld,
    sender: Sender,
    place: Place,
    opened: Spans,
    family: Family,
    before: tuple[Step, ...],
    balancer: LoadBalancer,
) -> Link:
    """The target sees the load balancer."""
    inside = balancer.kind == "classic"
    steps = (
        *before,
        *acl_steps(world, sender, place.interface, place.address, opened, within_subnet=inside),
        group_step(world, sender, place.interface, opened, family),
    )
    told = joined(steps)
    return Link(steps, None, told.verdict, told.conditions, place)


def _as_client(
    world: NetworkWorld,
    front: Door,
    sender: Sender,
    place: Place,
    opened: Spans,
    before: tuple[Step, ...],
) -> Link:
    """The target sees the client: its groups and ACL must admit public addresses."""
    family = front.family
    target = place.interface
    rules = group_rules(world, target.groups, target.account_id, target.region)
    referred = _refers_to(world, target, sender.groups or (), opened)
    pieces: list[Pieces] = []
    for atom in _atoms(world, place, opened, rules_ports=[r.ports for r in rules.rules if r.ports]):
        by_group: Pieces = (
            (Piece(PUBLIC[family]),) if referred else permitted(world, rules, atom, family)
        )
        pieces.append(_through_acl(world, sender, place, atom, by_group, family))
    admitted = tuple(dict.fromkeys(piece for one in pieces for piece in one))
    name, subject = "security group in", target.id
    if admitted:
        shown = Step(name, subject, "pass", "The target's groups admit the client's address.")
    else:
        text = "The target sees the client's address, and no rule or ACL entry admits any."
        shown = Step(name, subject, "fail", text, target.refs, "ENI_SG_RULES_MISMATCH")
    steps = (*before, shown)
    told = joined(steps)
    return Link(steps, admitted, told.verdict, told.conditions, place)


def _refers_to(
    world: NetworkWorld, target: Interface, groups: tuple[str, ...], opened: Spans
) -> bool:
    """Whether the target's groups admit the load balancer's group on all these ports."""
    found = union(
        rule.ports
        for group in target.groups or ()
        if group in world.security_groups
        for rule in world.security_groups[group].rules
        if rule.group in groups and rule.group and rule.ports is not None
    )
    return bool(groups) and found.covers(opened)


def _atoms(
    world: NetworkWorld, place: Place, opened: Spans, rules_ports: list[Spans]
) -> tuple[Pair, ...]:
    acl = world.acl_of(place.subnet) if place.subnet else None
    cuts = [entry.ports for entry in acl.entries if entry.ports] if acl else []
    return atoms(opened, [*rules_ports, *cuts, *ports.PROTOCOL_CUTS])


def _through_acl(
    world: NetworkWorld,
    sender: Sender,
    place: Place,
    atom: Pair,
    pieces: Pieces,
    family: Family,
) -> Pieces:
    """The target's subnet filters the client's address, unless the node is in that subnet."""
    if place.subnet is None:
        return meet(pieces, unknown(EVERYTHING[family], ["ec2.describe_subnets"]))
    if place.subnet.id == sender.subnet.id:
        return pieces
    acl = world.acl_of(place.subnet)
    if acl is None:
        gap = world.gap("ec2.describe_network_acls", place.subnet.account_id, place.subnet.region)
        gap = gap or f"ec2.describe_network_acls({place.subnet.id})"
        return meet(pieces, unknown(EVERYTHING[family], [gap]))
    view = view_of(world, acl, family)
    return meet(meet(pieces, acl_in(view, atom)), acl_reply(view, atom))


def _either(client: Link, balancer: Link) -> Link:
    """Both ways of seeing the sender are possible: surely only what passes both."""
    if client.verdict is Verdict.NO and balancer.verdict is Verdict.NO:
        return client
    if client.verdict is Verdict.YES and balancer.verdict is Verdict.YES:
        return client
    best = client if client.verdict.rank >= balancer.verdict.rank else balancer
    steps = tuple(
        replace(step, result="conditional") if step.result == "fail" else step
        for step in best.steps
    )
    verdict = Verdict.CONDITIONAL if best.verdict is Verdict.YES else best.verdict
    return replace(best, steps=steps, verdict=verdict, conditions=best.conditions | {_EITHER})
