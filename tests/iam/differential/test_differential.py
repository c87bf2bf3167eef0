"""The engine against the naive evaluator, on generated worlds (docs/iam-disagreements.md).

``make test`` plays fresh cases, seeded by ``MAPPER_TEST_SEED``, which the header of the run shows;
``make test-long`` plays 120,000. Any disagreement fails; what AWS's text leaves open is counted.
"""

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings

from conftest import FRESH_SEED
from graph.iam.evaluate import decide
from tests.iam.differential import adapter, raw
from tests.iam.differential.compare import Tally, compare
from tests.iam.naive.generate import case_of, cases

SHORT, LONG, CHUNK = 2_000, 120_000, 4_000
SHOWN = 5


def first_seed():
    """Where this run's seeds begin; runs of neighbouring numbers do not overlap."""
    return int(os.environ[FRESH_SEED]) * LONG


def play(first, count):
    tally = Tally()
    for seed in range(first, first + count):
        compare(*case_of(seed), tally, f"case_of({seed})")
    return tally


def check(tally):
    assert not tally.disagreements, "\n".join(tally.disagreements[:SHOWN])
    assert sum(tally.undecided.values()) < tally.cases / 10, tally.undecided
    assert tally.undecided_combinations < tally.combinations / 10
    assert tally.of_any_session < tally.cases / 50
    assert tally.layers > tally.cases / 10


def test_both_agree_on_fresh_cases():
    check(play(first_seed(), SHORT))


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(cases())
def test_both_agree_on_cases_that_shrink(case):
    tally = Tally()
    compare(*case, tally, "shrunk")
    assert not tally.disagreements, tally.disagreements


@pytest.mark.long
def test_both_agree_on_a_hundred_thousand_cases():
    seeds = range(first_seed(), first_seed() + LONG, CHUNK)
    with ProcessPoolExecutor(os.cpu_count(), max_tasks_per_child=1) as pool:
        tallies = list(pool.map(play, seeds, [CHUNK] * len(seeds)))
    assert not [text for tally in tallies for text in tally.disagreements]
    for tally in tallies:
        check(tally)


def _whole_way(seeds, folder):
    """Answers for worlds that came in by import, and for the same worlds given directly."""
    found = Counter()
    for seed in seeds:
        world, request, _ = case_of(seed)
        kinds = {row["arn"]: row["kind"] for row in world["resources"]}
        if not set(kinds.values()) <= raw.CARRIED or ":999999999999:" in request["principal"]:
            continue
        if any(row["kind"] == "kms-key" and not row["policy"] for row in world["resources"]):
            # A key always has a policy: an answer without one is one that was not read.
            continue
        direct = adapter.iam_world(world)
        come = raw.imported(world, folder / str(seed))
        answers = [
            decide(here, adapter.engine_request(world, here, request, {}, True)).answer
            for here in (direct, come)
        ]
        found[answers[0].verdict] += 1
        said = [(one.verdict, one.conditions, one.assumes) for one in answers]
        assert said[0] == said[1], f"case_of({seed}): {said}"
    return found


def test_imported_answers_make_the_same_world(tmp_path):
    found = _whole_way(range(first_seed(), first_seed() + 40), tmp_path)
    assert found["yes"]
    assert found["no"]
