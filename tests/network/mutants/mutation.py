"""Runs a step's own test against an engine without that step.

``python -m tests.network.mutants.mutation [--all] [STEP...]`` says which mutants survive.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.iam.rules.mutation import BrokenMutantError, Mutant, mutant
from tests.network.mutants.steps import step_of

HERE = Path(__file__).parent
TESTS = HERE.parent
ROOT = TESTS.parents[1]
_ENGINE = ROOT / "graph"

# The run inside the run: only what is needed to call a test with its fixtures.
_OFF = (
    "cacheprovider",
    "debugging",
    "doctest",
    "faulthandler",
    "hypothesispytest",
    "junitxml",
    "logging",
    "stepwise",
    "terminal",
    "threadexception",
    "unittest",
    "unraisableexception",
    "warnings",
    "xdist",
    "xdist.looponfail",
)
_MARKERS = ("hypothesis", "xdist_group(name)")


@dataclass(frozen=True, slots=True)
class StepMutant:
    """The engine without one step, and the test that must notice.

    Attributes:
        test: the test's node id below ``tests/network``.
        off: what the engine believes instead, and how it is made to.
    """

    test: str
    off: Mutant


def off(title: str, test: str, *changes: Callable[[], tuple[Any, str, Any]]) -> StepMutant:
    """A mutant that replaces attributes of the engine's modules and classes.

    Args:
        title: what the engine believes instead of the step.
        test: the one test that must fail because of it.
        changes: what is replaced, worked out when the mutant is used.
    """
    return StepMutant(test, mutant(title, *changes))


@dataclass(slots=True)
class _Failures:
    """A plugin that notes which tests fail, and which end in an error of the engine's own."""

    failed: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    crashed: dict[str, str] = field(default_factory=dict)

    def pytest_configure(self, config: pytest.Config) -> None:
        for marker in _MARKERS:
            config.addinivalue_line("markers", marker)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seen.add(report.nodeid)
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_exception_interact(
        self, node: pytest.Item | pytest.Collector, call: pytest.CallInfo[Any]
    ) -> None:
        if call.excinfo is None or call.excinfo.errisinstance(AssertionError):
            return
        # A test may also stumble over an answer that it did not expect, e.g. no result at all.
        if any(_ENGINE in Path(entry.path).parents for entry in call.excinfo.traceback):
            self.crashed[node.nodeid] = call.excinfo.exconly()


def failing(tests: Iterable[str]) -> set[str]:
    """Those of some tests that fail, by node id below ``tests/network``.

    Raises:
        LookupError: there is no such test.
        BrokenMutantError: a test ends in an error of the engine, not in a failed assertion.
    """
    wanted = list(dict.fromkeys(tests))
    found = _Failures()
    off_switches = [word for name in _OFF for word in ("-p", f"no:{name}")]
    with tempfile.TemporaryDirectory() as folder:
        code = pytest.main(
            [
                *off_switches,
                "--capture=no",
                f"--rootdir={ROOT}",
                f"--config-file={ROOT / 'pyproject.toml'}",
                f"--basetemp={folder}/tests",
                *(str(TESTS / test) for test in wanted),
            ],
            plugins=[found],
        )
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or not found.seen:
        raise LookupError(f"pytest does not find {', '.join(wanted)} (exit code {int(code)})")
    if found.crashed:
        name, problem = next(iter(found.crashed.items()))
        raise BrokenMutantError(f"{name}: {problem}")
    below = TESTS.relative_to(ROOT).as_posix() + "/"
    return {name.removeprefix(below) for name in found.failed}


def killed_by(one: StepMutant, tests: Iterable[str] = ()) -> set[str]:
    """The tests that fail because of a mutant: its own, or those given; empty if it survives."""
    asked = list(tests) or [one.test]
    with one.off.patch():
        return failing(asked)


def every_test() -> list[str]:
    """The test files of the engine that give examples."""
    return sorted(
        file.relative_to(TESTS).as_posix()
        for file in TESTS.rglob("test_*.py")
        if HERE not in file.parents and file.name not in _NOT_EXAMPLES
    )


# Laws and growth are about any answer, and need their time.
_NOT_EXAMPLES = (
    "test_against_packets.py",
    "test_benchmark_worlds.py",
    "test_growth.py",
    "test_hostile_between.py",
    "test_hostile_data.py",
    "test_laws_between.py",
)


def main(arguments: list[str]) -> int:
    """Print each mutant's fate; 1 if one survives."""
    from tests.network.mutants.mutants import MUTANTS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="say which other tests notice, too")
    parser.add_argument("steps", nargs="*", metavar="STEP")
    chosen = parser.parse_args(arguments)
    survived = 0
    failing(sorted({one.test for one in MUTANTS.values()}))
    for key, one in MUTANTS.items():
        if not chosen.steps or step_of(key) in chosen.steps or key in chosen.steps:
            try:
                fate = "killed" if killed_by(one) else "SURVIVED"
            except (AttributeError, BrokenMutantError) as problem:
                fate = f"BROKEN ({problem})"
            survived += fate != "killed"
            sys.stdout.write(f"{key:28} {fate:9} {one.off.title:66} {one.test}\n")
            if chosen.all:
                for name in sorted(_others(one)):
                    sys.stdout.write(f"{'':38} {name}\n")
            sys.stdout.flush()
    return 1 if survived else 0


def _others(one: StepMutant) -> set[str]:
    try:
        return {name for name in killed_by(one, every_test()) if not name.startswith(one.test)}
    except BrokenMutantError as problem:
        return {f"an error of the engine: {problem}"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
