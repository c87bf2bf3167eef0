"""Answers from AWS."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore import exceptions

from collector.declare import After, Paginator, Start, Token
from collector.limits import Brakes
from collector.outcome import CallError, Outcome, outcome_of
from collector.paths import value_at
from collector.runner import Ask
from collector.session import Clients, ForbiddenOperationError, act_as
from collector.snapshot.ledger import Status

GIVE_UP_AFTER = 3
"""So many times in a row an endpoint may be unreachable before it is asked no more."""
LONGEST_WAIT = 120.0
"""Seconds that an asynchronous call is waited for. A credential report takes a few."""


class LiveTransport:
    """Makes the calls, page by page, with brakes before and the guard behind.

    Args:
        clients: where clients come from.
        credentials: botocore credentials by account.
        brakes: published rate limits.
        wait: waits some seconds; true when work was asked to stop meanwhile.
    """

    batches = True

    def __init__(
        self,
        clients: Clients,
        credentials: dict[str, Any],
        brakes: Brakes,
        wait: Callable[[float], bool],
    ) -> None:
        self._clients = clients
        self._credentials = credentials
        self._brakes = brakes
        self._wait = wait
        self._failures: dict[tuple[str, str], int] = {}
        self._waited: dict[tuple[str, ...], float] = {}
        self._lock = threading.Lock()
        self._remembered: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
        self.remembering = False
        """Whether answers are kept for whoever asks the same again: set while accounts and
        regions are looked up, which is what some types list too."""
        self.calls = 0
        """How many requests were made, pages included, botocore's own retries not."""

    def pages(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        """See :class:`collector.runner.Transport`."""
        key = (ask.account_id, ask.client, ask.call.operation, repr(dict(ask.params)))
        if key in self._remembered:
            yield from self._remembered[key]
            return
        self._refuse_unreachable(ask)
        pages = []
        try:
            for page in self._asked(ask):
                self._failures.pop((ask.client, ask.region), None)
                if self.remembering:
                    pages.append(page)
                yield page
            if self.remembering:
                self._remembered[key] = pages
        except (CallError, ForbiddenOperationError):
            raise
        except Exception as problem:
            # botocore's parsers raise what is no BotoCoreError, and a hostile answer anything:
            # one call's trouble never ends the run.
            raise CallError(self._judged(ask, problem)) from problem

    def add_account(self, account_id: str, credentials: Any) -> None:
        """Let calls be made in an account's name."""
        self._credentials[account_id] = credentials

    def rename(self, before: str, after: str) -> None:
        """What was asked in the name of one account was asked for another."""
        for key in list(self._remembered):
            if key[0] == before:
                self._remembered[(after, *key[1:])] = self._remembered.pop(key)

    def _judged(self, ask: Ask, problem: Exception) -> Outcome:
        outcome = outcome_of(problem, ask.call.not_supported)
        if outcome.status is not Status.UNREACHABLE:
            self._failures.pop((ask.client, ask.region), None)
            return outcome
        known = self._clients.known_regions(ask.client)
        no_such_host = isinstance(problem, exceptions.EndpointConnectionError)
        # Services are not everywhere: where botocore knows of none, there is none.
        if no_such_host and known and ask.region not in known:
            return Outcome(Status.NOT_SUPPORTED, outcome.code, outcome.message)
        with self._lock:
            key = (ask.client, ask.region)
            self._failures[key] = self._failures.get(key, 0) + 1
        return outcome

    def _refuse_unreachable(self, ask: Ask) -> None:
        if self._failures.get((ask.client, ask.region), 0) >= GIVE_UP_AFTER:
            raise CallError(
                Outcome(
                    Status.UNREACHABLE,
                    "EndpointConnectionError",
                    f"{ask.client} in {ask.region} was unreachable and is not asked again",
                )
            )

    def _asked(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        call = ask.call
        client = self._clients.get(ask.client, ask.region)
        if isinstance(call.paging, Paginator):
            config = {"PageSize": call.paging.page_size} if call.paging.page_size else {}
            paginator = client.get_paginator(call.operation)
            pages = iter(paginator.paginate(**ask.params, PaginationConfig=config))
            while True:
                self._before(ask)
                page = next(pages, None)
                if page is None:
                    return
                self.calls += 1
                yield page
        elif isinstance(call.paging, Token):
            yield from self._by_token(ask, client, call.paging)
        elif isinstance(call.paging, After):
            yield from self._after_the_last(ask, client, call.paging)
        else:
            yield self._once(ask, client, ask.params)

    def _by_token(self, ask: Ask, client: Any, paging: Token) -> Iterator[Mapping[str, Any]]:
        params = dict(ask.params)
        if paging.limit[0]:
            params[paging.limit[0]] = paging.limit[1]
        last = None
        while True:
            page = self._once(ask, client, params)
            yield page
            token = value_at(page, paging.response)
            if not token:
                return
            if token == last:
                raise CallError(
                    Outcome(Status.ERROR, "RepeatedToken", "the same page was offered twice")
                )
            last = params[paging.request] = token

    def _after_the_last(self, ask: Ask, client: Any, paging: After) -> Iterator[Mapping[str, Any]]:
        params = dict(ask.params)
        if paging.limit[0]:
            params[paging.limit[0]] = paging.limit[1]
        while True:
            page = self._once(ask, client, params)
            yield page
            listed = value_at(page, ask.call.result) or []
            if not value_at(page, paging.more):
                return
            last = value_at(listed[-1], paging.path) if listed else None
            if last is None or last == params.get(paging.request):
                raise CallError(
                    Outcome(Status.ERROR, "RepeatedToken", "there is more, but nothing to go on by")
                )
            params[paging.request] = last

    def _once(self, ask: Ask, client: Any, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self._before(ask)
        self.calls += 1
        answer: Mapping[str, Any] = getattr(client, ask.call.operation)(**params)
        return answer

    def _before(self, ask: Ask) -> None:
        act_as(self._credentials[ask.account_id])
        self._brakes.before(ask.account_id, ask.region, ask.client, ask.call.operation)

    def start(self, ask: Ask, start: Start, again: bool) -> Mapping[str, Any]:
        """See :class:`collector.runner.Transport`."""
        answer: Mapping[str, Any] = {}
        if not again:
            self._before(ask)
            self.calls += 1
            client = self._clients.get(ask.client, ask.region)
            try:
                answer = getattr(client, start.operation)(**ask.start_params)
            except Exception as problem:
                raise CallError(outcome_of(problem)) from problem
        key = (ask.account_id, ask.client, start.operation, repr(dict(ask.start_params)))
        waited = self._waited.get(key, 0.0)
        seconds = min(5.0, 0.25 + waited / 2)
        if waited >= LONGEST_WAIT or self._wait(seconds):
            raise CallError(
                Outcome(Status.ERROR, "NotReady", f"{start.operation} did not finish in time")
            )
        self._waited[key] = waited + seconds
        return answer
