"""Principals of an account that nothing in play tells apart, so that one answers for all.

Ten thousand roles share a few hundred statements. For one action, each distinct statement of the
account's identity policies is kept once with its holders as bits; for one resource, only the
statements that meet it can tell principals apart, with boundaries, gaps and the condition tests
that come out differently. Cost follows statements and classes, not principals times resources.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from graph.iam import condition, patterns, session_keys
from graph.iam.document import ConditionTest, Document, Statement
from graph.iam.facts import Facts
from graph.iam.principal import named
from graph.iam.request import Request, facts_of
from graph.iam.targets import unread
from graph.iam.world import IamWorld, Policy, Principal

FEW = 32
"""A mask of at most this many members is written on each member instead of splitting by it."""


def bits_of(mask: int) -> Iterator[int]:
    """Numbers of the bits that are set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(slots=True, eq=False)
class Holding:
    """A distinct statement of identity policies and its holders.

    Attributes:
        statement: as one of the policies has it; the others' are alike but for index and Sid.
        holders: bits over the members of :class:`Holders`.
    """

    statement: Statement
    holders: int = 0

    def names_it(self, resource: str) -> bool:
        """Whether a resource (internal form) is written out, not met by a wildcard."""
        return resource in (self.statement.resources or ())


class Class(NamedTuple):
    """Members that get the same answer."""

    mask: int
    example: Principal


def meaning(statement: Statement) -> Hashable:
    """What a statement says, whatever its place and name."""
    return (
        statement.effect,
        statement.actions,
        statement.not_actions,
        statement.resources,
        statement.not_resources,
        statement.conditions,
        statement.variables,
    )


class _ResourceIndex:
    """Holdings by the resources that they speak of."""

    def __init__(self) -> None:
        self._everywhere: list[Holding] = []
        self._exact: dict[str, list[Holding]] = {}
        self._wild: dict[str, list[tuple[patterns.ResourcePattern, Holding]]] = {}
        self._lengths: list[int] = []
        self._texts: list[str] = []
        self._prefixes: list[str] = []

    def add(self, holding: Holding) -> None:
        statement = holding.statement
        if statement.resources is None:
            if statement.not_resources is not None:
                self._everywhere.append(holding)
            return
        for entry in dict.fromkeys(statement.resources):
            glob = condition.widened(entry) if statement.variables else patterns.wild(entry)
            pattern = patterns.resource_pattern(glob)
            if patterns.is_literal(glob) and pattern.completed is None:
                self._exact.setdefault(glob, []).append(holding)
            else:
                self._wild.setdefault(_literal_prefix(glob), []).append((pattern, holding))

    def close(self) -> None:
        """Call once after the last :meth:`add`."""
        self._lengths = sorted({len(prefix) for prefix in self._wild})
        self._texts, self._prefixes = sorted(self._exact), sorted(self._wild)

    def matched(self, resource: str) -> list[Holding]:
        """Holdings that may meet a resource, or a pattern in internal form; each once."""
        found = dict.fromkeys(self._everywhere)
        if patterns.is_literal(resource):
            found.update(dict.fromkeys(self._exact.get(resource, ())))
            for length in self._lengths:
                for row, holding in self._wild.get(resource[:length], ()):
                    if holding not in found and row.matches(resource):
                        found[holding] = None
            return list(found)
        prefix = _literal_prefix(resource)
        whole = patterns.resource_pattern(resource)
        for text in _starting_with(prefix, self._texts):
            if whole.matches(text):
                found.update(dict.fromkeys(self._exact[text]))
        shorter = (prefix[:length] for length in self._lengths if length < len(prefix))
        for start in (*shorter, *_starting_with(prefix, self._prefixes)):
            for row, holding in self._wild.get(start, ()):
                if holding not in found and row.intersects(resource):
                    found[holding] = None
        return list(found)


def _literal_prefix(glob: str) -> str:
    """The text before the first wildcard."""
    places = (glob.find(char) for char in (patterns.STAR, patterns.ONE))
    return glob[: min((place for place in places if place >= 0), default=len(glob))]


