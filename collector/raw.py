"""``import raw``: recorded answers -> snapshot, through the declarations of live collection."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import botocore.session
from botocore.exceptions import UnknownRegionError

from collector.collect import declarations_hash
from collector.job import GLOBAL, Job, jobs_of
from collector.recorded import RecordedTransport
from collector.recording import Recording
from collector.redact import RedactionKeyError, Redactor, user_key
from collector.request import CollectError, CollectResult
from collector.runner import JobRun
from collector.services import TYPES
from collector.session import tool_version
from collector.snapshot.ledger import LedgerRow, Status
from collector.snapshot.spool import Spool
from collector.snapshot.writer import Header, SnapshotWriter, new_id

_ARN = re.compile(r"arn:([a-z-]+):")


LAYOUT = "<account>/<region or global>/<service>.<operation>[.<id>].json"
_NAMED = 5


def import_raw(
    directory: Path,
    path: Path | None = None,
    *,
    snapshots: Path = Path("snapshots"),
    redaction_key: bytes | None = None,
) -> CollectResult:
    """Make a snapshot of a directory of recorded answers.

    Args:
        directory: ``<account>/<region|global>/<service>.<operation>[.<id>].json``.
        path: the snapshot's own directory; by default a new name under ``snapshots``.
        snapshots: the directory of snapshots.
        redaction_key: 32 bytes or more; by default the user's own.

    Raises:
        CollectError: there is nothing to import, or the snapshot cannot be written.
    """
    recording = _recording(directory)
    return import_recording(
        recording, "raw", path, snapshots=snapshots, redaction_key=redaction_key
    )


def import_recording(
    recording: Recording,
    kind: str,
    path: Path | None,
    *,
    snapshots: Path,
    redaction_key: bytes | None,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> CollectResult:
    """Make a snapshot of a recording, whole or not at all.

    Args:
        recording: the answers.
        kind: what was imported (``raw``, ``gaad``, ...), for the manifest.
        path: the snapshot's own directory; by default a new name under ``snapshots``.
        snapshots: the directory of snapshots.
        redaction_key: 32 bytes or more; by default the user's own.
        facts: further members of the manifest.

    Raises:
        CollectError: nothing of the recording can be read, or the snapshot cannot be written.
    """
    started = time.monotonic()
    try:
        redactor = Redactor(redaction_key or user_key())
    except RedactionKeyError as problem:
        raise CollectError(str(problem)) from None
    transport = RecordedTransport(recording)
    now = dt.datetime.now(dt.UTC)
    path = path or snapshots / new_id(now)
    header = Header(tool_version(), (f"import {kind}",), {kind: True}, declarations_hash())
    regions = sorted(set().union(*recording.places.values()))
    with _whole_or_nothing(path, header, now) as writer:
        run = _Import(writer, transport, redactor)
        accounts = [run.account(recording, account) for account in sorted(recording.places)]
        rows = list(writer.ledger())
        _refuse_nothing(rows, transport)
        writer.finish(accounts, regions, {"left_out": [], **facts})
    return CollectResult(
        path=path,
        id=writer.id,
        accounts=tuple(sorted(recording.places)),
        regions=tuple(regions),
        seconds=time.monotonic() - started,
        items=run.items,
        statuses=Counter(row.status for row in rows),
        gaps=tuple(row for row in rows if row.is_gap),
        warnings=(*_warnings(recording, transport), *writer.warnings),
    )


@contextlib.contextmanager
def _whole_or_nothing(path: Path, header: Header, now: dt.datetime) -> Iterator[SnapshotWriter]:
    """A new snapshot; whatever stops the import (also Ctrl-C), no half of it stays.

    Raises:
        CollectError: it cannot be written.
    """
    if os.path.lexists(path):
        raise CollectError(f"{path} exists already. Choose another path.", exit_code=2)
    writer: SnapshotWriter | None = None
    try:
        writer = SnapshotWriter.begin(path, header, now)
        yield writer
    except BaseException as problem:
        if writer is not None:
            writer.leave()
        shutil.rmtree(path, ignore_errors=True)
        if isinstance(problem, OSError):
            raise _unwritable(path, problem) from None
        raise


def _unwritable(path: Path, problem: OSError) -> CollectError:
    why = problem.strerror or str(problem)
    return CollectError(f"{path} cannot be written ({why}). Choose another path with -o.")


def _refuse_nothing(rows: list[LedgerRow], transport: RecordedTransport) -> None:
    if any(row.calls and row.status is not Status.NOT_ATTEMPTED for row in rows if not row.is_gap):
        return
    problems = list(transport.unreadable.values())
    if problems:
        more = f"; and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
        named = "; ".join(problems[:_NAMED])
        raise CollectError(f"None of the recorded answers can be used: {named}{more}.")


def _warnings(recording: Recording, transport: RecordedTransport) -> tuple[str, ...]:
    assumed = [
        f"{name} was recorded without its parameter: taken as all that it lists"
        for name in sorted(transport.taken_as_all)
    ]
    broken = [f"Not used: {problem}" for _, problem in sorted(transport.unreadable.items())]
    unused = [f"{name} fits no call that was made" for name in transport.unused()]
    return (*broken, *recording.ignored, *assumed, *unused)


def _recording(directory: Path) -> Recording:
    try:
        recording = Recording.read(directory)
    except OSError as problem:
        what = problem.filename or directory
        code = 2 if isinstance(problem, FileNotFoundError | NotADirectoryError) else 1
        raise CollectError(f"{what} cannot be read ({problem.strerror}).", code) from None
    if not recording.answers:
        hint = _hint(directory) or f"Expected: {LAYOUT}"
        raise CollectError(f"{directory} holds no recorded answers. {hint}", exit_code=2)
    return recording


def _hint(directory: Path) -> str:
    """What a directory without recorded answers may be instead; empty: no idea."""
    if (directory / "manifest.json").is_file():
        return f"It is a snapshot already: mapper public --snapshot {directory}"
    if (directory / "account-data").is_dir() or any(directory.glob("*/*/iam-*.json")):
        return f"It looks like CloudMapper's: mapper import cloudmapper {directory}"
    if any(directory.glob("*.json")):
        return "For the output of iam get-account-authorization-details: mapper import gaad FILE"
    return ""


class _Import:
    """Runs every job of every account, one after the other."""

    def __init__(
        self, writer: SnapshotWriter, transport: RecordedTransport, redactor: Redactor
    ) -> None:
        self._writer = writer
        self._transport = transport
        self._redactor = redactor
        self._seeing: set[str] | None = None
        self.items = 0

    def account(self, recording: Recording, account_id: str) -> dict[str, Any]:
        """Import one account; its row in the manifest."""
        regions = sorted(recording.places[account_id])
        partition = _partition(recording, account_id, regions)
        home = "us-east-1" if "us-east-1" in regions or not regions else regions[0]
        if self._seeing is None:
            self._seeing = _seeing_organisation(recording)
        sees = account_id in self._seeing or not self._seeing
        for job in jobs_of(account_id, partition, home, regions or [home], TYPES, sees):
            if regions or job.place == GLOBAL:
                self._run(job)
            else:
                self._writer.close_job(job.key, {}, _of_no_region(job))
        return {
            "id": account_id,
            "name": recording.names.get(account_id) or _name(recording, account_id),
            "partition": partition,
            "regions": regions,
            "role": "",
        }

    def _run(self, job: Job) -> None:
        JobRun(
            job,
            self._transport,
            self._redactor,
            lambda type_id: self._writer.spool(job.file_of(type_id)),
            lambda task: task(),
            self._closed,
            None,
        ).run()

    def _closed(self, job: Job, spools: dict[str, Spool], rows: list[LedgerRow]) -> None:
        by_file = {job.file_of(type_id): spool for type_id, spool in spools.items()}
        self._writer.close_job(job.key, by_file, rows)
        self.items += sum(spool.count for spool in spools.values())


def _of_no_region(job: Job) -> list[LedgerRow]:
    """That nobody looked into any region is a gap, not the absence of regions."""
    return [
        LedgerRow(
            account_id=job.account_id,
            region=GLOBAL,
            service=declared.client,
            operation=call.operation,
            type=declared.id,
            status=Status.NOT_ATTEMPTED,
            calls=0,
            message="no region was recorded",
        )
        for declared in job.types
        for call in declared.calls()
    ]


def _seeing_organisation(recording: Recording) -> set[str]:
    """The accounts whose recording says anything about the organisation. Without any, that is a
    gap of every account."""
    return {
        account
        for account, client, operation, _ in recording.answers
        if client == "organizations" and operation != "describe_organization"
    }


def _partition(recording: Recording, account_id: str, regions: list[str]) -> str:
    """From the caller's ARN or a principal's, else from the regions' names."""
    arns = [recording.first_answer(account_id, "sts", "get_caller_identity").get("Arn")]
    details = recording.first_answer(account_id, "iam", "get_account_authorization_details")
    for member in ("RoleDetailList", "UserDetailList"):
        rows = details.get(member)
        if isinstance(rows, list):
            arns += [row.get("Arn") for row in rows[:1] if isinstance(row, dict)]
    for arn in arns:
        if match := _ARN.match(str(arn)):
            return match.group(1)
    for region in regions:
        with contextlib.suppress(UnknownRegionError):
            return str(_endpoints().get_partition_for_region(region))
    return "aws"


@cache
def _endpoints() -> Any:
    """botocore's list of regions, which is read once."""
    return botocore.session.Session()


def _name(recording: Recording, account_id: str) -> str:
    for account in recording.places:
        listed = recording.first_answer(account, "organizations", "list_accounts")
        for row in listed.get("Accounts", ()):
            if isinstance(row, dict) and str(row.get("Id")) == account_id:
                return str(row.get("Name", ""))
    return ""
