"""Sets of roles or users of one account as bits, so that a policy's reach is arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from graph.iam import condition, patterns
from graph.iam.document import Document, Statement
from graph.iam.facts import Facts
from graph.iam.world import IamWorld, Policy, Principal


class Targets:
    """The ordinary roles or the users of an account; bit ``i`` is ``members[i]``."""

    def __init__(self, members: list[Principal]) -> None:
        self.members = members
        self.full = (1 << len(members)) - 1
        self._bit = {one.arn: 1 << number for number, one in enumerate(members)}
        self._masks: dict[str, int] = {}

    def mask(self, glob: str) -> int:
        """Members that a resource pattern (internal form) matches; remembered per pattern."""
        row = patterns.resource_pattern(glob)
        if patterns.is_literal(glob) and row.completed is None:
            return self._bit.get(glob, 0)
        found = self._masks.get(glob)
        if found is None:
            found = sum(bit for arn, bit in self._bit.items() if row.matches(arn))
            self._masks[glob] = found
        return found

    def of(self, statement: Statement, facts: Facts) -> int:
        """Members that a statement's resources match, a variable that is not known as any text."""
        entries = statement.resources if statement.resources is not None else ()
        negated = statement.not_resources is not None
        if negated:
            entries = statement.not_resources or ()
        found = 0
        for entry in entries:
            glob = _glob(entry, statement.variables, facts, widen=not negated)
            if glob is not None:
                found |= self.mask(glob)
        return self.full & ~found if negated else found

    @cached_property
    def by_property(self) -> frozenset[int]:
        """Members with the same boundary, and with the same tags: conditions may ask for both."""
        found: dict[object, int] = {}
        for number, one in enumerate(self.members):
            for key in (("boundary", one.boundary and one.boundary.arn), ("tags", one.tags)):
                found[key] = found.get(key, 0) | 1 << number
        return frozenset(found.values())

    def listed(self, mask: int) -> Iterator[Principal]:
        """The members of a mask."""
        for number, one in enumerate(self.members):
            if mask >> number & 1:
                yield one

    def first(self, mask: int) -> Principal:
        """A representative of a mask that is not empty."""
        return self.members[(mask & -mask).bit_length() - 1]


def _glob(entry: str, variables: bool, facts: Facts, widen: bool) -> str | None:
    if not variables or "${" not in entry:
        return patterns.wild(entry)
    try:
        return condition.substitute(entry, facts)
    except condition.UnresolvedError:
        return None
    except condition.UndecidedError:
        return condition.widened(entry) if widen else None


def targets_of(world: IamWorld, account: str, kind: str) -> Targets:
    """The account's users, or its roles that AWS does not keep to itself; built once."""
    key = f"targets/{account}/{kind}"
    found = world.indexes.get(key)
    if not isinstance(found, Targets):
        members = [
            one
            for one in world.by_account.get(account, ())
            if one.kind == kind and not one.reserved
        ]
        found = world.indexes[key] = Targets(members)
    return found


def touching(policies: tuple[Policy, ...], action: str) -> Iterator[Statement]:
    """Statements of readable policies that meet an action (lower case)."""
    for policy in policies:
        if isinstance(policy.document, Document):
            yield from policy.document.touching(action)


def unread(policies: tuple[Policy, ...]) -> bool:
    """Whether some policy's text was not collected or is broken."""
    return any(not isinstance(policy.document, Document) for policy in policies)
