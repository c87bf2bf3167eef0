"""Mutants of matching, conditions and context keys (46 to 65)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.iam import (
    condition,
    document,
    evaluate,
    layers,
    operators,
    patterns,
    principal,
    request,
    rules,
)
from graph.iam.expression import FALSE, TRUE, Literal, any_of
from graph.iam.facts import Absent, Unknown
from tests.iam.rules.mutation import Mutant, always, data_file, instead, mutant

Change = tuple[Any, str, Any]


def _tests(change: Callable[[Any], Any]) -> Change:
    """Condition tests that the engine reads otherwise."""
    return instead(
        condition,
        "outcome",
        lambda original: lambda test, *rest: original(change(test), *rest),
    )


def _absent(applies: Callable[[Literal], bool], outcome: Any) -> Change:
    """Another outcome where the request lacks the key."""

    def make(original: Any) -> Any:
        def mutated(row: Literal, fact: Any) -> Any:
            if isinstance(fact, Absent) and row.family != "any" and applies(row):
                return outcome
            return original(row, fact)

        return mutated

    return instead(condition, "_decide", make)


def _held_by_all(self: Literal, value: str) -> bool:
    if self.family == "any":
        return not self.negated
    met = (operators.compare(self.family, self.comparison, one, value) for one in self.values)
    return all(met) is not self.negated


def _negated_one_by_one(self: Literal, value: str) -> bool:
    if self.family == "any":
        return not self.negated
    met = (operators.compare(self.family, self.comparison, one, value) for one in self.values)
    return any(one is not self.negated for one in met)


def _any_test(statement: Any, facts: Any) -> Any:
    if not statement.conditions:
        return TRUE
    variables = statement.variables
    return any_of(condition.outcome(test, facts, variables) for test in statement.conditions)


def _compared(change: Callable[[str, str, str, str], bool | None]) -> Change:
    """Values compared otherwise; ``None`` where the comparison is as before."""

    def make(original: Any) -> Any:
        def mutated(family: str, comparison: str, want: str, have: str) -> bool:
            found = change(family, comparison, want, have)
            return bool(original(family, comparison, want, have) if found is None else found)

        return mutated

    return instead(operators, "compare", make)


def _without_case(family: str, comparison: str, want: str, have: str) -> bool | None:
    if family != "string":
        return None
    if comparison == "like":
        return patterns.matches(want.lower(), have.lower())
    return want.lower() == have.lower()


def _wild_everywhere(family: str, comparison: str, want: str, have: str) -> bool | None:
    if family == "string" and comparison in ("equals", "ignorecase"):
        return patterns.matches(patterns.wild(want), have)
    return None


def _as_text(family: str, comparison: str, want: str, have: str) -> bool | None:
    return want == have if family not in ("string", "arn") else None


class _Cased(str):
    """A text that keeps its case."""

    __slots__ = ()

    def lower(self) -> _Cased:
        return self


def _variable(change: Callable[[str, Any, Any], str]) -> Change:
    return instead(
        condition,
        "_variable",
        lambda original: lambda body, facts: change(body, facts, original),
    )


def _any_text_if_unresolved(body: str, facts: Any, original: Any) -> str:
    try:
        return str(original(body, facts))
    except condition.UnresolvedError:
        return patterns.STAR


def _known_or_none(body: str, facts: Any, original: Any) -> str:
    try:
        return str(original(body, facts))
    except condition.UndecidedError:
        raise condition.UnresolvedError(body) from None


def _wild_escapes(body: str, facts: Any, original: Any) -> str:
    return patterns.wild(body) if body in ("*", "?", "$") else str(original(body, facts))


def _wild_values(body: str, facts: Any, original: Any) -> str:
    return patterns.wild(original(body, facts))


def _group_is_empty(group: str) -> Change:
    """Keys of a class are like any other."""
    return instead(
        rules,
        "key_is",
        lambda original: lambda asked, key: asked != group and original(asked, key),
    )


def _met_by_any_resource(original: Any) -> Any:
    return lambda rows, resource: resource == "*" or original(rows, resource)


def _without_resources(found: Any) -> Any:
    """No action on ``*`` is asked for a resource of its own."""
    return {
        name: row | {"resources": {}} if isinstance(row, dict) and "resources" in row else row
        for name, row in found.items()
    }


def _resource_as_named(original: Any) -> Any:
    def mutated(statement: Any, question: Any) -> Any:
        if statement.not_resources is not None:
            kept = statement.not_resources
            statement = replace(statement, resources=kept, not_resources=None)
        return original(statement, question)

    return mutated


def _touched(self: Any, action: str) -> bool:
    return any(patterns.intersects(one, action) for one in self.actions or self.not_actions or ())


def _arn_without_case(original: Any) -> Any:
    def mutated(self: Any, arn: str) -> bool:
        parts = tuple(part.lower() for part in self.segments)
        return bool(original(replace(self, glob=self.glob.lower(), segments=parts), arn.lower()))

    return mutated


MUTANTS: dict[str, Mutant] = {
    "46": mutant("the case of actions matters", lambda: (patterns, "action_glob", patterns.wild)),
    "46/wild": mutant(
        "actions have no wildcards",
        lambda: (patterns, "action_glob", lambda text: patterns.plain(text.lower())),
    ),
    "46/not": mutant("NotAction is Action", lambda: (document.Statement, "touches", _touched)),
    "47": mutant(
        "the case of resources does not matter",
        lambda: instead(patterns.ResourcePattern, "matches", _arn_without_case),
    ),
    "47/wild": mutant(
        "resources have no wildcards",
        lambda: (
            patterns,
            "written_resource",
            lambda text: patterns.resource_pattern("*" if text == "*" else patterns.plain(text)),
        ),
    ),
    "47/colon": mutant(
        "a star never goes on behind a colon",
        lambda: (patterns.ResourcePattern, "_runs_on", lambda self, arn: False),
    ),
    "47/incomplete": mutant(
        "an incomplete ARN is not filled up",
        lambda: instead(
            patterns,
            "resource_pattern",
            lambda original: lambda glob: replace(original(glob), completed=None),
        ),
    ),
    "48": mutant(
        "NotResource is Resource", lambda: instead(layers, "_resource", _resource_as_named)
    ),
    "49": mutant(
        "actions without resources are met by any",
        lambda: instead(layers, "_meets", _met_by_any_resource),
    ),
    "49/buckets": mutant(
        "S3 asks for * to list buckets",
        lambda: data_file("multi_resource.json", _without_resources),
    ),
    "50": mutant(
        "one resource of a call is enough",
        lambda: (
            evaluate,
            "decide_all",
            lambda world, asked, others: evaluate.decide(world, asked),
        ),
    ),
    "51": mutant(
        "a Deny of a part denies all",
        lambda: (
            layers.Said,
            "denied",
            property(lambda self: any_of(one.when for one in self.denies)),
        ),
    ),
    "51/some": mutant(
        "all of a pattern must be allowed",
        lambda: (
            layers,
            "_meets",
            lambda rows, resource: any(row.matches(resource) for row in rows),
        ),
    ),
    "51/told": mutant(
        "a Deny of a part is not told",
        lambda: (
            layers.Said,
            "denies",
            property(
                lambda self, slot=layers.Said.denies: [  # type: ignore[attr-defined]
                    one for one in slot.__get__(self) if not one.partial
                ],
                layers.Said.denies.__set__,  # type: ignore[attr-defined]
            ),
        ),
    ),
    "52": mutant("every value must be met", lambda: (Literal, "holds", _held_by_all)),
    "52/all": mutant("one test of a block is enough", lambda: (condition, "evaluate", _any_test)),
    "52/negated": mutant(
        "a negated operator spares one value", lambda: (Literal, "holds", _negated_one_by_one)
    ),
    "53": mutant(
        "a missing key meets a positive operator",
        lambda: _absent(lambda row: not row.negated, TRUE),
    ),
    "53/negated": mutant(
        "a missing key fails a negated operator", lambda: _absent(lambda row: row.negated, FALSE)
    ),
    "54": mutant(
        "IfExists is not read", lambda: _tests(lambda test: replace(test, if_exists=False))
    ),
    "55": mutant(
        "Null asks for the opposite",
        lambda: _tests(
            lambda test: (
                replace(
                    test, values=tuple("false" if one == "true" else "true" for one in test.values)
                )
                if test.operator == "null"
                else test
            )
        ),
    ),
    "56": mutant(
        "set operators are not read", lambda: _tests(lambda test: replace(test, quantifier=""))
    ),
    "56/all": mutant(
        "ForAllValues is ForAnyValue",
        lambda: _tests(lambda test: replace(test, quantifier="any") if test.quantifier else test),
    ),
    "56/any": mutant(
        "ForAnyValue is ForAllValues",
        lambda: _tests(lambda test: replace(test, quantifier="all") if test.quantifier else test),
    ),
    "56/empty": mutant(
        "ForAllValues asks for the key",
        lambda: _absent(lambda row: row.quantifier == "all", FALSE),
    ),
    "56/plain": mutant(
        "without a set operator one of several values is enough",
        lambda: (condition, "_meets", lambda row, values: any(map(row.holds, values))),
    ),
    "57": mutant("strings are compared without case", lambda: _compared(_without_case)),
    "57/like": mutant("every string operator takes wildcards", lambda: _compared(_wild_everywhere)),
    "57/parts": mutant(
        "ARNs are compared as one text", lambda: (operators, "_arn_like", patterns.matches)
    ),
    "58": mutant(
        "the case of keys matters", lambda: _tests(lambda test: replace(test, key=_Cased(test.key)))
    ),
    "59": mutant("numbers and the like are compared as text", lambda: _compared(_as_text)),
    "60": mutant(
        "variables are replaced in every version",
        lambda: instead(
            document,
            "_statement",
            lambda original: lambda index, row, _: original(index, row, variables=True),
        ),
    ),
    "61": mutant(
        "a variable without a value is any text", lambda: _variable(_any_text_if_unresolved)
    ),
    "61/default": mutant(
        "a variable's default is not read",
        lambda: _variable(lambda body, facts, original: original(body.partition(",")[0], facts)),
    ),
    "61/escapes": mutant("escaped wildcards are wildcards", lambda: _variable(_wild_escapes)),
    "61/literal": mutant("a value's wildcards count", lambda: _variable(_wild_values)),
    "61/unknown": mutant("what is not known has no value", lambda: _variable(_known_or_none)),
    "62": mutant(
        "nothing is known of the caller", lambda: always(request, "_principal_fact", Unknown())
    ),
    "62/organisation": mutant(
        "nothing is known of organisations", lambda: always(request, "_org_fact", Unknown())
    ),
    "62/resource": mutant(
        "nothing is known of the resource", lambda: always(request, "_resource_fact", None)
    ),
    "62/time": mutant("nothing is known of the time", lambda: always(request, "_time_fact", None)),
    "62/anonymous": mutant(
        "nothing is known of unsigned callers", lambda: always(request, "_anonymous_fact", None)
    ),
    "63": mutant("the caller chooses nothing", lambda: _group_is_empty("chosen_by_the_caller")),
    "63/secret": mutant("an external id is no secret", lambda: _group_is_empty("secret")),
    "63/region": mutant(
        "the region is always a choice", lambda: always(request, "_region_fact", Unknown("chosen"))
    ),
    "63/tags": mutant(
        "sessions are not tagged", lambda: always(request, "_takes_session_tags", False)
    ),
    "64": mutant(
        "a key of which nothing is known is missing",
        lambda: instead(
            rules,
            "fact_by_class",
            lambda original: lambda key: Absent() if original(key) == Unknown() else original(key),
        ),
    ),
    "64/endpoint": mutant(
        "strangers come through the account's endpoints",
        lambda: _group_is_empty("network_of_an_endpoint"),
    ),
    "65": mutant(
        "a direct call may carry a source", lambda: _group_is_empty("only_in_calls_of_services")
    ),
    "65/deputy": mutant(
        "trust in a service is trust in the account",
        lambda: instead(
            principal,
            "named",
            lambda original: (
                lambda kind, value: (
                    principal.Named("account", "1" * 12, "1" * 12)
                    if kind == "Service"
                    else original(kind, value)
                )
            ),
        ),
    ),
}
