"""PrivateLink: interface endpoint -> endpoint service -> its load balancer -> targets.

Rules: "AWS PrivateLink concepts" and "Share your services through AWS PrivateLink" of the
PrivateLink guide: the consumer's network sees only the endpoint, the provider's targets see only
the load balancer's own addresses, and a service may ask that each connection is accepted. Its
permissions say who may ask. The load balancer's groups see the consumer's own private address
("Update the security groups for your Network Load Balancer"), unless that is switched off.
Taking a permission away does not end a connection that was accepted. Gateway Load Balancers serve
routes, not addresses: they stand in the way of a packet, never at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from graph.evidence import Step
from graph.network import ports, prefixes
from graph.network.between.behind_links import (
    Onward,
    balancer_to_target,
    onward_to,
    targets_of,
)
from graph.network.between.ends import End, end_to_end, strongest
from graph.network.between.facts import EndpointLink, EndpointService
from graph.network.between.lattice import end_through_lattice
from graph.network.between.links_in_doubt import door_of, links_in_doubt, service_of
from graph.network.doors import groups_of
from graph.network.facts import Interface, LoadBalancer, Subnet
from graph.network.hops import Sender, group_step, joined
from graph.network.prefixes import EVERYTHING, Family
from graph.network.reach import Reach
from graph.network.spans import NOTHING, Spans, union
from graph.network.world import NetworkWorld
from graph.verdict import Answer, Verdict, all_of, any_of, condition

MECHANISM = "private-link"
_WAITING = ("pendingacceptance", "pending")


@dataclass(frozen=True, slots=True)
class Linked:
    """An endpoint, the service behind it, and whether the connection stands."""

    endpoint: EndpointLink
    service: EndpointService
    balancer: LoadBalancer
    answer: Answer


def linked(world: NetworkWorld) -> Iterator[Linked]:
    """Every endpoint whose service was collected, once for each of its load balancers."""
    for endpoint in world.facts.joints.links:
        service = service_of(world, endpoint)
        for name in service.balancers if service else ():
            balancer = world.load_balancers.get(name)
            if service is not None and balancer is not None and balancer.kind == "network":
                yield Linked(endpoint, service, balancer, _connection(endpoint, service))


def _connection(endpoint: EndpointLink, service: EndpointService) -> Answer:
    name = "endpoint connection"
    short = endpoint.id.rpartition("/")[2]
    if endpoint.gap:
        text, terms = f"Not collected: {endpoint.gap}.", condition("not_collected", endpoint.gap)
        step = Step(name, endpoint.id, "unknown", text, endpoint.refs)
        return Answer(Verdict.UNKNOWN, text, (terms,), evidence=(text,), steps=(step,))
    if endpoint.state == "available":
        # Permissions that were taken away later do not matter to a connection that stands.
        gone = service.accepted is not None and short not in service.accepted
        if not gone:
            step = Step(name, endpoint.id, "pass", f"{short} is connected to {service.name}.")
            return Answer(Verdict.YES, step.text, evidence=(step.text,), steps=(step,))
    if endpoint.state in _WAITING:
        return all_of((_permission(endpoint, service), _waits(endpoint, service)))
    text = f"{short} is not connected to {service.name} ({endpoint.state or 'no state told'})."
    step = Step(name, endpoint.id, "fail", text, endpoint.refs, "BAD_STATE_ATTACHMENT")
    return Answer(Verdict.NO, text, evidence=(text,), steps=(step,))


def _waits(endpoint: EndpointLink, service: EndpointService) -> Answer:
    short = endpoint.id.rpartition("/")[2]
    if service.acceptance:
        text = f"{service.name} has not accepted {short} yet."
        step = Step("endpoint connection", endpoint.id, "conditional", text, endpoint.refs)
        terms = (condition("approval", service.id),)
        return Answer(Verdict.CONDITIONAL, text, terms, evidence=(text,), steps=(step,))
    text = f"{service.name} accepts {short} by itself; the connection is being made."
    step = Step("endpoint connection", endpoint.id, "conditional", text, endpoint.refs, "BAD_STATE")
    return Answer(Verdict.DORMANT, text, evidence=(text,), steps=(step,))


def _permission(endpoint: EndpointLink, service: EndpointService) -> Answer:
    """Whether the service's permissions name the account that asks for a connection.

    https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
    """
    name, account = "endpoint service permissions", endpoint.id.split(":")[4]
    if account == service.account_id:
        text = f"{service.name} is of the same account."
        return _permitted(Step(name, service.id, "pass", text, service.refs))
    if service.principals is None:
        gap = (
            f"ec2.describe_vpc_endpoint_service_permissions({service.id.rpartition('/')[2]})"
            f"@{service.account_id}/{service.region}"
        )
        text = f"Not collected: {gap}."
        step = Step(name, service.id, "unknown", text)
        terms = (condition("not_collected", gap),)
        return Answer(Verdict.UNKNOWN, text, terms, evidence=(text,), steps=(step,))
    if any(_names(one, account) for one in service.principals):
        text = f"Permissions of {service.name} name account {account}."
        return _permitted(Step(name, service.id, "pass", text, service.refs))
    text = f"Permissions of {service.name} do not name account {account}."
    step = Step(name, service.id, "fail", text, service.refs)
    return Answer(Verdict.NO, text, evidence=(text,), steps=(step,))


def _permitted(step: Step) -> Answer:
    return Answer(Verdict.YES, step.text, evidence=(step.text,), steps=(step,))


def _names(principal: str, account: str) -> bool:
    """Whether a principal is everybody, the account, or an identity of it."""
    parts = principal.split(":")
    return principal in ("*", account) or (len(parts) > 5 and parts[4] == account)


def end_through_links(
    world: NetworkWorld, source: End, target: End, only: Spans = ports.ALL
) -> list[Reach]:
    """Ways from one end to another by PrivateLink or VPC Lattice; none where none leads there.

    What was not collected and may be such a way is an ``unknown`` that names it.
    """
    found: list[Reach] = []
    onward: dict[str, list[Onward]] = {}
    for link in linked(world):
        name = link.balancer.id
        if name not in onward:
            onward[name] = list(onward_to(world, link.balancer, target, only))
        for one in onward[name]:
            found += _joined(world, source, link, one)
    found += end_through_lattice(world, source, target, only)
    kept = [one for one in found if one.verdict is not Verdict.NO]
    if all(one.verdict is Verdict.UNKNOWN for one in kept):
        kept += links_in_doubt(world, source, target, only)
    return strongest(kept)


def _joined(world: NetworkWorld, source: End, link: Linked, onward: Onward) -> Iterator[Reach]:
    door = door_of(world, link.endpoint)
    unseen = [name for name in link.endpoint.interfaces if name not in world.interfaces]
    if unseen:
        yield _whole(
            source, link, (_not_seen(world, link.endpoint, unseen), link.answer), onward.reach
        )
    for first in end_to_end(world, source, door, onward.opened):
        if first.family is onward.reach.family:
            admitted = _admitted(world, source, link, onward.opened, first.family)
            yield _whole(source, link, (first.answer, link.answer, admitted), onward.reach)


def _not_seen(world: NetworkWorld, endpoint: EndpointLink, unseen: list[str]) -> Answer:
    """For interfaces of an endpoint that were not collected."""
    call, parts = "ec2.describe_network_interfaces", endpoint.id.split(":")
    gap = world.gap(call, parts[4], parts[3]) if len(parts) > 4 else ""
    gaps = [gap] if gap else [f"{call}({name})" for name in unseen]
    text = f"Not collected: {', '.join(gaps)}."
    step = Step("endpoint", endpoint.id, "unknown", text, endpoint.refs)
    terms = tuple(condition("not_collected", one) for one in gaps)
    return Answer(Verdict.UNKNOWN, text, terms, evidence=(text,), steps=(step,))


def _admitted(
    world: NetworkWorld, source: End, link: Linked, opened: Spans, family: Family
) -> Answer:
    """The load balancer's groups admit the consumer by its own private address."""
    balancer = link.balancer
    name, groups = "security group in", groups_of(balancer)
    if groups is None or not balancer.rules_for_links:
        text = "No group of the load balancer is asked about what comes through PrivateLink."
        return _permitted(Step(name, balancer.id, "pass", text, balancer.refs))
    place = Interface(balancer.id, balancer.account_id, balancer.region, groups=groups)
    found = []
    for one in source.interfaces:
        subnet, own = world.subnets.get(one.subnet), _addresses(one, family)
        if subnet is not None and own:
            sender = Sender(subnet, own, (), one.id)
            step = group_step(world, sender, place, opened, family)
            told = joined((step,))
            terms = tuple(sorted(told.conditions))
            found.append(
                Answer(told.verdict, step.text, terms, evidence=(step.text,), steps=(step,))
            )
    return any_of(found)


