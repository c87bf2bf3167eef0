"""What goes wrong, said in one sentence with the remedy; and which exit code follows."""

from __future__ import annotations

import errno
import sys
from types import ModuleType

DONE, FAILED, USAGE, FOUND, ACCOUNT_EMPTY = 0, 1, 2, 3, 4
"""Exit codes (CONTRACT 4)."""

_FOREIGN = (
    ("collector.snapshot", "SnapshotError"),
    ("collector.request", "CollectError"),
    ("collector.redact", "RedactionKeyError"),
    ("graph.store", "StoreError"),
    ("queries.library", "LibraryError"),
    ("mapper.demo.server", "DemoError"),
)
"""Errors of the stages whose message is already such a sentence."""


_OF_THE_MACHINE = {
    errno.ENOSPC: "Free some space, or choose another place",
    errno.EDQUOT: "Free some space, or choose another place",
    errno.EROFS: "Choose another place",
    errno.EMFILE: "Allow more open files (ulimit -n)",
    errno.ENFILE: "Close other programs: the machine has no open files left",
}


class MapperError(Exception):
    """A sentence for the user, naming the thing and the remedy.

    Attributes:
        exit_code: what the command ends with.
    """

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class WrongUsageError(MapperError):
    """The command was asked for something that cannot be meant (exit 2)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, USAGE)


class ReaderGoneError(Exception):
    """Whoever read our output has stopped reading (``| head``): nothing is left to say."""


def sentence_of(problem: BaseException) -> str | None:
    """The sentence of an error that was foreseen; None for one that was not."""
    if isinstance(problem, (MapperError, *_foreseen())):
        return str(problem)
    if isinstance(problem, OSError) and problem.errno in _OF_THE_MACHINE:
        # Whatever was being done: the disk or the process has run out, which is no bug of ours.
        what = problem.filename or "What was asked for"
        return f"{what} cannot be written: {problem.strerror}. {_OF_THE_MACHINE[problem.errno]}."
    return None


def _foreseen() -> tuple[type[BaseException], ...]:
    """The stages' errors, of those stages that were imported at all."""
    found: list[type[BaseException]] = []
    for module_name, name in _FOREIGN:
        module: ModuleType | None = sys.modules.get(module_name)
        kind = getattr(module, name, None)
        if isinstance(kind, type) and issubclass(kind, BaseException):
            found.append(kind)
    return tuple(found)
