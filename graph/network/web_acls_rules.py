"""Which requests the rules of a web ACL let through, as far as addresses and headers tell.

Rules are asked in order; Allow and Block end it, inside a group of rules too. Of whom a rule lets
through or keeps out an upper bound is kept: what cannot be told lets everybody through.

* https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-rule-actions.html
* https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-rule-group-settings.html
* first and last groups: https://docs.aws.amazon.com/waf/latest/developerguide/waf-policies-rule-groups.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from graph.evidence import Ref
from graph.network.client_headers import is_client_header
from graph.network.web_acls import Narrowing, Opening
from graph.verdict import condition

_DEEPEST = 8
_MOST = 20_000
"""Openings that are gone through; a web ACL of more is taken as a guard only."""
_GOES_ON = frozenset({"Count", "Captcha", "Challenge"})

Addresses = Callable[[str], Sequence[str] | None]
"""The ranges of an IP set by its ARN; ``None`` if they were not read."""
RuleGroups = Callable[[str], Sequence[Any] | None]
"""The rules of a group by its ARN; ``None`` if they were not read."""
Openings = list[Opening] | None
"""What a caller must have, one of them; ``None``: nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """What rules refer to."""

    addresses: Addresses
    groups: RuleGroups = lambda _: None


@dataclass(slots=True)
class _Requests:
    """What is let through, and what no rule has ended yet.

    ``open``: everything that may come this far may get through.
    """

    left: Openings = None
    allowed: dict[Opening, None] = field(default_factory=dict)
    open: bool = False
    work: int = 0

    def allow(self, found: Openings) -> None:
        """Let those of the requests left through that have what is asked."""
        both = _all([found, self.left])
        if both is None:
            self.open = True
            return
        self.work += len(both)
        self.open = self.work > _MOST
        self.allowed.update(dict.fromkeys(both))


def narrowing(arn: str, told: object, known: Known, refs: tuple[Ref, ...]) -> Narrowing | None:
    """What a web ACL asks of everybody; ``None`` if it is a guard only.

    Args:
        arn: its ARN.
        told: ``WebACL`` of ``get_web_acl``.
        known: looks IP sets and groups of rules up.
        refs: where it stands.
    """
    acl = told if isinstance(told, Mapping) else {}
    default = acl.get("DefaultAction")
    action = _action(default)
    rules = _in_order(acl)
    if action not in ("Allow", "Block") or rules is None:
        return None
    requests = _Requests()
    for rule in rules:
        _apply(requests, rule, known)
        if requests.open:
            return None
    if action == "Allow":
        requests.allow(None)
    return None if requests.open else Narrowing(arn, tuple(requests.allowed), refs)


def _action(told: object) -> str:
    """The name of an action; empty for what cannot be read."""
    if not isinstance(told, Mapping):
        return ""
    return next((str(name) for name, value in told.items() if isinstance(value, Mapping)), "")


