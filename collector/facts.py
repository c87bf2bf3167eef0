"""Which refusals say something about an account, and which are only a fault of one call.

That a thing is not there, not in use or not offered are facts: nobody looks any further. The codes
that say so have other meanings where the question is another one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from collector.asking import Ask
from collector.declare import Call, Depth, ListCall
from collector.outcome import Outcome, says_elsewhere
from collector.services import TYPES
from collector.snapshot.ledger import Status

_FACTS = frozenset({Status.ABSENT, Status.NOT_ENABLED, Status.NOT_SUPPORTED})
_OF_AN_ITEM = frozenset({"UnsupportedOperation", "UnsupportedOperationException"})
"""Of a thing's state as often as of an operation that is not offered.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"""
NO_SUCH_HOST = "NoSuchHost"
"""The code of a declaration's ``not_supported`` that is about a host's name: ``NoSuchHost:words``,
the words being of the host."""


def as_fact(ask: Ask, outcome: Outcome, pages: int) -> Outcome:
    """The outcome; an error where it is no fact after all.

    Args:
        ask: what was asked.
        outcome: what its error says by itself.
        pages: how many pages were answered before. What is there for one page is there.
    """
    if outcome.status not in _FACTS:
        return outcome
    if pages:
        return cut_short(outcome)
    if _is_declared(ask.call, outcome) or not _is_doubtful(ask, outcome):
        return outcome
    return replace(outcome, status=Status.ERROR, cause="")


def cut_short(outcome: Outcome) -> Outcome:
    """What an error after a first page says: what is there for one page is there, and the rest is
    missing."""
    if outcome.status not in _FACTS:
        return outcome
    return Outcome(Status.ERROR, "Incomplete", f"after the first page: {outcome.words}")


def may_lack_its_host(call: Call, words: str) -> bool:
    """Whether the declaration knows that some regions lack the host that the words name."""
    listed = (entry.partition(":") for entry in call.not_supported)
    return any(code == NO_SUCH_HOST and host in words for code, _, host in listed)


def _is_declared(call: Call, outcome: Outcome) -> bool:
    listed = (*call.absent, *call.not_enabled, *call.not_supported)
    return any(
        code == outcome.code and words in outcome.message
        for code, _, words in (entry.partition(":") for entry in listed)
    )


def _is_doubtful(ask: Ask, outcome: Outcome) -> bool:
    if outcome.code == "OptInRequired":
        return ask.client in _core_clients()
    if not isinstance(ask.call, ListCall) or _key(ask.client, ask.call) in _below():
        return False
    if outcome.status is Status.ABSENT:
        return True
    return outcome.code in _OF_AN_ITEM and not says_elsewhere(outcome.message)


def _key(client: str, call: Call) -> tuple[str, str, str]:
    return client, call.operation, repr(dict(call.params))


@cache
def _below() -> frozenset[tuple[str, str, str]]:
    """Lists for each item of another type: that one may be gone."""
    return frozenset(
        _key(declared.client, call)
        for declared in TYPES.values()
        if declared.listed_for
        for call in declared.lists
    )


@cache
def _core_clients() -> frozenset[str]:
    """Services that every account has."""
    return frozenset(declared.client for declared in TYPES.values() if declared.depth is Depth.CORE)
