"""App Runner services.

https://docs.aws.amazon.com/apprunner/latest/dg/network-pl.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, passes, sleeps, stops, unread
from graph.front_doors.sight import BOTH, Sight, member
from graph.network.prefixes import Family
from graph.network.reach import Reach

_CALL = "describe_service"
_RUNNING = ("RUNNING", "OPERATION_IN_PROGRESS")


def _service(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call(_CALL)
    service = member(call.value, "Service") or call.value
    network = member(service, "NetworkConfiguration")
    dual = member(network, "IpAddressType") == "DUAL_STACK"
    yield from sight.reached(
        item,
        "apprunner",
        (_ingress(sight, item, network), _state(item)),
        families=BOTH if dual else (Family.IPV4,),
    )


def _ingress(sight: Sight, item: Item, network: object) -> Lock:
    name = "ingress"
    public = member(network, "IngressConfiguration", "IsPubliclyAccessible")
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value")
    if public is False:
        text = "Only VPC ingress connections lead to it (IsPubliclyAccessible is false)."
        return stops(name, item.id, text, ref)
    if public is True:
        return passes(name, item.id, "IsPubliclyAccessible is true.", ref)
    return unread(name, item.id, sight.gap(item, _CALL), ref)


def _state(item: Item) -> Lock:
    status = str(item.item.get("Status") or "RUNNING")
    text = f"The service is {status.lower()}."
    if status in _RUNNING:
        return passes("state", item.id, text)
    if status == "DELETED":
        return stops("state", item.id, text)
    return sleeps("state", item.id, text)


DOORS = (
    FrontDoor(
        type_id="apprunner:service",
        mechanism="apprunner",
        title="App Runner services",
        rule="IngressConfiguration.IsPubliclyAccessible is true and the service runs. A private "
        "service is reached through VPC ingress connections only.",
        source="https://docs.aws.amazon.com/apprunner/latest/dg/network-pl.html",
        judge=_service,
        test="tests/front_doors/test_apprunner.py",
    ),
)
"""Declarations of this service."""
