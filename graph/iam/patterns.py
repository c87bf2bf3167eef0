"""Wildcard patterns of policies: actions, resources, condition values.

A pattern is compiled once into an internal text in which the wildcards are two private characters,
so that a literal ``*`` (from ``${*}`` or from a policy variable's value) stays literal.
Matching is greedy from left to right: linear in practice, never exponential, whatever the pattern.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache

MAX_ARN = 2048
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_Types.html: no ARN is longer."""
STAR = "\ue000"
ONE = "\ue001"
_FOREIGN = str.maketrans({STAR: "\ufffd", ONE: "\ufffd"})
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_WILDCARDS = str.maketrans({"*": STAR, "?": ONE})


def plain(text: str) -> str:
    """Text without the two private characters: hostile input cannot smuggle a wildcard in."""
    return text.translate(_FOREIGN)


def wild(text: str) -> str:
    """Policy text in internal form: ``*`` and ``?`` become wildcards."""
    return text.translate(_FOREIGN).translate(_WILDCARDS)


def shown(glob: str) -> str:
    """An internal text for a reader."""
    return glob.replace(STAR, "*").replace(ONE, "?")


def is_literal(glob: str) -> bool:
    """Whether an internal text has no wildcard."""
    return STAR not in glob and ONE not in glob


def _piece_at(piece: str, text: str, start: int) -> bool:
    """Whether ``piece`` (no star, perhaps ``ONE``) stands in ``text`` at ``start``."""
    if start + len(piece) > len(text):
        return False
    if ONE not in piece:
        return text.startswith(piece, start)
    # A single-character wildcard never swallows the other side's star: that may be empty or long.
    return all(
        here == want or (want == ONE and here != STAR)
        for want, here in zip(piece, text[start : start + len(piece)], strict=True)
    )


def _find_piece(piece: str, text: str, start: int, end: int) -> int:
    """First place of ``piece`` in ``text[start:end]``, -1 if none."""
    if ONE not in piece:
        return text.find(piece, start, end)
    found = _compiled(piece).search(text, start, end)
    return -1 if found is None else found.start()


@lru_cache(maxsize=4096)
def _compiled(piece: str) -> re.Pattern[str]:
    """A piece of fixed length as a regular expression."""
    one = f"[^{STAR}]"
    return re.compile("".join(one if char == ONE else re.escape(char) for char in piece))


def matches(glob: str, text: str) -> bool:
    """Whether internal pattern ``glob`` matches ``text``.

    ``text`` may itself hold wildcards: then the question is whether ``glob`` covers all that
    ``text`` stands for. That is sound (a ``True`` is a cover), and complete but for patterns that
    mix ``?*`` and ``*?``.
    """
    if STAR not in glob:
        return len(glob) == len(text) and _piece_at(glob, text, 0)
    first, *middle, last = glob.split(STAR)
    end = len(text) - len(last)
    if end < len(first) or not _piece_at(first, text, 0) or not _piece_at(last, text, end):
        return False
    place = len(first)
    for piece in middle:
        if piece:
            found = _find_piece(piece, text, place, end)
            if found < 0:
                return False
            place = found + len(piece)
    return True


covers = matches


def intersects(left: str, right: str) -> bool:
    """Whether some text matches both internal patterns."""
    if is_literal(left):
        return matches(right, left)
    if is_literal(right):
        return matches(left, right)
    one, other = _head(left), _head(right)
    if not (one.startswith(other) or other.startswith(one)):
        return False
    return _meet(_collapsed(left), _collapsed(right))


def _meet(left: str, right: str) -> bool:
    """Bit ``j`` of a row: what of ``left`` was read meets the first ``j`` characters of ``right``.

    One row per character of ``left``: a star stays in place or is skipped.
    """
    places: dict[str, int] = {}
    for place, char in enumerate(right):
        places[char] = places.get(char, 0) | 1 << place
    everywhere = (1 << len(right)) - 1
    stars, ones = places.get(STAR, 0), places.get(ONE, 0)
    behind_stars = stars << 1
    row = 1 | (stars & 1) << 1
    for char in left:
        if char == STAR:
            # Every place from the first one on, past the end of ``right`` included.
            row = -(row & -row) & (everywhere << 1 | 1)
            continue
        same = everywhere & ~stars if char == ONE else places.get(char, 0) | ones
        row = (row & same) << 1 | row & behind_stars
        row |= row << 1 & behind_stars
        if not row:
            return False
    return bool(row >> len(right) & 1)


