"""A worker process: collects whole accounts into the parent's snapshot directory.

It writes finished files and tells the parent, who alone writes the journal. Credentials come from
the parent through the pipe, so that logins, codes and renewals stay in one place and no key
touches the disk.
"""

from __future__ import annotations

import functools
import os
import queue
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from botocore.exceptions import CredentialRetrievalError

from collector.job import Job
from collector.limits import Brakes
from collector.live import LiveTransport, Remembered
from collector.outcome import Outcome
from collector.patience import Patience
from collector.pool import StoppedError, WorkerPool
from collector.redact import Redactor
from collector.services import LIMITS
from collector.session import Clients
from collector.snapshot.ledger import LedgerRow
from collector.snapshot.spool import RUN_BYTES, Spool, place_of
from collector.work import AccountWork, Work

FRESH_SECONDS = 60.0
"""So long keys are used without asking the parent again, who renews them a quarter of an hour
before their end."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker is started with.

    Attributes:
        profile: whose configuration (endpoints, proxies) applies.
        threads: calls at the same time.
        patience: how long AWS is waited for.
        redaction_key: for secrets.
        snapshot: the snapshot's directory.
        home: a region in which AWS has answered.
    """

    profile: str | None
    threads: int
    patience: Patience
    redaction_key: bytes = field(repr=False)
    snapshot: Path
    home: str


@dataclass(frozen=True, slots=True)
class Portion:
    """Accounts to collect.

    Attributes:
        accounts: what is to be done.
        done: keys of jobs that are done already.
        remembered: answers that the parent has had.
    """

    accounts: tuple[AccountWork, ...]
    done: frozenset[str]
    remembered: Remembered


@dataclass(frozen=True, slots=True)
class JobClosed:
    """A job is done and its files are whole."""

    account_id: str
    place: str
    key: str
    files: Mapping[str, str]
    lines: int
    rows: tuple[LedgerRow, ...]


