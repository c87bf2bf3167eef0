"""Several processes that share the accounts of a collection.

botocore takes some milliseconds of one core for each call, whatever the number of threads; so with
many accounts each core gets a process of its own, which collects whole accounts.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from collector.credentials import RenewableCredentials
from collector.live import Remembered
from collector.outcome import Outcome, outcome_of
from collector.pool import StoppedError
from collector.request import CollectError, CollectRequest
from collector.snapshot.ledger import LedgerRow
from collector.work import AccountWork
from collector.worker import (
    Expired,
    JobClosed,
    Keys,
    KeysWanted,
    Portion,
    PortionDone,
    Setup,
    Stop,
    Trouble,
    run_worker,
)

FEW_ACCOUNTS = 4
"""So many accounts one process collects by itself: starting others takes seconds too."""
MOST_BY_ITSELF = 4
"""So many processes are started at most unless more are asked for: clients of all services in
seventeen regions take each about 700 MB."""
WORKER = "mapper-worker"
"""The name of the processes that are started."""
RUN_AGAIN = 79
"""The exit code of a worker whose start ran the calling script, and with it the collection, again.
"""
GUARD = 'Put what the script does under: if __name__ == "__main__":'
"""The remedy where a script collects when it is imported."""
_PATIENCE = 60.0
_SHARES = 4


def processes_for(request: CollectRequest, accounts: int) -> int:
    """How many processes share so many accounts."""
    if request.base is not None or multiprocessing.current_process().daemon:
        return 1
    if request.processes is not None:
        return max(1, min(request.processes, accounts))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, accounts, MOST_BY_ITSELF) if accounts > FEW_ACCOUNTS else 1


class Parent(Protocol):
    """What takes the workers' results. Called from several threads."""

    def noted(
        self,
        key: str,
        account_id: str,
        place: str,
        files: Mapping[str, str],
        lines: int,
        rows: list[LedgerRow],
    ) -> None:
        """A job is done and its files are whole."""

    def expired(self, account_id: str, outcome: Outcome) -> None:
        """An account's credentials are gone."""

    def dropped(self, account_id: str) -> None:
        """What was begun in an account has to go."""

    @property
    def done(self) -> Collection[str]:
        """Keys of the jobs that are done."""


class WorkerLostError(Exception):
    """Worker processes died twice over the same account."""


class UnguardedScriptError(Exception):
    """The calling script collects whenever it is imported: no worker can start beside it."""


def leave_if_run_again() -> None:
    """End here if this is the start of a process, which imports the script of its parent.

    https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods

    Raises:
        SystemExit: this is one of our own workers; its parent knows what the code means.
        CollectError: the script itself starts processes.
    """
    process = multiprocessing.current_process()
    # What multiprocessing itself goes by to refuse new processes then.
    if not getattr(process, "_inheriting", False):
        return
    if process.name == WORKER:
        raise SystemExit(RUN_AGAIN)
    raise CollectError(f"A process that starts imports its script, which collects. {GUARD}", 2)


