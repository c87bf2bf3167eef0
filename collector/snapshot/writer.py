"""Writing a snapshot so that it can be killed at any moment and continued.

While it is unfinished, ``manifest.json`` says so and ``journal.jsonl`` has one line for each
finished job, with the files that it made. A file gets its name when it is whole and is never
opened again. The finished manifest is written last.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import json
import os
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from collector.snapshot.canonical import line_bytes, time_text
from collector.snapshot.ledger import LedgerRow, Status, combined
from collector.snapshot.reader import FORMAT_VERSION
from collector.snapshot.spool import RUN_BYTES, Spool, is_inside, place_of, write_atomically
from collector.snapshot.whole import sha256_of

JOURNAL = "journal.jsonl"
LONGEST_PAUSE = dt.timedelta(hours=24)

# The workers of a killed collection hold its lock for as long as they take to notice.
_LOCK_TRIES = 10
_LOCK_PAUSE = 0.1

_WORTH_ASKING_AGAIN = frozenset({Status.UNREACHABLE, Status.THROTTLED})
"""What a run that is continued may find otherwise: such jobs are done again."""

_WARNINGS_TOLD = 8

ACCOUNTS_JOB = "accounts"
"""The rows of accounts and regions that gave nothing: each run finds them anew."""


@dataclass(frozen=True)
class Header:
    """What an unfinished snapshot has to agree in to be continued.

    Attributes:
        tool_version: who writes.
        callers: ARNs, without session names.
        scope: what was asked for, in JSON's types.
        declarations: hash of the declarations.
    """

    tool_version: str
    callers: tuple[str, ...]
    scope: Mapping[str, Any]
    declarations: str

    def as_json(self) -> dict[str, Any]:
        """The members as they stand in the manifest."""
        return {
            "tool_version": self.tool_version,
            "callers": list(self.callers),
            "scope": dict(self.scope),
            "declarations": self.declarations,
        }


class SnapshotWriter:
    """One snapshot directory being written. Safe between threads.

    Use :meth:`begin` or :meth:`resume`; close with :meth:`finish` or, to keep it unfinished,
    :meth:`leave`.
    """

    def __init__(self, path: Path, manifest: dict[str, Any], journal: BinaryIO) -> None:
        self.path = path
        self._manifest = manifest
        self._journal = journal
        self._done: dict[str, Mapping[str, str]] = {}
        self._lock = threading.Lock()
        self.run_bytes = RUN_BYTES
        self.statuses: Counter[Status] = Counter()
        """Rows of the finished ledger by status."""
        self.gaps: list[LedgerRow] = []
        """Rows of the finished ledger that hide something."""
        self._odd: list[str] = []

    @property
    def id(self) -> str:
        """The snapshot's id."""
        return str(self._manifest["id"])

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about answers that are odd: of the finished ledger, as many as can be read."""
        more = len(self._odd) - _WARNINGS_TOLD
        rest = (f"{more} more operations listed something again with other content",)
        return (*self._odd[:_WARNINGS_TOLD], *(rest if more > 0 else ()))

    @property
    def done(self) -> frozenset[str]:
        """Keys of the jobs that are in the snapshot."""
        return frozenset(self._done)

    @classmethod
    def begin(cls, path: Path, header: Header, started: dt.datetime) -> SnapshotWriter:
        """Make a new snapshot directory.

        Raises:
            FileExistsError: there is something at ``path``. OSError: it cannot be written, or
                its name would be no name of a snapshot.
        """
        if not path.name.isprintable():
            raise OSError(errno.EILSEQ, "its name has characters that are no text here", str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir()
        manifest = {
            "format": FORMAT_VERSION,
            "id": path.name,
            "started": time_text(started.replace(microsecond=0)),
            "finished": None,
            "accounts": [],
            "regions": [],
            "files": {},
            **header.as_json(),
        }
        write_atomically(path / "manifest.json", line_bytes(manifest))
        journal = _locked(path)
        if journal is None:
            raise BlockingIOError(f"{path} is being written by another mapper")
        return cls(path, manifest, journal)

    @classmethod
    def resume(cls, parent: Path, header: Header, now: dt.datetime) -> SnapshotWriter | None:
        """Continue the newest unfinished snapshot that agrees with the header.

        One that another process is writing is passed over, and so is one that is too old.
        """
        for path in sorted(parent.iterdir(), reverse=True) if parent.is_dir() else ():
            manifest = _unfinished(path)
            if manifest is None or not _agrees(manifest, header, now):
                continue
            journal = _locked(path)
            if journal is None:
                continue
            writer = cls(path, manifest, journal)
            writer._take_up()
            return writer
        return None

    def _take_up(self) -> None:
        """Read the journal, believe whole lines whose files are whole, drop everything else."""
        kept = []
        for line in (self.path / JOURNAL).read_bytes().split(b"\n"):
            entry = _entry(line)
            if entry is None or not _is_whole(self.path, entry["files"]):
                continue
            rows = _rows(entry)
            if rows is None or any(row.status in _WORTH_ASKING_AGAIN for row in rows):
                continue
            if entry["job"] == ACCOUNTS_JOB:
                continue
            self._done[entry["job"]] = entry["files"]
            kept.append(line)
        self._journal.seek(0)
        self._journal.truncate()
        self._journal.writelines(line + b"\n" for line in kept)
        self._journal.flush()
        self.drop_unfinished("accounts")

    def spool(self, file: str) -> Spool:
        """Where the lines of a file are put, e.g. ``accounts/1111.../global/iam/role.jsonl``.

        Raises:
            OSError: the path leads out of the snapshot.
        """
        return Spool(place_of(self.path, file), self.run_bytes)

    def close_job(self, job: str, spools: Mapping[str, Spool], rows: Iterable[LedgerRow]) -> None:
        """Finish the files of a job (by path inside the snapshot) and note it in the journal.

        Raises:
            OSError: the disk is full or the directory is not writable.
        """
        files = {}
        for file, spool in spools.items():
            digest = spool.close()
            if digest is not None:
                files[file] = digest
        self.note(job, files, rows)

    @property
    def lock(self) -> int:
        """The file descriptor that holds the lock; whoever has a copy holds it too."""
        return self._journal.fileno()

    def note(self, job: str, files: Mapping[str, str], rows: Iterable[LedgerRow]) -> None:
        """Note a job whose files (path inside the snapshot to sha256) are finished."""
        self._note(job, dict(files), rows)

    def drop_unfinished(self, folder: str) -> None:
        """Delete what was begun under a folder and belongs to no finished job."""
        with self._lock:
            known = {file for files in self._done.values() for file in files}
        for file in (self.path / folder).rglob("*"):
            if file.is_file() and file.relative_to(self.path).as_posix() not in known:
                file.unlink(missing_ok=True)

    def adopt(
        self, job: str, source: Path, files: Mapping[str, str], rows: list[LedgerRow]
    ) -> None:
        """Take over finished files of another snapshot directory under the same paths."""
        for file in files:
            target = place_of(self.path, file)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, target)
        self._note(job, dict(files), rows)

    def _note(self, job: str, files: Mapping[str, str], rows: Iterable[LedgerRow]) -> None:
        entry = {"job": job, "files": files, "rows": [row.as_json() for row in rows]}
        with self._lock:
            self._journal.write(line_bytes(entry))
            self._journal.flush()
            self._done[job] = files

    def finish(
        self, accounts: list[dict[str, Any]], regions: list[str], extra: Mapping[str, Any]
    ) -> Path:
        """Write the ledger and, last, the manifest.

        Args:
            accounts: ``{"id", "name", ...}`` of the accounts that gave something.
            regions: every region that was asked.
            extra: further members of the manifest.

        Raises:
            OSError: the disk is full or the directory is not writable.
        """
        with _moved_into(self.path / "coverage.jsonl") as ledger:
            for row in self.ledger():
                ledger.write(line_bytes(row.as_json()))
                self.statuses[row.status] += 1
                if row.is_gap:
                    self.gaps.append(row)
                if row.warning:
                    self._odd.append(row.warning)
        files = {file: digest for files in self._done.values() for file, digest in files.items()}
        files["coverage.jsonl"] = sha256_of(self.path / "coverage.jsonl")
        self._manifest |= {
            **extra,
            "finished": time_text(dt.datetime.now(dt.UTC).replace(microsecond=0)),
            "accounts": accounts,
            "regions": regions,
            "files": files,
        }
        write_atomically(self.path / "manifest.json", line_bytes(self._manifest))
        self.leave()
        return self.path

    def ledger(self) -> Iterator[LedgerRow]:
        """The ledger, in order, while the snapshot is unfinished: one row per account, region,
        service and operation. One account's rows are held at a time, whatever their number.
        """
        with (self.path / JOURNAL).open("rb") as journal:
            beginnings = self._beginnings(journal)
            for account_id in sorted(beginnings):
                rows: list[LedgerRow] = []
                for beginning in beginnings[account_id]:
                    journal.seek(beginning)
                    entry = json.loads(journal.readline())
                    found = (LedgerRow.from_json(row) for row in entry["rows"])
                    rows += [row for row in found if row.account_id == account_id]
                yield from combined(rows)

    def _beginnings(self, journal: BinaryIO) -> dict[str, list[int]]:
        """Where in the journal an account's lines begin."""
        found: dict[str, list[int]] = {}
        beginning = 0
        for line in journal:
            entry = _entry(line)
            if entry is not None and entry["job"] in self._done:
                for account_id in {str(row["account_id"]) for row in entry["rows"]}:
                    found.setdefault(account_id, []).append(beginning)
            beginning += len(line)
        return found

    @property
    def is_finished(self) -> bool:
        """Whether the manifest on the disk says so: what comes after it changes nothing."""
        manifest = _manifest_at(self.path)
        return manifest is not None and bool(manifest.get("finished"))

    def leave(self) -> None:
        """Close. Unless it is finished, the same command continues it."""
        with contextlib.suppress(OSError):
            self._journal.close()
            if self.is_finished:
                (self.path / JOURNAL).unlink(missing_ok=True)