def _starting_with(prefix: str, listed: list[str]) -> Iterator[str]:
    """The texts of a sorted list that start with a prefix."""
    for place in range(bisect_left(listed, prefix), len(listed)):
        if not listed[place].startswith(prefix):
            return
        yield listed[place]


class Holders:
    """The users and roles of an account by what their policies say of one action.

    ``members[i]`` is bit ``i``; ``full`` has every bit.
    """

    def __init__(self, world: IamWorld, account: str, action: str) -> None:
        self.action = action
        self.members = [one for one in world.by_account.get(account, ()) if one.kind != "root"]
        self.full = (1 << len(self.members)) - 1
        self._bit = {one.arn: 1 << number for number, one in enumerate(self.members)}
        self._world = world
        self._glob = patterns.action_glob(action)
        self._index = _ResourceIndex()
        self._holdings: dict[Hashable, Holding] = {}
        self._limits: list[tuple[int, tuple[Statement, ...]]] = []
        self.unread = 0
        """Members of whose identity policies something was not collected or cannot be read."""
        self._plain = self._split_by(self._by_nature)
        self._gather()
        self._outcomes: dict[Hashable, list[int]] = {}
        self._facts: list[Facts] = []
        self._matched: dict[str, list[Holding]] = {}
        self._names: dict[int, tuple[str, ...]] = {}
        self._masks: dict[frozenset[str], int] = {}
        self._by_name: dict[tuple[str, str], int] = {}

    def _gather(self) -> None:
        seen: dict[int, Holding] = {}
        for number, one in enumerate(self.members):
            bit = 1 << number
            if one.gaps or unread(one.policies):
                self.unread |= bit
            for policy in one.policies:
                if isinstance(policy.document, Document):
                    for statement in policy.document.touching(self._glob):
                        holding = seen.get(id(statement))
                        if holding is None:
                            made = Holding(statement)
                            holding = self._holdings.setdefault(meaning(statement), made)
                            seen[id(statement)] = holding
                        holding.holders |= bit
        for holding in self._holdings.values():
            self._index.add(holding)
        self._index.close()

    def _by_nature(self, one: Principal) -> Hashable:
        """What tells principals apart whatever is asked."""
        boundary: Hashable = None
        if one.boundary is not None:
            document = one.boundary.document
            read = isinstance(document, Document)
            boundary = document.hash if isinstance(document, Document) else one.boundary.arn
            boundary = (read, boundary)
        unread = tuple(
            row.arn or row.name for row in one.policies if not isinstance(row.document, Document)
        )
        sessions = (one.session_name, one.session_policies)
        tagging = session_keys.held(one) if self.action.lower().startswith("sts:assume") else ()
        rest = (one.gaps, unread, sessions, tagging)
        return (one.kind, one.service_linked, one.reserved, boundary, *rest)

    def _split_by(self, key: Callable[[Principal], Hashable]) -> list[int]:
        found: dict[Hashable, int] = defaultdict(int)
        for number, one in enumerate(self.members):
            found[key(one)] |= 1 << number
        masks = list(found.values())
        for mask in masks:
            boundary = self.members[next(bits_of(mask))].boundary
            if boundary is not None and isinstance(boundary.document, Document):
                self._limits.append((mask, boundary.document.touching(self._glob)))
        return masks

    def mask(self, arns: frozenset[str]) -> int:
        """Bits of principals, remembered; those of other accounts count nothing."""
        found = self._masks.get(arns)
        if found is None:
            found = 0
            for arn in arns:
                found |= self._bit.get(arn, 0)
            self._masks[arns] = found
        return found

    def listed(self, mask: int) -> list[Principal]:
        """The members of a mask, by ARN."""
        return [self.members[number] for number in bits_of(mask)]

    def names(self, mask: int) -> tuple[str, ...]:
        """The ARNs of a mask, sorted: the same object for the same mask."""
        found = self._names.get(mask)
        if found is None:
            found = self._names[mask] = tuple(one.arn for one in self.listed(mask))
        return found

    @property
    def limits(self) -> list[Statement]:
        """Statements of the members' boundaries that touch the action, each once."""
        return list({id(row): row for _, rows in self._limits for row in rows}.values())

    def matched(self, resource: str) -> list[Holding]:
        """Holdings that may meet a resource or pattern (internal form); remembered."""
        found = self._matched.get(resource)
        if found is None:
            found = self._matched[resource] = self._index.matched(resource)
        return found

    def granted(self, resource: str) -> int:
        """Members with an Allow that may meet a resource or pattern (internal form)."""
        found = 0
        for holding in self.matched(resource):
            if not holding.statement.is_deny:
                found |= holding.holders
        return found

    def classes(
        self, resource: str, in_play: Iterable[Statement], within: int | None = None
    ) -> list[Class]:
        """Members that get one answer each, for a resource or pattern (internal form).

        Args:
            resource: the resource of the request.
            in_play: statements of organisation and resource policies that touch the action.
            within: split these members only; by default all.
        """
        wanted = self.full if within is None else within & self.full
        if not wanted:
            return []
        masks = self._plain if len(self._plain) > 1 else []
        rows = list(in_play)
        masks = [*masks, *self._each_named(rows)]
        for statement, mask in self._alike(resource):
            masks.append(mask)
            if mask.bit_count() > FEW:
                rows.append(statement)
            elif mask.bit_count() > 1:
                masks += self._split_few(statement, mask)
        for statement in rows:
            masks += self._told_apart(statement)
        for limited, statements in self._limits:
            if limited & wanted:
                for statement in statements:
                    masks += [mask & limited for mask in self._told_apart(statement)]
        return [
            Class(part, self.members[(part & -part).bit_length() - 1])
            for part in refined(wanted, masks)
        ]

    def _alike(self, resource: str) -> list[tuple[Statement, int]]:
        """Statements that meet a resource, those of one effect as one, with their holders.

        Of a single action and resource, two statements without variables that both meet it differ
        in their effect and conditions only.
        """
        literal = patterns.is_literal(resource) and patterns.is_literal(self._glob)
        found: dict[Hashable, tuple[Statement, int]] = {}
        for holding in self.matched(resource):
            row = holding.statement
            alike = literal and row.resources is not None and not _has_variables(row)
            key: Hashable = (row.is_deny, row.conditions) if alike else holding
            found[key] = (row, found.get(key, (row, 0))[1] | holding.holders)
        return list(found.values())

    def named_by(self, rows: Iterable[Statement]) -> int:
        """Members that ``Principal`` (or ``NotPrincipal``) of some statement names one by one."""
        found = 0
        for mask in self._each_named(rows):
            found |= mask
        return found

    def _each_named(self, rows: Iterable[Statement]) -> list[int]:
        found = []
        for statement in rows:
            for kind, value in (*(statement.principals or ()), *(statement.not_principals or ())):
                entry = named(kind, value)
                if entry.kind in ("user", "role"):
                    found.append(self._bit.get(entry.value, 0))
                elif entry.kind in ("session", "deleted", "federated-user"):
                    found.append(self._meant(entry.kind, entry.value))
        return [mask for mask in found if mask]

    def _meant(self, kind: str, value: str) -> int:
        """Members that a session, a federated user or a unique id in a policy stands for."""
        if not self._by_name:
            for number, one in enumerate(self.members):
                for key in ((one.kind, one.name), ("deleted", one.unique_id)):
                    self._by_name[key] = self._by_name.get(key, 0) | 1 << number
        if kind == "deleted":
            return self._by_name.get((kind, value), 0)
        owner = "role" if kind == "session" else "user"
        return self._by_name.get((owner, value.split("/")[1]), 0)

    def _told_apart(self, statement: Statement) -> list[int]:
        """Masks by the outcome of each condition test, and by each variable's value."""
        found: list[int] = []
        for test in statement.conditions:
            found += self._by_test(test, statement.variables)
        if statement.variables:
            for entry in (*(statement.resources or ()), *(statement.not_resources or ())):
                for key in condition.variables_of(entry):
                    found += self._by_fact(key)
        return found

    def _split_few(self, statement: Statement, mask: int) -> list[int]:
        """As :meth:`_told_apart`, for the few holders of a statement."""
        keys = [key for test in statement.conditions for key in _keys_of(test)]
        entries = (*(statement.resources or ()), *(statement.not_resources or ()))
        keys += [key for entry in entries for key in condition.variables_of(entry)]
        if not keys:
            return []
        split: dict[Hashable, int] = defaultdict(int)
        for number in bits_of(mask):
            facts = self._facts_of(self.members[number])
            split[tuple(facts(key) for key in keys)] |= 1 << number
        return list(split.values())

    def _by_test(self, test: ConditionTest, variables: bool) -> list[int]:
        keys = {key for value in test.values for key in condition.variables_of(value)}
        if variables and keys:
            rows = [*self._by_fact(test.key.lower())]
            for key in sorted(keys):
                rows += self._by_fact(key)
            return rows
        return self._remembered(
            ("test", test), lambda facts: condition.outcome(test, facts, variables)
        )

    def _by_fact(self, key: str) -> list[int]:
        return self._remembered(("fact", key), lambda facts: facts(key))

    def _remembered(self, name: Hashable, told: Callable[[Facts], Hashable]) -> list[int]:
        found = self._outcomes.get(name)
        if found is None:
            if not self._facts:
                self._facts = [self._facts_of(one) for one in self.members]
            split: dict[Hashable, int] = defaultdict(int)
            for number, facts in enumerate(self._facts):
                split[told(facts)] |= 1 << number
            # All alike: nothing is told apart.
            found = list(split.values()) if len(split) > 1 else []
            self._outcomes[name] = found
        return found

    def _facts_of(self, one: Principal) -> Facts:
        """Facts of a request of which only the caller matters here."""
        return facts_of(self._world, Request(one, self.action, "*", one.account), one.account)


