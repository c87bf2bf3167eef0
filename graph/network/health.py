"""Whether a registered target gets traffic: its health and its state.

Application and network load balancers send to every target, unhealthy ones too, when fewer than a
threshold are healthy (one, unless it was set): in the whole target group, or in each zone where
cross-zone load balancing is off ("Target group health" of both guides).

A zonal shift takes new traffic away from targets that others can stand in for, while it lasts:
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AdministrativeOverride.html
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.evidence import Step
from graph.network.facts import LoadBalancer, Target, TargetGroup
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

# ``unavailable``: health checks are off. An initial target is being registered.
_HEALTHY = ("healthy", "unavailable", "")
_SERVING = (*_HEALTHY, "initial")
_NOT_COUNTED = ("unused", "draining")
_STOPPED = ("stopped", "stopping")
_GONE = ("terminated", "shutting-down")


@dataclass(frozen=True, slots=True)
class Health:
    """The step, and what it allows."""

    step: Step
    verdict: Verdict
    conditions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many targets are registered, and how many of them are healthy."""

    registered: int = 0
    healthy: int = 0


def health_of(
    world: NetworkWorld,
    balancer: LoadBalancer,
    group: TargetGroup,
    target: Target,
    zone: str = "",
) -> Health:
    """Judge one target of a group.

    Args:
        world: the facts.
        balancer: who sends.
        group: the target group.
        target: one of its targets.
        zone: the zone whose targets alone count, if the load balancer keeps to it.
    """
    instance = world.instances.get(target.id)
    if instance is not None and instance.state in (*_STOPPED, *_GONE):
        text = f"Instance is {instance.state}."
        gone = instance.state in _GONE
        result = "fail" if gone else "conditional"
        step = Step("state", target.id, result, text, instance.refs, "BAD_STATE")
        return Health(step, Verdict.NO if gone else Verdict.DORMANT)
    if target.shifted and _others_serve(world, group):
        text = "A zonal shift takes traffic away from the target."
        step = Step("health", target.id, "conditional", text, group.refs, "BAD_STATE")
        return Health(step, Verdict.DORMANT)
    told = target.health
    reason = f" ({target.reason})" if target.reason else ""
    if told in _SERVING:
        text = f"Target is {told or 'registered; its health is not told'}{reason}."
        return Health(Step("health", target.id, "pass", text, group.refs), Verdict.YES)
    if told.startswith("unhealthy") and balancer.kind in ("application", "network"):
        tally = tally_of(world, balancer, group, zone)
        if _fails_open(group, tally):
            return _open_anyway(group, target, tally, zone, reason)
    text = f"Target is {told}{reason}."
    step = Step("health", target.id, "conditional", text, group.refs, "BAD_STATE")
    return Health(step, Verdict.DORMANT)


def _others_serve(world: NetworkWorld, group: TargetGroup) -> bool:
    """Whether a healthy target is left that no shift takes traffic away from; told once."""
    key = ("unshifted targets", group.id)
    if key not in world.memo:
        world.memo[key] = any(
            not one.shifted and one.health in _HEALTHY for one in group.targets or ()
        )
    found: bool = world.memo[key]
    return found


def _fails_open(group: TargetGroup, tally: Tally) -> bool:
    """Whether too few are healthy; either threshold is enough."""
    return (
        tally.healthy < group.least_healthy
        or tally.healthy * 100 < group.least_healthy_percent * tally.registered
    )


def _open_anyway(
    group: TargetGroup, target: Target, tally: Tally, zone: str, reason: str
) -> Health:
    where = f"{group.id} in {zone}" if zone else group.id
    why, term = f"Every target of {where} is unhealthy", "all-unhealthy"
    if tally.healthy:
        why = f"{tally.healthy} of {tally.registered} targets of {where} are healthy, too few"
        term = "too-few-healthy"
    text = f"Target is {target.health}{reason}. {why}, so the load balancer sends to all."
    terms = frozenset({condition("context", "target-health", term)})
    step = Step("health", target.id, "conditional", text, group.refs)
    return Health(step, Verdict.CONDITIONAL, terms)


def tally_of(world: NetworkWorld, balancer: LoadBalancer, group: TargetGroup, zone: str) -> Tally:
    """The targets of a group that count in a zone; of the whole group for ``""``.

    Targets are gone through once for all of a group's zones.
    """
    key = ("target health", group.id, balancer.vpc)
    if key not in world.memo:
        world.memo[key] = _tallies(world, balancer, group)
    found: dict[str, Tally] = world.memo[key]
    return found.get(zone, found.get(_EVERY_ZONE, Tally()))


_EVERY_ZONE = "all"
"""What AWS calls the zone of a target outside the load balancer's VPC: every zone uses it."""


def _tallies(world: NetworkWorld, balancer: LoadBalancer, group: TargetGroup) -> dict[str, Tally]:
    found: dict[str, Tally] = {"": Tally()}
    for target in group.targets or ():
        if target.health in _NOT_COUNTED:
            continue
        for zone in ("", _zone_of(world, balancer, target)):
            before = found.get(zone, Tally())
            healthy = before.healthy + (target.health in _HEALTHY)
            found[zone] = Tally(before.registered + 1, healthy)
    everywhere = found.get(_EVERY_ZONE, Tally())
    for zone, tally in found.items():
        if zone not in ("", _EVERY_ZONE):
            found[zone] = Tally(
                tally.registered + everywhere.registered, tally.healthy + everywhere.healthy
            )
    return found


def _zone_of(world: NetworkWorld, balancer: LoadBalancer, target: Target) -> str:
    """A target's zone; ``all`` where it stands elsewhere, or in a place that is not known."""
    instance = world.instances.get(target.id)
    names = instance.interfaces[:1] if instance else ()
    own = [world.interfaces[name] for name in names if name in world.interfaces]
    for one in own or world.interfaces_at(balancer.vpc, target.id):
        subnet = world.subnets.get(one.subnet)
        if subnet is not None and subnet.zone:
            return subnet.zone
    return _EVERY_ZONE
