"""Mainframe Modernization runtime environments.

https://docs.aws.amazon.com/m2/latest/APIReference/API_CreateEnvironment.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, passes, sleeps, stops, unread
from graph.front_doors.sight import BOTH, Sight, member
from graph.network import ports
from graph.network.ec2_shapes import text, texts
from graph.network.prefixes import Family
from graph.network.reach import Reach

_CALL = "get_environment"
_AT = f"/calls/{_CALL}/value"


def _environment(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call(_CALL)
    told = call.value if call.known else None
    access, state = _access(sight, item, told), _state(sight, item, told)
    families = BOTH if member(told, "networkType") == "dual" else (Family.IPV4,)
    groups = texts(member(told, "securityGroupIds"))
    if access.step.result == "fail" or not groups:
        gap = () if groups else (_unplaced(sight, item),)
        yield from sight.reached(
            item,
            "m2",
            (access, state, *gap),
            opened=ports.of_protocol(ports.TCP),
            families=families,
        )
        return
    yield from sight.placed(
        item,
        "m2",
        (access, state),
        subnets=texts(member(told, "subnetIds")),
        groups=groups,
        opened=ports.of_protocol(ports.TCP),
        families=families,
    )


def _unplaced(sight: Sight, item: Item) -> Lock:
    return unread("security group", item.id, sight.gap(item, _CALL))


def _access(sight: Sight, item: Item, told: object) -> Lock:
    name, public = "public access", member(told, "publiclyAccessible")
    (ref,) = sight.refs(item, f"{_AT}/publiclyAccessible")
    if public is True:
        return passes(name, item.id, "publiclyAccessible is true.", ref)
    if public is False:
        return stops(name, item.id, "publiclyAccessible is false.", ref)
    return unread(name, item.id, sight.gap(item, _CALL), ref)


def _state(sight: Sight, item: Item, told: object) -> Lock:
    status = text(member(told, "status")) or text(item.item.get("status"))
    (ref,) = sight.refs(item, f"{_AT}/status")
    if not status:
        return unread("state", item.id, sight.gap(item, _CALL), ref)
    make = passes if status in ("Available", "Updating") else sleeps
    return make("state", item.id, f"The environment is {status.lower()}.", ref)


DOORS = (
    FrontDoor(
        type_id="m2:environment",
        mechanism="m2",
        title="Mainframe Modernization environments",
        rule="publiclyAccessible is true, it is available, and a subnet and its security groups "
        "let the internet in. Which ports its applications listen on is not collected: those "
        "that the groups open are named.",
        source="https://docs.aws.amazon.com/m2/latest/APIReference/API_CreateEnvironment.html",
        judge=_environment,
        test="tests/front_doors/test_m2.py",
        needs=frozenset({"ec2:subnet", "ec2:security-group"}),
    ),
)
"""Declarations of this service."""