def _keys_of(test: ConditionTest) -> list[str]:
    """The key of a test, and those of its variables."""
    return [
        test.key.lower(),
        *(key for value in test.values for key in condition.variables_of(value)),
    ]


def _has_variables(statement: Statement) -> bool:
    entries = (*(statement.resources or ()), *(statement.not_resources or ()))
    values = (value for test in statement.conditions for value in test.values)
    return statement.variables and any("${" in text for text in (*entries, *values))


def refined(wanted: int, masks: Iterable[int]) -> list[int]:
    """The coarsest split of some bits that each mask is a union of.

    Wide masks split the whole; narrow ones are written on their few members, so that thousands of
    them cost no more than their members.
    """
    wide: set[int] = set()
    marks: dict[int, list[int]] = {}
    for number, mask in enumerate(dict.fromkeys(mask & wanted for mask in masks)):
        if mask.bit_count() > FEW:
            wide.add(mask)
        else:
            for bit in bits_of(mask):
                marks.setdefault(bit, []).append(number)
    parts = [wanted]
    for mask in sorted(wide):
        parts = [part for one in parts for part in (one & mask, one & ~mask) if part]
    if not marks:
        return parts
    marked = 0
    for bit in marks:
        marked |= 1 << bit
    found = []
    for part in parts:
        if rest := part & ~marked:
            found.append(rest)
        alike: dict[tuple[int, ...], int] = defaultdict(int)
        for bit in bits_of(part & marked):
            alike[tuple(marks[bit])] |= 1 << bit
        found += alike.values()
    return found


def holders(world: IamWorld, account: str, action: str) -> Holders:
    """The account's principals by what they say of an action (any case); built once."""
    key = f"holders/{account}/{action.lower()}"
    found = world.indexes.get(key)
    if not isinstance(found, Holders):
        found = world.indexes[key] = Holders(world, account, action)
    return found


def statements_in_play(
    world: IamWorld, account: str, owner: str, action: str, *policies: Policy | None
) -> list[Statement]:
    """What stands outside identity policies: SCPs of the caller's account, RCPs, resource policies.

    Args:
        world: the facts.
        account: the callers' account.
        owner: the resource's account.
        action: any case; a pattern is "any of these".
        policies: of the resource, ``None`` for those that it does not have.
    """
    glob = patterns.action_glob(action)
    levels = world.account(account).scp_levels or ()
    rows = [policy for level in levels for policy in level]
    rows += [*(world.account(owner).rcps or ()), *(row for row in policies if row is not None)]
    return [
        statement
        for policy in rows
        if isinstance(policy.document, Document)
        for statement in policy.document.touching(glob)
    ]
