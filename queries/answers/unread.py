"""Whether a row that is not there would be seen if it were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache

from collector.services import TYPES
from collector.snapshot.ledger import ALL_TYPES
from graph.schema.registry import REGISTRY
from queries.answers.coverage import Coverage, Gap
from queries.answers.row import Row

_EVERYWHERE = ("global", "*")


class Sight:
    """What a snapshot can tell of the rows of an answer.

    What was listed is judged, and a verdict that is not known is a row of its own; so a row can be
    missing unseen only where the resource, or a front door on the way to it, was not listed.

    Args:
        accounts: that were collected.
        coverage: gaps among what the command needs.
        present: ids of the resources that the snapshot has.
    """

    def __init__(
        self, accounts: Collection[str], coverage: Coverage, present: Collection[str]
    ) -> None:
        self._accounts = accounts
        self._present = present
        self._gaps: dict[str, list[Gap]] = defaultdict(list)
        for gap in coverage.missing:
            self._gaps[gap.account_id].append(gap)

    def unread(self, row: Row) -> str:
        """What was not collected that would show the row; empty where it would be seen."""
        account = row.account_id
        if account and account not in self._accounts:
            return f"account {account} was not collected"
        for gap in self._gaps.get(account or "", ()):
            if _is_there(gap, row.region) and self._hides(gap, row):
                return f"{_call(gap)} {gap.status} in {gap.account_id} {gap.region}"
        return ""

    def _hides(self, gap: Gap, row: Row) -> bool:
        if ALL_TYPES in _types(gap):
            return True
        if row.id not in self._present and _lists(gap, _types_of(row.resource_type or "", row.id)):
            return True
        # What stands behind a door is found through more than the door: through its targets.
        services = {
            kind.partition(":")[0]
            for door in row.own.get("via") or ()
            for kind in _types_of("", door)
        }
        beside = {kind for kind in _types(gap) if kind.partition(":")[0] in services}
        return bool(beside) and _lists(gap, beside)


def _is_there(gap: Gap, region: str | None) -> bool:
    return region is None or gap.region == region or gap.region in _EVERYWHERE


def _types(gap: Gap) -> frozenset[str]:
    return frozenset(gap.type.split(","))


def _call(gap: Gap) -> str:
    return f"{gap.service}:{gap.operation}" if gap.operation != "*" else gap.type


def _lists(gap: Gap, kinds: Iterable[str]) -> bool:
    """Whether the gap is in listing things of one of these types, not in asking more of each."""
    for kind in set(kinds) & _types(gap):
        declared = TYPES.get(kind)
        listing = {call.operation for call in declared.lists} if declared else set()
        if not listing or gap.operation == "*" or gap.operation in listing:
            return True
    return False


@cache
def _types_of(resource_type: str, node_id: str) -> frozenset[str]:
    """The snapshot types in which a resource stands."""
    found = {
        node_type.snapshot_type
        for node_type in REGISTRY.node_types
        if resource_type and node_type.resource_type == resource_type
    }
    if (named := REGISTRY.of_arn(node_id)) is not None:
        found.add(named.snapshot_type)
    return frozenset(found)
