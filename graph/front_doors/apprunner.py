"""App Runner services.

https://docs.aws.amazon.com/apprunner/latest/dg/network-pl.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, passes, sleeps, stops, unread
from graph.front_doors.firewalls import WAF_TYPES, narrowed_by, web_acls
from graph.front_doors.integrations import endpoint
from graph.front_doors.sight import BOTH, Sight, member
from graph.network.prefixes import Family
from graph.network.reach import Reach

_CALL = "describe_service"
_WAF = "APP_RUNNER_SERVICE"
_RUNNING = ("RUNNING", "OPERATION_IN_PROGRESS")


def _service(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call(_CALL)
    service = member(call.value, "Service") or call.value
    network = member(service, "NetworkConfiguration")
    dual = member(network, "IpAddressType") == "DUAL_STACK"
    url = item.item.get("ServiceUrl") or member(service, "ServiceUrl")
    yield from sight.reached(
        item,
        "apprunner",
        (_ingress(sight, item, service), _state(item), endpoint(sight, item, url)),
        families=BOTH if dual else (Family.IPV4,),
        guards=web_acls(sight, item, _WAF),
        web_acls=narrowed_by(sight, item, _WAF),
    )


def _ingress(sight: Sight, item: Item, service: object) -> Lock:
    name = "ingress"
    network = member(service, "NetworkConfiguration")
    public = member(network, "IngressConfiguration", "IsPubliclyAccessible")
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value")
    if public is False:
        ways = _private_ways(sight).get(item.id, ())
        shown = f" Here: {', '.join(ways[:5])}." if ways else ""
        text = f"Only VPC ingress connections lead to it (IsPubliclyAccessible is false).{shown}"
        return stops(name, item.id, text, ref)
    if public is True:
        return passes(name, item.id, "IsPubliclyAccessible is true.", ref)
    if public is None and isinstance(service, Mapping) and member(service, "ServiceArn"):
        return passes(name, item.id, "It is publicly accessible, the default.", ref)
    return unread(name, item.id, sight.gap(item, _CALL), ref)


def _private_ways(sight: Sight) -> Mapping[str, tuple[str, ...]]:
    """VPC ingress connections by the service that they lead to."""
    return sight.once(("front doors", "VPC ingress connections"), lambda: _connections(sight))


def _connections(sight: Sight) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for one in sight.items("apprunner:vpc-ingress-connection"):
        found.setdefault(str(one.item.get("ServiceArn")), []).append(one.id)
    return {service: tuple(ids) for service, ids in found.items()}


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
        rule="IngressConfiguration.IsPubliclyAccessible is not false (public is the default) and "
        "the service runs. A private service is reached through VPC ingress connections only.",
        source="https://docs.aws.amazon.com/apprunner/latest/dg/network-pl.html",
        judge=_service,
        test="tests/front_doors/test_apprunner.py",
        needs=WAF_TYPES | {"apprunner:vpc-ingress-connection"},
    ),
)
