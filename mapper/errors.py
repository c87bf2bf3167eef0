"""What goes wrong, said in one sentence with the remedy; and which exit code follows."""

from __future__ import annotations

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
