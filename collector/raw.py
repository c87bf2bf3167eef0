"""``import raw``: recorded answers -> snapshot, through the declarations of live collection."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import botocore.session
from botocore.exceptions import UnknownRegionError

from collector.collect import declarations_hash
from collector.job import Job, jobs_of
from collector.recorded import RecordedTransport, Recording
from collector.redact import RedactionKeyError, Redactor, user_key
from collector.request import CollectError, CollectResult
from collector.runner import JobRun
from collector.services import TYPES
from collector.session import tool_version
from collector.snapshot.ledger import LedgerRow
from collector.snapshot.spool import Spool
from collector.snapshot.writer import Header, SnapshotWriter, new_id

_ARN = re.compile(r"arn:([a-z-]+):")


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
    started = time.monotonic()
    recording = _recording(directory)
    try:
        redactor = Redactor(redaction_key or user_key())
    except RedactionKeyError as problem:
        raise CollectError(str(problem)) from None
    transport = RecordedTransport(recording)
    now = dt.datetime.now(dt.UTC)
    path = path or snapshots / new_id(now)
    header = Header(tool_version(), ("import raw",), {"raw": True}, declarations_hash())
    try:
        writer = SnapshotWriter.begin(path, header, now)
        run = _Import(writer, transport, redactor)
        accounts = [run.account(recording, account) for account in sorted(recording.places)]
        regions = sorted(set().union(*recording.places.values()))
        writer.finish(accounts, regions, {"left_out": []})
    except FileExistsError:
        raise CollectError(f"{path} exists already. Choose another path.", exit_code=2) from None
    except OSError as problem:
        raise CollectError(f"{path} cannot be written ({problem}).") from None
    rows = writer.rows
    unused = [f"{p.relative_to(directory)} fits no call that was made" for p in transport.unused()]
    assumed = [
        f"{name} was recorded without its parameter: taken as all that it lists"
        for name in sorted(transport.taken_as_all)
    ]
    return CollectResult(
        path=path,
        id=writer.id,
        accounts=tuple(sorted(recording.places)),
        regions=tuple(regions),
        seconds=time.monotonic() - started,
        items=run.items,
        statuses=Counter(row.status for row in rows),
        gaps=tuple(row for row in rows if row.is_gap),
        warnings=(*recording.ignored, *assumed, *unused),
    )


def _recording(directory: Path) -> Recording:
    layout = "Expected: <account>/<region or global>/<service>.<operation>[.<id>].json"
    try:
        recording = Recording.read(directory)
    except OSError as problem:
        raise CollectError(f"{directory} cannot be read ({problem.strerror}).", 2) from None
    if not recording.answers:
        raise CollectError(f"{directory} holds no recorded answers. {layout}", exit_code=2)
    return recording


class _Import:
    """Runs every job of every account, one after the other."""

    def __init__(
        self, writer: SnapshotWriter, transport: RecordedTransport, redactor: Redactor
    ) -> None:
        self._writer = writer
        self._transport = transport
        self._redactor = redactor
        self.items = 0

    def account(self, recording: Recording, account_id: str) -> dict[str, Any]:
        """Import one account; its row in the manifest."""
        regions = sorted(recording.places[account_id])
        partition = _partition(recording, account_id, regions)
        home = "us-east-1" if "us-east-1" in regions or not regions else regions[0]
        seeing = _seeing_organisation(recording)
        sees = account_id in seeing or not seeing
        for job in jobs_of(account_id, partition, home, regions, TYPES, sees):
            self._run(job)
        return {
            "id": account_id,
            "name": _name(recording, account_id),
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
        self.items += sum(spool.count for spool in spools.values())
        by_file = {job.file_of(type_id): spool for type_id, spool in spools.items()}
        self._writer.close_job(job.key, by_file, rows)


def _seeing_organisation(recording: Recording) -> set[str]:
    """The accounts whose recording says anything about the organisation. Without any, that is a
    gap of every account."""
    return {
        account
        for account, client, operation, _ in recording.answers
        if client == "organizations" and operation != "describe_organization"
    }


def _partition(recording: Recording, account_id: str, regions: list[str]) -> str:
    """From the caller's ARN, else from the regions' names."""
    arn = str(recording.first_answer(account_id, "sts", "get_caller_identity").get("Arn", ""))
    match = _ARN.match(arn)
    if match:
        return match.group(1)
    session = botocore.session.Session()
    for region in regions:
        with contextlib.suppress(UnknownRegionError):
            return str(session.get_partition_for_region(region))
    return "aws"


def _name(recording: Recording, account_id: str) -> str:
    for account in recording.places:
        listed = recording.first_answer(account, "organizations", "list_accounts")
        for row in listed.get("Accounts", ()):
            if isinstance(row, dict) and str(row.get("Id")) == account_id:
                return str(row.get("Name", ""))
    return ""
