"""Route 53 Global Resolver: a DNS resolver at anycast addresses.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/gr-understanding-access-control-methods.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, passes, sleeps, stops, unread
from graph.front_doors.sight import BOTH, HTTPS, Sight
from graph.network import ports
from graph.network.ec2_shapes import text
from graph.network.prefixes import Family
from graph.network.reach import Reach

# Do53, DNS over TLS, DNS over HTTPS.
_DNS = ports.udp(53) | ports.tcp(53) | ports.tcp(853) | HTTPS
_CALL = "list_global_resolvers"


def _resolver(sight: Sight, item: Item) -> Iterator[Reach]:
    dual = item.item.get("ipAddressType") == "DUAL_STACK"
    sources = unread("access sources", item.id, sight.gap(item, "list_access_sources"))
    yield from sight.reached(
        item,
        "global-resolver",
        (_addresses(sight, item), _state(sight, item), sources),
        opened=_DNS,
        families=BOTH if dual else (Family.IPV4,),
    )


def _addresses(sight: Sight, item: Item) -> Lock:
    told = text(item.item.get("publicIpStatus"))
    (ref,) = sight.refs(item, "/item/publicIpStatus")
    if told == "ENABLED_RESERVED":
        return passes("address", item.id, "Its public addresses are enabled.", ref)
    if told.startswith("DISABLED"):
        return stops("address", item.id, "Its public addresses are disabled.", ref)
    return unread("address", item.id, sight.gap(item, _CALL), ref)


def _state(sight: Sight, item: Item) -> Lock:
    status = text(item.item.get("status"))
    (ref,) = sight.refs(item, "/item/status")
    if not status:
        return unread("state", item.id, sight.gap(item, _CALL), ref)
    make = passes if status in ("OPERATIONAL", "UPDATING") else sleeps
    return make("state", item.id, f"The resolver is {status.lower()}.", ref)


DOORS = (
    FrontDoor(
        type_id="route53globalresolver:resolver",
        mechanism="global-resolver",
        title="Route 53 Global Resolvers",
        rule="Its public addresses are enabled (publicIpStatus). Whom it answers, its access "
        "sources and tokens say, which are not collected: never more than unknown.",
        source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/gr-understanding-access-control-methods.html",
        judge=_resolver,
        test="tests/front_doors/test_route53globalresolver.py",
    ),
)
"""Declarations of this service."""
