"""Every way from one end to another: private, by PrivateLink or VPC Lattice, by the internet."""

from __future__ import annotations

from graph.network import ports
from graph.network.between.ends import End, end_to_end, strongest
from graph.network.between.over_internet import end_over_internet
from graph.network.between.private_link import end_through_links
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld


def every_way(
    world: NetworkWorld, source: End, target: End, only: Spans = ports.ALL
) -> list[Reach]:
    """What one end may send to another, best verdict first.

    Returns:
        One result for each mechanism; of a family in which nothing gets there one ``no``.
    """
    found = end_to_end(world, source, target, only)
    beside = [
        *end_through_links(world, source, target, only),
        *end_over_internet(world, source, target, only),
    ]
    return strongest([*found, *beside]) if beside else found


__all__ = ["every_way"]
