"""What the statements of a policy ask of single keys of a request.

A Deny with one test asks for its opposite.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graph.iam.document import ConditionTest, Statement

_WILD = ("stringlike", "arnlike", "arnequals")
_FLIPPED = {"true": "false", "false": "true"}
_KNOWN = {"aws:principalisawsservice", "aws:viaawsservice"}
_VARIABLE = re.compile(r"\$\{[^}]+\}")


@dataclass(frozen=True, slots=True)
class Lock:
    """One key that a request must have so, or must not.

    Attributes:
        key: lower case.
        name: as written.
        operator: without prefix, suffix and ``not``, lower case.
        positive: whether it must be one of ``values``; else none of them.
        values: as written.
        absent_ok: whether a request without the key passes.
    """

    key: str
    name: str
    operator: str
    positive: bool
    values: tuple[str, ...]
    absent_ok: bool

    def is_pattern(self, value: str) -> bool:
        """Whether ``*`` or ``?`` of a value stand for other text."""
        return self.operator in _WILD and any(char in value for char in "*?")

    def is_fixed(self, value: str) -> bool:
        """Whether a value is one text."""
        return not self.is_pattern(value) and not _VARIABLE.search(value)

    @property
    def fixes(self) -> bool:
        """Whether the key must be there and be one of some texts."""
        return (
            self.positive
            and self.operator != "null"
            and not self.absent_ok
            and all(map(self.is_fixed, self.values))
        )

    @property
    def must_be_there(self) -> bool:
        """Whether any value will do, but one must be there."""
        return self.operator == "null" and _truth(self.values) == "false"


def of_allow(statement: Statement) -> Iterator[Lock]:
    """What an Allow asks for; every lock must be passed."""
    for test in statement.conditions:
        yield _lock(test)


def of_denies(statements: Iterable[Statement], *, service: bool) -> Iterator[Lock]:
    """What Deny statements take away unless a key is so.

    A Deny with several tests stops only whoever fits them all, which is no lock of one key.

    Args:
        statements: Deny statements that name the caller.
        service: whether the caller is an AWS service, which some Denies leave out.
    """
    for statement in statements:
        open_tests = [test for test in statement.conditions if test.key.lower() not in _KNOWN]
        known = [test for test in statement.conditions if test.key.lower() in _KNOWN]
        applies = all(_holds(test, service) for test in known)
        if applies and len(open_tests) == 1 and not _is_partial(open_tests[0]):
            yield _opposite(_lock(open_tests[0]), open_tests[0])


def _lock(test: ConditionTest) -> Lock:
    negated = "not" in test.operator
    if test.operator == "null":
        absent_ok = _truth(test.values) != "false"
    elif test.quantifier:
        absent_ok = test.quantifier == "all" or test.if_exists
    else:
        absent_ok = negated or test.if_exists
    return Lock(
        key=test.key.lower(),
        name=test.key,
        operator=test.operator.replace("not", "", 1) if negated else test.operator,
        positive=not negated,
        values=test.values,
        absent_ok=absent_ok,
    )


def _opposite(lock: Lock, test: ConditionTest) -> Lock:
    values, positive = lock.values, not lock.positive
    if lock.operator in ("bool", "null"):
        values = tuple(_FLIPPED.get(value.lower(), value) for value in values)
        positive = lock.positive
    absent_ok = _truth(values) != "false" if lock.operator == "null" else not lock.absent_ok
    return Lock(test.key.lower(), test.key, lock.operator, positive, values, absent_ok)


def _is_partial(test: ConditionTest) -> bool:
    """Whether the opposite is no lock of the key's value: orders of numbers and dates."""
    return test.operator.startswith(("numeric", "date"))


def _holds(test: ConditionTest, service: bool) -> bool:
    """Whether a test of who calls AWS holds for a caller of this kind."""
    wanted = _truth(test.values)
    return test.operator in ("bool", "stringequals") and wanted == str(service).lower()


def _truth(values: tuple[str, ...]) -> str:
    return values[0].lower() if len(values) == 1 else ""
