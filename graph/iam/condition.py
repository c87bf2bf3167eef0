"""Condition blocks in three values.

Operators AND, keys AND, values OR; a negated operator is NOT(any value).
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
"""

from __future__ import annotations

import re
from dataclasses import replace

from graph.iam import expression, patterns
from graph.iam.document import ConditionTest, Statement
from graph.iam.expression import FALSE, TRUE, Expression, Literal, Opaque
from graph.iam.facts import (
    Absent,
    AbsentOr,
    Clock,
    Elsewhere,
    Fact,
    Facts,
    Known,
    OneOf,
    Shaped,
    Tenant,
    Unknown,
)
from graph.iam.operators import OPERATORS, number
from graph.iam.tested_values import can_look_up, tested_values

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_ESCAPES = {"*": "*", "?": "?", "$": "$"}


class UndecidedError(Exception):
    """A policy variable whose value the snapshot does not know."""


class UnresolvedError(Exception):
    """A policy variable without a value: the resource matches nothing, the test fails."""


def evaluate(statement: Statement, facts: Facts) -> Expression:
    """The condition block of a statement; true if it has none."""
    result = TRUE
    for test in statement.conditions:
        result = result & _valid(test, outcome(test, facts, statement.variables), statement, facts)
        if result.is_false:
            return FALSE
    return result


def _valid(test: ConditionTest, met: Expression, statement: Statement, facts: Facts) -> Expression:
    """What a test comes to whose value has a policy variable without a value.

    "Any attempt to match it fails and causes the statement to be invalid": so a negated test, or a
    Deny that another value meets, may hold or may not. An Allow that another value meets is left.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    if met.is_false or not statement.variables or test.if_exists or not _lost(test, facts):
        return met
    if statement.is_deny or OPERATORS[test.operator][2]:
        return met & expression.of(Opaque(f"{test.key}-has-variables-without-value"))
    return met


def _lost(test: ConditionTest, facts: Facts) -> bool:
    """Whether the key may be there, and a value it is compared with has a variable without one."""
    family, comparison, _ = OPERATORS.get(test.operator, ("", "", False))
    if family not in ("string", "arn"):
        return False
    written = tested_values(test, comparison).with_variables
    return (
        bool(written)
        and not isinstance(facts(test.key.lower()), Absent)
        and any(_without_value(value, facts) for value in written)
    )


def _without_value(text: str, facts: Facts) -> bool:
    try:
        substitute(text, facts)
    except UnresolvedError:
        return True
    except UndecidedError:
        return False
    return False


def outcome(test: ConditionTest, facts: Facts, variables: bool) -> Expression:
    """What one test comes to; ``variables``: the policy's version replaces them."""
    key = test.key.lower()
    if test.operator == "null":
        wanted = [value.lower() == "true" for value in test.values]
        rows = [Literal(key, test.key, absent_ok=absent, negated=absent) for absent in wanted]
        return expression.any_of(_decide(row, facts(key)) for row in rows)
    if test.operator not in OPERATORS:
        return expression.of(Opaque(f"{test.operator}({test.key})"))
    family, comparison, negated = OPERATORS[test.operator]
    fact = facts(key)
    try:
        values = _compared(test, fact, facts, variables)
    except UndecidedError as name:
        return expression.of(Opaque(f"{test.key}=${{{name}}}", negated))
    absent_ok = test.if_exists or (test.quantifier == "all") or (negated and not test.quantifier)
    row = Literal(
        key=key,
        name=test.key,
        absent_ok=absent_ok,
        family=family,
        comparison=comparison,
        values=values,
        negated=negated,
        quantifier=test.quantifier,
    )
    return _decide(row, fact)


