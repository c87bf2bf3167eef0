"""The truth of an engine's expression at one combination of context values.

Written from the documentation of :mod:`graph.iam.expression`; values are compared by the naive
evaluator's operators, not by the engine's.
"""

from __future__ import annotations

from graph.iam import patterns
from graph.iam.expression import Atom, Expression, Literal, Term
from tests.iam.naive import evaluator

Context = dict[str, list[str]]
_PLAIN = {"equals": "StringEquals", "ignorecase": "StringEqualsIgnoreCase", "like": "StringLike"}
_ORDER = {
    "==": "Equals",
    "<": "LessThan",
    "<=": "LessThanEquals",
    ">": "GreaterThan",
    ">=": "GreaterThanEquals",
}


def truth(expression: Expression, context: Context, case: evaluator.Case) -> bool | None:
    """Whether it holds; None where that hangs on an atom that is no test of a key's value."""
    found = [_term(term, context, case) for term in expression.terms]
    if True in found:
        return True
    return None if None in found or expression.truncated else False


def _term(term: Term, context: Context, case: evaluator.Case) -> bool | None:
    found = [_atom(atom, context, case) for atom in term]
    if False in found:
        return False
    return None if None in found else True


def _atom(atom: Atom, context: Context, case: evaluator.Case) -> bool | None:
    if not isinstance(atom, Literal):
        return None
    values = context.get(atom.key, [])
    if not values:
        return atom.absent_ok
    if atom.family == "any":
        return not atom.negated
    if atom.quantifier and not any(values):
        return atom.quantifier == "all"
    results = [_one(atom, value, case) for value in values]
    if atom.quantifier:
        return all(results) if atom.quantifier == "all" else any(results)
    return results[0] if len(results) == 1 else None


def _one(atom: Literal, value: str, case: evaluator.Case) -> bool:
    return any(_meets(atom, want, value, case) for want in atom.values) is not atom.negated


def _meets(atom: Literal, want: str, value: str, case: evaluator.Case) -> bool:
    if atom.family in ("string", "arn"):
        operator = "ArnLike" if atom.family == "arn" else _PLAIN[atom.comparison]
        return evaluator.text_operator_matches(operator, value, _tokens(want), case)
    operator = {"bool": "Bool", "binary": "BinaryEquals", "ip": "IpAddress"}.get(atom.family, "")
    operator = operator or atom.family.capitalize() + _ORDER[atom.comparison]
    return evaluator.typed_operator_matches(operator, value, want)


def _tokens(glob: str) -> list[evaluator.Token]:
    kinds = {patterns.STAR: ("any", ""), patterns.ONE: ("one", "")}
    return [kinds.get(letter, ("char", letter)) for letter in glob]
