"""From a load balancer's node to one target: what is in between, and what the target sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.evidence import Ref, Step
from graph.network import ports, prefixes
from graph.network.between.admission import has_no_groups
from graph.network.doors import Door, Node, groups_of
from graph.network.facts import Interface, LoadBalancer, Subnet, TargetGroup
from graph.network.filters import (
    GroupRules,
    acl_in,
    acl_reply,
    group_rules,
    permitted,
    view_of,
)
from graph.network.hops import (
    PARTLY,
    Joined,
    Sender,
    Told,
    crossing,
    egress_step,
    group_step,
    in_a_row,
    joined,
    judged,
    reply_crossing,
)
from graph.network.path_texts import rule_refs
from graph.network.pieces import CLIENT, Piece, Pieces, meet, unknown, weaker
from graph.network.prefixes import EVERYTHING, PUBLIC, Family
from graph.network.private_ways import Passage, on_premises, passages, softened
from graph.network.spans import Pair, Spans, atoms, union
from graph.network.target_places import Place
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

_EITHER = condition("context", "client-ip-preservation")
_NOT_SUPPORTED = ("vpc_endpoint", "network_load_balancer")
# Families of instances that do not support client IP preservation.
_OLD = frozenset(
    ["c1", "cc1", "cc2", "cg1", "cg2", "cr1", "g1", "g2", "hi1", "hs1", "m1", "m2", "m3", "t1"]
)
_NAMED = 20
_ON_PREMISES = condition("context", "on-premises-network")


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
    if place.on_premises:
        return _beyond(world, sender, place, opened)
    preserve = preserves_client(balancer, group, front.family)
    inside = balancer.kind == "classic"
    target, address = place.interface, place.address
    ways = passages(world, sender, target, address, opened, within_subnet=inside)
    return _any_address(
        [
            _best(_by(world, front, sender, place, opened, preserve, one) for one in some)
            for some in ways
        ]
    )


def _best(links: Iterable[Link]) -> Link:
    """The strongest of the links that packets may take; each is conditional on being taken."""
    return max(links, key=lambda link: link.verdict.rank)


def _by(
    world: NetworkWorld,
    front: Door,
    sender: Sender,
    place: Place,
    opened: Spans,
    preserve: bool | None,
    passage: Passage,
) -> Link:
    """The link by one way, by what the target sees of the sender."""
    by_balancer = _as_balancer(world, sender, place, opened, passage)
    if preserve is False:
        return by_balancer
    if front.clients is None:
        by_client = _as_client(world, front, sender, place, opened, passage)
    else:
        by_client = _as_inside_client(world, front.clients, sender, place, opened, passage)
    if preserve and _keeps_client(world, sender, place, passage):
        return by_client
    return _either(by_client, by_balancer, always=bool(preserve))


def _keeps_client(world: NetworkWorld, sender: Sender, place: Place, passage: Passage) -> bool:
    """Whether AWS says that a target there can see the client's address.

    "The target must be in the same VPC as the Network Load Balancer or in a peered VPC in the same
    Region" ("Edit target group attributes for your Network Load Balancer"); what becomes of
    packets otherwise, and of replies that no route of the peer leads back, it does not say. Nor do
    endpoints' interfaces, those of other load balancers and instances of old types support it.
    """
    instance = world.instances.get(place.interface.owner)
    old = instance is not None and instance.kind.partition(".")[0] in _OLD
    if old or place.interface.kind in _NOT_SUPPORTED:
        return False
    if place.interface.vpc == sender.subnet.vpc:
        return True
    near = passage.kinds == ("peering",) and place.interface.region == sender.subnet.region
    return near and passage.back.verdict is not Verdict.NO


def _beyond(world: NetworkWorld, sender: Sender, place: Place, opened: Spans) -> Link:
    """A target on premises: what the network there lets through is not in AWS's data."""
    ways = on_premises(world, sender, place.node_id, place.address, opened)
    return _best(_beyond_by(world, sender, place, opened, passage) for passage in ways)


