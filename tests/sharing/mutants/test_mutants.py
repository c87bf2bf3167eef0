"""Without a rule of sharing, the rule's own test fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph import sharing
from graph.sharing import keys
from tests.network.mutants.changes import always_is
from tests.network.mutants.mutation import failing, killed_by
from tests.network.mutants.steps import step_of
from tests.sharing.mutants.table import LAWS, MUTANTS, off


@pytest.fixture(scope="module", autouse=True)
def _every_own_test_is_found_and_passes() -> None:
    """Also loads the tests' modules before anything is off."""
    assert failing(sorted({one.test for one in MUTANTS.values()})) == set()


def test_every_module_has_a_mutant() -> None:
    """What compares with IAM Access Analyzer is no rule of who gets in."""
    files = Path(next(iter(sharing.__path__))).glob("*.py")
    names = {file.stem for file in files if not file.stem.startswith("access_analyzer")}
    assert names - {"__init__"} == {step_of(key) for key in MUTANTS}


@pytest.mark.parametrize("key", MUTANTS)
def test_every_rules_own_test_notices_that_it_is_off(key: str) -> None:
    assert killed_by(MUTANTS[key]), MUTANTS[key].off.title


def test_a_change_that_matters_to_another_rule_alone_is_survived() -> None:
    owner = LAWS + "test_the_owner_is_no_receiver"

    assert killed_by(off("keys are AWS's", owner, always_is(keys, "managed_by_aws", True))) == set()
