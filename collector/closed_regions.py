"""Regions that a service control policy closes, told in few calls.

An organisation that works in two regions denies the fifteen others: some hundred calls in each
would all be refused. A region is closed where AWS's words name a service control policy for all of
a few fixed calls, while the same account is answered elsewhere. Policies exempt services (AWS's
example: certificates, keys), so each service is still asked once in a closed region; what it
refuses then is not asked again. Which calls are made depends on AWS's answers alone, not on the
order in which threads come by: two runs leave the same ledger.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from collector.asking import Ask
from collector.declare import ListCall, ResourceType, Scope
from collector.denial import denied_by
from collector.outcome import Outcome
from collector.snapshot.ledger import Status

PROBES = 5
"""So many services have to be refused."""

Kept = Callable[[Ask], Outcome | None]
"""Asks and keeps the answer; what came instead of one."""


@dataclass(frozen=True, slots=True)
class _First:
    """The first call of a service that needs nothing but a region."""

    client: str
    call: ListCall

    def ask(self, account_id: str, region: str) -> Ask:
        """The call in a region, as its job makes it."""
        params = dict(self.call.params)
        return Ask(account_id, region, region, self.client, self.call, params)

    def is_asked_by(self, ask: Ask) -> bool:
        """Whether it is this very call."""
        return ask.call.operation == self.call.operation and ask.params == dict(self.call.params)


@dataclass
class _Memory:
    """What is known of one account."""

    regions: tuple[str, ...] = ()
    refused: dict[tuple[str, str], Outcome | None] = field(default_factory=dict)
    locks: dict[tuple[str, str], threading.Lock] = field(default_factory=dict)


class ClosedRegions:
    """Answers whether a call need not be made. Safe between threads.

    Args:
        types: the types that are collected.
        kept: makes a call whose answer is kept for its job.
    """

    def __init__(self, types: Iterable[ResourceType], kept: Kept) -> None:
        self._kept = kept
        self._first = _first_calls(types)
        named = {f"{one.client}.{one.call.operation}": one for one in self._first.values()}
        probes = [named[name] for name in _data()["probes"] if name in named]
        self._probes = probes[:PROBES] if len(probes) >= PROBES else []
        self._accounts: dict[str, _Memory] = {}
        self._lock = threading.Lock()

    def add_account(self, account_id: str, regions: Iterable[str]) -> None:
        """Say where an account is asked, the region that is most likely open first."""
        self._accounts[account_id] = _Memory(tuple(regions))

    def forget(self, account_id: str) -> None:
        """The account is done."""
        self._accounts.pop(account_id, None)

    def refusal(self, ask: Ask) -> Outcome | None:
        """What AWS would answer, if that is known without asking."""
        if ask.place == "global" or not self._is_closed(ask.account_id, ask.region):
            return None
        if f"{ask.client}.{ask.call.operation}" in _data()["exempt"]:
            return None
        first = self._first.get(ask.client)
        if first is None:
            return None
        refused = self._refused(ask.account_id, ask.region, first)
        if refused is None or first.is_asked_by(ask):
            return None
        words = f"not asked, for {first.call.operation} answers: {refused.message}"
        return Outcome(Status.REGION_DENIED, refused.code, words, asked=False)

    def judged(self, ask: Ask, outcome: Outcome) -> Outcome:
        """An outcome, told apart where it is the region that is denied."""
        if ask.place == "global" or not _by_policy(outcome):
            return outcome
        if not self._is_closed(ask.account_id, ask.region):
            return outcome
        return Outcome(Status.REGION_DENIED, outcome.code, outcome.message)

    def _is_closed(self, account_id: str, region: str) -> bool:
        memory = self._accounts.get(account_id)
        if memory is None or not self._all_refused(account_id, region):
            return False
        return any(
            not self._all_refused(account_id, other) for other in memory.regions if other != region
        )

    def _all_refused(self, account_id: str, region: str) -> bool:
        return bool(self._probes) and all(
            self._refused(account_id, region, probe) is not None for probe in self._probes
        )

    def _refused(self, account_id: str, region: str, first: _First) -> Outcome | None:
        """The policy's refusal of a service's first call, if that is what comes of it."""
        memory = self._accounts.get(account_id)
        if memory is None:
            return None
        key = (region, first.client)
        with self._lock:
            lock = memory.locks.setdefault(key, threading.Lock())
        with lock:
            if key not in memory.refused:
                outcome = self._kept(first.ask(account_id, region))
                memory.refused[key] = outcome if outcome and _by_policy(outcome) else None
            return memory.refused[key]


def _by_policy(outcome: Outcome) -> bool:
    return outcome.status is Status.DENIED and denied_by(outcome.message) == "scp"


def _first_calls(types: Iterable[ResourceType]) -> dict[str, _First]:
    found: dict[str, _First] = {}
    for declared in types:
        if declared.scope is not Scope.REGIONAL or declared.listed_for:
            continue
        for call in declared.lists:
            if all(isinstance(value, str | int | bool) for value in call.params.values()):
                found.setdefault(declared.client, _First(declared.client, call))
                key = f"{declared.client}.{call.operation}"
                if key in _data()["probes"] and not call.params:
                    found[declared.client] = _First(declared.client, call)
    return found


@cache
def _data() -> Mapping[str, Any]:
    text = (resources.files("collector") / "data" / "closed-regions.json").read_text("utf-8")
    data: Mapping[str, Any] = json.loads(text)
    return data