def _beyond_by(
    world: NetworkWorld, sender: Sender, place: Place, opened: Spans, passage: Passage
) -> Link:
    out = egress_step(world, sender, (), place.address, opened)
    text = f"{place.address} stands on premises; what lets it through there AWS does not know."
    there = Step("target", place.node_id, "conditional", text)
    term = Joined(Verdict.CONDITIONAL, frozenset({_ON_PREMISES}))
    told = in_a_row(passage.told, joined((out,)), term)
    steps = (out, *passage.going, there, *passage.coming)
    return Link(steps, None, told.verdict, told.conditions, place)


def _node_addresses(
    world: NetworkWorld, balancer: LoadBalancer, subnet: Subnet, family: Family
) -> Spans:
    """The node's addresses: its interfaces', told by their description, else the subnet's."""
    key = ("elb interfaces",)
    if key not in world.memo:
        known: dict[tuple[str, str], list[Interface]] = {}
        for one in world.facts.interfaces:
            if (node_of := world.balancer_of(one)) is not None:
                known.setdefault((node_of.id, one.subnet), []).append(one)
        world.memo[key] = known
    mine: list[Interface] = world.memo[key].get((balancer.id, subnet.id), [])
    if family is Family.IPV6:
        found = [a for one in mine for a in one.ipv6] or list(subnet.ipv6_cidrs)
    else:
        found = [a.private for one in mine for a in one.addresses if a.private] or [subnet.cidr]
    return prefixes.of([a for a in found if a], family)


def _out(
    world: NetworkWorld, sender: Sender, place: Place, opened: Spans, passage: Passage
) -> Step:
    groups = place.interface.groups or () if passage.names_groups else ()
    return egress_step(world, sender, groups, place.address, opened)


def _as_balancer(
    world: NetworkWorld, sender: Sender, place: Place, opened: Spans, passage: Passage
) -> Link:
    """The target sees the load balancer."""
    family = prefixes.parse(place.address)[0]
    out = _out(world, sender, place, opened, passage)
    admits = group_step(world, passage.sender, place.interface, opened, family)
    told = in_a_row(passage.told, joined((out, admits)))
    steps = (out, *passage.going, admits, *passage.coming)
    return Link(steps, None, told.verdict, told.conditions, place)


def _as_client(
    world: NetworkWorld,
    front: Door,
    sender: Sender,
    place: Place,
    opened: Spans,
    passage: Passage,
) -> Link:
    """The target sees the client: its groups and ACL must admit public addresses."""
    family = front.family
    target = place.interface
    held = None if has_no_groups(target) else target.groups
    rules = group_rules(world, held, target.account_id, target.region)
    referred = _refers_to(world, target, passage.sender.groups or (), opened)
    pieces: list[tuple[Pair, Pieces]] = []
    for atom in _atoms(world, place, opened, rules_ports=[r.ports for r in rules.rules if r.ports]):
        by_group: Pieces = (
            (Piece(PUBLIC[family]),) if referred else permitted(world, rules, atom, family)
        )
        pieces.append((atom, _through_acl(world, sender, place, atom, by_group, family)))
    admitted = tuple(dict.fromkeys(piece for _, one in pieces for piece in one))
    name, subject = "security group in", target.id
    if admitted:
        let_in = [(atom, one) for atom, one in pieces if one]
        text, refs = _told_of_client(world, sender, place, rules, let_in, referred=referred)
        shown = Step(name, subject, "pass", text, refs)
    else:
        text = "The target sees the client's address, and no rule or ACL entry admits any."
        refs = rules.refs or target.refs
        shown = Step(name, subject, "fail", text, refs, "ENI_SG_RULES_MISMATCH")
    out = _out(world, sender, place, opened, passage)
    told = in_a_row(passage.there, joined((out, shown)))
    steps = (out, *passage.route_steps, shown)
    return Link(steps, admitted, told.verdict, told.conditions, place)


