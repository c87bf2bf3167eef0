"""What has to stand in the ledger when one operation is taken away from a collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from collector.declare import Call, Earlier, FollowUp, ResourceType
from collector.snapshot.ledger import GAPS, LedgerRow, Status

Name = tuple[str, str]
"""``(client, operation)``."""


def calls_below(calls: Iterable[FollowUp]) -> Iterator[FollowUp]:
    """Follow-ups with everything that is asked because of them, fallbacks apart."""
    for call in calls:
        yield call
        yield from calls_below(call.then)


@dataclass
class Tree:
    """Which operations are asked only because another was answered.

    Attributes:
        sources: operation -> the operations whose answers lead to it; ``None`` among them stands
            for nothing: it is asked in any case.
        needs: operation -> those from whose answers each of its calls takes a parameter.
        starts: operation that starts another -> the other.
        fallbacks: operation -> what is asked where it is not supported.
        uncertain: operation -> those that are asked in more cases when it gives no answer.
    """

    sources: dict[Name, set[Name | None]] = field(default_factory=dict)
    needs: dict[Name, set[Name]] = field(default_factory=dict)
    starts: dict[Name, set[Name]] = field(default_factory=dict)
    fallbacks: dict[Name, set[Name]] = field(default_factory=dict)
    uncertain: dict[Name, set[Name]] = field(default_factory=dict)

    @classmethod
    def of(cls, types: Mapping[str, ResourceType]) -> Tree:
        """The tree of the types of one collection."""
        tree = cls()
        for declared in types.values():
            roots = tree._roots(declared, types)
            for call in declared.lists:
                above = types.get(declared.listed_for)
                sources = tree._roots(above, types) if above else {None}
                tree._add(declared, call, sources)
            tree._add_follow_ups(declared, declared.follow_ups, roots, types)
        return tree

    def _roots(self, declared: ResourceType, types: Mapping[str, ResourceType]) -> set[Name | None]:
        """The operations that find a type's items."""
        found: set[Name | None] = {(declared.client, call.operation) for call in declared.lists}
        for parent_id in declared.each_of:
            if parent_id in types:
                found |= self._roots(types[parent_id], types)
        found |= {
            (finder.client, call.operation)
            for finder in types.values()
            for call in calls_below(finder.follow_ups)
            if declared.id in (call.discovers, *(named.type for named in call.names))
        }
        return found or {None}

    def _add(self, declared: ResourceType, call: Call, sources: set[Name | None]) -> None:
        self.sources.setdefault((declared.client, call.operation), set()).update(sources)

    def _add_follow_ups(
        self,
        declared: ResourceType,
        calls: Iterable[FollowUp],
        sources: set[Name | None],
        types: Mapping[str, ResourceType],
    ) -> None:
        for call in calls:
            name = (declared.client, call.operation)
            self._add(declared, call, sources)
            needed = {
                (declared.client, value.call)
                for value in call.params.values()
                if isinstance(value, Earlier)
            }
            self.needs[name] = self.needs.get(name, needed) & needed
            if call.start:
                self.starts.setdefault((declared.client, call.start.operation), set()).add(name)
            if call.fallback:
                other = (declared.client, call.fallback.operation)
                self.fallbacks.setdefault(name, set()).add(other)
            for when in call.when:
                if when.call:
                    self.uncertain.setdefault((declared.client, when.call), set()).add(name)
            self._add_follow_ups(declared, call.then, {name}, types)

    def lost_with(self, taken: Name) -> set[Name]:
        """Operations that nobody can ask when one gives no answer, itself apart."""
        return set(self.sources) - self._still_asked(taken, self.needs) - {taken}

    def starved_by(self, taken: Name) -> set[Name]:
        """Those among the lost whose items are still found, but which lack a parameter."""
        return self._still_asked(taken, {}) - self._still_asked(taken, self.needs)

    def _still_asked(self, taken: Name, needs: Mapping[Name, set[Name]]) -> set[Name]:
        """Operations that something asked in any case leads to, not by way of the taken one."""
        asked: set[Name] = set()
        while True:
            more = {
                name
                for name, sources in self.sources.items()
                if name not in asked
                and name != taken
                and sources & {None, *asked}
                and needs.get(name, set()) <= asked
            }
            if not more:
                return asked
            asked |= more

    def weakened_by(self, taken: Name) -> set[Name]:
        """Operations that may be asked less, or more, but not in vain: another source, or a
        condition on the answer."""
        lost = self.lost_with(taken) | {taken}
        found: set[Name] = set()
        for name, below in self.uncertain.items():
            if name in lost:
                found |= below
        while True:
            more = {
                name
                for name, sources in self.sources.items()
                if name not in lost | found and (sources & (lost | found))
            }
            if not more:
                return found - lost
            found |= more


def status_of_lost(taken: Status) -> Status:
    """What a row shows of calls that could not be made because another ended so."""
    if taken in GAPS:
        return Status.NOT_ATTEMPTED
    return taken if taken is Status.NOT_SUPPORTED else Status.EMPTY


def rows_by_name(rows: Iterable[LedgerRow]) -> dict[Name, LedgerRow]:
    """The rows of a ledger of one account and one place for each operation."""
    found: dict[Name, LedgerRow] = {}
    for row in rows:
        key = (row.service, row.operation)
        assert key not in found, f"{key} has two rows in one place"
        found[key] = row
    return found