def _in_order(acl: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Rules as they are asked; ``None`` where one cannot be read."""
    found: list[Mapping[str, Any]] = []
    first, last = "PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups"
    for name in (first, "Rules", last):
        listed = acl.get(name, [])
        if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
            return None
        found += sorted(listed, key=_priority)
    return found


def _priority(rule: Mapping[str, Any]) -> int:
    told = rule.get("Priority")
    return told if isinstance(told, int) else 0


def _apply(requests: _Requests, rule: Mapping[str, Any], known: Known) -> None:
    statement = rule.get("Statement", rule.get("FirewallManagerStatement"))
    told = statement if isinstance(statement, Mapping) else {}
    own, managed = told.get("RuleGroupReferenceStatement"), told.get("ManagedRuleGroupStatement")
    if "Action" in rule:
        _act(requests, _action(rule["Action"]), statement, known)
    elif isinstance(own, Mapping) and not _only_counts(rule):
        _apply_group(requests, own, known)
    elif not (_only_counts(rule) or (isinstance(managed, Mapping) and _only_blocks(managed))):
        requests.allow(None)


def _only_counts(rule: Mapping[str, Any]) -> bool:
    return _action(rule.get("OverrideAction")) == "Count"


def _act(requests: _Requests, action: str, statement: Any, known: Known) -> None:
    if action == "Block":
        requests.left = _all([_without(statement, known), requests.left])
    elif action == "Allow":
        requests.allow(_having(statement, known))
    elif action not in _GOES_ON:
        requests.allow(None)


def _apply_group(requests: _Requests, group: Mapping[str, Any], known: Known) -> None:
    arn = group.get("ARN")
    rules = known.groups(arn) if isinstance(arn, str) else None
    if rules is None or not all(isinstance(one, Mapping) for one in rules):
        requests.allow(None)
        return
    instead = _overrides(group)
    for rule in sorted(rules, key=_priority):
        action = instead.get(rule.get("Name"), rule.get("Action"))
        _act(requests, _action(action), rule.get("Statement"), known)
        if requests.open:
            return


def _overrides(group: Mapping[str, Any]) -> dict[Any, Any]:
    """Actions that a web ACL puts in place of a group's own, by the name of the rule."""
    found: dict[Any, Any] = {}
    for one in _objects(group.get("ExcludedRules")):
        found[str(one.get("Name"))] = {"Count": {}}
    for one in _objects(group.get("RuleActionOverrides")):
        found[str(one.get("Name"))] = one.get("ActionToUse")
    return found


def _objects(told: object) -> Iterable[Mapping[str, Any]]:
    listed = told if isinstance(told, list) else []
    return (one for one in listed if isinstance(one, Mapping))


def _only_blocks(group: Mapping[str, Any]) -> bool:
    """Whether a group of AWS's own lets nobody through of itself."""
    changed = (_action(action) for action in _overrides(group).values())
    named = group.get("VendorName") == "AWS" and group.get("Name") in _aws_groups()
    return named and all(action in _GOES_ON | {"Block"} for action in changed)


@cache
def _aws_groups() -> frozenset[str]:
    file = resources.files("graph.network").joinpath("data", "waf-managed-rule-groups.json")
    return frozenset(json.loads(file.read_text(encoding="utf-8"))["groups"])


# Statements


def _having(statement: Any, known: Known, depth: int = 0) -> Openings:
    """What a caller must have for a statement to match; ``None`` if anybody can have it."""
    if not isinstance(statement, Mapping) or depth > _DEEPEST:
        return None
    if (some := _nested(statement, "OrStatement")) is not None:
        return _any([_having(one, known, depth + 1) for one in some])
    if (every := _nested(statement, "AndStatement")) is not None:
        return _all([_having(one, known, depth + 1) for one in every])
    if isinstance(other := statement.get("NotStatement"), Mapping):
        return _without(other.get("Statement"), known, depth + 1)
    listed = statement.get("IPSetReferenceStatement")
    if isinstance(listed, Mapping):
        return _of_set(listed, known.addresses)
    return _of_header(statement.get("ByteMatchStatement"))


def _without(statement: Any, known: Known, depth: int = 0) -> Openings:
    """What a caller must have for a statement *not* to match."""
    if not isinstance(statement, Mapping) or depth > _DEEPEST:
        return None
    if (some := _nested(statement, "OrStatement")) is not None:
        return _all([_without(one, known, depth + 1) for one in some])
    if (every := _nested(statement, "AndStatement")) is not None:
        return _any([_without(one, known, depth + 1) for one in every])
    if isinstance(other := statement.get("NotStatement"), Mapping):
        return _having(other.get("Statement"), known, depth + 1)
    return None


def _nested(statement: Mapping[str, Any], name: str) -> list[Any] | None:
    inner = statement.get(name)
    if not isinstance(inner, Mapping):
        return None
    listed = inner.get("Statements")
    return listed if isinstance(listed, list) else []


def _any(found: list[Openings]) -> Openings:
    if not found or any(one is None for one in found):
        return None
    return [opening for one in found for opening in one or ()]


def _all(found: list[Openings]) -> Openings:
    """Of several demands one of each kind: ranges, and what else a caller must have."""
    some = [one for one in found if one]
    if any(one == [] for one in found):
        return []
    ranges = next((one for one in some if all(opening.cidrs is not None for opening in one)), None)
    asked = next((one for one in some if len(one) == 1 and one[0].cidrs is None), None)
    if ranges is None or asked is None:
        return ranges or asked or (some[0] if some else None)
    return [one if one.term else Opening(one.cidrs, asked[0].term) for one in ranges]


def _of_set(listed: Mapping[str, Any], addresses: Addresses) -> Openings:
    arn = listed.get("ARN")
    # With a forwarded address the caller writes what it likes into the header.
    if "IPSetForwardedIPConfig" in listed or not isinstance(arn, str):
        return None
    known = addresses(arn)
    if known is None:
        return [Opening(None, condition("source", arn))]
    return [Opening(tuple(known))]


def _of_header(match: Any) -> Openings:
    part = match.get("FieldToMatch") if isinstance(match, Mapping) else None
    header = part.get("SingleHeader") if isinstance(part, Mapping) else None
    name = header.get("Name") if isinstance(header, Mapping) else None
    exact = isinstance(match, Mapping) and match.get("PositionalConstraint") == "EXACTLY"
    if isinstance(name, str) and exact and not is_client_header(name):
        return [Opening(None, condition("secret", f"http-header/{name}"))]
    return None


__all__ = ["Known", "narrowing"]
