"""Ways by PrivateLink that may exist where what is on them was not collected.

A service of an account that was not collected at all counts as none: what is asked about stands in
an account that was, and a service names load balancers of its own account only.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.evidence import Step
from graph.network import ports
from graph.network.between.admission import ever_admitted
from graph.network.between.behind_links import onward_to
from graph.network.between.ends import End, end_to_end
from graph.network.between.facts import EndpointLink, EndpointService
from graph.network.facts import LoadBalancer
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans, union
from graph.network.world import NetworkWorld
from graph.verdict import Answer, Verdict, condition

_SERVICES = "ec2.describe_vpc_endpoint_service_configurations"
_ENDPOINTS = "ec2.describe_vpc_endpoints"
_BALANCERS = "elbv2.describe_load_balancers"
_GONE = ("deleted", "deleting", "rejected", "failed", "expired")
_MECHANISM = "private-link"


def links_in_doubt(world: NetworkWorld, source: End, target: End, only: Spans) -> Iterator[Reach]:
    """Results ``unknown`` for what may lead from one end to another."""
    before = _Before(world, source)
    admitted = union(ever_admitted(world, one) for one in target.interfaces)
    only = only & target.ports & admitted
    if not only:
        return
    for endpoint in world.facts.joints.links:
        call = _service_gap(world, endpoint, target, only)
        if call and before.comes_to(endpoint):
            yield _unknown(source, target, (endpoint.id,), call, only)
    places = sorted({(one.account_id, one.region) for one in world.facts.vpcs})
    missing = [gap for place in places if (gap := world.gap(_ENDPOINTS, *place))]
    if missing:
        for balancer in served_balancers(world):
            if any(True for _ in onward_to(world, balancer, target, only)):
                yield _unknown(source, target, (balancer.id,), ", ".join(missing), only)


def may_be_served(world: NetworkWorld, target: End, only: Spans) -> bool:
    """Whether PrivateLink leads to an end, or may for all that is known, whoever asks."""
    for endpoint in world.facts.joints.links:
        if _service_gap(world, endpoint, target, only):
            return True
    return any(
        True
        for balancer in served_balancers(world)
        for _ in onward_to(world, balancer, target, only)
    )


class _Before:
    """The way from the sender to endpoints."""

    def __init__(self, world: NetworkWorld, source: End) -> None:
        self.world, self.source = world, source

    def comes_to(self, endpoint: EndpointLink) -> bool:
        """Whether anything gets to an endpoint that may be in service."""
        door = door_of(self.world, endpoint)
        if endpoint.state in _GONE:
            return False
        if endpoint.gap and not door.interfaces:
            return True
        found = end_to_end(self.world, self.source, door)
        return any(one.verdict is not Verdict.NO for one in found)


def door_of(world: NetworkWorld, endpoint: EndpointLink) -> End:
    """An endpoint's interfaces."""
    mine = (world.interfaces.get(name) for name in endpoint.interfaces)
    return End(endpoint.id, tuple(one for one in mine if one is not None))


def service_of(world: NetworkWorld, endpoint: EndpointLink) -> EndpointService | None:
    """The service that an endpoint names; of several with that name the one of its own account."""
    key = "endpoint services"
    if key not in world.memo:
        found: dict[str, list[EndpointService]] = {}
        for one in world.facts.joints.services:
            found.setdefault(one.name, []).append(one)
        world.memo[key] = found
    known: list[EndpointService] = world.memo[key].get(endpoint.service, [])
    account = (endpoint.id.split(":") + [""] * 5)[4]
    own = [one for one in known if one.account_id == account]
    return next(iter((*own, *known)), None)


def _service_gap(world: NetworkWorld, endpoint: EndpointLink, target: End, only: Spans) -> str:
    """The call that would tell whether an endpoint's service leads to the target."""
    service = service_of(world, endpoint)
    if endpoint.gap and (service is None or not endpoint.interfaces):
        return _if_served(world, endpoint.gap, target, only)
    if service is not None and service.gap:
        return _if_served(world, service.gap, target, only)
    if service is not None:
        return _balancer_gap(world, service.balancers)
    if "vpce-svc-" not in endpoint.service:
        return ""
    places = {(one.account_id, one.region) for one in target.interfaces}
    for balancer in _network(world):
        place = (balancer.account_id, balancer.region)
        new = place not in places and bool(_unlisted(world, place))
        if new and any(True for _ in onward_to(world, balancer, target, only)):
            places.add(place)
    return ", ".join(gap for place in sorted(places) if (gap := _unlisted(world, place)))


def _if_served(world: NetworkWorld, gap: str, target: End, only: Spans) -> str:
    """A gap, where a load balancer that serves endpoints, or may, leads to the target."""
    served = served_balancers(world)
    return gap if any(True for one in served for _ in onward_to(world, one, target, only)) else ""


def _balancer_gap(world: NetworkWorld, names: tuple[str, ...]) -> str:
    """The call that lists a service's load balancers that are missing."""
    for name in names:
        if name not in world.load_balancers and "loadbalancer/net/" in name:
            account, region = (name.split(":") + [""] * 5)[4], (name.split(":") + [""] * 5)[3]
            return world.gap(_BALANCERS, account, region) or f"{_BALANCERS}({name})"
    return ""


def _unlisted(world: NetworkWorld, place: tuple[str, str]) -> str:
    call = f"{_SERVICES}@{place[0]}/{place[1]}"
    return "" if call in world.facts.joints.known else call


def _network(world: NetworkWorld) -> Iterator[LoadBalancer]:
    yield from (one for one in world.facts.load_balancers if one.kind == "network")


def served_balancers(world: NetworkWorld) -> Iterator[LoadBalancer]:
    """Load balancers that a service names, or may name."""
    services = world.facts.joints.services
    named = {name for service in services for name in service.balancers}
    unread = {(service.account_id, service.region) for service in services if service.gap}
    for one in _network(world):
        place = (one.account_id, one.region)
        if one.id in named or place in unread or _unlisted(world, place):
            yield one


def _unknown(source: End, target: End, via: tuple[str, ...], call: str, only: Spans) -> Reach:
    text = f"PrivateLink may lead to {target.id}. Not collected: {call}."
    step = Step(_MECHANISM, via[0], "unknown", text)
    terms = tuple(sorted(condition("not_collected", one) for one in call.split(", ")))
    answer = Answer(Verdict.UNKNOWN, text, terms, evidence=(text,), steps=(step,))
    name = f"{_MECHANISM}/{Family.IPV4}"
    return Reach(
        source.id,
        target.id,
        Family.IPV4,
        name,
        ports.names(only),
        (),
        via,
        answer,
        port_set=only,
    )


__all__ = ["door_of", "links_in_doubt", "may_be_served", "served_balancers", "service_of"]
