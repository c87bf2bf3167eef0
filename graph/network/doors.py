"""Load balancers as front doors: which listeners the internet reaches.

A load balancer is judged by its subnets, its security groups and its listeners; interfaces of its
nodes are not needed (they may be invisible). One subnet that passes is enough.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from graph.evidence import Step
from graph.network import ports
from graph.network.facts import Listener, LoadBalancer, Subnet
from graph.network.internet import inspection_step
from graph.network.listeners import listener_pieces
from graph.network.path import Path, internet_path, steps_in
from graph.network.pieces import Pieces, meet, weaker
from graph.network.prefixes import Family
from graph.network.reach import Reach, Subject, grants_of, merge, reaches
from graph.network.spans import Spans, union
from graph.network.web_acls import through
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

SHORT = {"application": "alb", "network": "nlb", "classic": "clb", "gateway": "gwlb"}
_FAMILIES = {
    "ipv4": (Family.IPV4,),
    "dualstack": (Family.IPV4, Family.IPV6),
    "dualstack-without-public-ipv4": (Family.IPV6,),
}
_UP = ("active", "active_impaired")


@dataclass(frozen=True, slots=True)
class Node:
    """A load balancer's node in one subnet: what reaches it, listener by listener.

    ``flows`` hold (listener, ports, pieces) as the filters let them in, before the listener's own
    rules; ``verdict`` and ``conditions`` bound them all.
    """

    subnet: Subnet | None
    subnet_id: str
    steps: tuple[Step, ...]
    flows: tuple[tuple[Listener, Spans, Pieces], ...]
    verdict: Verdict
    conditions: frozenset[str]
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """A load balancer as it is reached by one family, with what was passed before it.

    ``taking`` keeps who takes a way through a listener at one of the nodes. ``entered`` are the
    ports of the first door passed by which one gets here: ``None`` where this is the first, empty
    where they are not known. ``clients`` are the addresses of who comes from inside, by private
    ones; then the internet of pieces stands for all of them. ``None``: the internet is meant.
    """

    balancer: LoadBalancer
    family: Family
    nodes: tuple[Node, ...]
    via: tuple[str, ...]
    taking: dict[Hashable, Pieces] = field(default_factory=dict, repr=False, compare=False)
    entered: tuple[str, ...] | None = ()
    clients: Spans | None = None

    def entering(self, listener: Listener) -> tuple[str, ...]:
        """The ports of the first door by which one gets to a listener of this one."""
        return ports.names(listener.ports) if self.entered is None else self.entered

    @property
    def mechanism(self) -> str:
        """``alb/ipv4`` and the like."""
        return f"{SHORT.get(self.balancer.kind, self.balancer.kind)}/{self.family}"


def families(balancer: LoadBalancer) -> tuple[Family, ...]:
    """Families by which a load balancer can be addressed publicly."""
    return _FAMILIES.get(balancer.ip_address_type, (Family.IPV4, Family.IPV6))


def groups_of(balancer: LoadBalancer) -> tuple[str, ...] | None:
    """Its security groups; only a network load balancer can be without any."""
    if balancer.groups or balancer.groups is None:
        return balancer.groups
    return (f"{balancer.id} lists none",)


def listeners_of(balancer: LoadBalancer) -> tuple[Listener, ...]:
    """Its listeners; where they were not read, one that may be any of them."""
    if balancer.listeners is None:
        return (Listener(balancer.id, ports.ALL, rules_missing=unread_listeners(balancer)),)
    return balancer.listeners


def unread_listeners(balancer: LoadBalancer) -> str:
    """The name of the call that would have told the listeners."""
    return ", ".join(balancer.missing) or f"describe_listeners({balancer.id})"


def door(world: NetworkWorld, balancer: LoadBalancer, family: Family) -> Door:
    """The load balancer as the internet meets it."""
    nodes = tuple(_node(world, balancer, subnet, family) for subnet in balancer.subnets)
    if not nodes:
        gap = f"subnets of {balancer.id}"
        step = Step("subnet", balancer.id, "unknown", f"Not collected: {gap}.")
        terms = frozenset({f"not_collected:{gap}"})
        nodes = (Node(None, "", (step,), (), Verdict.UNKNOWN, terms, ()),)
    return Door(balancer, family, nodes, (), entered=None)


def _node(world: NetworkWorld, balancer: LoadBalancer, subnet_id: str, family: Family) -> Node:
    subnet = world.subnets.get(subnet_id)
    listeners = balancer.listeners or ()
    only = union(one.ports for one in listeners) if balancer.listeners is not None else ports.ALL
    address = _address_step(balancer, subnet, family)
    state, verdict = state_of_balancer(balancer)
    listens = _listener_step(balancer)
    if not only:
        return Node(subnet, subnet_id, (address, state, listens), (), verdict, frozenset(), ())
    path = internet_path(
        world, subnet_id, groups_of(balancer), balancer.account_id, balancer.region, family, only
    )
    terms = set(path.conditions)
    verdict = weaker(verdict, path.verdict)
    for step in (address, listens):
        if step.result == "unknown":
            verdict = weaker(verdict, Verdict.UNKNOWN)
            terms.add(f"not_collected:{step.text.split('ollected: ', 1)[-1].rstrip('.')}")
    acls = tuple(one.step(family) for one in balancer.web_acls)
    way = (*steps_in(world, path, subnet_id), state, inspection_step(path, []))
    steps = (address, *way, listens, *acls)
    flows = _flows(balancer, path, family)
    return Node(subnet, subnet_id, steps, flows, verdict, frozenset(terms), path.candidates)


def _flows(
    balancer: LoadBalancer, path: Path, family: Family
) -> tuple[tuple[Listener, Spans, Pieces], ...]:
    """What reaches each listener; a web ACL is asked before the listener's rules."""
    return tuple(
        (listener, opened, sources)
        for listener in listeners_of(balancer)
        for flow in path.flows
        if (opened := flow.ports & listener.ports)
        and (sources := through(flow.sources, balancer.web_acls, family))
    )


