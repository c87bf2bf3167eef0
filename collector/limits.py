"""Our own brakes where AWS publishes a rate limit, so that its brakes are not needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from collector.declare import Limit

Wait = Callable[[float], object]
"""Waits for a number of seconds; may wake early."""


class TokenBucket:
    """Lets ``rate`` calls a second pass, up to ``burst`` at once. Safe between threads."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = time.monotonic()
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Take one token; seconds to wait until it is there (0 when it is)."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
            self._tokens -= 1
            return max(0.0, -self._tokens / self._rate)


class Brakes:
    """A token bucket for each (account, region, client) and group of operations."""

    def __init__(self, limits: Mapping[str, tuple[Limit, ...]], wait: Wait = time.sleep) -> None:
        self._limits = limits
        self._wait = wait
        self._buckets: dict[tuple[str, ...], TokenBucket] = {}
        self._lock = threading.Lock()

    def before(self, account_id: str, region: str, client: str, operation: str) -> None:
        """Wait as long as the published limit of this operation demands."""
        limit = self._limit(client, operation)
        if limit is None:
            return
        group = (operation,) if limit.each else limit.operations
        key = (account_id, region, client, *group)
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = self._buckets[key] = TokenBucket(limit.rate, limit.burst)
        seconds = bucket.reserve()
        if seconds > 0:
            self._wait(seconds)

    def _limit(self, client: str, operation: str) -> Limit | None:
        limits = self._limits.get(client, ())
        for limit in limits:
            if operation in limit.operations:
                return limit
        return next((limit for limit in limits if not limit.operations), None)
