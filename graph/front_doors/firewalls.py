"""Web ACLs of WAF that stand before a door, for services that do not name them themselves.

https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html
"""

from __future__ import annotations

from collections.abc import Mapping

from collector.snapshot import Item
from collector.snapshot.ledger import FACTS
from graph.front_doors.sight import Sight

_LINES = "wafv2:web-acl"


def web_acls(sight: Sight, item: Item, kind: str) -> tuple[str, ...]:
    """Guards of a door: its web ACLs, or the gap where they were not listed.

    Args:
        sight: what is known.
        item: the door.
        kind: WAF's ``ResourceType``, e.g. ``APP_RUNNER_SERVICE``.
    """
    before = _by_resource(sight, kind).get(item.id, ())
    if before:
        return tuple(f"waf {one}" for one in before)
    place = f"{item.account_id}/{item.region}"
    listed = sight.snapshot.status(item.account_id, item.region, "wafv2", "list_web_acls")
    if listed not in FACTS:
        return (f"waf (not_collected:wafv2.list_web_acls@{place})",)
    if (item.account_id, item.region) in _unlisted(sight, kind):
        return (f"waf (not_collected:wafv2.list_resources_for_web_acl@{place})",)
    return ()


def _call(kind: str) -> str:
    return f"list_resources_for_web_acl(ResourceType={kind})"


def _by_resource(sight: Sight, kind: str) -> Mapping[str, tuple[str, ...]]:
    key = ("front doors", "web ACLs", kind)
    if key not in sight.network.memo:
        found: dict[str, tuple[str, ...]] = {}
        for acl in sight.items(_LINES):
            value = acl.call(_call(kind)).value
            for one in value if isinstance(value, list) else ():
                if isinstance(one, str):
                    found[one] = (*found.get(one, ()), acl.id)
        sight.network.memo[key] = found
    known: Mapping[str, tuple[str, ...]] = sight.network.memo[key]
    return known


def _unlisted(sight: Sight, kind: str) -> frozenset[tuple[str, str]]:
    """Accounts and regions with a web ACL of which it was not read what it protects."""
    key = ("front doors", "unlisted web ACLs", kind)
    if key not in sight.network.memo:
        sight.network.memo[key] = frozenset(
            (acl.account_id, acl.region)
            for acl in sight.items(_LINES)
            if not acl.call(_call(kind)).known and acl.call(_call(kind)).status != "not_supported"
        )
    places: frozenset[tuple[str, str]] = sight.network.memo[key]
    return places
