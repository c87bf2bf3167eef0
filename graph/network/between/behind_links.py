"""From the load balancer of an endpoint service to its targets.

Targets see the load balancer's own addresses ("AWS PrivateLink concepts"); which interface a
target is, and whether it gets traffic, is asked as for any other load balancer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from graph.evidence import Step
from graph.network import ports
from graph.network.balancers import classic_group
from graph.network.between.ends import End, end_of, end_to_end
from graph.network.between.trail import every_address
from graph.network.facts import Address, Interface, Listener, LoadBalancer, Target, TargetGroup
from graph.network.health import Health, health_of
from graph.network.reach import Reach
from graph.network.service_ports import listener_ports
from graph.network.spans import Spans
from graph.network.target_places import Place, places_of
from graph.network.world import NetworkWorld
from graph.verdict import Answer, Verdict, all_of, condition

# In service; an impaired one lacks resources to scale (Elastic Load Balancing API reference,
# LoadBalancerState).
_UP = ("active", "active_impaired", "")


@dataclass(frozen=True, slots=True)
class Onward:
    """What a load balancer reaches of a thing, and the listener's ports that lead there."""

    opened: Spans
    reach: Reach


def targets_of(
    world: NetworkWorld, balancer: LoadBalancer
) -> Iterator[tuple[Listener, TargetGroup, Target]]:
    """What a load balancer forwards to, listener by listener."""
    if balancer.kind == "classic":
        for listener in balancer.listeners or ():
            instances = classic_group(balancer, listener)
            yield from ((listener, instances, one) for one in instances.targets or ())
    for listener, name in _forwards(balancer):
        group = world.target_groups.get(name)
        for target in (group.targets if group else None) or ():
            if group is not None:
                yield listener, group, target


def _forwards(balancer: LoadBalancer) -> Iterator[tuple[Listener, str]]:
    for listener in balancer.listeners or ():
        names = (n for rule in listener.rules for act in rule.actions for n in act.target_groups)
        for name in dict.fromkeys(names):
            yield listener, name


def balancer_to_target(
    world: NetworkWorld, balancer: LoadBalancer, group: TargetGroup, target: Target
) -> list[Reach]:
    """What a load balancer's own addresses reach of one target, on the target's port."""
    front = end_of(world, balancer.id)
    if front is None:
        return []
    opened = listener_ports(group.protocol, target.port or group.port)
    return [
        reach
        for end in _target_ends(world, balancer, group, target)
        for reach in _serving(world, balancer, group, target, end_to_end(world, front, end, opened))
    ]


def _target_ends(
    world: NetworkWorld, balancer: LoadBalancer, group: TargetGroup, target: Target
) -> Iterator[End]:
    places = places_of(world, balancer, group, target)
    if isinstance(places, Step):
        # An instance that was not collected is known by its interfaces.
        known = end_of(world, target.id) if group.kind == "instance" else None
        if known is not None and places.result == "unknown":
            yield known
        return
    for place in places:
        if not place.on_premises:
            yield End(place.node_id, (_at(place),))


def _at(place: Place) -> Interface:
    """The interface with the address alone that is registered."""
    one = place.interface
    if ":" in place.address:
        return replace(one, addresses=(), ipv6=(place.address,))
    known = (a for a in one.addresses if a.private == place.address)
    return replace(one, addresses=(next(known, Address(place.address)),), ipv6=())


def _serving(
    world: NetworkWorld,
    balancer: LoadBalancer,
    group: TargetGroup,
    target: Target,
    found: Iterable[Reach],
) -> Iterator[Reach]:
    """Results under what the load balancer's and the target's state allow."""
    states = (_state(balancer), health_of(world, balancer, group, target))
    for reach in found:
        told = all_of((reach.answer, *(_as_answer(one) for one in states)))
        if told.verdict is reach.verdict or reach.verdict is Verdict.NO:
            yield reach
        else:
            yield replace(reach, answer=told)


def _state(balancer: LoadBalancer) -> Health:
    text = f"The load balancer is {balancer.state}."
    if balancer.state in _UP:
        return Health(Step("state", balancer.id, "pass", text, balancer.refs), Verdict.YES)
    step = Step("state", balancer.id, "conditional", text, balancer.refs, "BAD_STATE")
    return Health(step, Verdict.DORMANT)


