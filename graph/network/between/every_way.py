"""Every way from one end to another: private, by PrivateLink or VPC Lattice, by the internet."""

from __future__ import annotations

from dataclasses import replace

from graph.network import ports
from graph.network.between.ends import End, end_to_end, strongest
from graph.network.between.from_balancer import balancer_to_end
from graph.network.between.over_internet import end_over_internet
from graph.network.between.private_link import end_through_links
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


def every_way(
    world: NetworkWorld, source: End, target: End, only: Spans = ports.ALL
) -> list[Reach]:
    """What one end may send to another, best verdict first.

    Returns:
        One result for each mechanism; of a family in which nothing gets there one ``no``, by the
        mechanism ``none`` where that would be ``local`` though no VPC is that of both.
    """
    balancer = world.load_balancers.get(source.id)
    if balancer is not None:
        return balancer_to_end(world, balancer, source, target, only)
    found = end_to_end(world, source, target, only)
    beside = [
        *end_through_links(world, source, target, only),
        *end_over_internet(world, source, target, only),
    ]
    made = strongest([*found, *beside]) if beside else found
    shared = {one.vpc for one in source.interfaces} & {one.vpc for one in target.interfaces}
    return made if shared else [_without_way(one) for one in made]


def _without_way(one: Reach) -> Reach:
    kind, _, family = one.mechanism.partition("/")
    if one.verdict is not Verdict.NO or kind != "local":
        return one
    return replace(one, mechanism=f"none/{family}")


__all__ = ["every_way"]
