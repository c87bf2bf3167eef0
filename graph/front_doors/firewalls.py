"""Web ACLs of WAF that stand before a door."""

from __future__ import annotations

from collector.snapshot import Item
from graph.front_doors.sight import Sight
from graph.network.web_acls import Narrowing
from graph.network.web_acls_from_snapshot import WebAcls

WAF_TYPES = frozenset({"wafv2:web-acl", "wafv2:ip-set", "wafv2:rule-group"})
"""What is read of the web ACLs of a region."""
EDGE_WAF_TYPES = frozenset(
    {"wafv2:cloudfront-web-acl", "wafv2:cloudfront-ip-set", "wafv2:cloudfront-rule-group"}
)
"""What is read of those of CloudFront and Amplify."""


def web_acls(sight: Sight, item: Item, kind: str) -> tuple[str, ...]:
    """Guards of a door: its web ACLs, or the gap where they were not listed.

    Args:
        sight: what is known.
        item: the door.
        kind: WAF's ``ResourceType``, e.g. ``APP_RUNNER_SERVICE``.
    """
    return _known(sight).guards(kind, item.id, item.account_id, item.region)


def narrowed_by(sight: Sight, item: Item, kind: str) -> tuple[Narrowing, ...]:
    """Its web ACLs that let only fixed ranges or a secret header through."""
    return _known(sight).before(kind, item.id)


def narrowing_of(sight: Sight, arn: object) -> tuple[Narrowing, ...]:
    """The same of a web ACL that a service names itself."""
    found = _known(sight).narrowing(arn)
    return () if found is None else (found,)


def _known(sight: Sight) -> WebAcls:
    return sight.once(("front doors", "web ACLs"), lambda: WebAcls(sight.snapshot))


__all__ = ["EDGE_WAF_TYPES", "WAF_TYPES", "narrowed_by", "narrowing_of", "web_acls"]
