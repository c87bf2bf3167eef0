"""Which context keys an account's policies test, and which values of a key they tell apart.

A request tells what the goal or the technique fixes, such as the role of a stack. Where nobody
tests a key its value does not matter, and a thousand roles are judged as one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from graph.iam import patterns
from graph.iam.classes import Holders, statements_in_play
from graph.iam.document import Document, Statement
from graph.iam.world import IamWorld

_MOST_GLOBS = 64


@dataclass(frozen=True, slots=True)
class Tested:
    """What policies test one key for.

    Attributes:
        texts: values without a wildcard, as written and in lower case.
        globs: values with one, in internal form.
        each: values are told apart one by one: a policy variable stands in a test, or there are
            too many wildcards.
    """

    texts: frozenset[str]
    globs: tuple[str, ...]
    each: bool

    def tells(self, value: str) -> Hashable:
        """What must be equal for two values to fare alike."""
        if self.each:
            return value
        forms = (value, value.lower())
        met = tuple(one for one in self.globs if any(patterns.matches(one, f) for f in forms))
        return (*(form for form in forms if form in self.texts), *met)


def statements_of(world: IamWorld, held: Holders, account: str) -> Iterator[tuple[Statement, int]]:
    """Statements that speak of an action, with the bits of whom they are about.

    Args:
        world: the facts.
        held: the account's principals by what they say of the action.
        account: theirs.
    """
    for holding in held.matched(patterns.STAR):
        yield holding.statement, holding.holders
    for statement in statements_in_play(world, account, account, held.action):
        yield statement, -1
    glob = patterns.action_glob(held.action)
    seen = set()
    for one in held.members:
        document = one.boundary.document if one.boundary is not None else None
        if isinstance(document, Document) and document.hash not in seen:
            seen.add(document.hash)
            for statement in document.touching(glob):
                yield statement, -1


def tested_keys(world: IamWorld, held: Holders, account: str) -> dict[str, Tested]:
    """The keys (lower case) that an account's policies test for an action.

    Args:
        world, held, account: as of :func:`statements_of`.
    """
    values: dict[str, dict[str, None]] = {}
    for statement, _ in statements_of(world, held, account):
        for test in statement.conditions:
            values.setdefault(test.key.lower(), {}).update(dict.fromkeys(test.values))
    return {key: _tested(listed) for key, listed in values.items()}


def _tested(values: Iterable[str]) -> Tested:
    texts: set[str] = set()
    globs: list[str] = []
    each = False
    for value in values:
        glob = patterns.wild(value)
        each = each or "${" in value
        if patterns.is_literal(glob):
            texts |= {glob, glob.lower()}
        else:
            globs += dict.fromkeys((glob, glob.lower()))
    return Tested(frozenset(texts), tuple(globs), each or len(globs) > 2 * _MOST_GLOBS)


def signature(
    tested: Mapping[str, Tested], context: Mapping[str, tuple[str, ...]]
) -> tuple[Hashable, ...]:
    """What must be equal for two requests' contexts to fare alike.

    Args:
        tested: of the action, by key in lower case.
        context: keys with their values.
    """
    return tuple(
        (key, tuple(tested[key.lower()].tells(value) for value in values))
        for key, values in sorted(context.items())
        if key.lower() in tested
    )
