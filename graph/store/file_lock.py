"""One writer at a time: a lock that the operating system lets go of when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from graph.store.interface import StoreError

# Windows locks ranges for reading, too: lock one byte far behind the text, so that the holder's
# process id stays readable.
_FAR = 1 << 30
_PAUSE = 0.2
"""Seconds between two looks at a lock that somebody else holds."""
_SILENT = 3.0
"""Seconds of waiting after which it is told."""


class UnwritableError(StoreError):
    """There is no place for a lock: the directory cannot be written."""


class FileLock:
    """Hold ``path`` (created if missing, never deleted) with this process's id in it."""

    def __init__(
        self,
        path: Path,
        guarded: str,
        wait_seconds: float = 0.0,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """Remember what to lock.

        Args:
            path: the lock file.
            guarded: what it guards, for the message.
            wait_seconds: how long to wait for another holder before giving up.
            say: is told, after some seconds, what is waited for.
        """
        self._path = path
        self._guarded = guarded
        self._wait = wait_seconds
        self._say = say
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            StoreError: another process still holds it.
            UnwritableError: the directory cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+", encoding="ascii")
        except OSError as problem:
            raise UnwritableError(
                f"{self._path.parent} cannot be written ({problem.strerror}). Choose another "
                "place with --graph, or give yourself write access."
            ) from None
        try:
            self._take(file)
        except OSError:
            holder = _holder(file)
            file.close()
            raise StoreError(
                f"{self._guarded} is being written by another process (id {holder}). Wait for it "
                "to finish, or end it."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return self

    def _take(self, file: IO[str]) -> None:
        began = time.monotonic()
        told = self._say is None
        while True:
            try:
                return _lock(file)
            except OSError:
                waited = time.monotonic() - began
                if waited >= self._wait:
                    raise
            if self._say is not None and not told and waited >= _SILENT:
                self._say(f"Waiting for another process (id {_holder(file)}): {self._guarded} ...")
                told = True
            time.sleep(_PAUSE)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _holder(file: IO[str]) -> str:
    """The process id that stands in a lock file."""
    file.seek(0)
    return file.read().strip() or "unknown"


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
