"""Load balancers as what is reached: their interfaces, or stand-ins, one class for each listener.

A listener leads to targets of its own, so who reaches one must not inherit what another serves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.network.between.ends import stand_ins_of
from graph.network.between.lateral import MOST_ADDRESSES
from graph.network.between.owners import owner_in
from graph.network.doors import listeners_of
from graph.network.facts import Interface, LoadBalancer
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import condition

_INTERFACES = "ec2.describe_network_interfaces"
_ANYWHERE = ("addresses of load balancers not known",)


def with_balancers(world: NetworkWorld) -> NetworkWorld:
    """The same world, where load balancers whose interfaces were not seen have stand-ins.

    One for each subnet, with an address of each class that it may have there.
    """
    made: list[Interface] = []
    gaps: dict[str, str] = {}
    seen = {
        known.id for one in world.facts.interfaces if (known := world.balancer_of(one)) is not None
    }
    for balancer in world.facts.load_balancers:
        if balancer.kind == "gateway" or balancer.id in seen:
            continue
        for alternatives in stand_ins_of(world, balancer):
            one = _as_one(balancer, alternatives)
            made.append(one)
            if len(one.addresses) > 1:
                gaps[one.id] = _gap(world, balancer)
    if not made:
        return world
    found = NetworkWorld(
        replace(world.facts, interfaces=(*world.facts.interfaces, *_new(world, made)))
    )
    found.memo[_ANYWHERE] = gaps
    return found


def _new(world: NetworkWorld, made: list[Interface]) -> Iterator[Interface]:
    known = set(world.interfaces)
    for one in made:
        if one.id not in known:
            known.add(one.id)
            yield one


def _as_one(balancer: LoadBalancer, alternatives: tuple[Interface, ...]) -> Interface:
    kind = "network_load_balancer" if balancer.kind == "network" else "load_balancer"
    addresses = tuple(address for one in alternatives for address in one.addresses)
    return replace(alternatives[0], addresses=addresses[: MOST_ADDRESSES + 1], kind=kind)


def _gap(world: NetworkWorld, balancer: LoadBalancer) -> str:
    gap = world.gap(_INTERFACES, balancer.account_id, balancer.region)
    return condition("not_collected", gap or f"{_INTERFACES}: address of {balancer.id}")


def address_gap(world: NetworkWorld, one: Interface) -> str:
    """What would tell which of its addresses a stand-in has, as a condition; empty: it is known."""
    gaps: dict[str, str] = world.memo.get(_ANYWHERE, {})
    return gaps.get(one.id, "")


def listening(world: NetworkWorld, one: Interface) -> tuple[Spans | None, ...]:
    """The ports of each listener of the load balancer that an interface is of; else ``None``."""
    balancer = world.load_balancers.get(owner_in(world, one))
    if balancer is None:
        return (None,)
    return tuple(dict.fromkeys(listener.ports for listener in listeners_of(balancer)))


__all__ = ["address_gap", "listening", "with_balancers"]
