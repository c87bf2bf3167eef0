"""Which items of a job were met before, and whether they were the same then."""

from __future__ import annotations

import enum
import hashlib
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from collector.snapshot.canonical import line_bytes

_DIGEST_BYTES = 16


class Met(enum.Enum):
    """What an item is to those that were met before it."""

    NEW = enum.auto()
    SAME = enum.auto()
    """It was met, with this content."""
    OTHER = enum.auto()
    """Its id was met, with other content."""


class ItemsSeen:
    """The items of some types. Safe between threads."""

    def __init__(self, type_ids: Iterable[str]) -> None:
        self._digests: dict[str, dict[str, bytes]] = {type_id: {} for type_id in type_ids}
        self._lock = threading.Lock()

    def meet(self, type_id: str, line_id: str, item: Mapping[str, Any]) -> Met:
        """Compare an item with the first one of its type and id, and remember it if there is none.

        Args:
            type_id: one of those that were given at first.
            line_id: under which the item is put down.
            item: JSON's types, as AWS gave it.
        """
        digest = hashlib.blake2b(line_bytes(item), digest_size=_DIGEST_BYTES).digest()
        with self._lock:
            first = self._digests[type_id].setdefault(line_id, digest)
            if first is digest:
                return Met.NEW
        return Met.SAME if first == digest else Met.OTHER