def _compared(test: ConditionTest, fact: Fact, facts: Facts, variables: bool) -> tuple[str, ...]:
    """The policy's values: of a key whose value is known those that it may meet are enough."""
    family, comparison, _ = OPERATORS[test.operator]
    prepared = tested_values(test, comparison)
    if variables and prepared.with_variables:
        return _replaced(test, comparison == "like", facts)
    if isinstance(fact, Known) and can_look_up(family):
        return prepared.may_meet(fact.values)
    return prepared.texts


def _replaced(test: ConditionTest, like: bool, facts: Facts) -> tuple[str, ...]:
    """The policy's values with variables replaced; one without a value drops out (no match)."""
    found = []
    for value in test.values:
        try:
            text = substitute(value, facts)
        except UnresolvedError:
            continue
        found.append(text if like else patterns.shown(text))
    return tuple(found)


def substitute(text: str, facts: Facts) -> str:
    """Replace policy variables; the result is in internal form, what was replaced is literal.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

    Raises:
        UnresolvedError: a variable has no value and no default.
        UndecidedError: the snapshot does not know the value.
    """
    if "${" not in text:
        return patterns.wild(text)
    pieces, place = [], 0
    for found in _VARIABLE.finditer(text):
        pieces += [patterns.wild(text[place : found.start()]), _variable(found[1], facts)]
        place = found.end()
    return "".join([*pieces, patterns.wild(text[place:])])


def variables_of(text: str) -> list[str]:
    """Keys (lower case) of the policy variables in a text; escapes such as ``${*}`` are none."""
    if "${" not in text:
        return []
    bodies = (found[1] for found in _VARIABLE.finditer(text))
    return [body.partition(",")[0].strip().lower() for body in bodies if body not in _ESCAPES]


def widened(text: str) -> str:
    """The same text with every variable as any text, in internal form."""
    return patterns.STAR.join(patterns.wild(piece) for piece in _VARIABLE.split(text)[::2])


def _variable(body: str, facts: Facts) -> str:
    if body in _ESCAPES:
        return _ESCAPES[body]
    name, comma, default = body.partition(",")
    fact = facts(name.strip().lower())
    if isinstance(fact, Known) and len(fact.values) == 1:
        return patterns.plain(fact.values[0])
    if isinstance(fact, Absent):
        if comma:
            return patterns.plain(default.strip().strip("'"))
        raise UnresolvedError(name)
    raise UndecidedError(name.strip())


def _decide(row: Literal, fact: Fact) -> Expression:
    """A test against what is known of its key."""
    if isinstance(fact, Absent):
        return TRUE if row.absent_ok else FALSE
    if isinstance(fact, Known):
        return TRUE if _meets(row, fact.values) else FALSE
    if isinstance(fact, Shaped):
        return _shaped(row, fact)
    if isinstance(fact, Clock):
        return _at_a_time(row, fact)
    if isinstance(fact, Tenant | OneOf):
        return _within_choice(row, fact)
    if isinstance(fact, Elsewhere):
        return _elsewhere(row, fact)
    if isinstance(fact, AbsentOr):
        without, with_it = _decide(row, Absent()), _decide(row, Known((fact.value,)))
        return without if without == with_it else _unknown(row, Unknown())
    return _unknown(row, fact)


def _elsewhere(row: Literal, fact: Elsewhere) -> Expression:
    """A test of what is not ours to know but for what it is not."""
    like = row.comparison == "like"
    left = tuple(
        value
        for value in row.values
        if not any(
            patterns.covers(out, value if like else patterns.plain(value)) for out in fact.never
        )
    )
    if row.family != "any" and not left:
        if row.absent_ok is row.negated:
            return TRUE if row.negated else FALSE
        # Only a request without the key, or only one with it, satisfies the test.
        row = Literal(row.key, row.name, row.absent_ok, negated=row.absent_ok)
    else:
        row = replace(row, values=left)
    return expression.of(replace(row, role="theirs", shape=fact.own))


