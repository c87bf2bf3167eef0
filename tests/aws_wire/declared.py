"""What the declarations read of each answer: a synthetic answer has to hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.declare import (
    Account,
    Call,
    FollowUp,
    Item,
    ListCall,
    ResourceType,
    Root,
    Started,
    When,
)
from collector.paths import placeholders

CONTEXT = frozenset({"account", "region", "partition"})
Values = dict[str, Any]
"""Path -> value; :class:`Account` stands for the account's id."""


@dataclass(slots=True)
class Needs:
    """What is read of an element (or of a whole answer).

    Attributes:
        paths: members that have to be there.
        always: members that have to have a value (``keep``).
        variants: for each, values under which some follow-up is called; items take turns.
    """

    paths: set[str] = field(default_factory=set)
    always: Values = field(default_factory=dict)
    variants: list[Values] = field(default_factory=list)

    def values_of(self, number: int) -> Values:
        """The values that the item of that number has."""
        chosen = self.variants[number % len(self.variants)] if self.variants else {}
        return {**chosen, **self.always}


@dataclass(frozen=True, slots=True)
class Role:
    """One declared use of an operation.

    Attributes:
        declared: the type.
        call: the declaration of the call; ``None`` for an operation that starts another.
        element: what is read of each element.
        whole: what is read of the whole answer.
        started: for an operation that starts another: the other.
    """

    declared: ResourceType
    call: Call | None
    element: Needs
    whole: Needs
    started: FollowUp | None = None

    @property
    def constants(self) -> dict[str, Any]:
        """Parameters that are the same for every item."""
        params = self.call.params if self.call else {}
        return {name: value for name, value in params.items() if not _taken(value)}


def _taken(value: Any) -> list[Item | Root | Account | Started]:
    """What a parameter takes from somewhere."""
    match value:
        case Item() | Root() | Account() | Started():
            return [value]
        case Mapping():
            return [found for inner in value.values() for found in _taken(inner)]
        case list() | tuple():
            return [found for inner in value for found in _taken(inner)]
    return []


def _paths(params: Mapping[str, Any], kind: type[Item | Root]) -> set[str]:
    return {
        found.path for value in params.values() for found in _taken(value) if type(found) is kind
    }


