"""When a call is made again: throttled, failed at AWS's side, lost on the way, or expired.

botocore's own retries are switched off. Its quota and its adaptive rate belong to a client
object, and ours serve all accounts: one account's throttling would use up the others' retries.
Its sleeps cannot be interrupted, and what it sends again passes our token buckets unseen.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from typing import Any

from botocore import exceptions

from collector.limits import Brakes, Wait
from collector.outcome import outcome_of_error
from collector.patience import Patience
from collector.snapshot.ledger import Status

_GIVEN_BACK = 0.2
_SERVER_ATTEMPTS = 4
_TRANSIENT = frozenset({"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"})
_UNREACHED = (exceptions.HTTPClientError, exceptions.ConnectionError)


class Budgets:
    """Throttled retries left, by account and by place. Safe between threads."""

    def __init__(self, policy: Patience) -> None:
        self._policy = policy
        self._left: dict[tuple[str, ...], float] = {}
        self._lock = threading.Lock()

    def take(self, account_id: str, region: str, client: str) -> bool:
        """Use one; whether there was one."""
        place, account = (account_id, region, client), (account_id,)
        with self._lock:
            left = self._left.get(place, self._policy.place_budget)
            left_in_all = self._left.get(account, self._policy.account_budget)
            if left < 1 or left_in_all < 1:
                return False
            self._left[place], self._left[account] = left - 1, left_in_all - 1
            return True

    def give_back(self, account_id: str, region: str, client: str) -> None:
        """A call was answered."""
        with self._lock:
            for key, most in (
                ((account_id, region, client), self._policy.place_budget),
                ((account_id,), self._policy.account_budget),
            ):
                if key in self._left:
                    self._left[key] = min(most, self._left[key] + _GIVEN_BACK)

    def forget(self, account_id: str) -> None:
        """The account is done."""
        with self._lock:
            for key in [key for key in self._left if key[0] == account_id]:
                del self._left[key]


class Retries:
    """Decides whether a call is made again; a handler of botocore's ``needs-retry`` event.

    Args:
        policy: how patient.
        brakes: what every attempt has to pass.
        wait: waits some seconds; true when work was asked to stop meanwhile.
    """

    def __init__(
        self,
        policy: Patience | None = None,
        brakes: Brakes | None = None,
        wait: Wait = time.sleep,
    ) -> None:
        self.policy = policy or Patience()
        self._brakes = brakes or Brakes({}, wait)
        self._wait = wait
        self._budgets = Budgets(self.policy)
        self._random = random.Random()  # noqa: S311 - jitter

    def again(
        self,
        account_id: str,
        region: str,
        client: str,
        operation: str,
        attempts: int,
        answer: Mapping[str, Any] | None,
        problem: BaseException | None,
        network_attempts: int,
    ) -> bool:
        """Whether to make the call again; has waited when it says so.

        Args:
            account_id, region, client, operation: what was called, for whom and where.
            attempts: how many were made.
            answer: AWS's answer, if there is one.
            problem: what happened to a call without an answer.
            network_attempts: how many there may be where nothing is reached.
        """
        if answer is None:
            most = network_attempts if isinstance(problem, _UNREACHED) else 1
            return attempts < most and self._waited(attempts)
        place = (account_id, region, client)
        status, transient = _judged(answer)
        if status is Status.THROTTLED:
            self._brakes.throttled(*place)
            if attempts >= self.policy.attempts or not self._budgets.take(*place):
                return False
        else:
            self._brakes.answered(*place)
            self._budgets.give_back(*place)
            if not transient or attempts >= min(_SERVER_ATTEMPTS, self.policy.attempts):
                return False
        if not self._waited(attempts):
            return False
        self._brakes.before(*place, operation)
        return True

    def _waited(self, attempts: int) -> bool:
        """Wait with full jitter; whether to go on.

        https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        most = min(self.policy.longest, self.policy.first * 2 ** (attempts - 1))
        return not self._wait(self._random.uniform(0, most))

    def forget(self, account_id: str) -> None:
        """The account is done."""
        self._budgets.forget(account_id)


def _judged(answer: Mapping[str, Any]) -> tuple[Status | None, bool]:
    """The status of an answer, and whether the same call may go well a moment later."""
    http = (answer.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 200
    if http < 300 and "Error" not in answer:
        return None, False
    status = outcome_of_error(answer).status
    code = str((answer.get("Error") or {}).get("Code") or "")
    return status, (http >= 500 and status is Status.ERROR) or code in _TRANSIENT
