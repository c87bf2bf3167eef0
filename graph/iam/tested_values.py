"""The values of one test, prepared once: thousands in one condition cost a look-up each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from graph.iam import patterns
from graph.iam.document import ConditionTest

_LOOKED_UP = ("string", "arn")


@dataclass(slots=True)
class TestedValues:
    """Values as they are compared, by the text that each begins with.

    Attributes:
        texts: in the order of the policy; internal form where they are patterns.
        with_variables: those, as written, that hold a policy variable.
    """

    texts: tuple[str, ...]
    with_variables: tuple[str, ...]
    _folded: bool
    _by_beginning: dict[str, list[str]] = field(default_factory=dict)
    _lengths: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for text in self.texts:
            self._by_beginning.setdefault(self._beginning(text), []).append(text)
        self._lengths = tuple(sorted({len(text) for text in self._by_beginning}))

    def _beginning(self, text: str) -> str:
        """What stands before the first wildcard; all of a text without one."""
        if self._folded:
            return text.lower()
        return text.partition(patterns.STAR)[0].partition(patterns.ONE)[0]

    def may_meet(self, values: Iterable[str]) -> tuple[str, ...]:
        """The texts that one of some values of a request can meet; all others it does not."""
        return tuple(dict.fromkeys(text for value in values for text in self._begin(value)))

    def _begin(self, value: str) -> Iterator[str]:
        have = value.lower() if self._folded else value
        for length in self._lengths:
            if length > len(have):
                return
            yield from self._by_beginning.get(have[:length], ())


def can_look_up(family: str) -> bool:
    """Whether values of a family (:mod:`graph.iam.operators`) are compared as texts."""
    return family in _LOOKED_UP


def tested_values(test: ConditionTest, comparison: str) -> TestedValues:
    """The values of a test, without policy variables replaced; made once per test.

    Args:
        test: of a statement.
        comparison: as in :data:`graph.iam.operators.OPERATORS`.
    """
    known = test.prepared.get(comparison)
    if not isinstance(known, TestedValues):
        globs = map(patterns.wild, test.values)
        known = TestedValues(
            tuple(globs if comparison == "like" else map(patterns.shown, globs)),
            tuple(value for value in test.values if "${" in value),
            comparison == "ignorecase",
        )
        test.prepared[comparison] = known
    return known
