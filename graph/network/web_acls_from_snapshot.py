"""Web ACLs of WAF that stand before a door, for services that do not name them themselves.

https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from collector.snapshot import Item, Snapshot, Status
from collector.snapshot.ledger import FACTS
from graph.evidence import Ref
from graph.network.web_acls import Narrowing
from graph.network.web_acls_rules import Known, narrowing

_LINES = "wafv2:web-acl"
_EVERY = (_LINES, "wafv2:cloudfront-web-acl")
_SETS = ("wafv2:ip-set", "wafv2:cloudfront-ip-set")
_GROUPS = ("wafv2:rule-group", "wafv2:cloudfront-rule-group")


class WebAcls:
    """Which web ACLs a snapshot knows before which resources."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._acls: tuple[Item, ...] = tuple(snapshot.items(_LINES))
        self._kinds: dict[str, _Kind] = {}
        self._narrowings: dict[str, Narrowing | None] = {}

    def guards(self, kind: str, resource: str, account_id: str, region: str) -> tuple[str, ...]:
        """Guards of a resource: its web ACLs, or the gap where they were not listed.

        Args:
            kind: WAF's ``ResourceType``, e.g. ``APPLICATION_LOAD_BALANCER``.
            resource: its ARN.
            account_id: the account that holds it.
            region: its region.
        """
        known = self._of_kind(kind)
        if resource in known.before:
            return tuple(f"waf {one}" for one in known.before[resource])
        place = f"{account_id}/{region}"
        listed = self._snapshot.status(account_id, region, "wafv2", "list_web_acls")
        if listed not in FACTS and listed is not Status.NOT_SUPPORTED:
            return (f"waf (not_collected:wafv2.list_web_acls@{place})",)
        if (account_id, region) in known.unlisted:
            return (f"waf (not_collected:wafv2.list_resources_for_web_acl@{place})",)
        return ()

    def before(self, kind: str, resource: str) -> tuple[Narrowing, ...]:
        """Web ACLs before a resource that let only fixed ranges or a secret header through.

        Args:
            kind: WAF's ``ResourceType``.
            resource: its ARN.
        """
        acls = self._of_kind(kind).before.get(resource, ())
        return tuple(told for one in acls if (told := self.narrowing(one)) is not None)

    def narrowing(self, arn: object) -> Narrowing | None:
        """What a web ACL asks of everybody; ``None`` if it is a guard only, or was not read."""
        if not isinstance(arn, str):
            return None
        if arn not in self._narrowings:
            line = self._lines.get(arn)
            self._narrowings[arn] = None if line is None else self._told(line)
        return self._narrowings[arn]

    def _told(self, line: Item) -> Narrowing | None:
        value = line.call("get_web_acl").value
        acl = value.get("WebACL") if isinstance(value, Mapping) else None
        ref = Ref.to(line, "/calls/get_web_acl/value/WebACL")
        known = Known(self._addresses, self._rules)
        return narrowing(line.id, acl, known, (ref,))

    def _addresses(self, arn: str) -> Sequence[str] | None:
        listed = _listed(self._sets.get(arn), "get_ip_set", "IPSet", "Addresses")
        if listed is None or not all(isinstance(one, str) for one in listed):
            return None
        return listed

    def _rules(self, arn: str) -> Sequence[Any] | None:
        return _listed(self._groups.get(arn), "get_rule_group", "RuleGroup", "Rules")

    def _of_kind(self, kind: str) -> _Kind:
        if kind not in self._kinds:
            self._kinds[kind] = _Kind(self._acls, kind)
        return self._kinds[kind]

    @cached_property
    def _lines(self) -> Mapping[str, Item]:
        return self._by_id(_EVERY)

    @cached_property
    def _sets(self) -> Mapping[str, Item]:
        return self._by_id(_SETS)

    @cached_property
    def _groups(self) -> Mapping[str, Item]:
        return self._by_id(_GROUPS)

    def _by_id(self, types: Iterable[str]) -> Mapping[str, Item]:
        return {one.id: one for type_id in types for one in self._snapshot.items(type_id)}


def _listed(line: Item | None, operation: str, *path: str) -> list[Any] | None:
    """A list in what a call answered; ``None`` where it was not read."""
    found: Any = line.call(operation).value if line is not None else None
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found if isinstance(found, list) else None


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
