"""From a load balancer to what stands behind it: target groups, targets, chains of two.

Mechanisms: behind an application load balancer the target sees the balancer's addresses; behind
a network load balancer with client IP preservation it sees the client's ("Edit target group
attributes for your Network Load Balancer").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from graph.evidence import Step
from graph.network import ports, prefixes
from graph.network.doors import Door, Node, door, families, groups_of, listeners_of
from graph.network.facts import Listener, LoadBalancer, Target, TargetGroup
from graph.network.health import health_of
from graph.network.links import Link, link_of, link_to
from graph.network.listeners import Forward, forwards, forwards_inside, unread_forwards
from graph.network.pieces import Pieces, meet, weaker
from graph.network.reach import Reach, Subject, grants_of, merge, reaches
from graph.network.service_ports import listener_ports
from graph.network.spans import Spans, union
from graph.network.target_places import Place, places_of
from graph.network.web_acls import Narrowing, through, through_inside
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

# An NLB -> ALB chain is the longest that AWS allows; the bound stops data that go in circles.
_DEEPEST = 2


def internet_to_targets(world: NetworkWorld, balancer: LoadBalancer) -> list[Reach]:
    """Judge the internet's reach to every target behind a load balancer.

    Returns:
        One result for each (source, target, mechanism), ``via`` the load balancers passed.
        ``ports`` are the target's own (the listener's for a function).
    """
    found: list[Reach] = []
    for family in families(balancer):
        found += targets_behind(world, door(world, balancer, family))
    return merge(found)


def targets_behind(world: NetworkWorld, front: Door) -> list[Reach]:
    """The reach to every target behind a door, way by way (not merged)."""
    found: list[Reach] = []
    for listener, way, group in _ways(world, front):
        if isinstance(group, str):
            found += _unread(front, group)
        elif group.targets is None:
            found += _unread(front, group.id, group.missing)
        else:
            for target in group.targets:
                found += _to_target(world, front, listener, way, group, target)
    return found


def _ways(
    world: NetworkWorld, front: Door
) -> Iterator[tuple[Listener, Forward, TargetGroup | str]]:
    balancer = front.balancer
    for listener in listeners_of(balancer):
        if balancer.kind == "classic":
            way = Forward("", prefixes.PUBLIC[front.family])
            yield listener, way, classic_group(balancer, listener)
            continue
        unread = unread_forwards(listener, _attached(world, balancer), front.family)
        for way in (*_taken(front, listener), *unread):
            yield listener, way, world.target_groups.get(way.target_group, way.target_group)


def _taken(front: Door, listener: Listener) -> list[Forward]:
    if front.clients is None:
        return forwards(listener, front.family)
    return forwards_inside(listener, front.family, front.clients)


def _attached(world: NetworkWorld, balancer: LoadBalancer) -> list[TargetGroup]:
    """The target groups that a load balancer may send to.

    "You can use each target group with only one load balancer" (API reference, TargetGroup,
    LoadBalancerArns). One that does not tell which may be that of any in its VPC: it is taken for
    that of the first whose rules were not read, as one row is enough to say so.
    """
    key = ("attached target groups",)
    if key not in world.memo:
        unread: dict[str, str] = {}
        for one in world.facts.load_balancers:
            if any(listener.rules_missing for listener in listeners_of(one)):
                unread.setdefault(one.vpc, one.id)
        found: dict[str, list[TargetGroup]] = {}
        for group in world.facts.target_groups:
            maybe = [unread[group.vpc]] if group.vpc in unread else []
            for name in maybe if group.balancers is None else group.balancers:
                found.setdefault(name, []).append(group)
        world.memo[key] = found
    attached: dict[str, list[TargetGroup]] = world.memo[key]
    return attached.get(balancer.id, [])


def classic_group(balancer: LoadBalancer, listener: Listener) -> TargetGroup:
    """A classic load balancer's registered instances, as a target group."""
    return TargetGroup(
        id=balancer.id,
        kind="instance",
        protocol="TCP",
        port=listener.instance_port,
        vpc=balancer.vpc,
        targets=balancer.targets,
    )


def _unread(front: Door, group: str, missing: tuple[str, ...] = ()) -> list[Reach]:
    gap = ", ".join(missing) or f"elbv2.describe_target_groups({group})"
    step = Step("target", group, "unknown", f"Not collected: {gap}.")
    subject = Subject(group, front.family, front.mechanism, (*front.via, front.balancer.id))
    closed = all(_failed(node.steps) for node in front.nodes)
    steps = (*front.nodes[0].steps, step) if closed else (step,)
    return reaches(subject, [], steps)