def from_any_consumer(world: NetworkWorld, link: Linked) -> Answer:
    """The connection and the load balancer's groups, where the consumer's address is not known."""
    balancer = link.balancer
    groups = groups_of(balancer)
    if groups is None or not balancer.rules_for_links or link.answer.verdict is Verdict.NO:
        return link.answer
    families = (Family.IPV4,) if balancer.ip_address_type == "ipv4" else tuple(Family)
    return all_of((link.answer, any_of(_anybody(world, balancer, one) for one in families)))


def _anybody(world: NetworkWorld, balancer: LoadBalancer, family: Family) -> Answer:
    step = group_step(
        world,
        Sender(Subnet("", ""), EVERYTHING[family], (), "Any consumer"),
        Interface(balancer.id, balancer.account_id, balancer.region, groups=groups_of(balancer)),
        union(one.ports for one in balancer.listeners or ()) or ports.ALL,
        family,
    )
    told = joined((step,))
    terms = tuple(sorted(told.conditions))
    if told.verdict is Verdict.CONDITIONAL:
        terms = (condition("context", "consumer-address"),)
    text = (step.text,)
    return Answer(told.verdict, step.text, terms, evidence=text, steps=(step,))


def _addresses(interface: Interface, family: Family) -> Spans:
    own = [one.private for one in interface.addresses] if family is Family.IPV4 else interface.ipv6
    return prefixes.of([one for one in own if one], family)


def _whole(source: End, link: Linked, before: tuple[Answer, ...], last: Reach) -> Reach:
    answer = all_of([*before, last.answer])
    verdict = answer.verdict
    names = last.ports if verdict is not Verdict.NO else ()
    why = (
        f"{source.id} reaches {', '.join(names)} of {last.target} through {link.endpoint.id} and "
        f"{link.balancer.id}."
    )
    return replace(
        last,
        source=source.id,
        mechanism=f"{MECHANISM}/{last.family}",
        ports=names,
        other_ports=(),
        via=(link.endpoint.id, link.balancer.id),
        answer=answer.because(why) if verdict is not Verdict.NO else answer,
        port_set=last.port_set if names else NOTHING,
    )


__all__ = [
    "MECHANISM",
    "Linked",
    "balancer_to_target",
    "end_through_links",
    "from_any_consumer",
    "linked",
    "targets_of",
]
