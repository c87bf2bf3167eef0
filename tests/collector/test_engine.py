"""The pool, the brakes and the documentation."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from collector.declare import Limit
from collector.job import groups, jobs_of
from collector.limits import Brakes
from collector.pool import WorkerPool
from collector.reference import document
from collector.services import TYPES


def test_every_task_of_every_job_is_done() -> None:
    pool = WorkerPool(3, waiting_tasks=4)
    done: list[int] = []

    def job(number: int) -> None:
        for task in range(50):
            pool.add_task(lambda task=task: done.append(number * 100 + task))

    for number in range(10):
        pool.add_job(lambda number=number: job(number))
    pool.run()
    assert sorted(done) == [n * 100 + t for n in range(10) for t in range(50)]


def test_a_problem_stops_the_work_and_is_told() -> None:
    pool = WorkerPool(2)
    after: list[int] = []

    def fail() -> None:
        raise OSError(28, "No space left on device")

    pool.add_job(fail)
    for number in range(1000):
        pool.add_job(lambda number=number: (pool.wait(0.01), after.append(number)))
    with pytest.raises(OSError, match="No space"):
        pool.run()
    assert len(after) < 1000


def test_stopping_begins_nothing_new() -> None:
    pool = WorkerPool(2)
    begun: list[int] = []
    gate = threading.Event()

    def job(number: int) -> None:
        begun.append(number)
        if number == 0:
            pool.stop()
            gate.set()
        gate.wait(5)

    for number in range(100):
        pool.add_job(lambda number=number: job(number))
    pool.run()
    assert len(begun) <= 3


@pytest.mark.parametrize("waits", [True, False])
def test_where_somebody_waits_nobody_else_queues_up(waits: bool) -> None:
    """While one task of a service waits for its turn, others' tasks and jobs are done first."""
    pool = WorkerPool(1)
    done: list[str] = []
    others = threading.Event()

    def first() -> None:
        done.append("limited 1")
        while waits and not others.is_set():
            pool.wait(0.01)

    def job() -> None:
        pool.add_task(first, "limited")
        pool.add_task(lambda: done.append("limited 2"), "limited")
        pool.add_task(lambda: done.append("free"), "free")

    def last() -> None:
        done.append("job")
        others.set()

    pool.add_job(job)
    pool.add_job(last)
    pool.run()
    if waits:
        assert done == ["limited 1", "free", "job", "limited 2"]
    else:
        assert done == ["limited 1", "free", "limited 2", "job"]


def test_groups_of_tasks_take_turns() -> None:
    pool = WorkerPool(1)
    done: list[str] = []

    def job() -> None:
        for group in ("a", "b"):
            for number in range(3):
                pool.add_task(lambda of=f"{group}{number}": done.append(of), group)

    pool.add_job(job)
    pool.run()
    assert done == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    waits: list[float] = []
    brakes = Brakes({"lambda": (Limit(10.0, 4.0, "source", ("get_policy",)),)}, waits.append)
    for _ in range(5):
        brakes.before("1", "eu-west-1", "lambda", "get_policy")
    # A little less than the published limit: 3.8 at once, 9.5 a second.
    assert len(waits) == 2
    assert 0.0 < waits[0] <= 0.022 < 0.1 < waits[1] <= 0.127


def test_buckets_are_per_account_region_and_operation() -> None:
    waits: list[float] = []
    brakes = Brakes({"ec2": (Limit(1.0, 1.0, "source", each=True),)}, waits.append)
    brakes.before("1", "eu-west-1", "ec2", "describe_vpcs")
    brakes.before("2", "eu-west-1", "ec2", "describe_vpcs")
    brakes.before("1", "us-east-1", "ec2", "describe_vpcs")
    brakes.before("1", "eu-west-1", "ec2", "describe_subnets")
    brakes.before("1", "eu-west-1", "sns", "list_topics")
    assert waits == []
    brakes.before("1", "eu-west-1", "ec2", "describe_vpcs")
    assert len(waits) == 1


def test_asking_for_one_type_asks_for_those_that_share_its_call() -> None:
    (group,) = groups(["iam:role"])
    assert {t.id for t in group} == {"iam:user", "iam:group", "iam:role", "iam:policy"}
    (tree,) = groups(["org:organizational-unit"])
    assert {t.id for t in tree} == {"org:root", "org:organizational-unit"}
    assert [t.id for group in groups(["ec2:vpc"]) for t in group] == ["ec2:vpc"]


def test_the_organisation_is_asked_where_it_can_be_seen() -> None:
    seen, unseen = (
        {t.id for job in jobs_of("1", "aws", "us-east-1", [], TYPES, sees) for t in job.types}
        for sees in (True, False)
    )
    assert seen - unseen == {t for t in TYPES if TYPES[t].scope == "organisation"}


def test_slow_jobs_come_first() -> None:
    jobs = jobs_of("1", "aws", "us-east-1", ["eu-west-1"], TYPES, True)
    assert jobs[0].types[0].id == "iam:credential-report"


def test_the_documentation_has_the_table_of_the_declarations() -> None:
    text = (Path(__file__).parents[2] / "docs" / "collected-types.md").read_text(encoding="utf-8")
    assert document() == text, "python -m collector.reference > docs/collected-types.md"
