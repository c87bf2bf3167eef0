"""Wildcard matching of one pattern with many names at once, by bit sets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import or_

from graph.iam.patterns import ONE, STAR


class NameColumns:
    """Names turned by column: for each place and character, the set of names that have it there.

    A set is an integer whose bit ``n`` stands for ``names[n]``. The names must be ASCII.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.width = max(map(len, names))
        by_length: list[list[int]] = [[] for _ in range(self.width + 1)]
        for number, name in enumerate(names):
            by_length[len(name)].append(number)
        self._of_length = [sum(1 << number for number in numbers) for numbers in by_length]
        # Last name first, all padded to one width: every width-th byte is one column's digit.
        padded = "".join(name.ljust(self.width, "\0") for name in reversed(names))
        self._bytes = padded.encode("ascii")
        self._sets: dict[tuple[int, str], int] = {}

    def _having(self, place: int, char: str) -> int:
        known = self._sets.get((place, char))
        if known is None:
            table = bytearray(b"0" * 256)
            table[ord(char)] = ord("1")
            known = int(self._bytes[place :: self.width].translate(table), 2)
            self._sets[place, char] = known
        return known

    def match(self, glob: str, among: int, start: int = 0) -> int:
        """The names of the set ``among`` whose text from ``start`` on matches an internal pattern.

        The work is bounded by the pattern's length times the longest name's, whatever the pattern.
        """
        # ends[n]: the names whose text up to place n the pattern so far matches
        ends = [0] * (self.width + 1)
        ends[start] = among
        for char in glob:
            if char == STAR:
                ends = list(accumulate(ends, or_))
            elif char == ONE:
                ends = [0, *ends[:-1]]
            elif not "\0" < char < "\x7f":
                return 0
            else:
                ends = [
                    0,
                    *(had and had & self._having(n, char) for n, had in enumerate(ends[:-1])),
                ]
        found = 0
        for had, right in zip(ends, self._of_length, strict=True):
            found |= had & right
        return found