class Processes:
    """Workers, each with a thread of this process that feeds it and takes what it gives.

    Args:
        setup: for the workers.
        count: how many.
        lock: the descriptor of the snapshot's lock.
        parent: takes the results.
        credentials: by account.
        remembered: the answers that are known for an account.
    """

    def __init__(
        self,
        setup: Setup,
        count: int,
        lock: int,
        parent: Parent,
        credentials: Mapping[str, RenewableCredentials],
        remembered: Callable[[str], Remembered],
    ) -> None:
        self._setup = setup
        self._count = count
        self._lock_file = lock
        self._parent = parent
        self._credentials = credentials
        self._remembered = remembered
        self._waiting: deque[tuple[AccountWork, ...]] = deque()
        self._lives: Counter[str] = Counter()
        self._problem: BaseException | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.calls = 0

    def run(self, accounts: Iterable[AccountWork], cancel: threading.Event | None) -> None:
        """Collect the accounts.

        Raises:
            StoppedError: ``cancel`` was set. WorkerLostError: workers died.
            UnguardedScriptError: none can start. Else what a worker met: OSError,
            NetworkGoneError.
        """
        works = list(accounts)
        size = max(1, len(works) // (self._count * _SHARES))
        self._waiting.extend(
            tuple(works[first : first + size]) for first in range(0, len(works), size)
        )
        threads = [
            threading.Thread(target=self._feed, name=f"worker-{number}", daemon=True)
            for number in range(min(self._count, len(self._waiting)))
        ]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                threads[0].join(0.1) if threads[0].is_alive() else time.sleep(0.1)
                if cancel is not None and cancel.is_set():
                    self._stopping.set()
        finally:
            self._stopping.set()
            for thread in threads:
                thread.join()
        if self._problem is not None:
            raise self._problem
        if cancel is not None and cancel.is_set():
            raise StoppedError

    def _feed(self) -> None:
        try:
            while (portion := self._next()) is not None:
                self._live(portion)
        except BaseException as problem:
            with self._lock:
                self._problem = self._problem or problem
            self._stopping.set()

    def _next(self) -> tuple[AccountWork, ...] | None:
        with self._lock:
            if self._stopping.is_set() or not self._waiting:
                return None
            return self._waiting.popleft()

    def _live(self, portion: tuple[AccountWork, ...] | None) -> None:
        """The life of one worker process, from a first portion on."""
        process, connection = self._started()
        try:
            while portion is not None:
                self._send(connection, portion)
                if not self._take(connection, process):
                    if not self._stopping.is_set():
                        self._bury(process, portion)
                    return
                portion = self._next()
        finally:
            with contextlib.suppress(OSError):
                connection.send(Stop())
            process.join(_PATIENCE)
            if process.is_alive():
                process.kill()
                process.join()
            connection.close()

    def _started(self) -> tuple[BaseProcess, Connection]:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        held = _Lock(self._lock_file)
        process = context.Process(
            target=run_worker, args=(self._setup, there, held), name=WORKER, daemon=True
        )
        process.start()
        there.close()
        return process, here

    def _send(self, connection: Connection, portion: tuple[AccountWork, ...]) -> None:
        ids = {account.account_id for account in portion}
        remembered: Remembered = {}
        for account_id in ids:
            remembered |= self._remembered(account_id)
        done = frozenset(key for key in self._parent.done if key.partition("/")[0] in ids)
        with contextlib.suppress(OSError):  # it is dead already: taking its answer tells
            connection.send(Portion(portion, done, remembered))

    def _take(self, connection: Connection, process: BaseProcess) -> bool:
        """Take what a worker gives until its portion is done; false if it ended before."""
        stopped_since = None
        while True:
            if self._stopping.is_set() and stopped_since is None:
                stopped_since = time.monotonic()
                with contextlib.suppress(OSError):
                    connection.send(Stop())
            if stopped_since and time.monotonic() - stopped_since > _PATIENCE:
                return False
            try:
                if not connection.poll(0.1):
                    continue
                message = connection.recv()
            except (EOFError, OSError):
                return False
            if isinstance(message, PortionDone):
                with self._lock:
                    self.calls += message.calls
                return True
            self._heard(connection, message)

    def _heard(self, connection: Connection, message: object) -> None:
        if isinstance(message, JobClosed):
            self._parent.noted(
                message.key,
                message.account_id,
                message.place,
                message.files,
                message.lines,
                list(message.rows),
            )
        elif isinstance(message, KeysWanted):
            connection.send(self._keys(message))
        elif isinstance(message, Expired):
            self._parent.expired(message.account_id, message.outcome)
        elif isinstance(message, Trouble):
            raise message.problem

    def _keys(self, wanted: KeysWanted) -> Keys:
        credentials = self._credentials[wanted.account_id]
        try:
            if wanted.refused is not None and not credentials.renew(wanted.refused):
                raise credentials.lost()
            return Keys(wanted.number, credentials.get_frozen_credentials())
        except Exception as problem:  # whatever a provider raises
            words = str(problem) if isinstance(problem, CollectError) else outcome_of(problem).words
            return Keys(wanted.number, problem=words)

    def _bury(self, process: BaseProcess, portion: tuple[AccountWork, ...]) -> None:
        """A worker died: what it had not finished goes to another one, once.

        Raises:
            WorkerLostError: it is the second one that died over it.
            UnguardedScriptError: it never began to work.
        """
        process.join(_PATIENCE)
        if process.exitcode == RUN_AGAIN:
            raise UnguardedScriptError
        for account in portion:
            self._parent.dropped(account.account_id)
            self._lives[account.account_id] += 1
        if self._lives[portion[0].account_id] > 1:
            ids = ", ".join(account.account_id for account in portion)
            raise WorkerLostError(f"{_how(process.exitcode)} twice over account {ids}")
        with self._lock:
            # One by one: the account that kills its worker takes no other with it again.
            self._waiting.extend((account,) for account in portion)


class _Lock:
    """A descriptor that goes with the process that is started."""

    _descriptor: Any = None

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __getstate__(self) -> Any:
        from multiprocessing import reduction

        return reduction.DupFd(self._descriptor) if os.name == "posix" else None

    def __setstate__(self, state: Any) -> None:
        self._descriptor = state

    def detach(self) -> None:
        """Take the descriptor over."""
        if self._descriptor is not None:
            self._descriptor.detach()


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"Worker processes were killed (signal {-code}; 9 is often a lack of memory)"
    return f"Worker processes ended (exit code {code})"
