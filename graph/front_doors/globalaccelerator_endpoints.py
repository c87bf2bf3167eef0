"""What accelerators lead to: endpoints by listener, with ports, weights and health as told.

https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoint-groups.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import Item
from graph.front_doors.sight import Sight, rows
from graph.network import ports
from graph.network.spans import NOTHING, Spans, union

PROTOCOLS = {"TCP": ports.TCP, "UDP": ports.UDP}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What an accelerator leads to, by one listener.

    Attributes:
        id: ARN of a load balancer, id of an instance or of an Elastic IP's allocation.
        opened: ports that clients use.
        arriving: the same at the endpoint, overrides applied.
        preserved: whether the endpoint sees the client's address; ``None`` if that is not told.
        weight: 0 sends it nothing; so does the group's traffic dial.
        health: ``HEALTHY``, ``UNHEALTHY``, ``INITIAL`` or empty.
        open_anyway: every endpoint of its group is unhealthy, so that all are used.
        region: of its group; empty if that is not told.
    """

    id: str
    opened: Spans
    arriving: Spans
    preserved: bool | None
    weight: float
    health: str
    open_anyway: bool
    read: bool = True
    region: str = ""


def endpoints_of(sight: Sight, item: Item) -> tuple[list[Endpoint], list[str]]:
    """Endpoints by listener, and the calls that were not read."""
    found: list[Endpoint] = []
    gaps: list[str] = []
    listeners = item.call("list_listeners")
    if not listeners.known or not _are_objects(listeners.value):
        gaps.append(sight.gap(item, "list_listeners"))
    for listener in rows(item.call("list_listeners").value):
        name = f"list_endpoint_groups(ListenerArn={listener.get('ListenerArn')})"
        groups = item.call(name)
        if not groups.known or not _are_groups(groups.value):
            gaps.append(sight.gap(item, name))
        for group in rows(groups.value):
            found += _of_group(listener, group)
    return found, gaps


def _are_objects(told: Any) -> bool:
    return not told or (isinstance(told, list) and all(isinstance(one, Mapping) for one in told))


def _are_groups(told: Any) -> bool:
    """Whether endpoint groups, and the endpoints in them, can be read."""
    if not _are_objects(told):
        return False
    listed = [one.get("EndpointDescriptions") for one in told or ()]
    return all(map(_are_objects, listed)) and all(
        isinstance(one.get("EndpointId"), str) for some in listed for one in some or ()
    )


def _of_group(listener: Mapping[str, Any], group: Mapping[str, Any]) -> Iterator[Endpoint]:
    read = ports_of(listener)
    opened = read or ports.ALL
    listed = rows(group.get("EndpointDescriptions"))
    dial = group.get("TrafficDialPercentage")
    unhealthy = bool(listed) and all(one.get("HealthState") == "UNHEALTHY" for one in listed)
    for one in listed:
        weight, preserved = one.get("Weight"), one.get("ClientIPPreservationEnabled")
        if isinstance(one.get("EndpointId"), str):
            yield Endpoint(
                id=one["EndpointId"],
                opened=opened,
                arriving=_overridden(listener, group, opened),
                preserved=preserved if isinstance(preserved, bool) else None,
                weight=0.0 if 0 in (weight, dial) else 1.0,
                health=str(one.get("HealthState") or ""),
                open_anyway=unhealthy,
                read=bool(read),
                region=region_of(group),
            )


def region_of(group: Mapping[str, Any]) -> str:
    """The region in which a group's endpoints are; empty if that is not told."""
    told = group.get("EndpointGroupRegion")
    return told if isinstance(told, str) else ""


def ports_of(listener: Mapping[str, Any]) -> Spans:
    """The ports of a listener; nothing where they cannot be read."""
    protocol = PROTOCOLS.get(str(listener.get("Protocol")))
    if protocol is None:
        return NOTHING
    return union(
        ports.span(protocol, first, last)
        for one in rows(listener.get("PortRanges"))
        if isinstance(first := one.get("FromPort"), int)
        and isinstance(last := one.get("ToPort"), int)
        and 0 <= first <= last <= 65535
    )


def _overridden(listener: Mapping[str, Any], group: Mapping[str, Any], opened: Spans) -> Spans:
    """Ports at the endpoints.

    https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoint-groups-port-override.html
    """
    protocol = PROTOCOLS.get(str(listener.get("Protocol")))
    if protocol is None:
        return opened
    moved, there = NOTHING, NOTHING
    for one in rows(group.get("PortOverrides")):
        before, after = _port(one.get("ListenerPort")), _port(one.get("EndpointPort"))
        taken = ports.span(protocol, before, before) & opened
        if before and after and taken:
            moved, there = moved | taken, there | ports.span(protocol, after, after)
    return (opened - moved) | there


def _port(value: Any) -> int:
    """A port; 0 for what is none."""
    return value if isinstance(value, int) and 0 < value < 65536 else 0


__all__ = ["PROTOCOLS", "Endpoint", "endpoints_of", "ports_of"]