def _within_choice(row: Literal, fact: Tenant | OneOf) -> Expression:
    """A claim whose tenant part is a name of the caller's own, or another choice within bounds.

    What some of the values fit that they may have is met by one of these, avoided by another.
    """
    if row.family == "any":
        return FALSE if row.negated else TRUE
    like, folded = row.comparison == "like", row.comparison == "ignorecase"
    fact = fact.lowered() if folded else fact
    asked = {value: value.lower() if folded else value for value in row.values}
    if any(fact.always_fits(value, like) for value in asked.values()):
        return FALSE if row.negated else TRUE
    met = tuple(written for written, value in asked.items() if fact.may_fit(value, like))
    if not met:
        return TRUE if row.negated else FALSE
    chosen = replace(row, values=met, absent_ok=False, quantifier="", role="chosen", always=True)
    return expression.of(chosen)


def _meets(row: Literal, values: tuple[str, ...]) -> bool:
    if row.family == "any":
        return not row.negated
    if row.quantifier and not any(values):
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
        return row.quantifier == "all"
    if row.quantifier == "all":
        return all(map(row.holds, values))
    if row.quantifier == "any":
        return any(map(row.holds, values))
    # A key with several values needs a set operator; without one nothing matches.
    return len(values) == 1 and row.holds(values[0])


def _unknown(row: Literal, fact: Unknown) -> Expression:
    row = replace(row, role=fact.role)
    if fact.present:
        row = replace(row, absent_ok=False, always=True)
    if row.family == "any" and row.absent_ok and not row.negated:
        return TRUE
    return expression.of(row)


def _shaped(row: Literal, fact: Shaped) -> Expression:
    present = _within(row, fact.shape)
    if not fact.may_be_absent:
        return present
    if row.absent_ok and present.is_true:
        return TRUE
    if not row.absent_ok and present.is_false:
        return FALSE
    # Some choice of the caller (with the key, or without it) satisfies the test, another does not.
    if present.is_true or present.is_false:
        return expression.of(
            Literal(row.key, row.name, row.absent_ok, negated=row.absent_ok, role="chosen")
        )
    return expression.of(replace(row, role="chosen", shape=fact.shape))


def _within(row: Literal, shape: str) -> Expression:
    """A test of a value of which a pattern is known."""
    if row.family == "any":
        return FALSE if row.negated else TRUE
    if row.quantifier == "" and patterns.is_literal(shape):
        return TRUE if row.holds(shape) else FALSE
    globs = [value if row.comparison == "like" else patterns.plain(value) for value in row.values]
    if row.comparison == "ignorecase":
        globs, shape = [glob.lower() for glob in globs], shape.lower()
    if any(patterns.covers(glob, shape) for glob in globs):
        return FALSE if row.negated else TRUE
    met = tuple(
        value
        for value, glob in zip(row.values, globs, strict=True)
        if patterns.may_name(glob, shape)
    )
    if not met:
        return TRUE if row.negated else FALSE
    return expression.of(replace(row, absent_ok=False, values=met, role="chosen", shape=shape))


def _at_a_time(row: Literal, fact: Clock) -> Expression:
    met = _timed(row, fact.now)
    if not fact.may_be_absent or met == (TRUE if row.absent_ok else FALSE):
        return met
    return _unknown(row, Unknown("time"))


def _timed(row: Literal, now: str) -> Expression:
    """A test of a time that is ``now`` or later.

    What holds from now on is true, what is over is false, what starts or ends later is a
    condition.
    """
    if row.family == "any":
        return FALSE if row.negated else TRUE
    timed = expression.of(replace(row, role="time", absent_ok=False, always=True))
    moment = number("date", now)
    bounds = [found for value in row.values if (found := number(row.family, value)) is not None]
    if moment is None or len(bounds) != 1 or bounds[0] > moment or row.quantifier:
        return timed
    if row.comparison == "==":
        return TRUE if row.negated else FALSE
    return TRUE if (row.comparison in (">", ">=")) is not row.negated else FALSE
