"""MWAA: the web server of an Airflow environment.

https://docs.aws.amazon.com/mwaa/latest/userguide/configuring-networking.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.sight import Sight, member
from graph.network.ec2_shapes import text
from graph.network.reach import Reach

_CALL = "get_environment"
_ASLEEP = ("CREATING", "CREATE_FAILED", "PENDING", "UNAVAILABLE", "DELETING", "DELETED")
_PUBLIC = ("PUBLIC_ONLY", "PUBLIC_AND_PRIVATE")


def _environment(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call(_CALL)
    told = member(call.value, "Environment") if call.known else None
    login = asks_for(
        "login", item.id, "AWS lets in who has a web login token, which IAM gives.", "authn:iam"
    )
    locks = (_access(sight, item, told), _state(sight, item, told), login)
    yield from sight.reached(item, "mwaa", locks)


def _access(sight: Sight, item: Item, told: object) -> Lock:
    name, mode = "web server access", text(member(told, "WebserverAccessMode"))
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value/Environment/WebserverAccessMode")
    if mode in _PUBLIC:
        return passes(name, item.id, f"WebserverAccessMode is {mode}.", ref)
    if mode == "PRIVATE_ONLY":
        return stops(name, item.id, "The web server is in the VPC only (PRIVATE_ONLY).", ref)
    return unread(name, item.id, sight.gap(item, _CALL), ref)


def _state(sight: Sight, item: Item, told: object) -> Lock:
    status = text(member(told, "Status"))
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value/Environment/Status")
    if not status:
        return unread("state", item.id, sight.gap(item, _CALL), ref)
    make = sleeps if status in _ASLEEP else passes
    return make("state", item.id, f"The environment is {status.lower()}.", ref)


DOORS = (
    FrontDoor(
        type_id="mwaa:environment",
        mechanism="mwaa",
        title="MWAA environments",
        rule="WebserverAccessMode is PUBLIC_ONLY or PUBLIC_AND_PRIVATE and the environment is "
        "available; always under the condition of a token that IAM gives. PRIVATE_ONLY is never "
        "reached.",
        source="https://docs.aws.amazon.com/mwaa/latest/userguide/configuring-networking.html",
        judge=_environment,
        test="tests/front_doors/test_mwaa.py",
        untold_families=True,
    ),
)
"""Declarations of this service."""