def _failed(steps: Iterable[Step]) -> bool:
    return any(step.result == "fail" for step in steps)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A target on a way: what it is called, where it stands, its ports and health."""

    node_id: str
    opened: Spans
    steps: tuple[Step, ...]
    bound: Verdict
    conditions: frozenset[str]


def _to_target(
    world: NetworkWorld,
    front: Door,
    listener: Listener,
    way: Forward,
    group: TargetGroup,
    target: Target,
) -> list[Reach]:
    opened = _target_ports(listener, group, target)
    rule = _rule_step(listener, way, group)
    if group.kind == "lambda":
        text = "The load balancer invokes the function; registering it needs its permission."
        step = Step("target", target.id, "pass", text, group.refs)
        hit = _hit(world, front, group, target, rule, opened)
        return _through(front, listener, way, hit, [(None, link_of(step))])
    places = places_of(world, front.balancer, group, target)
    if isinstance(places, Step):
        node = target.id if group.kind != "ip" else f"{group.vpc}:{target.id}"
        hit = _hit(world, front, group, target, rule, opened)
        lost = replace(hit, node_id=node, steps=(rule, places))
        return _through(front, listener, way, lost, [(None, link_of(places))])
    found: list[Reach] = []
    for place in places:
        zone = "" if _crosses_zones(front.balancer, group) else place.zone
        for some in _by_protocol(opened):
            hit = _hit(world, front, group, target, rule, some, zone)
            there = replace(hit, node_id=place.node_id)
            found += _to_place(world, front, listener, way, group, there, place)
    return found


def _hit(
    world: NetworkWorld,
    front: Door,
    group: TargetGroup,
    target: Target,
    rule: Step,
    opened: Spans,
    zone: str = "",
) -> _Hit:
    health = health_of(world, front.balancer, group, target, zone)
    return _Hit(target.id, opened, (rule, health.step), health.verdict, health.conditions)


def _by_protocol(opened: Spans) -> tuple[Spans, ...]:
    """TCP and UDP apart, as only TCP needs its reply; all ports as they are if there is one."""
    parts = tuple(
        some for one in (ports.TCP, ports.UDP) if (some := opened & ports.of_protocol(one))
    )
    return parts if len(parts) > 1 else (opened,)


def _to_place(
    world: NetworkWorld,
    front: Door,
    listener: Listener,
    way: Forward,
    group: TargetGroup,
    hit: _Hit,
    place: Place,
) -> list[Reach]:
    """The reach to a target in one place, and to what stands behind it."""
    links: list[tuple[Node | None, Link]] = [
        (node, link_to(world, front, node, group, place, hit.opened))
        for node in front.nodes
        # A node whose subnet was not read may stand in any zone: what it reaches is unknown.
        if node.subnet is None or _in_zone(world, front.balancer, group, node, place)
    ]
    if not links:
        links = [(None, link_of(_zone_step(front.balancer, place)))]
    found = _through(front, listener, way, hit, links)
    if place.balancer is not None and len(front.via) + 1 < _DEEPEST:
        found += _chain(world, front, listener, way, hit, place.balancer, links)
    return found


def _target_ports(listener: Listener, group: TargetGroup, target: Target) -> Spans:
    if group.kind == "lambda":
        return listener.ports
    port = target.port if target.port is not None else group.port
    # A group may take both while this listener brings one of them.
    wanted = listener_ports(group.protocol, port)
    carried = [p for p in (ports.TCP, ports.UDP) if listener.ports & ports.of_protocol(p)]
    brought = union(wanted & ports.of_protocol(p) for p in carried)
    return brought or wanted


def _rule_step(listener: Listener, way: Forward, group: TargetGroup) -> Step:
    if way.unread:
        text = f"Whether it leads to {group.id} is not known. Not collected: {way.unread}."
        return Step("listener rule", listener.id, "unknown", text, listener.refs)
    asked = "; ".join(ports.names(listener.ports))
    text = f"Listener {asked} forwards to {group.id}"
    if way.notes:
        text += f" where {'; '.join(way.notes)} (the client's choice)"
    if way.conditions:
        text += f", if {', '.join(sorted(way.conditions))}"
    result = "conditional" if way.conditions else "pass"
    return Step("listener rule", way.rule or listener.id, result, f"{text}.", listener.refs)


def _in_zone(
    world: NetworkWorld, balancer: LoadBalancer, group: TargetGroup, node: Node, place: Place
) -> bool:
    """Whether this node may use the target: its own zone, or cross-zone load balancing."""
    zone = place.zone
    enabled = {world.subnets[s].zone for s in balancer.subnets if s in world.subnets}
    if zone and zone not in enabled and place.same_vpc:
        return False
    if _crosses_zones(balancer, group) or not zone or not place.same_vpc or node.subnet is None:
        return True
    return node.subnet.zone == zone


def _crosses_zones(balancer: LoadBalancer, group: TargetGroup) -> bool:
    """Whether cross-zone load balancing is on; a target group's own setting wins."""
    return balancer.cross_zone if group.cross_zone is None else group.cross_zone


