"""Patience: what is asked again, how often, and for how long at most."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from botocore import exceptions

import collector.limits as limits
from aws_server import Answer, Front, Request, ec2_error, query_error
from collector.collect import collect
from collector.declare import Limit
from collector.limits import Brakes, Pace, TokenBucket
from collector.patience import Patience
from collector.pool import StoppedError
from collector.request import CollectError, CollectRequest
from collector.retries import Retries
from collector.snapshot import Snapshot, Status
from collector_world import KEY, World

PLACE = ("111122223333", "eu-west-1", "lambda")
FAST = Patience(first=0.001, longest=0.002, place_budget=5, account_budget=8)


def answer(code: str, http: int) -> dict[str, object]:
    return {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": http}}


THROTTLED = answer("TooManyRequestsException", 429)
FINE = {"ResponseMetadata": {"HTTPStatusCode": 200}}
TIMEOUT = exceptions.ReadTimeoutError(endpoint_url="https://x")


class Waits(list[float]):
    """Notes what it is asked to wait, and does not."""

    def __call__(self, seconds: float) -> bool:
        self.append(seconds)
        return False


def again(
    retries: Retries,
    given: dict[str, object] | None,
    attempts: int,
    problem: Exception | None = None,
    place: tuple[str, str, str] = PLACE,
) -> bool:
    return retries.again(*place, "get_policy", attempts, given, problem, 2)


@pytest.mark.parametrize(
    ("given", "problem", "attempts", "expected"),
    [
        (THROTTLED, None, 1, True),
        (THROTTLED, None, 7, True),
        (THROTTLED, None, 8, False),
        (answer("InternalError", 500), None, 3, True),
        (answer("InternalError", 500), None, 4, False),
        (answer("ServiceUnavailable", 503), None, 1, True),
        (answer("RequestTimeout", 400), None, 1, True),
        # nothing that AWS has decided is asked twice
        (answer("NotImplemented", 501), None, 1, False),
        (answer("AccessDenied", 403), None, 1, False),
        (answer("ValidationException", 400), None, 1, False),
        (answer("NoSuchBucketPolicy", 404), None, 1, False),
        (FINE, None, 1, False),
        (None, TIMEOUT, 1, True),
        (None, TIMEOUT, 2, False),
        (None, ValueError("a parser's"), 1, False),
    ],
)
def test_what_is_asked_again(
    given: dict[str, object] | None, problem: Exception | None, attempts: int, expected: bool
) -> None:
    waits = Waits()
    assert again(Retries(wait=waits), given, attempts, problem) is expected
    assert bool(waits) is expected


def test_waits_grow_and_are_drawn_anew() -> None:
    waits = Waits()
    endless = Patience(place_budget=10**6, account_budget=10**6)
    retries = Retries(endless, Brakes({}, Waits()), waits)
    for _ in range(200):
        again(retries, THROTTLED, 1)
        again(retries, THROTTLED, 7)
    early, late = waits[::2], waits[1::2]
    assert min(early) >= 0
    assert max(early) <= 0.5
    assert 0.5 < max(late) <= 20
    assert len(set(early)) > 100


def test_a_storm_uses_up_its_place_and_no_others() -> None:
    retries = Retries(FAST, wait=Waits())
    assert [again(retries, THROTTLED, 1) for _ in range(7)] == [True] * 5 + [False] * 2
    elsewhere = ("111122223333", "us-east-1", "lambda")
    # the account has eight in all
    assert [again(retries, THROTTLED, 1, place=elsewhere) for _ in range(4)] == [True] * 3 + [False]
    other = ("444455556666", "eu-west-1", "lambda")
    assert again(retries, THROTTLED, 1, place=other)


def test_answers_give_a_part_back() -> None:
    retries = Retries(FAST, wait=Waits())
    for _ in range(5):
        assert again(retries, THROTTLED, 1)
    assert not again(retries, THROTTLED, 1)
    for _ in range(4):
        again(retries, FINE, 1)
    assert not again(retries, THROTTLED, 1)
    again(retries, FINE, 1)
    assert again(retries, THROTTLED, 1)


def test_an_account_that_is_done_is_forgotten() -> None:
    retries = Retries(FAST, wait=Waits())
    for _ in range(6):
        again(retries, THROTTLED, 1)
    retries.forget(PLACE[0])
    assert again(retries, THROTTLED, 1)


def test_work_that_is_stopped_does_not_wait_on() -> None:
    def stop(_: float) -> bool:
        raise StoppedError

    with pytest.raises(StoppedError):
        again(Retries(wait=stop), THROTTLED, 1)


# Pace


class Clock:
    """Time that passes when it is waited."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(limits.time, "monotonic", lambda: self.now)

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return False


def test_nothing_is_held_back_until_aws_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = Pace()
    for _ in range(100):
        pace.before(clock.wait)
    assert clock.now == 1000.0
    pace.throttled()
    for _ in range(10):
        pace.before(clock.wait)
    assert clock.now > 1000.0


