"""GameLift fleets: game servers with public addresses, which players connect to.

https://docs.aws.amazon.com/gameliftservers/latest/apireference/API_IpPermission.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, passes, sleeps, stops, unread
from graph.front_doors.openings import disjoint
from graph.front_doors.sight import Sight, member
from graph.network import ports
from graph.network.ec2_shapes import integer, text
from graph.network.reach import Reach
from graph.network.spans import Spans

_CALL = "describe_fleet_port_settings"
_AT = f"/calls/{_CALL}/value/InboundPermissions"
_MECHANISM = "gamelift"


def _fleet(sight: Sight, item: Item) -> Iterator[Reach]:
    state = _state(sight, item)
    if item.item.get("ComputeType") == "ANYWHERE":
        words = "Its machines are not AWS's: GameLift opens no port of theirs."
        yield from sight.reached(
            item, _MECHANISM, (stops("compute", item.id, words), state), opened=ports.ALL
        )
        return
    mode = text(item.item.get("PlayerGatewayMode"))
    guards = ("player gateway",) if mode in ("ENABLED", "REQUIRED") else ()
    for lock, opened, cidrs in _permissions(sight, item):
        yield from sight.reached(
            item, _MECHANISM, (lock, state), opened=opened, admitted=cidrs, guards=guards
        )


def _permissions(sight: Sight, item: Item) -> Iterator[tuple[Lock, Spans, tuple[str, ...] | None]]:
    """The inbound permissions: for which ports and address ranges."""
    name, call = "inbound permissions", item.call(_CALL)
    (ref,) = sight.refs(item, _AT)
    told = member(call.value, "InboundPermissions") if call.known else None
    if not isinstance(told, list):
        yield unread(name, item.id, sight.gap(item, _CALL), ref), ports.ALL, None
        return
    if not told:
        yield stops(name, item.id, "No inbound permission.", ref), ports.ALL, None
    grouped: dict[Spans, list[str]] = {}
    for row in told:
        opened = _opened(row)
        cidr = text(row.get("IpRange")) if isinstance(row, Mapping) and opened else ""
        grouped.setdefault(opened or ports.ALL, []).append(cidr or "unreadable")
    unique = {opened: tuple(dict.fromkeys(cidrs)) for opened, cidrs in grouped.items()}
    for opened, cidrs in disjoint(unique).items():
        words = f"{', '.join(ports.names(opened))} from {', '.join(cidrs[:5])}."
        yield passes(name, item.id, words, ref), opened, cidrs


def _opened(row: Any) -> Spans | None:
    first, last = integer(member(row, "FromPort")), integer(member(row, "ToPort"))
    if first is None or last is None:
        return None
    try:
        return ports.of_rule(text(member(row, "Protocol")), first, last)
    except ValueError:
        return None


def _state(sight: Sight, item: Item) -> Lock:
    status = text(item.item.get("Status"))
    (ref,) = sight.refs(item, "/item/Status")
    if not status:
        return unread("state", item.id, sight.gap(item, "describe_fleet_attributes"), ref)
    make = passes if status == "ACTIVE" else sleeps
    return make("state", item.id, f"The fleet is {status.lower()}.", ref)


DOORS = (
    FrontDoor(
        type_id="gamelift:fleet",
        mechanism=_MECHANISM,
        title="GameLift fleets",
        rule="It is active, AWS runs its machines (ComputeType is not ANYWHERE), and an inbound "
        "permission opens a port; its range is the source. A player gateway is a guard.",
        source="https://docs.aws.amazon.com/gameliftservers/latest/apireference/API_IpPermission.html",
        judge=_fleet,
        test="tests/front_doors/test_gamelift.py",
    ),
)
"""Declarations of this service."""
