"""A change to a snapshot that is never written to it: twins in tests, ``--what-if``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """Remove, replace or add one line.

    Attributes:
        op: ``remove``, ``replace`` or ``add``.
        file: path inside the snapshot.
        id: the line's ``id``.
        line: the whole new line (``id``, ``item``, ``calls``); ``None`` for ``remove``.
    """

    op: str
    file: str
    id: str
    line: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.op not in ("remove", "replace", "add"):
            raise ValueError(f"{self.op!r} is not a change: use remove, replace or add")
        if (self.line is None) != (self.op == "remove"):
            raise ValueError(
                f"a {self.op} of {self.id!r} needs {'no ' * (self.op == 'remove')}line"
            )
        if self.line is not None and not (
            isinstance(self.line, Mapping) and self.line.get("id") == self.id
        ):
            raise ValueError(f"the line of {self.id!r} is no object that has this id")


class Overlay:
    """A set of changes, applied while reading."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self._by_file: dict[str, dict[str, Change]] = {}
        for change in changes:
            self._by_file.setdefault(change.file, {})[change.id] = change

    def __bool__(self) -> bool:
        return bool(self._by_file)

    def __len__(self) -> int:
        return sum(map(len, self._by_file.values()))

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change, by file and id."""
        return tuple(
            self._by_file[file][node]
            for file in sorted(self._by_file)
            for node in sorted(self._by_file[file])
        )

    @property
    def files(self) -> frozenset[str]:
        """The files that the changes touch."""
        return frozenset(self._by_file)

    def misplaced(self, file: str, ids: Iterable[str]) -> Iterator[Change]:
        """Changes of ``file``, whose lines have these ids, that would change nothing as they say.

        They remove or replace what is not there, or add what is.
        """
        stored = frozenset(ids)
        for line_id, change in self._by_file.get(file, {}).items():
            if (change.op == "add") == (line_id in stored):
                yield change

    def apply(self, file: str, lines: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Yield the lines of ``file`` as they stand after the changes, in order of id."""
        changes = self._by_file.get(file)
        if not changes:
            yield from lines
            return
        kept = {str(line["id"]): line for line in lines}
        for line_id, change in changes.items():
            if change.line is None:
                kept.pop(line_id, None)
            else:
                kept[line_id] = change.line
        for line_id in sorted(kept):
            yield kept[line_id]

    @classmethod
    def from_json(cls, changes: Iterable[Mapping[str, Any]]) -> Overlay:
        """Read changes as ``[{"op", "file", "id", "line"}]``.

        Raises:
            ValueError: a change is not well formed. KeyError: a member is missing.
        """
        return cls(
            Change(op=row["op"], file=row["file"], id=row["id"], line=row.get("line"))
            for row in changes
        )
