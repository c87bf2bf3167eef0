"""Where output goes: stdout, or a file that is whole or not there."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

from mapper.errors import MapperError, ReaderGoneError


def is_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout.isatty()


def wants_colour(output: Path | None) -> bool:
    """Colour goes to a terminal only, and not where ``NO_COLOR`` is set (https://no-color.org)."""
    return output is None and is_terminal() and not os.environ.get("NO_COLOR")


def write_text(text: str, output: Path | None) -> None:
    """Write to stdout, or to a file in one piece.

    Raises:
        MapperError: the file cannot be written; what was there before is untouched.
        ReaderGoneError: nobody reads stdout any more.
    """
    if output is None:
        data = text.encode("utf-8", errors="replace")
        try:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # click would end with 1; a reader who has seen enough is no failure.
            raise ReaderGoneError from None
        except OSError as problem:
            raise MapperError(f"stdout cannot be written: {problem.strerror}.") from None
        return
    replace_file(output, text.encode("utf-8", errors="replace"))


def replace_file(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there.

    Raises:
        MapperError: it cannot be written.
    """
    if path.exists() and not path.is_file():
        # A device such as /dev/null must not be replaced by a file.
        _write_through(path, data)
        return
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(_mode(path))
        Path(temporary).replace(path)
    except OSError as problem:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        raise _unwritable(path, problem) from None


def _write_through(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as problem:
        raise _unwritable(path, problem) from None


def _mode(path: Path) -> int:
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _unwritable(path: Path, problem: OSError) -> MapperError:
    reason = problem.strerror or type(problem).__name__
    if isinstance(problem, FileNotFoundError):
        reason = f"there is no folder {path.parent}"
    return MapperError(f"{path} cannot be written: {reason}. Name another file with -o.")
