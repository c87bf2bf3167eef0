"""The jobs of some accounts, done by the threads of one process."""

from __future__ import annotations

import functools
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from collector.job import Job, jobs_of
from collector.live import LiveTransport
from collector.outcome import Outcome
from collector.pool import WorkerPool
from collector.redact import Redactor
from collector.runner import JobRun
from collector.snapshot.ledger import LedgerRow
from collector.snapshot.spool import Spool

JobsOf = Callable[[str], list[Job]]
"""The jobs of an account, in order; made when they are needed."""


@dataclass(frozen=True, slots=True)
class AccountWork:
    """What is to be done in one account.

    Attributes:
        account_id: twelve digits.
        partition: ``aws``, ``aws-cn``, ...
        home: the region that global questions go to.
        regions: that are asked.
        type_ids: what is collected.
        sees_organisation: whether the organisation is asked about here.
    """

    account_id: str
    partition: str
    home: str
    regions: tuple[str, ...]
    type_ids: tuple[str, ...]
    sees_organisation: bool

    def jobs(self) -> list[Job]:
        """Its jobs, in order."""
        return jobs_of(
            self.account_id,
            self.partition,
            self.home,
            self.regions,
            self.type_ids,
            self.sees_organisation,
        )


class Sink(Protocol):
    """Takes what the jobs give. Called from several threads."""

    def spool(self, file: str) -> Spool:
        """Where the lines of a file are put."""

    def closed(self, job: Job, spools: dict[str, Spool], rows: list[LedgerRow]) -> None:
        """A job is done; its spools by file.

        Raises:
            OSError: the disk is full or the directory is not writable.
        """

    def expired(self, account_id: str, outcome: Outcome) -> None:
        """An account's credentials are gone: the rest of its jobs is not done."""


class Work:
    """Accounts, one after the other as far as the threads allow; slow jobs of all of them first.

    Args:
        transport: answers.
        redactor: takes out secrets.
        pool: the threads.
        sink: takes what is done.
        over: called with an account's id when the last of its jobs is done.
    """

    def __init__(
        self,
        transport: LiveTransport,
        redactor: Redactor,
        pool: WorkerPool,
        sink: Sink,
        over: Callable[[str], None],
    ) -> None:
        self._transport = transport
        self._redactor = redactor
        self._pool = pool
        self._sink = sink
        self._over = over
        self._expired: set[str] = set()
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, accounts: Iterable[str], jobs_of: JobsOf, done: Collection[str]) -> None:
        """Queue the accounts' jobs, but for those whose keys are in ``done``."""
        accounts = list(accounts)
        for account_id in accounts:
            for job in jobs_of(account_id):
                if job.key not in done:
                    self._open[account_id] += 1
                    if job.types[0].slow:
                        self._pool.add_job(functools.partial(self._run, job))
        for account_id in accounts:
            self._pool.add_job(functools.partial(self._begin, account_id, jobs_of, done))

    def _begin(self, account_id: str, jobs_of: JobsOf, done: Collection[str]) -> None:
        """Put an account's jobs before those of the accounts behind it: it is over sooner, and
        what is kept for it can go."""
        self._pool.add_next(
            functools.partial(self._run, job)
            for job in jobs_of(account_id)
            if job.key not in done and not job.types[0].slow
        )

    def _run(self, job: Job) -> None:
        if job.account_id in self._expired:
            return
        JobRun(
            job,
            self._transport,
            self._redactor,
            lambda type_id: self._sink.spool(job.file_of(type_id)),
            functools.partial(self._pool.add_task, group=job.key),
            self._closed,
            self._left,
        ).run()

    def _closed(self, job: Job, spools: dict[str, Spool], rows: list[LedgerRow]) -> None:
        by_file = {job.file_of(type_id): spool for type_id, spool in spools.items()}
        self._sink.closed(job, by_file, rows)
        with self._lock:
            self._open[job.account_id] -= 1
            over = not self._open[job.account_id]
        if over:
            self._over(job.account_id)

    def _left(self, job: Job, outcome: Outcome) -> None:
        with self._lock:
            first = job.account_id not in self._expired
            self._expired.add(job.account_id)
        if first:
            self._sink.expired(job.account_id, outcome)
