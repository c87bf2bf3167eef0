"""Without a rule, one of the rule's own tests fails."""

import pytest

from graph.iam import organisation, rules
from graph.iam.expression import TRUE
from tests.iam.rules import document
from tests.iam.rules.mutants import MUTANTS
from tests.iam.rules.mutation import (
    BrokenMutantError,
    Mutant,
    everywhere,
    failing,
    killed_by,
    rule_of,
)

SMOKE = ("1", "9", "15", "28", "38", "43")


def _killers(key: str) -> set[str]:
    return killed_by(document.rules()[rule_of(key)], MUTANTS[key])


def test_every_rule_has_a_mutant():
    assert [one for one in document.IDS if one not in MUTANTS] == []


@pytest.mark.parametrize("key", SMOKE)
def test_some_rules_own_tests_notice_that_the_rule_is_off(key):
    assert _killers(key), MUTANTS[key].title


@pytest.mark.long
@pytest.mark.parametrize("key", [one for one in MUTANTS if one not in SMOKE])
def test_every_rules_own_tests_notice_that_the_rule_is_off(key):
    assert _killers(key), MUTANTS[key].title


def test_a_change_that_matters_to_another_rule_alone_is_survived():
    harmless = Mutant("RCPs are off", lambda: everywhere((organisation, "_rcps", lambda *_: TRUE)))
    assert killed_by(document.rules()["9"], harmless) == set()


def test_what_was_changed_is_put_back():
    before = organisation._scps
    rule = document.rules()["9"]
    assert killed_by(rule, MUTANTS["9"])
    assert organisation._scps is before
    assert failing(rule) == set()


def test_a_mutant_of_something_that_is_gone_is_an_error():
    with pytest.raises(AttributeError), everywhere((rules, "no_such_rule", None)):
        pass


def test_a_mutant_that_crashes_the_engine_proves_nothing():
    def crash(*_):
        raise TypeError("broken")

    broken = Mutant("crash", lambda: everywhere((organisation, "_scps", crash)))
    with pytest.raises(BrokenMutantError, match="broken"):
        killed_by(document.rules()["9"], broken)