class Uses:
    """Every use of every operation by the declarations."""

    def __init__(self, types: Mapping[str, ResourceType]) -> None:
        self.types = types
        self.roles: dict[tuple[str, str], list[Role]] = {}
        self._items: dict[str, Needs] = {}
        self._values: dict[tuple[str, str], Needs] = {}
        for declared in types.values():
            self._read(declared)
        for declared in types.values():
            self._play(declared)

    def of(self, client: str, operation: str) -> list[Role]:
        """The uses of one operation."""
        return self.roles.get((client, operation), [])

    def items(self, type_id: str) -> Needs:
        """What is read of the items of a type."""
        return self._items.setdefault(type_id, Needs())

    def _source(self, declared: ResourceType) -> list[Needs]:
        """What the members of a type's items have to satisfy, where they come from."""
        found = [self.items(declared.id)]
        found += [self.items(parent) for parent in declared.each_of]
        return found

    def _read(self, declared: ResourceType) -> None:
        """Note what a type reads of its items and of the answers about them."""
        mine = self._source(declared)
        read = {name for name in placeholders(declared.arn) if name not in CONTEXT}
        paths = {name.partition("/")[0] for name in read}
        for needs in mine:
            needs.paths |= paths | ({declared.only_here} - {""})
        for when in declared.keep:
            _force(self.items(declared.id).always, when)
        for parent_id in declared.each_of:
            # What one type leaves out of another's items is still an item of the other.
            _add_variant(self.items(parent_id), list(declared.keep))
        if declared.listed_for:
            parent = self.items(declared.listed_for)
            parent.paths |= set(declared.carry)
            for call in declared.lists:
                parent.paths |= _paths(call.params, Item)
        for parent_id in declared.each_of:
            self.items(parent_id).paths |= set(declared.carry)
        self._read_follow_ups(declared, declared.follow_ups, mine, mine)

    def _read_follow_ups(
        self,
        declared: ResourceType,
        calls: tuple[FollowUp, ...],
        elements: list[Needs],
        roots: list[Needs],
    ) -> None:
        for call in calls:
            own = self._value(declared, call)
            for needs in elements:
                needs.paths |= _paths(call.params, Item)
                if call.batch:
                    needs.paths.add(call.batch.match[1])
                _add_variant(needs, [when for when in call.when if not when.call])
            for needs in roots:
                needs.paths |= _paths(call.params, Root)
            for when in call.when:
                if when.call:
                    _add_variant(self._value_of(declared, when.call), [when])
            self._read_region(declared, call, roots)
            if call.start:
                self._read_start(declared, call)
            if call.fallback:
                self._read_follow_ups(declared, (call.fallback,), elements, roots)
            self._read_follow_ups(declared, call.then, [own], roots)

    def _read_region(self, declared: ResourceType, call: FollowUp, roots: list[Needs]) -> None:
        earlier, _, path = call.region.rpartition(":")
        if earlier:
            self._value_of(declared, earlier).paths.add(path)
        elif path:
            for needs in roots:
                needs.paths.add(path)

    def _read_start(self, declared: ResourceType, call: FollowUp) -> None:
        assert call.start is not None
        needs = self._value_of(declared, call.start.operation)
        for value in (*call.params.values(), *call.start.params.values()):
            needs.paths |= {found.path for found in _taken(value) if isinstance(found, Started)}

    def _value(self, declared: ResourceType, call: Call) -> Needs:
        """What is read of the elements of a call's value."""
        return self._values.setdefault((declared.client, f"{call.operation}[]"), Needs())

    def _value_of(self, declared: ResourceType, operation: str) -> Needs:
        """What is read of a whole answer."""
        return self._values.setdefault((declared.client, operation), Needs())

    def _play(self, declared: ResourceType) -> None:
        for call in declared.lists:
            self._add(Role(declared, call, self.items(declared.id), Needs()))
        for inner in _every(declared.follow_ups):
            element = self._value(declared, inner)
            if inner.discovers:
                element = _both(element, self.items(inner.discovers))
            self._add(Role(declared, inner, element, self._value_of(declared, inner.operation)))
            if inner.start:
                whole = self._value_of(declared, inner.start.operation)
                self.roles.setdefault((declared.client, inner.start.operation), []).append(
                    Role(declared, None, Needs(), whole, inner)
                )

    def _add(self, role: Role) -> None:
        assert role.call is not None
        key = (role.declared.client, role.call.operation)
        self.roles.setdefault(key, []).append(role)


def _both(one: Needs, other: Needs) -> Needs:
    return Needs(
        one.paths | other.paths,
        {**one.always, **other.always},
        one.variants + other.variants,
    )


def _every(calls: tuple[FollowUp, ...]) -> Iterator[FollowUp]:
    for call in calls:
        yield call
        if call.fallback:
            yield from _every((call.fallback,))
        yield from _every(call.then)


def _wanted(when: When) -> Any:
    """A value for which a condition holds; a marker where any other than some will do."""
    return when.is_one_of[0] if when.is_one_of else Other(tuple(when.is_none_of))


@dataclass(frozen=True, slots=True)
class Other:
    """Any value but these."""

    than: tuple[Any, ...]


def _force(values: Values, when: When) -> None:
    values.setdefault(when.path, _wanted(when))


def _add_variant(needs: Needs, conditions: list[When]) -> None:
    """Make sure that for some items all these conditions hold."""
    wanted = {when.path: _wanted(when) for when in conditions}
    if not wanted:
        return
    for variant in needs.variants:
        if all(variant.get(path, value) == value for path, value in wanted.items()):
            variant.update(wanted)
            return
    needs.variants.append(wanted)


def is_list(call: Call | None) -> bool:
    """Whether the call's value is a list."""
    return isinstance(call, ListCall) or bool(call and call.result)
