"""Web ACLs of WAF that stand before a door, for services that do not name them themselves."""

from __future__ import annotations

from collector.snapshot import Item
from graph.front_doors.sight import Sight
from graph.network.web_acls_from_snapshot import WebAcls


def web_acls(sight: Sight, item: Item, kind: str) -> tuple[str, ...]:
    """Guards of a door: its web ACLs, or the gap where they were not listed.

    Args:
        sight: what is known.
        item: the door.
        kind: WAF's ``ResourceType``, e.g. ``APP_RUNNER_SERVICE``.
    """
    key = ("front doors", "web ACLs")
    known = sight.once(key, lambda: WebAcls(sight.snapshot))
    return known.guards(kind, item.id, item.account_id, item.region)
