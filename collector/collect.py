"""AWS -> snapshot."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import functools
import hashlib
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from collector.accounts import Caller, Target, find_caller, find_targets
from collector.job import GLOBAL, Job, jobs_of
from collector.limits import Brakes
from collector.live import LiveTransport
from collector.outcome import Outcome
from collector.pool import WorkerPool
from collector.recollect import Base
from collector.redact import RedactionKeyError, Redactor, user_key
from collector.regions import check_names, enabled_regions
from collector.request import CollectError, CollectRequest, CollectResult, LeftOut, Progress
from collector.runner import JobRun
from collector.services import LIMITS, TYPES
from collector.session import Clients, tool_version
from collector.snapshot.ledger import ALL_TYPES, LedgerRow, Status
from collector.snapshot.spool import Spool
from collector.snapshot.writer import Header, SnapshotWriter, is_writable, new_id

CONTINUE = "Run the same command again: it continues."


@dataclass
class _World:
    """What there is to collect, as found out before the first job."""

    caller: Caller
    targets: list[Target]
    left_out: list[LeftOut]
    regions: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    closed: list[LedgerRow] = field(default_factory=list)


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
    """
    started = time.monotonic()
    progress = progress or Progress()
    pool = WorkerPool(request.workers)
    clients = _clients(request)
    redactor = _redactor(request)
    _check_output(request)
    scope = request.as_scope()

    def transport_for(credentials: dict[str, Any]) -> LiveTransport:
        return LiveTransport(clients, credentials, Brakes(LIMITS, pool.wait), pool.wait)

    caller, transport = find_caller(clients, transport_for, request.profile, request.regions)
    world = _look_around(clients, transport, caller, request, progress)
    header = Header(tool_version(), (caller.who,), scope, declarations_hash())
    writer, resumed = _open(request, header, progress)
    jobs = _jobs(world, request)
    work = _Work(transport, redactor, writer, pool, progress)
    with _kept(writer):
        work.do([job for job in jobs if job.key not in writer.done], len(jobs), cancel)
        if request.base is not None:
            Base.open(request.base).fill(writer, jobs)
        _finish(writer, world, request)
    rows = writer.rows
    return CollectResult(
        path=writer.path,
        id=writer.id,
        accounts=tuple(target.account_id for target in world.targets),
        left_out=tuple(world.left_out),
        regions=tuple(_all_regions(world)),
        calls=transport.calls,
        seconds=time.monotonic() - started,
        items=work.items,
        statuses=Counter(row.status for row in rows),
        gaps=tuple(row for row in rows if row.is_gap),
        resumed=resumed,
        warnings=tuple(world.warnings),
    )


def declarations_hash() -> str:
    """Hash of all declarations: a snapshot is continued only by what began it."""
    return hashlib.sha256(repr(list(TYPES.values())).encode()).hexdigest()[:16]


def _clients(request: CollectRequest) -> Clients:
    from botocore.exceptions import BotoCoreError, ProfileNotFound

    try:
        return Clients(request.profile, request.workers)
    except ProfileNotFound:
        name = (
            request.profile
            or os.environ.get("AWS_PROFILE")
            or os.environ.get("AWS_DEFAULT_PROFILE")
        )
        where = "leave out --profile" if request.profile else "unset AWS_PROFILE"
        raise CollectError(
            f"There is no AWS profile named {name!r}. Look into ~/.aws/config, or {where}.",
            exit_code=2,
        ) from None
    except BotoCoreError as problem:
        raise CollectError(f"The AWS configuration cannot be used: {problem}") from None


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


def _look_around(
    clients: Clients,
    transport: LiveTransport,
    caller: Caller,
    request: CollectRequest,
    progress: Progress,
) -> _World:
    """Accounts and regions; what is asked here is not asked again by the jobs."""
    targets, left_out = find_targets(clients, transport, caller, request)
    world = _World(caller, targets, left_out)
    for account in left_out:
        world.warnings.append(f"Account {account.account_id} {account.name}: {account.reason}")
    for target in targets:
        transport.add_account(target.account_id, target.credentials)
        if request.only:
            places = {p.place for p in request.only if p.account_id == target.account_id}
            world.regions[target.account_id] = sorted(places - {GLOBAL})
        else:
            _find_regions(clients, transport, world, target, request)
    transport.remembering = False
    for warning in world.warnings:
        progress.note(warning)
    return world


def _find_regions(
    clients: Clients,
    transport: LiveTransport,
    world: _World,
    target: Target,
    request: CollectRequest,
) -> None:
    usable, known, guess = enabled_regions(clients, transport, target, world.caller.home)
    check_names(request.regions, known, world.caller)
    if guess:
        world.warnings.append(
            f"Account {target.account_id} does not say which regions it has ({guess}): "
            f"all {len(usable)} that botocore knows are tried"
        )
    wanted = frozenset(request.regions) or usable
    world.regions[target.account_id] = sorted(wanted & usable)
    for region in sorted(wanted - usable):
        world.warnings.append(f"Account {target.account_id} has not enabled {region}")
        world.closed.append(
            LedgerRow(
                account_id=target.account_id,
                region=region,
                service="ec2",
                operation="describe_regions",
                type=ALL_TYPES,
                status=Status.REGION_DISABLED,
                calls=0,
            )
        )


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


