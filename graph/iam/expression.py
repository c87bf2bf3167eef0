"""Conditions that a snapshot cannot decide, as an expression of literals.

An :class:`Expression` is an or of terms, a term is an and of literals, all of *one* request.
True is the empty term, false is no term. Presence and value of a key are apart: a literal says
whether an absent key satisfies it and which values do, so it is closed under negation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from graph.iam import operators, patterns
from graph.verdict import condition

MAX_TERMS = 48
"""More alternatives than this are dropped (those with most conditions first), and remembered."""
_SMALL = 8
"""Operations on so few terms are not remembered."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A test of one key of the request whose value is not known.

    Attributes:
        key: lower case.
        name: as the policy writes it.
        absent_ok: whether a request without the key satisfies it.
        family, comparison, values: what a value is compared with (:mod:`graph.iam.operators`);
            family ``any`` is satisfied by every value. ``like`` values are in internal form.
        negated: whether the comparison must fail.
        quantifier: ``all``, ``any`` or empty, for keys with several values.
        role: ``unknown``, ``chosen`` (by whoever calls), ``secret``, ``time``, ``theirs`` (whoever
            owns the caller's account may have ``shape`` or nothing at will).
        shape: what is known of the value, in internal form; empty if nothing.
        always: the key is in every request, so that nothing is satisfied by its absence.
    """

    key: str
    name: str
    absent_ok: bool
    family: str = "any"
    comparison: str = ""
    values: tuple[str, ...] = ()
    negated: bool = False
    quantifier: str = ""
    role: str = "unknown"
    shape: str = ""
    always: bool = False

    def holds(self, value: str) -> bool:
        """Whether one concrete value satisfies it."""
        if self.family == "any":
            return not self.negated
        found = any(
            operators.compare(self.family, self.comparison, want, value) for want in self.values
        )
        return found is not self.negated

    @property
    def is_chosen(self) -> bool:
        """Whether a caller who knows nothing can satisfy it: with a value of their own, or none.

        A secret is needed to show it, not to leave it out: where the value is refused it is no
        hindrance, and where everything else is refused it is one.
        """
        if self.role not in ("secret", "theirs"):
            return self.role == "chosen"
        own = self.shape if self.role == "theirs" else "a-value-of-the-callers-choice"
        return self.absent_ok or self.holds(own)

    @property
    def negation(self) -> Literal:
        """The literal that holds exactly where this one does not."""
        return _negation(self)

    def render(self) -> str:
        """As ``kind:subject[=value]``."""
        if self.role == "secret" and not self.is_chosen:
            return condition("secret", self.name)
        kind = "time" if self.role == "time" or self.family == "date" else "context"
        return condition(kind, self.name, self._value())

    def _value(self) -> str:
        if self.family == "any":
            return "absent" if self.negated else "present"
        text = "|".join(patterns.shown(value) for value in self.values)
        if self.role == "secret" and self.negated:
            text = "the one that the policy names"
        if self.comparison in ("<", "<=", ">", ">="):
            text = f"{self.comparison}{text}"
        if self.negated:
            return f"not {text}"
        return f"{text} or absent" if self.absent_ok and not self.quantifier else text


@dataclass(frozen=True, slots=True)
class Opaque:
    """A test that this engine does not evaluate, with its name."""

    text: str
    negated: bool = False

    @property
    def negation(self) -> Opaque:
        """The opposite."""
        return Opaque(self.text, not self.negated)

    def render(self) -> str:
        """As ``kind:subject[=value]``."""
        return condition("context", self.text, "no" if self.negated else None)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was not collected.

    ``needed``: it would have to allow (``unknown``); else it could only take away
    (``conditional``).
    """

    subject: str
    value: str
    needed: bool

    @property
    def negation(self) -> Gap:
        """A gap stays a gap."""
        return self

    def render(self) -> str:
        """As ``not_collected:subject[=value]``."""
        return condition("not_collected", self.subject, self.value or None)


@lru_cache(maxsize=65536)
def _negation(literal: Literal) -> Literal:
    flipped = {"all": "any", "any": "all", "": ""}[literal.quantifier]
    return replace(
        literal,
        absent_ok=not literal.absent_ok and not literal.always,
        negated=not literal.negated,
        quantifier=flipped,
    )


Atom = Literal | Opaque | Gap
Term = frozenset[Atom]


@dataclass(frozen=True, slots=True)
class Expression:
    """An or of terms; ``truncated`` when alternatives were dropped (then it is never false).

    Made by :func:`of`, :func:`of_terms` and the operators: the empty term stands alone.
    """

    terms: tuple[Term, ...]
    truncated: bool = False

    @property
    def is_true(self) -> bool:
        """Whether it holds in every request."""
        return bool(self.terms) and not self.terms[0]

    @property
    def is_false(self) -> bool:
        """Whether it holds in no request."""
        return not self.terms and not self.truncated

    def __and__(self, other: Expression) -> Expression:
        if self.is_false or other.is_false:
            return FALSE
        if self.is_true:
            return other
        if other.is_true:
            return self
        small = len(self.terms) * len(other.terms) <= _SMALL
        return _product(self, other) if small else _remembered_product(self, other)

    def __or__(self, other: Expression) -> Expression:
        if self.is_true or other.is_true:
            return TRUE
        if self.is_false:
            return other
        if other.is_false:
            return self
        small = len(self.terms) + len(other.terms) <= _SMALL
        return _sum(self, other) if small else _remembered_sum(self, other)

    def __invert__(self) -> Expression:
        if self.is_true:
            return FALSE
        result = TRUE
        for term in self.terms:
            result = result & Expression(tuple(frozenset((atom.negation,)) for atom in term))
        if self.truncated:
            result = result & of(Opaque("conditions-too-many-to-list"))
        return result


def _product(left: Expression, right: Expression) -> Expression:
    terms = {one | other for one in left.terms for other in right.terms}
    return of_terms(terms, left.truncated or right.truncated)


def _sum(left: Expression, right: Expression) -> Expression:
    return of_terms({*left.terms, *right.terms}, left.truncated or right.truncated)


# The same Denies come back for one action after another.
_remembered_product = lru_cache(maxsize=1024)(_product)
_remembered_sum = lru_cache(maxsize=1024)(_sum)


def of_terms(terms: Iterable[Term], truncated: bool) -> Expression:
    """Without contradictory terms, without terms that another makes superfluous, bounded."""
    kept: list[Term] = []
    for term in sorted(terms, key=_order):
        if any(other <= term for other in kept) or contradictory(term):
            continue
        if not term:
            return TRUE
        kept.append(term)
    over = len(kept) > MAX_TERMS
    return Expression(tuple(kept[:MAX_TERMS]), truncated or over)


def _order(term: Term) -> tuple[int, list[str]]:
    return len(term), sorted(map(_name, term))


@lru_cache(maxsize=65536)
def _name(atom: Atom) -> str:
    """A text to sort by."""
    return repr(atom)


TRUE = Expression((frozenset(),))
FALSE = Expression(())


def of(atom: Atom) -> Expression:
    """The expression of one atom; false where no value can satisfy it."""
    term: Term = frozenset((atom,))
    return FALSE if contradictory(term) else Expression((term,))


def any_of(parts: Iterable[Expression]) -> Expression:
    """Or over many; false for none."""
    result = FALSE
    for part in parts:
        result = result | part
        if result.is_true:
            return TRUE
    return result


@lru_cache(maxsize=65536)
def contradictory(term: Term) -> bool:
    """Whether no request can satisfy every literal of the term. ``False`` when in doubt."""
    by_key: dict[str, list[Literal]] = {}
    for atom in term:
        if isinstance(atom, Literal):
            by_key.setdefault(atom.key, []).append(atom)
        if not isinstance(atom, Gap) and atom.negation in term:
            return True
    return any(not _satisfiable(literals) for literals in by_key.values())


def _satisfiable(literals: list[Literal]) -> bool:
    if all(literal.absent_ok for literal in literals):
        return True
    if any(literal.family == "any" and literal.negated for literal in literals):
        return False
    tests = [row for row in literals if row.family != "any"]
    if all(row.quantifier for row in tests):
        return True
    # A test without a set operator is of a key with one value: a set operator then asks for it.
    families = {row.family for row in tests}
    if len(families) != 1:
        return True
    family = families.pop()
    if family == "ip":
        return _ip_satisfiable(tests)
    if family in ("numeric", "date"):
        return _some_value(_around(tests, family), tests)
    if family == "bool":
        return _some_value(["true", "false"], tests)
    return _text_satisfiable(tests)


def _some_value(candidates: Iterable[str], tests: list[Literal]) -> bool:
    return any(all(test.holds(value) for test in tests) for value in candidates)


def _around(tests: list[Literal], family: str) -> list[str]:
    """Values at, just below and just above every bound."""
    found = ["100000"]  # a number, and a date too
    for test in tests:
        for value in test.values:
            point = operators.number(family, value)
            if point is not None:
                found += [value, *(_plain(point + step) for step in _STEPS)]
    return found


_STEPS = tuple(map(Decimal, ("-86400", "-1", "-0.001", "0.001", "1", "86400")))


def _plain(point: Decimal) -> str:
    return format(point, "f")


def _ip_satisfiable(tests: list[Literal]) -> bool:
    return bool(address_ranges(tests))


def address_ranges(tests: Iterable[Literal]) -> list[operators.Network]:
    """What addresses a set of IP tests leaves: networks, whole families if nothing narrows them.

    Negated ranges are taken out only where they swallow a network whole between them: the result
    may be too wide at its edges, never too narrow.
    """
    rows = list(tests)
    left = [network for text in ("0.0.0.0/0", "::/0") if (network := operators.network(text))]
    for test in rows:
        if not test.negated:
            wanted = [found for value in test.values if (found := operators.network(value))]
            left = [
                a if operators.inside(a, b) else b
                for a in left
                for b in wanted
                if operators.inside(a, b) or operators.inside(b, a)
            ]
    taken = [
        found
        for test in rows
        if test.negated
        for value in test.values
        if (found := operators.network(value))
    ]
    out = operators.joined(taken)
    left = [a for a in left if not any(operators.inside(a, b) for b in out)]
    return sorted(set(left), key=str)


def _text_satisfiable(tests: list[Literal]) -> bool:
    """Texts, ARNs, Booleans, bytes. Exact values decide; patterns are refuted pair by pair."""
    positive = [test for test in tests if not test.negated]
    exact = [test for test in positive if test.comparison in ("equals", "ignorecase")]
    if exact:
        tried = [v for test in exact for value in test.values for v in (value, value.lower())]
        return _some_value(tried, tests)
    if not positive:
        return True
    # Every combination of one pattern per positive test: some must meet, and not be excluded whole.
    left = list(positive[0].values)
    for test in positive[1:]:
        left = [
            (b if patterns.covers(a, b) else a)
            for a in left
            for b in test.values
            if patterns.intersects(a, b)
        ]
    negative = [value for test in tests if test.negated for value in test.values]
    return any(not any(patterns.covers(out, text) for out in negative) for text in left)