def _zone_step(balancer: LoadBalancer, place: Place) -> Step:
    text = f"Zone {place.zone} is not enabled for {balancer.id}."
    return Step("target", place.node_id, "fail", text, code="ELB_INSTALLED_AZ_RESTRICTION")


def _through(
    front: Door,
    listener: Listener,
    way: Forward,
    hit: _Hit,
    links: list[tuple[Node | None, Link]],
) -> list[Reach]:
    """Join node, rule, link and health to results for one target."""
    balancer = front.balancer
    via = (*front.via, balancer.id)
    enters = front.entering(listener)
    subject = Subject(hit.node_id, front.family, front.mechanism, via, balancer.guards, enters)
    found: list[Reach] = []
    for only, link in links:
        for node in front.nodes if only is None else (only,):
            pieces = _arriving(front, node, listener, way, link)
            overall = weaker(node.verdict, link.verdict)
            terms = node.conditions | link.conditions | hit.conditions
            granted = grants_of(
                [(hit.opened, pieces)] if pieces else [],
                front.family,
                node.candidates,
                overall,
                terms,
            )
            steps = (*node.steps, hit.steps[0], *link.steps, *hit.steps[1:])
            if not granted and not _failed(steps):
                steps = (*steps, _nothing_left(hit, steps))
            found += reaches(subject, granted, steps, hit.bound, hit.conditions)
    return found


def _nothing_left(hit: _Hit, steps: tuple[Step, ...]) -> Step:
    if any(step.result == "unknown" for step in steps):
        return Step(
            "target", hit.node_id, "unknown", "What the listener lets through is not known."
        )
    text = "No source passes the listener rule and the target's security groups together."
    return Step("target", hit.node_id, "fail", text)


def _arriving(front: Door, node: Node, listener: Listener, way: Forward, link: Link) -> Pieces:
    """Sources that reach the node at this listener, take the rule and pass the link."""
    taking = _taking(front, node, listener, way)
    return meet(taking, link.pieces) if link.pieces is not None else taking


def _taking(front: Door, node: Node, listener: Listener, way: Forward) -> Pieces:
    """Sources that take a way at one of the door's nodes, worked out once for all its targets."""
    key = (id(node), id(listener), way)
    if key not in front.taking:
        at_listener: Pieces = ()
        for one, _, pieces in node.flows:
            if one == listener:
                at_listener += pieces
        front.taking[key] = meet(at_listener, (way.piece,))
    return front.taking[key]


def _chain(
    world: NetworkWorld,
    front: Door,
    listener: Listener,
    way: Forward,
    hit: _Hit,
    inner: LoadBalancer,
    links: list[tuple[Node | None, Link]],
) -> list[Reach]:
    """What stands behind an application load balancer that is itself a target."""
    nodes: list[Node] = []
    for node, link in links:
        if node is None or link.place is None or link.place.subnet is None:
            continue
        family = front.family
        # Where the inner one may see the outer one's private address, that may be what it admits.
        acls = tuple(one for one in inner.web_acls if not one.lets_private(family))
        arriving = let_through(front, _arriving(front, node, listener, way, link), acls)
        told = tuple(one.step(family) for one in acls)
        steps = (*node.steps, hit.steps[0], *link.steps, *hit.steps[1:], *told)
        flows = tuple(
            (one, one.ports & hit.opened, arriving)
            for one in listeners_of(inner)
            if arriving and one.ports & hit.opened
        )
        bound = weaker(weaker(node.verdict, link.verdict), hit.bound)
        terms = node.conditions | link.conditions | hit.conditions
        place = link.place.subnet
        nodes.append(Node(place, place.id, steps, flows, bound, terms, node.candidates))
    if not nodes:
        return []
    via = (*front.via, front.balancer.id)
    hidden = replace(inner, groups=groups_of(inner))
    entered = front.entering(listener)
    behind = Door(hidden, front.family, tuple(nodes), via, entered=entered, clients=front.clients)
    return targets_behind(world, behind)


def let_through(front: Door, pieces: Pieces, acls: Iterable[Narrowing]) -> Pieces:
    """What of the sources at a door gets through web ACLs."""
    if front.clients is None:
        return through(pieces, acls, front.family)
    return through_inside(pieces, acls, front.family, front.clients)


__all__ = ["internet_to_targets", "let_through", "targets_behind"]