def _jobs(world: _World, request: CollectRequest) -> list[Job]:
    found = []
    own = world.caller.account_id
    absent = all(target.account_id != own for target in world.targets)
    for target in world.targets:
        found += jobs_of(
            target.account_id,
            target.partition,
            world.caller.home,
            world.regions[target.account_id],
            request.type_ids,
            sees_organisation=absent or target.account_id == own,
        )
    # Slow jobs of all accounts first, then global ones, then the regions.
    found.sort(key=lambda job: (not job.types[0].slow, job.place != GLOBAL))
    if request.only:
        parts = {(p.account_id, p.place): p.types for p in request.only}
        found = [
            job
            for job in found
            if parts.get((job.account_id, job.place), frozenset()) & {t.id for t in job.types}
        ]
    return found


def _all_regions(world: _World) -> list[str]:
    return sorted(set().union(*world.regions.values()) if world.regions else set())


def _finish(writer: SnapshotWriter, world: _World, request: CollectRequest) -> None:
    caller = world.caller
    refused = [
        LedgerRow(
            account_id=account.account_id,
            region=GLOBAL,
            service="sts",
            operation="assume_role",
            type=ALL_TYPES,
            status=Status.DENIED,
            code="AssumeRole",
            message=account.reason,
        )
        for account in world.left_out
        if account.asked
    ]
    writer.close_job("accounts", {}, [*refused, *world.closed])
    accounts = [
        {
            "id": target.account_id,
            "name": target.name,
            "partition": target.partition,
            "regions": world.regions[target.account_id],
            "role": target.role,
        }
        for target in world.targets
    ]
    left_out = [
        {"id": a.account_id, "name": a.name, "reason": a.reason, "asked": a.asked}
        for a in world.left_out
    ]
    regions = _all_regions(world)
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
    except KeyboardInterrupt:
        raise CollectError(f"Stopped; {_so_far(writer)}", path=writer.path) from None
    except OSError as problem:
        full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "The disk is full" if full else f"The snapshot cannot be written ({problem})"
        raise CollectError(f"{what}; {_so_far(writer)}", path=writer.path) from problem
    finally:
        writer.leave()


def _so_far(writer: SnapshotWriter) -> str:
    return f"{len(writer.done)} parts are kept in {writer.path}. {CONTINUE}"


class _Work:
    """The jobs of one run."""

    def __init__(
        self,
        transport: LiveTransport,
        redactor: Redactor,
        writer: SnapshotWriter,
        pool: WorkerPool,
        progress: Progress,
    ) -> None:
        self._transport = transport
        self._redactor = redactor
        self._writer = writer
        self._pool = pool
        self._progress = progress
        self._expired: dict[str, Outcome] = {}
        self._lock = threading.Lock()
        self.items = 0

    def do(self, jobs: list[Job], planned: int, cancel: threading.Event | None) -> None:
        """Run them all.

        Raises:
            CollectError: credentials expired, or the work was cancelled.
        """
        counts = Counter((job.account_id, job.place) for job in jobs)
        self._progress.planned(counts, planned - len(jobs))
        for job in jobs:
            self._pool.add_job(functools.partial(self._run, job))
        if cancel is None:
            self._pool.run()
        else:
            with _watching(cancel, self._pool):
                self._pool.run()
        if self._pool.stopped:
            raise CollectError(f"Stopped; {_so_far(self._writer)}", path=self._writer.path)
        for account, outcome in sorted(self._expired.items()):
            raise CollectError(
                f"The credentials for account {account} expired ({outcome.code}) and could not be "
                f"renewed; {_so_far(self._writer)} Renew them first.",
                path=self._writer.path,
            )

    def _run(self, job: Job) -> None:
        if job.account_id in self._expired:
            return
        JobRun(
            job,
            self._transport,
            self._redactor,
            lambda type_id: self._writer.spool(job.file_of(type_id)),
            self._pool.add_task,
            self._closed,
            self._left,
        ).run()

    def _closed(self, job: Job, spools: dict[str, Spool], rows: list[LedgerRow]) -> None:
        lines = sum(spool.count for spool in spools.values())
        by_file = {job.file_of(type_id): spool for type_id, spool in spools.items()}
        self._writer.close_job(job.key, by_file, rows)
        with self._lock:
            self.items += lines
            self._progress.finished(job.account_id, job.place, rows)

    def _left(self, job: Job, outcome: Outcome) -> None:
        with self._lock:
            self._expired.setdefault(job.account_id, outcome)


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
