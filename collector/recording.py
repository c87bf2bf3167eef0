"""Recorded answers: where they came from, by account, client, operation and subject."""

from __future__ import annotations

import errno
import hashlib
import json
import re
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote

from collector.services import operations

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
_LONGEST_NAME = 150
_GZIP = b"\x1f\x8b"
LARGEST_FILE = 2 * 1024**3
"""Bytes, unpacked, that are read of one file."""
DEEPEST = 200
"""Levels of nesting; AWS's own answers have about twenty."""


class UnreadableError(Exception):
    """A file cannot be read as JSON; the message names it and says why."""


def parsed(name: str, read: Callable[[], bytes]) -> Any:
    """What a JSON file holds, unpacked if it is gzip.

    Raises:
        UnreadableError: it cannot be opened, is truncated, is no JSON, or is too large.
    """
    try:
        data = read()
        if data[:2] == _GZIP:
            data = _unpacked(data)
        found = json.loads(data)
        if is_deep(found):
            raise ValueError(f"it is nested more than {DEEPEST} levels deep")
        return found
    except OSError as problem:
        raise UnreadableError(f"{name} cannot be read ({problem.strerror or problem})") from None
    except (EOFError, zlib.error):
        why = "it is truncated"
    except json.JSONDecodeError as problem:
        why = _where(problem)
    except UnicodeDecodeError:
        why = "it is no text"
    except (ValueError, RecursionError, MemoryError) as problem:
        why = str(problem) or type(problem).__name__
    raise UnreadableError(f"{name} cannot be read as JSON ({why})")


def irregular(path: Path) -> str:
    """Why a path, its links followed, is no file to read; empty for a file, for a directory and
    for what is not there. Reading a pipe or a device may never end.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return ""
    return "is not read: it is no regular file"


def read_file(path: Path) -> bytes:
    """What a regular file holds.

    Raises:
        OSError: it cannot be read, or is a pipe, a device or a socket.
    """
    if irregular(path):
        raise OSError(errno.EINVAL, "it is no regular file")
    return path.read_bytes()


def subject_name(subject: str) -> str:
    """The ``<id>`` of a recorded answer's file name: percent-encoded, or, where that would be too
    long for a file name, ``~`` and the beginning of its SHA-256.
    """
    written = quote(subject, safe="")
    return written if len(written) <= _LONGEST_NAME else digest_name(subject)


def digest_name(subject: str) -> str:
    """``~`` and 32 hexadecimal digits that stand for a long id."""
    return "~" + hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_deep(value: Any) -> bool:
    """Whether a value is nested so deeply that walking it could exhaust the stack."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def _unpacked(data: bytes) -> bytes:
    found: list[bytes] = []
    room = LARGEST_FILE
    while data[:2] == _GZIP:  # packed pieces may follow one another, as `cat a.gz b.gz` leaves them
        machine = zlib.decompressobj(wbits=31)
        found.append(machine.decompress(data, room))
        room -= len(found[-1])
        if machine.unconsumed_tail or room <= 0:
            raise ValueError(f"it unpacks to more than {LARGEST_FILE} bytes")
        if not machine.eof:
            raise EOFError
        data = machine.unused_data
    return b"".join(found)


def _where(problem: json.JSONDecodeError) -> str:
    at_end = problem.pos >= len(problem.doc.rstrip())
    cut = at_end or "Unterminated" in problem.msg
    what = "it is truncated or not JSON" if cut else "it is not JSON"
    return f"{what}: {problem.msg} in line {problem.lineno}"


class Source(Protocol):
    """Where one recorded answer stands."""

    @property
    def name(self) -> str:
        """For messages."""

    def read(self) -> Any:
        """The answer as recorded.

        Raises:
            UnreadableError: it cannot be read.
        """


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """An answer in a file of its own.

    Attributes:
        path: the file.
        name: how messages call it, relative to what was imported.
    """

    path: Path
    name: str

    def read(self) -> Any:
        """See :class:`Source`."""
        return parsed(self.name, partial(read_file, self.path))


@dataclass(frozen=True, slots=True, eq=False)
class HeldAnswer:
    """An answer that was read already.

    Attributes:
        name: the file that it came from.
        value: what it held.
    """

    name: str
    value: Any

    def read(self) -> Any:
        """See :class:`Source`."""
        return self.value


@dataclass
class Recording:
    """Recorded answers.

    Attributes:
        answers: ``(account, client, operation, subject)`` -> ``(place, source)`` of each.
        places: the regions of each account of which there is a recording.
        names: accounts' names, where the recording knows them.
        partial: ``(account, client, operation)`` of lists that are known to lack items, with the
            reason.
        ignored: sentences about what is not used.
    """

    answers: dict[tuple[str, str, str, str], list[tuple[str, Source]]] = field(default_factory=dict)
    places: dict[str, set[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    partial: dict[tuple[str, str, str], str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    _of_operation: dict[tuple[str, str, str], list[Source]] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> Recording:
        """Find the files of ``<account>/<place>/<service>.<operation>[.<id>].json``; nothing is
        opened yet.

        Raises:
            OSError: a directory cannot be listed.
        """
        recording = cls()
        declared = operations()
        for account in sorted(root.iterdir()):
            if account.name.startswith("."):
                continue
            if not (account.is_dir() and _ACCOUNT.fullmatch(account.name)):
                recording.ignored.append(f"{account.name} is not an account's directory")
                continue
            regions = recording.places.setdefault(account.name, set())
            for place in sorted(path for path in account.iterdir() if path.is_dir()):
                if _REGION.fullmatch(place.name):
                    regions.add(place.name)
                elif place.name != "global":
                    recording.ignored.append(f"{account.name}/{place.name} is no region's name")
                    continue
                for path in sorted(place.glob("*.json")):
                    recording._add_file(account.name, place.name, path, declared)
        return recording

    def _add_file(
        self, account: str, place: str, path: Path, declared: frozenset[tuple[str, str]]
    ) -> None:
        client, _, rest = path.name.removesuffix(".json").partition(".")
        operation, _, subject = rest.partition(".")
        operation = operation.replace("-", "_")
        name = f"{account}/{place}/{path.name}"
        why = irregular(path)
        if why:
            self.ignored.append(f"{name} {why}")
            return
        if (client, operation) not in declared:
            self.ignored.append(f"{name} is of no operation that is used")
            return
        self.add(account, client, operation, unquote(subject), place, AnswerFile(path, name))

    def add(
        self, account: str, client: str, operation: str, subject: str, place: str, source: Source
    ) -> None:
        """Add one answer; several of one call are its pages, in order."""
        key = (account, client, operation, subject)
        self.answers.setdefault(key, []).append((place, source))
        self._of_operation.setdefault(key[:3], []).append(source)

    def sources(self) -> Iterator[Source]:
        """Every answer's source, each once, in the order of their names."""
        found = {id(source): source for files in self.answers.values() for _, source in files}
        yield from sorted(found.values(), key=lambda source: source.name)

    def first_answer(self, account: str, client: str, operation: str) -> Mapping[str, Any]:
        """Any readable answer of an operation; empty if there is none."""
        for source in self._of_operation.get((account, client, operation), ()):
            try:
                held = source.read()
            except UnreadableError:
                continue
            if isinstance(held, dict):
                return held
        return {}
