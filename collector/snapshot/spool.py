"""Lines sorted by id without holding them all: runs on disk, merged when the file is closed."""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import operator
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from collector.snapshot.canonical import line_bytes

RUN_BYTES = 8 * 1024 * 1024


def is_inside(file: str) -> bool:
    """Whether a file's path inside a snapshot stays inside, on every system."""
    return not any(
        part in ("", ".", "..") or "\\" in part or "\0" in part for part in file.split("/")
    )


def place_of(snapshot: Path, file: str) -> Path:
    """Where a file of a snapshot is.

    Raises:
        OSError: the path leads out of the snapshot.
    """
    if not is_inside(file):
        raise OSError(f"{file!r} is no place inside a snapshot")
    return snapshot / file


class Spool:
    """Collects the lines of one file. Safe between threads.

    Attributes:
        count: how many lines were added; once it is closed, how many the file has.
        path: the finished file, written under a temporary name and moved there by :meth:`close`.
    """

    def __init__(self, path: Path, run_bytes: int = RUN_BYTES) -> None:
        self.path = path
        self._run_bytes = run_bytes
        self._lines: list[tuple[str, bytes]] = []
        self._size = 0
        self.count = 0
        self._runs: list[Path] = []
        self._lock = threading.Lock()

    def add(self, line: Mapping[str, Any]) -> None:
        """Add one line; ``line["id"]`` orders it.

        Raises:
            OSError: the disk is full or the directory is not writable.
        """
        written = line_bytes(line)
        with self._lock:
            self._lines.append((str(line["id"]), written))
            self.count += 1
            self._size += len(written)
            if self._size >= self._run_bytes:
                self._spill()

    def close(self) -> str | None:
        """Write the file; its sha256, or ``None`` when there is no line (and then no file)."""
        with self._lock:
            if not self._lines and not self._runs:
                return None
            self.path.parent.mkdir(parents=True, exist_ok=True)
            target = self.path.with_name(self.path.name + ".part")
            digest = hashlib.sha256()
            count = 0
            with target.open("wb") as out:
                for line in _once(self._merged()):
                    out.write(line)
                    digest.update(line)
                    count += 1
            target.replace(self.path)
            self.count = count
            self._forget()
            return digest.hexdigest()

    def discard(self) -> None:
        """Throw the lines away."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        for run in self._runs:
            run.unlink(missing_ok=True)
        self._runs = []
        self._lines = []
        self._size = 0

    def _merged(self) -> Iterator[tuple[str, bytes]]:
        self._lines.sort()
        return heapq.merge(*(_read(run) for run in self._runs), iter(self._lines))

    def _spill(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        run = self.path.with_name(f"{self.path.name}.run{len(self._runs)}.part")
        self._lines.sort()
        with run.open("wb") as out:
            out.writelines(line for _, line in self._lines)
        self._runs.append(run)
        self._lines = []
        self._size = 0


def _read(run: Path) -> Iterator[tuple[str, bytes]]:
    with run.open("rb") as lines:
        for line in lines:
            yield str(json.loads(line)["id"]), line


def _once(lines: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Each id once. Equal ids are one resource met twice: the line that says more stays, whatever
    the order."""
    for _, same in itertools.groupby(lines, operator.itemgetter(0)):
        yield max((line for _, line in same), key=lambda line: (len(line), line))


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file under a temporary name, then move it to its own."""
    target = path.with_name(path.name + ".part")
    with target.open("wb") as out:
        _write_through(out, data)
    target.replace(path)


def _write_through(out: BinaryIO, data: bytes) -> None:
    out.write(data)
    out.flush()
    os.fsync(out.fileno())