def _address_step(balancer: LoadBalancer, subnet: Subnet | None, family: Family) -> Step:
    name, subject, refs = "address", balancer.id, balancer.refs
    if balancer.kind == "gateway":
        text = "A gateway load balancer takes traffic from its endpoints only."
        return Step(name, subject, "fail", text, refs)
    if family is Family.IPV6:
        return _address_v6(balancer, subnet)
    if balancer.internet_facing is None:
        return Step(name, subject, "unknown", f"Not collected: Scheme of {subject}.", refs)
    if not balancer.internet_facing:
        return Step(name, subject, "fail", "The load balancer is internal.", refs)
    return Step(name, subject, "pass", "The load balancer is internet-facing.", refs)


def _address_v6(balancer: LoadBalancer, subnet: Subnet | None) -> Step:
    """IPv6 addresses are public even of an internal load balancer, unless it refuses gateways.

    Attribute ``ipv6.deny_all_igw_traffic``: false by default for internet-facing, true for
    internal load balancers (ELB v2 API reference, LoadBalancerAttribute).
    """
    name, subject, refs = "address", balancer.id, balancer.refs
    if balancer.deny_igw_v6:
        text = "The load balancer refuses IPv6 from internet gateways (ipv6.deny_all_igw_traffic)."
        return Step(name, subject, "fail", text, refs)
    if balancer.deny_igw_v6 is None and not balancer.internet_facing:
        text = f"Not collected: elbv2.describe_load_balancer_attributes({subject})."
        return Step(name, subject, "unknown", text, refs)
    if subnet is not None and not subnet.ipv6_cidrs:
        return Step(name, subject, "fail", f"{subnet.id} has no IPv6 addresses.", subnet.refs)
    return Step(name, subject, "pass", "The load balancer has public IPv6 addresses.", refs)


def state_of_balancer(balancer: LoadBalancer) -> tuple[Step, Verdict]:
    """Whether a load balancer is in service, and what that allows."""
    text = f"The load balancer is {balancer.state}."
    if balancer.state in _UP:
        return Step("state", balancer.id, "pass", text, balancer.refs), Verdict.YES
    step = Step("state", balancer.id, "conditional", text, balancer.refs, "BAD_STATE")
    return step, Verdict.DORMANT


def _listener_step(balancer: LoadBalancer) -> Step:
    name = "listener"
    if balancer.listeners is None:
        gap = unread_listeners(balancer)
        return Step(name, balancer.id, "unknown", f"Not collected: {gap}.")
    if not balancer.listeners:
        code = (
            "ELB_LISTENERS_MISMATCH" if balancer.kind == "classic" else "ELBV2_LISTENERS_MISMATCH"
        )
        return Step(name, balancer.id, "fail", "There is no listener.", balancer.refs, code)
    opened = "; ".join(ports.names(union(one.ports for one in balancer.listeners))[:20])
    refs = tuple(ref for one in balancer.listeners for ref in one.refs)
    unread = [one.rules_missing for one in balancer.listeners if one.rules_missing]
    text = f"Listeners on {opened}."
    if unread:
        text += f" Rules not collected: {', '.join(unread)}."
    return Step(name, balancer.id, "pass", text, refs)


def internet_to_balancer(world: NetworkWorld, balancer: LoadBalancer) -> list[Reach]:
    """Judge the internet's reach to a load balancer itself, one result a source and family."""
    return merge(
        one for family in families(balancer) for one in door_reaches(door(world, balancer, family))
    )


def door_reaches(found: Door) -> list[Reach]:
    """The reach to a door, node by node (not merged)."""
    balancer = found.balancer
    subject = Subject(balancer.id, found.family, found.mechanism, guards=balancer.guards)
    results: list[Reach] = []
    for node in found.nodes:
        flows = [
            (opened, some)
            for listener, opened, pieces in node.flows
            if (some := meet(pieces, listener_pieces(listener, found.family)))
        ]
        granted = grants_of(flows, found.family, node.candidates, node.verdict, node.conditions)
        steps = node.steps
        if node.flows and not flows:
            text = "The listener rules admit none of the sources that the filters let in."
            steps = (*steps, Step("listener rule", balancer.id, "fail", text, balancer.refs))
        results += reaches(subject, granted, steps, node.verdict)
    return results
