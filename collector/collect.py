"""AWS -> snapshot."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping

from collector.job import Job
from collector.live import LiveTransport
from collector.outcome import Outcome
from collector.pool import StoppedError, WorkerPool
from collector.processes import (
    GUARD,
    Processes,
    UnguardedScriptError,
    WorkerLostError,
    leave_if_run_again,
    processes_for,
)
from collector.reach import NetworkGoneError
from collector.recollect import Base
from collector.redact import RedactionKeyError, Redactor, user_key
from collector.request import CollectError, CollectRequest, CollectResult, Progress
from collector.services import TYPES
from collector.session import Clients, tool_version
from collector.snapshot.ledger import LedgerRow
from collector.snapshot.spool import Spool
from collector.snapshot.writer import ACCOUNTS_JOB, Header, SnapshotWriter, is_writable, new_id
from collector.work import Work
from collector.worker import Setup
from collector.world import World, clients_for, look_around

CONTINUE = "Run the same command again: it continues."


def collect(
    request: CollectRequest,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> CollectResult:
    """Collect what the request names into a snapshot; continue an unfinished one.

    Args:
        request: what to collect.
        progress: told what happens.
        cancel: set it to stop; the snapshot stays unfinished and can be continued.

    Raises:
        CollectError: nothing was collected, or the snapshot is unfinished (``path`` names it).
        SystemExit: a worker process of another call has run the calling script again.
    """
    leave_if_run_again()
    started = time.monotonic()
    progress = progress or Progress()
    pool = WorkerPool(request.workers)
    request.check()
    clients = clients_for(request, pool.wait_or_stop)
    redactor = _redactor(request)
    _check_output(request)
    scope = request.as_scope()
    world, transport = look_around(clients, request, pool.wait_or_stop, progress.note)
    header = Header(tool_version(), (world.caller.who,), scope, declarations_hash())
    writer, resumed = _open(request, header, progress)
    books = Books(writer, progress)
    with _kept(writer):
        _plan(world, request, writer, progress)
        count = processes_for(request, len(world.targets))
        calls = 0
        try:
            if count > 1:
                calls = _in_processes(count, world, request, transport, writer, books, cancel)
        except UnguardedScriptError:
            progress.note(f"Going on in one process: the calling script has no guard. {GUARD}")
            count = 1
        if count == 1:
            _in_threads(world, request, transport, clients, redactor, pool, books, cancel)
        books.raise_if_expired()
        if request.base is not None:
            jobs = [job for target in world.targets for job in world.jobs(target, request)]
            Base.open(request.base).fill(writer, jobs)
        too_late = _finished_when_stopped(writer, world, request)
    return CollectResult(
        path=writer.path,
        id=writer.id,
        accounts=tuple(target.account_id for target in world.targets),
        left_out=tuple(world.left_out),
        regions=tuple(world.all_regions),
        calls=transport.calls + calls,
        seconds=time.monotonic() - started,
        items=books.items,
        statuses=writer.statuses,
        gaps=tuple(writer.gaps),
        resumed=resumed,
        warnings=(*world.warnings, *writer.warnings),
        stopped_too_late=too_late,
    )


def declarations_hash() -> str:
    """Hash of all declarations: a snapshot is continued only by what began it."""
    return hashlib.sha256(repr(list(TYPES.values())).encode()).hexdigest()[:16]


def _redactor(request: CollectRequest) -> Redactor:
    try:
        return Redactor(request.redaction_key or user_key())
    except RedactionKeyError as problem:
        raise CollectError(str(problem)) from None


def _check_output(request: CollectRequest) -> None:
    where = request.path or request.snapshots
    if not is_writable(where.parent if request.path else where):
        raise CollectError(
            f"{where} cannot be written. Choose another directory with --to or --snapshots."
        )
    if request.path is not None and request.path.exists():
        raise CollectError(f"{request.path} exists already. Choose another path.", exit_code=2)


def _open(
    request: CollectRequest, header: Header, progress: Progress
) -> tuple[SnapshotWriter, bool]:
    now = dt.datetime.now(dt.UTC)
    try:
        if request.path is None and request.base is None and not request.fresh:
            writer = SnapshotWriter.resume(request.snapshots, header, now)
            if writer is not None:
                progress.note(f"Continuing {writer.path} (--fresh starts anew)")
                return writer, True
        path = request.path or request.snapshots / new_id(now)
        return SnapshotWriter.begin(path, header, now), False
    except OSError as problem:
        where = request.path or request.snapshots
        raise CollectError(
            f"{where} cannot be written ({problem.strerror or problem}). "
            "Choose another with --to or --snapshots."
        ) from None


def _plan(
    world: World, request: CollectRequest, writer: SnapshotWriter, progress: Progress
) -> None:
    to_do: Counter[tuple[str, str]] = Counter()
    done = 0
    for target in world.targets:
        for job in world.jobs(target, request):
            if job.key in writer.done:
                done += 1
            else:
                to_do[job.account_id, job.place] += 1
    progress.planned(to_do, done)


def _in_threads(
    world: World,
    request: CollectRequest,
    transport: LiveTransport,
    clients: Clients,
    redactor: Redactor,
    pool: WorkerPool,
    books: Books,
    cancel: threading.Event | None,
) -> None:
    def over(account_id: str) -> None:
        transport.forget_account(account_id)
        clients.forget_account(account_id)

    work = Work(transport, redactor, pool, books, over)
    targets = {target.account_id: target for target in world.targets}
    work.add(targets, lambda account: world.jobs(targets[account], request), books.done)
    _run(pool, cancel)


def _in_processes(
    count: int,
    world: World,
    request: CollectRequest,
    transport: LiveTransport,
    writer: SnapshotWriter,
    books: Books,
    cancel: threading.Event | None,
) -> int:
    """Let processes share the accounts; how many calls they made."""
    setup = Setup(
        request.profile,
        request.workers,
        request.patience,
        request.redaction_key or user_key(),
        writer.path,
        world.caller.home,
    )
    credentials = {target.account_id: target.credentials for target in world.targets}
    processes = Processes(setup, count, writer.lock, books, credentials, transport.remembered_of)
    processes.run([world.account_work(target, request) for target in world.targets], cancel)
    return processes.calls


def _run(pool: WorkerPool, cancel: threading.Event | None) -> None:
    """Work until all is done.

    Raises:
        StoppedError: it was asked to stop.
    """
    if cancel is None:
        pool.run()
    else:
        with _watching(cancel, pool):
            pool.run()
    if pool.stopped:
        raise StoppedError


def _finished_when_stopped(writer: SnapshotWriter, world: World, request: CollectRequest) -> bool:
    """Finish the snapshot; whether Ctrl-C came when that was done."""
    try:
        _finish(writer, world, request)
    except KeyboardInterrupt:
        if not writer.is_finished:
            raise
        return True
    return False


def _finish(writer: SnapshotWriter, world: World, request: CollectRequest) -> None:
    caller = world.caller
    writer.close_job(ACCOUNTS_JOB, {}, [*world.refused(), *world.closed])
    accounts = [
        {
            "id": target.account_id,
            "name": target.name,
            "partition": target.partition,
            "regions": world.regions[target.account_id],
            "region_states": world.states.get(target.account_id, {}),
            "role": target.role,
        }
        for target in world.targets
    ]
    left_out = [
        {"id": a.account_id, "name": a.name, "reason": a.reason, "asked": a.asked}
        for a in world.left_out
    ]
    regions = world.all_regions
    if request.base is not None:
        base = Base.open(request.base)
        accounts, regions, left_out = base.accounts, base.regions, base.left_out
    writer.finish(
        accounts,
        regions,
        {
            "left_out": left_out,
            "home_region": caller.home,
            "organisation_seen_by": caller.account_id,
        },
    )


@contextlib.contextmanager
def _kept(writer: SnapshotWriter) -> Iterator[None]:
    """Whatever happens, what is finished stays and the message says how to go on."""
    try:
        yield
    except (KeyboardInterrupt, StoppedError):
        raise CollectError(f"Stopped; {_so_far(writer)}", path=writer.path) from None
    except NetworkGoneError as problem:
        raise CollectError(
            f"AWS cannot be reached any more ({problem}); {_so_far(writer)} Check the network and "
            "the proxy first.",
            path=writer.path,
        ) from None
    except WorkerLostError as problem:
        raise CollectError(
            f"{problem}; {_so_far(writer)} With fewer --processes and --workers it needs less "
            "memory.",
            path=writer.path,
        ) from None
    except OSError as problem:
        full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "The disk is full" if full else f"The snapshot cannot be written ({problem})"
        raise CollectError(f"{what}; {_so_far(writer)}", path=writer.path) from problem
    finally:
        writer.leave()


def _so_far(writer: SnapshotWriter) -> str:
    return f"{len(writer.done)} parts are kept in {writer.path}. {CONTINUE}"


class Books:
    """What is done, in the snapshot's journal and before the user's eyes; a :class:`Sink`."""

    def __init__(self, writer: SnapshotWriter, progress: Progress) -> None:
        self._writer = writer
        self._progress = progress
        self._expired: dict[str, Outcome] = {}
        self._lock = threading.Lock()
        self.items = 0

    def spool(self, file: str) -> Spool:
        """Where the lines of a file are put."""
        return self._writer.spool(file)

    def closed(self, job: Job, spools: dict[str, Spool], rows: list[LedgerRow]) -> None:
        """A job is done."""
        self._writer.close_job(job.key, spools, rows)
        lines = sum(spool.count for spool in spools.values())
        self._count(job.account_id, job.place, lines, rows)

    def noted(
        self,
        key: str,
        account_id: str,
        place: str,
        files: Mapping[str, str],
        lines: int,
        rows: list[LedgerRow],
    ) -> None:
        """A job is done by another process, which has finished its files."""
        self._writer.note(key, files, rows)
        self._count(account_id, place, lines, rows)

    def dropped(self, account_id: str) -> None:
        """What was begun in an account by a process that died has to go."""
        self._writer.drop_unfinished(f"accounts/{account_id}")

    @property
    def done(self) -> frozenset[str]:
        """Keys of the jobs that are done."""
        return self._writer.done

    def _count(self, account_id: str, place: str, lines: int, rows: list[LedgerRow]) -> None:
        with self._lock:
            self.items += lines
            self._progress.finished(account_id, place, rows)

    def expired(self, account_id: str, outcome: Outcome) -> None:
        """An account's credentials are gone."""
        with self._lock:
            self._expired.setdefault(account_id, outcome)

    def raise_if_expired(self) -> None:
        """End the run unfinished if credentials were lost.

        Raises:
            CollectError: names the accounts, and how to go on.
        """
        if not self._expired:
            return
        first, *others = sorted(self._expired)
        more = f" and {len(others)} more" if others else ""
        outcome = self._expired[first]
        raise CollectError(
            f"The credentials for account {first}{more} expired ({outcome.words}) and could not "
            f"be renewed; {_so_far(self._writer)} Renew them first.",
            path=self._writer.path,
        )


@contextlib.contextmanager
def _watching(cancel: threading.Event, pool: WorkerPool) -> Iterator[None]:
    """Stop the pool when the event is set."""
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            if cancel.wait(0.1):
                pool.stop()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
