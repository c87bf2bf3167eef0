"""Runs a rule's own tests against an engine without that rule.

``python -m tests.iam.rules.mutation [RULE...]`` says which mutants survive.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from graph.iam import document as documents
from graph.iam import rules as rules_of_engine
from tests.iam.rules.document import Rule, RuleTest, rules


class BrokenMutantError(Exception):
    """A mutant that crashes the engine tells nothing about the tests."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """The engine without one rule.

    Attributes:
        title: what the mutated engine believes instead of the rule.
        patch: makes the engine believe it, for as long as the context is open.
    """

    title: str
    patch: Callable[[], AbstractContextManager[None]]


def mutant(title: str, *changes: Callable[[], tuple[Any, str, Any]]) -> Mutant:
    """A mutant that replaces attributes of the engine's modules and classes.

    Changes are worked out when the mutant is used: one that the engine has outgrown fails alone.
    """
    return Mutant(title, lambda: everywhere(*(one() for one in changes)))


def instead(owner: Any, name: str, make: Callable[[Any], Any]) -> tuple[Any, str, Any]:
    """A function of the engine replaced by one that is made of it."""
    return (owner, name, make(getattr(owner, name)))


def always(owner: Any, name: str, value: Any) -> tuple[Any, str, Any]:
    """A function of the engine that answers one thing."""
    return (owner, name, lambda *_: value)


def data_file(name: str, change: Callable[[Any], Any]) -> tuple[Any, str, Any]:
    """A data file of the engine with other content."""
    original = rules_of_engine.data
    return (
        rules_of_engine,
        "data",
        lambda asked: change(original(asked)) if asked == name else original(asked),
    )


@contextmanager
def everywhere(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    """Replace attributes of modules and classes, wherever the engine has imported them by name.

    Args:
        changes: triples of the owner, the attribute's name and what stands there instead.

    Raises:
        AttributeError: the engine has no such attribute: the mutant must be written anew.
    """
    undo: list[tuple[Any, str, Any]] = []
    try:
        for owner, name, new in changes:
            old = vars(owner)[name] if isinstance(owner, type) else getattr(owner, name)
            places = [(owner, name)]
            if isinstance(owner, ModuleType) and callable(old):
                places += [
                    (module, alias)
                    for module in _engine()
                    for alias, value in vars(module).items()
                    if value is old and (module, alias) != (owner, name)
                ]
            for where, alias in places:
                undo.append((where, alias, old))
                setattr(where, alias, new)
        _forget()
        yield
    finally:
        for where, alias, old in reversed(undo):
            setattr(where, alias, old)
        _forget()


def _engine() -> list[ModuleType]:
    """The engine's modules, and those that the tests ask it through."""
    return [
        one
        for name, one in list(sys.modules.items())
        if name.startswith(("graph.", "tests.iam.rules.builders", "tests.iam.worlds"))
    ]


def _forget() -> None:
    """Empty what the engine remembers: compiled policies and cached functions."""
    documents._PARSED.clear()
    for module in _engine():
        for value in list(vars(module).values()):
            clear = getattr(value, "cache_clear", None)
            if callable(clear):
                clear()


def failing(rule: Rule) -> set[str]:
    """Names of a rule's tests and twins that fail, in modules that are loaded anew.

    Raises:
        BrokenMutantError: a test ends in another error than a failed assertion.
    """
    fresh: dict[str, ModuleType] = {}
    return {
        one.name
        for one in (*rule.tests, *rule.twins)
        if not _passes(one, fresh.setdefault(one.module.__name__, _loaded(one.module)))
    }


def _loaded(module: ModuleType) -> ModuleType:
    """A new copy, so that policies that it makes on import are parsed by the mutated engine."""
    assert module.__file__ is not None
    spec = importlib.util.spec_from_file_location(f"{module.__name__}_mutated", module.__file__)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def _passes(test: RuleTest, module: ModuleType) -> bool:
    function = getattr(module, test.name)
    wants_folder = "tmp_path" in function.__code__.co_varnames[: function.__code__.co_argcount]
    with tempfile.TemporaryDirectory() as folder:
        try:
            function(*([Path(folder)] if wants_folder else []))
        except AssertionError:
            return False
        except Exception as problem:
            raise BrokenMutantError(f"{test.name}: {problem!r}") from problem
    return True


def killed_by(rule: Rule, mutant: Mutant) -> set[str]:
    """The rule's tests and twins that fail because of the mutant; empty if it survives."""
    before = failing(rule)
    with mutant.patch():
        return failing(rule) - before


def main(arguments: list[str]) -> int:
    """Print each mutant's fate; 1 if one survives."""
    from tests.iam.rules.mutants import MUTANTS

    survived = 0
    listed = rules()
    for key, one in MUTANTS.items():
        if not arguments or rule_of(key) in arguments:
            killers = sorted(killed_by(listed[rule_of(key)], one))
            survived += not killers
            sys.stdout.write(f"{key:15} {one.title:60} {', '.join(killers) or 'SURVIVED'}\n")
    return 1 if survived else 0


def rule_of(key: str) -> str:
    """The rule that a mutant switches off, wholly (``12``) or in part (``12/levels``)."""
    return key.partition("/")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