@dataclass(frozen=True, slots=True)
class Expired:
    """The credentials of an account are gone."""

    account_id: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class KeysWanted:
    """The keys of an account are needed; ``refused`` are those that AWS takes no more."""

    number: int
    account_id: str
    refused: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """An answer to :class:`KeysWanted`."""

    number: int
    frozen: Any = field(default=None, repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PortionDone:
    """All jobs of a portion are done, or were left; ``calls`` were made."""

    calls: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """The worker cannot go on."""

    problem: BaseException


@dataclass(frozen=True, slots=True)
class Stop:
    """Begin nothing new."""


class Line:
    """The worker's end of the pipe. Safe between threads."""

    def __init__(self, connection: Connection, pool: WorkerPool) -> None:
        self._connection = connection
        self._pool = pool
        self.portions: queue.Queue[Portion | None] = queue.Queue()
        self._answers: dict[int, queue.Queue[Keys]] = {}
        self._number = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                # The parent is gone: what is written from now on belongs to nobody.
                os._exit(1)
            if isinstance(message, Stop):
                self._pool.stop()
                self.portions.put(None)
            elif isinstance(message, Keys):
                self._answers.pop(message.number).put(message)
            else:
                self.portions.put(message)

    def send(self, message: object) -> None:
        """Tell the parent something."""
        with self._lock:
            self._connection.send(message)

    def keys(self, account_id: str, refused: Any = None) -> Keys:
        """Ask the parent for keys."""
        answer: queue.Queue[Keys] = queue.Queue()
        with self._lock:
            self._number += 1
            number = self._number
            self._answers[number] = answer
            self._connection.send(KeysWanted(number, account_id, refused))
        return answer.get()


class RemoteCredentials:
    """An account's credentials, which the parent holds. Safe between threads."""

    def __init__(self, account_id: str, line: Line) -> None:
        self._account_id = account_id
        self._line = line
        self._frozen: Any = None
        self._since = 0.0
        self._problem = ""
        self._lock = threading.Lock()

    def get_frozen_credentials(self) -> Any:
        """The keys as they are now.

        Raises:
            CredentialRetrievalError: there are none any more.
        """
        with self._lock:
            # The wall clock: it goes on while the machine sleeps.
            if self._frozen is None or not 0 <= time.time() - self._since < FRESH_SECONDS:
                self._take(self._line.keys(self._account_id))
            if self._frozen is None:
                raise self.lost()
            return self._frozen

    def renew(self, refused: Any) -> bool:
        """Have other keys than those that AWS refused; whether there are any."""
        with self._lock:
            if self._frozen is not None and self._frozen != refused:
                return True
            self._take(self._line.keys(self._account_id, refused))
            return self._frozen is not None

    def _take(self, keys: Keys) -> None:
        self._frozen, self._problem, self._since = keys.frozen, keys.problem, time.time()

    def lost(self) -> CredentialRetrievalError:
        """Why there are no keys."""
        return CredentialRetrievalError(provider="the parent process", error_msg=self._problem)


class _Told:
    """A sink that tells the parent."""

    def __init__(self, snapshot: Path, line: Line) -> None:
        self._snapshot = snapshot
        self._line = line

    def spool(self, file: str) -> Spool:
        """Where the lines of a file are put."""
        return Spool(place_of(self._snapshot, file), RUN_BYTES)

    def closed(self, job: Job, spools: dict[str, Spool], rows: list[LedgerRow]) -> None:
        """A job is done."""
        digests = {file: spool.close() for file, spool in spools.items()}
        lines = sum(spool.count for spool in spools.values())
        files = {file: digest for file, digest in digests.items() if digest is not None}
        self._line.send(JobClosed(job.account_id, job.place, job.key, files, lines, tuple(rows)))

    def expired(self, account_id: str, outcome: Outcome) -> None:
        """An account's credentials are gone."""
        self._line.send(Expired(account_id, outcome))


def run_worker(setup: Setup, connection: Connection, lock: Any) -> None:
    """Collect portions until the pipe says stop.

    Args:
        setup: what to work with.
        connection: to the parent.
        lock: the snapshot's lock, held as long as this process lives.
    """
    # Ctrl-C reaches every process of a terminal; the parent says what is to be done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if lock is not None:
        lock.detach()
    pool = WorkerPool(setup.threads)
    line = Line(connection, pool)
    try:
        _work(setup, pool, line)
    except StoppedError:
        pass
    except BaseException as problem:  # whatever it is, the parent has to know
        _tell(line, problem)


def _work(setup: Setup, pool: WorkerPool, line: Line) -> None:
    brakes = Brakes(LIMITS, pool.wait_or_stop)
    clients = Clients(setup.profile, setup.threads, setup.patience, brakes, pool.wait_or_stop)
    transport = LiveTransport(clients, {}, pool.wait_or_stop)

    def over(account_id: str) -> None:
        transport.forget_account(account_id)
        clients.forget_account(account_id)

    redactor = Redactor(setup.redaction_key)
    work = Work(transport, redactor, pool, _Told(setup.snapshot, line), over)
    while (portion := line.portions.get()) is not None:
        before = transport.calls
        transport.remember(portion.remembered)
        accounts = {account.account_id: account for account in portion.accounts}
        for account_id in accounts:
            credentials = RemoteCredentials(account_id, line)
            transport.add_account(account_id, credentials)
            clients.at_home(setup.home, credentials)
        transport.tell_closed_regions(portion.accounts[0].type_ids, portion.accounts)
        work.add(accounts, functools.partial(_jobs_of, accounts), portion.done)
        pool.run()
        if pool.stopped:
            return
        line.send(PortionDone(transport.calls - before))


def _jobs_of(accounts: Mapping[str, AccountWork], account_id: str) -> list[Job]:
    return accounts[account_id].jobs()


def _tell(line: Line, problem: BaseException) -> None:
    try:
        line.send(Trouble(problem))
    except Exception:  # it cannot be pickled
        line.send(Trouble(RuntimeError(f"{type(problem).__name__}: {problem}")))
