"""Our own brakes: where AWS publishes a rate limit, and where it has begun to refuse."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from collector.declare import Limit

Wait = Callable[[float], object]
"""Waits for a number of seconds; may wake early. True when work was asked to stop."""

_OVERSLEPT = 1.0
"""Seconds beyond its turn after which a waiting call has to take a new one."""
_SHARE = 0.95
"""Of a published limit: what is sent evenly does not arrive evenly."""
_BACK_OFF = 0.6
_SLOWEST = 0.5
_UNHURRIED = 50.0
_WINDOW = 2.0


class TokenBucket:
    """Lets ``rate`` calls a second pass, up to ``burst`` at once. Safe between threads."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = time.monotonic()
        self._lock = threading.Lock()

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self._rate

    def set_rate(self, rate: float) -> None:
        """Let another number of calls a second pass from now on."""
        with self._lock:
            self._fill()
            self._rate = rate

    def reserve(self) -> float:
        """Take one token; seconds to wait until it is there (0 when it is)."""
        with self._lock:
            self._fill()
            self._tokens -= 1
            return max(0.0, -self._tokens / self._rate)

    def _fill(self) -> None:
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now

    def pass_one(self, wait: Wait) -> None:
        """Wait for a token. A machine that slept meanwhile does not let all go who waited: their
        turns are long over, and together they would be a burst.
        """
        while True:
            seconds = self.reserve()
            if seconds <= 0:
                return
            due = time.monotonic() + seconds
            if wait(seconds) or time.monotonic() < due + _OVERSLEPT:
                return


class Pace:
    """The rate that a throttling service bears, found by trying.

    Nothing is held back until AWS refuses. Then the rate falls below what was sent, and rises
    again with every call that is answered: additive increase, multiplicative decrease.
    """

    def __init__(self) -> None:
        self._bucket: TokenBucket | None = None
        self._sent = 0
        self._since = time.monotonic()
        self._last_cut = float("-inf")
        self._lock = threading.Lock()

    def before(self, wait: Wait) -> None:
        """Wait for this call's turn, if calls have turns."""
        with self._lock:
            now = time.monotonic()
            if now - self._since > _WINDOW:
                self._since, self._sent = now, 0
            self._sent += 1
            bucket = self._bucket
        if bucket is not None:
            bucket.pass_one(wait)

    def throttled(self) -> None:
        """AWS refused a call; those that were sent together with it count as one refusal."""
        with self._lock:
            now = time.monotonic()
            if now - self._last_cut < _WINDOW / 2:
                return
            self._last_cut = now
            sent = self._sent / max(0.5, now - self._since)
            if self._bucket is None:
                self._bucket = TokenBucket(max(_SLOWEST, sent * _BACK_OFF), 1.0)
            else:
                self._bucket.set_rate(max(_SLOWEST, self._bucket.rate * _BACK_OFF))

    def answered(self) -> None:
        """AWS answered a call."""
        with self._lock:
            if self._bucket is None:
                return
            if self._bucket.rate >= _UNHURRIED:
                self._bucket = None
            else:
                self._bucket.set_rate(self._bucket.rate + 0.2)


class Brakes:
    """Token buckets for published limits, by (account, region, client) and group of operations,
    and a pace for each (account, region, client) that has throttled.
    """

    def __init__(self, limits: Mapping[str, tuple[Limit, ...]], wait: Wait = time.sleep) -> None:
        self._limits = limits
        self._wait = wait
        self._buckets: dict[tuple[str, ...], TokenBucket] = {}
        self._paces: dict[tuple[str, str, str], Pace] = {}
        self._lock = threading.Lock()

    def before(self, account_id: str, region: str, client: str, operation: str) -> None:
        """Wait as long as the published limit of this operation, and AWS's mood, demand."""
        limit = self._limit(client, operation)
        if limit is not None:
            self._bucket(limit, account_id, region, client, operation).pass_one(self._wait)
        self._pace(account_id, region, client).before(self._wait)

    def throttled(self, account_id: str, region: str, client: str) -> None:
        """AWS refused a call because there were too many."""
        self._pace(account_id, region, client).throttled()

    def answered(self, account_id: str, region: str, client: str) -> None:
        """AWS answered a call."""
        self._pace(account_id, region, client).answered()

    def forget(self, account_id: str) -> None:
        """The account is done."""
        with self._lock:
            for key in [key for key in self._buckets if key[0] == account_id]:
                del self._buckets[key]
            for place in [place for place in self._paces if place[0] == account_id]:
                del self._paces[place]

    def _pace(self, account_id: str, region: str, client: str) -> Pace:
        key = (account_id, region, client)
        with self._lock:
            found = self._paces.get(key)
            if found is None:
                found = self._paces[key] = Pace()
            return found

    def _bucket(
        self, limit: Limit, account_id: str, region: str, client: str, operation: str
    ) -> TokenBucket:
        group = (operation,) if limit.each else limit.operations
        # The organisation is one, whoever asks about it.
        owner = ("", "") if limit.organisation else (account_id, region)
        key = (*owner, client, *group)
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = self._buckets[key] = TokenBucket(
                    limit.rate * _SHARE, max(1.0, limit.burst * _SHARE)
                )
            return bucket

    def _limit(self, client: str, operation: str) -> Limit | None:
        limits = self._limits.get(client, ())
        for limit in limits:
            if operation in limit.operations:
                return limit
        return next((limit for limit in limits if not limit.operations), None)
