"""Whether a registered target gets traffic: its health and its state.

When every target of a group is unhealthy, application and network load balancers send to all of
them (fail open): "Health checks for your target groups" of both guides.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.evidence import Step
from graph.network.facts import LoadBalancer, Target, TargetGroup
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

_SERVING = ("healthy", "unavailable", "", "initial")
_STOPPED = ("stopped", "stopping")
_GONE = ("terminated", "shutting-down")


@dataclass(frozen=True, slots=True)
class Health:
    """The step, and what it allows."""

    step: Step
    verdict: Verdict
    conditions: frozenset[str] = frozenset()


def health_of(
    world: NetworkWorld, balancer: LoadBalancer, group: TargetGroup, target: Target
) -> Health:
    """Judge one target of a group."""
    instance = world.instances.get(target.id)
    if instance is not None and instance.state in (*_STOPPED, *_GONE):
        text = f"Instance is {instance.state}."
        gone = instance.state in _GONE
        result = "fail" if gone else "conditional"
        step = Step("state", target.id, result, text, instance.refs, "BAD_STATE")
        return Health(step, Verdict.NO if gone else Verdict.DORMANT)
    told = target.health
    reason = f" ({target.reason})" if target.reason else ""
    if told in _SERVING:
        text = f"Target is {told or 'registered; its health is not told'}{reason}."
        return Health(Step("health", target.id, "pass", text, group.refs), Verdict.YES)
    others = group.targets or ()
    open_anyway = (
        told.startswith("unhealthy")
        and balancer.kind in ("application", "network")
        and not any(one.health in ("healthy", "unavailable", "initial") for one in others)
    )
    if open_anyway:
        text = (
            f"Every target of {group.id} is unhealthy, so the load balancer sends to all{reason}."
        )
        terms = frozenset({condition("context", "target-health", "all-unhealthy")})
        step = Step("health", target.id, "conditional", text, group.refs)
        return Health(step, Verdict.CONDITIONAL, terms)
    text = f"Target is {told}{reason}."
    step = Step("health", target.id, "conditional", text, group.refs, "BAD_STATE")
    return Health(step, Verdict.DORMANT)
