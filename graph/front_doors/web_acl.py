"""Web ACLs of WAF that let nothing through but a fixed set of addresses or a secret header.

Any other web ACL is a guard: https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-default-action.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.snapshot import Item
from graph.front_doors.declare import Lock, asks_for, stops
from graph.front_doors.sight import Sight, member, rows
from graph.network.listeners import CLIENT_HEADERS
from graph.verdict import condition


def narrowing(sight: Sight, item: Item, acl: str) -> Lock | None:
    """What a web ACL asks of everybody, or that it blocks all; ``None`` if it is a guard only.

    Args:
        sight: the snapshot.
        item: the door.
        acl: ARN of its web ACL.
    """
    line = _lines(sight).get(acl)
    told = member(line.call("get_web_acl").value, "WebACL") if line else None
    if line is None or not isinstance(member(told, "DefaultAction", "Block"), Mapping):
        return None
    listed = told.get("Rules", []) if isinstance(told, Mapping) else None
    rules = rows(listed)
    # What a group of rules allows is not told by the web ACL.
    if not isinstance(listed, list) or len(rules) != len(listed) or not all(map(_tells, rules)):
        return None
    (ref,) = sight.refs(line, "/calls/get_web_acl/value/WebACL")
    terms = {_term(one.get("Statement")) for one in rules if "Allow" in one["Action"]}
    if not terms:
        return stops("web ACL", item.id, "The web ACL blocks everything.", ref)
    if None in terms:
        return None
    named = sorted(term for term in terms if term)
    text = f"The web ACL blocks everything but {' or '.join(named)}."
    return asks_for("web ACL", item.id, text, named[0], ref)


def _tells(rule: Mapping[str, Any]) -> bool:
    return isinstance(rule.get("Action"), Mapping) and "OverrideAction" not in rule


def _term(statement: Any) -> str | None:
    """What a caller must have for a statement; ``None`` if anybody can have it."""
    listed = member(statement, "IPSetReferenceStatement")
    if isinstance(listed, Mapping):
        # With a forwarded address the caller writes what it likes into the header.
        if "IPSetForwardedIPConfig" in listed or not isinstance(listed.get("ARN"), str):
            return None
        # The addresses of an IP set are not collected.
        return condition("source", listed["ARN"])
    match = member(statement, "ByteMatchStatement")
    header = member(match, "FieldToMatch", "SingleHeader", "Name")
    exact = member(match, "PositionalConstraint") == "EXACTLY"
    if isinstance(header, str) and exact and header.lower() not in CLIENT_HEADERS:
        return condition("secret", f"http-header/{header}")
    return None


def _lines(sight: Sight) -> Mapping[str, Item]:
    return sight.once(
        ("front doors", "web ACLs of CloudFront"),
        lambda: {one.id: one for one in sight.items("wafv2:cloudfront-web-acl")},
    )


__all__ = ["narrowing"]
