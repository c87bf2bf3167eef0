"""QuickSight dashboards that anybody with the link may see.

https://docs.aws.amazon.com/quicksight/latest/user/share-a-dashboard-grant-access-anyone-api.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.snapshot import Item, Status
from graph.front_doors.declare import FrontDoor, Lock, passes, stops, unread
from graph.front_doors.sight import Sight, member, rows
from graph.network.ec2_shapes import text
from graph.network.reach import Reach

_CALL, _SETTINGS = "describe_dashboard_permissions", "describe_account_settings"
_ANYONE = ":publicAnonymousUser/*"


def _dashboard(sight: Sight, item: Item) -> Iterator[Reach]:
    yield from sight.reached(item, "quicksight", (_link(sight, item), _sharing(sight, item)))


def _link(sight: Sight, item: Item) -> Lock:
    name, call = "link sharing", item.call(_CALL)
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value/LinkSharingConfiguration")
    if not call.known or (call.value is None and call.status is Status.OK):
        return unread(name, item.id, sight.gap(item, _CALL), ref)
    if call.value is None:
        return stops(name, item.id, "The subscription has no sharing by link.", ref)
    told = member(call.value, "LinkSharingConfiguration")
    answered = isinstance(call.value, Mapping) and bool(call.value)
    if answered and "LinkSharingConfiguration" not in call.value:
        return stops(name, item.id, "It is not shared by link.", ref)
    granted = member(told, "Permissions")
    if any(text(row.get("Principal")).endswith(_ANYONE) for row in rows(granted)):
        return passes(name, item.id, "Its link works for anyone on the internet.", ref)
    readable = isinstance(told, Mapping) and isinstance(told.get("Permissions", []), list)
    if readable and all(text(row.get("Principal")) for row in rows(granted)):
        return stops(name, item.id, "Its link works for people of the account only.", ref)
    return unread(name, item.id, sight.gap(item, _CALL), ref)


def _sharing(sight: Sight, item: Item) -> Lock:
    """The account's switch; it is one for all regions, and told in the subscription's own."""
    name = "public sharing"
    found: dict[bool, Item] = {}
    for line in sight.items("quicksight:account"):
        call = line.call(_SETTINGS)
        told = member(call.value, "AccountSettings", "PublicSharingEnabled")
        if line.account_id == item.account_id and call.known and isinstance(told, bool):
            found.setdefault(told, line)
    for told, line in sorted(found.items(), reverse=True):
        refs = sight.refs(line, f"/calls/{_SETTINGS}/value/AccountSettings/PublicSharingEnabled")
        if told:
            return passes(name, item.id, "Public sharing is on in the account.", *refs)
        return stops(name, item.id, "Public sharing is off in the account.", *refs)
    gap = f"quicksight.{_SETTINGS}@{item.account_id}/{item.region}"
    return unread(name, item.id, gap)


DOORS = (
    FrontDoor(
        type_id="quicksight:dashboard",
        mechanism="quicksight",
        title="QuickSight dashboards",
        rule="Its link permissions name everybody (publicAnonymousUser) and public sharing is on "
        "in the account.",
        source="https://docs.aws.amazon.com/quicksight/latest/user/share-a-dashboard-grant-access-anyone-api.html",
        judge=_dashboard,
        test="tests/front_doors/test_quicksight.py",
        needs=frozenset({"quicksight:account"}),
        untold_families=True,
    ),
)
"""Declarations of this service."""