@lru_cache(maxsize=65536)
def _head(glob: str) -> str:
    """The text before the first wildcard."""
    return glob.partition(STAR)[0].partition(ONE)[0]


def may_name(glob: str, shape: str) -> bool:
    """Whether some text matches both, ``shape`` being that of an ARN or of anything else.

    In an ARN only the last segment has colons, so two ARN patterns are compared by segment.
    """
    left, right = glob.split(":", 5), shape.split(":", 5)
    if right[0] != "arn" or len(left) != 6 or len(right) != 6:
        return intersects(glob, shape)
    return all(intersects(a, b) for a, b in zip(left, right, strict=True))


def _collapsed(glob: str) -> str:
    while STAR + STAR in glob:
        glob = glob.replace(STAR + STAR, STAR)
    return glob


@dataclass(frozen=True, slots=True)
class ResourcePattern:
    """A ``Resource`` entry, matched segment by segment of the ARN.

    A wildcard stays within its segment, but for a ``*`` that ends one: it can go on past the colon.
    In the last segment (the resource) every wildcard crosses ``/`` and ``:``. A text of fewer than
    six segments (``*``, ``arn:aws:s3*``) is matched as one text, and as an ARN that AWS completes
    with ``*`` for each segment that is missing.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """

    glob: str
    segments: tuple[str, ...] = ()
    completed: ResourcePattern | None = None

    def matches(self, arn: str) -> bool:
        """Whether it matches an ARN, or covers a pattern in internal form."""
        if not self.segments:
            more = self.completed
            return matches(self.glob, arn) or (more is not None and more.matches(arn))
        parts = arn.split(":", 5)
        if len(parts) != 6:
            return False
        whole = all(matches(want, have) for want, have in zip(self.segments, parts, strict=True))
        return whole or self._runs_on(arn)

    def _runs_on(self, arn: str) -> bool:
        """Whether it matches an ARN when a ``*`` that ends a segment goes on past colons."""
        if len(arn) > MAX_ARN or not is_literal(arn) or not matches(self.glob, arn):
            return False
        parts = arn.split(":")
        places = {0}
        for segment in self.segments[:5]:
            met = [at for at in places if at < len(parts) and matches(segment, parts[at])]
            places = {at + 1 for at in met}
            if met and segment.endswith(STAR):
                places.update(range(min(met) + 1, len(parts) + 1))
        return any(matches(self.segments[5], ":".join(parts[at:])) for at in places)

    def intersects(self, other: str) -> bool:
        """Whether some ARN matches both this and a pattern in internal form."""
        parts = other.split(":", 5)
        if not self.segments or len(parts) != 6:
            more = self.completed
            met = intersects(self.glob, other)
            return met or (more is not None and more.intersects(other))
        return all(intersects(want, have) for want, have in zip(self.segments, parts, strict=True))


@lru_cache(maxsize=65536)
def resource_pattern(glob: str) -> ResourcePattern:
    """Compile a resource pattern that is already in internal form."""
    parts = glob.split(":", 5)
    if len(parts) == 6 and not all(is_literal(part) for part in parts[:5]):
        return ResourcePattern(glob, tuple(parts))
    if parts[0] == "arn" and len(parts) < 6:
        return ResourcePattern(glob, (), resource_pattern(glob + f":{STAR}" * (6 - len(parts))))
    # Literal up to the resource segment: matching the whole text is the same, and faster.
    return ResourcePattern(glob)


@lru_cache(maxsize=65536)
def written_resource(text: str) -> ResourcePattern:
    """Compile a resource pattern as a policy writes it."""
    return resource_pattern(wild(text))


@lru_cache(maxsize=65536)
def action_glob(action: str) -> str:
    """An ``Action`` entry in internal form: case does not matter.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    return wild(lowered(action))


def lowered(action: str) -> str:
    """An action's name in lower case: ASCII alone, so that no look-alike becomes a letter of it."""
    return action.translate(_LOWER)
