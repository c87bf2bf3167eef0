"""The internet's reach to one thing, with the ports that are asked for."""

from __future__ import annotations

from dataclasses import replace

from graph.evidence import Step
from graph.network import ports
from graph.network.balancers import internet_to_targets
from graph.network.between.ends import End, strongest
from graph.network.between.port_names import set_of
from graph.network.databases import internet_to_database
from graph.network.doors import internet_to_balancer
from graph.network.facts import LoadBalancer
from graph.network.internet import internet_to_interface, unseen_interfaces
from graph.network.ports import names
from graph.network.reach import Reach
from graph.network.spans import NOTHING, Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


def internet_to_end(world: NetworkWorld, target: End, only: Spans) -> list[Reach]:
    """What ``mapper public`` says of one thing, load balancers in front of it included."""
    found: list[Reach] = []
    behind: list[Reach] = []
    balancer = world.load_balancers.get(target.id)
    database = world.databases.get(target.id)
    if balancer is not None:
        found += internet_to_balancer(world, balancer)
    elif database is not None:
        found += internet_to_database(world, database)
    else:
        for one in target.interfaces:
            found += internet_to_interface(world, one)
        instance = world.instances.get(target.id)
        found += unseen_interfaces(world, instance) if instance else []
    for front in world.facts.load_balancers:
        behind += _behind(world, front, target.id, only)
    return strongest([*(_asked(one, only) for one in found), *behind])


def _behind(world: NetworkWorld, front: LoadBalancer, target: str, only: Spans) -> list[Reach]:
    """What stands behind a load balancer, by the listener's port or by its own."""
    reached = [one for one in internet_to_targets(world, front) if one.target == target]
    if not reached:
        return []
    found: list[Reach] = []
    for listener in front.listeners or ():
        alone = replace(front, listeners=(listener,))
        for one in internet_to_targets(world, alone):
            if one.target == target:
                met = bool(listener.ports & only)
                found.append(_named_by(one if met else _asked(one, only), listener.ports))
    return found or [_asked(one, only) for one in reached]


def _named_by(one: Reach, opened: Spans) -> Reach:
    """A result that tells by which ports of the door it is had, where these are others."""
    door = names(opened)
    if not one.ports or door == one.ports:
        return one
    alike = ((a, b) for a in door for b in one.ports if a.partition("/")[0] == b.partition("/")[0])
    return replace(one, opens=tuple(f"{a} > {b}" for a, b in alike))


def _asked(one: Reach, only: Spans) -> Reach:
    """A result for the ports that were asked for; ``no`` where none of them is open."""
    if one.verdict is Verdict.NO or only == ports.ALL:
        return one
    opened = one.port_set & only
    weaker: dict[str, Spans] = {}
    for entry in one.other_ports:
        name, _, level = entry.rpartition("=")
        weaker[level] = weaker.get(level, NOTHING) | (set_of(name) & only)
    if opened or not one.port_set:
        others = tuple(f"{n}={v}" for v, some in weaker.items() if some for n in names(some))
        return replace(one, ports=names(opened), port_set=opened, other_ports=others)
    levels = sorted((v for v in weaker if weaker[v]), key=lambda v: -Verdict(v).rank)
    if not levels:
        text = f"Only {', '.join(one.ports)} is open to {one.source}."
        steps = (*one.answer.steps, Step("port", one.target, "fail", text, ()))
        answer = replace(one.answer, verdict=Verdict.NO, why=text, conditions=(), steps=steps)
        return replace(one, ports=(), other_ports=(), port_set=NOTHING, answer=answer)
    best = Verdict(levels[0])
    answer = replace(one.answer, verdict=best)
    shown = weaker[levels[0]]
    return replace(one, ports=names(shown), other_ports=(), port_set=shown, answer=answer)
