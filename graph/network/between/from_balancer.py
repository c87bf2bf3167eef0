"""What a load balancer itself reaches: it opens connections to its targets only.

https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
"""

from __future__ import annotations

from graph.evidence import Step
from graph.network import ports
from graph.network.between.behind_links import onward_to
from graph.network.between.ends import End, end_to_end, refused, strongest
from graph.network.between.links_in_doubt import door_of
from graph.network.between.private_link import end_through_links
from graph.network.facts import LoadBalancer
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


def balancer_to_end(
    world: NetworkWorld, balancer: LoadBalancer, source: End, target: End, only: Spans
) -> list[Reach]:
    """What a load balancer reaches of an end: as its target, or behind an endpoint that is one.

    Args:
        world: the facts.
        balancer: who sends.
        source: the same as an end.
        target: what is asked about.
        only: ports of it that are asked for.

    Returns:
        As :func:`graph.network.between.ends.end_to_end`.
    """
    found = [one.reach for one in onward_to(world, balancer, target, only & target.ports)]
    served = {
        endpoint.id
        for endpoint in world.facts.joints.links
        if any(True for _ in onward_to(world, balancer, door_of(world, endpoint), ports.ALL))
    }
    if served:
        ways = end_through_links(world, source, target, only)
        found += [one for one in ways if one.via and one.via[0] in served]
    text = f"{target.id} is no target of {balancer.id}, which connects to its targets only."
    step = Step("target", balancer.id, "fail", text, balancer.refs)
    none = [
        one if one.verdict is Verdict.NO else refused(one, step)
        for one in end_to_end(world, source, target, only)
    ]
    return strongest([*found, *none])


__all__ = ["balancer_to_end"]