def test_the_pace_falls_with_refusals_and_rises_with_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    pace = Pace()
    for _ in range(20):
        pace.before(clock.wait)
        clock.now += 0.1

    def seconds_for_ten() -> float:
        before = clock.now
        for _ in range(10):
            pace.before(clock.wait)
        return clock.now - before

    pace.throttled()
    first = seconds_for_ten()
    clock.now += 5
    pace.throttled()
    slower = seconds_for_ten()
    assert slower > first * 1.2
    for _ in range(400):
        pace.answered()
    assert seconds_for_ten() == 0


def test_who_slept_an_hour_is_no_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    bucket = TokenBucket(1.0, 2.0)
    passed: list[float] = []

    def asleep(seconds: float) -> bool:
        clock.now += 3600 if not passed else seconds
        return False

    for _ in range(2):
        bucket.pass_one(clock.wait)
    # Its turn is long over when it wakes: it takes a new one, and the bucket knows of it.
    bucket.pass_one(asleep)
    passed.append(clock.now)
    bucket.pass_one(clock.wait)
    assert clock.now == passed[0]
    bucket.pass_one(clock.wait)
    assert clock.now > passed[0]


def test_a_limit_of_the_organisation_is_one_for_all_accounts() -> None:
    waits = Waits()
    one = Limit(1.0, 1.0, "source", organisation=True)
    for limit, expected in ((one, 1), (replace(one, organisation=False), 0)):
        waits.clear()
        brakes = Brakes({"organizations": (limit,)}, waits)
        brakes.before("1", "us-east-1", "organizations", "list_accounts")
        brakes.before("2", "us-east-1", "organizations", "list_accounts")
        assert len(waits) == expected


# In a collection


def request(folder: Path, **changes: object) -> CollectRequest:
    base = CollectRequest(
        regions=("eu-west-1", "us-east-1"),
        snapshots=folder,
        redaction_key=KEY,
        services=("sns", "ec2:subnet"),
        workers=4,
        patience=replace(FAST, place_budget=3, account_budget=100),
    )
    return replace(base, **changes)


def throttle(*regions: str):
    def rule(r: Request) -> Answer | None:
        if r.region in regions and r.service == "sns":
            return query_error("Throttling", "Rate exceeded", 400)
        return None

    return rule


def test_a_storm_ends_and_hides_only_its_place(front: Front, world: World, tmp_path: Path) -> None:
    front.rule = throttle("eu-west-1")
    snapshot = Snapshot.open(collect(request(tmp_path)).path)
    hidden = {(r.region, r.service) for r in snapshot.ledger if r.status is Status.THROTTLED}
    assert hidden == {("eu-west-1", "sns")}
    asked = [r for r in front.asked if r.service == "sns" and r.region == "eu-west-1"]
    assert 2 <= len(asked) <= 8


def test_one_account_does_not_use_up_anothers_patience(
    front: Front, world: World, tmp_path: Path
) -> None:
    tried: dict[str, int] = {}

    def rule(r: Request) -> Answer | None:
        if r.operation != "DescribeSubnets":
            return None
        tried[r.access_key] = tried.get(r.access_key, 0) + 1
        always = r.access_key == "testing"
        if always or tried[r.access_key] <= 2:
            return ec2_error("RequestLimitExceeded", "slow down", 503)
        return None

    front.rule = rule
    result = collect(
        request(
            tmp_path,
            services=("ec2:subnet",),
            regions=("eu-west-1",),
            accounts=(world.management, world.prod),
        )
    )
    statuses = {r.account_id: r.status for r in Snapshot.open(result.path).ledger}
    assert statuses == {world.management: Status.THROTTLED, world.prod: Status.OK}


def test_attempts_of_the_environment_are_kept(
    front: Front, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    front.rule = throttle("eu-west-1", "us-east-1")
    collect(request(tmp_path, services=("sns",)))
    assert len([r for r in front.asked if r.operation == "ListTopics"]) == 2


def test_stopping_while_throttled_leaves_no_row_of_it(
    front: Front, world: World, tmp_path: Path
) -> None:
    cancel = threading.Event()

    def rule(r: Request) -> Answer | None:
        if r.service == "sns":
            cancel.set()
            return query_error("Throttling", "Rate exceeded", 400)
        return None

    front.rule = rule
    patient = Patience(first=30, longest=30)
    with pytest.raises(CollectError, match=r"Stopped; .*continues"):
        collect(request(tmp_path, patience=patient), cancel=cancel)
    front.rule = None
    resumed = collect(request(tmp_path, patience=patient))
    assert resumed.resumed
    assert Status.THROTTLED not in {row.status for row in Snapshot.open(resumed.path).ledger}


def test_what_was_throttled_is_asked_again_by_the_run_that_continues(
    front: Front, world: World, tmp_path: Path
) -> None:
    done = threading.Event()

    def rule(r: Request) -> Answer | None:
        if r.service == "sns":
            return query_error("Throttling", "Rate exceeded", 400)
        if r.operation == "DescribeSubnets" and r.region == "us-east-1":
            done.set()
            return query_error("ExpiredToken", "over")
        return None

    front.rule = rule
    with pytest.raises(CollectError, match="expired"):
        collect(request(tmp_path, workers=1))
    assert done.is_set()
    front.rule = None
    front.asked.clear()
    resumed = collect(request(tmp_path))
    assert resumed.resumed
    assert Status.THROTTLED not in {row.status for row in Snapshot.open(resumed.path).ledger}
