"""Where converted answers wait until they are asked for: memory does not grow with them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from collector.recording import Recording, Source
from collector.request import CollectError


def open_store() -> Store:
    """A new store.

    Raises:
        CollectError: no temporary file can be made.
    """
    try:
        return Store()
    except OSError as problem:
        raise _full(problem) from None


def _full(problem: OSError) -> CollectError:
    why = problem.strerror or str(problem)
    return CollectError(
        f"{tempfile.gettempdir()} cannot be written ({why}). Name another directory for temporary "
        "files with TMPDIR."
    )


class Store:
    """Answers on disk, in a file without a name that nobody else can open; it is gone with the
    process."""

    def __init__(self) -> None:
        self._file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
        self._end = 0

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def put(self, data: bytes) -> tuple[int, int]:
        """Keep this; where it stands.

        Raises:
            CollectError: the disk is full.
        """
        try:
            self._file.seek(self._end)
            self._file.write(data)
        except OSError as problem:
            raise _full(problem) from None
        place = (self._end, len(data))
        self._end += len(data)
        return place

    def get(self, place: tuple[int, int]) -> Any:
        """What stands there."""
        self._file.seek(place[0])
        return json.loads(self._file.read(place[1]))


@dataclass(frozen=True, slots=True, eq=False)
class StoredAnswer:
    """A follow-up's answer."""

    name: str
    store: Store
    place: tuple[int, int]

    def read(self) -> Any:
        """See :class:`collector.recording.Source`."""
        return self.store.get(self.place)


@dataclass(frozen=True, slots=True, eq=False)
class StoredPage:
    """A page of a list's answer."""

    name: str
    store: Store
    path: str
    places: tuple[tuple[int, int], ...]

    def read(self) -> Any:
        """See :class:`collector.recording.Source`."""
        return answer_of(self.path, [self.store.get(place) for place in self.places])


def answer_of(path: str, items: list[Any]) -> Mapping[str, Any]:
    """An answer with items at a path: ``Reservations[].Instances[]``."""
    *above, last = path.removesuffix("[]").split("[].")
    answer: dict[str, Any] = {last: items if path.endswith("[]") else items[-1]}
    for name in reversed(above):
        answer = {name: [answer]}
    return answer


class ConfigRecording(Recording):
    """What is not asked for of a recorded item is no file that anybody could name."""

    def sources(self) -> Iterator[Source]:
        """None."""
        return iter(())
