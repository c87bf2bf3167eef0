"""What load balancers hand on of packets that come by private addresses, listener by listener.

The same machinery as for the internet (``graph.network.balancers``): which rule, which target, its
health, and what stands between. Which client it is matters only where a rule or web ACL asks for
its address, or where the target sees it (client IP preservation of a network load balancer).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.evidence import Step
from graph.network.balancers import let_through, targets_behind
from graph.network.between.lateral import Lateral
from graph.network.between.trail import addresses_of
from graph.network.doors import Door, Node, listeners_of, state_of_balancer
from graph.network.facts import Listener, LoadBalancer
from graph.network.pieces import Piece
from graph.network.prefixes import EVERYTHING, PUBLIC, Family
from graph.network.prefixes import of as spans_of
from graph.network.reach import Reach
from graph.network.spans import Spans, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


def behind_balancers(world: NetworkWorld, found: Lateral) -> Iterator[Reach]:
    """What is reached through the load balancers among the targets.

    Args:
        world: the facts.
        found: who reaches which class of interfaces, of a load balancer by listener.

    Yields:
        Results of which the source is the id of the class by which the packets come, and ``via``
        begins with the load balancer.
    """
    opened: dict[tuple[str, Family], list[Spans]] = {}
    groups: dict[tuple[str, Family], set[str]] = {}
    for one in found.passages:
        key = (one.target, one.family)
        opened.setdefault(key, []).extend(part.ports for part in one.parts)
        groups.setdefault(key, set()).add(one.group)
    for target, reach in found.outside:
        if reach.verdict is not Verdict.NO:
            opened.setdefault((target, reach.family), []).append(reach.port_set)
    clients = _Clients(world, found)
    for (target, family), some in sorted(opened.items()):
        owners = {owner for owner, _ in found.targets[target].members}
        doors = [
            world.load_balancers[name] for name in sorted(owners & world.load_balancers.keys())
        ]
        ports = union(some) if doors else Spans()
        for balancer in doors:
            listeners = tuple(one for one in listeners_of(balancer) if one.ports & ports)
            seen = clients.of(groups.get((target, family), set()), family, balancer, listeners)
            front = _door(world, balancer, listeners, family, seen)
            for reach in targets_behind(world, front):
                if reach.verdict is not Verdict.NO:
                    yield _told(reach, target)


def _told(reach: Reach, source: str) -> Reach:
    why = reach.answer.why.replace(" to the internet", " from inside", 1)
    return replace(reach, source=source, answer=replace(reach.answer, why=why, steps=()))


def _door(
    world: NetworkWorld,
    balancer: LoadBalancer,
    listeners: tuple[Listener, ...],
    family: Family,
    clients: Spans,
) -> Door:
    """A load balancer as senders inside meet it at some of its listeners."""
    state, verdict = state_of_balancer(balancer)
    front = Door(balancer, family, (), (), entered=None, clients=clients)
    pieces = let_through(front, (Piece(PUBLIC[family]),), balancer.web_acls)
    flows = tuple((one, one.ports, pieces) for one in listeners if pieces)
    subnets = [world.subnets.get(name) for name in balancer.subnets]
    nodes = [
        Node(subnet, name, (state,), flows, verdict, frozenset(), ())
        for name, subnet in zip(balancer.subnets, subnets, strict=True)
    ]
    if not nodes:
        gap = f"subnets of {balancer.id}"
        step = Step("subnet", balancer.id, "unknown", f"Not collected: {gap}.")
        terms = frozenset({f"not_collected:{gap}"})
        nodes = [Node(None, "", (step,), flows, Verdict.UNKNOWN, terms, ())]
    read = balancer.listeners is not None
    shown = replace(balancer, listeners=listeners) if read else balancer
    return replace(front, balancer=shown, nodes=tuple(nodes))


class _Clients:
    """The addresses of senders, worked out only where something asks for them."""

    def __init__(self, world: NetworkWorld, found: Lateral) -> None:
        self._world, self._found = world, found
        self._known: dict[tuple[str, Family], Spans] = {}

    def of(
        self,
        groups: set[str],
        family: Family,
        balancer: LoadBalancer,
        listeners: tuple[Listener, ...],
    ) -> Spans:
        """Those of the members of groups; all there are where none is known, or none matters."""
        if not _asks(balancer, listeners):
            return EVERYTHING[family]
        return union(self._in(one, family) for one in sorted(groups)) or EVERYTHING[family]

    def _in(self, name: str, family: Family) -> Spans:
        """Of a range, a bundle or a group."""
        key = (name, family)
        if key not in self._known:
            one = self._found.ranges.get(name)
            if one is not None:
                held = (self._world.interfaces[interface] for _, interface in one.members)
                found = spans_of([a for each in held for a in addresses_of(each, family)], family)
            else:
                bundle = self._found.bundles.get(name)
                members = bundle.members if bundle else self._found.groups.get(name, ())
                found = union(self._in(member, family) for member in members)
            self._known[key] = found
        return self._known[key]


def _asks(balancer: LoadBalancer, listeners: tuple[Listener, ...]) -> bool:
    """Whether who gets on may depend on the client's address."""
    return (
        balancer.kind == "network"
        or bool(balancer.web_acls)
        or any(
            one.field == "source-ip"
            for listener in listeners
            for rule in listener.rules
            for one in rule.conditions
        )
    )


__all__ = ["behind_balancers"]
