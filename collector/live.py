"""Answers from AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from collector.asking import Ask
from collector.closed_regions import ClosedRegions
from collector.declare import After, Paginator, Start, Token
from collector.facts import as_fact, may_lack_its_host
from collector.outcome import CallError, Outcome, outcome_of
from collector.paths import value_at, values_at
from collector.pool import StoppedError
from collector.reach import NetworkGoneError, Reach, is_no_such_name, resolves
from collector.services import TYPES
from collector.session import Clients, ForbiddenOperationError, act_as
from collector.snapshot.ledger import Status

LONGEST_WAIT = 120.0
"""Seconds that an asynchronous call is waited for. A credential report takes a few."""
MOST_EMPTY_PAGES = 1000
"""So many pages in a row may hold nothing and promise more."""


Remembered = dict[tuple[str, ...], list[Mapping[str, Any]]]
"""Answers, page by page, by what was asked."""


class Places(Protocol):
    """An account and where it is asked."""

    @property
    def account_id(self) -> str:
        """Twelve digits."""

    @property
    def home(self) -> str:
        """The region that global questions go to."""

    @property
    def regions(self) -> tuple[str, ...]:
        """Those that are asked."""


class LiveTransport:
    """Makes the calls, page by page.

    Args:
        clients: where clients come from.
        credentials: botocore credentials by account.
        wait: waits some seconds; true when work was asked to stop meanwhile.
    """

    batches = True

    def __init__(
        self,
        clients: Clients,
        credentials: dict[str, Any],
        wait: Callable[[float], bool],
    ) -> None:
        self._clients = clients
        self._credentials = credentials
        self._wait = wait
        self._waited: dict[tuple[str, ...], float] = {}
        self._remembered: Remembered = {}
        self._kept: dict[tuple[str, ...], list[Mapping[str, Any]] | Outcome] = {}
        self.remembering = False
        """Whether answers are kept for whoever asks the same again: set while accounts and
        regions are looked up, which is what some types list too."""
        self.reach = Reach(clients.answers)
        clients.has_failed = self.reach.has_failed
        self.closed = ClosedRegions((), self.kept)
        """Which regions a policy closes; by default nobody finds out."""
        self.calls = 0
        """How many requests were made, pages included, those made again not."""

    def pages(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        """See :class:`collector.asking.Transport`.

        Raises:
            NetworkGoneError: nothing answers any more.
        """
        key = _key(ask)
        refusal = None
        if key not in self._remembered:
            refusal = self.closed.refusal(ask) or self.reach.refusal(ask.client, ask.region)
        if refusal is not None:
            raise CallError(refusal)
        known = self._kept.pop(key, None) or self._remembered.get(key)
        try:
            if isinstance(known, Outcome):
                raise CallError(known)
            yield from known if known is not None else self._asked_now(ask)
        except CallError as problem:
            raise CallError(self.closed.judged(ask, problem.outcome)) from problem

    def _asked_now(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        pages = []
        for page in self._answered(ask):
            if self.remembering:
                pages.append(page)
            yield page
        if self.remembering:
            self._remembered[_key(ask)] = pages

    def kept(self, ask: Ask) -> Outcome | None:
        """Ask, and keep the answer for the job that asks the same.

        Returns:
            what came instead of an answer.
        """
        try:
            self._kept[_key(ask)] = list(self._answered(ask))
        except CallError as problem:
            self._kept[_key(ask)] = problem.outcome
            return problem.outcome
        return None

    def _answered(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        pages = empty = 0
        try:
            for page in self._asked(ask):
                self.reach.answered(ask.client, ask.region)
                yield page
                pages += 1
                empty = 0 if _holds(page, ask.call.result) else empty + 1
                if empty >= MOST_EMPTY_PAGES:
                    words = f"{empty} pages in a row hold nothing and promise more"
                    raise CallError(Outcome(Status.ERROR, "RepeatedToken", words))
        except (CallError, ForbiddenOperationError, NetworkGoneError):
            raise
        except Exception as problem:
            # botocore's parsers raise what is no BotoCoreError, and a hostile answer anything:
            # one call's trouble never ends the run.
            raise CallError(self._judged(ask, problem, pages)) from problem

    def add_account(self, account_id: str, credentials: Any) -> None:
        """Let calls be made in an account's name."""
        self._credentials[account_id] = credentials

    def tell_closed_regions(self, type_ids: Iterable[str], places: Iterable[Places]) -> None:
        """Find out which regions a policy closes, in the accounts that are given."""
        self.closed = ClosedRegions([TYPES[type_id] for type_id in type_ids], self.kept)
        for account in places:
            regions = dict.fromkeys((account.home, *account.regions))
            self.closed.add_account(account.account_id, regions)

    def remembered_of(self, account_id: str) -> Remembered:
        """What was answered for an account and may be asked again."""
        return {key: pages for key, pages in self._remembered.items() if key[0] == account_id}

    def remember(self, remembered: Remembered) -> None:
        """Take over answers that another transport has had."""
        self._remembered.update(remembered)

    def forget_account(self, account_id: str) -> None:
        """The account is done: nothing of it is needed any more."""
        self.closed.forget(account_id)
        self._credentials.pop(account_id, None)
        for memory in (self._remembered, self._kept, self._waited):
            for key in [key for key in memory if key[0] == account_id]:
                memory.pop(key, None)

    def rename(self, before: str, after: str) -> None:
        """What was asked in the name of one account was asked for another."""
        for key in list(self._remembered):
            if key[0] == before:
                self._remembered[(after, *key[1:])] = self._remembered.pop(key)

    def _judged(self, ask: Ask, problem: Exception, pages: int) -> Outcome:
        outcome = outcome_of(problem, ask.call.not_supported)
        if outcome.status is not Status.UNREACHABLE:
            if outcome.status is not Status.EXPIRED:
                self.reach.answered(ask.client, ask.region)
            return as_fact(ask, outcome, pages)
        if is_no_such_name(problem) and self._is_nowhere(ask, outcome):
            return Outcome(
                Status.NOT_SUPPORTED, outcome.code, outcome.message, "unsupported_region"
            )
        self.reach.failed(ask.client, ask.region, outcome)
        return outcome

    def _is_nowhere(self, ask: Ask, outcome: Outcome) -> bool:
        """Whether a host's name is unknown because the region lacks the service.

        Where botocore lists a service without this region it may lack it; of services that it
        does not list at all nothing is known. And a name service that does not know the region's
        other hosts either knows nothing: of a global service every name is known.
        """
        if ask.place == "global":
            return False
        known = self._clients.known_regions(ask.client)
        listed_elsewhere = bool(known) and ask.region not in known
        if not (listed_elsewhere or may_lack_its_host(ask.call, outcome.message)):
            return False
        return any(
            resolves(self._clients.get(client, ask.region).meta.endpoint_url)
            for client in ("sts", "ec2")
        )

    def _asked(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        call = ask.call
        client = self._clients.get(ask.client, ask.region)
        if isinstance(call.paging, Paginator):
            yield from self._by_paginator(ask, client, call.paging)
        elif isinstance(call.paging, Token):
            yield from self._by_token(ask, client, call.paging)
        elif isinstance(call.paging, After):
            yield from self._after_the_last(ask, client, call.paging)
        else:
            yield self._once(ask, client, ask.params)

    def _by_paginator(
        self, ask: Ask, client: Any, paging: Paginator
    ) -> Iterator[Mapping[str, Any]]:
        config = {"PageSize": paging.page_size} if paging.page_size else {}
        paginator = client.get_paginator(ask.call.operation)
        pages = iter(paginator.paginate(**ask.params, PaginationConfig=config))
        last: Mapping[str, Any] = {}
        while True:
            self._before(ask)
            page = next(pages, None)
            if page is None:
                break
            self.calls += 1
            last = page
            yield page
        # botocore ends where there is no token, whatever the answer says.
        flag = paginator._pagination_cfg.get("more_results")
        if flag and value_at(last, flag):
            words = f"{flag} says that there is more, but not from where"
            raise CallError(Outcome(Status.ERROR, "Incomplete", words))

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
        if self._wait(0):
            raise StoppedError
        act_as(self._credentials[ask.account_id], ask.account_id)

    def start(self, ask: Ask, start: Start, again: bool) -> Mapping[str, Any]:
        """See :class:`collector.asking.Transport`."""
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


def _holds(page: Mapping[str, Any], result: str) -> bool:
    """Whether a page holds an element, be it of another list than the one that is asked for."""
    if any(isinstance(value, list) and value for value in page.values()):
        return True
    return bool(result) and any(values_at(page, result))


def _key(ask: Ask) -> tuple[str, ...]:
    return (ask.account_id, ask.region, ask.client, ask.call.operation, repr(dict(ask.params)))