def _as_answer(one: Health) -> Answer:
    terms = tuple(sorted(one.conditions))
    return Answer(one.verdict, one.step.text, terms, evidence=(one.step.text,), steps=(one.step,))


def onward_to(
    world: NetworkWorld, balancer: LoadBalancer, target: End, only: Spans
) -> Iterator[Onward]:
    """What a load balancer reaches of an end, ``unknown`` where what it serves was not collected.

    Args:
        world: the facts.
        balancer: of a service.
        target: what is asked about.
        only: ports of it that are asked for.
    """
    for listener, group, one in targets_of(world, balancer):
        if _is(world, balancer, group, one, target):
            for reach in balancer_to_target(world, balancer, group, one):
                if reach.verdict is not Verdict.NO and reach.port_set & only:
                    yield Onward(listener.ports, replace(reach, target=target.id))
    for opened, behind, call in (*_not_read(world, balancer), *_not_found(world, balancer, target)):
        for reach in _in_reach(world, balancer, target, behind & only):
            yield Onward(opened, _unless(reach, target, call))


def _is(
    world: NetworkWorld, balancer: LoadBalancer, group: TargetGroup, one: Target, goal: End
) -> bool:
    """Whether a target is what is asked about: itself, its owner, or an interface of it."""
    mine = {interface.id for interface in goal.interfaces}
    return any(
        end.id == goal.id or not mine.isdisjoint(i.id for i in end.interfaces)
        for end in _target_ends(world, balancer, group, one)
    )


def _not_read(world: NetworkWorld, balancer: LoadBalancer) -> Iterator[tuple[Spans, Spans, str]]:
    """Listeners' ports, ports behind them, and the call that would tell what stands there."""
    if balancer.listeners is None:
        call = f"elbv2.describe_listeners({balancer.id})"
        yield ports.ALL, ports.ALL, balancer.missing[0] if balancer.missing else call
    for listener in balancer.listeners or ():
        if listener.rules_missing:
            yield listener.ports, ports.ALL, listener.rules_missing
    for listener, name in _forwards(balancer):
        group = world.target_groups.get(name)
        if group is None:
            call = "elbv2.describe_target_groups"
            gap = world.gap(call, balancer.account_id, balancer.region)
            yield listener.ports, ports.ALL, gap or f"{call}({name})"
        elif group.targets is None:
            call = group.missing[0] if group.missing else f"elbv2.describe_target_health({name})"
            # A target may be registered on another port than its group's.
            protocol = listener_ports(group.protocol, 0)
            yield listener.ports, _every_port(protocol), call


def _not_found(
    world: NetworkWorld, balancer: LoadBalancer, goal: End
) -> Iterator[tuple[Spans, Spans, str]]:
    """The same for addresses of the goal of which it is not known who has them."""
    mine = {address for one in goal.interfaces for address in every_address(one)}
    for listener, group, one in targets_of(world, balancer):
        found = places_of(world, balancer, group, one) if one.id in mine else ()
        if isinstance(found, Step) and found.result == "unknown":
            opened = listener_ports(group.protocol, one.port or group.port)
            yield listener.ports, opened, found.text.split("ollected: ", 1)[-1].rstrip(".")


def _every_port(like: Spans) -> Spans:
    found = Spans()
    for protocol in (ports.TCP, ports.UDP):
        if like & ports.of_protocol(protocol):
            found = found | ports.of_protocol(protocol)
    return found or ports.ALL


def _in_reach(
    world: NetworkWorld, balancer: LoadBalancer, target: End, only: Spans
) -> Iterator[Reach]:
    """What the load balancer would reach of an end if that were its target."""
    front = end_of(world, balancer.id)
    if front is not None and front.interfaces and only:
        for reach in end_to_end(world, front, target, only):
            if reach.verdict is not Verdict.NO:
                yield reach


def _unless(reach: Reach, target: End, call: str) -> Reach:
    """A result that holds only if what was not collected leads there."""
    text = f"Not collected: {call}."
    step = Step("target", target.id, "unknown", text)
    terms = (condition("not_collected", call),)
    doubt = Answer(Verdict.UNKNOWN, text, terms, evidence=(text,), steps=(step,))
    return replace(reach, target=target.id, answer=all_of((doubt, reach.answer)))


__all__ = ["Onward", "balancer_to_target", "onward_to", "targets_of"]
