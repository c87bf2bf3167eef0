"""What is registered with a service of Cloud Map, as a link of API Gateway reaches it.

A link has interfaces in its subnets and sends to the addresses that are registered.

* https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
* https://docs.aws.amazon.com/cloud-map/latest/api/API_InstanceSummary.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.evidence import Step
from graph.front_doors.api_calls import Behind
from graph.front_doors.declare import Lock, stops, unread
from graph.front_doors.sight import Sight, member, rows, strings
from graph.network import ports
from graph.network.doors import Door, Node
from graph.network.facts import LoadBalancer, Target, TargetGroup
from graph.network.links import Link, link_to
from graph.network.prefixes import Family
from graph.network.spans import Spans
from graph.network.target_places import Place, places_of
from graph.verdict import Verdict

SERVICES = "cloudmap:service"
_INSTANCES = "list_instances"
_NAME = "integration"
_MOST = 200
"""Registered instances that are followed one by one."""


def registered(sight: Sight, service: str, link: Item, locks: tuple[Lock, ...]) -> Iterator[Behind]:
    """What stands behind a link at a service of Cloud Map.

    Args:
        sight: what is known.
        service: its ARN.
        link: the link, with interfaces in subnets.
        locks: of the link.
    """
    line = sight.once(("cloud map",), lambda: {one.id: one for one in sight.items(SERVICES)}).get(
        service
    )
    call = line.call(_INSTANCES) if line is not None else None
    if line is None or call is None or not call.known or not isinstance(call.value, list | None):
        gap = f"servicediscovery.{_INSTANCES}({service.rpartition('/')[2]})"
        yield Behind(service, (*locks, unread(_NAME, service, gap)))
        return
    listed = rows(call.value)
    if not listed:
        text = "No instance is registered with the service."
        (ref,) = sight.refs(line, f"/calls/{_INSTANCES}/value")
        yield Behind(service, (*locks, stops(_NAME, service, text, ref)))
    for one in listed[:_MOST]:
        yield from _instance(sight, service, link, locks, member(one, "Attributes"))
    if len(listed) > _MOST:
        gap = f"what else is registered with {service}"
        yield Behind(service, (*locks, unread(_NAME, service, gap)))


def _instance(
    sight: Sight, service: str, link: Item, locks: tuple[Lock, ...], told: object
) -> Iterator[Behind]:
    address, port = member(told, "AWS_INSTANCE_IPV4"), member(told, "AWS_INSTANCE_PORT")
    opened = _port(port)
    if not isinstance(address, str) or not address or opened is None:
        gap = f"address and port of what is registered with {service}"
        yield Behind(service, (*locks, unread(_NAME, service, gap)))
        return
    sender = _sender(sight, link)
    group = TargetGroup(service, "ip", "TCP", vpc=sender.vpc, preserve_client_ip=False)
    places = places_of(sight.network, sender, group, Target(address))
    if isinstance(places, Step):
        yield Behind(f"{sender.vpc}:{address}", (*locks, _of(places)), opened=opened)
        return
    for place in places:
        way = _locks(sight, sender, group, place, opened)
        yield Behind(place.node_id, (*locks, *way), place.balancer, opened)


def _port(told: object) -> Spans | None:
    if not isinstance(told, str) or not (told.isascii() and told.isdigit() and len(told) < 6):
        return None
    return ports.tcp(int(told)) if 0 < int(told) < 65536 else None


def _sender(sight: Sight, link: Item) -> LoadBalancer:
    """The link's interfaces: like a load balancer's nodes, they send from their subnets."""
    world = sight.network
    subnets = tuple(sight.node(one, link) for one in strings(link.item.get("SubnetIds")))
    groups = tuple(sight.node(one, link) for one in strings(link.item.get("SecurityGroupIds")))
    found = (world.subnets[one].vpc for one in subnets if one in world.subnets)
    return LoadBalancer(
        id=link.id,
        kind="network",
        account_id=link.account_id,
        region=link.region,
        vpc=next(found, ""),
        subnets=subnets,
        groups=groups or None,
    )


def _locks(
    sight: Sight, sender: LoadBalancer, group: TargetGroup, place: Place, opened: Spans
) -> tuple[Lock, ...]:
    """The way from the subnet of the link from which it is the most open."""
    world = sight.network
    front = Door(sender, Family.IPV4, (), ())
    nodes = (
        Node(world.subnets.get(one), one, (), (), Verdict.YES, frozenset(), ())
        for one in sender.subnets
    )
    ways = [link_to(world, front, node, group, place, opened) for node in nodes]
    if not ways:
        return (unread(_NAME, sender.id, f"subnets of {sender.id}"),)
    return _told(sender, place, max(ways, key=lambda one: one.verdict.rank))


def _told(sender: LoadBalancer, place: Place, way: Link) -> tuple[Lock, ...]:
    steps = [Lock(step) for step in way.steps]
    results = {Verdict.CONDITIONAL: "conditional", Verdict.UNKNOWN: "unknown"}
    if way.verdict in results:
        named = ", ".join(sorted(way.conditions))
        text = f"{place.address} is reached from {sender.id} if {named}."
        if way.verdict is Verdict.UNKNOWN:
            text = f"Not collected: {named.replace('not_collected:', '')}."
        step = Step(_NAME, place.node_id, results[way.verdict], text)
        steps.append(Lock(step, tuple(sorted(way.conditions))))
    return tuple(steps)


def _of(step: Step) -> Lock:
    """A place that was not found, or to which no route leads."""
    gaps = step.text.partition("ollected: ")[2].rstrip(".").split(", ")
    terms = [f"not_collected:{gap}" for gap in gaps if step.result == "unknown"]
    return Lock(step, tuple(terms))


__all__ = ["SERVICES", "registered"]