def _as_inside_client(
    world: NetworkWorld,
    clients: Spans,
    sender: Sender,
    place: Place,
    opened: Spans,
    passage: Passage,
) -> Link:
    """The target sees a client's private address: its groups and ACL must admit it.

    Groups of clients are not known to the target's rules, the load balancer's are ("Update the
    security groups for your Network Load Balancer").
    """
    family = prefixes.parse(place.address)[0]
    out = _out(world, sender, place, opened, passage)
    if _refers_to(world, place.interface, passage.sender.groups or (), opened):
        text = "The target's security groups admit the load balancer's."
        admits = Step("security group in", place.interface.id, "pass", text, place.interface.refs)
    else:
        client = replace(sender, addresses=clients, groups=(), name="The client")
        admits = group_step(world, client, place.interface, opened, family)
    met = [Told(admits, frozenset({CLIENT}))]
    if place.subnet is not None and place.subnet.id != sender.subnet.id:
        for judge, way in ((crossing, "in"), (reply_crossing, "out")):
            one = judge(world, place.subnet.id, clients, opened, family, way)
            met.append(Told(one.step, one.conditions or frozenset({CLIENT})))
    told = in_a_row(passage.there, joined((out,)), judged(met))
    steps = (out, *passage.route_steps, *(one.step for one in met))
    return Link(steps, None, told.verdict, told.conditions, place)


def _told_of_client(
    world: NetworkWorld,
    sender: Sender,
    place: Place,
    rules: GroupRules,
    let_in: list[tuple[Pair, Pieces]],
    *,
    referred: bool,
) -> tuple[str, tuple[Ref, ...]]:
    """By which groups, and by which network ACL where one is met, a client gets to the target."""
    opened = Spans.of(atom for atom, _ in let_in)
    refs = rule_refs(rules, let_in)
    if rules.open:
        told = "no security group is attached"
    else:
        whom = "the load balancer's security group" if referred else "it"
        groups = ", ".join(rules.groups[:_NAMED]) or "its security groups"
        told = (
            f"inbound rules of {groups} admit {whom} on {'; '.join(ports.names(opened)[:_NAMED])}"
        )
    if referred:
        refs = tuple(
            ref
            for rule in rules.rules
            if rule.group and (rule.ports is None or rule.ports & opened)
            for ref in rule.refs
        )[:_NAMED]
    text = f"The target sees the client's address; {told}."
    acl = world.acl_of(place.subnet) if place.subnet else None
    if acl is None or place.subnet is None or place.subnet.id == sender.subnet.id:
        return text, refs
    return f"{text} Network ACL {acl.id} lets it in, and the reply out.", (*refs, *acl.refs)


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


def _either(client: Link, balancer: Link, *, always: bool = False) -> Link:
    """Both ways of seeing the sender are possible: surely only what passes both.

    ``always``: it is a condition even then, as AWS does not say that anything gets through.
    """
    if client.verdict is Verdict.NO and balancer.verdict is Verdict.NO:
        return client
    if client.verdict is Verdict.YES and balancer.verdict is Verdict.YES and not always:
        return client
    best = client if client.verdict.rank >= balancer.verdict.rank else balancer
    return _if(best, _EITHER)


def _if(link: Link, term: str) -> Link:
    """The link under one more condition."""
    verdict = weaker(link.verdict, Verdict.CONDITIONAL)
    steps, terms = softened(link.steps), link.conditions | {term}
    return replace(link, steps=steps, verdict=verdict, conditions=terms)


def _any_address(found: list[Link]) -> Link:
    """A link by whatever address the node sends from: sure only if each of them gets through."""
    best = max(found, key=lambda link: link.verdict.rank)
    if best.verdict is Verdict.NO or all(link.verdict is best.verdict for link in found):
        return best
    return _if(best, PARTLY)
