"""Without a step, the step's own test fails."""

from __future__ import annotations

import pytest

from graph.network import internet, path, routes
from tests.iam.rules.mutation import BrokenMutantError, everywhere
from tests.network.mutants.changes import constant
from tests.network.mutants.mutants import MUTANTS
from tests.network.mutants.mutation import failing, killed_by, off
from tests.network.mutants.steps import STEPS, step_of

SHORT = tuple({step_of(key): key for key in reversed(MUTANTS)}.values())
"""One mutant of each step."""


@pytest.fixture(scope="module", autouse=True)
def _every_own_test_is_found_and_passes() -> None:
    """Also loads the tests' modules before anything is off."""
    assert failing(sorted({one.test for one in MUTANTS.values()})) == set()


def test_every_step_has_a_mutant() -> None:
    assert {step_of(key) for key in MUTANTS} == set(STEPS)


@pytest.mark.parametrize("key", SHORT)
def test_some_steps_own_tests_notice_that_a_step_is_off(key: str) -> None:
    assert killed_by(MUTANTS[key]), MUTANTS[key].off.title


@pytest.mark.long
@pytest.mark.parametrize("key", [one for one in MUTANTS if one not in SHORT])
def test_every_steps_own_test_notices_that_it_is_off(key: str) -> None:
    assert killed_by(MUTANTS[key]), MUTANTS[key].off.title


NO_ROUTE = "test_internet_to_instance.py::test_no_route_to_the_gateway_is_no"


def test_a_change_that_matters_to_another_step_alone_is_survived() -> None:
    harmless = off("what starts does not run", NO_ROUTE, constant(internet, "_UP", ("running",)))
    assert killed_by(harmless) == set()


def test_what_was_changed_is_put_back() -> None:
    before = routes.effective_table
    assert killed_by(MUTANTS["N4"]) == {NO_ROUTE}
    assert routes.effective_table is before
    assert failing([NO_ROUTE]) == set()


def test_a_mutant_of_something_that_is_gone_is_an_error() -> None:
    with pytest.raises(AttributeError):
        killed_by(off("nothing", NO_ROUTE, constant(routes, "no_such_step", None)))


def test_a_test_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LookupError, match="test_of_nothing"), everywhere():
        failing(["test_internet_to_instance.py::test_of_nothing"])


def test_a_mutant_that_crashes_the_engine_proves_nothing() -> None:
    def crash(*_: object) -> None:
        raise TypeError("broken")

    with pytest.raises(BrokenMutantError, match="broken"):
        killed_by(off("crash", NO_ROUTE, constant(path, "return_routes", crash)))
