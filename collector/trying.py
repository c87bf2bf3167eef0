"""Calls that can be made before anything is known, and what their outcome says of permissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any

from collector.actions import Operation
from collector.declare import (
    Account,
    After,
    Call,
    FollowUp,
    ListCall,
    Paginator,
    Paging,
    ResourceType,
    Scope,
    Token,
)
from collector.denial import Denial, denial_of
from collector.job import Job
from collector.outcome import Outcome
from collector.preflight_result import Answer, Word
from collector.snapshot.ledger import Status

SMALL_PAGE = 20
"""As small as every service allows that names no smallest page."""

_ANSWERED = frozenset({Status.OK, Status.EMPTY, Status.ABSENT})
_DENIED = frozenset({Status.DENIED, Status.REGION_DENIED})
_PROBES_FIRST = (("ec2", "describe_vpcs"), ("ec2", "describe_security_groups"))
"""What is tried in every region, if it is asked for; else the first call that can be."""


@dataclass(frozen=True, slots=True)
class Try:
    """A call that can be made before anything is known."""

    operation: Operation
    declared: ResourceType
    call: Call


def tries_of(jobs: Iterable[Job]) -> dict[Operation, Try]:
    """The first call of each operation that needs nothing but a place."""
    found: dict[Operation, Try] = {}
    for job in jobs:
        for declared in job.types:
            if declared.listed_for or declared.each_of:
                continue
            for call in (*declared.lists, *declared.follow_ups):
                operation = (declared.client, call.operation)
                if operation not in found and _is_tryable(call):
                    found[operation] = Try(operation, declared, call)
    return found


def _is_tryable(call: Call) -> bool:
    if isinstance(call, FollowUp) and (
        call.when or call.region or (call.start and call.start.first)
    ):
        return False
    return not any(_depends(value) for value in call.params.values())


def _depends(value: Any) -> bool:
    """Whether a parameter is taken from something that has to be found first.

    Whatever is declared but the account's id is, also what later declarations add.
    """
    if is_dataclass(value):
        return not isinstance(value, Account)
    if isinstance(value, Mapping):
        return any(_depends(inner) for inner in value.values())
    return isinstance(value, list | tuple) and any(_depends(inner) for inner in value)


def probe_of(tries: Mapping[Operation, Try]) -> Try | None:
    """What to ask in every region to see whether it is open; None if nothing regional is asked."""
    regional = [
        one
        for one in tries.values()
        if one.declared.scope is Scope.REGIONAL and isinstance(one.call, ListCall)
    ]
    for name in _PROBES_FIRST:
        if name in tries and tries[name] in regional:
            return tries[name]
    return regional[0] if regional else None


def small(paging: Paging) -> Paging:
    """The same paging with a smaller page, where a size is sent at all."""
    match paging:
        case Paginator(int(size)):
            return Paginator(min(size, SMALL_PAGE))
        case Token(request, response, (str(name), int(size))) if name:
            return Token(request, response, (name, min(size, SMALL_PAGE)))
        case After(request, more, path, (str(name), int(size))) if name:
            return After(request, more, path, (name, min(size, SMALL_PAGE)))
    return paging


def judged(account_id: str, operation: Operation, outcome: Outcome, region: str) -> Answer:
    """What an outcome says of permissions. A fault of another kind says nothing."""
    words: Word = "unknown"
    denial = Denial()
    if outcome.status in _ANSWERED:
        words = "allowed"
    elif outcome.status in _DENIED:
        words, denial = "denied", denial_of(outcome.message)
    return Answer(
        account_id, operation, words, "tried", denial, outcome.code, outcome.message, region
    )
