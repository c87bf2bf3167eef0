"""How many calls a collection makes at least, and how long that takes at least."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from collector.declare import Limit, ResourceType
from collector.job import Job

SECONDS_OF_WORK = 0.003
"""What signing, sending and reading one call costs this process, measured; threads share it."""
FOLLOW_UPS_EACH = 2
"""Further calls for a resource, in an ordinary account; buckets and functions take more, most
types none."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A lower bound, before it is known what there is.

    Attributes:
        calls: calls that are made whatever there is.
        kinds_of_follow_up: kinds of call that are made for each resource found.
        seconds: that those calls take; what is found comes on top.
        latency: seconds that one call took, as measured; None where none was made.
        held_up_by: the client whose published rate limit decides; empty if none does.
    """

    calls: int
    kinds_of_follow_up: int
    seconds: float
    latency: float | None
    held_up_by: str = ""


def estimate(
    jobs: Iterable[Job],
    latencies: Sequence[float],
    workers: int,
    limits: Mapping[str, Sequence[Limit]],
) -> Estimate:
    """Count the calls of jobs that do not depend on what is found, and their time.

    Args:
        jobs: everything that will be done.
        latencies: seconds of calls that were made.
        workers: calls at the same time.
        limits: published rate limits by client.
    """
    by_bucket: Counter[tuple[str, ...]] = Counter()
    rates: dict[tuple[str, ...], float] = {}
    calls = 0
    follow_ups: set[tuple[str, str]] = set()
    for job in jobs:
        for declared in job.types:
            follow_ups |= _follow_ups(declared)
        for client, operation in _certain(job):
            calls += 1
            limit = _limit(limits.get(client, ()), operation)
            if limit is not None:
                group = (operation,) if limit.each else limit.operations
                bucket = (job.account_id, job.region, client, *group)
                by_bucket[bucket] += 1
                rates[bucket] = limit.rate
    latency = sorted(latencies)[len(latencies) // 2] if latencies else None
    slowest = max(by_bucket, key=lambda bucket: by_bucket[bucket] / rates[bucket], default=None)
    held_up = by_bucket[slowest] / rates[slowest] if slowest else 0.0
    flowing = calls * max((latency or 0.0) / workers, SECONDS_OF_WORK)
    return Estimate(
        calls,
        len(follow_ups),
        max(flowing, held_up),
        latency,
        slowest[2] if slowest and held_up > flowing else "",
    )


def _certain(job: Job) -> list[tuple[str, str]]:
    """The calls of a job that are made whatever there is; types may share a list call."""
    found: dict[tuple[str, str, str], None] = {}
    for declared in job.types:
        if declared.listed_for or declared.each_of:
            continue
        calls = [*declared.lists, *(() if declared.arn else declared.follow_ups)]
        for call in calls:
            found[declared.client, call.operation, repr(dict(call.params))] = None
    return [(client, operation) for client, operation, _ in found]


def _follow_ups(declared: ResourceType) -> set[tuple[str, str]]:
    """The kinds of call that are made for each item."""
    if not declared.arn:
        return set()
    asked = {call.operation for call in declared.lists} if not declared.listed_for else set()
    return {(declared.client, c.operation) for c in declared.calls() if c.operation not in asked}


def _limit(limits: Sequence[Limit], operation: str) -> Limit | None:
    for limit in limits:
        if operation in limit.operations:
            return limit
    return next((limit for limit in limits if not limit.operations), None)