@contextlib.contextmanager
def _moved_into(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name when all of it is written."""
    target = path.with_name(path.name + ".part")
    with target.open("wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())
    target.replace(path)


def new_id(now: dt.datetime) -> str:
    """A snapshot's id: the time and four hexadecimal digits."""
    return f"{now.astimezone(dt.UTC):%Y-%m-%dT%H-%M-%SZ}-{secrets.token_hex(2)}"


def _manifest_at(path: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((path / "manifest.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return manifest if isinstance(manifest, dict) else None


def _unfinished(path: Path) -> dict[str, Any] | None:
    manifest = _manifest_at(path)
    if manifest is None or not {"callers", "id"} <= set(manifest) or manifest.get("finished"):
        return None
    return manifest


def _agrees(manifest: Mapping[str, Any], header: Header, now: dt.datetime) -> bool:
    mine = json.loads(line_bytes(header.as_json()))
    try:
        age = now - dt.datetime.fromisoformat(str(manifest["started"]))
    except (KeyError, ValueError, TypeError):
        return False
    same = all(manifest.get(name) == value for name, value in mine.items())
    return same and manifest.get("format") == FORMAT_VERSION and age <= LONGEST_PAUSE


def _entry(line: bytes) -> dict[str, Any] | None:
    """A line of the journal; ``None`` if it has not the shape of one."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("job"), str):
        return None
    files, rows = entry.get("files"), entry.get("rows")
    if not isinstance(files, dict) or not isinstance(rows, list):
        return None
    return entry if all(isinstance(digest, str) for digest in files.values()) else None


def _rows(entry: Mapping[str, Any]) -> list[LedgerRow] | None:
    try:
        return [LedgerRow.from_json(row) for row in entry["rows"]]
    except (KeyError, ValueError, TypeError):
        return None


def _is_whole(path: Path, files: Mapping[str, str]) -> bool:
    try:
        return all(
            is_inside(file) and sha256_of(path / file) == digest for file, digest in files.items()
        )
    except (OSError, ValueError):
        return False


def _locked(path: Path) -> BinaryIO | None:
    """The journal, opened for appending and locked; ``None`` if another process has it."""
    journal = (path / JOURNAL).open("ab+")
    try:
        import fcntl
    except ImportError:
        # Windows refuses to delete or rename open files by itself; there is no advisory lock.
        return journal
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_LOCK_PAUSE)
        else:
            return journal
    journal.close()
    return None


def is_writable(path: Path) -> bool:
    """Whether a directory can be made, or files written, at ``path``."""
    probe = path
    while not probe.exists():
        probe = probe.parent
    return probe.is_dir() and os.access(probe, os.W_OK | os.X_OK)
