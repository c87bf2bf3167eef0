"""Web ACLs of WAF that stand before a door, for services that do not name them themselves.

https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html
"""

from __future__ import annotations

from collections import defaultdict

from collector.snapshot import Item, Snapshot, Status
from collector.snapshot.ledger import FACTS

_LINES = "wafv2:web-acl"


class WebAcls:
    """Which web ACLs a snapshot knows before which resources."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._acls: tuple[Item, ...] = tuple(snapshot.items(_LINES))
        self._kinds: dict[str, _Kind] = {}

    def guards(self, kind: str, resource: str, account_id: str, region: str) -> tuple[str, ...]:
        """Guards of a resource: its web ACLs, or the gap where they were not listed.

        Args:
            kind: WAF's ``ResourceType``, e.g. ``APPLICATION_LOAD_BALANCER``.
            resource: its ARN.
            account_id: the account that holds it.
            region: its region.
        """
        if kind not in self._kinds:
            self._kinds[kind] = _Kind(self._acls, kind)
        known = self._kinds[kind]
        if resource in known.before:
            return tuple(f"waf {one}" for one in known.before[resource])
        place = f"{account_id}/{region}"
        listed = self._snapshot.status(account_id, region, "wafv2", "list_web_acls")
        if listed not in FACTS and listed is not Status.NOT_SUPPORTED:
            return (f"waf (not_collected:wafv2.list_web_acls@{place})",)
        if (account_id, region) in known.unlisted:
            return (f"waf (not_collected:wafv2.list_resources_for_web_acl@{place})",)
        return ()


class _Kind:
    """The web ACLs by resource of one kind, and where they were not listed."""

    def __init__(self, acls: tuple[Item, ...], kind: str) -> None:
        call = f"list_resources_for_web_acl(ResourceType={kind})"
        found: defaultdict[str, list[str]] = defaultdict(list)
        unlisted: set[tuple[str, str]] = set()
        for acl in acls:
            told = acl.call(call)
            if not told.known and told.status is not Status.NOT_SUPPORTED:
                unlisted.add((acl.account_id, acl.region))
            for one in told.value if isinstance(told.value, list) else ():
                if isinstance(one, str):
                    found[one].append(acl.id)
        self.before = dict(found)
        self.unlisted = frozenset(unlisted)
