"""Writes the rules table of ``docs/iam.md`` from test markers.

``python -m tests.iam.rules.document``, or ``make docs``.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from tests.generated_pages import between, write_or_check

HERE = Path(__file__).parent
PATH = HERE.parents[2] / "docs" / "iam.md"
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
COMMAND = "python -m tests.iam.rules.document"

IDS = tuple(
    sorted((*map(str, range(1, 78)), "11b", "11c"), key=lambda one: (int(one.rstrip("bc")), one))
)
"""Every rule that needs a test and a twin."""

OF_THE_TOOLS = ("test_document", "test_mutants")
"""Modules that test this package's own tools."""

_SOURCE = re.compile(r"https://(docs\.)?aws\.amazon\.com/\S+")


@dataclass(frozen=True, slots=True)
class RuleTest:
    """A marked test function.

    Attributes:
        note: the rule's title (of a test) or the control that differs (of a twin).
        source: AWS's page; empty for a twin.
    """

    function: Callable[..., None]
    module: ModuleType
    note: str
    source: str = ""

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.__name__


@dataclass(slots=True)
class Rule:
    """A rule with the tests and twins that carry its id, in the order of their file."""

    id: str
    tests: list[RuleTest] = field(default_factory=list)
    twins: list[RuleTest] = field(default_factory=list)


def rules(modules: Iterable[ModuleType] | None = None) -> dict[str, Rule]:
    """Every rule that a test or twin is marked with, in the order of :data:`IDS`.

    Raises:
        ValueError: a marker names no rule, a source that is not AWS's, no title or no control; or
            a function's name does not begin with its rule.
    """
    found: dict[str, Rule] = {}
    for module in test_modules() if modules is None else modules:
        for one in vars(module).values():
            for mark in getattr(one, "pytestmark", ()) if inspect.isfunction(one) else ():
                if mark.name in ("rule", "twin"):
                    _add(found, mark.name, mark.args, mark.kwargs, one, module)
    return {one: found[one] for one in IDS if one in found}


def test_modules() -> Iterator[ModuleType]:
    """The modules of this package that hold rules' tests."""
    for file in sorted(HERE.glob("test_*.py")):
        if file.stem not in OF_THE_TOOLS:
            yield importlib.import_module(f"tests.iam.rules.{file.stem}")


test_modules.__test__ = False  # type: ignore[attr-defined]


def _add(
    found: dict[str, Rule],
    kind: str,
    args: tuple[object, ...],
    kwargs: dict[str, object],
    function: Callable[..., None],
    module: ModuleType,
) -> None:
    name = function.__name__
    if len(args) != 1 or args[0] not in IDS:
        raise ValueError(f"{name}: {args} is not one rule")
    rule = str(args[0])
    twin = "twin_" if kind == "twin" else ""
    if not name.startswith(f"test_{_padded(rule)}_{twin}"):
        raise ValueError(f"{name}: the name of a {kind} of {rule} begins test_{_padded(rule)}_")
    entry = found.setdefault(rule, Rule(rule))
    if twin:
        control = str(kwargs.get("control") or "")
        if not control:
            raise ValueError(f"{name}: a twin says which control differs")
        entry.twins.append(RuleTest(function, module, control))
        return
    source = str(kwargs.get("source") or "")
    title = (function.__doc__ or "").strip().partition("\n\n")[0]
    if not _SOURCE.fullmatch(source):
        raise ValueError(f"{name}: the source is a page of AWS, not {source!r}")
    if not title:
        raise ValueError(f"{name}: its docstring is the rule's title")
    entry.tests.append(RuleTest(function, module, " ".join(title.split()), source))


def _padded(rule: str) -> str:
    digits = rule.rstrip("bc")
    return f"{int(digits):03}{rule[len(digits) :]}"


def table() -> str:
    """The generated part of the page: one table per section."""
    by_module: dict[str, list[Rule]] = {}
    modules: dict[str, ModuleType] = {}
    for rule in rules().values():
        module = (rule.tests or rule.twins)[0].module
        modules[module.__name__] = module
        by_module.setdefault(module.__name__, []).append(rule)
    parts = []
    for name, listed in by_module.items():
        section = (modules[name].__doc__ or name).strip().splitlines()[0].rstrip(".")
        rows = [f"### {section}", "", "| Rule | Says | Test | Twin |", "|---|---|---|---|"]
        rows += [_row(rule) for rule in listed]
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def _row(rule: Rule) -> str:
    says = "<br>".join(
        f"{one.note} [AWS]({one.source})"
        for one in {(t.note, t.source): t for t in rule.tests}.values()
    )
    tests = "<br>".join(map(_link, rule.tests))
    twins = "<br>".join(f"{_link(one)}: {one.note}" for one in rule.twins)
    return f"| {rule.id} | {says} | {tests} | {twins} |".replace("\n", " ")


def _link(test: RuleTest) -> str:
    file = test.module.__name__.rpartition(".")[2]
    return f"[`{test.name}`](../tests/iam/rules/{file}.py)"


def page(current: str) -> str:
    """The page with its table written anew.

    Raises:
        ValueError: the page lacks the markers of the generated part.
    """
    return between(current, BEGIN, END, table(), PATH.name)


def main(arguments: list[str] | None = None) -> int:
    """Write the table; with ``--check`` say whether it is stale (exit 1)."""
    return write_or_check(arguments, COMMAND, __doc__, PATH, page)


if __name__ == "__main__":
    sys.exit(main())
